// The mutable twin of a solution: open sites with everybody's nearest and second nearest, kept exact under opening and
// closing one site at a time (Whitaker 1983; Resende and Werneck 2007).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "location/candidates.hpp"
#include "location/min_tree.hpp"
#include "location/problem.hpp"

namespace netdesign::location {

inline constexpr Site nobody = -1;

/// What may close when a site opens: one that serves the same customers, any one, or none.
enum class Leaving : std::int8_t { near, any, optional };

class Placement {
public:
    /// O(entries read until two open sites are found), for customers with fewer in their list O(open sites).
    Placement(const Problem& problem, const CandidateLists& lists, const ReverseLists& reverse, std::span<const Site> open);

    [[nodiscard]] double objective() const noexcept { return objective_; }
    [[nodiscard]] bool is_open(Site j) const noexcept { return position_[index(j)] >= 0; }
    [[nodiscard]] const std::vector<Site>& open_sites() const noexcept { return open_; }
    [[nodiscard]] Site nearest(Customer i) const noexcept { return nearest_[index(i)]; }

    [[nodiscard]] double nearest_cost(Customer i) const noexcept { return d1_[index(i)]; }
    [[nodiscard]] double second_cost(Customer i) const noexcept { return d2_[index(i)]; }
    [[nodiscard]] bool is_pinned(Site j) const noexcept { return pinned_[index(j)] != 0; }

    /// Pairs looked at so far: a measure of effort that repeats exactly, unlike time.
    [[nodiscard]] std::int64_t work() const noexcept { return work_; }

    /// Open a closed site; O(its reverse list + customers with short lists).
    void open(Site j);

    /// Close an open site; O(its reverse list + lists of the customers that lose it).
    void close(Site r);

    /// A move of the local search: open `enter`, close `leave`; either may be `nobody`.
    struct Move {
        double delta = 0.0;
        Site enter = nobody, leave = nobody;
    };

    /// The best move that opens a closed site; exact as long as the caps of the customers it concerns are at least their
    /// second cost (swap lemma), else never too good. O(reverse list).
    Move best_entry(Site j, Leaving leaving);

    /// What closing an open site costs; infinite where it has to stay.
    [[nodiscard]] double drop_delta(Site r) const noexcept { return pinned_[index(r)] ? infinite_cost : leave_value(r); }

    /// The best move that only closes a site; O(log sites). The site that stays last is never offered.
    [[nodiscard]] Move best_drop() const;

    void apply(const Move& move);

    /// Customers whose nearest or second nearest open site changed since the last call.
    std::vector<Customer>& changed() noexcept { return changed_; }

    /// A site that has to stay.
    void pin(Site j);

    /// Recompute objective and losses, against drift; O(customers + sites).
    void refresh();

private:
    void set_customer(Customer i, Site first, double d1, Site second, double d2);
    void search(Customer i, Site without);
    void add_loss(Site j, double change);
    void flush_losses();
    [[nodiscard]] double leave_value(Site j) const noexcept {
        return loss_[index(j)] - problem_.fixed_cost(j);
    }

    const Problem& problem_;
    const CandidateLists& lists_;
    const ReverseLists& reverse_;
    std::vector<Site> open_;
    std::vector<std::int32_t> position_;
    std::vector<Site> nearest_, second_;
    std::vector<double> d1_, d2_;
    std::vector<double> loss_;
    std::vector<std::uint8_t> pinned_;
    MinTree leaving_;
    std::vector<Customer> short_;              ///< customers whose list may miss their nearest two
    std::vector<std::int32_t> short_position_;
    std::vector<Site> dirty_;
    std::vector<std::uint8_t> is_dirty_;
    std::vector<double> extra_;
    std::vector<Site> touched_;
    std::vector<Customer> changed_;
    double objective_ = 0.0;
    std::int64_t work_ = 0;
};

}  // namespace netdesign::location
