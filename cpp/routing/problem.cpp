#include "routing/problem.hpp"

#include <algorithm>
#include <cmath>

#include "routing/neighbours.hpp"

namespace netdesign::routing {

Problem::Problem(Description d, std::int32_t neighbours)
    : travel_(std::move(d.travel)),
      stride_(static_cast<std::size_t>(travel_.size())),
      demand_(std::move(d.demand)),
      capacity_(std::move(d.capacity)),
      service_(std::move(d.service)),
      earliest_(std::move(d.earliest)),
      latest_(std::move(d.latest)),
      max_routes_(std::min(d.max_routes, travel_.size() - 1)),
      half_fixed_(d.fixed_cost / 2) {
    service_[depot] = 0;
    if (size() <= table_limit) tabulate();
    const auto count = std::min(neighbours, customers() - 1);
    width_ = static_cast<std::size_t>(std::max(count, 0));
    neighbours_ = nearest_neighbours(*this, static_cast<std::int32_t>(width_));
    double sum = 0.0;
    std::int64_t arcs = 0;
    const auto few = std::min<std::size_t>(width_, 20);
    for (Location i = 1; i < size(); ++i)
        for (const Location j : this->neighbours(i).first(few))
            if (const Cost c = travel_.cost(i, j); c < forbidden_arc) sum += c, ++arcs;
    mean_neighbour_cost_ = arcs > 0 ? sum / static_cast<double>(arcs) : 1.0;
}

Cost Problem::computed_cost(Location i, Location j) const noexcept {
    return travel_.cost(i, j) + ((i == depot) != (j == depot) ? half_fixed_ : 0);
}

Time Problem::computed_duration(Location i, Location j) const noexcept {
    return service_[static_cast<std::size_t>(i)] + travel_.duration(i, j);
}

void Problem::tabulate() {
    auto costs = std::make_unique_for_overwrite<Cost[]>(stride_ * stride_);
    auto durations = std::make_unique_for_overwrite<Time[]>(timed() ? stride_ * stride_ : 0);
    for (Location i = 0; i < size(); ++i)
        for (Location j = 0; j < size(); ++j) {
            costs[at(i, j)] = computed_cost(i, j);
            if (timed()) durations[at(i, j)] = computed_duration(i, j);
        }
    cost_table_ = std::move(costs);
    if (timed()) duration_table_ = std::move(durations);
}

}  // namespace netdesign::routing
