#include "routing/travel.hpp"

#include <algorithm>

namespace netdesign::routing {

Travel::Travel(std::span<const double> points, int dimensions, Scaling scaling)
    : n_(static_cast<std::int32_t>(points.size()) / dimensions),
      dimensions_(dimensions),
      scaling_(scaling),
      points_(points.begin(), points.end()) {}

Travel::Travel(std::vector<Cost> costs, std::vector<Time> durations, std::int32_t n)
    : source_(Source::matrices), n_(n), costs_(std::move(costs)), durations_(std::move(durations)) {
    const auto is_symmetric = [n](const auto& matrix) {
        for (std::size_t i = 0, m = static_cast<std::size_t>(n); i < m && !matrix.empty(); ++i)
            for (std::size_t j = 0; j < i; ++j)
                if (matrix[i * m + j] != matrix[j * m + i]) return false;
        return true;
    };
    symmetric_ = is_symmetric(costs_) && is_symmetric(durations_);
}

Travel::Travel(std::span<const double> points, int dimensions, Scaling scaling, PairLists lists) : Travel(points, dimensions, scaling) {
    source_ = Source::lists;
    costs_ = std::move(lists.costs);
    durations_ = std::move(lists.durations);
    first_ = std::move(lists.first);
    destinations_ = std::move(lists.destinations);
    symmetric_ = lists_are_symmetric();
    measure_shares();
}

Travel Travel::restricted_to(std::span<const Location> locations) const {
    Travel part;
    part.source_ = source_;
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
    if (has_lists()) restrict_lists(locations, part);
    return part;
}

void Travel::restrict_lists(std::span<const Location> locations, Travel& part) const {
    // A search in the sorted names, since a table over all locations would make every part of a large problem O(n).
    std::vector<std::pair<Location, Location>> numbers;
    for (const Location i : locations) numbers.emplace_back(i, static_cast<Location>(numbers.size()));
    std::sort(numbers.begin(), numbers.end());
    part.least_cost_share_ = least_cost_share_;
    part.least_duration_share_ = least_duration_share_;
    part.first_.push_back(0);
    std::vector<std::pair<Location, std::size_t>> row;
    for (const Location i : locations) {
        row.clear();
        const auto begin = static_cast<std::size_t>(first_[static_cast<std::size_t>(i)]);
        for (std::size_t k = 0; k < listed(i).size(); ++k) {
            const Location j = destinations_[begin + k];
            const auto found = std::lower_bound(numbers.begin(), numbers.end(), std::pair(j, Location{0}));
            if (found != numbers.end() && found->first == j) row.emplace_back(found->second, begin + k);
        }
        std::sort(row.begin(), row.end());
        for (const auto& [j, at] : row) {
            part.destinations_.push_back(j);
            part.costs_.push_back(costs_[at]);
            if (!durations_.empty()) part.durations_.push_back(durations_[at]);
        }
        part.first_.push_back(static_cast<std::int64_t>(part.destinations_.size()));
    }
}

std::span<const Location> Travel::listed(Location i) const noexcept {
    if (!has_lists()) return {};
    const auto begin = static_cast<std::size_t>(first_[static_cast<std::size_t>(i)]), end = static_cast<std::size_t>(first_[static_cast<std::size_t>(i) + 1]);
    return std::span(destinations_).subspan(begin, end - begin);
}

std::int64_t Travel::place(Location i, Location j) const noexcept {
    const auto row = listed(i);
    const auto found = std::lower_bound(row.begin(), row.end(), j);
    return found != row.end() && *found == j ? first_[static_cast<std::size_t>(i)] + (found - row.begin()) : -1;
}

Cost Travel::cost_by_lists(Location i, Location j) const noexcept {
    const std::int64_t at = place(i, j);
    return at < 0 ? cost_by_points(i, j) : costs_[static_cast<std::size_t>(at)];
}

Time Travel::duration_by_lists(Location i, Location j) const noexcept {
    const std::int64_t at = durations_.empty() ? -1 : place(i, j);
    return at < 0 ? duration_by_points(i, j) : durations_[static_cast<std::size_t>(at)];
}

bool Travel::lists_are_symmetric() const noexcept {
    for (Location i = 0; i < n_; ++i)
        for (const Location j : listed(i))
            if (cost(i, j) != cost(j, i) || duration(i, j) != duration(j, i)) return false;
    return true;
}

void Travel::measure_shares() noexcept {
    const auto lower = [](double& share, double listed, double by_points) {
        if (listed < share * by_points) share = listed / by_points;
    };
    for (Location i = 0; i < n_; ++i)
        for (const Location j : listed(i)) {
            const double distance = metric(i, j) * scaling_.rounding_factor;
            lower(least_cost_share_, cost(i, j), distance * scaling_.cost_rate);
            lower(least_duration_share_, duration(i, j), distance * scaling_.time_rate);
        }
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
