#include "location/capacitated.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "location/knapsack.hpp"

namespace netdesign::location {

namespace {

constexpr std::int32_t most_nodes = 5000;  // of one knapsack
constexpr std::size_t none = static_cast<std::size_t>(-1);

/// What customers pay at first: the cost of the site they reach when sites are open as densely as the demand needs, and
/// an even share of the fixed costs.
std::vector<double> first_multipliers(const Problem& problem, const CandidateLists& lists, const std::vector<double>& capacity, double demand) {
    double fixed = 0.0, total = 0.0;
    for (const Site j : problem.usable()) fixed += problem.fixed_cost(j), total += capacity[index(j)];
    const double sites_per_open = std::max(1.0, total / std::max(demand, 1e-300));
    std::vector<double> lambda(index(problem.n_customers()), 0.0);
    for (Customer i = 0; i < problem.n_customers(); ++i) {
        const auto list = lists.of(i);
        if (problem.is_free(i) || list.empty()) continue;
        const auto at = std::min(list.size() - 1, static_cast<std::size_t>(sites_per_open / 2));
        lambda[index(i)] = std::min(lists.cap(i), list[at].cost + fixed / std::max(total, 1e-300));
    }
    return lambda;
}

/// How long lists are at first: complete where that is not too much.
std::int32_t length_of_lists(const Problem& problem) {
    constexpr std::int64_t budget = 8'000'000;
    const auto sites = static_cast<std::int64_t>(problem.usable().size());
    return static_cast<std::int32_t>(std::clamp<std::int64_t>(budget / std::max(problem.n_customers(), 1), std::min<std::int64_t>(sites, 16), sites));
}

/// Doubles the lists of customers who pay what an unlisted site may cost; false where there are none.
bool extend_pressed(const Problem& problem, CandidateLists& lists, const std::vector<double>& lambda) {
    bool extended = false;
    for (Customer i = 0; i < problem.n_customers(); ++i)
        if (!problem.is_free(i) && lambda[index(i)] >= lists.cap(i)) extended = lists.extend(i) || extended;
    return extended;
}

}  // namespace

CapacitatedDual::CapacitatedDual(const Problem& problem, const CandidateLists& lists, const Capacities& capacities, std::vector<double> lambda)
    : problem_(problem), lists_(lists), capacities_(capacities), reverse_(lists, problem.n_sites()) {
    const auto n = index(problem.n_customers());
    for (Customer i = 0; i < problem.n_customers(); ++i)
        if (!problem.is_free(i)) demand_ += problem.weight(i);
    current_.lambda = lambda.empty() ? first_multipliers(problem, lists, capacities.capacity, demand_) : std::move(lambda);
    current_.reduced_cost.assign(index(problem.n_sites()), infinite_cost);
    rho_.resize(problem.usable().size());
    std::vector<std::size_t> place;  // of a group in group_
    for (std::size_t k = 0; k < problem.usable().size(); ++k) {
        if (capacities.group.empty()) {
            group_.push_back({k});
            continue;
        }
        const std::size_t name = index(capacities.group[index(problem.usable()[k])]);
        if (place.size() <= name) place.resize(name + 1, none);
        if (place[name] == none) place[name] = group_.size(), group_.emplace_back();
        auto& sites = group_[place[name]];
        sites.insert(problem.status(problem.usable()[k]) == SiteStatus::open ? sites.begin() : sites.end(), k);
    }
    opened_.resize(problem.usable().size());
    served_.resize(n);
    direction_.assign(n, 0.0);
}

bool CapacitatedDual::step() {
    if (best_.value != -infinite_cost) move();
    evaluate();
    const bool better = current_.value > best_.value;
    if (better) best_ = current_;
    if (best_.value > stall_from_ + 1e-7 * std::abs(best_.value)) {
        stall_from_ = best_.value;
        stalled_ = 0;
    } else if (++stalled_ >= 20) {
        stalled_ = 0;
        stall_from_ = best_.value;
        level_ *= 0.7;
    }
    return better;
}

void CapacitatedDual::move() {
    constexpr double deflection = 0.95;
    double norm = 0.0;
    for (Customer i = 0; i < problem_.n_customers(); ++i) {
        if (problem_.is_free(i)) continue;
        double& d = direction_[index(i)];
        d = deflection * d + 1.0 - served_[index(i)];
        if (current_.lambda[index(i)] >= lists_.cap(i) && d > 0) d = 0.0;  // pressing the cap moves nothing
        norm += problem_.weight(i) * d * d;
    }
    if (norm <= 0.0) return;
    const double aim = best_.value + level_ * std::max(std::abs(best_.value), 1e-9);
    const double length = (aim - current_.value) / norm;
    for (Customer i = 0; i < problem_.n_customers(); ++i) {
        if (problem_.is_free(i)) continue;
        const auto at = index(i);
        const auto list = lists_.of(i);
        const double floor = list.empty() ? lists_.cap(i) : std::min(list.front().cost, lists_.cap(i));
        current_.lambda[at] = std::clamp(current_.lambda[at] + length * direction_[at], floor, lists_.cap(i));
    }
}

void CapacitatedDual::evaluate() {
    fill_knapsacks();
    const double theta = best_theta();
    double value = theta * demand_;
    magnitude_ += value;
    for (Customer i = 0; i < problem_.n_customers(); ++i)
        if (!problem_.is_free(i)) value += problem_.weight(i) * current_.lambda[index(i)];
    for (std::size_t g = 0; g < group_.size(); ++g) {
        const double best = cheapest(g, theta, none).second;
        if (opens(g, best)) value += best;
        magnitude_ += std::abs(best);
    }
    open_sites(theta);
    note_reduced_costs(theta);
    current_.theta = theta;
    current_.value = value;
    current_.safe_value = value - 1e-11 * (magnitude_ + std::abs(value));
}

/// The site of a group whose opening costs least, and what that is; a forced one has to be it.
std::pair<std::size_t, double> CapacitatedDual::cheapest(std::size_t group, double theta, std::size_t except) const {
    std::pair<std::size_t, double> best{none, infinite_cost};
    for (const std::size_t k : group_[group]) {
        if (k == except) continue;
        if (const double cost = rise(k, theta); cost < best.second) best = {k, cost};
        if (forced(k)) return best;
    }
    return best;
}

/// Opening a site means that the best of its group does not open; closing that one lets in the next.
void CapacitatedDual::note_reduced_costs(double theta) {
    for (std::size_t g = 0; g < group_.size(); ++g) {
        const auto [best, cost] = cheapest(g, theta, none);
        for (const std::size_t k : group_[g]) {
            double& reduced = current_.reduced_cost[index(problem_.usable()[k])];
            if (forced(group_[g].front()))
                reduced = k == group_[g].front() ? 0.0 : infinite_cost;
            else if (k != best)
                reduced = rise(k, theta) - std::min(0.0, cost);
            else
                reduced = cost - (cost < 0 && group_[g].size() > 1 ? std::min(0.0, cheapest(g, theta, best).second) : 0.0);
        }
    }
}

/// What every site gains at most within its capacity, and with whom.
void CapacitatedDual::fill_knapsacks() {
    items_.clear();
    first_item_.clear();
    magnitude_ = 0.0;
    for (std::size_t k = 0; k < rho_.size(); ++k) {
        const Site j = problem_.usable()[k];
        const std::size_t first = items_.size();
        first_item_.push_back(first);
        for (const auto& [cost, i] : reverse_.of(j)) {
            const double rate = current_.lambda[index(i)] - cost;
            if (rate > 0 && !problem_.is_free(i)) items_.push_back({rate, problem_.weight(i), i, 0.0});
        }
        const double gain = fill(items_.begin() + static_cast<std::ptrdiff_t>(first), items_.end(), capacities_.capacity[index(j)]);
        rho_[k] = problem_.fixed_cost(j) - gain;
        magnitude_ += problem_.fixed_cost(j) + gain;
    }
    first_item_.push_back(items_.size());
}

double CapacitatedDual::fill(std::vector<Item>::iterator begin, std::vector<Item>::iterator end, double capacity) const {
    double weight = 0.0, gain = 0.0;
    for (auto item = begin; item != end; ++item) weight += item->weight, gain += item->rate * item->weight, item->taken = 1.0;
    if (weight <= capacity) return gain;
    std::sort(begin, end, [](const Item& a, const Item& b) { return a.rate != b.rate ? a.rate > b.rate : a.customer < b.customer; });
    thread_local std::vector<double> rates, weights;
    thread_local Packing packing;
    rates.clear(), weights.clear();
    for (auto item = begin; item != end; ++item) rates.push_back(item->rate), weights.push_back(item->weight);
    if (capacities_.single_source)
        pack(rates, weights, capacity, most_nodes, packing);
    else
        packing.bound = pack_in_parts(rates, weights, capacity, packing.taken);
    for (std::size_t k = 0; k < packing.taken.size(); ++k) begin[static_cast<std::ptrdiff_t>(k)].taken = packing.taken[k];
    return packing.bound;
}

/// The multiplier of the row "open sites can carry the demand" that bounds best: L rises in theta as long as the sites
/// that open carry too little. The prices at which single sites open are where it bends, unless groups have several.
double CapacitatedDual::best_theta() const {
    const auto short_of = [&](double theta) {
        double room = 0.0;
        for (std::size_t g = 0; g < group_.size(); ++g)
            if (const auto [k, cost] = cheapest(g, theta, none); opens(g, cost)) room += capacity(k);
        return room < demand_;
    };
    if (!short_of(0.0)) return 0.0;
    std::vector<double> prices;
    for (std::size_t k = 0; k < rho_.size(); ++k)
        if (rho_[k] > 0 && capacity(k) > 0) prices.push_back(rho_[k] / capacity(k) * (1 + 1e-12));
    if (prices.empty()) return 0.0;
    std::sort(prices.begin(), prices.end());
    const auto enough = std::partition_point(prices.begin(), prices.end(), short_of);
    return (enough == prices.end() ? prices.back() : *enough) / (1 + 1e-12);
}

/// Open are the sites that pay, and in part the one that a unit of capacity costs just as much at.
void CapacitatedDual::open_sites(double theta) {
    double room = 0.0;
    std::size_t last = none;
    std::fill(opened_.begin(), opened_.end(), 0.0);
    for (std::size_t g = 0; g < group_.size(); ++g) {
        const auto [k, cost] = cheapest(g, theta, none);
        const double blur = 1e-9 * std::abs(rho_[k]);
        if (cost < -blur || forced(k)) {
            opened_[k] = 1.0;
            room += capacity(k);
        } else if (cost <= blur) {
            last = k;
        }
    }
    if (last != none && room < demand_ && capacity(last) > 0) opened_[last] = std::min(1.0, (demand_ - room) / capacity(last));
    std::fill(served_.begin(), served_.end(), 0.0);
    for (std::size_t k = 0; k < rho_.size(); ++k)
        if (opened_[k] > 0)
            for (std::size_t t = first_item_[k]; t < first_item_[k + 1]; ++t) served_[index(items_[t].customer)] += opened_[k] * items_[t].taken;
}

CapacitatedBound bound_with_capacities(const Problem& problem, const Capacities& capacities, base::StopRule rule, base::Monitor monitor,
                                       std::vector<double> lambda) {
    base::Watch watch(rule, std::move(monitor));
    CandidateLists lists(problem, length_of_lists(problem), [&watch] { return watch.look_up(); });
    CapacitatedBound out;
    out.lambda = std::move(lambda);
    for (std::size_t i = 0; i < out.lambda.size(); ++i) out.lambda[i] = std::min(out.lambda[i], lists.cap(static_cast<Customer>(i)));
    do {
        CapacitatedDual dual(problem, lists, capacities, std::move(out.lambda));
        do {
            if (!dual.step() || dual.bound() <= out.bound) continue;
            out.bound = dual.bound();
            watch.improve(base::infinity, out.bound);
        } while (!dual.exhausted() && !watch.should_stop());
        out.lambda = dual.lambda();
        out.reduced_cost = dual.reduced_cost();
        out.theta = dual.theta();
    } while (watch.reason() == base::StopReason::none && extend_pressed(problem, lists, out.lambda));
    for (Customer i = 0; i < problem.n_customers(); ++i) {
        out.first.push_back(static_cast<std::int64_t>(out.entries.size()));
        const auto list = lists.of(i);
        out.entries.insert(out.entries.end(), list.begin(), list.end());
        out.cap.push_back(lists.extendable(i) ? lists.cap(i) : infinite_cost);
    }
    out.first.push_back(static_cast<std::int64_t>(out.entries.size()));
    out.reason = watch.reason();
    out.trace = watch.trace();
    out.seconds = watch.seconds();
    out.iterations = watch.now().iterations;
    return out;
}

}  // namespace netdesign::location
