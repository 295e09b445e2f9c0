// Local search on what an iteration touched, nothing else.
//
// For a touched customer u and the arc to one of its two neighbours on the route, every candidate v nearer
// than that arc is long is tried as u's new neighbour: an improving move has at least one new arc that is
// shorter than an arc it breaks, so nothing else needs a look (the gain criterion of Lin and Kernighan 1973,
// with the granular lists of Toth and Vigo 2003). The best move of a customer is made at once.
//
// Which moves are tried is a choice: `whole` knows all of them, `tails_and_turns` leaves out the exchange of
// short segments, which ruin and recreate does anyway. Between two ruins the latter is better: the former
// takes two thirds of the iterations (docs/decisions/routing.md).
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <type_traits>
#include <variant>
#include <vector>

#include "routing/moves/exchange.hpp"
#include "routing/moves/reverse.hpp"
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
          queued_(static_cast<std::size_t>(state.problem().size()), 0) {}

    /// Descend until no touched customer has an improving move. Customers of edited arcs join the queue.
    void operator()(std::span<const Location> touched) {
        for (const Location c : touched) push(c);
        for (std::size_t head = 0; head < queue_.size(); ++head) {
            const Location u = queue_[head];
            queued_[static_cast<std::size_t>(u)] = 0;
            while (state_.route_of(u) != nowhere && improve(u)) {
            }
        }
        queue_.clear();
    }

    [[nodiscard]] const OperatorCounts& improvements() const noexcept { return improvements_; }

private:
    static constexpr std::size_t candidates = 12;
    static constexpr std::int32_t longest_given = 2;  ///< of the segment that u's neighbour may take along

    using Move = std::variant<std::monostate, Exchange, SwapTails, JoinHeads, Reverse, ChangeVehicle>;

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
        const Location before = state_.before(u), after = state_.after(u);
        const Cost arc_before = state_.arc(before, u), arc_after = state_.arc(u, after);
        for (const Location v : problem.neighbours(u).first(std::min(candidates, problem.neighbours(u).size()))) {
            if (state_.route_of(v) == nowhere) continue;
            const Cost to = problem.cost(u, v), from = problem.symmetric() ? to : problem.cost(v, u);
            const bool nearer_after = to < arc_after, nearer_before = from < arc_before;
            // The lists are sorted by cost where nothing is timed: no later candidate is nearer either.
            if (!nearer_after && !nearer_before && !F::timed && problem.symmetric()) break;
            try_vehicles(u, v);
            if (nearer_after) try_after(u, v);
            if (nearer_before) try_before(u, v);
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
                if (b > 1) consider(Exchange{{r, i + 1, a, false}, {q, j - b + 1, b, true}});
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
                if (b > 1) consider(Exchange{{r, i - a, a, false}, {q, j, b, true}});
            }
        if (r == q)
            j > i ? consider(Reverse{r, i, j - 1}) : consider(Reverse{r, j, i - 1});
        else {
            consider(SwapTails{q, r, j + 1, i});
            consider(JoinHeads{q, r, j, i});
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

    static Operator operator_of(const Exchange& m) noexcept { return m.a.count == 0 ? Operator::relocate : Operator::exchange; }
    static Operator operator_of(const SwapTails&) noexcept { return Operator::swap_tails; }
    static Operator operator_of(const JoinHeads&) noexcept { return Operator::join_heads; }
    static Operator operator_of(const ChangeVehicle&) noexcept { return Operator::change_vehicle; }
    static Operator operator_of(const Reverse&) noexcept { return Operator::reverse; }

    State<F>& state_;
    std::int32_t longest_segment_;
    std::vector<Location> queue_;
    std::vector<std::uint8_t> queued_;
    Total best_ = 0;
    Move move_;
    OperatorCounts improvements_{};
};

}  // namespace netdesign::routing
