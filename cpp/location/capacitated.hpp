// The Lagrangian dual of location with capacities. The rows "customer i gets all it asks for" move into the objective
// with multipliers lambda_i per unit of weight, the rows "a site carries no more than its capacity s_j" stay, and so
// does their sum, that the open sites can carry everything (Cornuejols, Sridharan and Thizy 1991). Then
//
//     L(lambda) = sum_i w_i lambda_i + max over theta >= 0 of theta D + sum_g min(0, min over j in g of rho_j - theta s_j),
//     rho_j = f_j - the best that fits into s_j of the gains w_i (lambda_i - c_ij) of customer i,
//
// one knapsack per site: fractional where a customer may be served from several sites, whole customers where not. Of the
// sites of a group g at most one opens; most groups have one site, the others are the modules that a place may have.
// Pairs that are not listed change nothing as long as multipliers keep to the caps of the lists (candidates.hpp).
#pragma once

#include <cstdint>
#include <vector>

#include "base/stop.hpp"
#include "location/residual.hpp"
#include "location/step_size.hpp"

namespace netdesign::location {

class CapacitatedDual {
public:
    /// The residual has to outlive this object; own multipliers to begin with where none are given. O(entries).
    explicit CapacitatedDual(const Residual& residual, std::vector<double> lambda = {});

    /// One step of a deflected subgradient ascent (as dual.hpp) towards a level above the best bound, which falls when the
    /// bound stalls; true when the bound rose. O(entries with a gain, log for those of a full site); with single sources
    /// a knapsack is given up after so many nodes, and its linear relaxation counts.
    bool step();

    /// How far above the bound steps aim from now on, relative, and no higher than this value; how many steps without a
    /// better bound lower the aim.
    void aim(double level, double most, std::int32_t patience) noexcept { level_.set(level, patience), most_ = most; }

    /// Decide whole which sites carry the demand, not in part: a better bound for the work of a knapsack per step.
    void demand_whole_sites() noexcept { whole_sites_ = true; }

    /// Begin to average what steps open and serve.
    void begin_average();

    /// The best point so far: its multipliers, a bound that is safe from rounding, and per site of the residual what the
    /// bound rises by at least where the site is open (positive) or closed (negative); infinite for one that cannot open.
    [[nodiscard]] const std::vector<double>& lambda() const noexcept { return best_.lambda; }
    [[nodiscard]] const std::vector<double>& reduced_cost() const noexcept { return best_.reduced_cost; }
    [[nodiscard]] double theta() const noexcept { return best_.theta; }
    [[nodiscard]] double bound() const noexcept { return best_.safe_value; }

    /// The part of every site, and of every entry of the residual, that steps used on average.
    [[nodiscard]] double opened(std::size_t site) const noexcept { return opened_sum_[site] / static_cast<double>(averaged_); }
    [[nodiscard]] double used(std::size_t entry) const noexcept { return used_sum_[entry] / static_cast<double>(averaged_); }

    /// The part of every site that the last step opened, and what one more unit of a site's capacity was worth there, where
    /// a customer may have several sites.
    [[nodiscard]] const std::vector<double>& choice() const noexcept { return opened_; }
    [[nodiscard]] const std::vector<double>& prices() const noexcept { return price_; }

    /// What exactly these sites cost at least by the multipliers of the last step. O(sites).
    [[nodiscard]] double cost_with(const std::vector<Choice>& sites) const;

    /// Evaluate these multipliers too; true when the bound rose.
    bool look_at(std::vector<double> lambda);

    [[nodiscard]] bool exhausted() const noexcept { return level_() < 3e-6; }

private:
    struct Item {
        double rate;  ///< gain per unit of weight
        double weight;
        Customer customer;
        double taken;
        std::size_t entry;
    };
    static bool dearer(const Item& a, const Item& b) noexcept { return a.rate != b.rate ? a.rate > b.rate : a.customer < b.customer; }

    struct Point {
        std::vector<double> lambda, reduced_cost;
        double theta = 0.0, value = -infinite_cost, safe_value = -infinite_cost;
    };

    void move();
    void evaluate();
    void fill_knapsacks();
    void gather_items();
    [[nodiscard]] double rise(std::size_t k, double theta) const noexcept { return rho_[k] - theta * capacity(k); }
    [[nodiscard]] double capacity(std::size_t k) const noexcept { return residual_.capacity[k]; }
    [[nodiscard]] bool forced(std::size_t k) const noexcept { return residual_.forced[k] != 0; }
    [[nodiscard]] bool opens(std::size_t g, double rise) const noexcept { return rise < 0 || forced(group_[g].front()); }
    std::pair<std::size_t, double> cheapest(std::size_t group, double theta, std::size_t except) const;
    double best_theta() const;
    void open_sites(double theta);
    double open_whole_sites(double value);
    void note_reduced_costs(double theta);
    void serve();
    double fill(std::vector<Item>::iterator begin, std::vector<Item>::iterator end, std::size_t site);
    double fill_whole(std::vector<Item>::iterator begin, std::vector<Item>::iterator end, std::size_t site);
    double fill_in_parts(std::vector<Item>::iterator begin, std::vector<Item>::iterator end, std::size_t site);
    [[nodiscard]] double paid(const std::vector<double>& lambda) const;

    const Residual& residual_;
    Point current_, best_;
    std::vector<Item> items_;              ///< of all sites, one after the other
    std::vector<std::size_t> first_item_;  ///< per site, and the end
    std::vector<std::size_t> next_item_;
    std::vector<double> rho_, opened_;     ///< per site; whether it is open, one of them in part
    std::vector<double> price_;            ///< per site, of a unit of capacity
    std::vector<std::vector<std::size_t>> group_;  ///< sites, forced ones first
    std::vector<double> served_, direction_;
    double magnitude_ = 0.0;
    StepSize level_{0.05, 20};
    double most_ = infinite_cost;
    bool whole_sites_ = false;
    std::vector<double> opened_sum_, used_sum_;
    std::int64_t averaged_ = 0;
};

/// What the dual leaves to an exact solver.
struct CapacitatedBound {
    std::vector<double> lambda, reduced_cost;  ///< as CapacitatedDual has them
    double theta = 0.0;               ///< the multiplier of the row that open sites can carry everything
    double bound = -infinite_cost;
    std::vector<std::int64_t> first;  ///< customers + 1: where the lists begin
    std::vector<Entry> entries;       ///< ascending by cost
    std::vector<double> cap;          ///< no unlisted site costs less; infinite where none is unlisted
    base::StopReason reason = base::StopReason::none;
    std::vector<base::Progress> trace;
    double seconds = 0.0;
    std::int64_t iterations = 0;
};

/// Ascends until little more is to be had, from multipliers where some are given; lists whose caps are pressed are
/// extended, and the ascent goes on.
CapacitatedBound bound_with_capacities(const Problem& problem, const Capacities& capacities, base::StopRule rule, base::Monitor monitor,
                                       std::vector<double> lambda = {});

}  // namespace netdesign::location
