// On which site to branch: strong branching with pseudocosts (Achterberg, Koch and Martin, "Branching rules revisited",
// Operations Research Letters 33, 2005), the probes being a few dual iterations instead of simplex pivots.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <mutex>
#include <vector>

#include "location/dual.hpp"

namespace netdesign::location {

/// What a probe needs to know about the run.
struct Limits {
    double target = 0.0;   ///< the incumbent's objective
    double cutoff = 0.0;   ///< bounds from here on end a branch
    std::function<bool()> interrupted;
};

class Branching {
public:
    explicit Branching(std::int32_t n_sites);

    struct Choice {
        std::int32_t site = -1;   ///< free site of the relaxation; -1 where there is nothing to branch on
        bool dead = false;        ///< a site can be neither open nor closed: the node is settled
        std::vector<Fix> known;   ///< sites that turned out to have one state only; empty where none did
    };

    /// Probes the most promising sites of a node from the best point of its ascent.
    /// O(probes x iterations x entries).
    Choice choose(const Relaxation& relaxation, const DualAscent& ascent, const Limits& limits);

    /// Probe iterations done so far, weighted by entries: a measure of effort that repeats exactly.
    [[nodiscard]] std::int64_t work() const noexcept { return work_; }

private:
    static constexpr std::int32_t n_probed = 8;         ///< sites looked at per node
    static constexpr std::int32_t n_reliable = 3;       ///< probes after which the mean gain of a site is trusted
    static constexpr std::int32_t n_iterations = 15;    ///< dual iterations per probe

    enum Side : std::size_t { opened, closed };

    struct Gains {
        double sum = 0.0;
        std::int32_t count = 0;
    };

    struct Probe {
        double gain = 0.0;
        bool dead = false;
    };

    /// The most promising free sites, best first, by the product of their expected gains.
    std::vector<std::int32_t> rank(const Relaxation& relaxation, const DualAscent& ascent) const;
    Probe probe(const Relaxation& relaxation, const DualAscent& ascent, std::vector<Fix> fix, const Limits& limits);

    mutable std::mutex mutex_;
    std::array<std::vector<Gains>, 2> gains_;  ///< per side and site: bound gained per unit of fractionality
    std::array<Gains, 2> all_;
    std::int64_t work_ = 0;
};

/// Multipliers of a restricted relaxation, taken from its parent's.
std::vector<double> inherited(const Relaxation& parent, const std::vector<double>& lambda, const Relaxation& child);

}  // namespace netdesign::location
