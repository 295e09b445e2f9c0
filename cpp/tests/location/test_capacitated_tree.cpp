#include <algorithm>
#include <numeric>

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

/// Whole customers, all of whom ask for something, or others, and capacities between roomy and hopeless.
Case nth_case(int k, base::Random& random, bool single_source = true) {
    Case out;
    Shape shape = nth_shape(k);
    shape.median = false;
    shape.weights = !single_source;
    shape.least = 1, shape.most = 9;
    shape.n = 7, shape.m = 5;
    out.small = make(shape, random);
    const double roomy = 0.1 + 0.15 * (k % 5);
    for (Site j = 0; j < shape.m; ++j) out.capacities.capacity.push_back(std::floor(shape.n * (roomy + 0.4 * random.unit())));
    out.capacities.single_source = single_source;
    for (std::uint32_t set = 1; set < (1u << shape.m); ++set) {
        const double cost = single_source ? cheapest_with(*out.small->problem, out.capacities.capacity, set)
                                          : cheapest_in_parts(*out.small->problem, out.capacities.capacity, set);
        out.best = std::min(out.best, cost);
    }
    return out;
}

/// The cost of what is served from where, which has to keep all capacities and serve everybody.
double value(const Problem& problem, const std::vector<double>& capacity, const std::vector<Part>& parts) {
    std::vector<double> load(capacity.size(), 0.0), served(index(problem.n_customers()), 0.0);
    std::vector<bool> open(capacity.size(), false);
    double cost = 0.0;
    for (Site j = 0; j < problem.n_sites(); ++j) open[index(j)] = problem.status(j) == SiteStatus::open;
    for (const auto& [i, j, share] : parts) {
        served[index(i)] += share;
        load[index(j)] += problem.is_free(i) ? 0.0 : share * problem.weight(i);
        open[index(j)] = true;
        cost += share * problem.weight(i) * problem.cost(i, j);
    }
    for (const double whole : served) expect(std::abs(whole - 1.0) < 1e-9);
    for (Site j = 0; j < problem.n_sites(); ++j) {
        expect(load[index(j)] <= capacity[index(j)] + 1e-9);
        if (open[index(j)]) cost += problem.fixed_cost(j);
    }
    return cost;
}

CapacitatedOutcome branch(const Case& test, double known, base::StopRule rule = {}, std::size_t threads = 1) {
    const Problem& problem = *test.small->problem;
    const auto dual = bound_with_capacities(problem, test.capacities, {}, {});
    const bool integral = problem.integral() && test.capacities.single_source;
    return branch_with_capacities(problem, test.capacities, {dual.lambda, dual.bound, known, integral}, 1, threads, rule, {});
}

bool same(const std::vector<Part>& a, const std::vector<Part>& b) {
    return std::ranges::equal(a, b, [](const Part& x, const Part& y) { return x.customer == y.customer && x.site == y.site && x.share == y.share; });
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
                expect(out.parts.empty());
                ++impossible;
                continue;
            }
            expect_equal(out.parts.size(), std::size_t{7});
            expect(std::abs(value(*test.small->problem, test.capacities.capacity, out.parts) - test.best) < 1e-6);
            expect(out.bound <= test.best + 1e-6 && out.bound >= test.best - 1e-6);
            ++found;
        }
        expect(found > 100 && impossible > 30);
    });

    test("customers in parts are served at least cost from the best of all sets, or that cannot be", [] {
        base::Random random(35);
        int divided = 0, impossible = 0;
        for (int k = 0; k < 150; ++k) {
            const Case test = nth_case(k, random, false);
            const auto out = branch(test, base::infinity);
            expect(out.exhausted);
            if (test.best == base::infinity) {
                expect(out.parts.empty());
                ++impossible;
                continue;
            }
            expect(std::abs(value(*test.small->problem, test.capacities.capacity, out.parts) - test.best) < 1e-6);
            expect(out.bound <= test.best + 1e-6 && out.bound >= test.best - 1e-6);
            divided += out.parts.size() > 7;
        }
        expect(divided > 30 && impossible > 10);
    });

    test("nothing is returned where nothing is better than what is known, and something where there is", [] {
        base::Random random(32);
        int better = 0;
        for (int k = 0; k < 60; ++k) {
            const Case test = nth_case(k, random, k % 2 == 0);
            if (test.best == base::infinity) continue;
            const auto same_again = branch(test, test.best);
            expect(same_again.exhausted && same_again.parts.empty());
            const auto out = branch(test, test.best + 2.0);
            expect(out.exhausted && !out.parts.empty());
            ++better;
        }
        expect(better > 20);
    });

    test("a tree cut short has a bound that nothing undercuts, and the same again on any number of threads", [] {
        base::Random random(33);
        for (int k = 0; k < 60; ++k) {
            const Case test = nth_case(k, random, k % 2 == 0);
            base::StopRule rule;
            rule.max_iterations = 1 + k % 11;
            const auto out = branch(test, base::infinity, rule), again = branch(test, base::infinity, rule, 3);
            expect(out.bound <= test.best + 1e-6);
            expect(same(out.parts, again.parts));
            expect_equal(out.bound, again.bound);
            expect_equal(out.iterations, again.iterations);
            expect(out.iterations <= rule.max_iterations);
        }
    });

    test("whoever is served in parts pays the prices that prove it, from whatever prices it began", [] {
        base::Random random(36);
        int settled = 0;
        for (int k = 0; k < 200; ++k) {
            const Case test = nth_case(k, random, false);
            const CandidateLists lists(*test.small->problem, test.small->problem->n_sites());
            const Residual all = residual(*test.small->problem, lists, test.capacities);
            std::vector<double> prices;
            for (std::size_t j = 0; j < all.site.size(); ++j) prices.push_back(k % 3 == 0 ? 0.0 : 40.0 * random.unit());
            Transport transport(all);
            if (!transport.settle(prices)) continue;
            // Feasible here and there, at the same value: both are optimal.
            double dual = std::accumulate(all.fixed_cost.begin(), all.fixed_cost.end(), 0.0);
            for (std::size_t j = 0; j < all.site.size(); ++j) dual -= transport.prices()[j] * all.capacity[j];
            for (std::size_t i = 0; i < all.weight.size(); ++i) dual += all.weight[i] * transport.customer_prices()[i];
            std::vector<Part> parts = transport.parts();
            for (Part& part : parts) part.site = all.site[index(part.site)];
            double fixed = 0.0;  // of sites that are open and serve nobody
            for (std::size_t j = 0; j < all.site.size(); ++j)
                if (all.forced[j] == 0 && std::ranges::none_of(parts, [&](const Part& part) { return part.site == all.site[j]; })) fixed += all.fixed_cost[j];
            expect(std::abs(value(*test.small->problem, test.capacities.capacity, parts) + fixed - transport.objective()) < 1e-6);
            expect(std::abs(dual - transport.objective()) < 1e-6);
            ++settled;
        }
        expect(settled > 60);
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
            std::vector<Part> parts;
            for (Customer i = 0; i < root.n_customers(); ++i) parts.push_back({i, root.site[index(search.assignment()[index(i)])], 1.0});
            expect(std::abs(value(problem, test.capacities.capacity, parts) - search.objective()) < 1e-6);
            expect(search.objective() >= test.best - 1e-6);
            ++kept;
        }
        expect(kept > 20);
    });
    return summary();
}
