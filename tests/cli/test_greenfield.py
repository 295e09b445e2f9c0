"""The command for sites anywhere, and competitors in a table of sites."""

from __future__ import annotations

import json
import math

import geopandas as gpd
import pandas as pd
import pytest

pytestmark = pytest.mark.usefixtures("folder")

QUICK = ("--max-iterations", 10, "--json")


@pytest.fixture
def square(folder):
    """Four corners of a square and somebody far away."""
    (folder / "square.csv").write_text("customer,x,y,weight\na,0,0,1\nb,2,0,1\nc,0,2,1\nd,2,2,1\ne,90,90,3\n")
    (folder / "offers.csv").write_text("site,x,y,status\nS,1,1.5,\nT,90,91,candidate\nU,1,1,closed\n")
    return folder


def test_places_are_found_and_proven(command, square):
    done = command("greenfield", "square.csv", "--p", 2, *QUICK)
    answer = done.answer
    assert (done.code, done.err) == (0, "")
    assert answer["objective"] == pytest.approx(4 * math.sqrt(2))
    assert 0 < answer["bound"] <= answer["objective"]
    assert [pytest.approx(list(place.values()), abs=1e-5) for place in answer["sites"]] == [[1, 1], [90, 90]]
    assert answer["assignment"] == [0, 0, 0, 0, 1]
    assert command("greenfield", "square.csv", "--p", 2, *QUICK).answer["sites"] == answer["sites"]


def test_places_are_snapped_to_sites_that_may_open(command, square):
    snapped = command("greenfield", "square.csv", "--p", 2, "--sites", "offers.csv", *QUICK).answer["snapped"]
    assert snapped["open"] == ["S", "T"]
    cost = 2 * math.hypot(1, 1.5) + 2 * math.hypot(1, 0.5) + 3
    assert snapped["objective"] == pytest.approx(cost)
    assert snapped["price"] == pytest.approx(cost - 4 * math.sqrt(2))


def test_a_reader_is_told_where(command, square):
    told = command("greenfield", "square.csv", "--p", 2, "--sites", "offers.csv", "--max-iterations", 10).out
    assert "2 sites anywhere for 5 customers" in told
    assert "snapped to  S, T" in told


def test_files_are_written(command, square):
    outputs = [word for name in ("a.json", "a.csv", "a.gpkg", "a.png") for word in ("-o", name)]
    done = command("greenfield", "customers.csv", "--p", 1, *QUICK, *outputs)
    assert done.code == 0
    assert json.loads((square / "a.json").read_text())["sites"] == done.answer["sites"]
    assert pd.read_csv(square / "a.csv").columns.tolist()[:3] == ["site", "lon", "lat"]
    assert len(gpd.read_file(square / "a.gpkg", layer="lines")) == 2
    assert (square / "a.png").stat().st_size > 1000


def test_sites_of_another_kind_of_coordinates_are_refused(command, square):
    done = command("greenfield", "square.csv", "--p", 1, "--sites", "sites.csv", "--json")
    assert done.code == 2
    assert "sites.csv: its coordinates is lon, lat (as square.csv); expected x, y" in done.err


def test_competitors_stand_in_the_table_of_sites(command, square):
    (square / "rivals.csv").write_text(
        "site,x,y,status,attractiveness\nS,1,1.5,candidate,2\nR,0,1,competitor,1\nT,50,50,candidate,1\n"
    )
    words = (
        "locate",
        "square.csv",
        "--sites",
        "rivals.csv",
        "--model",
        "max-capture",
        "--p",
        1,
        "--decay",
        2,
        "--json",
    )
    answer = command(*words).answer
    assert (answer["status"], answer["open"]) == ("optimal", ["S"])  # more than T, which would have e alone
    assert {flow[0] for flow in answer["flows"]} == {"S"}
    assert sum(flow[2] for flow in answer["flows"]) == pytest.approx(answer["objective"])
    done = command(*(word if word != "max-capture" else "p-median" for word in words[:8]), "--json")
    assert done.code == 2
    assert "'competitor'" in done.err
