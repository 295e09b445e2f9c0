// What is left of a location problem with capacities once sites were opened or closed and customers were given to sites:
// the part that the dual, the search and the tree work on. Customers keep their numbers; sites are numbered from 0.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "location/candidates.hpp"
#include "location/problem.hpp"

namespace netdesign::location {

struct Capacities {
    std::vector<double> capacity;  ///< per site, in the unit of the weights
    bool single_source = false;    ///< a customer is served from one site
    std::vector<std::int32_t> group;  ///< per site; empty where every site is alone
};

struct Residual {
    std::vector<Site> site;  ///< of the whole problem
    std::vector<double> fixed_cost, capacity;
    std::vector<std::uint8_t> forced;  ///< has to be open
    std::vector<std::int32_t> group;   ///< at most one site of a group opens; empty where every site is alone
    std::vector<double> weight;        ///< per customer; 0 where it asks for nothing
    std::vector<double> cap;           ///< multipliers never exceed it: see the cap lemma
    std::vector<std::int64_t> first;   ///< customers + 1: where lists begin
    std::vector<Entry> entries;        ///< who may serve a customer, ascending by cost per unit of weight
    double demand = 0.0;
    bool single_source = false;

    [[nodiscard]] std::int32_t n_customers() const noexcept { return static_cast<std::int32_t>(weight.size()); }
    [[nodiscard]] std::int32_t n_sites() const noexcept { return static_cast<std::int32_t>(site.size()); }
    [[nodiscard]] std::span<const Entry> of(Customer i) const noexcept {
        const auto at = index(i);
        return {entries.data() + first[at], index(first[at + 1] - first[at])};
    }
};

/// The whole problem over its lists. O(entries).
Residual residual(const Problem& problem, const CandidateLists& lists, const Capacities& capacities);

/// What may still become of a site or of a pair.
enum class Choice : std::int8_t { open_to_choice, taken, left };

/// The sites that were not left, those taken forced, and customers at nobody else than who was given them. O(entries).
Residual restrict(const Residual& parent, std::span<const Choice> sites, std::span<const std::pair<Customer, Site>> given);

}  // namespace netdesign::location
