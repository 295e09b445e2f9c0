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
    // Small regions fit the caches; but they need room for several routes.
    static constexpr std::int32_t smallest_region = 500, largest_region = 1000, routes_in_region = 10;
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

    void begin() {
        Trajectory<F> whole(problem_, settings_.seed);
        whole.begin(settings_.start);
        now_ = whole.current();
        best_ = now_;
    }

    void watch_best() {
        if (best_.unserved.empty()) watch_.improve(static_cast<double>(best_.cost), bound_);
    }

    /// Iterations of the next round: a fortieth of the run, within reason.
    [[nodiscard]] std::int64_t round_quota() const {
        const auto n = static_cast<double>(problem_.customers());
        const base::StopRule& rule = watch_.rule();
        double per_customer = fewest;
        if (rule.max_iterations < base::unlimited)
            per_customer = static_cast<double>(rule.max_iterations) / (n * rounds_wanted);
        else if (const double searching = watch_.seconds() - search_began_; polished_ && rule.time_limit_s < base::infinity && searching > 0.0)
            per_customer = static_cast<double>(watch_.now().iterations) / searching * rule.time_limit_s / (n * rounds_wanted);
        const auto quota = static_cast<std::int64_t>(std::clamp(per_customer, fewest, most) * n);
        return std::min(quota, rule.max_iterations - watch_.now().iterations);
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
        const std::int64_t quota = round_quota();
        std::vector<Region> regions;
        std::vector<std::int32_t> region_of(static_cast<std::size_t>(problem_.size()), -1);
        std::int64_t customers = 0, given = 0;
        const auto stops = static_cast<std::int32_t>(static_cast<std::size_t>(problem_.customers()) / std::max<std::size_t>(1, now_.routes.size()));
        const std::int32_t size = std::clamp(routes_in_region * stops, smallest_region, largest_region);
        for (auto& routes : partition(problem_, now_, size, random_)) {
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
        if (customers.empty()) return;
        const Problem part = problem_.restricted_to(customers, region.fleet);
        const Renumbering numbers(std::move(customers), depots);
        Trajectory<F> trajectory(part, region.seed);
        trajectory.begin(start);
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
        region.now = numbers.to_whole(trajectory.current());
        region.best = numbers.to_whole(trajectory.best());
        region.improvements = trajectory.improvements();
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
