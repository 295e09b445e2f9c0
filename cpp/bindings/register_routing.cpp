#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <vector>

#include "bindings/arrays.hpp"
#include "bindings/register.hpp"
#include "bindings/run.hpp"
#include "routing/search.hpp"

namespace netdesign::bindings {

namespace {

using routing::Cost;
using routing::Location;
using routing::Problem;
using routing::Time;
using routing::Total;
using routing::VehicleType;

template <typename T, std::size_t Dimensions>
std::vector<T> copy(const In<T, Dimensions>& array) {
    const auto values = view<T, Dimensions>(array);
    return {values.begin(), values.end()};
}

std::vector<routing::PlannedRoute> routes_of(const In<std::int32_t>& visits, const In<std::int64_t>& offsets, const In<std::int32_t>& types) {
    std::vector<routing::PlannedRoute> routes;
    for (std::size_t k = 0; k + 1 < offsets.size(); ++k)
        routes.push_back({types(k), {visits.data() + offsets(k), visits.data() + offsets(k + 1)}});
    return routes;
}

routing::Travel points_travel(const In<double, 2>& points, int rounding, double rounding_factor, double cost_rate, double time_rate) {
    const routing::Scaling scaling{static_cast<routing::Rounding>(rounding), rounding_factor, cost_rate, time_rate};
    return {view<double, 2>(points), static_cast<int>(points.shape(1)), scaling};
}

routing::Travel lists_travel(const In<double, 2>& points, int rounding, double rounding_factor, double cost_rate, double time_rate,
                             const In<std::int64_t>& first, const In<Location>& destinations, const In<Cost>& costs, const In<Time>& durations) {
    const routing::Scaling scaling{static_cast<routing::Rounding>(rounding), rounding_factor, cost_rate, time_rate};
    routing::PairLists lists{copy<std::int64_t, 1>(first), copy<Location, 1>(destinations), copy<Cost, 1>(costs), copy<Time, 1>(durations)};
    return {view<double, 2>(points), static_cast<int>(points.shape(1)), scaling, std::move(lists)};
}

routing::Travel matrix_travel(const In<Cost, 2>& costs, const In<Time, 2>& durations) {
    return {copy<Cost, 2>(costs), copy<Time, 2>(durations), static_cast<std::int32_t>(costs.shape(0))};
}

void new_vehicle_type(VehicleType* self, std::int32_t count, Location start, Location end, std::vector<std::int32_t> capacity, Total fixed_cost,
                      Total distance_rate, Total time_rate, Total max_distance, Time max_duration, Time earliest, Time latest) {
    new (self) VehicleType{count, start, end, std::move(capacity), fixed_cost, distance_rate, time_rate, max_distance, max_duration, earliest, latest};
}

nb::dict outcome_of(routing::Outcome outcome) {
    std::vector<std::int32_t> visits, types;
    std::vector<std::int64_t> offsets{0};
    for (const auto& route : outcome.best.routes) {
        visits.insert(visits.end(), route.visits.begin(), route.visits.end());
        offsets.push_back(static_cast<std::int64_t>(visits.size()));
        types.push_back(route.type);
    }
    nb::dict out, operators;
    for (std::size_t k = 0; k < outcome.improvements.size(); ++k)
        operators[nb::str(routing::operator_names[k].data(), routing::operator_names[k].size())] = outcome.improvements[k];
    out["visits"] = to_array(std::move(visits));
    out["offsets"] = to_array(std::move(offsets));
    out["types"] = to_array(std::move(types));
    out["unserved"] = to_array(std::move(outcome.best.unserved));
    out["bound"] = outcome.bound;
    out["reason"] = name_of(outcome.reason);
    out["iterations"] = outcome.iterations;
    out["trace"] = trace_of(outcome.trace);
    out["operators"] = operators;
    return out;
}

nb::dict solve(const routing::Travel& travel, std::int32_t depots, const In<std::int32_t, 2>& demand, const In<Time>& service, const In<Time>& earliest,
               const In<Time>& latest, std::vector<VehicleType> fleet, const In<std::int32_t>& start_visits, const In<std::int64_t>& start_offsets,
               const In<std::int32_t>& start_types, const base::StopRule& stop, std::uint64_t seed, std::int32_t threads, bool deterministic,
               nb::object progress) {
    routing::Description description{
        travel, depots, copy<std::int32_t, 2>(demand), copy<Time, 1>(service), copy<Time, 1>(earliest), copy<Time, 1>(latest), std::move(fleet)};
    const routing::Settings settings{seed, threads, deterministic, routes_of(start_visits, start_offsets, start_types)};
    const base::Monitor monitor = monitor_of(std::move(progress));
    routing::Outcome outcome;
    {
        nb::gil_scoped_release unlocked;
        const base::Watch set_up({});
        const Problem problem(std::move(description), routing::neighbours_kept, threads);
        base::StopRule rest = stop;  // neighbours and tables are on the clock too
        rest.time_limit_s -= set_up.seconds();
        outcome = routing::solve(problem, settings, rest, monitor);
    }
    return outcome_of(std::move(outcome));
}

}  // namespace

void register_routing(nb::module_& m) {
    nb::class_<routing::Travel>(m, "Travel", "Integer costs and durations between locations.")
        .def_static("from_points", &points_travel, nb::arg("points"), nb::arg("rounding"), nb::arg("rounding_factor"), nb::arg("cost_rate"),
                    nb::arg("time_rate"))
        .def_static("from_lists", &lists_travel, nb::arg("points"), nb::arg("rounding"), nb::arg("rounding_factor"), nb::arg("cost_rate"),
                    nb::arg("time_rate"), nb::arg("first"), nb::arg("destinations"), nb::arg("costs"), nb::arg("durations"))
        .def_static("from_matrices", &matrix_travel, nb::arg("costs"), nb::arg("durations"));
    nb::class_<VehicleType>(m, "VehicleType", "Vehicles that are alike, in the core's integers; end = -1 for anywhere.")
        .def("__init__", &new_vehicle_type, nb::arg("count"), nb::arg("start"), nb::arg("end"), nb::arg("capacity"), nb::arg("fixed_cost"),
             nb::arg("distance_rate"), nb::arg("time_rate"), nb::arg("max_distance"), nb::arg("max_duration"), nb::arg("earliest"), nb::arg("latest"));
    m.def("solve_routing", &solve, nb::arg("travel"), nb::arg("depots"), nb::arg("demand"), nb::arg("service"), nb::arg("earliest"), nb::arg("latest"),
          nb::arg("fleet"), nb::arg("start_visits"), nb::arg("start_offsets"), nb::arg("start_types"), nb::arg("stop"), nb::arg("seed"),
          nb::arg("threads"), nb::arg("deterministic"), nb::arg("progress").none(), "Route the customers; everything in the core's integers.");
}

}  // namespace netdesign::bindings
