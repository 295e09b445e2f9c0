// A plan in plain numbers, as it comes in and goes out.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "routing/travel.hpp"

namespace netdesign::routing {

struct PlannedRoute {
    std::int32_t type = 0;  ///< index into the fleet
    std::vector<Location> visits;

    friend bool operator==(const PlannedRoute&, const PlannedRoute&) = default;
};

struct Plan {
    std::vector<PlannedRoute> routes;
    std::vector<Location> unserved;
    Total cost = 0;  ///< of the routes

    /// Fewer unserved, then cheaper.
    [[nodiscard]] bool better_than(const Plan& other) const noexcept {
        return unserved.size() == other.unserved.size() ? cost < other.cost : unserved.size() < other.unserved.size();
    }

    friend bool operator==(const Plan&, const Plan&) = default;
};

/// Plans of a part of a problem in the numbers of the whole, and back: customer first + k of the part is names[k].
class Renumbering {
public:
    Renumbering(std::vector<Location> names, Location first) : names_(std::move(names)), first_(first) {}

    [[nodiscard]] const std::vector<Location>& names() const noexcept { return names_; }
    [[nodiscard]] Plan to_whole(Plan plan) const {
        const auto rename = [this](Location& c) { c = names_[static_cast<std::size_t>(c - first_)]; };
        for (auto& route : plan.routes) std::ranges::for_each(route.visits, rename);
        std::ranges::for_each(plan.unserved, rename);
        return plan;
    }
    [[nodiscard]] std::vector<PlannedRoute> to_part(std::vector<PlannedRoute> routes) const {
        std::vector<Location> position(names_.size() + static_cast<std::size_t>(first_));
        for (std::size_t k = 0; k < names_.size(); ++k) position[static_cast<std::size_t>(names_[k])] = first_ + static_cast<Location>(k);
        for (auto& route : routes)
            for (Location& c : route.visits) c = position[static_cast<std::size_t>(c)];
        return routes;
    }

private:
    std::vector<Location> names_;
    Location first_;
};

}  // namespace netdesign::routing
