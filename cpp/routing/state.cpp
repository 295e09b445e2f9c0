#include "routing/state.hpp"

#include <algorithm>

namespace netdesign::routing {

template <typename F>
State<F>::State(const Problem& problem)
    : problem_(&problem), demand_(index(problem.size())), visits_(index(problem.size())), routes_(index(problem.max_routes())) {
    const auto as_load = [](std::span<const std::int32_t> amounts) {
        LoadType load;
        for (std::size_t k = 0; k < amounts.size(); ++k) load.amount[k] = amounts[k];
        return load;
    };
    capacity_ = as_load(problem.capacity());
    Total farthest = 1;
    for (Location c = 0; c < problem.size(); ++c) {
        demand_[index(c)] = as_load(problem.demand(c));
        farthest = std::max(farthest, static_cast<Total>(problem.cost(depot, c)) + problem.cost(c, depot));
    }
    penalty_ = 4 * farthest;
    for (RouteIndex r = route_slots() - 1; r >= 0; --r) {
        empty_.push_back(r);
        routes_[index(r)].listed = true;
    }
    for (Location c = 1; c < problem.size(); ++c) leave_unserved(c);
}

template <typename F>
RouteIndex State<F>::empty_route() {
    while (!empty_.empty()) {
        const RouteIndex r = empty_.back();
        if (routes_[index(r)].visits.empty()) return r;
        routes_[index(r)].listed = false;
        empty_.pop_back();
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
        empty_.push_back(r);
    }
}

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
    journal_[touched_count_].route = r;
    journal_[touched_count_].visits.assign(route.visits.begin(), route.visits.end());
    ++touched_count_;
}

template <typename F>
void State<F>::begin() {
    ++stamp_;
    touched_count_ = 0;
    saved_cost_ = cost_;
    saved_unserved_ = unserved_;
}

template <typename F>
void State<F>::rollback() {
    for (std::size_t k = 0; k < touched_count_; ++k) {
        const RouteIndex r = journal_[k].route;
        auto& route = routes_[index(r)];
        const bool was_empty = route.visits.empty();
        // Customers that are nowhere now, or elsewhere, get their place back from the refresh below.
        route.visits.assign(journal_[k].visits.begin(), journal_[k].visits.end());
        count_change(r, was_empty);
        refresh(r, 0);
        route.stamp = 0;
    }
    for (const Location c : saved_unserved_) visits_[index(c)].route = nowhere;
    unserved_ = saved_unserved_;
    cost_ = saved_cost_;
    touched_count_ = 0;
}

template <typename F>
void State<F>::refresh(RouteIndex r, std::int32_t from) {
    auto& route = routes_[index(r)];
    const auto size = static_cast<std::int32_t>(route.visits.size());
    LoadType load = load_upto(r, from - 1);
    Location before = at(r, from - 1);
    const auto link = [this](Location a, Location b) {
        if (a != depot && visits_[index(a)].after != b) {
            visits_[index(a)].after = b;
            visits_[index(a)].arc_after = problem_->cost(a, b);
        }
        if (b != depot && visits_[index(b)].before != a) {
            visits_[index(b)].before = a;
            visits_[index(b)].arc_before = problem_->cost(a, b);
        }
    };
    for (std::int32_t p = from; p < size; ++p) {
        const Location c = route.visits[index(p)];
        Visit& visit = visits_[index(c)];
        load += demand_[index(c)];
        visit.load_upto = load;
        link(before, c);
        visit.route = r;
        visit.position = p;
        before = c;
    }
    link(before, depot);
    route.load = load;
    if constexpr (F::timed) refresh_times(r);
}

template <typename F>
void State<F>::refresh_times(RouteIndex r) {
    if constexpr (F::timed) {
        const auto& visits = routes_[index(r)].visits;
        Time clock = problem_->earliest(depot);
        Location before = depot;
        for (const Location c : visits) {
            clock = arrive(clock, before, c);
            visits_[index(c)].time.early = clock;
            before = c;
        }
        clock = problem_->latest(depot);
        Location next = depot;
        for (auto it = visits.rbegin(); it != visits.rend(); ++it) {
            clock = std::min(problem_->latest(*it), clock - problem_->duration(*it, next));
            visits_[index(*it)].time.late = clock;
            next = *it;
        }
    }
}

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
void State<F>::remove(RouteIndex r, std::int32_t first, std::int32_t count) {
    const Location from = at(r, first - 1), to = at(r, first + count);
    Total delta = from == to ? 0 : problem_->cost(from, to);
    Location previous = from;
    for (std::int32_t p = first; p < first + count; ++p) {
        const Location c = at(r, p);
        delta -= problem_->cost(previous, c);
        visits_[index(c)].route = nowhere;
        previous = c;
    }
    delta -= problem_->cost(previous, to);
    cost_ += delta;
    splice(r, first, count, {});
}

template <typename F>
void State<F>::insert(Location c, RouteIndex r, std::int32_t position, Total delta) {
    cost_ += delta;
    splice(r, position, 0, std::span(&c, 1));
}

template <typename F>
void State<F>::leave_unserved(Location c) {
    visits_[index(c)].route = nowhere;
    unserved_.push_back(c);
    cost_ += penalty_;
}

template <typename F>
void State<F>::take_unserved(std::vector<Location>& out) {
    cost_ -= penalty_ * static_cast<Total>(unserved_.size());
    out.insert(out.end(), unserved_.begin(), unserved_.end());
    unserved_.clear();
}

template <typename F>
Total State<F>::full_cost() const {
    Total total = penalty_ * static_cast<Total>(unserved_.size());
    for (const auto& route : routes_) {
        Location previous = depot;
        for (const Location c : route.visits) total += problem_->cost(previous, c), previous = c;
        if (previous != depot) total += problem_->cost(previous, depot);
    }
    return total;
}

template <typename F>
bool State<F>::consistent() const {
    if (full_cost() != cost_) return false;
    std::size_t visited = unserved_.size();
    std::int32_t used = 0;
    for (RouteIndex r = 0; r < route_slots(); ++r) {
        LoadType load;
        Time clock = problem_->timed() ? problem_->earliest(depot) : 0;
        Location previous = depot;
        const auto visits = route(r);
        for (std::size_t p = 0; p < visits.size(); ++p) {
            const Visit& visit = visits_[index(visits[p])];
            load += demand_[index(visits[p])];
            if (visit.route != r || index(visit.position) != p || visit.load_upto.amount != load.amount) return false;
            const Location next = at(r, static_cast<std::int32_t>(p) + 1);
            if (visit.before != previous || visit.after != next) return false;
            if (visit.arc_before != problem_->cost(previous, visits[p]) || visit.arc_after != problem_->cost(visits[p], next)) return false;
            if (F::timed) {
                clock = arrive(clock, previous, visits[p]);
                if (clock > problem_->latest(visits[p])) return false;
            }
            previous = visits[p];
        }
        if (F::timed && previous != depot && arrive(clock, previous, depot) > problem_->latest(depot)) return false;
        if (!load.fits(capacity_) || load.amount != routes_[index(r)].load.amount) return false;
        visited += visits.size();
        used += visits.empty() ? 0 : 1;
    }
    return visited == index(problem_->customers()) && used == used_routes();
}

template class State<Features<false, 1>>;
template class State<Features<false, 3>>;
template class State<Features<true, 1>>;
template class State<Features<true, 3>>;

}  // namespace netdesign::routing
