// Where the cost of serving a customer from a site comes from. Nothing of size customers x sites is stored here:
// a matrix stays the caller's, points answer from their coordinates and a k-d tree.
#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <limits>
#include <span>
#include <variant>
#include <vector>

#include "base/kd_tree.hpp"

namespace netdesign::location {

using base::KdTree;
using Customer = std::int32_t;
using Site = std::int32_t;

/// An id or a position as an index into an array; the core's are never negative where they are used as one.
template <std::integral T>
constexpr std::size_t index(T position) noexcept {
    return static_cast<std::size_t>(position);
}

inline constexpr double infinite_cost = std::numeric_limits<double>::infinity();

/// A site in a customer's list, with the cost of serving one unit of the customer's weight.
struct Entry {
    double cost;
    Site site;
};

enum class Rounding : std::int8_t { none, nearest, floor, ceil };

/// A row-major matrix (customers x sites) that the caller keeps alive.
struct MatrixCosts {
    std::span<const double> values;
    std::int32_t n_customers, n_sites;
};

/// Euclidean distances, rounded.
struct PlaneCosts {
    std::vector<std::array<double, 2>> customers, sites;
    Rounding rounding;
};

/// Great-circle distances: unit vectors, and what the sphere's diameter costs.
struct SphereCosts {
    std::vector<std::array<double, 3>> customers, sites;
    double diameter;
};

/// Cost over a squared distance; on the sphere over a squared chord.
double pair_cost(const PlaneCosts& source, double squared) noexcept;
double pair_cost(const SphereCosts& source, double squared) noexcept;

/// Lists sorted by cost that the caller keeps alive; what is not listed cannot serve. `complete` is false where the
/// lists were cut off: the bound then holds for the unlisted pairs too.
struct ListCosts {
    std::span<const std::int64_t> offsets;
    std::span<const std::int32_t> sites;
    std::span<const double> costs;
    std::int32_t n_sites;
    bool complete;
};

using CostSource = std::variant<MatrixCosts, PlaneCosts, SphereCosts, ListCosts>;

std::int32_t n_customers(const CostSource& source);
std::int32_t n_sites(const CostSource& source);

/// Cost of one pair, infinite where the site cannot serve; O(1), for lists O(their length).
double cost(const CostSource& source, Customer i, Site j);

/// An upper bound on the finite costs of every customer; O(customers) for points, else O(entries).
std::vector<double> dearest(const CostSource& source);

/// Pairs that a source knows a cost of, and that cannot serve all the same.
struct PairLimits {
    std::vector<double> reach;        ///< per customer: what a site may cost at most; empty where it may cost anything
    std::vector<std::int64_t> first;  ///< customers + 1: where the customer's sites in `forbidden` begin; empty where there are none
    std::vector<Site> forbidden;      ///< ascending for every customer

    /// O(log forbidden sites of the customer).
    [[nodiscard]] bool allow(Customer i, Site j, double cost) const;
    [[nodiscard]] std::int32_t n_forbidden(Customer i) const noexcept {
        return first.empty() ? 0 : static_cast<std::int32_t>(first[index(i) + 1] - first[index(i)]);
    }
};

inline const PairLimits no_limits{};

/// Finds the cheapest among some of the sites.
class Nearest {
public:
    /// O(sites log sites) for points. The source and the limits have to outlive this object.
    Nearest(const CostSource& source, std::vector<Site> among, const PairLimits& limits = no_limits);

    /// The min(k, available) cheapest sites of a customer, ascending by cost; infinite costs are left out.
    /// Returns a lower bound on the cost of every site that was left out (the "cap"): infinite where none was.
    double find(Customer i, std::int32_t k, std::vector<Entry>& entries) const;

private:
    double find_in_source(Customer i, std::int32_t k, std::vector<Entry>& entries) const;

    const CostSource& source_;
    const PairLimits& limits_;
    std::vector<Site> among_;
    std::vector<std::uint8_t> is_among_;
    KdTree<2> plane_;
    KdTree<3> sphere_;
};

}  // namespace netdesign::location
