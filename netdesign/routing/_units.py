"""The core's units: integers for money, distance and time, exactly where the user's numbers allow.

A **plain** problem has one vehicle type from one depot and back, without limits of its own: its rates go into the costs
of the arcs. Every other problem is **rich**: arcs carry bare distances, and each type its rates.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netdesign.routing.problem import RoutingProblem
from netdesign.routing.travel import (
    EARTH_RADIUS_M,
    ROUNDINGS,
    MatrixTravel,
    PlanarTravel,
    SparseTravel,
    SphereTravel,
    Travel,
    speed_by_points,
    speed_of,
)

LARGEST_ARC = 2**27
"""Costs of arcs are scaled up to this where they are no integers; the core marks forbidden arcs with 2^28."""

_LARGEST_TIME = 2**29
_LARGEST_RATE = 2**20
_LARGEST_TOTAL = 2**57
_SLACK = 0.9e-6
"""Limits that are no integers are widened by this share of them, which is within the tolerance of the check."""


@dataclass(frozen=True, kw_only=True)
class Units:
    """How the user's numbers become the core's.

    Parameters
    ----------
    money
        Core units per unit of cost.
    arc_distance, arc_time
        What an arc carries per unit of distance and of time.
    rates
        Cost per vehicle type of one unit on an arc, and of one unit of time.
    clock
        Core units per unit of time; 0 where the core needs no times.
    exact_distance, exact_time
        Whether distances and times are integers in these units.
    stretch, excess
        The core's cost of a plan is at most ``stretch * money`` times the true one, plus ``excess``.
    """

    money: float
    arc_distance: float
    arc_time: float
    rates: tuple[tuple[int, int], ...]
    clock: float
    exact_distance: bool
    exact_time: bool
    stretch: float = 1.0
    excess: float = 0.0

    def bound(self, value: float) -> float:
        """A lower bound in the user's units, valid however rates and arcs were rounded; no cost is below 0."""
        return max(min(value, 0.0), value - self.excess) / self.stretch / self.money

    def fixed_cost(self, value: float) -> int:
        """Fixed costs are even, so that halves of them are integers."""
        return round(value * self.money / 2) * 2

    def max_distance(self, limit: float, arcs: int, none: int) -> int:
        """A longest distance in units of the arcs; no rounding of so many arcs lets a longer route through."""
        if math.isinf(limit):
            return none
        if self.exact_distance:
            return _floor(limit * self.arc_distance, none)
        return max(0, _floor(limit * (1 + _SLACK) * self.arc_distance - arcs / 2, none))

    def max_duration(self, limit: float, none: int) -> int:
        """A longest duration; arcs are rounded up, so some slack lets no longer route through."""
        if math.isinf(limit):
            return none
        return _floor(limit * (1 if self.exact_time else 1 + _SLACK) * self.clock, none)

    def earliest(self, times: NDArray[np.float64]) -> NDArray[np.int32]:
        """Times before which nothing happens."""
        return np.ceil(times * self.clock - 1e-9).astype(np.int32)

    def latest(self, times: NDArray[np.float64]) -> NDArray[np.int32]:
        """Times after which nothing happens; 2^30 for no limit."""
        return np.floor(np.minimum(times * self.clock, 2**30) + 1e-9).astype(np.int32)


def is_plain(problem: RoutingProblem) -> bool:
    """Whether one rate per arc says everything: one type, one depot, no limits of the vehicles."""
    vehicle = problem.vehicle_types[0]
    unlimited = math.isinf(vehicle.max_distance) and math.isinf(vehicle.max_duration) and vehicle.shift is None
    return len(problem.vehicle_types) == problem.n_depots == 1 and vehicle.end_depot == 0 and unlimited


def is_timed(problem: RoutingProblem) -> bool:
    """Whether a plan can be too late or take too long."""
    limits = any(v.shift is not None or math.isfinite(v.max_duration) for v in problem.vehicle_types)
    return limits or problem.time_window is not None


def units_of(problem: RoutingProblem) -> Units:
    """The finest units that the core's integers hold, whole ones where the user's numbers are whole."""
    clock, exact_time = _clock(problem)
    if not is_plain(problem):
        return _rich_units(problem, clock, exact_time)
    vehicle, money = problem.vehicle_types[0], _plain_money(problem)
    return Units(
        money=money,
        arc_distance=vehicle.cost_per_distance * money,
        arc_time=vehicle.cost_per_travel_time * money,
        rates=((1, 0),),
        clock=clock,
        exact_distance=False,
        exact_time=exact_time,
    )


def _plain_money(problem: RoutingProblem) -> float:
    """Core units per unit of cost: exact where all costs are integers, else as fine as 32 bits allow."""
    vehicle = problem.vehicle_types[0]
    distance, duration = _largest(problem.travel)
    largest = vehicle.cost_per_distance * distance + vehicle.cost_per_travel_time * duration + vehicle.fixed_cost / 2
    exact = _whole_factor(problem.travel)
    if exact is not None and largest * exact < LARGEST_ARC:
        whole = float(vehicle.cost_per_distance).is_integer() and (exact * vehicle.fixed_cost / 2).is_integer()
        if whole and vehicle.cost_per_travel_time == 0:
            return exact
    return float(LARGEST_ARC / max(largest, 1e-300))


def _rich_units(problem: RoutingProblem, clock: float, exact_time: bool) -> Units:
    exact, largest = _whole_factor(problem.travel) or 1.0, max(_largest(problem.travel)[0], 1e-99)
    whole = _whole_factor(problem.travel) is not None and largest * exact < LARGEST_ARC
    unit = exact
    if not whole or _has_time_rates(problem):
        # As fine as times are, or the smaller of two rates would vanish; by a power of two, so that rates which are
        # round for the user stay round.
        unit *= _power(2.0, LARGEST_ARC / (largest * exact))
    arcs = 2 * problem.n_customers
    per_distance, per_time = _rates(problem, unit, clock)
    per_arc = [*per_distance, *per_time]
    halves = [_fraction(v.fixed_cost) / 2 for v in problem.vehicle_types]
    most_rate = min(_LARGEST_RATE, max(2**16, int(_LARGEST_TOTAL / (arcs * max(largest * unit, 1.0)))))
    money = _money(per_arc, halves, most_rate, most_half=_LARGEST_TOTAL // arcs)
    rates = [round(rate * money) for rate in per_arc]
    distance_rates, time_rates = rates[: len(per_distance)], rates[len(per_distance) :]
    exactly = [value * money for value in (*per_arc, *halves)]
    stretch = max([round(value) / value for value in exactly if value], default=Fraction(1))
    return Units(
        money=float(money),
        arc_distance=unit,
        arc_time=0.0,
        rates=tuple(zip(distance_rates, time_rates, strict=True)),
        clock=clock,
        exact_distance=whole,
        exact_time=exact_time,
        stretch=max(1.0, float(stretch)),
        excess=arcs * ((0.0 if whole else 0.5) * max(distance_rates) + (0.0 if exact_time else 1.0) * max(time_rates)),
    )


def _has_time_rates(problem: RoutingProblem) -> bool:
    """Whether time costs what distances do not tell."""
    return speed_of(problem.travel) is None and any(v.cost_per_travel_time for v in problem.vehicle_types)


def _rates(problem: RoutingProblem, unit: float, clock: float) -> tuple[list[Fraction], list[Fraction]]:
    """Cost per vehicle type of one core unit of distance, and of one of time where time is not distance over speed."""
    speed, fleet = speed_of(problem.travel), problem.vehicle_types
    per_distance = [_fraction(v.cost_per_distance) for v in fleet]
    per_time = [_fraction(v.cost_per_travel_time) for v in fleet]
    if speed is not None:
        per_distance = [d + t / _fraction(speed) for d, t in zip(per_distance, per_time, strict=True)]
        per_time = [Fraction(0)] * len(fleet)
    return [d / _fraction(unit) for d in per_distance], [t / _fraction(clock or 1.0) for t in per_time]


def _money(rates: list[Fraction], halves: list[Fraction], most_rate: int, most_half: int) -> Fraction:
    """Core units per unit of cost, with limits on the largest rate and on half the largest fixed cost.

    The coarsest that make rates and fixed costs integers; else the finest that do so for the rates; else rounding.
    """
    limits = [Fraction(most) / max(values) for most, values in ((most_rate, rates), (most_half, halves)) if any(values)]
    most = min(limits, default=Fraction(1))
    money = _common_unit([*rates, *halves])
    if money <= most:
        return money
    money = _common_unit(rates)
    return money * (most // money) if money <= most else most


def _common_unit(values: list[Fraction]) -> Fraction:
    """The smallest number whose products with all the values are integers."""
    positive = [value for value in values if value]
    if not positive:
        return Fraction(1)
    return Fraction(math.lcm(*(v.denominator for v in positive)), math.gcd(*(v.numerator for v in positive)))


def _fraction(value: float) -> Fraction:
    """The number the user wrote: 0.1 is a tenth."""
    return Fraction(repr(float(value)))


def _whole_factor(travel: Travel) -> float | None:
    """What makes all distances integers, or None."""
    if isinstance(travel, PlanarTravel):
        return ROUNDINGS[travel.rounding][0] if travel.rounding != "none" else None
    if isinstance(travel, SparseTravel):
        factor = _whole_factor(travel.fallback)
        return factor if factor is not None and _whole(travel.distances * factor) else None
    if isinstance(travel, MatrixTravel) and _whole(travel.distances):
        return 1.0
    return None


def _whole(values: NDArray[np.float64]) -> bool:
    finite = values[np.isfinite(values)]
    return bool(np.array_equal(finite, np.floor(finite)))


def _largest(travel: Any) -> tuple[float, float]:
    """Upper bounds on any distance and duration."""
    if isinstance(travel, MatrixTravel):
        durations = travel.distances if travel.durations is None else travel.durations
        return _largest_finite(travel.distances), _largest_finite(durations)
    if isinstance(travel, SparseTravel):
        distance, duration = _largest(travel.fallback)
        distance = max(distance, _largest_finite(travel.distances))
        if travel.durations is None:
            return distance, distance / speed_by_points(travel.fallback)
        return distance, max(duration, _largest_finite(travel.durations))
    if isinstance(travel, SphereTravel):
        spread = np.ptp(travel.unit_vectors, axis=0)
        distance = EARTH_RADIUS_M * travel.circuity * 2 * math.asin(min(1.0, float(np.linalg.norm(spread)) / 2))
        return distance, distance / (travel.speed_kmh / 3.6)
    distance = float(np.linalg.norm(np.ptp(travel.xy, axis=0))) + 1
    return distance, distance / travel.speed


def _largest_finite(values: NDArray[np.float64]) -> float:
    return float(np.max(values, where=np.isfinite(values), initial=0.0))


def _clock(problem: RoutingProblem) -> tuple[float, bool]:
    """Core units per user unit of time, and whether times are integers then; 0 where the core needs no times."""
    travel, service = problem.travel, problem.service_duration
    assert service is not None
    longest = _largest(travel)[1]
    durations = travel.durations if isinstance(travel, MatrixTravel) else None
    if not is_timed(problem):
        if is_plain(problem) or not _has_time_rates(problem):
            return 0.0, True
        clock = _power(2.0, LARGEST_ARC / max(longest, 1e-99))
        return clock, durations is not None and _whole(durations * clock)
    moments = [
        *problem.windows[np.isfinite(problem.windows)],
        *(t for v in problem.vehicle_types for t in v.shift or ()),
    ]
    limits = [v.max_duration for v in problem.vehicle_types]
    moments, limits = ([t for t in times if math.isfinite(t)] for times in (moments, limits))
    horizon = max(moments, default=0.0) + max(limits, default=0.0)
    if not is_plain(problem) and _has_no_end(problem):
        horizon += _longest_route(problem, longest)
    largest = horizon + longest + float(service.max())
    if isinstance(travel, PlanarTravel) and travel.rounding != "none" and travel.speed == 1.0:
        factor = ROUNDINGS[travel.rounding][0]
        if _whole(np.array([*moments, *limits, *service]) * factor) and largest * factor < _LARGEST_TIME:
            return factor, True
    # A power of ten, so that times that are round for the user stay round.
    clock = _power(10.0, _LARGEST_TIME / max(largest, 1e-300))
    return clock, durations is not None and _whole(durations * clock)


def _power(base: float, most: float) -> float:
    """The largest power that is not above `most`."""
    return float(base ** math.floor(math.log(most, base) + 1e-12))


def _has_no_end(problem: RoutingProblem) -> bool:
    """Whether a route can go on for ever: a customer that waits, and a vehicle that need not be back."""
    if np.isfinite(problem.windows[problem.n_depots :, 1]).all():
        return False
    return any(math.isinf(problem.hours(v)[1]) and math.isinf(v.max_duration) for v in problem.vehicle_types)


def _longest_route(problem: RoutingProblem, longest: float) -> float:
    """An upper bound on the time that as many customers take as fit into the largest vehicle."""
    assert problem.service_duration is not None
    capacity = np.max([v.capacity for v in problem.vehicle_types], axis=0)
    totals = np.sort(problem.loads[problem.n_depots :], axis=0).cumsum(axis=0)
    visits = int((totals <= capacity).all(axis=1).sum())
    service = np.sort(problem.service_duration[problem.n_depots :])[::-1]
    return (visits + 1) * longest + float(service[:visits].sum())


def _floor(value: float, most: int) -> int:
    return most if value >= most else math.floor(value * (1 + 1e-12) + 1e-9)
