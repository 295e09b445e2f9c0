// ChangeVehicle: a route goes, as it is, to a vehicle that stands idle: of another type, or at another depot.
#pragma once

#include "routing/moves/segment.hpp"

namespace netdesign::routing {

struct ChangeVehicle {
    RouteIndex from = nowhere, to = nowhere;  ///< `to` is empty

    template <typename F>
    [[nodiscard]] bool supports(const State<F>& state) const noexcept {
        return F::rich && from != to && state.length(from) > 0 && state.length(to) == 0;
    }

    /// O(1), O(length) where there are times.
    template <typename F>
    [[nodiscard]] Total evaluate(const State<F>& state, Total best) const noexcept {
        if constexpr (F::rich) {
            const Segment all{from, 0, state.length(from), false};
            Change<F> total = state.total(from);
            drop_path(state, total, state.start(from), all, state.end(from));
            add_path(state, total, state.start(to), all, state.end(to));
            Total delta = state.price(to, total) + state.overload_cost(to, state.load(from)) - state.price(from, state.total(from)) -
                          state.overload_cost(from, state.load(from)) - state.lateness_paid(from);
            if (delta >= best || !state.within_distance(to, total)) return no_gain;
            if constexpr (F::timed) {
                Location last = state.start(to);
                auto clock = state.clock(to, last);
                if (!walk(state, clock, last, all)) return no_gain;
                delta += state.lateness_cost(state.lateness_by(to, clock, last, state.end(to)));
            }
            return delta < best ? delta : no_gain;
        }
        return no_gain;
    }

    template <typename F>
    void apply(State<F>& state) const {
        state.change_vehicle(from, to);
    }
};

}  // namespace netdesign::routing
