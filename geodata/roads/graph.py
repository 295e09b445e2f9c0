"""A road network for one kind of vehicle, frozen as arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from hashlib import sha256
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geodata.errors import GeodataError
from geodata.sphere import as_lonlat, great_circle_pairs_m

Floats = NDArray[np.float64]
Indices = NDArray[np.integer[Any]]

CLASSES: Final = (
    *("motorway", "motorway_link", "trunk", "trunk_link", "primary", "primary_link", "secondary", "secondary_link"),
    *("tertiary", "tertiary_link", "unclassified", "road", "residential", "living_street", "service", "track"),
    *("cycleway", "path", "ferry"),
)
"""Classes of roads, as OpenStreetMap's ``highway`` names them; `RoadGraph.road_class` counts in this order."""

_SAME_M: Final = 1e-3

ATTRIBUTION: Final = "© OpenStreetMap contributors, ODbL"


@dataclass(frozen=True, eq=False, repr=False)
class RoadGraph:
    """Nodes and directed edges in compressed rows: the edges that leave node i are ``offsets[i]:offsets[i + 1]``.

    Arrays are read-only. A road for both directions is two edges, each the other's twin.

    Attributes
    ----------
    node_lonlat : ndarray of float64, shape (n, 2)
        Longitude and latitude, in degrees.
    offsets : ndarray of int64, shape (n + 1,)
        Where the edges of each node begin.
    target : ndarray of int32, shape (m,)
        Node where an edge ends.
    length_m : ndarray of float64, shape (m,)
        Length along the road, in metres.
    duration_s : ndarray of float64, shape (m,)
        Travel time along the road, in seconds, without the delay where it ends; ``inf`` closes the edge.
    delay_s : ndarray of float64, shape (n,)
        What passing a node costs: time lost at a junction or signal by everyone who arrives there and drives on.
    road_class : ndarray of uint8, shape (m,)
        Position in `CLASSES`.
    name : ndarray of int32, shape (m,)
        Position in `names`.
    twin : ndarray of int32, shape (m,)
        The edge of the same road in the other direction, -1 for a one-way road.
    shape_offsets : ndarray of int64, shape (m + 1,)
        Where the points of each edge begin.
    shape_lonlat : ndarray of float64, shape (k, 2)
        Points between the two ends of edges, in degrees.
    names : tuple of str
        Names of roads; the first is "".
    about : mapping of str to str, float or bool
        Where the network comes from: everything that its numbers depend on.
    """

    node_lonlat: Floats
    offsets: NDArray[np.int64]
    target: NDArray[np.int32]
    length_m: Floats
    duration_s: Floats
    delay_s: Floats
    road_class: NDArray[np.uint8]
    name: NDArray[np.int32]
    twin: NDArray[np.int32]
    shape_offsets: NDArray[np.int64]
    shape_lonlat: Floats
    names: tuple[str, ...] = ("",)
    about: Mapping[str, str | float | bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        n, m = len(self.node_lonlat), len(self.target)
        shapes = {"offsets": n + 1, "delay_s": n, "shape_offsets": m + 1}
        for item in fields(self):
            value = getattr(self, item.name)
            if not isinstance(value, np.ndarray):
                continue
            expected = (-1, 2) if item.name.endswith("lonlat") else (shapes.get(item.name, m),)
            if value.shape[1:] != expected[1:] or expected[0] not in (-1, len(value)):
                raise GeodataError(f"{item.name} has shape {value.shape}; expected {expected} as for {m} edges.")
            value.setflags(write=False)
        _check_numbers({name: getattr(self, name) for name in ("length_m", "duration_s", "delay_s")})

    def __repr__(self) -> str:
        return f"RoadGraph({self.n_nodes} nodes, {self.n_edges} edges)"

    @property
    def n_nodes(self) -> int:
        """Number of nodes."""
        return len(self.node_lonlat)

    @property
    def n_edges(self) -> int:
        """Number of directed edges."""
        return len(self.target)

    @cached_property
    def source(self) -> NDArray[np.int32]:
        """Node where each edge begins, shape (m,)."""
        return np.repeat(np.arange(self.n_nodes, dtype=np.int32), np.diff(self.offsets))

    @cached_property
    def is_open(self) -> NDArray[np.bool_]:
        """Whether each edge can be driven, shape (m,)."""
        return np.isfinite(self.duration_s)

    @cached_property
    def component(self) -> NDArray[np.int32]:
        """Strongly connected component of each node, shape (n,), the largest first; closed edges connect nothing."""
        from scipy.sparse import csr_array
        from scipy.sparse.csgraph import connected_components

        ends = (self.source[self.is_open], self.target[self.is_open])
        links = csr_array((np.ones(len(ends[0]), dtype=np.int8), ends), shape=(self.n_nodes, self.n_nodes))
        count, label = connected_components(links, directed=True, connection="strong")
        rank = np.empty(count, dtype=np.int32)
        rank[np.argsort(-np.bincount(label, minlength=count), kind="stable")] = np.arange(count, dtype=np.int32)
        return np.asarray(rank[label])

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """lon_min, lat_min, lon_max, lat_max, in degrees."""
        (west, south), (east, north) = self.node_lonlat.min(axis=0), self.node_lonlat.max(axis=0)
        return float(west), float(south), float(east), float(north)

    @classmethod
    def from_edges(
        cls,
        node_lonlat: ArrayLike,
        source: ArrayLike,
        target: ArrayLike,
        duration_s: ArrayLike,
        *,
        length_m: ArrayLike | None = None,
        delay_s: ArrayLike | None = None,
        road_class: ArrayLike | None = None,
        name: ArrayLike | None = None,
        twin: ArrayLike | None = None,
        shapes: tuple[ArrayLike, ArrayLike] | None = None,
        names: tuple[str, ...] = ("",),
        about: Mapping[str, str | float | bool] | None = None,
    ) -> RoadGraph:
        """A network from edges in any order.

        Parameters
        ----------
        node_lonlat : array_like, shape (n, 2)
            Longitude and latitude, in degrees.
        source, target : array_like of int, shape (m,)
            Nodes where the edges begin and end.
        duration_s : array_like, shape (m,)
            Travel times, in seconds.
        length_m : array_like, shape (m,), optional
            Lengths in metres; great-circle distances between the ends where left out.
        delay_s, road_class, name, names, about
            As the attributes; no delays, unclassified roads without names where left out.
        twin : array_like of int, shape (m,), optional
            As the attribute, in the order given; where left out, edges of opposite ends and equal length.
        shapes : tuple of array_like, optional
            Offsets (m + 1) into points (k, 2) between the ends of each edge; straight where left out.

        Returns
        -------
        RoadGraph

        Raises
        ------
        GeodataError
            If arrays do not fit together, an edge ends nowhere, or a number is negative or missing.
        """
        points = as_lonlat(node_lonlat, "node_lonlat")
        start, end = _nodes("source", source, len(points)), _nodes("target", target, len(points))
        m = len(start)
        if len(end) != m:
            raise GeodataError(f"target has {len(end)} entries; expected {m}, as many as source.")
        lengths = (
            great_circle_pairs_m(points[start], points[end]) if length_m is None else np.asarray(length_m, np.float64)
        )
        durations = np.asarray(duration_s, dtype=np.float64)
        # Here the caller's own positions are known.
        _check_numbers({"length_m": lengths, "duration_s": durations})
        order = np.argsort(start, kind="stable")
        place = np.empty(m + 1, dtype=np.int32)
        place[order], place[-1] = np.arange(m, dtype=np.int32), -1
        given = _opposites(start, end, lengths) if twin is None else np.asarray(twin, dtype=np.int64)
        ragged = shapes or (np.zeros(m + 1), np.empty((0, 2)))
        shape_offsets, shape_lonlat = _taken(ragged[0], ragged[1], order)
        unclassified = np.full(m, CLASSES.index("unclassified"))
        return cls(
            node_lonlat=points.copy(),
            offsets=np.concatenate([[0], np.cumsum(np.bincount(start, minlength=len(points)))]).astype(np.int64),
            target=end[order].astype(np.int32),
            length_m=lengths[order],
            duration_s=durations[order],
            delay_s=np.zeros(len(points)) if delay_s is None else np.array(delay_s, dtype=np.float64),
            road_class=np.asarray(unclassified if road_class is None else road_class, dtype=np.uint8)[order],
            name=np.asarray(np.zeros(m) if name is None else name, dtype=np.int32)[order],
            twin=place[given[order]],
            shape_offsets=shape_offsets,
            shape_lonlat=shape_lonlat,
            names=names,
            about=dict(about or {}),
        )

    def with_durations(self, duration_s: ArrayLike) -> RoadGraph:
        """The same roads with other travel times, shape (m,), in seconds; ``inf`` closes an edge. Nothing is built.

        ``about`` gets the hash of the times as ``durations_sha256``.
        """
        durations = np.array(duration_s, dtype=np.float64)
        changed = {"durations_sha256": sha256(durations.tobytes()).hexdigest()}
        return replace(self, duration_s=durations, about={**self.about, **changed})

    def closed(self, edges: ArrayLike) -> RoadGraph:
        """The same roads with some edges closed in both directions.

        Parameters
        ----------
        edges : array_like of int
            Edges, for example ``roads.edges_named("Magere Brug")``; their twins are closed with them.
        """
        duration_s = self.duration_s.copy()
        which = np.asarray(edges, dtype=np.int64)
        duration_s[which] = np.inf
        duration_s[self.twin[which][self.twin[which] >= 0]] = np.inf
        return self.with_durations(duration_s)

    def edges_named(self, name: str) -> NDArray[np.int64]:
        """Edges of the roads of this name.

        Raises
        ------
        GeodataError
            If no road has it, with names of nearly the same spelling.
        """
        if name not in self.names:
            from difflib import get_close_matches

            near = get_close_matches(name, self.names, n=3)
            advice = f" Did you mean {' or '.join(map(repr, near))}?" if near else ""
            raise GeodataError(f"name is {name!r}; expected the name of a road in this network.{advice}")
        return np.flatnonzero(self.name == self.names.index(name))

    def edge_lonlat(self, edge: int) -> Floats:
        """Points along an edge from end to end, shape (p, 2)."""
        return self.lines(np.array([edge]))[0]

    def lines(self, edges: Indices) -> tuple[Floats, NDArray[np.int64]]:
        """Points along several edges, shape (p, 2), and for each point the position of its edge among them."""
        offsets, between = _taken(self.shape_offsets, self.shape_lonlat, edges)
        counts = np.diff(offsets) + 2
        begins = np.cumsum(counts) - counts
        points = np.empty((int(counts.sum()), 2))
        is_end = np.zeros(len(points), dtype=bool)
        is_end[begins] = is_end[begins + counts - 1] = True
        points[begins] = self.node_lonlat[self.source[edges]]
        points[begins + counts - 1] = self.node_lonlat[self.target[edges]]
        points[~is_end] = between
        return points, np.repeat(np.arange(len(edges)), counts)

    def part(self, nodes: ArrayLike) -> RoadGraph:
        """The network over some of its nodes.

        Parameters
        ----------
        nodes : array_like of bool, shape (n,)
            Nodes to keep; edges stay where both ends do.
        """
        kept = np.asarray(nodes, dtype=bool)
        edges = np.flatnonzero(kept[self.source] & kept[self.target])
        number = np.cumsum(kept) - 1
        place = np.full(self.n_edges + 1, -1, dtype=np.int64)
        place[edges] = np.arange(len(edges))
        return RoadGraph.from_edges(
            self.node_lonlat[kept],
            number[self.source[edges]],
            number[self.target[edges]],
            self.duration_s[edges],
            length_m=self.length_m[edges],
            delay_s=self.delay_s[kept],
            road_class=self.road_class[edges],
            name=self.name[edges],
            twin=place[self.twin[edges]],
            shapes=_taken(self.shape_offsets, self.shape_lonlat, edges),
            names=self.names,
            about=self.about,
        )

    def largest_component(self) -> RoadGraph:
        """The network over its largest strongly connected component, where everybody reaches everybody."""
        return self.part(self.component == 0)


def _opposites(source: Indices, target: Indices, length_m: Floats) -> NDArray[np.int64]:
    """For every edge the one of opposite ends and equal length, else -1; parallel edges pair up in order of length."""
    n = int(max(source.max(initial=0), target.max(initial=0))) + 1
    key, opposite = source.astype(np.int64) * n + target, target.astype(np.int64) * n + source
    order = np.lexsort((length_m, key))
    first = np.searchsorted(key[order], key)
    rank = np.empty(len(key), dtype=np.int64)
    rank[order] = np.arange(len(key)) - first[order]
    at = np.minimum(np.searchsorted(key[order], opposite) + rank, len(key) - 1)
    twin = order[at]
    paired = (key[twin] == opposite) & (rank[twin] == rank) & (source != target)
    return np.where(paired & (np.abs(length_m[twin] - length_m) < _SAME_M), twin, -1)


def _taken(offsets: ArrayLike, points: ArrayLike, rows: Indices) -> tuple[NDArray[np.int64], Floats]:
    """Some rows of a ragged array, in their order."""
    begins, values = np.asarray(offsets, dtype=np.int64), np.asarray(points, dtype=np.float64)
    counts = np.diff(begins)[rows]
    taken = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    index = np.arange(taken[-1]) - np.repeat(taken[:-1] - begins[:-1][rows], counts)
    return taken, values[index]


def _nodes(name: str, values: ArrayLike, n: int) -> NDArray[np.int64]:
    array = np.asarray(values, dtype=np.int64)
    wrong = np.flatnonzero((array < 0) | (array >= n))
    if wrong.size:
        raise GeodataError(f"{name}[{wrong[0]}] is {array[wrong[0]]}; expected a node, 0..{n - 1}.")
    return array


def _check_numbers(arrays: Mapping[str, Floats]) -> None:
    for name, values in arrays.items():
        wrong = np.flatnonzero(~(values >= 0) | (np.isinf(values) & (name != "duration_s")))
        if wrong.size:
            advice = " Use math.inf for a closed edge." if name == "duration_s" else ""
            raise GeodataError(f"{name}[{wrong[0]}] is {values[wrong[0]]:g}; expected a number >= 0.{advice}")
