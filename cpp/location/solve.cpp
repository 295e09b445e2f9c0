#include "location/solve.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include "location/construct.hpp"
#include "location/primal.hpp"
#include "location/root.hpp"
#include "location/tree.hpp"
#include "location/wide.hpp"

namespace netdesign::location {

namespace {

constexpr std::int64_t consult_every = 50;      // dual iterations between hints to the local search

/// What the dual tells the local search, across threads.
class Hints {
public:
    void post(std::vector<Fix> known, std::vector<Site> choice) {
        const std::lock_guard lock(mutex_);
        known_ = std::move(known);
        choice_ = std::move(choice);
        version_.fetch_add(1, std::memory_order_release);
    }

    /// Passes on what is new since the caller's last look.
    void follow(Primal& primal, std::int64_t& seen) {
        if (version_.load(std::memory_order_acquire) == seen) return;
        std::vector<Fix> known;
        std::vector<Site> choice;
        {
            const std::lock_guard lock(mutex_);
            known = known_;
            choice = choice_;
            seen = version_.load(std::memory_order_relaxed);
        }
        primal.guide(known);
        if (!choice.empty()) primal.try_choice(std::move(choice));
        primal.guide(known);  // the solution may be another one now
    }

private:
    std::mutex mutex_;
    std::atomic<std::int64_t> version_{0};
    std::vector<Fix> known_;
    std::vector<Site> choice_;
};

/// How much effort beside that of the tree goes to the local search.
std::int64_t allotment(const Tree& tree, const Primal& primal) { return tree.work() / (primal.stale() ? 4 : 3); }

/// The local search's share beside the tree: a start from the tree's nodes, then rounds.
template <typename Ended>
void search_beside(Tree& tree, Primal& primal, std::int64_t before, Ended ended) {
    if (primal.work() - before >= allotment(tree, primal)) return;
    if (auto choice = tree.take_choice(); !choice.empty()) primal.try_choice(std::move(choice));
    while (primal.work() - before < allotment(tree, primal) && !ended()) primal.round();
}

/// Everything a run shares.
struct Shared {
    Run run;
    const Problem& problem;
    Hints hints;
    std::unique_ptr<Tree> owned_tree;
    std::atomic<Tree*> tree{nullptr};  ///< set once the tree may be worked on
};

/// A helper's life: local search while the root's dual runs, then the tree with some local search.
void help(Shared& shared, Primal& primal) {
    std::int64_t seen = 0;
    primal.descend();
    while (!shared.run.stopped() && shared.tree.load(std::memory_order_acquire) == nullptr) {
        shared.hints.follow(primal, seen);
        primal.round();
    }
    const std::int64_t before = primal.work();
    while (!shared.run.stopped()) {
        Tree& tree = *shared.tree.load(std::memory_order_acquire);
        const auto outcome = tree.process_one();
        if (outcome == Tree::Outcome::exhausted) return;
        shared.hints.follow(primal, seen);
        search_beside(tree, primal, before, [&] { return shared.run.stopped(); });
        if (outcome == Tree::Outcome::idle) std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
}

/// The root's dual, in turn with the local search where there is nobody else to do that.
void ascend(Shared& shared, Root& root, Primal* primal) {
    std::int64_t dual_work = 0, seen = 0;
    for (std::int64_t count = 1; !root.done() && !shared.run.closed(); ++count) {
        if (shared.run.tick()) return;
        root.step();
        dual_work += root.work_per_step();
        if (count % consult_every == 0 && !root.done()) shared.hints.post(root.known(), root.choice());
        if (primal == nullptr || primal->work() >= dual_work) continue;
        shared.hints.follow(*primal, seen);
        while (primal->work() < (primal->stale() ? dual_work / 4 : dual_work)) {
            if (shared.run.tick()) return;
            primal->round();
        }
    }
}

void branch(Shared& shared, Root& root, Primal* primal) {
    root.reduce();
    if (shared.run.closed() || shared.run.stopped()) return;
    shared.hints.post(root.known(), {});
    shared.owned_tree =
        std::make_unique<Tree>(shared.run, shared.problem, root.lists(), root.relaxation(), root.lambda(), shared.run.bound());
    Tree& tree = *shared.owned_tree;
    shared.tree.store(&tree, std::memory_order_release);
    std::int64_t seen = 0;
    if (primal != nullptr) shared.hints.follow(*primal, seen);
    const std::int64_t before = primal == nullptr ? 0 : primal->work();
    while (!shared.run.closed() && !shared.run.tick()) {
        const auto outcome = tree.process_one();
        if (outcome == Tree::Outcome::exhausted) break;
        if (outcome == Tree::Outcome::idle) std::this_thread::sleep_for(std::chrono::microseconds(200));
        if (primal != nullptr) search_beside(tree, *primal, before, [&] { return shared.run.tick(); });
    }
}

}  // namespace

Outcome conclude(const Problem& problem, Run& run, Certificate certificate) {
    Outcome outcome;
    run.raise_bound(certificate.bound);
    outcome.certificate = std::move(certificate);
    outcome.infeasible = run.bound() >= problem.unserved();
    if (run.objective() < problem.unserved()) {
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

Outcome solve(const Problem& problem, const Options& options) {
    if (is_wide(problem)) return solve_wide(problem, options);
    Shared shared{{problem, options.stop, options.monitor}, problem, {}, {}, {}};
    const auto interrupted = [&shared] { return shared.run.interrupted(); };
    const CandidateLists lists(problem, first_length(problem), interrupted);
    const ReverseLists reverse(lists, problem.n_sites());
    shared.run.raise_bound(certify(problem, lists, cheapest_multipliers(problem, lists)).bound);
    const auto start = greedy(problem, lists, reverse, interrupted, options.sites);
    const int n_helpers = options.deterministic ? 0 : std::max(options.threads, 1) - 1;
    std::vector<Primal> primals;
    primals.reserve(index(std::max(n_helpers, 1)));
    for (int k = 0; k < std::max(n_helpers, 1); ++k) {
        primals.emplace_back(shared.run, problem, lists, reverse, options.seed + static_cast<std::uint64_t>(k), options.population);
        primals.back().begin(start);
    }
    Root root(shared.run, problem, lists, options.lambda);
    {
        Crew crew{shared.run, {}};
        for (int k = 0; k < n_helpers; ++k)
            crew.threads.emplace_back([&shared, &primal = primals[index(k)]] { help(shared, primal); });
        Primal* const own = n_helpers == 0 ? &primals.front() : nullptr;
        if (own != nullptr) own->descend();
        ascend(shared, root, own);
        branch(shared, root, own);
    }
    return conclude(problem, shared.run, root.certificate());
}

}  // namespace netdesign::location
