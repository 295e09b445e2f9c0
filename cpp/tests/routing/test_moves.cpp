// Every move: evaluate(after) - evaluate(before) == delta, and what it refuses would have broken a rule.
#include <string>

#include "expect.hpp"
#include "random_problem.hpp"
#include "routing/construct.hpp"
#include "routing/moves/exchange.hpp"
#include "routing/moves/reverse.hpp"
#include "routing/moves/swap_star.hpp"
#include "routing/moves/tails.hpp"
#include "routing/moves/vehicle.hpp"

using namespace netdesign;
using namespace netdesign::tests;

namespace {

template <typename F>
RouteIndex some_route(const State<F>& state, base::Random& random) {
    RouteIndex r;
    do r = random.below(state.route_slots());
    while (state.route(r).empty());
    return r;
}

template <typename F>
Segment some_segment(const State<F>& state, base::Random& random, std::int32_t least) {
    const RouteIndex r = some_route(state, random);
    return {r, random.between(0, state.length(r)), random.between(least, Exchange::longest_segment), random.below(2) == 1};
}

template <typename F>
Exchange draw(const State<F>& state, base::Random& random, Exchange*) {
    return {some_segment(state, random, 0), some_segment(state, random, 1)};
}
template <typename F>
SwapTails draw(const State<F>& state, base::Random& random, SwapTails*) {
    const RouteIndex a = some_route(state, random), b = some_route(state, random);
    return {a, b, random.between(0, state.length(a)), random.between(0, state.length(b))};
}
template <typename F>
JoinHeads draw(const State<F>& state, base::Random& random, JoinHeads*) {
    const RouteIndex a = some_route(state, random), b = some_route(state, random);
    return {a, b, random.between(0, state.length(a)), random.between(0, state.length(b))};
}
template <typename F>
Reverse draw(const State<F>& state, base::Random& random, Reverse*) {
    const RouteIndex r = some_route(state, random);
    return {r, random.between(0, state.length(r)), random.between(0, state.length(r))};
}

template <typename F>
ChangeVehicle draw(const State<F>& state, base::Random& random, ChangeVehicle*) {
    return {some_route(state, random), random.below(state.route_slots())};
}

template <typename F>
SwapStar draw(const State<F>& state, base::Random& random, SwapStar*) {
    const RouteIndex a = some_route(state, random), b = some_route(state, random);
    const std::int32_t i = random.below(state.length(a)), j = random.below(state.length(b));
    return {state.at(a, i), state.at(b, j), random.between(0, state.length(b)), random.between(0, state.length(a))};
}

struct Seen {
    int made = 0, refused = 0, overloaded = 0, late = 0;
};

template <typename F, typename Move>
void try_moves(const Problem& problem, std::uint64_t seed, bool overloading, Seen& seen) {
    base::Random random(seed);
    State<F> state(problem);
    construct(state, {}, random);
    expect(state.consistent());
    if (overloading) state.set_prices(price_scale / 8, price_scale / 8);
    for (int k = 0; k < 400; ++k) {
        const Move move = draw(state, random, static_cast<Move*>(nullptr));
        if (!move.supports(state)) continue;
        const Total delta = move.evaluate(state, no_gain);
        State<F> after = state;
        move.apply(after);
        if (delta == no_gain) {
            ++seen.refused;
            after.add_cost(after.full_cost() - after.cost());
            expect(!after.consistent());
            continue;
        }
        ++seen.made;
        after.add_cost(delta);
        expect_equal(after.full_cost(), state.full_cost() + delta);
        expect(after.consistent());
        expect(move.evaluate(state, delta) == no_gain);  // beats nothing that is as good
        state = after;
        seen.overloaded += state.excess() > 0 ? 1 : 0;
        seen.late += state.lateness() > 0 ? 1 : 0;
    }
}

template <typename Move>
void test_move(const char* name) {
    test(std::string(name) + ": delta equals full evaluation, refusals are infeasible", [] {
        Seen seen;
        std::uint64_t seed = 1;
        for (const Kind& kind : all_kinds())
            for (int k = 0; k < 5; ++k) {
                const Problem problem = random_problem(25, kind, ++seed);
                with_features(kind, [&]<typename F>() { try_moves<F, Move>(problem, seed, k % 2 == 1, seen); });
            }
        expect(seen.made > 500);
        expect(seen.overloaded > 100 || std::is_same_v<Move, Reverse>);
        expect(seen.late > 100 || std::is_same_v<Move, JoinHeads> || std::is_same_v<Move, SwapStar>);
        expect(seen.refused > 500 || std::is_same_v<Move, Reverse>);
    });
}

/// The best swap between two routes by trying every pair and every place.
template <typename F>
Total best_swap(const State<F>& state, RouteIndex a, RouteIndex b) {
    Total best = 0;
    for (const Location u : state.route(a))
        for (const Location v : state.route(b))
            for (std::int32_t place_u = 0; place_u <= state.length(b); ++place_u)
                for (std::int32_t place_v = 0; place_v <= state.length(a); ++place_v)
                    if (const SwapStar move{u, v, place_u, place_v}; move.supports(state)) best = std::min(best, move.evaluate(state, best));
    return best;
}

void test_swap_star_search() {
    test("the best swap between two routes is found among all places", [] {
        using F = Features<false, 1, false>;
        int found = 0;
        for (std::uint64_t seed = 1; seed <= 40; ++seed) {
            const Problem problem = random_problem(25, {}, seed);
            base::Random random(seed);
            State<F> state(problem);
            construct(state, {}, random);
            SwapStarSearch<F> search;
            for (const RouteIndex a : state.used())
                for (const RouteIndex b : state.used()) {
                    if (a == b) continue;
                    Total best = 0;
                    const SwapStar move = search(state, a, b, best);
                    expect_equal(best, best_swap(state, a, b));
                    if (best == 0) continue;
                    ++found;
                    expect_equal(move.evaluate(state, 0), best);
                }
        }
        expect(found > 20);
    });
}

}  // namespace

int main() {
    test_move<Exchange>("exchange");
    test_move<SwapTails>("swap tails");
    test_move<JoinHeads>("join heads");
    test_move<Reverse>("reverse");
    test_move<ChangeVehicle>("change vehicle");
    test_move<SwapStar>("swap star");
    test_swap_star_search();
    return summary();
}
