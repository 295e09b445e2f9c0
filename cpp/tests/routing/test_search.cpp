#include <cmath>

#include "expect.hpp"
#include "random_problem.hpp"
#include "routing/bound.hpp"
#include "routing/search.hpp"

using namespace netdesign;
using namespace netdesign::tests;

namespace {

Settings with(std::uint64_t seed, std::int32_t threads = 1) {
    Settings settings;
    settings.seed = seed;
    settings.threads = threads;
    return settings;
}

base::StopRule iterations(std::int64_t count) {
    base::StopRule rule;
    rule.max_iterations = count;
    return rule;
}

void test_optimum() {
    test("small problems of every kind are solved to the optimum, and the bound stays below it", [] {
        std::uint64_t seed = 500;
        for (Kind kind : all_kinds())
            for (const std::int32_t vehicles : {1000, 3})
                for (int k = 0; k < 4; ++k) {
                    kind.max_routes = vehicles;
                    const Problem problem = random_problem(6, kind, ++seed);
                    const Total optimum = brute_force(problem);
                    const Outcome outcome = solve(problem, with(seed), iterations(10000), {});
                    const bool possible = optimum != impossible;
                    expect_equal(outcome.best.unserved.empty(), possible);
                    if (!possible) continue;
                    expect_equal(outcome.best.cost, optimum);
                    expect(outcome.bound <= static_cast<double>(optimum));
                    expect(outcome.bound > 0);
                }
    });
}

void test_repeatability() {
    test("same seed and iterations give the same plan, another seed another search", [] {
        const Problem problem = random_problem(60, {}, 7);
        const Outcome a = solve(problem, with(1), iterations(2000), {}), b = solve(problem, with(1), iterations(2000), {});
        expect(a.best == b.best);
        expect_equal(a.best.cost, b.best.cost);
        expect_equal(a.iterations, std::int64_t{2000});
        const Outcome two = solve(problem, with(1, 2), iterations(2000), {}), again = solve(problem, with(1, 2), iterations(2000), {});
        expect(two.best == again.best);
        expect_equal(two.iterations, std::int64_t{2000});
    });
}

Total cost_of(const Problem& problem, const Plan& plan) {
    Total sum = 0;
    std::vector<int> visits(static_cast<std::size_t>(problem.size()), 0);
    for (const auto& [type, route] : plan.routes) {
        const Total cost = route_cost(problem, problem.fleet()[static_cast<std::size_t>(type)], route);
        if (cost == impossible) return impossible;
        for (const Location c : route) ++visits[static_cast<std::size_t>(c)];
        sum += cost;
    }
    for (const Location c : plan.unserved) ++visits[static_cast<std::size_t>(c)];
    for (Location c = problem.first_customer(); c < problem.size(); ++c)
        if (visits[static_cast<std::size_t>(c)] != 1) return impossible;
    return sum;
}

void test_threads() {
    test("a deterministic run gives the same plan on one thread and on two, whole of every kind, region by region where all features are", [] {
        for (const std::int32_t customers : {60, 2600})
            for (const Kind& kind : all_kinds()) {
                if (customers > 60 && (kind.dimensions > 1 || kind.asymmetric || !kind.timed || !kind.rich)) continue;
                const Problem problem = random_problem(customers, kind, 77);
                Settings one = with(1), two = with(1, 2);
                one.deterministic = two.deterministic = true;
                const auto budget = iterations(customers > 60 ? 12000 : 1000);
                const Outcome a = solve(problem, one, budget, {}), b = solve(problem, two, budget, {});
                expect(a.best == b.best);
                expect_equal(a.iterations, budget.max_iterations);
                expect_equal(cost_of(problem, a.best), a.best.cost);
                expect(a.trace.back().objective <= a.trace.front().objective || !a.best.unserved.empty());
            }
    });
    test("a plan to begin from is where the search begins, whole or region by region", [] {
        for (const std::int32_t customers : {60, 2600}) {
            const Problem problem = random_problem(customers, {}, 78);
            const Outcome first = solve(problem, with(1), iterations(5000), {});
            Settings warm = with(2);
            warm.start = first.best.routes;
            const Outcome second = solve(problem, warm, iterations(64), {});
            expect(second.best.cost <= first.best.cost);
        }
    });
}

void test_stopping() {
    test("the time limit holds, a target ends the run, the monitor interrupts it", [] {
        const Problem problem = random_problem(80, {}, 8);
        base::StopRule timed;
        timed.time_limit_s = 0.2;
        const Outcome by_time = solve(problem, with(1), timed, {});
        expect(by_time.reason == base::StopReason::time_limit);
        expect(by_time.trace.back().seconds < 0.4);
        base::StopRule target = iterations(1'000'000);
        target.target = static_cast<double>(by_time.best.cost) * 1.1;
        expect(solve(problem, with(1), target, {}).reason == base::StopReason::target);
        const Outcome stopped = solve(problem, with(1, 2), iterations(100'000'000), [](const base::Progress& p) { return p.seconds < 0.1; });
        expect(stopped.reason == base::StopReason::interrupted);
        expect(stopped.best.unserved.empty());
    });
    test("where many customers share one plan it is built in parts, for any number of threads the same, and in no time at all", [] {
        base::Random random(12);
        const std::int32_t n = 40'001, capacity = 100;
        std::vector<double> points;
        for (std::int32_t k = 0; k < 2 * n; ++k) points.push_back(random.unit() * 10'000);
        std::vector<std::int32_t> demand{0};
        for (std::int32_t k = 1; k < n; ++k) demand.push_back(random.between(1, 9));
        const Problem problem({Travel(points, 2, {Rounding::nearest, 1.0, 1.0, 1.0}), 1, demand, std::vector<Time>(static_cast<std::size_t>(n), 0), {}, {},
                               {VehicleType{.count = n, .capacity = {capacity}}}});
        const Outcome built = solve(problem, with(1), iterations(100), {});
        expect(solve(problem, with(1, 2), iterations(100), {}).best == built.best);
        base::StopRule at_once;
        at_once.time_limit_s = 1e-6;
        const Outcome filled = solve(problem, with(1), at_once, {});
        expect(filled.reason == base::StopReason::time_limit);
        expect(built.best.cost < filled.best.cost);
        for (const Plan& plan : {built.best, filled.best}) {
            expect_equal(cost_of(problem, plan), plan.cost);
            expect(plan.unserved.empty());
            expect(static_cast<double>(plan.cost) < 2 * filled.bound);
        }
    });
    test("the trace only ever improves", [] {
        const Outcome outcome = solve(random_problem(60, {}, 9), with(1), iterations(20000), {});
        expect(!outcome.trace.empty());
        for (std::size_t k = 1; k < outcome.trace.size(); ++k) expect(outcome.trace[k].objective <= outcome.trace[k - 1].objective);
    });
}

void test_neighbours() {
    test("neighbours are the nearest ones", [] {
        base::Random random(11);
        std::vector<double> points;
        const std::int32_t n = 4000;
        for (std::int32_t k = 0; k < 2 * n; ++k) points.push_back(random.unit() * random.unit() * 1000);  // denser in one corner
        const auto size = static_cast<std::size_t>(n);
        Description d{Travel(points, 2, {Rounding::none, 1.0, 1000.0, 1.0}), 1, std::vector<std::int32_t>(size, 1), std::vector<Time>(size, 0), {}, {}, {VehicleType{.count = n, .capacity = {10}}}};
        const Problem problem(std::move(d), 10);
        for (Location i = 0; i < n; i += 97) {
            std::vector<Cost> costs;
            for (Location j = 1; j < n; ++j)
                if (j != i) costs.push_back(problem.travel().cost(i, j));
            std::sort(costs.begin(), costs.end());
            const auto near = problem.neighbours(i);
            for (std::size_t k = 0; k < near.size(); ++k) expect_equal(problem.travel().cost(i, near[k]), costs[k]);
        }
    });
    test("neighbours are the nearest ones where roads are listed, by road", [] {
        const Problem problem = random_problem(300, {.lists = true}, 12);
        for (Location i = 0; i < problem.size(); ++i) {
            std::vector<Cost> costs;
            for (Location j = 1; j < problem.size(); ++j)
                if (j != i) costs.push_back(problem.travel().cost(i, j));
            std::sort(costs.begin(), costs.end());
            const auto near = problem.neighbours(i);
            for (std::size_t k = 0; k < near.size(); ++k) expect_equal(problem.travel().cost(i, near[k]), costs[k]);
        }
    });
}

void test_travel() {
    test("roundings by hand: the arc from (0, 0) to (1, 1) is 1.41421", [] {
        const std::vector<double> points{0, 0, 1, 1};
        expect_equal(Travel(points, 2, {Rounding::nearest, 1.0, 1.0, 1.0}).cost(0, 1), 1);
        expect_equal(Travel(points, 2, {Rounding::ceil, 1.0, 1.0, 1.0}).cost(0, 1), 2);
        expect_equal(Travel(points, 2, {Rounding::floor, 10.0, 1.0, 1.0}).cost(0, 1), 14);
        expect_equal(Travel(points, 2, {Rounding::nearest, 1000.0, 1.0, 1.0}).cost(0, 1), 1414);
        expect_equal(Travel(points, 2, {Rounding::none, 1.0, 1000.0, 100.0}).duration(0, 1), 142);
    });
    // Points at 0, 10, 20, 30; a road of 4 from 1 to 2, of 50 from 3 to 0 and one of 9 back.
    const std::vector<double> line{0, 0, 10, 0, 20, 0, 30, 0};
    const Travel listed(line, 2, {Rounding::none, 1.0, 1.0, 2.0}, {{0, 1, 2, 2, 3}, {3, 2, 0}, {9, 4, 50}, {1, 2, 3}});
    test("a pair that is listed has its own numbers, in its direction; all others have those of the points", [&] {
        expect_equal(listed.cost(1, 2), 4);
        expect_equal(listed.duration(1, 2), 2);
        expect_equal(listed.cost(2, 1), 10);
        expect_equal(listed.duration(2, 1), 20);
        expect_equal(listed.cost(3, 0), 50);
        expect_equal(listed.cost(0, 3), 9);
        expect_equal(listed.cost(1, 1), 0);
        expect(listed.is_listed(1, 2) && !listed.is_listed(2, 1) && !listed.is_listed(0, 0));
        expect(!listed.symmetric());
        expect_near(listed.least_cost_share(), 0.3, 1e-12);
        expect_near(listed.least_duration_share(), 1.0 / 60, 1e-12);
    });
    test("lists are symmetric where both directions cost the same, listed or not", [] {
        const std::vector<double> points{0, 0, 10, 0, 20, 0};
        expect(Travel(points, 2, {}, {{0, 1, 1, 1}, {1}, {10}, {10}}).symmetric());
        expect(!Travel(points, 2, {}, {{0, 1, 1, 1}, {1}, {10}, {11}}).symmetric());
        expect(Travel(points, 2, {}, {{0, 1, 2, 2}, {1, 0}, {7, 7}, {}}).symmetric());
    });
    test("some of the locations keep the pairs listed among them", [&] {
        const std::vector<Location> some{3, 0, 2};
        const Travel part = listed.restricted_to(some);
        for (Location i = 0; i < 3; ++i)
            for (Location j = 0; j < 3; ++j) {
                const Location from = some[static_cast<std::size_t>(i)], to = some[static_cast<std::size_t>(j)];
                expect_equal(part.cost(i, j), listed.cost(from, to));
                expect_equal(part.duration(i, j), listed.duration(from, to));
                expect_equal(part.is_listed(i, j), listed.is_listed(from, to));
            }
        expect_equal(part.listed(0).size() + part.listed(1).size() + part.listed(2).size(), std::size_t{2});
    });
    test("points of the sphere: a quarter of the equator is half of pi", [] {
        const std::vector<double> points{1, 0, 0, 0, 1, 0};
        expect_near(Travel(points, 3, {}).metric(0, 1), std::acos(-1.0) / 2, 1e-12);
    });
}

}  // namespace

int main() {
    test_optimum();
    test_repeatability();
    test_threads();
    test_stopping();
    test_neighbours();
    test_travel();
    return summary();
}
