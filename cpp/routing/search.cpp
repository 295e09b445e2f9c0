#include "routing/search.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <thread>

#include "routing/bound.hpp"
#include "routing/construct.hpp"
#include "routing/ruin/route.hpp"
#include "routing/ruin/strings.hpp"

namespace netdesign::routing {

namespace {

/// Simulated annealing over the share of the run that is over: hot at first, a twenty-fifth of that at the end.
class Cooling {
public:
    /// The unit is the mean arc to the nearest customers. The longer the routes, the hotter the start has to be
    /// (docs/decisions/routing.md has the measurements).
    Cooling(double mean_arc, double stops_per_route) : hot_(mean_arc * std::clamp(0.05 * stops_per_route, 0.7, 3.0)) {}

    void update(double share) { temperature_ = hot_ * std::pow(0.04, share); }
    [[nodiscard]] double temperature() const noexcept { return temperature_; }

private:
    double hot_;
    double temperature_ = 0.0;
};

template <typename F>
class Trajectory {
public:
    Trajectory(const Problem& problem, std::uint64_t seed)
        : problem_(problem), state_(problem), random_(seed), descent_(state_) {}

    Outcome run(std::span<const std::vector<Location>> start, double bound, base::Watch& watch) {
        construct(state_, start, random_);
        descend_everywhere();
        in_best_.assign(static_cast<std::size_t>(state_.route_slots()), 0);
        best_routes_.resize(static_cast<std::size_t>(state_.route_slots()));
        for (RouteIndex r = 0; r < state_.route_slots(); ++r) mark(r);
        keep_best(watch, bound);
        Cooling cooling(problem_.mean_neighbour_cost(), static_cast<double>(problem_.customers()) / std::max(1, state_.used_routes()));
        while (!watch.should_stop()) {
            if (watch.now().iterations % cooling_stride == 1) cooling.update(watch.elapsed_share());
            iterate(cooling.temperature());
            if (state_.cost() < best_cost_) keep_best(watch, bound);
        }
        return outcome(watch, bound);
    }

private:
    static constexpr std::int64_t cooling_stride = 64;
    static constexpr double blink = 0.01;
    static constexpr double whole_route_share = 0.01;
    /// Local search pays only where the plan may still be accepted: so many temperatures above the threshold.
    static constexpr double descent_slack = 1.0;

    void iterate(double temperature) {
        const Total before = state_.cost();
        state_.begin();
        removed_.clear();
        state_.take_unserved(removed_);
        ruin();
        arrange(state_, std::span(removed_), draw_order<F>(random_), random_);
        recreate(state_, removed_, blink, random_);
        const double budget = -temperature * std::log(random_.positive_unit());
        if (static_cast<double>(state_.cost() - before) < budget + descent_slack * temperature) descent_(removed_);
        if (static_cast<double>(state_.cost() - before) < budget || state_.cost() <= before) {
            for (const RouteIndex r : state_.touched()) mark(r);
        } else {
            state_.rollback();
        }
    }

    void descend_everywhere() {
        std::vector<Location> everyone;
        for (Location c = 1; c < problem_.size(); ++c)
            if (state_.route_of(c) != nowhere) everyone.push_back(c);
        LocalSearch(state_, Scope::whole)(everyone);
    }

    void ruin() {
        const Location seed = 1 + random_.below(problem_.customers());
        if (random_.unit() < whole_route_share)
            ruin_route(state_, seed, removed_);
        else
            ruin_strings_(state_, seed, random_, removed_);
    }

    /// Remember that the best plan's copy of a route is out of date.
    void mark(RouteIndex r) {
        if (in_best_[static_cast<std::size_t>(r)]) return;
        in_best_[static_cast<std::size_t>(r)] = 1;
        stale_.push_back(r);
    }

    /// Copy what changed since the last best plan: O(changed).
    void keep_best(base::Watch& watch, double bound) {
        best_cost_ = state_.cost();
        for (const RouteIndex r : stale_) {
            const auto visits = state_.route(r);
            best_routes_[static_cast<std::size_t>(r)].assign(visits.begin(), visits.end());
            in_best_[static_cast<std::size_t>(r)] = 0;
        }
        stale_.clear();
        best_unserved_.assign(state_.unserved().begin(), state_.unserved().end());
        if (best_unserved_.empty()) watch.improve(static_cast<double>(best_cost_), bound);
    }

    Outcome outcome(const base::Watch& watch, double bound) {
        Outcome out;
        out.best.cost = best_cost_;
        out.best.unserved = best_unserved_;
        for (auto& visits : best_routes_)
            if (!visits.empty()) out.best.routes.push_back(std::move(visits));
        out.bound = bound;
        out.reason = watch.reason();
        out.seconds = watch.seconds();
        out.iterations = watch.now().iterations;
        out.trace = watch.trace();
        out.improvements = descent_.improvements();
        return out;
    }

    const Problem& problem_;
    State<F> state_;
    base::Random random_;
    LocalSearch<F> descent_;
    StringRuin ruin_strings_;
    std::vector<Location> removed_;
    Total best_cost_ = std::numeric_limits<Total>::max();
    std::vector<std::vector<Location>> best_routes_;
    std::vector<Location> best_unserved_;
    std::vector<std::uint8_t> in_best_;
    std::vector<RouteIndex> stale_;
};

template <typename F>
Outcome run_threads(const Problem& problem, const Settings& settings, const base::StopRule& rule, const base::Monitor& monitor, double bound) {
    constexpr std::int64_t clock_stride = 16;
    const auto count = static_cast<std::size_t>(std::max(1, settings.threads));
    std::vector<Outcome> outcomes(count);
    std::atomic<bool> ended{false};
    const auto work = [&](std::size_t k) {
        base::Watch watch(rule, k == 0 ? monitor : base::Monitor([&](const base::Progress&) { return !ended.load(); }), clock_stride);
        Trajectory<F> trajectory(problem, settings.seed + 0x9e3779b97f4a7c15ULL * k);
        outcomes[k] = trajectory.run(settings.start, bound, watch);
        if (watch.reason() == base::StopReason::interrupted || watch.reason() == base::StopReason::target) ended.store(true);
    };
    std::vector<std::jthread> others;
    for (std::size_t k = 1; k < count; ++k) others.emplace_back(work, k);
    try {
        work(0);
    } catch (...) {  // the monitor's: nobody waits for the others' limits
        ended.store(true);
        throw;
    }
    others.clear();
    return *std::ranges::min_element(outcomes, {}, [](const Outcome& o) { return o.best.cost; });
}

}  // namespace

Outcome solve(const Problem& problem, const Settings& settings, const base::StopRule& rule, const base::Monitor& monitor) {
    const base::Watch set_up({});
    const double bound = lower_bound(problem);
    base::StopRule rest = rule;
    rest.time_limit_s -= set_up.seconds();
    const bool one = problem.dimensions() == 1;
    if (problem.timed())
        return one ? run_threads<Features<true, 1>>(problem, settings, rest, monitor, bound)
                   : run_threads<Features<true, 3>>(problem, settings, rest, monitor, bound);
    return one ? run_threads<Features<false, 1>>(problem, settings, rest, monitor, bound)
               : run_threads<Features<false, 3>>(problem, settings, rest, monitor, bound);
}

}  // namespace netdesign::routing
