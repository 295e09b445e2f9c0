#include "location/construct.hpp"

#include <algorithm>
#include <queue>
#include <utility>

namespace netdesign::location {

std::vector<Site> greedy(const Problem& problem, const CandidateLists& lists, const ReverseLists& reverse,
                         const std::function<bool()>& interrupted) {
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
    std::priority_queue<std::pair<double, Site>> queue;
    for (const Site j : problem.usable()) {
        if (problem.status(j) == SiteStatus::open) enter(j);
    }
    for (const Site j : problem.usable())
        if (problem.status(j) != SiteStatus::open) queue.emplace(gain_of(j), j);
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
