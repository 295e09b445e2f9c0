// Many points in parts of near ones.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "location/problem.hpp"

namespace netdesign::location {

template <std::size_t D>
using Points = std::vector<std::array<double, D>>;

/// Positions, part after part.
struct Parts {
    std::vector<std::int32_t> order;
    std::vector<std::int64_t> first;  ///< parts + 1: where they begin

    [[nodiscard]] std::size_t size() const noexcept { return first.size() - 1; }
    [[nodiscard]] std::span<const std::int32_t> of(std::size_t k) const noexcept {
        return {order.data() + first[k], index(first[k + 1] - first[k])};
    }

    /// Who has the same name stands together.
    static Parts by_name(const std::vector<std::int32_t>& names, std::size_t n_names) {
        Parts parts{std::vector<std::int32_t>(names.size()), std::vector<std::int64_t>(n_names + 1, 0)};
        for (const auto name : names) ++parts.first[index(name) + 1];
        for (std::size_t k = 1; k < parts.first.size(); ++k) parts.first[k] += parts.first[k - 1];
        std::vector<std::int64_t> next(parts.first.begin(), parts.first.end() - 1);
        for (std::size_t i = 0; i < names.size(); ++i) parts.order[index(next[index(names[i])]++)] = static_cast<std::int32_t>(i);
        return parts;
    }
};

namespace detail {

template <std::size_t D>
std::size_t widest_axis(const Points<D>& points, std::span<const std::int32_t> some) {
    std::array<double, D> low, high;
    low.fill(infinite_cost);
    high.fill(-infinite_cost);
    for (const auto k : some)
        for (std::size_t d = 0; d < D; ++d) {
            low[d] = std::min(low[d], points[index(k)][d]);
            high[d] = std::max(high[d], points[index(k)][d]);
        }
    std::size_t best = 0;
    for (std::size_t d = 1; d < D; ++d)
        if (high[d] - low[d] > high[best] - low[best]) best = d;
    return best;
}

template <std::size_t D>
void cut(const Points<D>& points, std::span<std::int32_t> some, std::int64_t n_parts, std::vector<std::int64_t>& first) {
    if (n_parts == 1) {
        first.push_back(first.back() + static_cast<std::int64_t>(some.size()));
        return;
    }
    const std::size_t axis = widest_axis<D>(points, some);
    const std::int64_t low = n_parts / 2;
    const std::size_t middle = some.size() * index(low) / index(n_parts);
    std::nth_element(some.begin(), some.begin() + static_cast<std::ptrdiff_t>(middle), some.end(), [&](std::int32_t a, std::int32_t b) {
        return std::pair(points[index(a)][axis], a) < std::pair(points[index(b)][axis], b);
    });
    cut<D>(points, some.first(middle), low, first);
    cut<D>(points, some.subspan(middle), n_parts - low, first);
}

}  // namespace detail

/// Cuts some points, at least one, into parts of nearly the same size, again and again across where they are widest; O(points log parts).
template <std::size_t D>
Parts cut(const Points<D>& points, std::vector<std::int32_t> some, std::int64_t n_parts) {
    Parts parts{std::move(some), {0}};
    detail::cut<D>(points, parts.order, std::min(n_parts, static_cast<std::int64_t>(parts.order.size())), parts.first);
    return parts;
}

/// The point next to the mean of some.
template <std::size_t D>
std::int32_t middle(const Points<D>& points, std::span<const std::int32_t> some) {
    std::array<double, D> mean{};
    for (const auto k : some)
        for (std::size_t d = 0; d < D; ++d) mean[d] += points[index(k)][d] / static_cast<double>(some.size());
    const auto off = [&](std::int32_t k) { return KdTree<D>::squared_distance(mean, points[index(k)]); };
    return *std::min_element(some.begin(), some.end(), [&](std::int32_t a, std::int32_t b) { return off(a) < off(b); });
}

/// The mean of some points by weight; of a sphere the point in that direction.
template <std::size_t D>
std::array<double, D> centroid(const Points<D>& points, std::span<const std::int32_t> some, const Problem& problem) {
    std::array<double, D> mean{};
    double whole = 0.0;
    for (const auto i : some) {
        const double weight = problem.weight(i);
        whole += weight;
        for (std::size_t d = 0; d < D; ++d) mean[d] += weight * points[index(i)][d];
    }
    if constexpr (D == 3) whole = std::sqrt(KdTree<D>::squared_distance(mean, {}));
    if (whole <= 0.0) return points[index(some.front())];
    for (auto& x : mean) x /= whole;
    return mean;
}

}  // namespace netdesign::location
