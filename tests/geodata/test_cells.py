"""Demand by hexagon, with the error that it brings."""

from __future__ import annotations

import numpy as np
import pytest

from geodata import GeodataError, aggregate, clustered, great_circle_m, great_circle_pairs_m

h3 = pytest.importorskip("h3", reason="hexagons need h3: pip install 'netdesign[roads]'")


@pytest.fixture(scope="module")
def points() -> np.ndarray:
    return clustered(2000, (4.0, 51.0, 6.0, 53.0), clusters=20, seed=1).lonlat


def test_nothing_is_lost_and_every_point_is_in_its_hexagon(points: np.ndarray) -> None:
    weight = np.random.default_rng(1).uniform(0, 5, 2000)
    found = aggregate(points, 7, weight=weight)
    assert found.weight.sum() == pytest.approx(weight.sum())
    assert found.count.sum() == 2000
    assert 20 < len(found.cell) < 2000
    for k in range(0, 2000, 97):
        lon, lat = points[k]
        assert h3.latlng_to_cell(lat, lon, 7) == h3.int_to_str(int(found.cell[found.member[k]]))


def test_demand_is_put_at_the_weighted_mean() -> None:
    # Both within one hexagon of resolution 5; three quarters of the demand at the second.
    found = aggregate([(5.0, 52.0), (5.01, 52.0)], 5, weight=[1, 3])
    assert found.lonlat[0] == pytest.approx([5.0075, 52.0], abs=1e-4)
    metres = great_circle_m([(5.0, 52.0)], [(5.01, 52.0)])[0, 0]
    assert found.error_m == pytest.approx([0.75 * metres, 0.25 * metres], rel=1e-3)
    assert found.mean_error_m == pytest.approx((1 * 0.75 + 3 * 0.25) / 4 * metres, rel=1e-3)
    assert found.max_error_m == pytest.approx(0.75 * metres, rel=1e-3)


@pytest.mark.parametrize("resolution", [6, 8])
def test_the_error_bounds_what_a_mean_distance_is_wrong_by(points: np.ndarray, resolution: int) -> None:
    sites = clustered(7, (4.0, 51.0, 6.0, 53.0), clusters=3, seed=2).lonlat
    weight = np.random.default_rng(2).uniform(0, 5, 2000)
    found = aggregate(points, resolution, weight=weight)
    exact = np.average(great_circle_m(points, sites).min(axis=1), weights=weight)
    rough = np.average(great_circle_m(found.lonlat, sites).min(axis=1), weights=found.weight)
    assert abs(exact - rough) <= found.mean_error_m
    assert (found.error_m == great_circle_pairs_m(points, found.lonlat[found.member])).all()


def test_finer_hexagons_are_more_exact(points: np.ndarray) -> None:
    errors = [aggregate(points, resolution).mean_error_m for resolution in (5, 7, 9)]
    assert errors[0] > 2 * errors[1] > 4 * errors[2]


def test_hexagons_hold_their_points(points: np.ndarray) -> None:
    frame = aggregate(points, 6).to_geodataframe()
    assert frame.crs.to_epsg() == 4326
    import geopandas as gpd

    inside = gpd.GeoDataFrame(geometry=gpd.points_from_xy(*points.T), crs="EPSG:4326").sjoin(frame, predicate="within")
    assert (inside.groupby("cell").size().reindex(frame["cell"]).to_numpy() == frame["count"]).all()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"resolution": 16}, "resolution is 16; expected 0..15"),
        ({"resolution": 7, "weight": [1, -1]}, "weight has a negative"),
        ({"resolution": 7, "weight": [0, 0]}, "only zeros"),
        ({"resolution": 7, "weight": [1]}, r"weight has shape \(1,\); expected \(2,\)"),
    ],
)
def test_what_makes_no_sense_is_refused(words: dict, message: str) -> None:
    with pytest.raises(GeodataError, match=message):
        aggregate([(5, 52), (5, 53)], **words)
