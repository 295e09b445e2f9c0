"""Speed of the routing search: iterations per second, with costs looked up and costs computed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import netdesign as nd


def points(n: int) -> np.ndarray:
    """The depot in the middle of a square of side 1000, customers spread evenly."""
    xy = np.random.default_rng(1).uniform(0.0, 1000.0, (n + 1, 2)).round()
    xy[0] = 500.0
    return xy


def demand(n: int) -> np.ndarray:
    """One to twenty units, none at the depot."""
    loads = np.random.default_rng(2).integers(1, 21, n + 1)
    loads[0] = 0
    return loads


def cvrp(n: int) -> nd.RoutingProblem:
    """About nineteen stops per route."""
    return nd.RoutingProblem.from_arrays(points(n), demand(n), 200, rounding="nearest")


def vrptw(n: int) -> nd.RoutingProblem:
    """The same, with a window of two hours for everybody in a day of ten; one unit of length takes six seconds."""
    opening = np.random.default_rng(3).uniform(0.0, 4000.0, n + 1).round()
    opening[0] = 0.0
    window = np.column_stack([opening, opening + 1200.0])
    window[0] = 0.0, 6000.0
    service = np.full(n + 1, 50.0)
    service[0] = 0.0
    return cvrp(n).replace(time_window=window, service_duration=service)


def behind_a_matrix(problem: nd.RoutingProblem) -> nd.RoutingProblem:
    """The same distances, brought as a matrix."""
    every = np.arange(problem.n_locations)
    rows = [problem.travel.distance(np.full_like(every, k), every) for k in every]
    return problem.replace(travel=nd.MatrixTravel(np.vstack(rows)))


def measure(benchmark: Any, problem: nd.RoutingProblem, *, rounds: int = 3, iterations: int = 10_000) -> None:
    """Time whole calls; iterations per second are those of the search alone, without set-up and check."""
    rates = []

    def run() -> None:
        result = nd.route(problem, stop=nd.Stop(max_iterations=iterations), seed=1)
        rates.append(result.iterations / result.seconds)

    benchmark.pedantic(run, rounds=rounds, warmup_rounds=1)
    rate = round(max(rates))
    benchmark.extra_info |= {"customers": problem.n_customers, "iterations": iterations, "iterations_per_second": rate}


@pytest.mark.parametrize("n", [100, 1000])
def test_cvrp(benchmark: Any, n: int) -> None:
    measure(benchmark, cvrp(n))


@pytest.mark.parametrize("n", [100, 1000])
def test_vrptw(benchmark: Any, n: int) -> None:
    measure(benchmark, vrptw(n))


# Up to 4,096 locations the core keeps a table of costs; above, it asks the source.
@pytest.mark.parametrize(("source", "n"), [("table", 4000), ("computed", 4200), ("matrix", 4200)])
def test_source_of_costs(benchmark: Any, source: str, n: int) -> None:
    problem = cvrp(n)
    measure(benchmark, behind_a_matrix(problem) if source == "matrix" else problem, rounds=1)
