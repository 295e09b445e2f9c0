// Start solutions.
#pragma once

#include <algorithm>
#include <numeric>
#include <span>
#include <tuple>
#include <vector>

#include "routing/moves/tails.hpp"
#include "routing/plan.hpp"
#include "routing/recreate.hpp"

namespace netdesign::routing {

/// Everybody on a route of their own, then routes joined in order of savings (Clarke and Wright 1964), among
/// neighbours only. Needs a vehicle per customer. O(n * neighbours * log n) plus the edits.
template <typename F>
void savings(State<F>& state, std::span<const Location> customers, const Blink& never) {
    const auto& problem = state.problem();
    for (const Location c : customers) {
        const Position own = own_route(state, c, never);
        own.route == nowhere ? state.leave_unserved(c) : insert(state, c, own);
    }
    state.settle();
    struct Saving {
        Total amount;
        Location i, j;
    };
    std::vector<Saving> list;
    for (const Location i : customers)
        for (const Location j : problem.neighbours(i))
            if (!problem.symmetric() || i < j || std::ranges::find(problem.neighbours(j), i) == problem.neighbours(j).end())
                if (const Total s = static_cast<Total>(problem.cost(i, depot)) + problem.cost(depot, j) - problem.cost(i, j); s > 0) list.push_back({s, i, j});
    std::ranges::sort(list, [](const Saving& a, const Saving& b) { return std::tuple(-a.amount, a.i, a.j) < std::tuple(-b.amount, b.i, b.j); });
    const auto is_first = [&](Location c) { return state.before(c) == depot; };
    const auto is_last = [&](Location c) { return state.after(c) == depot; };
    const bool turnable = !F::timed && problem.symmetric();
    for (const auto& [amount, i, j] : list) {
        const RouteIndex a = state.route_of(i), b = state.route_of(j);
        if (a == b || a == nowhere || b == nowhere || !(state.load(a) + state.load(b)).fits(state.capacity(a))) continue;
        if ((!is_first(i) && !is_last(i)) || (!is_first(j) && !is_last(j))) continue;
        if (turnable && !is_last(i) && is_first(j)) state.reverse(a, 0, state.length(a) - 1);
        if (turnable && is_last(i) && !is_first(j)) state.reverse(b, 0, state.length(b) - 1);
        SwapTails join{a, b, state.length(a), 0};
        if (!is_last(i) || !is_first(j)) {
            if (!problem.symmetric() || !is_first(i) || !is_last(j)) continue;
            join = {b, a, state.length(b), 0};
        }
        if (const Total delta = join.evaluate(state, 0); delta < 0) {
            join.apply(state);
            state.add_cost(delta);
        }
    }
}

/// Throw a plan away for another one that keeps the rules, overloaded routes aside where they are allowed. O(n).
template <typename F>
void load_plan(State<F>& state, std::span<const PlannedRoute> routes, std::span<const Location> unserved = {}) {
    state.begin();
    while (state.used_routes() > 0) state.remove(state.used().back(), 0, state.length(state.used().back()));
    std::vector<Location> dropped;
    state.take_unserved(dropped);
    for (const Location c : unserved) state.leave_unserved(c);
    for (const auto& [type, visits] : routes) {
        const RouteIndex r = state.empty_route(type);
        Location last = state.start(r);
        for (const Location c : visits) state.insert(c, r, last), last = c;
    }
    state.settle();
}

/// A first plan: the given routes where they keep the rules, savings where every customer may have a vehicle of the
/// only kind there is, insertion in order of deadline or distance otherwise.
template <typename F>
void construct(State<F>& state, std::span<const PlannedRoute> start, base::Random& random) {
    const Blink never(0.0, random);
    std::vector<Location> open;
    state.begin();
    state.take_unserved(open);
    std::vector<std::uint8_t> placed(static_cast<std::size_t>(state.problem().size()), 0);
    for (const auto& [type, visits] : start) {
        const RouteIndex r = state.empty_route(type);
        if (r == nowhere) continue;
        Location last = state.start(r);
        for (const Location c : visits) {
            if (placed[static_cast<std::size_t>(c)] || !state.has_room(r, c)) continue;
            if (limits_cost(state, r, last, c, state.end(r), detour(state, last, c, state.end(r))) != 0) continue;
            state.insert(c, r, last);
            last = c;
            placed[static_cast<std::size_t>(c)] = 1;
        }
    }
    std::erase_if(open, [&](Location c) { return placed[static_cast<std::size_t>(c)] != 0; });
    if (start.empty() && state.problem().plain() && state.route_slots() >= state.problem().customers()) {
        savings(state, open, never);
    } else {
        arrange(state, std::span(open), F::timed ? Order::closing : Order::far, random);
        recreate(state, open, 0.0, random);
    }
    state.settle();
}

}  // namespace netdesign::routing
