#include "routing/neighbours.hpp"

#include <algorithm>
#include <array>
#include <variant>

#include "base/kd_tree.hpp"
#include "base/parallel.hpp"
#include "routing/problem.hpp"

namespace netdesign::routing {

namespace {

/// Candidates for the neighbours of a location: the nearest ones by a k-d tree where there are points, and whom its row
/// lists; everybody where there is a matrix.
class Candidates {
public:
    Candidates(const Problem& problem, std::int32_t wanted) : problem_(problem), wanted_(static_cast<std::size_t>(wanted)) {
        if (!problem.travel().has_points()) return;
        if (problem.travel().dimensions() == 2)
            tree_ = build<2>();
        else
            tree_ = build<3>();
    }

    /// At least `wanted` customers other than i, where there are so many; no nearer one is missing.
    void collect(Location i, std::vector<Location>& out) const {
        out.clear();
        if (const auto* plane = std::get_if<base::KdTree<2>>(&tree_))
            query(*plane, i, out);
        else if (const auto* sphere = std::get_if<base::KdTree<3>>(&tree_))
            query(*sphere, i, out);
        else
            for (Location j = problem_.first_customer(); j < problem_.size(); ++j)
                if (j != i) out.push_back(j);
    }

private:
    template <std::size_t D>
    [[nodiscard]] std::array<double, D> point(Location i) const {
        std::array<double, D> p;
        std::copy_n(problem_.travel().points().begin() + static_cast<std::ptrdiff_t>(D) * i, D, p.begin());
        return p;
    }

    template <std::size_t D>
    [[nodiscard]] base::KdTree<D> build() const {
        std::vector<std::array<double, D>> points;
        std::vector<std::int32_t> names;
        for (Location i = problem_.first_customer(); i < problem_.size(); ++i) {
            points.push_back(point<D>(i));
            names.push_back(i);
        }
        return {std::move(points), std::move(names)};
    }

    template <std::size_t D>
    void query(const base::KdTree<D>& tree, Location i, std::vector<Location>& out) const {
        // As many more as are listed: those may turn out to be far.
        const auto listed = problem_.travel().listed(i);
        thread_local std::vector<std::pair<double, std::int32_t>> found;
        tree.nearest(point<D>(i), wanted_ + 1 + listed.size(), found);
        for (const auto& [distance, j] : found)
            if (j != i && !problem_.travel().is_listed(i, j)) out.push_back(j);
        for (const Location j : listed)
            if (j >= problem_.first_customer()) out.push_back(j);
    }

    const Problem& problem_;
    std::size_t wanted_;
    std::variant<std::monostate, base::KdTree<2>, base::KdTree<3>> tree_;
};

/// Cost plus a part of the wait that going from i straight to j cannot avoid; infeasible pairs go last (Vidal et al. 2013,
/// section 4.4: a fifth of it; all of it where waiting uses up what the duration of a route may be).
double directed_proximity(const Problem& p, double wait_weight, Location i, Location j) {
    const double arrival = static_cast<double>(p.earliest(i)) + p.duration(i, j);
    const double wait = std::max(0.0, p.earliest(j) - (static_cast<double>(p.latest(i)) + p.duration(i, j)));
    return p.travel().cost(i, j) + wait_weight * wait + (arrival > p.latest(j) ? 1e9 : 0.0);
}

}  // namespace

std::vector<Location> nearest_neighbours(const Problem& problem, std::int32_t count, std::int32_t threads) {
    const auto width = static_cast<std::size_t>(count);
    std::vector<Location> rows(static_cast<std::size_t>(problem.size()) * width);
    if (count == 0) return rows;
    // With time windows the nearest in space may be far in time: choose among more of them.
    const Candidates candidates(problem, problem.timed() ? 4 * count : count);
    const bool limited = std::ranges::any_of(problem.fleet(), [](const VehicleType& v) { return v.max_duration < no_deadline; });
    const double wait_weight = limited ? 1.0 : 0.2;
    const auto proximity = [&](Location i, Location j) {
        if (!problem.timed() || i < problem.depots()) return static_cast<double>(problem.travel().cost(i, j));
        return std::min(directed_proximity(problem, wait_weight, i, j), directed_proximity(problem, wait_weight, j, i));
    };
    constexpr Location block = 4096;
    base::parallel_for(static_cast<std::size_t>(threads), static_cast<std::size_t>((problem.size() + block - 1) / block), [&](std::size_t k, std::size_t) {
        std::vector<Location> near;
        std::vector<std::pair<double, Location>> keyed;
        const auto first = static_cast<Location>(k) * block;
        for (Location i = first; i < std::min(first + block, problem.size()); ++i) {
            candidates.collect(i, near);
            keyed.clear();
            for (const Location j : near) keyed.emplace_back(proximity(i, j), j);
            std::partial_sort(keyed.begin(), keyed.begin() + count, keyed.end());
            for (std::size_t n = 0; n < width; ++n) rows[static_cast<std::size_t>(i) * width + n] = keyed[n].second;
        }
    });
    return rows;
}

}  // namespace netdesign::routing
