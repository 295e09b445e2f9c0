// Lagrangian branch and bound for location with capacities where customers are served whole (Holmberg, Rönnqvist and Yuan,
// "An exact algorithm for the capacitated facility location problems with single sourcing", European Journal of
// Operational Research 113, 1999): branch on a site, a few dual steps per node from the parent's multipliers, lowest bound
// first; where all sites are settled, branch on who serves a customer. Nodes give sets of sites to assign customers to.
//
// Fixing and branching work best when little is between the bound and what is looked for. So the tree looks for solutions
// below a guess that is a little above the bound, and begins anew with a higher one when there are none.
#pragma once

#include <array>
#include <cstdint>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/random.hpp"
#include "base/stop.hpp"
#include "location/capacitated.hpp"
#include "location/residual.hpp"

namespace netdesign::location {

class CapacitatedTree {
public:
    /// The root, whose sites are named 0, 1, … and which lists all that may serve, has to outlive the tree; multipliers and bound are those of its
    /// dual. Objectives of `known` and more are of no interest; `integral` says that all are whole numbers.
    CapacitatedTree(const Residual& root, std::vector<double> lambda, double bound, double known, bool integral, std::uint64_t seed,
                    base::Watch& watch);

    /// Process one open node; false where none is left that may hold anything better.
    bool process_one();

    /// The best solution found here, a site of the root per customer; empty where there is none.
    [[nodiscard]] const std::vector<Site>& assignment() const noexcept { return assignment_; }
    [[nodiscard]] double objective() const noexcept { return objective_; }
    [[nodiscard]] double bound() const noexcept;
    [[nodiscard]] bool exhausted() const noexcept { return bound() >= target(); }

private:
    struct Node {
        double bound = 0.0;
        double value = 0.0;  ///< of the multipliers, where they come from
        std::vector<double> lambda;
        std::vector<Choice> sites;                     ///< per site of the root
        std::vector<std::pair<Customer, Site>> given;  ///< who serves whom; sites of the root
        std::int32_t depth = 0;
    };
    struct Gains {
        double sum = 0.0;
        std::int32_t count = 0;
    };
    enum Side : std::size_t { opened, closed };

    static bool later(const Node& a, const Node& b) noexcept { return a.bound != b.bound ? a.bound > b.bound : a.depth < b.depth; }

    /// What bounds have to reach for nothing of interest to be below, and for nothing below the guess.
    [[nodiscard]] double target() const noexcept;
    [[nodiscard]] double cutoff() const noexcept;

    void begin_anew();
    void raise_guess();
    void lower_guess();
    Node take();
    void push(Node node);
    void explore(Node node);
    Residual part(const Node& node);
    [[nodiscard]] bool possible(const Residual& part, const Node& node) const;
    bool ascend(CapacitatedDual& dual, const Node& node, std::int32_t steps, bool averages);
    void settle_sites(Node& node, const Residual& part, const CapacitatedDual& dual);
    [[nodiscard]] std::vector<std::size_t> rank_sites(const Node& node, const Residual& part, const CapacitatedDual& dual) const;
    bool branch_on_site(Node& node, const Residual& part, const CapacitatedDual& dual);
    double gain(const Node& node, std::size_t site, Side side);
    [[nodiscard]] Customer most_divided(const Residual& part, const CapacitatedDual& dual) const;
    void branch_on_customer(const Node& node, const Residual& part, const CapacitatedDual& dual);
    void try_sites(const Residual& part, const CapacitatedDual& dual);
    void walk(const Residual& chosen, std::vector<Site> assignment, std::int32_t sweeps);
    void walk_on();
    void offer(std::vector<Site> assignment);

    const Residual& root_;
    bool integral_;
    base::Random random_;
    base::Watch& watch_;
    std::vector<double> lambda_;  ///< of the root
    double first_bound_, proven_;
    double guess_, step_;         ///< and what it rose by
    double dear_;                 ///< no solution costs more
    std::int64_t explored_ = 0, explored_before_ = 0;  ///< nodes for this guess and for the one before
    bool cut_ = false;            ///< something was left out since it costs too much for this guess
    std::vector<Node> open_;      ///< heap: the lowest bound on top
    double in_hand_ = infinite_cost;
    double objective_;            ///< of the best solution known
    std::vector<Site> assignment_;
    std::array<std::vector<Gains>, 2> gains_;  ///< per side and site
    std::unordered_set<std::uint64_t> tried_;  ///< sets of sites
    std::vector<std::pair<double, std::vector<Site>>> promising_;  ///< the best assignments of different walks
    std::size_t walks_ = 0;       ///< of those that went on from one of them
    double bounding_ = 0.0, walking_ = 0.0;  ///< work of nodes, and of such walks: pairs looked at
};

/// What a run of the tree found.
struct CapacitatedOutcome {
    std::vector<Site> assignment;  ///< empty where nothing better than what was known was found
    double bound = -infinite_cost;
    bool exhausted = false;        ///< the best of all is known, or there is no solution
    base::StopReason reason = base::StopReason::none;
    std::vector<base::Progress> trace;
    double seconds = 0.0;
    std::int64_t iterations = 0;   ///< nodes
};

/// Branches from the multipliers and the bound of a dual; `known` is the objective of a solution that the caller has.
CapacitatedOutcome branch_with_capacities(const Problem& problem, const Capacities& capacities, std::vector<double> lambda, double bound,
                                          double known, bool integral, std::uint64_t seed, base::StopRule rule, base::Monitor monitor);

}  // namespace netdesign::location
