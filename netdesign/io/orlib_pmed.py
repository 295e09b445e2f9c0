"""OR-Library's p-median graphs: ``nodes edges p``, then one edge ``a b length`` per line."""

from __future__ import annotations

from typing import Any

import numpy as np

from netdesign.errors import InputError
from netdesign.io.numbers import Floats, Numbers
from netdesign.location import CostMatrix, LocationProblem
from netdesign.location.models import WITH_P, Model

MOST_NODES = 10_000
"""All-pairs shortest paths fill a matrix: above this it would not fit."""


def parse(text: str, *, model: Model = "p-median", p: int | None = None, **fields: Any) -> LocationProblem:
    """A problem over the nodes of a graph, costs being shortest paths; ids are node numbers.

    Parameters
    ----------
    text
        An OR-Library pmed instance. Of edges between the same nodes the last one counts, in either direction.
    model, **fields
        See :class:`netdesign.location.LocationProblem`.
    p
        Number of open sites, for the models that have one; the file's where left out.

    Raises
    ------
    InputError
        If the text breaks the format.

    References
    ----------
    Beasley, "A note on solving large p-median problems", EJOR 21 (1985).
    """
    numbers = Numbers(text)
    nodes, edges = numbers.take_count("the number of nodes"), numbers.take_count("the number of edges", least=0)
    sites = numbers.take_count("p")
    if nodes > MOST_NODES:
        raise numbers.refuse(
            0,
            "the number of nodes",
            f"at most {MOST_NODES:,}",
            "Shortest paths between all of them would not fit in memory.",
        )
    rows = numbers.take(3 * edges, "the list of edges").reshape(edges, 3)
    numbers.finish("the list of edges")
    for column in (0, 1):
        valid = (rows[:, column] >= 1) & (rows[:, column] <= nodes) & (rows[:, column] == np.floor(rows[:, column]))
        numbers.require(valid, 3 + column, 3, lambda _: "a node of an edge", f"a whole number from 1 to {nodes}")
    numbers.require(rows[:, 2] >= 0, 5, 3, lambda _: "the length of an edge", ">= 0")
    ids = tuple(range(1, nodes + 1))
    if p is not None and p < 1:
        raise InputError("p", p, "an integer >= 1")
    return LocationProblem(
        costs=CostMatrix(_shortest_paths(nodes, rows)),
        model=model,
        p=sites if p is None and model in WITH_P else p,
        customer_ids=ids,
        site_ids=ids,
        **fields,
    )


def _shortest_paths(nodes: int, rows: Floats) -> Floats:
    """Shape (nodes, nodes), ``inf`` between nodes without a path."""
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import dijkstra

    ends = np.sort(rows[:, :2].astype(np.int64) - 1, axis=1)
    _, last = np.unique((ends[:, 0] * nodes + ends[:, 1])[::-1], return_index=True)
    kept = len(rows) - 1 - last
    (a, b), length = ends[kept].T, rows[kept, 2]
    graph = csr_matrix((np.r_[length, length], (np.r_[a, b], np.r_[b, a])), (nodes, nodes))
    distances: Floats = dijkstra(graph)
    return distances
