"""So many customers that everybody's list would not fit: the core searches in sketches."""

from __future__ import annotations

import numpy as np
import pytest

import netdesign as nd
from netdesign.location.costs import EARTH_RADIUS_M

N, M = 250_000, 100


def sums(customers: np.ndarray, sites: np.ndarray, weight: np.ndarray, sphere: bool) -> list[float]:
    """What every site alone costs, straight; on the Earth in km, by chords of the unit sphere."""
    if not sphere:
        return [float(weight @ np.linalg.norm(customers - site, axis=1)) for site in sites]
    lon, lat = np.radians(np.vstack([customers, sites])).T
    ball = np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
    chords = (np.linalg.norm(ball[:N] - site, axis=1) for site in ball[N:])
    return [float(weight @ np.arcsin(chord / 2)) * 2 * EARTH_RADIUS_M / 1000 for chord in chords]


@pytest.mark.parametrize("sphere", [False, True], ids=["plane", "sphere"])
def test_one_site_for_very_many_customers_is_the_best_of_all_nearly(sphere: bool) -> None:
    rng = np.random.default_rng(5)
    centre = rng.uniform(0, 60, (40, 2))[rng.integers(0, 40, N)]
    customers, sites = centre + rng.normal(0, 2, (N, 2)), rng.uniform(0, 60, (M, 2))
    weight = rng.integers(0, 4, N).astype(float)
    costs = nd.SphereCosts(customers, sites, factor=1e-3) if sphere else nd.PlanarCosts(customers, sites)
    problem = nd.LocationProblem(costs=costs, model="p-median", p=1, weight=weight)
    every = sums(customers, sites, weight, sphere)
    result = nd.locate(problem, stop=nd.Stop(max_iterations=300), deterministic=True)
    assert result.objective == pytest.approx(min(every), rel=1e-9)
    assert result.best().open.tolist() == [int(np.argmin(every))]
    assert result.bound <= min(every) * (1 + 1e-12)
    assert result.gap < 0.01
    assert nd.verify(problem, result).holds
