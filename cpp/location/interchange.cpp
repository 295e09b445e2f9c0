#include "location/interchange.hpp"

#include <algorithm>
#include <cmath>

namespace netdesign::location {

namespace {

constexpr double transfers = 0.3;  // of the disturbances

/// Improvements below this are rounding noise.
double noise(const Placement& placement) { return 1e-10 * std::abs(placement.objective()); }

}  // namespace

Interchange::Interchange(const Problem& problem, const CandidateLists& lists, const ReverseLists& reverse)
    : problem_(problem), lists_(lists), reverse_(reverse) {
    allowed_.assign(index(problem.n_sites()), 0);
    queued_.assign(index(problem.n_sites()), 0);
    for (const Site j : problem.usable()) allowed_[index(j)] = 1;
}

void Interchange::push(Site j) {
    if (queued_[index(j)] || !allowed_[index(j)]) return;
    queued_[index(j)] = 1;
    queue_.push_back(j);
}

void Interchange::queue_all(base::Random& random) {
    std::vector<Site> sites = problem_.usable();
    random.shuffle(std::span<Site>(sites));
    for (const Site j : sites) push(j);
}

double Interchange::sites_per_open(const Placement& placement) const {
    return static_cast<double>(problem_.usable().size()) / static_cast<double>(placement.open_sites().size());
}

/// What a changed customer could use is worth another look.
void Interchange::wake(Placement& placement) {
    if (sites_per_open(placement) > 80) {
        wake_around_open_sites(placement, placement.changed());
        placement.changed().clear();
        return;
    }
    for (const Customer i : placement.changed()) {
        const double reach = placement.second_cost(i);
        for (const auto& entry : lists_.of(i)) {
            if (entry.cost >= reach) break;
            push(entry.site);
        }
    }
    placement.changed().clear();
}

/// Where few sites serve many customers, nearly every site could be of use to a changed customer, and looking at each is
/// dear. What pays after a disturbance is mostly a site next to an open one.
void Interchange::wake_around_open_sites(const Placement& placement, const std::vector<Customer>& changed) {
    constexpr std::size_t n_near = 48;
    around_.clear();
    for (const Customer i : changed)
        if (placement.nearest(i) != nobody) around_.push_back(placement.nearest(i));
    std::sort(around_.begin(), around_.end());
    around_.erase(std::unique(around_.begin(), around_.end()), around_.end());
    for (const Site r : around_) {
        const auto reached = reverse_.of(r);
        if (reached.empty()) continue;
        const auto closest = std::min_element(reached.begin(), reached.end(), [](const auto& a, const auto& b) { return a.cost < b.cost; });
        const auto list = lists_.of(closest->customer);
        for (std::size_t e = 0; e < std::min(n_near, list.size()); ++e) push(list[e].site);
    }
}

void Interchange::descend(Placement& placement, std::vector<Placement::Move>& log, const std::function<bool()>& interrupted, Leaving leaving) {
    wake(placement);
    std::int64_t looks = 0;
    while (!queue_.empty()) {
        if (++looks % 64 == 0 && interrupted()) break;
        const Site j = queue_.front();
        queue_.pop_front();
        queued_[index(j)] = 0;
        const auto count = static_cast<std::int32_t>(placement.open_sites().size());
        Placement::Move move{infinite_cost, nobody, nobody};
        if (!placement.is_open(j)) move = placement.best_entry(j, count < problem_.max_open() ? leaving : std::min(leaving, Leaving::any));
        if (leaving == Leaving::optional && count > problem_.min_open()) {
            const auto drop = placement.best_drop();
            if (drop.delta < move.delta) move = drop;
        }
        if (!(move.delta < -noise(placement))) continue;
        placement.apply(move);
        log.push_back(move);
        wake(placement);
        if (move.leave != nobody) push(move.leave);
        push(j);
    }
    for (const Site j : queue_) queued_[index(j)] = 0;
    queue_.clear();
}

void Interchange::allow(const std::vector<Fix>& known) {
    for (const Site j : problem_.usable()) {
        allowed_[index(j)] = known[index(j)] != Fix::closed;
    }
}

/// A few random swaps near a random customer, among sites that are not known to stay as they are.
void Interchange::kick(Placement& placement, base::Random& random, std::vector<Placement::Move>& log) {
    for (int attempt = 0; attempt < 32; ++attempt) {
        const auto list = lists_.of(random.below(problem_.n_customers()));
        const auto reach = static_cast<std::size_t>(std::min<double>(static_cast<double>(list.size()), 4.0 * sites_per_open(placement) + 8.0));
        around_.clear();
        for (std::size_t e = 0; e < reach; ++e)
            if (allowed_[index(list[e].site)] && !placement.is_pinned(list[e].site)) around_.push_back(list[e].site);
        if (around_.size() > 1) break;
    }
    if (around_.size() < 2) return;
    const std::int32_t swaps = random.between(1, 3);
    const bool flexible = problem_.min_open() < problem_.max_open();
    for (std::int32_t k = 0; k < swaps; ++k) {
        Placement::Move move;
        const auto count = static_cast<std::int32_t>(placement.open_sites().size());
        const bool enters = !flexible || random.below(3) > 0 || count <= problem_.min_open();
        const bool leaves = !flexible || !enters || count >= problem_.max_open() || random.below(2) > 0;
        std::int32_t seen_closed = 0, seen_open = 0;
        for (const Site j : around_) {  // reservoir sampling of one site of each kind
            if (placement.is_open(j)) {
                if (leaves && random.below(++seen_open) == 0) move.leave = j;
            } else if (enters && random.below(++seen_closed) == 0) {
                move.enter = j;
            }
        }
        if ((enters && move.enter == nobody) || (leaves && move.leave == nobody)) continue;
        placement.apply(move);
        log.push_back(move);
    }
}

/// A site more near a random customer and a site less anywhere: the one that closes best then, or the best of a few drawn.
void Interchange::transfer(Placement& placement, base::Random& random, std::vector<Placement::Move>& log) {
    constexpr int drawn = 8;
    const auto list = lists_.of(random.below(problem_.n_customers()));
    if (list.empty()) return;
    const auto reach = static_cast<std::int32_t>(std::min<double>(static_cast<double>(list.size()), sites_per_open(placement) + 1.0));
    const Site enter = list[index(random.below(reach))].site;
    if (placement.is_open(enter) || !allowed_[index(enter)]) return;
    auto move = placement.best_entry(enter, Leaving::any);
    if (random.below(2) == 0) {
        const auto& open = placement.open_sites();
        double least = infinite_cost;
        for (int k = 0; k < drawn; ++k) {
            const Site r = open[index(random.below(static_cast<std::int32_t>(open.size())))];
            if (const double loss = placement.drop_delta(r); loss < least) least = loss, move.leave = r;
        }
    }
    if (move.leave == nobody) return;
    placement.apply(move);
    log.push_back(move);
}

void Interchange::disturb(Placement& placement, base::Random& random, const std::function<bool()>& interrupted) {
    const double before = placement.objective();
    log_.clear();
    placement.changed().clear();
    if (problem_.min_open() == problem_.max_open() && random.unit() < transfers) {
        // Near sites change places first: anything else would take the transfer back at once.
        transfer(placement, random, log_);
        descend(placement, log_, interrupted, Leaving::near);
    } else {
        kick(placement, random, log_);
    }
    descend(placement, log_, interrupted);
    if (placement.objective() <= before + noise(placement)) return;
    for (std::size_t k = log_.size(); k-- > 0;) placement.apply({0.0, log_[k].leave, log_[k].enter});
    placement.changed().clear();
}

void Interchange::scatter(Placement& placement, base::Random& random, std::int32_t customers) {
    for (std::int32_t k = 0; k < customers; ++k) kick(placement, random, log_);
}

}  // namespace netdesign::location
