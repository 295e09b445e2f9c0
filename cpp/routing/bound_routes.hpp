// A better lower bound where it is affordable: routes may come back to a customer, but not at once.
#pragma once

#include <cstdint>

#include "routing/problem.hpp"

namespace netdesign::routing {

/// Lagrangian bound on the choice of routes that serves every customer once. Customers get prices; the cheapest
/// routes after prices come from a dynamic program over (load, customer) or (time, customer) whose routes may repeat
/// customers though not immediately (q-routes without 2-cycles; Christofides, Mingozzi and Toth, Mathematical
/// Programming 20, 1981). The bound holds at any prices (Baldacci, Christofides and Mingozzi, Mathematical Programming
/// 115, 2008), so ascent may stop at any time.
///
/// Returns the best bound found within so many seconds and steps, never less than `lower_bound`; `known_upper`, the cost
/// of a plan that serves everybody (infinity where there is none), guides the steps and ends them when it is reached.
/// With `seconds` infinite the answer depends on the problem, `known_upper` and `steps` only. O(n^2 * loads) a step,
/// O(n^2 + n * loads) memory; a step that takes more than about 50 ms counts as several. With more arcs than
/// `route_bound_arcs`, counted for every pair of rates in the fleet, it is `lower_bound` at once.
///
/// Vehicles may be of several types: each has its own program where ends, rates or shift differ, and a price for being
/// few. Limits on distance and duration and all load dimensions but the tightest are relaxed.
[[nodiscard]] double improve_bound(const Problem& problem, double known_upper, double seconds, std::int64_t steps);

inline constexpr double route_bound_arcs = 4e6;  ///< 2000 customers, 64 MB

/// Whether `improve_bound` can do more than `lower_bound`.
[[nodiscard]] bool route_bound_pays(const Problem& problem);

}  // namespace netdesign::routing
