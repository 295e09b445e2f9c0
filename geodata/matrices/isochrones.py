"""How far one gets: areas around the roads that are reached in time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geodata.errors import GeodataError
from geodata.matrices.results import SnappedPoints
from geodata.matrices.road_engine import RoadEngine
from geodata.sphere import EARTH_RADIUS_M

if TYPE_CHECKING:
    import geopandas as gpd

Floats = NDArray[np.float64]
Pieces = tuple[NDArray[np.integer[Any]], Floats, Floats]

_DEGREE_M: Final = EARTH_RADIUS_M * np.pi / 180
_CORNERS: Final = 4
"""Points per quarter of a circle."""


def isochrones(
    engine: RoadEngine,
    sites_lonlat: ArrayLike,
    limits_s: Sequence[float],
    *,
    aside_m: float = 100.0,
    site_labels: Sequence[str] | None = None,
) -> gpd.GeoDataFrame:
    """The area within reach of every site, for several times.

    Every piece of road that is reached in time, and whatever lies at most `aside_m` beside it; gaps narrower than four
    times that are closed.

    Parameters
    ----------
    engine : RoadEngine
        Network and times.
    sites_lonlat : array_like, shape (n, 2)
        Longitude and latitude, in degrees.
    limits_s : sequence of float
        Times from the site, in seconds, > 0.
    aside_m : float
        Breadth on both sides of roads, in metres, > 0.
    site_labels : sequence of str, optional
        Names of the sites.

    Returns
    -------
    GeoDataFrame
        Columns site (label, else row), limit_s, km (length of road within reach, both directions counted once) and
        geometry (EPSG:4326, empty for a site that cannot be placed); a row per site and limit, long limits first, so
        that short ones are drawn on top.

    Raises
    ------
    GeodataError
        If a coordinate is missing or out of range, or a limit or aside_m is not positive.
    """
    import geopandas as gpd

    if not len(limits_s) or not all(0 < limit < np.inf for limit in limits_s):
        raise GeodataError(f"limits_s is {list(limits_s)}; expected seconds > 0.")
    if not 0 < aside_m < np.inf:
        raise GeodataError(f"aside_m is {aside_m}; expected metres > 0.")
    sites = engine.snap(sites_lonlat, "sites", labels=site_labels)
    limits = sorted(map(float, limits_s), reverse=True)
    rows = []
    for row in range(len(sites)):
        arrival_s = _arrival_s(engine, sites, row, limits[0])
        for limit in limits:
            edges, begin, end = _within(engine, sites, row, arrival_s, limit)
            label = row if site_labels is None else site_labels[row]
            km = _km(engine, edges, begin, end)
            rows.append(
                {"site": label, "limit_s": limit, "km": km, "geometry": _area(engine, (edges, begin, end), aside_m)}
            )
    columns = ["site", "limit_s", "km", "geometry"]
    return gpd.GeoDataFrame(rows, columns=columns, geometry="geometry", crs="EPSG:4326")


def _arrival_s(engine: RoadEngine, sites: SnappedPoints, row: int, limit_s: float) -> Floats:
    """When each node is left again on the way from a site, delays included; ``inf`` beyond the limit."""
    search = engine.search
    cost = search.run(search.gates(sites, "from"), np.array([row]), "from", limit_s=limit_s)
    return search.units.parts(cost[0])[0]


def _within(engine: RoadEngine, sites: SnappedPoints, row: int, arrival_s: Floats, limit_s: float) -> Pieces:
    """Pieces of edges that are reached: edge, and the shares where the piece begins and ends."""
    roads = engine.roads
    left_s = limit_s - arrival_s[roads.source]
    edges = np.flatnonzero((left_s > 0) & roads.is_open)
    end = np.minimum(left_s[edges] / np.maximum(roads.duration_s[edges], 1e-9), 1.0)
    begin = np.zeros(len(edges))
    # The way begins within an edge.
    own = int(sites.edge[row])
    for edge, share in (
        ((own, sites.fraction[row]), (int(roads.twin[own]), 1 - sites.fraction[row])) if own >= 0 else ()
    ):
        if edge >= 0 and roads.is_open[edge]:
            edges, begin = np.append(edges, edge), np.append(begin, share)
            end = np.append(end, min(1.0, share + limit_s / max(roads.duration_s[edge], 1e-9)))
    return edges, begin, end


def _km(engine: RoadEngine, edges: NDArray[np.integer[Any]], begin: Floats, end: Floats) -> float:
    """Kilometres of road in pieces that may overlap."""
    roads = engine.roads
    twin = roads.twin[edges]
    turned = (twin >= 0) & (twin < edges)
    road = np.where(turned, twin, edges)
    low, high = np.where(turned, 1 - end, begin), np.where(turned, 1 - begin, end)
    order = np.lexsort((low, road))
    road, low, high = road[order], low[order], high[order]
    covered, until, last = 0.0, 0.0, -1
    for edge, begins, ends in zip(road.tolist(), low.tolist(), high.tolist(), strict=True):
        until = until if edge == last else 0.0
        covered += max(0.0, ends - max(begins, until)) * float(roads.length_m[edge])
        until, last = max(until, ends), edge
    return covered / 1000


def _area(engine: RoadEngine, pieces: Pieces, aside_m: float) -> Any:
    """The pieces with what lies beside them."""
    import shapely
    from shapely.ops import substring

    edges, begin, end = pieces
    if not len(edges):
        return shapely.Polygon()
    points, line = engine.roads.lines(edges)
    # Metres around the middle: the areas are small, or rough.
    stretch = np.array([np.cos(np.radians(points[:, 1].mean())), 1.0]) * _DEGREE_M
    lines = shapely.linestrings(points * stretch, indices=line)
    for k in np.flatnonzero((begin > 0) | (end < 1)):
        lines[k] = substring(lines[k], begin[k], end[k], normalized=True)
    # Each on its own, then together: the buffer of thousands of lines at once takes seconds.
    wide = shapely.union_all(shapely.buffer(lines[shapely.length(lines) > 0], 2 * aside_m, quad_segs=_CORNERS))
    return shapely.transform(shapely.buffer(wide, -aside_m, quad_segs=_CORNERS), lambda xy: xy / stretch)
