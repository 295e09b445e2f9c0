// The slow oracle of location with capacities, customers served whole: every assignment tried.
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

}  // namespace netdesign::tests
