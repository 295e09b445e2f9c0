#include "routing/search.hpp"

#include <algorithm>

#include "routing/bound.hpp"
#include "routing/bound_routes.hpp"
#include "routing/features.hpp"

namespace netdesign::routing {

template <typename F>
Outcome run(const Problem& problem, const Settings& settings, base::Watch& watch, double bound);  // run.hpp

namespace {

/// What a run spends on a better bound: a small part of its seconds, or a number of steps that depends on nothing but the
/// limit on iterations, so that such a run repeats exactly.
struct BoundBudget {
    double seconds = 0.0;
    std::int64_t steps = 0;

    BoundBudget(const Problem& problem, const base::StopRule& rule) {
        if (!route_bound_pays(problem)) return;
        constexpr double share = 0.03, most_seconds = 3.0;
        constexpr std::int64_t iterations_per_step = 500, most_steps = 300;
        const bool by_iterations = rule.max_iterations < base::unlimited;
        steps = by_iterations ? std::min(most_steps, rule.max_iterations / iterations_per_step) : base::unlimited;
        seconds = by_iterations ? base::infinity : std::min(most_seconds, share * rule.time_limit_s);
    }
};

Outcome search(const Problem& problem, const Settings& settings, base::Watch& watch, double bound) {
    const auto with = [&]<bool Timed, bool Rich>() {
        return problem.dimensions() == 1 ? run<Features<Timed, 1, Rich>>(problem, settings, watch, bound)
                                         : run<Features<Timed, 3, Rich>>(problem, settings, watch, bound);
    };
    if (problem.plain()) return problem.timed() ? with.template operator()<true, false>() : with.template operator()<false, false>();
    return problem.timed() ? with.template operator()<true, true>() : with.template operator()<false, true>();
}

}  // namespace

Outcome solve(const Problem& problem, const Settings& settings, const base::StopRule& rule, const base::Monitor& monitor) {
    const BoundBudget budget(problem, rule);
    const base::Watch whole({});
    double bound = lower_bound(problem);
    // Who asks for a gap wants to stop by the bound; everybody else gets a better search and a bound that knows its plan.
    if (rule.gap > 0.0) bound = improve_bound(problem, base::infinity, budget.seconds, budget.steps);
    base::StopRule rest = rule;
    rest.time_limit_s -= whole.seconds();
    if (rule.gap <= 0.0 && budget.seconds < base::infinity) rest.time_limit_s -= budget.seconds;
    base::Watch watch(rest, monitor);
    Outcome out = search(problem, settings, watch, bound);
    const bool complete = out.best.unserved.empty();
    if (rule.gap <= 0.0 && complete && bound < static_cast<double>(out.best.cost)) {
        bound = improve_bound(problem, static_cast<double>(out.best.cost), std::min(budget.seconds, rule.time_limit_s - whole.seconds()), budget.steps);
        watch.improve(static_cast<double>(out.best.cost), bound);
    }
    out.bound = bound;
    out.reason = watch.reason();
    out.iterations = watch.now().iterations;
    out.trace = watch.trace();
    return out;
}

}  // namespace netdesign::routing
