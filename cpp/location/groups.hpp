// Customers of a plane or sphere in groups of near ones, each with a middle, a reach and a weight.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

#include "base/kd_tree.hpp"
#include "base/parallel.hpp"
#include "location/costs.hpp"
#include "location/parts.hpp"
#include "location/problem.hpp"

namespace netdesign::location {

inline constexpr std::size_t customers_at_once = 4096;  ///< that a thread takes

template <typename Source>
inline constexpr std::size_t dimensions = std::tuple_size_v<typename decltype(Source::sites)::value_type>;

/// How far a site may be that costs no more than this, a little more for what rounding may change.
inline double reach(const PlaneCosts& source, double cost) { return (cost + (source.rounding == Rounding::none ? 0.0 : 1.0)) * (1 + 1e-9); }

inline double reach(const SphereCosts& source, double cost) {
    constexpr double half_pi = 1.5707963267948966;
    return 2 * std::sin(std::min(cost / source.diameter, half_pi)) * (1 + 1e-9);
}

template <std::size_t D>
class Groups {
public:
    Groups() = default;

    /// Parts of the same size are not compact where customers lie in clusters: everybody goes to the part whose middle is nearest.
    template <typename Source>
    Groups(const Problem& problem, const Source& source, std::int64_t count, std::size_t threads) {
        std::vector<Customer> everybody(index(problem.n_customers()));
        std::iota(everybody.begin(), everybody.end(), 0);
        const Parts parts = cut<D>(source.customers, std::move(everybody), count);
        Points<D> middles;
        for (std::size_t k = 0; k < parts.size(); ++k) middles.push_back(source.customers[index(middle(source.customers, parts.of(k)))]);
        std::vector<std::int32_t> names(parts.size()), group_of(index(problem.n_customers()));
        std::iota(names.begin(), names.end(), 0);
        const KdTree<D> tree(middles, std::move(names));
        base::parallel_for(threads, parts.order.size(), customers_at_once, [&](std::size_t k, std::size_t) {
            thread_local std::vector<typename KdTree<D>::Found> found;
            tree.nearest(source.customers[index(parts.order[k])], 1, found);
            group_of[index(parts.order[k])] = found.front().second;
        });
        parts_ = Parts::by_name(group_of, parts.size());
        for (std::size_t g = 0; g < size(); ++g) {
            center_.push_back(of(g).empty() ? middles[g] : centroid(source.customers, of(g), problem));
            double radius = 0.0, weight = 0.0;
            for (const Customer i : of(g)) {
                radius = std::max(radius, KdTree<D>::squared_distance(center_[g], source.customers[index(i)]));
                if (!problem.is_free(i)) weight += problem.weight(i);
            }
            radius_.push_back(std::sqrt(radius) * (1 + 1e-9));
            weight_.push_back(weight);
        }
    }

    [[nodiscard]] std::size_t size() const noexcept { return parts_.size(); }
    [[nodiscard]] std::span<const Customer> of(std::size_t g) const noexcept { return parts_.of(g); }
    [[nodiscard]] const std::vector<Customer>& order() const noexcept { return parts_.order; }  ///< everybody, group by group
    [[nodiscard]] const typename KdTree<D>::Point& center(std::size_t g) const noexcept { return center_[g]; }
    [[nodiscard]] const Points<D>& centers() const noexcept { return center_; }
    [[nodiscard]] double radius(std::size_t g) const noexcept { return radius_[g]; }  ///< within which all of it lie
    [[nodiscard]] const std::vector<double>& weights() const noexcept { return weight_; }

private:
    Parts parts_;
    Points<D> center_;
    std::vector<double> radius_, weight_;
};

}  // namespace netdesign::location
