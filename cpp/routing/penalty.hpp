// What it costs to break a rule while the search may do it.
#pragma once

#include <algorithm>

#include "routing/state.hpp"

namespace netdesign::routing {

/// The price of a unit of load beyond capacity, or of lateness, steered so that some of the plans visited keep the rule and some
/// do not: on tight problems good plans lie next to each other only by way of plans that do not (Vidal et al. 2012, section 4.5).
class Penalty {
public:
    /// After so many plans the price changes by a factor, up where fewer of them keep the rule than wanted, down where more do.
    struct Rule {
        int period;
        double wanted_share, step;
    };

    /// `unit` is the price to begin with; it stays between a hundredth and a thousand times of it.
    Penalty(double unit, Rule rule) : rule_(rule), unit_(unit), price_(unit) {}

    [[nodiscard]] Total price() const noexcept { return static_cast<Total>(price_) + 1; }

    /// After every plan; true when there is a new price.
    bool count(bool keeps_rule) noexcept {
        keeping_ += keeps_rule ? 1 : 0;
        if (++counted_ < rule_.period) return false;
        price_ *= keeping_ < rule_.wanted_share * rule_.period ? rule_.step : 1.0 / rule_.step;
        price_ = std::clamp(price_, unit_ / 100.0, unit_ * 1000.0);
        counted_ = keeping_ = 0;
        return true;
    }

private:
    Rule rule_;
    double unit_ = 0.0, price_ = 0.0;
    int counted_ = 0, keeping_ = 0;
};

/// What a mean arc costs per unit delivered: the price of overloading to begin with.
inline double overload_unit(const Problem& problem) {
    double demand = 0.0;
    for (Location c = problem.first_customer(); c < problem.size(); ++c)
        for (const std::int32_t amount : problem.demand(c)) demand += amount;
    return price_scale * problem.mean_neighbour_cost() * problem.customers() / std::max(demand, 1.0);
}

/// What the arcs from the depot cost per unit of time they take: the price of lateness to begin with.
inline double lateness_unit(const Problem& problem) {
    double cost = 0.0, time = 0.0, rate = 0.0;
    for (Location c = problem.first_customer(); c < problem.size(); ++c) cost += problem.cost(depot, c), time += problem.duration(depot, c);
    for (const VehicleType& type : problem.fleet()) rate = std::max(rate, static_cast<double>(type.distance_rate));
    return price_scale * rate * cost / std::max(time, 1.0);
}

}  // namespace netdesign::routing
