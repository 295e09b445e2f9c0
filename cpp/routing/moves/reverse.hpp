// Reverse: a stretch of one route is driven backwards (2-opt, Croes 1958).
#pragma once

#include "routing/moves/segment.hpp"

namespace netdesign::routing {

struct Reverse {
    RouteIndex route = nowhere;
    std::int32_t first = 0, last = 0;  ///< positions, both inclusive

    template <typename F>
    [[nodiscard]] bool supports(const State<F>& state) const noexcept {
        return first >= 0 && first < last && last < state.length(route);
    }

    /// O(1) where costs are symmetric and nothing is timed, O(length of the stretch) otherwise.
    template <typename F>
    [[nodiscard]] Total evaluate(const State<F>& state, Total best) const noexcept {
        const Location before = state.at(route, first - 1), after = state.at(route, last + 1);
        const Segment turned{route, first, last - first + 1, true};
        Change<F> change;
        add_path(state, change, before, turned, after);
        drop_path(state, change, before, {route, first, turned.count, false}, after);
        add_turn(state, change, turned);
        Total delta = state.price(route, change);
        if ((delta >= best && state.lateness() == 0) || !state.within_distance(route, change)) return no_gain;
        if constexpr (F::timed) {
            Location from = before;
            auto clock = state.clock(route, before);
            if (!walk(state, clock, from, turned)) return no_gain;
            delta += state.lateness_change(route, clock, from, after);
        }
        return delta < best ? delta : no_gain;
    }

    template <typename F>
    void apply(State<F>& state) const {
        state.reverse(route, first, last);
    }
};

}  // namespace netdesign::routing
