// Reverse: a stretch of one route is driven backwards (2-opt, Croes 1958).
#pragma once

#include "routing/moves/exchange.hpp"

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
        Total delta = arc(state, before, turned.front(state)) + arc(state, turned.back(state), after) -
                      arc(state, before, turned.back(state)) - arc(state, turned.front(state), after);
        if (!state.problem().symmetric()) delta += reversal_cost(state, route, first, turned.count);
        if (delta >= best) return no_gain;
        if constexpr (F::timed) {
            Location from = before;
            const Time start = walk(state, state.early(before), from, turned);
            if (start < 0 || state.arrive(start, from, after) > state.late(after)) return no_gain;
        }
        return delta;
    }

    template <typename F>
    void apply(State<F>& state) const {
        state.reverse(route, first, last);
    }
};

}  // namespace netdesign::routing
