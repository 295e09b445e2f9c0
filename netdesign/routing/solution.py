"""A plan: which vehicle visits whom in which order, frozen."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from netdesign.errors import InputError
from netdesign.routing.problem import DEPOT, RoutingProblem

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from matplotlib.axes import Axes


@dataclass(frozen=True)
class Route:
    """One vehicle's round: location indices of the customers in order; it starts and ends at the depot."""

    visits: tuple[int, ...]
    vehicle_type: int = 0


@dataclass(frozen=True)
class Schedule:
    """What happens on one route, in the problem's units; arrays have one row per location of the path."""

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
        """One row per stop: route, sequence, id, arrival, waiting, demand served so far."""
        import pandas as pd

        assert self.problem.ids is not None
        rows: list[dict[str, Any]] = []
        for k, schedule in enumerate(self.schedules, start=1):
            for sequence, location in enumerate(schedule.path):
                rows.append(
                    {
                        "route": k,
                        "sequence": sequence,
                        "id": self.problem.ids[location],
                        "location": int(location),
                        "arrival": schedule.arrival[sequence],
                        "waiting": schedule.waiting[sequence],
                        "load": schedule.load[sequence],
                    }
                )
        return pd.DataFrame(rows, columns=["route", "sequence", "id", "location", "arrival", "waiting", "load"])

    def to_geodataframe(self) -> gpd.GeoDataFrame:
        """One line per route with its stops, distance, duration and load; EPSG:4326 where lon and lat are known."""
        import geopandas as gpd
        from shapely import LineString

        points, crs = self._points()
        data = {
            "route": range(1, len(self.routes) + 1),
            "stops": [len(r.visits) for r in self.routes],
            "distance": [s.distance for s in self.schedules],
            "duration": [s.duration for s in self.schedules],
            "load": [float(s.load[-1]) for s in self.schedules],
        }
        return gpd.GeoDataFrame(data, geometry=[LineString(points[s.path]) for s in self.schedules], crs=crs)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the plan: one colour per route, the depot as a square; legs from and to the depot thin."""
        import matplotlib.pyplot as plt

        points, crs = self._points()
        if ax is None:
            _, ax = plt.subplots(figsize=(8, 8))
        colours = plt.get_cmap("tab20").colors
        for k, route in enumerate(self.routes):
            inner = points[list(route.visits)]
            colour = colours[k % len(colours)]
            ax.plot(*inner.T, "-o", color=colour, lw=1.4, ms=2.5)
            for end in (inner[0], inner[-1]):
                ax.plot(*np.array([points[DEPOT], end]).T, color=colour, lw=0.5, alpha=0.5)
        ax.plot(*points[DEPOT], "s", color="black", ms=8)
        ax.set_aspect(1.0 if crs is None else 1 / max(0.1, float(np.cos(np.radians(points[:, 1].mean())))))
        ax.set_title(f"{len(self.routes)} routes, {self.problem.n_customers - len(self.unserved)} stops")
        return ax

    def to_json(self) -> dict[str, Any]:
        """Routes as the command line prints them: ids of the stops, distance and duration per route."""
        assert self.problem.ids is not None
        ids = self.problem.ids
        return {
            "routes": [
                {
                    "vehicle_type": self.problem.vehicle_types[route.vehicle_type].name,
                    "depot": ids[DEPOT],
                    "stops": [ids[v] for v in route.visits],
                    "distance_m": schedule.distance,
                    "duration_s": schedule.duration,
                }
                for route, schedule in zip(self.routes, self.schedules, strict=True)
            ],
        }

    def _points(self) -> tuple[np.ndarray, str | None]:
        if self.problem.lonlat is not None:
            return self.problem.lonlat, "EPSG:4326"
        travel = self.problem.travel
        if hasattr(travel, "lonlat"):
            return travel.lonlat, "EPSG:4326"
        if hasattr(travel, "xy"):
            return travel.xy, None
        raise InputError(
            "lonlat",
            None,
            "coordinates of the locations",
            advice="A problem behind a matrix needs lonlat= to be drawn.",
        )


def _schedule(problem: RoutingProblem, route: Route) -> Schedule:
    """Earliest times along a route, the departure put off as long as it delays nothing."""
    assert problem.service_duration is not None
    path = np.array([DEPOT, *route.visits, DEPOT])
    legs = problem.travel.duration(path[:-1], path[1:])
    service = np.where(path == DEPOT, 0.0, problem.service_duration[path])
    window = problem.time_window
    arrival, waiting = np.zeros(len(path)), np.zeros(len(path))
    clock = 0.0 if window is None else _latest_departure(problem, path, legs, service)
    arrival[0] = departure = clock
    for k in range(1, len(path)):
        arrival[k] = clock + service[k - 1] + legs[k - 1]
        waiting[k] = 0.0 if window is None or path[k] == DEPOT else max(0.0, window[path[k], 0] - arrival[k])
        clock = arrival[k] + waiting[k]
    distance = float(problem.travel.distance(path[:-1], path[1:]).sum())
    return Schedule(
        path, arrival, waiting, problem.loads[path, 0].cumsum(), distance, float(legs.sum()), float(clock - departure)
    )


def _latest_departure(problem: RoutingProblem, path: np.ndarray, legs: np.ndarray, service: np.ndarray) -> float:
    """The latest departure that returns no later than the earliest one does: waiting happens at the depot."""
    window = problem.time_window
    assert window is not None
    opening = float(window[DEPOT, 0])
    clock, slack = opening, np.inf
    waited = 0.0
    for k in range(1, len(path) - 1):
        clock += service[k - 1] + legs[k - 1]
        wait = max(0.0, window[path[k], 0] - clock)
        waited += wait
        clock += wait
        slack = min(slack, window[path[k], 1] - clock + waited)
    return opening + max(0.0, min(slack, waited))
