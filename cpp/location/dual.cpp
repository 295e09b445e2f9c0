#include "location/dual.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace netdesign::location {

namespace {

/// S: the cheapest sites by reduced cost, as many as pay and as the numbers demand.
void choose(const Relaxation& r, DualPoint& point) {
    const auto& cost = point.reduced_cost;
    const auto less = [&](std::int32_t a, std::int32_t b) {
        const double x = cost[index(a)], y = cost[index(b)];
        return x != y ? x < y : a < b;
    };
    auto& order = point.order;
    if (order.size() != cost.size()) {
        order.resize(cost.size());
        std::iota(order.begin(), order.end(), 0);
    }
    std::int32_t count = r.min_open;
    if (r.min_open != r.max_open) {
        const auto paying = std::partition(order.begin(), order.end(), [&](std::int32_t j) { return cost[index(j)] < 0; });
        count = std::clamp(static_cast<std::int32_t>(paying - order.begin()), r.min_open, r.max_open);
    }
    if (count > 0 && count < r.n_sites()) std::nth_element(order.begin(), order.begin() + count, order.end(), less);
    point.n_chosen = count;
    point.chosen.assign(cost.size(), 0);
    point.dearest_chosen = -infinite_cost;
    for (std::int32_t k = 0; k < count; ++k) {
        const auto j = index(order[index(k)]);
        point.chosen[j] = 1;
        point.dearest_chosen = std::max(point.dearest_chosen, cost[j]);
    }
    point.cheapest_other = infinite_cost;
    for (std::size_t j = 0; j < cost.size(); ++j)
        if (!point.chosen[j]) point.cheapest_other = std::min(point.cheapest_other, cost[j]);
}

}  // namespace

void evaluate(const Relaxation& r, DualPoint& point) {
    point.reduced_cost.assign(r.fixed_cost.begin(), r.fixed_cost.end());
    double sum = 0.0;
    double* rho = point.reduced_cost.data();
    for (std::int32_t i = 0; i < r.n_customers(); ++i) {
        const auto at = index(i);
        const double lambda = point.lambda[at], weight = r.weight[at];
        sum += weight * lambda;
        const Entry* entry = r.entries.data() + r.first[at];
        const Entry* const end = r.entries.data() + r.first[at + 1];
        for (; entry != end && entry->cost < lambda; ++entry) rho[entry->site] += weight * (entry->cost - lambda);
    }
    settle(r, sum, static_cast<double>(r.n_customers()), point);
}

void settle(const Relaxation& r, double sum, double customers, DualPoint& point) {
    choose(r, point);
    double chosen = 0.0, fixed = 0.0;
    for (std::int32_t k = 0; k < point.n_chosen; ++k) {
        const auto j = index(point.order[index(k)]);
        chosen += point.reduced_cost[j];
        fixed += 2.0 * r.fixed_cost[j];
    }
    const double magnitude = std::abs(r.constant) + sum + std::abs(chosen) + fixed;
    point.value = r.constant + sum + chosen;
    // A sum of k terms errs by at most k units in the last place of the sum of their magnitudes.
    const double terms = customers + static_cast<double>(r.n_sites()) + 8.0;
    point.safe_value = point.value - terms * std::numeric_limits<double>::epsilon() * magnitude;
}

std::vector<double> first_multipliers(const Relaxation& r, double sites_per_open) {
    std::vector<double> lambda(r.customer.size());
    for (std::int32_t i = 0; i < r.n_customers(); ++i) {
        const auto at = index(i);
        const auto list = r.of(i);
        const auto rank = static_cast<std::size_t>(sites_per_open);
        lambda[at] = rank < list.size() ? list[rank].cost : std::min(r.cap[at], list.empty() ? r.cap[at] : 2 * list.back().cost + 1);
    }
    return lambda;
}

DualAscent::DualAscent(const Relaxation& relaxation, std::vector<double> lambda) : relaxation_(relaxation) {
    current_.lambda = std::move(lambda);
    for (std::size_t i = 0; i < current_.lambda.size(); ++i) current_.lambda[i] = std::min(current_.lambda[i], relaxation.cap[i]);
    best_ = current_;
    best_.safe_value = best_.value = -infinite_cost;
    best_.chosen.assign(relaxation.site.size(), 0);
    direction_.assign(current_.lambda.size(), 0.0);
    share_.assign(relaxation.site.size(), 0.0);
    known_.assign(relaxation.site.size(), Fix::free);
}

bool DualAscent::step(double target, double cutoff) {
    if (best_.value != -infinite_cost) move(target);
    evaluate(relaxation_, current_);
    n_known_ += fix_by_reduced_cost(relaxation_, current_, cutoff, known_);
    constexpr double memory = 0.95;
    for (std::size_t j = 0; j < share_.size(); ++j) share_[j] = memory * share_[j] + (1 - memory) * current_.chosen[j];
    const bool better = current_.value > best_.value;
    if (better) best_ = current_;
    step_size_.count(best_.value);
    return better;
}

void DualAscent::move(double target) {
    const Relaxation& r = relaxation_;
    constexpr double deflection = 0.95;
    double norm = 0.0;
    for (std::int32_t i = 0; i < r.n_customers(); ++i) {
        const auto at = index(i);
        const double lambda = current_.lambda[at];
        double g = 1.0;
        const Entry* entry = r.entries.data() + r.first[at];
        const Entry* const end = r.entries.data() + r.first[at + 1];
        for (; entry != end && entry->cost < lambda; ++entry) g -= current_.chosen[index(entry->site)];
        double& d = direction_[at];
        d = deflection * d + g;
        if (lambda >= r.cap[at] && d > 0) d = 0.0;  // pressing the cap moves nothing
        norm += r.weight[at] * d * d;
    }
    if (norm <= 0.0) return;
    const double length = step_size_() * std::max(target - current_.value, 1e-9 * std::abs(target)) / norm;
    for (std::int32_t i = 0; i < r.n_customers(); ++i) {
        const auto at = index(i);
        const double floor = r.first[at] < r.first[at + 1] ? std::min(r.entries[index(r.first[at])].cost, r.cap[at]) : r.cap[at];
        current_.lambda[at] = std::clamp(current_.lambda[at] + length * direction_[at], floor, r.cap[at]);
    }
}

std::int32_t fix_by_reduced_cost(const Relaxation& r, const DualPoint& point, double cutoff, std::vector<Fix>& fix) {
    const double slack = cutoff - point.safe_value;
    // Opening a site may let another go: the dearest chosen one where the number is at its limit or it does not pay.
    const double released = point.n_chosen == r.max_open ? point.dearest_chosen
                            : point.n_chosen == r.min_open ? std::max(0.0, point.dearest_chosen) : 0.0;
    const double replacement = point.n_chosen == r.min_open ? point.cheapest_other
                               : point.n_chosen == r.max_open ? std::min(0.0, point.cheapest_other) : 0.0;
    std::int32_t count = 0;
    for (std::size_t j = 0; j < fix.size(); ++j) {
        const double rise = point.chosen[j] ? replacement - point.reduced_cost[j] : point.reduced_cost[j] - released;
        if (rise < slack || fix[j] != Fix::free) continue;
        fix[j] = point.chosen[j] ? Fix::open : Fix::closed;
        ++count;
    }
    return count;
}

}  // namespace netdesign::location
