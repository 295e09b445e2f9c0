// Exchange: two segments change places; with one of them empty it is a relocation (or-opt).
//
// A move is `supports` (is it defined here at all), `evaluate` (the exact change in cost, or `no_gain` where
// it breaks a rule or does not beat the best so far) and `apply`. Evaluation is O(1) for loads and
// O(segment lengths) for times between routes, O(distance between the segments) within one.
#pragma once

#include <algorithm>
#include <array>
#include <utility>

#include "routing/moves/segment.hpp"

namespace netdesign::routing {

struct Exchange {
    static constexpr std::int32_t longest_segment = 2;

    Segment a, b;  ///< b takes the place of a and the other way round; a may be empty

    template <typename F>
    [[nodiscard]] bool supports(const State<F>& state) const noexcept {
        if (b.count < 1 || a.first < 0 || b.first < 0) return false;
        if (a.end() > state.length(a.route) || b.end() > state.length(b.route)) return false;
        if (a.route != b.route) return true;
        // Apart, and not a segment put back where it stands.
        return a.end() <= b.first ? a.count > 0 || a.end() < b.first || b.reversed
                                  : b.end() <= a.first && (a.count > 0 || b.end() < a.first || b.reversed);
    }

    template <typename F>
    [[nodiscard]] Total evaluate(const State<F>& state, Total best) const noexcept {
        return a.route == b.route ? evaluate_within(state, best) : evaluate_between(state, best);
    }

    template <typename F>
    void apply(State<F>& state) const {
        std::array<Location, longest_segment> from_a{}, from_b{};
        for (std::int32_t k = 0; k < a.count; ++k) from_a[static_cast<std::size_t>(k)] = a.visit(state, k);
        for (std::int32_t k = 0; k < b.count; ++k) from_b[static_cast<std::size_t>(k)] = b.visit(state, k);
        const std::span<const Location> new_a(from_b.data(), static_cast<std::size_t>(b.count));
        const std::span<const Location> new_b(from_a.data(), static_cast<std::size_t>(a.count));
        // The later one first, so that its edit moves nothing before it.
        if (a.route != b.route || a.first >= b.end()) {
            state.splice(a.route, a.first, a.count, new_a);
            state.splice(b.route, b.first, b.count, new_b);
        } else {
            state.splice(b.route, b.first, b.count, new_b);
            state.splice(a.route, a.first, a.count, new_a);
        }
    }

private:
    template <typename F>
    [[nodiscard]] Total evaluate_between(const State<F>& state, Total best) const noexcept {
        const Location before_a = state.at(a.route, a.first - 1), after_a = state.at(a.route, a.end());
        const Location before_b = state.at(b.route, b.first - 1), after_b = state.at(b.route, b.end());
        Change<F> on_a = replace(state, before_a, a, after_a, b), on_b = replace(state, before_b, b, after_b, a);
        move_inner(state, on_a, on_b, a);
        move_inner(state, on_b, on_a, b);
        const auto load_a = a.load(state), load_b = b.load(state);
        Total delta = state.price(a.route, on_a) + state.price(b.route, on_b);
        if (delta - state.paid_by(a.route, b.route) >= best) return no_gain;
        delta += state.overload_change(a.route, state.load(a.route) - load_a + load_b);
        delta += state.overload_change(b.route, state.load(b.route) - load_b + load_a);
        if (delta >= best && state.lateness() == 0) return no_gain;
        if (!state.within_distance(a.route, on_a) || !state.within_distance(b.route, on_b)) return no_gain;
        if constexpr (F::timed) delta += lateness(state, a.route, before_a, b, after_a) + lateness(state, b.route, before_b, a, after_b);
        return delta < best ? delta : no_gain;
    }

    /// What putting `in` between two visits in place of `out` does to the arcs around.
    template <typename F>
    [[nodiscard]] static Change<F> replace(const State<F>& state, Location before, const Segment& out, Location after, const Segment& in) noexcept {
        Change<F> change;
        add_path(state, change, before, in, after);
        drop_path(state, change, before, {out.route, out.first, out.count, false}, after);
        return change;
    }

    template <typename F>
    [[nodiscard]] static Total lateness(const State<F>& state, RouteIndex r, Location before, const Segment& in, Location after) noexcept {
        if (state.is_depot(before) && state.is_depot(after) && in.count == 0) return -state.lateness_paid(r);
        Location from = before;
        auto clock = state.clock(r, before);
        return walk(state, clock, from, in) ? state.lateness_change(r, clock, from, after) : no_limit;
    }

    template <typename F>
    [[nodiscard]] Total evaluate_within(const State<F>& state, Total best) const noexcept {
        // before [left] middle [right] after  becomes  before [right] middle [left] after.
        const bool a_is_left = a.end() <= b.first;
        const Segment& left = a_is_left ? a : b;
        const Segment& right = a_is_left ? b : a;
        const Segment middle{left.route, left.end(), right.first - left.end(), false};
        const std::array<const Segment*, 3> now{&right, &middle, &left};
        const Location before = state.at(left.route, left.first - 1), after = state.at(left.route, right.end());
        Change<F> change;
        add_chain(state, change, before, now, after, 1);
        for (const Segment* s : now) add_turn(state, change, *s);
        const Segment l{left.route, left.first, left.count, false}, r{right.route, right.first, right.count, false};
        add_chain(state, change, before, {&l, &middle, &r}, after, -1);
        Total delta = state.price(left.route, change);
        if ((delta >= best && state.lateness() == 0) || !state.within_distance(left.route, change)) return no_gain;
        if constexpr (F::timed) {
            Location from = before;
            auto clock = state.clock(left.route, before);
            for (const Segment* s : now)
                if (!walk(state, clock, from, *s)) return no_gain;
            delta += state.lateness_change(left.route, clock, from, after);
        }
        return delta < best ? delta : no_gain;
    }

    /// The arcs that join three segments and their surroundings come in or go; empty segments are skipped.
    template <typename F>
    static void add_chain(const State<F>& state, Change<F>& change, Location before, const std::array<const Segment*, 3>& segments, Location after,
                          int sign) noexcept {
        const auto join = [&](Location i, Location j) { sign > 0 ? state.add_arc(change, i, j) : state.drop_arc(change, i, j); };
        for (const Segment* s : segments) {
            if (s->count == 0) continue;
            join(before, s->front(state));
            before = s->back(state);
        }
        join(before, after);
    }
};

}  // namespace netdesign::routing
