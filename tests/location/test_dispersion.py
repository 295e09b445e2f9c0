"""p-dispersion: sites far from each other."""

from __future__ import annotations

import numpy as np
import pytest

import netdesign as nd
from netdesign.errors import InputError
from netdesign.location import LocationProblem


def test_a_square_gives_its_corners() -> None:
    grid = np.array([[x, y] for x in range(5) for y in range(5)], float)
    costs = nd.PlanarCosts(grid, grid)
    four = nd.locate(LocationProblem(costs=costs, model="p-dispersion", p=4))
    assert (four.status, four.objective, four.bound) == ("optimal", 4.0, 4.0)
    assert sorted(map(tuple, grid[four.best().open].tolist())) == [(0, 0), (0, 4), (4, 0), (4, 4)]
    assert (four.best().assignment == -1).all()
    middle = nd.locate(
        LocationProblem(
            costs=costs, model="p-dispersion", p=2, status=["candidate"] * 12 + ["open"] + ["candidate"] * 12
        )
    )
    assert middle.objective == pytest.approx(np.hypot(2, 2))
    assert nd.locate(LocationProblem(costs=costs, model="p-dispersion", p=1)).objective == 0.0


def test_the_optimum_agrees_with_all_choices_of_many_points() -> None:
    from itertools import combinations

    xy = np.random.default_rng(2).uniform(0, 100, (22, 2))
    problem = LocationProblem(costs=nd.PlanarCosts(xy, xy), model="p-dispersion", p=5)
    apart = problem.site_distances()
    best = max(min(apart[j, k] for j, k in combinations(chosen, 2)) for chosen in combinations(range(22), 5))
    result = nd.locate(problem)
    assert result.status == "optimal"
    assert result.objective == pytest.approx(best)


def test_a_larger_one_is_proven() -> None:
    xy = np.random.default_rng(3).uniform(0, 1000, (150, 2))
    result = nd.locate(
        LocationProblem(costs=nd.PlanarCosts(xy, xy), model="p-dispersion", p=10), stop=nd.Stop(time_limit_s=30)
    )
    assert result.status == "optimal"
    assert all(a.objective <= b.objective for a, b in zip(result.trace, result.trace[1:], strict=False))


def test_it_needs_the_costs_between_sites() -> None:
    with pytest.raises(InputError, match=r"costs is CostMatrix over 2 customers and 3 sites.*square matrix"):
        LocationProblem.from_cost_matrix(np.ones((2, 3)), model="p-dispersion", p=2)
    with pytest.raises(InputError, match="fixed_cost"):
        LocationProblem.from_cost_matrix(np.ones((3, 3)), model="p-dispersion", p=2, fixed_cost=[0, 1, 0])
