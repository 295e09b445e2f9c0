"""TSPLIB: the cities of a travelling salesman as customers and sites."""

from __future__ import annotations

from typing import Any

import numpy as np

from netdesign.errors import InputError
from netdesign.io.edge_weights import HEADERS, SECTIONS, read_matrix
from netdesign.io.keywords import ROUNDING_OF, EdgeWeights, take_apart
from netdesign.location import CostMatrix, LocationProblem, PlanarCosts
from netdesign.location.models import Model

_TYPES = ("TSP", "ATSP")


def parse(
    text: str, *, model: Model = "p-median", rounding: EdgeWeights | None = None, **fields: Any
) -> LocationProblem:
    """A problem over the nodes of a text, each of them customer and site; ids are node numbers.

    Parameters
    ----------
    text
        A TSPLIB instance with coordinates or a matrix.
    model, **fields
        See :class:`netdesign.location.LocationProblem`.
    rounding
        Of the distances; what EDGE_WEIGHT_TYPE says where left out (EUC_2D: nearest). Published p-median
        values count ``floor``, whatever the header says.

    Raises
    ------
    InputError
        If the text breaks the format.

    References
    ----------
    Reinelt, "TSPLIB 95", 1995.
    """
    document = take_apart(text, headers=("NAME", "COMMENT", "TYPE", "DIMENSION", *HEADERS), sections=SECTIONS)
    document.one_of("TYPE", _TYPES, default="TSP")
    nodes = document.count("DIMENSION")
    kind = document.one_of("EDGE_WEIGHT_TYPE", (*ROUNDING_OF, "EXPLICIT"))
    if kind == "EXPLICIT":
        if rounding not in (None, "none"):
            raise InputError("rounding", rounding, "none", where="EDGE_WEIGHT_TYPE EXPLICIT")
        costs: CostMatrix | PlanarCosts = CostMatrix(read_matrix(document, nodes))
    else:
        xy, numbers = document.node_rows("NODE_COORD_SECTION", nodes, ("x", "y"))
        if not np.isfinite(xy).all():
            bad = int(np.flatnonzero(~np.isfinite(numbers.values))[0])
            raise numbers.refuse(bad, "a coordinate", "a finite number")
        costs = PlanarCosts(xy, xy, rounding=rounding or ROUNDING_OF[kind])
    ids = tuple(range(1, nodes + 1))
    return LocationProblem(costs=costs, model=model, customer_ids=ids, site_ids=ids, **fields)
