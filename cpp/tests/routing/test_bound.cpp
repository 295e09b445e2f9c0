#include <cstdio>

#include "expect.hpp"
#include "rich_problem.hpp"
#include "routing/bound.hpp"

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
        expect(mean_ratio(1000, 1000, [](const Problem& p, double) { return lower_bound(p); }) > 0.6);
    });
}

}  // namespace

int main() {
    test_cheap_bound();
    return summary();
}
