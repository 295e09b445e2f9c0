"""Shortest ways on a road network by Dijkstra's algorithm, for many points at once.

Duration and length of a way travel in one number, a whole number of milliseconds times 2^25 plus one of decimetres:
below 2^53 sums of such numbers are exact. The fastest way is found, the shorter of two that are equally fast, and the
length needs no second look at the path.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from geodata.matrices.results import SnappedPoints
from geodata.roads import RoadGraph
from geodata.sphere import great_circle_pairs_m

Floats = NDArray[np.float64]
Indices = NDArray[np.integer[Any]]
Side = Literal["from", "to"]

_LENGTH_BITS: Final = 25
_AT_NODE_M: Final = 0.5
"""A point this near to the end of an edge is at the node."""


@dataclass(frozen=True)
class Cost:
    """Units of the two parts of a cost."""

    second: float
    metre: float

    @classmethod
    def over(cls, roads: RoadGraph) -> Cost:
        """Units that suit the extent of a network: ways of 74 h and 3,355 km, or ten times that."""
        west, south, east, north = roads.bounds
        wide = float(great_circle_pairs_m([(west, south)], [(east, north)])[0]) > 500_000
        return cls(100.0, 1.0) if wide else cls(1000.0, 10.0)

    def of(self, duration_s: Any, length_m: Any) -> Floats:
        """One number of both; ``inf`` where the duration is."""
        finite = np.isfinite(duration_s)
        whole = np.rint(np.where(finite, duration_s, 0.0) * self.second) * 2.0**_LENGTH_BITS
        return np.where(finite, whole + np.rint(np.where(finite, length_m, 0.0) * self.metre), np.inf)

    def most(self, limit_s: float) -> float:
        """The largest cost of a way that takes no longer."""
        return float(self.of(limit_s, 0.0)) + 2.0**_LENGTH_BITS - 1

    def parts(self, cost: Floats) -> tuple[Floats, Floats]:
        """Durations in seconds and lengths in metres."""
        finite = np.isfinite(cost)
        known = np.where(finite, cost, 0.0)
        ticks = np.floor(known * 2.0**-_LENGTH_BITS)
        length_m = (known - ticks * 2.0**_LENGTH_BITS) / self.metre
        return np.where(finite, ticks / self.second, np.inf), np.where(finite, length_m, np.inf)


@dataclass(frozen=True, eq=False)
class Gates:
    """How points leave their edge, or are reached on it: up to two nodes for each, and what it costs from or to there.

    ``cost`` is that of a search that begins here, where the delay of the node is to come; ``last`` that of one that
    ends here, where the delay of the node has been counted and applies only if it is passed.
    """

    node: Indices
    cost: Floats
    last: Floats


class RoadSearch:
    """Searches on one network; weights are made when it is made.

    Parameters
    ----------
    roads : RoadGraph
    """

    def __init__(self, roads: RoadGraph) -> None:
        self.roads, self.units = roads, Cost.over(roads)
        self.cost = self.units.of(roads.duration_s, roads.length_m)
        self.delay = self.units.of(roads.delay_s, 0.0)

    @cached_property
    def _ahead(self) -> tuple[Indices, Indices, Floats]:
        """Rows, columns and weights of a search along the edges; who arrives has to pass."""
        used = np.flatnonzero(self.roads.is_open)
        target = self.roads.target[used]
        return _rows(self.roads.source[used], target, self.cost[used] + self.delay[target], self.roads.n_nodes)

    @cached_property
    def _back(self) -> tuple[Indices, Indices, Floats]:
        """The same against the edges."""
        used = np.flatnonzero(self.roads.is_open)
        target = self.roads.source[used]
        return _rows(self.roads.target[used], target, self.cost[used] + self.delay[target], self.roads.n_nodes)

    def gates(self, points: SnappedPoints, side: Side) -> Gates:
        """Where ways from or to points begin or end."""
        roads, placed = self.roads, points.edge >= 0
        edge = np.where(placed, points.edge, 0)
        along, against = roads.duration_s[edge], self._twin_s(edge)
        ends = np.column_stack([roads.target[edge], roads.source[edge]])
        share = np.column_stack([1 - points.fraction, points.fraction])
        length_m = share * roads.length_m[edge][:, np.newaxis]
        duration_s = np.column_stack([along, against] if side == "from" else [against, along])
        last = self.units.of(_times(duration_s, share), length_m)
        delay = self.delay[ends]
        cost = last + delay
        for gate in (1, 0):
            at_node = length_m[:, gate] < _AT_NODE_M
            cost[at_node] = last[at_node] = np.inf
            cost[at_node, gate], last[at_node, gate] = 0.0, -delay[at_node, gate]
        cost[~placed] = last[~placed] = np.inf
        return Gates(ends, cost, last)

    def run(self, starts: Gates, rows: Indices, side: Side, *, limit_s: float = np.inf) -> Floats:
        """Cost of the best way between some points and every node, shape (rows, nodes)."""
        return self._dijkstra(starts, rows, side, limit_s, with_tree=False)[0]

    def tree(self, starts: Gates, rows: Indices, *, limit_s: float = np.inf) -> tuple[Floats, Indices]:
        """The same from points, and the node before each on the way; a point's own number is past the nodes'."""
        return self._dijkstra(starts, rows, "from", limit_s, with_tree=True)

    def _dijkstra(
        self, starts: Gates, rows: Indices, side: Side, limit_s: float, *, with_tree: bool
    ) -> tuple[Floats, Indices]:
        from scipy.sparse import csr_array
        from scipy.sparse.csgraph import dijkstra

        offsets, columns, weights = self._ahead if side == "from" else self._back
        n, count = self.roads.n_nodes, len(rows)
        # Each point becomes a node after all others, with edges to its gates.
        used = np.isfinite(starts.cost[rows])
        offsets = np.concatenate([offsets, offsets[-1] + np.cumsum(used.sum(axis=1))])
        columns = np.concatenate([columns, starts.node[rows][used]])
        weights = np.concatenate([weights, starts.cost[rows][used]])
        graph = csr_array((weights, columns.astype(np.int32), offsets.astype(np.int32)), shape=(n + count, n + count))
        limit = self.units.most(limit_s)
        found = dijkstra(graph, indices=n + np.arange(count), limit=limit, return_predecessors=with_tree)
        cost, before = found if with_tree else (found, np.empty((count, 0), dtype=np.int32))
        return cost[:, :n], before

    def arrive(self, at_nodes: Floats, ends: Gates) -> Floats:
        """Cost of the best way to points, from that to every node, shape (rows, points)."""
        best = at_nodes[:, ends.node[:, 0]] + ends.last[:, 0]
        np.minimum(best, at_nodes[:, ends.node[:, 1]] + ends.last[:, 1], out=best)
        # Who is at a node already passes nothing.
        return np.maximum(best, 0.0, out=best)

    def direct(self, origins: SnappedPoints, destinations: SnappedPoints) -> tuple[Indices, Indices, Floats]:
        """Pairs on one edge with the cost of the way along it; ordered by origin."""
        roads = self.roads
        order = np.argsort(destinations.edge, kind="stable")
        edges = destinations.edge[order]
        first, last = (np.searchsorted(edges, origins.edge, side=side) for side in ("left", "right"))
        counts = np.where(origins.edge >= 0, last - first, 0)
        i = np.repeat(np.arange(len(origins)), counts)
        j = order[np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts - first, counts)]
        edge = origins.edge[i]
        ahead = destinations.fraction[j] - origins.fraction[i]
        duration_s = np.where(ahead >= 0, roads.duration_s[edge], self._twin_s(edge))
        share = np.abs(ahead)
        return i, j, self.units.of(_times(duration_s, share), roads.length_m[edge] * share)

    def _twin_s(self, edge: Indices) -> Floats:
        twin = self.roads.twin[edge]
        return np.where(twin < 0, np.inf, self.roads.duration_s[twin])


def _times(duration_s: Floats, share: Floats) -> Floats:
    """A part of durations; no part of a closed road can be driven."""
    return np.where(np.isfinite(duration_s), np.where(np.isfinite(duration_s), duration_s, 0.0) * share, np.inf)


def _rows(tail: Indices, head: Indices, weight: Floats, n: int) -> tuple[Indices, Indices, Floats]:
    order = np.argsort(tail, kind="stable")
    offsets = np.concatenate([[0], np.cumsum(np.bincount(tail, minlength=n))])
    return offsets, head[order], weight[order]
