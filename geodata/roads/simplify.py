"""Chains of edges without a junction become one edge with a shape."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from geodata.roads.graph import RoadGraph

Indices = NDArray[np.integer[Any]]


def simplified(roads: RoadGraph) -> RoadGraph:
    """The same network without the nodes where nothing is decided.

    A node goes where two edges of one class and name meet head to tail, one after the other or both ways; their
    lengths, times and the node's delay add up, and its position becomes a point of the shape. Paths between the
    nodes that stay keep their lengths and times. O(edges), but for a loop over the longest chain.

    Parameters
    ----------
    roads : RoadGraph

    Returns
    -------
    RoadGraph
    """
    follower, passed = _followers(roads)
    _break_rings(roads, follower, passed)
    begins = np.flatnonzero(~passed[roads.source])
    chain, edge, last = _walk(begins, follower, passed[roads.target])
    head_delay = np.where(passed[roads.target[edge]], roads.delay_s[roads.target[edge]], 0.0)
    count = len(begins)
    place = np.full(roads.n_edges + 1, -1, dtype=np.int64)
    place[begins] = np.arange(count)
    kept = np.flatnonzero(~passed)
    number = np.full(roads.n_nodes, -1, dtype=np.int64)
    number[kept] = np.arange(len(kept))
    return RoadGraph.from_edges(
        roads.node_lonlat[kept],
        number[roads.source[begins]],
        number[roads.target[last]],
        np.bincount(chain, roads.duration_s[edge] + head_delay, minlength=count),
        length_m=np.bincount(chain, roads.length_m[edge], minlength=count),
        delay_s=roads.delay_s[kept],
        road_class=roads.road_class[begins],
        name=roads.name[begins],
        # The way back begins with the twin of the chain's last edge.
        twin=place[roads.twin[last]],
        shapes=_shapes(roads, chain, edge, passed, count),
        names=roads.names,
        about=roads.about,
    )


def _followers(roads: RoadGraph) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """The edge that goes on where each edge ends, else -1, and which nodes are only passed."""
    n, m = roads.n_nodes, roads.n_edges
    leaving = np.diff(roads.offsets)
    arriving = np.bincount(roads.target, minlength=n)
    follower = np.full(m, -1, dtype=np.int64)
    at = roads.target
    for ways in (1, 2):
        edges = np.flatnonzero((leaving[at] == ways) & (arriving[at] == ways))
        if ways == 1:
            follower[edges] = roads.offsets[at[edges]]
        else:
            # Of the two edges that leave, the one that does not lead back.
            first = roads.offsets[at[edges]]
            back = roads.twin[edges]
            follower[edges] = np.where(back == first, first + 1, np.where(back == first + 1, first, -1))
    edges = np.flatnonzero(follower >= 0)
    after = follower[edges]
    alike = (roads.road_class[edges] == roads.road_class[after]) & (roads.name[edges] == roads.name[after])
    alike &= roads.is_open[edges] == roads.is_open[after]
    # Neither a turn on the spot nor a loop: the nodes before, at and after differ, and so do directions of traffic.
    alike &= (roads.source[edges] != roads.target[after]) & (roads.source[edges] != at[edges])
    alike &= (roads.twin[edges] >= 0) == (roads.twin[after] >= 0)
    follower[edges[~alike]] = -1
    # A node is passed where every edge that arrives goes on.
    passed = (arriving > 0) & (np.bincount(at[follower >= 0], minlength=n) == arriving)
    follower[~passed[at]] = -1
    return follower, passed


def _break_rings(roads: RoadGraph, follower: NDArray[np.int64], passed: NDArray[np.bool_]) -> None:
    """A ring that nothing joins keeps one of its nodes."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    joined = passed[roads.source] | passed[roads.target]
    ends = (roads.source[joined], roads.target[joined])
    links = csr_array((np.ones(joined.sum(), dtype=np.int8), ends), shape=(roads.n_nodes, roads.n_nodes))
    count, label = connected_components(links, directed=False)
    has_end = np.zeros(count, dtype=bool)
    has_end[label[~passed]] = True
    in_ring = np.flatnonzero(~has_end[label])
    _, first = np.unique(label[in_ring], return_index=True)
    passed[in_ring[first]] = False
    follower[~passed[roads.target]] = -1


def _walk(begins: Indices, follower: Indices, goes_on: NDArray[np.bool_]) -> tuple[Indices, Indices, Indices]:
    """All chains step by step at once: chain and edge of every step, in order, and the last edge of each chain."""
    current: Indices = begins.astype(np.int64)
    active = np.arange(len(begins))
    last = current.copy()
    chains, edges = [active], [current]
    while True:
        more = goes_on[current]
        active, current = active[more], follower[current[more]]
        if not len(active):
            break
        last[active] = current
        chains.append(active)
        edges.append(current)
    chain, edge = np.concatenate(chains), np.concatenate(edges)
    order = np.argsort(chain, kind="stable")
    return chain[order], edge[order], last


def _shapes(
    roads: RoadGraph, chain: Indices, edge: Indices, passed: NDArray[np.bool_], count: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Points of every chain: those of its edges, and the nodes between them."""
    inner = passed[roads.target[edge]]
    own = np.diff(roads.shape_offsets)[edge]
    sizes = own + inner
    ends = np.cumsum(sizes)
    points = np.empty((int(ends[-1]) if len(ends) else 0, 2))
    index = np.arange(own.sum()) - np.repeat(np.cumsum(own) - own - roads.shape_offsets[edge], own)
    is_node = np.zeros(len(points), dtype=bool)
    is_node[ends[inner] - 1] = True
    points[~is_node] = roads.shape_lonlat[index]
    points[is_node] = roads.node_lonlat[roads.target[edge[inner]]]
    offsets = np.concatenate([[0], np.cumsum(np.bincount(chain, sizes, minlength=count))]).astype(np.int64)
    return offsets, points
