// Recreate: put removed customers back, one after the other, each where it costs least.
#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include "base/random.hpp"
#include "routing/insertion.hpp"

namespace netdesign::routing {

/// In which order customers come back. Weights as in Christiaens and Vanden Berghe (2020), section 5.2;
/// `closing` (earliest deadline first) is for time windows only.
enum class Order : std::int8_t { random, demand, far, close, closing };

template <typename F>
Order draw_order(base::Random& random) {
    const double u = random.unit() * (F::timed ? 13.0 : 11.0);
    return u < 4 ? Order::random : u < 8 ? Order::demand : u < 10 ? Order::far : u < 11 ? Order::close : Order::closing;
}

/// Distance from the nearest depot.
inline Cost remoteness(const Problem& problem, Location c) {
    Cost nearest = problem.cost(depot, c);
    for (Location d = depot + 1; d < problem.depots(); ++d) nearest = std::min(nearest, problem.cost(d, c));
    return nearest;
}

/// Sort customers for reinsertion, ties by shuffling first.
template <typename F>
void arrange(const State<F>& state, std::span<Location> customers, Order order, base::Random& random) {
    random.shuffle(customers);
    const auto by = [&](auto key) { std::stable_sort(customers.begin(), customers.end(), [&](Location a, Location b) { return key(a) < key(b); }); };
    const auto& problem = state.problem();
    switch (order) {
        case Order::random: break;
        case Order::demand: by([&](Location c) { return -static_cast<Total>(state.demand(c).amount[0]); }); break;
        case Order::far: by([&](Location c) { return -remoteness(problem, c); }); break;
        case Order::close: by([&](Location c) { return remoteness(problem, c); }); break;
        case Order::closing: if constexpr (F::timed) by([&](Location c) { return problem.latest(c); }); break;
    }
}

/// Insert every customer of the span at its cheapest place, or on a route of its own where that is cheaper, anywhere
/// else where neither is possible. Who fits nowhere is left unserved. O(neighbours) per customer plus the edits.
template <typename F>
void recreate(State<F>& state, std::span<const Location> customers, double blink, base::Random& random) {
    const Blink sometimes(blink, random), never(0.0, random);
    for (const Location c : customers) {
        Position best = best_place(state, c, sometimes);
        if (const Position own = own_route(state, c, sometimes, best.delta); own.route != nowhere) best = own;
        if (best.route == nowhere) best = best_anywhere(state, c, never);
        if (best.route == nowhere)
            state.leave_unserved(c);
        else
            insert(state, c, best);
    }
}

}  // namespace netdesign::routing
