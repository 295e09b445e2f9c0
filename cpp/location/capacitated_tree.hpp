// Lagrangian branch and bound for location with capacities (Holmberg, Rönnqvist and Yuan, "An exact algorithm for the
// capacitated facility location problems with single sourcing", European Journal of Operational Research 113, 1999): branch on
// a site, a few dual steps per node from the parent's multipliers, lowest bound first. Where all sites are settled, customers in
// parts are a transportation problem; for whole ones the tree goes on with who serves a customer.
//
// Nodes are looked at in rounds of a few, on as many threads as there are: what is found depends on the round alone.
//
// Fixing and branching work best when little is between the bound and what is looked for. Whole customers are hard to
// assign well, so there the tree looks for solutions below a guess that is a little above the bound, and begins anew with a
// higher one when there are none.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/random.hpp"
#include "base/stop.hpp"
#include "location/capacitated.hpp"
#include "location/capacitated_look.hpp"
#include "location/residual.hpp"

namespace netdesign::location {

/// What a tree begins with: the multipliers and the bound of the root's dual; objectives of `known` and more are of no interest;
/// `integral` says that all are whole numbers.
struct CapacitatedStart {
    std::vector<double> lambda;
    double bound = -infinite_cost, known = infinite_cost;
    bool integral = false;
};

class CapacitatedTree {
public:
    /// The root, whose sites are named 0, 1, … and which lists all that may serve, has to outlive the tree.
    CapacitatedTree(const Residual& root, CapacitatedStart start, std::uint64_t seed, std::size_t threads, base::Watch& watch);

    /// Look at a few open nodes; false where none is left that may hold anything better.
    bool process_round();

    /// The best solution found here; empty where there is none.
    [[nodiscard]] const std::vector<Part>& parts() const noexcept { return parts_; }
    [[nodiscard]] double objective() const noexcept { return objective_; }
    [[nodiscard]] double bound() const noexcept;
    [[nodiscard]] bool exhausted() const noexcept { return bound() >= target(); }

private:
    using Node = CapacitatedNode;

    struct Gains {
        double sum = 0.0;
        std::int32_t count = 0;
    };

    static bool later(const Node& a, const Node& b) noexcept { return a.bound != b.bound ? a.bound > b.bound : a.depth < b.depth; }

    /// What bounds have to reach for nothing of interest to be below, and for nothing below the guess.
    [[nodiscard]] double target() const noexcept;
    [[nodiscard]] double cutoff() const noexcept;

    void begin_anew();
    void raise_guess();
    void lower_guess();
    bool renew_guess();
    Node take();
    void look();
    bool interrupted();
    void learn(CapacitatedLook& look);
    void push(Node node);
    void remember(const CapacitatedSolution& solution);
    void offer(std::vector<Part> parts);

    const Residual& root_;
    bool integral_;
    base::Random random_;
    std::size_t threads_;
    base::Watch& watch_;
    std::atomic<bool> stopped_{false};
    std::vector<double> lambda_;  ///< of the root
    double first_bound_, proven_;
    double guess_ = infinite_cost, step_ = 0.0;  ///< and what it rose by
    double dear_ = 1.0;           ///< no solution costs more
    std::int64_t explored_ = 0, explored_before_ = 0;  ///< nodes for this guess and for the one before
    bool cut_ = false;            ///< something was left out since it costs too much for this guess
    std::vector<Node> open_;      ///< heap: the lowest bound on top
    double in_hand_ = infinite_cost;
    double objective_;            ///< of the best solution known
    std::vector<Part> parts_;
    std::array<std::vector<Gains>, 2> gains_;  ///< per side and site
    std::unordered_set<std::uint64_t> tried_;  ///< sets of sites
    std::vector<CapacitatedSolution> promising_;  ///< the best of different walks
    std::size_t walks_ = 0;       ///< of those that went on from one of them
    double bounding_ = 0.0, walking_ = 0.0;  ///< work of nodes, and of such walks: pairs looked at
};

/// What a run of the tree found.
struct CapacitatedOutcome {
    std::vector<Part> parts;       ///< empty where nothing better than what was known was found
    double bound = -infinite_cost;
    bool exhausted = false;        ///< the best of all is known, or there is no solution
    base::StopReason reason = base::StopReason::none;
    std::vector<base::Progress> trace;
    double seconds = 0.0;
    std::int64_t iterations = 0;   ///< nodes
};

/// Branches from what the dual left, on so many threads; the same with any number of them.
CapacitatedOutcome branch_with_capacities(const Problem& problem, const Capacities& capacities, CapacitatedStart start, std::uint64_t seed,
                                          std::size_t threads, base::StopRule rule, base::Monitor monitor);

}  // namespace netdesign::location
