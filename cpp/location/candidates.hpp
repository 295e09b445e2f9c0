// Sparse candidate lists: per customer the cheapest sites, ascending, and a cap that no unlisted site undercuts.
//
// Three lemmas make short lists exact. Cap lemma: with multipliers at most the cap, unlisted pairs contribute nothing
// to the Lagrangian bound. Cut lemma: a Benders cut needs only the sites that cover the customer once. Swap lemma:
// moves are exact as long as the cap is at least the cost of the customer's second nearest open site.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "location/problem.hpp"

namespace netdesign::location {

class CandidateLists {
public:
    /// The `length` cheapest usable sites of every customer. O(customers x length log length) plus the k-d tree.
    CandidateLists(const Problem& problem, std::int32_t length, const std::function<bool()>& interrupted = {});

    [[nodiscard]] std::int32_t n_customers() const noexcept { return static_cast<std::int32_t>(cap_.size()); }

    [[nodiscard]] std::span<const Entry> of(Customer i) const noexcept {
        const auto at = index(i);
        return {entries_.data() + first_[at], index(size_[at])};
    }

    /// No unlisted site costs less; where nothing is unlisted, what an unserved customer counts.
    [[nodiscard]] double cap(Customer i) const noexcept { return cap_[index(i)]; }

    /// True where more sites could be listed.
    [[nodiscard]] bool extendable(Customer i) const noexcept { return extendable_[index(i)] != 0; }

    /// Double a customer's list; false where it is complete. O(length log length).
    bool extend(Customer i);

    [[nodiscard]] std::int64_t n_entries() const noexcept { return listed_; }

private:
    void fill(Customer i, std::int32_t length);

    const Problem& problem_;
    Nearest nearest_;
    std::vector<Entry> entries_;
    std::vector<std::int64_t> first_;
    std::vector<std::int32_t> size_;
    std::vector<double> cap_;
    std::vector<std::uint8_t> extendable_;
    std::int64_t listed_ = 0;
    std::vector<Entry> buffer_;
};

/// The lists seen from the sites: which customers list a site, and at what cost.
class ReverseLists {
public:
    struct Reached {
        double cost;
        Customer customer;
    };

    /// O(entries).
    ReverseLists(const CandidateLists& lists, std::int32_t n_sites);

    [[nodiscard]] std::span<const Reached> of(Site j) const noexcept {
        const auto at = index(j);
        return {reached_.data() + first_[at], index(first_[at + 1] - first_[at])};
    }

private:
    std::vector<Reached> reached_;
    std::vector<std::int64_t> first_;
};

inline constexpr std::int64_t most_listed = 24'000'000;  // entries of 16 bytes

/// How long lists should be at first: a few times the number of sites that share an open one.
std::int64_t wanted_length(const Problem& problem);

/// The same within memory.
std::int32_t first_length(const Problem& problem);

}  // namespace netdesign::location
