"""``netdesign route --roads``: plans along roads, and whoever is not on them by name."""

from __future__ import annotations

import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from geodata import HourlySpeeds, RoadEngine, generated_roads, save_roads

pytestmark = pytest.mark.usefixtures("folder")
WORDS = ("--capacity", 2, "--roads", "roads.npz", "--max-iterations", 300)


@pytest.fixture
def town(folder):
    roads = generated_roads(400, seed=1, bridges=2, island=0.05, centre=(4.9, 52.37))
    save_roads(roads, folder / "roads.npz")
    main = roads.node_lonlat[roads.component == 0]
    frame = pd.DataFrame(main[[3, 50, 90, 200]], columns=["lon", "lat"]).assign(customer=list("abcd"), demand=1)
    frame.to_csv(folder / "stops.csv", index=False)
    bad = [(*roads.node_lonlat[roads.component == 1][0], "dora", 1), (2.0, 52.0, "eva", 1), (52.37, 4.9, "finn", 1)]
    wrong = pd.concat([frame, pd.DataFrame(bad, columns=["lon", "lat", "customer", "demand"])])
    wrong.to_csv(folder / "wrong.csv", index=False)
    depot = f"{main[150, 0]:.9f},{main[150, 1]:.9f}"
    return roads, depot, np.vstack([main[150], frame[["lon", "lat"]].to_numpy()])


def decoded(text: str) -> np.ndarray:
    """An encoded polyline as lon and lat, by the format's page."""
    steps, value, shift = [], 0, 0
    for letter in text:
        value |= (ord(letter) - 63 & 31) << shift
        shift += 5
        if ord(letter) - 63 < 32:
            steps.append(~(value >> 1) if value & 1 else value >> 1)
            value = shift = 0
    return np.cumsum(np.reshape(steps, (-1, 2)), axis=0)[:, ::-1] / 1e5


def test_distances_of_a_plan_are_those_of_the_roads(command, town, folder):
    roads, depot, places = town
    answer = command("route", "stops.csv", "--depot", depot, *WORDS, "-o", "plan.geojson", "--json").answer
    matrix = RoadEngine(roads).matrix(places)
    total = 0.0
    for route in answer["routes"]:
        path = [0, *("abcd".index(stop) + 1 for stop in route["stops"]), 0]
        assert decoded(route["geometry"])[[0, -1]] == pytest.approx(places[[0, 0]], abs=1e-5)
        assert route["duration_s"] == pytest.approx(matrix.duration_s[path[:-1], path[1:]].sum(), abs=0.1)
        total += matrix.distance_m[path[:-1], path[1:]].sum()
    assert answer["objective"] == pytest.approx(total, abs=1)
    drawn = gpd.read_file(folder / "plan.geojson")
    # Streets of the generator wind by up to an eighth of their length.
    length_m = drawn.to_crs(drawn.estimate_utm_crs()).length.sum()
    assert 0.85 * total < length_m < 1.02 * total
    assert min(len(line.coords) for line in drawn.geometry) > 4


def test_where_no_matrix_fits_the_plan_is_made_with_lists_and_measured(command, town, folder, monkeypatch):
    monkeypatch.setattr("netdesign.cli.road_travel.MOST_IN_MATRIX", 20)
    monkeypatch.setattr("netdesign.study.road_travel.NEAR", 8)
    roads, depot, _ = town
    main = roads.node_lonlat[roads.component == 0]
    frame = pd.DataFrame(main[10::6], columns=["lon", "lat"]).assign(customer=range(len(main[10::6])), demand=1)
    frame.to_csv(folder / "many.csv", index=False)
    words = ("route", "many.csv", "--depot", depot, "--capacity", 15, "--roads", "roads.npz", "--max-iterations", 300)
    done = command(*words, "-o", "plan.json")
    assert "legs were estimated" in done.out
    answer = json.loads((folder / "plan.json").read_text("utf-8"))
    matrix = RoadEngine(roads).matrix(np.vstack([main[150], main[10::6]]))
    paths = [[0, *(int(stop) + 1 for stop in route["stops"]), 0] for route in answer["routes"]]
    driven = answer["along_roads"]
    assert driven["distance_m"] == pytest.approx(sum(matrix.distance_m[p[:-1], p[1:]].sum() for p in paths), abs=1)
    assert driven["legs"] == sum(len(path) - 1 for path in paths)


def test_with_speeds_by_hour_every_leg_takes_as_long_as_in_the_slowest_hour_of_the_shift(command, town, folder):
    roads, depot, places = town
    (folder / "speeds.csv").write_text("highway,hour,factor\nothers,8,0.5\nprimary,20,0.1\n", "utf-8")
    words = ("--depot", depot, *WORDS, "--speeds", "speeds.csv", "--json")
    answer = command("route", "stops.csv", "--shift", "25200,36000", *words).answer
    # A class that is named is not among the others.
    rush = HourlySpeeds({"primary": [1.0] * 24}, others=[0.5 if hour == 8 else 1.0 for hour in range(24)])
    slow = RoadEngine(roads.with_durations(rush.durations_s(roads, 8))).matrix(places)
    for route in answer["routes"]:
        path = [0, *("abcd".index(stop) + 1 for stop in route["stops"]), 0]
        assert route["duration_s"] == pytest.approx(slow.duration_s[path[:-1], path[1:]].sum(), abs=0.1)


def test_those_who_are_not_on_the_roads_are_unassigned_by_name(command, town):
    done = command("route", "wrong.csv", "--depot", town[1], *WORDS, "--json")
    assert (done.code, done.answer["status"]) == (1, "infeasible")
    reasons = {one["id"]: one["reasons"] for one in done.answer["unassigned"]}
    assert set(reasons) == {"dora", "eva", "finn"}
    assert all(own[0] == "there is no connection between it and the depot" for own in reasons.values())
    assert "nothing connects with the rest" in reasons["dora"][1]
    assert "Is it in the sea" in reasons["eva"][1]
    assert "swap them" in reasons["finn"][1]


@pytest.mark.parametrize(
    ("words", "culprit"),
    [
        (("four.vrp", "--roads", "roads.npz"), "expected a table with lon and lat"),
        (("stops.csv", "--depot", "2,52", *WORDS), "--depot is not on the roads"),
        (("stops.csv", "--depot", "4.9,52.37", "--capacity", 2, "--roads", "none.npz"), "none.npz cannot be read"),
        (("stops.csv", "--depot", "4.9,52.37", *WORDS, "--profile", "cart"), "--profile is 'cart'"),
        (
            ("stops.csv", "--depot", "4.9,52.37", *WORDS, "--speeds", "stops.csv"),
            "a table with highway, hour and factor",
        ),
        (("stops.csv", "--depot", "4.9,52.37", "--capacity", 2, "--speeds", "stops.csv"), "--roads is missing"),
    ],
)
def test_bad_input_ends_with_2_and_one_message(command, town, words, culprit):
    done = command("route", *words, "--json")
    assert (done.code, done.out) == (2, "")
    assert done.err.count("\n") == 1
    assert culprit in done.err
