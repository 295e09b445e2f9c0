// Ruin by route: one whole route goes, which opens the way to plans with fewer of them.
#pragma once

#include <vector>

#include "routing/state.hpp"

namespace netdesign::routing {

/// Remove every customer on the route of `seed`; they are appended. O(length of the route).
template <typename F>
void ruin_route(State<F>& state, Location seed, std::vector<Location>& removed) {
    const RouteIndex r = state.route_of(seed);
    if (r == nowhere) return;
    const auto visits = state.route(r);
    removed.insert(removed.end(), visits.begin(), visits.end());
    state.remove(r, 0, state.length(r));
}

}  // namespace netdesign::routing
