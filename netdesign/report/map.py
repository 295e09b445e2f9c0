"""The map: outline, roads, customers, nodes, links and routes as coordinates of an inline SVG."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netdesign.report.results import Results, SegmentResult, rows_of
from netdesign.report.words import duration, money

WIDTH = 640.0
MARGIN = 26.0
LARGEST_RADIUS = 4.4
NODE = 11.0
LETTER, LINE = 7.4, 15.0
"""Breadth of a letter and height of a line of a label, in the map's units."""


@dataclass(frozen=True)
class Dot:
    """A customer: a disc whose area is its orders."""

    x: float
    y: float
    r: float
    title: str


@dataclass(frozen=True)
class Node:
    """A node's square; ``x`` is shifted where several segments use the same site."""

    x: float
    y: float
    title: str


@dataclass(frozen=True)
class Layer:
    """What belongs to one segment; links and routes are SVG paths."""

    name: str
    customers: tuple[Dot, ...]
    nodes: tuple[Node, ...]
    links: str
    routes: str


@dataclass(frozen=True)
class Label:
    """A site's name beside its squares, and the segments it serves."""

    x: float
    y: float
    anchor: str
    text: str
    segments: tuple[int, ...]


@dataclass(frozen=True)
class Shared:
    """The nodes that segments would share, and the links to whom these would serve."""

    nodes: tuple[Node, ...]
    links: str


@dataclass(frozen=True)
class Map:
    """Everything the template draws."""

    width: float
    height: float
    land: str
    neighbours: str
    roads: tuple[tuple[int, str], ...]
    shared: Shared | None
    layers: tuple[Layer, ...]
    labels: tuple[Label, ...]
    unused: tuple[Dot, ...]
    scale_km: float
    scale_px: float
    attribution: tuple[str, ...] = field(default=())


@dataclass(frozen=True)
class Projection:
    """Degrees to the map's units: equirectangular, true to scale at the middle latitude."""

    west: float
    north: float
    per_lon: float
    per_lat: float
    height: float

    @classmethod
    def over(cls, lonlat: NDArray[np.float64]) -> Projection:
        """The projection that shows all points with a margin."""
        (west, south), (east, north) = lonlat.min(axis=0), lonlat.max(axis=0)
        stretch = math.cos(math.radians((south + north) / 2))
        breadth, rise = max((east - west) * stretch, 1e-3), max(north - south, 1e-3)
        per_lat = min((WIDTH - 2 * MARGIN) / breadth, (1.35 * WIDTH - 2 * MARGIN) / rise)
        height = rise * per_lat + 2 * MARGIN
        spare = (WIDTH - breadth * per_lat) / 2
        return cls(west - spare / (per_lat * stretch), north + MARGIN / per_lat, per_lat * stretch, per_lat, height)

    def __call__(self, lonlat: Any) -> NDArray[np.float64]:
        """Shape (n, 2): x to the right, y downwards."""
        points = np.asarray(lonlat, float).reshape(-1, 2)
        return np.column_stack([(points[:, 0] - self.west) * self.per_lon, (self.north - points[:, 1]) * self.per_lat])


def draw_map(results: Results) -> Map | None:
    """The map of a run; None where no segment has a network."""
    solved = results.solved
    if not solved:
        return None
    country = results.summary.get("country")
    shown = [s.tables[t][["lon", "lat"]].to_numpy(float) for s in solved for t in ("customers", "sites")]
    land = _outline(country)
    if land is not None:
        shown.append(_near(land, np.vstack(shown)))
    project = Projection.over(np.vstack(shown))
    places = _places(solved)
    layers = tuple(_layer(s, k, project, places, results) for k, s in enumerate(solved))
    km, px = _scale(project)
    return Map(
        WIDTH,
        round(project.height, 1),
        "" if land is None else _path(land, project),
        _neighbours(country, project) if land is not None else "",
        _roads(results, project),
        _shared(results, project),
        layers,
        _labels(places, project),
        _unused(solved, project),
        km,
        px,
        _attribution(results, land),
    )


def _shared(results: Results, project: Projection) -> Shared | None:
    """The chosen streams of several segments; None where none shares."""
    served = results.sharing.get("streams")
    if served is None or not len(served):
        return None
    ends, points = project(served[["site_lon", "site_lat"]]), project(served[["lon", "lat"]])
    links = "".join(f"M{a:.1f} {b:.1f}L{x:.1f} {y:.1f}" for (a, b), (x, y) in zip(ends, points, strict=True))
    nodes = []
    for (stream, site), rows in served.groupby(["stream", "site"], sort=True):
        x, y = project(rows[["site_lon", "site_lat"]].iloc[0])[0]
        title = f"{site} (shared by {stream}): {rows['orders_per_year'].sum():,.0f} orders a year"
        nodes.append(Node(round(x, 1), round(y, 1), title))
    return Shared(tuple(nodes), links)


def _attribution(results: Results, land: Any) -> tuple[str, ...]:
    outlines = ("Outlines: Natural Earth",) if land is not None else ()
    source = results.summary["travel"].get("source")
    return (*outlines, f"Roads: {source}") if source else outlines


def _layer(segment: SegmentResult, index: int, project: Projection, places: dict[str, Any], results: Results) -> Layer:
    customers, nodes, currency = segment.tables["customers"], segment.nodes, results.summary["currency"]
    largest = float(customers["orders_per_year"].max())
    at = {
        name: project([lon, lat])[0] for name, lon, lat in zip(nodes["site"], nodes["lon"], nodes["lat"], strict=True)
    }
    points = project(customers[["lon", "lat"]])
    dots = tuple(
        Dot(
            round(x, 1),
            round(y, 1),
            round(max(1.1, LARGEST_RADIUS * math.sqrt(row.orders_per_year / largest)), 2),
            f"{row.customer}: {row.orders_per_year:,.0f} orders a year, {duration(row.hours)} from {row.site}, "
            f"last mile {money(row.last_mile_per_order, currency)} per order",
        )
        for (x, y), row in zip(points, rows_of(customers), strict=True)
    )
    links = "".join(
        f"M{at[site][0]:.1f} {at[site][1]:.1f}L{x:.1f} {y:.1f}"
        for (x, y), site in zip(points, customers["site"], strict=True)
    )
    squares = tuple(
        Node(
            round(at[row.site][0] + _shift(places[row.site]["segments"], index), 1),
            round(at[row.site][1], 1),
            f"{row.site} ({segment.name}): {row.orders_per_year:,.0f} orders a year from {row.customers:,} customers, "
            f"{money(row.cost_per_order, currency)} per order",
        )
        for row in rows_of(nodes)
        if row.customers
    )
    along = results.layers.get("routes")
    routes = (
        _routes(segment, at, project) if along is None else _driven(along[along["segment"] == segment.name], project)
    )
    return Layer(segment.name, dots, squares, links, routes)


def _roads(results: Results, project: Projection) -> tuple[tuple[int, str], ...]:
    """Roads by rank, the most important last."""
    roads = results.layers.get("roads")
    if roads is None:
        return ()
    return tuple(
        (int(rank), "".join(_line(list(project(line.coords))) for line in lines.geoms))
        for rank, lines in sorted(zip(roads["rank"], roads.geometry, strict=True), key=lambda row: -row[0])
    )


def _driven(routes: Any, project: Projection) -> str:
    """Routes along the roads, thinned to what can be seen."""
    lines = routes.geometry.simplify(0.4 / project.per_lat)
    return "".join(_line(list(project(line.coords))) for line in lines)


def _routes(segment: SegmentResult, at: dict[str, Any], project: Projection) -> str:
    """Routes straight from stop to stop."""
    path = []
    for (site, _), stops in segment.tables["stops"].groupby(["site", "route"], sort=False):
        inner = project(stops.sort_values("sequence")[["lon", "lat"]])
        path.append(_line([at[str(site)], *inner, at[str(site)]]))
    return "".join(path)


def _line(points: Sequence[Any]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)


def _places(solved: Sequence[SegmentResult]) -> dict[str, Any]:
    """Sites that are nodes of any segment: where, and of which segments."""
    places: dict[str, Any] = {}
    for k, segment in enumerate(solved):
        for row in rows_of(segment.nodes):
            place = places.setdefault(row.site, {"lonlat": (row.lon, row.lat), "segments": [], "orders": 0.0})
            place["segments"].append(k)
            place["orders"] += row.orders_per_year
    return places


def _shift(segments: list[int], index: int) -> float:
    return (segments.index(index) - (len(segments) - 1) / 2) * (NODE + 1.5)


def _labels(places: dict[str, Any], project: Projection) -> tuple[Label, ...]:
    """Each name at the first of four sides where it meets no square and no other name."""
    at = {name: project(place["lonlat"])[0] for name, place in places.items()}
    half = {name: NODE / 2 + (NODE + 1.5) * (len(place["segments"]) - 1) / 2 for name, place in places.items()}
    taken = [(x - half[n], y - NODE / 2, x + half[n], y + NODE / 2) for n, (x, y) in at.items()]
    labels = []
    for name in sorted(places, key=lambda n: -places[n]["orders"]):
        (x, y), breadth = at[name], LETTER * len(name)
        sides = (
            (x + half[name] + 5, y, "start", (0.0, breadth)),
            (x - half[name] - 5, y, "end", (-breadth, 0.0)),
            (x, y - NODE - 3, "middle", (-breadth / 2, breadth / 2)),
            (x, y + NODE + 5, "middle", (-breadth / 2, breadth / 2)),
        )
        boxes = [(sx + lo, sy - LINE / 2, sx + hi, sy + LINE / 2) for sx, sy, _, (lo, hi) in sides]
        free = [
            k
            for k, box in enumerate(boxes)
            if box[0] > 4 and box[2] < WIDTH - 4 and not any(_meet(box, other) for other in taken)
        ]
        best = free[0] if free else 0
        taken.append(boxes[best])
        labels.append(
            Label(
                round(sides[best][0], 1),
                round(sides[best][1], 1),
                sides[best][2],
                name,
                tuple(places[name]["segments"]),
            )
        )
    return tuple(labels)


def _meet(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _unused(solved: Sequence[SegmentResult], project: Projection) -> tuple[Dot, ...]:
    """Candidate sites that no segment opens."""
    opened = {site for s in solved for site in s.nodes["site"]}
    sites = {
        row.site: (row.lon, row.lat) for s in solved for row in rows_of(s.tables["sites"]) if row.site not in opened
    }
    return tuple(
        Dot(round(x, 1), round(y, 1), 3.2, f"{name}: candidate, not opened")
        for name, (x, y) in ((name, project(lonlat)[0]) for name, lonlat in sorted(sites.items()))
    )


def _outline(country: str | None) -> Any:
    """The country's land, or None where there is none to draw."""
    if not country:
        return None
    from geodata import GeodataError, country_outline

    try:
        return country_outline(country).geometry.iloc[0]
    except GeodataError:
        return None


def _near(land: Any, lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
    """Corners of the land around the points: islands overseas do not widen the map."""
    from shapely import box

    (west, south), (east, north) = lonlat.min(axis=0), lonlat.max(axis=0)
    pad = 0.25 * max(east - west, north - south, 0.2)
    west, south, east, north = land.intersection(box(west - pad, south - pad, east + pad, north + pad)).bounds or (
        west,
        south,
        east,
        north,
    )
    return np.array([[west, south], [east, north]])


def _neighbours(country: str | None, project: Projection) -> str:
    """The land around, as one path."""
    from shapely import box

    frame = _world()
    view = box(
        project.west - 2,
        project.north - project.height / project.per_lat - 2,
        project.west + WIDTH / project.per_lon + 2,
        project.north + 2,
    )
    others = frame[(frame["iso2"] != country) & frame.intersects(view)]
    return "".join(_path(shape, project) for shape in others.geometry)


@cache
def _world() -> Any:
    """All countries; reading them takes seconds, so once per process."""
    from geodata import country_outlines

    return country_outlines()


def _path(shape: Any, project: Projection) -> str:
    """A polygon's outline as an SVG path, cut to the map and thinned to what can be seen."""
    from shapely import box

    west, north = project.west, project.north
    pad = 2.0  # what a wide frame shows beside the map
    view = box(
        west - pad, north - project.height / project.per_lat - pad, west + WIDTH / project.per_lon + pad, north + pad
    )
    cut = shape.intersection(view).simplify(0.6 / project.per_lat)
    parts = [part for part in getattr(cut, "geoms", [cut]) if part.geom_type == "Polygon" and not part.is_empty]
    rings = [ring for part in parts for ring in (part.exterior, *part.interiors)]
    return "".join(_line(list(project(np.array(ring.coords)[:-1, :2]))) + "Z" for ring in rings)


def _scale(project: Projection) -> tuple[float, float]:
    """A round length of about a fifth of the map: km and map units."""
    per_km = project.per_lat / 111.195
    wanted = WIDTH / 5 / per_km
    power = 10 ** math.floor(math.log10(wanted))
    km = max(step * power for step in (1, 2, 5) if step * power <= wanted)
    return km, round(km * per_km, 1)
