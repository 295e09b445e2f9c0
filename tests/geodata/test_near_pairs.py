"""Ways to those around: as the matrix has them, across the river too."""

from __future__ import annotations

import numpy as np
import pytest

from geodata import GeodataError, RoadEngine, along_roads, generated_roads, great_circle_m, near_pairs


@pytest.fixture(scope="module")
def engine():
    return RoadEngine(generated_roads(900, seed=2, bridges=1, island=0.05))


def test_near_pairs_are_those_of_the_matrix(engine):
    # More points than one search takes, many of them on one edge, some at one place, one in the sea, one on the island.
    places = along_roads(engine.roads, 150, seed=3).lonlat
    island = engine.roads.node_lonlat[engine.roads.component == 1][:1]
    points = np.vstack([places, places[:4], island, [[0.0, 40.0]]])
    near, whole = near_pairs(engine, points, 12), engine.matrix(points)
    rows = np.arange(len(points))[:, np.newaxis]
    assert (near.index != rows).all()
    assert near.duration_s == pytest.approx(whole.duration_s[rows, near.index])
    assert near.distance_m == pytest.approx(whole.distance_m[rows, near.index])
    assert np.isinf(near.duration_s[-2:]).all()
    assert [c.kind for c in near.complaints] == ["island", "far"]
    # The nearest in a straight line are listed, however far they are by road: over the only bridge.
    straight_m = great_circle_m(points, points)[rows, near.index][:150]
    road_m = near.distance_m[:150]
    assert (np.isfinite(road_m) & (road_m > 5 * straight_m + 1000)).any()


def test_any_number_of_threads_gives_the_same_pairs(engine):
    points = along_roads(engine.roads, 200, seed=4).lonlat
    one, two = (near_pairs(RoadEngine(engine.roads, threads=n), points, 5) for n in (1, 2))
    assert np.array_equal(one.index, two.index)
    assert np.array_equal(one.duration_s, two.duration_s)


def test_more_neighbours_than_there_are_others_are_refused(engine):
    with pytest.raises(GeodataError, match=r"k is 3; expected 1..2, the number of other points"):
        near_pairs(engine, engine.roads.node_lonlat[:3], 3)
