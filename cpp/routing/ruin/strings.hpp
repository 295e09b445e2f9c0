// Ruin by strings: tear short strings of visits out of routes that lie near each other.
//
// Christiaens and Vanden Berghe, "Slack Induction by String Removals for Vehicle Routing Problems",
// Transportation Science 54 (2020), section 5.1. The seed's neighbour list takes the place of their full
// adjacency list: strings beyond the forty nearest customers are never reached, which costs nothing at the
// sizes of ruin that pay.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/random.hpp"
#include "routing/state.hpp"

namespace netdesign::routing {

/// How many visits strings take. A single string mostly comes back to where it was: where routes have clocks and limits, two
/// iterations in five changed nothing, so that there are two at least there, of as many visits together.
template <typename F>
struct StringSize {
    static constexpr bool several = F::timed && F::rich;
    double average_removed = several ? 8.0 : 10.0;
    double longest = several ? 8.0 : 10.0;
    std::size_t least_strings = several ? 2 : 1;
};

struct StringRuin {
    double split_share = 0.5;   ///< how often a string keeps some visits in its middle
    double split_growth = 0.01;

    /// Remove strings around a seed; the removed customers are appended. O(removed + length of routes touched).
    template <typename F>
    void operator()(State<F>& state, Location seed, base::Random& random, std::vector<Location>& removed) {
        const double mean_length = static_cast<double>(state.problem().customers()) / std::max(1, state.used_routes());
        const StringSize<F> size;
        const double string_limit = std::min(size.longest, mean_length);
        const double most_strings = 4.0 * size.average_removed / (1.0 + string_limit) - 1.0;
        const auto strings = std::max(size.least_strings, static_cast<std::size_t>(random.unit() * most_strings + 1.0));
        ruined_.clear();
        ruin_at(state, seed, string_limit, random, removed);
        for (const Location c : state.problem().neighbours(seed)) {
            if (ruined_.size() >= strings) break;
            ruin_at(state, c, string_limit, random, removed);
        }
    }

private:
    template <typename F>
    void ruin_at(State<F>& state, Location c, double string_limit, base::Random& random, std::vector<Location>& removed) {
        const RouteIndex r = state.route_of(c);
        if (r == nowhere || std::find(ruined_.begin(), ruined_.end(), r) != ruined_.end()) return;
        ruined_.push_back(r);
        const std::int32_t length = state.length(r);
        const double limit = std::min(static_cast<double>(length), string_limit);
        const auto take = std::min(length, static_cast<std::int32_t>(random.unit() * limit + 1.0));
        std::int32_t keep = 0;
        if (take > 1 && take < length && random.unit() < split_share) {
            keep = 1;
            while (take + keep < length && random.unit() > split_growth) ++keep;
            keep = std::min(keep, length - take);
        }
        // A window of take + keep visits that holds c; `keep` of them stay.
        const std::int32_t window = take + keep, at = state.position_of(c);
        const std::int32_t first = random.between(std::max(0, at - window + 1), std::min(at, length - window));
        take_out(state, r, first, window, keep, random, removed);
    }

    template <typename F>
    void take_out(State<F>& state, RouteIndex r, std::int32_t first, std::int32_t window, std::int32_t keep, base::Random& random,
                  std::vector<Location>& removed) {
        if (keep == 0) {
            remove_visits(state, r, first, window, removed);
            return;
        }
        const std::int32_t head = random.between(1, window - keep);
        if (const std::int32_t tail = window - keep - head; tail > 0) remove_visits(state, r, first + head + keep, tail, removed);
        if (state.length(r) == 0) return;  // the tail took the rest along
        remove_visits(state, r, first, head, removed);
    }

    /// Remove visits; where the gap cannot be closed in time (a matrix may break the triangle inequality), the whole route goes.
    template <typename F>
    static void remove_visits(State<F>& state, RouteIndex r, std::int32_t first, std::int32_t count, std::vector<Location>& removed) {
        const auto visits = state.route(r);
        removed.insert(removed.end(), visits.begin() + first, visits.begin() + first + count);
        state.remove(r, first, count);
        if constexpr (F::timed || F::rich) {
            if (closes_up(state, r, state.at(r, first - 1), state.at(r, first))) return;
            const auto rest = state.route(r);
            removed.insert(removed.end(), rest.begin(), rest.end());
            state.remove(r, 0, state.length(r));
        }
    }

    /// Whether a route keeps its limits where visits between two others have gone. O(1).
    template <typename F>
    static bool closes_up(const State<F>& state, RouteIndex r, Location from, Location to) {
        if (state.length(r) == 0) return true;
        if constexpr (F::timed)
            if (state.lateness_cost(state.lateness_by(r, state.clock(r, from), from, to)) >= no_limit) return false;
        return state.within_distance(r, {});
    }

    std::vector<RouteIndex> ruined_;
};

}  // namespace netdesign::routing
