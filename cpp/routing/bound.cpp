#include "routing/bound.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace netdesign::routing {

namespace {

std::int32_t least_routes(const Problem& p) {
    std::int64_t most = 1;
    for (std::size_t k = 0; k < p.fleet().front().capacity.size(); ++k) {
        std::int64_t total = 0;
        for (Location c = 1; c < p.size(); ++c) total += p.demand(c)[k];
        if (p.fleet().front().capacity[k] > 0) most = std::max<std::int64_t>(most, (total + p.fleet().front().capacity[k] - 1) / p.fleet().front().capacity[k]);
    }
    return static_cast<std::int32_t>(std::min<std::int64_t>(most, p.customers()));
}

/// Cheapest arcs at customer c: in and out. The neighbours of a timed problem are not sorted by cost, and
/// those of a large one may lack a nearest customer: only complete information may enter a bound, so the
/// customers beyond the list are bounded by scanning where that is affordable, and dropped (0) where not.
double cheapest_arcs(const Problem& p, Location c) {
    Cost in = p.travel().cost(depot, c), out = p.travel().cost(c, depot);
    for (Location j = 1; j < p.size(); ++j)
        if (j != c) in = std::min(in, p.travel().cost(j, c)), out = std::min(out, p.travel().cost(c, j));
    return static_cast<double>(in) + out;
}

/// Two cheapest different arcs at c where both directions cost the same: a customer between two neighbours.
double two_cheapest(const Problem& p, Location c, std::int32_t routes_of_one) {
    Cost first = forbidden_arc, second = forbidden_arc;
    for (Location j = 0; j < p.size(); ++j) {
        if (j == c) continue;
        const Cost d = p.travel().cost(c, j);
        if (d < first)
            second = first, first = d;
        else if (d < second)
            second = d;
    }
    // A customer alone on its route uses the depot arc twice.
    return routes_of_one > 0 ? std::min<double>(static_cast<double>(first) + second, 2.0 * p.travel().cost(depot, c))
                             : static_cast<double>(first) + second;
}

double degree_bound(const Problem& p, std::int32_t routes) {
    double sum = 0.0;
    std::vector<Cost> at_depot;
    for (Location c = 1; c < p.size(); ++c) {
        sum += p.symmetric() ? two_cheapest(p, c, 1) : cheapest_arcs(p, c);
        at_depot.push_back(std::min(p.travel().cost(depot, c), p.travel().cost(c, depot)));
    }
    // The depot has at least 2 * routes arcs; one customer takes at most two of them.
    std::sort(at_depot.begin(), at_depot.end());
    for (std::int32_t k = 0; k < routes; ++k) sum += 2.0 * at_depot[static_cast<std::size_t>(k)];
    return sum / 2.0;
}

/// Needs points: only there is the distance known to be metric before rounding.
double radial_bound(const Problem& p) {
    if (!p.travel().has_points()) return 0.0;
    const auto& s = p.travel().scaling();
    double best = 0.0;
    for (std::size_t k = 0; k < p.fleet().front().capacity.size(); ++k) {
        if (p.fleet().front().capacity[k] <= 0) continue;
        double sum = 0.0;
        for (Location c = 1; c < p.size(); ++c) sum += 2.0 * p.demand(c)[k] * p.travel().metric(depot, c) / p.fleet().front().capacity[k];
        best = std::max(best, sum);
    }
    // Rounding may take this much off each of at most two arcs per customer.
    const double unit = s.rounding == Rounding::floor ? 1.0 : s.rounding == Rounding::nearest ? 0.5 : 0.0;
    const double arcs = 2.0 * p.customers();
    return best * s.rounding_factor * s.cost_rate - arcs * (unit * s.cost_rate + 0.5);
}

}  // namespace

double lower_bound(const Problem& problem) {
    const std::int32_t routes = least_routes(problem);
    constexpr std::int32_t exhaustive_limit = 12000;  // O(n^2) arcs: about a second
    const double degrees = problem.size() <= exhaustive_limit ? degree_bound(problem, routes) : 0.0;
    return std::max({0.0, degrees, radial_bound(problem)}) + static_cast<double>(routes) * problem.fleet().front().fixed_cost;
}

}  // namespace netdesign::routing
