#include <cstdint>

#include "base/stop.hpp"
#include "bindings/register.hpp"

namespace netdesign::bindings {

namespace nb = nanobind;

void register_run(nb::module_& m) {
    nb::class_<base::StopRule>(m, "StopRule", "The limits of one run.")
        .def(nb::init<double, std::int64_t, double, std::int64_t, double>(), nb::arg("time_limit_s"), nb::arg("max_iterations"),
             nb::arg("gap"), nb::arg("no_improvement"), nb::arg("target"));
}

}  // namespace netdesign::bindings
