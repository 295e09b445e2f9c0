"""A plan: which vehicle visits whom in which order, frozen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from netdesign.errors import InputError
from netdesign.routing.problem import RoutingProblem

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from matplotlib.axes import Axes


Ways: TypeAlias = Callable[[np.ndarray, np.ndarray], Sequence[Any]]


@dataclass(frozen=True)
class Route:
    """One vehicle's round: location indices of the customers in order, and the index of the vehicle's type.

    The type says from which depot it leaves and where it ends.
    """

    visits: tuple[int, ...]
    vehicle_type: int = 0


@dataclass(frozen=True)
class Schedule:
    """What happens on one route, in the problem's units; arrays have one row per location of the path.

    The path of an open route ends at its last customer, and its duration with the service there.
    """

    path: np.ndarray
    arrival: np.ndarray
    waiting: np.ndarray
    load: np.ndarray
    distance: float
    travel_time: float
    duration: float


@dataclass(frozen=True, eq=False)
class RoutingSolution:
    """A plan for a problem.

    Attributes
    ----------
    problem
        The problem it belongs to.
    routes
        The rounds; none of them is empty.
    unserved
        Location indices of customers that are on no route.
    """

    problem: RoutingProblem
    routes: tuple[Route, ...]
    unserved: tuple[int, ...] = ()

    @cached_property
    def schedules(self) -> tuple[Schedule, ...]:
        """Times and loads of every route."""
        return tuple(_schedule(self.problem, route) for route in self.routes)

    @property
    def distance(self) -> float:
        """Total distance in the problem's unit."""
        return float(sum(s.distance for s in self.schedules))

    @property
    def duration(self) -> float:
        """Total time from departure to return, waiting and service included."""
        return float(sum(s.duration for s in self.schedules))

    def to_frame(self) -> pd.DataFrame:
        """One row per stop: route, vehicle type, sequence, id, arrival, waiting, demand served so far."""
        import pandas as pd

        assert self.problem.ids is not None
        rows: list[dict[str, Any]] = []
        for k, (route, schedule) in enumerate(zip(self.routes, self.schedules, strict=True), start=1):
            name = self.problem.vehicle_types[route.vehicle_type].name
            for sequence, location in enumerate(schedule.path):
                rows.append(
                    {
                        "route": k,
                        "vehicle_type": name,
                        "sequence": sequence,
                        "id": self.problem.ids[location],
                        "location": int(location),
                        "arrival": schedule.arrival[sequence],
                        "waiting": schedule.waiting[sequence],
                        "load": schedule.load[sequence],
                    }
                )
        columns = ["route", "vehicle_type", "sequence", "id", "location", "arrival", "waiting", "load"]
        return pd.DataFrame(rows, columns=columns)

    def to_geodataframe(self, *, along: Ways | None = None) -> gpd.GeoDataFrame:
        """One line per route with its vehicle type, depot, stops, distance, duration and load.

        Parameters
        ----------
        along
            Gives the way of every leg, as ``geodata.RoadEngine(roads).ways`` does: two arrays of lon and lat in, an
            object with ``lonlat`` per row out. Legs are straight where it is left out, or knows no way.

        Returns
        -------
        GeoDataFrame
            In EPSG:4326 where lon and lat are known.
        """
        import geopandas as gpd
        from shapely import LineString

        assert self.problem.ids is not None
        points, crs = self._points()
        types = [self.problem.vehicle_types[r.vehicle_type] for r in self.routes]
        data = {
            "route": range(1, len(self.routes) + 1),
            "vehicle_type": [vehicle.name for vehicle in types],
            "depot": [self.problem.ids[vehicle.start] for vehicle in types],
            "stops": [len(r.visits) for r in self.routes],
            "distance": [s.distance for s in self.schedules],
            "duration": [s.duration for s in self.schedules],
            "load": [float(s.load[-1]) for s in self.schedules],
        }
        rounds = [points[s.path] for s in self.schedules]
        lines = rounds if along is None else _followed(rounds, along)
        return gpd.GeoDataFrame(data, geometry=[LineString(line) for line in lines], crs=crs)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the plan: one colour per route, depots as squares; legs from and to them thin."""
        import matplotlib.pyplot as plt
        from matplotlib.collections import LineCollection

        points, crs = self._points()
        if ax is None:
            _, ax = plt.subplots(figsize=(8, 8))
        colours = plt.get_cmap("tab20").colors
        # One collection instead of one artist per route: a million stops are drawn in seconds.
        rounds = [points[list(route.visits)] for route in self.routes]
        shades = [colours[k % len(colours)] for k in range(len(rounds))]
        ax.add_collection(LineCollection(rounds, colors=shades, linewidths=1.4))
        for colour, own in zip(colours, (rounds[k :: len(colours)] for k in range(len(colours))), strict=True):
            if own:
                ax.plot(*np.concatenate(own).T, "o", color=colour, ms=2.5)
        legs, leg_shades = self._depot_legs(points, shades)
        ax.add_collection(LineCollection(legs, colors=leg_shades, linewidths=0.5, alpha=0.5))
        ax.plot(*points[: self.problem.n_depots].T, "s", color="black", ms=8)
        ax.set_aspect(1.0 if crs is None else 1 / max(0.1, float(np.cos(np.radians(points[:, 1].mean())))))
        ax.set_title(f"{len(self.routes)} routes, {self.problem.n_customers - len(self.unserved)} stops")
        return ax

    def to_json(self) -> dict[str, Any]:
        """Routes as the command line prints them: ids of depots and stops, distance and duration per route.

        ``end_depot`` is None for an open route.
        """
        return {"routes": [self._route_json(k) for k in range(len(self.routes))]}

    def _route_json(self, k: int) -> dict[str, Any]:
        assert self.problem.ids is not None
        ids, route, schedule = self.problem.ids, self.routes[k], self.schedules[k]
        vehicle = self.problem.vehicle_types[route.vehicle_type]
        return {
            "vehicle_type": vehicle.name,
            "depot": ids[vehicle.start],
            "end_depot": None if vehicle.end_depot is None else ids[vehicle.end_depot],
            "stops": [ids[v] for v in route.visits],
            "distance_m": schedule.distance,
            "duration_s": schedule.duration,
        }

    def _depot_legs(self, points: np.ndarray, shades: Sequence[Any]) -> tuple[list[np.ndarray], list[Any]]:
        """The ways from and to depots, and the colours of their routes."""
        legs, colours = [], []
        for route, colour in zip(self.routes, shades, strict=True):
            vehicle = self.problem.vehicle_types[route.vehicle_type]
            for depot, stop in ((vehicle.start, route.visits[0]), (vehicle.end_depot, route.visits[-1])):
                if depot is not None:
                    legs.append(points[[depot, stop]])
                    colours.append(colour)
        return legs, colours

    def _points(self) -> tuple[np.ndarray, str | None]:
        if self.problem.lonlat is not None:
            return self.problem.lonlat, "EPSG:4326"
        travel = self.problem.travel
        source = getattr(travel, "fallback", travel)
        if hasattr(source, "lonlat"):
            return source.lonlat, "EPSG:4326"
        if hasattr(source, "xy"):
            return source.xy, None
        raise InputError(
            "lonlat",
            None,
            "coordinates of the locations",
            advice="A problem behind a matrix needs lonlat= to be drawn.",
        )


def _followed(rounds: Sequence[np.ndarray], along: Ways) -> list[np.ndarray]:
    """Rounds with the points of the ways between their stops."""
    if not rounds:
        return []
    ways = iter(along(np.concatenate([r[:-1] for r in rounds]), np.concatenate([r[1:] for r in rounds])))
    lines = []
    for stops in rounds:
        parts = [part for stop in stops[:-1] for part in (stop[np.newaxis], next(ways).lonlat)]
        lines.append(np.concatenate([*parts, stops[-1:]]))
    return lines


def _schedule(problem: RoutingProblem, route: Route) -> Schedule:
    """Earliest times along a route, the departure put off as long as it delays nothing."""
    assert problem.service_duration is not None
    vehicle = problem.vehicle_types[route.vehicle_type]
    path = vehicle.path(route.visits)
    legs = problem.travel.duration(path[:-1], path[1:])
    at_depot = path < problem.n_depots
    service = np.where(at_depot, 0.0, problem.service_duration[path])
    opening, closing = np.where(at_depot, [[-np.inf], [np.inf]], problem.windows[path].T)
    arrival, waiting = np.zeros(len(path)), np.zeros(len(path))
    clock = arrival[0] = departure = _latest_departure(problem.hours(vehicle)[0], opening, closing, service[:-1] + legs)
    for k in range(1, len(path)):
        arrival[k] = clock + service[k - 1] + legs[k - 1]
        waiting[k] = max(0.0, opening[k] - arrival[k])
        clock = arrival[k] + waiting[k]
    distance = float(problem.travel.distance(path[:-1], path[1:]).sum())
    load, duration = problem.loads[path, 0].cumsum(), float(clock + service[-1] - departure)
    return Schedule(path, arrival, waiting, load, distance, float(legs.sum()), duration)


def _latest_departure(earliest: float, opening: np.ndarray, closing: np.ndarray, steps: np.ndarray) -> float:
    """The latest departure that returns no later than the earliest one does: waiting happens at the depot."""
    clock, slack, waited = earliest, np.inf, 0.0
    for step, opens, closes in zip(steps, opening[1:], closing[1:], strict=True):
        clock += step
        wait = max(0.0, opens - clock)
        waited += wait
        clock += wait
        slack = min(slack, closes - clock + waited)
    return float(earliest + max(0.0, min(slack, waited)))
