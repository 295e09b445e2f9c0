"""The independent judge of a plan: problem, solution and NumPy, never the solver.

Slow and obvious on purpose. Every plan that leaves the program has passed it.
"""

from __future__ import annotations

import numpy as np

from netdesign.errors import CheckError
from netdesign.routing.problem import RoutingProblem
from netdesign.routing.solution import Route, RoutingSolution

TOLERANCE = 1e-6
"""Relative slack on capacities, times and distances, for sums of floating-point numbers."""


def check(problem: RoutingProblem, solution: RoutingSolution) -> float:
    """Recompute the objective of a plan after making sure that it keeps every rule.

    Parameters
    ----------
    problem, solution
        The problem and a plan for it. Customers the plan lists as unserved are left out of the visits.

    Returns
    -------
    float
        Fixed, distance and travel-time cost over all routes, each by the rates of its vehicle type, in the user's
        units.

    Raises
    ------
    CheckError
        If a customer is missing or visited twice, a vehicle overloaded, a time window or a shift missed, a route too
        long or too far, or too many vehicles leave; the message names the culprit.
    """
    _check_visits(problem, solution)
    used = [route for route in solution.routes if route.visits]
    _check_counts(problem, used)
    return sum(_check_route(problem, route, k) for k, route in enumerate(used, start=1))


def _check_visits(problem: RoutingProblem, solution: RoutingSolution) -> None:
    visits = [v for route in solution.routes for v in route.visits] + list(solution.unserved)
    if any(not problem.n_depots <= v < problem.n_locations for v in visits):
        raise CheckError("a visit that is no customer")
    times = np.bincount(np.asarray(visits, dtype=np.int64), minlength=problem.n_locations)
    for customer in problem.customers[times[problem.n_depots :] != 1]:
        raise CheckError(f"{problem.name_of(int(customer))} is visited {times[customer]} times; expected once")


def _check_counts(problem: RoutingProblem, routes: list[Route]) -> None:
    for k, route in enumerate(routes, start=1):
        if not 0 <= route.vehicle_type < len(problem.vehicle_types):
            raise CheckError(f"route {k} has vehicle type {route.vehicle_type} of {len(problem.vehicle_types)}")
    for k, vehicle in enumerate(problem.vehicle_types):
        used = sum(route.vehicle_type == k for route in routes)
        if vehicle.count is not None and used > vehicle.count:
            raise CheckError(f"{used} routes for {vehicle.count} vehicles of type {vehicle.name!r}")


def _check_route(problem: RoutingProblem, route: Route, k: int) -> float:
    """Cost of one route; raises where it breaks a rule."""
    vehicle = problem.vehicle_types[route.vehicle_type]
    path = vehicle.path(route.visits)
    load = problem.loads[path].sum(axis=0)
    for dimension, capacity in enumerate(vehicle.capacity):
        _expect(load[dimension], capacity, f"route {k} carries", f" (load dimension {dimension})")
    distance = problem.travel.distance(path[:-1], path[1:])
    duration = problem.travel.duration(path[:-1], path[1:])
    if not (np.isfinite(distance).all() and np.isfinite(duration).all()):
        raise CheckError(f"route {k} uses a pair of locations without connection")
    _expect(distance.sum(), vehicle.max_distance, f"route {k} drives a distance of")
    _check_times(problem, route, duration, k)
    return float(
        vehicle.fixed_cost + vehicle.cost_per_distance * distance.sum() + vehicle.cost_per_travel_time * duration.sum()
    )


def _check_times(problem: RoutingProblem, route: Route, legs: np.ndarray, k: int) -> None:
    """Windows, shift and longest duration. An open route ends with a leg of no length after its last customer."""
    assert problem.service_duration is not None
    vehicle, visits = problem.vehicle_types[route.vehicle_type], list(route.visits)
    departure, back = problem.hours(vehicle)
    windows = problem.windows[visits]
    earliest = np.array([departure, *windows[:, 0], 0.0])
    latest = np.array([np.inf, *windows[:, 1], back])
    # From the start of service at one stop to the arrival at the next.
    steps = np.array([0.0, *problem.service_duration[visits]])
    steps[: len(legs)] += legs

    begin = _begin(departure, earliest, steps)
    late = np.flatnonzero(begin > latest + TOLERANCE * np.maximum(1.0, latest))
    if late.size:
        at = int(late[0])
        stops = [*visits, *(() if vehicle.end_depot is None else (vehicle.end_depot,))]
        event = f"reaches {problem.name_of(stops[at - 1])}" if at <= len(stops) else "is over"
        raise CheckError(f"route {k} {event} at {begin[at]}; expected <= {latest[at]}")
    if np.isfinite(vehicle.max_duration):
        shortest = _shortest(departure, earliest, latest, steps)
        _expect(shortest, vehicle.max_duration, f"route {k} takes at least")


def _shortest(departure: float, earliest: np.ndarray, latest: np.ndarray, steps: np.ndarray) -> float:
    """The shortest time from departure to return, over all departures that keep the windows.

    A later departure never makes a route longer, so the shortest one leaves as late as the windows allow; after the
    last window has opened nobody waits any more, and there is no need to leave later than that.
    """
    put_off = np.inf
    for limit, step in zip(latest[:0:-1], steps[::-1], strict=True):
        put_off = min(put_off, limit) - step
    departure = max(departure, min(put_off, earliest.max()))
    return float(_begin(departure, earliest, steps)[-1] - departure)


def _begin(departure: float, earliest: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """When service begins at each stop of a path, for a departure."""
    begin = [departure]
    for step, opening in zip(steps.tolist(), earliest[1:].tolist(), strict=True):
        begin.append(max(begin[-1] + step, opening))
    return np.array(begin)


def _expect(value: float, limit: float, what: str, where: str = "") -> None:
    if value > limit + TOLERANCE * max(1.0, abs(limit)):
        raise CheckError(f"{what} {value}; expected <= {limit}{where}")
