#include "location/problem.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace netdesign::location {

Problem::Problem(ProblemData data) : data_(std::move(data)) {
    assert(location::n_customers(data_.costs) == n_customers() && location::n_sites(data_.costs) == n_sites());
    free_.resize(data_.weight.size());
    const auto most = dearest(data_.costs);
    for (Customer i = 0; i < n_customers(); ++i) {
        auto& weight = data_.weight[index(i)];
        free_[index(i)] = weight == 0.0;
        if (weight == 0.0) weight = 1.0;
        else unserved_ += weight * most[index(i)];
    }
    for (Site j = 0; j < n_sites(); ++j) {
        unserved_ += fixed_cost(j);
        if (status(j) != SiteStatus::closed) usable_.push_back(j);
    }
    unserved_ = std::ceil(2.0 * unserved_) + 1.0;
    data_.max_open = std::min<std::int32_t>(data_.max_open, static_cast<std::int32_t>(usable_.size()));
}

double evaluate(const Problem& problem, const std::vector<Site>& open) {
    double total = 0.0;
    for (const Site j : open) total += problem.fixed_cost(j);
    for (Customer i = 0; i < problem.n_customers(); ++i) {
        double best = problem.penalty(i);
        for (const Site j : open) best = std::min(best, problem.cost(i, j));
        total += problem.weight(i) * best;
    }
    return total;
}

std::vector<Site> assign(const Problem& problem, const std::vector<Site>& open) {
    const Nearest nearest(problem.source(), open, problem.limits());
    std::vector<Site> to(index(problem.n_customers()), -1);
    std::vector<Entry> entries;
    for (Customer i = 0; i < problem.n_customers(); ++i) {
        nearest.find(i, 1, entries);
        if (!entries.empty()) to[index(i)] = entries.front().site;
    }
    return to;
}

}  // namespace netdesign::location
