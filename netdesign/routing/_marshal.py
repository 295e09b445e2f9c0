"""The one door to the native core: user units to integers on the way in, back on the way out."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netdesign import _native
from netdesign.errors import InputError
from netdesign.result import Reason
from netdesign.routing._units import Units, is_plain, is_timed, units_of
from netdesign.routing.problem import RoutingProblem
from netdesign.routing.solution import Route
from netdesign.routing.travel import (
    EARTH_RADIUS_M,
    ROUNDINGS,
    Floats,
    MatrixTravel,
    PlanarTravel,
    SparseTravel,
    SphereTravel,
    speed_by_points,
)
from netdesign.stop import Monitor, Progress, Stop

_FORBIDDEN = 2**28
_LARGEST_LOAD = 2**30
_ROUNDING_CODE = {"none": 0, "nearest": 1, "floor": 2, "dimacs": 2, "exact": 1, "ceil": 3, "ceil100": 3}
_NO_LIMIT = 2**62
_NO_DISTANCE = 2**59
_NO_TIME = 2**30


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How to search; `began` is the ``time.perf_counter()`` from which the time limit counts."""

    stop: Stop
    began: float
    seed: int
    threads: int
    deterministic: bool
    progress: Monitor | None


@dataclass(frozen=True)
class Run:
    """What the core returned, in the user's units."""

    routes: tuple[Route, ...]
    unserved: tuple[int, ...]
    bound: float
    reason: Reason
    iterations: int
    trace: tuple[Progress, ...]
    statistics: Mapping[str, int]


def solve_native(problem: RoutingProblem, settings: Settings, start: Sequence[Route]) -> Run:
    """Run the core on a problem; GIL released, Ctrl-C returns the best so far."""
    units = units_of(problem)
    demand, capacities = _loads(problem)
    earliest, latest, service = _times(problem, units)
    out = _native.solve_routing(
        travel=_travel(problem, units),
        depots=problem.n_depots,
        demand=demand,
        service=service,
        earliest=earliest,
        latest=latest,
        fleet=[_vehicles(problem, units, k, capacity) for k, capacity in enumerate(capacities)],
        start_visits=np.array([v for route in start for v in route.visits], dtype=np.int32),
        start_offsets=np.cumsum([0, *(len(route.visits) for route in start)], dtype=np.int64),
        start_types=np.array([route.vehicle_type for route in start], dtype=np.int32),
        stop=_stop_rule(settings.stop, settings.began, units.money),
        seed=settings.seed,
        threads=settings.threads,
        deterministic=settings.deterministic,
        progress=None if settings.progress is None else _in_user_units(settings.progress, units),
    )
    visits, offsets, types = out["visits"].tolist(), out["offsets"].tolist(), out["types"].tolist()
    return Run(
        routes=tuple(Route(tuple(visits[a:b]), k) for (a, b), k in zip(pairwise(offsets), types, strict=True)),
        unserved=tuple(out["unserved"].tolist()),
        bound=units.bound(out["bound"]),
        reason=out["reason"],
        iterations=out["iterations"],
        trace=tuple(Progress(s, i, objective / units.money, units.bound(b)) for s, i, objective, b in out["trace"]),
        statistics=dict(out["operators"]),
    )


def _travel(problem: RoutingProblem, units: Units) -> _native.Travel:
    travel = problem.travel
    if isinstance(travel, MatrixTravel):
        durations = travel.distances if travel.durations is None else travel.durations
        return _native.Travel.from_matrices(*_whole_arcs(problem, travel.distances, durations, units))
    if isinstance(travel, SparseTravel):
        return _native.Travel.from_lists(**_points(travel.fallback, units), **_lists(problem, travel, units))
    return _native.Travel.from_points(**_points(travel, units))


def _points(travel: PlanarTravel | SphereTravel, units: Units) -> dict[str, Any]:
    """Points, and the rates that make integers of their distances."""
    if isinstance(travel, PlanarTravel):
        points, rounding, factor = travel.xy, travel.rounding, ROUNDINGS[travel.rounding][0]
    else:
        # Great-circle arcs in radians become metres by the rates.
        points, rounding, factor = travel.unit_vectors, "none", 1 / (EARTH_RADIUS_M * travel.circuity)
    speed = speed_by_points(travel)
    return {
        "points": np.ascontiguousarray(points),
        "rounding": _ROUNDING_CODE[rounding],
        "rounding_factor": 1.0 if isinstance(travel, SphereTravel) else factor,
        "cost_rate": (units.arc_distance + units.arc_time / speed) / factor,
        "time_rate": units.clock / speed / factor,
    }


def _lists(problem: RoutingProblem, travel: SparseTravel, units: Units) -> dict[str, Any]:
    """The listed pairs, row by row."""
    entered = travel.neighbors >= 0
    distances, speed = travel.distances[entered], speed_by_points(travel.fallback)
    durations = distances / speed if travel.durations is None else travel.durations[entered]
    costs, times = _whole_arcs(problem, distances, durations, units)
    first = np.r_[0, np.count_nonzero(entered, axis=1).cumsum()]
    return {"first": first, "destinations": travel.neighbors[entered], "costs": costs, "durations": times}


def _whole_arcs(
    problem: RoutingProblem, distances: Floats, durations: Floats, units: Units
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Costs and times of arcs in the core's units; no times where it needs none."""
    with np.errstate(invalid="ignore"):
        cost = units.arc_distance * distances
        if units.arc_time:
            cost = cost + units.arc_time * durations
    times = np.zeros((0,) * distances.ndim, np.int32)
    if units.clock:
        # Times that only cost need not be on the safe side.
        times = _integers(durations * units.clock, np.ceil if is_timed(problem) else np.rint)
    return _integers(cost, np.rint), times


def _integers(values: NDArray[np.float64], function: Any) -> NDArray[np.int32]:
    whole = np.full(values.shape, _FORBIDDEN, dtype=np.int32)
    finite = np.isfinite(values)
    whole[finite] = function(values[finite] - (1e-9 if function is np.ceil else 0)).astype(np.int32)
    return whole


def _vehicles(problem: RoutingProblem, units: Units, k: int, capacity: list[int]) -> _native.VehicleType:
    """One type in the core's units; its hours are its shift while its depots are open.

    Of a plain problem the hours stay with the depot's window: the core takes vehicles with hours for a rich problem,
    which is slower to search.
    """
    vehicle, n = problem.vehicle_types[k], problem.n_customers
    hours = np.array(problem.hours(vehicle))
    limited = is_timed(problem) and not is_plain(problem)
    return _native.VehicleType(
        count=min(vehicle.count or n, n),
        start=vehicle.start,
        end=-1 if vehicle.end_depot is None else vehicle.end_depot,
        capacity=capacity,
        fixed_cost=units.fixed_cost(vehicle.fixed_cost),
        distance_rate=units.rates[k][0],
        time_rate=units.rates[k][1],
        max_distance=units.max_distance(vehicle.max_distance, n + 1, _NO_DISTANCE),
        max_duration=units.max_duration(vehicle.max_duration, _NO_TIME),
        earliest=int(units.earliest(hours[:1])[0]) if limited else 0,
        latest=int(units.latest(hours[1:])[0]) if limited else _NO_TIME,
    )


def _loads(problem: RoutingProblem) -> tuple[NDArray[np.int32], list[list[int]]]:
    """Demand rounded up and capacities per type rounded down to integers; the core knows one or three dimensions."""
    loads, capacity = problem.loads, np.array([v.capacity for v in problem.vehicle_types])
    dimensions = loads.shape[1]
    if dimensions > 3:
        raise InputError("demand", f"{dimensions} load dimensions", "at most 3")
    width = 1 if dimensions == 1 else 3
    demand, limits = np.zeros((len(loads), width), np.int32), np.zeros((len(capacity), width), np.int64)
    for k in range(dimensions):
        column, total = loads[:, k], float(loads[:, k].sum())
        factor = 1.0
        if not np.array_equal(column, np.floor(column)) or total >= _LARGEST_LOAD:
            most = max(min(float(capacity[:, k].max()), total), float(column.max()), 1e-300)
            factor = 10.0 ** math.floor(math.log10(_LARGEST_LOAD / most))
        demand[:, k] = np.ceil(column * factor * (1 - 1e-12) - 1e-9)
        wanted = np.minimum(capacity[:, k], 2 * total + 1) * factor
        limits[:, k] = np.minimum(np.floor(wanted * (1 + 1e-12) + 1e-9), 2**31 - 1)
    return demand, limits.tolist()


def _times(problem: RoutingProblem, units: Units) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]:
    if not is_timed(problem):
        empty = np.zeros(0, np.int32)
        return empty, empty, np.zeros(problem.n_locations, np.int32)
    assert problem.service_duration is not None
    service = units.earliest(problem.service_duration)
    service[: problem.n_depots] = 0
    return units.earliest(problem.windows[:, 0]), units.latest(problem.windows[:, 1]), service


def _stop_rule(stop: Stop, began: float, money: float) -> _native.StopRule:
    return _native.StopRule(
        time_limit_s=stop.time_limit_s - (time.perf_counter() - began),
        max_iterations=_NO_LIMIT if stop.max_iterations is None else stop.max_iterations,
        gap=stop.gap,
        no_improvement=_NO_LIMIT if stop.no_improvement is None else stop.no_improvement,
        target=-math.inf if stop.target is None else stop.target * money,
    )


def _in_user_units(progress: Monitor, units: Units) -> Any:
    def monitor(seconds: float, iterations: int, objective: float, bound: float) -> object:
        return progress(Progress(seconds, iterations, objective / units.money, units.bound(bound)))

    return monitor
