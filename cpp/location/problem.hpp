// The location problem as the core sees it: open between `min_open` and `max_open` sites so that fixed costs plus
// weighted costs of serving everyone are least. p-median and uncapacitated facility location differ in these two
// numbers only.
#pragma once

#include <cstdint>
#include <vector>

#include "location/costs.hpp"

namespace netdesign::location {

enum class SiteStatus : std::int8_t { candidate, open, closed };

/// Validated where it enters the program; assertions only from here on.
struct ProblemData {
    CostSource costs;
    std::vector<double> weight;
    std::vector<double> fixed_cost;
    std::vector<SiteStatus> status;
    std::int32_t min_open = 1, max_open = 1;
    bool integral = false;  ///< every objective value is a whole number
    PairLimits limits{};
};

class Problem {
public:
    /// O(customers + sites), for a matrix O(customers x sites).
    explicit Problem(ProblemData data);

    [[nodiscard]] std::int32_t n_customers() const noexcept { return static_cast<std::int32_t>(data_.weight.size()); }
    [[nodiscard]] std::int32_t n_sites() const noexcept { return static_cast<std::int32_t>(data_.fixed_cost.size()); }
    [[nodiscard]] std::int32_t min_open() const noexcept { return data_.min_open; }
    [[nodiscard]] std::int32_t max_open() const noexcept { return data_.max_open; }
    [[nodiscard]] bool integral() const noexcept { return data_.integral; }
    [[nodiscard]] SiteStatus status(Site j) const noexcept { return data_.status[index(j)]; }
    [[nodiscard]] double fixed_cost(Site j) const noexcept { return data_.fixed_cost[index(j)]; }
    [[nodiscard]] const CostSource& source() const noexcept { return data_.costs; }
    [[nodiscard]] const PairLimits& limits() const noexcept { return data_.limits; }
    [[nodiscard]] const std::vector<Site>& usable() const noexcept { return usable_; }

    /// Weight of a customer; 1 for those of weight 0, who need a site that can serve them but cost nothing.
    [[nodiscard]] double weight(Customer i) const noexcept { return data_.weight[index(i)]; }

    /// Cost of serving one unit of weight; infinite where the site cannot serve.
    [[nodiscard]] double cost(Customer i, Site j) const {
        const double c = location::cost(data_.costs, i, j);
        if (c == infinite_cost || !data_.limits.allow(i, j, c)) return infinite_cost;
        return is_free(i) ? 0.0 : c;
    }

    [[nodiscard]] bool is_free(Customer i) const noexcept { return free_[index(i)] != 0; }

    /// What leaving a customer unserved counts per unit of weight: one such customer outweighs every solution.
    [[nodiscard]] double penalty(Customer i) const noexcept { return unserved_ / weight(i); }

    /// Objectives from here on leave somebody unserved; a bound from here on proves that there is no solution.
    [[nodiscard]] double unserved() const noexcept { return unserved_; }

private:
    ProblemData data_;
    std::vector<std::uint8_t> free_;
    std::vector<Site> usable_;
    double unserved_ = 0.0;
};

/// Cost of a set of open sites with everybody at the cheapest of them; O(customers x open sites): the slow oracle of the tests.
double evaluate(const Problem& problem, const std::vector<Site>& open);

/// The cheapest open site of every customer, -1 where none can serve; k-d tree for points, else O(customers x open sites).
std::vector<Site> assign(const Problem& problem, const std::vector<Site>& open);

}  // namespace netdesign::location
