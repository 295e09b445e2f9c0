"""A routing problem in whole numbers, as other solvers want it: every depot, every vehicle type, every limit."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

import netdesign as nd

LARGEST_MATRIX = 8000
LARGEST_NUMBER = 2**17
"""Of an arc where costs are no integers: PyVRP prices violations at 10^5 a unit at most."""
NEVER = 2**40
"""A time after everything."""


@dataclass(frozen=True)
class WholeType:
    """One vehicle type. An arc costs `rate` times its entry in the matrix `arcs` of the problem.

    `end` is None for an open route; `max_distance` and `max_duration` are None where there is no limit, `latest` is
    NEVER.
    """

    count: int
    start: int
    end: int | None
    capacity: list[int]
    fixed_cost: int
    arcs: int
    rate: int
    max_distance: int | None
    max_duration: int | None
    earliest: int
    latest: int

    def least(self, demand: np.ndarray) -> int:
        """How many of them it takes to carry everything, by the sum of the demand."""
        total = demand.sum(axis=0).tolist()
        return max(-(-amount // max(1, most)) for amount, most in zip(total, self.capacity, strict=True))


@dataclass(frozen=True)
class WholeNumbers:
    """The problem: costs rounded to nearest, times and limited distances upwards, windows and limits inwards.

    Attributes
    ----------
    arcs
        Matrices of arc costs, before the rates of the types.
    distance, duration
        Matrices for limits and windows; durations are zeros where nothing limits times.
    window
        Shape (locations, 2), or None where nothing limits times; NEVER for no end.
    """

    n_depots: int
    arcs: list[np.ndarray]
    distance: np.ndarray
    duration: np.ndarray
    demand: np.ndarray
    service: np.ndarray
    window: np.ndarray | None
    fleet: list[WholeType]

    @property
    def timed(self) -> bool:
        """Whether a plan can be too late or take too long."""
        return self.window is not None

    @property
    def costs_are_distances(self) -> bool:
        """Whether arcs cost a rate times their distance."""
        return self.arcs[0] is self.distance

    @property
    def customers(self) -> range:
        """Their location indices."""
        return range(self.n_depots, len(self.demand))

    @property
    def horizon(self) -> int:
        """A time at which every sensible plan is over."""
        assert self.window is not None
        ends = [v.latest for v in self.fleet]
        if max(ends) < NEVER:
            return max(ends)
        opens = int(self.window[:, 0].max())
        return opens + int(self.duration.max(axis=0).sum()) + int(self.service.sum())


def in_whole_numbers(problem: nd.RoutingProblem) -> WholeNumbers:
    """The problem in integers; exact where the instance's own rounding makes integers.

    Raises
    ------
    NotImplementedError
        If it is too large for a matrix, or not every pair of locations is connected.
    """
    distance, duration = _matrices(problem)
    clock, units = _clock(problem, duration), _factor(problem.loads)
    limited = any(math.isfinite(v.max_distance) for v in problem.vehicle_types)
    scale = _factor(distance)
    # Upwards where distance is limited, or many arcs rounded down would let too long a route through.
    way = (np.ceil(distance * scale - 1e-6) if limited else np.rint(distance * scale)).astype(np.int64)
    money, arcs, prices = _prices(problem, distance, duration, way, scale)
    total = problem.loads.sum(axis=0)
    fleet = [
        WholeType(
            count=min(v.count or problem.n_customers, problem.n_customers),
            start=v.start,
            end=v.end_depot,
            capacity=np.floor(np.minimum(v.capacity, total) * units + 1e-6).astype(int).tolist(),
            fixed_cost=round(v.fixed_cost * money),
            arcs=matrix,
            rate=rate,
            max_distance=_limit(v.max_distance, scale),
            max_duration=_limit(v.max_duration, clock),
            earliest=math.ceil(problem.hours(v)[0] * clock - 1e-6),
            latest=_limit(problem.hours(v)[1], clock) or NEVER,
        )
        for v, (matrix, rate) in zip(problem.vehicle_types, prices, strict=True)
    ]
    return WholeNumbers(
        n_depots=problem.n_depots,
        arcs=arcs,
        distance=way,
        duration=np.ceil(duration * clock - 1e-6).astype(np.int64),
        demand=np.ceil(problem.loads * units - 1e-6).astype(np.int64),
        service=_service(problem, clock),
        window=_window(problem, clock) if clock else None,
        fleet=fleet,
    )


def _prices(
    problem: nd.RoutingProblem, distance: np.ndarray, duration: np.ndarray, way: np.ndarray, scale: float
) -> tuple[float, list[np.ndarray], list[tuple[int, int]]]:
    """Whole units of money per unit of cost, matrices of arcs, and for each type its matrix and rate.

    Where time costs, every pair of rates has a matrix of its own; else all types share the distances, `way`.
    """
    rates = [(v.cost_per_distance, v.cost_per_travel_time) for v in problem.vehicle_types]
    if not any(per_time for _, per_time in rates):
        per_unit = _factor(np.array([per_distance for per_distance, _ in rates]), largest=1000.0)
        return scale * per_unit, [way], [(0, round(per_distance * per_unit)) for per_distance, _ in rates]
    kinds = list(dict.fromkeys(rates))
    costs = [per_distance * distance + per_time * duration for per_distance, per_time in kinds]
    money = _factor(*costs)
    return money, [np.rint(cost * money).astype(np.int64) for cost in costs], [(kinds.index(r), 1) for r in rates]


def _matrices(problem: nd.RoutingProblem) -> tuple[np.ndarray, np.ndarray]:
    n = problem.n_locations
    if n > LARGEST_MATRIX:
        raise NotImplementedError(f"a matrix over {n:,} locations")
    every = np.arange(n)
    distance, duration = (
        np.vstack([f(np.full(n, i), every) for i in every]) for f in (problem.travel.distance, problem.travel.duration)
    )
    if not (np.isfinite(distance).all() and np.isfinite(duration).all()):
        raise NotImplementedError("pairs without connection")
    return distance, duration


def _clock(problem: nd.RoutingProblem, duration: np.ndarray) -> float:
    """Whole units per unit of time; 0 where nothing limits times."""
    types = problem.vehicle_types
    limits = [t for v in types for t in (*(v.shift or ()), v.max_duration)]
    if problem.time_window is None and not np.isfinite(limits).any():
        return 0.0
    assert problem.service_duration is not None
    times = np.concatenate([problem.windows.ravel(), np.array(limits), problem.service_duration])
    return _factor(duration, times[np.isfinite(times)])


def _service(problem: nd.RoutingProblem, clock: float) -> np.ndarray:
    assert problem.service_duration is not None
    service = np.ceil(problem.service_duration * clock - 1e-6).astype(np.int64)
    service[: problem.n_depots] = 0
    return service


def _window(problem: nd.RoutingProblem, clock: float) -> np.ndarray:
    opens, closes = problem.windows.T
    ends = np.floor(np.minimum(closes * clock, NEVER) + 1e-6)
    return np.column_stack([np.ceil(opens * clock - 1e-6), ends]).astype(np.int64)


def _limit(value: float, scale: float) -> int | None:
    return math.floor(value * scale + 1e-6) if math.isfinite(value) else None


def _factor(*values: np.ndarray, largest: float = LARGEST_NUMBER) -> float:
    """1, 10 or 1000 where that makes whole numbers of all values, else what lifts the largest to `largest`."""
    for factor in (1.0, 10.0, 1000.0):
        if all(np.allclose(v * factor, np.rint(v * factor), rtol=0, atol=1e-6) for v in values):
            return factor
    return float(largest / max(float(np.max(v)) for v in values))
