// A hybrid genetic search: two plans are crossed as giant tours, the child is cut into routes and taken to a local optimum, over
// and over (Vidal 2022). It finds what annealing misses on small problems with tight capacity, and the other way round.
#pragma once

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "routing/construct.hpp"
#include "routing/explorer.hpp"
#include "routing/giant_tour.hpp"
#include "routing/local_search.hpp"
#include "routing/penalty.hpp"
#include "routing/population.hpp"

namespace netdesign::routing {

template <typename F>
class Genetic final : public Explorer {
public:
    /// Local search between vehicles that are alike, without clocks, and as many of them as may be wanted.
    [[nodiscard]] static bool supports(const Problem& problem) {
        return !F::timed && !F::rich && problem.max_routes() >= problem.customers() && problem.customers() >= fewest_customers;
    }

    Genetic(const Problem& problem, std::uint64_t seed)
        : problem_(problem), state_(problem), random_(seed), descent_(state_, Scope::whole), compass_(problem), population_(problem.size()), price_(overload_unit(problem), price_rule) {
        for (Location c = problem.first_customer(); c < problem.size(); ++c) customers_.push_back(c);
        best_.unserved = customers_;
        set_price(price_.price());
    }

    void begin(std::span<const PlannedRoute> start) override {
        state_.set_prices(no_limit, no_limit);
        construct(state_, start, random_);
        state_.set_prices(price_.price(), no_limit);
        if (state_.unserved().empty()) take_in();
    }
    void polish() override {}

    void run(const Pace& pace) override {
        for (Leg leg = pace(); leg.iterations > 0; leg = pace())
            for (credit_ += leg.iterations; credit_ >= problem_.customers(); credit_ -= problem_.customers()) generation();
    }

    void adopt(const Plan& plan) override {
        if (!plan.unserved.empty()) return;
        load(plan.routes);
        take_in();
    }

    [[nodiscard]] Total best_cost() const noexcept override { return best_.cost; }
    [[nodiscard]] std::size_t best_unserved() const noexcept override { return best_.unserved.size(); }
    [[nodiscard]] std::int32_t used_routes() const noexcept override { return static_cast<std::int32_t>(best_.routes.size()); }
    [[nodiscard]] Plan best() const override { return best_; }
    [[nodiscard]] OperatorCounts improvements() const noexcept override {
        OperatorCounts all = descent_.improvements();
        all[static_cast<std::size_t>(Operator::crossover)] = improvements_;
        return all;
    }

private:
    static constexpr std::int32_t fewest_customers = 4;
    static constexpr std::size_t first_generation = 100;
    static constexpr std::int64_t patience = 20'000;  ///< children without a better plan before everything begins anew
    static constexpr Total repair_factor = 10;
    static constexpr Penalty::Rule price_rule{100, 0.2, 1.2};

    void generation() {
        std::vector<Location> tour;
        if (population_.count() < first_generation && !crossing_) {
            tour = customers_;
            random_.shuffle(std::span(tour));
        } else {
            crossing_ = true;
            tour = order_crossover(compass_.giant_tour(population_.pick(random_).routes), compass_.giant_tour(population_.pick(random_).routes), random_);
        }
        const Total price = price_.price();
        load(split(problem_, tour, price));
        descend();
        const bool within = state_.excess() == 0;
        take_in();
        if (!within && random_.below(2) == 0) {
            state_.set_prices(price * repair_factor, no_limit);
            descend();
            state_.set_prices(price, no_limit);
            if (state_.excess() == 0) take_in();
        }
        if (price_.count(within)) set_price(price_.price());
        if (++stale_ >= patience) begin_anew();
    }

    void begin_anew() {
        population_.clear();
        crossing_ = false;
        stale_ = 0;
    }

    void set_price(Total price) {
        state_.set_prices(price, no_limit);
        population_.price_overload(price);
    }

    void load(std::span<const PlannedRoute> routes) {
        load_plan(state_, routes);
        state_.begin();
    }

    void descend() {
        state_.begin();
        std::vector<Location> order = customers_;
        random_.shuffle(std::span(order));
        descent_(order);
    }

    /// The plan that stands joins the population, and may be the best so far.
    void take_in() {
        Individual individual;
        for (const RouteIndex r : state_.used()) {
            const auto visits = state_.route(r);
            individual.routes.push_back({0, {visits.begin(), visits.end()}});
        }
        individual.excess = state_.excess();
        individual.cost = state_.route_cost();
        if (individual.excess == 0 && (!best_.unserved.empty() || individual.cost < best_.cost)) {
            best_ = {individual.routes, {}, individual.cost};
            ++improvements_;
            stale_ = 0;
        }
        population_.add(std::move(individual));
    }

    const Problem& problem_;
    State<F> state_;
    base::Random random_;
    LocalSearch<F> descent_;
    Compass compass_;
    Population population_;
    Penalty price_;
    std::vector<Location> customers_;
    Plan best_{{}, {}, std::numeric_limits<Total>::max()};
    std::int64_t credit_ = 0, stale_ = 0, improvements_ = 0;
    bool crossing_ = false;
};

}  // namespace netdesign::routing
