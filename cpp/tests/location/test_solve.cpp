#include <chrono>

#include "expect.hpp"
#include "location/small_instances.hpp"
#include "location/solve.hpp"

using namespace netdesign;
using namespace netdesign::tests;

namespace {

std::unique_ptr<Small> plane(std::int32_t n, std::int32_t p, std::uint64_t seed) {
    base::Random random(seed);
    return make({.kind = Kind::plane, .n = n, .m = n, .p = p}, random);
}

Options limited(std::int64_t iterations, int threads = 1) {
    Options options;
    options.stop.max_iterations = iterations;
    options.deterministic = true;
    options.threads = threads;
    return options;
}

}  // namespace

int main() {
    test("small problems of every kind are solved to the optimum, and proven", [] {
        base::Random random(21);
        for (int k = 0; k < 512; ++k) {
            const auto small = make(nth_shape(k), random);
            const Problem& problem = *small->problem;
            const Optimum optimum = brute_force(problem);
            if (optimum.objective == base::infinity) continue;  // more forced open than may be, refused before the core
            const Outcome outcome = solve(problem, limited(20000, 1 + k % 2));
            if (optimum.objective >= problem.unserved()) {
                expect(outcome.infeasible);
                expect(outcome.open.empty());
                continue;
            }
            expect_near(outcome.objective, optimum.objective, 1e-7);
            expect_near(evaluate(problem, outcome.open), optimum.objective, 1e-7);
            expect(outcome.bound <= optimum.objective + 1e-9);
            expect(outcome.bound >= optimum.objective * (1 - 1e-8));
            expect(outcome.reason == base::StopReason::gap);
        }
    });

    test("whatever sites and multipliers it begins from, a run ends at the optimum", [] {
        base::Random random(24);
        for (int k = 0; k < 256; ++k) {
            const auto small = make(nth_shape(k), random);
            const Problem& problem = *small->problem;
            const Optimum optimum = brute_force(problem);
            if (optimum.objective >= problem.unserved()) continue;
            Options options = limited(20000);
            for (Site j = 0; j < problem.n_sites(); ++j)
                if (random.below(2) == 0) options.sites.push_back(j);
            if (k % 3 > 0)
                for (Customer i = 0; i < problem.n_customers(); ++i) options.lambda.push_back(k % 3 * 100.0 * random.unit());
            const Outcome outcome = solve(problem, options);
            expect_near(outcome.objective, optimum.objective, 1e-7);
            expect(outcome.bound <= optimum.objective + 1e-9);
            expect(outcome.certificate.bound <= optimum.objective);
            expect(outcome.reason == base::StopReason::gap);
        }
    });

    test("further threads find the same optimum", [] {
        base::Random random(22);
        for (int k = 0; k < 64; ++k) {
            const auto small = make(nth_shape(k), random);
            const Optimum optimum = brute_force(*small->problem);
            if (optimum.objective >= small->problem->unserved()) continue;
            Options options;
            options.stop.time_limit_s = 10;
            options.threads = 3;
            expect_near(solve(*small->problem, options).objective, optimum.objective, 1e-7);
        }
    });

    test("a deterministic run repeats exactly, whatever the number of threads", [] {
        const auto small = plane(300, 12, 23);
        const Outcome one = solve(*small->problem, limited(200, 1));
        const Outcome two = solve(*small->problem, limited(200, 4));
        expect(one.open == two.open);
        expect_equal(one.bound, two.bound);
        expect_equal(one.iterations, two.iterations);
        expect_equal(one.iterations, std::int64_t{200});
    });

    test("the clock, the callback and a target end a run", [] {
        const auto small = plane(3000, 60, 24);
        Options options;
        options.stop.time_limit_s = 0.3;
        const auto began = std::chrono::steady_clock::now();
        const Outcome timed = solve(*small->problem, options);
        expect(std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count() < 2.0);
        expect(timed.reason == base::StopReason::time_limit);
        expect(timed.bound <= timed.objective);

        options.stop.time_limit_s = 60;
        options.monitor = [](const base::Progress& p) { return p.seconds < 0.2; };
        expect(solve(*small->problem, options).reason == base::StopReason::interrupted);

        options.monitor = {};
        options.stop.target = timed.objective * 1.5;
        expect(solve(*small->problem, options).reason == base::StopReason::target);
    });

    test("a run without any time still answers", [] {
        const auto small = plane(500, 7, 25);
        Options options;
        options.stop.time_limit_s = 0;
        const Outcome outcome = solve(*small->problem, options);
        expect_equal(outcome.open.size(), std::size_t{7});
        expect_near(evaluate(*small->problem, outcome.open), outcome.objective, 1e-6);
    });

    test("objective and bound only ever improve along the trace", [] {
        const auto small = plane(400, 20, 26);
        const Outcome outcome = solve(*small->problem, limited(600));
        for (std::size_t k = 1; k < outcome.trace.size(); ++k) {
            expect(outcome.trace[k].objective <= outcome.trace[k - 1].objective);
            expect(outcome.trace[k].bound >= outcome.trace[k - 1].bound);
        }
    });
    return summary();
}
