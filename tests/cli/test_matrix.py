"""``netdesign matrix``: tables in, distances and durations out."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from geodata import RoadEngine, generated_roads, great_circle_m, save_roads

pytestmark = pytest.mark.usefixtures("folder")


@pytest.fixture
def network(folder):
    roads = generated_roads(400, seed=1, bridges=2, island=0.05, centre=(4.9, 52.37))
    save_roads(roads, folder / "roads.npz")
    town, island = (roads.node_lonlat[roads.component == k] for k in (0, 1))
    frame = pd.DataFrame(town[[3, 50, 90]], columns=["lon", "lat"], index=pd.Index(["anna", "bram", "cees"], name="id"))
    frame.to_csv(folder / "town.csv")
    frame.loc["dora"] = island[0]
    frame.loc["eva"] = [2.0, 52.0]
    frame.to_csv(folder / "all.csv")
    return roads


def test_a_matrix_on_roads_is_that_of_the_engine(command, network, folder):
    done = command("matrix", "town.csv", "--roads", "roads.npz", "-o", "out.npz", "-o", "out.csv")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("9 pairs, 0 without a way, by roads\n")
    expected = RoadEngine(network).matrix(pd.read_csv(folder / "town.csv")[["lon", "lat"]].to_numpy())
    with np.load(folder / "out.npz") as written:
        assert np.array_equal(written["duration_s"], expected.duration_s)
        assert written["origins"].tolist() == ["anna", "bram", "cees"]
        assert json.loads(str(written["provenance"]))["parameters"]["source"] == "synthetic"
    frame = pd.read_csv(folder / "out.csv")
    assert frame["origin"].tolist()[:4] == ["anna", "anna", "anna", "bram"]
    assert frame["distance_m"].to_numpy() == pytest.approx(expected.distance_m.ravel())


def test_those_in_the_wrong_place_are_named(command, network):
    done = command("matrix", "all.csv", "--roads", "roads.npz")
    assert done.code == 0
    assert done.out.startswith("10 pairs, 15 without a way")
    dora, eva = done.err.splitlines()
    assert "points[3] ('dora')" in dora
    assert "nothing connects" in dora
    assert "points[4] ('eva') at lon 2, lat 52" in eva
    answer = command("matrix", "all.csv", "--roads", "roads.npz", "--json").answer
    assert [(c["label"], c["kind"]) for c in answer["complaints"]] == [("dora", "island"), ("eva", "far")]
    assert answer["provenance"]["engine"] == "roads"


def test_near_sites_are_listed_by_rank(command, network, folder):
    words = ("--to", "town.csv", "--roads", "roads.npz", "--nearest", 2, "-o", "near.csv")
    assert command("matrix", "town.csv", *words).code == 0
    frame = pd.read_csv(folder / "near.csv")
    assert frame["rank"].tolist() == [1, 2] * 3
    assert frame.loc[frame["rank"] == 1, "destination"].tolist() == ["anna", "bram", "cees"]


def test_without_roads_lines_are_straight(command, folder):
    command("matrix", "customers.csv", "--to", "sites.csv", "--circuity", 2, "--speed", 36, "-o", "out.csv")
    frame = pd.read_csv(folder / "out.csv")
    places = [pd.read_csv(folder / f"{name}.csv")[["lon", "lat"]].to_numpy() for name in ("customers", "sites")]
    assert frame["distance_m"].to_numpy() == pytest.approx(2 * great_circle_m(*places).ravel(), abs=0.1)
    assert frame["duration_s"].to_numpy() == pytest.approx(frame["distance_m"] / 10, abs=0.01)
    assert frame["destination"].tolist() == ["noord", "zuid"] * 2


def test_no_way_at_all_is_an_answer_of_its_own(command, network, folder):
    (folder / "sea.csv").write_text("id,lon,lat\nx,2,52\n")
    done = command("matrix", "sea.csv", "--roads", "roads.npz", "--json")
    assert done.code == 1
    assert (done.answer["pairs"], done.answer["mean_distance_m"]) == (0, None)


@pytest.mark.parametrize(
    ("words", "culprit"),
    [
        (("customers.csv", "--roads", "none.npz"), "none.npz cannot be read"),
        (("customers.csv", "--engine", "roads"), "--roads is missing (--engine roads); expected a road network"),
        (("customers.csv", "--engine", "valhalla"), "--engine is 'valhalla'; expected one of great-circle"),
        (("customers.csv", "--nearest", 2), "--to is missing (--nearest)"),
        (("customers.csv", "--to", "sites.csv", "--nearest", 3), "k is 3; expected 1..2"),
        (("customers.csv", "--url", "http://127.0.0.1:1"), "http://127.0.0.1:1 does not answer as OSRM"),
        (("none.csv",), "none.csv"),
        (("customers.csv", "-o", "customers.csv"), "the file that is read"),
        (("customers.csv", "-o", "out.xlsx"), "'.xlsx'"),
    ],
)
def test_bad_input_ends_with_2_and_one_message(command, words, culprit):
    done = command("matrix", *words, "--json")
    assert (done.code, done.out) == (2, "")
    assert done.err.count("\n") == 1
    assert culprit in done.err
