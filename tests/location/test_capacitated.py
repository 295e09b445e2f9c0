"""Location with capacities: what a planner relies on, and what is asked of a problem."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import netdesign as nd
from netdesign.errors import CheckError, InputError
from netdesign.location import Flows, LocationProblem, LocationSolution, SparseCosts, check

COST = [[1.0, 5.0], [2.0, 4.0], [8.0, 3.0]]


def warehouses(model: str = "capacitated", **fields: Any) -> LocationProblem:
    given = {"weight": [6, 4, 5], "capacity": [8, 12], "fixed_cost": [10, 20]} | fields
    return LocationProblem.from_cost_matrix(
        COST, model=model, site_ids=["A", "B"], customer_ids=["x", "y", "z"], **given
    )  # type: ignore[arg-type]


def scattered(n: int, m: int, *, seed: int = 1, **fields: Any) -> LocationProblem:
    rng = np.random.default_rng(seed)
    costs = nd.PlanarCosts(rng.random((n, 2)) * 100, rng.random((m, 2)) * 100)
    weight, capacity = rng.integers(5, 36, n), rng.integers(60, 160, m)
    fixed = rng.integers(1000, 3000, m)
    return LocationProblem(costs=costs, weight=weight, capacity=capacity, fixed_cost=fixed, **fields)


def test_a_demand_is_split_where_that_is_cheaper() -> None:
    # A takes x and two units of y; the other two and z go to B: 6 + 4 + 8 + 15 + 30.
    result = nd.locate(warehouses())
    assert (result.status, result.objective, result.bound) == ("optimal", 63.0, 63.0)
    plan = result.best()
    flows = plan.flows_frame().sort_values(["customer", "site"]).reset_index(drop=True)
    assert flows["customer"].tolist() == ["x", "y", "y", "z"]
    assert flows["site"].tolist() == ["A", "A", "B", "B"]
    assert flows["weight"].tolist() == pytest.approx([6, 2, 2, 5])
    assert plan.unit_cost.tolist() == pytest.approx([1, 3, 3])
    sites = plan.sites_frame()
    assert sites["utilization"].tolist() == pytest.approx([1.0, 7 / 12])
    assert sites["serving_cost"].tolist() == pytest.approx([10, 23])


def test_a_site_without_a_limit_may_serve_everybody() -> None:
    # B alone: 30 + 16 + 15 + 20; with A for y it is 83.
    result = nd.locate(warehouses("single-source", capacity=[5, 1e12]))
    assert (result.status, result.objective, result.bound) == ("optimal", 81.0, 81.0)
    assert result.best().assignment.tolist() == [1, 1, 1]


def test_a_single_source_serves_whole_customers() -> None:
    # x from A, y and z from B: 6 + 16 + 15 + 30.
    result = nd.locate(warehouses("single-source"))
    assert (result.status, result.objective, result.bound) == ("optimal", 67.0, 67.0)
    assert result.best().assignment.tolist() == [0, 1, 1]
    assert len(result.best().flows.customer) == 3


def test_lines_go_to_every_site_that_serves() -> None:
    rng = np.random.default_rng(3)
    points = {"customer_lonlat": rng.random((3, 2)), "site_lonlat": rng.random((2, 2))}
    lines = nd.locate(warehouses(**points)).best().spider_lines()
    assert len(lines) == 4
    assert lines["weight"].sum() == 15


@pytest.mark.parametrize("model", ["capacitated", "single-source"])
def test_the_optimum_agrees_with_an_integer_program(model: str) -> None:
    from scipy.optimize import Bounds, LinearConstraint, milp

    n, m = 40, 15
    problem = scattered(n, m, model=model)
    unit = problem.cost_matrix(np.arange(n), np.arange(m))
    x = np.eye(n * m).reshape(n, m, n * m)
    zero = np.zeros((n * m, m))
    served = np.hstack([x.sum(axis=1), np.zeros((n, m))])
    carried = np.hstack([np.einsum("i,ijk->jk", problem.weights, x), -np.diag(problem.capacity)])
    tight = np.hstack([np.eye(n * m), zero - np.tile(np.eye(m), (n, 1))])
    exact = milp(
        np.r_[(problem.weights[:, None] * unit).ravel(), problem.fixed_costs],
        constraints=[
            LinearConstraint(served, 1, 1),
            LinearConstraint(carried, ub=0),
            LinearConstraint(tight, ub=0),
        ],
        integrality=np.r_[np.full(n * m, int(model == "single-source")), np.ones(m)],
        bounds=Bounds(0, 1),
        options={"mip_rel_gap": 1e-9},
    )
    result = nd.locate(problem)
    assert result.status == "optimal"
    assert result.objective == pytest.approx(exact.fun, rel=1e-7)
    assert result.bound == pytest.approx(exact.fun, rel=1e-7)


@pytest.mark.parametrize("model", ["capacitated", "single-source"])
def test_threads_share_a_tree_without_changing_its_answer(model: str) -> None:
    problem = scattered(60, 20, model=model)
    limit = nd.Stop(max_iterations=1_200)
    one, two = (nd.locate(problem, stop=limit, threads=threads) for threads in (1, 2))
    assert (one.objective, one.bound, one.iterations) == (two.objective, two.bound, two.iterations)
    assert one.best().open.tolist() == two.best().open.tolist()


def test_a_place_chooses_among_its_sizes() -> None:
    # One place, three sizes: 15 units need the middle one; without places the small one twice would do as well.
    cost = np.ones((3, 3))
    sizes = {"capacity": [9, 16, 40], "fixed_cost": [20, 35, 60], "weight": [5, 5, 5]}
    alone = LocationProblem.from_cost_matrix(cost, model="capacitated", place=["here"] * 3, **sizes)  # type: ignore[arg-type]
    result = nd.locate(alone)
    assert (result.status, result.objective, result.best().open.tolist()) == ("optimal", 50.0, [1])
    two = LocationProblem.from_cost_matrix(cost, model="capacitated", place=["here", "here", None], **sizes)  # type: ignore[arg-type]
    shut = two.replace(status=["open", "candidate", "candidate"])
    assert nd.locate(shut).best().open.tolist() == [0, 2]
    lighter = two.replace(weight=[5, 4, 5])
    both = LocationSolution(lighter, [0, 1], [0, 0, 1], Flows([0, 1, 2], [0, 0, 1], [5, 4, 5]))  # type: ignore[arg-type]
    with pytest.raises(CheckError, match="site 0 is not the only one open at its place"):
        check(lighter, both)


def test_what_a_place_cannot_serve_is_not_counted_twice() -> None:
    result = nd.locate(warehouses(place=["here", "here"]))
    assert result.termination.detail.startswith("customers ask for 15 in all; the sites that may be open can serve 12;")


def test_statuses_are_kept() -> None:
    problem = scattered(40, 15, model="single-source")
    free = nd.locate(problem)
    shut = [("closed" if j == free.best().open[0] else "open" if j == 3 else "candidate") for j in range(15)]
    changed = nd.locate(problem.replace(status=shut))
    assert changed.status == "optimal"
    assert 3 in changed.best().open
    assert free.best().open[0] not in changed.best().open
    assert (changed.objective or 0) >= (free.objective or 0)


@pytest.mark.parametrize("model", ["capacitated", "single-source"])
def test_the_number_of_sites_can_be_prescribed(model: str) -> None:
    problem = scattered(40, 15, model=model)
    free = nd.locate(problem)
    count = len(free.best().open)
    for fields in ({"p": count + 2}, {"min_sites": count + 2}):
        more = nd.locate(problem.replace(**fields))
        assert more.status == "optimal"
        assert len(more.best().open) == count + 2
        assert (more.objective or 0) > (free.objective or 0)
    assert nd.locate(problem.replace(max_sites=count)).objective == pytest.approx(free.objective)
    fewest = nd.locate(problem.replace(max_sites=1))
    assert fewest.status == "infeasible"
    assert fewest.relaxation["max_sites"] > 1


def test_an_unneeded_site_opens_where_so_many_are_asked_for() -> None:
    # B alone serves everybody: 30 + 16 + 15 + 20. With A too it is cheaper.
    assert nd.locate(warehouses("single-source", capacity=[8, 20], p=1)).objective == 81.0
    both = nd.locate(warehouses("single-source", capacity=[0, 20], p=2))
    assert (both.status, both.objective, both.best().open.tolist()) == ("optimal", 91.0, [0, 1])


def test_unlisted_pairs_do_not_serve() -> None:
    costs = SparseCosts([0, 1, 3, 4], [0, 0, 1, 1], [1.0, 2.0, 4.0, 3.0], n_sites=2)
    problem = LocationProblem(costs=costs, model="capacitated", weight=[6, 4, 5], capacity=[8, 12])
    result = nd.locate(problem)
    assert (result.status, result.objective) == ("optimal", 33.0)


def test_who_asks_for_nothing_still_needs_a_site() -> None:
    problem = warehouses(weight=[6, 0, 5])
    result = nd.locate(problem)
    assert result.status == "optimal"
    assert (result.best().assignment >= 0).all()
    with_gap = LocationProblem.from_cost_matrix(
        [[1.0, math.inf], [math.inf, 1.0]], model="capacitated", weight=[5, 0], capacity=[9, 9], fixed_cost=[1, 7]
    )
    assert nd.locate(with_gap).objective == 13.0


def test_too_little_room_is_said_in_numbers() -> None:
    result = nd.locate(warehouses(capacity=[8, 6]))
    assert result.status == "infeasible"
    assert result.termination.detail.startswith("customers ask for 15 in all; the sites that may be open can serve 14;")


def test_a_customer_who_fits_nowhere_is_named() -> None:
    result = nd.locate(warehouses("single-source", weight=[13, 1, 1], capacity=[8, 12]))
    assert result.status == "infeasible"
    assert [(u.customer, u.reasons) for u in result.unserved] == [
        ("x", ("asks for more than any site can serve, which is 12",))
    ]
    assert nd.locate(warehouses(weight=[13, 1, 1], capacity=[8, 12])).status == "optimal"


def test_whole_customers_that_do_not_fit_together_are_proven() -> None:
    assert nd.locate(warehouses("single-source", weight=[6, 6, 6], capacity=[9, 9])).status == "infeasible"


@pytest.mark.parametrize(
    ("model", "fields", "message"),
    [
        ("capacitated", {"capacity": None}, r"capacity is missing \(model capacitated\); expected the weight"),
        ("uncapacitated", {}, r"capacity is given \(model uncapacitated\); expected None"),
        ("capacitated", {"capacity": [8, -1]}, r"capacity\[1\] is -1.*site 'B'"),
        ("capacitated", {"capacity": [8]}, r"capacity is of shape \(1,\)"),
        ("capacitated", {"capacity": [8, math.inf]}, r"capacity\[1\] is inf"),
        ("capacitated", {"place": ["here"]}, "place is 1 long; expected 2 names"),
        ("p-center", {"capacity": None, "p": 1, "place": ["a", "b"]}, r"place is given \(model p-center\)"),
        (
            "capacitated",
            {"place": ["a", "a"], "status": ["open", "open"]},
            "place 'a' is open twice: sites 'A' and 'B'; expected at most one",
        ),
        ("capacitated", {"p": 0}, "p is 0; expected an integer >= 1"),
        ("single-source", {"p": 2, "max_sites": 2}, r"max_sites is 2 \(p is 2\); expected None"),
        ("capacitated", {"min_sites": 2, "max_sites": 1}, "max_sites is 1; expected an integer >= 2"),
        ("capacitated", {"min_sites": 0}, "min_sites is 0; expected an integer >= 1"),
    ],
)
def test_what_makes_no_sense_is_refused(model: str, fields: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        warehouses(model, **fields)


@pytest.mark.parametrize(
    ("quantity", "message"),
    [
        ([6, 2, 2, 4], "customer 'z' gets 4 of 5"),
        ([6, 4, 0, 5], "site 'A' serves 10; its capacity is 8"),
        ([6, 5, -1, 5], "negative"),
    ],
)
def test_the_check_finds_flows_that_are_wrong(quantity: list[float], message: str) -> None:
    problem = warehouses()
    flows = Flows([0, 1, 1, 2], [0, 0, 1, 1], quantity)  # type: ignore[arg-type]
    with pytest.raises(CheckError, match=message):
        check(problem, LocationSolution(problem, [0, 1], [0, 0, 1], flows))  # type: ignore[arg-type]


def test_a_run_can_be_interrupted_by_its_progress() -> None:
    problem = scattered(150, 60, model="single-source")
    seen: list[float] = []

    def leave(progress: nd.Progress) -> bool:
        seen.append(progress.seconds)
        return len(seen) < 3

    result = nd.locate(problem, progress=leave)
    assert result.termination.reason in ("interrupted", "gap")
    assert result.bound is not None
