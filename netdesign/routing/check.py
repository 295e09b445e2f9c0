"""The independent judge of a plan: problem, solution and NumPy, never the solver.

Slow and obvious on purpose. Every plan that leaves the program has passed it.
"""

from __future__ import annotations

import numpy as np

from netdesign.errors import CheckError
from netdesign.routing.problem import DEPOT, RoutingProblem
from netdesign.routing.solution import Route, RoutingSolution

TOLERANCE = 1e-6
"""Relative slack on capacities and time windows, for sums of floating-point numbers."""


def check(problem: RoutingProblem, solution: RoutingSolution) -> float:
    """Recompute the objective of a plan after making sure that it keeps every rule.

    Parameters
    ----------
    problem, solution
        The problem and a plan for it. Customers the plan lists as unserved are left out of the visits.

    Returns
    -------
    float
        Fixed, distance and travel-time cost over all routes, in the user's units.

    Raises
    ------
    CheckError
        If a customer is missing or visited twice, a vehicle overloaded, a time window missed, or too many
        vehicles leave; the message names the culprit.
    """
    _check_visits(problem, solution)
    fleet = problem.vehicle_types[0]
    used = [route for route in solution.routes if route.visits]
    if fleet.count is not None and len(used) > fleet.count:
        raise CheckError(f"{len(used)} routes for {fleet.count} vehicles")
    return sum(_check_route(problem, route, k) for k, route in enumerate(used, start=1))


def _check_visits(problem: RoutingProblem, solution: RoutingSolution) -> None:
    visits = [v for route in solution.routes for v in route.visits] + list(solution.unserved)
    times = np.bincount(np.asarray(visits, dtype=np.int64), minlength=problem.n_locations)
    if len(times) > problem.n_locations or times[DEPOT]:
        raise CheckError("a visit that is no customer")
    for customer in problem.customers[times[1:] != 1]:
        raise CheckError(f"{problem.name_of(int(customer))} is visited {times[customer]} times; expected once")


def _check_route(problem: RoutingProblem, route: Route, k: int) -> float:
    """Cost of one route; raises where it breaks a rule."""
    fleet = problem.vehicle_types[0]
    path = np.array([DEPOT, *route.visits, DEPOT])
    load = problem.loads[path].sum(axis=0)
    for dimension, capacity in enumerate(fleet.capacity):
        if load[dimension] > capacity + TOLERANCE * max(1.0, capacity):
            raise CheckError(
                f"route {k} carries {load[dimension]}; expected <= {capacity} (load dimension {dimension})"
            )
    distance = problem.travel.distance(path[:-1], path[1:])
    duration = problem.travel.duration(path[:-1], path[1:])
    if not (np.isfinite(distance).all() and np.isfinite(duration).all()):
        raise CheckError(f"route {k} uses a pair of locations without connection")
    if problem.time_window is not None:
        _check_windows(problem, path, duration, k)
    return float(
        fleet.fixed_cost + fleet.cost_per_distance * distance.sum() + fleet.cost_per_travel_time * duration.sum()
    )


def _check_windows(problem: RoutingProblem, path: np.ndarray, duration: np.ndarray, k: int) -> None:
    assert problem.time_window is not None and problem.service_duration is not None
    clock = problem.time_window[DEPOT, 0]
    for origin, destination, leg in zip(path[:-1], path[1:], duration, strict=True):
        if origin != DEPOT:
            clock += problem.service_duration[origin]
        earliest, latest = problem.time_window[destination]
        # The depot's row is the shift: its first number binds the departure, its second the return.
        clock = clock + leg if destination == DEPOT else max(clock + leg, earliest)
        if clock > latest + TOLERANCE * max(1.0, abs(latest)):
            raise CheckError(f"route {k} reaches {problem.name_of(int(destination))} at {clock}; expected <= {latest}")
