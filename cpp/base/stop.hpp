// When a solver stops, and how it tells the outside world how far it is.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>
#include <vector>

namespace netdesign::base {

inline constexpr double infinity = std::numeric_limits<double>::infinity();
inline constexpr std::int64_t unlimited = std::int64_t{1} << 62;

/// Why a run ended. `gap` means that the bound proves the incumbent within the demanded gap.
enum class StopReason : std::int8_t { none, gap, time_limit, iteration_limit, no_improvement, target, interrupted };

/// The limits of one run; every limit that is not set is out of reach.
struct StopRule {
    double time_limit_s = infinity;
    std::int64_t max_iterations = unlimited;
    double gap = 0.0;  ///< relative: |objective - bound| / |objective|
    std::int64_t no_improvement = unlimited;
    double target = -infinity;  ///< an objective that is good enough
};

/// A point of a run: the incumbent and the bound known after so many seconds and iterations.
struct Progress {
    double seconds = 0.0;
    std::int64_t iterations = 0;
    double objective = infinity;
    double bound = -infinity;
};

/// Called a few times per second; returning false interrupts the run.
using Monitor = std::function<bool(const Progress&)>;

inline double relative_gap(double objective, double bound) noexcept {
    if (objective == bound) return 0.0;
    if (objective == 0.0 || objective == infinity || bound == -infinity) return infinity;
    const double difference = objective - bound;
    return (difference < 0 ? -difference : difference) / (objective < 0 ? -objective : objective);
}

/// Watches one run: the clock, the limits, the monitor and the trace of incumbents and bounds.
/// `should_stop` is cheap: it reads the clock only every `clock_stride` iterations.
class Watch {
public:
    explicit Watch(StopRule rule, Monitor monitor = {}, std::int64_t clock_stride = 1)
        : rule_(rule), monitor_(std::move(monitor)), stride_(clock_stride), start_(Clock::now()) {}

    [[nodiscard]] double seconds() const noexcept {
        return std::chrono::duration<double>(Clock::now() - start_).count();
    }
    [[nodiscard]] const StopRule& rule() const noexcept { return rule_; }
    [[nodiscard]] StopReason reason() const noexcept { return reason_; }
    [[nodiscard]] const std::vector<Progress>& trace() const noexcept { return trace_; }
    [[nodiscard]] const Progress& now() const noexcept { return now_; }

    /// Share of the run that is over, in [0, 1]: by iterations where they are limited (reproducible), else by time.
    [[nodiscard]] double elapsed_share() const noexcept { return share_; }

    /// Record a better incumbent or bound; O(1) amortized.
    void improve(double objective, double bound);

    /// True when the run has to end before another iteration; `reason` tells why. Call once per iteration.
    bool should_stop() {
        if (reason_ != StopReason::none) return true;
        if (now_.iterations % stride_ == 0 || now_.iterations >= rule_.max_iterations) look_up();
        if (reason_ != StopReason::none) return true;
        ++now_.iterations;
        return false;
    }

    /// Iterations that were done elsewhere: on other threads, or in one go.
    void count(std::int64_t iterations) noexcept { now_.iterations += iterations; }

    /// Look at the clock and the monitor at once, between iterations too.
    bool look_up();

private:
    using Clock = std::chrono::steady_clock;
    static constexpr double monitor_interval_s = 0.05;

    void check_limits();

    StopRule rule_;
    Monitor monitor_;
    std::int64_t stride_;
    Clock::time_point start_;
    Progress now_;
    double share_ = 0.0;
    double monitored_at_ = 0.0;
    std::int64_t improved_at_ = 0;
    StopReason reason_ = StopReason::none;
    std::vector<Progress> trace_;
};

}  // namespace netdesign::base
