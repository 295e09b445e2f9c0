#include "routing/problem.hpp"

#include <algorithm>
#include <cmath>

#include "routing/neighbours.hpp"

namespace netdesign::routing {

namespace {

bool is_plain(const Description& d) {
    if (d.depots != 1 || d.fleet.size() != 1) return false;
    const VehicleType& v = d.fleet.front();
    return v.start == depot && v.end == depot && v.distance_rate == 1 && v.time_rate == 0 && v.max_distance >= no_limit &&
           v.max_duration >= no_deadline && v.earliest == 0 && v.latest >= no_deadline;
}

}  // namespace

Problem::Problem(Description d, std::int32_t neighbours, std::int32_t threads)
    : travel_(std::move(d.travel)),
      depots_(d.depots),
      dimensions_(static_cast<int>(d.fleet.front().capacity.size())),
      plain_(is_plain(d)),
      stride_(static_cast<std::size_t>(travel_.size())),
      demand_(std::move(d.demand)),
      service_(std::move(d.service)),
      earliest_(std::move(d.earliest)),
      latest_(std::move(d.latest)),
      fleet_(std::move(d.fleet)) {
    std::fill_n(service_.begin(), depots_, 0);
    std::int64_t routes = 0;
    for (VehicleType& type : fleet_) {
        type.count = std::min(type.count, customers());
        routes += type.count;
        pays_time_ |= type.time_rate != 0;
    }
    max_routes_ = static_cast<std::int32_t>(routes);
    if (plain_) half_fixed_ = static_cast<Cost>(fleet_.front().fixed_cost / 2);
    if (size() <= table_limit) tabulate();
    const auto count = std::min(neighbours, customers() - 1);
    width_ = static_cast<std::size_t>(std::max(count, 0));
    neighbours_ = nearest_neighbours(*this, static_cast<std::int32_t>(width_), threads);
    measure_neighbours();
}

void Problem::measure_neighbours() {
    double sum = 0.0, rates = 0.0;
    std::int64_t arcs = 0, vehicles = 0;
    for (const VehicleType& type : fleet_) {
        rates += static_cast<double>(type.distance_rate) * type.count;
        vehicles += type.count;
    }
    const auto few = std::min<std::size_t>(width_, 20);
    for (Location i = first_customer(); i < size(); ++i)
        for (const Location j : this->neighbours(i).first(few))
            if (const Cost c = travel_.cost(i, j); c < forbidden_arc) sum += c, ++arcs;
    const double rate = vehicles > 0 ? rates / static_cast<double>(vehicles) : 1.0;
    mean_neighbour_cost_ = arcs > 0 ? rate * sum / static_cast<double>(arcs) : 1.0;
}

Problem Problem::restricted_to(std::span<const Location> customers, std::vector<VehicleType> fleet) const {
    std::vector<Location> locations;
    for (Location d = 0; d < depots_; ++d) locations.push_back(d);
    locations.insert(locations.end(), customers.begin(), customers.end());
    Description part;
    part.travel = travel_.restricted_to(locations);
    part.depots = depots_;
    for (const Location i : locations) {
        const auto amounts = demand(i);
        part.demand.insert(part.demand.end(), amounts.begin(), amounts.end());
        part.service.push_back(service(i));
        if (!timed()) continue;
        part.earliest.push_back(earliest(i));
        part.latest.push_back(latest(i));
    }
    part.fleet = std::move(fleet);
    return Problem(std::move(part), static_cast<std::int32_t>(width_));
}

Total Problem::route_cost(std::int32_t type, std::span<const Location> visits) const noexcept {
    if (visits.empty()) return 0;
    const VehicleType& vehicle = fleet_[static_cast<std::size_t>(type)];
    Total distance = 0, time = 0;
    Location from = vehicle.start;
    const auto drive = [&](Location to) {
        distance += cost(from, to);
        if (pays_time()) time += duration(from, to) - service(from);
        from = to;
    };
    for (const Location c : visits) drive(c);
    if (vehicle.end != anywhere) drive(vehicle.end);
    return plain_ ? distance : vehicle.fixed_cost + vehicle.distance_rate * distance + vehicle.time_rate * time;
}

Cost Problem::computed_cost(Location i, Location j) const noexcept {
    return travel_.cost(i, j) + ((i < depots_) != (j < depots_) ? half_fixed_ : 0);
}

Time Problem::computed_duration(Location i, Location j) const noexcept {
    return service_[static_cast<std::size_t>(i)] + travel_.duration(i, j);
}

void Problem::tabulate() {
    auto costs = std::make_unique_for_overwrite<Cost[]>(stride_ * stride_);
    const bool needs_time = timed() || pays_time();
    auto durations = std::make_unique_for_overwrite<Time[]>(needs_time ? stride_ * stride_ : 0);
    for (Location i = 0; i < size(); ++i)
        for (Location j = 0; j < size(); ++j) {
            costs[at(i, j)] = computed_cost(i, j);
            if (needs_time) durations[at(i, j)] = computed_duration(i, j);
        }
    cost_table_ = std::move(costs);
    if (needs_time) duration_table_ = std::move(durations);
}

}  // namespace netdesign::routing
