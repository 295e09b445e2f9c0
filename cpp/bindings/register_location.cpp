#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "bindings/arrays.hpp"
#include "bindings/register.hpp"
#include "bindings/run.hpp"
#include "location/capacitated.hpp"
#include "location/capacitated_tree.hpp"
#include "location/solve.hpp"

namespace netdesign::bindings {

namespace nb = nanobind;

namespace {

using location::CostSource;

/// Where costs come from, as an opaque handle; arrays it only looks at are kept alive by the binding.
struct Costs {
    CostSource source;
    location::PairLimits limits;
};

template <typename Array>
auto span_of(const Array& array) {
    return std::span(array.data(), array.size());
}

template <typename T>
std::vector<T> vector_of(const In<T>& array) {
    return {array.data(), array.data() + array.size()};
}

location::Rounding rounding_of(const std::string& word) {
    if (word == "nearest") return location::Rounding::nearest;
    if (word == "floor") return location::Rounding::floor;
    if (word == "ceil") return location::Rounding::ceil;
    return location::Rounding::none;
}

template <std::size_t D>
std::vector<std::array<double, D>> points_of(const In<double, 2>& array) {
    std::vector<std::array<double, D>> points(array.shape(0));
    for (std::size_t i = 0; i < points.size(); ++i)
        for (std::size_t d = 0; d < D; ++d) points[i][d] = array.data()[i * D + d];
    return points;
}

location::ProblemData problem_data(const Costs& costs, const In<double>& weight, const In<double>& fixed_cost, const In<std::int8_t>& status) {
    location::ProblemData data{costs.source, {}, {}, {}};
    data.limits = costs.limits;
    data.weight = vector_of(weight);
    data.fixed_cost = vector_of(fixed_cost);
    for (std::size_t j = 0; j < status.size(); ++j) data.status.push_back(static_cast<location::SiteStatus>(status.data()[j]));
    return data;
}

nb::dict locate(const Costs& costs, In<double> weight, In<double> fixed_cost, In<std::int8_t> status, std::int32_t min_open,
                std::int32_t max_open, bool integral, base::StopRule stop, std::uint64_t seed, int threads, bool deterministic,
                In<std::int32_t> sites, In<double> multiplier, nb::object callback) {
    location::ProblemData data = problem_data(costs, weight, fixed_cost, status);
    data.min_open = min_open;
    data.max_open = max_open;
    data.integral = integral;
    location::Options options{stop, monitor_of(std::move(callback)), seed, threads, deterministic, vector_of(sites), vector_of(multiplier)};
    location::Outcome outcome;
    {
        nb::gil_scoped_release release;
        outcome = location::solve(location::Problem(std::move(data)), options);
    }
    nb::dict result;
    result["open"] = to_array(std::move(outcome.open));
    result["assignment"] = to_array(std::move(outcome.assignment));
    result["bound"] = outcome.bound;
    result["multiplier"] = to_array(std::move(outcome.certificate.lambda));
    result["certified_bound"] = outcome.certificate.bound;
    result["infeasible"] = outcome.infeasible;
    result["reason"] = name_of(outcome.reason);
    result["trace"] = trace_of(outcome.trace);
    result["seconds"] = outcome.seconds;
    result["iterations"] = outcome.iterations;
    return result;
}

nb::dict bound_with_capacities(const Costs& costs, In<double> weight, In<double> fixed_cost, In<std::int8_t> status, In<double> capacity,
                               In<std::int32_t> group, bool single_source, In<double> multiplier, base::StopRule stop, nb::object callback) {
    location::ProblemData data = problem_data(costs, weight, fixed_cost, status);
    data.max_open = static_cast<std::int32_t>(fixed_cost.size());
    const location::Capacities capacities{vector_of(capacity), single_source, vector_of(group)};
    const base::Monitor monitor = monitor_of(std::move(callback));
    location::CapacitatedBound outcome;
    {
        nb::gil_scoped_release release;
        outcome = location::bound_with_capacities(location::Problem(std::move(data)), capacities, stop, monitor, vector_of(multiplier));
    }
    std::vector<std::int32_t> sites;
    std::vector<double> unit_costs;
    for (const auto& [cost, site] : outcome.entries) sites.push_back(site), unit_costs.push_back(cost);
    nb::dict result;
    result["multiplier"] = to_array(std::move(outcome.lambda));
    result["reduced_cost"] = to_array(std::move(outcome.reduced_cost));
    result["capacity_price"] = outcome.theta;
    result["bound"] = outcome.bound;
    result["offsets"] = to_array(std::move(outcome.first));
    result["sites"] = to_array(std::move(sites));
    result["costs"] = to_array(std::move(unit_costs));
    result["cap"] = to_array(std::move(outcome.cap));
    result["reason"] = name_of(outcome.reason);
    result["trace"] = trace_of(outcome.trace);
    result["seconds"] = outcome.seconds;
    result["iterations"] = outcome.iterations;
    return result;
}

nb::dict branch_with_capacities(const Costs& costs, In<double> weight, In<double> fixed_cost, In<std::int8_t> status, In<double> capacity,
                                In<double> multiplier, double bound, double objective, bool single_source, bool integral,
                                base::StopRule stop, std::uint64_t seed, std::size_t threads, nb::object callback) {
    location::ProblemData data = problem_data(costs, weight, fixed_cost, status);
    data.max_open = static_cast<std::int32_t>(fixed_cost.size());
    const location::Capacities capacities{vector_of(capacity), single_source, {}};
    location::CapacitatedStart start{vector_of(multiplier), bound, objective, integral};
    const base::Monitor monitor = monitor_of(std::move(callback));
    location::CapacitatedOutcome outcome;
    {
        nb::gil_scoped_release release;
        outcome = location::branch_with_capacities(location::Problem(std::move(data)), capacities, std::move(start), seed, threads, stop, monitor);
    }
    std::vector<std::int32_t> customers, sites;
    std::vector<double> shares;
    for (const auto& [customer, site, share] : outcome.parts) customers.push_back(customer), sites.push_back(site), shares.push_back(share);
    nb::dict result;
    result["customers"] = to_array(std::move(customers));
    result["sites"] = to_array(std::move(sites));
    result["shares"] = to_array(std::move(shares));
    result["bound"] = outcome.bound;
    result["exhausted"] = outcome.exhausted;
    result["reason"] = name_of(outcome.reason);
    result["trace"] = trace_of(outcome.trace);
    result["seconds"] = outcome.seconds;
    result["iterations"] = outcome.iterations;
    return result;
}

}  // namespace

void register_location(nb::module_& m) {
    nb::class_<Costs>(m, "CostSource", "Where the cost of serving a customer from a site comes from.")
        .def_static(
            "matrix",
            [](In<double, 2> values) {
                const auto n = static_cast<std::int32_t>(values.shape(0)), m = static_cast<std::int32_t>(values.shape(1));
                return Costs{location::MatrixCosts{span_of(values), n, m}, {}};
            },
            nb::arg("values"), nb::keep_alive<0, 1>())
        .def_static(
            "plane",
            [](In<double, 2> customers, In<double, 2> sites, const std::string& rounding) {
                return Costs{location::PlaneCosts{points_of<2>(customers), points_of<2>(sites), rounding_of(rounding)}, {}};
            },
            nb::arg("customers"), nb::arg("sites"), nb::arg("rounding"))
        .def_static(
            "sphere",
            [](In<double, 2> customers, In<double, 2> sites, double diameter) {
                return Costs{location::SphereCosts{points_of<3>(customers), points_of<3>(sites), diameter}, {}};
            },
            nb::arg("customers"), nb::arg("sites"), nb::arg("diameter"))
        .def_static(
            "lists",
            [](In<std::int64_t> offsets, In<std::int32_t> sites, In<double> costs, std::int32_t n_sites, bool complete) {
                return Costs{location::ListCosts{span_of(offsets), span_of(sites), span_of(costs), n_sites, complete}, {}};
            },
            nb::arg("offsets"), nb::arg("sites"), nb::arg("costs"), nb::arg("n_sites"), nb::arg("complete"), nb::keep_alive<0, 1>(),
            nb::keep_alive<0, 2>(), nb::keep_alive<0, 3>())
        .def(
            "limit",
            [](Costs& costs, In<double> reach, In<std::int64_t> first, In<std::int32_t> forbidden) {
                costs.limits = {vector_of(reach), vector_of(first), vector_of(forbidden)};
            },
            nb::arg("reach"), nb::arg("first"), nb::arg("forbidden"),
            "Say which pairs cannot serve: per customer beyond which cost, and which sites; empty where there are none.");
    m.def("locate", &locate, nb::arg("costs"), nb::arg("weight"), nb::arg("fixed_cost"), nb::arg("status"), nb::arg("min_open"),
          nb::arg("max_open"), nb::kw_only(), nb::arg("integral"), nb::arg("stop"), nb::arg("seed"), nb::arg("threads"),
          nb::arg("deterministic"), nb::arg("sites"), nb::arg("multiplier"), nb::arg("callback").none(), "Solve a p-median or uncapacitated facility location problem.");
    m.def("bound_with_capacities", &bound_with_capacities, nb::arg("costs"), nb::arg("weight"), nb::arg("fixed_cost"), nb::arg("status"),
          nb::arg("capacity"), nb::arg("group"), nb::kw_only(), nb::arg("single_source"), nb::arg("multiplier"), nb::arg("stop"), nb::arg("callback").none(),
          "Bound a facility location problem with capacities by its Lagrangian dual.");
    m.def("branch_with_capacities", &branch_with_capacities, nb::arg("costs"), nb::arg("weight"), nb::arg("fixed_cost"), nb::arg("status"),
          nb::arg("capacity"), nb::arg("multiplier"), nb::arg("bound"), nb::arg("objective"), nb::kw_only(), nb::arg("single_source"),
          nb::arg("integral"), nb::arg("stop"), nb::arg("seed"), nb::arg("threads"), nb::arg("callback").none(),
          "Find better solutions than one of this objective by branch and bound.");
}

}  // namespace netdesign::bindings
