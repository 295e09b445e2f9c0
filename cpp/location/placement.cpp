#include "location/placement.hpp"

#include <algorithm>
#include <cassert>

namespace netdesign::location {

Placement::Placement(const Problem& problem, const CandidateLists& lists, const ReverseLists& reverse, std::span<const Site> open)
    : problem_(problem), lists_(lists), reverse_(reverse), open_(open.begin(), open.end()), leaving_(problem.n_sites()) {
    const std::size_t n = index(problem.n_customers()), m = index(problem.n_sites());
    position_.assign(m, -1);
    for (std::size_t k = 0; k < open_.size(); ++k) position_[index(open_[k])] = static_cast<std::int32_t>(k);
    nearest_.assign(n, nobody);
    second_.assign(n, nobody);
    d1_.assign(n, 0.0);
    d2_.assign(n, 0.0);
    short_position_.assign(n, -1);
    loss_.assign(m, 0.0);
    pinned_.assign(m, 0);
    is_dirty_.assign(m, 0);
    extra_.assign(m, 0.0);
    for (Site j = 0; j < problem.n_sites(); ++j) pinned_[index(j)] = problem.status(j) == SiteStatus::open;
    for (Customer i = 0; i < problem.n_customers(); ++i) search(i, nobody);
    for (const Site j : open_) add_loss(j, 0.0);
    changed_.clear();
    refresh();
}

void Placement::refresh() {
    objective_ = 0.0;
    for (const Site j : open_) objective_ += problem_.fixed_cost(j);
    std::fill(loss_.begin(), loss_.end(), 0.0);
    for (Customer i = 0; i < problem_.n_customers(); ++i) {
        objective_ += problem_.weight(i) * d1_[index(i)];
        if (nearest_[index(i)] != nobody) add_loss(nearest_[index(i)], problem_.weight(i) * (d2_[index(i)] - d1_[index(i)]));
    }
    flush_losses();
}

void Placement::pin(Site j) {
    pinned_[index(j)] = 1;
    add_loss(j, 0.0);
    flush_losses();
}

void Placement::add_loss(Site j, double change) {
    loss_[index(j)] += change;
    if (is_dirty_[index(j)]) return;
    is_dirty_[index(j)] = 1;
    dirty_.push_back(j);
}

void Placement::flush_losses() {
    for (const Site j : dirty_) {
        is_dirty_[index(j)] = 0;
        leaving_.set(j, is_open(j) && !pinned_[index(j)] ? leave_value(j) : infinite_cost);
    }
    dirty_.clear();
}

void Placement::set_customer(Customer i, Site first, double d1, Site second, double d2) {
    const double weight = problem_.weight(i);
    if (nearest_[index(i)] != nobody) add_loss(nearest_[index(i)], -weight * (d2_[index(i)] - d1_[index(i)]));
    objective_ += weight * (d1 - d1_[index(i)]);
    nearest_[index(i)] = first;
    second_[index(i)] = second;
    d1_[index(i)] = d1;
    d2_[index(i)] = d2;
    if (first != nobody) add_loss(first, weight * (d2 - d1));
    changed_.push_back(i);
    const bool is_short = lists_.cap(i) <= d2 && lists_.extendable(i);
    auto& position = short_position_[index(i)];
    if (is_short && position < 0) {
        position = static_cast<std::int32_t>(short_.size());
        short_.push_back(i);
    } else if (!is_short && position >= 0) {
        short_[index(position)] = short_.back();
        short_position_[index(short_.back())] = position;
        short_.pop_back();
        position = -1;
    }
}

/// Finds the two nearest open sites afresh.
void Placement::search(Customer i, Site without) {
    Site found[2] = {nobody, nobody};
    double d[2] = {problem_.penalty(i), problem_.penalty(i)};
    int count = 0;
    for (const auto& entry : lists_.of(i)) {
        if (!is_open(entry.site) || entry.site == without) continue;
        found[count] = entry.site;
        d[count] = entry.cost;
        if (++count == 2) break;
    }
    if (count < 2 && lists_.extendable(i)) {
        // The list ends too early: ask every open site. Rare where lists are a few times longer than sites per open one.
        for (const Site j : open_) {
            if (j == without || j == found[0]) continue;
            const double c = problem_.cost(i, j);
            if (c < d[0] && count == 0) {
                found[1] = found[0], d[1] = d[0];
                found[0] = j, d[0] = c;
            } else if (c < d[1]) {
                found[1] = j, d[1] = c;
            }
        }
    }
    set_customer(i, found[0], d[0], found[1], d[1]);
}

void Placement::open(Site j) {
    assert(!is_open(j));
    position_[index(j)] = static_cast<std::int32_t>(open_.size());
    open_.push_back(j);
    objective_ += problem_.fixed_cost(j);
    add_loss(j, 0.0);
    work_ += static_cast<std::int64_t>(reverse_.of(j).size() + short_.size());
    const auto admit = [&](Customer i, double c) {
        if (c < d1_[index(i)]) set_customer(i, j, c, nearest_[index(i)], d1_[index(i)]);
        else if (c < d2_[index(i)]) set_customer(i, nearest_[index(i)], d1_[index(i)], j, c);
    };
    for (const auto& reached : reverse_.of(j)) admit(reached.customer, reached.cost);
    for (std::size_t k = short_.size(); k-- > 0;) {  // backwards: an admitted customer may leave this set
        const Customer i = short_[k];
        if (nearest_[index(i)] != j && second_[index(i)] != j) admit(i, problem_.cost(i, j));
    }
    flush_losses();
}

void Placement::close(Site r) {
    assert(is_open(r));
    const std::int32_t hole = position_[index(r)];
    open_[index(hole)] = open_.back();
    position_[index(open_.back())] = hole;
    open_.pop_back();
    position_[index(r)] = -1;
    objective_ -= problem_.fixed_cost(r);
    work_ += static_cast<std::int64_t>(2 * reverse_.of(r).size() + short_.size());
    for (const auto& reached : reverse_.of(r)) {
        const Customer i = reached.customer;
        if (nearest_[index(i)] == r || second_[index(i)] == r) search(i, r);
    }
    for (std::size_t k = short_.size(); k-- > 0;) {
        const Customer i = short_[k];
        if (nearest_[index(i)] == r || second_[index(i)] == r) search(i, r);
    }
    loss_[index(r)] = 0.0;
    add_loss(r, 0.0);
    flush_losses();
}

Placement::Move Placement::best_entry(Site j, Leaving leaving) {
    work_ += static_cast<std::int64_t>(reverse_.of(j).size());
    double gain = -problem_.fixed_cost(j);
    for (const auto& reached : reverse_.of(j)) {
        const auto i = index(reached.customer);
        if (reached.cost >= d2_[i]) continue;
        const double weight = problem_.weight(reached.customer);
        const Site r = nearest_[i];
        double extra = d2_[i] - reached.cost;
        if (reached.cost < d1_[i]) {
            gain += weight * (d1_[i] - reached.cost);
            extra = d2_[i] - d1_[i];
        }
        if (r == nobody) continue;
        if (extra_[index(r)] == 0.0) touched_.push_back(r);
        extra_[index(r)] += weight * extra;
    }
    // Sites nobody here is served from lose what they lose anyhow; for the others `extra` lowers the loss. Taking the
    // minimum over all of them without `extra` is never below the true minimum.
    double least = leaving == Leaving::near ? infinite_cost : leaving_.min();
    Site leave = least < infinite_cost ? leaving_.argmin() : nobody;
    for (const Site r : touched_) {
        const double value = leave_value(r) - extra_[index(r)];
        if (!pinned_[index(r)] && (value < least || (value == least && r < leave))) least = value, leave = r;
        extra_[index(r)] = 0.0;
    }
    touched_.clear();
    if (leaving == Leaving::optional && least >= 0.0) return {-gain, j, nobody};
    if (leave == nobody) return {infinite_cost, nobody, nobody};
    return {least - gain, j, leave};
}

Placement::Move Placement::best_drop() const {
    if (open_.size() <= 1 || leaving_.min() == infinite_cost) return {infinite_cost, nobody, nobody};
    return {leaving_.min(), nobody, leaving_.argmin()};
}

void Placement::apply(const Move& move) {
    if (move.enter != nobody) open(move.enter);
    if (move.leave != nobody) close(move.leave);
}

}  // namespace netdesign::location
