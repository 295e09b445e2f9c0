#include "expect.hpp"
#include "location/branching.hpp"
#include "location/certificate.hpp"
#include "location/dual.hpp"
#include "location/small_instances.hpp"

using namespace netdesign;
using namespace netdesign::tests;

namespace {

/// Multipliers anywhere below the caps.
std::vector<double> random_multipliers(const Relaxation& relaxation, base::Random& random) {
    std::vector<double> lambda;
    for (const double cap : relaxation.cap) lambda.push_back(std::min(cap, 80.0 * random.unit()));
    return lambda;
}

bool agrees(const Relaxation& relaxation, const std::vector<Fix>& fix, std::uint32_t set) {
    for (const Site j : relaxation.open)
        if (!(set >> j & 1u)) return false;
    for (std::size_t j = 0; j < fix.size(); ++j) {
        const bool is_open = (set >> relaxation.site[j] & 1u) != 0;
        if (fix[j] != Fix::free && is_open != (fix[j] == Fix::open)) return false;
    }
    return true;
}

}  // namespace

int main() {
    test("no multipliers below the caps give a bound above the optimum, however short the lists", [] {
        base::Random random(11);
        for (int k = 0; k < 512; ++k) {
            const auto small = make(nth_shape(k), random);
            const Problem& problem = *small->problem;
            const Optimum optimum = brute_force(problem);
            const CandidateLists lists(problem, 1 + k % 9);
            const Relaxation relaxation = relax(problem, lists);
            if (!relaxation.possible()) continue;
            for (int trial = 0; trial < 5; ++trial) {
                DualPoint point;
                point.lambda = random_multipliers(relaxation, random);
                evaluate(relaxation, point);
                expect(point.safe_value <= point.value);
                expect(point.safe_value <= optimum.objective);
            }
        }
    });

    test("whatever customers pay below the caps of their lists proves no more than the optimum", [] {
        base::Random random(15);
        for (int k = 0; k < 512; ++k) {
            const auto small = make(nth_shape(k), random);
            const Problem& problem = *small->problem;
            const Optimum optimum = brute_force(problem);
            const CandidateLists lists(problem, 1 + k % 9);
            std::vector<double> lambda;
            for (Customer i = 0; i < problem.n_customers(); ++i) lambda.push_back(std::min(lists.cap(i), 80.0 * random.unit()));
            expect(certify(problem, lists, std::move(lambda)).bound <= optimum.objective);
            expect(certify(problem, lists, cheapest_multipliers(problem, lists)).bound <= optimum.objective);
        }
    });

    test("the bound holds along the ascent, and fixing keeps every better solution", [] {
        base::Random random(12);
        for (int k = 0; k < 512; ++k) {
            const auto small = make(nth_shape(k), random);
            const Problem& problem = *small->problem;
            const Optimum optimum = brute_force(problem);
            if (optimum.objective == base::infinity) continue;
            const CandidateLists lists(problem, 1 + k % 9);
            const Relaxation relaxation = relax(problem, lists);
            if (!relaxation.possible() || relaxation.decided()) continue;
            DualAscent ascent(relaxation, first_multipliers(relaxation, 2));
            const double cutoff = optimum.objective + 1e-6;  // every optimum is better than this
            for (int it = 0; it < 80; ++it) ascent.step(optimum.objective * 1.02 + 1.0, cutoff);
            expect(ascent.best().safe_value <= optimum.objective);
            for (const std::uint32_t set : optimum.sets) expect(agrees(relaxation, ascent.known(), set));
        }
    });

    test("a restricted relaxation bounds the solutions that keep to it", [] {
        base::Random random(13);
        for (int k = 0; k < 512; ++k) {
            const auto small = make(nth_shape(k), random);
            const Problem& problem = *small->problem;
            const CandidateLists lists(problem, 1 + k % 9);
            const Relaxation whole = relax(problem, lists);
            std::vector<Fix> fix;
            for (std::size_t j = 0; j < whole.site.size(); ++j) fix.push_back(static_cast<Fix>(random.below(3)));
            const Relaxation part = restrict(whole, fix);
            double best = base::infinity;
            for (std::uint32_t set = 1; set < (1u << problem.n_sites()); ++set)
                if (allowed(problem, set) && agrees(whole, fix, set))
                    best = std::min(best, evaluate(problem, sites_of(set, problem.n_sites())));
            if (!part.possible()) {
                expect_equal(best, base::infinity);
                continue;
            }
            DualAscent ascent(part, first_multipliers(part, 2));
            for (int it = 0; it < 40; ++it) ascent.step(1000.0, base::infinity);
            expect(ascent.best().safe_value <= best);
        }
    });

    test("probes settle a node only where neither state of a site can be better", [] {
        base::Random random(14);
        for (int k = 0; k < 256; ++k) {
            const auto small = make(nth_shape(k), random);
            const Problem& problem = *small->problem;
            const Optimum optimum = brute_force(problem);
            if (optimum.objective == base::infinity) continue;
            const CandidateLists lists(problem, 3 + k % 7);
            const Relaxation relaxation = relax(problem, lists);
            if (!relaxation.possible() || relaxation.decided()) continue;
            const double cutoff = optimum.objective + 1e-6;
            DualAscent ascent(relaxation, first_multipliers(relaxation, 2));
            for (int it = 0; it < 10; ++it) ascent.step(optimum.objective + 1.0, cutoff);
            Branching branching(problem.n_sites());
            const auto choice = branching.choose(relaxation, ascent, {optimum.objective + 1.0, cutoff, [] { return false; }});
            expect(!choice.dead);
            for (const std::uint32_t set : optimum.sets)
                if (!choice.known.empty()) expect(agrees(relaxation, choice.known, set));
        }
    });

    test("the dual of a line of four points is worked out by hand", [] {
        // Customers and sites at 0, 1, 10, 11; two open: 1 + 1 is optimal. With multipliers 1 every site serves itself at
        // a gain of 1 and its neighbour at 0, so L = 4 - 2 = 2: the bound is tight.
        const std::vector<std::array<double, 2>> line{{0, 0}, {1, 0}, {10, 0}, {11, 0}};
        const std::vector<SiteStatus> status(4, SiteStatus::candidate);
        const Problem problem({PlaneCosts{line, line, Rounding::none}, {1, 1, 1, 1}, {0, 0, 0, 0}, status, 2, 2, true});
        const CandidateLists lists(problem, 2);
        const Relaxation relaxation = relax(problem, lists);
        DualPoint point;
        point.lambda = {1, 1, 1, 1};
        evaluate(relaxation, point);
        expect_equal(point.value, 2.0);
        expect_equal(point.n_chosen, 2);
    });
    return summary();
}
