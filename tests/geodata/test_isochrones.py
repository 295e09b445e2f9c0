"""What is reached in time: added up by hand in the town, and against the matrix at random."""

from __future__ import annotations

import math

import numpy as np
import pytest
from shapely import Point

from geodata import GeodataError, RoadEngine, RoadGraph, along_roads, generated_roads, isochrones
from geodata.sphere import EARTH_RADIUS_M

BLOCK_DEG = 0.001
BLOCK_M = EARTH_RADIUS_M * math.pi / 180 * BLOCK_DEG


# By hand, ten seconds a block and five on Main Street, three per junction passed.
@pytest.mark.parametrize(
    ("corner", "limit_s", "blocks"),
    [
        ((0, 0), 13, 3.5),  # A: to C (2), half of B-G, A-F
        ((0, 0), 16, 4.4),  # 0.8 of B-G, and from F 0.3 each over the bridge and along the Quay
        ((5, 1), 5, 1.0),  # U, in the middle of a road: half a block both ways
        ((0, 3), 10, 2.0),  # P: to K, and half of the way to Q
        ((1, 1), 5, 1.0),  # G: half of G-H and G-B; nothing against the one-way Quay
        ((8, 1), 1000, 2.0),  # R: the whole island, and only that
    ],
)
def test_as_much_road_is_reached_as_by_hand(
    town: RoadGraph, corner: tuple[int, int], limit_s: float, blocks: float
) -> None:
    found = isochrones(RoadEngine(town), [np.array(corner) * BLOCK_DEG], [limit_s])
    assert found["km"].tolist() == pytest.approx([blocks * BLOCK_M / 1000], abs=1e-3)


def test_the_area_ends_where_the_time_does(town: RoadGraph) -> None:
    (area,) = isochrones(RoadEngine(town), [(0, 0)], [13], aside_m=5).geometry
    inside = [(1, 0.4), (1.95, 0), (0, 0.95)]
    outside = [(1, 0.7), (2.2, 0), (0, 1.2), (3, 0), (8, 1)]
    assert [area.contains(Point(x * BLOCK_DEG, y * BLOCK_DEG)) for x, y in inside] == [True] * 3
    assert [area.contains(Point(x * BLOCK_DEG, y * BLOCK_DEG)) for x, y in outside] == [False] * 5


def test_whoever_is_reached_in_time_lies_inside() -> None:
    roads = generated_roads(500, seed=6)
    engine, places = RoadEngine(roads), along_roads(roads, 300, seed=1, aside_m=20).lonlat
    found = isochrones(engine, places[:3], [240, 120], aside_m=60)
    assert found["limit_s"].tolist() == [240, 120] * 3
    duration_s = engine.matrix(places[:3], places).duration_s
    for (_, row), seconds in zip(found.iterrows(), np.repeat(duration_s, 2, axis=0), strict=True):
        in_time = seconds <= row["limit_s"]
        assert 5 < in_time.sum() < 200
        assert row.geometry.contains(list(map(Point, places[in_time]))).all()
    areas = found.to_crs(found.estimate_utm_crs()).area.to_numpy()
    assert (areas[::2] > areas[1::2]).all()


def test_sites_have_names_and_one_in_the_sea_has_no_area(town: RoadGraph) -> None:
    found = isochrones(RoadEngine(town), [(0, 0), (0.5, 0.5)], [60], site_labels=["hub", "sea"])
    assert found["site"].tolist() == ["hub", "sea"]
    assert found.geometry.is_empty.tolist() == [False, True]
    assert found["km"].tolist()[1] == 0
    assert found.crs.to_epsg() == 4326


@pytest.mark.parametrize(
    ("limits", "aside", "message"), [([], 1, "limits_s"), ([0], 1, "limits_s"), ([5], 0, "aside_m")]
)
def test_what_makes_no_sense_is_refused(town: RoadGraph, limits: list[float], aside: float, message: str) -> None:
    with pytest.raises(GeodataError, match=f"{message} is"):
        isochrones(RoadEngine(town), [(0, 0)], limits, aside_m=aside)
