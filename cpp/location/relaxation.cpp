#include "location/relaxation.hpp"

#include <algorithm>
#include <cassert>
#include <numeric>

namespace netdesign::location {

Relaxation relax(const Problem& problem, const CandidateLists& lists) {
    Relaxation all;
    const auto n = index(problem.n_customers());
    all.customer.resize(n);
    std::iota(all.customer.begin(), all.customer.end(), 0);
    all.first.reserve(n + 1);
    all.first.push_back(0);
    all.entries.reserve(index(lists.n_entries()));
    for (Customer i = 0; i < problem.n_customers(); ++i) {
        const auto list = lists.of(i);
        all.entries.insert(all.entries.end(), list.begin(), list.end());
        all.first.push_back(static_cast<std::int64_t>(all.entries.size()));
        all.weight.push_back(problem.weight(i));
        all.cap.push_back(lists.cap(i));
        all.capped_by_list.push_back(lists.extendable(i));
    }
    all.site.resize(index(problem.n_sites()));
    std::iota(all.site.begin(), all.site.end(), 0);
    std::vector<Fix> fix(all.site.size(), Fix::free);
    for (Site j = 0; j < problem.n_sites(); ++j) {
        all.fixed_cost.push_back(problem.fixed_cost(j));
        if (problem.status(j) != SiteStatus::candidate)
            fix[index(j)] = problem.status(j) == SiteStatus::open ? Fix::open : Fix::closed;
    }
    all.min_open = problem.min_open();
    all.max_open = problem.max_open();
    return restrict(all, fix);
}

Relaxation restrict(const Relaxation& parent, std::span<const Fix> fix) {
    assert(fix.size() == parent.site.size());
    Relaxation child;
    child.open = parent.open;
    child.constant = parent.constant;
    child.min_open = parent.min_open;
    child.max_open = parent.max_open;
    std::vector<std::int32_t> renamed(fix.size(), -1);
    for (std::size_t j = 0; j < fix.size(); ++j) {
        if (fix[j] == Fix::free) {
            renamed[j] = child.n_sites();
            child.site.push_back(parent.site[j]);
            child.fixed_cost.push_back(parent.fixed_cost[j]);
        } else if (fix[j] == Fix::open) {
            child.open.push_back(parent.site[j]);
            child.constant += parent.fixed_cost[j];
            child.min_open = std::max(child.min_open - 1, 0);
            --child.max_open;
        }
    }
    child.max_open = std::min(child.max_open, child.n_sites());
    child.first.push_back(0);
    child.entries.reserve(parent.entries.size());
    for (std::int32_t i = 0; i < parent.n_customers(); ++i) {
        const auto at = index(i);
        const auto begin = child.entries.size();
        double cap = parent.cap[at];
        bool by_list = parent.capped_by_list[at] != 0;
        for (const auto& entry : parent.of(i)) {
            if (entry.cost >= cap) break;
            const auto j = index(entry.site);
            if (fix[j] == Fix::open) {
                cap = entry.cost;
                by_list = false;
                break;
            }
            if (fix[j] == Fix::free) child.entries.push_back({entry.cost, renamed[j]});
        }
        // Entries at the cap itself never count: min(0, cost - multiplier) is 0.
        while (child.entries.size() > begin && child.entries.back().cost >= cap) child.entries.pop_back();
        if (child.entries.size() == begin && !by_list) {
            child.constant += parent.weight[at] * cap;
            continue;
        }
        child.customer.push_back(parent.customer[at]);
        child.first.push_back(static_cast<std::int64_t>(child.entries.size()));
        child.weight.push_back(parent.weight[at]);
        child.cap.push_back(cap);
        child.capped_by_list.push_back(by_list);
    }
    return child;
}

}  // namespace netdesign::location
