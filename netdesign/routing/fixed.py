"""Routes that must be driven as they are: what they leave of the problem, and how the two halves become one plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from netdesign.errors import CheckError, InputError, Phrase
from netdesign.routing.check import check
from netdesign.routing.problem import RoutingProblem
from netdesign.routing.solution import Route, RoutingSolution
from netdesign.routing.vehicle_type import VehicleType


@dataclass(frozen=True)
class Rest:
    """A problem without the customers and vehicles of its fixed routes.

    Attributes
    ----------
    customers
        Who is left, as location indices of the whole problem.
    types
        Which vehicle types are left, as indices of the whole problem.
    routes
        The fixed routes.
    cost
        What they cost, in the user's units.
    """

    whole: RoutingProblem
    customers: NDArray[np.int64]
    types: tuple[int, ...]
    routes: tuple[Route, ...]
    cost: float

    def problem(self) -> RoutingProblem:
        """The problem that is left; there must be customers and vehicles in it."""
        whole, kept = self.whole, self._locations()
        assert whole.service_duration is not None
        assert whole.ids is not None
        return whole.replace(
            travel=whole.travel.subset(kept),
            vehicle_types=tuple(self._left_of(k) for k in self.types),
            demand=whole.demand[kept],
            service_duration=whole.service_duration[kept],
            time_window=None if whole.time_window is None else whole.time_window[kept],
            ids=tuple(whole.ids[i] for i in kept),
            lonlat=None if whole.lonlat is None else whole.lonlat[kept],
        )

    def reduce(self, routes: Sequence[Route]) -> tuple[Route, ...]:
        """Routes of the whole problem as routes of what is left."""
        place = {int(location): k for k, location in enumerate(self._locations())}
        left = [route for route in routes if route.vehicle_type in self.types]
        return tuple(
            Route(tuple(place[v] for v in route.visits if v in place), self.types.index(route.vehicle_type))
            for route in left
        )

    def complete(self, routes: Sequence[Route]) -> tuple[Route, ...]:
        """The fixed routes, then those of the problem that was left."""
        kept = self._locations().tolist()
        return self.routes + tuple(
            Route(tuple(kept[v] for v in route.visits), self.types[route.vehicle_type]) for route in routes
        )

    def _locations(self) -> NDArray[np.int64]:
        return np.concatenate([np.arange(self.whole.n_depots), self.customers])

    def _left_of(self, k: int) -> VehicleType:
        vehicle = self.whole.vehicle_types[k]
        used = sum(route.vehicle_type == k for route in self.routes)
        return vehicle if vehicle.count is None else replace(vehicle, count=vehicle.count - used)


def set_aside(problem: RoutingProblem, fixed: Sequence[Route]) -> Rest:
    """Take fixed routes out of a problem.

    Raises
    ------
    InputError
        If the fixed routes break a rule of the problem.
    """
    routes = tuple(Route(tuple(map(int, route.visits)), route.vehicle_type) for route in fixed if route.visits)
    visited = [v for route in routes for v in route.visits]
    left = np.setdiff1d(problem.customers, visited)
    try:
        cost = check(problem, RoutingSolution(problem, routes, tuple(left.tolist())))
    except CheckError as error:
        raise InputError("fixed", Phrase(f"against the rules: {error}"), "routes that keep every rule") from None
    used = [sum(route.vehicle_type == k for route in routes) for k in range(len(problem.vehicle_types))]
    types = tuple(k for k, v in enumerate(problem.vehicle_types) if v.count is None or v.count > used[k])
    return Rest(problem, left, types, routes, cost)
