#include "routing/search.hpp"

#include "routing/bound.hpp"
#include "routing/features.hpp"

namespace netdesign::routing {

template <typename F>
Outcome run(const Problem& problem, const Settings& settings, base::Watch& watch, double bound);  // run.hpp

Outcome solve(const Problem& problem, const Settings& settings, const base::StopRule& rule, const base::Monitor& monitor) {
    base::Watch watch(rule, monitor);
    const double bound = problem.plain() ? lower_bound(problem) : 0.0;
    const auto with = [&]<bool Timed, bool Rich>() {
        return problem.dimensions() == 1 ? run<Features<Timed, 1, Rich>>(problem, settings, watch, bound)
                                         : run<Features<Timed, 3, Rich>>(problem, settings, watch, bound);
    };
    Outcome out = problem.plain() ? (problem.timed() ? with.template operator()<true, false>() : with.template operator()<false, false>())
                                  : (problem.timed() ? with.template operator()<true, true>() : with.template operator()<false, true>());
    out.bound = bound;
    out.reason = watch.reason();
    out.iterations = watch.now().iterations;
    out.trace = watch.trace();
    return out;
}

}  // namespace netdesign::routing
