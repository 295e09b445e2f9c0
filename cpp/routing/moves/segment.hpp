// A stretch of consecutive visits, and what every move asks of it.
#pragma once

#include "routing/state.hpp"

namespace netdesign::routing {

/// Visits at positions first .. first + count - 1 of a route, possibly read backwards.
struct Segment {
    RouteIndex route = nowhere;
    std::int32_t first = 0, count = 0;
    bool reversed = false;

    [[nodiscard]] std::int32_t end() const noexcept { return first + count; }

    template <typename F>
    [[nodiscard]] Location front(const State<F>& state) const noexcept {
        return state.at(route, reversed ? end() - 1 : first);
    }
    template <typename F>
    [[nodiscard]] Location back(const State<F>& state) const noexcept {
        return state.at(route, reversed ? first : end() - 1);
    }
    template <typename F>
    [[nodiscard]] Location visit(const State<F>& state, std::int32_t k) const noexcept {
        return state.at(route, reversed ? end() - 1 - k : first + k);
    }
    template <typename F>
    [[nodiscard]] auto load(const State<F>& state) const noexcept {
        return state.load_upto(route, end() - 1) - state.load_upto(route, first - 1);
    }
};

/// Cost of an arc between two ends of a route or of stretches of it; nothing between depot and depot.
template <typename F>
[[nodiscard]] Total arc(const State<F>& state, Location from, Location to) noexcept {
    return from == depot && to == depot ? 0 : state.problem().cost(from, to);
}

/// Start of service at the last visit of a segment that is entered from `from` with start `start`;
/// -1 where a window is missed. O(count).
template <typename F>
[[nodiscard]] Time walk(const State<F>& state, Time start, Location& from, const Segment& segment) noexcept {
    for (std::int32_t k = 0; k < segment.count; ++k) {
        const Location c = segment.visit(state, k);
        start = state.arrive(start, from, c);
        if (start > state.problem().latest(c)) return -1;
        from = c;
    }
    return start;
}

/// Cost change inside a segment when it is read backwards; 0 where costs are symmetric. O(count) otherwise.
template <typename F>
[[nodiscard]] Total reversal_cost(const State<F>& state, RouteIndex route, std::int32_t first, std::int32_t count) noexcept {
    if (state.problem().symmetric()) return 0;
    Total delta = 0;
    for (std::int32_t p = first; p + 1 < first + count; ++p)
        delta += arc(state, state.at(route, p + 1), state.at(route, p)) - arc(state, state.at(route, p), state.at(route, p + 1));
    return delta;
}

}  // namespace netdesign::routing
