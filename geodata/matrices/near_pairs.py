"""Ways from every point to those around it, without a matrix."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geodata.errors import GeodataError
from geodata.matrices.nearest_sites import nearest
from geodata.matrices.results import Complaint, Provenance, SnappedPoints
from geodata.matrices.road_engine import RoadEngine, in_order
from geodata.matrices.road_search import Gates, RoadSearch

if TYPE_CHECKING:
    from geodata.matrices.on_roads import Labels

Floats = NDArray[np.float64]
Indices = NDArray[np.integer[Any]]

_CHUNK: Final = 64
_SLOW_M_S: Final = 3.0
"""Who is not reached at this speed over the straight line is searched for without a limit: across a river, say."""


@dataclass(frozen=True, eq=False)
class NearPairs:
    """Ways from n points to k others each; arrays are read-only.

    Attributes
    ----------
    index : ndarray of int32, shape (n, k)
        Rows of the other points, nearest in a straight line first.
    distance_m, duration_s : ndarray of float64, shape (n, k)
        Along the fastest way, in metres and seconds; ``inf`` where there is none.
    provenance : Provenance
        Where the numbers come from.
    points : SnappedPoints
        The points on the roads.
    """

    index: NDArray[np.int32]
    distance_m: Floats
    duration_s: Floats
    provenance: Provenance
    points: SnappedPoints

    def __post_init__(self) -> None:
        for array in (self.index, self.distance_m, self.duration_s):
            array.setflags(write=False)

    @property
    def complaints(self) -> tuple[Complaint, ...]:
        """What is wrong with the points."""
        return self.points.complaints


def near_pairs(engine: RoadEngine, points_lonlat: ArrayLike, k: int, *, labels: Labels = None) -> NearPairs:
    """Fastest ways from every point to the k others that are nearest in a straight line.

    Who is near in a straight line and far by road is listed as far: just those pairs mislead where straight lines
    stand in for roads. One search per point, no farther than its neighbours.

    Parameters
    ----------
    engine : RoadEngine
    points_lonlat : array_like, shape (n, 2)
        Longitude and latitude, in degrees.
    k : int
        How many others, 1 <= k < n.
    labels : sequence of str, length n, optional
        Names of the points, for complaints.

    Raises
    ------
    GeodataError
        If a coordinate is missing or out of range, or k is not in 1..n-1.
    """
    points = engine.snap(points_lonlat, labels=labels)
    n = len(points)
    if not 1 <= k < n:
        raise GeodataError(f"k is {k}; expected 1..{n - 1}, the number of other points.")
    index, straight_m = _others(points.lonlat, k)
    search = engine.search
    starts, ends = search.gates(points, "from"), search.gates(points, "to")

    def costs(span: tuple[int, int]) -> Floats:
        rows = np.arange(*span)
        limit_s = float(straight_m[rows].max()) / _SLOW_M_S + 60
        found = _to_others(search, starts, ends, rows, index[rows], limit_s)
        found[found > search.units.most(limit_s)] = np.inf
        missed = np.isinf(found).any(axis=1) & (points.edge[rows] >= 0)
        if missed.any():
            found[missed] = _to_others(search, starts, ends, rows[missed], index[rows[missed]], np.inf)
        return found

    spans = list(pairwise([*range(0, n, _CHUNK), n]))
    cost = np.concatenate(list(in_order(costs, spans, engine.threads)))
    origin, destination, along = search.direct(points, points)
    same = index[origin] == destination[:, np.newaxis]
    pair, column = np.nonzero(same)
    np.minimum.at(cost, (origin[pair], column), along[pair])
    duration_s, distance_m = search.units.parts(cost)
    return NearPairs(index, distance_m, duration_s, engine.provenance, points)


def _to_others(
    search: RoadSearch, starts: Gates, ends: Gates, rows: Indices, others: Indices, limit_s: float
) -> Floats:
    """Costs from some points to those listed for each, shape (rows, k)."""
    at_nodes = search.run(starts, rows, "from", limit_s=limit_s)
    here = np.arange(len(rows))[:, np.newaxis, np.newaxis]
    best: Floats = (at_nodes[here, ends.node[others]] + ends.last[others]).min(axis=2)
    # Who is at a node already passes nothing.
    return np.maximum(best, 0.0, out=best)


def _others(lonlat: Floats, k: int) -> tuple[NDArray[np.int32], Floats]:
    """The k nearest others of every point in a straight line, and their distances."""
    found = nearest(lonlat, lonlat, k + 1)
    own = found.index == np.arange(len(lonlat))[:, np.newaxis]
    # Where many points lie at one place the point itself may not be listed: then the last one is left out.
    own[~own.any(axis=1), -1] = True
    kept = ~own
    return found.index[kept].reshape(-1, k), found.distance_m[kept].reshape(-1, k)
