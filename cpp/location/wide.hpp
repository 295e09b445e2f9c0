// Problems whose lists would not fit into memory: p-medians over so many points that what every customer should list is
// too much for all together. They are searched in sketches, and judged exactly.
#pragma once

#include "location/solve.hpp"

namespace netdesign::location {

/// True for a given number of sites among points, without limits on pairs, where lists as long as wanted are too much.
bool is_wide(const Problem& problem);

struct SketchSize {
    std::int32_t sites_per_open = 10, least_sites = 2000;       ///< at first
    std::int32_t groups_per_open = 1000, least_groups = 20'000;  ///< at most
    std::int64_t first_entries = 36'000'000;                    ///< of the lists, at first at most
    std::int64_t most_entries = 48'000'000;                     ///< later; of 16 bytes, three times in memory
};

/// A sketch has groups of near customers at their centroids, and some of the sites. Dual and local search work on it as
/// they do on any problem; its multipliers and its sites are then carried to all customers and all sites, one group after
/// the other, and what that says of objective and bound is exact. The next sketch has more sites, those that the multipliers sell
/// too cheaply. O(customers x sites that share an open one) per look at everything, O(customers + sites) memory besides
/// the sketch.
Outcome solve_wide(const Problem& problem, const Options& options, const SketchSize& size = {});

}  // namespace netdesign::location
