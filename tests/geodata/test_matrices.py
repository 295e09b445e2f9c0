"""Distances against independent formulas, nearest sites against brute force."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from geodata import GeodataError, GreatCircle, MatrixEngine, great_circle_m, great_circle_pairs_m, nearest
from geodata.matrices import EARTH_RADIUS_M

Lonlat = NDArray[np.float64]
AMSTERDAM, PARIS, NEW_YORK = (4.9, 52.37), (2.35, 48.86), (-74.01, 40.71)


def _points(size: int | st.SearchStrategy[int]) -> st.SearchStrategy[Lonlat]:
    shape = size.map(lambda n: (n, 2)) if isinstance(size, st.SearchStrategy) else (size, 2)
    return arrays(np.float64, shape, elements=st.floats(-1.0, 1.0, width=32)).map(lambda x: x * [180.0, 90.0])


def _cosine_law_m(a: tuple[float, float], b: tuple[float, float]) -> float:
    """The spherical law of cosines: another formula, good for points that are not close."""
    (lon_a, lat_a), (lon_b, lat_b) = np.radians(a), np.radians(b)
    cosine = math.sin(lat_a) * math.sin(lat_b) + math.cos(lat_a) * math.cos(lat_b) * math.cos(lon_b - lon_a)
    return EARTH_RADIUS_M * math.acos(cosine)


def test_distances_between_cities_agree_with_the_law_of_cosines() -> None:
    cities = [AMSTERDAM, PARIS, NEW_YORK]
    distance_m = great_circle_m(cities, cities)
    for i, j in [(0, 1), (0, 2), (1, 2)]:
        assert distance_m[i, j] == pytest.approx(_cosine_law_m(cities[i], cities[j]), rel=1e-9)


# By hand: arcs of the sphere, R times the angle.
@pytest.mark.parametrize(
    ("origin", "destination", "degrees"),
    [
        ((0, 0), (0, 90), 90),
        ((0, 0), (90, 0), 90),
        ((0, 0), (180, 0), 180),
        ((17, 90), (-120, 90), 0),
        ((179.5, 0), (-179.5, 0), 1),
        ((0, 89), (180, 89), 2),
        ((0, 30), (180, -30), 180),
        ((10, 20), (10, 20.001), 0.001),
    ],
)
def test_arcs_of_known_angle(origin: tuple[float, float], destination: tuple[float, float], degrees: float) -> None:
    expected_m = EARTH_RADIUS_M * math.radians(degrees)
    # Near the antipode the haversine loses half of the digits: 1e-8 of the radius is 6 cm.
    assert great_circle_m([origin], [destination])[0, 0] == pytest.approx(expected_m, rel=1e-9, abs=0.1)


def test_a_metre_is_a_metre() -> None:
    degrees = math.degrees(1.0 / EARTH_RADIUS_M)
    assert great_circle_m([(5, 52)], [(5, 52 + degrees)])[0, 0] == pytest.approx(1.0, abs=1e-6)


def test_rows_are_origins_and_columns_destinations() -> None:
    assert great_circle_m([AMSTERDAM], [PARIS, NEW_YORK]).shape == (1, 2)
    assert great_circle_m(np.empty((0, 2)), [PARIS]).shape == (0, 1)
    assert great_circle_m([PARIS], []).shape == (1, 0)


@given(_points(4))
def test_distances_are_a_metric(points: Lonlat) -> None:
    distance_m = great_circle_m(points, points)
    assert (distance_m == distance_m.T).all()
    assert (np.diag(distance_m) == 0).all()
    assert distance_m.max() <= math.pi * EARTH_RADIUS_M + 1e-6
    through = distance_m[:, :, np.newaxis] + distance_m[np.newaxis, :, :]
    assert (distance_m <= through.min(axis=1) + 1.0).all()


def test_a_matrix_of_many_blocks_equals_its_pairs() -> None:
    rng = np.random.default_rng(1)
    origins, destinations = rng.uniform(-90, 90, (700, 2)), rng.uniform(-90, 90, (900, 2))
    distance_m = great_circle_m(origins, destinations)
    rows, columns = rng.integers(0, 700, 2000), rng.integers(0, 900, 2000)
    assert (distance_m[rows, columns] == great_circle_pairs_m(origins[rows], destinations[columns])).all()


@settings(max_examples=60, deadline=None)
@given(_points(st.integers(1, 12)), _points(st.integers(1, 25)), st.data())
@example(np.array([[180.0, 0.0]]), np.array([[179.0, 0.0], [-179.5, 0.0]]), None)
def test_nearest_sites_are_those_of_brute_force(points: Lonlat, sites: Lonlat, data: st.DataObject | None) -> None:
    k = 1 if data is None else data.draw(st.integers(1, len(sites)))
    found = nearest(points, sites, k)
    expected_m = np.sort(great_circle_m(points, sites), axis=1)[:, :k]
    assert found.index.dtype == np.int32
    assert found.index.shape == found.distance_m.shape == (len(points), k)
    # The chord's rounding, 1e-8 of the radius near the antipode, may swap sites that are that close.
    assert found.distance_m == pytest.approx(expected_m, abs=0.2)
    assert (np.diff(found.distance_m, axis=1) >= 0).all()
    assert all(len(set(row)) == k for row in found.index)
    listed_m = great_circle_pairs_m(np.repeat(points, k, axis=0), sites[found.index.ravel()])
    assert (found.distance_m.ravel() == listed_m).all()


def test_equal_distances_are_listed_by_index() -> None:
    assert nearest([(0, 0)], [(1, 0), (1, 0), (1, 0), (0, 0)], 4).index.tolist() == [[3, 0, 1, 2]]


def test_the_nearest_site_may_lie_across_the_date_line() -> None:
    assert nearest([(179.9, 10)], [(170, 10), (-179.9, 10)], 1).index.tolist() == [[1]]


@pytest.mark.parametrize("k", [0, 3])
def test_k_is_bounded_by_the_number_of_sites(k: int) -> None:
    with pytest.raises(GeodataError, match=rf"k is {k}; expected 1\.\.2, the number of sites"):
        nearest([PARIS], [AMSTERDAM, NEW_YORK], k)


def test_nearest_of_no_points_is_empty() -> None:
    assert nearest([], [PARIS], 1).index.shape == (0, 1)


def test_results_are_read_only() -> None:
    with pytest.raises(ValueError, match="read-only"):
        nearest([PARIS], [AMSTERDAM], 1).distance_m[0, 0] = 0.0


def test_an_engine_multiplies_by_circuity_and_divides_by_speed() -> None:
    engine: MatrixEngine = GreatCircle(circuity=1.5, speed_kmh=36.0)
    straight_m = great_circle_m([AMSTERDAM], [PARIS])
    assert engine.distance_m([AMSTERDAM], [PARIS]) == pytest.approx(1.5 * straight_m)
    # 36 km/h are 10 m/s.
    assert engine.duration_s([AMSTERDAM], [PARIS]) == pytest.approx(1.5 * straight_m / 10.0)


def test_nearest_of_an_engine_has_the_distances_of_its_matrix() -> None:
    engine = GreatCircle()
    sites = [PARIS, NEW_YORK, (5.1, 52.1)]
    found = engine.nearest([AMSTERDAM], sites, 3)
    assert found.index.tolist() == [[2, 0, 1]]
    assert found.distance_m[0] == pytest.approx(engine.distance_m([AMSTERDAM], sites)[0, [2, 0, 1]])


def test_provenance_names_engine_version_and_every_parameter() -> None:
    provenance = GreatCircle(circuity=1.2).provenance
    assert (provenance.engine, provenance.version) == ("great_circle", "1")
    assert provenance.parameters == {"circuity": 1.2, "speed_kmh": 60.0, "earth_radius_m": EARTH_RADIUS_M}


@pytest.mark.parametrize("circuity", [0.9, math.nan, math.inf])
def test_circuity_below_one_is_rejected(circuity: float) -> None:
    with pytest.raises(GeodataError, match="circuity is"):
        GreatCircle(circuity=circuity)


@pytest.mark.parametrize("speed_kmh", [0.0, -5.0, math.nan])
def test_a_speed_that_is_not_positive_is_rejected(speed_kmh: float) -> None:
    with pytest.raises(GeodataError, match="speed_kmh is"):
        GreatCircle(speed_kmh=speed_kmh)


def test_swapped_coordinates_are_named_with_the_point() -> None:
    swapped = [(4.9, 52.4), (5.1, 95.2)]
    with pytest.raises(GeodataError) as error:
        great_circle_m(swapped, swapped, origin_labels=["Amsterdam", "Utrecht"])
    assert str(error.value) == "lat[1] is 95.2 (point 'Utrecht'); expected -90..90. Are lon and lat swapped?"


@pytest.mark.parametrize(
    ("point", "message"),
    [
        ((math.nan, 50.0), r"lon\[0\] is nan \(origins\); expected -180\.\.180\. Drop or geocode"),
        ((5.0, math.inf), r"lat\[0\] is inf \(origins\); expected -90\.\.90\. Drop or geocode"),
        ((40.71, -98.0), r"lat\[0\] is -98 .*swapped\?"),
        ((555_000.0, 5_800_000.0), r"lon\[0\] is 555000 .*not projected metres\?"),
    ],
)
def test_impossible_coordinates_are_errors_with_advice(point: tuple[float, float], message: str) -> None:
    with pytest.raises(GeodataError, match=message):
        great_circle_m([point], [PARIS])


def test_an_array_of_another_shape_is_rejected() -> None:
    with pytest.raises(GeodataError, match=r"destinations has shape \(1, 3\); expected \(n, 2\)"):
        great_circle_m([PARIS], [(1.0, 2.0, 3.0)])


def test_pairs_need_equal_lengths() -> None:
    with pytest.raises(GeodataError, match="1 origins meet 2 destinations"):
        great_circle_pairs_m([PARIS], [AMSTERDAM, NEW_YORK])
