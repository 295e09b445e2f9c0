// The routing problem as the search sees it: integers, frozen, neighbours included.
//
// Locations are the depots, then the customers. A problem is `plain` where every vehicle is like every other,
// leaves from depot 0, comes back to it and may be out as long as it likes; everything else is `rich`. What an
// arc costs depends on the vehicle only in a rich problem: there `cost` is the bare distance, and the rates of
// the vehicle's type make money of it (State::price).
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <vector>

#include "routing/travel.hpp"

namespace netdesign::routing {

inline constexpr Time no_deadline = std::numeric_limits<Time>::max() / 2;
/// More than all arcs of a problem together; a dozen of them still fit into a sum.
inline constexpr Total no_limit = Total{1} << 59;

/// How long the lists of neighbours are.
inline constexpr std::int32_t neighbours_kept = 40;

/// Vehicles that are alike.
struct VehicleType {
    std::int32_t count = 0;
    Location start = depot, end = depot;      ///< depots; `end` may be `anywhere`
    std::vector<std::int32_t> capacity;       ///< (dimensions)
    Total fixed_cost = 0;                     ///< per route; even, so that half of it rests on either end
    Total distance_rate = 1, time_rate = 0;   ///< cost per unit of Travel::cost and of travel time; 1 and 0 in a plain problem
    Total max_distance = no_limit;            ///< of one route, in units of Travel::cost
    Time max_duration = no_deadline;          ///< from departure to return, waiting and service included
    Time earliest = 0, latest = no_deadline;  ///< the shift
};

/// What arrives from outside, validated there. Arrays have one row per location, the depots first.
struct Description {
    Travel travel;
    std::int32_t depots = 1;
    std::vector<std::int32_t> demand;    ///< (locations x dimensions), row-major
    std::vector<Time> service;           ///< (locations)
    std::vector<Time> earliest, latest;  ///< (locations), or empty where nothing is timed
    std::vector<VehicleType> fleet;
};

class Problem {
public:
    /// Neighbour lists take O(n * neighbours) memory, and O(n log n) time where there are points.
    explicit Problem(Description description, std::int32_t neighbours = neighbours_kept, std::int32_t threads = 1);

    [[nodiscard]] std::int32_t size() const noexcept { return travel_.size(); }
    [[nodiscard]] std::int32_t depots() const noexcept { return depots_; }
    [[nodiscard]] std::int32_t customers() const noexcept { return size() - depots_; }
    [[nodiscard]] Location first_customer() const noexcept { return depots_; }
    [[nodiscard]] int dimensions() const noexcept { return dimensions_; }
    [[nodiscard]] bool timed() const noexcept { return !latest_.empty(); }
    [[nodiscard]] bool plain() const noexcept { return plain_; }
    [[nodiscard]] bool symmetric() const noexcept { return travel_.symmetric(); }
    /// Whether time on the road costs money of its own.
    [[nodiscard]] bool pays_time() const noexcept { return pays_time_; }
    [[nodiscard]] const Travel& travel() const noexcept { return travel_; }
    [[nodiscard]] std::span<const VehicleType> fleet() const noexcept { return fleet_; }
    /// Routes there can be at all.
    [[nodiscard]] std::int32_t max_routes() const noexcept { return max_routes_; }

    // Inlined by force: the compiler finds the hottest loads of the search too dear to copy (20 % of the iterations/s).
    /// Cost of an arc. Plain: half the fixed cost of a route rests on each of its two depot arcs. Rich: the bare
    /// distance, and nothing into `anywhere`.
    [[nodiscard, gnu::always_inline]] Cost cost(Location i, Location j) const noexcept {
        if (cost_table_) [[likely]]
            return cost_table_[at(i, j)];
        return computed_cost(i, j);
    }
    /// Service at i, then the way to j.
    [[nodiscard, gnu::always_inline]] Time duration(Location i, Location j) const noexcept {
        if (duration_table_) [[likely]]
            return duration_table_[at(i, j)];
        return computed_duration(i, j);
    }
    /// All costs from i, where arcs are looked up; null where they are computed.
    [[nodiscard, gnu::always_inline]] const Cost* row(Location i) const noexcept { return cost_table_ ? &cost_table_[at(i, 0)] : nullptr; }
    [[nodiscard]] Time service(Location i) const noexcept { return service_[static_cast<std::size_t>(i)]; }
    [[nodiscard]] Time earliest(Location i) const noexcept { return earliest_[static_cast<std::size_t>(i)]; }
    [[nodiscard]] Time latest(Location i) const noexcept { return latest_[static_cast<std::size_t>(i)]; }
    [[nodiscard]] std::span<const std::int32_t> demand(Location i) const noexcept {
        return std::span(demand_).subspan(static_cast<std::size_t>(i) * static_cast<std::size_t>(dimensions_), static_cast<std::size_t>(dimensions_));
    }

    /// What a vehicle of a type costs that visits customers in this order; nothing where it visits none. O(length).
    [[nodiscard]] Total route_cost(std::int32_t type, std::span<const Location> visits) const noexcept;

    /// The customers nearest to a location, nearest first (in time and space where windows matter).
    [[nodiscard]] std::span<const Location> neighbours(Location i) const noexcept {
        return std::span(neighbours_).subspan(static_cast<std::size_t>(i) * width_, width_);
    }
    /// Mean cost of the arcs to the nearest neighbours, at the mean rate of the fleet: the unit of temperature.
    [[nodiscard]] double mean_neighbour_cost() const noexcept { return mean_neighbour_cost_; }

    /// The part of this problem that concerns some customers and some of the vehicles: all depots, then these
    /// customers in the order given. `fleet` has the types of this problem with other counts.
    [[nodiscard]] Problem restricted_to(std::span<const Location> customers, std::vector<VehicleType> fleet) const;

private:
    /// Up to so many locations arcs are looked up in tables of O(n^2) memory (64 MB each at the limit).
    static constexpr std::int32_t table_limit = 4096;

    [[nodiscard]] std::size_t at(Location i, Location j) const noexcept {
        return static_cast<std::size_t>(i) * stride_ + static_cast<std::size_t>(j);
    }
    // Out of line, so that the look-up above is inlined everywhere (measured: 20 % more iterations).
    [[nodiscard]] Cost computed_cost(Location i, Location j) const noexcept;
    [[nodiscard]] Time computed_duration(Location i, Location j) const noexcept;
    void tabulate();
    void measure_neighbours();

    Travel travel_;
    std::int32_t depots_ = 1;
    int dimensions_ = 1;
    bool plain_ = true, pays_time_ = false;
    std::size_t stride_ = 0;
    std::unique_ptr<Cost[]> cost_table_;
    std::unique_ptr<Time[]> duration_table_;
    std::vector<std::int32_t> demand_;
    std::vector<Time> service_, earliest_, latest_;
    std::vector<VehicleType> fleet_;
    std::int32_t max_routes_ = 0;
    Cost half_fixed_ = 0;  ///< on depot arcs; 0 in a rich problem
    std::size_t width_ = 0;
    std::vector<Location> neighbours_;
    double mean_neighbour_cost_ = 0.0;
};

}  // namespace netdesign::routing
