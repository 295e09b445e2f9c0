// The primal side of a run: solutions under iterated local search, guided by what the dual finds out. Where one gets no better it
// joins the population, merged with its members, and the search goes on far from one of them.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "base/random.hpp"
#include "location/interchange.hpp"
#include "location/merge.hpp"
#include "location/run.hpp"

namespace netdesign::location {

class Primal {
public:
    /// The lists have to outlive this object. Without a population there is one solution.
    Primal(Run& run, const Problem& problem, const CandidateLists& lists, const ReverseLists& reverse, std::uint64_t seed, bool population = true);

    /// Take these sites as the solution to work on; O(customers x list prefix).
    void begin(const std::vector<Site>& open);

    /// Descend from the current solution with every site queued.
    void descend();

    /// One round of iterated local search, and what comes after it where nothing better was found for long.
    void round();

    /// Descend from the dual's choice of sites and go on from there where that is better.
    void try_choice(std::vector<Site> open);

    /// Leave sites alone whose state in every better solution is known.
    void guide(const std::vector<Fix>& known);

    /// Nothing better was found for a long time: others have better use for the time.
    [[nodiscard]] bool stale() const noexcept { return idle_ > 5 * patience(); }

    /// Pairs looked at so far.
    [[nodiscard]] std::int64_t work() const noexcept { return spent_ + placement_->work() + merger_.work(); }

private:
    struct Member {
        std::vector<Site> open;  ///< ascending
        double objective = base::infinity;
    };

    void offer();
    void join();
    void leave_from(const Member& member);
    [[nodiscard]] std::int64_t patience() const noexcept { return 40 + 4 * static_cast<std::int64_t>(placement_->open_sites().size()); }

    Run& run_;
    const Problem& problem_;
    const CandidateLists& lists_;
    const ReverseLists& reverse_;
    Interchange search_;
    Merger merger_;
    base::Random random_;
    std::function<bool()> interrupted_;
    std::optional<Placement> placement_;
    std::vector<Placement::Move> log_;
    bool has_population_;
    std::vector<Member> population_;
    double best_ = base::infinity, lowest_ = base::infinity;  ///< of all, and since the last departure
    std::int64_t idle_ = 0, waiting_ = 0;                     ///< rounds since either was found
    std::int64_t spent_ = 0;
};

}  // namespace netdesign::location
