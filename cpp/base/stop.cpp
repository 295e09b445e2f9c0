#include "base/stop.hpp"

#include <algorithm>

namespace netdesign::base {

void Watch::improve(double objective, double bound) {
    if (objective < now_.objective) improved_at_ = now_.iterations;
    if (objective >= now_.objective && bound <= now_.bound) return;
    now_.seconds = seconds();
    now_.objective = std::min(objective, now_.objective);
    now_.bound = std::max(bound, now_.bound);
    constexpr double resolution_s = 0.01;  // a trace that is plotted needs no finer one
    if (!trace_.empty() && now_.seconds - trace_.back().seconds < resolution_s && trace_.size() > 1)
        trace_.back() = now_;
    else
        trace_.push_back(now_);
    check_limits();
}

void Watch::check_limits() {
    if (relative_gap(now_.objective, now_.bound) <= std::max(rule_.gap, 1e-9) || now_.bound >= now_.objective)
        reason_ = StopReason::gap;
    else if (now_.objective <= rule_.target)
        reason_ = StopReason::target;
}

bool Watch::look_up() {
    if (reason_ != StopReason::none) return true;
    now_.seconds = seconds();
    const bool by_iterations = rule_.max_iterations < unlimited;
    share_ = by_iterations ? static_cast<double>(now_.iterations) / static_cast<double>(std::max<std::int64_t>(rule_.max_iterations, 1))
                           : now_.seconds / rule_.time_limit_s;
    share_ = std::clamp(share_, 0.0, 1.0);
    if (now_.iterations >= rule_.max_iterations)
        reason_ = StopReason::iteration_limit;
    else if (now_.seconds >= rule_.time_limit_s)
        reason_ = StopReason::time_limit;
    else if (now_.iterations - improved_at_ >= rule_.no_improvement)
        reason_ = StopReason::no_improvement;
    if (monitor_ && now_.seconds - monitored_at_ >= monitor_interval_s) {
        monitored_at_ = now_.seconds;
        if (!monitor_(now_)) reason_ = StopReason::interrupted;
    }
    return reason_ != StopReason::none;
}

}  // namespace netdesign::base
