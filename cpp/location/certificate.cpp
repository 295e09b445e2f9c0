#include "location/certificate.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace netdesign::location {

Certificate certify(const Problem& problem, const CandidateLists& lists, std::vector<double> lambda) {
    std::vector<double> rho;
    for (Site j = 0; j < problem.n_sites(); ++j) rho.push_back(problem.fixed_cost(j));
    double value = 0.0, magnitude = 0.0;
    for (Customer i = 0; i < problem.n_customers(); ++i) {
        const double paid = lambda[index(i)], weight = problem.weight(i);
        value += weight * paid;
        for (const auto& [cost, j] : lists.of(i)) {
            if (cost >= paid) break;
            rho[index(j)] += weight * (cost - paid);
        }
    }
    magnitude += value;
    std::vector<Site> free;
    std::int32_t open = 0;
    const auto enter = [&](Site j) {
        value += rho[index(j)];
        magnitude += std::abs(rho[index(j)]) + 2.0 * problem.fixed_cost(j);
        ++open;
    };
    for (const Site j : problem.usable()) {
        if (problem.status(j) == SiteStatus::open) enter(j);
        else free.push_back(j);
    }
    std::sort(free.begin(), free.end(), [&](Site a, Site b) { return rho[index(a)] < rho[index(b)]; });
    for (const Site j : free) {
        if (open >= problem.max_open() || (open >= problem.min_open() && rho[index(j)] >= 0.0)) break;
        enter(j);
    }
    // As in dual.cpp: a sum of k terms errs by at most k units in the last place of the sum of their magnitudes.
    const double terms = static_cast<double>(problem.n_customers()) + static_cast<double>(problem.n_sites()) + 8.0;
    return {std::move(lambda), value - terms * std::numeric_limits<double>::epsilon() * magnitude};
}

std::vector<double> cheapest_multipliers(const Problem& problem, const CandidateLists& lists) {
    std::vector<double> lambda;
    for (Customer i = 0; i < problem.n_customers(); ++i)
        lambda.push_back(lists.of(i).empty() ? lists.cap(i) : lists.of(i).front().cost);
    return lambda;
}

}  // namespace netdesign::location
