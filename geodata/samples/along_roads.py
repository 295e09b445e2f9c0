"""Addresses beside the roads of a network: demand for networks that have no places."""

from __future__ import annotations

from typing import Final

import numpy as np

from geodata.errors import GeodataError
from geodata.roads import CLASSES, RoadGraph
from geodata.samples.points import SamplePoints
from geodata.samples.synthetic import check_count
from geodata.sphere import EARTH_RADIUS_M

_WITHOUT_DOORS: Final = ("motorway", "motorway_link", "trunk", "trunk_link", "ferry")


def along_roads(roads: RoadGraph, n: int, *, seed: int, aside_m: float = 15.0) -> SamplePoints:
    """Points beside the roads of the largest component, in proportion to their length, on both sides.

    Parameters
    ----------
    roads : RoadGraph
        The network; motorways, trunk roads and ferries have no addresses.
    n : int
        Number of points, at least 1.
    seed : int
        The same seed gives the same bytes with the same NumPy and Shapely.
    aside_m : float
        Distance from the middle of the road, in metres, >= 0.

    Returns
    -------
    SamplePoints
        Weights are 1; origin is the edge.

    Raises
    ------
    GeodataError
        If n is below 1, aside_m negative, or no road has addresses.
    """
    import shapely

    check_count("n", n)
    if not 0 <= aside_m < np.inf:
        raise GeodataError(f"aside_m is {aside_m}; expected a number >= 0, in metres.")
    main = roads.component == 0
    doors = ~np.isin(roads.road_class, [CLASSES.index(name) for name in _WITHOUT_DOORS])
    doors &= main[roads.source] & main[roads.target] & roads.is_open
    edges = np.flatnonzero(doors & ((roads.twin < 0) | (np.arange(roads.n_edges) < roads.twin)))
    if not len(edges) or not roads.length_m[edges].sum():
        raise GeodataError(f"roads has {roads.n_edges} edges; expected roads with addresses among them.")
    rng = np.random.default_rng(seed)
    chosen = rng.choice(edges, n, p=roads.length_m[edges] / roads.length_m[edges].sum())
    share, side = rng.uniform(0.0, 1.0, n), rng.choice([-1.0, 1.0], n)
    points, line = roads.lines(chosen)
    # Degrees of longitude become as long as those of latitude, so that a right angle is one.
    stretch = np.array([np.cos(np.radians(points[:, 1].mean())), 1.0])
    lines = shapely.linestrings(points * stretch, indices=line)
    here, there = (
        shapely.get_coordinates(shapely.line_interpolate_point(lines, at, normalized=True))
        for at in (share * 0.999, share * 0.999 + 0.001)
    )
    ahead = there - here
    across = np.column_stack([-ahead[:, 1], ahead[:, 0]]) / np.maximum(np.linalg.norm(ahead, axis=1), 1e-300)[:, None]
    aside = side[:, None] * across * np.degrees(aside_m / EARTH_RADIUS_M)
    return SamplePoints((here + aside) / stretch, np.ones(n), chosen.astype(np.int32))
