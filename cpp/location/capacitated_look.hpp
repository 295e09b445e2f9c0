// One node of the tree over a location problem with capacities: a few dual steps bound it, solutions are made of the sites that
// the dual opens, sites that cannot be otherwise are settled, and it is divided. Looks at several nodes do not know of each
// other: what one finds, the tree hears when all of a round are done, so that the order in which threads finish does not matter.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/random.hpp"
#include "location/capacitated.hpp"
#include "location/residual.hpp"
#include "location/transport.hpp"

namespace netdesign::location {

struct CapacitatedNode {
    double bound = 0.0;
    double value = 0.0;  ///< of the multipliers, where they come from
    std::vector<double> lambda;
    std::vector<Choice> sites;                     ///< per site of the root
    std::vector<std::pair<Customer, Site>> given;  ///< who serves whom; sites of the root
    std::int32_t depth = 0;
};

enum Side : std::size_t { opened, closed };

/// What opening or closing a site added to the bound of a node.
struct Gain {
    std::size_t site;
    Side side;
    double rise;
};

/// Sites are those of the root.
struct CapacitatedSolution {
    double objective = infinite_cost;
    std::vector<Part> parts;
};

/// What the tree knows when a round of looks begins.
struct Outlook {
    const Residual& root;
    double cutoff = infinite_cost;  ///< bounds from here on end a branch
    double dear = infinite_cost;    ///< no solution costs more
    const std::unordered_set<std::uint64_t>& tried;  ///< names of sets of sites
    /// What a site's opening or closing adds to the bound on average; negative where too little is known.
    std::function<double(std::size_t, Side)> usual_gain;
    std::function<bool()> interrupted;
};

class CapacitatedLook {
public:
    CapacitatedLook(const Outlook& outlook, std::uint64_t seed) : outlook_(outlook), root_(outlook.root), random_(seed) {}

    void explore(CapacitatedNode node);

    /// A longer walk from an assignment of whole customers.
    void walk_on(const CapacitatedSolution& from);

    std::vector<CapacitatedNode> open;            ///< what is left to look at
    std::vector<CapacitatedSolution> solutions;   ///< of different sets of sites
    std::vector<Gain> gains;
    std::vector<std::uint64_t> tried;
    bool cut = false;   ///< something was left out since it costs too much
    double work = 0.0;  ///< pairs looked at

private:
    using Node = CapacitatedNode;

    void keep(Node node);
    Residual part(const Node& node);
    [[nodiscard]] bool possible(const Residual& part, const Node& node) const;
    bool ascend(CapacitatedDual& dual, const Node& node, std::int32_t steps, bool averages);
    void settle_sites(Node& node, const Residual& part, const CapacitatedDual& dual);
    [[nodiscard]] std::vector<std::size_t> rank_sites(const Node& node, const Residual& part, const CapacitatedDual& dual) const;
    bool branch_on_site(Node& node, const Residual& part, const CapacitatedDual& dual);
    double gain(const Node& node, std::size_t site, Side side);
    [[nodiscard]] Customer most_divided(const Residual& part, const CapacitatedDual& dual) const;
    void branch_on_customer(const Node& node, const Residual& part, const CapacitatedDual& dual);
    void try_sites(const Residual& part, CapacitatedDual& dual);
    void walk(const Residual& chosen, std::vector<Site> assignment, std::int32_t sweeps);
    void transport(const Residual& chosen, CapacitatedDual& dual, const std::vector<Choice>& choice);

    const Outlook& outlook_;
    const Residual& root_;
    base::Random random_;
};

}  // namespace netdesign::location
