// One plan, searched region by region: in every round the routes are split into groups that lie near each other, each
// group is a small problem of its own for a while, and all threads work on different groups. The next round splits
// elsewhere. A region fits the caches and has its arcs in a table, so that an iteration costs the same at a million
// customers as at a thousand; and since a region's search depends on nothing but its routes and its seed, the plan
// after a round does not depend on the number of threads (decomposition by barycentres of routes: Santini et al. 2023).
#pragma once

#include <algorithm>
#include <atomic>
#include <utility>
#include <vector>

#include "base/parallel.hpp"
#include "routing/partition.hpp"
#include "routing/trajectory.hpp"

namespace netdesign::routing {

template <typename F>
class Regions {
public:
    Regions(const Problem& problem, const Settings& settings, base::Watch& watch, double bound)
        : problem_(problem), settings_(settings), watch_(watch), bound_(bound), random_(settings.seed), threads_(static_cast<std::size_t>(settings.threads)) {}

    Outcome run() {
        begin();
        const Cooling cooling(problem_, static_cast<std::int32_t>(now_.routes.size()));
        watch_best();
        while (!watch_.look_up()) {
            round(cooling.temperature(watch_.elapsed_share()));
            watch_best();
            polished_ = true;
        }
        Outcome out;
        out.best = std::move(best_);
        out.improvements = improvements_;
        return out;
    }

private:
    static constexpr std::size_t largest_part = 30'000;  ///< customers of a part in which a first plan is built
    static constexpr double rounds_wanted = 40.0;
    static constexpr double fewest = 4.0, most = 40.0;  ///< iterations per customer and round

    struct Region {
        std::vector<std::int32_t> routes;    ///< into now_.routes
        std::vector<Location> unserved;
        std::vector<VehicleType> fleet;
        std::uint64_t seed = 0;
        std::int64_t quota = 0, done = 0;
        Plan now, best;                      ///< after the round, in the numbers of the whole problem
        OperatorCounts improvements{};
    };

    /// A region as a problem of its own.
    struct Part {
        Problem problem;
        Renumbering numbers;
        std::vector<PlannedRoute> start;
    };

    void begin() {
        if (settings_.start.empty()) {
            build();
        } else {
            Trajectory<F> whole(problem_, settings_.seed);
            whole.begin(settings_.start);
            now_ = whole.current();
        }
        best_ = now_;
    }

    /// A first plan, all threads at work where there are customers enough for parts of their own.
    void build() {
        const std::vector<Location> order = spatial_order(problem_);
        std::size_t parts = 1;
        while (order.size() / parts > largest_part) parts *= 2;
        std::vector<Region> regions(parts);
        for (std::size_t k = 0; k < parts; ++k) {
            const auto at = [&](std::size_t part) { return order.begin() + static_cast<std::ptrdiff_t>(order.size() * part / parts); };
            regions[k].unserved.assign(at(k), at(k + 1));
            regions[k].seed = random_.next();
        }
        share_vehicles(regions);
        base::parallel_for(threads_, parts, [&](std::size_t k, std::size_t worker) { build(regions[k], worker == 0); });
        for (Region& region : regions) append(now_, std::move(region.now));
    }

    void build(Region& region, bool watching) {
        if (watching && watch_.look_up() && watch_.reason() != base::StopReason::iteration_limit) stop_ = true;
        if (over()) return fill(region);
        const Part part = part_of(region);
        Trajectory<F> trajectory(part.problem, region.seed);
        trajectory.begin({});
        region.now = part.numbers.to_whole(trajectory.current());
    }

    /// Where there is no time for more: one vehicle after the other, filled in the order in which customers lie. O(n).
    void fill(Region& region) const {
        const VehicleType& vehicle = region.fleet.front();
        if (F::rich || F::timed || vehicle.count < static_cast<std::int32_t>(region.unserved.size())) return leave(region);
        std::vector<std::int64_t> room;
        for (const Location c : region.unserved) {
            const auto wanted = problem_.demand(c);
            bool fits = !room.empty();
            for (std::size_t k = 0; k < room.size(); ++k) fits = fits && wanted[k] <= room[k];
            if (!fits) {
                region.now.routes.emplace_back();
                room.assign(vehicle.capacity.begin(), vehicle.capacity.end());
            }
            for (std::size_t k = 0; k < room.size(); ++k) room[k] -= wanted[k];
            region.now.routes.back().visits.push_back(c);
        }
        for (const PlannedRoute& route : region.now.routes) region.now.cost += problem_.route_cost(route.type, route.visits);
    }

    void watch_best() {
        if (best_.unserved.empty()) watch_.improve(static_cast<double>(best_.cost), bound_);
    }

    /// Iterations per customer that the whole run may come to; 0 where nothing tells yet.
    [[nodiscard]] double iterations_per_customer() const {
        const auto n = static_cast<double>(problem_.customers());
        const base::StopRule& rule = watch_.rule();
        if (rule.max_iterations < base::unlimited) return static_cast<double>(rule.max_iterations) / n;
        const double searching = watch_.seconds() - search_began_;
        if (!polished_ || rule.time_limit_s == base::infinity || searching <= 0.0) return 0.0;
        return static_cast<double>(watch_.now().iterations) / searching * rule.time_limit_s / n;
    }

    /// Iterations of the next round: a fortieth of the run, within reason.
    [[nodiscard]] std::int64_t round_quota(double per_customer) const {
        const auto quota = static_cast<std::int64_t>(std::clamp(per_customer / rounds_wanted, fewest, most) * problem_.customers());
        return std::min(quota, watch_.rule().max_iterations - watch_.now().iterations);
    }

    /// Customers of a region. Small ones fit the caches, large ones leave fewer routes at the border of theirs: the more iterations
    /// there are per customer, the less their number matters.
    [[nodiscard]] std::int32_t region_size(double per_customer) const {
        const auto stops = static_cast<std::int32_t>(static_cast<std::size_t>(problem_.customers()) / std::max<std::size_t>(1, now_.routes.size()));
        constexpr double plenty = 500.0;
        return per_customer < plenty ? std::clamp(10 * stops, 500, 1000) : std::clamp(20 * stops, 500, 3000);
    }

    void round(double temperature) {
        if (!polished_) search_began_ = watch_.seconds();
        std::vector<Region> regions = split();
        base::parallel_for(threads_, regions.size(), [&](std::size_t k, std::size_t worker) { search(regions[k], temperature, worker == 0); });
        Plan next{{}, {}, 0}, best{{}, {}, 0};
        watch_.count(uncounted_.exchange(0));
        for (Region& region : regions) {
            for (std::size_t k = 0; k < improvements_.size(); ++k) improvements_[k] += region.improvements[k];
            append(next, std::move(region.now));
            append(best, std::move(region.best));
        }
        now_ = std::move(next);
        if (best.better_than(best_)) best_ = std::move(best);
    }

    static void append(Plan& whole, Plan&& part) {
        std::ranges::move(part.routes, std::back_inserter(whole.routes));
        whole.unserved.insert(whole.unserved.end(), part.unserved.begin(), part.unserved.end());
        whole.cost += part.cost;
    }

    std::vector<Region> split() {
        const double per_customer = iterations_per_customer();
        const std::int64_t quota = round_quota(per_customer);
        std::vector<Region> regions;
        std::vector<std::int32_t> region_of(static_cast<std::size_t>(problem_.size()), -1);
        std::int64_t customers = 0, given = 0;
        for (auto& routes : partition(problem_, now_, region_size(per_customer), random_)) {
            Region region;
            for (const std::int32_t r : routes)
                for (const Location c : now_.routes[static_cast<std::size_t>(r)].visits) region_of[static_cast<std::size_t>(c)] = static_cast<std::int32_t>(regions.size()), ++customers;
            // Rounding down the share of everything so far makes the quotas add up.
            const auto upto = static_cast<std::int64_t>(static_cast<double>(quota) * static_cast<double>(customers) / static_cast<double>(problem_.customers()));
            region.quota = upto - given;
            given = upto;
            region.seed = random_.next();
            region.routes = std::move(routes);
            regions.push_back(std::move(region));
        }
        if (!regions.empty()) regions.back().quota += quota - given;
        for (const Location c : now_.unserved) regions[home(c, region_of, regions.size())].unserved.push_back(c);
        share_vehicles(regions);
        return regions;
    }

    /// The region of the nearest customer that has one.
    [[nodiscard]] std::size_t home(Location c, const std::vector<std::int32_t>& region_of, std::size_t regions) {
        for (const Location v : problem_.neighbours(c))
            if (const auto r = region_of[static_cast<std::size_t>(v)]; r >= 0) return static_cast<std::size_t>(r);
        return static_cast<std::size_t>(random_.below(static_cast<std::int32_t>(regions)));
    }

    /// Every region has the vehicles of its routes and its part of those that stand idle.
    void share_vehicles(std::vector<Region>& regions) {
        const auto fleet = problem_.fleet();
        std::vector<std::int32_t> idle;
        for (const VehicleType& type : fleet) idle.push_back(type.count);
        for (Region& region : regions) {
            region.fleet.assign(fleet.begin(), fleet.end());
            for (VehicleType& type : region.fleet) type.count = 0;
            for (const std::int32_t r : region.routes) {
                const auto t = static_cast<std::size_t>(now_.routes[static_cast<std::size_t>(r)].type);
                ++region.fleet[t].count;
                --idle[t];
            }
        }
        const auto count = static_cast<std::int32_t>(regions.size());
        for (std::size_t t = 0; t < idle.size(); ++t) {
            const std::int32_t offset = random_.below(count), rest = idle[t] % count;
            for (std::int32_t k = 0; k < count; ++k)
                regions[static_cast<std::size_t>((k + offset) % count)].fleet[t].count += idle[t] / count + (k < rest ? 1 : 0);
        }
    }

    [[nodiscard]] bool over() const { return stop_ || watch_.seconds() >= watch_.rule().time_limit_s; }

    /// A region whose turn does not come any more.
    void leave(Region& region) const {
        region.now.unserved = region.unserved;
        for (const std::int32_t r : region.routes) {
            const PlannedRoute& route = now_.routes[static_cast<std::size_t>(r)];
            region.now.cost += problem_.route_cost(route.type, route.visits);
            region.now.routes.push_back(route);
        }
        region.best = region.now;
    }

    void search(Region& region, double temperature, bool watching) {
        if (over()) return leave(region);
        const Part part = part_of(region);
        if (part.numbers.names().empty()) return;
        Trajectory<F> trajectory(part.problem, region.seed);
        trajectory.begin(part.start);
        if (!polished_) trajectory.polish();
        trajectory.run([&]() -> Leg {
            if (watching) {
                watch_.count(uncounted_.exchange(0));
                if (watch_.look_up()) stop_ = true;
            }
            if (over()) return {};
            const Leg leg{temperature, std::min(leg_length, region.quota - region.done)};
            region.done += leg.iterations;
            uncounted_ += leg.iterations;
            return leg;
        });
        region.now = part.numbers.to_whole(trajectory.current());
        region.best = part.numbers.to_whole(trajectory.best());
        region.improvements = trajectory.improvements();
    }

    [[nodiscard]] Part part_of(const Region& region) const {
        std::vector<Location> customers;
        std::vector<PlannedRoute> start;
        const std::int32_t depots = problem_.depots();
        for (const std::int32_t r : region.routes) {
            const auto& [type, visits] = now_.routes[static_cast<std::size_t>(r)];
            start.push_back({type, {}});
            for (const Location c : visits) {
                start.back().visits.push_back(depots + static_cast<Location>(customers.size()));
                customers.push_back(c);
            }
        }
        customers.insert(customers.end(), region.unserved.begin(), region.unserved.end());
        Problem problem = problem_.restricted_to(customers, region.fleet);
        return {std::move(problem), Renumbering(std::move(customers), depots), std::move(start)};
    }

    const Problem& problem_;
    const Settings& settings_;
    base::Watch& watch_;
    double bound_;
    base::Random random_;
    std::size_t threads_;
    std::atomic<bool> stop_{false};
    std::atomic<std::int64_t> uncounted_{0};
    bool polished_ = false;
    double search_began_ = 0.0;
    Plan now_, best_;
    OperatorCounts improvements_{};
};

}  // namespace netdesign::routing
