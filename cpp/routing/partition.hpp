// Regions: groups of routes that lie near each other.
#pragma once

#include <cstdint>
#include <vector>

#include "base/random.hpp"
#include "routing/plan.hpp"
#include "routing/problem.hpp"

namespace netdesign::routing {

/// Split the routes of a plan into groups of about `customers` customers: cut by cut across the longest side of what is
/// left, in a frame of reference that is turned at random, so that no border stays where it was. Indices into
/// plan.routes. O(routes log(groups) + n).
[[nodiscard]] std::vector<std::vector<std::int32_t>> partition(const Problem& problem, const Plan& plan, std::int32_t customers, base::Random& random);

/// The customers in an order in which those that follow each other lie near each other: halved again and again across the
/// longest side. Whoever numbers them so finds neighbours on the same lines of the cache. O(n log n).
[[nodiscard]] std::vector<Location> spatial_order(const Problem& problem);

}  // namespace netdesign::routing
