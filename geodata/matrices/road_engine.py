"""Travel times on a road network: matrices, lists of near sites, and the ways themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geodata.errors import GeodataError
from geodata.matrices.nearest_sites import Nearest, check_k
from geodata.matrices.on_roads import Labels, OnRoads
from geodata.matrices.results import Provenance, SnappedPoints, TravelMatrix
from geodata.matrices.road_search import RoadSearch, Side
from geodata.roads import RoadGraph

Floats = NDArray[np.float64]
Indices = NDArray[np.integer[Any]]
T = TypeVar("T")

_CHUNK: Final = 16
"""Points per search: their costs at 50,000 nodes take 6 MB."""


_REACHES_S: Final = (120.0, 600.0, 3000.0)
"""How far a single way is searched for before it is without a limit: stops of a route are near each other."""


@dataclass(frozen=True)
class Way:
    """A way along roads.

    Attributes
    ----------
    lonlat : ndarray of float64, shape (p, 2)
        Its points, in degrees, from where the origin to where the destination is placed.
    distance_m, duration_s : float
        In metres and seconds; ``inf`` where there is no way.
    """

    lonlat: Floats
    distance_m: float
    duration_s: float


@dataclass(frozen=True, eq=False)
class RoadEngine(OnRoads):
    """Fastest ways on a road network, by Dijkstra's algorithm.

    Points are placed on the nearest road and travel begins there; the way from the door to the road is not counted.
    Times are whole milliseconds and lengths whole decimetres per edge; of equally fast ways the shorter one counts.

    Attributes
    ----------
    roads : RoadGraph
        The network.
    max_snap_m : float
        Points farther from every road than this are not placed, in metres.
    threads : int
        Cores to use.

    Raises
    ------
    GeodataError
        If max_snap_m or threads make no sense.
    """

    threads: int = 1

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.threads < 1:
            raise GeodataError(f"threads is {self.threads}; expected >= 1.")

    @property
    def provenance(self) -> Provenance:
        """Engine, version, and everything that the network and the placing of points depend on."""
        return Provenance("roads", "1", MappingProxyType(self.parameters))

    def matrix(
        self,
        origins_lonlat: ArrayLike,
        destinations_lonlat: ArrayLike | None = None,
        *,
        origin_labels: Labels = None,
        destination_labels: Labels = None,
        folder: str | Path | None = None,
    ) -> TravelMatrix:
        """Distances and durations of the fastest ways.

        One search per origin, or per destination where these are fewer.

        Parameters
        ----------
        origins_lonlat : array_like, shape (n, 2)
            Longitude and latitude, in degrees.
        destinations_lonlat : array_like, shape (m, 2), optional
            Longitude and latitude, in degrees; the origins where left out.
        origin_labels, destination_labels : sequence of str, optional
            Names of the points, for complaints.
        folder : str or Path, optional
            Where to keep the matrix as ``distance_m.npy`` and ``duration_s.npy``, mapped into memory.

        Returns
        -------
        TravelMatrix
            Points that cannot be placed are unreachable; `TravelMatrix.complaints` names them.

        Raises
        ------
        GeodataError
            If a coordinate is missing or out of range.
        """
        origins, destinations = self.both_snapped(
            origins_lonlat, destinations_lonlat, origin_labels, destination_labels
        )
        distance_m, duration_s = self._empty((len(origins), len(destinations)), folder)
        for rows, columns, cost in self._costs(origins, destinations):
            duration_s[rows, columns], distance_m[rows, columns] = self.search.units.parts(cost)
        return TravelMatrix(distance_m, duration_s, self.provenance, origins, destinations)

    def nearest(
        self,
        points_lonlat: ArrayLike,
        sites_lonlat: ArrayLike,
        k: int,
        *,
        travel: Literal["from sites", "to sites"] = "from sites",
        limit_s: float = np.inf,
        point_labels: Labels = None,
        site_labels: Labels = None,
    ) -> Nearest:
        """The k sites of every point that are nearest in time, without the matrix.

        One search per site; memory for the lists and a few sites at a time.

        Parameters
        ----------
        points_lonlat : array_like, shape (n, 2)
            Longitude and latitude, in degrees.
        sites_lonlat : array_like, shape (m, 2)
            Longitude and latitude, in degrees.
        k : int
            How many sites per point, 1 <= k <= m.
        travel : {"from sites", "to sites"}
            Which way is timed.
        limit_s : float
            Sites farther than this are left out, in seconds.
        point_labels, site_labels : sequence of str, optional
            Names, for complaints.

        Returns
        -------
        Nearest
            Equally near sites are ordered by index.

        Raises
        ------
        GeodataError
            If a coordinate is missing or out of range, or k is not in 1..m.
        """
        if travel not in ("from sites", "to sites"):
            raise GeodataError(f"travel is {travel!r}; expected 'from sites' or 'to sites'.")
        points = self.snap(points_lonlat, "points", labels=point_labels)
        sites = self.snap(sites_lonlat, "sites", labels=site_labels)
        check_k(k, len(sites))
        best = np.full((len(points), k), np.inf)
        index = np.full((len(points), k), -1, dtype=np.int32)
        side: Side = "from" if travel == "from sites" else "to"
        for begin, cost in self._from_each(sites, points, side, limit_s):
            numbers = np.broadcast_to(np.arange(begin, begin + len(cost), dtype=np.int32), cost.T.shape)
            both, which = np.concatenate([best, cost.T], axis=1), np.concatenate([index, numbers], axis=1)
            # Sites come in order of their numbers, so a stable order keeps the lower one of equals.
            order = np.argsort(both, axis=1, kind="stable")[:, :k]
            best, index = np.take_along_axis(both, order, axis=1), np.take_along_axis(which, order, axis=1)
        best[best > self.search.units.most(limit_s)] = np.inf
        duration_s, distance_m = self.search.units.parts(best)
        index[np.isinf(best)] = -1
        return Nearest(index, distance_m, duration_s, self.provenance, points, sites)

    def ways(self, origins_lonlat: ArrayLike, destinations_lonlat: ArrayLike) -> list[Way]:
        """The fastest way from each origin to the destination of the same row.

        Parameters
        ----------
        origins_lonlat, destinations_lonlat : array_like, shape (n, 2)
            Longitude and latitude, in degrees.

        Returns
        -------
        list of Way, length n

        Raises
        ------
        GeodataError
            If a coordinate is missing or out of range, or the two lengths differ.
        """
        origins, destinations = self.snap(origins_lonlat, "origins"), self.snap(destinations_lonlat, "destinations")
        if len(origins) != len(destinations):
            raise GeodataError(f"{len(origins)} origins meet {len(destinations)} destinations; expected as many.")
        tracer = _Tracer(self.search, origins, destinations)
        return [tracer.way(row) for row in range(len(origins))]

    def _empty(self, shape: tuple[int, int], folder: str | Path | None) -> tuple[Floats, Floats]:
        if folder is None:
            return np.empty(shape), np.empty(shape)
        from numpy.lib.format import open_memmap

        Path(folder).mkdir(parents=True, exist_ok=True)
        names = ("distance_m", "duration_s")
        distance_m, duration_s = (
            open_memmap(Path(folder) / f"{name}.npy", mode="w+", dtype=np.float64, shape=shape) for name in names
        )
        return distance_m, duration_s

    def _costs(self, origins: SnappedPoints, destinations: SnappedPoints) -> Iterator[tuple[slice, slice, Floats]]:
        """The matrix in parts: rows, columns, costs."""
        if len(origins) <= len(destinations):
            for begin, cost in self._from_each(origins, destinations, "from", np.inf):
                yield slice(begin, begin + len(cost)), slice(None), cost
        else:
            for begin, cost in self._from_each(destinations, origins, "to", np.inf):
                yield slice(None), slice(begin, begin + len(cost)), cost.T

    def _from_each(
        self, centres: SnappedPoints, others: SnappedPoints, side: Side, limit_s: float
    ) -> Iterator[tuple[int, Floats]]:
        """Costs between some centres and all others, chunk by chunk; side is that of the centres."""
        search = self.search
        opposite: Side = "to" if side == "from" else "from"
        starts, ends = search.gates(centres, side), search.gates(others, opposite)
        if side == "from":
            centre, other, along = search.direct(centres, others)
        else:
            other, centre, along = search.direct(others, centres)
            order = np.argsort(centre, kind="stable")
            other, centre, along = other[order], centre[order], along[order]
        bounds = [*range(0, len(centres), _CHUNK), len(centres)]

        def costs(span: tuple[int, int]) -> tuple[int, Floats]:
            at_nodes = search.run(starts, np.arange(*span), side, limit_s=limit_s)
            cost = search.arrive(at_nodes, ends)
            here = slice(*np.searchsorted(centre, span))
            np.minimum.at(cost, (centre[here] - span[0], other[here]), along[here])
            return span[0], cost

        yield from in_order(costs, list(pairwise(bounds)), self.threads)


class _Tracer:
    """Ways between pairs of points, one search each, no farther than needed."""

    def __init__(self, search: RoadSearch, origins: SnappedPoints, destinations: SnappedPoints) -> None:
        self.search, self.origins, self.destinations = search, origins, destinations
        self.starts, self.ends = search.gates(origins, "from"), search.gates(destinations, "to")
        i, j, along = search.direct(origins, destinations)
        self.along = dict(zip(i[i == j].tolist(), along[i == j].tolist(), strict=True))

    def way(self, row: int) -> Way:
        search, roads = self.search, self.search.roads
        last, before = self._tree(row)
        gate = int(np.argmin(last))
        best, along = max(0.0, float(last[gate])), self.along.get(row, np.inf)
        (duration_s,), (distance_m,) = search.units.parts(np.array([min(best, along)]))
        first, end = self.origins.snapped_lonlat[row], self.destinations.snapped_lonlat[row]
        if not np.isfinite(duration_s):
            return Way(np.empty((0, 2)), np.inf, np.inf)
        origin, destination = (side.edge[row] for side in (self.origins, self.destinations))
        if along <= best:
            pieces = [_between(roads, origin, self.origins.fraction[row], self.destinations.fraction[row])]
        else:
            nodes = [int(self.ends.node[row, gate])]
            while (node := int(before[0, nodes[-1]])) < roads.n_nodes:
                nodes.append(node)
            nodes.reverse()
            leaves = _to_end(roads, origin, self.origins.fraction[row], nodes[0])
            arrives = _to_end(roads, destination, self.destinations.fraction[row], nodes[-1])[::-1]
            pieces = [
                leaves,
                roads.node_lonlat[nodes[:1]],
                *(roads.edge_lonlat(self._edge(u, v)) for u, v in pairwise(nodes)),
                arrives,
            ]
        points = np.concatenate([first[np.newaxis], *pieces, end[np.newaxis]])
        moved = np.concatenate([[True], (np.diff(points, axis=0) != 0).any(axis=1)])
        return Way(points[moved], float(distance_m), float(duration_s))

    def _tree(self, row: int) -> tuple[Floats, Indices]:
        """Costs by the two gates of the destination, and the tree; searched ever farther until no other way can win."""
        search = self.search
        for limit_s in (*_REACHES_S, np.inf):
            cost, before = search.tree(self.starts, np.array([row]), limit_s=limit_s)
            last = cost[0, self.ends.node[row]] + self.ends.last[row]
            if last.min() <= search.units.most(limit_s):
                break
        return last, before

    def _edge(self, tail: int, head: int) -> int:
        """The best edge between two nodes."""
        roads = self.search.roads
        edges = np.arange(roads.offsets[tail], roads.offsets[tail + 1])
        edges = edges[roads.target[edges] == head]
        return int(edges[np.argmin(self.search.cost[edges])])


def _between(roads: RoadGraph, edge: int, begin: float, end: float) -> Floats:
    """Points of an edge between two positions on it."""
    points = roads.edge_lonlat(edge)
    share = _shares(points)
    low, high = min(begin, end), max(begin, end)
    inner = points[(share > low) & (share < high)]
    return inner if begin <= end else inner[::-1]


def _to_end(roads: RoadGraph, edge: int, position: float, node: int) -> Floats:
    """Points from a position on an edge to one of its ends, or none where the point is at that node."""
    if node == roads.target[edge] and (node != roads.source[edge] or position > 0.5):
        return _between(roads, edge, position, 1.0)
    return _between(roads, edge, position, 0.0)


def _shares(points: Floats) -> Floats:
    """Position of each point along a line, 0..1."""
    stretch = np.array([np.cos(np.radians(points[:, 1].mean())), 1.0])
    steps = np.linalg.norm(np.diff(points, axis=0) * stretch, axis=1)
    return np.concatenate([[0.0], np.cumsum(steps)]) / max(float(steps.sum()), 1e-300)


def in_order(work: Callable[[Any], T], spans: Sequence[Any], threads: int) -> Iterator[T]:
    """Results in order; at most a few wait to be taken."""
    if threads == 1:
        yield from map(work, spans)
        return
    with ThreadPoolExecutor(threads) as pool:
        waiting = [pool.submit(work, span) for span in spans[: 2 * threads]]
        for span in [*spans[2 * threads :], *[None] * len(waiting)]:
            if waiting:
                yield waiting.pop(0).result()
            if span is not None:
                waiting.append(pool.submit(work, span))
