// The mutable twin of a problem: one plan under search, with everything that makes a move cheap to judge.
//
// Routes are contiguous arrays of customers. Per customer stand its route, its neighbours on it with the arcs to
// them, its position, the load up to it and, where windows matter, its times. There are two kinds of edit:
//
//   light   `remove` and `insert`, for ruin and recreate: O(1) and a short move of memory. Neighbours, loads of
//           routes and times are right at once; positions and loads up to a visit only after `settle`.
//   bulk    `splice`, `reverse`, `swap_tails`, `change_vehicle`, for moves: O(length of the routes edited), on a
//           settled state; everything is right at once.
//
// A journal keeps what an iteration changed, so that undoing costs what doing cost, and nothing in the loop is O(n).
#pragma once

#include <cassert>
#include <cstdint>
#include <span>
#include <vector>

#include "routing/features.hpp"

namespace netdesign::routing {

/// A route is a vehicle: every vehicle of the fleet has a slot, type by type.
using RouteIndex = std::int32_t;
inline constexpr RouteIndex nowhere = -1;
inline constexpr Location nobody = -2;
inline constexpr Total price_scale = 1024;

template <typename F>
class State {
public:
    using LoadType = Load<F::dimensions>;

    explicit State(const Problem& problem);

    // -- reading: O(1) ------------------------------------------------------------------------------------

    [[nodiscard]] const Problem& problem() const noexcept { return *problem_; }
    /// Cost of the routes and the penalties of the unserved.
    [[nodiscard]] Total cost() const noexcept { return cost_; }
    /// Cost of the routes alone.
    [[nodiscard]] Total served_cost() const noexcept {
        Total cost = cost_;
        for (const Location c : unserved_) cost -= penalty(c);
        return cost;
    }
    /// The same without what overloading and lateness cost; O(routes) where there is any.
    [[nodiscard]] Total route_cost() const noexcept { return served_cost() - penalties_paid(); }
    [[nodiscard]] RouteIndex route_of(Location c) const noexcept { return visits_[index(c)].route; }
    [[nodiscard]] std::span<const Location> route(RouteIndex r) const noexcept { return routes_[index(r)].visits; }
    [[nodiscard]] std::int32_t length(RouteIndex r) const noexcept {
        return static_cast<std::int32_t>(routes_[index(r)].visits.size());
    }
    /// Arcs of a route that is not empty, one more than it has visits.
    [[nodiscard]] std::span<const Cost> arcs(RouteIndex r) const noexcept { return routes_[index(r)].arcs; }
    [[nodiscard]] RouteIndex route_slots() const noexcept { return static_cast<RouteIndex>(routes_.size()); }
    [[nodiscard]] std::int32_t used_routes() const noexcept { return static_cast<std::int32_t>(used_.size()); }
    /// The routes that are not empty, in no order.
    [[nodiscard]] std::span<const RouteIndex> used() const noexcept { return used_; }
    [[nodiscard]] std::span<const Location> unserved() const noexcept { return unserved_; }

    [[nodiscard]] bool is_depot(Location i) const noexcept {
        if constexpr (F::rich)
            return i < problem_->depots();
        else
            return i == depot;
    }
    [[nodiscard]] std::int32_t type_of(RouteIndex r) const noexcept {
        if constexpr (F::rich)
            return slots_[index(r)].type;
        else
            return 0;
    }
    [[nodiscard]] Location start(RouteIndex r) const noexcept {
        if constexpr (F::rich)
            return rates_of(r).start;
        else
            return depot;
    }
    [[nodiscard]] Location end(RouteIndex r) const noexcept {
        if constexpr (F::rich)
            return rates_of(r).end;
        else
            return depot;
    }

    /// The customer at a position of a route, its depots on either side of it.
    [[nodiscard]] Location at(RouteIndex r, std::int32_t position) const noexcept {
        const auto& visits = routes_[index(r)].visits;
        if (static_cast<std::size_t>(position) < visits.size()) return visits[index(position)];
        return position < 0 ? start(r) : end(r);
    }
    [[nodiscard]] Location before(Location c) const noexcept { return visits_[index(c)].before; }
    [[nodiscard]] Location after(Location c) const noexcept { return visits_[index(c)].after; }
    [[nodiscard]] Cost arc_before(Location c) const noexcept { return visits_[index(c)].arc_before; }
    [[nodiscard]] Cost arc_after(Location c) const noexcept { return visits_[index(c)].arc_after; }
    /// Problem::cost, and nothing to and from `anywhere`.
    [[nodiscard, gnu::always_inline]] Cost arc(Location i, Location j) const noexcept {
        if constexpr (F::rich)
            if (i == anywhere || j == anywhere) return 0;
        return problem_->cost(i, j);
    }

    [[nodiscard]] const LoadType& demand(Location c) const noexcept { return demand_[index(c)]; }
    [[nodiscard]] const LoadType& capacity(RouteIndex r) const noexcept { return slots_[index(r)].capacity; }
    [[nodiscard]] const LoadType& capacity_of(std::int32_t type) const noexcept { return capacity_[index(type)]; }
    [[nodiscard]] const LoadType& load(RouteIndex r) const noexcept { return slots_[index(r)].load; }
    [[nodiscard]] bool has_room(RouteIndex r, Location c) const noexcept { return (load(r) + demand(c)).fits(capacity(r)); }
    /// Load beyond capacity, all routes together.
    [[nodiscard]] Total excess() const noexcept { return excess_; }
    /// How far windows and longest durations are missed, all routes together; nothing unless lateness has a price.
    [[nodiscard]] Total lateness() const noexcept { return lateness_; }
    /// Whether no route is overloaded or late.
    [[nodiscard]] bool keeps_rules() const noexcept { return (excess_ | lateness_) == 0; }
    /// What two routes pay for rules that they break: a move between them saves no more than that beside its arcs.
    [[nodiscard]] Total paid_by(RouteIndex a, RouteIndex b) const noexcept {
        if (keeps_rules()) [[likely]]
            return 0;
        return overload_cost(a, load(a)) + overload_cost(b, load(b)) + lateness_paid(a) + lateness_paid(b);
    }
    /// What a route would pay for a load beyond its capacity: `no_limit`, more than anything else costs, unless overloading has a price.
    [[nodiscard]] Total overload_cost(RouteIndex r, const LoadType& load) const noexcept {
        const std::int32_t excess = load.beyond(capacity(r));
        if (excess == 0) [[likely]]
            return 0;
        return overload_price_ == no_limit ? no_limit : excess * overload_price_ / price_scale;
    }
    /// The same for a change of the load it has.
    [[nodiscard]] Total overload_change(RouteIndex r, const LoadType& load) const noexcept {
        return overload_cost(r, load) - overload_cost(r, this->load(r));
    }
    /// Overloaded routes become possible, and in rich problems late ones, at a price per unit in 1/`price_scale` of the unit of
    /// costs; with `no_limit`, which needs a plan that keeps the rule, impossible.
    void set_prices(Total overload, Total lateness);
    /// What overloading and lateness cost now, all routes together. O(routes) where there is any.
    [[nodiscard]] Total penalties_paid() const noexcept;
    /// Whether insertion may break a rule that has a price.
    [[nodiscard]] bool trespassing() const noexcept { return trespassing_; }
    void set_trespassing(bool on) noexcept { trespassing_ = on; }

    // Right only on a settled state.
    [[nodiscard]] std::int32_t position_of(Location c) const noexcept { return visits_[index(c)].position; }
    /// Load of the customers at positions 0 .. position of a route.
    [[nodiscard]] LoadType load_upto(RouteIndex r, std::int32_t position) const noexcept {
        return position < 0 ? LoadType{} : visits_[index(routes_[index(r)].visits[index(position)])].load_upto;
    }

    // -- money ----------------------------------------------------------------------------------------------

    [[gnu::always_inline]] inline void add_arc(Change<F>& change, Location i, Location j) const noexcept { count_arc(change, i, j, 1); }
    [[gnu::always_inline]] inline void drop_arc(Change<F>& change, Location i, Location j) const noexcept { count_arc(change, i, j, -1); }
    /// What a change of its arcs costs on a route.
    [[nodiscard]] Total price(RouteIndex r, const Change<F>& change) const noexcept {
        if constexpr (F::rich)
            return price_on(type_of(r), change);
        else
            return change.money;
    }
    [[nodiscard]] Total price_on(std::int32_t type, const Change<F>& change) const noexcept {
        if constexpr (F::rich) {
            const Rates& rates = rates_[index(type)];
            return rates.distance * change.distance + rates.time * change.time + rates.half_fixed * change.ends;
        } else {
            return change.money;
        }
    }
    /// What a detour of a route that is not empty costs, given the distance; exact unless time costs money too.
    [[nodiscard]] Total detour_price(RouteIndex r, Total distance) const noexcept {
        if constexpr (F::rich)
            return rates_of(r).distance * distance;
        else
            return distance;
    }
    /// Whether a route stays within its longest distance.
    [[nodiscard]] bool within_distance(RouteIndex r, const Change<F>& change) const noexcept {
        if constexpr (F::rich)
            return routes_[index(r)].total.distance + change.distance <= rates_of(r).max_distance;
        else
            return true;
    }
    /// Whether the arcs inside a stretch cost or count differently on two routes.
    [[nodiscard]] bool inside_matters(RouteIndex a, RouteIndex b) const noexcept {
        const Rates &one = rates_of(a), &other = rates_of(b);
        return one.distance != other.distance || one.time != other.time || one.max_distance < no_limit || other.max_distance < no_limit;
    }
    /// All arcs of a route.
    [[nodiscard]] const Change<F>& total(RouteIndex r) const noexcept requires(F::rich) { return routes_[index(r)].total; }

    // -- time -----------------------------------------------------------------------------------------------

    /// The clock at a visit of a route, or at its start.
    [[nodiscard]] Clock<F> clock(RouteIndex r, Location at) const noexcept requires(F::timed) {
        if constexpr (F::rich)
            return is_depot(at) ? shift(r) : visits_[index(at)].time.upto;
        else
            return at == depot ? problem_->earliest(depot) : visits_[index(at)].time.early;
    }
    /// Drive on to a customer; false where its window is missed and must not be.
    [[nodiscard]] bool advance(Clock<F>& clock, Location from, Location to) const noexcept requires(F::timed) {
        if constexpr (F::rich) {
            clock.append({0, problem_->earliest(to), problem_->latest(to)}, way(from, to));
            return clock.late == 0 || lateness_price_ != no_limit;
        } else {
            clock = std::max(clock + problem_->duration(from, to), problem_->earliest(to));
            return clock <= problem_->latest(to);
        }
    }
    /// How late a vehicle of route r is in all when it goes on to `to` and does what follows there, up to its own end; time
    /// beyond its longest duration counts.
    [[nodiscard, gnu::always_inline]] Time lateness_by(RouteIndex r, Clock<F> clock, Location from, Location to) const noexcept requires(F::timed) {
        if constexpr (F::rich) {
            clock.append(is_depot(to) ? shift(r) : visits_[index(to)].time.from, way(from, to));
            return clock.late + std::max(clock.duration - rates_of(r).max_duration, 0);
        } else {
            return std::max(clock + problem_->duration(from, to) - (to == depot ? problem_->latest(depot) : visits_[index(to)].time.late), 0);
        }
    }
    /// What lateness costs: `no_limit`, more than anything else, unless it has a price.
    [[nodiscard]] Total lateness_cost(Time late) const noexcept {
        if (late == 0) [[likely]]
            return 0;
        return lateness_price_ == no_limit ? no_limit : late * lateness_price_ / price_scale;
    }
    /// What it pays for the lateness it has.
    [[nodiscard]] Total lateness_paid(RouteIndex r) const noexcept {
        if constexpr (F::timed && F::rich)
            return lateness_cost(slots_[index(r)].late);
        else
            return 0;
    }
    /// The same for what it would have, instead of what it has.
    [[nodiscard, gnu::always_inline]] Total lateness_change(RouteIndex r, const Clock<F>& clock, Location from, Location to) const noexcept requires(F::timed) {
        return lateness_cost(lateness_by(r, clock, from, to)) - lateness_paid(r);
    }
    /// Whether the times stored from a visit on hold for another route too.
    [[nodiscard]] bool ends_alike(RouteIndex a, RouteIndex b) const noexcept {
        if constexpr (F::rich && F::timed)
            return type_of(a) == type_of(b) || (end(a) == end(b) && shift(a).latest == shift(b).latest);
        else
            return true;
    }
    [[nodiscard]] Time way(Location from, Location to) const noexcept {
        return to == anywhere ? problem_->service(from) : problem_->duration(from, to);
    }

    // -- vehicles that are free -----------------------------------------------------------------------------

    [[nodiscard]] std::int32_t types() const noexcept { return static_cast<std::int32_t>(empty_.size()); }
    /// An empty route of a type, or `nowhere` when all its vehicles are out.
    [[nodiscard]] RouteIndex empty_route(std::int32_t type = 0);
    /// Types that could drive any route of this one except for its load.
    [[nodiscard]] std::span<const std::int32_t> stand_ins(std::int32_t type) const noexcept requires(F::rich) { return stand_ins_[index(type)]; }

    /// Whether a route may be handed to a vehicle of another type at all.
    [[nodiscard]] bool swaps_vehicles() const noexcept { return swaps_vehicles_; }

    // -- light edits ----------------------------------------------------------------------------------------

    /// Take customers off their route.
    void remove(RouteIndex r, std::int32_t first, std::int32_t count);
    /// Put a customer behind a visit of a route, or behind its start.
    void insert(Location c, RouteIndex r, Location behind);
    /// What leaving a customer unserved costs: more than any detour, and more with every `press`.
    [[nodiscard]] Total penalty(Location c) const noexcept { return penalty_ + (pressed_.empty() ? 0 : pressed_[index(c)] * pressure_); }
    /// Raise the penalty of everybody who is unserved now, so that in time they push others out who find another place
    /// (the absences of Christiaens and Vanden Berghe 2020, section 5.4).
    void press();
    void leave_unserved(Location c);
    /// Hand over the customers that were left unserved, to try them again.
    void take_unserved(std::vector<Location>& out);
    /// Make positions and loads up to a visit right again.
    void settle();

    // -- bulk edits: the caller answers for cost and feasibility ---------------------------------------------

    /// Put visits in place of `count` visits from `first` on.
    void splice(RouteIndex r, std::int32_t first, std::int32_t count, std::span<const Location> visits);
    void reverse(RouteIndex r, std::int32_t first, std::int32_t last);
    /// The visits from `first_a` on go to b, those from `first_b` on go to a.
    void swap_tails(RouteIndex a, std::int32_t first_a, RouteIndex b, std::int32_t first_b);
    /// The whole of a route moves to an empty one; allowed on an unsettled state too.
    void change_vehicle(RouteIndex from, RouteIndex to);
    void add_cost(Total delta) noexcept { cost_ += delta; }

    // -- the journal ------------------------------------------------------------------------------------------

    /// Begin an iteration: from here on `rollback` returns to.
    void begin();
    void rollback();
    /// Routes edited since `begin`.
    [[nodiscard]] std::span<const RouteIndex> touched() const noexcept { return {touched_.data(), touched_count_}; }

    /// Cost from scratch, O(n): for tests and for the final answer.
    [[nodiscard]] Total full_cost() const;
    /// Whether every cache equals what a fresh computation gives and every rule is kept, O(n): for tests.
    [[nodiscard]] bool consistent() const;
    /// Whether a route keeps every limit on time and distance; O(1) for distance, O(length) for time.
    [[nodiscard]] bool keeps_limits(RouteIndex r) const;

private:
    /// Aligned, so that it lies in one line of cache.
    struct alignas(F::timed ? 64 : 32) Visit {
        Location before = nobody, after = nobody;
        Cost arc_before = 0, arc_after = 0;  ///< of the arcs to them; kept so that a scan of neighbours stays in one line of cache
        RouteIndex route = nowhere;
        std::int32_t position = 0;
        LoadType load_upto;
        [[no_unique_address]] Times<F> time;
    };
    struct Nothing {};
    struct RouteData {
        std::vector<Location> visits;
        std::vector<Cost> arcs;  ///< before every visit, and after the last; so that a scan of the route reads in order
        std::uint64_t stamp = 0;
        std::int32_t place_in_used = 0;
        std::int32_t settled = 0;  ///< positions below are right; `all_settled` where all are
        bool listed = false;
        [[no_unique_address]] std::conditional_t<F::rich, RichChange, Nothing> total;
    };
    struct Saved {
        RouteIndex route = nowhere;
        std::vector<Location> visits;
        std::vector<Cost> arcs;
        LoadType load;
        Time late = 0;
        [[no_unique_address]] std::conditional_t<F::rich, RichChange, Nothing> total;
    };
    struct Logged {
        Location customer;
        Visit visit;
    };
    /// What a search asks of a type of vehicle again and again.
    struct Rates {
        Total distance = 1, time = 0, half_fixed = 0, max_distance = no_limit;
        Time max_duration = no_deadline;
        Location start = depot, end = depot;
        Span shift;
    };
    /// What insertion asks of a route, together in memory.
    struct Slot {
        LoadType load, capacity;
        std::int32_t type = 0;
        Time late = 0;
    };
    static constexpr std::int32_t all_settled = std::numeric_limits<std::int32_t>::max();

    template <typename Integer>
    static std::size_t index(Integer i) noexcept {
        return static_cast<std::size_t>(i);
    }

    [[nodiscard]] const Rates& rates_of(RouteIndex r) const noexcept { return rates_[index(type_of(r))]; }
    [[nodiscard]] const Span& shift(RouteIndex r) const noexcept { return rates_of(r).shift; }
    [[gnu::always_inline]] inline void count_arc(Change<F>& change, Location i, Location j, std::int32_t sign) const noexcept {
        if constexpr (F::rich) {
            const bool leaves = is_depot(i), returns = is_depot(j);
            if (leaves && returns) return;
            change.ends += sign * (leaves || returns ? 1 : 0);
            if (i == anywhere || j == anywhere) return;
            change.distance += sign * static_cast<Total>(problem_->cost(i, j));
            if (problem_->pays_time()) change.time += sign * static_cast<Total>(problem_->duration(i, j) - problem_->service(i));
        } else {
            if (i != depot || j != depot) change.money += sign * static_cast<Total>(problem_->cost(i, j));
        }
    }
    void apply_change(RouteIndex r, const Change<F>& change) noexcept {
        if constexpr (F::rich) {
            auto& total = routes_[index(r)].total;
            total.distance += change.distance;
            total.time += change.time;
            total.ends += change.ends;
        }
    }
    [[nodiscard]] std::int32_t locate(RouteIndex r, Location c) const noexcept;
    void link(Location a, Location b);
    void log(Location c) { log_.push_back({c, visits_[index(c)]}); }
    void unsettle(RouteIndex r, std::int32_t from) noexcept {
        auto& route = routes_[index(r)];
        route.settled = std::min(route.settled, from);
    }
    void save(RouteIndex r);
    void refresh(RouteIndex r, std::int32_t from);
    void settle(RouteIndex r);
    void refresh_times(RouteIndex r);
    void refresh_times_around(RouteIndex r, std::int32_t position);
    bool set_early(RouteIndex r, Location before, Location c);
    bool set_late(RouteIndex r, Location c, Location next);
    void refresh_total(RouteIndex r);
    void count_change(RouteIndex r, bool was_empty);
    void set_load(RouteIndex r, const LoadType& load) noexcept {
        excess_ += load.beyond(capacity(r)) - this->load(r).beyond(capacity(r));
        slots_[index(r)].load = load;
    }
    void set_lateness(RouteIndex r, Time late) noexcept {
        lateness_ += late - slots_[index(r)].late;
        slots_[index(r)].late = late;
    }
    void refresh_lateness(RouteIndex r);
    void find_stand_ins();

    const Problem* problem_;
    std::vector<LoadType> demand_, capacity_;
    std::vector<Rates> rates_;
    std::vector<Visit> visits_;
    std::vector<RouteData> routes_;
    std::vector<Slot> slots_;  ///< by route
    std::vector<std::vector<RouteIndex>> empty_;
    std::vector<std::vector<std::int32_t>> stand_ins_;
    std::vector<RouteIndex> used_;
    std::vector<Location> unserved_, saved_unserved_;
    std::vector<std::int32_t> pressed_;  ///< by customer, once somebody was unserved
    Total cost_ = 0, saved_cost_ = 0, penalty_ = 0, pressure_ = 0, excess_ = 0, lateness_ = 0, overload_price_ = no_limit, lateness_price_ = no_limit;

    std::uint64_t stamp_ = 0;
    std::vector<Saved> journal_;
    std::vector<RouteIndex> touched_;
    std::size_t touched_count_ = 0;
    std::vector<Logged> log_;
    bool trespassing_ = false;
    bool swaps_vehicles_ = false;
    bool bulk_ = false;           ///< a bulk edit since `begin`: the log does not tell all
    bool resettled_ = false;      ///< settled since `begin`: positions have to be settled back
    std::vector<Location> buffer_;
};

}  // namespace netdesign::routing
