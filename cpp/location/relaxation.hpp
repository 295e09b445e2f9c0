// What is left of a problem after some sites were fixed: the residual that the dual works on.
//
// Closed sites leave the lists. An open site caps the multipliers of the customers it reaches (nobody pays more than
// what an open site asks), so everything dearer leaves their lists too; a customer without entries is a constant.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "location/candidates.hpp"
#include "location/problem.hpp"

namespace netdesign::location {

struct Relaxation {
    std::vector<Customer> customer;   ///< the customers of the whole problem that are left
    std::vector<std::int64_t> first;  ///< customers + 1: where lists begin
    std::vector<Entry> entries;       ///< ascending by cost; sites are numbered here from 0
    std::vector<double> weight;
    std::vector<double> cap;          ///< multipliers never exceed it: see the cap lemma
    std::vector<std::uint8_t> capped_by_list;  ///< whether the cap comes from a list that could be longer
    std::vector<Site> site;           ///< the free sites of the whole problem
    std::vector<double> fixed_cost;
    std::vector<Site> open;           ///< sites fixed open, in the whole problem
    double constant = 0.0;
    std::int32_t min_open = 0, max_open = 0;  ///< of the free sites

    [[nodiscard]] std::int32_t n_customers() const noexcept { return static_cast<std::int32_t>(customer.size()); }
    [[nodiscard]] std::int32_t n_sites() const noexcept { return static_cast<std::int32_t>(site.size()); }
    [[nodiscard]] std::span<const Entry> of(std::int32_t i) const noexcept {
        const auto at = index(i);
        return {entries.data() + first[at], index(first[at + 1] - first[at])};
    }

    /// False where no choice of free sites can meet the required number.
    [[nodiscard]] bool possible() const noexcept { return max_open >= 0 && min_open <= n_sites() && min_open <= max_open; }

    /// True where nothing is left to choose.
    [[nodiscard]] bool decided() const noexcept { return n_sites() == 0 || max_open == 0 || min_open == n_sites(); }
};

/// What is known of a free site.
enum class Fix : std::int8_t { free, open, closed };

/// The whole problem; sites with a status are fixed. O(entries).
Relaxation relax(const Problem& problem, const CandidateLists& lists);

/// The residual after fixing some of the free sites: `fix` has one element per free site. O(entries).
Relaxation restrict(const Relaxation& parent, std::span<const Fix> fix);

}  // namespace netdesign::location
