"""A routing problem says at once what is wrong with it."""

from __future__ import annotations

import math
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

import netdesign as nd

XY = [[0, 0], [3, 4], [6, 8], [0, 5]]
DEMAND = [0, 2, 3, 4]


def problem(**changes: Any) -> nd.RoutingProblem:
    fields = {"xy": XY, "demand": DEMAND, "capacity": 7, **changes}
    return nd.RoutingProblem.from_arrays(fields.pop("xy"), fields.pop("demand"), fields.pop("capacity"), **fields)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"xy": [[0, 0], [math.nan, 4], [6, 8], [0, 5]]}, r"xy\[1, 0\] is nan; expected a finite number"),
        ({"xy": [0, 1, 2, 3]}, r"xy is of shape \(4,\); expected shape \(locations, 2\)"),
        ({"xy": [[0, 0]], "demand": [0]}, "a depot and at least one customer"),
        ({"demand": [0, 2, -3, 4]}, r"demand\[2\] is -3.0 \(customer 2\); expected a finite number >= 0"),
        ({"demand": [0, 2, math.nan, 4]}, r"demand\[2\] is nan"),
        ({"demand": [1, 2, 3, 4]}, r"demand\[0\] is 1.0 \(depot 0\)"),
        ({"demand": [0, 2, 3]}, "demand is of shape .* one row for each of the 4 locations"),
        (
            {"capacity": -1},
            r"capacity\[0\] is -1.0 \(vehicle type 'vehicle'\); expected >= 0. Use math.inf for no limit",
        ),
        ({"capacity": (7, 7)}, "one number for each of the 1 load dimensions"),
        ({"vehicles": 0}, "count is 0"),
        ({"ids": [0, 1, 1, 3]}, r"ids\[2\] is 1 \(also ids\[1\]\)"),
        ({"ids": [0, 1]}, "ids is 2 long"),
        ({"rounding": "neares"}, "rounding is 'neares'.*Did you mean 'nearest'"),
        (
            {"time_window": [[0, 9], [5, 4], [0, 9], [0, 9]]},
            r"time_window\[1\] is \[5.0, 4.0\] \(customer 1\); expected 0 <= earliest <= latest",
        ),
        ({"time_window": [[0, 9]]}, "time_window is of shape"),
        ({"service_duration": [0, 1, math.inf, 1]}, r"service_duration\[2\] is inf"),
    ],
)
def test_what_is_wrong_is_named(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(nd.InputError, match=message):
        problem(**changes)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"end": "home"}, r"end is 'home' \(vehicle type 'van'\); expected a location index, 'start' or 'anywhere'"),
        ({"max_distance": -1}, r"max_distance is -1 \(vehicle type 'van'\); expected >= 0. Use math.inf for no limit"),
        ({"max_duration": math.nan}, "max_duration is nan"),
        ({"shift": (9, 8)}, r"shift is \(9.0, 8.0\)"),
        ({"shift": (-1, 8)}, r"shift is \(-1.0, 8.0\)"),
    ],
)
def test_what_is_wrong_with_a_vehicle_type_is_named(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(nd.InputError, match=message):
        nd.VehicleType((7,), name="van", **fields)


VAN = nd.VehicleType((7,), name="van")


@pytest.mark.parametrize(
    ("types", "fields", "message"),
    [
        ((), {}, "vehicle_types is empty"),
        ((VAN, VAN), {}, r"vehicle_types\[1\].name is 'van'; expected names that differ"),
        ((VAN, nd.VehicleType((7, 7), name="b")), {}, "one number for each of the 1 load dimensions"),
        ((nd.VehicleType((7,), start=1),), {}, r"start is 1 .*location index of a depot, 0\.\.0"),
        ((nd.VehicleType((7,), end=2),), {"n_depots": 2, "demand": [0, 0, 1, 1]}, r"end is 2 .*a depot, 0\.\.1"),
        ((VAN,), {"n_depots": 0}, "n_depots is 0"),
        ((VAN,), {"n_depots": 4}, "4 depots and at least one customer"),
        ((VAN,), {"n_depots": 2}, r"demand\[1\] is 2.0 \(depot 1\); expected 0. Depots come first"),
        (
            (nd.VehicleType((7,), shift=(8, 9)),),
            {"time_window": [[0, 7], [0, 9], [0, 9], [0, 9]]},
            "shift is from 8 to 7 while its depots are open",
        ),
    ],
)
def test_a_fleet_fits_its_problem(types: Any, fields: dict[str, Any], message: str) -> None:
    with pytest.raises(nd.InputError, match=message):
        problem(capacity=None, vehicle_types=types, **fields)


def test_a_fleet_is_given_once() -> None:
    with pytest.raises(nd.InputError, match="capacity is missing; expected either capacity or vehicle_types"):
        problem(capacity=None)
    with pytest.raises(nd.InputError, match="capacity is there beside vehicle_types"):
        problem(vehicle_types=(VAN,))


def test_several_depots_with_one_capacity_have_vehicles_at_each() -> None:
    made = problem(demand=[0, 0, 3, 4], n_depots=2, vehicles=3)
    assert [(v.start, v.end_depot, v.count) for v in made.vehicle_types] == [(0, 0, 3), (1, 1, 3)]
    assert made.customers.tolist() == [2, 3]
    assert (made.n_customers, made.name_of(1), made.name_of(2)) == (2, "depot 1", "customer 2")


def test_a_table_may_be_served_from_several_depots() -> None:
    frame = pd.DataFrame({"lon": [5.0, 5.1], "lat": [52.0, 52.1], "demand": [1.0, 2.0], "latest_s": [3600, None]})
    types = [nd.VehicleType((9,), name="north"), nd.VehicleType((9,), name="south", start=1)]
    depots = [(5.0, 53.0), (5.0, 51.0)]
    made = nd.RoutingProblem.from_frame(frame, depot=depots, vehicle_type=types, depot_window=(0, 28800))
    assert made.ids == ("depot 0", "depot 1", 1, 2)
    assert made.demand.tolist() == [[0], [0], [1], [2]]
    assert made.time_window is not None
    assert made.time_window.tolist() == [[0, 28800], [0, 28800], [0, 3600], [0, 28800]]


def test_matrix_must_be_square_and_not_negative() -> None:
    with pytest.raises(nd.InputError, match="a square matrix"):
        nd.RoutingProblem.from_matrix(np.ones((2, 3)), [0, 1], 5)
    with pytest.raises(nd.InputError, match=r"distances\[1, 0\] is -1.0"):
        nd.RoutingProblem.from_matrix([[0, 1], [-1, 0]], [0, 1], 5)


def test_swapped_lon_lat_is_suspected() -> None:
    with pytest.raises(nd.InputError, match="Are lon and lat swapped"):
        nd.SphereTravel(np.array([[52.0, 95.0], [5.0, 52.0]]))


def test_arrays_cannot_be_written_and_are_copies() -> None:
    demand = np.array([0.0, 2, 3, 4])
    made = problem(demand=demand)
    demand[1] = 99
    assert made.demand[1] == 2
    with pytest.raises(ValueError, match="read-only"):
        made.demand[1] = 5


def test_replace_validates_again() -> None:
    with pytest.raises(nd.InputError, match="demand"):
        problem().replace(demand=np.array([0.0, -1, 1, 1]))


def test_frames_and_geodataframes_describe_the_same_problem() -> None:
    frame = pd.DataFrame(
        {
            "customer": ["a", "b"],
            "lon": [5.0, 5.1],
            "lat": [52.0, 52.1],
            "demand": [1.0, 2.0],
            "service_duration_s": [60, 90],
            "earliest_s": [0, 600],
            "latest_s": [3600, None],
        }
    )
    fleet = nd.VehicleType(capacity=(10,))
    fields: dict[str, Any] = {"depot": (5.05, 52.05), "vehicle_type": fleet, "depot_window": (0, 28800)}
    plain = nd.RoutingProblem.from_frame(frame, **fields)
    spatial = gpd.GeoDataFrame(
        frame.drop(columns=["lon", "lat"]), geometry=gpd.points_from_xy(frame.lon, frame.lat), crs="EPSG:4326"
    )
    shaped = nd.RoutingProblem.from_geodataframe(spatial.to_crs("EPSG:28992"), **fields)
    assert plain.ids == shaped.ids == ("depot", "a", "b")
    assert plain.time_window is not None
    assert plain.time_window.tolist() == [[0, 28800], [0, 3600], [600, 28800]]
    there, back = np.array([0, 1]), np.array([1, 2])
    assert shaped.travel.distance(there, back) == pytest.approx(plain.travel.distance(there, back), rel=1e-6)


def test_a_geodataframe_without_crs_is_refused() -> None:
    with pytest.raises(nd.InputError, match="coordinate reference system"):
        nd.RoutingProblem.from_geodataframe(
            gpd.GeoDataFrame({"demand": [1]}, geometry=gpd.points_from_xy([0], [0])),
            depot=(0, 0),
            vehicle_type=nd.VehicleType(capacity=(1,)),
        )


def test_a_missing_column_is_named_with_those_there_are() -> None:
    with pytest.raises(nd.InputError, match=r"column 'lat' is missing \(customers\).*The table has: lon, demand"):
        nd.RoutingProblem.from_frame(
            pd.DataFrame({"lon": [1.0], "demand": [1]}), depot=(0, 0), vehicle_type=nd.VehicleType(capacity=(1,))
        )
