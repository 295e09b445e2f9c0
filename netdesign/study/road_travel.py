"""Travel along roads as routing takes it: a matrix, or lists of near pairs where no matrix fits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from netdesign.routing import MatrixTravel, SparseTravel, SphereTravel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geodata import RoadEngine

MOST_IN_MATRIX: Final = 4096
"""Locations with a matrix: its distances and durations take 0.3 GB."""

NEAR: Final = 40
"""Entries per location where there are more."""


def road_travel(
    engine: RoadEngine, lonlat: Any, *, n_depots: int, labels: Sequence[str] | None = None, most: int = MOST_IN_MATRIX
) -> MatrixTravel | SparseTravel:
    """Distances and durations along roads between the locations of a routing problem.

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
        return MatrixTravel(found.distance_m, found.duration_s)
    from geodata import near_pairs

    near, depots = near_pairs(engine, lonlat, NEAR, labels=labels), np.arange(n_depots)
    back = engine.matrix(lonlat, lonlat[:n_depots])
    index = np.where(near.index < n_depots, -1, near.index)
    return SparseTravel(
        np.hstack([np.broadcast_to(depots, (len(lonlat), n_depots)), index]),
        np.hstack([back.distance_m, near.distance_m]),
        durations=np.hstack([back.duration_s, near.duration_s]),
        fallback=_far_pairs(engine, lonlat, n_depots),
    )


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
