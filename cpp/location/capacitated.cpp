#include "location/capacitated.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "location/knapsack.hpp"

namespace netdesign::location {

namespace {

constexpr std::int32_t most_nodes = 5000;  // of one knapsack
constexpr double least_scale = 0.1;  // of what customers pay: steps are relative to the bound, which may be next to nothing at first
constexpr std::size_t none = static_cast<std::size_t>(-1);

/// What customers pay at first: the cost of the site they reach when sites are open as densely as the demand needs, and
/// an even share of the fixed costs.
std::vector<double> first_multipliers(const Residual& residual) {
    double fixed = 0.0, total = 0.0;
    for (std::size_t k = 0; k < residual.site.size(); ++k) fixed += residual.fixed_cost[k], total += residual.capacity[k];
    const double sites_per_open = std::max(1.0, total / std::max(residual.demand, 1e-300));
    std::vector<double> lambda(residual.weight.size(), 0.0);
    for (Customer i = 0; i < residual.n_customers(); ++i) {
        const auto list = residual.of(i);
        if (residual.weight[index(i)] == 0 || list.empty()) continue;
        const auto at = std::min(list.size() - 1, static_cast<std::size_t>(sites_per_open / 2));
        lambda[index(i)] = std::min(residual.cap[index(i)], list[at].cost + fixed / std::max(total, 1e-300));
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

CapacitatedDual::CapacitatedDual(const Residual& residual, std::vector<double> lambda) : residual_(residual) {
    const auto n = residual.weight.size(), m = residual.site.size();
    current_.lambda = lambda.empty() ? first_multipliers(residual) : std::move(lambda);
    current_.reduced_cost.assign(m, infinite_cost);
    rho_.resize(m);
    price_.resize(m);
    std::vector<std::size_t> place;  // of a group in group_
    for (std::size_t k = 0; k < m; ++k) {
        if (residual.group.empty()) {
            group_.push_back({k});
            continue;
        }
        const std::size_t name = index(residual.group[k]);
        if (place.size() <= name) place.resize(name + 1, none);
        if (place[name] == none) place[name] = group_.size(), group_.emplace_back();
        auto& sites = group_[place[name]];
        sites.insert(forced(k) ? sites.begin() : sites.end(), k);
    }
    opened_.resize(m);
    served_.resize(n);
    direction_.assign(n, 0.0);
}

bool CapacitatedDual::step() {
    if (best_.value != -infinite_cost) move();
    evaluate();
    const bool better = current_.value > best_.value;
    if (better) best_ = current_;
    level_.count(best_.value);
    return better;
}

void CapacitatedDual::move() {
    constexpr double deflection = 0.95;
    double norm = 0.0;
    for (Customer i = 0; i < residual_.n_customers(); ++i) {
        const auto at = index(i);
        double& d = direction_[at];
        d = deflection * d + 1.0 - served_[at];
        if (current_.lambda[at] >= residual_.cap[at] && d > 0) d = 0.0;  // pressing the cap moves nothing
        norm += residual_.weight[at] * d * d;
    }
    if (norm <= 0.0) return;
    const double scale = std::max({std::abs(best_.value), least_scale * paid(best_.lambda), 1e-9});
    const double target = std::min(best_.value + level_() * scale, std::max(most_, best_.value));
    const double length = (target - current_.value) / norm;
    for (Customer i = 0; i < residual_.n_customers(); ++i) {
        const auto at = index(i);
        if (residual_.weight[at] == 0) continue;
        const auto list = residual_.of(i);
        const double floor = list.empty() ? residual_.cap[at] : std::min(list.front().cost, residual_.cap[at]);
        current_.lambda[at] = std::clamp(current_.lambda[at] + length * direction_[at], floor, residual_.cap[at]);
    }
}

void CapacitatedDual::evaluate() {
    fill_knapsacks();
    const double theta = best_theta();
    double value = theta * residual_.demand;
    magnitude_ += value;
    value += paid(current_.lambda);
    for (std::size_t g = 0; g < group_.size(); ++g) {
        const double best = cheapest(g, theta, none).second;
        if (opens(g, best)) value += best;
        magnitude_ += std::abs(best);
    }
    open_sites(theta);
    note_reduced_costs(theta);
    current_.theta = theta;
    if (whole_sites_) value = open_whole_sites(value);
    serve();
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
            double& reduced = current_.reduced_cost[k];
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
    gather_items();
    magnitude_ = 0.0;
    for (std::size_t k = 0; k < rho_.size(); ++k) {
        const auto first = items_.begin();
        const double gain = fill(first + static_cast<std::ptrdiff_t>(first_item_[k]), first + static_cast<std::ptrdiff_t>(first_item_[k + 1]), k);
        rho_[k] = residual_.fixed_cost[k] - gain;
        magnitude_ += residual_.fixed_cost[k] + gain;
    }
}

/// The customers with whom a site gains something, site by site; lists are sorted, so few of their entries are looked at.
void CapacitatedDual::gather_items() {
    const auto each = [this](auto take) {
        for (Customer i = 0; i < residual_.n_customers(); ++i) {
            if (residual_.weight[index(i)] <= 0) continue;
            const double lambda = current_.lambda[index(i)];
            const auto end = static_cast<std::size_t>(residual_.first[index(i) + 1]);
            for (auto e = static_cast<std::size_t>(residual_.first[index(i)]); e < end && residual_.entries[e].cost < lambda; ++e) take(i, lambda, e);
        }
    };
    first_item_.assign(rho_.size() + 1, 0);
    each([this](Customer, double, std::size_t e) { ++first_item_[index(residual_.entries[e].site) + 1]; });
    std::partial_sum(first_item_.begin(), first_item_.end(), first_item_.begin());
    next_item_.assign(first_item_.begin(), first_item_.end() - 1);
    items_.resize(first_item_.back());
    each([this](Customer i, double lambda, std::size_t e) {
        const auto& [cost, site] = residual_.entries[e];
        items_[next_item_[index(site)]++] = {lambda - cost, residual_.weight[index(i)], i, 0.0, e};
    });
}

double CapacitatedDual::fill(std::vector<Item>::iterator begin, std::vector<Item>::iterator end, std::size_t site) {
    double weight = 0.0, gain = 0.0;
    price_[site] = 0.0;
    for (auto item = begin; item != end; ++item) weight += item->weight, gain += item->rate * item->weight, item->taken = 1.0;
    if (weight <= capacity(site)) return gain;
    return residual_.single_source ? fill_whole(begin, end, site) : fill_in_parts(begin, end, site);
}

double CapacitatedDual::fill_whole(std::vector<Item>::iterator begin, std::vector<Item>::iterator end, std::size_t site) {
    std::sort(begin, end, dearer);
    thread_local std::vector<double> rates, weights;
    thread_local Packing packing;
    rates.clear(), weights.clear();
    for (auto item = begin; item != end; ++item) rates.push_back(item->rate), weights.push_back(item->weight);
    pack(rates, weights, capacity(site), most_nodes, packing);
    for (std::size_t k = 0; k < packing.taken.size(); ++k) begin[static_cast<std::ptrdiff_t>(k)].taken = packing.taken[k];
    return packing.bound;
}

/// The linear relaxation of the knapsack without sorting: half of what is left fits, or is all that is looked at further
/// (Balas and Zemel 1980). O(items) on average.
double CapacitatedDual::fill_in_parts(std::vector<Item>::iterator begin, std::vector<Item>::iterator end, std::size_t site) {
    double room = capacity(site), gain = 0.0;
    while (end - begin > 0) {
        const auto middle = begin + (end - begin) / 2;
        std::nth_element(begin, middle, end, dearer);
        double weight = 0.0, worth = 0.0;
        for (auto item = begin; item != middle; ++item) weight += item->weight, worth += item->rate * item->weight;
        if (weight > room) {
            for (auto item = middle; item != end; ++item) item->taken = 0.0;
            end = middle;
            continue;
        }
        room -= weight;
        gain += worth;
        begin = middle + 1;
        middle->taken = std::clamp(room / middle->weight, 0.0, 1.0);
        gain += middle->taken * middle->weight * middle->rate;
        room -= middle->weight;
        if (room > 0) continue;
        price_[site] = middle->rate;
        for (auto item = begin; item != end; ++item) item->taken = 0.0;
        break;
    }
    return gain;
}

double CapacitatedDual::paid(const std::vector<double>& lambda) const {
    return std::inner_product(lambda.begin(), lambda.end(), residual_.weight.begin(), 0.0);
}

double CapacitatedDual::cost_with(const std::vector<Choice>& sites) const {
    double cost = paid(current_.lambda);
    for (std::size_t k = 0; k < sites.size(); ++k)
        if (sites[k] != Choice::left) cost += rho_[k];
    return cost;
}

bool CapacitatedDual::look_at(std::vector<double> lambda) {
    current_.lambda = std::move(lambda);
    evaluate();
    if (current_.value <= best_.value) return false;
    best_ = current_;
    return true;
}

/// The multiplier of the row "open sites can carry the demand" that bounds best: L rises in theta as long as the sites
/// that open carry too little. The prices at which single sites open are where it bends, unless groups have several.
double CapacitatedDual::best_theta() const {
    const auto short_of = [&](double theta) {
        double room = 0.0;
        for (std::size_t g = 0; g < group_.size(); ++g)
            if (const auto [k, cost] = cheapest(g, theta, none); opens(g, cost)) room += capacity(k);
        return room < residual_.demand;
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
    if (last != none && room < residual_.demand && capacity(last) > 0) opened_[last] = std::min(1.0, (residual_.demand - room) / capacity(last));
}

/// The sites that carry the demand at least cost where none opens in part, and the bound with them: of those that do not
/// pay, the ones left closed are a knapsack's best packing. Reduced costs now count from that bound.
double CapacitatedDual::open_whole_sites(double value) {
    std::vector<std::pair<double, std::size_t>> order;  // rate, site
    double spare = -residual_.demand, cost = 0.0;
    for (std::size_t k = 0; k < rho_.size(); ++k) {
        spare += capacity(k);
        if (forced(k) || rho_[k] <= 0) opened_[k] = 1.0, cost += rho_[k];
        else if (capacity(k) <= 0) opened_[k] = 0.0;
        else order.emplace_back(-rho_[k] / capacity(k), k), cost += rho_[k];
    }
    if (order.empty() || spare < 0) return value;
    std::sort(order.begin(), order.end());
    std::vector<double> rates, weights;
    for (const auto& [rate, k] : order) rates.push_back(-rate), weights.push_back(capacity(k));
    Packing packing;
    pack(rates, weights, spare, most_nodes, packing);
    const double whole = paid(current_.lambda) + cost - packing.bound;
    for (std::size_t t = 0; t < order.size(); ++t) opened_[order[t].second] = 1.0 - packing.taken[t];
    const double gained = std::max(0.0, whole - value);
    for (double& reduced : current_.reduced_cost) reduced = reduced > 0 ? std::max(0.0, reduced - gained) : std::min(0.0, reduced + gained);
    return value + gained;
}

/// Who is served how often by the sites that are open.
void CapacitatedDual::serve() {
    std::fill(served_.begin(), served_.end(), 0.0);
    for (std::size_t k = 0; k < rho_.size(); ++k)
        if (opened_[k] > 0)
            for (std::size_t t = first_item_[k]; t < first_item_[k + 1]; ++t) served_[index(items_[t].customer)] += opened_[k] * items_[t].taken;
    if (averaged_ == 0 && opened_sum_.empty()) return;
    ++averaged_;
    for (std::size_t k = 0; k < rho_.size(); ++k) {
        opened_sum_[k] += opened_[k];
        if (opened_[k] > 0)
            for (std::size_t t = first_item_[k]; t < first_item_[k + 1]; ++t) used_sum_[items_[t].entry] += opened_[k] * items_[t].taken;
    }
}

void CapacitatedDual::begin_average() {
    opened_sum_.assign(rho_.size(), 0.0);
    used_sum_.assign(residual_.entries.size(), 0.0);
    averaged_ = 0;
}

CapacitatedBound bound_with_capacities(const Problem& problem, const Capacities& capacities, base::StopRule rule, base::Monitor monitor,
                                       std::vector<double> lambda) {
    base::Watch watch(rule, std::move(monitor));
    CandidateLists lists(problem, length_of_lists(problem), [&watch] { return watch.look_up(); });
    CapacitatedBound out;
    out.lambda = std::move(lambda);
    for (std::size_t i = 0; i < out.lambda.size(); ++i) out.lambda[i] = std::min(out.lambda[i], lists.cap(static_cast<Customer>(i)));
    do {
        const Residual whole = residual(problem, lists, capacities);
        CapacitatedDual dual(whole, std::move(out.lambda));
        do {
            if (!dual.step() || dual.bound() <= out.bound) continue;
            out.bound = dual.bound();
            watch.improve(base::infinity, out.bound);
        } while (!dual.exhausted() && !watch.should_stop());
        out.lambda = dual.lambda();
        out.reduced_cost.assign(index(problem.n_sites()), infinite_cost);
        for (std::size_t k = 0; k < whole.site.size(); ++k) out.reduced_cost[index(whole.site[k])] = dual.reduced_cost()[k];
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
