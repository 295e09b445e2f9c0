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
    test_route_bound();
    test_limits();
    return summary();
}
