"""Roads from OpenStreetMap's format and from elsewhere: what is open, which way, how fast; chains become edges."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pyrosm
import pytest

from geodata import (
    BICYCLE,
    CAR,
    TRUCK,
    VAN,
    GeodataError,
    Profile,
    RoadGraph,
    generated_roads,
    load_roads,
    read_roads,
    roads_from_networkx,
    roads_to_geopackage,
    roads_to_networkx,
    save_roads,
)
from geodata.roads import CLASSES
from geodata.roads.osm import road_of

Write = Callable[..., Path]
BLOCK_DEG = 0.001
SIGNALS_ONLY = replace(CAR, junction_delay_s=0.0, signal_delay_s=7.0)


def node_at(roads: RoadGraph, x: float, y: float) -> int:
    """The node at a corner of the town, in blocks."""
    (found,) = np.flatnonzero(np.abs(roads.node_lonlat / BLOCK_DEG - [x, y]).max(axis=1) < 1e-6)
    return int(found)


def is_node(roads: RoadGraph, x: float, y: float) -> bool:
    return bool((np.abs(roads.node_lonlat / BLOCK_DEG - [x, y]).max(axis=1) < 1e-6).any())


def components(roads: RoadGraph) -> int:
    return len(set(roads.component.tolist()))


def fastest_s(roads: RoadGraph, start: tuple[float, float], end: tuple[float, float]) -> float:
    """By NetworkX, delays on arrival included."""
    graph = nx.DiGraph()
    for edge in range(roads.n_edges):
        u, v = int(roads.source[edge]), int(roads.target[edge])
        weight = roads.duration_s[edge] + roads.delay_s[v]
        if weight < graph.get_edge_data(u, v, {"weight": np.inf})["weight"]:
            graph.add_edge(u, v, weight=weight)
    return float(nx.dijkstra_path_length(graph, node_at(roads, *start), node_at(roads, *end)))


def test_nodes_stay_where_something_is_decided_or_changes(town: RoadGraph) -> None:
    passed = {"L": (1, 2), "P": (0, 3), "Q": (2, 3), "U": (5, 1), "S": (9, 1)}
    assert not [place for place, where in passed.items() if is_node(town, *where)]
    # A and I only join two roads, but of different classes or names.
    assert town.n_nodes == 20 - len(passed)


def test_a_chain_adds_up_and_keeps_its_points(town: RoadGraph) -> None:
    (north,) = [e for e in town.edges_named("North Street") if town.source[e] == node_at(town, 0, 2)]
    assert town.duration_s[north] == pytest.approx(40)
    assert town.edge_lonlat(north) / BLOCK_DEG == pytest.approx(np.array([[0, 2], [0, 3], [2, 3], [2, 2]]))
    back = town.twin[north]
    assert town.twin[back] == north
    assert town.edge_lonlat(back) == pytest.approx(town.edge_lonlat(north)[::-1])


def test_a_one_way_road_has_no_twin(town: RoadGraph) -> None:
    quay = town.edges_named("Quay")
    assert (town.twin[quay] == -1).all()
    assert (np.diff(town.node_lonlat[[town.source[quay], town.target[quay]], 0], axis=0) > 0).all()


def test_junctions_are_where_three_roads_meet(town: RoadGraph) -> None:
    delayed = {tuple(np.rint(point / BLOCK_DEG).astype(int)) for point in town.node_lonlat[town.delay_s > 0]}
    assert delayed == {(1, 0), (2, 0), (3, 0), (0, 1), (1, 1), (2, 1), (0, 2), (2, 2)}
    assert set(town.delay_s) == {0.0, 3.0}


def test_an_island_is_a_component_of_its_own(town: RoadGraph) -> None:
    island = town.component > 0
    assert np.rint(town.node_lonlat[island] / BLOCK_DEG).tolist() == [[8, 1], [9, 0]]
    assert set(town.component) == {0, 1}
    mainland = town.largest_component()
    assert (mainland.n_nodes, set(mainland.component)) == (13, {0})
    assert (mainland.twin[mainland.twin[mainland.twin >= 0]] == np.flatnonzero(mainland.twin >= 0)).all()


def test_simplifying_changes_no_travel_time(write_osm: Write, monkeypatch: pytest.MonkeyPatch, town: RoadGraph) -> None:
    path = write_osm()
    profile = Profile(
        name="town",
        speeds_kmh={name: float(town.about[f"{name}_kmh"]) for name in ("residential", "primary")},
        access=("access",),
        junction_delay_s=3.0,
    )
    monkeypatch.setattr("geodata.roads.osm.simplified", lambda roads: roads)
    raw = read_roads(path, profile)
    assert raw.n_nodes == 20
    for start, end in [((0, 0), (2, 2)), ((3, 1), (0, 1)), ((3, 2), (6, 1)), ((6, 1), (0, 2))]:
        assert fastest_s(town, start, end) == pytest.approx(fastest_s(raw, start, end))


def test_a_ring_that_nothing_joins_keeps_a_node(write_osm: Write) -> None:
    roads = read_roads(write_osm([("KLMQPK", {"highway": "residential"})]), CAR)
    assert (roads.n_nodes, roads.n_edges) == (1, 2)
    assert roads.length_m.tolist() == pytest.approx([roads.length_m[0]] * 2)
    assert len(roads.shape_lonlat) == 8


def test_a_signal_at_a_junction_delays_there(write_osm: Write) -> None:
    roads = read_roads(write_osm(tagged={"C": {"highway": "traffic_signals"}}), SIGNALS_ONLY)
    assert roads.delay_s[node_at(roads, 2, 0)] == 7
    assert roads.delay_s.sum() == 7


def test_motor_vehicles_lose_time_at_junctions_unless_told_otherwise(write_osm: Write) -> None:
    for profile, seconds in [
        (CAR, 0.5),
        (VAN, 0.5),
        (TRUCK, 0.5),
        (BICYCLE, 0.0),
        (replace(CAR, junction_delay_s=2), 2.0),
    ]:
        roads = read_roads(write_osm(), profile)
        assert roads.delay_s[node_at(roads, 2, 0)] == seconds


def test_a_signal_between_junctions_adds_to_the_chain(write_osm: Write) -> None:
    plain = read_roads(write_osm(), replace(CAR, junction_delay_s=0.0))
    delayed = read_roads(
        write_osm(tagged={"U": {"highway": "traffic_signals"}}), replace(CAR, junction_delay_s=0.0, signal_delay_s=7.0)
    )
    (edge,) = [e for e in plain.edges_named("Hill Road") if plain.source[e] == node_at(plain, 5, 0)]
    assert delayed.duration_s[edge] == pytest.approx(plain.duration_s[edge] + 7)


@pytest.mark.parametrize(
    ("tags", "passable"),
    [
        ({"barrier": "bollard"}, False),
        ({"barrier": "bollard", "motor_vehicle": "yes"}, True),
        ({"barrier": "gate"}, True),
        ({"barrier": "gate", "access": "private"}, False),
    ],
)
def test_a_barrier_cuts_the_road(write_osm: Write, tags: dict[str, str], passable: bool) -> None:
    path = write_osm([("ABC", {"highway": "residential"})], tagged={"B": tags})
    assert components(read_roads(path, CAR)) == (1 if passable else 2)
    assert components(read_roads(path, BICYCLE)) == (2 if "access" in tags else 1)


@pytest.mark.parametrize(
    ("tags", "profile", "expected"),
    [
        ({"highway": "primary"}, CAR, ("primary", 65, True, True)),
        ({"highway": "primary", "maxspeed": "50"}, CAR, ("primary", 40, True, True)),
        ({"highway": "primary", "maxspeed": "50 mph"}, CAR, ("primary", 64.373_76, True, True)),
        ({"highway": "primary", "maxspeed": "none"}, CAR, ("primary", 65, True, True)),
        ({"highway": "motorway"}, CAR, ("motorway", 90, True, False)),
        ({"highway": "motorway", "maxspeed": "130"}, TRUCK, ("motorway", 80, True, False)),
        ({"highway": "motorway"}, BICYCLE, None),
        ({"highway": "residential", "oneway": "-1"}, CAR, ("residential", 25, False, True)),
        ({"highway": "tertiary", "junction": "roundabout"}, CAR, ("tertiary", 40, True, False)),
        ({"highway": "residential", "oneway": "yes", "oneway:bicycle": "no"}, CAR, ("residential", 25, True, False)),
        ({"highway": "residential", "oneway": "yes", "oneway:bicycle": "no"}, BICYCLE, ("residential", 16, True, True)),
        ({"highway": "residential", "oneway": "yes", "cycleway": "opposite"}, BICYCLE, ("residential", 16, True, True)),
        ({"highway": "service", "access": "private"}, CAR, None),
        ({"highway": "service", "access": "no", "motor_vehicle": "destination"}, CAR, ("service", 15, True, True)),
        ({"highway": "service", "access": "no", "hgv": "yes"}, CAR, None),
        ({"highway": "service", "access": "no", "hgv": "yes"}, TRUCK, ("service", 15, True, True)),
        ({"highway": "primary", "maxweight": "7.5"}, TRUCK, None),
        ({"highway": "primary", "maxweight": "7.5 t"}, VAN, ("primary", 65, True, True)),
        ({"highway": "primary", "maxheight": "8'6\""}, VAN, None),
        ({"highway": "primary", "maxheight": "8'6\""}, CAR, ("primary", 65, True, True)),
        ({"highway": "primary", "maxheight": "default"}, TRUCK, ("primary", 65, True, True)),
        ({"highway": "footway"}, BICYCLE, None),
        ({"highway": "footway", "bicycle": "yes"}, BICYCLE, ("path", 12, True, True)),
        ({"highway": "footway", "bicycle": "yes"}, CAR, None),
        ({"highway": "pedestrian", "area": "yes", "bicycle": "yes"}, BICYCLE, None),
        ({"highway": "cycleway"}, CAR, None),
        ({"highway": "proposed"}, CAR, None),
        ({"route": "ferry"}, CAR, None),
        ({"route": "ferry"}, replace(CAR, ferries=True), ("ferry", 15, True, True)),
        ({"route": "ferry", "motor_vehicle": "no"}, replace(CAR, ferries=True), None),
    ],
)
def test_tags_say_who_drives_which_way_and_how_fast(
    tags: dict[str, str], profile: Profile, expected: tuple[str, float, bool, bool] | None
) -> None:
    road = road_of(tags, profile)
    if expected is None:
        assert road is None
    else:
        assert road is not None
        assert (road.road_class, road.speed_kmh, road.forward, road.backward) == pytest.approx(expected)


@pytest.mark.parametrize(("duration", "seconds"), [("00:20", 1200), ("20", 1200), ("01:00:30", 3630)])
def test_a_ferry_joins_the_island_and_takes_as_long_as_it_says(
    write_osm: Write, town: RoadGraph, duration: str, seconds: int
) -> None:
    ways = [("ABCDE", {"highway": "primary"}), ("RST", {"highway": "residential"})]
    path = write_osm([*ways, ("EVR", {"route": "ferry", "duration": duration})])
    assert read_roads(path, CAR).component.max() == 1
    roads = read_roads(path, replace(CAR, ferries=True))
    assert roads.component.max() == 0
    crossing = roads.duration_s[roads.road_class == CLASSES.index("ferry")]
    assert crossing.tolist() == pytest.approx([seconds] * 2)


def test_a_closed_road_closes_both_ways_and_builds_nothing(town: RoadGraph) -> None:
    (edge, _) = town.edges_named("East Bridge")
    closed = town.closed([edge])
    assert np.flatnonzero(~closed.is_open).tolist() == sorted(town.edges_named("East Bridge"))
    assert closed.target is town.target
    assert "durations_sha256" not in town.about
    assert len(str(closed.about["durations_sha256"])) == 64
    assert town.is_open.all()
    both = closed.closed(closed.edges_named("West Bridge"))
    # Without bridges the north bank is cut off.
    assert set(both.component) == {0, 1, 2}


def test_an_unknown_road_is_named_with_one_that_could_be_meant(town: RoadGraph) -> None:
    with pytest.raises(GeodataError, match=r"name is 'East Brigde'; expected .* Did you mean 'East Bridge'"):
        town.edges_named("East Brigde")


def test_about_says_extract_hash_and_profile(town: RoadGraph) -> None:
    assert town.about["extract"] == "town.osm.pbf"
    assert len(str(town.about["extract_sha256"])) == 64
    assert town.about["junction_delay_s"] == 3
    assert town.about["profile"] == "town"
    assert "OpenStreetMap" in str(town.about["source"])


def same(a: RoadGraph, b: RoadGraph) -> bool:
    arrays = ("node_lonlat", "offsets", "target", "length_m", "duration_s", "delay_s", "road_class", "name", "twin")
    ends = ("shape_offsets", "shape_lonlat")
    return a.names == b.names and all(np.array_equal(getattr(a, n), getattr(b, n)) for n in (*arrays, *ends))


def rows(roads: RoadGraph) -> list[tuple[object, ...]]:
    """Every edge with what it holds, and its twin's length, in an order of their own."""
    twins = np.where(roads.twin >= 0, roads.length_m[roads.twin], -1.0)
    columns = (roads.source, roads.target, roads.length_m, roads.duration_s, roads.road_class, twins)
    names = [roads.names[k] for k in roads.name]
    shapes = [roads.edge_lonlat(edge).tolist() for edge in range(roads.n_edges)]
    return sorted(zip(*(column.tolist() for column in columns), names, shapes, strict=True))


def test_networkx_and_back_is_the_same_network(town: RoadGraph) -> None:
    graph = roads_to_networkx(town)
    assert (graph.number_of_nodes(), graph.number_of_edges()) == (town.n_nodes, town.n_edges)
    assert graph.graph["crs"] == "epsg:4326"
    again = roads_from_networkx(graph)
    assert np.array_equal(again.node_lonlat, town.node_lonlat)
    assert rows(again) == rows(town)
    assert again.about["profile"] == "town"


def test_a_graph_of_osmnx_gets_speeds_by_class() -> None:
    graph = nx.MultiDiGraph(crs="epsg:4326")
    graph.add_node(11, x=5.0, y=52.0)
    graph.add_node(12, x=5.1, y=52.0)
    graph.add_edge(11, 12, length=1000.0, highway=["primary", "secondary"], oneway=True, name="N1")
    graph.add_edge(12, 11, length=1000.0, highway="residential", maxspeed="30", oneway=False)
    graph.add_edge(11, 12, length=900.0, highway="cycleway", oneway=False)
    roads = roads_from_networkx(graph)
    assert roads.duration_s.tolist() == pytest.approx([3600 / 65, 3600 / 24])
    assert roads.names == ("", "N1")


def test_a_graph_without_coordinates_is_refused() -> None:
    graph = nx.MultiDiGraph([(1, 2)])
    with pytest.raises(GeodataError, match="without 'x'; expected x and y per node"):
        roads_from_networkx(graph)


def test_a_geopackage_has_a_row_for_every_road(town: RoadGraph, tmp_path: Path) -> None:
    roads_to_geopackage(town, tmp_path / "town.gpkg")
    nodes, edges = (gpd.read_file(tmp_path / "town.gpkg", layer=layer) for layer in ("nodes", "edges"))
    assert (len(nodes), nodes.crs.to_epsg(), edges.crs.to_epsg()) == (town.n_nodes, 4326, 4326)
    # Two-way: Main Street 4, four lanes, two bridges, Long and North Street, N, Hill and Island Road.
    assert len(edges) == 3 + 4 + 4 + 2 + 2 + 1 + 1 + 1
    assert edges["oneway"].sum() == 3
    assert edges.loc[edges["name"] == "North Street", "duration_s"].tolist() == pytest.approx([40])


def test_a_saved_network_is_loaded_as_it_was(town: RoadGraph, tmp_path: Path) -> None:
    save_roads(town, tmp_path / "town.npz")
    again = load_roads(tmp_path / "town.npz")
    assert same(again, town)
    assert again.about == town.about


def test_an_extract_is_read_once_per_content_and_profile(
    write_osm: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_osm()
    first = load_roads(path, CAR, cache=tmp_path / "cache")
    with monkeypatch.context() as patch:
        patch.setattr("geodata.roads.cache.read_roads", None)
        assert same(load_roads(path, CAR, cache=tmp_path / "cache"), first)
    load_roads(path, BICYCLE, cache=tmp_path / "cache")
    write_osm([("ABC", {"highway": "residential"})])
    assert load_roads(path, CAR, cache=tmp_path / "cache").n_nodes == 2
    assert len(list((tmp_path / "cache").iterdir())) == 3


def test_a_cache_that_cannot_be_written_is_named(write_osm: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_osm()
    # A file stands where the folder should be.
    monkeypatch.setenv("GEODATA_CACHE", str(path))
    with pytest.raises(GeodataError, match=r"town\.osm\.pbf cannot keep a copy .* Name one as GEODATA_CACHE"):
        load_roads(path)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data[:-10],
        lambda data: b"<osm/>",
        lambda data: b"",
        lambda data: data[:100] + bytes(len(data) - 100),
        lambda data: data.replace(b"OSMHeader", b"OSMReader"),
    ],
)
def test_a_broken_extract_is_refused_by_name(write_osm: Write, spoil: Callable[[bytes], bytes]) -> None:
    path = write_osm()
    path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(GeodataError, match=r"^town\.osm\.pbf is no readable PBF file; expected OpenStreetMap data\."):
        read_roads(path, CAR)


def test_an_extract_that_needs_what_the_reader_lacks_is_refused(write_osm: Write) -> None:
    with pytest.raises(GeodataError, match=r"town\.osm\.pbf' requires the PBF feature 'LocationsOnWays'"):
        read_roads(write_osm(features=("OsmSchema-V0.6", "LocationsOnWays")), CAR)


def test_without_pyrosm_extracts_are_refused_and_saved_networks_load(
    write_osm: Write, town: RoadGraph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_roads(town, tmp_path / "town.npz")
    monkeypatch.setitem(sys.modules, "pyrosm", None)
    with pytest.raises(GeodataError, match=r"pyrosm is missing.* pip install 'netdesign\[roads\]'"):
        read_roads(write_osm(), CAR)
    assert same(load_roads(tmp_path / "town.npz"), town)


def test_a_missing_extract_and_one_without_roads_are_refused(write_osm: Write, tmp_path: Path) -> None:
    with pytest.raises(GeodataError, match=r"none\.osm\.pbf cannot be read"):
        load_roads(tmp_path / "none.osm.pbf")
    with pytest.raises(GeodataError, match=r"town\.osm\.pbf has no road for the profile 'car'"):
        read_roads(write_osm([("AB", {"highway": "footway"})]), CAR)
    (tmp_path / "other.npz").write_bytes(b"PK")
    with pytest.raises(GeodataError, match=r"other\.npz is no road network"):
        load_roads(tmp_path / "other.npz")


def test_ways_end_at_the_border_of_the_extract(write_osm: Write) -> None:
    path = write_osm([("ABCDE", {"highway": "residential"}), ("FGH", {"highway": "residential"})], beyond="CH")
    roads = read_roads(path, CAR)
    # No road from B to D past the missing C, and none beyond G.
    assert sorted(np.rint(roads.node_lonlat / BLOCK_DEG).tolist()) == [[0, 0], [0, 1], [1, 0], [1, 1], [3, 0], [5, 0]]
    assert components(roads) == 3


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"target": [0, 3]}, r"target\[1\] is 3; expected a node, 0\.\.2"),
        ({"duration_s": [1.0, -1.0]}, r"duration_s\[1\] is -1; expected a number >= 0\. Use math\.inf"),
        ({"length_m": [np.inf, 1.0]}, r"length_m\[0\] is inf; expected"),
        ({"duration_s": [1.0, 1.0], "delay_s": [0.0]}, r"delay_s has shape \(1,\); expected \(3,\)"),
    ],
)
def test_arrays_that_make_no_network_are_refused(wrong: dict[str, list[float]], message: str) -> None:
    arrays = {"source": [1, 0], "target": [2, 1], "duration_s": [1.0, 1.0]} | wrong
    with pytest.raises(GeodataError, match=message):
        RoadGraph.from_edges([(0, 0), (1, 0), (2, 0)], **arrays)


def test_profiles_refuse_what_makes_no_sense() -> None:
    with pytest.raises(GeodataError, match=r"speeds_kmh has 'highway'; expected one of motorway"):
        replace(CAR, speeds_kmh={"highway": 100.0})
    with pytest.raises(GeodataError, match=r"speeds_kmh\['primary'\] is 0"):
        replace(CAR, speeds_kmh={"primary": 0.0})
    with pytest.raises(GeodataError, match="junction_delay_s is -1"):
        replace(CAR, junction_delay_s=-1.0)


def test_a_generated_town_has_a_river_with_few_bridges_and_an_island() -> None:
    roads = generated_roads(3000, seed=4, bridges=3)
    assert 2700 <= roads.n_nodes <= 3300
    assert set(roads.component) == {0, 1}
    assert 15 <= (roads.component == 1).sum() <= 45
    bridges = np.concatenate([roads.edges_named(f"bridge {k}") for k in (1, 2, 3)])
    assert len(bridges) == 6
    apart = roads.closed(bridges).component
    assert sorted(np.bincount(apart)[:2] > 500) == [True, True]
    assert 0.1 < (roads.twin < 0).sum() / (roads.n_edges / 2) < 0.25
    assert {CLASSES[k] for k in set(roads.road_class)} == {"residential", "tertiary", "primary"}
    assert (roads.twin[roads.twin[roads.twin >= 0]] == np.flatnonzero(roads.twin >= 0)).all()
    assert same(generated_roads(3000, seed=4, bridges=3), roads)
    assert not same(generated_roads(3000, seed=5, bridges=3), roads)
    assert roads.about["source"] == "synthetic"


def test_helsinki_is_as_long_one_way_and_fast_as_pyrosms_driving_network() -> None:
    """Which ways are open is decided by pyrosm's own filter there, and how by its columns."""
    path = pyrosm.get_data("helsinki_pbf")
    roads = read_roads(path, replace(CAR, junction_delay_s=0.0, signal_delay_s=0.0))
    ways = pyrosm.OSM(path, engine="in_memory").get_network("driving+service", extra_attributes=["oneway", "maxspeed"])
    ways["there_and_back"] = ways["length"] * np.where(ways["oneway"] == "yes", 1, 2)
    ways["duration_s"] = ways["there_and_back"] / (0.8 * pd.to_numeric(ways["maxspeed"]) / 3.6)
    named = ways.groupby("name")
    assert len(named) > 50
    for name, own in named:
        edges = roads.edges_named(name)
        # Ours are lengths on the sphere, theirs on the ellipsoid, in whole metres.
        assert roads.length_m[edges].sum() == pytest.approx(own["there_and_back"].sum(), rel=0.005, abs=len(own))
        if own["maxspeed"].notna().all():
            assert roads.duration_s[edges].sum() == pytest.approx(
                own["duration_s"].sum(), rel=0.005, abs=0.3 * len(own)
            )
    # Parking aisles and the like are service roads for us, and left out there.
    for kind, own in ways[ways["highway"] != "service"].groupby("highway"):
        edges = roads.road_class == CLASSES.index(kind)
        assert roads.length_m[edges].sum() == pytest.approx(own["there_and_back"].sum(), rel=0.005, abs=len(own))
