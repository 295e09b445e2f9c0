"""Pairs that cannot serve: beyond a radius, or forbidden."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import netdesign as nd
from netdesign.errors import CheckError, InputError
from netdesign.location import LocationProblem, LocationSolution, PlanarCosts, SparseCosts, SphereCosts, check
from netdesign.location.cover import pairs_within
from netdesign.location.infeasible import nearest_usable

LINE = PlanarCosts([[0, 0], [1, 0], [9, 0]], [[0, 0], [4, 0], [10, 0]])


def on_a_line(**fields: Any) -> LocationProblem:
    return LocationProblem(**({"costs": LINE, "model": "p-median", "p": 1, "customer_ids": ["a", "b", "c"]} | fields))


def test_a_radius_moves_the_site_to_the_middle() -> None:
    # Free: the first site, 0 + 1 + 9. Within 5 of everybody: the second, 4 + 3 + 5.
    assert nd.locate(on_a_line()).objective == 10.0
    within = nd.locate(on_a_line(service_radius=5))
    assert (within.status, within.objective) == ("optimal", 12.0)
    assert nd.locate(on_a_line(service_radius=[math.inf, 3, 4.5], p=2)).best().open.tolist() == [0, 2]
    assert nd.locate(on_a_line(model="p-center", service_radius=5)).objective == 5.0


def test_a_forbidden_pair_is_served_from_elsewhere() -> None:
    free = nd.locate(on_a_line(p=2))
    assert free.best().open.tolist() == [0, 2]
    assert free.objective == 2.0
    other = nd.locate(on_a_line(p=2, forbidden=[(2, 2)]))
    assert (other.status, other.objective) == ("optimal", 6.0)
    assert other.best().open.tolist() == [0, 1]
    cover = on_a_line(model="max-cover", p=2, coverage_radius=2)
    assert nd.locate(cover).objective == 3.0
    assert nd.locate(cover.replace(forbidden=[(2, 2), (0, 0)])).objective == 1.0


def test_whoever_is_beyond_every_radius_is_named_with_the_one_that_would_do() -> None:
    problem = on_a_line(service_radius=[5, 0.5, 0.25], status=["candidate", "candidate", "open"])
    result = nd.locate(problem)
    assert result.status == "infeasible"
    assert [(u.customer, u.radius) for u in result.unserved] == [("b", 1.0), ("c", 1.0)]
    assert result.unserved[0].reasons == ("no open or candidate site is within 0.5 of it; the nearest is at 1",)
    assert result.relaxation == {"service_radius": 1.0}
    enough = problem.replace(service_radius=[5, 1, 1], p=2)
    assert nd.locate(enough).status == "optimal"
    without = nd.locate(problem.replace(forbidden=[(1, j) for j in range(3)]))
    assert without.unserved[0].reasons == ("no open or candidate site is within 0.5 of it",)
    assert (without.unserved[0].radius, without.relaxation) == (None, {})


def test_a_coverage_radius_that_is_too_small_says_so_too() -> None:
    result = nd.locate(on_a_line(model="set-cover", p=None, coverage_radius=0.5))
    assert [(u.customer, u.radius) for u in result.unserved] == [("b", 1.0), ("c", 1.0)]
    assert result.relaxation == {"coverage_radius": 1.0}
    assert nd.locate(on_a_line(model="set-cover", p=None, coverage_radius=1)).status == "optimal"


def scattered(kind: str, n: int = 300, m: int = 80, seed: int = 1) -> tuple[Any, list[tuple[int, int]]]:
    rng = np.random.default_rng(seed)
    here, there = (np.array([4.0, 50.0]) + rng.uniform(0, 5, (k, 2)) for k in (n, m))
    points = {"plane": PlanarCosts(here, there), "sphere": SphereCosts(here, there, factor=1e-5)}
    costs: Any = points.get(kind)
    if costs is None:
        unit = points["plane"].cost(np.repeat(np.arange(n), m), np.tile(np.arange(m), n))
        costs = SparseCosts(np.arange(n + 1) * m, np.tile(np.arange(m), n), unit, m)
    return costs, list(zip(rng.integers(0, n, 2000).tolist(), rng.integers(0, m, 2000).tolist(), strict=True))


@pytest.mark.parametrize("kind", ["plane", "sphere", "lists"])
def test_limits_are_the_same_as_a_matrix_without_these_pairs(kind: str) -> None:
    costs, forbidden = scattered(kind)
    n, m = costs.n_customers, costs.n_sites
    radius = np.random.default_rng(2).uniform(1.2, 3, n)
    fixed = np.full(m, 3.0)
    limited = LocationProblem(
        costs=costs, model="uncapacitated", service_radius=radius, forbidden=forbidden, fixed_cost=fixed
    )
    unit = costs.cost(np.repeat(np.arange(n), m), np.tile(np.arange(m), n)).reshape(n, m).copy()
    unit[unit > radius[:, None]] = np.inf
    unit[tuple(np.array(forbidden).T)] = np.inf
    plain = LocationProblem.from_cost_matrix(unit, model="uncapacitated", fixed_cost=fixed)
    one, other = nd.locate(limited), nd.locate(plain)
    assert one.status == other.status == "optimal"
    assert one.objective == pytest.approx(other.objective, rel=1e-9)
    offsets, sites = pairs_within(limited)
    assert np.diff(offsets).tolist() == np.isfinite(unit).sum(axis=1).tolist()
    assert sites.tolist() == np.nonzero(np.isfinite(unit))[1].tolist()
    raw = costs.cost(np.repeat(np.arange(n), m), np.tile(np.arange(m), n)).reshape(n, m).copy()
    raw[tuple(np.array(forbidden).T)] = np.inf
    assert nearest_usable(limited, np.arange(n)) == pytest.approx(raw.min(axis=1))


@pytest.mark.parametrize("model", ["capacitated", "single-source"])
def test_capacities_and_limits_together(model: Any) -> None:
    # Site 0 may serve a only, site 1 nobody beyond 4: b has to go to 1, c to 2.
    problem = on_a_line(model=model, p=None, capacity=[5, 5, 5], fixed_cost=[1, 1, 1], service_radius=4.5)
    assert nd.locate(problem).objective == 0 + 1 + 1 + 2
    assert nd.locate(problem.replace(forbidden=[(1, 0)])).objective == 0 + 3 + 1 + 3


def test_the_check_looks_for_itself() -> None:
    problem = on_a_line(service_radius=5)
    with pytest.raises(CheckError, match="site 0 is beyond the radius of customer 'c'"):
        check(problem, LocationSolution(problem, [0], [0, 0, 0]))  # type: ignore[arg-type]
    problem = on_a_line(forbidden=[(1, 0)])
    with pytest.raises(CheckError, match="site 0 must not serve customer 'b'"):
        check(problem, LocationSolution(problem, [0], [0, 0, 0]))  # type: ignore[arg-type]


def test_rounding_does_not_put_a_site_beyond_its_own_distance() -> None:
    costs, _ = scattered("sphere", 200, 20)
    nearest = np.array([costs.cost(np.full(20, i), np.arange(20)).min() for i in range(200)])
    result = nd.locate(LocationProblem(costs=costs, model="p-median", p=20, service_radius=nearest))
    assert result.status == "optimal"
    assert result.objective == pytest.approx(nearest.sum())


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"service_radius": -1}, "service_radius is -1.0; expected a number >= 0"),
        ({"service_radius": [1, 2]}, r"service_radius is of shape \(2,\); expected a number, or shape \(3,\)"),
        ({"service_radius": [1, math.nan, 2]}, r"service_radius\[1\] is nan \(customer 'b'\)"),
        ({"model": "max-cover", "coverage_radius": 1, "service_radius": 1}, r"service_radius is given \(model max-cov"),
        ({"forbidden": [(0, 3)]}, r"forbidden\[0, 1\] is 3; expected the index of a site in 0..2"),
        ({"forbidden": [(0, 0), (-1, 0)]}, r"forbidden\[1, 0\] is -1; expected the index of a customer in 0..2"),
        ({"forbidden": [(0.5, 1)]}, "forbidden is float64 of shape"),
        ({"forbidden": [0, 1]}, r"forbidden is int64 of shape \(2,\); expected shape \(pairs, 2\)"),
        ({"costs": PlanarCosts(LINE.site_xy, LINE.site_xy), "model": "p-dispersion", "forbidden": [(0, 1)]}, "given"),
    ],
)
def test_limits_that_make_no_sense_are_refused(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        on_a_line(**fields)
