// Lagrangian branch and bound: branch on a site, a few dual iterations per node from the parent's multipliers.
#pragma once

#include <cstdint>
#include <mutex>
#include <vector>

#include "location/dual.hpp"
#include "location/run.hpp"

namespace netdesign::location {

class Tree {
public:
    /// The lists have to outlive the tree. `lambda` belongs to the customers of `root`.
    Tree(Run& run, const Problem& problem, const CandidateLists& lists, Relaxation root, std::vector<double> lambda, double bound);

    enum class Outcome : std::int8_t { worked, idle, exhausted };

    /// Process one open node; idle where all of them are in other threads' hands.
    Outcome process_one();

    [[nodiscard]] std::int64_t n_nodes() const noexcept { return n_nodes_; }

private:
    struct Node {
        double bound = 0.0;
        std::vector<double> lambda;  ///< per customer of the root
        std::vector<Fix> fix;        ///< per free site of the root
        std::int32_t depth = 0;
    };

    struct Work;

    bool take(Node& node);
    void finish(std::vector<Node> children, double node_bound, double settled);
    void explore(Node& node, std::vector<Node>& children, double& settled);
    void settle(const Relaxation& relaxation, double& settled);
    void try_choice(const Relaxation& relaxation, const DualPoint& point);
    std::int32_t branching_site(const Relaxation& relaxation, const DualAscent& ascent) const;

    Run& run_;
    const Problem& problem_;
    const CandidateLists& lists_;
    Relaxation root_;
    std::vector<std::int32_t> root_customer_;  ///< customer of the problem -> of the root
    std::vector<std::int32_t> root_site_;
    std::mutex mutex_;
    std::vector<Node> open_;             ///< heap: the lowest bound on top
    std::vector<double> in_hand_;        ///< bounds of nodes being processed
    double settled_ = infinite_cost;     ///< the lowest bound of all nodes that are done
    std::int64_t n_nodes_ = 0;
};

}  // namespace netdesign::location
