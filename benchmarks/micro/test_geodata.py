"""Speed of distances and of the search for near sites."""

from __future__ import annotations

from typing import Any

import numpy as np

import geodata

NETHERLANDS = (3.4, 50.8, 7.2, 53.5)


def lonlat(n: int, seed: int) -> np.ndarray:
    """Points spread evenly over a box around the Netherlands."""
    return geodata.uniform(n, NETHERLANDS, seed=seed).lonlat


def test_great_circle_matrix(benchmark: Any) -> None:
    benchmark(geodata.great_circle_m, lonlat(2000, 1), lonlat(1000, 2))
    benchmark.extra_info |= {"pairs": 2_000_000}


def test_nearest_sites(benchmark: Any) -> None:
    benchmark(geodata.nearest, lonlat(100_000, 1), lonlat(5000, 2), 10)
    benchmark.extra_info |= {"points": 100_000, "sites": 5000, "k": 10}
