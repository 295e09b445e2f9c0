// Cheapest routes after prices, customers repeated but not at once: the dynamic program behind improve_bound.
//
// A state is a customer and how much of one resource is used when its service begins: load, exactly, or time, at most.
// It keeps the cheapest path and the cheapest one from another predecessor, so that going straight back can be
// forbidden (Houck, Picard, Queyranne and Vemuganti, Opsearch 17, 1980).
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

namespace netdesign::routing {

/// Customers are numbered from 0 here.
struct Network {
    struct Arc {
        double cost;
        std::int32_t from, use;
    };
    std::int32_t customers = 0;
    bool waits = false;                      ///< resource may be wasted: time, not load
    std::vector<Arc> arcs;                   ///< into every customer, cheapest first
    std::vector<std::size_t> first;          ///< (customers + 1) where the arcs into each begin
    std::vector<std::int32_t> lowest, highest, least_use;  ///< (customers) levels at which service may begin; least use of an arc in

    [[nodiscard]] std::int32_t use(std::int32_t from, std::int32_t to) const noexcept {
        for (std::size_t a = first[static_cast<std::size_t>(to)]; a < first[static_cast<std::size_t>(to) + 1]; ++a)
            if (arcs[a].from == from) return arcs[a].use;
        return 0;
    }
};

class Pricing {
public:
    static constexpr double infinity = std::numeric_limits<double>::infinity();

    /// `open`: cost of the way to a first customer, at level `entry`.
    Pricing(const Network& network, std::vector<double> open, std::vector<std::int32_t> entry);
    /// States are wanted up to this level at least.
    void reach(std::int32_t level);
    /// Arcs into all states: what a solution may look at.
    [[nodiscard]] double work() const noexcept { return static_cast<double>(levels_) * static_cast<double>(network_->arcs.size()); }

    /// Paths from the start to every state; false where `stop()` ended it.
    template <typename Stop>
    bool solve(const std::vector<double>& price, Stop stop) {
        for (std::int32_t level = 0; level < levels_; ++level) {
            if (level % 8 == 0 && stop()) return false;
            solve_level(level, price);
        }
        return true;
    }
    /// Cost of the cheapest path to a state, prices of all its customers taken off.
    [[nodiscard]] double cost(std::int32_t level, std::int32_t customer) const noexcept { return at(level, customer).first; }
    /// Add one to the count of every visit on that path.
    void count_visits(std::int32_t level, std::int32_t customer, std::vector<double>& visits) const;

private:
    static constexpr std::int32_t start = -1, nobody = -2;

    struct State {
        double first = infinity, second = infinity;
        std::int32_t before_first = nobody, before_second = nobody;

        void see(double cost, std::int32_t before) noexcept {
            if (cost >= second) return;
            if (before == before_first) {
                if (cost < first) first = cost;
            } else if (cost < first) {
                second = first, before_second = before_first;
                first = cost, before_first = before;
            } else {
                second = cost, before_second = before;
            }
        }
        [[nodiscard]] bool has(double cost, std::int32_t before) const noexcept {
            return (first == cost && before_first == before) || (second == cost && before_second == before);
        }
    };

    void solve_level(std::int32_t level, const std::vector<double>& price);
    [[nodiscard]] const State& at(std::int32_t level, std::int32_t customer) const noexcept {
        return states_[static_cast<std::size_t>(level) * static_cast<std::size_t>(network_->customers) + static_cast<std::size_t>(customer)];
    }

    const Network* network_;
    std::int32_t levels_ = 0;
    std::vector<double> open_;
    std::vector<std::int32_t> entry_;
    std::vector<State> states_;
    std::vector<double> cheapest_;  ///< by level; up to that level where the resource may be wasted
};

}  // namespace netdesign::routing
