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
    bool rich = false;  ///< two depots, three types of vehicle, limits on routes, an open end
    std::int32_t max_routes = 1000;
    bool lists = false;  ///< some pairs have numbers of their own, directed, shorter or longer than their points say
};

inline constexpr Total impossible = std::numeric_limits<Total>::max();

/// One type in a plain problem; in a rich one a small van, a large one with an open end, and one at the other depot.
inline std::vector<VehicleType> random_fleet(Kind kind, base::Random& random) {
    VehicleType van;
    van.count = kind.max_routes;
    for (int k = 0; k < kind.dimensions; ++k) van.capacity.push_back(random.between(12, 40));
    van.fixed_cost = kind.timed ? 30 : 0;
    if (!kind.rich) return {van};
    VehicleType large = van, other = van;
    van.max_distance = random.between(150, 300);
    van.distance_rate = 3;
    if (kind.timed) van.max_duration = random.between(200, 400), van.latest = 600;
    for (auto& amount : large.capacity) amount *= 2;
    large.fixed_cost = 100;
    large.distance_rate = 4;
    large.end = anywhere;
    if (kind.timed) large.earliest = 40, large.latest = 500;
    other.start = 1;
    other.end = random.between(0, 1);
    other.distance_rate = 2;
    other.time_rate = random.between(0, 2);
    if (kind.timed) other.latest = 600, other.max_duration = random.between(250, 500);
    return {van, large, other};
}

/// About five pairs from every location; those among them that lead to a depot or from one are much shorter.
inline Travel with_lists(const std::vector<double>& points, Scaling scaling, base::Random& random) {
    const Travel travel(points, 2, scaling);
    PairLists lists{{0}, {}, {}, {}};
    for (Location i = 0; i < travel.size(); ++i) {
        std::vector<Location> row;
        for (int k = 0; k < 5; ++k) row.push_back(random.between(0, travel.size() - 1));
        std::sort(row.begin(), row.end());
        row.erase(std::unique(row.begin(), row.end()), row.end());
        std::erase(row, i);
        for (const Location j : row) {
            const double factor = i == depot || j == depot ? 0.1 : 0.4 + random.unit();
            lists.destinations.push_back(j);
            lists.costs.push_back(static_cast<Cost>(factor * travel.cost(i, j)));
            lists.durations.push_back(static_cast<Time>(factor * travel.duration(i, j)) + random.between(0, 5));
        }
        lists.first.push_back(static_cast<std::int64_t>(lists.destinations.size()));
    }
    return Travel(points, 2, scaling, std::move(lists));
}

inline Problem random_problem(std::int32_t customers, Kind kind, std::uint64_t seed) {
    base::Random random(seed);
    const std::int32_t depots = kind.rich ? 2 : 1, n = customers + depots;
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
    if (kind.lists) travel = with_lists(points, travel.scaling(), random);
    std::vector<std::int32_t> demand(static_cast<std::size_t>(kind.dimensions * depots), 0);
    for (std::int32_t k = 0; k < customers * kind.dimensions; ++k) demand.push_back(random.between(1, 9));
    std::vector<Time> service(size, 0), earliest, latest;
    if (kind.timed) {
        for (std::int32_t c = 0; c < n; ++c) {
            const bool is_depot = c < depots;
            service[static_cast<std::size_t>(c)] = is_depot ? 0 : random.between(0, 10);
            earliest.push_back(is_depot ? 0 : random.between(0, 250));
            latest.push_back(is_depot ? 600 : std::max(earliest.back() + random.between(20, 200), 180));
        }
    }
    return Problem({travel, depots, demand, service, earliest, latest, random_fleet(kind, random)});
}

inline std::vector<Kind> all_kinds() {
    std::vector<Kind> kinds;
    for (const bool timed : {false, true})
        for (const int dimensions : {1, 3})
            for (const bool asymmetric : {false, true})
                for (const bool rich : {false, true}) kinds.push_back({timed, dimensions, asymmetric, rich, 1000});
    for (const bool timed : {false, true})
        for (const bool rich : {false, true}) kinds.push_back({.timed = timed, .rich = rich, .lists = true});
    return kinds;
}

/// Call body.template operator()<Features>() with the mask that fits the kind.
template <typename Body>
void with_features(const Kind& kind, Body body) {
    const auto with = [&]<bool Timed, bool Rich>() {
        kind.dimensions == 1 ? body.template operator()<Features<Timed, 1, Rich>>() : body.template operator()<Features<Timed, 3, Rich>>();
    };
    if (kind.rich)
        kind.timed ? with.template operator()<true, true>() : with.template operator()<false, true>();
    else
        kind.timed ? with.template operator()<true, false>() : with.template operator()<false, false>();
}

inline Time way(const Problem& p, Location from, Location to) { return to == anywhere ? p.service(from) : p.duration(from, to); }

/// Whether a vehicle can drive a path in time: first as early as possible, then, with that return, as late as possible.
inline bool in_time(const Problem& p, const VehicleType& vehicle, const std::vector<Location>& path) {
    Time clock = p.plain() ? p.earliest(depot) : vehicle.earliest;
    const Time shift_end = p.plain() ? p.latest(depot) : vehicle.latest;
    for (std::size_t k = 1; k < path.size(); ++k) {
        clock += way(p, path[k - 1], path[k]);
        const bool is_end = k + 1 == path.size();
        if (!is_end) clock = std::max(clock, p.earliest(path[k]));
        if (clock > (is_end ? shift_end : p.latest(path[k]))) return false;
    }
    Time back = clock;
    for (std::size_t k = path.size() - 1; k > 0; --k) {
        back -= way(p, path[k - 1], path[k]);
        if (k > 1) back = std::min(back, p.latest(path[k - 1]));
    }
    return clock - std::min(back, shift_end) <= vehicle.max_duration;
}

/// Cost of one route driven in this order; `impossible` where it breaks a rule.
inline Total route_cost(const Problem& p, const VehicleType& vehicle, const std::vector<Location>& visits) {
    if (visits.empty()) return 0;
    for (std::size_t k = 0; k < vehicle.capacity.size(); ++k) {
        std::int64_t load = 0;
        for (const Location c : visits) load += p.demand(c)[k];
        if (load > vehicle.capacity[k]) return impossible;
    }
    std::vector<Location> path{vehicle.start};
    path.insert(path.end(), visits.begin(), visits.end());
    path.push_back(vehicle.end);
    Total cost = vehicle.fixed_cost, distance = 0;
    for (std::size_t k = 1; k < path.size(); ++k) {
        if (path[k] == anywhere) continue;
        distance += p.travel().cost(path[k - 1], path[k]);
        if (vehicle.time_rate > 0) cost += vehicle.time_rate * p.travel().duration(path[k - 1], path[k]);
    }
    if (distance > vehicle.max_distance || (p.timed() && !in_time(p, vehicle, path))) return impossible;
    return cost + vehicle.distance_rate * distance;
}

/// The optimum by trying every order of every subset on every type, then every way to hand subsets to vehicles: up to
/// seven customers.
inline Total brute_force(const Problem& p) {
    const auto n = static_cast<std::size_t>(p.customers());
    std::vector<Total> best(std::size_t{1} << n, impossible);
    best[0] = 0;
    for (const VehicleType& vehicle : p.fleet()) {
        std::vector<Total> alone(best.size(), impossible);
        for (std::size_t set = 1; set < alone.size(); ++set) {
            std::vector<Location> order;
            for (std::size_t c = 0; c < n; ++c)
                if (set >> c & 1) order.push_back(p.first_customer() + static_cast<Location>(c));
            do alone[set] = std::min(alone[set], route_cost(p, vehicle, order));
            while (std::next_permutation(order.begin(), order.end()));
        }
        for (std::int32_t k = 0; k < std::min(vehicle.count, p.customers()); ++k) {
            auto next = best;
            for (std::size_t set = 1; set < best.size(); ++set)
                for (std::size_t part = set; part > 0; part = (part - 1) & set)
                    if (alone[part] != impossible && best[set ^ part] != impossible) next[set] = std::min(next[set], best[set ^ part] + alone[part]);
            best = next;
        }
    }
    return best.back();
}

}  // namespace netdesign::tests
