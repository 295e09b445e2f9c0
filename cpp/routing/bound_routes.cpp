#include "routing/bound_routes.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <map>
#include <memory>
#include <numeric>
#include <optional>
#include <tuple>

#include "routing/bound.hpp"
#include "routing/bound_pricing.hpp"

namespace netdesign::routing {

namespace {

constexpr double infinity = Pricing::infinity;

/// Loads small enough for a table over them.
struct Loads {
    std::vector<std::int32_t> demand;  ///< (customers), at least 1
    std::vector<std::int32_t> limit;   ///< (types) no route that is allowed carries more
};

/// The dimension that leaves the least room.
std::size_t tightest_dimension(const Problem& p) {
    std::size_t best = 0;
    double most = -1.0;
    for (std::size_t k = 0; k < static_cast<std::size_t>(p.dimensions()); ++k) {
        double demand = 0.0, largest = 1.0;
        for (Location c = p.first_customer(); c < p.size(); ++c) demand += p.demand(c)[k];
        for (const VehicleType& type : p.fleet()) largest = std::max<double>(largest, type.capacity[k]);
        if (demand / largest > most) most = demand / largest, best = k;
    }
    return best;
}

/// Demands in units of `unit`, rounded. Any whole demands of at least 1 will do, as long as the limit is the most that
/// fits a vehicle in truth: the knapsack problem with the new demands as profits, solved exactly. O(n * limit).
Loads scaled_loads(const Problem& p, std::size_t k, double unit, bool down) {
    Loads loads;
    for (Location c = p.first_customer(); c < p.size(); ++c) {
        const double exact = p.demand(c)[k] / unit;
        loads.demand.push_back(std::max(1, static_cast<std::int32_t>(down ? std::floor(exact) : std::floor(exact + 0.5))));
    }
    std::int64_t largest = 0;
    for (const VehicleType& type : p.fleet()) largest = std::max<std::int64_t>(largest, type.capacity[k]);
    const std::int64_t total = std::accumulate(loads.demand.begin(), loads.demand.end(), std::int64_t{0});
    // The least true load by new load; at most one unit per customer is lost in rounding.
    const auto most = static_cast<std::size_t>(std::min<double>(static_cast<double>(total), static_cast<double>(largest) / unit + p.customers() + 1));
    std::vector<std::int64_t> least(most + 1, std::numeric_limits<std::int64_t>::max() / 2);
    least[0] = 0;
    for (std::size_t c = 0; c < loads.demand.size(); ++c) {
        const auto d = static_cast<std::size_t>(loads.demand[c]);
        for (std::size_t s = most; s >= d; --s) least[s] = std::min(least[s], least[s - d] + p.demand(p.first_customer() + static_cast<Location>(c))[k]);
    }
    for (const VehicleType& type : p.fleet()) {
        std::size_t s = most;
        while (least[s] > type.capacity[k]) --s;
        loads.limit.push_back(static_cast<std::int32_t>(s));
    }
    return loads;
}

/// The finer of rounding down and to the nearest, with about `levels` loads; exact where there are no more.
Loads choose_loads(const Problem& p, std::int32_t levels) {
    const std::size_t k = tightest_dimension(p);
    double largest = 1.0, demand = 0.0, routes = 0.0;
    for (const VehicleType& type : p.fleet()) largest = std::max<double>(largest, type.capacity[k]);
    for (Location c = p.first_customer(); c < p.size(); ++c) demand += p.demand(c)[k];
    if (largest >= demand) return scaled_loads(p, k, std::max(1.0, 2 * demand), true);  // no limit that binds: count customers
    std::optional<Loads> best;
    // Rounding costs more than it saves where the loads are nearly few enough.
    const double unit = largest <= 3.0 * levels ? 1.0 : largest / levels;
    for (const bool down : {true, false}) {
        Loads loads = scaled_loads(p, k, unit, down);
        const double total = std::accumulate(loads.demand.begin(), loads.demand.end(), 0.0);
        const double fraction = total / std::max(1, *std::max_element(loads.limit.begin(), loads.limit.end()));
        if (!best || fraction > routes) routes = fraction, best = std::move(loads);
    }
    return *best;
}

/// Time at which a vehicle may leave, and has to be back.
std::pair<Time, Time> shift(const Problem& p, const VehicleType& type) {
    return p.plain() ? std::pair(p.earliest(depot), p.latest(depot)) : std::pair(type.earliest, type.latest);
}

/// A route on a type as the relaxation sees it: everything but prices and the choice of routes.
class Relaxation {
public:
    /// By load where `grid` is 0, else by time in steps of `grid`, rounded down on every arc.
    Relaxation(const Problem& p, Loads loads, Time grid) : problem_(p), loads_(std::move(loads)), grid_(grid), customers_(p.customers()) {
        for (std::size_t t = 0; t < p.fleet().size(); ++t)
            if (p.fleet()[t].count > 0 && loads_.limit[t] > 0) types_.push_back(t);
        for (const std::size_t t : types_) largest_ = std::max(largest_, loads_.limit[t]);
        for (const std::size_t t : types_) join_group(t);
    }

    /// Whether time can be the resource: every arc has to use some of it.
    [[nodiscard]] bool usable() const noexcept { return usable_; }

    struct Type {
        std::size_t fleet, group;
        double fixed;
        std::int32_t count, limit;
    };
    struct Group {
        Pricing pricing;
        std::vector<double> close;       ///< cost from a customer to the end
        std::vector<std::int32_t> last;  ///< latest level from which the end is reached; -1 where it never is
    };
    [[nodiscard]] const std::vector<Type>& types() const noexcept { return used_; }
    [[nodiscard]] std::vector<Group>& groups() noexcept { return groups_; }
    [[nodiscard]] const Loads& loads() const noexcept { return loads_; }
    /// Of one step.
    [[nodiscard]] double work() const {
        double sum = 0.0;
        for (const Group& group : groups_) sum += group.pricing.work();
        return sum;
    }
    [[nodiscard]] bool by_load() const noexcept { return grid_ == 0; }

private:
    [[nodiscard]] Location location(std::int32_t customer) const noexcept { return problem_.first_customer() + customer; }
    [[nodiscard]] static std::int32_t steps(Time time, Time grid) noexcept { return static_cast<std::int32_t>(time / grid); }

    /// What an arc uses; -1 where no route can use it.
    [[nodiscard]] std::int32_t use(std::int32_t i, std::int32_t j) const {
        const auto a = static_cast<std::size_t>(i), b = static_cast<std::size_t>(j);
        if (loads_.demand[a] + loads_.demand[b] > largest_) return -1;
        if (!problem_.timed()) return loads_.demand[b];
        const Time way = problem_.duration(location(i), location(j));
        if (static_cast<std::int64_t>(problem_.earliest(location(i))) + way > problem_.latest(location(j))) return -1;
        return by_load() ? loads_.demand[b] : steps(way, grid_);
    }

    /// Types with the same rates share a network; those with the same ends and shift too share the pricing.
    void join_group(std::size_t t) {
        const VehicleType& type = problem_.fleet()[t];
        const auto [begin, end] = problem_.timed() ? shift(problem_, type) : std::pair<Time, Time>(0, 0);
        const auto key = std::tuple(type.start, type.end, type.distance_rate, type.time_rate, begin, end);
        const auto [place, fresh] = group_of_.try_emplace(key, groups_.size());
        if (fresh) add_group(type, begin, end);
        Group& group = groups_[place->second];
        group.pricing.reach(by_load() ? loads_.limit[t] : *std::max_element(group.last.begin(), group.last.end()));
        used_.push_back({t, place->second, fixed_money(type), type.count, loads_.limit[t]});
    }

    void add_group(const VehicleType& type, Time begin, Time end) {
        auto& network = networks_[std::pair(type.distance_rate, type.time_rate)];
        if (!network) network = std::make_unique<Network>(build_network(type));
        const auto n = static_cast<std::size_t>(customers_);
        std::vector<double> open(n), close(n);
        std::vector<std::int32_t> entry(n, -1), last(n, -1);
        for (std::size_t j = 0; j < n; ++j) {
            const Location c = location(static_cast<std::int32_t>(j));
            open[j] = arc_money(problem_, type, type.start, c);
            close[j] = arc_money(problem_, type, c, type.end);
            if (by_load()) entry[j] = loads_.demand[j], last[j] = largest_;
            if (!problem_.timed()) continue;
            const std::int64_t out = type.start == anywhere ? begin : static_cast<std::int64_t>(begin) + problem_.duration(type.start, c);
            const Time back = type.end == anywhere ? problem_.service(c) : problem_.duration(c, type.end);
            const std::int64_t arrival = std::max<std::int64_t>(out, problem_.earliest(c));
            const std::int64_t departure = std::min<std::int64_t>(problem_.latest(c), static_cast<std::int64_t>(end) - back);
            if (out > problem_.latest(c))
                entry[j] = -1;
            else if (!by_load())
                entry[j] = steps(static_cast<Time>(arrival), grid_);
            if (departure < problem_.earliest(c))
                last[j] = -1;
            else if (!by_load())
                last[j] = steps(static_cast<Time>(departure), grid_);
        }
        groups_.push_back({Pricing(*network, std::move(open), std::move(entry)), std::move(close), std::move(last)});
    }

    Network build_network(const VehicleType& type) {
        Network net;
        net.customers = customers_;
        net.waits = !by_load();
        net.first.push_back(0);
        for (std::int32_t j = 0; j < customers_; ++j) {
            std::int32_t least = std::numeric_limits<std::int32_t>::max();
            for (std::int32_t i = 0; i < customers_; ++i) {
                const std::int32_t used = i == j ? -1 : use(i, j);
                if (used < 0) continue;
                if (used == 0) usable_ = false;
                least = std::min(least, used);
                net.arcs.push_back({arc_money(problem_, type, location(i), location(j)), i, used});
            }
            const auto cheaper = [](const Network::Arc& a, const Network::Arc& b) { return std::pair(a.cost, a.from) < std::pair(b.cost, b.from); };
            std::sort(net.arcs.begin() + static_cast<std::ptrdiff_t>(net.first.back()), net.arcs.end(), cheaper);
            net.first.push_back(net.arcs.size());
            net.least_use.push_back(least);
            net.lowest.push_back(by_load() ? loads_.demand[static_cast<std::size_t>(j)] : steps(problem_.earliest(location(j)), grid_));
            net.highest.push_back(by_load() ? largest_ : steps(problem_.latest(location(j)), grid_));
        }
        return net;
    }

    const Problem& problem_;
    Loads loads_;
    Time grid_;
    std::int32_t customers_, largest_ = 0;
    bool usable_ = true;
    std::vector<std::size_t> types_;
    std::vector<Type> used_;
    std::map<std::pair<Total, Total>, std::unique_ptr<Network>> networks_;
    std::map<std::tuple<Location, Location, Total, Total, Time, Time>, std::size_t> group_of_;
    std::vector<Group> groups_;
};

/// The seconds there are.
class Budget {
public:
    explicit Budget(double seconds) : seconds_(seconds) {}
    [[nodiscard]] double spent() const { return std::chrono::duration<double>(Clock::now() - begin_).count(); }
    [[nodiscard]] bool over(double share) const { return std::isfinite(seconds_) && spent() > share * seconds_; }

private:
    using Clock = std::chrono::steady_clock;
    double seconds_;
    Clock::time_point begin_ = Clock::now();
};

/// A route that ends at a customer, the cheapest after prices.
struct Choice {
    double cost = infinity;
    std::int32_t customer = 0, level = 0;
    std::size_t type = 0;
};

/// The Lagrangian function and its ascent. Of the customers' constraints everyone has a price; besides, every customer
/// ends at most one route, there are at least as many routes as the loads need, and by load the routes carry exactly the
/// total demand: its price is found by a line search at every step, since the paths of every load are known anyway.
class Ascent {
public:
    /// From prices that may come from elsewhere; `vehicles` may be empty.
    Ascent(const Problem& p, Relaxation& relaxation, std::int32_t routes, double quantum, std::vector<double> prices, std::vector<double> vehicles)
        : relaxation_(relaxation),
          quantum_(quantum),
          least_routes_(routes),
          most_routes_(p.max_routes()),
          price_(std::move(prices)),
          vehicle_price_(std::move(vehicles)) {
        vehicle_price_.resize(relaxation.types().size(), 0.0);
        direction_.resize(price_.size() + vehicle_price_.size(), 0.0);
        vehicle_scale_ = 0.5 * static_cast<double>(p.customers()) / std::max(1, routes);
        total_load_ = std::accumulate(relaxation.loads().demand.begin(), relaxation.loads().demand.end(), 0.0);
    }

    /// Steps have become so short that nothing is left to gain.
    [[nodiscard]] bool finished() const noexcept { return damping_ < 0.01; }

    /// One evaluation and one step; false where `stop()` ended it. The bound so far is `best`.
    template <typename Stop>
    bool step(double target, Stop stop) {
        for (auto& group : relaxation_.groups())
            if (!group.pricing.solve(price_, stop)) return false;
        const double choice = search_load_price();
        const double value = choice + std::accumulate(price_.begin(), price_.end(), 0.0) + vehicles_worth();
        if (!exact()) {
            damping_ /= 2;
            go_back();
            return true;
        }
        if (value > best + 1e-4 * std::abs(best)) stalled_ = 0;
        if (value > best) {
            best = value, best_price = price_, best_vehicle_price = vehicle_price_;
        } else if (++stalled_ > patience) {
            damping_ *= 0.6;
            go_back();
        }
        move(value, target);
        return true;
    }

    double best = -infinity;
    std::vector<double> best_price, best_vehicle_price;  ///< (customers), (types)

private:
    static constexpr int patience = 8;

    /// To the best prices so far, or to none.
    void go_back() {
        stalled_ = 0;
        std::fill(direction_.begin(), direction_.end(), 0.0);
        if (best > -infinity)
            price_ = best_price, vehicle_price_ = best_vehicle_price;
        else
            std::fill(price_.begin(), price_.end(), 0.0), std::fill(vehicle_price_.begin(), vehicle_price_.end(), 0.0);
    }
    [[nodiscard]] double vehicles_worth() const {
        double sum = 0.0;
        for (std::size_t t = 0; t < vehicle_price_.size(); ++t) sum += vehicle_price_[t] * relaxation_.types()[t].count;
        return sum;
    }
    /// Whether no sum that the value is made of can have been rounded.
    [[nodiscard]] bool exact() const {
        double largest = 0.0, sum = 0.0;
        for (const double p : price_) largest = std::max(largest, std::abs(p)), sum += std::abs(p);
        for (std::size_t t = 0; t < vehicle_price_.size(); ++t) sum += std::abs(vehicle_price_[t]) * (relaxation_.types()[t].count + 1.0);
        for (const Choice& c : choices_) sum += std::abs(c.cost) + largest * (c.level + 1.0);
        return sum < 0x1p52 * quantum_;
    }
    /// Multiples of a power of two, so that sums of prices and costs are exact.
    [[nodiscard]] double round(double value) const { return std::nearbyint(value / quantum_) * quantum_; }

    /// The cheapest route that ends at every customer, with a price on every unit of load.
    void find_choices(double load_price) {
        const auto n = static_cast<std::int32_t>(price_.size());
        choices_.assign(price_.size(), {});
        for (std::size_t t = 0; t < relaxation_.types().size(); ++t) {
            const auto& type = relaxation_.types()[t];
            const auto& group = relaxation_.groups()[type.group];
            for (std::int32_t j = 0; j < n; ++j) {
                Choice& choice = choices_[static_cast<std::size_t>(j)];
                const double ends = group.close[static_cast<std::size_t>(j)] + type.fixed - vehicle_price_[t];
                const std::int32_t last = group.last[static_cast<std::size_t>(j)];
                const std::int32_t demand = relaxation_.loads().demand[static_cast<std::size_t>(j)];
                if (last < 0 || demand > type.limit) continue;
                const std::int32_t low = relaxation_.by_load() ? demand : last, high = relaxation_.by_load() ? std::min(last, type.limit) : last;
                for (std::int32_t level = low; level <= high; ++level) {
                    const double cost = group.pricing.cost(level, j) + ends - load_price * level;
                    if (cost < choice.cost) choice = {cost, j, level, t};
                }
            }
        }
    }

    /// Routes that are worth their cost, and the cheapest of the rest as far as routes are missing.
    double choose(double load_price) {
        find_choices(load_price);
        std::erase_if(choices_, [](const Choice& c) { return c.cost == infinity; });
        const auto cheaper = [](const Choice& a, const Choice& b) { return std::pair(a.cost, a.customer) < std::pair(b.cost, b.customer); };
        std::sort(choices_.begin(), choices_.end(), cheaper);
        double sum = 0.0;
        std::size_t count = 0;
        const std::size_t most = std::min(choices_.size(), static_cast<std::size_t>(most_routes_));
        while (count < most && (choices_[count].cost < 0 || count < static_cast<std::size_t>(least_routes_))) sum += choices_[count++].cost;
        choices_.resize(count);
        if (relaxation_.by_load()) sum += load_price * total_load_;
        return sum;
    }

    [[nodiscard]] double load_chosen() const {
        double load = 0.0;
        for (const Choice& c : choices_) load += c.level;
        return load;
    }

    /// Line search: bracket the price_ where the load chosen passes the demand, then halve. The best is moved into the
    /// prices of the customers, by their demands.
    double search_load_price() {
        double best_value = choose(0.0);
        if (!relaxation_.by_load()) return best_value;
        double best_at = 0.0, low = 0.0, high = 0.0, width = std::max(width_, quantum_);
        const bool up = load_chosen() < total_load_;
        const auto visit = [&](double at) {
            const double value = choose(at);
            if (value > best_value) best_value = value, best_at = at;
            return load_chosen() < total_load_;
        };
        for (int k = 0; k < 12; ++k) {
            const double at = round(up ? low + width : high - width);
            const bool more = visit(at);
            (more ? low : high) = at;
            if (more != up) break;
            width *= 2;
        }
        width_ = std::max(8 * quantum_, std::abs(best_at) / 2 + width_ / 4);
        for (int k = 0; k < 8 && high - low > 2 * quantum_; ++k) {
            const double at = round((low + high) / 2);
            (visit(at) ? low : high) = at;
        }
        best_value = choose(best_at);
        if (best_at != 0.0) absorb(best_at);
        return best_value - best_at * total_load_;
    }

    /// A price on load is a price on every customer.
    void absorb(double load_price) {
        for (std::size_t j = 0; j < price_.size(); ++j) price_[j] += load_price * relaxation_.loads().demand[j];
    }

    /// Along the subgradient, mixed with the last direction (Camerini, Fratta and Maffioli, Mathematical Programming
    /// Study 3, 1975); the length by Polyak's rule with what a plan costs as the target.
    void move(double value, double target) {
        const std::size_t n = price_.size();
        std::vector<double> visits(n, 0.0), gradient(direction_.size());
        for (const Choice& c : choices_) {
            const auto& type = relaxation_.types()[c.type];
            relaxation_.groups()[type.group].pricing.count_visits(c.level, c.customer, visits);
        }
        for (std::size_t j = 0; j < n; ++j) gradient[j] = 1.0 - visits[j];
        for (std::size_t t = 0; t < vehicle_price_.size(); ++t) gradient[n + t] = vehicle_scale_ * relaxation_.types()[t].count;
        for (const Choice& c : choices_) gradient[n + c.type] -= vehicle_scale_;
        double norm = 0.0;
        for (std::size_t k = 0; k < gradient.size(); ++k) {
            if (k >= n && vehicle_price_[k - n] >= 0 && gradient[k] > 0) gradient[k] = 0.0;
            direction_[k] = gradient[k] + 0.8 * direction_[k];
            norm += direction_[k] * direction_[k];
        }
        if (norm < 0.01) return;  // nothing to gain; only remains of earlier directions are so small
        const double length = damping_ * std::max(target - value, 1e-3 * std::abs(target)) / norm, most = round(4.0 * target);
        for (std::size_t j = 0; j < n; ++j) price_[j] = std::clamp(round(price_[j] + length * direction_[j]), -most, most);
        for (std::size_t t = 0; t < vehicle_price_.size(); ++t)
            vehicle_price_[t] = std::clamp(round(vehicle_price_[t] + length * vehicle_scale_ * direction_[n + t]), -most, 0.0);
    }

    Relaxation& relaxation_;
    double quantum_;
    std::int32_t least_routes_, most_routes_;
    std::vector<double> price_, vehicle_price_, direction_;
    double vehicle_scale_ = 1.0;  ///< a vehicle is worth about a route of customers
    std::vector<Choice> choices_;
    double total_load_ = 0.0, width_ = 0.0, damping_ = 0.5;
    int stalled_ = 0;
};

/// States times customers of one step, stage by stage: about 3, 30 and 100 ms. The share of the steps and of the time
/// that is over when a stage has to end.
struct Stage {
    double work, share;
};
constexpr std::array<Stage, 3> stages{{{2.5e6, 0.25}, {2.5e7, 0.7}, {1e8, 1.0}}};

/// Different values of a key over the types of the fleet.
template <typename Key>
double count_different(const Problem& p, Key key) {
    std::vector<decltype(key(p.fleet().front()))> keys;
    for (const VehicleType& type : p.fleet())
        if (type.count > 0) keys.push_back(key(type));
    std::sort(keys.begin(), keys.end());
    return static_cast<double>(std::unique(keys.begin(), keys.end()) - keys.begin());
}

/// Pricing problems there will be.
double count_groups(const Problem& p) {
    return count_different(p, [](const VehicleType& t) { return std::tuple(t.start, t.end, t.distance_rate, t.time_rate, t.earliest, t.latest); });
}

/// Steps of time for so much work, and no finer than says anything; 0 where some arc takes less than one, or none at all.
Time choose_grid(const Problem& p, double work) {
    constexpr double most_levels = 10'000;
    double width = 0.0;
    Time shortest = no_deadline, opening = no_deadline, closing = 0;
    for (Location i = p.first_customer(); i < p.size(); ++i) {
        width += static_cast<double>(p.latest(i)) - p.earliest(i) + 1;
        opening = std::min(opening, p.earliest(i)), closing = std::max(closing, p.latest(i));
        for (Location j = p.first_customer(); j < p.size(); ++j)
            if (i != j && static_cast<std::int64_t>(p.earliest(i)) + p.duration(i, j) <= p.latest(j)) shortest = std::min(shortest, p.duration(i, j));
    }
    const double grid = std::max({1.0, std::ceil(width * p.customers() / work), std::floor((static_cast<double>(closing) - opening) / most_levels)});
    if (shortest < 1 || width * p.customers() / shortest > 4 * work) return 0;
    return static_cast<Time>(std::min<double>(grid, shortest));
}

/// The stages of the ascent: a coarse table first, whose prices are nearly right for the finer one that follows.
class Climb {
public:
    Climb(const Problem& p, double known_upper, double cheap, Budget budget)
        : problem_(p), known_upper_(known_upper), best_(cheap), cheap_(cheap), budget_(budget), routes_(least_routes(p)), groups_(count_groups(p)) {}

    /// By load, and where there are windows by time too: which of them binds is not known beforehand.
    double run(std::int64_t steps) {
        target_ = std::max(1.0, std::isfinite(known_upper_) ? known_upper_ : 1.25 * cheap_);
        quantum_ = std::max(1.0 / 64, std::exp2(std::ceil(std::log2(target_)) - 36));
        price_ = customer_shares(problem_);
        for (double& price : price_) price = std::floor(price / quantum_) * quantum_;
        climb_by_load(steps, problem_.timed());
        if (problem_.timed()) climb_by_time(steps);
        return best_;
    }

private:
    [[nodiscard]] bool done() const { return best_ >= known_upper_ || budget_.over(1.0); }
    [[nodiscard]] Loads loads_for(double work) const {
        const double n = problem_.customers();
        return choose_loads(problem_, static_cast<std::int32_t>(std::clamp(work / (n * n * groups_), 100.0, 2000.0)));
    }
    void climb_by_load(std::int64_t steps, bool briefly) {
        std::vector<Loads> tables;
        for (const Stage& stage : stages)
            if (Loads loads = loads_for(stage.work); tables.empty() || loads.demand != tables.back().demand) tables.push_back(std::move(loads));
        if (briefly) tables.resize(1);
        for (std::size_t k = 0; k < tables.size() && !done(); ++k) {
            const double share = k + 1 == tables.size() ? 1.0 : stages[k].share;
            climb(Relaxation(problem_, std::move(tables[k]), 0), steps, briefly ? stages[0].share / 2 : share);
        }
    }
    void climb_by_time(std::int64_t steps) {
        std::vector<Time> grids;
        for (const Stage& stage : stages)
            if (const Time grid = choose_grid(problem_, stage.work / groups_); grid > 0 && (grids.empty() || grid != grids.back())) grids.push_back(grid);
        for (std::size_t k = 0; k < grids.size() && !done(); ++k)
            climb(Relaxation(problem_, loads_for(stages.front().work), grids[k]), steps, k + 1 == grids.size() ? 1.0 : stages[k].share);
    }
    /// From the best prices so far, until steps, time or the hope to gain are used up.
    void climb(Relaxation relaxation, std::int64_t steps, double share) {
        if (!relaxation.usable()) return;
        Ascent ascent(problem_, relaxation, routes_, quantum_, price_, vehicle_price_);
        const double last = share * static_cast<double>(steps), weight = std::max(1.0, relaxation.work() / stages[1].work);
        for (; taken_ < last && !ascent.finished(); taken_ += weight) {
            const double target = std::isfinite(known_upper_) ? target_ : std::max(target_, 1.1 * ascent.best);
            if (!ascent.step(target, [&] { return budget_.over(share); })) break;
            best_ = std::max(best_, rounded_up(ascent.best));
            if (best_ >= known_upper_) break;
        }
        if (ascent.best > -infinity) price_ = ascent.best_price, vehicle_price_ = ascent.best_vehicle_price;
    }

    std::vector<double> price_, vehicle_price_;
    double target_ = 1.0, quantum_ = 1.0;
    double taken_ = 0.0;  ///< steps, the large ones counted as several
    const Problem& problem_;
    double known_upper_, best_, cheap_;
    Budget budget_;
    std::int32_t routes_;
    double groups_;
};

double priced_arcs(const Problem& p) {
    return count_different(p, [](const VehicleType& t) { return std::pair(t.distance_rate, t.time_rate); }) * p.customers() * p.customers();
}

}  // namespace

bool route_bound_pays(const Problem& p) { return p.customers() > 0 && priced_arcs(p) <= route_bound_arcs && least_routes(p) > 0; }

double improve_bound(const Problem& p, double known_upper, double seconds, std::int64_t steps) {
    const Budget budget{seconds};
    const double cheap = lower_bound(p);
    constexpr double seconds_per_arc = 1.5e-7;  // to set up, which nothing interrupts
    if (!route_bound_pays(p) || seconds_per_arc * priced_arcs(p) > 0.3 * seconds) return cheap;
    return Climb(p, known_upper, cheap, budget).run(steps);
}

}  // namespace netdesign::routing
