// The trajectory: ruin, recreate, local search, acceptance, over and over on one state.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/stop.hpp"
#include "routing/local_search.hpp"
#include "routing/problem.hpp"

namespace netdesign::routing {

/// A plan in plain numbers.
struct Plan {
    std::vector<std::vector<Location>> routes;
    std::vector<Location> unserved;
    Total cost = 0;
};

struct Outcome {
    Plan best;
    double bound = 0.0;
    base::StopReason reason = base::StopReason::none;
    double seconds = 0.0;
    std::int64_t iterations = 0;
    std::vector<base::Progress> trace;
    OperatorCounts improvements{};
};

struct Settings {
    std::uint64_t seed = 1;
    std::int32_t threads = 1;        ///< independent trajectories; the best plan wins
    std::vector<std::vector<Location>> start;  ///< routes to begin from; empty for savings
};

/// Search until the rule says stop. Objectives in the monitor and the trace are integer costs.
[[nodiscard]] Outcome solve(const Problem& problem, const Settings& settings, const base::StopRule& rule, const base::Monitor& monitor);

}  // namespace netdesign::routing
