#include "routing/neighbours.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "routing/problem.hpp"

namespace netdesign::routing {

namespace {

/// Candidates for the neighbours of one location, a superset of the nearest by distance.
class Candidates {
public:
    Candidates(const Problem& problem, std::int32_t wanted) : problem_(problem), wanted_(wanted) {
        if (problem.travel().has_points() && problem.size() > exhaustive_limit) build_grid();
    }

    /// At least `wanted` customers other than i, no nearer one missing; O(wanted) on average with a grid.
    void collect(Location i, std::vector<Location>& out) const {
        out.clear();
        if (cells_.empty()) {
            for (Location j = 1; j < problem_.size(); ++j)
                if (j != i) out.push_back(j);
            return;
        }
        const auto [column, row] = cell_of(i);
        // Everything within ring k - 1 is complete once ring k is read: one ring more than needed.
        bool enough = false;
        for (std::int32_t ring = 0; ring <= side_; ++ring) {
            read_ring(i, column, row, ring, out);
            if (enough) return;
            enough = static_cast<std::int32_t>(out.size()) >= 2 * wanted_;
        }
    }

private:
    static constexpr std::int32_t exhaustive_limit = 3000;

    void build_grid();
    [[nodiscard]] std::pair<std::int32_t, std::int32_t> cell_of(Location i) const;
    void read_ring(Location i, std::int32_t column, std::int32_t row, std::int32_t ring, std::vector<Location>& out) const;

    const Problem& problem_;
    std::int32_t wanted_, side_ = 0;
    double low_[2] = {0, 0}, width_ = 1.0;
    std::vector<std::int32_t> starts_;
    std::vector<Location> cells_;
};

/// A uniform grid over the first two coordinates, about two customers to a cell.
void Candidates::build_grid() {
    const auto points = problem_.travel().points();
    const auto step = static_cast<std::size_t>(problem_.travel().dimensions());
    double high[2] = {points[0], points[1]};
    low_[0] = points[0], low_[1] = points[1];
    for (std::size_t at = 0; at < points.size(); at += step)
        for (std::size_t k = 0; k < 2; ++k) {
            low_[k] = std::min(low_[k], points[at + k]);
            high[k] = std::max(high[k], points[at + k]);
        }
    side_ = std::max(1, static_cast<std::int32_t>(std::sqrt(problem_.size() / 2.0)));
    width_ = std::max({high[0] - low_[0], high[1] - low_[1], 1e-300}) / side_ * (1 + 1e-9);
    const auto cells = static_cast<std::size_t>(side_) * static_cast<std::size_t>(side_);
    starts_.assign(cells + 1, 0);
    const auto index = [&](Location i) {
        const auto [column, row] = cell_of(i);
        return static_cast<std::size_t>(row) * static_cast<std::size_t>(side_) + static_cast<std::size_t>(column);
    };
    for (Location i = 1; i < problem_.size(); ++i) ++starts_[index(i) + 1];
    std::partial_sum(starts_.begin(), starts_.end(), starts_.begin());
    cells_.resize(static_cast<std::size_t>(problem_.customers()));
    auto next = starts_;
    for (Location i = 1; i < problem_.size(); ++i) cells_[static_cast<std::size_t>(next[index(i)]++)] = i;
}

std::pair<std::int32_t, std::int32_t> Candidates::cell_of(Location i) const {
    const auto step = static_cast<std::size_t>(problem_.travel().dimensions());
    const double* p = &problem_.travel().points()[static_cast<std::size_t>(i) * step];
    const auto clamp = [this](double x) { return std::clamp(static_cast<std::int32_t>(x), 0, side_ - 1); };
    return {clamp((p[0] - low_[0]) / width_), clamp((p[1] - low_[1]) / width_)};
}

void Candidates::read_ring(Location i, std::int32_t column, std::int32_t row, std::int32_t ring, std::vector<Location>& out) const {
    for (std::int32_t y = std::max(0, row - ring); y <= std::min(side_ - 1, row + ring); ++y) {
        const bool edge = y == row - ring || y == row + ring;
        for (std::int32_t x = column - ring; x <= column + ring; x += edge ? 1 : std::max(1, 2 * ring)) {
            if (x < 0 || x >= side_) continue;
            const auto cell = static_cast<std::size_t>(y) * static_cast<std::size_t>(side_) + static_cast<std::size_t>(x);
            for (auto at = starts_[cell]; at < starts_[cell + 1]; ++at)
                if (const Location j = cells_[static_cast<std::size_t>(at)]; j != i) out.push_back(j);
        }
    }
}

/// Cost plus a fifth of the wait that going from i straight to j cannot avoid; infeasible pairs go last.
double directed_proximity(const Problem& p, Location i, Location j) {
    const double arrival = static_cast<double>(p.earliest(i)) + p.duration(i, j);
    const double wait = std::max(0.0, p.earliest(j) - (static_cast<double>(p.latest(i)) + p.duration(i, j)));
    return p.travel().cost(i, j) + 0.2 * wait + (arrival > p.latest(j) ? 1e9 : 0.0);
}

}  // namespace

std::vector<Location> nearest_neighbours(const Problem& problem, std::int32_t count) {
    const auto width = static_cast<std::size_t>(count);
    std::vector<Location> rows(static_cast<std::size_t>(problem.size()) * width);
    if (count == 0) return rows;
    // With time windows the nearest in space may be far in time: choose among more of them.
    const Candidates candidates(problem, problem.timed() ? 4 * count : count);
    std::vector<Location> near;
    std::vector<std::pair<double, Location>> keyed;
    for (Location i = 0; i < problem.size(); ++i) {
        candidates.collect(i, near);
        keyed.clear();
        for (const Location j : near) {
            const double key = problem.timed() && i != depot ? std::min(directed_proximity(problem, i, j), directed_proximity(problem, j, i))
                                                             : static_cast<double>(problem.travel().cost(i, j));
            keyed.emplace_back(key, j);
        }
        const auto middle = keyed.begin() + count;
        std::partial_sort(keyed.begin(), middle, keyed.end());
        for (std::size_t k = 0; k < width; ++k) rows[static_cast<std::size_t>(i) * width + k] = keyed[k].second;
    }
    return rows;
}

}  // namespace netdesign::routing
