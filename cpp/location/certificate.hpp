// What proves a bound without the search that found it: one multiplier per customer of the whole problem.
#pragma once

#include <span>
#include <vector>

#include "location/candidates.hpp"
#include "location/problem.hpp"

namespace netdesign::location {

struct Certificate {
    std::vector<double> lambda;     ///< per customer and unit of weight, at most the cap of its list
    double bound = -infinite_cost;  ///< safe from rounding; not rounded up
};

/// The Lagrangian function of the whole problem (dual.hpp), no site fixed but by its status. By the cap lemma unlisted
/// pairs add nothing. O(pairs with cost below the multiplier + sites).
Certificate certify(const Problem& problem, const CandidateLists& lists, std::vector<double> lambda);

/// Multipliers at the cost of the cheapest site: what is known before the dual has begun. O(customers + sites).
std::vector<double> cheapest_multipliers(const Problem& problem, const CandidateLists& lists);

}  // namespace netdesign::location
