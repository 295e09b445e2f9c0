// A stretch of consecutive visits, and what every move asks of it.
#pragma once

#include "routing/state.hpp"

namespace netdesign::routing {

/// What a move that breaks a rule, or is no better than the best so far, is worth; less than what overloading or lateness costs
/// where it is forbidden.
inline constexpr Total no_gain = no_limit / 2;

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

/// Drive a segment after `from`, which becomes its last visit; false where a window is missed and must not be. O(count).
template <typename F>
[[nodiscard]] bool walk(const State<F>& state, Clock<F>& clock, Location& from, const Segment& segment) noexcept requires(F::timed) {
    for (std::int32_t k = 0; k < segment.count; ++k) {
        const Location c = segment.visit(state, k);
        if (!state.advance(clock, from, c)) return false;
        from = c;
    }
    return true;
}

/// The arcs of a route from one visit over a segment to another come in.
template <typename F>
[[gnu::always_inline]] inline void add_path(const State<F>& state, Change<F>& change, Location from, const Segment& segment, Location to) noexcept {
    if (segment.count == 0) return state.add_arc(change, from, to);
    state.add_arc(change, from, segment.front(state));
    state.add_arc(change, segment.back(state), to);
}

template <typename F>
[[gnu::always_inline]] inline void drop_path(const State<F>& state, Change<F>& change, Location from, const Segment& segment, Location to) noexcept {
    if (segment.count == 0) return state.drop_arc(change, from, to);
    state.drop_arc(change, from, segment.front(state));
    state.drop_arc(change, segment.back(state), to);
}

/// The arcs inside a segment; read backwards where it is reversed. O(count).
template <typename F>
[[nodiscard]] Change<F> inner_arcs(const State<F>& state, const Segment& segment) noexcept {
    Change<F> inner;
    for (std::int32_t k = 0; k + 1 < segment.count; ++k) state.add_arc(inner, segment.visit(state, k), segment.visit(state, k + 1));
    return inner;
}

/// What turning a segment round does to the arcs inside; nothing where costs are symmetric, O(count) otherwise.
template <typename F>
void add_turn(const State<F>& state, Change<F>& change, const Segment& segment) noexcept {
    if (!segment.reversed || state.problem().symmetric()) return;
    for (std::int32_t k = 0; k + 1 < segment.count; ++k) {
        state.add_arc(change, segment.visit(state, k), segment.visit(state, k + 1));
        state.drop_arc(change, segment.visit(state, k + 1), segment.visit(state, k));
    }
}

/// A segment goes from one route to another, turned round or not: what happens to the arcs inside. In a plain problem
/// an arc costs the same on every route. O(count) in a rich one.
template <typename F>
void move_inner(const State<F>& state, Change<F>& from, Change<F>& to, const Segment& segment) noexcept {
    if constexpr (F::rich) {
        const Segment forward{segment.route, segment.first, segment.count, false};
        const Change<F> gone = inner_arcs(state, forward), come = inner_arcs(state, segment);
        from.distance -= gone.distance, from.time -= gone.time;
        to.distance += come.distance, to.time += come.time;
    } else {
        add_turn(state, to, segment);
    }
}

}  // namespace netdesign::routing
