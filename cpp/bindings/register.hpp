#pragma once

#include <nanobind/nanobind.h>

namespace netdesign::bindings {

void register_run(nanobind::module_& m);
void register_location(nanobind::module_& m);
void register_routing(nanobind::module_& m);

}  // namespace netdesign::bindings
