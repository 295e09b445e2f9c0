// Swap*: two customers change routes, and each goes to its best place there, not to that of the other (Vidal, "Hybrid genetic
// search for the CVRP: open-source implementation and SWAP* neighborhood", Computers & Operations Research 140, 2022).
#pragma once

#include <algorithm>
#include <array>
#include <vector>

#include "routing/moves/segment.hpp"

namespace netdesign::routing {

struct SwapStar {
    Location u = nobody, v = nobody;         ///< on different routes
    std::int32_t place_u = 0, place_v = 0;   ///< positions on the other route, as it is now: in front of which visit, or of the other customer, whose place it takes

    template <typename F>
    [[nodiscard]] bool supports(const State<F>& state) const noexcept {
        if constexpr (F::timed || F::rich) return false;
        if (u < 0 || v < 0) return false;
        const RouteIndex a = state.route_of(u), b = state.route_of(v);
        return a != nowhere && b != nowhere && a != b && fits(state, a, state.position_of(u), place_v) && fits(state, b, state.position_of(v), place_u);
    }

    /// O(1).
    template <typename F>
    [[nodiscard]] Total evaluate(const State<F>& state, Total best) const noexcept {
        const RouteIndex a = state.route_of(u), b = state.route_of(v);
        const Total delta = replace(state, a, u, v, place_v) + replace(state, b, v, u, place_u) +
                            state.overload_change(a, state.load(a) - state.demand(u) + state.demand(v)) +
                            state.overload_change(b, state.load(b) - state.demand(v) + state.demand(u));
        return delta < best ? delta : no_gain;
    }

    template <typename F>
    void apply(State<F>& state) const {
        const RouteIndex a = state.route_of(u), b = state.route_of(v);
        const std::int32_t i = state.position_of(u), j = state.position_of(v);
        put(state, a, i, v, place_v);
        put(state, b, j, u, place_u);
    }

private:
    template <typename F>
    [[nodiscard]] static bool fits(const State<F>& state, RouteIndex r, std::int32_t leaving, std::int32_t place) noexcept {
        return place >= 0 && place <= state.length(r) && place != leaving + 1;
    }

    /// What it does to the arcs of a route that one customer leaves it and another comes.
    template <typename F>
    [[nodiscard]] static Total replace(const State<F>& state, RouteIndex r, Location leaving, Location coming, std::int32_t place) noexcept {
        const Location before = state.before(leaving), after = state.after(leaving);
        Change<F> change;
        state.drop_arc(change, before, leaving);
        state.drop_arc(change, leaving, after);
        if (place == state.position_of(leaving)) {
            state.add_arc(change, before, coming);
            state.add_arc(change, coming, after);
        } else {
            const Location from = state.at(r, place - 1), to = state.at(r, place);
            state.add_arc(change, before, after);
            state.drop_arc(change, from, to);
            state.add_arc(change, from, coming);
            state.add_arc(change, coming, to);
        }
        return state.price(r, change);
    }

    template <typename F>
    static void put(State<F>& state, RouteIndex r, std::int32_t leaving, Location coming, std::int32_t place) {
        const std::span<const Location> one(&coming, 1);
        if (place == leaving) return state.splice(r, leaving, 1, one);
        // The later edit first, so that it moves nothing before it.
        if (place > leaving) state.splice(r, place, 0, one);
        state.splice(r, leaving, 1, {});
        if (place < leaving) state.splice(r, place, 0, one);
    }
};

/// Finds the best swap between two routes.
template <typename F>
class SwapStarSearch {
public:
    /// The best one that costs less than `best`, which it lowers. O(length_a * length_b). Like Vidal, it trusts the triangle
    /// inequality: a pair whose removals do not save more than overloading costs is not looked at.
    [[nodiscard]] SwapStar operator()(const State<F>& state, RouteIndex a, RouteIndex b, Total& best) {
        survey(state, a, b, leaving_a_);
        survey(state, b, a, leaving_b_);
        const Total paid = state.paid_by(a, b);
        SwapStar found;
        for (std::size_t i = 0; i < leaving_a_.size(); ++i)
            for (std::size_t j = 0; j < leaving_b_.size(); ++j) {
                const Leaving &one = leaving_a_[i], &other = leaving_b_[j];
                Total delta = -one.saved - other.saved;
                if (delta - paid >= best) continue;
                delta += state.overload_change(a, state.load(a) - state.demand(one.customer) + state.demand(other.customer)) +
                         state.overload_change(b, state.load(b) - state.demand(other.customer) + state.demand(one.customer));
                if (delta >= best) continue;
                const Place to_b = place(state, one, other, static_cast<std::int32_t>(j)), to_a = place(state, other, one, static_cast<std::int32_t>(i));
                delta += to_b.detour + to_a.detour;
                if (delta >= best) continue;
                best = delta;
                found = {one.customer, other.customer, to_b.position, to_a.position};
            }
        return found;
    }

private:
    struct Place {
        Total detour = no_limit / 8;
        std::int32_t position = 0;
    };
    /// A customer that might leave its route: what that saves, and its three cheapest places on the other route, one of which is
    /// not next to the customer that leaves there.
    struct Leaving {
        Location customer, before, after;
        Total saved, closing;  ///< `closing`: the arc from `before` to `after`
        std::array<Place, 3> places;
    };

    static void survey(const State<F>& state, RouteIndex from, RouteIndex to, std::vector<Leaving>& out) {
        out.clear();
        const auto visits = state.route(to);
        const auto arcs = state.arcs(to);
        for (const Location c : state.route(from)) {
            Leaving l{c, state.before(c), state.after(c), 0, 0, {}};
            l.closing = l.before == depot && l.after == depot ? 0 : state.arc(l.before, l.after);
            l.saved = static_cast<Total>(state.arc_before(c)) + state.arc_after(c) - l.closing;
            Location previous = depot;
            for (std::size_t p = 0; p <= visits.size(); ++p) {
                const Location next = p < visits.size() ? visits[p] : depot;
                const Place place{static_cast<Total>(state.arc(previous, c)) + state.arc(c, next) - arcs[p], static_cast<std::int32_t>(p)};
                if (place.detour < l.places[2].detour) {
                    l.places[2] = place;
                    if (l.places[2].detour < l.places[1].detour) std::swap(l.places[1], l.places[2]);
                    if (l.places[1].detour < l.places[0].detour) std::swap(l.places[0], l.places[1]);
                }
                previous = next;
            }
            out.push_back(l);
        }
    }

    /// Where c goes best when `other` has left its position j there.
    static Place place(const State<F>& state, const Leaving& c, const Leaving& other, std::int32_t j) {
        Place best{static_cast<Total>(state.arc(other.before, c.customer)) + state.arc(c.customer, other.after) - other.closing, j};
        for (const Place& p : c.places)
            if (p.position != j && p.position != j + 1) {
                if (p.detour < best.detour) best = p;
                break;
            }
        return best;
    }

    std::vector<Leaving> leaving_a_, leaving_b_;
};

}  // namespace netdesign::routing
