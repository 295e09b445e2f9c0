// Simulated annealing over assignments of whole customers to sites with capacities (Kirkpatrick, Gelatt and Vecchi,
// "Optimization by simulated annealing", Science 220, 1983): a customer moves, or two change places. What sites carry too
// much has a price that rises while it gets cold.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/random.hpp"
#include "location/residual.hpp"

namespace netdesign::location {

class AssignmentSearch {
public:
    /// The residual has to outlive this object; `assignment` is one of its sites per customer. O(customers x sites) memory.
    AssignmentSearch(const Residual& residual, std::vector<Site> assignment, std::uint64_t seed);

    /// Walk so many moves per customer. O(1) per move.
    void settle(std::int32_t sweeps);

    /// The best so far that keeps all capacities; infinite where none does.
    [[nodiscard]] double objective() const noexcept { return best_; }
    [[nodiscard]] const std::vector<Site>& assignment() const noexcept { return best_assignment_; }

private:
    [[nodiscard]] double cost(Customer i, Site j) const noexcept { return cost_[index(i) * index(residual_.n_sites()) + index(j)]; }
    [[nodiscard]] double excess(Site j, double more) const noexcept {
        return std::max(0.0, load_[index(j)] + more - residual_.capacity[index(j)]);
    }
    /// What the site costs for being open, where it is with exactly so many customers.
    [[nodiscard]] double fixed(Site j, std::size_t customers) const noexcept {
        return members_[index(j)].size() == customers && residual_.forced[index(j)] == 0 ? residual_.fixed_cost[index(j)] : 0.0;
    }
    [[nodiscard]] double overload_change(Site from, Site to, double weight) const noexcept {
        return excess(to, weight) - excess(to, 0.0) + excess(from, -weight) - excess(from, 0.0);
    }
    [[nodiscard]] bool accepts(double delta) noexcept;
    [[nodiscard]] bool keeps_capacities() const noexcept;
    bool try_shift();
    bool try_swap();
    void relocate(Customer i, Site to);
    void note();

    const Residual& residual_;
    base::Random random_;
    std::vector<double> cost_;  ///< of all of a customer's weight; infinite where a site must not serve it
    std::vector<Site> at_;
    std::vector<std::vector<Customer>> members_;
    std::vector<std::int32_t> place_;  ///< per customer: where among the members of its site
    std::vector<double> load_;
    double money_ = 0.0, overload_ = 0.0;
    double usual_price_ = 1.0, price_ = 1.0;  ///< of a unit of overload
    double scale_ = 1.0, temperature_ = 0.0;
    double best_ = infinite_cost;
    std::vector<Site> best_assignment_;
};

}  // namespace netdesign::location
