#include "location/construct.hpp"

#include <algorithm>
#include <queue>
#include <utility>

namespace netdesign::location {

namespace {

/// What closing each site costs, all others left open; O(customers x list prefix + sites).
std::vector<double> losses(const Problem& problem, const CandidateLists& lists, const std::vector<std::uint8_t>& is_open) {
    std::vector<double> loss(is_open.size());
    for (Site j = 0; j < problem.n_sites(); ++j) loss[index(j)] = -problem.fixed_cost(j);
    for (Customer i = 0; i < problem.n_customers(); ++i) {
        const Entry* first = nullptr;
        double second = lists.cap(i);
        for (const Entry& entry : lists.of(i)) {
            if (!is_open[index(entry.site)]) continue;
            if (first != nullptr) {
                second = entry.cost;
                break;
            }
            first = &entry;
        }
        if (first != nullptr) loss[index(first->site)] += problem.weight(i) * std::max(0.0, second - first->cost);
    }
    return loss;
}

/// The forced sites, then the usable ones of those given, as many as may be: a quarter of the excess leaves at a time.
std::vector<Site> thinned(const Problem& problem, const CandidateLists& lists, const std::vector<Site>& sites) {
    std::vector<std::uint8_t> is_open(index(problem.n_sites()), 0);
    for (const Site j : sites) is_open[index(j)] = problem.status(j) != SiteStatus::closed;
    for (const Site j : problem.usable())
        if (problem.status(j) == SiteStatus::open) is_open[index(j)] = 1;
    const auto listed = [&](SiteStatus status) {
        std::vector<Site> found;
        for (const Site j : problem.usable())
            if (is_open[index(j)] && problem.status(j) == status) found.push_back(j);
        return found;
    };
    std::vector<Site> open = listed(SiteStatus::open), others = listed(SiteStatus::candidate);
    const std::size_t room = index(std::max<std::int32_t>(0, problem.max_open() - static_cast<std::int32_t>(open.size())));
    while (others.size() > room) {
        const std::vector<double> loss = losses(problem, lists, is_open);
        std::sort(others.begin(), others.end(), [&](Site a, Site b) { return loss[index(a)] > loss[index(b)]; });
        for (std::size_t k = (others.size() - room + 3) / 4; k > 0; --k) {
            is_open[index(others.back())] = 0;
            others.pop_back();
        }
    }
    open.insert(open.end(), others.begin(), others.end());
    return open;
}

}  // namespace

std::vector<Site> greedy(const Problem& problem, const CandidateLists& lists, const ReverseLists& reverse,
                         const std::function<bool()>& interrupted, const std::vector<Site>& begin) {
    std::vector<double> paid(index(problem.n_customers()));
    for (Customer i = 0; i < problem.n_customers(); ++i) paid[index(i)] = lists.cap(i);
    std::vector<Site> open;
    const auto gain_of = [&](Site j) {
        double gain = -problem.fixed_cost(j);
        for (const auto& reached : reverse.of(j))
            gain += problem.weight(reached.customer) * std::max(0.0, paid[index(reached.customer)] - reached.cost);
        return gain;
    };
    const auto enter = [&](Site j) {
        open.push_back(j);
        for (const auto& reached : reverse.of(j)) {
            auto& now = paid[index(reached.customer)];
            now = std::min(now, reached.cost);
        }
    };
    std::vector<std::uint8_t> is_open(index(problem.n_sites()), 0);
    for (const Site j : thinned(problem, lists, begin)) {
        is_open[index(j)] = 1;
        enter(j);
    }
    std::priority_queue<std::pair<double, Site>> queue;
    for (const Site j : problem.usable())
        if (!is_open[index(j)]) queue.emplace(gain_of(j), j);
    std::int64_t looks = 0;
    while (!queue.empty() && static_cast<std::int32_t>(open.size()) < problem.max_open()) {
        if (++looks % 256 == 0 && interrupted()) break;
        const Site j = queue.top().second;
        queue.pop();
        // Gains only fall: one that is still on top after its renewal is the best of all.
        const double gain = gain_of(j);
        if (!queue.empty() && gain < queue.top().first) {
            queue.emplace(gain, j);
            continue;
        }
        if (gain <= 0.0 && static_cast<std::int32_t>(open.size()) >= problem.min_open()) break;
        enter(j);
    }
    return complete(problem, std::move(open));
}

std::vector<Site> complete(const Problem& problem, std::vector<Site> open) {
    std::vector<std::uint8_t> in(index(problem.n_sites()), 0);
    std::vector<Site> all;
    const auto admit = [&](Site j) {
        if (in[index(j)] || problem.status(j) == SiteStatus::closed) return;
        in[index(j)] = 1;
        all.push_back(j);
    };
    for (const Site j : problem.usable())
        if (problem.status(j) == SiteStatus::open) admit(j);
    for (const Site j : open) {
        if (static_cast<std::int32_t>(all.size()) >= problem.max_open()) break;
        admit(j);
    }
    for (const Site j : problem.usable()) {
        if (static_cast<std::int32_t>(all.size()) >= problem.min_open()) break;
        admit(j);
    }
    return all;
}

}  // namespace netdesign::location
