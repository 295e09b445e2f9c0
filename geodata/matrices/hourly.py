"""Travel times that depend on the hour of departure, as routing takes them and as a plan meets them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geodata.errors import GeodataError
from geodata.matrices.on_roads import Labels
from geodata.matrices.results import Provenance, SnappedPoints, TravelMatrix
from geodata.matrices.road_engine import RoadEngine
from geodata.roads.speeds import HOURS, HourlySpeeds

Floats = NDArray[np.float64]

HOUR_S: Final = 3600.0


@dataclass(frozen=True, eq=False)
class HourlyMatrix:
    """Distances and durations by the hour of the day; arrays are read-only.

    Attributes
    ----------
    hours : tuple of int
        Hours of the day, from midnight, one after the other.
    distance_m, duration_s : ndarray of float64, shape (hours, n, n)
        Along the way that is fastest in the hour; ``inf`` where there is none.
    provenance : Provenance
        Where the numbers come from.
    points : SnappedPoints
        The points on the roads.
    """

    hours: tuple[int, ...]
    distance_m: Floats
    duration_s: Floats
    provenance: Provenance
    points: SnappedPoints

    def __post_init__(self) -> None:
        self.distance_m.setflags(write=False)
        self.duration_s.setflags(write=False)

    @property
    def slowest(self) -> TravelMatrix:
        """The slowest hour of every pair: a plan that keeps its windows with these durations keeps them at any hour.

        No trip takes longer than in the slowest of the hours that it meets, who comes early waits, and nobody
        overtakes by leaving later (see `arrival_s`). The plan may be dearer than one that knows the hour of each leg.
        """
        worst = self.duration_s.argmax(axis=0)[np.newaxis]
        distance_m, duration_s = (
            np.take_along_axis(values, worst, axis=0)[0] for values in (self.distance_m, self.duration_s)
        )
        return TravelMatrix(distance_m, duration_s, self.provenance, self.points, self.points)

    def at(self, hour: int) -> TravelMatrix:
        """The matrix of one hour.

        Raises
        ------
        GeodataError
            If the hour is none of them.
        """
        if hour not in self.hours:
            raise GeodataError(f"hour is {hour}; expected one of {', '.join(map(str, self.hours))}.")
        k = self.hours.index(hour)
        return TravelMatrix(self.distance_m[k], self.duration_s[k], self.provenance, self.points, self.points)

    def arrival_s(self, origin: ArrayLike, destination: ArrayLike, depart_s: ArrayLike) -> Floats:
        """When trips arrive that leave at some time of the day.

        A trip that takes D in an hour makes 1/D of its way per second of it, so that it goes on at the next hour's pace
        where it is still under way. Who leaves earlier arrives earlier. Before the first hour and after the last one
        their own paces last.

        Parameters
        ----------
        origin, destination : array_like of int, shape (k,)
            Rows of the points.
        depart_s : array_like, shape (k,)
            Seconds after midnight.

        Returns
        -------
        ndarray of float64, shape (k,)
            Seconds after midnight; ``inf`` where there is no way any more.

        References
        ----------
        Ichoua, S., Gendreau, M., Potvin, J.-Y. (2003). Vehicle dispatching with time-dependent travel times. European
        Journal of Operational Research 144, 379-396.
        """
        pair = np.asarray(origin, dtype=np.int64), np.asarray(destination, dtype=np.int64)
        clock = np.array(np.broadcast_to(np.asarray(depart_s, dtype=np.float64), pair[0].shape))
        left = np.ones(clock.shape)
        for k, hour in enumerate(self.hours):
            duration_s = self.duration_s[k][pair]
            end = np.inf if k == len(self.hours) - 1 else (hour + 1) * HOUR_S
            room_s = np.maximum(end - clock, 0.0)
            needed_s = np.where(left > 0, left * duration_s, 0.0)
            used_s = np.minimum(needed_s, room_s)
            with np.errstate(invalid="ignore", divide="ignore"):
                done = np.where(needed_s <= room_s, left, np.where(np.isfinite(duration_s), used_s / duration_s, 0.0))
            done = np.where((duration_s == 0) & (room_s > 0), left, done)
            clock, left = clock + used_s, np.maximum(left - done, 0.0)
        return clock

    def drive(self, path: Sequence[int], depart_s: float, *, service_s: Any = 0.0, opens_s: Any = -np.inf) -> Floats:
        """Arrivals along a path: every stop is served when it is reached and open, then the next leg begins.

        Parameters
        ----------
        path : sequence of int, length p
            Rows of the points, the start among them.
        depart_s : float
            When the start is left, in seconds after midnight.
        service_s, opens_s : float or array_like, shape (p,)
            Time at each stop, and when it opens.

        Returns
        -------
        ndarray of float64, shape (p,)
            Seconds after midnight; the first is the departure.
        """
        service, opens = (np.broadcast_to(np.asarray(v, dtype=np.float64), (len(path),)) for v in (service_s, opens_s))
        arrival = np.full(len(path), float(depart_s))
        leaves = float(depart_s)
        for k in range(1, len(path)):
            arrival[k] = self.arrival_s([path[k - 1]], [path[k]], [leaves])[0]
            leaves = max(arrival[k], opens[k]) + service[k]
        return arrival


def matrix_by_hour(
    engine: RoadEngine,
    speeds: HourlySpeeds,
    points_lonlat: ArrayLike,
    hours: Sequence[int] = tuple(range(HOURS)),
    *,
    labels: Labels = None,
) -> HourlyMatrix:
    """Distances and durations between points in each of some hours; the network is weighted anew and not built again.

    Parameters
    ----------
    engine : RoadEngine
    speeds : HourlySpeeds
    points_lonlat : array_like, shape (n, 2)
        Longitude and latitude, in degrees.
    hours : sequence of int
        Hours of the day one after the other, all 24 where left out.
    labels : sequence of str, length n, optional
        Names of the points, for complaints.

    Raises
    ------
    GeodataError
        If a coordinate is missing or out of range, or the hours do not follow each other within 0..23.
    """
    asked = tuple(int(hour) for hour in hours)
    if not asked or asked != tuple(range(asked[0], asked[0] + len(asked))) or asked[0] < 0 or asked[-1] >= HOURS:
        raise GeodataError(f"hours is {list(asked)}; expected hours of the day one after the other, within 0..23.")
    by_hour = [
        engine.reweighted(speeds.durations_s(engine.roads, hour)).matrix(points_lonlat, origin_labels=labels)
        for hour in asked
    ]
    points = engine.snap(points_lonlat, labels=labels)
    whole = engine.provenance
    factors = {f"factors_{name}": " ".join(map(str, values)) for name, values in sorted(speeds.factors.items())}
    parameters = {**whole.parameters, **factors, "factors_others": " ".join(map(str, speeds.others))}
    return HourlyMatrix(
        asked,
        np.stack([found.distance_m for found in by_hour]),
        np.stack([found.duration_s for found in by_hour]),
        replace(whole, parameters=MappingProxyType(parameters)),
        points,
    )
