"""Roads for a map: the important ones first, and no more than can be seen."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from geodata import GeodataError, generated_roads, roads_for_map


@pytest.fixture(scope="module")
def roads():
    return generated_roads(2000, seed=1)


def test_every_rank_of_a_small_town_is_on_its_map(roads):
    drawn = roads_for_map(roads, pixels=4000)
    assert drawn["highway"].tolist() == ["primary", "tertiary", "unclassified"]
    once = (roads.twin < 0) | (np.arange(roads.n_edges) < roads.twin)
    km = roads.length_m[once].sum() / 1000
    # Streets wind by up to an eighth, which their straight lines do not show.
    assert 0.85 * km < drawn.to_crs(drawn.estimate_utm_crs()).length.sum() / 1000 < 1.01 * km


def test_a_map_has_no_more_points_than_asked_and_its_first_rank_always(roads):
    whole = shapely.count_coordinates(roads_for_map(roads).geometry)
    few = roads_for_map(roads, most_points=whole - 1)
    assert few["highway"].tolist() == ["primary", "tertiary"]
    assert roads_for_map(roads, most_points=1)["highway"].tolist() == ["primary"]


def test_what_is_beyond_the_bounds_or_too_small_is_not_drawn(roads):
    west, south, east, north = roads.bounds
    middle = (west + 0.4 * (east - west), south + 0.4 * (north - south), east, north)
    part = roads_for_map(roads, middle)
    assert (part.total_bounds[:2] >= np.array(middle[:2]) - 1e-9).all()
    coarse, fine = (shapely.count_coordinates(roads_for_map(roads, pixels=p).geometry) for p in (100, 2000))
    assert coarse < fine


def test_empty_bounds_are_refused(roads):
    with pytest.raises(GeodataError, match="lon_min < lon_max"):
        roads_for_map(roads, (5.0, 52.0, 5.0, 53.0))
