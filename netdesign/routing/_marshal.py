"""The one door to the native core: user units to integers on the way in, back on the way out."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netdesign import _native
from netdesign.errors import InputError
from netdesign.result import Reason
from netdesign.routing.problem import DEPOT, RoutingProblem
from netdesign.routing.travel import EARTH_RADIUS_M, ROUNDINGS, MatrixTravel, PlanarTravel, SphereTravel
from netdesign.stop import Monitor, Progress, Stop

_LARGEST_ARC = 2**27
"""Costs of arcs are scaled up to this where they are no integers; the core marks forbidden arcs with 2^28."""

_LARGEST_TIME = 2**29
_FORBIDDEN = 2**28
_LARGEST_LOAD = 2**30
_ROUNDING_CODE = {"none": 0, "nearest": 1, "floor": 2, "dimacs": 2, "exact": 1, "ceil": 3, "ceil100": 3}
_NO_LIMIT = 2**62


@dataclass(frozen=True)
class Run:
    """What the core returned, in the user's units."""

    routes: tuple[tuple[int, ...], ...]
    unserved: tuple[int, ...]
    bound: float
    reason: Reason
    iterations: int
    trace: tuple[Progress, ...]


def solve_native(
    problem: RoutingProblem,
    *,
    stop: Stop,
    began: float,
    seed: int,
    threads: int,
    start: Sequence[Sequence[int]] | None,
    progress: Monitor | None,
) -> Run:
    """Run the core on a problem; GIL released, Ctrl-C returns the best so far.

    `began` is the ``time.perf_counter()`` from which the time limit counts.
    """
    scale = _cost_scale(problem)
    clock = _time_scale(problem)
    demand, capacity = _loads(problem)
    fleet = problem.vehicle_types[0]
    earliest, latest, service = _times(problem, clock)
    begin = [list(map(int, route)) for route in start or ()]
    _check_start(problem, begin)
    out = _native.solve_routing(
        travel=_travel(problem, scale, clock),
        demand=demand,
        capacity=capacity,
        service=service,
        earliest=earliest,
        latest=latest,
        max_routes=min(fleet.count or problem.n_customers, problem.n_customers),
        fixed_cost=round(fleet.fixed_cost * scale / 2) * 2,
        start_visits=np.array([v for route in begin for v in route], dtype=np.int32),
        start_offsets=np.cumsum([0, *map(len, begin)], dtype=np.int64),
        stop=_stop_rule(stop, began, scale),
        seed=seed,
        threads=threads,
        progress=None if progress is None else _in_user_units(progress, scale),
    )
    visits, offsets = out["visits"].tolist(), out["offsets"].tolist()
    return Run(
        routes=tuple(tuple(visits[a:b]) for a, b in pairwise(offsets)),
        unserved=tuple(out["unserved"].tolist()),
        bound=out["bound"] / scale,
        reason=out["reason"],
        iterations=out["iterations"],
        trace=tuple(Progress(s, i, objective / scale, bound / scale) for s, i, objective, bound in out["trace"]),
    )


def _integral(*values: float) -> bool:
    return all(float(v).is_integer() for v in values)


def _cost_scale(problem: RoutingProblem) -> float:
    """Core units per user unit of cost: exact where all costs are integers, else as fine as 32 bits allow."""
    fleet, travel = problem.vehicle_types[0], problem.travel
    largest = _largest_cost(problem)
    exact = 1.0
    if isinstance(travel, PlanarTravel):
        exact = ROUNDINGS[travel.rounding][0] if travel.rounding != "none" else math.nan
    elif isinstance(travel, MatrixTravel):
        finite = travel.distances[np.isfinite(travel.distances)]
        exact = 1.0 if np.array_equal(finite, np.floor(finite)) else math.nan
    else:
        exact = math.nan
    simple = fleet.cost_per_travel_time == 0 and _integral(fleet.cost_per_distance, exact * fleet.fixed_cost / 2)
    if not math.isnan(exact) and simple and largest * exact < _LARGEST_ARC:
        return exact
    return float(_LARGEST_ARC / max(largest, 1e-300))


def _largest_cost(problem: RoutingProblem) -> float:
    fleet, travel = problem.vehicle_types[0], problem.travel
    distance, duration = _largest(travel)
    return fleet.cost_per_distance * distance + fleet.cost_per_travel_time * duration + fleet.fixed_cost / 2


def _largest(travel: Any) -> tuple[float, float]:
    """Upper bounds on any distance and duration."""
    if isinstance(travel, MatrixTravel):
        durations = travel.distances if travel.durations is None else travel.durations
        return tuple(float(np.max(m, where=np.isfinite(m), initial=0.0)) for m in (travel.distances, durations))  # type: ignore[return-value]
    if isinstance(travel, SphereTravel):
        spread = np.ptp(travel.unit_vectors, axis=0)
        distance = EARTH_RADIUS_M * travel.circuity * 2 * math.asin(min(1.0, float(np.linalg.norm(spread)) / 2))
        return distance, distance / (travel.speed_kmh / 3.6)
    distance = float(np.linalg.norm(np.ptp(travel.xy, axis=0))) + 1
    return distance, distance / travel.speed


def _time_scale(problem: RoutingProblem) -> float:
    """Core units per user unit of time; 0 where nothing is timed."""
    if problem.time_window is None:
        return 0.0
    assert problem.service_duration is not None
    window = problem.time_window
    horizon = float(np.max(window, where=np.isfinite(window), initial=0.0))
    largest = horizon + _largest(problem.travel)[1] + float(problem.service_duration.max())
    travel = problem.travel
    if isinstance(travel, PlanarTravel) and travel.rounding != "none" and travel.speed == 1.0:
        factor = ROUNDINGS[travel.rounding][0]
        times = np.concatenate([window[np.isfinite(window)], problem.service_duration]) * factor
        if np.array_equal(times, np.floor(times)) and largest * factor < _LARGEST_TIME:
            return factor
    # A power of ten, so that times that are round for the user stay round.
    return float(10.0 ** math.floor(math.log10(_LARGEST_TIME / max(largest, 1e-300))))


def _travel(problem: RoutingProblem, scale: float, clock: float) -> _native.Travel:
    fleet, travel = problem.vehicle_types[0], problem.travel
    if isinstance(travel, MatrixTravel):
        durations = travel.distances if travel.durations is None else travel.durations
        with np.errstate(invalid="ignore"):
            cost = fleet.cost_per_distance * travel.distances
            if fleet.cost_per_travel_time:
                cost = cost + fleet.cost_per_travel_time * durations
        timed = _integers(durations * clock, np.ceil) if clock else np.zeros((0, 0), np.int32)
        return _native.Travel.from_matrices(_integers(cost * scale, np.rint), timed)
    if isinstance(travel, PlanarTravel):
        points, rounding, speed = travel.xy, travel.rounding, travel.speed
        factor = ROUNDINGS[rounding][0]
    else:
        # Great-circle arcs in radians become metres by the rates.
        points, rounding, speed = travel.unit_vectors, "none", travel.speed_kmh / 3.6
        factor = 1 / (EARTH_RADIUS_M * travel.circuity)
    rate = (fleet.cost_per_distance + fleet.cost_per_travel_time / speed) * scale / factor
    return _native.Travel.from_points(
        np.ascontiguousarray(points),
        rounding=_ROUNDING_CODE[rounding],
        rounding_factor=1.0 if isinstance(travel, SphereTravel) else factor,
        cost_rate=rate,
        time_rate=clock / speed / factor,
    )


def _integers(values: NDArray[np.float64], function: Any) -> NDArray[np.int32]:
    whole = np.full(values.shape, _FORBIDDEN, dtype=np.int32)
    finite = np.isfinite(values)
    whole[finite] = function(values[finite] - (1e-9 if function is np.ceil else 0)).astype(np.int32)
    return whole


def _loads(problem: RoutingProblem) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Demand rounded up and capacity rounded down to integers; the core knows one or three dimensions."""
    loads, capacity = problem.loads, np.array(problem.vehicle_types[0].capacity)
    dimensions = loads.shape[1]
    if dimensions > 3:
        raise InputError("demand", f"{dimensions} load dimensions", "at most 3")
    width = 1 if dimensions == 1 else 3
    demand, limit = np.zeros((len(loads), width), np.int32), np.zeros(width, np.int32)
    for k in range(dimensions):
        column, most = loads[:, k], float(capacity[k])
        total = float(column.sum())
        whole = np.array_equal(column, np.floor(column)) and total < _LARGEST_LOAD
        factor = (
            1.0
            if whole
            else 10.0 ** math.floor(math.log10(_LARGEST_LOAD / max(min(most, total), column.max(), 1e-300)))
        )
        demand[:, k] = np.ceil(column * factor * (1 - 1e-12) - 1e-9)
        limit[k] = (
            np.floor(min(most, 2 * total + 1) * factor * (1 + 1e-12) + 1e-9)
            if min(most, 2 * total + 1) * factor < 2**31 - 1
            else 2**31 - 1
        )
    return demand, limit


def _times(problem: RoutingProblem, clock: float) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]:
    if problem.time_window is None:
        empty = np.zeros(0, np.int32)
        return empty, empty, np.zeros(problem.n_locations, np.int32)
    assert problem.service_duration is not None
    earliest = np.ceil(problem.time_window[:, 0] * clock - 1e-9)
    latest = np.floor(np.minimum(problem.time_window[:, 1] * clock, 2**30) + 1e-9)
    service = np.ceil(problem.service_duration * clock - 1e-9)
    return earliest.astype(np.int32), latest.astype(np.int32), service.astype(np.int32)


def _stop_rule(stop: Stop, began: float, scale: float) -> _native.StopRule:
    return _native.StopRule(
        time_limit_s=stop.time_limit_s - (time.perf_counter() - began),
        max_iterations=_NO_LIMIT if stop.max_iterations is None else stop.max_iterations,
        gap=stop.gap,
        no_improvement=_NO_LIMIT if stop.no_improvement is None else stop.no_improvement,
        target=-math.inf if stop.target is None else stop.target * scale,
    )


def _in_user_units(progress: Monitor, scale: float) -> Any:
    def monitor(seconds: float, iterations: int, objective: float, bound: float) -> object:
        return progress(Progress(seconds, iterations, objective / scale, bound / scale))

    return monitor


def _check_start(problem: RoutingProblem, start: list[list[int]]) -> None:
    seen: set[int] = set()
    for k, route in enumerate(start):
        for v in route:
            if not DEPOT < v < problem.n_locations:
                raise InputError(f"start[{k}]", v, f"location indices of customers, 1..{problem.n_customers}")
            if v in seen:
                raise InputError(f"start[{k}]", v, "every customer at most once", where=problem.name_of(v))
            seen.add(v)
