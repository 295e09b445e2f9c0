// Swap local search and its iteration: open one site, close another, until no queued site improves; then disturb a
// neighbourhood, descend again, keep what is not worse.
#pragma once

#include <deque>
#include <functional>
#include <vector>

#include "base/random.hpp"
#include "location/placement.hpp"
#include "location/relaxation.hpp"

namespace netdesign::location {

class Interchange {
public:
    Interchange(const Problem& problem, const CandidateLists& lists, const ReverseLists& reverse);

    /// Sites that may enter; all usable ones at first. O(sites).
    void allow(const std::vector<Fix>& known);

    /// Every site is looked at.
    void queue_all(base::Random& random);

    /// Descend from the queued sites; first improvement over the best partner of each (Whitaker's fast interchange).
    /// Moves are appended to `log`. O(moves x reverse lists of the sites they wake).
    void descend(Placement& placement, std::vector<Placement::Move>& log, const std::function<bool()>& interrupted,
                 Leaving leaving = Leaving::optional);

    /// One round of iterated local search around a random customer, or with a site fewer in one place and one more in another:
    /// its end is kept where it is not worse than the beginning; otherwise all is as before.
    void disturb(Placement& placement, base::Random& random, const std::function<bool()>& interrupted);

    /// Random swaps around so many random customers.
    void scatter(Placement& placement, base::Random& random, std::int32_t customers);

private:
    void wake(Placement& placement);
    void wake_around_open_sites(const Placement& placement, const std::vector<Customer>& changed);
    void push(Site j);
    [[nodiscard]] double sites_per_open(const Placement& placement) const;
    void transfer(Placement& placement, base::Random& random, std::vector<Placement::Move>& log);
    void kick(Placement& placement, base::Random& random, std::vector<Placement::Move>& log);

    const Problem& problem_;
    const CandidateLists& lists_;
    const ReverseLists& reverse_;
    std::vector<std::uint8_t> allowed_, queued_;
    std::deque<Site> queue_;
    std::vector<Placement::Move> log_;
    std::vector<Site> around_;
};

}  // namespace netdesign::location
