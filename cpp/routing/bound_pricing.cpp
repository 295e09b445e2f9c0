#include "routing/bound_pricing.hpp"

#include <algorithm>

namespace netdesign::routing {

Pricing::Pricing(const Network& network, std::vector<double> open, std::vector<std::int32_t> entry)
    : network_(&network),
      open_(std::move(open)),
      entry_(std::move(entry)) {}

void Pricing::reach(std::int32_t level) {
    levels_ = std::max(levels_, level + 1);
    states_.resize(static_cast<std::size_t>(levels_) * static_cast<std::size_t>(network_->customers));
    cheapest_.resize(static_cast<std::size_t>(levels_));
}

void Pricing::solve_level(std::int32_t level, const std::vector<double>& price) {
    const Network& net = *network_;
    const auto n = static_cast<std::size_t>(net.customers);
    State* row = &states_[static_cast<std::size_t>(level) * n];
    double cheapest = net.waits && level > 0 ? cheapest_[static_cast<std::size_t>(level) - 1] : infinity;
    for (std::size_t j = 0; j < n; ++j) {
        State state;
        const auto name = static_cast<std::int32_t>(j);
        // Whoever was served in time may wait for the next customer's window.
        if (net.waits && level > net.lowest[j]) state = *(row + j - n);
        if (level >= net.lowest[j] && level <= net.highest[j]) {
            if (level == entry_[j]) state.see(open_[j] - price[j], start);
            const std::int32_t latest_source = level - net.least_use[j];
            // Arcs come cheapest first: none beyond this can be among the two best.
            const double floor = latest_source >= 0 ? cheapest_[static_cast<std::size_t>(latest_source)] - price[j] : infinity;
            for (std::size_t a = net.first[j], end = net.first[j + 1]; a < end; ++a) {
                const Network::Arc& arc = net.arcs[a];
                if (floor + arc.cost >= state.second) break;
                if (arc.use > level) continue;
                const State& source = at(level - arc.use, arc.from);
                state.see((source.before_first != name ? source.first : source.second) + arc.cost - price[j], arc.from);
            }
            cheapest = std::min(cheapest, state.first);
        }
        row[j] = state;
    }
    cheapest_[static_cast<std::size_t>(level)] = cheapest;
}

void Pricing::count_visits(std::int32_t level, std::int32_t customer, std::vector<double>& visits) const {
    std::int32_t after = nobody;
    while (true) {
        visits[static_cast<std::size_t>(customer)] += 1.0;
        const State& state = at(level, customer);
        const bool first = after == nobody || state.before_first != after;
        const double cost = first ? state.first : state.second;
        const std::int32_t before = first ? state.before_first : state.before_second;
        if (before == start) return;
        if (network_->waits)
            while (level > network_->lowest[static_cast<std::size_t>(customer)] && at(level - 1, customer).has(cost, before)) --level;
        level -= network_->use(before, customer);
        after = customer;
        customer = before;
    }
}

}  // namespace netdesign::routing
