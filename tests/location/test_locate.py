"""``locate`` where its answer is known, and where there is none."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest

import netdesign as nd
from netdesign.errors import InputError
from netdesign.location import LocationProblem, PlanarCosts, SparseCosts, SphereCosts, check, locate

SHORT = nd.Stop(time_limit_s=20)


def line(*x: float) -> np.ndarray:
    return np.c_[x, np.zeros(len(x))]


def test_two_towns_get_a_site_each() -> None:
    # 0, 1, 2 and 100, 101, 102: the middle of each town costs 1 + 1; any other pair more.
    points = line(0, 1, 2, 100, 101, 102)
    result = locate(LocationProblem(costs=PlanarCosts(points, points), model="p-median", p=2), stop=SHORT)
    solution = result.best()
    assert result.objective == 4.0
    assert result.status == "optimal"
    assert solution.open.tolist() == [1, 4]
    assert solution.assignment.tolist() == [1, 1, 1, 4, 4, 4]


def test_weights_pull_the_site() -> None:
    problem = LocationProblem(costs=PlanarCosts(line(0, 10), line(0, 10)), model="p-median", p=1, weight=[1, 3])
    assert locate(problem, stop=SHORT).best().open.tolist() == [1]


@pytest.mark.parametrize(("fixed", "opened"), [(5.0, [0, 1]), (15.0, [0])])
def test_fixed_costs_decide_how_many_sites_open(fixed: float, opened: list[int]) -> None:
    # Serving the far customer from afar costs 10: a second site pays below that.
    problem = LocationProblem.from_cost_matrix(
        [[0.0, 10.0], [10.0, 0.0]], model="uncapacitated", fixed_cost=[fixed, fixed + 1]
    )
    result = locate(problem, stop=SHORT)
    assert result.best().open.tolist() == opened
    assert result.objective == (2 * fixed + 1 if len(opened) == 2 else fixed + 10)


def test_forced_and_closed_sites_are_respected() -> None:
    points = line(0, 1, 2, 3, 4)
    problem = LocationProblem(
        costs=PlanarCosts(points, points),
        model="p-median",
        p=2,
        status=["open", "candidate", "closed", "closed", "candidate"],
    )
    assert locate(problem, stop=SHORT).best().open.tolist() == [0, 4]
    # Alone, 2 would be the best; now 1 is the best of what is left.
    alone = problem.replace(p=1, status=["candidate", "candidate", "closed", "candidate", "candidate"])
    assert locate(alone, stop=SHORT).objective == 1 + 0 + 1 + 2 + 3


def test_great_circles_cross_the_date_line() -> None:
    costs = SphereCosts([[179.9, 0.0], [-179.9, 0.0]], [[180.0, 0.0], [0.0, 0.0]])
    result = locate(LocationProblem(costs=costs, model="p-median", p=1), stop=SHORT)
    assert result.best().open.tolist() == [0]
    assert result.objective == pytest.approx(2 * 6_371_008.8 * np.radians(0.1))


def test_lists_use_listed_pairs_only() -> None:
    lists = SparseCosts([0, 2, 4, 5], [0, 1, 1, 0, 2], [1.0, 5.0, 1.0, 5.0, 1.0], n_sites=3)
    result = locate(LocationProblem(costs=lists, model="p-median", p=2), stop=SHORT)
    assert result.objective == 1 + 5 + 1
    assert 2 in result.best().open.tolist()


def test_lists_cut_off_bound_the_problem_with_all_pairs() -> None:
    rng = np.random.default_rng(5)
    cost = rng.integers(1, 50, (40, 25)).astype(float)
    order = np.argsort(cost, axis=1, kind="stable")[:, :12]
    values = np.take_along_axis(cost, order, axis=1)
    lists = SparseCosts(np.arange(0, 481, 12), order.ravel(), values.ravel(), n_sites=25, complete=False)
    cut = locate(LocationProblem(costs=lists, model="p-median", p=4), stop=SHORT)
    whole = locate(LocationProblem.from_cost_matrix(cost, model="p-median", p=4), stop=SHORT)
    assert cut.bound is not None
    assert cut.bound <= whole.objective <= cut.objective  # type: ignore[operator]


def test_a_customer_without_weight_is_served_by_a_site_that_can() -> None:
    cost = [[1.0, math.inf], [math.inf, 3.0], [1.0, 2.0]]
    result = locate(
        LocationProblem.from_cost_matrix(cost, model="uncapacitated", weight=[1, 0, 1], fixed_cost=[0, 7]), stop=SHORT
    )
    assert result.best().assignment.tolist() == [0, 1, 0]
    assert result.objective == 1 + 0 + 1 + 7


def test_unservable_customers_are_named() -> None:
    problem = LocationProblem.from_cost_matrix(
        [[1.0, math.inf], [2.0, math.inf]],
        model="p-median",
        p=1,
        status=["closed", "candidate"],
        customer_ids=["a", "b"],
    )
    result = locate(problem, stop=SHORT)
    assert result.status == "infeasible"
    assert [u.customer for u in result.unserved] == ["a", "b"]
    assert result.unserved[0].reasons == ("no open or candidate site can serve it",)
    closed = locate(problem.replace(status=["closed", "closed"]), stop=SHORT)
    assert closed.unserved[0].reasons == ("every site is closed",)


@pytest.mark.parametrize(
    ("fields", "detail"),
    [
        ({"p": 3}, "p is 3, but only 2 of 2 sites may be open"),
        ({"p": 2, "status": ["closed", "candidate"]}, "p is 2, but only 1 of 2 sites may be open"),
        ({"p": 1, "status": ["open", "open"]}, "p is 1, but 2 sites are forced open"),
    ],
)
def test_impossible_numbers_are_infeasible(fields: dict, detail: str) -> None:  # type: ignore[type-arg]
    result = locate(LocationProblem.from_cost_matrix([[1.0, 2.0]], model="p-median", **fields), stop=SHORT)
    assert (result.status, result.termination.detail) == ("infeasible", detail)


def test_too_few_sites_to_reach_everybody_is_proven_infeasible() -> None:
    # Four customers, each within reach of one site of its own.
    cost = np.where(np.eye(4) > 0, 1.0, np.inf)
    result = locate(LocationProblem.from_cost_matrix(cost, model="p-median", p=3), stop=SHORT)
    assert result.status == "infeasible"
    assert result.termination.detail == "no choice of 3 sites serves all customers; 4 do"


def test_one_customer_and_one_site() -> None:
    result = locate(LocationProblem.from_cost_matrix([[7.0]], model="p-median", p=1), stop=SHORT)
    assert (result.objective, result.bound, result.status) == (7.0, 7.0, "optimal")


def test_costs_that_are_all_zero() -> None:
    result = locate(LocationProblem.from_cost_matrix(np.zeros((5, 4)), model="p-median", p=2), stop=SHORT)
    assert (result.objective, result.status) == (0.0, "optimal")


def test_all_sites_open() -> None:
    points = np.random.default_rng(1).random((30, 2))
    result = locate(LocationProblem(costs=PlanarCosts(points, points), model="p-median", p=30), stop=SHORT)
    assert (result.objective, result.status) == (0.0, "optimal")


def test_deterministic_runs_do_not_depend_on_threads() -> None:
    points = np.random.default_rng(2).random((800, 2)) * 1000
    problem = LocationProblem(costs=PlanarCosts(points, points, rounding="floor"), model="p-median", p=25)
    stop = nd.Stop(max_iterations=250)
    one, four = (locate(problem, stop=stop, threads=t, deterministic=True) for t in (1, 4))
    assert one.best().open.tolist() == four.best().open.tolist()
    assert (one.objective, one.bound, one.iterations) == (four.objective, four.bound, four.iterations)


def test_a_deterministic_run_needs_a_number_of_iterations() -> None:
    with pytest.raises(InputError, match=r"max_iterations is None .deterministic run."):
        locate(LocationProblem.from_cost_matrix([[7.0]], model="p-median", p=1), deterministic=True)


def test_time_limit_is_kept_and_bound_and_solution_are_there() -> None:
    points = np.random.default_rng(3).random((20_000, 2)) * 10_000
    problem = LocationProblem(costs=PlanarCosts(points, points), model="p-median", p=400)
    began = time.perf_counter()
    result = locate(problem, stop=nd.Stop(time_limit_s=2.0), threads=2)
    assert time.perf_counter() - began < 4.0
    assert result.objective == pytest.approx(check(problem, result.best()))
    assert result.bound is not None
    assert 0 <= result.bound < result.objective  # type: ignore[operator]


def test_a_run_that_ends_on_a_sample_of_the_sites_has_a_bound_over_all_of_them() -> None:
    points = np.random.default_rng(5).uniform(0, 100, (1500, 2))
    problem = LocationProblem(costs=PlanarCosts(points, points), model="p-median", p=10)
    result = locate(problem, stop=nd.Stop(max_iterations=30), deterministic=True)
    best = locate(problem, stop=nd.Stop(gap=1e-3, time_limit_s=20)).objective or 0.0
    assert 0.8 * best < (result.bound or 0.0) <= best
    assert nd.verify(problem, result).holds


def test_progress_is_reported_and_can_end_the_run() -> None:
    points = np.random.default_rng(4).random((3000, 2)) * 1000
    problem = LocationProblem(costs=PlanarCosts(points, points), model="p-median", p=60)
    seen: list[float] = []

    def watch(progress: nd.Progress) -> bool:
        seen.append(progress.seconds)
        return len(seen) < 3

    result = locate(problem, stop=SHORT, progress=watch)
    assert len(seen) == 3
    assert result.termination.reason == "interrupted"
    assert result.solution is not None
