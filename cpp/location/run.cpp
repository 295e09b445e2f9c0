#include "location/run.hpp"

#include <algorithm>
#include <cmath>

namespace netdesign::location {

bool Run::offer(std::span<const Site> open, double objective) {
    const std::lock_guard lock(mutex_);
    if (objective >= this->objective()) return false;
    objective_.store(objective, std::memory_order_relaxed);
    open_.assign(open.begin(), open.end());
    // Whoever leaves somebody unserved has a target for the dual, but no solution to report.
    if (objective < problem_.unserved()) watch_.improve(objective, bound());
    if (watch_.reason() != base::StopReason::none) stop();
    return true;
}

void Run::raise_bound(double safe_value) {
    const std::lock_guard lock(mutex_);
    double bound = problem_.integral() ? std::ceil(safe_value - 1e-9) + 0.0 : safe_value;  // + 0.0: no minus zero
    bound = std::min(bound, objective());  // the incumbent itself is as good as it gets
    if (bound <= this->bound()) return;
    bound_.store(bound, std::memory_order_relaxed);
    watch_.improve(objective() < problem_.unserved() ? objective() : base::infinity, bound);
    if (watch_.reason() != base::StopReason::none) stop();
}

}  // namespace netdesign::location
