// Where a customer fits: the question behind recreate and behind the start solution.
#pragma once

#include <array>
#include <limits>
#include <span>

#include "base/random.hpp"
#include "routing/state.hpp"

namespace netdesign::routing {

struct Position {
    RouteIndex route = nowhere;
    std::int32_t at = 0;
    Total delta = std::numeric_limits<Total>::max();
};

/// Whether c fits between two neighbours of a route in time. O(1).
template <typename F>
[[nodiscard]] bool fits_in_time(const State<F>& state, Location from, Location c, Location to) {
    if constexpr (F::timed) {
        const Time start = state.arrive(state.early(from), from, c);
        if (start > state.problem().latest(c)) return false;
        return state.arrive(start, c, to) <= state.late(to);
    }
    return true;
}

/// Blinks: each place is overlooked with a small chance, so that the same ruin does not always mend the same way
/// (Christiaens and Vanden Berghe 2020).
class Blink {
public:
    Blink(double chance, base::Random& random) : threshold_(static_cast<std::uint64_t>(chance * 0x1p64)), random_(random) {}
    [[nodiscard]] bool operator()() const { return threshold_ != 0 && random_.next() < threshold_; }

private:
    std::uint64_t threshold_;
    base::Random& random_;
};

/// Best place for c next to one of its neighbours. O(neighbours). No place where nothing fits.
template <typename F>
[[nodiscard]] Position best_near(const State<F>& state, Location c, const Blink& blink) {
    Position best;
    const auto& problem = state.problem();
    const auto& demand = state.demand(c);
    const bool symmetric = problem.symmetric();
    const auto consider = [&](Location from, Location to, RouteIndex r, std::int32_t at, Total delta) {
        if (delta >= best.delta || blink()) return;
        if (fits_in_time(state, from, c, to)) best = {r, at, delta};
    };
    // Beyond this reach a neighbour's predecessor may be missing from the list; within it, the place before v
    // is seen again as the place after that predecessor.
    const auto near = problem.neighbours(c);
    const Total reach = F::timed || !symmetric || near.empty() ? -1 : problem.cost(c, near.back());
    for (const Location v : near) {
        const RouteIndex r = state.route_of(v);
        if (r == nowhere) continue;
        // Where costs are symmetric all arcs are read from the row of c, which stays in the cache.
        const Total out = problem.cost(c, v), in = symmetric ? out : problem.cost(v, c);
        const Total arc_after = state.arc_after(v), arc_before = state.arc_before(v);
        const Location before = state.before(v);
        // A detour over v costs at least twice what v lies beyond the arc it breaks (triangle inequality).
        const bool look_after = 2 * (in - arc_after) < best.delta;
        const bool look_before = 2 * (out - arc_before) < best.delta && (before == depot || out + arc_before > reach);
        if ((!look_after && !look_before) || !(state.load(r) + demand).fits(state.capacity())) continue;
        const std::int32_t at = state.position_of(v);
        if (look_after) consider(v, state.after(v), r, at + 1, in + problem.cost(c, state.after(v)) - arc_after);
        if (look_before) consider(before, v, r, at, (symmetric ? problem.cost(c, before) : problem.cost(before, c)) + out - arc_before);
    }
    return best;
}

/// Best place for c on one route, all places considered. O(length).
template <typename F>
void scan_route(const State<F>& state, Location c, RouteIndex r, const Blink& blink, Position& best) {
    const auto& problem = state.problem();
    const auto visits = state.route(r);
    Location from = depot;
    Cost arc = state.arc_before(visits.front()), in = problem.cost(depot, c);
    for (std::size_t p = 0; p <= visits.size(); ++p) {
        const Location to = p < visits.size() ? visits[p] : depot;
        const Cost out = problem.cost(c, to);
        const Total delta = static_cast<Total>(in) + out - arc;
        if (delta < best.delta && !blink() && fits_in_time(state, from, c, to)) best = {r, static_cast<std::int32_t>(p), delta};
        if (to == depot) break;
        from = to;
        in = problem.symmetric() ? out : problem.cost(to, c);
        arc = state.arc_after(to);
    }
}

/// Best place for c. After a ruin few routes have room, and looking at every place of those is cheaper than looking at
/// all neighbours and misses nothing; where many have room, or there are many routes, only places next to neighbours count.
template <typename F>
[[nodiscard]] Position best_place(const State<F>& state, Location c, const Blink& blink) {
    constexpr std::int32_t most_routes = 256, most_places = 320;
    const auto used = state.used();
    if (static_cast<std::int32_t>(used.size()) > most_routes) return best_near(state, c, blink);
    std::array<RouteIndex, most_places> roomy;
    std::size_t count = 0;
    std::int32_t places = 0;
    for (const RouteIndex r : used) {
        if (!(state.load(r) + state.demand(c)).fits(state.capacity())) continue;
        places += state.length(r) + 1;
        if (places > most_places) return best_near(state, c, blink);
        roomy[count++] = r;
    }
    Position best;
    for (const RouteIndex r : std::span(roomy).first(count)) scan_route(state, c, r, blink, best);
    return best;
}

/// Best place for c anywhere, O(n): for the rare customer that fits next to no neighbour.
template <typename F>
[[nodiscard]] Position best_anywhere(const State<F>& state, Location c, const Blink& never) {
    Position best;
    for (const RouteIndex r : state.used())
        if ((state.load(r) + state.demand(c)).fits(state.capacity())) scan_route(state, c, r, never, best);
    return best;
}

/// A route of its own for c, if a vehicle is left and it can be there in time. O(1).
template <typename F>
[[nodiscard]] Position own_route(State<F>& state, Location c) {
    const RouteIndex r = state.empty_route();
    if (r == nowhere || !state.demand(c).fits(state.capacity()) || !fits_in_time(state, depot, c, depot)) return {};
    return {r, 0, state.insertion_cost(depot, c, depot)};
}

}  // namespace netdesign::routing
