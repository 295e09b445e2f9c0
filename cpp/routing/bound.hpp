// A valid lower bound on the cost of any plan, in O(n * neighbours) time.
#pragma once

#include "routing/problem.hpp"

namespace netdesign::routing {

/// The larger of two bounds, plus what the least number of routes costs:
///
/// - every customer has one arc in and one arc out: half the cheapest of each, summed, the depot likewise
///   for the least number of routes (the assignment bound, relaxed to neighbour lists);
/// - every unit of load travels from the depot and back: 2 * sum(demand * distance) / capacity (Haimovich and
///   Rinnooy Kan 1985), where distances are metric up to rounding, which is subtracted arc by arc.
[[nodiscard]] double lower_bound(const Problem& problem);

}  // namespace netdesign::routing
