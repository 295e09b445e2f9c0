// The cost oracle: what the arc from one location to another costs and how long it takes.
//
// Costs and durations are integers; the scaling from the user's units happens before they arrive here.
// Four sources answer the same two questions: points of a plane, points of the unit sphere, matrices, and lists of
// near pairs with points for all others. Points take O(n) memory and answer by computing; who asks often tabulates
// (see Problem).
#pragma once

#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

namespace netdesign::routing {

using Location = std::int32_t;  ///< depots first, then customers
using Cost = std::int32_t;      ///< of one arc
using Total = std::int64_t;     ///< sums of costs
using Time = std::int32_t;

inline constexpr Location depot = 0;      ///< the only one in a plain problem
inline constexpr Location anywhere = -1;  ///< where an open route ends

/// An arc that must not be used; sums of a few of them still fit.
inline constexpr Cost forbidden_arc = 1 << 28;

enum class Rounding : std::int8_t { none, nearest, floor, ceil };

/// How metric distances become integer costs and durations:
/// d = round(metric * rounding_factor), cost = d * cost_rate, duration = ceil(d * time_rate).
struct Scaling {
    Rounding rounding = Rounding::none;
    double rounding_factor = 1.0;
    double cost_rate = 1.0;
    double time_rate = 1.0;
};

/// Directed pairs with numbers of their own, row by row: what stands at first[i] .. first[i + 1] leads from i.
struct PairLists {
    std::vector<std::int64_t> first;     ///< (locations + 1)
    std::vector<Location> destinations;  ///< ascending within a row, never the row's own location
    std::vector<Cost> costs;
    std::vector<Time> durations;  ///< may be empty: all durations are then those of the points
};

class Travel {
public:
    Travel() = default;

    /// Points of a plane (dimensions = 2, Euclidean) or on the unit sphere (dimensions = 3, great circle in radians).
    Travel(std::span<const double> points, int dimensions, Scaling scaling);

    /// Full matrices in row-major order; `durations` may be empty where they equal the costs.
    Travel(std::vector<Cost> costs, std::vector<Time> durations, std::int32_t n);

    /// Pairs that are listed, and points as above for all others. O(pairs * log row).
    Travel(std::span<const double> points, int dimensions, Scaling scaling, PairLists lists);

    /// The same answers for some of the locations, renumbered in the order given; O(m^2) of a matrix, O(pairs * log m) of
    /// lists.
    [[nodiscard]] Travel restricted_to(std::span<const Location> locations) const;

    [[nodiscard]] std::int32_t size() const noexcept { return n_; }
    [[nodiscard]] bool symmetric() const noexcept { return symmetric_; }
    [[nodiscard]] bool has_points() const noexcept { return !points_.empty(); }
    [[nodiscard]] std::span<const double> points() const noexcept { return points_; }
    [[nodiscard]] int dimensions() const noexcept { return dimensions_; }
    [[nodiscard]] const Scaling& scaling() const noexcept { return scaling_; }

    [[nodiscard]] Cost cost(Location i, Location j) const noexcept {
        if (source_ == Source::points) return cost_by_points(i, j);
        return source_ == Source::matrices ? costs_[at(i, j)] : cost_by_lists(i, j);
    }
    [[nodiscard]] Time duration(Location i, Location j) const noexcept {
        if (source_ == Source::points) return duration_by_points(i, j);
        if (source_ == Source::lists) return duration_by_lists(i, j);
        return durations_.empty() ? costs_[at(i, j)] : durations_[at(i, j)];
    }

    /// What the points say, whether the pair is listed or not; needs points.
    [[nodiscard]] Cost cost_by_points(Location i, Location j) const noexcept { return static_cast<Cost>(rounded(i, j) * scaling_.cost_rate + 0.5); }
    [[nodiscard]] Time duration_by_points(Location i, Location j) const noexcept {
        return static_cast<Time>(std::ceil(rounded(i, j) * scaling_.time_rate - 1e-9));
    }

    /// Whether some pairs do not follow the points: then what is computed from points alone bounds nothing.
    [[nodiscard]] bool has_lists() const noexcept { return source_ == Source::lists; }
    /// Where pairs from i are listed, ascending; nothing without lists.
    [[nodiscard]] std::span<const Location> listed(Location i) const noexcept;
    /// Whether the pair has numbers of its own; O(log row).
    [[nodiscard]] bool is_listed(Location i, Location j) const noexcept { return has_lists() && place(i, j) >= 0; }
    /// No listed cost (duration) is below this share, at most 1, of the metric distance at its rate.
    [[nodiscard]] double least_cost_share() const noexcept { return least_cost_share_; }
    [[nodiscard]] double least_duration_share() const noexcept { return least_duration_share_; }

    /// Distance in the unit of the points, before any scaling or rounding; needs points.
    [[nodiscard]] double metric(Location i, Location j) const noexcept;

private:
    enum class Source : std::int8_t { points, matrices, lists };

    // Out of line: the other sources, which are asked in hot loops, are inlined without them.
    [[nodiscard]] Cost cost_by_lists(Location i, Location j) const noexcept;
    [[nodiscard]] Time duration_by_lists(Location i, Location j) const noexcept;
    /// Where a pair stands in the lists; -1 where it does not.
    [[nodiscard]] std::int64_t place(Location i, Location j) const noexcept;
    [[nodiscard]] bool lists_are_symmetric() const noexcept;
    void measure_shares() noexcept;
    void restrict_lists(std::span<const Location> locations, Travel& part) const;
    [[nodiscard]] double rounded(Location i, Location j) const noexcept;
    [[nodiscard]] std::size_t at(Location i, Location j) const noexcept {
        return static_cast<std::size_t>(i) * static_cast<std::size_t>(n_) + static_cast<std::size_t>(j);
    }

    Source source_ = Source::points;
    bool symmetric_ = true;
    std::int32_t n_ = 0;
    int dimensions_ = 0;
    Scaling scaling_;
    std::vector<double> points_;
    std::vector<Cost> costs_;      ///< by pair of a matrix, or by place in the lists
    std::vector<Time> durations_;  ///< likewise; empty where those of a matrix are the costs, those of the lists the points'
    std::vector<std::int64_t> first_;
    std::vector<Location> destinations_;
    double least_cost_share_ = 1.0, least_duration_share_ = 1.0;
};

}  // namespace netdesign::routing
