#include "location/residual.hpp"

#include <algorithm>

namespace netdesign::location {

Residual residual(const Problem& problem, const CandidateLists& lists, const Capacities& capacities) {
    Residual out;
    out.single_source = capacities.single_source;
    out.site = problem.usable();
    std::vector<Site> at(index(problem.n_sites()), -1);
    for (std::size_t k = 0; k < out.site.size(); ++k) {
        const Site j = out.site[k];
        at[index(j)] = static_cast<Site>(k);
        out.fixed_cost.push_back(problem.fixed_cost(j));
        out.capacity.push_back(capacities.capacity[index(j)]);
        out.forced.push_back(problem.status(j) == SiteStatus::open);
        if (!capacities.group.empty()) out.group.push_back(capacities.group[index(j)]);
    }
    out.first.push_back(0);
    for (Customer i = 0; i < problem.n_customers(); ++i) {
        out.weight.push_back(problem.is_free(i) ? 0.0 : problem.weight(i));
        out.demand += out.weight.back();
        out.cap.push_back(lists.cap(i));
        for (const auto& [cost, j] : lists.of(i)) out.entries.push_back({cost, at[index(j)]});
        out.first.push_back(static_cast<std::int64_t>(out.entries.size()));
    }
    return out;
}

Residual restrict(const Residual& parent, std::span<const Choice> sites, std::span<const std::pair<Customer, Site>> given) {
    Residual out;
    out.single_source = parent.single_source;
    out.demand = parent.demand;
    out.weight = parent.weight;
    out.cap = parent.cap;
    std::vector<Site> at(parent.site.size(), -1), only(parent.weight.size(), -1);
    for (const auto& [i, j] : given) only[index(i)] = j;
    for (std::size_t k = 0; k < parent.site.size(); ++k) {
        if (sites[k] == Choice::left) continue;
        at[k] = out.n_sites();
        out.site.push_back(parent.site[k]);
        out.fixed_cost.push_back(parent.fixed_cost[k]);
        out.capacity.push_back(parent.capacity[k]);
        out.forced.push_back(parent.forced[k] != 0 || sites[k] == Choice::taken);
        if (!parent.group.empty()) out.group.push_back(parent.group[k]);
    }
    out.first.push_back(0);
    for (Customer i = 0; i < parent.n_customers(); ++i) {
        for (const auto& [cost, j] : parent.of(i))
            if (at[index(j)] >= 0 && (only[index(i)] < 0 || only[index(i)] == j)) out.entries.push_back({cost, at[index(j)]});
        out.first.push_back(static_cast<std::int64_t>(out.entries.size()));
    }
    return out;
}

}  // namespace netdesign::location
