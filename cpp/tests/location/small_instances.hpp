// Small random problems and the slow oracle: every set of sites tried.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/random.hpp"
#include "base/stop.hpp"
#include "location/problem.hpp"

namespace netdesign::tests {

using namespace netdesign::location;

enum class Kind { matrix, plane, sphere, lists };

/// A problem with the arrays it refers to.
struct Small {
    std::vector<double> matrix;
    std::vector<std::int64_t> offsets;
    std::vector<std::int32_t> sites;
    std::vector<double> costs;
    std::unique_ptr<Problem> problem;
};

struct Shape {
    Kind kind = Kind::plane;
    bool median = true;     ///< p-median, else uncapacitated
    bool integral = false;
    bool gaps = false;      ///< some pairs cannot be served (matrix, lists)
    bool statuses = false;  ///< some sites are forced open or closed
    bool weights = false;   ///< weights differ, some are 0
    bool limited = false;   ///< customers have a reach and sites that must not serve them
    std::int32_t n = 14, m = 9, p = 3;
    std::int32_t least = 1, most = 9;  ///< open sites of an uncapacitated problem
};

inline std::unique_ptr<Small> make(const Shape& shape, base::Random& random) {
    auto small = std::make_unique<Small>();
    const auto n = index(shape.n), m = index(shape.m);
    const auto draw = [&] { return shape.integral ? static_cast<double>(random.between(0, 60)) : 60.0 * random.unit(); };
    ProblemData data;
    data.integral = shape.integral;
    if (shape.kind == Kind::matrix || shape.kind == Kind::lists) {
        small->offsets.push_back(0);
        for (std::size_t i = 0; i < n; ++i) {
            std::vector<Entry> row;
            for (std::size_t j = 0; j < m; ++j) {
                const bool served = !shape.gaps || random.below(3) > 0 || j == i % m;
                small->matrix.push_back(served ? draw() : infinite_cost);
                if (served) row.push_back({small->matrix.back(), static_cast<Site>(j)});
            }
            std::sort(row.begin(), row.end(), [](const Entry& a, const Entry& b) { return a.cost < b.cost; });
            for (const auto& entry : row) {
                small->sites.push_back(entry.site);
                small->costs.push_back(entry.cost);
            }
            small->offsets.push_back(static_cast<std::int64_t>(small->sites.size()));
        }
        if (shape.kind == Kind::matrix) data.costs = MatrixCosts{small->matrix, shape.n, shape.m};
        else data.costs = ListCosts{small->offsets, small->sites, small->costs, shape.m, true};
    } else if (shape.kind == Kind::plane) {
        PlaneCosts plane{{}, {}, shape.integral ? Rounding::floor : Rounding::none};
        for (std::size_t i = 0; i < n; ++i) plane.customers.push_back({draw(), draw()});
        for (std::size_t j = 0; j < m; ++j) plane.sites.push_back({draw(), draw()});
        data.costs = std::move(plane);
    } else {
        const auto on_sphere = [&] {
            std::array<double, 3> v{random.unit() - 0.5, random.unit() - 0.5, random.unit() - 0.5};
            const double length = std::sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);
            for (auto& x : v) x /= length;
            return v;
        };
        SphereCosts sphere{{}, {}, 100.0};
        for (std::size_t i = 0; i < n; ++i) sphere.customers.push_back(on_sphere());
        for (std::size_t j = 0; j < m; ++j) sphere.sites.push_back(on_sphere());
        data.costs = std::move(sphere);
    }
    for (std::size_t i = 0; i < n; ++i) data.weight.push_back(shape.weights ? static_cast<double>(random.below(4)) : 1.0);
    for (std::size_t j = 0; j < m; ++j) {
        data.fixed_cost.push_back(shape.median ? 0.0 : draw());
        const std::int32_t lot = shape.statuses ? random.below(6) : 2;
        data.status.push_back(lot == 0 ? SiteStatus::open : lot == 1 ? SiteStatus::closed : SiteStatus::candidate);
    }
    data.min_open = shape.median ? shape.p : shape.least;
    data.max_open = shape.median ? shape.p : std::min(shape.most, shape.m);
    if (shape.limited) {
        data.limits.first.push_back(0);
        for (std::size_t i = 0; i < n; ++i) {
            data.limits.reach.push_back(random.below(3) == 0 ? infinite_cost : 20.0 + draw());
            for (Site j = 0; j < shape.m; ++j)
                if (random.below(6) == 0) data.limits.forbidden.push_back(j);
            data.limits.first.push_back(static_cast<std::int64_t>(data.limits.forbidden.size()));
        }
    }
    small->problem = std::make_unique<Problem>(std::move(data));
    return small;
}

inline std::vector<Site> sites_of(std::uint32_t set, std::int32_t m) {
    std::vector<Site> open;
    for (Site j = 0; j < m; ++j)
        if (set >> j & 1u) open.push_back(j);
    return open;
}

inline bool allowed(const Problem& problem, std::uint32_t set) {
    const int count = std::popcount(set);
    if (count < problem.min_open() || count > problem.max_open() || count == 0) return false;
    for (Site j = 0; j < problem.n_sites(); ++j) {
        const bool is_open = (set >> j & 1u) != 0;
        if (is_open ? problem.status(j) == SiteStatus::closed : problem.status(j) == SiteStatus::open) return false;
    }
    return true;
}

struct Optimum {
    double objective = base::infinity;
    std::vector<std::uint32_t> sets;  ///< all that attain it
};

/// O(2^sites x customers x sites).
inline Optimum brute_force(const Problem& problem) {
    Optimum best;
    for (std::uint32_t set = 1; set < (1u << problem.n_sites()); ++set) {
        if (!allowed(problem, set)) continue;
        const double objective = evaluate(problem, sites_of(set, problem.n_sites()));
        if (objective < best.objective - 1e-9) best = {objective, {}};
        if (objective <= best.objective + 1e-9) best.sets.push_back(set);
    }
    return best;
}

/// Shapes of every kind, one after the other.
inline Shape nth_shape(int k) {
    Shape shape;
    shape.kind = static_cast<Kind>(k % 4);
    shape.median = k / 4 % 2 == 0;
    shape.integral = k / 8 % 2 == 0 && shape.kind != Kind::sphere;
    shape.statuses = k / 16 % 2 == 0;
    shape.weights = k / 32 % 2 == 0;
    shape.gaps = k / 64 % 2 == 0;
    shape.limited = k % 3 == 0;
    shape.p = 1 + k % 5;
    shape.least = k % 5 == 0 ? 3 : 1;
    shape.most = k % 7 == 0 ? 4 : 9;
    return shape;
}

}  // namespace netdesign::tests
