"""Speeds by the hour."""

from __future__ import annotations

import numpy as np
import pytest

from geodata import GeodataError, HourlySpeeds, RoadEngine, RoadGraph
from geodata.roads import CLASSES

HALF_AT_EIGHT = [0.5 if hour == 8 else 1.0 for hour in range(24)]
A, C, F = (0, 0), (0.002, 0), (0, 0.001)


def test_the_rush_hour_is_slower_on_the_roads_it_names(town: RoadGraph) -> None:
    speeds, engine = HourlySpeeds({"primary": HALF_AT_EIGHT}), RoadEngine(town)
    by_hour = [
        engine.reweighted(speeds.durations_s(town, hour)).duration_s([A], [C, F])[0].tolist() for hour in (7, 8, 9)
    ]
    # Two blocks of Main Street and three seconds at B; the lane to F is no primary road.
    assert by_hour == [[13, 10], [23, 10], [13, 10]]


def test_others_are_all_classes_that_are_not_named(town: RoadGraph) -> None:
    speeds = HourlySpeeds({"primary": [1.0] * 24}, others=HALF_AT_EIGHT)
    primary = town.road_class == CLASSES.index("primary")
    factor = speeds.durations_s(town, 8) / town.duration_s
    assert factor[primary].tolist() == pytest.approx([1.0] * primary.sum())
    assert factor[~primary].tolist() == pytest.approx([2.0] * (~primary).sum())


def test_a_factor_of_zero_closes_the_roads_for_the_hour(town: RoadGraph) -> None:
    night = HourlySpeeds({"residential": [0.0] * 6 + [1.0] * 18})
    assert np.isinf(night.durations_s(town, 3)).sum() == (town.road_class == CLASSES.index("residential")).sum()
    assert np.array_equal(night.durations_s(town, 6), town.duration_s)


def test_what_makes_no_sense_is_refused(town: RoadGraph) -> None:
    with pytest.raises(GeodataError, match="factors has 'street'; expected classes among motorway"):
        HourlySpeeds({"street": [1.0] * 24})
    with pytest.raises(GeodataError, match=r"factors\['primary'\] is \[1.0\]; expected 24 numbers"):
        HourlySpeeds({"primary": [1.0]})
    with pytest.raises(GeodataError, match="hour is 24; expected 0"):
        HourlySpeeds({}).durations_s(town, 24)
