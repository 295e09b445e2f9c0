#include "location/assignment.hpp"

#include <cmath>
#include <utility>

namespace netdesign::location {

namespace {

// Tried on sets of 12 of Yang's sites with 200 customers, from the dual's assignment: a first temperature of 0.3 leaves
// 0.8 % above the bound on average, 0.1 leaves 0.5 %, with the first 5 times as dear.
constexpr double first_temperature = 0.1, temperatures = 30.0;  // of the scale; first by last
constexpr double prices = 30.0;                                 // last by first
constexpr std::int32_t moves_per_step = 16;                     // between changes of temperature and price

}  // namespace

AssignmentSearch::AssignmentSearch(const Residual& residual, std::vector<Site> assignment, std::uint64_t seed)
    : residual_(residual), random_(seed), cost_(residual.weight.size() * residual.site.size(), infinite_cost), at_(std::move(assignment)),
      members_(residual.site.size()), place_(residual.weight.size()), load_(residual.site.size(), 0.0) {
    double apart = 0.0;
    for (Customer i = 0; i < residual.n_customers(); ++i) {
        const auto list = residual.of(i);
        const double weight = residual.weight[index(i)];
        for (const auto& [unit, j] : list) cost_[index(i) * residual.site.size() + index(j)] = weight > 0 ? weight * unit : 0.0;
        if (weight > 0) apart += weight * (list[std::min<std::size_t>(3, list.size() - 1)].cost - list.front().cost);
        const auto j = index(at_[index(i)]);
        place_[index(i)] = static_cast<std::int32_t>(members_[j].size());
        members_[j].push_back(i);
        load_[j] += weight;
        money_ += cost(i, at_[index(i)]);
    }
    for (Site j = 0; j < residual.n_sites(); ++j) {
        if (!members_[index(j)].empty() || residual.forced[index(j)] != 0) money_ += residual.fixed_cost[index(j)];
        overload_ += excess(j, 0.0);
    }
    usual_price_ = std::max(money_ / std::max(residual.demand, 1e-300), 1e-9);
    scale_ = std::max(apart / std::max(residual.n_customers(), 1), 1e-9 * std::abs(money_));
    note();
}

void AssignmentSearch::settle(std::int32_t sweeps) {
    const std::int32_t moves = sweeps * residual_.n_customers();
    const double steps = static_cast<double>(moves) / moves_per_step;
    const double cooling = std::pow(temperatures, -1.0 / steps), dearer = std::pow(prices, 1.0 / steps);
    temperature_ = first_temperature * scale_;
    price_ = usual_price_;
    for (std::int32_t k = 0; k < moves; ++k) {
        if (k % 2 == 0 ? try_swap() : try_shift()) note();
        if (k % moves_per_step == 0) temperature_ *= cooling, price_ *= dearer;
    }
}

bool AssignmentSearch::accepts(double delta) noexcept { return delta <= 0 || random_.unit() < std::exp(-delta / temperature_); }

bool AssignmentSearch::try_shift() {
    const Customer i = random_.below(residual_.n_customers());
    const auto list = residual_.of(i);
    const Site to = list[index(random_.below(static_cast<std::int32_t>(list.size())))].site, from = at_[index(i)];
    if (to == from) return false;
    const double over = overload_change(from, to, residual_.weight[index(i)]);
    if (!accepts(cost(i, to) - cost(i, from) + fixed(to, 0) - fixed(from, 1) + price_ * over)) return false;
    relocate(i, to);
    return true;
}

bool AssignmentSearch::try_swap() {
    const Customer i = random_.below(residual_.n_customers());
    const auto list = residual_.of(i);
    const Site to = list[index(random_.below(static_cast<std::int32_t>(list.size())))].site, from = at_[index(i)];
    const auto& there = members_[index(to)];
    if (to == from || there.empty()) return false;
    const Customer k = there[index(random_.below(static_cast<std::int32_t>(there.size())))];
    if (cost(k, from) == infinite_cost) return false;
    const double over = overload_change(from, to, residual_.weight[index(i)] - residual_.weight[index(k)]);
    if (!accepts(cost(i, to) - cost(i, from) + cost(k, from) - cost(k, to) + price_ * over)) return false;
    relocate(i, to);
    relocate(k, from);
    return true;
}

void AssignmentSearch::relocate(Customer i, Site to) {
    const Site from = at_[index(i)];
    const double weight = residual_.weight[index(i)];
    money_ += cost(i, to) - cost(i, from) + fixed(to, 0) - fixed(from, 1);
    overload_ += overload_change(from, to, weight);
    auto& old = members_[index(from)];
    const auto hole = index(place_[index(i)]);
    old[hole] = old.back();
    place_[index(old[hole])] = static_cast<std::int32_t>(hole);
    old.pop_back();
    load_[index(from)] = old.empty() ? 0.0 : load_[index(from)] - weight;
    place_[index(i)] = static_cast<std::int32_t>(members_[index(to)].size());
    members_[index(to)].push_back(i);
    load_[index(to)] += weight;
    at_[index(i)] = to;
}

/// O(1); O(customers) where the assignment may be the best so far.
void AssignmentSearch::note() {
    if (overload_ > 1e-9 * residual_.demand || money_ >= best_ - 1e-9 * std::abs(best_) || !keeps_capacities()) return;
    best_ = money_;
    best_assignment_ = at_;
}

/// Free of the drift of sums.
bool AssignmentSearch::keeps_capacities() const noexcept {
    for (std::size_t j = 0; j < members_.size(); ++j) {
        double load = 0.0;
        for (const Customer i : members_[j]) load += residual_.weight[index(i)];
        if (load > residual_.capacity[j] * (1 + 1e-12)) return false;
    }
    return true;
}

}  // namespace netdesign::location
