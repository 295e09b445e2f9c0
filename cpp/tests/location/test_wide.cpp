#include <numeric>

#include "expect.hpp"
#include "location/construct.hpp"
#include "location/parts.hpp"
#include "location/small_instances.hpp"
#include "location/wide.hpp"

using namespace netdesign;
using namespace netdesign::tests;

namespace {

constexpr SketchSize coarse{.sites_per_open = 1, .least_sites = 2, .groups_per_open = 2, .least_groups = 3};

Options limited(std::int64_t iterations, int threads = 1) {
    Options options;
    options.stop.max_iterations = iterations;
    options.deterministic = true;
    options.threads = threads;
    return options;
}

std::unique_ptr<Small> plane(std::int32_t n, std::int32_t p, std::uint64_t seed) {
    base::Random random(seed);
    return make({.kind = Kind::plane, .n = n, .m = n, .p = p}, random);
}

}  // namespace

int main() {
    test("groups of customers and some of the sites give a solution and a bound of the whole problem", [] {
        base::Random random(31);
        for (int k = 0; k < 400; ++k) {
            const Shape shape{.kind = k % 2 == 0 ? Kind::plane : Kind::sphere,
                              .integral = k % 4 == 0,
                              .statuses = k / 4 % 2 == 0,
                              .weights = k / 8 % 2 == 0,
                              .p = 1 + k % 5};
            const auto small = make(shape, random);
            const Optimum optimum = brute_force(*small->problem);
            if (optimum.objective == base::infinity) continue;  // more forced open than may be, refused before the core
            const Outcome outcome = solve_wide(*small->problem, limited(300), coarse);
            expect_near(evaluate(*small->problem, outcome.open), outcome.objective, 1e-7);
            expect(outcome.objective >= optimum.objective - 1e-7);
            expect(outcome.bound <= optimum.objective + 1e-7);
            const CandidateLists all(*small->problem, shape.m);
            expect_near(certify(*small->problem, all, outcome.certificate.lambda).bound, outcome.certificate.bound, 1e-7);
            std::uint32_t set = 0;
            for (const Site j : outcome.open) set |= 1u << j;
            expect(allowed(*small->problem, set));
        }
    });

    test("whatever it begins from, a run ends no worse and with a bound that holds", [] {
        base::Random random(33);
        for (int k = 0; k < 200; ++k) {
            const auto small = make({.kind = k % 2 == 0 ? Kind::plane : Kind::sphere, .statuses = k / 2 % 2 == 0, .weights = true, .p = 1 + k % 5}, random);
            const Problem& problem = *small->problem;
            const Optimum optimum = brute_force(problem);
            if (optimum.objective == base::infinity) continue;
            Options options = limited(50);
            for (Site j = 0; j < problem.n_sites(); ++j)
                if (random.below(2) == 0) options.sites.push_back(j);
            for (Customer i = 0; i < problem.n_customers(); ++i) options.lambda.push_back((k % 3 == 0 ? 1e9 : 60.0) * random.unit());
            const Outcome outcome = solve_wide(problem, options, coarse);
            if (!options.sites.empty()) expect(outcome.objective <= evaluate(problem, complete(problem, options.sites)) + 1e-7);
            expect(outcome.objective >= optimum.objective - 1e-7);
            expect(outcome.bound <= optimum.objective + 1e-7);
        }
    });

    test("a sketch of everybody and all sites leaves what the dual leaves", [] {
        const auto small = plane(400, 20, 32);
        const Outcome whole = solve(*small->problem, limited(2000)), wide = solve_wide(*small->problem, limited(1000));
        expect(wide.objective <= whole.objective * 1.005);
        expect(wide.bound >= whole.objective * 0.99);
    });

    test("sites that the first sketch lacks come in where multipliers sell them too cheaply", [] {
        const auto small = plane(400, 20, 33);
        SketchSize size{.sites_per_open = 4, .least_sites = 80};
        const Outcome more = solve_wide(*small->problem, limited(1000), size);
        size.most_entries = 0;  // no room for more
        const Outcome few = solve_wide(*small->problem, limited(1000), size);
        expect(more.bound > few.bound);
        expect((more.objective - more.bound) / more.objective < 0.03);
    });

    test("without room for more sites the dual goes on over everything", [] {
        for (const Kind kind : {Kind::plane, Kind::sphere}) {
            base::Random random(33);
            const auto small = make({.kind = kind, .n = 400, .m = 400, .p = 20}, random);
            const SketchSize size{.sites_per_open = 4, .least_sites = 80, .most_entries = 0};
            const double whole = solve(*small->problem, limited(2000)).bound, few = solve_wide(*small->problem, limited(2000), size).bound;
            expect(few <= whole * (1 + 1e-9) && few >= whole * 0.99);
        }
    });

    test("a run limited by iterations repeats exactly, whatever the number of threads", [] {
        const auto small = plane(300, 12, 34);
        const Outcome one = solve_wide(*small->problem, limited(250, 1), coarse), two = solve_wide(*small->problem, limited(250, 4), coarse);
        expect(one.open == two.open);
        expect_equal(one.bound, two.bound);
        expect_equal(one.iterations, std::int64_t{250});
        expect(one.reason == base::StopReason::iteration_limit);
    });

    test("threads share the work until the clock, the gap or the caller ends it", [] {
        const auto small = plane(3000, 60, 35);
        Options options;
        options.threads = 3;
        options.stop.time_limit_s = 0.5;
        const Outcome timed = solve_wide(*small->problem, options);
        expect(timed.reason == base::StopReason::time_limit);
        expect(timed.bound <= timed.objective);
        expect_near(evaluate(*small->problem, timed.open), timed.objective, 1e-6);

        options.stop = {.time_limit_s = 60, .gap = 0.05};
        expect(solve_wide(*small->problem, options).reason == base::StopReason::gap);

        options.stop = {.time_limit_s = 60};
        options.monitor = [](const base::Progress& p) { return p.seconds < 0.2; };
        expect(solve_wide(*small->problem, options).reason == base::StopReason::interrupted);
    });

    test("a run without any time still answers", [] {
        const auto small = plane(500, 7, 36);
        Options options;
        options.stop.time_limit_s = 0;
        const Outcome outcome = solve_wide(*small->problem, options, coarse);
        expect_equal(outcome.open.size(), std::size_t{7});
        expect_near(evaluate(*small->problem, outcome.open), outcome.objective, 1e-6);
    });

    test("only a given number of sites among very many points is wide", [] {
        expect(!is_wide(*plane(3000, 60, 37)->problem));
        base::Random random(38);
        const Shape shape{.kind = Kind::plane, .n = 400'000, .m = 100, .p = 1};
        expect(is_wide(*make(shape, random)->problem));
        Shape limits = shape, at_will = shape;
        limits.limited = true;
        at_will.median = false;
        expect(!is_wide(*make(limits, random)->problem));
        expect(!is_wide(*make(at_will, random)->problem));
    });

    test("parts hold everybody once, and differ by one at most", [] {
        base::Random random(39);
        Points<2> points;
        for (int k = 0; k < 1000; ++k) points.push_back({static_cast<double>(random.below(40)), 3 * random.unit()});
        for (const std::int64_t n_parts : {1, 2, 7, 999, 1000, 5000}) {
            std::vector<std::int32_t> everybody(points.size());
            std::iota(everybody.begin(), everybody.end(), 0);
            const Parts parts = cut<2>(points, everybody, n_parts);
            expect_equal(parts.size(), std::min<std::size_t>(index(n_parts), 1000));
            std::vector<std::int32_t> all = parts.order;
            std::sort(all.begin(), all.end());
            expect(all == everybody);
            for (std::size_t k = 0; k < parts.size(); ++k) {
                const auto least = 1000 / parts.size();
                expect(parts.of(k).size() >= least);
                expect(parts.of(k).size() <= least + 1);
            }
        }
    });
    return summary();
}
