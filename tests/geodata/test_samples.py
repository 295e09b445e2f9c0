"""Samples: reproducible, in their bounds, distributed as they say."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from geodata import (
    GeodataError,
    SamplePoints,
    addresses,
    clustered,
    demands,
    densified,
    depots,
    great_circle_m,
    places_frame,
    uniform,
)

BOX = (3.0, 50.0, 7.0, 54.0)
TWO_PLACES = [(5.0, 52.0), (20.0, 45.0)]

SAMPLERS: list[Callable[[int], SamplePoints]] = [
    lambda seed: uniform(500, BOX, seed=seed),
    lambda seed: clustered(500, BOX, clusters=20, seed=seed),
    lambda seed: clustered(500, BOX, clusters=20, seed=seed, contrast=1.0),
    lambda seed: densified(TWO_PLACES, [100_000, 900_000], 500, seed=seed),
    lambda seed: addresses("IT", 500, seed=seed),
]


@pytest.mark.parametrize("sample", SAMPLERS)
def test_the_same_seed_gives_the_same_bytes(sample: Callable[[int], SamplePoints]) -> None:
    first, again, other = sample(7), sample(7), sample(8)
    assert first.lonlat.tobytes() == again.lonlat.tobytes()
    assert first.weight.tobytes() == again.weight.tobytes()
    assert first.origin.tobytes() == again.origin.tobytes()
    assert first.lonlat.tobytes() != other.lonlat.tobytes()


@pytest.mark.parametrize("sample", SAMPLERS)
def test_a_sample_is_read_only_and_has_one_weight_per_point(sample: Callable[[int], SamplePoints]) -> None:
    points = sample(1)
    assert points.lonlat.shape == (500, 2)
    assert points.weight.shape == points.origin.shape == (500,)
    assert points.origin.dtype == np.int32
    with pytest.raises(ValueError, match="read-only"):
        points.lonlat[0, 0] = 0.0


@pytest.mark.parametrize("sample", SAMPLERS[:3])
def test_no_point_leaves_the_bounds(sample: Callable[[int], SamplePoints]) -> None:
    west, south, east, north = BOX
    for seed in range(20):
        lon, lat = sample(seed).lonlat.T
        assert lon.min() >= west
        assert lon.max() <= east
        assert lat.min() >= south
        assert lat.max() <= north


def test_uniform_points_are_even_by_area_and_not_by_degree() -> None:
    lat = uniform(20_000, (-180.0, 0.0, 180.0, 90.0), seed=3).lonlat[:, 1]
    # Half of the hemisphere's area lies south of 30 degrees (sin 30 = 1/2); the error is 0.5 / sqrt(20,000) = 0.0035.
    assert (lat < 30.0).mean() == pytest.approx(0.5, abs=4 * 0.0035)


def test_cluster_populations_have_a_heavy_tail() -> None:
    shares = [np.bincount(clustered(5_000, BOX, clusters=100, seed=seed).origin).max() / 5_000 for seed in range(10)]
    # A light tail would give the largest of 100 clusters a few percent.
    assert np.median(shares) > 0.08


def test_weights_sum_to_the_population() -> None:
    assert clustered(300, BOX, clusters=5, seed=1, population=2e6).weight.sum() == pytest.approx(2e6)
    assert densified(TWO_PLACES, [100_000, 900_000], 300, seed=1).weight.sum() == pytest.approx(1e6)


def test_places_get_points_in_proportion_to_their_population() -> None:
    origin = densified(TWO_PLACES, [100_000, 900_000], 10_000, seed=2).origin
    # Binomial: the standard deviation of the share is sqrt(0.1 * 0.9 / 10,000) = 0.003.
    assert (origin == 0).mean() == pytest.approx(0.1, abs=4 * 0.003)


def test_a_place_without_inhabitants_gets_no_points() -> None:
    assert set(densified(TWO_PLACES, [0, 5_000], 1_000, seed=1).origin) == {1}


@pytest.mark.parametrize(("population", "spread_m"), [(10_000, 600.0), (1_000_000, 600.0 * 100**0.4)])
def test_the_spread_grows_with_the_population(population: int, spread_m: float) -> None:
    points = densified([(5.0, 60.0)], [population], 20_000, seed=4)
    distance_m = great_circle_m([(5.0, 60.0)], points.lonlat)[0]
    # Two normal axes: the mean square distance is twice the variance, at 60 degrees north too.
    assert math.sqrt((distance_m**2).mean() / 2) == pytest.approx(spread_m, rel=0.03)


def test_points_cross_the_date_line_without_leaving_the_globe() -> None:
    lon = densified([(179.99, 0.0)], [1_000_000], 1_000, seed=1).lonlat[:, 0]
    assert np.abs(lon).max() <= 180.0
    assert (lon < 0).any()
    assert (lon > 0).any()


def test_the_netherlands_can_be_densified_from_real_places() -> None:
    places = places_frame("NL")
    points = densified(places[["lon", "lat"]].to_numpy(), places["population"].to_numpy(), 2_000, seed=1)
    frame = points.to_geodataframe()
    assert frame.crs.to_epsg() == 4326
    assert list(frame.columns) == ["lon", "lat", "weight", "origin", "geometry"]
    assert (frame.geometry.x == frame["lon"]).all()
    assert frame["weight"].sum() == pytest.approx(places["population"].sum())


def test_a_bad_population_is_named_with_its_place() -> None:
    with pytest.raises(GeodataError, match=r"population\[1\] is -5 \(place 'Utrecht'\); expected a number >= 0"):
        densified(TWO_PLACES, [1, -5], 10, seed=1, labels=["Amsterdam", "Utrecht"])


def test_populations_match_the_places() -> None:
    with pytest.raises(GeodataError, match=r"population has shape \(1,\); expected \(2,\)"):
        densified(TWO_PLACES, [1], 10, seed=1)


@pytest.mark.parametrize(
    "bounds", [(7.0, 50.0, 3.0, 54.0), (3.0, 54.0, 7.0, 50.0), (3.0, 50.0, 3.0, 54.0), (52.0, 4.0, 53.0, 95.0)]
)
def test_bounds_that_are_no_box_are_rejected(bounds: tuple[float, float, float, float]) -> None:
    with pytest.raises(GeodataError, match="expected"):
        uniform(10, bounds, seed=1)


def test_counts_and_totals_must_be_positive() -> None:
    with pytest.raises(GeodataError, match="n is 0; expected >= 1"):
        uniform(0, BOX, seed=1)
    with pytest.raises(GeodataError, match="clusters is 0"):
        clustered(10, BOX, clusters=0, seed=1)
    with pytest.raises(GeodataError, match="sum of population is 0"):
        densified(TWO_PLACES, [0, 0], 10, seed=1)


def test_contrast_makes_clusters_of_one_size_differ_in_density() -> None:
    def radii(contrast: float) -> np.ndarray:
        # A heavy exponent makes clusters equally large, so that nothing but the contrast tells them apart.
        points = clustered(20_000, (0.0, 0.0, 60.0, 60.0), clusters=40, seed=1, tail=1e6, contrast=contrast)
        return np.array([points.lonlat[points.origin == k, 1].std() for k in range(40)])

    assert np.log(radii(0.0)).std() < 0.1
    # 40 draws of a normal logarithm: the error of its standard deviation is 0.8 / sqrt(80) = 0.09.
    assert np.log(radii(0.8)).std() == pytest.approx(0.8, abs=4 * 0.09)


def test_addresses_lie_around_the_places_of_their_country() -> None:
    places, points = places_frame("IT"), addresses("IT", 3_000, seed=1)
    assert points.weight.sum() == pytest.approx(places["population"].sum())
    centres = places[["lon", "lat"]].to_numpy()[points.origin]
    assert np.abs(points.lonlat - centres).max() < 0.5
    # Rome has about one in thirteen of those who live in the places of the table.
    assert (points.origin == 0).mean() == pytest.approx(places["population"][0] / places["population"].sum(), abs=0.02)


def test_demands_are_whole_numbers_from_least_to_most() -> None:
    amounts = demands(1_000, seed=1, least=2, most=4)
    assert amounts.dtype == np.int64
    assert sorted(set(amounts.tolist())) == [2, 3, 4]
    assert (amounts == demands(1_000, seed=1, least=2, most=4)).all()


def test_one_depot_lies_in_the_middle() -> None:
    assert depots([(4.0, 50.0), (6.0, 50.0), (5.0, 53.0)], 1, seed=1) == pytest.approx(np.array([[5.0, 51.0]]))


def test_two_clusters_get_a_depot_each() -> None:
    places = densified(TWO_PLACES, [500_000, 500_000], 2_000, seed=1).lonlat
    assert depots(places, 2, seed=1) == pytest.approx(np.array(TWO_PLACES), abs=0.05)


def test_a_fleet_needs_points_for_its_depots() -> None:
    with pytest.raises(GeodataError, match="count is 3; expected <= 2"):
        depots(TWO_PLACES, 3, seed=1)
    with pytest.raises(GeodataError, match="least is 5 and most is 4"):
        demands(10, seed=1, least=5, most=4)
    with pytest.raises(GeodataError, match="contrast is -1"):
        clustered(10, BOX, clusters=2, seed=1, contrast=-1.0)
