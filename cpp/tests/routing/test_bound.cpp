#include <chrono>
#include <cstdio>

#include "expect.hpp"
#include "rich_problem.hpp"
#include "routing/bound.hpp"
#include "routing/bound_routes.hpp"

using namespace netdesign;
using namespace netdesign::tests;
using namespace netdesign::tests::rich;

namespace {

/// Every bound of many small problems against the optimum; the mean of their ratios where there is one.
template <typename Bound>
double mean_ratio(int problems, std::uint64_t seed, Bound bound) {
    base::Random random(seed);
    double sum = 0.0;
    int count = 0;
    for (int k = 0; k < problems; ++k) {
        const Mix mix = random_mix(random);
        const Problem problem = random_problem(random.between(1, 6), mix, seed + static_cast<std::uint64_t>(k));
        const Total optimum = brute_force(problem);
        if (optimum == impossible) continue;
        const double found = bound(problem, static_cast<double>(optimum));
        expect(found <= static_cast<double>(optimum));
        if (found > static_cast<double>(optimum)) std::printf("problem %d: bound %.3f, optimum %.0f\n", k, found, static_cast<double>(optimum));
        if (optimum > 0) sum += found / static_cast<double>(optimum), ++count;
    }
    std::printf("%d problems with a plan, mean ratio %.3f\n", count, sum / count);
    return sum / count;
}

void test_cheap_bound() {
    test("the cheap bound is never above the optimum, whatever the problem has, and not far below", [] {
        expect(mean_ratio(1000, 1000, [](const Problem& p, double) { return lower_bound(p); }) > 0.8);
    });
}

/// Customers far from the depot and from each other by their points; but roads from it, to it and to the next one are short.
Problem far_by_points(std::int32_t customers) {
    const std::int32_t n = customers + 1;
    std::vector<double> points{0, 0};
    PairLists lists{{0}, {}, {}, {}};
    const auto list = [&](Location j, Cost cost) { lists.destinations.push_back(j), lists.costs.push_back(cost); };
    for (Location c = 1; c < n; ++c) points.insert(points.end(), {1000.0 + 7 * (c % 80), 7.0 * (c / 80)}), list(c, 10);
    for (Location c = 1; c < n; ++c) {
        lists.first.push_back(static_cast<std::int64_t>(lists.destinations.size()));
        list(depot, 10);
        if (c + 1 < n) list(c + 1, 1);
    }
    lists.first.push_back(static_cast<std::int64_t>(lists.destinations.size()));
    const auto size = static_cast<std::size_t>(n);
    std::vector<std::int32_t> demand(size, 1);
    demand[0] = 0;
    return Problem({Travel(points, 2, {Rounding::nearest, 1.0, 1.0, 1.0}, lists), 1, demand, std::vector<Time>(size, 0), {}, {}, {VehicleType{.count = n, .capacity = {10}}}}, 10);
}

void test_lists() {
    test("short roads between points that are far apart lower the bound, few customers or many", [] {
        for (const std::int32_t customers : {600, 8000}) {
            // Tours of ten in a row: 10 + 9 + 10 each.
            const double bound = lower_bound(far_by_points(customers));
            expect(bound <= customers / 10 * 29.0);
            expect(bound >= customers / 10 * 25.0);
        }
    });
}

constexpr double forever = std::numeric_limits<double>::infinity();

void test_route_bound() {
    test("the bound by routes is never above the optimum, whatever the problem has, and near it", [] {
        expect(mean_ratio(400, 5000, [](const Problem& p, double optimum) { return improve_bound(p, optimum, forever, 60); }) > 0.95);
    });
    test("nor where the plan known is far from the optimum, or none is known, or its cost is wrong", [] {
        for (const double factor : {0.5, 3.0, forever})
            mean_ratio(100, 7000, [factor](const Problem& p, double optimum) { return improve_bound(p, factor * (optimum + 1), forever, 40); });
    });
}

void test_limits() {
    test("the bound by routes keeps its time, repeats itself by steps and is never below the cheap one", [] {
        Mix mix;
        mix.several_depots = mix.several_types = true;
        const Problem problem = random_problem(150, mix, 11);
        const double cheap = lower_bound(problem);
        const auto begin = std::chrono::steady_clock::now();
        expect(improve_bound(problem, forever, 0.2, 1'000'000) >= cheap);
        expect(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count() < 0.4);
        const double once = improve_bound(problem, forever, forever, 20);
        expect(once > cheap);
        expect_equal(improve_bound(problem, forever, forever, 20), once);
        expect_equal(improve_bound(problem, forever, 0.0, 20), cheap);
    });
}

}  // namespace

int main() {
    test_cheap_bound();
    test_lists();
    test_route_bound();
    test_limits();
    return summary();
}
