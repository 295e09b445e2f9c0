// The search: what goes in, what comes out. Small problems are searched whole, by as many trajectories as there are
// threads (islands.hpp); large ones region by region, all threads on one plan (regions.hpp).
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/stop.hpp"
#include "routing/plan.hpp"
#include "routing/problem.hpp"

namespace netdesign::routing {

/// Everything that can make a plan better, by name: the ruins (with the recreate that follows), the moves, and the crossover with
/// its local search.
enum class Operator : std::int8_t { ruin_strings, ruin_route, relocate, exchange, swap_tails, join_heads, reverse, change_vehicle, swap_star, crossover, count };

inline constexpr std::array<std::string_view, static_cast<std::size_t>(Operator::count)> operator_names{
    "ruin_strings", "ruin_route", "relocate", "exchange", "swap_tails", "join_heads", "reverse", "change_vehicle", "swap_star", "crossover"};

/// Accepted improvements by operator.
using OperatorCounts = std::array<std::int64_t, static_cast<std::size_t>(Operator::count)>;

struct Outcome {
    Plan best;
    double bound = 0.0;
    base::StopReason reason = base::StopReason::none;
    std::int64_t iterations = 0;
    std::vector<base::Progress> trace;
    OperatorCounts improvements{};
};

struct Settings {
    std::uint64_t seed = 1;
    std::int32_t threads = 1;
    bool deterministic = false;       ///< the answer does not depend on the number of threads
    std::vector<PlannedRoute> start;  ///< routes to begin from; empty for a construction
};

/// Search until the rule says stop. Objectives in the monitor and the trace are integer costs; iterations are those of
/// all threads together.
[[nodiscard]] Outcome solve(const Problem& problem, const Settings& settings, const base::StopRule& rule, const base::Monitor& monitor);

}  // namespace netdesign::routing
