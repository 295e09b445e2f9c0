// What overloading a route costs while the search may do it.
#pragma once

#include <algorithm>

#include "routing/state.hpp"

namespace netdesign::routing {

/// The price of a unit of load beyond capacity, steered so that most of the plans visited keep capacity and some do not: on
/// tight problems good plans lie next to each other only by way of plans that do not (penalties as in Vidal et al. 2012,
/// section 4.5; slower and milder, since annealing stays at a plan for long).
class OverloadPrice {
public:
    /// At first a unit costs as much as a mean arc costs per unit delivered.
    explicit OverloadPrice(const Problem& problem) {
        double demand = 0.0;
        for (Location c = problem.first_customer(); c < problem.size(); ++c)
            for (const std::int32_t amount : problem.demand(c)) demand += amount;
        unit_ = price_scale * problem.mean_neighbour_cost() * problem.customers() / std::max(demand, 1.0);
        price_ = unit_;
    }

    [[nodiscard]] Total price() const noexcept { return static_cast<Total>(price_) + 1; }

    /// After every iteration; true when there is a new price.
    bool count(bool within_capacity) noexcept {
        within_ += within_capacity ? 1 : 0;
        if (++counted_ < period) return false;
        price_ *= within_ < wanted_share * period ? step : 1.0 / step;
        price_ = std::clamp(price_, unit_ / 100.0, unit_ * 1000.0);
        counted_ = within_ = 0;
        return true;
    }

private:
    static constexpr int period = 2048;
    static constexpr double wanted_share = 0.8, step = 1.1;

    double unit_ = 0.0, price_ = 0.0;
    int counted_ = 0, within_ = 0;
};

}  // namespace netdesign::routing
