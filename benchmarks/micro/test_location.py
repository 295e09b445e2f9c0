"""Speed of the location solver: dual iterations beside local search, and small problems from start to proof."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import netdesign as nd
from netdesign.location import GreenfieldProblem, greenfield
from netdesign.location._marshal import bound_with_capacities


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


@pytest.mark.parametrize(
    ("model", "fields"),
    [
        ("set-cover", {"coverage_radius": 1500.0}),
        ("max-cover", {"coverage_radius": 500.0, "p": 30}),
        ("gradual-cover", {"coverage_radius": 300.0, "outer_radius": 700.0, "p": 30}),
    ],
)
def test_covering_a_hundred_thousand_points(benchmark: Any, model: Any, fields: dict[str, Any]) -> None:
    """Who is near whom, customers of the same sites as one, and the core."""
    rng = np.random.default_rng(1)
    costs = nd.PlanarCosts(rng.uniform(0, 10_000, (100_000, 2)), rng.uniform(0, 10_000, (200, 2)))
    problem = nd.LocationProblem(costs=costs, model=model, **fields)
    stop = nd.Stop(max_iterations=200)
    benchmark.pedantic(nd.locate, (problem,), {"stop": stop, "deterministic": True}, rounds=1)
    benchmark.extra_info |= {"customers": 100_000, "sites": 200}


def test_a_center_of_two_hundred_points(benchmark: Any) -> None:
    """From the first solution to the proof: radii decided for few customers."""
    problem = plane(200, 10).replace(model="p-center")
    result = benchmark.pedantic(nd.locate, (problem,), rounds=1)
    assert result.status == "optimal"


def test_bounding_with_capacities(benchmark: Any) -> None:
    """Three hundred steps of the dual with a knapsack per site."""
    rng = np.random.default_rng(1)
    costs = nd.PlanarCosts(rng.uniform(0, 1000, (1000, 2)), rng.uniform(0, 1000, (100, 2)))
    sizes = {"capacity": np.full(100, 40.0), "fixed_cost": np.full(100, 2000.0)}
    problem = nd.LocationProblem(costs=costs, model="capacitated", **sizes)
    benchmark.pedantic(bound_with_capacities, (problem, nd.Stop(max_iterations=300), None), rounds=3)
    benchmark.extra_info |= {"customers": 1000, "sites": 100, "iterations": 300}


def test_a_hundred_programs_of_a_market(benchmark: Any) -> None:
    """A thousand customers, a hundred sites and twenty competitors: greedy choice, swaps, and the root of the tree."""
    rng = np.random.default_rng(1)
    costs = nd.PlanarCosts(rng.uniform(0.0, 100.0, (1000, 2)), rng.uniform(0.0, 100.0, (120, 2)))
    status = ["competitor"] * 20 + ["candidate"] * 100
    problem = nd.LocationProblem(costs=costs, model="max-capture", p=10, decay=2, status=status)
    benchmark.pedantic(nd.locate, (problem,), {"stop": nd.Stop(max_iterations=100)}, rounds=3)


def test_twenty_sites_anywhere(benchmark: Any) -> None:
    """Ten thousand customers on the Earth: two starts, ten more descents, and a bound before and after these."""
    rng = np.random.default_rng(1)
    lonlat = np.column_stack([rng.uniform(5.0, 15.0, 10_000), rng.uniform(47.0, 55.0, 10_000)])
    problem = GreenfieldProblem(customer_lonlat=lonlat, p=20)
    result = benchmark.pedantic(greenfield, (problem,), {"stop": nd.Stop(max_iterations=10)}, rounds=3)
    benchmark.extra_info |= {"objective": result.objective, "bound": result.bound}
