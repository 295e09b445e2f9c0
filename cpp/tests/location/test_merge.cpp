#include "expect.hpp"
#include "location/construct.hpp"
#include "location/merge.hpp"
#include "location/small_instances.hpp"

using namespace netdesign;
using namespace netdesign::tests;

namespace {

std::uint32_t set_of(const std::vector<Site>& open) {
    std::uint32_t set = 0;
    for (const Site j : open) set |= 1u << j;
    return set;
}

/// The least objective of all sets between what both have and what either has.
double best_between(const Problem& problem, std::uint32_t one, std::uint32_t other) {
    double best = base::infinity;
    for (std::uint32_t set = 1; set < (1u << problem.n_sites()); ++set)
        if (allowed(problem, set) && (set & ~(one | other)) == 0 && (one & other & ~set) == 0)
            best = std::min(best, evaluate(problem, sites_of(set, problem.n_sites())));
    return best;
}

/// Two random solutions of small problems of every shape, merged; `holds` is told the problem, both before and the objective after.
template <typename Holds>
void merge_random_ones(std::int32_t list_length, Holds holds) {
    base::Random random(static_cast<std::uint64_t>(list_length));
    int merged = 0;
    for (int k = 0; k < 256; ++k) {
        const auto small = make(nth_shape(k), random);
        const Problem& problem = *small->problem;
        if (brute_force(problem).sets.empty()) continue;  // statuses and numbers contradict each other
        const CandidateLists lists(problem, list_length);
        const ReverseLists reverse(lists, problem.n_sites());
        const auto draw = [&] {
            std::vector<Site> sites = problem.usable();
            random.shuffle(std::span<Site>(sites));
            sites.resize(index(random.between(1, static_cast<std::int32_t>(sites.size()))));
            return complete(problem, sites);
        };
        const auto one = draw(), other = draw();
        Placement placement(problem, lists, reverse, one);
        Merger(problem, lists, reverse).merge(placement, other, 1, [] { return false; });
        expect(allowed(problem, set_of(placement.open_sites())));
        holds(problem, set_of(one), set_of(other), evaluate(problem, placement.open_sites()));
        ++merged;
    }
    expect(merged > 200);
}

}  // namespace

int main() {
    test("two solutions merge into the best of what they have between them", [] {
        merge_random_ones(9, [](const Problem& problem, std::uint32_t one, std::uint32_t other, double merged) {
            expect_near(merged, best_between(problem, one, other), 1e-9 * (1.0 + problem.unserved()));
        });
    });

    test("a merger over short lists is never worse than what it began with", [] {
        merge_random_ones(2, [](const Problem& problem, std::uint32_t one, std::uint32_t, double merged) {
            expect(merged <= evaluate(problem, sites_of(one, problem.n_sites())) + 1e-9 * (1.0 + problem.unserved()));
        });
    });
    return summary();
}
