"""Travel times on roads: a town added up by hand, NetworkX on networks with the points built in, and brute force."""

from __future__ import annotations

import json
import math
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pytest

from geodata import (
    BroughtMatrix,
    ContractionEngine,
    GeodataError,
    GreatCircle,
    MatrixEngine,
    OsrmEngine,
    RoadEngine,
    RoadGraph,
    generated_roads,
    great_circle_m,
    great_circle_pairs_m,
)
from geodata.sphere import EARTH_RADIUS_M

BLOCK_DEG = 0.001
BLOCK_M = EARTH_RADIUS_M * math.pi / 180 * BLOCK_DEG
_CORNERS = "A00 B10 C20 D30 E50 F01 G11 H21 I31 K02 L12 M22 N32 P03 Q23 U51 V61 R81 S91 T90"
PLACES = {place: (int(x) * BLOCK_DEG, int(y) * BLOCK_DEG) for place, x, y in _CORNERS.split()}
# From, to, seconds, blocks. Ten seconds a block, five on Main Street and East Bridge, three per junction passed.
BY_HAND = [
    ("A", "C", 13, 2),  # B
    ("C", "A", 13, 2),
    ("A", "G", 18, 2),  # by B; by F it were 23
    ("F", "I", 36, 3),  # the Quay: G, H
    ("I", "F", 44, 5),  # against the Quay there is only Main Street: D, C, B
    ("G", "F", 28, 3),  # B
    ("A", "M", 34, 4),  # B, C, H and East Bridge
    ("N", "A", 47, 5),  # M, H, C, B
    ("L", "P", 23, 2),  # from the middle of a road, K, to the middle of another
    ("L", "Q", 23, 2),
    ("P", "Q", 20, 2),  # along one road
    ("Q", "P", 20, 2),
    ("U", "V", 10, 1),
    ("A", "V", 54, 7),  # B, C, D
    ("F", "K", 10, 1),
    ("R", "T", 20, 2),
    ("S", "R", 10, 1),
    ("A", "R", math.inf, math.inf),
    ("T", "A", math.inf, math.inf),
]
WITHOUT_EAST_BRIDGE = [
    ("A", "M", 46, 4),  # F, K
    ("N", "A", 59, 5),  # M, K, F
    ("H", "M", 72, 7),  # C, B, F, K
    ("A", "C", 13, 2),
]
Engine = Callable[[RoadGraph], RoadEngine | ContractionEngine]


def contraction(roads: RoadGraph) -> ContractionEngine:
    pytest.importorskip("pyroutingkit", reason="contraction hierarchies need it: pip install 'netdesign[roads]'")
    return ContractionEngine(roads)


ENGINES = pytest.mark.parametrize("engine", [RoadEngine, contraction], ids=["dijkstra", "contraction"])


def agree(engine: RoadEngine | ContractionEngine, expected: list[tuple[str, str, float, float]]) -> None:
    names = list(PLACES)
    found = engine.matrix(list(PLACES.values()))
    for start, end, seconds, blocks in expected:
        at = names.index(start), names.index(end)
        # A block is 111.195 m; decimetres are rounded edge by edge.
        assert found.duration_s[at] == pytest.approx(seconds, abs=1e-3), (start, end)
        assert found.distance_m[at] == pytest.approx(blocks * BLOCK_M, abs=1), (start, end)


@ENGINES
def test_the_town_takes_as_long_as_by_hand(town: RoadGraph, engine: Engine) -> None:
    agree(engine(town), BY_HAND)


def test_times_of_the_town_are_exact_to_the_last_bit(town: RoadGraph) -> None:
    found = RoadEngine(town).matrix([PLACES["A"], PLACES["I"]], [PLACES["M"], PLACES["F"], PLACES["V"]])
    assert found.duration_s[0].tolist() == [34, 10, 54]
    assert found.duration_s[1, 1:].tolist() == [44, 43]


@ENGINES
def test_closing_a_bridge_needs_no_new_network(town: RoadGraph, engine: Engine) -> None:
    whole = engine(town)
    agree(whole, BY_HAND)
    agree(whole.closed(town.edges_named("East Bridge")), WITHOUT_EAST_BRIDGE)
    agree(whole, BY_HAND)
    bridges = np.concatenate([town.edges_named(f"{side} Bridge") for side in ("East", "West")])
    apart = whole.closed(bridges).matrix([PLACES["A"], PLACES["K"]], [PLACES["M"], PLACES["C"]])
    assert apart.unreachable.tolist() == [[True, False], [False, True]]
    assert apart.duration_s[1, 0] == pytest.approx(20)


def test_a_reweighted_contraction_keeps_its_preparation(town: RoadGraph) -> None:
    engine = contraction(town)
    engine.matrix([PLACES["A"]])
    again = engine.reweighted(2 * town.duration_s)
    assert again._topology is engine._topology
    # Delays at B are as before.
    assert again.matrix([PLACES["A"]], [PLACES["C"]]).duration_s[0, 0] == pytest.approx(23)


def with_points(roads: RoadGraph, *sides: Any) -> nx.DiGraph:
    """The network with the points as nodes of their own; arriving at a junction costs its delay."""
    graph = nx.DiGraph()

    def add(u: Any, v: Any, seconds: float, metres: float) -> None:
        if seconds < graph.get_edge_data(u, v, {"s": np.inf})["s"]:
            graph.add_edge(u, v, s=seconds, m=metres)

    source, target = roads.source.tolist(), roads.target.tolist()
    for e in range(roads.n_edges):
        add(source[e], target[e], roads.duration_s[e] + roads.delay_s[target[e]], roads.length_m[e])
    on_edge: dict[int, list[tuple[float, Any]]] = {}
    for side, points in enumerate(sides):
        for row, (edge, share) in enumerate(zip(points.edge.tolist(), points.fraction.tolist(), strict=True)):
            point = (side, row)
            graph.add_node(point)
            for e, t in ((edge, share), (int(roads.twin[edge]), 1 - share)):
                if e < 0:
                    continue
                s, m, u, v = roads.duration_s[e], roads.length_m[e], source[e], target[e]
                add(point, v, (1 - t) * s + roads.delay_s[v], (1 - t) * m)
                add(u, point, t * s, t * m)
                for other_share, other in on_edge.get(e, []):
                    one, two = (
                        ((other_share, other), (t, point)) if other_share <= t else ((t, point), (other_share, other))
                    )
                    add(one[1], two[1], (two[0] - one[0]) * s, (two[0] - one[0]) * m)
                on_edge.setdefault(e, []).append((t, point))
    return graph


@pytest.fixture(scope="module")
def generated() -> RoadGraph:
    return generated_roads(600, seed=3, bridges=2, island=0.05)


def scattered(roads: RoadGraph, n: int, seed: int) -> np.ndarray:
    """Points in the middle of edges, a little off."""
    rng = np.random.default_rng(seed)
    edges = rng.integers(0, roads.n_edges, n)
    share = rng.uniform(0.1, 0.9, (n, 1))
    ends = roads.node_lonlat[roads.source[edges]], roads.node_lonlat[roads.target[edges]]
    return (1 - share) * ends[0] + share * ends[1] + rng.normal(0, 1e-5, (n, 2))


@ENGINES
def test_a_matrix_is_that_of_networkx_with_the_points_built_in(generated: RoadGraph, engine: Engine) -> None:
    origins, destinations = scattered(generated, 25, 1), scattered(generated, 35, 2)
    found = engine(generated).matrix(origins, destinations)
    graph = with_points(generated, found.origins, found.destinations)
    for i in range(25):
        seconds = nx.single_source_dijkstra_path_length(graph, (0, i), weight="s")
        expected = [seconds.get((1, j), np.inf) for j in range(35)]
        assert found.duration_s[i] == pytest.approx(expected, abs=0.05)
    assert found.unreachable.any()
    assert not found.unreachable.all()


@pytest.mark.parametrize("counts", [(25, 35), (35, 25)])
def test_both_directions_of_search_give_the_same(generated: RoadGraph, counts: tuple[int, int]) -> None:
    engine = RoadEngine(generated)
    origins, destinations = scattered(generated, counts[0], 1), scattered(generated, counts[1], 2)
    whole = engine.matrix(origins, destinations)
    for i in (0, counts[0] - 1):
        row = engine.matrix(origins[[i]], destinations)
        assert np.array_equal(row.duration_s[0], whole.duration_s[i])
        assert row.distance_m[0] == pytest.approx(whole.distance_m[i], abs=0.2)


def test_contraction_and_dijkstra_agree_on_lengths(generated: RoadGraph) -> None:
    points = scattered(generated, 60, 5)
    one, two = RoadEngine(generated).matrix(points), contraction(generated).matrix(points)
    assert np.array_equal(one.unreachable, two.unreachable)
    near = np.isfinite(one.duration_s)
    assert two.duration_s[near] == pytest.approx(one.duration_s[near], abs=0.05)
    # A way as fast within 0.1 s per kilometre may be another one: rare, and then about as long.
    assert np.mean(np.abs(two.distance_m[near] - one.distance_m[near]) < 20) > 0.99


def test_threads_and_files_change_nothing(generated: RoadGraph, tmp_path: Path) -> None:
    points = scattered(generated, 50, 7)
    plain = RoadEngine(generated).matrix(points)
    kept = RoadEngine(generated, threads=3).matrix(points, folder=tmp_path / "kept")
    assert np.array_equal(plain.duration_s, kept.duration_s)
    assert np.array_equal(np.load(tmp_path / "kept" / "distance_m.npy", mmap_mode="r"), plain.distance_m)
    assert isinstance(kept.duration_s, np.memmap)


@pytest.mark.parametrize("travel", ["from sites", "to sites"])
@pytest.mark.parametrize("limit_s", [np.inf, 200.0])
def test_nearest_sites_are_those_of_the_matrix(generated: RoadGraph, travel: Any, limit_s: float) -> None:
    engine = RoadEngine(generated, threads=2)
    points, sites = scattered(generated, 80, 8), scattered(generated, 40, 9)
    found = engine.nearest(points, sites, 5, travel=travel, limit_s=limit_s)
    whole = (
        engine.matrix(sites, points).duration_s.T if travel == "from sites" else engine.matrix(points, sites).duration_s
    )
    expected = np.sort(np.where(whole <= limit_s, whole, np.inf), axis=1)[:, :5]
    assert found.duration_s is not None
    assert np.array_equal(found.duration_s, expected)
    listed = np.isfinite(expected)
    assert (found.index[~listed] == -1).all()
    rows = np.nonzero(listed)[0]
    assert np.array_equal(whole[rows, found.index[listed]], expected[listed])
    assert (~listed).any()


def test_equally_near_sites_are_listed_by_index(town: RoadGraph) -> None:
    found = RoadEngine(town).nearest([PLACES["B"]], [PLACES["C"], PLACES["A"], PLACES["C"]], 3)
    assert found.index.tolist() == [[0, 1, 2]]


def test_points_go_to_the_nearest_road(generated: RoadGraph) -> None:
    rng = np.random.default_rng(11)
    low, high = np.quantile(generated.node_lonlat[generated.component == 0], [0.1, 0.9], axis=0)
    points = rng.uniform(low, high, (40, 2))
    found = RoadEngine(generated).snap(points)
    # Every edge as a fine string of points.
    share = np.linspace(0, 1, 200)[:, np.newaxis, np.newaxis]
    a, b = generated.node_lonlat[generated.source], generated.node_lonlat[generated.target]
    strung = ((1 - share) * a + share * b).reshape(-1, 2)
    expected = np.array([great_circle_m([p], strung).min() for p in points])
    assert found.distance_m == pytest.approx(expected, abs=1.0)
    assert great_circle_pairs_m(points, found.snapped_lonlat) == pytest.approx(found.distance_m)
    for k in range(40):
        line = generated.edge_lonlat(int(found.edge[k]))
        assert line[0] + found.fraction[k] * (line[1] - line[0]) == pytest.approx(found.snapped_lonlat[k], abs=1e-7)


def test_a_customer_in_the_sea_a_swapped_one_and_one_on_the_island_are_named(town: RoadGraph) -> None:
    offset = np.array([5.0, 52.0])
    east = RoadGraph.from_edges(
        town.node_lonlat + offset,
        town.source,
        town.target,
        town.duration_s,
        twin=town.twin,
        shapes=(town.shape_offsets, town.shape_lonlat + offset),
    )
    names = ["anna", "bram", "cees", "dora"]
    points = [(5.001, 52.0), (5.3, 52.0), (52.001, 5.002), (5.009, 52.0)]
    found = RoadEngine(east).matrix(points, origin_labels=names)
    assert [(c.row, c.label, c.kind) for c in found.complaints] == [
        (1, "bram", "far"),
        (2, "cees", "swapped"),
        (3, "dora", "island"),
    ]
    sea, swapped, island = (c.message for c in found.complaints)
    assert sea == (
        "points[1] ('bram') at lon 5.3, lat 52 is 20 km from the nearest road; expected at most 1,000 m. "
        "Is it in the sea, or outside the extract?"
    )
    assert "swapped it is" in swapped
    assert "nothing connects with the rest (2 of 15 nodes)" in island
    reached = np.zeros((4, 4), dtype=bool)
    reached[0, 0] = reached[3, 3] = True
    assert np.array_equal(~found.unreachable, reached)
    with pytest.raises(GeodataError, match=r"bram.*\n.*cees.*\n.*dora"):
        found.check()
    assert RoadEngine(east).matrix(points[:1]).check().complaints == ()


def test_a_point_by_a_dead_fragment_goes_to_a_connected_road_nearby(write_osm: Any) -> None:
    from geodata import CAR, read_roads

    # The lane B-G is cut off from Main Street by a bollard at B.
    ways = [("ABCDE", {"highway": "primary"}), ("BG", {"highway": "residential"})]
    roads = read_roads(write_osm(ways, tagged={"B": {"barrier": "bollard"}}), CAR)
    # Main Street is cut too: its longer part is the town.
    placed = RoadEngine(roads).snap([(0.0012, 0.0003), (0.001, 0.0008)])
    assert roads.component[roads.source[placed.edge]].tolist()[0] == 0
    assert [(c.row, c.kind) for c in placed.complaints] == [(1, "island")]


def test_ways_follow_the_roads(town: RoadGraph) -> None:
    engine = RoadEngine(town)
    pairs = [(a, b) for a, b, seconds, _ in BY_HAND if math.isfinite(seconds)]
    ways = engine.ways([PLACES[a] for a, _ in pairs], [PLACES[b] for _, b in pairs])
    for (a, b), way, (_, _, seconds, blocks) in zip(pairs, ways, BY_HAND, strict=False):
        assert way.duration_s == pytest.approx(seconds)
        assert way.lonlat[0] == pytest.approx(PLACES[a], abs=1e-6)
        assert way.lonlat[-1] == pytest.approx(PLACES[b], abs=1e-6)
        assert great_circle_pairs_m(way.lonlat[:-1], way.lonlat[1:]).sum() == pytest.approx(blocks * BLOCK_M, abs=1)
    corners = [tuple(np.rint(p / BLOCK_DEG).astype(int)) for p in ways[pairs.index(("L", "P"))].lonlat]
    assert corners == [(1, 2), (0, 2), (0, 3)]
    (none,) = engine.ways([PLACES["A"]], [PLACES["R"]])
    assert (len(none.lonlat), none.duration_s) == (0, math.inf)


def test_ways_are_as_long_as_the_matrix_says(generated: RoadGraph) -> None:
    engine = RoadEngine(generated)
    origins, destinations = scattered(generated, 30, 13), scattered(generated, 30, 14)
    whole, ways = engine.matrix(origins, destinations), engine.ways(origins, destinations)
    assert [way.duration_s for way in ways] == np.diag(whole.duration_s).tolist()
    assert [way.distance_m for way in ways] == np.diag(whole.distance_m).tolist()
    with pytest.raises(GeodataError, match="30 origins meet 1 destinations"):
        engine.ways(origins, destinations[:1])


def test_every_result_says_where_it_comes_from(town: RoadGraph) -> None:
    for result in (RoadEngine(town).matrix([PLACES["A"]]), RoadEngine(town).nearest([PLACES["A"]], [PLACES["B"]], 1)):
        assert result.provenance is not None
        assert result.provenance.engine == "roads"
        assert result.provenance.parameters["extract_sha256"] == town.about["extract_sha256"]
        assert result.provenance.parameters["max_snap_m"] == 1000


def test_parts_and_frame_are_those_of_the_matrix(town: RoadGraph) -> None:
    engine: MatrixEngine = RoadEngine(town)
    points = [PLACES["A"], PLACES["C"], PLACES["R"]]
    found = engine.matrix(points, points)
    assert np.array_equal(engine.duration_s(points, points), found.duration_s)
    assert np.array_equal(engine.distance_m(points, points), found.distance_m)
    frame = found.to_frame()
    assert frame[["origin", "destination"]].values.tolist() == [[0, 0], [0, 1], [1, 0], [1, 1], [2, 2]]
    assert frame["duration_s"].tolist() == [0, 13, 13, 0, 0]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda e: e.nearest([(0, 0)], [(0, 0)], 2), r"k is 2; expected 1\.\.1"),
        (lambda e: e.nearest([(0, 0)], [(0, 0)], 1, travel="by air"), "travel is 'by air'; expected 'from sites'"),
        (lambda e: e.matrix([(0, 95)]), r"lat\[0\] is 95 \(points\)"),
        (lambda e: RoadEngine(e.roads, max_snap_m=0), "max_snap_m is 0; expected a number > 0"),
        (lambda e: RoadEngine(e.roads, threads=0), "threads is 0; expected >= 1"),
    ],
)
def test_bad_questions_are_refused(town: RoadGraph, call: Callable[[RoadEngine], Any], message: str) -> None:
    with pytest.raises(GeodataError, match=message):
        call(RoadEngine(town))


def test_a_network_wider_than_five_hundred_kilometres_counts_in_coarser_units() -> None:
    # A road of 40 h and 4,000 km, in a hundred pieces.
    lon = np.linspace(0, 36, 101)
    ends = np.arange(100)
    roads = RoadGraph.from_edges(
        np.column_stack([lon, 0 * lon]),
        np.concatenate([ends, ends + 1]),
        np.concatenate([ends + 1, ends]),
        np.full(200, 1440.004),
        length_m=np.full(200, 40_000.4),
    )
    found = RoadEngine(roads).matrix([(0, 0)], [(36, 0)])
    assert found.duration_s[0, 0] == pytest.approx(144_000, abs=0.5)
    assert found.distance_m[0, 0] == pytest.approx(4_000_000, abs=50)


def test_no_points_make_an_empty_matrix(town: RoadGraph) -> None:
    engine = RoadEngine(town)
    assert engine.matrix([], [PLACES["A"]]).duration_s.shape == (0, 1)
    assert engine.nearest([], [PLACES["A"]], 1).index.shape == (0, 1)


def test_a_brought_matrix_knows_its_points() -> None:
    points = [(5.0, 52.0), (5.1, 52.0), (5.2, 52.0)]
    minutes = np.array([[0, 1, 2], [3, 0, 4], [5, 6, 0]])
    engine: MatrixEngine = BroughtMatrix(points, 1000.0 * minutes, 60.0 * minutes, source="the planner's table")
    found = engine.matrix(points[2:], points[:2])
    assert found.duration_s.tolist() == [[300, 360]]
    assert engine.distance_m(points[:1], points[1:]).tolist() == [[1000, 2000]]
    assert engine.provenance.parameters == {"source": "the planner's table"}
    with pytest.raises(GeodataError, match=r"origins\[0\] is 6,846 m from the nearest point .* one of its 3 points"):
        engine.matrix([(5.3, 52.0)], points)
    with pytest.raises(GeodataError, match=r"durations_s has shape \(2, 2\); expected \(3, 3\)"):
        BroughtMatrix(points, minutes, minutes[:2, :2])
    with pytest.raises(GeodataError, match=r"distances_m\[0, 1\] is -1"):
        BroughtMatrix(points, -minutes, minutes)


class Osrm(BaseHTTPRequestHandler):
    """Answers tables as OSRM does, with great circles; nothing leads to the southern hemisphere."""

    def do_GET(self) -> None:
        path, query = self.path.split("?")
        points = [tuple(map(float, pair.split(","))) for pair in path.split("/")[-1].split(";")]
        asked = dict(part.split("=") for part in query.split("&"))
        rows, columns = (list(map(int, asked[name].split(";"))) for name in ("sources", "destinations"))
        if len(points) > 6:
            self.answer(400, {"code": "TooBig", "message": "Too many table coordinates"})
            return
        metres = great_circle_m([points[k] for k in rows], [points[k] for k in columns])
        lost = [points[k][1] < 0 for k in columns]
        values = [[None if no else x for no, x in zip(lost, row, strict=True)] for row in metres.tolist()]
        seconds = [[None if x is None else x / 10 for x in row] for row in values]
        self.answer(200, {"code": "Ok", "distances": values, "durations": seconds})

    def answer(self, code: int, content: dict[str, Any]) -> None:
        body = json.dumps(content).encode()
        self.send_response(code)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def osrm() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Osrm)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def test_a_server_is_asked_in_parts_that_it_accepts(osrm: str) -> None:
    origins, destinations = [(k / 10, 50.0) for k in range(7)], [(k / 7, 51.0) for k in range(4)] + [(0.0, -5.0)]
    engine: MatrixEngine = OsrmEngine(osrm, max_points=6)
    found = engine.matrix(origins, destinations)
    # Coordinates are sent with six decimals.
    assert found.distance_m[:, :4] == pytest.approx(great_circle_m(origins, destinations)[:, :4], abs=0.2)
    assert found.duration_s[:, :4] == pytest.approx(found.distance_m[:, :4] / 10)
    assert found.unreachable[:, 4].all()
    assert engine.provenance.parameters["url"] == osrm


def test_a_server_that_refuses_or_is_not_there_is_one_message(osrm: str) -> None:
    with pytest.raises(GeodataError, match=r"refused a table of 10 by 10: TooBig: Too many .* Lower max_points"):
        OsrmEngine(osrm).matrix([(k / 10, 50.0) for k in range(10)])
    with pytest.raises(GeodataError, match=r"127\.0\.0\.1:1 does not answer as OSRM"):
        OsrmEngine("http://127.0.0.1:1").matrix([(0, 0)])
    with pytest.raises(GeodataError, match="url is 'localhost'"):
        OsrmEngine("localhost")


def test_a_great_circle_has_a_matrix_and_durations_too() -> None:
    engine: MatrixEngine = GreatCircle(circuity=1.0, speed_kmh=36.0)
    found = engine.matrix([(0, 0)], [(0, 1)])
    assert found.duration_s[0, 0] == pytest.approx(found.distance_m[0, 0] / 10)
    assert found.complaints == ()
