#include "routing/population.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "routing/state.hpp"

namespace netdesign::routing {

namespace {

constexpr double clone_distance = 1e-9;

/// Mean of the smallest values: how far the nearest plans are.
double mean_of_smallest(std::vector<double> values, std::size_t own, std::size_t count) {
    values.erase(values.begin() + static_cast<std::ptrdiff_t>(own));
    count = std::min(count, values.size());
    if (count == 0) return 1.0;
    std::ranges::partial_sort(values, values.begin() + static_cast<std::ptrdiff_t>(count));
    return std::accumulate(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(count), 0.0) / static_cast<double>(count);
}

}  // namespace

double Population::penalized(const Individual& plan) const noexcept {
    return static_cast<double>(plan.cost) + static_cast<double>(plan.excess) * static_cast<double>(price_) / static_cast<double>(price_scale);
}

/// Broken pairs, the direction of a route aside: the share of customers whose neighbours on the route are others.
double Population::distance(const Member& a, const Member& b) const noexcept {
    std::int32_t broken = 0;
    for (std::size_t c = 1; c < static_cast<std::size_t>(size_); ++c) {
        const Location next = a.after[c], previous = a.before[c];
        broken += next != b.after[c] && next != b.before[c] ? 1 : 0;
        broken += previous == depot && b.before[c] != depot && b.after[c] != depot ? 1 : 0;
    }
    return static_cast<double>(broken) / std::max(1, size_ - 1);
}

void Population::add(Individual individual) {
    Group& group = groups_[individual.excess > 0 ? 1 : 0];
    Member member{std::move(individual), std::vector<Location>(static_cast<std::size_t>(size_), depot), std::vector<Location>(static_cast<std::size_t>(size_), depot), {}};
    for (const auto& [type, visits] : member.plan.routes)
        for (std::size_t p = 0; p < visits.size(); ++p) {
            member.before[static_cast<std::size_t>(visits[p])] = p > 0 ? visits[p - 1] : depot;
            member.after[static_cast<std::size_t>(visits[p])] = p + 1 < visits.size() ? visits[p + 1] : depot;
        }
    for (Member& other : group) {
        member.distances.push_back(distance(member, other));
        other.distances.push_back(member.distances.back());
    }
    member.distances.push_back(0.0);
    group.push_back(std::move(member));
    if (group.size() > largest)
        while (group.size() > smallest) remove_worst(group);
    rank(group);
}

/// Biased fitness: the rank by cost plus the rank by diversity, the latter weighted so that the elite survives.
void Population::rank(Group& group) {
    const std::size_t n = group.size();
    std::vector<std::size_t> by_cost(n), by_diversity(n);
    std::iota(by_cost.begin(), by_cost.end(), std::size_t{0});
    by_diversity = by_cost;
    std::vector<double> cost(n), diversity(n);
    for (std::size_t k = 0; k < n; ++k) {
        cost[k] = penalized(group[k].plan);
        diversity[k] = mean_of_smallest(group[k].distances, k, near);
    }
    std::ranges::stable_sort(by_cost, {}, [&](std::size_t k) { return cost[k]; });
    std::ranges::stable_sort(by_diversity, {}, [&](std::size_t k) { return -diversity[k]; });
    const double weight = n <= elite ? 0.0 : 1.0 - static_cast<double>(elite) / static_cast<double>(n);
    for (std::size_t k = 0; k < n; ++k) group[by_cost[k]].rank = static_cast<double>(k);
    for (std::size_t k = 0; k < n; ++k) group[by_diversity[k]].rank += weight * static_cast<double>(k);
}

/// Clones go first, then who ranks worst; never the cheapest.
void Population::remove_worst(Group& group) {
    rank(group);
    const auto is_clone = [&](std::size_t k) { return mean_of_smallest(group[k].distances, k, 1) < clone_distance; };
    std::size_t worst = 0, cheapest = 0;
    for (std::size_t k = 1; k < group.size(); ++k)
        if (penalized(group[k].plan) < penalized(group[cheapest].plan)) cheapest = k;
    bool found = false, clone = false;
    for (std::size_t k = 0; k < group.size(); ++k) {
        if (k == cheapest) continue;
        const bool twin = is_clone(k);
        if (!found || (twin && !clone) || (twin == clone && group[k].rank > group[worst].rank)) worst = k, clone = twin, found = true;
    }
    remove(group, worst);
}

void Population::remove(Group& group, std::size_t k) {
    group.erase(group.begin() + static_cast<std::ptrdiff_t>(k));
    for (Member& m : group) m.distances.erase(m.distances.begin() + static_cast<std::ptrdiff_t>(k));
}

const Individual& Population::pick(base::Random& random) {
    const auto draw = [&]() -> const Member& {
        const auto k = static_cast<std::size_t>(random.below(static_cast<std::int32_t>(count())));
        return k < groups_[0].size() ? groups_[0][k] : groups_[1][k - groups_[0].size()];
    };
    const Member &one = draw(), &other = draw();
    return one.rank <= other.rank ? one.plan : other.plan;
}

void Population::price_overload(Total price) {
    price_ = price;
    rank(groups_[1]);
}

void Population::clear() {
    for (Group& group : groups_) group.clear();
}

}  // namespace netdesign::routing
