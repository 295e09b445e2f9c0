#include "expect.hpp"
#include "location/construct.hpp"
#include "location/evaluate.hpp"
#include "location/interchange.hpp"
#include "location/placement.hpp"
#include "location/small_instances.hpp"

using namespace netdesign;
using namespace netdesign::tests;

namespace {

double full(const Problem& problem, const Placement& placement) { return evaluate(problem, placement.open_sites()); }

/// Large enough for sums with penalties in them.
double tolerance(const Problem& problem) { return 1e-9 * (1.0 + problem.unserved()); }

/// Applies every move that is offered from random placements; `predict` says what the offered delta has to satisfy.
template <typename Predict>
void try_moves(std::int32_t list_length, Predict predict) {
    base::Random random(static_cast<std::uint64_t>(list_length));
    for (int k = 0; k < 256; ++k) {
        const auto small = make(nth_shape(k), random);
        const Problem& problem = *small->problem;
        const CandidateLists lists(problem, list_length);
        const ReverseLists reverse(lists, problem.n_sites());
        std::vector<Site> sites = problem.usable();
        random.shuffle(std::span<Site>(sites));
        if (static_cast<std::int32_t>(sites.size()) < problem.min_open()) continue;
        Placement placement(problem, lists, reverse, complete(problem, {sites.begin(), sites.begin() + 1}));
        for (int step = 0; step < 12; ++step) {
            const double before = full(problem, placement);
            expect_near(placement.objective(), before, tolerance(problem));
            const Site j = sites[static_cast<std::size_t>(random.below(static_cast<std::int32_t>(sites.size())))];
            const auto count = static_cast<std::int32_t>(placement.open_sites().size());
            Placement::Move move{infinite_cost, nobody, nobody};
            if (!placement.is_open(j)) move = placement.best_entry(j, count < problem.max_open() ? Leaving::optional : Leaving::any);
            else if (count > problem.min_open()) move = placement.best_drop();
            if (move.delta == infinite_cost) continue;
            placement.apply(move);
            predict(move.delta, full(problem, placement) - before, tolerance(problem));
            expect_near(placement.objective(), full(problem, placement), tolerance(problem));
        }
    }
}

}  // namespace

int main() {
    test("with full lists the delta of a move equals full evaluation", [] {
        try_moves(9, [](double delta, double really, double slack) { expect_near(delta, really, slack); });
    });

    test("with short lists the objective stays exact and a delta is never too good", [] {
        for (const std::int32_t length : {1, 2, 4})
            try_moves(length, [](double delta, double really, double slack) { expect(delta >= really - slack); });
    });

    test("the best entry is the best partner of all", [] {
        base::Random random(5);
        for (int k = 0; k < 128; ++k) {
            Shape shape = nth_shape(k);
            shape.statuses = shape.weights = false;
            const auto small = make(shape, random);
            const Problem& problem = *small->problem;
            const CandidateLists lists(problem, problem.n_sites());
            const ReverseLists reverse(lists, problem.n_sites());
            Placement placement(problem, lists, reverse, complete(problem, {0}));
            const double before = placement.objective();
            for (Site j = 0; j < problem.n_sites(); ++j) {
                if (placement.is_open(j)) continue;
                const auto move = placement.best_entry(j, Leaving::any);
                double best = infinite_cost, best_near = infinite_cost;
                for (const Site r : placement.open_sites()) {
                    auto open = placement.open_sites();
                    *std::find(open.begin(), open.end(), r) = j;
                    const double delta = evaluate(problem, open) - before;
                    best = std::min(best, delta);
                    bool near = false;
                    for (Customer i = 0; i < problem.n_customers(); ++i)
                        near |= placement.nearest(i) == r && problem.cost(i, j) < placement.second_cost(i);
                    if (near) best_near = std::min(best_near, delta);
                }
                expect_near(move.delta, best, tolerance(problem));
                if (const auto near = placement.best_entry(j, Leaving::near); best_near < infinite_cost) expect_near(near.delta, best_near, tolerance(problem));
                else expect(near.leave == nobody);
            }
        }
    });

    test("a round of the iterated search never ends worse than it began, and its sum is exact", [] {
        base::Random random(6);
        for (int k = 0; k < 128; ++k) {
            const auto small = make(nth_shape(k), random);
            const Problem& problem = *small->problem;
            if (brute_force(problem).sets.empty()) continue;  // statuses and numbers contradict each other
            const CandidateLists lists(problem, 4 + k % 6);
            const ReverseLists reverse(lists, problem.n_sites());
            Placement placement(problem, lists, reverse, greedy(problem, lists, reverse, [] { return false; }));
            Interchange search(problem, lists, reverse);
            for (int round = 0; round < 20; ++round) {
                const double before = placement.objective();
                search.disturb(placement, random, [] { return false; });
                expect(placement.objective() <= before + tolerance(problem));
                expect_near(placement.objective(), full(problem, placement), tolerance(problem));
                const auto count = static_cast<std::int32_t>(placement.open_sites().size());
                expect(count >= problem.min_open() && count <= std::max(problem.max_open(), 1));
            }
        }
    });

    test("evaluation from lists equals evaluation from the costs", [] {
        base::Random random(7);
        std::vector<std::uint8_t> scratch;
        for (int k = 0; k < 128; ++k) {
            const auto small = make(nth_shape(k), random);
            const Problem& problem = *small->problem;
            const CandidateLists lists(problem, 1 + k % 9);
            std::vector<Site> open = problem.usable();
            random.shuffle(std::span<Site>(open));
            open.resize(1 + open.size() / 2);
            expect_near(evaluate(problem, lists, open, scratch), evaluate(problem, open), tolerance(problem));
        }
    });

    test("the tournament knows the first smallest value", [] {
        MinTree tree(5);
        tree.set(3, 2.0);
        tree.set(1, 2.0);
        tree.set(4, 5.0);
        expect_equal(tree.argmin(), 1);
        tree.set(1, 9.0);
        expect_equal(tree.argmin(), 3);
        expect_equal(tree.min(), 2.0);
    });
    return summary();
}
