// Lagrangian branch and bound: branch on a site, dual iterations per node from the parent's multipliers, lowest bound
// first. Any number of threads may work on one tree.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <vector>

#include "location/branching.hpp"
#include "location/dual.hpp"
#include "location/run.hpp"

namespace netdesign::location {

class Tree {
public:
    /// The lists have to outlive the tree. `lambda` belongs to the customers of `root`, `bound` to the whole problem.
    Tree(Run& run, const Problem& problem, const CandidateLists& lists, Relaxation root, std::vector<double> lambda, double bound);

    enum class Outcome : std::int8_t { worked, idle, exhausted };

    /// Process one open node; idle where all of them are in other threads' hands.
    Outcome process_one();

    /// The best choice of sites that nodes made since the last call; empty where there is none. A start for local search.
    std::vector<Site> take_choice();

    /// Effort so far in pairs looked at; repeats exactly on one thread.
    [[nodiscard]] std::int64_t work() const noexcept { return work_.load(std::memory_order_relaxed) + branching_.work(); }

private:
    struct Node {
        double bound = 0.0;
        std::vector<double> lambda;  ///< per customer of the root
        std::vector<Fix> fix;        ///< per free site of the root
        std::int32_t depth = 0;
    };

    enum class Ascended : std::int8_t { pruned, interrupted, open };

    static bool later(const Node& a, const Node& b) noexcept {
        return a.bound != b.bound ? a.bound > b.bound : a.depth < b.depth;
    }

    Node take();
    void put_back(std::vector<Node> children, double taken_bound);

    /// Bounds a node; what is left of it to explore goes to `children`.
    void explore(Node node, std::vector<Node>& children);
    Ascended ascend(DualAscent& ascent, const Relaxation& relaxation);
    void absorb(Node& node, const Relaxation& relaxation, const std::vector<Fix>& known) const;
    void offer(std::vector<Site> open);

    Run& run_;
    const Problem& problem_;
    const CandidateLists& lists_;
    Relaxation root_;
    std::vector<std::int32_t> root_customer_, root_site_;  ///< of the whole problem -> of the root
    Branching branching_;
    std::mutex mutex_;
    std::vector<Node> open_;       ///< heap: the lowest bound on top
    std::vector<double> in_hand_;  ///< bounds of the nodes being explored
    std::vector<Site> choice_;
    double choice_objective_ = base::infinity;
    std::atomic<std::int64_t> work_{0};
};

}  // namespace netdesign::location
