"""What is said where there is no solution: who, why, and the least that would have to change."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import netdesign as nd
from netdesign.location import LocationProblem, PlanarCosts, SparseCosts
from netdesign.location.infeasible import capacity_factor

DIAGONAL = SparseCosts([0, 1, 2, 3], [0, 1, 2], [1.0, 2.0, 3.0], n_sites=3)
"""Every customer has a site of its own."""


@pytest.mark.parametrize("model", ["p-median", "p-center"])
def test_too_few_sites(model: Any) -> None:
    result = nd.locate(LocationProblem(costs=DIAGONAL, model=model, p=2))
    assert result.status == "infeasible"
    assert result.termination.detail == "no choice of 2 sites serves all customers; 3 do"
    assert result.relaxation == {"p": 3}


def test_too_few_sites_within_a_radius() -> None:
    at = np.column_stack([np.arange(100.0), np.zeros(100)])
    problem = LocationProblem(costs=PlanarCosts(at, at), model="p-median", p=9, service_radius=5)
    result = nd.locate(problem)
    assert (result.status, result.relaxation) == ("infeasible", {"p": 10})
    assert nd.locate(problem.replace(p=10)).status == "optimal"
    limited = problem.replace(model="uncapacitated", p=None, max_sites=9, fixed_cost=np.ones(100))
    assert nd.locate(limited).relaxation == {"max_sites": 10}


def test_more_sites_than_may_be_open_and_fewer_than_are() -> None:
    costs = PlanarCosts([[0, 0]], np.zeros((3, 2)))
    problem = LocationProblem(costs=costs, model="uncapacitated", status=["open", "open", "closed"])
    result = nd.locate(problem.replace(min_sites=3))
    assert result.termination.detail == "min_sites is 3, but only 2 of 3 sites may be open"
    assert result.relaxation == {"min_sites": 2}
    result = nd.locate(problem.replace(max_sites=1))
    assert result.termination.detail == "max_sites is 1, but 2 sites are forced open"
    assert result.relaxation == {"max_sites": 2}


def with_capacities(model: Any = "capacitated", **fields: Any) -> LocationProblem:
    cost = [[1.0, 5.0], [2.0, 4.0], [8.0, 3.0]]
    return LocationProblem.from_cost_matrix(cost, model=model, **({"weight": [6, 4, 5], "capacity": [8, 6]} | fields))


def test_the_factor_on_all_capacities() -> None:
    result = nd.locate(with_capacities())
    assert result.relaxation == {"capacity": pytest.approx(15 / 14)}
    assert result.termination.detail.endswith("can serve 14; 1.07143 times the capacities are needed")
    # There is room enough, but the first two customers reach one site only.
    narrow = with_capacities(capacity=[8, 12], service_radius=[2, 2, 4])
    result = nd.locate(narrow)
    assert result.relaxation == {"capacity": pytest.approx(10 / 8)}
    assert result.termination.detail == "no choice of sites serves all customers; 1.25 times the capacities are needed"
    assert nd.locate(narrow.replace(capacity=[10, 15])).status == "optimal"


def test_a_factor_for_whole_customers_is_a_lower_bound() -> None:
    result = nd.locate(with_capacities("single-source", weight=[13, 1, 1], capacity=[8, 12]))
    assert result.relaxation == {"capacity": pytest.approx(13 / 12)}
    assert "at least 1.08333 times" in result.termination.detail
    parts_would_fit = nd.locate(with_capacities("single-source", weight=[6, 6, 6], capacity=[9, 9]))
    assert (parts_would_fit.status, parts_would_fit.relaxation) == ("infeasible", {})


def test_too_few_sites_for_what_is_asked() -> None:
    result = nd.locate(with_capacities(capacity=[8, 8], p=1))
    assert result.termination.detail.startswith(
        "no choice of 1 sites serves all customers; 2 do, or at least 1.875 times"
    )
    assert result.relaxation == {"p": 2, "capacity": pytest.approx(15 / 8)}


def test_too_small_a_budget() -> None:
    fields: dict[str, Any] = {"costs": DIAGONAL, "model": "uncapacitated", "fixed_cost": [1, 2, 4]}
    result = nd.locate(LocationProblem(**fields, budget=6))
    assert (result.status, result.relaxation) == ("infeasible", {"budget": 7})
    detail = "no choice of sites serves all customers within the budget of 6; 7 would do"
    assert result.termination.detail == detail
    assert nd.locate(LocationProblem(**fields, budget=7)).objective == 13.0
    forced = nd.locate(LocationProblem(**fields, budget=3, status=["candidate", "candidate", "open"]))
    assert forced.termination.detail == "sites cost 4 at least; the budget is 3"
    assert forced.relaxation == {"budget": 4}


def test_a_share_that_is_out_of_reach() -> None:
    costs = PlanarCosts([[0, 0], [9, 9], [20, 20]], [[0, 0]])
    problem = LocationProblem(
        costs=costs, model="partial-cover", coverage_radius=1, coverage_share=0.5, weight=[1, 1, 2]
    )
    result = nd.locate(problem)
    assert result.relaxation == {"coverage_share": 0.25}
    assert result.termination.detail == "all sites that may be open cover 0.25 of the weight, not 0.5"


def fits(problem: LocationProblem, times: float) -> bool:
    """Whether so many times the capacities can serve everybody."""
    from scipy.optimize import linprog

    assert problem.capacity is not None
    n, m = problem.n_customers, problem.n_sites
    bounds = [(0, None if np.isfinite(c) else 0) for c in problem.cost_matrix(np.arange(n), np.arange(m)).ravel()]
    carried, served = np.tile(np.eye(m), n), np.kron(np.eye(n), np.ones(m))
    found = linprog(np.zeros(n * m), carried, times * problem.capacity, served, problem.weights, bounds)
    return bool(found.status == 0)


def test_the_factor_is_the_smallest_there_is() -> None:
    rng = np.random.default_rng(7)
    for _ in range(20):
        n, m = 6, 4
        cost = np.where(rng.random((n, m)) < 0.5, np.inf, 1.0)
        cost[np.arange(n), rng.integers(0, m, n)] = 1.0
        weight, capacity = rng.integers(1, 9, n).astype(float), rng.integers(1, 9, m).astype(float)
        problem = LocationProblem.from_cost_matrix(cost, model="capacitated", weight=weight, capacity=capacity)
        factor = capacity_factor(problem, math.inf)
        assert factor is not None
        assert fits(problem, factor * (1 + 1e-6))
        assert not fits(problem, factor * (1 - 1e-6))


@pytest.mark.parametrize("model", ["max-cover", "backup-cover"])
def test_rules_about_sites_alone_may_leave_no_choice(model: Any) -> None:
    # Any two of three sites are too dear or exclude each other; nobody has to be covered.
    fields = {"p": 2, "budget": 2.0, "fixed_cost": [1, 1, 5], "incompatible": [(0, 1)], "coverage_radius": 2.0}
    result = nd.locate(LocationProblem.from_cost_matrix(np.ones((2, 3)), model=model, **fields))
    assert (result.status, result.relaxation) == ("infeasible", {})
    assert result.termination.detail == "no choice of sites keeps all rules"
