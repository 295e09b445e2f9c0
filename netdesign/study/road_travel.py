"""Travel along roads as routing takes it: a matrix, or lists of near pairs where no matrix fits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from netdesign.routing import MatrixTravel, SparseTravel, SphereTravel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geodata import Complaint, RoadEngine
    from netdesign.routing import RoutingSolution

MOST_IN_MATRIX: Final = 4096
"""Locations with a matrix: its distances and durations take 0.3 GB."""

NEAR: Final = 40
"""Entries per location where there are more."""


def road_travel(
    engine: RoadEngine, lonlat: Any, *, n_depots: int, labels: Sequence[str] | None = None, most: int = MOST_IN_MATRIX
) -> tuple[MatrixTravel | SparseTravel, tuple[Complaint, ...]]:
    """Distances and durations along roads between the locations of a routing problem, and who is not on the roads.

    Parameters
    ----------
    engine
        The roads.
    lonlat
        Shape (locations, 2), degrees; depots first.
    n_depots
        How many of them are depots.
    labels
        Names of the locations, for messages.
    most
        Up to so many locations every pair is exact. With more the 40 nearest of each are, and the way back to the
        depots; all other pairs are great circles with the circuity and the speed of the ways from the depots.

    Raises
    ------
    GeodataError
        If a coordinate is out of range.
    """
    if len(lonlat) <= most:
        found = engine.matrix(lonlat, origin_labels=labels)
        return MatrixTravel(found.distance_m, found.duration_s), found.complaints
    from geodata import near_pairs

    near, depots = near_pairs(engine, lonlat, NEAR, labels=labels), np.arange(n_depots)
    back = engine.matrix(lonlat, lonlat[:n_depots])
    index = np.where(near.index < n_depots, -1, near.index)
    travel = SparseTravel(
        np.hstack([np.broadcast_to(depots, (len(lonlat), n_depots)), index]),
        np.hstack([back.distance_m, near.distance_m]),
        durations=np.hstack([back.duration_s, near.duration_s]),
        fallback=_far_pairs(engine, lonlat, n_depots),
    )
    return travel, near.complaints


@dataclass(frozen=True)
class Driven:
    """A plan that was made with lists of near pairs, leg by leg along the roads.

    Attributes
    ----------
    legs, estimated_legs
        All of them, and those that no list has: their length and time were estimated while planning.
    planned_m, planned_s, distance_m, travel_s
        Of all legs, as planned and as they are.
    """

    legs: int
    estimated_legs: int
    planned_m: float
    planned_s: float
    distance_m: float
    travel_s: float


def drive(engine: RoadEngine, solution: RoutingSolution) -> Driven:
    """Measure the legs of a plan along the roads.

    Parameters
    ----------
    engine
        The roads that its problem's lists are from.
    solution
        A plan over a :class:`netdesign.routing.SparseTravel`, lon and lat known.
    """
    travel, lonlat = solution.problem.travel, solution.problem.lonlat
    assert isinstance(travel, SparseTravel)
    assert lonlat is not None
    here, there = (np.concatenate([s.path[part] for s in solution.schedules]) for part in (slice(-1), slice(1, None)))
    planned_m, planned_s = travel.distance(here, there), travel.duration(here, there)
    road_m, road_s = planned_m.copy(), planned_s.copy()
    estimated = ~(travel.neighbors[here] == there[:, np.newaxis]).any(axis=1) & (here != there)
    if estimated.any():
        (origins, i), (ends, j) = (np.unique(side[estimated], return_inverse=True) for side in (here, there))
        exact = engine.matrix(lonlat[origins], lonlat[ends])
        road_m[estimated], road_s[estimated] = exact.distance_m[i, j], exact.duration_s[i, j]
    sums = (float(values.sum()) for values in (planned_m, planned_s, road_m, road_s))
    return Driven(len(here), int(estimated.sum()), *sums)


def _far_pairs(engine: RoadEngine, lonlat: NDArray[np.float64], n_depots: int) -> SphereTravel:
    """Great circles that are as long and take as long, in all, as the ways from the depots to everybody."""
    from geodata import great_circle_m

    out = engine.matrix(lonlat[:n_depots], lonlat[n_depots:])
    there = ~out.unreachable
    straight_m = great_circle_m(lonlat[:n_depots], lonlat[n_depots:])[there].sum()
    road_m, road_s = out.distance_m[there].sum(), out.duration_s[there].sum()
    if not (straight_m > 0 and road_s > 0):
        return SphereTravel(lonlat)
    return SphereTravel(lonlat, circuity=max(1.0, road_m / straight_m), speed_kmh=3.6 * road_m / road_s)
