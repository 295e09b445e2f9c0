// The Lagrangian dual: the rows "customer i is served once" move into the objective with multipliers lambda_i per unit
// of weight. For fixed multipliers the sites decide alone,
//
//     L(lambda) = constant + sum_i w_i lambda_i + min over S of sum_{j in S} (f_j + sum_i w_i min(0, c_ij - lambda_i)),
//
// which bounds the optimum from below; its maximum equals the bound of the linear relaxation (integrality property).
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "location/relaxation.hpp"
#include "location/step_size.hpp"

namespace netdesign::location {

/// One evaluation of the Lagrangian function.
struct DualPoint {
    std::vector<double> lambda;        ///< per customer of the relaxation
    std::vector<double> reduced_cost;  ///< per free site
    std::vector<std::uint8_t> chosen;  ///< per free site: whether it is in S
    std::vector<std::int32_t> order;   ///< S first
    std::int32_t n_chosen = 0;
    double dearest_chosen = 0.0;       ///< largest reduced cost in S
    double cheapest_other = 0.0;       ///< smallest reduced cost outside of S
    double value = 0.0;                ///< L(lambda) as computed
    double safe_value = 0.0;           ///< never above L(lambda): value less the rounding errors that are possible
};

/// Evaluates at `point.lambda`; O(pairs with cost below the multiplier + sites).
void evaluate(const Relaxation& relaxation, DualPoint& point);

/// The choice of sites and the values of a point whose reduced costs are known; `sum` is that of the weighted multipliers of
/// so many customers. O(sites).
void settle(const Relaxation& relaxation, double sum, double customers, DualPoint& point);

/// Multipliers to begin with: what the customer pays where `open_share` of its list is open.
std::vector<double> first_multipliers(const Relaxation& relaxation, double sites_per_open);

/// Deflected subgradient ascent with a Polyak step: Barahona and Anbil's volume direction, steps towards the
/// incumbent's value, back to the best multipliers and half the step after a stall.
class DualAscent {
public:
    explicit DualAscent(const Relaxation& relaxation, std::vector<double> lambda);

    /// One iteration towards `target`; returns true when the best bound rose. Sites are fixed at every point it passes:
    /// different multipliers of nearly the same value fix different sites.
    bool step(double target, double cutoff);

    /// What all points so far say of the free sites, and how many of them are fixed.
    [[nodiscard]] const std::vector<Fix>& known() const noexcept { return known_; }
    [[nodiscard]] std::int32_t n_known() const noexcept { return n_known_; }

    [[nodiscard]] const DualPoint& best() const noexcept { return best_; }
    [[nodiscard]] const DualPoint& current() const noexcept { return current_; }

    /// How often a site was chosen of late, in [0, 1]: approximates the primal solution of the linear relaxation.
    [[nodiscard]] const std::vector<double>& share() const noexcept { return share_; }

    /// Steps have become so small that little more is to be had.
    [[nodiscard]] bool exhausted() const noexcept { return step_size_() < 3e-3; }

    [[nodiscard]] double step_size() const noexcept { return step_size_(); }
    void restart(double step_size) noexcept { step_size_.set(step_size); }

private:
    void move(double target);

    const Relaxation& relaxation_;
    DualPoint current_, best_;
    std::vector<double> direction_, share_;
    std::vector<Fix> known_;
    std::int32_t n_known_ = 0;
    StepSize step_size_{1.0, 20};
};

/// Adds the sites whose other state costs more than `cutoff` at this point: their state in every better solution.
/// Returns the number of sites newly fixed; O(sites).
std::int32_t fix_by_reduced_cost(const Relaxation& relaxation, const DualPoint& point, double cutoff, std::vector<Fix>& fix);

}  // namespace netdesign::location
