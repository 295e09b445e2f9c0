#include <map>

#include "expect.hpp"
#include "random_problem.hpp"
#include "routing/construct.hpp"
#include "routing/local_search.hpp"
#include "routing/recreate.hpp"
#include "routing/ruin/strings.hpp"

using namespace netdesign;
using namespace netdesign::tests;

namespace {

template <typename F>
std::vector<std::vector<Location>> routes_of(const State<F>& state) {
    std::vector<std::vector<Location>> out;
    for (RouteIndex r = 0; r < state.route_slots(); ++r) out.emplace_back(state.route(r).begin(), state.route(r).end());
    return out;
}

void for_every_kind(auto body) {
    std::uint64_t seed = 100;
    for (Kind kind : all_kinds())
        for (const std::int32_t vehicles : {1000, 4}) {
            kind.max_routes = vehicles;
            const Problem problem = random_problem(40, kind, ++seed);
            for (const bool overloading : {false, true})
                with_features(kind, [&]<typename F>() {
                    base::Random random(seed);
                    State<F> state(problem);
                    construct(state, {}, random);
                    if (overloading) {
                        state.set_prices(3 * price_scale, 2 * price_scale);
                        state.set_trespassing(true);
                    }
                    body(state, random);
                });
        }
}

void test_construct() {
    test("a start plan is consistent and serves everyone where vehicles suffice", [] {
        for_every_kind([](auto& state, base::Random&) {
            expect(state.consistent());
            if (state.problem().plain() && state.route_slots() == state.problem().customers()) expect(state.unserved().empty());
        });
    });
    test("given routes are kept, what they leave out is added", [] {
        const Problem problem = random_problem(10, {}, 5);
        State<Features<false, 1, false>> state(problem);
        base::Random random(1);
        const std::vector<PlannedRoute> given{{0, {3, 1}}, {0, {7}}};
        construct(state, given, random);
        expect(state.consistent());
        expect(state.unserved().empty());
        expect_equal(state.route_of(3), state.route_of(1));
    });
}

void test_journal() {
    Total overloaded = 0, late = 0;
    test("rollback restores routes, caches, cost and the unserved after ruin, recreate and descent", [&] {
        for_every_kind([&](auto& state, base::Random& random) {
            StringRuin ruin;
            for (int k = 0; k < 100; ++k) {
                const auto routes = routes_of(state);
                const Total cost = state.cost();
                const std::vector<Location> unserved(state.unserved().begin(), state.unserved().end());
                state.begin();
                std::vector<Location> removed;
                state.take_unserved(removed);
                ruin(state, state.problem().first_customer() + random.below(state.problem().customers()), random, removed);
                recreate(state, removed, 0.01, random);
                if (k % 2 == 0) {  // an iteration may end before anything is settled
                    state.settle();
                    LocalSearch descent(state);
                    descent(removed);
                    expect(state.consistent());
                    overloaded += state.excess(), late += state.lateness();
                } else if (k % 3 == 0) {
                    state.settle();
                }
                if (k % 3 == 0) continue;  // keep some, so that the plan moves on
                state.rollback();
                expect(state.consistent());
                expect_equal(state.cost(), cost);
                expect(routes_of(state) == routes);
                expect(std::vector<Location>(state.unserved().begin(), state.unserved().end()) == unserved);
            }
        });
        expect(overloaded > 0);
        expect(late > 0);
    });
}

void test_ruin() {
    test("strings leave every other customer in order and name each removed customer once", [] {
        for_every_kind([](auto& state, base::Random& random) {
            StringRuin ruin;
            const auto before = routes_of(state);
            std::vector<Location> removed;
            ruin(state, state.problem().first_customer() + random.below(state.problem().customers()), random, removed);
            for (const Location c : removed) expect_equal(state.route_of(c), nowhere);
            std::map<Location, int> times;
            for (const Location c : removed) ++times[c];
            for (const auto& [c, count] : times) expect_equal(count, 1);
            auto after = routes_of(state);
            for (std::size_t r = 0; r < before.size(); ++r) {
                auto kept = before[r];
                std::erase_if(kept, [&](Location c) { return times.contains(c); });
                expect(kept == after[r]);
            }
        });
    });
}

void test_descent() {
    test("local search lowers the cost until repeating it finds nothing more", [] {
        Total gained = 0;
        for_every_kind([&](auto& state, base::Random&) {
            std::vector<Location> everyone;
            for (Location c = state.problem().first_customer(); c < state.problem().size(); ++c)
                if (state.route_of(c) != nowhere) everyone.push_back(c);
            LocalSearch descent(state, Scope::whole);
            for (Total before = state.cost() + 1; state.cost() < before;) {
                before = state.cost();
                descent(everyone);
                expect(state.cost() <= before);
                expect(state.consistent());
                gained += before - state.cost();
            }
        });
        expect(gained > 0);
    });
}

}  // namespace

int main() {
    test_construct();
    test_journal();
    test_ruin();
    test_descent();
    return summary();
}
