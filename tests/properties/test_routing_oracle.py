"""Properties of routing against oracles that look at everything, on random small problems."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import netdesign as nd
from netdesign.errors import CheckError
from netdesign.routing import check

coordinate = st.integers(0, 60)


@st.composite
def problems(draw: st.DrawFn, timed: bool) -> nd.RoutingProblem:
    n = draw(st.integers(2, 6))
    xy = draw(st.lists(st.tuples(coordinate, coordinate), min_size=n, max_size=n))
    demand = [0, *draw(st.lists(st.integers(0, 9), min_size=n - 1, max_size=n - 1))]
    fields: dict[str, Any] = {"vehicles": draw(st.one_of(st.none(), st.integers(1, 3)))}
    if timed:
        early = [0, *draw(st.lists(st.integers(0, 150), min_size=n - 1, max_size=n - 1))]
        width = draw(st.lists(st.integers(0, 150), min_size=n, max_size=n))
        fields["time_window"] = [[0, 300], *([e, e + w] for e, w in zip(early[1:], width[1:], strict=True))]
        fields["service_duration"] = [0, *draw(st.lists(st.integers(0, 20), min_size=n - 1, max_size=n - 1))]
    return nd.RoutingProblem.from_arrays(
        xy, demand, draw(st.integers(9, 25)), rounding=draw(st.sampled_from(["none", "nearest", "ceil"])), **fields
    )


def cheapest(problem: nd.RoutingProblem) -> float:
    """The optimum by trying every order of the customers and every way to cut it; inf where there is none."""
    best = math.inf
    customers = list(range(1, problem.n_locations))
    for order in itertools.permutations(customers):
        for cuts in itertools.product([False, True], repeat=len(customers) - 1):
            routes, current = [], [order[0]]
            for customer, cut in zip(order[1:], cuts, strict=True):
                if cut:
                    routes.append(nd.Route(tuple(current)))
                    current = []
                current.append(customer)
            routes.append(nd.Route(tuple(current)))
            try:
                best = min(best, check(problem, nd.RoutingSolution(problem, tuple(routes))))
            except CheckError:
                continue
    return best


@settings(max_examples=30, deadline=None, derandomize=True)
@given(st.booleans().flatmap(problems))
def test_small_problems_are_solved_to_the_optimum_and_bounded_below(problem: nd.RoutingProblem) -> None:
    optimum = cheapest(problem)
    result = nd.route(problem, stop=nd.Stop(max_iterations=1500))
    if math.isinf(optimum):
        assert result.solution is None
        return
    assert result.objective == pytest.approx(optimum, rel=1e-6)
    assert result.bound is not None
    assert result.bound <= optimum + 1e-6


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.booleans().flatmap(problems), st.floats(0.01, 1000))
def test_changing_the_unit_of_length_changes_nothing_but_the_unit(problem: nd.RoutingProblem, factor: float) -> None:
    if problem.travel.rounding != "none" or problem.time_window is not None:  # type: ignore[union-attr]
        return
    scaled = problem.replace(travel=nd.PlanarTravel(problem.travel.xy * factor))  # type: ignore[union-attr]
    a, b = (nd.route(p, stop=nd.Stop(max_iterations=1500)) for p in (problem, scaled))
    if a.objective is None:
        assert b.objective is None
    else:
        assert b.objective == pytest.approx(a.objective * factor, rel=1e-5, abs=1e-6)


@settings(max_examples=20, deadline=None, derandomize=True)
@given(problems(timed=False), st.integers(0, 2**31))
def test_every_seed_gives_a_plan_above_the_radial_bound(problem: nd.RoutingProblem, seed: int) -> None:
    result = nd.route(problem, stop=nd.Stop(max_iterations=300), seed=seed)
    if result.solution is None or problem.travel.rounding != "none":  # type: ignore[union-attr]
        return
    customers = problem.customers
    radial = (
        2
        * (problem.demand[1:] * problem.travel.distance(np.zeros_like(customers), customers)).sum()
        / problem.vehicle_types[0].capacity[0]
    )
    assert result.objective is not None
    assert result.objective >= radial - 1e-9
