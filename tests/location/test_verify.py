"""Certificates: what multipliers prove by hand, what a run hands out, and what a forger is told."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import netdesign as nd
from netdesign.location import LocationProblem, LocationSolution, fingerprint
from netdesign.location.certificate import prove, rounded
from netdesign.result import Certificate, Result

COST = [[0.0, 4.0, 9.0], [4.0, 0.0, 5.0], [9.0, 5.0, 0.0]]


def small(model: Any = "p-median", **fields: Any) -> LocationProblem:
    return LocationProblem.from_cost_matrix(COST, model=model, **fields)


def proven(problem: LocationProblem, *price: float, **others: float) -> float:
    return prove(problem, Certificate(math.inf, np.array(price), **others))


def scattered(model: Any, n: int = 200, m: int = 40, **fields: Any) -> LocationProblem:
    rng = np.random.default_rng(6)
    costs = nd.PlanarCosts(rng.uniform(0, 100, (n, 2)), rng.uniform(0, 100, (m, 2)))
    given = {"weight": rng.integers(1, 9, n), "fixed_cost": rng.integers(50, 200, m), "capacity": np.full(m, 90.0)}
    if model not in ("capacitated", "single-source"):
        del given["capacity"]
    if "cover" in model or model == "p-center":
        del given["fixed_cost"]
    return LocationProblem(costs=costs, model=model, **(given | fields))


def test_what_multipliers_prove_by_hand() -> None:
    # Everybody pays 4: the sites take 4, 4 and 4 of their own customers, 0 of the others: 12 - 2 * 4.
    assert proven(small(p=2), 4, 4, 4) == pytest.approx(4)
    # Everybody pays 5: the middle one takes 5 + 1, the others 5 + 1 and 5: 15 - 6 - 6.
    assert proven(small(p=2), 5, 5, 5) == pytest.approx(3)
    # Forced and closed sites: the last one has to be among them, the first one cannot be.
    assert proven(small(p=2, status=["closed", "candidate", "open"]), 5, 5, 5) == pytest.approx(4)
    assert proven(small("uncapacitated", fixed_cost=[5, 5, 5]), 5, 5, 5) == pytest.approx(13)
    assert proven(small("uncapacitated", fixed_cost=[9, 7, 8]), 5, 5, 5) == pytest.approx(16)  # one has to open: 15 + 1
    # Within a radius of 5 the middle site covers all for 1; two prices of 1 could be taken by it.
    assert proven(small("set-cover", coverage_radius=5), 0, 1, 0) == pytest.approx(1)
    assert proven(small("set-cover", coverage_radius=5), 1, 0, 1) == pytest.approx(1)
    # One site covers at most what it takes: 3 of 3; at price 0 everything is thought to be covered.
    assert proven(small("max-cover", coverage_radius=4, p=1), 1, 1, 1) == pytest.approx(2)
    assert proven(small("max-cover", coverage_radius=4, p=1), 0, 0, 0) == pytest.approx(3)


def test_knapsacks_are_filled_by_gain_per_weight() -> None:
    problem = small("capacitated", weight=[2, 2, 2], capacity=[3, 3, 3], fixed_cost=[0, 0, 0])
    # All of its own customer's 2, then 1 of 2 that gain 2 * (5 - 4): site 0 takes 10 + 1, site 1 10 + 1, site 2 10.
    assert proven(problem, 10, 10, 10) == pytest.approx(30 - 11 - 11 - 10)
    assert proven(problem.replace(capacity=[3, 3, 0]), 10, 10, 10) == pytest.approx(30 - 22)
    # A customer without weight takes no room, wherever there is none.
    idle = problem.replace(weight=[0, 2, 2], capacity=[0, 0, 4])
    assert proven(idle, 1, 0, 0) == pytest.approx(1 - 3)


def test_prices_of_capacity_and_budget() -> None:
    problem = small("capacitated", weight=[1, 1, 1], capacity=[2, 2, 2], fixed_cost=[6, 6, 6])
    # Two sites are needed: at 3 per unit a site costs 6 - 6.
    assert proven(problem, 0, 0, 0, capacity_price=3.0) == pytest.approx(9)
    within = small("uncapacitated", fixed_cost=[2, 2, 2], budget=3)
    # Sites take 4 each and cost 2 + 2: nothing pays, and the budget of 3 brings 3.
    assert proven(within, 4, 4, 4, budget_price=1.0) == pytest.approx(12 - 3)


def test_lists_cut_off_leave_no_room_for_what_is_not_listed() -> None:
    full = nd.SparseCosts([0, 2, 4], [0, 1, 1, 0], [0.0, 4.0, 0.0, 4.0], n_sites=3)
    cut = nd.SparseCosts([0, 2, 4], [0, 1, 1, 0], [0.0, 4.0, 0.0, 4.0], n_sites=3, complete=False)
    price = np.array([9.0, 9.0])
    assert prove(LocationProblem(costs=full, model="p-median", p=1), Certificate(0.0, price)) == pytest.approx(4)
    assert prove(LocationProblem(costs=cut, model="p-median", p=1), Certificate(0.0, price)) == pytest.approx(4)
    two = LocationProblem(costs=full, model="p-median", p=2)
    assert prove(two, Certificate(0.0, price)) == pytest.approx(18 - 14 - 14)
    assert prove(two.replace(costs=cut), Certificate(0.0, price)) == pytest.approx(8 - 4 - 4)


RUNS = {
    "p-median": {"p": 6},
    "uncapacitated": {},
    "capacitated": {},
    "single-source": {},
    "set-cover": {"coverage_radius": 35.0},
    "max-cover": {"coverage_radius": 12.0, "p": 6},
    "gradual-cover": {"coverage_radius": 8.0, "outer_radius": 20.0, "p": 6},
    "p-center": {"p": 6},
}


@pytest.fixture(scope="module", params=RUNS)
def run(request: pytest.FixtureRequest) -> tuple[LocationProblem, Result[LocationSolution]]:
    problem = scattered(request.param, **RUNS[request.param])
    return problem, nd.locate(problem, stop=nd.Stop(time_limit_s=20))


def test_multipliers_prove_nearly_the_whole_bound(run: tuple[LocationProblem, Result[LocationSolution]]) -> None:
    problem, result = run
    found = nd.verify(problem, result)
    assert found.holds
    assert found.objective == result.objective
    assert found.certified_bound == pytest.approx(result.certified_bound, rel=1e-9)
    assert abs(result.objective - found.certified_bound) <= 0.03 * result.objective  # type: ignore[operator]


def test_a_forger_is_told(run: tuple[LocationProblem, Result[LocationSolution]]) -> None:
    problem, result = run
    told = result.certificate
    assert told is not None
    sign = -1 if "max" in problem.model or "gradual" in problem.model else 1

    def fault(**changes: Any) -> str:
        (only,) = nd.verify(problem, replace(result, **changes)).faults
        return only

    better = result.objective - sign  # type: ignore[operator]
    assert "the objective is" in fault(objective=better, bound=None)
    assert "the objective is" in fault(objective=math.nan)
    beyond = result.objective + sign  # type: ignore[operator]
    assert "is refuted by the solution" in fault(bound=beyond)
    assert "is refuted by the solution" in fault(bound=math.nan)
    assert "the multipliers prove a bound of" in fault(certificate=replace(told, bound=beyond))
    assert "the multipliers prove a bound of" in fault(certificate=replace(told, bound=math.nan))
    # A customer that pays too much: every site near by takes it away again, and more.
    greedy = told.customer_price.copy()
    greedy[:40] += 1e3
    assert "the multipliers prove a bound of" in fault(certificate=replace(told, customer_price=greedy))
    assert "customers pay a price" in fault(certificate=replace(told, customer_price=greedy[1:]))
    assert "no finite number" in fault(certificate=replace(told, budget_price=-1.0))
    opened = np.setdiff1d(np.arange(problem.n_sites), result.best().open)[: len(result.best().open)].astype(np.int32)
    swapped = replace(result.best(), open=opened)
    assert "the solution breaks a rule" in fault(solution=swapped)


def test_a_result_of_another_problem_is_told() -> None:
    problem = small(p=2)
    other = problem.replace(weight=[1, 1, 2])
    assert nd.verify(other, nd.locate(problem)).faults == ("the result belongs to another problem",)
    assert nd.verify(small(p=2), nd.locate(problem)).holds
    assert (
        len({fingerprint(q) for q in (problem, other, problem.replace(p=1), problem.replace(site_ids=[3, 4, 5]))}) == 4
    )


def test_shares_rule_out_radii_by_hand() -> None:
    # Within 4 no site reaches both ends, within 5 the middle one does.
    assert proven(small("p-center", p=1), 1, 0, 1) == 5
    # Within less than 4 two sites reach two of three, within 4 the first two reach two each.
    assert proven(small("p-center", p=2), 1, 1, 1) == 4
    assert proven(small("p-center", p=2, weight=[1, 1, 2]), 1, 1, 1) == 4
    assert proven(small("p-center", p=2, status=["open", "candidate", "open"]), 0, 1, 0) == 4
    assert proven(small("p-center", p=3), 1, 1, 1) == 0
    assert proven(small("p-center", p=2), 0, 0, 0) == -math.inf


def test_whatever_the_shares_no_radius_that_is_possible_is_ruled_out() -> None:
    rng = np.random.default_rng(8)
    for p in (1, 2, 3) * 20:
        problem = LocationProblem.from_cost_matrix(rng.integers(0, 30, (7, 5)), model="p-center", p=p)
        cost = problem.cost_matrix(np.arange(7), np.arange(5))
        best = min(cost[:, list(some)].min(axis=1).max() for some in itertools.combinations(range(5), p))
        assert proven(problem, *(rng.random(7) * (rng.random(7) < 0.6))) <= best


def apart(problem: LocationProblem, *near_sets: tuple[float, tuple[int, ...]]) -> float:
    return prove(problem, Certificate(-math.inf, np.zeros(problem.n_customers), near_sets=near_sets))


def test_near_sets_bound_distances_by_hand() -> None:
    two, three = small("p-dispersion", p=2), small("p-dispersion", p=3)
    # Two of three sites share one of two sets: that of the first two, which are 4 apart.
    assert apart(three, (1.0, (0, 1)), (1.0, (2,))) == 4
    assert apart(three, (0.5, (0, 1)), (0.5, (2,))) == 4
    assert apart(two, (0.5, (0, 1)), (0.5, (1, 2)), (0.5, (0, 2))) == 9
    # Two sites may lie in two sets, or where no set is.
    assert apart(two, (1.0, (0, 1)), (1.0, (2,))) == math.inf
    assert apart(two, (1.0, (0, 1))) == math.inf
    assert apart(two.replace(status=["candidate", "candidate", "closed"]), (1.0, (0, 1))) == 4


def test_whatever_the_sets_no_distance_that_is_possible_is_ruled_out() -> None:
    rng = np.random.default_rng(9)
    for p in (2, 3, 4) * 20:
        xy = rng.uniform(0, 9, (7, 2))
        problem = LocationProblem(costs=nd.PlanarCosts(xy, xy), model="p-dispersion", p=p)
        between = problem.site_distances()
        best = max(
            min(between[j, k] for j, k in itertools.combinations(c, 2)) for c in itertools.combinations(range(7), p)
        )
        sets = [(float(rng.random()), tuple(np.flatnonzero(rng.random(7) < 0.5).tolist())) for _ in range(5)]
        assert apart(problem, *sets) >= best


def test_a_dispersion_is_proven_by_its_sets_and_a_forger_is_told() -> None:
    xy = np.random.default_rng(2).uniform(0, 100, (40, 2))
    status = ["closed", *["candidate"] * 39]
    problem = LocationProblem(costs=nd.PlanarCosts(xy, xy), model="p-dispersion", p=5, status=status)
    result = nd.locate(problem)
    told = result.certificate
    assert told is not None
    assert nd.verify(problem, result).holds
    assert result.objective <= told.bound <= 1.25 * result.objective  # type: ignore[operator]

    def fault(**changes: Any) -> str:
        (only,) = nd.verify(problem, replace(result, certificate=replace(told, **changes))).faults
        return only

    assert "the multipliers prove a bound of" in fault(bound=0.999 * told.bound)
    assert "the multipliers prove a bound of inf" in fault(near_sets=told.near_sets[1:])
    assert "a set of near sites" in fault(near_sets=((1.0, (40,)), *told.near_sets))
    assert "a set of near sites" in fault(near_sets=((-1.0, (3,)), *told.near_sets))


def test_prices_of_a_share_and_of_second_sites_by_hand() -> None:
    # Sites 0 and 1 cover the first two customers, site 2 the last: for half of the weight three quarters of a site.
    part = small("partial-cover", coverage_radius=4, coverage_share=0.5)
    assert proven(part, 0.5, 0.5, 0.5, share_price=0.5) == pytest.approx(0.75)
    assert proven(part, 0.5, 0.5, 0, share_price=0.5) == pytest.approx(0.25)
    assert proven(part, 1, 1, 0) == pytest.approx(2 - 2 - 1 - 1)  # without a price of the share none may be left out
    # Within 5 the middle site covers all, the others two: any two cover two customers twice, of weight 3 at most.
    twice = small("backup-cover", coverage_radius=5, p=2, weight=[2, 1, 1])
    assert proven(twice, 0, 0, 0) == pytest.approx(4)
    assert proven(twice, 1, 0.5, 0.5) == pytest.approx(1.5 + 2)
    assert nd.locate(twice).objective == 3


COVERED = {
    "set-cover": {"fixed_cost": np.full(40, 3.0), "incompatible": [[0, 1], [2, 3]]},
    "max-cover": {"fixed_cost": np.arange(40) % 5 + 1.0, "budget": 9.0},
    "partial-cover": {"coverage_share": 0.7},
    "backup-cover": {"p": 7},
}


@pytest.mark.parametrize("model", COVERED)
def test_prices_of_covering_prove_most_of_the_bound_and_a_forger_is_told(model: Any) -> None:
    radius = 40.0 if model == "set-cover" else 22.0
    problem = scattered(model, **{"coverage_radius": radius, "fixed_cost": None, **COVERED[model]})
    result = nd.locate(problem, stop=nd.Stop(time_limit_s=20))
    found, told = nd.verify(problem, result), result.certificate
    assert told is not None
    assert found.holds
    assert found.certified_bound == pytest.approx(told.bound, rel=1e-9)
    assert abs(result.objective - told.bound) <= 0.3 * result.objective  # type: ignore[operator]
    sign = -1 if problem.model in ("max-cover", "backup-cover") else 1
    beyond = replace(told, bound=told.bound + sign)
    assert "the multipliers prove a bound of" in nd.verify(problem, replace(result, certificate=beyond)).faults[0]
    negative = replace(told, share_price=-0.1)
    assert "is negative" in nd.verify(problem, replace(result, certificate=negative)).faults[0]


@pytest.mark.parametrize("model", ["partial-cover", "backup-cover"])
def test_whatever_the_prices_of_covering_they_prove_no_more_than_the_optimum(model: Any) -> None:
    rng = np.random.default_rng(12)
    for _ in range(60):
        rules = {"coverage_share": float(rng.uniform(0.1, 1))} if model == "partial-cover" else {"p": 3}
        unit, weight = rng.integers(0, 9, (7, 5)), rng.integers(0, 4, 7)
        problem = LocationProblem.from_cost_matrix(unit, model=model, weight=weight, coverage_radius=5.0, **rules)
        best = nd.locate(problem)
        share = float(rng.random()) if model == "partial-cover" else 0.0
        bound = proven(problem, *(rng.random(7) * weight), share_price=share)
        if best.objective is not None:
            assert bound <= best.objective + 1e-9 if model == "partial-cover" else bound >= best.objective - 1e-9


def test_models_without_a_certificate_have_their_objective_verified() -> None:
    problem = small("p-center", p=1)
    found = nd.verify(problem, replace(nd.locate(problem), certificate=None))
    assert (found.holds, found.objective, found.certified_bound) == (True, 5.0, None)


def test_a_bound_is_rounded_where_all_solutions_are_whole() -> None:
    assert rounded(small(p=2), 3.2) == 4.0
    assert rounded(small(p=2, weight=[1, 1, 0.5]), 3.2) == 3.2
    assert rounded(small("max-cover", coverage_radius=4, p=1), 2.7) == 2.0
    assert rounded(small("capacitated", capacity=[2, 2, 2]), 3.2) == 3.2
    assert rounded(small(p=2), -math.inf) == -math.inf
