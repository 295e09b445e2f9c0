// What every solver's binding shares: the stop rule in, the monitor that takes the GIL a few times per
// second, Ctrl-C as an interruption that keeps the best solution, the run's outcome out.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bindings/arrays.hpp"
#include "base/stop.hpp"

namespace netdesign::bindings {

/// Wraps a Python callable (or None) as a monitor. It also asks the interpreter for pending signals: Ctrl-C ends
/// the run with what it has, whether it arrives in the core or inside the callable. Other exceptions pass.
/// The core copies monitors without the GIL: copies share the callable, and the last one takes the GIL to let go of it.
inline base::Monitor monitor_of(nb::object callback) {
    const std::shared_ptr<nb::object> shared(new nb::object(std::move(callback)), [](nb::object* held) {
        nb::gil_scoped_acquire gil;
        delete held;
    });
    return [shared](const base::Progress& p) {
        const nb::object& callback = *shared;
        nb::gil_scoped_acquire gil;
        if (PyErr_CheckSignals() != 0) {
            PyErr_Clear();
            return false;
        }
        if (callback.is_none()) return true;
        try {
            return !nb::object(callback(p.seconds, p.iterations, p.objective, p.bound)).is(nb::bool_(false));
        } catch (const nb::python_error& error) {
            if (error.matches(PyExc_KeyboardInterrupt)) return false;
            throw;
        }
    };
}

inline const char* name_of(base::StopReason reason) {
    switch (reason) {
        case base::StopReason::gap: return "gap";
        case base::StopReason::time_limit: return "time_limit";
        case base::StopReason::iteration_limit: return "iteration_limit";
        case base::StopReason::no_improvement: return "no_improvement";
        case base::StopReason::target: return "target";
        case base::StopReason::interrupted: return "interrupted";
        case base::StopReason::none: break;
    }
    return "no_improvement";
}

/// The trace as (seconds, iterations, objective, bound) tuples.
inline nb::list trace_of(const std::vector<base::Progress>& trace) {
    nb::list rows;
    for (const auto& p : trace) rows.append(nb::make_tuple(p.seconds, p.iterations, p.objective, p.bound));
    return rows;
}

}  // namespace netdesign::bindings
