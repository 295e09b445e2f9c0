// What overloading a route costs while the search may do it.
#pragma once

#include <algorithm>

#include "routing/state.hpp"

namespace netdesign::routing {

/// The price of a unit of load beyond capacity, steered so that some of the plans visited keep capacity and some do not: on
/// tight problems good plans lie next to each other only by way of plans that do not (Vidal et al. 2012, section 4.5).
class OverloadPrice {
public:
    /// After so many plans the price changes by a factor, up where fewer of them keep capacity than wanted, down where more do.
    struct Rule {
        int period;
        double wanted_share, step;
    };

    /// At first a unit costs as much as a mean arc costs per unit delivered.
    OverloadPrice(const Problem& problem, Rule rule) : rule_(rule) {
        double demand = 0.0;
        for (Location c = problem.first_customer(); c < problem.size(); ++c)
            for (const std::int32_t amount : problem.demand(c)) demand += amount;
        unit_ = price_scale * problem.mean_neighbour_cost() * problem.customers() / std::max(demand, 1.0);
        price_ = unit_;
    }

    [[nodiscard]] Total price() const noexcept { return static_cast<Total>(price_) + 1; }

    /// After every plan; true when there is a new price.
    bool count(bool within_capacity) noexcept {
        within_ += within_capacity ? 1 : 0;
        if (++counted_ < rule_.period) return false;
        price_ *= within_ < rule_.wanted_share * rule_.period ? rule_.step : 1.0 / rule_.step;
        price_ = std::clamp(price_, unit_ / 100.0, unit_ * 1000.0);
        counted_ = within_ = 0;
        return true;
    }

private:
    Rule rule_;
    double unit_ = 0.0, price_ = 0.0;
    int counted_ = 0, within_ = 0;
};

}  // namespace netdesign::routing
