#include "routing/partition.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <span>

namespace netdesign::routing {

namespace {

using Point = std::array<double, 3>;

/// Where a location is; without coordinates, how far from three landmarks.
Point place_of(const Problem& problem, Location i) {
    const Travel& travel = problem.travel();
    Point p{};
    if (travel.has_points()) {
        const auto first = travel.points().begin() + static_cast<std::ptrdiff_t>(i) * travel.dimensions();
        std::copy_n(first, travel.dimensions(), p.begin());
        return p;
    }
    const std::array<Location, 3> landmarks{0, problem.size() / 3, 2 * problem.size() / 3};
    for (std::size_t k = 0; k < 3; ++k) p[k] = std::min<Cost>(travel.cost(landmarks[k], i), forbidden_arc);
    return p;
}

struct Turn {
    std::array<Point, 3> axes;

    /// Three random directions at right angles (Gram and Schmidt); in the plane the third is not used.
    Turn(int dimensions, base::Random& random) {
        for (std::size_t k = 0; k < 3; ++k) {
            Point& axis = axes[k];
            axis = {};
            if (static_cast<int>(k) >= dimensions) continue;
            for (std::size_t d = 0; d < static_cast<std::size_t>(dimensions); ++d) axis[d] = random.unit() - 0.5;
            for (std::size_t j = 0; j < k; ++j) {
                const double along = std::inner_product(axis.begin(), axis.end(), axes[j].begin(), 0.0);
                for (std::size_t d = 0; d < 3; ++d) axis[d] -= along * axes[j][d];
            }
            const double length = std::sqrt(std::inner_product(axis.begin(), axis.end(), axis.begin(), 0.0));
            for (double& x : axis) x /= std::max(length, 1e-12);
        }
    }
    [[nodiscard]] Point operator()(const Point& p) const {
        Point q;
        for (std::size_t k = 0; k < 3; ++k) q[k] = std::inner_product(p.begin(), p.end(), axes[k].begin(), 0.0);
        return q;
    }
};

/// A point with a name: a route or a customer, and how many customers it stands for.
struct Item {
    std::int32_t name, customers;
    Point centre;
};

/// In which coordinate the items are spread most.
std::size_t longest_side(std::span<const Item> items) {
    Point low = items.front().centre, high = low;
    for (const Item& item : items)
        for (std::size_t k = 0; k < 3; ++k) low[k] = std::min(low[k], item.centre[k]), high[k] = std::max(high[k], item.centre[k]);
    std::size_t side = 0;
    for (std::size_t k = 1; k < 3; ++k)
        if (high[k] - low[k] > high[side] - low[side]) side = k;
    return side;
}

/// The order of items along a side.
auto along(std::size_t side) {
    return [side](const Item& a, const Item& b) { return std::pair(a.centre[side], a.name) < std::pair(b.centre[side], b.name); };
}

void halve(std::span<Item> items) {
    if (items.size() < 3) return;
    std::ranges::nth_element(items, items.begin() + static_cast<std::ptrdiff_t>(items.size() / 2), along(longest_side(items)));
    halve(items.first(items.size() / 2));
    halve(items.subspan(items.size() / 2));
}

void split(std::span<Item> items, std::int64_t total, std::int32_t target, base::Random& random, std::vector<std::vector<std::int32_t>>& out) {
    if (total <= target + target / 2 || items.size() < 2) {
        out.emplace_back();
        for (const Item& item : items) out.back().push_back(item.name);
        return;
    }
    std::ranges::sort(items, along(longest_side(items)));
    // Near the middle, at a place that leaves whole groups on the left.
    const auto groups = std::max<std::int64_t>(2, (total + target / 2) / target);
    const double wanted = static_cast<double>(total) * (static_cast<double>(groups / 2) / static_cast<double>(groups) + 0.2 * (random.unit() - 0.5) / static_cast<double>(groups));
    std::int64_t left = 0;
    std::size_t cut = 0;
    while (cut + 1 < items.size() && (cut == 0 || static_cast<double>(left) < wanted)) left += items[cut++].customers;
    split(items.first(cut), left, target, random, out);
    split(items.subspan(cut), total - left, target, random, out);
}

}  // namespace

std::vector<std::vector<std::int32_t>> partition(const Problem& problem, const Plan& plan, std::int32_t customers, base::Random& random) {
    const Turn turn(problem.travel().has_points() ? problem.travel().dimensions() : 3, random);
    std::vector<Item> items;
    std::int64_t total = 0;
    for (std::size_t k = 0; k < plan.routes.size(); ++k) {
        const auto& visits = plan.routes[k].visits;
        Point centre{};
        for (const Location c : visits) {
            const Point p = place_of(problem, c);
            for (std::size_t d = 0; d < 3; ++d) centre[d] += p[d] / static_cast<double>(visits.size());
        }
        items.push_back({static_cast<std::int32_t>(k), static_cast<std::int32_t>(visits.size()), turn(centre)});
        total += items.back().customers;
    }
    std::vector<std::vector<std::int32_t>> groups;
    split(items, total, customers, random, groups);
    return groups;
}

std::vector<Location> spatial_order(const Problem& problem) {
    std::vector<Item> items;
    for (Location c = problem.first_customer(); c < problem.size(); ++c) items.push_back({c, 1, place_of(problem, c)});
    halve(items);
    std::vector<Location> order;
    for (const Item& item : items) order.push_back(item.name);
    return order;
}

}  // namespace netdesign::routing
