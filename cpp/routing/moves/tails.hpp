// Tails: two routes swap what follows a cut in each (2-opt*, Potvin and Rousseau 1995), and the variant that
// joins head to head and tail to tail, where direction does not matter.
#pragma once

#include "routing/moves/exchange.hpp"

namespace netdesign::routing {

struct SwapTails {
    RouteIndex a = nowhere, b = nowhere;
    std::int32_t cut_a = 0, cut_b = 0;  ///< first positions of the tails

    template <typename F>
    [[nodiscard]] bool supports(const State<F>& state) const noexcept {
        return a != b && cut_a >= 0 && cut_b >= 0 && cut_a <= state.length(a) && cut_b <= state.length(b);
    }

    /// O(1).
    template <typename F>
    [[nodiscard]] Total evaluate(const State<F>& state, Total best) const noexcept {
        const Location head_a = state.at(a, cut_a - 1), tail_a = state.at(a, cut_a);
        const Location head_b = state.at(b, cut_b - 1), tail_b = state.at(b, cut_b);
        const Total delta = arc(state, head_a, tail_b) + arc(state, head_b, tail_a) - arc(state, head_a, tail_a) - arc(state, head_b, tail_b);
        if (delta >= best) return no_gain;
        const auto front_a = state.load_upto(a, cut_a - 1), front_b = state.load_upto(b, cut_b - 1);
        if (!(front_a + (state.load(b) - front_b)).fits(state.capacity())) return no_gain;
        if (!(front_b + (state.load(a) - front_a)).fits(state.capacity())) return no_gain;
        if constexpr (F::timed)
            if (!joins(state, head_a, tail_b) || !joins(state, head_b, tail_a)) return no_gain;
        return delta;
    }

    template <typename F>
    void apply(State<F>& state) const {
        state.swap_tails(a, cut_a, b, cut_b);
    }

private:
    template <typename F>
    [[nodiscard]] static bool joins(const State<F>& state, Location head, Location tail) noexcept {
        return (head == depot && tail == depot) || state.arrive(state.early(head), head, tail) <= state.late(tail);
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

    /// O(1).
    template <typename F>
    [[nodiscard]] Total evaluate(const State<F>& state, Total best) const noexcept {
        const Location head_a = state.at(a, cut_a - 1), tail_a = state.at(a, cut_a);
        const Location head_b = state.at(b, cut_b - 1), tail_b = state.at(b, cut_b);
        const Total delta = arc(state, head_a, head_b) + arc(state, tail_a, tail_b) - arc(state, head_a, tail_a) - arc(state, head_b, tail_b);
        if (delta >= best) return no_gain;
        const auto heads = state.load_upto(a, cut_a - 1) + state.load_upto(b, cut_b - 1);
        if (!heads.fits(state.capacity()) || !(state.load(a) + state.load(b) - heads).fits(state.capacity())) return no_gain;
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
