#include "expect.hpp"
#include "location/candidates.hpp"
#include "location/small_instances.hpp"

using namespace netdesign;
using namespace netdesign::tests;

int main() {
    test("the nearest sites are the cheapest, ascending, and nothing left out undercuts the cap", [] {
        base::Random random(1);
        for (int k = 0; k < 200; ++k) {
            const auto small = make(nth_shape(k), random);
            const Problem& problem = *small->problem;
            const Nearest nearest(problem.source(), problem.usable(), problem.limits());
            const auto known = [&](Customer i, Site j) {
                const double c = cost(problem.source(), i, j);
                return problem.limits().allow(i, j, c) ? c : infinite_cost;
            };
            std::vector<Entry> found;
            for (Customer i = 0; i < problem.n_customers(); ++i) {
                const double cap = nearest.find(i, 1 + k % 12, found);
                std::vector<std::uint8_t> listed(index(problem.n_sites()), 0);
                for (std::size_t e = 0; e < found.size(); ++e) {
                    expect_near(found[e].cost, known(i, found[e].site), 1e-12);
                    expect(e == 0 || found[e - 1].cost <= found[e].cost);
                    expect(found[e].cost <= cap);
                    listed[index(found[e].site)] = 1;
                }
                for (const Site j : problem.usable())
                    if (!listed[index(j)]) expect(known(i, j) >= cap);
            }
        }
    });

    test("a k-d tree returns what a sort by distance returns", [] {
        base::Random random(2);
        std::vector<std::array<double, 2>> points(500);
        std::vector<std::int32_t> names(500);
        for (std::size_t i = 0; i < points.size(); ++i) {
            points[i] = {static_cast<double>(random.below(30)), static_cast<double>(random.below(30))};  // many ties
            names[i] = static_cast<std::int32_t>(i);
        }
        const KdTree<2> tree(points, names);
        std::vector<KdTree<2>::Found> found, all;
        for (int query = 0; query < 50; ++query) {
            const std::array<double, 2> q{30 * random.unit(), 30 * random.unit()};
            all.clear();
            for (const std::int32_t name : names) all.emplace_back(KdTree<2>::squared_distance(q, points[index(name)]), name);
            std::sort(all.begin(), all.end());
            tree.nearest(q, 40, found);
            expect_equal(found.size(), std::size_t{40});
            expect(std::equal(found.begin(), found.end(), all.begin()));
            // The 20th is at the edge itself.
            std::vector<KdTree<2>::Found> near;
            tree.within(q, all[19].first, [&](double squared, std::int32_t name) { near.emplace_back(squared, name); });
            std::sort(near.begin(), near.end());
            const auto end = std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.first > all[19].first; });
            expect(std::equal(near.begin(), near.end(), all.begin(), end));
        }
    });

    test("extending a list doubles it and never lowers the cap", [] {
        base::Random random(3);
        const auto small = make({.kind = Kind::plane, .n = 10, .m = 20}, random);
        CandidateLists lists(*small->problem, 3);
        for (int round = 0; round < 3; ++round)
            for (Customer i = 0; i < 10; ++i) {
                const double cap = lists.cap(i);
                const auto before = lists.of(i).size();
                expect(lists.extend(i));
                expect_equal(lists.of(i).size(), std::min<std::size_t>(2 * before, 20));
                expect(lists.cap(i) >= cap);
            }
        expect(!lists.extend(0));
    });

    test("the great circle over a quarter of the globe is a quarter of its girth", [] {
        const CostSource sphere = SphereCosts{{{1.0, 0.0, 0.0}}, {{0.0, 1.0, 0.0}}, 2.0};
        expect_near(cost(sphere, 0, 0), 1.5707963267948966, 1e-15);
    });

    test("rounding follows its name", [] {
        const std::vector<std::array<double, 2>> from{{0.0, 0.0}}, to{{1.0, 1.0}};  // 1.414
        expect_equal(cost(PlaneCosts{from, to, Rounding::floor}, 0, 0), 1.0);
        expect_equal(cost(PlaneCosts{from, to, Rounding::nearest}, 0, 0), 1.0);
        expect_equal(cost(PlaneCosts{from, to, Rounding::ceil}, 0, 0), 2.0);
    });
    return summary();
}
