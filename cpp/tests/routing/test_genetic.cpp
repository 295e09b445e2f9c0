// The genetic search and its parts against enumeration.
#include <algorithm>

#include "expect.hpp"
#include "random_problem.hpp"
#include "routing/genetic.hpp"

using namespace netdesign;
using namespace netdesign::tests;

namespace {

std::vector<Location> shuffled_tour(const Problem& problem, base::Random& random) {
    std::vector<Location> tour;
    for (Location c = problem.first_customer(); c < problem.size(); ++c) tour.push_back(c);
    random.shuffle(std::span(tour));
    return tour;
}

/// What routes cost when a unit beyond capacity costs `price`; `impossible` beyond one and a half times the capacity, except for
/// a single customer.
Total penalized(const Problem& problem, const std::vector<std::vector<Location>>& routes, Total price) {
    Total sum = 0;
    for (const auto& route : routes) {
        sum += problem.route_cost(0, route);
        for (int d = 0; d < problem.dimensions(); ++d) {
            const auto k = static_cast<std::size_t>(d);
            Total load = 0;
            for (const Location c : route) load += problem.demand(c)[k];
            const Total capacity = problem.fleet().front().capacity[k];
            if (2 * load > 3 * capacity && route.size() > 1) return impossible;
            sum += std::max<Total>(load - capacity, 0) * price;
        }
    }
    return sum;
}

/// The cheapest of all 2^(n-1) ways to cut a tour.
Total best_cut(const Problem& problem, const std::vector<Location>& tour, Total price) {
    Total best = impossible;
    for (std::uint32_t cuts = 0; cuts < 1U << (tour.size() - 1); ++cuts) {
        std::vector<std::vector<Location>> routes(1);
        for (std::size_t k = 0; k < tour.size(); ++k) {
            routes.back().push_back(tour[k]);
            if (k + 1 < tour.size() && (cuts >> k & 1) != 0) routes.emplace_back();
        }
        best = std::min(best, penalized(problem, routes, price));
    }
    return best;
}

void test_split() {
    test("a tour is cut as well as by trying every cut, and keeps its order", [] {
        std::uint64_t seed = 100;
        for (const int dimensions : {1, 3})
            for (const bool asymmetric : {false, true})
                for (const Total price : {0, 1, 5, 100}) {
                    const Problem problem = random_problem(11, {.dimensions = dimensions, .asymmetric = asymmetric}, ++seed);
                    base::Random random(seed);
                    const auto tour = shuffled_tour(problem, random);
                    const auto routes = split(problem, tour, price * price_scale);
                    std::vector<std::vector<Location>> visits;
                    std::vector<Location> joined;
                    for (const auto& route : routes) {
                        visits.push_back(route.visits);
                        joined.insert(joined.end(), route.visits.begin(), route.visits.end());
                    }
                    expect(joined == tour);
                    expect_equal(penalized(problem, visits, price), best_cut(problem, tour, price));
                }
    });
}

void test_crossover() {
    test("a child has every customer once, a stretch of its mother and the order of its father", [] {
        base::Random random(5);
        const Problem problem = random_problem(12, {}, 5);
        for (int k = 0; k < 200; ++k) {
            const auto mother = shuffled_tour(problem, random), father = shuffled_tour(problem, random);
            auto child = order_crossover(mother, father, random);
            int from_mother = 0;
            for (std::size_t p = 0; p < child.size(); ++p) from_mother += child[p] == mother[p] ? 1 : 0;
            expect(from_mother >= 1);
            std::ranges::sort(child);
            expect(child == [&] { auto all = mother; std::ranges::sort(all); return all; }());
        }
        const auto same = shuffled_tour(problem, random);
        expect(order_crossover(same, same, random) == same);
    });
}

void test_compass() {
    test("routes stand in a giant tour by their direction from the depot", [] {
        // Customers west, south, east and north of the depot; angles run from west by way of south.
        const std::vector<double> points{0, 0, -5, -1, 0, -5, 5, 0, 0, 5};
        Description d{Travel(points, 2, {}), 1, {0, 1, 1, 1, 1}, std::vector<Time>(5, 0), {}, {}, {VehicleType{.count = 4, .capacity = {1}}}};
        const Problem problem(std::move(d), 2);
        const std::vector<PlannedRoute> routes{{0, {4}}, {0, {2}}, {0, {3}}, {0, {1}}};
        expect(Compass(problem).giant_tour(routes) == std::vector<Location>({1, 2, 3, 4}));
    });
}

void test_population() {
    test("a group keeps its best plan and does not grow beyond 65", [] {
        base::Random random(3);
        Population population(13);
        const Problem problem = random_problem(12, {}, 3);
        Total cheapest = impossible;
        for (int k = 0; k < 500; ++k) {
            Individual individual;
            individual.routes = {{0, shuffled_tour(problem, random)}};
            individual.cost = random.between(1000, 2000);
            cheapest = std::min(cheapest, individual.cost);
            population.add(std::move(individual));
            expect(population.count() <= 65);
        }
        Total picked = impossible;
        for (int k = 0; k < 2000; ++k) picked = std::min(picked, population.pick(random).cost);
        expect_equal(picked, cheapest);
    });
    test("of plans that are alike, one is left when a group has become too large", [] {
        base::Random random(4);
        Population population(13);
        const Problem problem = random_problem(12, {}, 4);
        const auto tour = shuffled_tour(problem, random);
        for (int k = 0; k < 40; ++k) population.add({{{0, tour}}, 1, 0});
        for (int k = 0; k < 26; ++k) population.add({{{0, shuffled_tour(problem, random)}}, 1000, 0});
        int cheap = 0;
        for (int k = 0; k < 2000; ++k) cheap += population.pick(random).cost == 1 ? 1 : 0;
        expect(cheap > 0);
        expect(cheap < 600);  // one of 25, drawn in a tournament of two: about 160
    });
}

void test_search() {
    test("small plain problems are solved to the optimum, capacity kept", [] {
        using F = Features<false, 1, false>;
        for (std::uint64_t seed = 1; seed <= 12; ++seed) {
            const Problem problem = random_problem(6, {.asymmetric = seed % 2 == 1}, seed);
            Genetic<F> genetic(problem, seed);
            genetic.begin({});
            int legs = 60;
            genetic.run([&]() -> Leg { return {0.0, legs-- > 0 ? leg_length : 0}; });
            expect(genetic.best_unserved() == 0);
            expect_equal(genetic.best_cost(), brute_force(problem));
            Total cost = 0;
            for (const auto& route : genetic.best().routes) cost += route_cost(problem, problem.fleet().front(), route.visits);
            expect_equal(cost, genetic.best_cost());
        }
    });
    test("two threads share what they find on a problem that a genetic search takes", [] {
        const Problem problem = random_problem(60, {}, 21);
        Settings settings;
        settings.threads = 2;
        base::StopRule rule;
        rule.max_iterations = 40'000;
        const Outcome outcome = solve(problem, settings, rule, {});
        expect(outcome.best.unserved.empty());
        expect(outcome.improvements[static_cast<std::size_t>(Operator::crossover)] > 0);
        expect(outcome.improvements[static_cast<std::size_t>(Operator::ruin_strings)] > 0);
    });
}

}  // namespace

int main() {
    test_split();
    test_crossover();
    test_compass();
    test_population();
    test_search();
    return summary();
}
