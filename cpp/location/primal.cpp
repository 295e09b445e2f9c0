#include "location/primal.hpp"

#include <algorithm>

#include "location/construct.hpp"

namespace netdesign::location {

namespace {
constexpr std::int64_t least_work = 64;  // of a round that finds nothing to do: whoever waits for effort must not wait forever
}  // namespace

Primal::Primal(Run& run, const Problem& problem, const CandidateLists& lists, const ReverseLists& reverse, std::uint64_t seed)
    : run_(run), problem_(problem), lists_(lists), reverse_(reverse), search_(problem, lists, reverse), random_(seed),
      interrupted_([&run] { return run.interrupted(); }) {}

void Primal::begin(const std::vector<Site>& open) {
    if (placement_) spent_ = work();
    placement_.emplace(problem_, lists_, reverse_, open);
    spent_ += lists_.n_entries() / 2;
    offer();
}

void Primal::descend() {
    log_.clear();
    search_.queue_all(random_);
    search_.descend(*placement_, log_, interrupted_);
    offer();
}

void Primal::round() {
    ++rounds_without_success_;
    spent_ += least_work;
    double ceiling = -base::infinity;
    if (stale()) {
        if (++walked_ > patience() / 2) {
            walked_ = 0;
            begin(best_open_);
        }
        const double tolerance = std::clamp(0.1 / static_cast<double>(placement_->open_sites().size()), 1e-5, 1e-3);
        ceiling = best_ * (1.0 + tolerance);
    }
    if (!search_.disturb(*placement_, random_, ceiling, interrupted_) || placement_->objective() >= best_) return;
    rounds_without_success_ = walked_ = 0;
    offer();
}

void Primal::try_choice(std::vector<Site> open) {
    Placement other(problem_, lists_, reverse_, complete(problem_, std::move(open)));
    log_.clear();
    search_.queue_all(random_);
    search_.descend(other, log_, interrupted_);
    spent_ += other.work() + lists_.n_entries() / 2;
    if (other.objective() >= placement_->objective()) return;
    if (other.objective() < best_) rounds_without_success_ = walked_ = 0;
    begin(other.open_sites());
}

void Primal::guide(const std::vector<Fix>& known) {
    search_.allow(known);
    for (const Site j : problem_.usable())
        if (known[index(j)] == Fix::open && placement_->is_open(j)) placement_->pin(j);
}

void Primal::offer() {
    placement_->refresh();
    if (placement_->objective() < best_) {
        best_ = placement_->objective();
        best_open_ = placement_->open_sites();
    }
    run_.offer(placement_->open_sites(), placement_->objective());
}

}  // namespace netdesign::location
