"""So many customers that everybody's list would not fit: the core searches in sketches."""

from __future__ import annotations

import numpy as np
import pytest

import netdesign as nd

N, M = 250_000, 100


@pytest.mark.parametrize("sphere", [False, True], ids=["plane", "sphere"])
def test_one_site_for_very_many_customers_is_the_best_of_all_nearly(sphere: bool) -> None:
    rng = np.random.default_rng(5)
    centre = rng.uniform(0, 60, (40, 2))[rng.integers(0, 40, N)]
    customers, sites = centre + rng.normal(0, 2, (N, 2)), rng.uniform(0, 60, (M, 2))
    weight = rng.integers(0, 4, N).astype(float)
    costs = nd.SphereCosts(customers, sites, factor=1e-3) if sphere else nd.PlanarCosts(customers, sites)
    problem = nd.LocationProblem(costs=costs, model="p-median", p=1, weight=weight)
    every = [float(weight @ problem.cost(np.arange(N), np.full(N, j))) for j in range(M)]
    result = nd.locate(problem, stop=nd.Stop(max_iterations=300), deterministic=True)
    assert result.objective == pytest.approx(min(every), rel=1e-9)
    assert result.best().open.tolist() == [int(np.argmin(every))]
    assert result.bound <= min(every) * (1 + 1e-12)
    assert result.gap < 0.01
    assert nd.verify(problem, result).holds
