// One trajectory: ruin, recreate, local search, acceptance, over and over on one state.
#pragma once

#include <cmath>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "routing/construct.hpp"
#include "routing/explorer.hpp"
#include "routing/local_search.hpp"
#include "routing/penalty.hpp"
#include "routing/plan.hpp"
#include "routing/ruin/route.hpp"
#include "routing/ruin/strings.hpp"

namespace netdesign::routing {

/// Simulated annealing over the share of the run that is over: from hot to cold, both in mean arcs to the nearest customers. The
/// longer the routes, the hotter the start has to be, and so it has where there is time to cool slowly; the end does not depend on
/// them (docs/decisions/routing.md has the measurements).
class Cooling {
public:
    Cooling(const Problem& problem, std::int32_t routes) : simple_(problem.plain() && !problem.timed()) {
        const double arc = problem.mean_neighbour_cost(), stops = static_cast<double>(problem.customers()) / std::max(1, routes);
        hot_ = arc * std::clamp(0.05 * stops, simple_ ? 0.7 : 1.5, 3.0);
        cold_ = arc * (simple_ ? 0.03 : 0.06);
    }

    /// With so many iterations per customer in the whole run; 0 where nobody knows.
    [[nodiscard]] double temperature(double share, double iterations_per_customer = 0.0) const {
        constexpr double few = 4000.0, hottest = 4.0;
        const double hot = simple_ ? hot_ * std::clamp(std::sqrt(iterations_per_customer / few), 1.0, hottest) : hot_;
        return hot * std::pow(cold_ / hot, share);
    }

private:
    bool simple_ = true;
    double hot_ = 0.0, cold_ = 0.0;
};

template <typename F>
class Trajectory final : public Explorer {
public:
    Trajectory(const Problem& problem, std::uint64_t seed) : problem_(problem), state_(problem), random_(seed), descent_(state_) {
        for (Location c = problem.first_customer(); c < problem.size(); ++c) best_unserved_.push_back(c);
        in_best_.assign(static_cast<std::size_t>(state_.route_slots()), 0);
        best_routes_.resize(static_cast<std::size_t>(state_.route_slots()));
    }

    /// Start from given routes, or from a construction where there are none.
    void begin(std::span<const PlannedRoute> start) override {
        construct(state_, start, random_);
        remember();
    }

    void polish() override {
        state_.begin();
        std::vector<Location> everyone;
        for (Location c = problem_.first_customer(); c < problem_.size(); ++c)
            if (state_.route_of(c) != nowhere) everyone.push_back(c);
        LocalSearch<F> whole(state_, Scope::whole);
        whole(everyone);
        remember();
    }

    void run(const Pace& pace) override {
        for (Leg leg = pace(); leg.iterations > 0; leg = pace())
            for (std::int64_t k = 0; k < leg.iterations; ++k) {
                iterate(leg.temperature);
                if (improves()) keep_best();
                if (trespass_ && trespass_->count(state_)) state_.set_prices(trespass_->overload.price(), trespass_->lateness.price());
            }
    }

    /// From now on routes may be overloaded for a price, and late where the problem is rich; never those of the best plan.
    void allow_trespass() {
        trespass_.emplace(problem_);
        state_.set_prices(trespass_->overload.price(), trespass_->lateness.price());
    }
    /// No more; where the plan breaks a rule, go on from the best.
    void forbid_trespass() {
        if (!trespass_) return;
        if (!state_.keeps_rules()) adopt(best());
        trespass_.reset();
        state_.set_prices(no_limit, no_limit);
    }

    void adopt(const Plan& plan) override {
        load_plan(state_, plan.routes, plan.unserved);
        remember();
    }

    [[nodiscard]] Total best_cost() const noexcept override { return best_cost_; }
    [[nodiscard]] std::size_t best_unserved() const noexcept override { return best_unserved_.size(); }
    [[nodiscard]] std::int32_t used_routes() const noexcept override { return state_.used_routes(); }

    [[nodiscard]] Plan current() const {
        Plan plan{{}, {state_.unserved().begin(), state_.unserved().end()}, state_.served_cost()};
        for (RouteIndex r = 0; r < state_.route_slots(); ++r)
            if (const auto visits = state_.route(r); !visits.empty()) plan.routes.push_back({state_.type_of(r), {visits.begin(), visits.end()}});
        return plan;
    }
    [[nodiscard]] Plan best() const override {
        Plan plan{{}, best_unserved_, best_cost_};
        for (RouteIndex r = 0; r < state_.route_slots(); ++r)
            if (const auto& visits = best_routes_[static_cast<std::size_t>(r)]; !visits.empty()) plan.routes.push_back({state_.type_of(r), visits});
        return plan;
    }
    [[nodiscard]] OperatorCounts improvements() const noexcept override {
        OperatorCounts all = improvements_;
        for (std::size_t k = 0; k < all.size(); ++k) all[k] += descent_.improvements()[k];
        return all;
    }

private:
    static constexpr double blink = 0.01;
    /// The prices of the rules that may be broken.
    struct Trespass {
        /// Slower and milder than in a genetic search, since annealing stays at a plan for long.
        static constexpr Penalty::Rule rule{2048, 0.8, 1.1};

        explicit Trespass(const Problem& problem) : overload(overload_unit(problem), rule), lateness(lateness_unit(problem), rule) {}

        bool count(const State<F>& state) noexcept {
            const bool overload_changed = overload.count(state.excess() == 0), lateness_changed = lateness.count(state.lateness() == 0);
            return overload_changed || lateness_changed;
        }

        Penalty overload, lateness;
    };
    static constexpr double by_whole_routes = F::timed && F::rich ? 0.3 : 0.1;  ///< customers removed that way, per iteration
    static constexpr double trespassing_share = F::timed ? 0.3 : 0.1;  ///< of the iterations: looking at full routes too takes time
    /// Local search pays only where the plan may still be accepted: so many temperatures above the threshold.
    static constexpr double descent_slack = F::timed ? 3.0 : 1.0;

    void iterate(double temperature) {
        const Total before = state_.cost();
        state_.begin();
        removed_.clear();
        state_.take_unserved(removed_);
        const Operator used = ruin();
        state_.set_trespassing(trespass_ && random_.unit() < trespassing_share);
        arrange(state_, std::span(removed_), draw_order<F>(random_), random_);
        recreate(state_, removed_, blink, random_);
        const double budget = -temperature * std::log(random_.positive_unit());
        if (static_cast<double>(state_.cost() - before) < budget + descent_slack * temperature) {
            if (state_.cost() < before) ++improvements_[static_cast<std::size_t>(used)];
            state_.settle();
            descent_(removed_);
        }
        if (static_cast<double>(state_.cost() - before) < budget || state_.cost() <= before) {
            for (const RouteIndex r : state_.touched()) mark(r);
        } else {
            state_.rollback();
        }
        if (!state_.unserved().empty()) state_.press();
    }

    Operator ruin() {
        const Location seed = problem_.first_customer() + random_.below(problem_.customers());
        if (random_.unit() * problem_.customers() < by_whole_routes * state_.used_routes()) {
            ruin_route(state_, seed, removed_);
            return Operator::ruin_route;
        }
        ruin_strings_(state_, seed, random_, removed_);
        return Operator::ruin_strings;
    }

    /// Remember that the best plan's copy of a route is out of date.
    void mark(RouteIndex r) {
        if (in_best_[static_cast<std::size_t>(r)]) return;
        in_best_[static_cast<std::size_t>(r)] = 1;
        stale_.push_back(r);
    }

    /// The state as it stands after edits outside `iterate`.
    void remember() {
        for (const RouteIndex r : state_.touched()) mark(r);
        state_.begin();
        if (improves()) keep_best();
    }

    /// Whether the state keeps the rules and is better than the best plan: fewer unserved, then cheaper.
    [[nodiscard]] bool improves() const noexcept {
        if (!state_.keeps_rules()) return false;
        const std::size_t now = state_.unserved().size(), then = best_unserved_.size();
        return now == then ? (now == 0 ? state_.cost() : state_.served_cost()) < best_cost_ : now < then;
    }

    /// Copy what changed since the last best plan: O(changed).
    void keep_best() {
        best_cost_ = state_.served_cost();
        for (const RouteIndex r : stale_) {
            const auto visits = state_.route(r);
            best_routes_[static_cast<std::size_t>(r)].assign(visits.begin(), visits.end());
            in_best_[static_cast<std::size_t>(r)] = 0;
        }
        stale_.clear();
        best_unserved_.assign(state_.unserved().begin(), state_.unserved().end());
    }

    const Problem& problem_;
    State<F> state_;
    base::Random random_;
    LocalSearch<F> descent_;
    StringRuin ruin_strings_;
    std::optional<Trespass> trespass_;
    std::vector<Location> removed_;
    OperatorCounts improvements_{};
    Total best_cost_ = std::numeric_limits<Total>::max();  ///< of the routes
    std::vector<std::vector<Location>> best_routes_;
    std::vector<Location> best_unserved_;
    std::vector<std::uint8_t> in_best_;
    std::vector<RouteIndex> stale_;
};

}  // namespace netdesign::routing
