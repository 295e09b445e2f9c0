// The dual side of a run at the root: multipliers, lists made longer where they bind, sites fixed on the way.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "location/certificate.hpp"
#include "location/dual.hpp"
#include "location/run.hpp"

namespace netdesign::location {

class Root {
public:
    /// Own multipliers to begin with where none are given, per customer of the problem.
    Root(Run& run, const Problem& problem, CandidateLists lists, const std::vector<double>& lambda = {});

    /// One dual iteration, and every so often longer lists and a smaller relaxation.
    void step();

    /// Little more is to be had from the dual alone.
    [[nodiscard]] bool done() const {
        return !coarse_ && (!relaxation_->possible() || relaxation_->decided() || ascent_->exhausted());
    }

    /// Report the bound and drop the sites that are known.
    void reduce();

    /// What is known of every site of the problem.
    [[nodiscard]] std::vector<Fix> known() const;

    /// The sites that the best multipliers choose.
    [[nodiscard]] std::vector<Site> choice() const;

    [[nodiscard]] const Relaxation& relaxation() const { return *relaxation_; }
    [[nodiscard]] const CandidateLists& lists() const { return lists_; }
    [[nodiscard]] const std::vector<double>& lambda() const { return ascent_->best().lambda; }  ///< once done

    /// The multipliers so far that prove most for the whole problem; O(entries).
    [[nodiscard]] Certificate certificate() const;

    /// Pairs an iteration looks at, at most.
    [[nodiscard]] std::int64_t work_per_step() const {
        return static_cast<std::int64_t>((coarse_ ? coarse_ : relaxation_)->entries.size());
    }

private:
    void begin(const std::vector<double>& lambda);
    void begin_coarse();
    void end_coarse();
    void replace(Relaxation next, const std::vector<double>& lambda);
    void extend();

    /// The best multipliers per customer of the relaxation, as far as the coarse one knows them while there is one.
    [[nodiscard]] std::vector<double> multipliers() const;

    /// The same per customer of the problem; what a known site asks of those who are no longer in the relaxation.
    [[nodiscard]] std::vector<double> spread() const;

    Run& run_;
    const Problem& problem_;
    CandidateLists lists_;
    std::unique_ptr<Relaxation> relaxation_;  // at a fixed address: the ascent refers to it
    std::unique_ptr<Relaxation> coarse_;      // a sample of the sites, at first, where the lists are long
    std::optional<DualAscent> ascent_;        // of the coarse relaxation while there is one
    std::vector<double> whole_lambda_;        // the best before sites were fixed by reduced costs
    bool whole_ = true;                       // none is
    std::int64_t count_ = 0;
};

}  // namespace netdesign::location
