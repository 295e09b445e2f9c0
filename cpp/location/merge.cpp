#include "location/merge.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "location/solve.hpp"

namespace netdesign::location {

namespace {
constexpr std::int64_t most_iterations = 2000;
}  // namespace

Merger::Merger(const Problem& problem, const CandidateLists& lists, const ReverseLists& reverse)
    : problem_(problem), lists_(lists), reverse_(reverse), number_(index(problem.n_sites()), -1),
      is_listed_(index(problem.n_customers()), 0) {}

/// The sites of the placement first; returns how many these are.
std::int32_t Merger::choose(const Placement& placement, std::span<const Site> other) {
    std::vector<Site> theirs;
    for (const Site j : other) {
        if (!placement.is_open(j)) theirs.push_back(j);
        number_[index(j)] = 0;
    }
    sites_.clear();
    for (const Site j : placement.open_sites())
        if (number_[index(j)] < 0 && !placement.is_pinned(j)) sites_.push_back(j);
    for (const Site j : other) number_[index(j)] = -1;
    const auto own = static_cast<std::int32_t>(sites_.size());
    sites_.insert(sites_.end(), theirs.begin(), theirs.end());
    for (std::size_t k = 0; k < sites_.size(); ++k) number_[index(sites_[k])] = static_cast<std::int32_t>(k);
    return own;
}

/// Everybody's sites up to the first that stays open.
void Merger::list(const Placement& placement) {
    customers_.clear();
    for (const Site j : sites_)
        for (const auto& reached : reverse_.of(j))
            if (!std::exchange(is_listed_[index(reached.customer)], 1)) customers_.push_back(reached.customer);
    offsets_.assign(1, 0);
    listed_.clear();
    costs_.clear();
    for (const Customer i : customers_) {
        is_listed_[index(i)] = 0;
        double rest = lists_.cap(i);
        for (const auto& [cost, j] : lists_.of(i)) {
            if (number_[index(j)] >= 0) {
                listed_.push_back(number_[index(j)]);
                costs_.push_back(cost);
            } else if (placement.is_open(j)) {
                rest = cost;
                break;
            }
        }
        listed_.push_back(static_cast<std::int32_t>(sites_.size()));
        costs_.push_back(rest);
        offsets_.push_back(static_cast<std::int64_t>(listed_.size()));
    }
    work_ += static_cast<std::int64_t>(listed_.size());
}

/// The best choice among these sites that a limited effort finds, of so many of the placement that come first.
std::vector<std::uint8_t> Merger::best(std::int32_t own, std::int32_t staying, std::uint64_t seed, const std::function<bool()>& interrupted) {
    const auto n = static_cast<std::int32_t>(sites_.size());
    ProblemData data{ListCosts{offsets_, listed_, costs_, n + 1, true}, {}, {}, {}};
    for (const Customer i : customers_) data.weight.push_back(problem_.weight(i));
    for (const Site j : sites_) data.fixed_cost.push_back(problem_.fixed_cost(j));
    data.fixed_cost.push_back(0.0);
    data.status.assign(index(n), SiteStatus::candidate);
    data.status.push_back(SiteStatus::open);
    data.min_open = std::max(problem_.min_open() - staying, 0) + 1;
    data.max_open = std::min(problem_.max_open() - staying, n) + 1;
    data.integral = problem_.integral();
    Options options;
    options.stop.max_iterations = most_iterations;
    options.monitor = [&interrupted](const base::Progress&) { return !interrupted(); };
    options.seed = seed;
    options.deterministic = true;
    options.population = false;
    options.sites.resize(index(own));
    std::iota(options.sites.begin(), options.sites.end(), 0);
    options.sites.push_back(n);
    const Outcome outcome = solve(Problem(std::move(data)), options);
    work_ += outcome.iterations * static_cast<std::int64_t>(listed_.size());
    std::vector<std::uint8_t> opens(index(n) + 1, 0);
    for (const Site k : outcome.open.empty() ? options.sites : outcome.open) opens[index(k)] = 1;
    return opens;
}

void Merger::merge(Placement& placement, std::span<const Site> other, std::uint64_t seed, const std::function<bool()>& interrupted) {
    const std::int32_t own = choose(placement, other);
    if (sites_.empty()) return;
    list(placement);
    const auto staying = static_cast<std::int32_t>(placement.open_sites().size()) - own;
    const auto opens = best(own, staying, seed, interrupted);
    std::vector<Site> entering, leaving;
    for (std::size_t k = 0; k < sites_.size(); ++k) {
        number_[index(sites_[k])] = -1;
        if (placement.is_open(sites_[k]) == (opens[k] != 0)) continue;
        (opens[k] != 0 ? entering : leaving).push_back(sites_[k]);
    }
    const double before = placement.objective();
    for (const Site j : entering) placement.open(j);
    for (const Site j : leaving) placement.close(j);
    if (placement.objective() <= before) return;
    // Lists may end before the nearest of the sites that stay.
    for (const Site j : leaving) placement.open(j);
    for (const Site j : entering) placement.close(j);
}

}  // namespace netdesign::location
