// One run as all its threads see it: the incumbent, the bound, and whether it is time to stop.
#pragma once

#include <atomic>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "base/stop.hpp"
#include "location/problem.hpp"

namespace netdesign::location {

class Run {
public:
    Run(const Problem& problem, base::StopRule rule, base::Monitor monitor)
        : problem_(problem), watch_(rule, std::move(monitor)), owner_(std::this_thread::get_id()) {}

    /// Before every iteration of the thread that started the run; true when it has to end.
    bool tick() {
        const std::lock_guard lock(mutex_);
        if (watch_.should_stop()) stopped_.store(true, std::memory_order_relaxed);
        return stopped();
    }

    /// Between iterations, from any thread; the starting thread looks at the clock, the others at what it saw.
    bool interrupted() {
        if (std::this_thread::get_id() != owner_) return stopped();
        const std::lock_guard lock(mutex_);
        if (watch_.look_up()) stopped_.store(true, std::memory_order_relaxed);
        return stopped();
    }

    [[nodiscard]] bool stopped() const noexcept { return stopped_.load(std::memory_order_relaxed); }
    void stop() noexcept { stopped_.store(true, std::memory_order_relaxed); }

    /// A solution; kept where it is better than the incumbent.
    bool offer(std::span<const Site> open, double objective);

    /// A proven bound of the whole problem, before rounding up.
    void raise_bound(double safe_value);

    [[nodiscard]] double objective() const noexcept { return objective_.load(std::memory_order_relaxed); }
    [[nodiscard]] double bound() const noexcept { return bound_.load(std::memory_order_relaxed); }
    [[nodiscard]] std::vector<Site> open() const {
        const std::lock_guard lock(mutex_);
        return open_;
    }

    /// A subproblem bounded by this or more holds no solution that is better by a measurable amount.
    [[nodiscard]] double cutoff() const noexcept {
        const double best = objective();
        return problem_.integral() ? best - 1.0 + 1e-6 : best - 5e-10 * (best < 0 ? -best : best);
    }

    [[nodiscard]] bool closed() const noexcept { return bound() >= cutoff(); }
    [[nodiscard]] const base::Watch& watch() const noexcept { return watch_; }
    [[nodiscard]] double elapsed_share() const {
        const std::lock_guard lock(mutex_);
        return watch_.elapsed_share();
    }

private:
    const Problem& problem_;
    base::Watch watch_;
    std::thread::id owner_;
    mutable std::mutex mutex_;
    std::atomic<bool> stopped_{false};
    std::atomic<double> objective_{base::infinity}, bound_{-base::infinity};
    std::vector<Site> open_;
};

/// Threads that are told to stop and waited for, whatever happens.
struct Crew {
    Run& run;
    std::vector<std::thread> threads;

    ~Crew() {
        run.stop();
        for (auto& thread : threads) thread.join();
    }
};

}  // namespace netdesign::location
