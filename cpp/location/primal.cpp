#include "location/primal.hpp"

#include <algorithm>

#include "location/construct.hpp"

namespace netdesign::location {

namespace {

constexpr std::int64_t least_work = 64;  // of a round that finds nothing to do: whoever waits for effort must not wait forever
constexpr std::size_t most_members = 10;
constexpr double scattered = 0.3;        // neighbourhoods per open site where the search leaves a member

}  // namespace

Primal::Primal(Run& run, const Problem& problem, const CandidateLists& lists, const ReverseLists& reverse, std::uint64_t seed, bool population)
    : run_(run), problem_(problem), lists_(lists), reverse_(reverse), search_(problem, lists, reverse), merger_(problem, lists, reverse),
      random_(seed), interrupted_([&run] { return run.interrupted(); }), has_population_(population) {}

void Primal::begin(const std::vector<Site>& open) {
    if (placement_) spent_ += placement_->work();
    placement_.emplace(problem_, lists_, reverse_, open);
    spent_ += lists_.n_entries() / 2;
    lowest_ = base::infinity;
    offer();
}

void Primal::descend() {
    log_.clear();
    search_.queue_all(random_);
    search_.descend(*placement_, log_, interrupted_);
    offer();
}

void Primal::round() {
    ++idle_, ++waiting_;
    spent_ += least_work;
    search_.disturb(*placement_, random_, interrupted_);
    if (placement_->objective() < lowest_) offer();
    if (has_population_ && waiting_ > patience()) join();
}

/// Merges what the search has come to with all members, and begins anew from one of them.
void Primal::join() {
    for (const Member& member : population_)
        if (!interrupted_()) merger_.merge(*placement_, member.open, random_.next(), interrupted_);
    offer();
    Member joining{placement_->open_sites(), placement_->objective()};
    std::sort(joining.open.begin(), joining.open.end());
    const auto same = [&](const Member& member) { return member.open == joining.open; };
    if (std::none_of(population_.begin(), population_.end(), same)) population_.push_back(std::move(joining));
    const auto better = [](const Member& a, const Member& b) { return a.objective < b.objective; };
    if (population_.size() > most_members) population_.erase(std::max_element(population_.begin(), population_.end(), better));
    leave_from(population_[index(random_.below(static_cast<std::int32_t>(population_.size())))]);
}

void Primal::leave_from(const Member& member) {
    begin(member.open);
    log_.clear();
    search_.scatter(*placement_, random_, static_cast<std::int32_t>(scattered * static_cast<double>(member.open.size())) + 1);
    search_.descend(*placement_, log_, interrupted_);
    lowest_ = base::infinity;
    offer();
}

void Primal::try_choice(std::vector<Site> open) {
    Placement other(problem_, lists_, reverse_, complete(problem_, std::move(open)));
    log_.clear();
    search_.queue_all(random_);
    search_.descend(other, log_, interrupted_);
    spent_ += other.work() + lists_.n_entries() / 2;
    if (other.objective() < placement_->objective()) begin(other.open_sites());
}

void Primal::guide(const std::vector<Fix>& known) {
    search_.allow(known);
    for (const Site j : problem_.usable())
        if (known[index(j)] == Fix::open && placement_->is_open(j)) placement_->pin(j);
}

void Primal::offer() {
    placement_->refresh();
    const double objective = placement_->objective();
    if (objective < lowest_) lowest_ = objective, waiting_ = 0;
    if (objective < best_) best_ = objective, idle_ = 0;
    run_.offer(placement_->open_sites(), objective);
}

}  // namespace netdesign::location
