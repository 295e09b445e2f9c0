// Two solutions become one (Aggarwal, Orlin and Tai, "Optimized crossover for the independent set problem", Operations Research 45,
// 1997): sites that both have stay open, and the best choice is made among those that only one has. That is a small problem for
// the solver itself, with one site more for the rest: it serves everybody at what the nearest of the sites that stay asks.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "location/placement.hpp"

namespace netdesign::location {

class Merger {
public:
    /// All of them have to outlive this object.
    Merger(const Problem& problem, const CandidateLists& lists, const ReverseLists& reverse);

    /// The placement becomes the best of what it and the other solution have between them, as far as a limited effort finds
    /// it; never worse than it is.
    void merge(Placement& placement, std::span<const Site> other, std::uint64_t seed, const std::function<bool()>& interrupted);

    /// Pairs looked at so far: a measure of effort that repeats exactly.
    [[nodiscard]] std::int64_t work() const noexcept { return work_; }

private:
    std::int32_t choose(const Placement& placement, std::span<const Site> other);
    void list(const Placement& placement);
    std::vector<std::uint8_t> best(std::int32_t own, std::int32_t staying, std::uint64_t seed, const std::function<bool()>& interrupted);

    const Problem& problem_;
    const CandidateLists& lists_;
    const ReverseLists& reverse_;
    std::vector<Site> sites_;              ///< that only one of the two has
    std::vector<std::int32_t> number_;     ///< of each of these, -1 for others
    std::vector<Customer> customers_;      ///< whom any of these may serve
    std::vector<std::uint8_t> is_listed_;  ///< per customer
    std::vector<std::int64_t> offsets_;    ///< where the lists of these customers begin
    std::vector<std::int32_t> listed_;     ///< numbers; the rest's comes after those of the sites
    std::vector<double> costs_;
    std::int64_t work_ = 0;
};

}  // namespace netdesign::location
