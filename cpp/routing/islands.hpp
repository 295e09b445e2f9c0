// Several searches of the same problem: each on its own at first, and from the middle of the run on those that lag behind go on
// from the best plan of all. On small plain problems every other one is a genetic search, until it lags behind; the rest anneal,
// and some of these may break rules for a price until three quarters of the run are over (docs/decisions/routing.md says where that pays).
#pragma once

#include <algorithm>
#include <atomic>
#include <memory>
#include <vector>

#include "base/parallel.hpp"
#include "routing/genetic.hpp"
#include "routing/trajectory.hpp"

namespace netdesign::routing {

template <typename F>
class Islands {
public:
    Islands(const Problem& problem, const Settings& settings, base::Watch& watch, double bound)
        : problem_(problem), settings_(settings), watch_(watch), bound_(bound), threads_(static_cast<std::size_t>(settings.threads)) {
        // A deterministic run has the same islands on any number of threads.
        const std::size_t count = settings.deterministic ? 2 : threads_;
        const std::int64_t iterations = watch.rule().max_iterations;
        for (std::size_t k = 0; k < count; ++k) {
            const std::uint64_t seed = settings.seed + 0x9e3779b97f4a7c15ULL * k;
            Island island;
            if (k % 2 == 1 && problem.customers() <= genetic_limit && Genetic<F>::supports(problem)) {
                island.explorer = std::make_unique<Genetic<F>>(problem, seed);
            } else {
                auto trajectory = std::make_unique<Trajectory<F>>(problem, seed);
                island.trajectory = trajectory.get();
                island.explorer = std::move(trajectory);
            }
            islands_.push_back(std::move(island));
            islands_.back().quota = iterations / static_cast<std::int64_t>(count) + (static_cast<std::int64_t>(k) < iterations % static_cast<std::int64_t>(count));
        }
    }

    Outcome run() {
        base::parallel_for(threads_, islands_.size(), [&](std::size_t k, std::size_t) {
            islands_[k].explorer->begin(settings_.start);
            islands_[k].explorer->polish();
        });
        const Explorer& first = *islands_.front().explorer;
        const Cooling cooling(problem_, first.used_routes());
        report(first);
        search_began_ = watch_.seconds();
        for (int stage = 1; stage <= stages && !watch_.look_up(); ++stage) {
            const double end = static_cast<double>(stage) / stages;
            if (stage == 1)
                for (std::size_t k = 0; k < islands_.size(); ++k)
                    if (islands_[k].trajectory && trespasses(k)) islands_[k].trajectory->allow_trespass();
            base::parallel_for(threads_, islands_.size(), [&](std::size_t k, std::size_t worker) {
                islands_[k].explorer->run([&] { return next_leg(islands_[k], worker == 0, end, cooling); });
            });
            for (Island& island : islands_) watch_.count(std::exchange(island.uncounted, 0));
            report(first);
            if (stage >= stages / 2) spread_best();
            if (stage == last_trespass)
                for (Island& island : islands_)
                    if (island.trajectory) island.trajectory->forbid_trespass();
            if (endless() && stage == stages) stage = 0, ++cycle_;
        }
        watch_.look_up();
        return outcome();
    }

private:
    static constexpr std::int32_t genetic_limit = 300;  ///< customers
    static constexpr int stages = 20;
    static constexpr int last_trespass = 15;
    static constexpr double first_cycle_s = 10.0;  ///< where nothing says how long a run is: heat up again, each time for longer

    struct Island {
        std::unique_ptr<Explorer> explorer;
        Trajectory<F>* trajectory = nullptr;  ///< the same, where it is one
        std::int64_t quota = 0, done = 0, uncounted = 0;
    };

    /// Whether an island may break rules for a price: all of them where routes have clocks and limits, and beside a genetic
    /// search; elsewhere every other one; none where windows are all that is timed, since lateness has no price there.
    [[nodiscard]] bool trespasses(std::size_t k) const noexcept {
        if constexpr (F::timed) return F::rich;
        return k % 2 == 1 || (islands_.size() > 1 && islands_[1].trajectory == nullptr);
    }

    [[nodiscard]] bool by_iterations() const noexcept { return watch_.rule().max_iterations < base::unlimited; }
    [[nodiscard]] bool endless() const noexcept { return !by_iterations() && watch_.rule().time_limit_s == base::infinity; }

    [[nodiscard]] double share(const Island& island) const {
        if (by_iterations()) return static_cast<double>(island.done) / static_cast<double>(std::max<std::int64_t>(island.quota, 1));
        if (!endless()) return std::min(1.0, watch_.seconds() / watch_.rule().time_limit_s);
        const double length = first_cycle_s * std::pow(2.0, cycle_), begun = length - first_cycle_s;
        return std::clamp((watch_.seconds() - begun) / length, 0.0, 1.0);
    }

    /// Iterations per customer that an island may come to in the run, or in the cycle, if it goes on as it did.
    [[nodiscard]] double iterations_per_customer(const Island& island) const {
        const double n = problem_.customers();
        if (by_iterations()) return static_cast<double>(island.quota) / n;
        const double searching = watch_.seconds() - search_began_;
        const double length = endless() ? first_cycle_s * std::pow(2.0, cycle_) : watch_.rule().time_limit_s;
        return searching > 0.0 ? static_cast<double>(island.done) / searching * length / n : 0.0;
    }

    Leg next_leg(Island& island, bool watching, double end, const Cooling& cooling) {
        if (watching) {
            report(*island.explorer);
            watch_.count(std::exchange(island.uncounted, 0));
            if (watch_.look_up()) stop_ = true;
        }
        const double now = share(island);
        if (stop_ || now >= end) return {};
        std::int64_t iterations = leg_length;
        if (by_iterations()) {
            const auto until = static_cast<std::int64_t>(std::ceil(end * static_cast<double>(island.quota)));
            iterations = std::min(iterations, until - island.done);
        }
        const double temperature = cooling.temperature(now, iterations_per_customer(island));
        island.done += iterations;
        island.uncounted += iterations;
        return {temperature, iterations};
    }

    /// During a stage only the watching thread's own island may be looked at.
    void report(const Explorer& t) const {
        if (t.best_unserved() == 0) watch_.improve(static_cast<double>(t.best_cost()), bound_);
    }

    /// Fewer unserved, then cheaper.
    static auto rank(const Island& island) { return std::pair(island.explorer->best_unserved(), island.explorer->best_cost()); }

    [[nodiscard]] const Island& leader() const { return *std::ranges::min_element(islands_, {}, rank); }

    void spread_best() {
        const Island& best = leader();
        report(*best.explorer);
        if (islands_.size() == 1) return;
        const auto best_rank = rank(best);
        const Plan plan = best.explorer->best();
        for (Island& island : islands_) {
            if (!(best_rank < rank(island))) continue;
            if (!island.trajectory) anneal(island);
            island.explorer->adopt(plan);
        }
    }

    /// A genetic search that has fallen behind gives way to annealing.
    void anneal(Island& island) {
        auto trajectory = std::make_unique<Trajectory<F>>(problem_, settings_.seed + 1);
        for (std::size_t k = 0; k < retired_.size(); ++k) retired_[k] += island.explorer->improvements()[k];
        island.trajectory = trajectory.get();
        island.explorer = std::move(trajectory);
    }

    Outcome outcome() const {
        const Explorer& best = *leader().explorer;
        report(best);
        Outcome out;
        out.best = best.best();
        out.improvements = retired_;
        for (const Island& island : islands_) {
            const auto counts = island.explorer->improvements();
            for (std::size_t k = 0; k < counts.size(); ++k) out.improvements[k] += counts[k];
        }
        return out;
    }

    const Problem& problem_;
    const Settings& settings_;
    base::Watch& watch_;
    double bound_;
    std::size_t threads_;
    std::vector<Island> islands_;
    std::atomic<bool> stop_{false};
    double search_began_ = 0.0;
    int cycle_ = 0;
    OperatorCounts retired_{};
};

}  // namespace netdesign::routing
