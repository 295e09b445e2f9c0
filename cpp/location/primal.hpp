// The primal side of a run: one solution under iterated local search, guided by what the dual finds out.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "base/random.hpp"
#include "location/interchange.hpp"
#include "location/run.hpp"

namespace netdesign::location {

class Primal {
public:
    /// The lists have to outlive this object.
    Primal(Run& run, const Problem& problem, const CandidateLists& lists, const ReverseLists& reverse, std::uint64_t seed);

    /// Take these sites as the solution to work on; O(customers x list prefix).
    void begin(const std::vector<Site>& open);

    /// Descend from the current solution with every site queued.
    void descend();

    /// One round of iterated local search. When nothing better was found for long, slightly worse solutions are accepted
    /// for a while, and then the best one is taken up again.
    void round();

    /// Descend from the dual's choice of sites and go on from there where that is better.
    void try_choice(std::vector<Site> open);

    /// Leave sites alone whose state in every better solution is known.
    void guide(const std::vector<Fix>& known);

    /// Nothing better was found for a long time: others have better use for the time.
    [[nodiscard]] bool stale() const noexcept { return rounds_without_success_ > patience(); }

    /// Pairs looked at so far.
    [[nodiscard]] std::int64_t work() const noexcept { return spent_ + placement_->work(); }

private:
    void offer();
    [[nodiscard]] std::int64_t patience() const noexcept { return 200 + 20 * static_cast<std::int64_t>(placement_->open_sites().size()); }

    Run& run_;
    const Problem& problem_;
    const CandidateLists& lists_;
    const ReverseLists& reverse_;
    Interchange search_;
    base::Random random_;
    std::function<bool()> interrupted_;
    std::optional<Placement> placement_;
    std::vector<Placement::Move> log_;
    std::vector<Site> best_open_;
    double best_ = base::infinity;
    std::int64_t walked_ = 0;
    std::int64_t spent_ = 0, rounds_without_success_ = 0;
};

}  // namespace netdesign::location
