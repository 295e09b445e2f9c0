// The cost oracle: what the arc from one location to another costs and how long it takes.
//
// Costs and durations are integers; the scaling from the user's units happens before they arrive here.
// Three sources answer the same two questions: points of a plane, points of the unit sphere, matrices. Points
// take O(n) memory and answer by computing; who asks often tabulates (see Problem).
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

class Travel {
public:
    Travel() = default;

    /// Points of a plane (dimensions = 2, Euclidean) or on the unit sphere (dimensions = 3, great circle in radians).
    Travel(std::span<const double> points, int dimensions, Scaling scaling);

    /// Full matrices in row-major order; `durations` may be empty where they equal the costs.
    Travel(std::vector<Cost> costs, std::vector<Time> durations, std::int32_t n);

    /// The same answers for some of the locations, renumbered in the order given.
    [[nodiscard]] Travel restricted_to(std::span<const Location> locations) const;

    [[nodiscard]] std::int32_t size() const noexcept { return n_; }
    [[nodiscard]] bool symmetric() const noexcept { return symmetric_; }
    [[nodiscard]] bool has_points() const noexcept { return !points_.empty(); }
    [[nodiscard]] std::span<const double> points() const noexcept { return points_; }
    [[nodiscard]] int dimensions() const noexcept { return dimensions_; }
    [[nodiscard]] const Scaling& scaling() const noexcept { return scaling_; }

    [[nodiscard]] Cost cost(Location i, Location j) const noexcept {
        return costs_.empty() ? static_cast<Cost>(rounded(i, j) * scaling_.cost_rate + 0.5) : costs_[at(i, j)];
    }
    [[nodiscard]] Time duration(Location i, Location j) const noexcept {
        if (costs_.empty()) return static_cast<Time>(std::ceil(rounded(i, j) * scaling_.time_rate - 1e-9));
        return durations_.empty() ? costs_[at(i, j)] : durations_[at(i, j)];
    }

    /// Distance in the unit of the points, before any scaling or rounding; needs points.
    [[nodiscard]] double metric(Location i, Location j) const noexcept;

private:
    [[nodiscard]] double rounded(Location i, Location j) const noexcept;
    [[nodiscard]] std::size_t at(Location i, Location j) const noexcept {
        return static_cast<std::size_t>(i) * static_cast<std::size_t>(n_) + static_cast<std::size_t>(j);
    }

    std::int32_t n_ = 0;
    int dimensions_ = 0;
    bool symmetric_ = true;
    Scaling scaling_;
    std::vector<double> points_;
    std::vector<Cost> costs_;
    std::vector<Time> durations_;  ///< empty where they are the costs
};

}  // namespace netdesign::routing
