// Small random problems with any mix of features.
#pragma once

#include <algorithm>
#include <vector>

#include "random_problem.hpp"

namespace netdesign::tests {

namespace rich {

/// What a random problem may have.
struct Mix {
    bool timed = false, matrix = false, asymmetric = false, several_depots = false, several_types = false, open = false;
    bool fixed_costs = false, rates = false, limits = false;
    int dimensions = 1;
    bool uncapacitated = false, large_loads = false, large_costs = false;
    Rounding rounding = Rounding::nearest;
    bool lists = false;
};

inline Mix random_mix(base::Random& random) {
    const auto toss = [&](int one_in) { return random.between(0, one_in - 1) == 0; };
    Mix mix;
    mix.timed = toss(3);
    mix.matrix = toss(3);
    mix.asymmetric = mix.matrix && toss(2);
    mix.several_depots = toss(3);
    mix.several_types = toss(3);
    mix.open = toss(4);
    mix.fixed_costs = toss(2);
    mix.rates = toss(3);
    mix.limits = toss(4);
    mix.dimensions = toss(4) ? 3 : 1;
    mix.uncapacitated = toss(6);
    mix.large_loads = toss(4);
    mix.large_costs = toss(5) && !mix.matrix && !mix.timed && !mix.limits;
    mix.rounding = static_cast<Rounding>(random.between(0, 3));
    mix.lists = !mix.matrix && toss(3);
    return mix;
}

/// Half of all pairs listed, directed, up to thrice as short or half as long again as their points say.
inline Travel with_lists(const std::vector<double>& points, const Scaling& scaling, base::Random& random) {
    const Travel travel(points, 2, scaling);
    PairLists lists{{0}, {}, {}, {}};
    for (Location i = 0; i < travel.size(); ++i) {
        for (Location j = 0; j < travel.size(); ++j) {
            if (i == j || random.between(0, 1) == 0) continue;
            const double factor = 0.3 + 1.2 * random.unit();
            lists.destinations.push_back(j);
            lists.costs.push_back(static_cast<Cost>(factor * travel.cost(i, j)));
            lists.durations.push_back(static_cast<Time>(factor * travel.duration(i, j)));
        }
        lists.first.push_back(static_cast<std::int64_t>(lists.destinations.size()));
    }
    return Travel(points, 2, scaling, std::move(lists));
}

inline Travel random_travel(std::int32_t n, const Mix& mix, base::Random& random) {
    std::vector<double> points;
    for (std::int32_t k = 0; k < 2 * n; ++k) points.push_back(random.between(0, 100) * (mix.rounding == Rounding::floor ? 0.1 : 1.0));
    const double rate = mix.large_costs ? 1e6 : mix.rounding == Rounding::none ? 1.7 : 1.0;
    const Travel travel(points, 2, {mix.rounding, 1.0, rate, 0.9});
    if (mix.lists) return with_lists(points, travel.scaling(), random);
    if (!mix.matrix) return travel;
    const auto size = static_cast<std::size_t>(n);
    std::vector<Cost> costs(size * size, 0), durations(size * size, 0);
    for (Location i = 0; i < n; ++i)
        for (Location j = 0; j < n; ++j) {
            const auto a = static_cast<std::size_t>(i), b = static_cast<std::size_t>(j), at = a * size + b, mirrored = b * size + a;
            if (i == j) continue;
            costs[at] = !mix.asymmetric && j < i ? costs[mirrored] : travel.cost(i, j) + random.between(0, 30);
            durations[at] = !mix.asymmetric && j < i ? durations[mirrored] : travel.duration(i, j) + random.between(0, 10);
        }
    return Travel(costs, durations, n);
}

inline std::vector<VehicleType> random_fleet(std::int32_t depots, const Mix& mix, base::Random& random) {
    std::vector<VehicleType> fleet;
    for (std::int32_t t = 0, types = mix.several_types ? random.between(2, 3) : 1; t < types; ++t)
        for (Location d = 0; d < depots; ++d) {
            VehicleType type;
            type.count = random.between(0, 2) == 0 ? 1000 : random.between(1, 3);
            type.start = d;
            type.end = d;
            if (mix.several_depots && random.between(0, 3) == 0) type.end = random.between(0, depots - 1);
            if (mix.open && random.between(0, 2) > 0) type.end = anywhere;
            for (int k = 0; k < mix.dimensions; ++k)
                type.capacity.push_back(mix.uncapacitated ? 100'000 : mix.large_loads ? random.between(9000, 30'000) : random.between(9, 30));
            type.fixed_cost = mix.fixed_costs ? 2 * random.between(0, 100) : 0;
            type.distance_rate = mix.rates ? random.between(1, 3) : 1;
            type.time_rate = mix.rates ? random.between(0, 2) : 0;
            if (mix.limits) type.max_distance = random.between(200, 400);
            if (mix.limits && mix.timed) type.max_duration = random.between(200, 400);
            if (mix.limits && mix.timed) type.earliest = random.between(0, 50), type.latest = random.between(400, 600);
            fleet.push_back(type);
        }
    return fleet;
}

inline Problem random_problem(std::int32_t customers, const Mix& mix, std::uint64_t seed) {
    base::Random random(seed);
    const std::int32_t depots = mix.several_depots ? random.between(2, 3) : 1, n = customers + depots;
    Description d;
    d.depots = depots;
    d.travel = random_travel(n, mix, random);
    d.demand.assign(static_cast<std::size_t>(depots * mix.dimensions), 0);
    for (std::int32_t k = 0; k < customers * mix.dimensions; ++k) 
        d.demand.push_back(mix.large_loads ? random.between(500, 9000) : random.between(mix.uncapacitated ? 0 : 1, 9));
    d.service.assign(static_cast<std::size_t>(n), 0);
    if (mix.timed) {
        d.earliest.assign(static_cast<std::size_t>(depots), 0);
        d.latest.assign(static_cast<std::size_t>(depots), 600);
        for (Location c = depots; c < n; ++c) {
            d.service[static_cast<std::size_t>(c)] = random.between(0, 10);
            d.earliest.push_back(random.between(0, 250));
            d.latest.push_back(std::max(d.earliest.back() + random.between(20, 200), 180));
        }
    }
    d.fleet = random_fleet(depots, mix, random);
    return Problem(std::move(d));
}

}  // namespace rich
}  // namespace netdesign::tests
