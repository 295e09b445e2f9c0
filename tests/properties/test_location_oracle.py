"""Properties of location against an oracle that tries every set of sites, on random small problems."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import netdesign as nd
from netdesign.location import LocationProblem, LocationSolution, PlanarCosts, check

cost = st.one_of(st.integers(0, 40).map(float), st.just(math.inf))


@st.composite
def problems(draw: st.DrawFn) -> LocationProblem:
    n, m = draw(st.integers(1, 7)), draw(st.integers(1, 6))
    statuses = st.sampled_from(["candidate", "candidate", "candidate", "open", "closed"])
    fields: dict[str, Any] = {
        "weight": draw(st.lists(st.integers(0, 5), min_size=n, max_size=n)),
        "fixed_cost": draw(st.lists(st.integers(0, 30), min_size=m, max_size=m)),
        "status": draw(st.lists(statuses, min_size=m, max_size=m)),
    }
    if draw(st.booleans()):
        fields |= {"model": "p-median", "p": draw(st.integers(1, m))}
    else:
        fields["model"] = "uncapacitated"
    if draw(st.booleans()):
        rows = draw(st.lists(st.lists(cost, min_size=m, max_size=m), min_size=n, max_size=n))
        return LocationProblem.from_cost_matrix(rows, **fields)
    point = st.tuples(st.integers(0, 30), st.integers(0, 30))
    places = draw(st.lists(point, min_size=n, max_size=n)), draw(st.lists(point, min_size=m, max_size=m))
    rounding: Any = draw(st.sampled_from(["none", "nearest", "floor", "ceil"]))
    return LocationProblem(costs=PlanarCosts(*map(np.array, places), rounding=rounding), **fields)


def cheapest(problem: LocationProblem) -> float:
    """The optimum by trying every set of sites; inf where there is none."""
    n, best = problem.n_customers, math.inf
    unit = np.array([[problem.cost(np.array([i]), np.array([j]))[0] for j in range(problem.n_sites)] for i in range(n)])
    for count in range(1, problem.n_sites + 1):
        for chosen in itertools.combinations(np.flatnonzero(problem.usable), count):
            if (problem.p is not None and count != problem.p) or set(np.flatnonzero(problem.forced)) - set(chosen):
                continue
            least = unit[:, list(chosen)].min(axis=1)
            if np.isfinite(least).all():
                best = min(best, float((problem.weights * least).sum() + problem.fixed_costs[list(chosen)].sum()))
    return best


@settings(max_examples=300, deadline=None)
@given(problems())
def test_locate_finds_and_proves_the_optimum(problem: LocationProblem) -> None:
    optimum = cheapest(problem)
    result = nd.locate(problem, stop=nd.Stop(time_limit_s=30))
    if math.isinf(optimum):
        assert result.status == "infeasible"
        return
    assert result.status == "optimal"
    assert math.isclose(result.objective or 0.0, optimum, rel_tol=1e-9, abs_tol=1e-9)
    assert (result.bound or 0.0) <= optimum * (1 + 1e-12) + 1e-12


@settings(max_examples=100, deadline=None)
@given(problems(), st.integers(0, 60))
def test_a_run_cut_short_gives_a_valid_solution_and_a_valid_bound(problem: LocationProblem, iterations: int) -> None:
    optimum = cheapest(problem)
    result = nd.locate(problem, stop=nd.Stop(max_iterations=iterations), deterministic=True)
    if result.solution is not None:
        assert result.objective == check(problem, result.solution)
        assert (result.objective or 0.0) >= optimum * (1 - 1e-12) - 1e-12
    if result.bound is not None and not math.isinf(optimum):
        assert result.bound <= optimum * (1 + 1e-12) + 1e-12


@settings(max_examples=100, deadline=None)
@given(problems())
def test_renaming_and_scaling_change_nothing(problem: LocationProblem) -> None:
    first = nd.locate(problem, stop=nd.Stop(time_limit_s=30))
    named = problem.replace(
        customer_ids=[f"c{i}" for i in range(problem.n_customers)],
        weight=problem.weights * 4,
        fixed_cost=problem.fixed_costs * 4,
    )
    second = nd.locate(named, stop=nd.Stop(time_limit_s=30))
    assert first.status == second.status
    if first.objective is not None and second.objective is not None:
        assert math.isclose(4 * first.objective, second.objective, rel_tol=1e-9)
        assert isinstance(second.best(), LocationSolution)
