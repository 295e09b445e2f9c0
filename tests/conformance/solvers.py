"""Every solver of the package, described once: what all of them promise is tested in one place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import netdesign as nd
from netdesign import location, routing


@dataclass(frozen=True)
class Solver:
    """A door of the package with problems to push through it.

    ``feasible`` needs a search (no solver may prove it optimal before the first progress report), ``infeasible``
    has a customer nobody can serve, whose id is ``culprit``.
    """

    name: str
    solve: Callable[..., Any]
    check: Callable[[Any, Any], float]
    feasible: Any
    infeasible: Any
    culprit: int | str

    def __str__(self) -> str:
        return self.name


def _points(n: int) -> np.ndarray:
    return np.random.default_rng(7).random((n, 2)) * 1000


def _capacitated(n: int = 300, **changes: Any) -> nd.RoutingProblem:
    demand = np.r_[0, np.random.default_rng(8).integers(1, 20, n - 1)]
    return nd.RoutingProblem.from_arrays(_points(n), demand, 80, rounding="nearest", **changes)


def _timed(n: int = 200) -> nd.RoutingProblem:
    rng = np.random.default_rng(9)
    window = np.zeros((n, 2))
    window[0] = 0, 5000
    window[1:, 0] = rng.integers(0, 2000, n - 1)
    window[1:, 1] = np.maximum(window[1:, 0] + rng.integers(50, 500, n - 1), 1500)
    return _capacitated(n, time_window=window, service_duration=np.r_[0.0, np.full(n - 1, 10.0)])


def _too_large(problem: nd.RoutingProblem, at: int) -> nd.RoutingProblem:
    demand = problem.demand.copy()
    demand[at] = 1e6
    return problem.replace(demand=demand)


def _too_late(problem: nd.RoutingProblem, at: int) -> nd.RoutingProblem:
    assert problem.time_window is not None
    window = problem.time_window.copy()
    window[at] = 0, 0.5
    return problem.replace(time_window=window)


def _mixed(n: int = 200) -> nd.RoutingProblem:
    """Two depots, an open route, limits, and rates that differ."""
    cvrp = _capacitated(n)
    fleet = (
        nd.VehicleType((80.0,), fixed_cost=500, max_duration=4000, name="van"),
        nd.VehicleType((120.0,), fixed_cost=900, cost_per_distance=1.5, start=1, max_distance=5000, name="truck"),
        nd.VehicleType((20.0,), count=9, start=1, end="anywhere", name="bike"),
    )
    demand = cvrp.demand.copy()
    demand[1] = 0
    return cvrp.replace(n_depots=2, demand=demand, vehicle_types=fleet)


def _on_lists(n: int = 200) -> nd.RoutingProblem:
    """Roads to the nearest ones, directed and up to a fifth shorter than their points say."""
    cvrp, xy = _capacitated(n), _points(n)
    away = np.hypot(*(xy[:, None] - xy[None]).T)
    near = np.argsort(away, axis=1)[:, :12]
    distances = np.take_along_axis(away, near, axis=1) * np.random.default_rng(10).uniform(0.8, 1.6, near.shape)
    return cvrp.replace(travel=nd.SparseTravel(near, distances, fallback=nd.PlanarTravel(xy)))


def _sites(model: str, n: int = 3000, **fields: Any) -> nd.LocationProblem:
    xy = _points(n)
    return nd.LocationProblem(costs=nd.PlanarCosts(xy, xy), model=model, **fields)


def _unreachable(model: str, **fields: Any) -> nd.LocationProblem:
    cost = np.random.default_rng(3).random((30, 10))
    cost[4] = np.inf
    return nd.LocationProblem.from_cost_matrix(cost, model=model, customer_ids=[f"c{i}" for i in range(30)], **fields)


def _warehouses(model: str, n: int = 400, m: int = 120) -> nd.LocationProblem:
    rng = np.random.default_rng(6)
    costs = nd.PlanarCosts(rng.random((n, 2)) * 1000, rng.random((m, 2)) * 1000)
    amounts = {"weight": rng.integers(5, 36, n), "capacity": rng.integers(60, 150, m)}
    return nd.LocationProblem(costs=costs, model=model, fixed_cost=rng.integers(5000, 20000, m), **amounts)


def solvers() -> list[Solver]:
    """All of them; a new solver is a new line here."""
    cvrp, vrptw, mixed, lists = _capacitated(), _timed(), _mixed(), _on_lists()
    fixed = np.random.default_rng(4).random(3000) * 500 + 500
    return [
        Solver("capacitated routing", nd.route, routing.check, cvrp, _too_large(cvrp, 7), 7),
        Solver("routing with time windows", nd.route, routing.check, vrptw, _too_late(vrptw, 5), 5),
        Solver("routing with a mixed fleet", nd.route, routing.check, mixed, _too_large(mixed, 7), 7),
        Solver("routing on sparse lists", nd.route, routing.check, lists, _too_large(lists, 7), 7),
        Solver("p-median", nd.locate, location.check, _sites("p-median", p=100), _unreachable("p-median", p=3), "c4"),
        Solver(
            "uncapacitated location",
            nd.locate,
            location.check,
            _sites("uncapacitated", fixed_cost=fixed),
            _unreachable("uncapacitated", fixed_cost=np.ones(10)),
            "c4",
        ),
        Solver(
            "capacitated location",
            nd.locate,
            location.check,
            _warehouses("capacitated"),
            _unreachable("capacitated", capacity=np.full(10, 9.0)),
            "c4",
        ),
        Solver(
            "single-source location",
            nd.locate,
            location.check,
            _warehouses("single-source"),
            _unreachable("single-source", capacity=np.full(10, 9.0)),
            "c4",
        ),
    ]
