#include <nanobind/stl/string.h>

#include <optional>
#include <stdexcept>
#include <vector>

#include "bindings/arrays.hpp"
#include "bindings/register.hpp"
#include "bindings/run.hpp"
#include "routing/bound.hpp"
#include "routing/search.hpp"

namespace netdesign::bindings {

namespace {

using routing::Cost;
using routing::Location;
using routing::Problem;
using routing::Time;

template <typename T, std::size_t Dimensions>
std::vector<T> copy(const In<T, Dimensions>& array) {
    const auto values = view<T, Dimensions>(array);
    return {values.begin(), values.end()};
}

std::vector<std::vector<Location>> routes_of(const In<std::int32_t>& visits, const In<std::int64_t>& offsets) {
    std::vector<std::vector<Location>> routes;
    for (std::size_t k = 0; k + 1 < offsets.size(); ++k)
        routes.emplace_back(visits.data() + offsets(k), visits.data() + offsets(k + 1));
    return routes;
}

routing::Travel points_travel(const In<double, 2>& points, int rounding, double rounding_factor, double cost_rate, double time_rate) {
    const routing::Scaling scaling{static_cast<routing::Rounding>(rounding), rounding_factor, cost_rate, time_rate};
    return {view<double, 2>(points), static_cast<int>(points.shape(1)), scaling};
}

routing::Travel matrix_travel(const In<Cost, 2>& costs, const In<Time, 2>& durations) {
    return {copy<Cost, 2>(costs), copy<Time, 2>(durations), static_cast<std::int32_t>(costs.shape(0))};
}

nb::dict outcome_of(routing::Outcome outcome) {
    std::vector<std::int32_t> visits;
    std::vector<std::int64_t> offsets{0};
    for (const auto& route : outcome.best.routes) {
        visits.insert(visits.end(), route.begin(), route.end());
        offsets.push_back(static_cast<std::int64_t>(visits.size()));
    }
    nb::dict out;
    out["visits"] = to_array(std::move(visits));
    out["offsets"] = to_array(std::move(offsets));
    out["unserved"] = to_array(std::move(outcome.best.unserved));
    out["bound"] = outcome.bound;
    out["reason"] = name_of(outcome.reason);
    out["seconds"] = outcome.seconds;
    out["iterations"] = outcome.iterations;
    out["trace"] = trace_of(outcome.trace);
    out["improvements"] = to_array(std::vector<std::int64_t>(outcome.improvements.begin(), outcome.improvements.end()));
    return out;
}

nb::dict solve(const routing::Travel& travel, const In<std::int32_t, 2>& demand, const In<std::int32_t>& capacity, const In<Time>& service,
               const In<Time>& earliest, const In<Time>& latest, std::int32_t max_routes, Cost fixed_cost, const In<std::int32_t>& start_visits,
               const In<std::int64_t>& start_offsets, const base::StopRule& stop, std::uint64_t seed, std::int32_t threads, nb::object progress) {
    routing::Description description{travel,           copy<std::int32_t, 2>(demand), copy<std::int32_t, 1>(capacity), copy<Time, 1>(service),
                                     copy<Time, 1>(earliest), copy<Time, 1>(latest),         max_routes,                      fixed_cost};
    routing::Settings settings{seed, threads, routes_of(start_visits, start_offsets)};
    const base::Monitor monitor = monitor_of(std::move(progress));
    routing::Outcome outcome;
    {
        nb::gil_scoped_release unlocked;
        const base::Watch set_up({});
        const Problem problem(std::move(description));
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
        .def_static("from_matrices", &matrix_travel, nb::arg("costs"), nb::arg("durations"));
    m.def("solve_routing", &solve, nb::arg("travel"), nb::arg("demand"), nb::arg("capacity"), nb::arg("service"), nb::arg("earliest"),
          nb::arg("latest"), nb::arg("max_routes"), nb::arg("fixed_cost"), nb::arg("start_visits"), nb::arg("start_offsets"), nb::arg("stop"),
          nb::arg("seed"), nb::arg("threads"), nb::arg("progress").none(), "Route the customers; everything in the core's integers.");
}

}  // namespace netdesign::bindings
