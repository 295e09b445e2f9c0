// A plan in plain numbers, as it comes in and goes out.
#pragma once

#include <cstdint>
#include <vector>

#include "routing/travel.hpp"

namespace netdesign::routing {

struct PlannedRoute {
    std::int32_t type = 0;  ///< index into the fleet
    std::vector<Location> visits;
};

struct Plan {
    std::vector<PlannedRoute> routes;
    std::vector<Location> unserved;
    Total cost = 0;
};

}  // namespace netdesign::routing
