#include "routing/bound.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/kd_tree.hpp"

namespace netdesign::routing {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

std::vector<const VehicleType*> types_in_use(const Problem& p) {
    std::vector<const VehicleType*> types;
    for (const VehicleType& type : p.fleet())
        if (type.count > 0) types.push_back(&type);
    return types;
}

// -- fleet ----------------------------------------------------------------------------------------------------

/// Fewest vehicles, the largest first, whose capacities in one dimension add up to the demand.
std::int64_t least_by_volume(const std::vector<const VehicleType*>& types, std::size_t k, std::int64_t demand) {
    std::vector<std::pair<std::int64_t, std::int64_t>> sizes;
    for (const VehicleType* type : types) sizes.emplace_back(type->capacity[k], type->count);
    std::sort(sizes.rbegin(), sizes.rend());
    std::int64_t routes = 0;
    for (const auto& [capacity, count] : sizes) {
        if (demand <= 0 || capacity <= 0) break;
        const std::int64_t used = std::min(count, (demand + capacity - 1) / capacity);
        routes += used;
        demand -= used * capacity;
    }
    return routes;
}

/// Bound L2 of Martello and Toth (Lower bounds and reduction procedures for the bin packing problem, 1990): for every
/// threshold, loads above half a vehicle are alone or share with small ones. O(n log n).
std::int64_t least_by_packing(std::vector<std::int64_t> loads, std::int64_t capacity) {
    std::sort(loads.rbegin(), loads.rend());
    std::vector<std::int64_t> upto(loads.size() + 1, 0);
    std::partial_sum(loads.begin(), loads.end(), upto.begin() + 1);
    const auto above = [&](std::int64_t limit) {  // how many are larger than the limit
        return static_cast<std::size_t>(std::partition_point(loads.begin(), loads.end(), [limit](std::int64_t q) { return q > limit; }) - loads.begin());
    };
    const std::size_t halves = above(capacity / 2);  // more than half: no two of them together
    std::int64_t best = static_cast<std::int64_t>(halves);
    for (std::size_t last = halves; last < loads.size(); ++last) {
        if (last + 1 < loads.size() && loads[last + 1] == loads[last]) continue;
        const std::size_t alone = std::min(above(capacity - loads[last]), halves);
        const std::int64_t sharing = static_cast<std::int64_t>(halves - alone);
        const std::int64_t room = sharing * capacity - (upto[halves] - upto[alone]);
        const std::int64_t rest = std::max<std::int64_t>(0, upto[last + 1] - upto[halves] - room);
        best = std::max(best, static_cast<std::int64_t>(halves) + (rest + capacity - 1) / capacity);
    }
    return best;
}

/// Cheapest way to buy capacity for the demand, vehicles cut at will: a linear program with one row.
double cheapest_volume(const std::vector<const VehicleType*>& types, std::size_t k, double demand) {
    std::vector<const VehicleType*> order;
    for (const VehicleType* type : types)
        if (type->capacity[k] > 0) order.push_back(type);
    const auto price = [k](const VehicleType* type) { return fixed_money(*type) / type->capacity[k]; };
    std::sort(order.begin(), order.end(), [&](const auto* a, const auto* b) { return price(a) < price(b); });
    double cost = 0.0;
    for (const VehicleType* type : order) {
        const double used = std::min<double>(type->count, demand / type->capacity[k]);
        cost += used * fixed_money(*type);
        demand -= used * type->capacity[k];
        if (demand <= 0) break;
    }
    return cost;
}

double total_demand(const Problem& p, std::size_t k) {
    double sum = 0.0;
    for (Location c = p.first_customer(); c < p.size(); ++c) sum += p.demand(c)[k];
    return sum;
}

// -- nearest customers ----------------------------------------------------------------------------------------

/// The cheapest arcs between a customer and other customers: one in, one out, and an in and an out that lead to
/// different ones.
struct Nearest {
    double in = 0.0, out = 0.0, pair = 0.0;
};

/// The two smallest values seen, the first with its name.
struct TwoSmallest {
    double first = infinity, second = infinity;
    Location name = anywhere;

    void see(double value, Location from) noexcept {
        if (value < first)
            second = first, first = value, name = from;
        else if (value < second)
            second = value;
    }
};

Nearest nearest_of(const TwoSmallest& in, const TwoSmallest& out) {
    const double pair = in.name != out.name ? in.first + out.first : std::min(in.first + out.second, in.second + out.first);
    return {in.first, out.first, pair};
}

struct Arcs {
    std::vector<Nearest> cost, time;  ///< by location; `time` only where it costs money
};

template <std::size_t D>
std::array<double, D> point(const Problem& p, Location i) {
    std::array<double, D> x;
    std::copy_n(p.travel().points().data() + static_cast<std::ptrdiff_t>(D) * i, D, x.begin());
    return x;
}

template <std::size_t D>
base::KdTree<D> tree_of_customers(const Problem& p) {
    std::vector<std::array<double, D>> points;
    std::vector<std::int32_t> names;
    for (Location i = p.first_customer(); i < p.size(); ++i) points.push_back(point<D>(p, i)), names.push_back(i);
    return {std::move(points), std::move(names)};
}

/// Three nearest instead of two, since distances that are equal up to rounding come in any order.
template <std::size_t D>
Arcs nearest_by_tree(const Problem& p) {
    const auto tree = tree_of_customers<D>(p);
    Arcs arcs;
    arcs.cost.resize(static_cast<std::size_t>(p.size()));
    if (p.pays_time()) arcs.time.resize(arcs.cost.size());
    std::vector<std::pair<double, std::int32_t>> found;
    for (Location c = p.first_customer(); c < p.size(); ++c) {
        tree.nearest(point<D>(p, c), 4, found);
        TwoSmallest cost, time;
        for (const auto& [distance, j] : found) {
            if (j == c) continue;
            cost.see(p.travel().cost(c, j), j);
            if (p.pays_time()) time.see(p.travel().duration(c, j), j);
        }
        arcs.cost[static_cast<std::size_t>(c)] = nearest_of(cost, cost);
        if (p.pays_time()) arcs.time[static_cast<std::size_t>(c)] = nearest_of(time, time);
    }
    return arcs;
}

/// The listed arcs, and of all others the nearest by points: more and more of them, until those that are farther cannot be
/// cheaper. O(n log n) where what is listed costs about what the points say.
template <std::size_t D, typename Value>
std::vector<Nearest> nearest_beside_lists(const Problem& p, const base::KdTree<D>& tree, Value value, Value by_points) {
    const Travel& travel = p.travel();
    const auto n = static_cast<std::size_t>(p.size());
    std::vector<TwoSmallest> in(n), out(n);
    for (Location i = p.first_customer(); i < p.size(); ++i)
        for (const Location j : travel.listed(i)) {
            if (j < p.first_customer()) continue;
            const double v = (travel.*value)(i, j);
            out[static_cast<std::size_t>(i)].see(v, j);
            in[static_cast<std::size_t>(j)].see(v, i);
        }
    std::vector<Nearest> nearest(n);
    std::vector<std::pair<double, std::int32_t>> found;
    for (Location c = p.first_customer(); c < p.size(); ++c)
        for (std::size_t wanted = 8;; wanted *= 2) {
            TwoSmallest into = in[static_cast<std::size_t>(c)], from = out[static_cast<std::size_t>(c)];
            tree.nearest(point<D>(p, c), wanted, found);
            for (const auto& [distance, j] : found) {
                if (j == c) continue;
                const double v = (travel.*by_points)(c, j);
                if (!travel.is_listed(c, j)) from.see(v, j);
                if (!travel.is_listed(j, c)) into.see(v, j);
            }
            nearest[static_cast<std::size_t>(c)] = nearest_of(into, from);
            // By more than the last digit, which may come out either way where distances are equal.
            const double most = std::max(into.second, from.second);
            if (most == 0 || found.size() < wanted || (travel.*by_points)(c, found.back().second) > most) break;
        }
    return nearest;
}

template <std::size_t D>
Arcs nearest_beside_lists(const Problem& p) {
    const auto tree = tree_of_customers<D>(p);
    Arcs arcs;
    arcs.cost = nearest_beside_lists(p, tree, &Travel::cost, &Travel::cost_by_points);
    if (p.pays_time()) arcs.time = nearest_beside_lists(p, tree, &Travel::duration, &Travel::duration_by_points);
    return arcs;
}

/// One pass over a matrix, row by row.
template <typename Value>
std::vector<Nearest> nearest_by_scan(const Problem& p, Value value) {
    const auto n = static_cast<std::size_t>(p.size());
    std::vector<TwoSmallest> in(n), out(n);
    for (Location i = p.first_customer(); i < p.size(); ++i)
        for (Location j = p.first_customer(); j < p.size(); ++j) {
            if (i == j) continue;
            const double v = value(i, j);
            out[static_cast<std::size_t>(i)].see(v, j);
            in[static_cast<std::size_t>(j)].see(v, i);
        }
    std::vector<Nearest> nearest(n);
    for (std::size_t i = 0; i < n; ++i) nearest[i] = nearest_of(in[i], out[i]);
    return nearest;
}

/// Neighbour lists of untimed problems with points begin with the cheapest arcs.
Arcs nearest_by_lists(const Problem& p) {
    Arcs arcs;
    arcs.cost.resize(static_cast<std::size_t>(p.size()));
    for (Location c = p.first_customer(); c < p.size(); ++c) {
        TwoSmallest cost;
        for (const Location j : p.neighbours(c).first(2)) cost.see(p.travel().cost(c, j), j);
        arcs.cost[static_cast<std::size_t>(c)] = nearest_of(cost, cost);
    }
    return arcs;
}

Arcs nearest_customers(const Problem& p) {
    if (p.travel().has_lists()) return p.travel().dimensions() == 2 ? nearest_beside_lists<2>(p) : nearest_beside_lists<3>(p);
    if (p.travel().has_points()) {
        const bool lists = !p.timed() && !p.pays_time() && p.neighbours(p.first_customer()).size() >= 2;
        return lists ? nearest_by_lists(p) : p.travel().dimensions() == 2 ? nearest_by_tree<2>(p) : nearest_by_tree<3>(p);
    }
    Arcs arcs;
    arcs.cost = nearest_by_scan(p, [&](Location i, Location j) { return p.travel().cost(i, j); });
    if (p.pays_time()) arcs.time = nearest_by_scan(p, [&](Location i, Location j) { return p.travel().duration(i, j); });
    return arcs;
}

/// In money of a type: at the cheapest arc by distance and the cheapest by time, though they may differ.
Nearest in_money(const Arcs& arcs, const VehicleType& type, Location c) {
    const auto rate = static_cast<double>(type.distance_rate), time_rate = static_cast<double>(type.time_rate);
    const Nearest& d = arcs.cost[static_cast<std::size_t>(c)];
    if (type.time_rate == 0) return {rate * d.in, rate * d.out, rate * d.pair};
    const Nearest& t = arcs.time[static_cast<std::size_t>(c)];
    return {rate * d.in + time_rate * t.in, rate * d.out + time_rate * t.out, rate * d.pair + time_rate * t.pair};
}

// -- degree bound ---------------------------------------------------------------------------------------------

/// Least cost that rests on a customer with 0, 1 or 2 arcs of depots.
std::array<double, 3> costs_by_ends(const Problem& p, const Arcs& arcs, const std::vector<const VehicleType*>& types, Location c, bool fixed) {
    std::array<double, 3> least{infinity, infinity, infinity};
    for (const VehicleType* type : types) {
        if (!can_carry(p, *type, c)) continue;
        const double half = fixed ? fixed_money(*type) / 2 : 0.0;
        const double from = half + arc_money(p, *type, type->start, c), to = half + arc_money(p, *type, c, type->end);
        std::array<double, 3> cost{infinity, infinity, from + to};
        if (p.customers() > 1) {
            const Nearest near = in_money(arcs, *type, c);
            cost[1] = std::min(from + near.out / 2, near.in / 2 + to);
            if (p.customers() > 2) cost[0] = near.pair / 2;
        }
        for (std::size_t e = 0; e < 3; ++e) least[e] = std::min(least[e], cost[e]);
    }
    // Where a number of ends is impossible, any value does that is not above the truth.
    for (const std::size_t e : {1, 0})
        if (least[e] == infinity) least[e] = least[e + 1];
    return least;
}

/// At least 2 * routes of the customers' arcs go to depots. The convex hull of each customer's three costs makes the
/// cheapest choice greedy. O(n).
double degree_bound(const Problem& p, const Arcs& arcs, const std::vector<const VehicleType*>& types, std::int32_t routes, bool fixed) {
    double sum = 0.0;
    std::vector<double> steps;
    for (Location c = p.first_customer(); c < p.size(); ++c) {
        const auto cost = costs_by_ends(p, arcs, types, c, fixed);
        if (cost[0] == infinity) continue;  // nobody can carry it
        double first = cost[1] - cost[0], second = cost[2] - cost[1];
        if (second < first) first = second = (first + second) / 2;
        sum += cost[0];
        steps.push_back(first);
        steps.push_back(second);
    }
    const std::size_t least = std::min(steps.size(), 2 * static_cast<std::size_t>(routes));
    std::nth_element(steps.begin(), steps.begin() + static_cast<std::ptrdiff_t>(least), steps.end());
    for (std::size_t k = 0; k < steps.size(); ++k) sum += k < least ? steps[k] : std::min(steps[k], 0.0);
    return sum;
}

// -- radial bound ---------------------------------------------------------------------------------------------

/// Shortest ways in money from a depot to everybody (or from everybody to it). O(n^2).
std::vector<double> shortest_ways(const Problem& p, const VehicleType& type, Location source, bool forward) {
    const auto n = static_cast<std::size_t>(p.size());
    std::vector<double> way(n, infinity);
    std::vector<Location> open;
    for (Location c = p.first_customer(); c < p.size(); ++c) {
        way[static_cast<std::size_t>(c)] = forward ? arc_money(p, type, source, c) : arc_money(p, type, c, source);
        open.push_back(c);
    }
    while (!open.empty()) {
        std::size_t nearest = 0;
        for (std::size_t k = 1; k < open.size(); ++k)
            if (way[static_cast<std::size_t>(open[k])] < way[static_cast<std::size_t>(open[nearest])]) nearest = k;
        const Location i = open[nearest];
        open[nearest] = open.back();
        open.pop_back();
        for (const Location j : open) {
            double& at = way[static_cast<std::size_t>(j)];
            at = std::min(at, way[static_cast<std::size_t>(i)] + (forward ? arc_money(p, type, i, j) : arc_money(p, type, j, i)));
        }
    }
    return way;
}

/// Ways of one type between its depots and every customer: none longer than a route that passes there.
class Ways {
public:
    /// `exact`: by shortest ways; else by the distance of the points, which rounding may have shortened arc by arc, and
    /// lists by a share of it: the distance times that share keeps the triangle inequality and is below every arc.
    Ways(const Problem& p, const VehicleType& type, bool exact) : problem_(p), type_(type) {
        open_ = type.end == anywhere;
        closed_ = p.symmetric() && type.start == type.end;
        if (exact) {
            from_ = shortest_ways(p, type, type.start, true);
            if (!open_ && !closed_) to_ = shortest_ways(p, type, type.end, false);
            return;
        }
        const Scaling& s = p.travel().scaling();
        const auto rate = static_cast<double>(type.distance_rate), time_rate = static_cast<double>(type.time_rate);
        const double lost = s.rounding == Rounding::floor ? 1.0 : s.rounding == Rounding::nearest ? 0.5 : 0.0;
        const bool whole = s.cost_rate == 1.0 && s.rounding != Rounding::none;
        slack_ = rate * (lost * s.cost_rate + (whole ? 0.0 : 0.5)) + time_rate * (lost * s.time_rate + 1e-6);
        const double cost_rate = s.cost_rate * p.travel().least_cost_share(), duration_rate = s.time_rate * p.travel().least_duration_share();
        scale_ = s.rounding_factor * (rate * cost_rate + time_rate * duration_rate) * (1 - 1e-12);
    }
    [[nodiscard]] double from(Location c) const {
        return from_.empty() ? scale_ * problem_.travel().metric(type_.start, c) : from_[static_cast<std::size_t>(c)];
    }
    [[nodiscard]] double to(Location c) const {
        if (open_) return 0.0;
        if (closed_) return from(c);
        return to_.empty() ? scale_ * problem_.travel().metric(c, type_.end) : to_[static_cast<std::size_t>(c)];
    }
    /// An arc is at most this much shorter than the difference of the ways to its ends.
    [[nodiscard]] double slack() const noexcept { return slack_; }
    [[nodiscard]] bool open() const noexcept { return open_; }
    [[nodiscard]] bool closed() const noexcept { return closed_; }

private:
    const Problem& problem_;
    const VehicleType& type_;
    bool open_ = false, closed_ = false;
    double slack_ = 0.0, scale_ = 1.0;
    std::vector<double> from_, to_;  ///< by location; empty where computed
};

/// What a customer carries of any route of a type, given a radius.
///
/// Let r be the way from the depot, s the radius and the outside of an arc of length a from i to j
/// min(a, max(r_i - s, 0) + max(r_j - s, 0)), the rest of it the inside. By the triangle inequality the insides of a
/// route that comes as far as r add up to 2 * min(r, s); of an outside either end of the arc takes its part, at least
/// min(a / 2, max(r - s, 0)). A route with an open end has insides of min(r, s), and the end of an arc takes all of the
/// outside, min(a, max(r - s, 0)). Where arcs are directed or a route ends elsewhere, the whole way is inside.
class Share {
public:
    Share(const Problem& p, const VehicleType& type, std::size_t k, bool exact) : type_(&type), ways_(p, type, exact), capacity_(type.capacity[k]) {
        // A route has one arc more than customers: its slack comes off the fixed cost, or else off each of them.
        const double fixed = fixed_money(type), slack = ways_.slack();
        fixed_ = std::max(0.0, fixed - slack);
        off_ = slack + std::max(0.0, slack - fixed);
    }
    [[nodiscard]] const VehicleType& type() const noexcept { return *type_; }

    /// Where a share of this type is smaller than what is there, it takes its place.
    void lower(Location c, double demand, const Nearest& near, std::span<const double> radii, std::span<double> least) const {
        const double load = capacity_ > 0 ? demand / capacity_ : 0.0, from = ways_.from(c);
        const double fixed = load * fixed_ - off_, whole = fixed + load * (from + ways_.to(c));
        for (std::size_t k = 0; k < radii.size(); ++k) {
            const double inside = std::min(from, radii[k]), outside = from - inside;
            const double share = ways_.closed() ? fixed + load * 2 * inside + std::min(near.pair / 2, std::min(near.in / 2, outside) + outside)
                                 : ways_.open() ? fixed + load * inside + std::min(near.in, outside)
                                                : whole;
            least[k] = std::min(least[k], share);
        }
    }

private:
    const VehicleType* type_;
    Ways ways_;
    double capacity_ = 0.0, fixed_ = 0.0, off_ = 0.0;
};

/// Radii to try: spread over the ways of a sample of the customers, and one beyond them all.
std::vector<double> sample_radii(const Problem& p, const VehicleType& type) {
    std::vector<double> ways;
    const std::int32_t stride = std::max(1, p.customers() / 1000);
    for (Location c = p.first_customer(); c < p.size(); c += stride) ways.push_back(arc_money(p, type, type.start, c));
    std::sort(ways.begin(), ways.end());
    std::vector<double> radii{0.0, infinity};
    constexpr std::size_t steps = 24;
    for (std::size_t k = 0; k < steps; ++k) radii.push_back(ways[k * ways.size() / steps]);
    return radii;
}

/// The shares of all customers in one dimension of load, over all types.
class Radial {
public:
    Radial(const Problem& p, const Arcs& arcs, const std::vector<const VehicleType*>& types, std::size_t k) : problem_(p), arcs_(arcs), dimension_(k) {
        const double work = static_cast<double>(types.size()) * p.size() * p.size();
        const bool exact = work <= (p.travel().has_points() ? 3e7 : 2e8);
        if (!exact && !p.travel().has_points()) return;
        for (const VehicleType* type : types) shares_.emplace_back(p, *type, k, exact);
        radii_ = sample_radii(p, *types.front());
    }

    /// The best bound over the radii; O(customers * types * radii).
    double bound() {
        if (radii_.empty()) return 0.0;
        std::vector<double> sums(radii_.size(), 0.0), least(radii_.size());
        for (Location c = problem_.first_customer(); c < problem_.size(); ++c) {
            of(c, radii_, least);
            for (std::size_t r = 0; r < radii_.size(); ++r) sums[r] += least[r];
        }
        const auto best = std::max_element(sums.begin(), sums.end());
        best_radius_ = radii_[static_cast<std::size_t>(best - sums.begin())];
        return *best;
    }
    /// By customer, at the radius of the best bound.
    [[nodiscard]] std::vector<double> shares() const {
        std::vector<double> shares;
        for (Location c = problem_.first_customer(); c < problem_.size(); ++c) {
            double least = 0.0;
            of(c, {&best_radius_, 1}, {&least, 1});
            shares.push_back(least);
        }
        return shares;
    }

private:
    void of(Location c, std::span<const double> radii, std::span<double> least) const {
        std::fill(least.begin(), least.end(), infinity);
        for (const Share& share : shares_)
            if (can_carry(problem_, share.type(), c)) share.lower(c, problem_.demand(c)[dimension_], in_money(arcs_, share.type(), c), radii, least);
        for (double& share : least)
            if (share == infinity) share = 0.0;  // nobody can carry it
    }

    const Problem& problem_;
    const Arcs& arcs_;
    std::size_t dimension_;
    std::vector<Share> shares_;
    std::vector<double> radii_;
    double best_radius_ = infinity;
};

}  // namespace

std::int32_t least_routes(const Problem& p) {
    const auto types = types_in_use(p);
    std::int64_t most = types.empty() || p.customers() == 0 ? 0 : 1;
    for (std::size_t k = 0; k < static_cast<std::size_t>(p.dimensions()) && most > 0; ++k) {
        std::int64_t largest = 0;
        for (const VehicleType* type : types) largest = std::max<std::int64_t>(largest, type->capacity[k]);
        std::vector<std::int64_t> loads;
        for (Location c = p.first_customer(); c < p.size(); ++c)
            if (p.demand(c)[k] > 0 && p.demand(c)[k] <= largest) loads.push_back(p.demand(c)[k]);
        most = std::max(most, least_by_volume(types, k, std::accumulate(loads.begin(), loads.end(), std::int64_t{0})));
        if (!loads.empty()) most = std::max(most, least_by_packing(std::move(loads), largest));
    }
    return static_cast<std::int32_t>(std::min<std::int64_t>({most, p.customers(), p.max_routes()}));
}

double least_fixed_cost(const Problem& p, std::int32_t routes) {
    const auto types = types_in_use(p);
    double most = 0.0;
    for (std::size_t k = 0; k < static_cast<std::size_t>(p.dimensions()); ++k) most = std::max(most, cheapest_volume(types, k, total_demand(p, k)));
    std::vector<std::pair<double, std::int32_t>> prices;
    for (const VehicleType* type : types) prices.emplace_back(fixed_money(*type), type->count);
    std::sort(prices.begin(), prices.end());
    double cheapest = 0.0;
    for (const auto& [price, count] : prices) {
        cheapest += price * std::min(routes, count);
        routes -= std::min(routes, count);
    }
    return std::max(most, cheapest);
}

double rounded_up(double bound) noexcept { return std::max(0.0, std::ceil(bound - 1e-9 * std::abs(bound) - 1e-6)); }

double lower_bound(const Problem& p) {
    const auto types = types_in_use(p);
    if (types.empty() || p.customers() == 0) return 0.0;
    const std::int32_t routes = least_routes(p);
    const double fixed = least_fixed_cost(p, routes);
    const Arcs arcs = nearest_customers(p);
    double best = degree_bound(p, arcs, types, routes, true);
    if (fixed > 0) best = std::max(best, fixed + degree_bound(p, arcs, types, routes, false));
    for (std::size_t k = 0; k < static_cast<std::size_t>(p.dimensions()); ++k) best = std::max(best, Radial(p, arcs, types, k).bound());
    return rounded_up(best);
}

std::vector<double> customer_shares(const Problem& p) {
    const auto types = types_in_use(p);
    std::vector<double> shares(static_cast<std::size_t>(p.customers()), 0.0);
    if (types.empty() || p.customers() == 0) return shares;
    const Arcs arcs = nearest_customers(p);
    double best = 0.0;
    for (std::size_t k = 0; k < static_cast<std::size_t>(p.dimensions()); ++k) {
        Radial radial(p, arcs, types, k);
        if (const double bound = radial.bound(); bound > best) best = bound, shares = radial.shares();
    }
    return shares;
}

}  // namespace netdesign::routing
