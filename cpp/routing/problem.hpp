// The routing problem as the search sees it: integers, frozen, neighbours included.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <vector>

#include "routing/travel.hpp"

namespace netdesign::routing {

inline constexpr Time no_deadline = std::numeric_limits<Time>::max() / 2;

/// What arrives from outside, validated there. Arrays have one row per location, the depot first.
struct Description {
    Travel travel;
    std::vector<std::int32_t> demand;    ///< (locations x dimensions), row-major
    std::vector<std::int32_t> capacity;  ///< (dimensions)
    std::vector<Time> service;           ///< (locations)
    std::vector<Time> earliest, latest;  ///< (locations), or empty where nothing is timed
    std::int32_t max_routes = 0;
    Cost fixed_cost = 0;  ///< per route; even, so that half of it rests on either end
};

class Problem {
public:
    /// Neighbour lists take O(n * neighbours) memory, and O(n log n) time where there are points.
    Problem(Description description, std::int32_t neighbours = 40);

    [[nodiscard]] std::int32_t size() const noexcept { return travel_.size(); }
    [[nodiscard]] std::int32_t customers() const noexcept { return size() - 1; }
    [[nodiscard]] int dimensions() const noexcept { return static_cast<int>(capacity_.size()); }
    [[nodiscard]] bool timed() const noexcept { return !latest_.empty(); }
    [[nodiscard]] bool symmetric() const noexcept { return travel_.symmetric(); }
    [[nodiscard]] std::int32_t max_routes() const noexcept { return max_routes_; }
    [[nodiscard]] Cost fixed_cost() const noexcept { return 2 * half_fixed_; }
    [[nodiscard]] const Travel& travel() const noexcept { return travel_; }

    /// Cost of an arc; half the fixed cost of a route rests on each of its two depot arcs.
    [[nodiscard]] Cost cost(Location i, Location j) const noexcept {
        if (cost_table_) [[likely]]
            return cost_table_[at(i, j)];
        return computed_cost(i, j);
    }
    /// Service at i, then the way to j.
    [[nodiscard]] Time duration(Location i, Location j) const noexcept {
        if (duration_table_) [[likely]]
            return duration_table_[at(i, j)];
        return computed_duration(i, j);
    }
    [[nodiscard]] Time earliest(Location i) const noexcept { return earliest_[static_cast<std::size_t>(i)]; }
    [[nodiscard]] Time latest(Location i) const noexcept { return latest_[static_cast<std::size_t>(i)]; }
    [[nodiscard]] std::span<const std::int32_t> demand(Location i) const noexcept {
        return std::span(demand_).subspan(static_cast<std::size_t>(i) * capacity_.size(), capacity_.size());
    }
    [[nodiscard]] std::span<const std::int32_t> capacity() const noexcept { return capacity_; }

    /// The customers nearest to a customer, nearest first (in time and space where windows matter).
    [[nodiscard]] std::span<const Location> neighbours(Location i) const noexcept {
        return std::span(neighbours_).subspan(static_cast<std::size_t>(i) * width_, width_);
    }
    /// Mean cost of the arcs to the nearest neighbours: the unit of temperature.
    [[nodiscard]] double mean_neighbour_cost() const noexcept { return mean_neighbour_cost_; }

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

    Travel travel_;
    std::size_t stride_;
    std::unique_ptr<Cost[]> cost_table_;
    std::unique_ptr<Time[]> duration_table_;
    std::vector<std::int32_t> demand_, capacity_;
    std::vector<Time> service_, earliest_, latest_;
    std::int32_t max_routes_;
    Cost half_fixed_;
    std::size_t width_ = 0;
    std::vector<Location> neighbours_;
    double mean_neighbour_cost_ = 0.0;
};

}  // namespace netdesign::routing
