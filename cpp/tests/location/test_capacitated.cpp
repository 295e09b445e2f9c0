#include <algorithm>
#include <numeric>

#include "expect.hpp"
#include "location/capacitated.hpp"
#include "location/knapsack.hpp"
#include "location/small_assignments.hpp"

using namespace netdesign;
using namespace netdesign::tests;

namespace {

/// The best worth of any packing, all tried.
double best_packing(const std::vector<double>& rate, const std::vector<double>& weight, double capacity) {
    double best = 0.0;
    for (std::uint32_t set = 0; set < (1u << rate.size()); ++set) {
        double packed = 0.0, worth = 0.0;
        for (std::size_t k = 0; k < rate.size(); ++k)
            if (set >> k & 1u) packed += weight[k], worth += rate[k] * weight[k];
        if (packed <= capacity) best = std::max(best, worth);
    }
    return best;
}

struct Best {
    double objective = base::infinity;
    std::vector<std::uint32_t> sets;
};

/// Whether two sites of a set are of one group.
bool crowded(const std::vector<std::int32_t>& group, std::uint32_t set) {
    for (std::size_t j = 0; j < group.size(); ++j)
        for (std::size_t k = 0; k < j; ++k)
            if (group[j] == group[k] && (set >> j & 1u) && (set >> k & 1u)) return true;
    return false;
}

Best try_everything(const Problem& problem, const std::vector<double>& capacity, const std::vector<std::int32_t>& group) {
    Best best;
    for (std::uint32_t set = 1; set < (1u << problem.n_sites()); ++set) {
        if (crowded(group, set)) continue;
        const double cost = cheapest_with(problem, capacity, set);
        if (cost < best.objective - 1e-9) best = {cost, {}};
        if (cost <= best.objective + 1e-9) best.sets.push_back(set);
    }
    return best;
}

}  // namespace

int main() {
    test("a packing is the best of all, or its bound is above", [] {
        base::Random random(21);
        for (int k = 0; k < 2000; ++k) {
            std::vector<double> rate, weight;
            for (int t = 0; t < 1 + k % 11; ++t) rate.push_back(10.0 * random.unit()), weight.push_back(k % 2 ? random.between(1, 20) : 20.0 * random.unit());
            std::sort(rate.begin(), rate.end(), std::greater<>());
            const double capacity = 60.0 * random.unit(), best = best_packing(rate, weight, capacity);
            Packing packing;
            pack(rate, weight, capacity, 100'000, packing);
            expect(std::abs(packing.bound - best) < 1e-9);
            const double packed = std::inner_product(weight.begin(), weight.end(), packing.taken.begin(), 0.0);
            expect(packed <= capacity + 1e-9);
            pack(rate, weight, capacity, 1 + k % 7, packing);
            expect(packing.bound >= best - 1e-9);
            expect(pack_in_parts(rate, weight, capacity, packing.taken) >= best - 1e-9);
        }
    });

    test("the bound never passes the optimum, however short the lists, and what a site adds is true of every optimum", [] {
        base::Random random(22);
        int tight = 0;
        for (int k = 0; k < 256; ++k) {
            Shape shape = nth_shape(k);
            shape.median = false;
            shape.n = 6, shape.m = 5;
            const auto small = make(shape, random);
            const Problem& problem = *small->problem;
            Capacities capacities{{}, k % 3 != 0, {}};
            if (k % 2)
                for (Site j = 0; j < problem.n_sites(); ++j) capacities.group.push_back(j / 2);
            double demand = 0.0;
            for (Customer i = 0; i < problem.n_customers(); ++i) demand += problem.is_free(i) ? 0.0 : problem.weight(i);
            for (Site j = 0; j < problem.n_sites(); ++j) capacities.capacity.push_back(std::floor(demand * (0.1 + 0.6 * random.unit())));
            const Best best = try_everything(problem, capacities.capacity, capacities.group);
            if (best.objective == base::infinity) continue;
            const CandidateLists lists(problem, 1 + k % 5);
            const Residual whole = residual(problem, lists, capacities);
            CapacitatedDual dual(whole);
            if (k % 5 == 0 && capacities.group.empty()) dual.demand_whole_sites();
            for (int it = 0; it < 200; ++it) dual.step();
            // Whole customers cost at least what parts of them do, so this holds for both.
            expect(dual.bound() <= best.objective + 1e-9);
            tight += dual.bound() > 0.9 * best.objective;
            for (const std::uint32_t set : best.sets)
                for (std::size_t at = 0; at < whole.site.size(); ++at) {
                    const Site j = whole.site[at];
                    if (problem.status(j) == SiteStatus::open) continue;
                    const double rise = dual.reduced_cost()[at];
                    const bool is_open = (set >> j & 1u) != 0;
                    expect(dual.bound() + (is_open ? std::max(rise, 0.0) : std::max(-rise, 0.0)) <= best.objective + 1e-6);
                }
        }
        expect(tight > 40);
    });

    test("the bound of a whole run stands on lists that were extended where they were too short", [] {
        base::Random random(23);
        Shape shape;
        shape.n = 8, shape.m = 6, shape.median = false;
        const auto small = make(shape, random);
        const Capacities capacities{{3, 3, 3, 3, 3, 3}, true, {}};
        const auto out = bound_with_capacities(*small->problem, capacities, {}, {});
        const Best best = try_everything(*small->problem, capacities.capacity, {});
        expect(out.bound <= best.objective + 1e-9);
        expect(out.bound > 0.8 * best.objective);
        expect_equal(out.first.size(), std::size_t{9});
        expect_equal(out.entries.size(), std::size_t{48});
    });
    return summary();
}
