// One search per mask of features, each compiled in a file of its own (run_*.cpp).
#pragma once

#include "routing/islands.hpp"
#include "routing/regions.hpp"

namespace netdesign::routing {

/// Above so many customers the search goes region by region.
inline constexpr std::int32_t whole_limit = 2500;

template <typename F>
Outcome run(const Problem& problem, const Settings& settings, base::Watch& watch, double bound) {
    if (problem.customers() > whole_limit) return Regions<F>(problem, settings, watch, bound).run();
    const Renumbering numbers(spatial_order(problem), problem.depots());
    Settings renumbered = settings;
    renumbered.start = numbers.to_part(settings.start);
    const Problem local = problem.restricted_to(numbers.names(), {problem.fleet().begin(), problem.fleet().end()});
    Outcome out = Islands<F>(local, renumbered, watch, bound).run();
    out.best = numbers.to_whole(std::move(out.best));
    return out;
}

}  // namespace netdesign::routing
