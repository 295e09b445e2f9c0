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
    Location behind = depot;          ///< a visit of the route, or its start
    Total delta = no_limit;
    RouteIndex vehicle = nowhere;     ///< an empty route that has to take over, where the route's own vehicle is too small
};

/// What it costs beyond the arcs that c comes between two neighbours of a route: `no_limit` where a limit on distance or time
/// forbids it, a change in what lateness costs where that has a price. O(1).
template <typename F>
[[nodiscard, gnu::always_inline]] inline Total limits_cost(const State<F>& state, RouteIndex r, Location from, Location c, Location to, const Change<F>& change) {
    if constexpr (F::rich)
        if (!state.within_distance(r, change)) return no_limit;
    if constexpr (F::timed) {
        auto clock = state.clock(r, from);
        if (!state.advance(clock, from, c)) return no_limit;
        const Total lateness = state.lateness_change(r, clock, c, to);
        return lateness > 0 && !state.trespassing() ? no_limit : lateness;
    }
    return 0;
}

/// What the arcs of a route become when c comes between two neighbours of it.
template <typename F>
[[nodiscard]] Change<F> detour(const State<F>& state, Location from, Location c, Location to) {
    Change<F> change;
    state.add_arc(change, from, c);
    state.add_arc(change, c, to);
    state.drop_arc(change, from, to);
    return change;
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

/// What it costs to let another vehicle drive route r that can carry c too: the cheapest free one, of a type that could
/// drive the route otherwise. O(types).
template <typename F>
void consider_larger_vehicle(State<F>& state, RouteIndex r, Location from, Location c, Location to, Position& best) requires(F::rich) {
    const auto load = state.load(r) + state.demand(c);
    const Change<F> change = detour(state, from, c, to);
    if (limits_cost(state, r, from, c, to, change) + state.lateness_paid(r) != 0) return;
    Change<F> whole = state.total(r);
    whole.distance += change.distance;
    whole.time += change.time;
    const Total now = state.price(r, state.total(r)) + state.overload_cost(r, state.load(r)) + state.lateness_paid(r);
    for (const std::int32_t type : state.stand_ins(state.type_of(r))) {
        if (!load.fits(state.capacity_of(type))) continue;
        const Total delta = state.price_on(type, whole) - now;
        if (delta >= best.delta) continue;
        if (const RouteIndex vehicle = state.empty_route(type); vehicle != nowhere) best = {r, from, delta, vehicle};
    }
}

/// One place on a route that has room: the best if it is cheaper than the best so far and no blink overlooks it. `distance`
/// is what the detour adds.
template <typename F>
[[gnu::always_inline]] inline void consider_place(const State<F>& state, RouteIndex r, Location from, Location c, Location to, Total distance, Total overload,
                                                  const Blink& blink, Position& best) {
    if (state.detour_price(r, distance) + overload >= best.delta || blink()) return;
    Change<F> change;
    Total delta = distance + overload;
    if constexpr (F::rich) {
        change.distance = distance;
        if (state.problem().pays_time()) change = detour(state, from, c, to);
        delta = state.price(r, change) + overload;
        if (delta >= best.delta) return;
    }
    const Total limits = limits_cost(state, r, from, c, to, change);
    if (limits < no_limit && delta + limits < best.delta) best = {r, from, delta + limits};
}

/// Best place for c next to one of its neighbours. O(neighbours). No place where nothing fits.
template <typename F>
void best_near(State<F>& state, Location c, bool scanned, const Blink& blink, Position& best) {
    const auto& problem = state.problem();
    const bool symmetric = problem.symmetric();
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
        const Total overload = state.overload_change(r, state.load(r) + state.demand(c));
        if (scanned && overload == 0) continue;
        const bool fits = overload == 0 || (state.trespassing() && overload < best.delta);
        const bool new_before = state.is_depot(before) || out + arc_before > reach;
        if (fits) {
            if (state.detour_price(r, 2 * (in - arc_after)) + overload < best.delta) {
                const Location after = state.after(v);
                consider_place(state, r, v, c, after, in + state.arc(c, after) - arc_after, overload, blink, best);
            }
            if (new_before && state.detour_price(r, 2 * (out - arc_before)) + overload < best.delta) {
                const Total way_in = symmetric ? state.arc(c, before) : state.arc(before, c);
                consider_place(state, r, before, c, v, way_in + out - arc_before, overload, blink, best);
            }
        } else if constexpr (F::rich) {
            if (state.stand_ins(state.type_of(r)).empty() || blink()) continue;
            consider_larger_vehicle(state, r, v, c, state.after(v), best);
            if (new_before) consider_larger_vehicle(state, r, before, c, v, best);
        }
    }
}

/// Best place for c on one route, all places considered. O(length).
template <typename F>
void scan_route(const State<F>& state, Location c, RouteIndex r, const Blink& blink, Position& best) {
    const auto& problem = state.problem();
    const auto visits = state.route(r);
    const auto arcs = state.arcs(r);
    const bool symmetric = problem.symmetric();
    const Cost* const row = problem.row(c);
    const auto to_visit = [&](Location v) { return row ? row[v] : problem.cost(c, v); };
    Location from = state.start(r);
    Cost in = state.arc(from, c);
    for (std::size_t p = 0; p <= visits.size(); ++p) {
        const Location to = p < visits.size() ? visits[p] : state.end(r);
        const Cost out = p < visits.size() ? to_visit(to) : state.arc(c, to);
        consider_place(state, r, from, c, to, static_cast<Total>(in) + out - arcs[p], 0, blink, best);
        from = to;
        in = symmetric || p == visits.size() ? out : problem.cost(to, c);
    }
}

/// Best place for c. After a ruin few routes have room, and looking at every place of those is cheaper than looking at
/// all neighbours and misses nothing; where many have room, or there are many routes, only places next to neighbours count. So they
/// do where routes have clocks and limits: a place costs more to judge there, and room for the load is not what is short.
template <typename F>
[[nodiscard]] Position best_place(State<F>& state, Location c, const Blink& blink) {
    constexpr std::int32_t most_routes = 256, most_places = 320;
    const auto used = state.used();
    Position best;
    std::array<RouteIndex, most_places> roomy;
    std::size_t count = 0;
    std::int32_t places = 0;
    bool scan = !(F::timed && F::rich) && static_cast<std::int32_t>(used.size()) <= most_routes;
    if (scan)
        for (const RouteIndex r : used) {
            if (!state.has_room(r, c)) continue;
            places += state.length(r) + 1;
            if (places > most_places) {
                scan = false;
                break;
            }
            roomy[count++] = r;
        }
    if (scan)
        for (const RouteIndex r : std::span(roomy).first(count)) scan_route(state, c, r, blink, best);
    if (!scan || (F::rich && state.swaps_vehicles()) || state.trespassing()) best_near(state, c, scan, blink, best);
    return best;
}

/// Best place for c anywhere, O(n): for the rare customer that fits next to no neighbour.
template <typename F>
[[nodiscard]] Position best_anywhere(const State<F>& state, Location c, const Blink& never) {
    Position best;
    for (const RouteIndex r : state.used())
        if (state.has_room(r, c)) scan_route(state, c, r, never, best);
    return best;
}

/// A route of its own for c that costs less than `limit`, if a vehicle is left and it can be there in time: the cheapest. O(types).
template <typename F>
[[nodiscard]] Position own_route(State<F>& state, Location c, const Blink& blink, Total limit = no_limit) {
    Position best;
    best.delta = limit;
    for (std::int32_t type = 0; type < state.types(); ++type) {
        const RouteIndex r = state.empty_route(type);
        if (r == nowhere || !state.demand(c).fits(state.capacity(r))) continue;
        const Change<F> change = detour(state, state.start(r), c, state.end(r));
        const Total delta = state.price(r, change);
        if (delta >= best.delta || (state.types() > 1 && blink())) continue;
        if (limits_cost(state, r, state.start(r), c, state.end(r), change) == 0) best = {r, state.start(r), delta};
    }
    return best;
}

template <typename F>
void insert(State<F>& state, Location c, const Position& place) {
    RouteIndex r = place.route;
    if constexpr (F::rich)
        if (place.vehicle != nowhere) {
            state.add_cost(state.price(place.vehicle, state.total(r)) - state.price(r, state.total(r)) - state.overload_cost(r, state.load(r)) -
                           state.lateness_paid(r));
            state.change_vehicle(r, place.vehicle);
            r = place.vehicle;
            state.add_cost(state.lateness_paid(r));
        }
    state.insert(c, r, place.behind);
}

}  // namespace netdesign::routing
