#include "location/solve.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <thread>

#include "base/random.hpp"
#include "location/construct.hpp"
#include "location/dual.hpp"
#include "location/evaluate.hpp"
#include "location/interchange.hpp"
#include "location/run.hpp"
#include "location/tree.hpp"

namespace netdesign::location {

namespace {

/// The primal side: one placement under iterated local search.
class Primal {
public:
    Primal(Run& run, const Problem& problem, const CandidateLists& lists, std::uint64_t seed)
        : run_(run), problem_(problem), lists_(lists), reverse_(lists, problem.n_sites()), search_(problem, lists), random_(seed) {}

    void start() {
        const auto open = greedy(problem_, lists_, reverse_, interrupted());
        placement_.emplace(problem_, lists_, reverse_, open);
        run_.offer(placement_->open_sites(), placement_->objective());
        std::vector<Placement::Move> log;
        search_.queue_all(random_);
        search_.descend(*placement_, log, interrupted());
        offer();
    }

    void round() {
        if (search_.disturb(*placement_, random_, interrupted()) && placement_->objective() < run_.objective()) offer();
    }

    /// Descend from the dual's choice of sites and go on from there where that is better than the current solution.
    void seed(std::vector<Site> open, const std::vector<Fix>& known) {
        search_.allow(known);
        const auto before = placement_->work();
        Placement other(problem_, lists_, reverse_, complete(problem_, std::move(open)));
        std::vector<Placement::Move> log;
        search_.queue_all(random_);
        search_.descend(other, log, interrupted());
        spent_ += before + other.work() + lists_.n_entries() / 2;
        if (other.objective() < placement_->objective()) {
            placement_.emplace(problem_, lists_, reverse_, other.open_sites());
            offer();
        } else {
            spent_ -= before;
        }
    }

    /// What the dual found out about sites.
    void guide(const std::vector<Fix>& known) {
        search_.allow(known);
        for (const Site j : problem_.usable())
            if (known[static_cast<std::size_t>(j)] == Fix::open && placement_->is_open(j)) placement_->pin(j);
    }

    [[nodiscard]] std::int64_t work() const noexcept { return spent_ + placement_->work(); }

private:
    std::function<bool()> interrupted() {
        return [this] { return run_.interrupted(); };
    }

    void offer() {
        placement_->refresh();
        run_.offer(placement_->open_sites(), placement_->objective());
    }

    Run& run_;
    const Problem& problem_;
    const CandidateLists& lists_;
    ReverseLists reverse_;
    Interchange search_;
    base::Random random_;
    std::optional<Placement> placement_;
    std::int64_t spent_ = 0;
};

/// The dual side: the root's multipliers, its lists made longer and its sites fixed on the way.
class Root {
public:
    Root(Run& run, const Problem& problem, CandidateLists lists)
        : run_(run), problem_(problem), lists_(std::move(lists)), relaxation_(std::make_unique<Relaxation>(relax(problem, lists_))) {
        const double per_open = problem.min_open() == problem.max_open()
                                    ? 1.3 * static_cast<double>(problem.usable().size()) / std::max(problem.max_open(), 1) : 1.0;
        begin(first_multipliers(*relaxation_, per_open));
    }

    void step() {
        if (!relaxation_->possible() || relaxation_->decided()) return;
        ascent_->step(run_.objective());
        if (++count_ % 10 == 0) run_.raise_bound(ascent_->best().safe_value);
        if (count_ % 25 == 0) extend();
        if (count_ % 50 == 0) reduce();
    }

    [[nodiscard]] bool done() const { return !relaxation_->possible() || relaxation_->decided() || ascent_->exhausted(); }
    [[nodiscard]] std::int64_t work() const { return static_cast<std::int64_t>(relaxation_->entries.size()); }
    [[nodiscard]] const DualAscent& ascent() const { return *ascent_; }
    [[nodiscard]] const Relaxation& relaxation() const { return *relaxation_; }
    [[nodiscard]] const CandidateLists& lists() const { return lists_; }

    /// What is known of every site of the problem.
    [[nodiscard]] std::vector<Fix> known() const {
        std::vector<Fix> fix(static_cast<std::size_t>(problem_.n_sites()), Fix::closed);
        for (const Site j : relaxation_->site) fix[static_cast<std::size_t>(j)] = Fix::free;
        for (const Site j : relaxation_->open) fix[static_cast<std::size_t>(j)] = Fix::open;
        return fix;
    }

    [[nodiscard]] std::vector<Site> choice() const {
        std::vector<Site> open = relaxation_->open;
        for (std::size_t j = 0; j < relaxation_->site.size(); ++j)
            if (ascent_->best().chosen[j]) open.push_back(relaxation_->site[j]);
        return open;
    }

    void reduce() {
        run_.raise_bound(ascent_->best().safe_value);
        std::vector<Fix> fix;
        const auto n_fixed = fix_by_reduced_cost(*relaxation_, ascent_->best(), run_.cutoff(), fix);
        if (10 * n_fixed < relaxation_->n_sites() || n_fixed == 0) return;
        std::vector<double> lambda(static_cast<std::size_t>(problem_.n_customers()));
        for (std::size_t i = 0; i < relaxation_->customer.size(); ++i)
            lambda[static_cast<std::size_t>(relaxation_->customer[i])] = ascent_->best().lambda[i];
        auto next = std::make_unique<Relaxation>(restrict(*relaxation_, fix));
        replace(std::move(next), lambda);
    }

private:
    void begin(std::vector<double> lambda) { ascent_.emplace(*relaxation_, std::move(lambda)); }

    void replace(std::unique_ptr<Relaxation> next, const std::vector<double>& lambda) {
        const double size = ascent_->step_size();
        relaxation_ = std::move(next);
        std::vector<double> kept;
        for (const Customer i : relaxation_->customer) kept.push_back(lambda[static_cast<std::size_t>(i)]);
        begin(std::move(kept));
        ascent_->restart(size);
        if (relaxation_->possible() && !relaxation_->decided()) ascent_->step(run_.objective());
    }

    /// Longer lists for customers whose multiplier presses a cap that is only the end of a list.
    void extend() {
        bool any = false;
        std::vector<double> lambda(static_cast<std::size_t>(problem_.n_customers()));
        for (std::size_t i = 0; i < relaxation_->customer.size(); ++i) {
            const auto& best = ascent_->best().lambda;
            lambda[static_cast<std::size_t>(relaxation_->customer[i])] = best[i];
            if (relaxation_->capped_by_list[i] && best[i] >= relaxation_->cap[i]) any |= lists_.extend(relaxation_->customer[i]);
        }
        if (!any) return;
        // Start over from all sites: what was fixed is fixed again by the next reduction.
        replace(std::make_unique<Relaxation>(relax(problem_, lists_)), lambda);
    }

    Run& run_;
    const Problem& problem_;
    CandidateLists lists_;
    std::unique_ptr<Relaxation> relaxation_;
    std::optional<DualAscent> ascent_;
    std::int64_t count_ = 0;
};

Outcome conclude(const Problem& problem, const Run& run) {
    Outcome outcome;
    const bool feasible = run.objective() < problem.unserved();
    outcome.infeasible = run.bound() >= problem.unserved();
    if (feasible) {
        outcome.open = run.open();
        std::sort(outcome.open.begin(), outcome.open.end());
        outcome.assignment = assign(problem, outcome.open);
        outcome.objective = run.objective();
    }
    outcome.bound = run.bound();
    outcome.reason = run.watch().reason();
    outcome.trace = run.watch().trace();
    outcome.iterations = run.watch().now().iterations;
    outcome.seconds = run.watch().seconds();
    return outcome;
}

}  // namespace

Outcome solve(const Problem& problem, const Options& options) {
    Run run(problem, options.stop, options.monitor);
    const auto interrupted = [&run] { return run.interrupted(); };
    CandidateLists lists(problem, first_length(problem), interrupted);
    Primal primal(run, problem, lists, options.seed);
    primal.start();
    Root root(run, problem, lists);
    std::int64_t dual_work = 0, count = 0;
    while (!root.done() && !run.closed()) {
        if (run.tick()) return conclude(problem, run);
        root.step();
        dual_work += root.work();
        if (++count % 50 == 0 && !root.done()) {
            primal.seed(root.choice(), root.known());
            primal.guide(root.known());
        }
        while (primal.work() < dual_work) {
            if (run.tick()) return conclude(problem, run);
            primal.round();
        }
    }
    root.reduce();
    if (!run.closed()) {
        std::vector<double> lambda = root.ascent().best().lambda;
        if (lambda.size() != root.relaxation().customer.size()) lambda = root.ascent().current().lambda;
        primal.guide(root.known());
        Tree tree(run, problem, root.lists(), root.relaxation(), std::move(lambda), run.bound());
        while (!run.closed()) {
            if (run.tick()) return conclude(problem, run);
            if (tree.process_one() == Tree::Outcome::exhausted) break;
            for (int k = 0; k < 5; ++k) primal.round();
        }
    }
    return conclude(problem, run);
}

}  // namespace netdesign::location
