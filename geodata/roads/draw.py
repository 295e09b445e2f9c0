"""Roads as a map of them needs them: the important ones first, simplified to what can be seen."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from geodata.errors import GeodataError
from geodata.roads.graph import CLASSES, RoadGraph

if TYPE_CHECKING:
    import geopandas as gpd

Bounds = tuple[float, float, float, float]

RANKS: Final = (
    ("motorway", "motorway_link", "trunk", "trunk_link"),
    ("primary", "primary_link"),
    ("secondary", "secondary_link"),
    ("tertiary", "tertiary_link"),
    ("unclassified", "road", "residential", "living_street"),
    ("service", "track"),
)
"""Classes of roads that a map shows, the most important first."""

MOST_POINTS: Final = 12_000
"""Points of a map: some 130 kB as paths of SVG."""


def roads_for_map(
    roads: RoadGraph, bounds: Bounds | None = None, *, pixels: int = 640, most_points: int = MOST_POINTS
) -> gpd.GeoDataFrame:
    """The roads of a map, as many ranks of them as fit.

    Parameters
    ----------
    roads : RoadGraph
    bounds : tuple of float, optional
        lon_min, lat_min, lon_max, lat_max, in degrees; the whole network where left out.
    pixels : int
        Breadth of the map: what is smaller than half of one is left out.
    most_points : int
        Ranks are added while all lines together have no more points; the first one is always there.

    Returns
    -------
    GeoDataFrame
        One row per rank that has roads here, in EPSG:4326: rank (0 for motorways and trunk roads), highway (its first
        class), geometry (lines).

    Raises
    ------
    GeodataError
        If the bounds are empty.
    """
    import geopandas as gpd
    import shapely

    west, south, east, north = bounds or roads.bounds
    if not (west < east and south < north):
        raise GeodataError(f"bounds is {bounds}; expected lon_min < lon_max and lat_min < lat_max.")
    stretch = math.cos(math.radians((south + north) / 2))
    pixel = max((east - west) * stretch, north - south) / pixels
    rows: list[dict[str, Any]] = []
    total = 0
    for rank, classes in enumerate(RANKS):
        lines = _lines(roads, classes, (west, south, east, north), pixel / 2, stretch)
        total += shapely.count_coordinates(lines)
        if rows and total > most_points:
            break
        if not lines.is_empty:
            rows.append({"rank": rank, "highway": classes[0], "geometry": lines})
    return gpd.GeoDataFrame(rows, columns=["rank", "highway", "geometry"], geometry="geometry", crs="EPSG:4326")


def _lines(roads: RoadGraph, classes: tuple[str, ...], bounds: Bounds, tolerance: float, stretch: float) -> Any:
    """Roads of some classes within the bounds, joined and simplified."""
    import shapely

    wanted = np.isin(roads.road_class, [CLASSES.index(name) for name in classes])
    edges = np.flatnonzero(wanted & ((roads.twin < 0) | (np.arange(roads.n_edges) < roads.twin)))
    if not len(edges):
        return shapely.MultiLineString()
    points, line = roads.lines(edges)
    # Degrees of longitude as long as those of latitude, so that a tolerance is one in every direction.
    lines = shapely.linestrings(points * [stretch, 1.0], indices=line)
    west, south, east, north = bounds
    view = shapely.box(west * stretch, south, east * stretch, north)
    inside = lines[shapely.intersects(lines, view)]
    joined = shapely.line_merge(shapely.multilinestrings(inside))
    seen = shapely.simplify(shapely.intersection(joined, view), tolerance)
    parts = shapely.get_parts(seen)
    kept = parts[shapely.length(parts) >= tolerance]
    return shapely.transform(shapely.multilinestrings(kept), lambda xy: xy / [stretch, 1.0])
