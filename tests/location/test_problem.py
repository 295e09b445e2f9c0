"""What a location problem accepts, refuses and derives."""

from __future__ import annotations

import math
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from netdesign.errors import InputError
from netdesign.location import CostMatrix, LocationProblem, PlanarCosts, SparseCosts, SphereCosts

COST = np.array([[1.0, 4.0, 2.0], [3.0, 1.0, math.inf]])


def median(**fields: Any) -> LocationProblem:
    return LocationProblem(**({"costs": CostMatrix(COST), "model": "p-median", "p": 1} | fields))


def test_defaults_are_filled_in() -> None:
    problem = median()
    assert problem.weights.tolist() == [1.0, 1.0]
    assert problem.fixed_costs.tolist() == [0.0, 0.0, 0.0]
    assert problem.usable.all()
    assert not problem.forced.any()
    assert (problem.customers, problem.sites) == ((0, 1), (0, 1, 2))


def test_arrays_are_copies_that_nobody_can_write_to() -> None:
    weight = np.ones(2)
    problem = median(weight=weight)
    weight[0] = 7
    assert problem.weights[0] == 1.0
    for array in (
        problem.weights,
        problem.fixed_costs,
        problem.status,
        problem.costs.cost(np.arange(2), np.arange(2))[:0],
    ):
        assert isinstance(array, np.ndarray)
    with pytest.raises(ValueError, match="read-only"):
        problem.weights[0] = 2.0


def test_replace_validates_again() -> None:
    assert median().replace(p=2).p == 2
    with pytest.raises(InputError, match=r"weight\[1\] is -1.0 \(customer 1\); expected a finite number >= 0"):
        median().replace(weight=[1, -1])


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"p": 0}, "p is 0; expected an integer >= 1"),
        ({"p": None}, "p is missing"),
        ({"p": 1.5}, "p is 1.5"),
        ({"model": "uncapacitated"}, r"p is 1 .model uncapacitated.; expected None"),
        ({"model": "p-medain"}, "Did you mean 'p-median'"),
        ({"weight": [1, math.nan]}, r"weight\[1\] is nan"),
        ({"weight": [1, 2, 3]}, "weight is of shape"),
        ({"fixed_cost": [0, -2, 0]}, r"fixed_cost\[1\] is -2.0 \(site 1\)"),
        ({"status": ["open", "closd", "candidate"]}, "Did you mean 'closed'"),
        ({"status": ["open"]}, "status is of shape"),
        ({"customer_ids": ["a", "a"]}, r"customer_ids\[1\] is 'a' \(also customer_ids\[0\]\)"),
        ({"site_ids": ["a", "b"]}, "site_ids is 2 long; expected 3 ids"),
        ({"site_lonlat": [[0, 0], [0, 0], [52, 200]]}, "Are lon and lat swapped"),
        ({"customer_lonlat": [[0, 0]]}, "customer_lonlat is 1 points; expected 2 points"),
        ({"costs": COST}, "costs is 'ndarray'"),
    ],
)
def test_what_is_wrong_is_named(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        median(**fields)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: CostMatrix([[1.0, -1.0]]), r"cost\[0, 1\] is -1.0"),
        (lambda: CostMatrix([[1.0, math.nan]]), r"cost\[0, 1\] is nan"),
        (lambda: CostMatrix([1.0]), "cost matrix is of shape"),
        (lambda: PlanarCosts([[0, 0]], [[0, math.inf]]), r"site_xy\[0, 1\] is inf"),
        (lambda: PlanarCosts([[0, 0]], [[0, 0, 0]]), "site_xy is of shape"),
        (lambda: PlanarCosts([[0, 0]], [[0, 0]], rounding="flor"), "Did you mean 'floor'"),  # type: ignore[arg-type]
        (lambda: SphereCosts([[4, 52]], [[52, 104]]), "Are lon and lat swapped"),
        (lambda: SphereCosts([[4, 52]], [[4, 52]], factor=0), "factor is 0"),
        (lambda: SparseCosts([0, 2], [0, 0], [1, 2], 3), "a site listed once per customer"),
        (lambda: SparseCosts([0, 2], [0, 3], [1, 2], 3), r"sites\[1\] is 3; expected a site index in 0..2"),
        (lambda: SparseCosts([0, 1], [0], [-1], 3), r"cost\[0\] is -1.0"),
        (lambda: SparseCosts([1, 2], [0], [1], 3), "offsets is not ascending from 0"),
        (lambda: SparseCosts([0, 3], [0], [1], 3), "sites, cost is of shapes"),
    ],
)
def test_costs_name_what_is_wrong(make: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        make()


def test_costs_of_every_source() -> None:
    customers, sites = np.array([0, 1]), np.array([1, 1])
    assert CostMatrix(COST).cost(customers, sites).tolist() == [4.0, 1.0]
    plane = PlanarCosts([[0, 0], [3, 4]], [[9, 9], [0, 0]])
    assert plane.cost(customers, sites).tolist() == [0.0, 5.0]
    equator = SphereCosts([[0, 0], [90, 0]], [[0, 0], [0, 90]], factor=2.0)
    assert equator.cost(customers, sites) == pytest.approx([2 * 6_371_008.8 * np.pi / 2] * 2)
    lists = SparseCosts([0, 2, 3], [2, 1, 0], [5.0, 4.0, 3.0], n_sites=3)
    assert lists.cost(customers, sites).tolist() == [4.0, math.inf]
    assert lists.sites.tolist() == [1, 2, 0]  # sorted by cost


@pytest.mark.parametrize(("rounding", "expected"), [("none", 2.5), ("nearest", 3.0), ("floor", 2.0), ("ceil", 3.0)])
def test_rounding_of_a_distance_of_two_and_a_half(rounding: Any, expected: float) -> None:
    assert PlanarCosts([[0, 0]], [[1.5, 2]], rounding=rounding).cost(np.array([0]), np.array([0])) == expected


def test_frames_give_costs_ids_weights_and_status() -> None:
    customers = pd.DataFrame({"customer": ["a", "b"], "lon": [4.0, 5.0], "lat": [52.0, 52.0], "weight": [2.0, 3.0]})
    sites = pd.DataFrame(
        {
            "site": ["S", "T"],
            "lon": [4.0, 6.0],
            "lat": [52.0, 52.0],
            "fixed_cost": [1.0, 2.0],
            "status": ["open", "closed"],
        }
    )
    problem = LocationProblem.from_frames(customers, sites, model="uncapacitated", factor=1.3)
    assert problem.customers == ("a", "b")
    assert problem.forced.tolist() == [True, False]
    assert problem.usable.tolist() == [True, False]
    assert problem.cost(np.array([1]), np.array([0]))[0] == pytest.approx(68_460 * 1.3, rel=1e-3)
    assert problem.customer_lonlat is not None
    with pytest.raises(InputError, match=r"column 'lat' is missing .sites."):
        LocationProblem.from_frames(customers, sites.drop(columns="lat"), model="uncapacitated")


def test_frames_in_a_plane() -> None:
    points = pd.DataFrame({"x": [0.0, 1.5], "y": [0.0, 2.0]})
    problem = LocationProblem.from_frames(points, points, model="p-median", p=1, rounding="floor")
    assert problem.cost(np.array([0]), np.array([1])) == 2.0
    assert problem.customer_lonlat is None


def test_geodataframes_in_any_reference_system_measure_the_same_metres() -> None:
    frame = gpd.GeoDataFrame(
        {"weight": [1.0, 2.0]}, geometry=gpd.points_from_xy([4.9, 5.1], [52.37, 52.09]), crs="EPSG:4326"
    )
    pair = np.array([0]), np.array([1])
    sphere = LocationProblem.from_geodataframes(frame, frame.to_crs("EPSG:28992"), model="p-median", p=1)
    plane = LocationProblem.from_geodataframes(frame, frame, model="p-median", p=1, metric="utm")
    assert sphere.cost(*pair) == pytest.approx(plane.cost(*pair), rel=5e-3)
    assert sphere.weights.tolist() == plane.weights.tolist() == [1.0, 2.0]
    assert plane.site_lonlat == pytest.approx(sphere.site_lonlat, abs=1e-5)


def test_a_geodataframe_needs_a_reference_system_and_points() -> None:
    frame = gpd.GeoDataFrame(geometry=gpd.points_from_xy([4.9], [52.4]))
    with pytest.raises(InputError, match=r"customers\.crs is None"):
        LocationProblem.from_geodataframes(frame, frame, model="p-median", p=1)
    areas = frame.set_crs("EPSG:4326")
    areas = areas.set_geometry(areas.to_crs("EPSG:28992").buffer(10).to_crs("EPSG:4326"))
    with pytest.raises(InputError, match="geometry of row 0 is 'Polygon'"):
        LocationProblem.from_geodataframes(areas, areas, model="p-median", p=1)
