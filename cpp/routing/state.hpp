// The mutable twin of a problem: one plan under search, with everything that makes a move cheap to judge.
//
// Routes are contiguous arrays of customers; per customer stand its route, its position, the load up to it
// and, where windows matter, the earliest start of its service and the latest that keeps the rest of the
// route on time. An edit costs O(length of the edited route). A journal keeps the routes as they were when
// the iteration began, so that undoing costs what doing cost, and nothing in the loop is O(n).
//
// Features is a compile-time mask: what a problem lacks is not in the struct and not in the code.
#pragma once

#include <array>
#include <cassert>
#include <cstdint>
#include <span>
#include <type_traits>
#include <vector>

#include "routing/problem.hpp"

namespace netdesign::routing {

template <bool TimeWindows, int Dimensions>
struct Features {
    static constexpr bool timed = TimeWindows;
    static constexpr int dimensions = Dimensions;
};

/// Load in every dimension.
template <int Dimensions>
struct Load {
    std::array<std::int32_t, Dimensions> amount{};

    Load& operator+=(const Load& other) noexcept {
        for (int k = 0; k < Dimensions; ++k) amount[k] += other.amount[k];
        return *this;
    }
    Load& operator-=(const Load& other) noexcept {
        for (int k = 0; k < Dimensions; ++k) amount[k] -= other.amount[k];
        return *this;
    }
    friend Load operator+(Load a, const Load& b) noexcept { return a += b; }
    friend Load operator-(Load a, const Load& b) noexcept { return a -= b; }
    [[nodiscard]] bool fits(const Load& capacity) const noexcept {
        bool ok = true;
        for (int k = 0; k < Dimensions; ++k) ok &= amount[k] <= capacity.amount[k];
        return ok;
    }
};

struct Untimed {};
struct Timed {
    Time early = 0;  ///< earliest start of service, given the route before it
    Time late = 0;   ///< latest start of service that keeps the rest of the route on time
};

using RouteIndex = std::int32_t;
inline constexpr RouteIndex nowhere = -1;
inline constexpr Location nobody = -1;

template <typename F>
class State {
public:
    using LoadType = Load<F::dimensions>;

    explicit State(const Problem& problem);

    // -- reading: O(1) ------------------------------------------------------------------------------------

    [[nodiscard]] const Problem& problem() const noexcept { return *problem_; }
    [[nodiscard]] Total cost() const noexcept { return cost_; }
    [[nodiscard]] RouteIndex route_of(Location c) const noexcept { return visits_[index(c)].route; }
    [[nodiscard]] std::int32_t position_of(Location c) const noexcept { return visits_[index(c)].position; }
    [[nodiscard]] std::span<const Location> route(RouteIndex r) const noexcept { return routes_[index(r)].visits; }
    [[nodiscard]] std::int32_t length(RouteIndex r) const noexcept {
        return static_cast<std::int32_t>(routes_[index(r)].visits.size());
    }
    [[nodiscard]] RouteIndex route_slots() const noexcept { return static_cast<RouteIndex>(routes_.size()); }
    [[nodiscard]] std::int32_t used_routes() const noexcept { return static_cast<std::int32_t>(used_.size()); }
    /// The routes that are not empty, in no order.
    [[nodiscard]] std::span<const RouteIndex> used() const noexcept { return used_; }
    [[nodiscard]] std::span<const Location> unserved() const noexcept { return unserved_; }

    /// The customer at a position of a route, the depot on either side of it.
    [[nodiscard]] Location at(RouteIndex r, std::int32_t position) const noexcept {
        const auto& visits = routes_[index(r)].visits;
        return static_cast<std::size_t>(position) < visits.size() ? visits[index(position)] : depot;
    }
    [[nodiscard]] Location before(Location c) const noexcept { return visits_[index(c)].before; }
    [[nodiscard]] Location after(Location c) const noexcept { return visits_[index(c)].after; }
    [[nodiscard]] Cost arc_before(Location c) const noexcept { return visits_[index(c)].arc_before; }
    [[nodiscard]] Cost arc_after(Location c) const noexcept { return visits_[index(c)].arc_after; }

    [[nodiscard]] const LoadType& demand(Location c) const noexcept { return demand_[index(c)]; }
    [[nodiscard]] const LoadType& capacity() const noexcept { return capacity_; }
    [[nodiscard]] const LoadType& load(RouteIndex r) const noexcept { return routes_[index(r)].load; }
    /// Load of the customers at positions 0 .. position of a route.
    [[nodiscard]] LoadType load_upto(RouteIndex r, std::int32_t position) const noexcept {
        return position < 0 ? LoadType{} : visits_[index(routes_[index(r)].visits[index(position)])].load_upto;
    }

    /// Earliest departure from the customer (or the depot) at a position, service not yet counted.
    [[nodiscard]] Time early(Location c) const noexcept requires(F::timed) {
        return c == depot ? problem_->earliest(depot) : visits_[index(c)].time.early;
    }
    [[nodiscard]] Time late(Location c) const noexcept requires(F::timed) {
        return c == depot ? problem_->latest(depot) : visits_[index(c)].time.late;
    }
    /// Start of service at `to` when leaving `from` after a start at `start`; > latest(to) where it is missed.
    [[nodiscard]] Time arrive(Time start, Location from, Location to) const noexcept {
        const Time clock = start + problem_->duration(from, to);
        return clock > problem_->earliest(to) || to == depot ? clock : problem_->earliest(to);
    }

    // -- editing: O(length of the routes edited) ------------------------------------------------------------

    /// An empty route, or `nowhere` when all vehicles are out.
    [[nodiscard]] RouteIndex empty_route();

    /// Put visits in place of `count` visits from `first` on. The caller answers for cost and feasibility.
    void splice(RouteIndex r, std::int32_t first, std::int32_t count, std::span<const Location> visits);
    void reverse(RouteIndex r, std::int32_t first, std::int32_t last);
    /// The visits from `first_a` on go to b, those from `first_b` on go to a.
    void swap_tails(RouteIndex a, std::int32_t first_a, RouteIndex b, std::int32_t first_b);
    void add_cost(Total delta) noexcept { cost_ += delta; }

    /// Take customers off their route; the cost is accounted for.
    void remove(RouteIndex r, std::int32_t first, std::int32_t count);
    /// Put a customer before a position; `delta` is what `insertion_cost` said.
    void insert(Location c, RouteIndex r, std::int32_t position, Total delta);
    /// Cost of c between two neighbours.
    [[nodiscard]] Total insertion_cost(Location from, Location c, Location to) const noexcept {
        return static_cast<Total>(problem_->cost(from, c)) + problem_->cost(c, to) - (from == to ? 0 : problem_->cost(from, to));
    }
    void leave_unserved(Location c);
    /// Hand over the customers that were left unserved, to try them again.
    void take_unserved(std::vector<Location>& out);

    // -- the journal ------------------------------------------------------------------------------------------

    /// Begin an iteration: from here on `rollback` returns to.
    void begin();
    void rollback();
    /// Routes edited since `begin`.
    [[nodiscard]] std::span<const RouteIndex> touched() const noexcept { return {touched_.data(), touched_count_}; }

    /// What one unserved customer costs: more than any detour.
    [[nodiscard]] Total unserved_penalty() const noexcept { return penalty_; }

    /// Cost from scratch, O(n): for tests and for the final answer.
    [[nodiscard]] Total full_cost() const;
    /// Whether every cache equals what a fresh computation gives and every rule is kept, O(n): for tests.
    [[nodiscard]] bool consistent() const;

private:
    struct Visit {
        Location before = nobody, after = nobody;
        Cost arc_before = 0, arc_after = 0;  ///< of the arcs to them; kept so that a scan of neighbours stays in one line of cache
        RouteIndex route = nowhere;
        std::int32_t position = 0;
        LoadType load_upto;
        [[no_unique_address]] std::conditional_t<F::timed, Timed, Untimed> time;
    };
    struct RouteData {
        std::vector<Location> visits;
        LoadType load;
        std::uint32_t stamp = 0;
        std::int32_t place_in_used = 0;
        bool listed = false;
    };
    struct Saved {
        RouteIndex route = nowhere;
        std::vector<Location> visits;
    };

    template <typename Integer>
    static std::size_t index(Integer i) noexcept {
        return static_cast<std::size_t>(i);
    }

    void save(RouteIndex r);
    void refresh(RouteIndex r, std::int32_t from);
    void refresh_times(RouteIndex r);
    void count_change(RouteIndex r, bool was_empty);

    const Problem* problem_;
    std::vector<LoadType> demand_;
    LoadType capacity_;
    std::vector<Visit> visits_;
    std::vector<RouteData> routes_;
    std::vector<RouteIndex> empty_, used_;
    std::vector<Location> unserved_, saved_unserved_;
    Total cost_ = 0, saved_cost_ = 0, penalty_ = 0;

    std::uint32_t stamp_ = 0;
    std::vector<Saved> journal_;
    std::vector<RouteIndex> touched_;
    std::size_t touched_count_ = 0;
    std::vector<Location> buffer_;
};

}  // namespace netdesign::routing
