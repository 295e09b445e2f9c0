// Small random problems of every kind, and the oracle that solves them by looking at everything.
#pragma once

#include <algorithm>
#include <limits>
#include <numeric>
#include <vector>

#include "base/random.hpp"
#include "routing/problem.hpp"
#include "routing/state.hpp"

namespace netdesign::tests {

using namespace netdesign::routing;

struct Kind {
    bool timed = false;
    int dimensions = 1;
    bool asymmetric = false;
    Cost fixed_cost = 0;
    std::int32_t max_routes = 1000;
};

inline Problem random_problem(std::int32_t customers, Kind kind, std::uint64_t seed) {
    base::Random random(seed);
    const std::int32_t n = customers + 1;
    const auto size = static_cast<std::size_t>(n);
    std::vector<double> points;
    for (std::size_t k = 0; k < 2 * size; ++k) points.push_back(random.between(0, 100));
    Travel travel(points, 2, {Rounding::nearest, 1.0, 1.0, 1.0});
    if (kind.asymmetric) {
        std::vector<Cost> costs;
        for (Location i = 0; i < n; ++i)
            for (Location j = 0; j < n; ++j) costs.push_back(travel.cost(i, j) + (i == j ? 0 : random.between(0, 20)));
        travel = Travel(costs, {}, n);
    }
    std::vector<std::int32_t> demand(static_cast<std::size_t>(kind.dimensions), 0), capacity;
    for (std::int32_t k = 0; k < customers * kind.dimensions; ++k) demand.push_back(random.between(1, 9));
    for (int k = 0; k < kind.dimensions; ++k) capacity.push_back(random.between(12, 40));
    std::vector<Time> service(size, 0), earliest, latest;
    if (kind.timed) {
        earliest.push_back(0);
        latest.push_back(600);
        for (std::int32_t c = 1; c < n; ++c) {
            service[static_cast<std::size_t>(c)] = random.between(0, 10);
            earliest.push_back(random.between(0, 250));
            latest.push_back(std::max(earliest.back() + random.between(20, 200), 180));
        }
    }
    return Problem({travel, demand, capacity, service, earliest, latest, kind.max_routes, kind.fixed_cost});
}

inline std::vector<Kind> all_kinds() {
    std::vector<Kind> kinds;
    for (const bool timed : {false, true})
        for (const int dimensions : {1, 3})
            for (const bool asymmetric : {false, true}) kinds.push_back({timed, dimensions, asymmetric, timed ? 30 : 0, 1000});
    return kinds;
}

/// Call body.template operator()<Features>() with the mask that fits the kind.
template <typename Body>
void with_features(const Kind& kind, Body body) {
    if (kind.timed)
        kind.dimensions == 1 ? body.template operator()<Features<true, 1>>() : body.template operator()<Features<true, 3>>();
    else
        kind.dimensions == 1 ? body.template operator()<Features<false, 1>>() : body.template operator()<Features<false, 3>>();
}

/// Cost of one route driven in this order; max where it breaks a rule.
inline Total route_cost(const Problem& p, const std::vector<Location>& visits) {
    constexpr Total impossible = std::numeric_limits<Total>::max();
    if (visits.empty()) return 0;
    for (std::size_t k = 0; k < p.capacity().size(); ++k) {
        std::int64_t load = 0;
        for (const Location c : visits) load += p.demand(c)[k];
        if (load > p.capacity()[k]) return impossible;
    }
    Total cost = 0;
    Time clock = p.timed() ? p.earliest(depot) : 0;
    Location previous = depot;
    for (std::size_t k = 0; k <= visits.size(); ++k) {
        const Location c = k < visits.size() ? visits[k] : depot;
        cost += p.cost(previous, c);
        if (p.timed()) {
            clock += p.duration(previous, c);
            if (c != depot) clock = std::max(clock, p.earliest(c));
            if (clock > p.latest(c)) return impossible;
        }
        previous = c;
    }
    return cost;
}

/// The optimum by trying every order of every subset, then every partition: up to seven customers.
inline Total brute_force(const Problem& p, std::int32_t max_routes) {
    constexpr Total impossible = std::numeric_limits<Total>::max();
    const auto n = static_cast<std::size_t>(p.customers());
    std::vector<Total> alone(std::size_t{1} << n, impossible);
    for (std::size_t set = 1; set < alone.size(); ++set) {
        std::vector<Location> order;
        for (std::size_t c = 0; c < n; ++c)
            if (set >> c & 1) order.push_back(static_cast<Location>(c + 1));
        do alone[set] = std::min(alone[set], route_cost(p, order));
        while (std::next_permutation(order.begin(), order.end()));
    }
    std::vector<Total> best(alone.size(), impossible);
    best[0] = 0;
    for (std::int32_t routes = 0; routes < max_routes && routes < p.customers(); ++routes) {
        auto next = best;
        for (std::size_t set = 1; set < best.size(); ++set)
            for (std::size_t part = set; part > 0; part = (part - 1) & set)
                if (alone[part] != impossible && best[set ^ part] != impossible) next[set] = std::min(next[set], best[set ^ part] + alone[part]);
        best = next;
    }
    return best.back();
}

}  // namespace netdesign::tests
