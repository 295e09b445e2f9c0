#include "routing/state.hpp"

#include <algorithm>

namespace netdesign::routing {

template <typename F>
State<F>::State(const Problem& problem)
    : problem_(&problem),
      demand_(index(problem.size())),
      visits_(index(problem.size())),
      routes_(index(problem.max_routes())),
      slots_(index(problem.max_routes())) {
    const auto as_load = [](std::span<const std::int32_t> amounts) {
        LoadType load;
        for (std::size_t k = 0; k < amounts.size(); ++k) load.amount[k] = amounts[k];
        return load;
    };
    for (Location c = 0; c < problem.size(); ++c) demand_[index(c)] = as_load(problem.demand(c));
    RouteIndex slot = 0;
    for (const VehicleType& type : problem.fleet()) {
        const auto t = types();
        capacity_.push_back(as_load(type.capacity));
        rates_.push_back({type.distance_rate, type.time_rate, type.fixed_cost / 2, type.max_distance, type.max_duration, type.start, type.end, {0, type.earliest, type.latest}});
        empty_.emplace_back();
        for (RouteIndex r = slot + type.count - 1; r >= slot; --r) {
            slots_[index(r)] = {{}, capacity_.back(), t, 0};
            routes_[index(r)].listed = true;
            routes_[index(r)].settled = all_settled;
            empty_.back().push_back(r);
        }
        slot += type.count;
        for (Location c = problem.first_customer(); c < problem.size(); ++c) {
            Change<F> there_and_back;
            add_arc(there_and_back, type.start, c);
            add_arc(there_and_back, c, type.end);
            penalty_ = std::max(penalty_, 4 * price_on(t, there_and_back));
        }
    }
    penalty_ = std::max<Total>(penalty_, 1);
    pressure_ = std::max<Total>(penalty_ / 64, 1);
    find_stand_ins();
    for (Location c = problem.first_customer(); c < problem.size(); ++c) leave_unserved(c);
}

template <typename F>
void State<F>::find_stand_ins() {
    const auto fleet = problem_->fleet();
    stand_ins_.resize(fleet.size());
    for (std::size_t t = 0; t < fleet.size(); ++t)
        for (std::size_t u = 0; u < fleet.size(); ++u) {
            const VehicleType &one = fleet[t], &other = fleet[u];
            const bool same_day = one.start == other.start && one.end == other.end && one.earliest == other.earliest && one.latest == other.latest;
            if (t != u && same_day && one.max_distance <= other.max_distance && one.max_duration <= other.max_duration)
                stand_ins_[t].push_back(static_cast<std::int32_t>(u)), swaps_vehicles_ = true;
        }
}

template <typename F>
RouteIndex State<F>::empty_route(std::int32_t type) {
    auto& empty = empty_[index(type)];
    while (!empty.empty()) {
        const RouteIndex r = empty.back();
        if (routes_[index(r)].visits.empty()) return r;
        routes_[index(r)].listed = false;
        empty.pop_back();
    }
    return nowhere;
}

template <typename F>
void State<F>::count_change(RouteIndex r, bool was_empty) {
    auto& route = routes_[index(r)];
    if (was_empty == route.visits.empty()) return;
    if (was_empty) {
        route.place_in_used = used_routes();
        used_.push_back(r);
        return;
    }
    used_[index(route.place_in_used)] = used_.back();
    routes_[index(used_.back())].place_in_used = route.place_in_used;
    used_.pop_back();
    if (!route.listed) {
        route.listed = true;
        empty_[index(type_of(r))].push_back(r);
    }
}

// -- the journal ----------------------------------------------------------------------------------------------

template <typename F>
void State<F>::save(RouteIndex r) {
    auto& route = routes_[index(r)];
    if (route.stamp == stamp_) return;
    route.stamp = stamp_;
    if (touched_count_ == touched_.size()) {
        touched_.push_back(r);
        journal_.emplace_back();
    }
    touched_[touched_count_] = r;
    Saved& saved = journal_[touched_count_++];
    saved.route = r;
    saved.visits.assign(route.visits.begin(), route.visits.end());
    saved.arcs.assign(route.arcs.begin(), route.arcs.end());
    saved.load = load(r);
    saved.late = slots_[index(r)].late;
    saved.total = route.total;
}

template <typename F>
void State<F>::begin() {
    ++stamp_;
    touched_count_ = 0;
    log_.clear();
    bulk_ = resettled_ = false;
    saved_cost_ = cost_;
    saved_unserved_ = unserved_;
}

template <typename F>
void State<F>::rollback() {
    for (std::size_t k = 0; k < touched_count_; ++k) {
        Saved& saved = journal_[k];
        auto& route = routes_[index(saved.route)];
        const bool was_empty = route.visits.empty();
        route.visits.swap(saved.visits);
        route.arcs.swap(saved.arcs);
        set_load(saved.route, saved.load);
        set_lateness(saved.route, saved.late);
        route.total = saved.total;
        route.stamp = 0;
        count_change(saved.route, was_empty);
    }
    if (!bulk_)
        for (auto entry = log_.rbegin(); entry != log_.rend(); ++entry) visits_[index(entry->customer)] = entry->visit;
    for (std::size_t k = 0; k < touched_count_; ++k) {
        const RouteIndex r = journal_[k].route;
        if (bulk_) {
            refresh(r, 0);
            continue;
        }
        if (resettled_) {
            routes_[index(r)].settled = 0;
            settle(r);
        }
        routes_[index(r)].settled = all_settled;
        if constexpr (F::timed) refresh_times(r);
    }
    for (const Location c : saved_unserved_) visits_[index(c)].route = nowhere;
    unserved_ = saved_unserved_;
    cost_ = saved_cost_;
    touched_count_ = 0;
}

// -- caches ---------------------------------------------------------------------------------------------------

template <typename F>
void State<F>::link(Location a, Location b) {
    if (!is_depot(a) && visits_[index(a)].after != b) {
        visits_[index(a)].after = b;
        visits_[index(a)].arc_after = arc(a, b);
    }
    if (!is_depot(b) && visits_[index(b)].before != a) {
        visits_[index(b)].before = a;
        visits_[index(b)].arc_before = arc(a, b);
    }
}

template <typename F>
void State<F>::settle(RouteIndex r) {
    auto& route = routes_[index(r)];
    if (route.settled == all_settled) return;
    resettled_ = true;
    LoadType load = load_upto(r, route.settled - 1);
    const auto size = static_cast<std::int32_t>(route.visits.size());
    for (std::int32_t p = route.settled; p < size; ++p) {
        Visit& visit = visits_[index(route.visits[index(p)])];
        load += demand_[index(route.visits[index(p)])];
        visit.load_upto = load;
        visit.position = p;
    }
    route.settled = all_settled;
}

template <typename F>
void State<F>::settle() {
    for (const RouteIndex r : touched()) settle(r);
}

/// Everything from a position on, after a bulk edit; what stands before it is settled.
template <typename F>
void State<F>::refresh(RouteIndex r, std::int32_t from) {
    bulk_ = true;
    auto& route = routes_[index(r)];
    const auto size = static_cast<std::int32_t>(route.visits.size());
    LoadType load = load_upto(r, from - 1);
    Location before = at(r, from - 1);
    route.arcs.resize(index(size) + 1);
    for (std::int32_t p = from; p < size; ++p) {
        const Location c = route.visits[index(p)];
        Visit& visit = visits_[index(c)];
        load += demand_[index(c)];
        visit.load_upto = load;
        link(before, c);
        route.arcs[index(p)] = visit.arc_before;
        visit.route = r;
        visit.position = p;
        before = c;
    }
    link(before, end(r));
    if (size > 0) route.arcs.back() = visits_[index(before)].arc_after;
    set_load(r, load);
    route.settled = all_settled;
    refresh_total(r);
    if constexpr (F::timed) refresh_times(r);
}

template <typename F>
void State<F>::refresh_total(RouteIndex r) {
    if constexpr (F::rich) {
        auto& route = routes_[index(r)];
        route.total = {};
        Location before = start(r);
        for (const Location c : route.visits) add_arc(route.total, before, c), before = c;
        add_arc(route.total, before, end(r));
    }
}

/// Times up to c; false where nothing changed.
template <typename F>
bool State<F>::set_early(RouteIndex r, Location before, Location c) {
    if constexpr (F::timed) {
        auto& time = visits_[index(c)].time;
        Clock<F> now = clock(r, before);
        // Where lateness is forbidden, it is there only for a moment, between two removals or where a shortcut is longer: the caller sees to it.
        static_cast<void>(advance(now, before, c));
        if constexpr (F::rich) {
            const bool changed = !(time.upto == now);
            time.upto = now;
            return changed;
        } else {
            const bool changed = time.early != now;
            time.early = now;
            return changed;
        }
    }
    return false;
}

/// Times from c on; false where nothing changed.
template <typename F>
bool State<F>::set_late(RouteIndex r, Location c, Location next) {
    if constexpr (F::timed) {
        auto& time = visits_[index(c)].time;
        if constexpr (F::rich) {
            Span rest{0, problem_->earliest(c), problem_->latest(c)};
            rest.append(is_depot(next) ? shift(r) : visits_[index(next)].time.from, way(c, next));
            const bool changed = !(time.from == rest);
            time.from = rest;
            return changed;
        } else {
            const Time from_next = next == depot ? problem_->latest(depot) : visits_[index(next)].time.late;
            const Time late = std::min(problem_->latest(c), from_next - problem_->duration(c, next));
            const bool changed = time.late != late;
            time.late = late;
            return changed;
        }
    }
    return false;
}

template <typename F>
void State<F>::refresh_times(RouteIndex r) {
    const auto& visits = routes_[index(r)].visits;
    Location before = start(r), next = end(r);
    for (const Location c : visits) set_early(r, before, c), before = c;
    for (auto it = visits.rbegin(); it != visits.rend(); ++it) set_late(r, *it, next), next = *it;
    refresh_lateness(r);
}

template <typename F>
void State<F>::refresh_lateness(RouteIndex r) {
    if constexpr (F::timed && F::rich) set_lateness(r, length(r) == 0 ? 0 : lateness_by(r, shift(r), start(r), at(r, 0)));
}

/// Times on either side of a position whose visit is new, or before which something is gone: as far as they change.
template <typename F>
void State<F>::refresh_times_around(RouteIndex r, std::int32_t position) {
    const std::int32_t size = length(r);
    for (std::int32_t p = position; p < size; ++p)
        if (!set_early(r, at(r, p - 1), at(r, p)) && p > position) break;
    for (std::int32_t p = std::min(position, size - 1); p >= 0; --p)
        if (!set_late(r, at(r, p), at(r, p + 1)) && p < position - 1) break;
    refresh_lateness(r);
}

// -- light edits ----------------------------------------------------------------------------------------------

/// Position of a customer: near the one noted, since light edits shift it by few places.
template <typename F>
std::int32_t State<F>::locate(RouteIndex r, Location c) const noexcept {
    const auto& visits = routes_[index(r)].visits;
    const std::int32_t noted = visits_[index(c)].position, size = static_cast<std::int32_t>(visits.size());
    for (std::int32_t off = 0;; ++off) {
        if (noted + off < size && visits[index(noted + off)] == c) return noted + off;
        if (noted >= off && noted - off < size && visits[index(noted - off)] == c) return noted - off;
    }
}

template <typename F>
void State<F>::remove(RouteIndex r, std::int32_t first, std::int32_t count) {
    save(r);
    auto& visits = routes_[index(r)].visits;
    const Location from = at(r, first - 1), to = at(r, first + count);
    Change<F> change;
    LoadType left = load(r);
    add_arc(change, from, to);
    Location previous = from;
    for (std::int32_t p = first; p < first + count; ++p) {
        const Location c = visits[index(p)];
        drop_arc(change, previous, c);
        log(c);
        visits_[index(c)].route = nowhere;
        left -= demand_[index(c)];
        previous = c;
    }
    drop_arc(change, previous, to);
    cost_ += price(r, change) + overload_change(r, left) - lateness_paid(r);
    set_load(r, left);
    apply_change(r, change);
    if (!is_depot(from)) log(from);
    if (!is_depot(to)) log(to);
    link(from, to);
    visits.erase(visits.begin() + first, visits.begin() + first + count);
    auto& arcs = routes_[index(r)].arcs;
    arcs.erase(arcs.begin() + first, arcs.begin() + first + count);
    arcs[index(first)] = arc(from, to);
    count_change(r, false);
    unsettle(r, first);
    if constexpr (F::timed) refresh_times_around(r, first);
    cost_ += lateness_paid(r);
}

template <typename F>
void State<F>::insert(Location c, RouteIndex r, Location behind) {
    save(r);
    auto& visits = routes_[index(r)].visits;
    const bool was_empty = visits.empty();
    const std::int32_t position = is_depot(behind) ? 0 : locate(r, behind) + 1;
    const Location to = at(r, position);
    Change<F> change;
    add_arc(change, behind, c);
    add_arc(change, c, to);
    drop_arc(change, behind, to);
    cost_ += price(r, change) + overload_change(r, load(r) + demand(c)) - lateness_paid(r);
    set_load(r, load(r) + demand(c));
    apply_change(r, change);
    log(c);
    if (!is_depot(behind)) log(behind);
    if (!is_depot(to)) log(to);
    visits.insert(visits.begin() + position, c);
    link(behind, c);
    link(c, to);
    visits_[index(c)].route = r;
    visits_[index(c)].position = position;
    auto& arcs = routes_[index(r)].arcs;
    if (was_empty) arcs.resize(1);
    arcs[index(position)] = visits_[index(c)].arc_before;
    arcs.insert(arcs.begin() + position + 1, visits_[index(c)].arc_after);
    count_change(r, was_empty);
    unsettle(r, position);
    if constexpr (F::timed) refresh_times_around(r, position);
    cost_ += lateness_paid(r);
}

template <typename F>
void State<F>::leave_unserved(Location c) {
    visits_[index(c)].route = nowhere;
    unserved_.push_back(c);
    cost_ += penalty(c);
}

template <typename F>
void State<F>::set_prices(Total overload, Total lateness) {
    cost_ -= penalties_paid();
    overload_price_ = overload;
    lateness_price_ = F::timed && F::rich ? lateness : no_limit;
    cost_ += penalties_paid();
}

template <typename F>
Total State<F>::penalties_paid() const noexcept {
    Total sum = 0;
    if (!keeps_rules())
        for (const RouteIndex r : used_) sum += overload_cost(r, load(r)) + lateness_paid(r);
    return sum;
}

template <typename F>
void State<F>::press() {
    if (pressed_.empty()) pressed_.resize(index(problem_->size()));
    for (const Location c : unserved_) {
        ++pressed_[index(c)];
        cost_ += pressure_;
    }
}

template <typename F>
void State<F>::take_unserved(std::vector<Location>& out) {
    for (const Location c : unserved_) cost_ -= penalty(c);
    out.insert(out.end(), unserved_.begin(), unserved_.end());
    unserved_.clear();
}

// -- bulk edits -----------------------------------------------------------------------------------------------

template <typename F>
void State<F>::splice(RouteIndex r, std::int32_t first, std::int32_t count, std::span<const Location> incoming) {
    save(r);
    auto& visits = routes_[index(r)].visits;
    const bool was_empty = visits.empty();
    const auto begin = visits.begin() + first;
    const auto common = std::min(static_cast<std::ptrdiff_t>(incoming.size()), static_cast<std::ptrdiff_t>(count));
    std::copy_n(incoming.begin(), common, begin);
    if (static_cast<std::ptrdiff_t>(incoming.size()) > common)
        visits.insert(begin + common, incoming.begin() + common, incoming.end());
    else
        visits.erase(begin + common, begin + count);
    count_change(r, was_empty);
    refresh(r, first);
}

template <typename F>
void State<F>::reverse(RouteIndex r, std::int32_t first, std::int32_t last) {
    save(r);
    auto& visits = routes_[index(r)].visits;
    std::reverse(visits.begin() + first, visits.begin() + last + 1);
    refresh(r, first);
}

template <typename F>
void State<F>::swap_tails(RouteIndex a, std::int32_t first_a, RouteIndex b, std::int32_t first_b) {
    save(a);
    save(b);
    auto& va = routes_[index(a)].visits;
    auto& vb = routes_[index(b)].visits;
    const bool a_was_empty = va.empty(), b_was_empty = vb.empty();
    buffer_.assign(va.begin() + first_a, va.end());
    va.resize(index(first_a));
    va.insert(va.end(), vb.begin() + first_b, vb.end());
    vb.resize(index(first_b));
    vb.insert(vb.end(), buffer_.begin(), buffer_.end());
    count_change(a, a_was_empty);
    count_change(b, b_was_empty);
    refresh(a, first_a);
    refresh(b, first_b);
}

template <typename F>
void State<F>::change_vehicle(RouteIndex from, RouteIndex to) {
    save(from);
    save(to);
    routes_[index(from)].visits.swap(routes_[index(to)].visits);
    count_change(from, false);
    count_change(to, true);
    refresh(from, 0);
    refresh(to, 0);
}

// -- from scratch ---------------------------------------------------------------------------------------------

template <typename F>
Total State<F>::full_cost() const {
    Total total = 0;
    for (const Location c : unserved_) total += penalty(c);
    for (const RouteIndex r : used_) total += problem_->route_cost(type_of(r), route(r)) + overload_cost(r, load(r)) + lateness_paid(r);
    return total;
}

template <typename F>
bool State<F>::keeps_limits(RouteIndex r) const {
    if (!within_distance(r, {})) return false;
    if constexpr (F::timed) {
        Location previous = start(r);
        Clock<F> now = clock(r, previous);
        for (const Location c : route(r)) {
            if (!advance(now, previous, c)) return false;
            previous = c;
        }
        return route(r).empty() || lateness_cost(lateness_by(r, now, previous, end(r))) < no_limit;
    }
    return true;
}

template <typename F>
bool State<F>::consistent() const {
    if (full_cost() != cost_) return false;
    std::size_t visited = unserved_.size();
    Total excess = 0, lateness = 0;
    std::int32_t used = 0;
    for (RouteIndex r = 0; r < route_slots(); ++r) {
        LoadType load;
        Change<F> total;
        Location previous = start(r);
        const auto visits = route(r);
        if (!visits.empty() && arcs(r).size() != visits.size() + 1) return false;
        for (std::size_t p = 0; p < visits.size(); ++p) {
            const Visit& visit = visits_[index(visits[p])];
            load += demand_[index(visits[p])];
            add_arc(total, previous, visits[p]);
            if (visit.route != r || index(visit.position) != p || visit.load_upto.amount != load.amount) return false;
            const Location next = at(r, static_cast<std::int32_t>(p) + 1);
            if (visit.before != previous || visit.after != next) return false;
            if (arcs(r)[p] != visit.arc_before || arcs(r)[p + 1] != visit.arc_after) return false;
            if (visit.arc_before != arc(previous, visits[p]) || visit.arc_after != arc(visits[p], next)) return false;
            if constexpr (F::timed) {
                const Time late = F::rich ? slots_[index(r)].late : 0;
                if (lateness_by(r, clock(r, visits[p]), visits[p], next) != late) return false;
                if (lateness_by(r, clock(r, previous), previous, visits[p]) != late) return false;
            }
            previous = visits[p];
        }
        add_arc(total, previous, end(r));
        if constexpr (F::rich) {
            const auto& kept = routes_[index(r)].total;
            if (kept.distance != total.distance || kept.time != total.time || kept.ends != total.ends) return false;
        }
        excess += load.beyond(capacity(r));
        lateness += slots_[index(r)].late;
        if ((lateness_price_ == no_limit && lateness > 0) || (overload_price_ == no_limit && excess > 0) || load.amount != this->load(r).amount || !keeps_limits(r)) return false;
        visited += visits.size();
        used += visits.empty() ? 0 : 1;
    }
    return excess == excess_ && lateness == lateness_ && visited == index(problem_->customers()) && used == used_routes();
}

template class State<Features<false, 1, false>>;
template class State<Features<false, 3, false>>;
template class State<Features<true, 1, false>>;
template class State<Features<true, 3, false>>;
template class State<Features<false, 1, true>>;
template class State<Features<false, 3, true>>;
template class State<Features<true, 1, true>>;
template class State<Features<true, 3, true>>;

}  // namespace netdesign::routing
