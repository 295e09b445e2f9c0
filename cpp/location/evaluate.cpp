#include "location/evaluate.hpp"

#include <algorithm>

namespace netdesign::location {

double evaluate(const Problem& problem, const CandidateLists& lists, std::span<const Site> open, std::vector<std::uint8_t>& is_open) {
    is_open.resize(index(problem.n_sites()), 0);
    double total = 0.0;
    for (const Site j : open) {
        is_open[index(j)] = 1;
        total += problem.fixed_cost(j);
    }
    for (Customer i = 0; i < problem.n_customers(); ++i) {
        const auto list = lists.of(i);
        const auto hit = std::find_if(list.begin(), list.end(), [&](const Entry& e) { return is_open[index(e.site)] != 0; });
        double best = hit == list.end() ? problem.penalty(i) : hit->cost;
        if (hit == list.end() && lists.extendable(i))
            for (const Site j : open) best = std::min(best, problem.cost(i, j));
        total += problem.weight(i) * best;
    }
    for (const Site j : open) is_open[index(j)] = 0;
    return total;
}

}  // namespace netdesign::location
