// Who is near whom: the candidate lists of every ruin, insertion and move.
#pragma once

#include <vector>

#include "routing/travel.hpp"

namespace netdesign::routing {

class Problem;

/// The `count` customers nearest to each location, nearest first, row-major (locations x count); the depot's
/// row is filled too. With time windows the order is by Vidal's proximity: cost plus a fifth of the
/// unavoidable wait, pairs that no route can join last (Vidal et al., "A hybrid genetic algorithm with
/// adaptive diversity management for a large class of vehicle routing problems with time-windows",
/// Computers & Operations Research 40, 2013).
std::vector<Location> nearest_neighbours(const Problem& problem, std::int32_t count, std::int32_t threads);

}  // namespace netdesign::routing
