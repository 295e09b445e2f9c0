// Giant tours: the routes of a plan one behind the other, as parents of a genetic search are crossed (Prins 2004).
#pragma once

#include <span>
#include <vector>

#include "base/random.hpp"
#include "routing/plan.hpp"
#include "routing/problem.hpp"

namespace netdesign::routing {

/// A child of two tours over the same customers: a stretch of the one, the rest in the order of the other (OX). O(n).
[[nodiscard]] std::vector<Location> order_crossover(std::span<const Location> mother, std::span<const Location> father, base::Random& random);

/// The cheapest way to cut a tour into routes that follow its order; a route may hold half as much again as a vehicle of the
/// only type, at the price of a unit beyond its capacity in 1/price_scale of the unit of costs. O(n * length of routes).
[[nodiscard]] std::vector<PlannedRoute> split(const Problem& problem, std::span<const Location> tour, Total price);

/// Orders routes by their direction as seen from the depot; where there are no coordinates, by the numbers of their customers.
class Compass {
public:
    explicit Compass(const Problem& problem);

    /// The routes one behind the other.
    [[nodiscard]] std::vector<Location> giant_tour(std::span<const PlannedRoute> routes) const;

private:
    struct Offset {
        double x = 0.0, y = 0.0;
    };
    std::vector<Offset> offsets_;  ///< from the depot, by location
};

}  // namespace netdesign::routing
