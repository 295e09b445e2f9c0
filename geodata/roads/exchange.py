"""Road networks as others hold them: NetworkX graphs in OSMnx's manner, frames and GeoPackages of geopandas."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from geodata.errors import GeodataError
from geodata.roads.graph import CLASSES, RoadGraph
from geodata.roads.osm import road_of
from geodata.roads.profile import CAR, Profile

if TYPE_CHECKING:
    import geopandas as gpd
    import networkx as nx


def roads_to_networkx(roads: RoadGraph) -> nx.MultiDiGraph:
    """The network as OSMnx holds it.

    Parameters
    ----------
    roads : RoadGraph

    Returns
    -------
    MultiDiGraph
        Nodes 0..n-1 with ``x``, ``y`` and ``delay`` (s); edges with ``length`` (m), ``travel_time`` (s), ``highway``,
        ``name``, ``oneway`` and, where they bend, ``geometry``; ``crs`` is EPSG:4326.
    """
    import networkx as nx
    from shapely import LineString

    graph = nx.MultiDiGraph(crs="epsg:4326", **roads.about)
    for node, ((lon, lat), delay) in enumerate(zip(roads.node_lonlat.tolist(), roads.delay_s.tolist(), strict=True)):
        graph.add_node(node, x=lon, y=lat, delay=delay)
    bends = np.diff(roads.shape_offsets) > 0
    for edge in range(roads.n_edges):
        shape = {"geometry": LineString(roads.edge_lonlat(edge))} if bends[edge] else {}
        graph.add_edge(
            int(roads.source[edge]),
            int(roads.target[edge]),
            length=float(roads.length_m[edge]),
            travel_time=float(roads.duration_s[edge]),
            highway=CLASSES[roads.road_class[edge]],
            name=roads.names[roads.name[edge]],
            oneway=bool(roads.twin[edge] < 0),
            **shape,
        )
    return graph


def roads_from_networkx(graph: nx.MultiDiGraph, profile: Profile = CAR) -> RoadGraph:
    """A network from a directed graph as OSMnx makes it.

    Parameters
    ----------
    graph : MultiDiGraph or DiGraph
        Nodes with ``x`` and ``y`` in degrees; edges with ``length`` in metres, and ``travel_time`` in seconds or
        ``highway`` (and ``maxspeed``).
    profile : Profile
        Speeds of edges without ``travel_time``; edges that the vehicle may not use are left out.

    Returns
    -------
    RoadGraph
        Nodes in the graph's order.

    Raises
    ------
    GeodataError
        If an attribute is missing, or coordinates are projected.
    """
    number = {node: k for k, node in enumerate(graph.nodes)}
    try:
        lonlat = [(data["x"], data["y"]) for _, data in graph.nodes(data=True)]
        edges = [(number[u], number[v], *_edge(data, profile)) for u, v, data in graph.edges(data=True)]
    except KeyError as error:
        what = "x and y per node, length and travel_time or highway per edge"
        raise GeodataError(f"the graph has something without {error.args[0]!r}; expected {what}.") from None
    used = [edge for edge in edges if edge[2] is not None]
    names = ("", *sorted({edge[5] for edge in used} - {""}))
    position = {text: k for k, text in enumerate(names)}
    bends = [edge[6] for edge in used]
    return RoadGraph.from_edges(
        lonlat,
        [edge[0] for edge in used],
        [edge[1] for edge in used],
        [edge[2] or 0.0 for edge in used],
        length_m=[edge[3] for edge in used],
        delay_s=[float(data.get("delay", 0.0)) for _, data in graph.nodes(data=True)],
        road_class=[CLASSES.index(edge[4]) for edge in used],
        name=[position[edge[5]] for edge in used],
        shapes=(np.cumsum([0, *map(len, bends)]), np.concatenate([np.empty((0, 2)), *bends])),
        names=names,
        about={k: v for k, v in graph.graph.items() if k != "crs" and isinstance(v, (str, float, int))},
    )


def _edge(data: Mapping[str, Any], profile: Profile) -> tuple[float | None, float, str, str, np.ndarray]:
    """Duration (None where closed), length, class, name and points between the ends of an edge."""
    # OSMnx keeps a list where an edge was made of ways that differ.
    first = {k: v[0] if isinstance(v, list) and v else v for k, v in data.items()}
    geometry = first.get("geometry")
    bend = np.empty((0, 2)) if geometry is None else np.asarray(geometry.coords)[1:-1, :2]
    length_m, name = float(first["length"]), str(first.get("name") or "")
    if "travel_time" in first:
        kind = str(first.get("highway"))
        return float(first["travel_time"]), length_m, kind if kind in CLASSES else "road", name, bend
    tags = {k: v for k, v in first.items() if isinstance(v, str) and k != "oneway"}
    road = road_of({"highway": first["highway"], **tags}, profile)
    if road is None:
        return None, length_m, "road", name, bend
    return length_m / road.speed_kmh * 3.6, length_m, road.road_class, name, bend


def roads_to_geodataframes(roads: RoadGraph) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Nodes and edges as frames in EPSG:4326.

    Parameters
    ----------
    roads : RoadGraph

    Returns
    -------
    nodes : GeoDataFrame
        Columns delay_s, component, geometry; a row per node.
    edges : GeoDataFrame
        Columns source, target, highway, name, length_m, duration_s (missing where closed), oneway, geometry; a row
        per road: one of two twins is left out where they take equally long.
    """
    import geopandas as gpd
    import shapely

    nodes = gpd.GeoDataFrame(
        {"delay_s": roads.delay_s, "component": roads.component},
        geometry=gpd.points_from_xy(*roads.node_lonlat.T),
        crs="EPSG:4326",
    )
    twin = np.maximum(roads.twin, 0)
    same = (roads.twin >= 0) & (roads.duration_s[twin] == roads.duration_s)
    kept = np.flatnonzero(~same | (np.arange(roads.n_edges) < roads.twin))
    points, line = roads.lines(kept)
    lines = shapely.linestrings(points, indices=line)
    columns = {
        "source": roads.source[kept],
        "target": roads.target[kept],
        "highway": np.array(CLASSES)[roads.road_class[kept]],
        "name": np.array(roads.names, dtype=object)[roads.name[kept]],
        "length_m": roads.length_m[kept],
        "duration_s": np.where(roads.is_open[kept], roads.duration_s[kept], np.nan),
        "oneway": ~same[kept],
    }
    return nodes, gpd.GeoDataFrame(columns, geometry=lines, crs="EPSG:4326")


def roads_to_geopackage(roads: RoadGraph, path: str | Path) -> None:
    """Write the layers ``nodes`` and ``edges`` of a GeoPackage.

    Parameters
    ----------
    roads : RoadGraph
    path : str or Path
        File to write, ``.gpkg``.
    """
    for layer, frame in zip(("nodes", "edges"), roads_to_geodataframes(roads), strict=True):
        frame.to_file(path, layer=layer, driver="GPKG")
