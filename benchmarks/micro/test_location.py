"""Speed of the location solver: dual iterations beside local search, and small problems from start to proof."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import netdesign as nd


def plane(n: int, p: int) -> nd.LocationProblem:
    """Customers that are sites too, spread evenly over a square; distances rounded down."""
    xy = np.random.default_rng(1).uniform(0.0, 10_000.0, (n, 2)).round()
    return nd.LocationProblem(costs=nd.PlanarCosts(xy, xy, rounding="floor"), model="p-median", p=p)


@pytest.mark.parametrize(("n", "p"), [(2000, 50), (10_000, 500)])
def test_three_hundred_iterations(benchmark: Any, n: int, p: int) -> None:
    problem = plane(n, p)
    benchmark.pedantic(nd.locate, (problem,), {"stop": nd.Stop(max_iterations=300), "deterministic": True}, rounds=3)
    benchmark.extra_info |= {"customers": n, "sites": n, "p": p, "iterations": 300}


def test_a_proof_of_two_hundred_points(benchmark: Any) -> None:
    result = benchmark.pedantic(nd.locate, (plane(200, 10),), rounds=3)
    assert result.status == "optimal"


def test_lists_of_fifty_thousand_points(benchmark: Any) -> None:
    """One iteration: the k-d tree, the lists and the greedy start are what takes the time."""
    problem = plane(50_000, 5000)
    benchmark.pedantic(nd.locate, (problem,), {"stop": nd.Stop(max_iterations=1), "deterministic": True}, rounds=3)
