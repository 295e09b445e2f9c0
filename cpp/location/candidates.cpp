#include "location/candidates.hpp"

#include <algorithm>

namespace netdesign::location {

CandidateLists::CandidateLists(const Problem& problem, std::int32_t length, const std::function<bool()>& interrupted)
    : problem_(problem), nearest_(problem.source(), problem.usable(), problem.limits()) {
    const auto n = index(problem.n_customers());
    first_.resize(n);
    size_.resize(n);
    cap_.resize(n);
    extendable_.resize(n);
    length = std::min<std::int32_t>(length, static_cast<std::int32_t>(problem.usable().size()));
    entries_.reserve(n * index(length));
    for (Customer i = 0; i < problem.n_customers(); ++i) {
        // A run that has no time left still needs lists, however short.
        if (i % 256 == 0 && interrupted && interrupted()) length = 1;
        fill(i, length);
    }
}

void CandidateLists::fill(Customer i, std::int32_t length) {
    const auto at = index(i);
    double cap = nearest_.find(i, length, buffer_);
    listed_ += static_cast<std::int64_t>(buffer_.size()) - size_[at];
    extendable_[at] = static_cast<std::int32_t>(buffer_.size()) == length && cap != infinite_cost;
    if (problem_.is_free(i)) {
        for (auto& entry : buffer_) entry.cost = 0.0;
        if (cap != infinite_cost) cap = 0.0;
    }
    cap_[at] = std::min(cap, problem_.penalty(i));
    first_[at] = static_cast<std::int64_t>(entries_.size());
    size_[at] = static_cast<std::int32_t>(buffer_.size());
    entries_.insert(entries_.end(), buffer_.begin(), buffer_.end());
}

bool CandidateLists::extend(Customer i) {
    if (!extendable(i)) return false;
    // The old entries stay behind in the pool: with doubling, waste is at most what is in use.
    fill(i, 2 * size_[index(i)]);
    return true;
}

ReverseLists::ReverseLists(const CandidateLists& lists, std::int32_t n_sites) {
    first_.assign(index(n_sites) + 1, 0);
    for (Customer i = 0; i < lists.n_customers(); ++i)
        for (const auto& entry : lists.of(i)) ++first_[index(entry.site) + 1];
    for (std::size_t j = 1; j < first_.size(); ++j) first_[j] += first_[j - 1];
    reached_.resize(index(first_.back()));
    std::vector<std::int64_t> next(first_.begin(), first_.end() - 1);
    for (Customer i = 0; i < lists.n_customers(); ++i)
        for (const auto& entry : lists.of(i))
            reached_[index(next[index(entry.site)]++)] = {entry.cost, i};
}

std::int64_t wanted_length(const Problem& problem) {
    const auto sites = static_cast<std::int64_t>(problem.usable().size());
    if (problem.n_customers() * sites <= 250'000) return sites;
    if (problem.min_open() != problem.max_open()) return std::min<std::int64_t>(64, sites);
    return std::min(std::max<std::int64_t>(32, 3 * sites / std::max(problem.max_open(), 1) + 1), sites);
}

std::int32_t first_length(const Problem& problem) {
    const auto length = std::min(wanted_length(problem), most_listed / std::max(problem.n_customers(), 1));
    return static_cast<std::int32_t>(std::max<std::int64_t>(length, 2));
}

}  // namespace netdesign::location
