// The slow oracles of location with capacities: every assignment of whole customers tried; parts of customers unit by unit.
#pragma once

#include "location/small_instances.hpp"

namespace netdesign::tests {

/// The cheapest way to serve whole customers from the sites of a set, all tried customer by customer.
inline double cheapest_assignment(const Problem& problem, std::uint32_t set, Customer i, std::vector<double>& room) {
    if (i == problem.n_customers()) return 0.0;
    double best = base::infinity;
    const double weight = problem.is_free(i) ? 0.0 : problem.weight(i);
    for (Site j = 0; j < problem.n_sites(); ++j) {
        if (!(set >> j & 1u) || room[index(j)] < weight) continue;
        const double cost = problem.cost(i, j);
        if (cost == infinite_cost) continue;
        room[index(j)] -= weight;
        best = std::min(best, weight * cost + cheapest_assignment(problem, set, i + 1, room));
        room[index(j)] += weight;
    }
    return best;
}

/// What a set of open sites costs at least with all customers; infinite where that cannot be.
inline double cheapest_with(const Problem& problem, std::vector<double> capacity, std::uint32_t set) {
    if (!allowed(problem, set)) return base::infinity;
    double cost = cheapest_assignment(problem, set, 0, capacity);
    for (const Site j : sites_of(set, problem.n_sites())) cost += problem.fixed_cost(j);
    return cost;
}

/// Whole units of demand served one after the other, each by the cheapest way of moving others aside (Bellman and Ford); whole weights and capacities.
inline double cheapest_in_parts(const Problem& problem, const std::vector<double>& capacity, std::uint32_t set) {
    if (!allowed(problem, set)) return base::infinity;
    const auto n = index(problem.n_customers()), m = index(problem.n_sites());
    std::vector<double> amount(n * m, 0.0), load(m, 0.0);
    double cost = 0.0;
    for (const Site j : sites_of(set, problem.n_sites())) cost += problem.fixed_cost(j);
    const auto unit = [&](std::size_t i, std::size_t j) { return set >> j & 1u ? problem.cost(static_cast<Customer>(i), static_cast<Site>(j)) : infinite_cost; };
    for (std::size_t source = 0; source < n; ++source) {
        bool reached = false;
        for (std::size_t j = 0; j < m; ++j) reached = reached || unit(source, j) < infinite_cost;
        if (!reached) return base::infinity;
        if (problem.is_free(static_cast<Customer>(source))) continue;
        for (double left = problem.weight(static_cast<Customer>(source)); left > 0.5; left -= 1.0) {
            std::vector<double> at_customer(n, infinite_cost), at_site(m, infinite_cost);
            std::vector<std::size_t> customer_before(m), site_before(n);
            at_customer[source] = 0.0;
            for (std::size_t round = 0; round < n + m; ++round)
                for (std::size_t i = 0; i < n; ++i)
                    for (std::size_t j = 0; j < m; ++j) {
                        if (unit(i, j) == infinite_cost) continue;
                        if (at_customer[i] + unit(i, j) < at_site[j] - 1e-9) at_site[j] = at_customer[i] + unit(i, j), customer_before[j] = i;
                        if (amount[i * m + j] > 0.5 && at_site[j] - unit(i, j) < at_customer[i] - 1e-9) at_customer[i] = at_site[j] - unit(i, j), site_before[i] = j;
                    }
            std::size_t end = m;
            for (std::size_t j = 0; j < m; ++j)
                if (load[j] + 1.0 <= capacity[j] && at_site[j] < (end == m ? infinite_cost : at_site[end])) end = j;
            if (end == m) return base::infinity;
            cost += at_site[end];
            load[end] += 1.0;
            for (std::size_t j = end;;) {
                const std::size_t i = customer_before[j];
                amount[i * m + j] += 1.0;
                if (i == source) break;
                j = site_before[i];
                amount[i * m + j] -= 1.0;
            }
        }
    }
    return cost;
}

}  // namespace netdesign::tests
