"""Addresses beside roads."""

from __future__ import annotations

import numpy as np
import pytest

from geodata import CAR, GeodataError, RoadEngine, RoadGraph, along_roads, generated_roads, read_roads


@pytest.fixture(scope="module")
def roads() -> RoadGraph:
    return generated_roads(300, seed=2, island=0.1)


def test_addresses_lie_beside_the_roads_of_the_town(roads: RoadGraph) -> None:
    sample = along_roads(roads, 500, seed=1, aside_m=12.0)
    placed = RoadEngine(roads).snap(sample.lonlat)
    assert placed.complaints == ()
    # Near a corner another road is nearer still.
    assert placed.distance_m.max() <= 12.1
    assert np.median(placed.distance_m) == pytest.approx(12.0, abs=0.1)
    assert (roads.component[roads.source[sample.origin]] == 0).all()


def test_addresses_are_on_both_sides_and_in_proportion_to_length(roads: RoadGraph) -> None:
    sample = along_roads(roads, 4000, seed=1)
    long = roads.length_m > np.median(roads.length_m)
    main = (roads.component[roads.source] == 0) & ((roads.twin < 0) | (np.arange(roads.n_edges) < roads.twin))
    share = roads.length_m[main & long].sum() / roads.length_m[main].sum()
    assert long[sample.origin].mean() == pytest.approx(share, abs=0.03)
    start, end = roads.node_lonlat[roads.source[sample.origin]], roads.node_lonlat[roads.target[sample.origin]]
    along, aside = end - start, sample.lonlat - start
    left = along[:, 0] * aside[:, 1] - along[:, 1] * aside[:, 0] > 0
    assert left.mean() == pytest.approx(0.5, abs=0.05)


def test_the_same_seed_gives_the_same_addresses(roads: RoadGraph) -> None:
    assert np.array_equal(along_roads(roads, 50, seed=3).lonlat, along_roads(roads, 50, seed=3).lonlat)
    assert not np.array_equal(along_roads(roads, 50, seed=3).lonlat, along_roads(roads, 50, seed=4).lonlat)


def test_what_makes_no_sense_is_refused(roads: RoadGraph, write_osm) -> None:
    with pytest.raises(GeodataError, match="n is 0; expected >= 1"):
        along_roads(roads, 0, seed=1)
    with pytest.raises(GeodataError, match="aside_m is -1"):
        along_roads(roads, 1, seed=1, aside_m=-1)
    motorway = read_roads(write_osm([("ABCDEUVB", {"highway": "motorway"})]), CAR)
    with pytest.raises(GeodataError, match="expected roads with addresses among them"):
        along_roads(motorway, 1, seed=1)
