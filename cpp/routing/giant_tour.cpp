#include "routing/giant_tour.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <utility>

#include "routing/state.hpp"

namespace netdesign::routing {

std::vector<Location> order_crossover(std::span<const Location> mother, std::span<const Location> father, base::Random& random) {
    const auto n = static_cast<std::int32_t>(mother.size());
    std::int32_t first = random.below(n), last = random.below(n);
    std::vector<Location> child(mother.size());
    std::vector<std::uint8_t> taken(mother.size() + 1 + static_cast<std::size_t>(*std::ranges::max_element(mother)), 0);
    std::int32_t k = first;
    for (;; k = (k + 1) % n) {
        child[static_cast<std::size_t>(k)] = mother[static_cast<std::size_t>(k)];
        taken[static_cast<std::size_t>(child[static_cast<std::size_t>(k)])] = 1;
        if (k == last) break;
    }
    std::int32_t to = (last + 1) % n;
    for (std::int32_t step = 1; step <= n; ++step) {
        const Location c = father[static_cast<std::size_t>((last + step) % n)];
        if (taken[static_cast<std::size_t>(c)]) continue;
        child[static_cast<std::size_t>(to)] = c;
        to = (to + 1) % n;
    }
    return child;
}

std::vector<PlannedRoute> split(const Problem& problem, std::span<const Location> tour, Total price) {
    const std::size_t n = tour.size(), dimensions = static_cast<std::size_t>(problem.dimensions());
    const auto& capacity = problem.fleet().front().capacity;
    std::vector<Total> best(n + 1, no_limit);
    std::vector<std::size_t> begin(n + 1, 0);
    best[0] = 0;
    for (std::size_t i = 0; i < n; ++i) {
        std::array<Total, 3> load{};
        Total way = problem.cost(depot, tour[i]);
        for (std::size_t j = i; j < n; ++j) {
            if (j > i) way += problem.cost(tour[j - 1], tour[j]);
            Total excess = 0;
            bool too_much = false;
            for (std::size_t d = 0; d < dimensions; ++d) {
                load[d] += problem.demand(tour[j])[d];
                excess += std::max<Total>(load[d] - capacity[d], 0);
                too_much |= 2 * load[d] > 3 * static_cast<Total>(capacity[d]);
            }
            if (too_much && j > i) break;
            const Total cost = best[i] + way + problem.cost(tour[j], depot) + excess * price / price_scale;
            if (cost < best[j + 1]) best[j + 1] = cost, begin[j + 1] = i;
        }
    }
    std::vector<PlannedRoute> routes;
    for (std::size_t end = n; end > 0; end = begin[end])
        routes.push_back({0, {tour.begin() + static_cast<std::ptrdiff_t>(begin[end]), tour.begin() + static_cast<std::ptrdiff_t>(end)}});
    std::ranges::reverse(routes);
    return routes;
}

Compass::Compass(const Problem& problem) : offsets_(static_cast<std::size_t>(problem.size())) {
    const Travel& travel = problem.travel();
    const auto dimensions = static_cast<std::size_t>(travel.dimensions());
    for (Location c = problem.first_customer(); c < problem.size(); ++c) {
        Offset& offset = offsets_[static_cast<std::size_t>(c)];
        if (!travel.has_points()) {
            const double angle = std::numbers::pi * (2.0 * c / problem.size() - 1.0);
            offset = {std::cos(angle), std::sin(angle)};
            continue;
        }
        const auto origin = travel.points().first(dimensions), point = travel.points().subspan(dimensions * static_cast<std::size_t>(c), dimensions);
        if (dimensions == 2) {
            offset = {point[0] - origin[0], point[1] - origin[1]};
        } else {  // on the unit sphere: east and north of the depot
            const double flat = std::hypot(origin[0], origin[1]), cosine = flat > 0 ? origin[0] / flat : 1.0, sine = flat > 0 ? origin[1] / flat : 0.0;
            offset = {cosine * point[1] - sine * point[0], flat * point[2] - origin[2] * (cosine * point[0] + sine * point[1])};
        }
    }
}

std::vector<Location> Compass::giant_tour(std::span<const PlannedRoute> routes) const {
    std::vector<std::pair<double, std::size_t>> order;
    std::size_t n = 0;
    for (std::size_t r = 0; r < routes.size(); ++r) {
        Offset sum;
        for (const Location c : routes[r].visits) sum.x += offsets_[static_cast<std::size_t>(c)].x, sum.y += offsets_[static_cast<std::size_t>(c)].y;
        order.emplace_back(std::atan2(sum.y, sum.x), r);
        n += routes[r].visits.size();
    }
    std::ranges::sort(order);
    std::vector<Location> tour;
    tour.reserve(n);
    for (const auto& [angle, r] : order) tour.insert(tour.end(), routes[r].visits.begin(), routes[r].visits.end());
    return tour;
}

}  // namespace netdesign::routing
