// The Lagrangian dual over all customers and all sites of a plane or sphere, too many for lists: whom a customer's multiplier
// reaches is asked of a k-d tree, at every evaluation anew. Slow, but nothing is left out.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

#include "base/parallel.hpp"
#include "location/certificate.hpp"
#include "location/costs.hpp"
#include "location/dual.hpp"
#include "location/groups.hpp"
#include "location/step_size.hpp"

namespace netdesign::location {

template <typename Source>
class WholeDual {
public:
    static constexpr std::size_t D = dimensions<Source>;

    /// Everything but `threads` has to outlive this object. Groups ask for the sites near them together.
    WholeDual(const Problem& problem, const Source& source, const KdTree<D>& sites, const Groups<D>& groups, std::size_t threads)
        : problem_(problem), source_(source), tree_(sites), groups_(groups), threads_(threads) {}

    /// Evaluates the Lagrangian function; O(customers x sites within the multiplier).
    void price(std::vector<double> lambda) {
        std::vector<std::vector<double>> saved(threads_, std::vector<double>(index(problem_.n_sites()), 0.0));
        std::vector<double> sum(threads_, 0.0);
        std::vector<std::int64_t> pairs(threads_, 0);
        const std::size_t at_once = std::max<std::size_t>(1, customers_at_once * groups_.size() / groups_.order().size());
        base::parallel_for(threads_, groups_.size(), at_once, [&](std::size_t g, std::size_t worker) {
            thread_local std::vector<Site> near;
            near.clear();
            double most = 0.0;
            for (const Customer i : groups_.of(g)) most = std::max(most, lambda[index(i)]);
            const double around = reach(source_, most) + groups_.radius(g);
            tree_.within(groups_.center(g), around * around, [&](double, Site j) { near.push_back(j); });
            for (const Customer i : groups_.of(g)) {
                if (problem_.is_free(i)) continue;
                const double weight = problem_.weight(i), own = lambda[index(i)], within = reach(source_, own);
                sum[worker] += weight * own;
                pairs[worker] += static_cast<std::int64_t>(near.size());
                for (const Site j : near) {
                    const double squared = KdTree<D>::squared_distance(source_.customers[index(i)], source_.sites[index(j)]);
                    if (squared <= within * within) saved[worker][index(j)] += weight * std::min(0.0, pair_cost(source_, squared) - own);
                }
            }
        });
        lambda_ = std::move(lambda);
        work_ += std::accumulate(pairs.begin(), pairs.end(), std::int64_t{0});
        settle_prices(saved, std::accumulate(sum.begin(), sum.end(), 0.0));
    }

    /// Nobody pays anything: a bound before anything else is known. O(sites).
    void price_nothing() {
        settle_prices({}, 0.0);
    }

    /// One step from the multipliers priced last, as DualAscent makes them over lists. O(one evaluation).
    void climb(double target) {
        constexpr double deflection = 0.9;
        const KdTree<D> chosen = tree_of_chosen();
        direction_.resize(lambda_.size(), 0.0F);
        std::vector<double> norm(threads_, 0.0);
        base::parallel_for(threads_, groups_.order().size(), customers_at_once, [&](std::size_t k, std::size_t worker) {
            const Customer i = groups_.order()[k];
            if (problem_.is_free(i)) return;
            const double own = lambda_[index(i)], within = reach(source_, own);
            double d = deflection * static_cast<double>(direction_[index(i)]) + 1.0;
            chosen.within(source_.customers[index(i)], within * within, [&](double squared, Site) { d -= pair_cost(source_, squared) < own ? 1.0 : 0.0; });
            direction_[index(i)] = static_cast<float>(d);
            norm[worker] += problem_.weight(i) * d * d;
        });
        const double whole = std::accumulate(norm.begin(), norm.end(), 0.0);
        if (whole <= 0.0) {
            step_size_.set(0.0);
            return;
        }
        const double length = step_size_() * std::max(target - value_, 1e-9 * std::abs(target)) / whole;
        std::vector<double> lambda = lambda_;
        for (std::size_t i = 0; i < lambda.size(); ++i) lambda[i] = std::max(0.0, lambda[i] + length * static_cast<double>(direction_[i]));
        price(std::move(lambda));
        step_size_.count(best_.bound);
    }

    /// Steps have become so small that little more is to be had.
    [[nodiscard]] bool exhausted() const noexcept { return step_size_() < 3e-3; }

    [[nodiscard]] const std::vector<double>& lambda() const noexcept { return lambda_; }              ///< per customer, as priced last; nothing before
    [[nodiscard]] double value() const noexcept { return value_; }                                    ///< as computed there
    [[nodiscard]] const std::vector<double>& reduced_cost() const noexcept { return reduced_cost_; }  ///< per site, there
    [[nodiscard]] const Certificate& best() const noexcept { return best_; }

    /// The best multipliers, zero where none were priced.
    [[nodiscard]] Certificate certificate() const {
        Certificate all = best_;
        all.lambda.resize(index(problem_.n_customers()), 0.0);
        return all;
    }
    [[nodiscard]] std::int64_t work() const noexcept { return work_; }  ///< pairs looked at so far

private:
    [[nodiscard]] KdTree<D> tree_of_chosen() const {
        Points<D> points;
        for (const Site j : chosen_) points.push_back(source_.sites[index(j)]);
        return KdTree<D>(std::move(points), chosen_);
    }

    /// Reduced costs from what every site saves, and the bound that follows; sites that stay open are a constant.
    void settle_prices(const std::vector<std::vector<double>>& saved, double sum) {
        Relaxation all;
        all.min_open = problem_.min_open();
        all.max_open = problem_.max_open();
        DualPoint point;
        reduced_cost_.assign(index(problem_.n_sites()), 0.0);
        chosen_.clear();
        for (const Site j : problem_.usable()) {
            double& cost = reduced_cost_[index(j)] = problem_.fixed_cost(j);
            for (const auto& of_worker : saved) cost += of_worker[index(j)];
            if (problem_.status(j) == SiteStatus::open) {
                chosen_.push_back(j);
                all.constant += cost;
                all.min_open = std::max(all.min_open - 1, 0);
                --all.max_open;
            } else {
                all.site.push_back(j);
                all.fixed_cost.push_back(problem_.fixed_cost(j));
                point.reduced_cost.push_back(cost);
            }
        }
        settle(all, sum, static_cast<double>(problem_.n_customers()), point);
        for (std::int32_t k = 0; k < point.n_chosen; ++k) chosen_.push_back(all.site[index(point.order[index(k)])]);
        value_ = point.value;
        if (point.safe_value > best_.bound) best_ = {lambda_, point.safe_value};
    }

    const Problem& problem_;
    const Source& source_;
    const KdTree<D>& tree_;  // of the usable sites
    const Groups<D>& groups_;
    std::size_t threads_;
    std::vector<double> lambda_, reduced_cost_;
    std::vector<Site> chosen_;  // at these multipliers
    double value_ = -infinite_cost;
    Certificate best_;
    std::vector<float> direction_;  // per customer
    StepSize step_size_{0.3, 5};
    std::int64_t work_ = 0;
};

}  // namespace netdesign::location
