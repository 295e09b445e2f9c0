// The objective of a set of open sites, read from candidate lists.
#pragma once

#include <span>

#include "location/candidates.hpp"

namespace netdesign::location {

/// O(entries read until an open site is found); customers without one in their list ask every open site.
/// `is_open` is scratch memory of one byte per site, all zero before and after.
double evaluate(const Problem& problem, const CandidateLists& lists, std::span<const Site> open, std::vector<std::uint8_t>& is_open);

}  // namespace netdesign::location
