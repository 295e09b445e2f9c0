// The solver of the location problem: dual and local search side by side, then a tree for what is left.
#pragma once

#include <cstdint>
#include <vector>

#include "base/stop.hpp"
#include "location/certificate.hpp"
#include "location/problem.hpp"
#include "location/run.hpp"

namespace netdesign::location {

struct Options {
    base::StopRule stop;
    base::Monitor monitor;
    std::uint64_t seed = 1;
    int threads = 1;
    bool deterministic = false;
    std::vector<Site> sites;      ///< to begin from; empty where there are none
    std::vector<double> lambda;   ///< multipliers per customer and unit of weight, to begin from; empty where there are none
    bool population = true;       ///< local searches merge their solutions, each merger a run of its own without one
};

struct Outcome {
    std::vector<Site> open;        ///< ascending; empty where no solution was found
    std::vector<Site> assignment;  ///< per customer
    double objective = base::infinity;
    double bound = -base::infinity;
    Certificate certificate;       ///< of the root or the best sketch; its bound is not rounded up
    bool infeasible = false;       ///< proven: no choice of sites serves everybody
    base::StopReason reason = base::StopReason::none;
    std::vector<base::Progress> trace;
    double seconds = 0.0;
    std::int64_t iterations = 0;
};

Outcome solve(const Problem& problem, const Options& options);

/// The outcome of a run that is over. O(customers log open sites) for points.
Outcome conclude(const Problem& problem, Run& run, Certificate certificate);

}  // namespace netdesign::location
