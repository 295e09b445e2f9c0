// Where a customer fits: the question behind recreate and behind the start solution.
#pragma once

#include <limits>

#include "base/random.hpp"
#include "routing/state.hpp"

namespace netdesign::routing {

struct Position {
    RouteIndex route = nowhere;
    std::int32_t at = 0;
    Total delta = std::numeric_limits<Total>::max();
};

/// Whether c fits between two neighbours of a route in time. O(1).
template <typename F>
[[nodiscard]] bool fits_in_time(const State<F>& state, Location from, Location c, Location to) {
    if constexpr (F::timed) {
        const Time start = state.arrive(state.early(from), from, c);
        if (start > state.problem().latest(c)) return false;
        return state.arrive(start, c, to) <= state.late(to);
    }
    return true;
}

/// Best place for c next to one of its neighbours; each place is overlooked with the given chance, so that
/// the same ruin does not always mend the same way ("blinks", Christiaens and Vanden Berghe 2020).
/// O(neighbours). No place where nothing fits.
template <typename F>
[[nodiscard]] Position best_near(const State<F>& state, Location c, double blink, base::Random& random) {
    Position best;
    const auto& problem = state.problem();
    const auto& demand = state.demand(c);
    const auto threshold = static_cast<std::uint64_t>(blink * 0x1p64);
    const bool symmetric = problem.symmetric();
    const auto consider = [&](Location from, Location to, RouteIndex r, std::int32_t at, Total delta) {
        if (delta >= best.delta || (threshold != 0 && random.next() < threshold)) return;
        if (fits_in_time(state, from, c, to)) best = {r, at, delta};
    };
    // Beyond this reach a neighbour's predecessor may be missing from the list; within it, the place before v
    // is seen again as the place after that predecessor.
    const auto near = problem.neighbours(c);
    const Total reach = F::timed || !symmetric || near.empty() ? -1 : problem.cost(c, near.back());
    for (const Location v : near) {
        const RouteIndex r = state.route_of(v);
        if (r == nowhere) continue;
        // Where costs are symmetric all arcs are read from the row of c, which stays in the cache.
        const Total out = problem.cost(c, v), in = symmetric ? out : problem.cost(v, c);
        const Total arc_after = state.arc_after(v), arc_before = state.arc_before(v);
        const Location before = state.before(v);
        // A detour over v costs at least twice what v lies beyond the arc it breaks (triangle inequality).
        const bool look_after = 2 * (in - arc_after) < best.delta;
        const bool look_before = 2 * (out - arc_before) < best.delta && (before == depot || out + arc_before > reach);
        if ((!look_after && !look_before) || !(state.load(r) + demand).fits(state.capacity())) continue;
        const std::int32_t at = state.position_of(v);
        if (look_after) consider(v, state.after(v), r, at + 1, in + problem.cost(c, state.after(v)) - arc_after);
        if (look_before) consider(before, v, r, at, (symmetric ? problem.cost(c, before) : problem.cost(before, c)) + out - arc_before);
    }
    return best;
}

/// Best place for c anywhere, O(n): for the rare customer that fits next to no neighbour.
template <typename F>
[[nodiscard]] Position best_anywhere(const State<F>& state, Location c) {
    Position best;
    for (RouteIndex r = 0; r < state.route_slots(); ++r) {
        const auto visits = state.route(r);
        if (visits.empty() || !(state.load(r) + state.demand(c)).fits(state.capacity())) continue;
        Location from = depot;
        for (std::size_t p = 0; p <= visits.size(); ++p) {
            const Location to = p < visits.size() ? visits[p] : depot;
            const Total delta = state.insertion_cost(from, c, to);
            if (delta < best.delta && fits_in_time(state, from, c, to)) best = {r, static_cast<std::int32_t>(p), delta};
            from = to;
        }
    }
    return best;
}

/// A route of its own for c, if a vehicle is left and it can be there in time. O(1).
template <typename F>
[[nodiscard]] Position own_route(State<F>& state, Location c) {
    const RouteIndex r = state.empty_route();
    if (r == nowhere || !state.demand(c).fits(state.capacity()) || !fits_in_time(state, depot, c, depot)) return {};
    return {r, 0, state.insertion_cost(depot, c, depot)};
}

}  // namespace netdesign::routing
