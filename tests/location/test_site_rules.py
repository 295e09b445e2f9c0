"""Rules about which sites are open together: a budget, sites that exclude each other."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import netdesign as nd
from netdesign.errors import CheckError, InputError
from netdesign.location import LocationProblem, LocationSolution, PlanarCosts, check

MODELS = ("p-median", "uncapacitated", "capacitated", "single-source")


def on_a_line(**fields: Any) -> LocationProblem:
    """Customers at 0, 10 and 20, a site beside each of them, the middle one dear."""
    costs = PlanarCosts([[0, 0], [10, 0], [20, 0]], [[1, 0], [11, 0], [21, 0]])
    given = {"model": "uncapacitated", "fixed_cost": [2, 5, 2], "site_ids": ["A", "B", "C"]} | fields
    if given["model"] in MODELS[2:]:
        given["capacity"] = [9, 9, 9]
    return LocationProblem(costs=costs, **given)


def scattered(model: Any, n: int = 60, m: int = 20, **fields: Any) -> LocationProblem:
    rng = np.random.default_rng(3)
    costs = PlanarCosts(rng.uniform(0, 100, (n, 2)), rng.uniform(0, 100, (m, 2)))
    given = {"weight": rng.integers(1, 9, n), "fixed_cost": rng.integers(20, 90, m)} | fields
    capacity = rng.integers(40, 90, m)
    if model in MODELS[2:]:
        given["capacity"] = capacity
    if model == "p-median":
        given["p"] = 6
    return LocationProblem(costs=costs, model=model, **given)


@pytest.mark.parametrize("model", MODELS[1:])
def test_a_budget_of_nine_opens_all_and_less_does_not(model: Any) -> None:
    # All three: 9 + 3. A and C: 4 + 1 + 9 + 1. One: 2 + 1 + 9 + 19 (A), 5 + 11 + 1 + 9 (B).
    for budget, objective in ((9, 12.0), (8.5, 15.0), (4, 15.0), (3, 31.0), (2, 31.0)):
        result = nd.locate(on_a_line(model=model, budget=budget))
        assert (result.status, result.objective, result.bound) == ("optimal", objective, objective)
    assert nd.locate(on_a_line(model=model, budget=1)).relaxation == {"budget": 2}


def test_cover_within_a_budget() -> None:
    fields = {"model": "max-cover", "coverage_radius": 1, "weight": [2, 4, 1]}
    assert nd.locate(on_a_line(**fields, budget=4)).objective == 3.0
    assert nd.locate(on_a_line(**fields, budget=5)).objective == 4.0
    assert nd.locate(on_a_line(**fields, budget=9)).objective == 7.0
    assert nd.locate(on_a_line(**fields, budget=9, p=2)).objective == 6.0
    twice = nd.locate(on_a_line(model="backup-cover", coverage_radius=11, budget=7))
    assert (twice.status, twice.objective) == ("optimal", 2.0)  # A and B: 0 and 10


@pytest.mark.parametrize("model", MODELS)
def test_the_optimum_within_a_budget_agrees_with_an_integer_program(model: Any) -> None:
    problem = scattered(model)
    free = nd.locate(problem)
    spent = float(problem.fixed_costs[free.best().open].sum())
    for share in (0.9, 0.75):
        bounded = problem.replace(budget=share * spent)
        result = nd.locate(bounded)
        exact = by_program(bounded)
        if exact is None:
            assert result.status == "infeasible"
            continue
        assert result.status == "optimal"
        assert result.objective == pytest.approx(exact, rel=1e-7)
        assert result.objective > free.objective  # type: ignore[operator]


def by_program(problem: LocationProblem) -> float | None:
    """The optimum by the whole integer program."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    n, m = problem.n_customers, problem.n_sites
    unit = problem.cost_matrix(np.arange(n), np.arange(m))
    x = np.eye(n * m).reshape(n, m, n * m)
    room = np.full(m, problem.weights.sum()) if problem.capacity is None else problem.capacity
    served = np.hstack([x.sum(axis=1), np.zeros((n, m))])
    carried = np.hstack([np.einsum("i,ijk->jk", problem.weights, x), -np.diag(room)])
    tight = np.hstack([np.eye(n * m), -np.tile(np.eye(m), (n, 1))])
    number = np.r_[np.zeros(n * m), np.ones(m)][None, :]
    money = np.r_[np.zeros(n * m), problem.fixed_costs][None, :]
    exact = milp(
        np.r_[(problem.weights[:, None] * unit).ravel(), problem.fixed_costs],
        constraints=[
            LinearConstraint(served, 1, 1),
            LinearConstraint(carried, ub=0),
            LinearConstraint(tight, ub=0),
            LinearConstraint(number, *problem.site_limits),
            LinearConstraint(money, ub=np.inf if problem.budget is None else problem.budget),
        ],
        integrality=np.r_[np.full(n * m, int(problem.model == "single-source")), np.ones(m)],
        bounds=Bounds(0, 1),
        options={"mip_rel_gap": 1e-9},
    )
    return None if exact.fun is None else float(exact.fun)


@pytest.mark.parametrize("model", MODELS)
def test_sites_that_exclude_each_other(model: Any) -> None:
    problem = on_a_line(model=model, p=2 if model == "p-median" else None)
    # A and C: 4 + 1 + 9 + 1; without that pair A and B: 7 + 1 + 1 + 9.
    assert nd.locate(problem.replace(incompatible=[(1, 2), (0, 1)])).objective == 15.0
    apart = problem.replace(incompatible=[(2, 0)])
    assert nd.locate(apart).objective == 18.0
    assert nd.locate(apart.replace(place=["a", None, "a"])).objective == 18.0
    alone = problem.replace(p=1 if model == "p-median" else None, place=["a", "a", "a"])
    assert nd.locate(alone).objective == 26.0


def test_covering_with_sites_that_exclude_each_other() -> None:
    fields: dict[str, Any] = {"fixed_cost": None, "coverage_radius": 11}
    cover = on_a_line(model="set-cover", **fields)
    assert nd.locate(cover).objective == 1.0
    assert nd.locate(cover.replace(status=["candidate", "closed", "candidate"])).objective == 2.0
    split = cover.replace(status=["candidate", "closed", "candidate"], incompatible=[(0, 2)])
    assert nd.locate(split).status == "infeasible"
    assert nd.locate(split.replace(model="partial-cover", coverage_share=0.6)).objective == 1.0
    most = on_a_line(model="max-cover", p=2, fixed_cost=None, coverage_radius=1, weight=[3, 2, 2])
    assert nd.locate(most).objective == 5.0
    assert nd.locate(most.replace(place=["a", "a", "a"])).status == "infeasible"
    assert nd.locate(most.replace(incompatible=[(0, 1), (0, 2)])).objective == 4.0


def test_the_check_looks_for_pairs_that_exclude_each_other() -> None:
    problem = on_a_line(incompatible=[(2, 0)])
    with pytest.raises(CheckError, match="sites 'A' and 'C' are open, but exclude each other"):
        check(problem, LocationSolution(problem, [0, 2], [0, 2, 2]))  # type: ignore[arg-type]


def test_an_open_site_has_to_serve_so_much() -> None:
    # A, B and C of 3 customers: each pair of sites has one that serves a single one.
    problem = on_a_line(min_throughput=[2, 2, 2])
    result = nd.locate(problem)
    assert (result.status, result.objective, result.bound) == ("optimal", 26.0, 26.0)  # B alone
    two = problem.replace(min_throughput=[2, 9, 1])
    assert nd.locate(two).objective == 15.0
    # 10 goes to C at 11 instead of A at 9.
    far = problem.replace(min_throughput=[1, 9, 2])
    result = nd.locate(far)
    assert (result.objective, result.best().assignment.tolist()) == (17.0, [0, 2, 2])
    none = nd.locate(problem.replace(min_throughput=[4, 4, 4]))
    assert none.termination.detail == "open sites have to serve 4 at least; customers ask for 3 in all"
    assert none.relaxation == {"min_throughput": 0.75}


def test_parts_of_customers_fill_a_site_up() -> None:
    # A takes 0 and half of 10; C the rest: 1 + 4.5 + 5.5 + 1 and 4 for the sites.
    problem = on_a_line(model="capacitated", min_throughput=[1.5, 9, 1.5])
    result = nd.locate(problem)
    assert (result.status, result.objective) == ("optimal", 16.0)
    assert nd.locate(problem.replace(model="single-source")).objective == 31.0
    with pytest.raises(CheckError, match=r"site 'C' serves 1; it has to serve 1.5 at least"):
        check(problem.replace(model="single-source"), LocationSolution(problem, [0, 2], [0, 0, 2]))  # type: ignore[arg-type]


def test_the_check_adds_up_what_sites_cost() -> None:
    problem = on_a_line(budget=8)
    with pytest.raises(CheckError, match="open sites cost 9; the budget is 8"):
        check(problem, LocationSolution(problem, [0, 1, 2], [0, 1, 2]))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"budget": -1}, "budget is -1; expected a finite number >= 0"),
        ({"budget": True}, "budget is True"),
        ({"model": "set-cover", "coverage_radius": 1, "budget": 3}, r"budget is 3 \(model set-cover\); expected None"),
        ({"min_throughput": [1, 2]}, r"min_throughput is of shape \(2,\)"),
        ({"model": "capacitated", "min_throughput": [1, 10, 1]}, "10.0 .site 'B'.; expected at most the capacity, 9"),
        (
            {"model": "set-cover", "coverage_radius": 1, "min_throughput": [1, 1, 1]},
            r"min_throughput is given \(model se",
        ),
        ({"incompatible": [(1, 1)]}, "incompatible is a pair of one: sites 'B' and 'B'; expected two different sites"),
        ({"incompatible": [(0, 3)]}, r"incompatible\[0, 1\] is 3; expected the index of a site in 0..2"),
        ({"incompatible": [(0, 1)], "status": ["open"] * 3}, "incompatible is true for sites 'A' and 'B'; expected at"),
        (
            {"model": "p-center", "p": 1, "fixed_cost": None, "incompatible": [(0, 1)]},
            r"incompatible is given \(model p-c",
        ),
        ({"model": "max-cover", "coverage_radius": 1}, "p is missing; expected an integer >= 1"),
        ({"model": "max-cover", "coverage_radius": 1, "p": 1}, r"fixed_cost\[0\] is 2.0 \(site 'A', model max-cover"),
        ({"model": "gradual-cover", "coverage_radius": 1, "outer_radius": 2, "budget": 3, "p": 1}, "budget is 3"),
    ],
)
def test_rules_that_make_no_sense_are_refused(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        on_a_line(**fields)
