// A first solution.
#pragma once

#include <functional>
#include <vector>

#include "location/candidates.hpp"

namespace netdesign::location {

/// Greedy adding with lazy gains (Minoux 1978): open what saves most until the number is reached or nothing pays.
/// A customer that no open site serves counts as served at its list's cap. Begins with the sites given, of which those
/// leave that lose least where they are too many. O(entries log sites) in practice.
std::vector<Site> greedy(const Problem& problem, const CandidateLists& lists, const ReverseLists& reverse,
                         const std::function<bool()>& interrupted, const std::vector<Site>& begin = {});

/// Makes a set of sites meet statuses and numbers: forced sites enter, the excess leaves from the back, and usable
/// sites fill what lacks. O(sites).
std::vector<Site> complete(const Problem& problem, std::vector<Site> open);

}  // namespace netdesign::location
