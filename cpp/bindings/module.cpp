#include <nanobind/nanobind.h>

#include "bindings/register.hpp"

NB_MODULE(_native, m) {
    m.doc() = "The compiled core of netdesign; call it through netdesign.locate and netdesign.route.";
    netdesign::bindings::register_run(m);
    netdesign::bindings::register_location(m);
    netdesign::bindings::register_routing(m);
}
