// Valid lower bounds on the cost of any plan that serves everybody, for every kind of problem and any size.
#pragma once

#include <cstdint>
#include <vector>

#include "routing/problem.hpp"

namespace netdesign::routing {

/// The largest of the bounds below; O(n log n) time and O(n) memory where there are points, one pass over the
/// matrix where there is one. Whole numbers, since costs are.
///
/// - degree: every customer has an arc in and an arc out; half of an arc between customers rests on either of them,
///   the arcs of the depots and the fixed cost rest on the customers next to them, and at least as many customers as
///   there must be routes are first or last;
/// - radial: a route with load L of a vehicle of capacity Q costs at least L / Q of the way to its farthest customer
///   and back, so every customer carries its share of the way to itself (Haimovich and Rinnooy Kan 1985);
/// - both: within some radius of the depots the radial share counts, outside it the degree.
[[nodiscard]] double lower_bound(const Problem& problem);

/// What every customer carries of the radial bound, (customers): where better bounds begin.
[[nodiscard]] std::vector<double> customer_shares(const Problem& problem);

/// Fewest routes that can carry all demand; 0 where nobody wants anything.
[[nodiscard]] std::int32_t least_routes(const Problem& problem);

/// What the fixed costs of any plan come to at least.
[[nodiscard]] double least_fixed_cost(const Problem& problem, std::int32_t routes);

/// The bound as a whole number, a hair for rounding taken off first: every plan costs a whole number.
[[nodiscard]] double rounded_up(double bound) noexcept;

/// Money for one arc on a vehicle of a type, the fixed cost aside; nothing to and from `anywhere`.
[[nodiscard]] inline double arc_money(const Problem& p, const VehicleType& type, Location i, Location j) noexcept {
    if (i == anywhere || j == anywhere) return 0.0;
    const double distance = static_cast<double>(type.distance_rate) * p.travel().cost(i, j);
    return type.time_rate == 0 ? distance : distance + static_cast<double>(type.time_rate) * p.travel().duration(i, j);
}

/// Half of it is paid at either end of a route (State::price).
[[nodiscard]] inline double fixed_money(const VehicleType& type) noexcept { return 2.0 * static_cast<double>(type.fixed_cost / 2); }

/// Whether a vehicle of a type can carry what a customer wants.
[[nodiscard]] inline bool can_carry(const Problem& p, const VehicleType& type, Location c) noexcept {
    for (std::size_t k = 0; k < type.capacity.size(); ++k)
        if (p.demand(c)[k] > type.capacity[k]) return false;
    return true;
}

}  // namespace netdesign::routing
