#include <algorithm>

#include "expect.hpp"
#include "location/assignment.hpp"
#include "location/capacitated_tree.hpp"
#include "location/small_assignments.hpp"

using namespace netdesign;
using namespace netdesign::tests;

namespace {

struct Case {
    std::unique_ptr<Small> small;
    Capacities capacities;
    double best = base::infinity;
};

/// Whole customers, all of whom ask for something, and capacities between roomy and hopeless.
Case nth_case(int k, base::Random& random) {
    Case out;
    Shape shape = nth_shape(k);
    shape.median = shape.weights = false;
    shape.least = 1, shape.most = 9;
    shape.n = 7, shape.m = 5;
    out.small = make(shape, random);
    const double roomy = 0.1 + 0.15 * (k % 5);
    for (Site j = 0; j < shape.m; ++j) out.capacities.capacity.push_back(std::floor(shape.n * (roomy + 0.4 * random.unit())));
    out.capacities.single_source = true;
    for (std::uint32_t set = 1; set < (1u << shape.m); ++set) out.best = std::min(out.best, cheapest_with(*out.small->problem, out.capacities.capacity, set));
    return out;
}

double value(const Problem& problem, const std::vector<double>& capacity, const std::vector<Site>& assignment) {
    std::vector<double> load(capacity.size(), 0.0);
    std::vector<bool> open(capacity.size(), false);
    double cost = 0.0;
    for (Site j = 0; j < problem.n_sites(); ++j) open[index(j)] = problem.status(j) == SiteStatus::open;
    for (Customer i = 0; i < problem.n_customers(); ++i) {
        const Site j = assignment[index(i)];
        load[index(j)] += problem.weight(i);
        open[index(j)] = true;
        cost += problem.weight(i) * problem.cost(i, j);
    }
    for (Site j = 0; j < problem.n_sites(); ++j) {
        expect(load[index(j)] <= capacity[index(j)] + 1e-9);
        if (open[index(j)]) cost += problem.fixed_cost(j);
    }
    return cost;
}

CapacitatedOutcome branch(const Case& test, double known, base::StopRule rule = {}) {
    const Problem& problem = *test.small->problem;
    const auto dual = bound_with_capacities(problem, test.capacities, {}, {});
    return branch_with_capacities(problem, test.capacities, dual.lambda, dual.bound, known, problem.integral(), 1, rule, {});
}

}  // namespace

int main() {
    test("the tree finds the best of all assignments, or that there is none", [] {
        base::Random random(31);
        int found = 0, impossible = 0;
        for (int k = 0; k < 300; ++k) {
            const Case test = nth_case(k, random);
            const auto out = branch(test, base::infinity);
            expect(out.exhausted);
            if (test.best == base::infinity) {
                expect(out.assignment.empty());
                ++impossible;
                continue;
            }
            expect_equal(out.assignment.size(), std::size_t{7});
            expect(std::abs(value(*test.small->problem, test.capacities.capacity, out.assignment) - test.best) < 1e-6);
            expect(out.bound <= test.best + 1e-6 && out.bound >= test.best - 1e-6);
            ++found;
        }
        expect(found > 100 && impossible > 30);
    });

    test("nothing is returned where nothing is better than what is known, and something where there is", [] {
        base::Random random(32);
        int better = 0;
        for (int k = 0; k < 60; ++k) {
            const Case test = nth_case(k, random);
            if (test.best == base::infinity) continue;
            const auto same = branch(test, test.best);
            expect(same.exhausted && same.assignment.empty());
            const auto out = branch(test, test.best + 2.0);
            expect(out.exhausted && !out.assignment.empty());
            ++better;
        }
        expect(better > 20);
    });

    test("a tree cut short has a bound that no assignment undercuts, and the same again", [] {
        base::Random random(33);
        for (int k = 0; k < 60; ++k) {
            const Case test = nth_case(k, random);
            base::StopRule rule;
            rule.max_iterations = 1 + k % 7;
            const auto out = branch(test, base::infinity, rule), again = branch(test, base::infinity, rule);
            expect(out.bound <= test.best + 1e-6);
            expect(out.assignment == again.assignment);
            expect_equal(out.bound, again.bound);
        }
    });

    test("an assignment that was walked to keeps capacities and costs what is said", [] {
        base::Random random(34);
        int kept = 0;
        for (int k = 0; k < 60; ++k) {
            const Case test = nth_case(k, random);
            const Problem& problem = *test.small->problem;
            const CandidateLists lists(problem, problem.n_sites());
            const Residual root = residual(problem, lists, test.capacities);
            std::vector<Site> first;
            for (Customer i = 0; i < root.n_customers() && !root.of(i).empty(); ++i) first.push_back(root.of(i).front().site);
            if (first.size() < root.weight.size()) continue;
            AssignmentSearch search(root, first, 1);
            search.settle(200);
            if (search.objective() == base::infinity) continue;
            std::vector<Site> assignment;
            for (const Site j : search.assignment()) assignment.push_back(root.site[index(j)]);
            expect(std::abs(value(problem, test.capacities.capacity, assignment) - search.objective()) < 1e-6);
            expect(search.objective() >= test.best - 1e-6);
            ++kept;
        }
        expect(kept > 20);
    });
    return summary();
}
