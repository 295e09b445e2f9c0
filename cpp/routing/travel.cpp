#include "routing/travel.hpp"

#include <algorithm>

namespace netdesign::routing {

Travel::Travel(std::span<const double> points, int dimensions, Scaling scaling)
    : n_(static_cast<std::int32_t>(points.size()) / dimensions),
      dimensions_(dimensions),
      scaling_(scaling),
      points_(points.begin(), points.end()) {}

Travel::Travel(std::vector<Cost> costs, std::vector<Time> durations, std::int32_t n)
    : n_(n), costs_(std::move(costs)), durations_(std::move(durations)) {
    const auto is_symmetric = [n](const auto& matrix) {
        for (std::size_t i = 0, m = static_cast<std::size_t>(n); i < m && !matrix.empty(); ++i)
            for (std::size_t j = 0; j < i; ++j)
                if (matrix[i * m + j] != matrix[j * m + i]) return false;
        return true;
    };
    symmetric_ = is_symmetric(costs_) && is_symmetric(durations_);
}

Travel Travel::restricted_to(std::span<const Location> locations) const {
    Travel part;
    part.n_ = static_cast<std::int32_t>(locations.size());
    part.dimensions_ = dimensions_;
    part.symmetric_ = symmetric_;
    part.scaling_ = scaling_;
    for (const Location i : locations) {
        if (has_points()) {
            const auto first = points_.begin() + static_cast<std::ptrdiff_t>(i) * dimensions_;
            part.points_.insert(part.points_.end(), first, first + dimensions_);
            continue;
        }
        for (const Location j : locations) {
            part.costs_.push_back(costs_[at(i, j)]);
            if (!durations_.empty()) part.durations_.push_back(durations_[at(i, j)]);
        }
    }
    return part;
}

double Travel::metric(Location i, Location j) const noexcept {
    const double* a = &points_[static_cast<std::size_t>(i * dimensions_)];
    const double* b = &points_[static_cast<std::size_t>(j * dimensions_)];
    const double dx = a[0] - b[0], dy = a[1] - b[1];
    if (dimensions_ == 2) return std::sqrt(dx * dx + dy * dy);
    const double dz = a[2] - b[2];
    return 2.0 * std::asin(std::min(1.0, std::sqrt(dx * dx + dy * dy + dz * dz) / 2.0));
}

double Travel::rounded(Location i, Location j) const noexcept {
    const double d = metric(i, j) * scaling_.rounding_factor;
    switch (scaling_.rounding) {
        case Rounding::nearest: return std::floor(d + 0.5);
        case Rounding::floor: return std::floor(d);
        case Rounding::ceil: return std::ceil(d);
        case Rounding::none: break;
    }
    return d;
}

}  // namespace netdesign::routing
