// One search per mask of features, each compiled in a file of its own (run_*.cpp).
#pragma once

#include "routing/islands.hpp"
#include "routing/regions.hpp"

namespace netdesign::routing {

/// Above so many customers the search goes region by region.
inline constexpr std::int32_t whole_limit = 2500;

template <typename F>
Outcome run(const Problem& problem, const Settings& settings, base::Watch& watch, double bound) {
    return problem.customers() > whole_limit ? Regions<F>(problem, settings, watch, bound).run() : Islands<F>(problem, settings, watch, bound).run();
}

}  // namespace netdesign::routing
