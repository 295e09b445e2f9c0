// Local search on what an iteration touched, nothing else.
//
// For a touched customer u and the arc to one of its two neighbours on the route, every candidate v nearer
// than that arc is long is tried as u's new neighbour: an improving move has at least one new arc that is
// shorter than an arc it breaks, so nothing else needs a look (the gain criterion of Lin and Kernighan 1973,
// with the granular lists of Toth and Vigo 2003). The best move of a customer is made at once.
//
// Which moves are tried is a choice: `whole` knows all of them, looks at more candidates and takes the best move of the first
// that has one; `tails_and_turns` leaves out the exchange of short segments, which ruin and recreate does anyway. Between two
// ruins the latter is better: the former takes two thirds of the iterations (docs/decisions/routing.md).
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "routing/moves/exchange.hpp"
#include "routing/moves/reverse.hpp"
#include "routing/moves/swap_star.hpp"
#include "routing/moves/tails.hpp"
#include "routing/moves/vehicle.hpp"
#include "routing/search.hpp"

namespace netdesign::routing {

enum class Scope : std::int8_t { tails_and_turns, whole };

template <typename F>
class LocalSearch {
public:
    explicit LocalSearch(State<F>& state, Scope scope = Scope::tails_and_turns)
        : state_(state),
          longest_segment_(scope == Scope::whole ? Exchange::longest_segment : 0),
          candidates_(scope == Scope::whole ? 20 : 12),
          queued_(static_cast<std::size_t>(state.problem().size()), 0) {
        if (swaps_routes()) marked_.resize(static_cast<std::size_t>(state.route_slots()));
    }

    /// Descend until no touched customer has an improving move. Customers of edited arcs join the queue.
    void operator()(std::span<const Location> touched) {
        for (const Location c : touched) push(c);
        for (RouteMarks& marks : marked_) marks = {++clock_, 0};
        do drain();
        while (swaps_routes() && improve_pairs());
    }

    [[nodiscard]] const OperatorCounts& improvements() const noexcept { return improvements_; }

private:
    static constexpr std::int32_t longest_given = 2;  ///< of the segment that u's neighbour may take along

    using Move = std::variant<std::monostate, Exchange, SwapTails, JoinHeads, Reverse, ChangeVehicle, SwapStar>;

    /// What has happened to a route, in the order of a clock that counts such events.
    struct RouteMarks {
        std::int64_t edited = 0, paired = 0;
        RouteIndex seen_from = nowhere;
    };
    static constexpr std::size_t pair_candidates = 6;  ///< routes are near where a customer of one has one of the other among so many neighbours

    /// Swap* pays where everything else has been tried.
    [[nodiscard]] bool swaps_routes() const noexcept { return longest_segment_ > 0 && !F::timed && !F::rich; }

    void drain() {
        for (std::size_t head = 0; head < queue_.size(); ++head) {
            const Location u = queue_[head];
            queued_[static_cast<std::size_t>(u)] = 0;
            while (state_.route_of(u) != nowhere && improve(u)) {
            }
        }
        queue_.clear();
    }

    /// Swap* between every two near routes one of which was edited since they were last looked at; false where nothing gained.
    bool improve_pairs() {
        bool improved = false;
        used_.assign(state_.used().begin(), state_.used().end());
        for (const RouteIndex r : used_) {
            const std::int64_t last = std::exchange(marked_[static_cast<std::size_t>(r)].paired, ++clock_);
            find_near(r);
            for (const RouteIndex q : near_) {
                if (state_.length(r) == 0 || state_.length(q) == 0) continue;
                if (std::max(marked_[static_cast<std::size_t>(r)].edited, marked_[static_cast<std::size_t>(q)].edited) <= last) continue;
                best_ = 0;
                const SwapStar found = find_swap_(state_, r, q, best_);
                if (best_ >= 0) continue;
                move_ = found;
                make();
                improved = true;
            }
        }
        return improved;
    }

    void find_near(RouteIndex r) {
        near_.clear();
        for (const Location u : state_.route(r))
            for (const Location v : state_.problem().neighbours(u).first(std::min(pair_candidates, state_.problem().neighbours(u).size()))) {
                const RouteIndex q = state_.route_of(v);
                if (q <= r || std::exchange(marked_[static_cast<std::size_t>(q)].seen_from, r) == r) continue;
                near_.push_back(q);
            }
        for (const RouteIndex q : near_) marked_[static_cast<std::size_t>(q)].seen_from = nowhere;
    }

    void push(Location c) {
        if (state_.is_depot(c) || queued_[static_cast<std::size_t>(c)]) return;
        queued_[static_cast<std::size_t>(c)] = 1;
        queue_.push_back(c);
    }

    /// Make the best improving move of u; false where there is none.
    bool improve(Location u) {
        best_ = 0;
        move_ = std::monostate{};
        const auto& problem = state_.problem();
        const Cost arc_before = state_.arc_before(u), arc_after = state_.arc_after(u);
        // Where a route is overloaded, a move may gain though every new arc is longer.
        const bool relieving = !state_.keeps_rules() && state_.overload_cost(state_.route_of(u), state_.load(state_.route_of(u))) > 0;
        for (const Location v : problem.neighbours(u).first(std::min(candidates_, problem.neighbours(u).size()))) {
            if (state_.route_of(v) == nowhere) continue;
            const Cost to = problem.cost(u, v), from = problem.symmetric() ? to : problem.cost(v, u);
            const bool nearer_after = relieving || to < arc_after, nearer_before = relieving || from < arc_before;
            // The lists are sorted by cost where nothing is timed: no later candidate is nearer either.
            if (!nearer_after && !nearer_before && !F::timed && problem.symmetric()) break;
            try_vehicles(u, v);
            if (nearer_after) try_after(u, v);
            if (nearer_before) try_before(u, v);
            if (longest_segment_ > 0) try_depots(u, v);
            if (longest_segment_ > 0 && best_ < 0) break;
        }
        try_ends(u);
        if (best_ >= 0) return false;
        make();
        return true;
    }

    template <typename M>
    void consider(const M& move) {
        if (!move.supports(state_)) return;
        if (const Total delta = move.evaluate(state_, best_); delta < best_) {
            best_ = delta;
            move_ = move;
        }
    }

    /// All moves with the new arc u -> v.
    void try_after(Location u, Location v) {
        const RouteIndex r = state_.route_of(u), q = state_.route_of(v);
        const std::int32_t i = state_.position_of(u), j = state_.position_of(v);
        for (std::int32_t b = 1; b <= longest_segment_; ++b)
            for (std::int32_t a = 0; a <= longest_given; ++a) {
                consider(Exchange{{r, i + 1, a, false}, {q, j, b, false}});
                if (b > 1 && a == 0) consider(Exchange{{r, i + 1, a, false}, {q, j - b + 1, b, true}});
            }
        if (r == q)
            j > i ? consider(Reverse{r, i + 1, j}) : consider(Reverse{r, j + 1, i});
        else {
            consider(SwapTails{r, q, i + 1, j});
            consider(JoinHeads{r, q, i + 1, j + 1});
        }
    }

    /// All moves with the new arc v -> u.
    void try_before(Location u, Location v) {
        const RouteIndex r = state_.route_of(u), q = state_.route_of(v);
        const std::int32_t i = state_.position_of(u), j = state_.position_of(v);
        for (std::int32_t b = 1; b <= longest_segment_; ++b)
            for (std::int32_t a = 0; a <= longest_given; ++a) {
                consider(Exchange{{r, i - a, a, false}, {q, j - b + 1, b, false}});
                if (b > 1 && a == 0) consider(Exchange{{r, i - a, a, false}, {q, j, b, true}});
            }
        if (r == q)
            j > i ? consider(Reverse{r, i, j - 1}) : consider(Reverse{r, j, i - 1});
        else {
            consider(SwapTails{q, r, j + 1, i});
            consider(JoinHeads{q, r, j, i});
        }
    }

    /// Where v is the first or the last on its route: moves that put u there, with a new arc from or to the depot.
    void try_depots(Location u, Location v) {
        if constexpr (!F::rich) {
            const RouteIndex r = state_.route_of(u), q = state_.route_of(v);
            const std::int32_t i = state_.position_of(u), length = state_.length(q);
            if (state_.is_depot(state_.before(v)) && state_.arc(depot, u) < std::max(state_.arc_before(u), state_.arc_after(u)))
                for (std::int32_t b = 1; b <= longest_segment_; ++b)
                    for (std::int32_t a = 0; a <= 1; ++a) {
                        consider(Exchange{{q, 0, a, false}, {r, i, b, false}});
                        if (b > 1) consider(Exchange{{q, 0, a, false}, {r, i - b + 1, b, true}});
                    }
            if (state_.is_depot(state_.after(v)) && state_.arc(u, depot) < std::max(state_.arc_before(u), state_.arc_after(u)))
                for (std::int32_t b = 1; b <= longest_segment_; ++b)
                    for (std::int32_t a = 0; a <= 1; ++a) {
                        consider(Exchange{{q, length - a, a, false}, {r, i - b + 1, b, false}});
                        if (b > 1) consider(Exchange{{q, length - a, a, false}, {r, i, b, true}});
                    }
        }
    }

    /// Two routes of different vehicles change them.
    void try_vehicles(Location u, Location v) {
        if constexpr (F::rich) {
            const RouteIndex r = state_.route_of(u), q = state_.route_of(v);
            if (state_.type_of(r) != state_.type_of(q)) consider(SwapTails{r, q, 0, 0});
        }
    }

    /// Cut the route behind u, or put u at the end of a route of its own: moves whose new arcs touch the depot.
    void try_ends(Location u) {
        const RouteIndex r = state_.route_of(u);
        const std::int32_t i = state_.position_of(u);
        for (std::int32_t type = 0; type < state_.types(); ++type) {
            const RouteIndex empty = state_.empty_route(type);
            if (empty == nowhere) continue;
            if (i + 1 < state_.length(r)) consider(SwapTails{r, empty, i + 1, 0});
            if (F::rich && type != state_.type_of(r)) consider(ChangeVehicle{r, empty});
        }
    }

    void make() {
        std::visit(
            [this](const auto& move) {
                using M = std::decay_t<decltype(move)>;
                if constexpr (!std::is_same_v<M, std::monostate>) {
                    push_ends(move);
                    move.apply(state_);
                    state_.add_cost(best_);
                    ++improvements_[static_cast<std::size_t>(operator_of(move))];
                }
            },
            move_);
    }

    // The customers at broken and new arcs are the same ones: ends of the segments and their surroundings.
    void push_around(RouteIndex r, std::int32_t first, std::int32_t end) {
        for (const std::int32_t p : {first - 1, first, end - 1, end}) push(state_.at(r, p));
        if (swaps_routes()) marked_[static_cast<std::size_t>(r)].edited = ++clock_;
    }
    void push_ends(const Exchange& m) {
        push_around(m.a.route, m.a.first, m.a.end());
        push_around(m.b.route, m.b.first, m.b.end());
    }
    template <typename Tails>
    void push_ends(const Tails& m) {
        push_around(m.a, m.cut_a, m.cut_a);
        push_around(m.b, m.cut_b, m.cut_b);
    }
    void push_ends(const ChangeVehicle& m) { push_around(m.from, 0, state_.length(m.from)); }
    void push_ends(const Reverse& m) { push_around(m.route, m.first, m.last + 1); }

    void push_ends(const SwapStar& m) {
        const RouteIndex a = state_.route_of(m.u), b = state_.route_of(m.v);
        for (const auto& [r, at] : {std::pair(a, state_.position_of(m.u)), std::pair(b, state_.position_of(m.v))}) push_around(r, at, at + 1);
        push_around(a, m.place_v, m.place_v);
        push_around(b, m.place_u, m.place_u);
    }

    static Operator operator_of(const SwapStar&) noexcept { return Operator::swap_star; }
    static Operator operator_of(const Exchange& m) noexcept { return m.a.count == 0 ? Operator::relocate : Operator::exchange; }
    static Operator operator_of(const SwapTails&) noexcept { return Operator::swap_tails; }
    static Operator operator_of(const JoinHeads&) noexcept { return Operator::join_heads; }
    static Operator operator_of(const ChangeVehicle&) noexcept { return Operator::change_vehicle; }
    static Operator operator_of(const Reverse&) noexcept { return Operator::reverse; }

    State<F>& state_;
    std::int32_t longest_segment_;
    std::size_t candidates_;  ///< neighbours that may become next on the route
    std::vector<Location> queue_;
    std::vector<std::uint8_t> queued_;
    std::vector<RouteMarks> marked_;  ///< by route
    std::vector<RouteIndex> used_, near_;
    std::int64_t clock_ = 0;
    SwapStarSearch<F> find_swap_;
    Total best_ = 0;
    Move move_;
    OperatorCounts improvements_{};
};

}  // namespace netdesign::routing
