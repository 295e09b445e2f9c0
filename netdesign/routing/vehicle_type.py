"""Vehicles that are alike: what they carry, what they cost, from where to where and for how long they may drive."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from netdesign.errors import InputError


@dataclass(frozen=True)
class VehicleType:
    """Vehicles that are alike.

    Parameters
    ----------
    capacity
        What one vehicle carries, one number per load dimension (as kg, m3, stops); ``math.inf`` for no limit.
    count
        How many there are; None for as many as it takes.
    fixed_cost
        Cost of using one vehicle at all.
    cost_per_distance, cost_per_travel_time
        Cost per unit of distance and of time on the road.
    name
        What the plan calls it.
    start
        Location index of the depot it leaves from.
    end
        Location index of the depot it returns to; ``start`` for the one it left from, ``anywhere`` for an open
        route, which is over when the last customer is served.
    max_distance
        The longest route, in the unit of the distances; ``math.inf`` for no limit.
    max_duration
        The longest time from departure to return, waiting and service included, in the unit of the durations.
        The departure may be put off to avoid waiting.
    shift
        Earliest departure and latest return, in the unit of the durations; None where only the depots' time
        windows count.

    Raises
    ------
    InputError
        If a value makes no sense.
    """

    capacity: tuple[float, ...] = (math.inf,)
    count: int | None = None
    fixed_cost: float = 0.0
    cost_per_distance: float = 1.0
    cost_per_travel_time: float = 0.0
    name: str = "vehicle"
    start: int = 0
    end: int | Literal["start", "anywhere"] = "start"
    max_distance: float = math.inf
    max_duration: float = math.inf
    shift: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        capacity = (self.capacity,) if isinstance(self.capacity, (int, float)) else self.capacity
        object.__setattr__(self, "capacity", tuple(float(c) for c in capacity))
        limits = {f"capacity[{k}]": value for k, value in enumerate(self.capacity)}
        limits |= {"max_distance": self.max_distance, "max_duration": self.max_duration}
        for what, value in limits.items():
            if not value >= 0:
                raise self._error(what, value, ">= 0", "Use math.inf for no limit.")
        for what in ("fixed_cost", "cost_per_distance", "cost_per_travel_time"):
            value = getattr(self, what)
            if not (value >= 0 and math.isfinite(value)):
                raise self._error(what, value, "a finite number >= 0")
        if self.count is not None and not self.count >= 1:
            raise self._error("count", self.count, ">= 1", "Leave it out for no limit.")
        if isinstance(self.end, str) and self.end not in ("start", "anywhere"):
            raise self._error("end", self.end, "a location index, 'start' or 'anywhere'")
        if self.shift is not None:
            self._set_shift(self.shift)

    @property
    def end_depot(self) -> int | None:
        """Location index of the depot it returns to; None for an open route."""
        if isinstance(self.end, str):
            return self.start if self.end == "start" else None
        return self.end

    def path(self, visits: Sequence[int]) -> NDArray[np.int64]:
        """All locations of a route, its ends included."""
        end = [] if self.end_depot is None else [self.end_depot]
        return np.array([self.start, *visits, *end], dtype=np.int64)

    def _set_shift(self, shift: tuple[float, float]) -> None:
        start, end = (float(time) for time in shift)
        if not (0 <= start <= end and math.isfinite(start)):
            raise self._error("shift", (start, end), "0 <= earliest departure <= latest return")
        object.__setattr__(self, "shift", (start, end))

    def _error(self, what: str, got: Any, expected: str, advice: str = "") -> InputError:
        return InputError(what, got, expected, where=f"vehicle type {self.name!r}", advice=advice)
