#include "location/transport.hpp"

#include <algorithm>
#include <utility>

namespace netdesign::location {

namespace {
constexpr std::size_t nowhere = static_cast<std::size_t>(-1);
}

Transport::Transport(const Residual& residual)
    : residual_(residual), n_sites_(residual.site.size()), blur_(1e-12 * residual.demand), unit_(residual.weight.size() * n_sites_, infinite_cost),
      amount_(unit_.size()), members_(n_sites_), load_(n_sites_), price_(n_sites_), way_(n_sites_ * n_sites_), mover_(way_.size()),
      distance_(n_sites_), before_(n_sites_), done_(n_sites_) {
    for (Customer i = 0; i < residual.n_customers(); ++i)
        for (const auto& [cost, k] : residual.of(i)) unit_[pair(i, index(k))] = cost;
}

bool Transport::settle(std::vector<double> prices) {
    price_ = std::move(prices);
    if (!assign()) return false;
    for (std::size_t k = 0; k < n_sites_; ++k) note_ways(k);
    for (std::size_t k = 0; k < n_sites_; ++k)
        while (room(k) < -blur_)
            if (!relieve(k)) return false;
    while (fill_one()) {}
    return true;
}

/// Everybody to the site that is cheapest with its price; false where somebody has none.
bool Transport::assign() {
    std::fill(amount_.begin(), amount_.end(), 0.0);
    std::fill(load_.begin(), load_.end(), 0.0);
    for (auto& members : members_) members.clear();
    for (Customer i = 0; i < residual_.n_customers(); ++i) {
        double best = infinite_cost;
        std::size_t at = nowhere;
        for (const auto& [cost, k] : residual_.of(i))
            if (cost + price_[index(k)] < best) best = cost + price_[index(k)], at = index(k);
        if (at == nowhere) return false;
        const double weight = residual_.weight[index(i)];
        if (weight <= 0) continue;
        amount_[pair(i, at)] = weight;
        load_[at] += weight;
        members_[at].push_back(i);
    }
    return true;
}

void Transport::note_ways(std::size_t from) {
    std::fill_n(way_.begin() + static_cast<std::ptrdiff_t>(from * n_sites_), n_sites_, infinite_cost);
    for (const Customer i : members_[from]) note_way(from, i);
}

void Transport::note_way(std::size_t from, Customer i) {
    const double* unit = unit_.data() + pair(i, 0);
    const std::size_t first = from * n_sites_;
    const double here = unit[from];
    for (std::size_t k = 0; k < n_sites_; ++k) {
        if (unit[k] - here >= way_[first + k]) continue;
        way_[first + k] = unit[k] - here;
        mover_[first + k] = i;
    }
}

/// Dijkstra over sites from the distances that are set, on costs reduced by the prices; the nearest site that has room, and
/// a price where that is asked for.
std::size_t Transport::search(double& distance, bool priced_only) {
    std::fill(done_.begin(), done_.end(), std::uint8_t{0});
    while (true) {
        std::size_t at = nowhere;
        for (std::size_t k = 0; k < n_sites_; ++k)
            if (done_[k] == 0 && distance_[k] < (at == nowhere ? infinite_cost : distance_[at])) at = k;
        if (at == nowhere) return nowhere;
        if (room(at) > blur_ && (price_[at] > 0 || !priced_only)) {
            distance = distance_[at];
            return at;
        }
        done_[at] = 1;
        const double* way = way_.data() + at * n_sites_;
        const double so_far = distance_[at] - price_[at];
        for (std::size_t k = 0; k < n_sites_; ++k) {
            if (done_[k] != 0) continue;
            const double there = std::max(distance_[at], so_far + way[k] + price_[k]);
            if (there < distance_[k]) distance_[k] = there, before_[k] = at;
        }
    }
}

/// One path from a site that carries too much; false where nobody has room for it.
bool Transport::relieve(std::size_t site) {
    std::fill(distance_.begin(), distance_.end(), infinite_cost);
    std::fill(before_.begin(), before_.end(), nowhere);
    distance_[site] = 0.0;
    double distance = 0.0;
    const std::size_t end = search(distance, false);
    if (end == nowhere) return false;
    for (std::size_t k = 0; k < n_sites_; ++k) price_[k] += distance - std::min(distance_[k], distance);
    shift(end, bottleneck(end, std::min(-room(site), room(end))));
    return true;
}

/// Room that has a price is used, or loses the price; false where there is none.
bool Transport::fill_one() {
    bool any = false;
    for (std::size_t k = 0; k < n_sites_; ++k) {
        any = any || (room(k) > blur_ && price_[k] > 0);
        distance_[k] = load_[k] > blur_ || room(k) > blur_ ? price_[k] : infinite_cost;
        before_[k] = nowhere;
    }
    if (!any) return false;
    double distance = 0.0;
    const std::size_t end = search(distance, true);
    for (std::size_t k = 0; k < n_sites_; ++k) price_[k] = std::max(0.0, price_[k] - std::min(distance_[k], distance));
    if (before_[end] == nowhere) {
        price_[end] = 0.0;
        return true;
    }
    std::size_t begin = end;
    while (before_[begin] != nowhere) begin = before_[begin];
    price_[begin] = 0.0;
    shift(end, bottleneck(end, std::min(load_[begin], room(end))));
    return true;
}

double Transport::bottleneck(std::size_t end, double most) const {
    for (std::size_t k = end; before_[k] != nowhere; k = before_[k]) most = std::min(most, amount_[pair(mover_[before_[k] * n_sites_ + k], before_[k])]);
    return most;
}

/// Along the path found, every site hands on to the next.
void Transport::shift(std::size_t end, double amount) {
    std::size_t begin = end;
    thread_local std::vector<std::pair<std::size_t, Customer>> steps;
    steps.clear();
    for (; before_[begin] != nowhere; begin = before_[begin]) steps.emplace_back(begin, mover_[before_[begin] * n_sites_ + begin]);
    for (const auto& [to, i] : steps) move(i, before_[to], to, amount);
    load_[begin] -= amount;
    load_[end] += amount;
}

void Transport::move(Customer i, std::size_t from, std::size_t to, double amount) {
    double& there = amount_[pair(i, to)];
    if (there <= 0) members_[to].push_back(i), note_way(to, i);
    there += amount;
    double& here = amount_[pair(i, from)];
    here -= amount;
    if (here > blur_) return;
    here = 0.0;
    auto& members = members_[from];
    members.erase(std::find(members.begin(), members.end(), i));
    note_ways(from);
}

double Transport::objective() const noexcept {
    double sum = 0.0;
    for (const double fixed : residual_.fixed_cost) sum += fixed;
    for (std::size_t k = 0; k < n_sites_; ++k)
        for (const Customer i : members_[k]) sum += amount_[pair(i, k)] * unit_[pair(i, k)];
    return sum;
}

std::vector<double> Transport::customer_prices() const {
    std::vector<double> prices(residual_.weight.size(), 0.0);
    for (Customer i = 0; i < residual_.n_customers(); ++i) {
        double& least = prices[index(i)] = residual_.weight[index(i)] > 0 ? residual_.cap[index(i)] : 0.0;
        for (const auto& [cost, k] : residual_.of(i)) least = std::min(least, cost + price_[index(k)]);
    }
    return prices;
}

std::vector<Part> Transport::parts() const {
    std::vector<Part> parts;
    for (Customer i = 0; i < residual_.n_customers(); ++i) {
        if (residual_.weight[index(i)] <= 0) {
            parts.push_back({i, residual_.of(i).front().site, 1.0});
            continue;
        }
        for (std::size_t k = 0; k < n_sites_; ++k)
            if (const double amount = amount_[pair(i, k)]; amount > 0) parts.push_back({i, static_cast<Site>(k), amount / residual_.weight[index(i)]});
    }
    return parts;
}

}  // namespace netdesign::location
