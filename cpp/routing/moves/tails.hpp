// Tails: two routes swap what follows a cut in each (2-opt*, Potvin and Rousseau 1995), and the variant that
// joins head to head and tail to tail, where direction does not matter.
#pragma once

#include <vector>

#include "routing/moves/segment.hpp"

namespace netdesign::routing {

/// The visits of a route from a position on.
template <typename F>
[[nodiscard]] Segment tail_of(const State<F>& state, RouteIndex r, std::int32_t first) noexcept {
    return {r, first, state.length(r) - first, false};
}

/// The arcs from a visit over a tail to the end of a route come in or go. Where all routes end at the one depot, the arc
/// into it comes with the tail and needs no look.
template <typename F>
[[gnu::always_inline]] inline void join_tail(const State<F>& state, Change<F>& change, Location from, const Segment& tail, RouteIndex r) noexcept {
    if (tail.count == 0) return state.add_arc(change, from, state.end(r));
    state.add_arc(change, from, tail.front(state));
    if constexpr (F::rich) state.add_arc(change, tail.back(state), state.end(r));
}
template <typename F>
[[gnu::always_inline]] inline void cut_tail(const State<F>& state, Change<F>& change, Location from, const Segment& tail, RouteIndex r) noexcept {
    if (tail.count == 0) return state.drop_arc(change, from, state.end(r));
    state.drop_arc(change, from, tail.front(state));
    if constexpr (F::rich) state.drop_arc(change, tail.back(state), state.end(r));
}

struct SwapTails {
    RouteIndex a = nowhere, b = nowhere;
    std::int32_t cut_a = 0, cut_b = 0;  ///< first positions of the tails

    template <typename F>
    [[nodiscard]] bool supports(const State<F>& state) const noexcept {
        return a != b && cut_a >= 0 && cut_b >= 0 && cut_a <= state.length(a) && cut_b <= state.length(b);
    }

    /// O(1) between routes of vehicles that are alike, O(length of the tails) otherwise.
    template <typename F>
    [[nodiscard]] Total evaluate(const State<F>& state, Total best) const noexcept {
        const Location head_a = state.at(a, cut_a - 1), head_b = state.at(b, cut_b - 1);
        const Segment tail_a = tail_of(state, a, cut_a), tail_b = tail_of(state, b, cut_b);
        Change<F> on_a, on_b;
        join_tail(state, on_a, head_a, tail_b, a);
        cut_tail(state, on_a, head_a, tail_a, a);
        join_tail(state, on_b, head_b, tail_a, b);
        cut_tail(state, on_b, head_b, tail_b, b);
        if constexpr (F::rich)
            if (state.inside_matters(a, b)) {
                move_inner(state, on_a, on_b, tail_a);
                move_inner(state, on_b, on_a, tail_b);
            }
        Total delta = state.price(a, on_a) + state.price(b, on_b);
        if (delta - state.paid_by(a, b) >= best) return no_gain;
        const auto front_a = state.load_upto(a, cut_a - 1), front_b = state.load_upto(b, cut_b - 1);
        delta += state.overload_change(a, front_a + (state.load(b) - front_b));
        delta += state.overload_change(b, front_b + (state.load(a) - front_a));
        if (delta >= best && state.lateness() == 0) return no_gain;
        if (!state.within_distance(a, on_a) || !state.within_distance(b, on_b)) return no_gain;
        if constexpr (F::timed) delta += lateness(state, a, head_a, tail_b) + lateness(state, b, head_b, tail_a);
        return delta < best ? delta : no_gain;
    }

    template <typename F>
    void apply(State<F>& state) const {
        state.swap_tails(a, cut_a, b, cut_b);
    }

private:
    /// What changes in the lateness of a route when its head goes on with another tail.
    template <typename F>
    [[nodiscard]] static Total lateness(const State<F>& state, RouteIndex r, Location head, const Segment& tail) noexcept {
        if (tail.count == 0 && state.is_depot(head)) return -state.lateness_paid(r);
        auto clock = state.clock(r, head);
        if (tail.count == 0) return state.lateness_change(r, clock, head, state.end(r));
        if (state.ends_alike(r, tail.route)) return state.lateness_change(r, clock, head, tail.front(state));
        return walk(state, clock, head, tail) ? state.lateness_change(r, clock, head, state.end(r)) : no_limit;
    }
};

/// Head of a, then head of b backwards; tail of a backwards, then tail of b. Untimed and symmetric only.
struct JoinHeads {
    RouteIndex a = nowhere, b = nowhere;
    std::int32_t cut_a = 0, cut_b = 0;

    template <typename F>
    [[nodiscard]] bool supports(const State<F>& state) const noexcept {
        return !F::timed && state.problem().symmetric() && a != b && cut_a >= 0 && cut_b >= 0 && cut_a <= state.length(a) && cut_b <= state.length(b);
    }

    /// O(1) between routes of vehicles that are alike, O(length of what changes hands) otherwise.
    template <typename F>
    [[nodiscard]] Total evaluate(const State<F>& state, Total best) const noexcept {
        const Location head_a = state.at(a, cut_a - 1);
        const Segment tail_a = tail_of(state, a, cut_a);
        const Segment turned_head{b, 0, cut_b, true}, turned_tail{a, cut_a, tail_a.count, true};
        Change<F> on_a, on_b;
        if constexpr (F::rich) {
            add_path(state, on_a, head_a, turned_head, state.end(a));
            drop_path(state, on_a, head_a, tail_a, state.end(a));
            add_path(state, on_b, state.start(b), turned_tail, state.at(b, cut_b));
            drop_path(state, on_b, state.start(b), {b, 0, cut_b, false}, state.at(b, cut_b));
            if (state.inside_matters(a, b)) {
                move_inner(state, on_a, on_b, turned_tail);
                move_inner(state, on_b, on_a, turned_head);
            }
        } else {
            const Location head_b = state.at(b, cut_b - 1), tail_b = state.at(b, cut_b), first_a = state.at(a, cut_a);
            state.add_arc(on_a, head_a, head_b);
            state.drop_arc(on_a, head_a, first_a);
            state.add_arc(on_b, first_a, tail_b);
            state.drop_arc(on_b, head_b, tail_b);
        }
        Total delta = state.price(a, on_a) + state.price(b, on_b);
        if (delta - state.paid_by(a, b) >= best) return no_gain;
        const auto heads = state.load_upto(a, cut_a - 1) + state.load_upto(b, cut_b - 1);
        delta += state.overload_change(a, heads);
        delta += state.overload_change(b, state.load(a) + state.load(b) - heads);
        if (delta >= best) return no_gain;
        if (!state.within_distance(a, on_a) || !state.within_distance(b, on_b)) return no_gain;
        return delta;
    }

    template <typename F>
    void apply(State<F>& state) const {
        const auto va = state.route(a), vb = state.route(b);
        const auto middle_a = va.begin() + cut_a, middle_b = vb.begin() + cut_b;
        std::vector<Location> heads(va.begin(), middle_a), tails(va.rbegin(), std::make_reverse_iterator(middle_a));
        heads.insert(heads.end(), std::make_reverse_iterator(middle_b), vb.rend());
        tails.insert(tails.end(), middle_b, vb.end());
        state.splice(a, 0, state.length(a), heads);
        state.splice(b, 0, state.length(b), tails);
    }
};

}  // namespace netdesign::routing
