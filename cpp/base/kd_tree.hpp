// k-d tree over points of a plane or of space: the k nearest of a query point, ties by name, and all within a distance.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

namespace netdesign::base {

template <std::size_t D>
class KdTree {
public:
    using Point = std::array<double, D>;
    using Found = std::pair<double, std::int32_t>;  ///< squared distance, name

    KdTree() = default;

    /// O(n log n). `names[i]` is what a query returns for `points[i]`.
    KdTree(std::vector<Point> points, std::vector<std::int32_t> names) : points_(std::move(points)), names_(std::move(names)) {
        order_.resize(points_.size());
        std::iota(order_.begin(), order_.end(), 0);
        if (!order_.empty()) build(0, static_cast<std::int32_t>(order_.size()));
        reorder();
    }

    [[nodiscard]] std::size_t size() const noexcept { return points_.size(); }

    /// The min(k, size) nearest points, ascending by (distance, name); O(k log k + log n) for evenly spread points.
    void nearest(const Point& query, std::size_t k, std::vector<Found>& found) const {
        found.clear();
        k = std::min(k, points_.size());
        if (k == 0) return;
        found.reserve(k + 1);
        search(0, query, k, found);
        std::sort(found.begin(), found.end());
    }

    /// Calls visit(squared distance, name) for every point within a distance; O(points found + log n) for evenly spread points.
    template <typename Visit>
    void within(const Point& query, double squared, Visit visit) const {
        if (!nodes_.empty()) sweep(0, query, squared, visit);
    }

    static double squared_distance(const Point& a, const Point& b) noexcept {
        double sum = 0.0;
        for (std::size_t d = 0; d < D; ++d) sum += (a[d] - b[d]) * (a[d] - b[d]);
        return sum;
    }

private:
    static constexpr std::int32_t leaf_size = 10;

    struct Node {
        std::int32_t begin, end;
        std::int32_t low = -1, high = -1;  // children; -1 in a leaf
        std::int32_t axis = 0;
        double split = 0.0;
    };

    std::int32_t build(std::int32_t begin, std::int32_t end) {
        const auto at = static_cast<std::int32_t>(nodes_.size());
        nodes_.push_back({begin, end});
        if (end - begin <= leaf_size) return at;
        const std::int32_t axis = widest(begin, end);
        const std::int32_t middle = begin + (end - begin) / 2;
        auto less = [&](std::int32_t a, std::int32_t b) {
            return std::pair(points_[static_cast<std::size_t>(a)][static_cast<std::size_t>(axis)], a) <
                   std::pair(points_[static_cast<std::size_t>(b)][static_cast<std::size_t>(axis)], b);
        };
        std::nth_element(order_.begin() + begin, order_.begin() + middle, order_.begin() + end, less);
        const double split = points_[static_cast<std::size_t>(order_[static_cast<std::size_t>(middle)])][static_cast<std::size_t>(axis)];
        const std::int32_t low = build(begin, middle);
        const std::int32_t high = build(middle, end);
        auto& node = nodes_[static_cast<std::size_t>(at)];
        node.axis = axis;
        node.split = split;
        node.low = low;
        node.high = high;
        return at;
    }

    [[nodiscard]] std::int32_t widest(std::int32_t begin, std::int32_t end) const {
        std::int32_t best = 0;
        double width = -1.0;
        for (std::size_t d = 0; d < D; ++d) {
            double low = points_[static_cast<std::size_t>(order_[static_cast<std::size_t>(begin)])][d], high = low;
            for (std::int32_t i = begin + 1; i < end; ++i) {
                const double x = points_[static_cast<std::size_t>(order_[static_cast<std::size_t>(i)])][d];
                low = std::min(low, x);
                high = std::max(high, x);
            }
            if (high - low > width) width = high - low, best = static_cast<std::int32_t>(d);
        }
        return best;
    }

    /// Points in the order of the leaves: a query then reads them in one sweep.
    void reorder() {
        std::vector<Point> points(points_.size());
        std::vector<std::int32_t> names(points_.size());
        for (std::size_t i = 0; i < order_.size(); ++i) {
            points[i] = points_[static_cast<std::size_t>(order_[i])];
            names[i] = names_[static_cast<std::size_t>(order_[i])];
        }
        points_ = std::move(points);
        names_ = std::move(names);
        order_ = {};
    }

    void search(std::int32_t at, const Point& query, std::size_t k, std::vector<Found>& heap) const {
        const Node& node = nodes_[static_cast<std::size_t>(at)];
        if (node.low < 0) {
            for (auto i = static_cast<std::size_t>(node.begin); i < static_cast<std::size_t>(node.end); ++i) {
                const Found candidate{squared_distance(query, points_[i]), names_[i]};
                if (heap.size() == k && !(candidate < heap.front())) continue;
                heap.push_back(candidate);
                std::push_heap(heap.begin(), heap.end());
                if (heap.size() <= k) continue;
                std::pop_heap(heap.begin(), heap.end());
                heap.pop_back();
            }
            return;
        }
        const double across = query[static_cast<std::size_t>(node.axis)] - node.split;
        search(across < 0 ? node.low : node.high, query, k, heap);
        if (heap.size() < k || across * across <= heap.front().first) search(across < 0 ? node.high : node.low, query, k, heap);
    }

    template <typename Visit>
    void sweep(std::int32_t at, const Point& query, double squared, Visit& visit) const {
        const Node& node = nodes_[static_cast<std::size_t>(at)];
        if (node.low < 0) {
            for (auto i = static_cast<std::size_t>(node.begin); i < static_cast<std::size_t>(node.end); ++i)
                if (const double d = squared_distance(query, points_[i]); d <= squared) visit(d, names_[i]);
            return;
        }
        const double across = query[static_cast<std::size_t>(node.axis)] - node.split;
        sweep(across < 0 ? node.low : node.high, query, squared, visit);
        if (across * across <= squared) sweep(across < 0 ? node.high : node.low, query, squared, visit);
    }

    std::vector<Point> points_;
    std::vector<std::int32_t> names_;
    std::vector<std::int32_t> order_;
    std::vector<Node> nodes_;
};

}  // namespace netdesign::base
