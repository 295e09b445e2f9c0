// A plan in plain numbers, as it comes in and goes out.
#pragma once

#include <cstdint>
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

}  // namespace netdesign::routing
