"""The judge against plans whose cost and faults are worked out by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import netdesign as nd
from netdesign.errors import CheckError
from netdesign.routing import check

# Depot (0, 0); customers at distance 5, 10 and 5; 1 to 2 is 5, 2 to 3 is sqrt(45), 1 to 3 is sqrt(10).
XY = [[0, 0], [3, 4], [6, 8], [0, 5]]


def problem(**changes: Any) -> nd.RoutingProblem:
    return nd.RoutingProblem.from_arrays(XY, [0, 2, 3, 4], changes.pop("capacity", 7), **changes)


def plan(p: nd.RoutingProblem, *routes: tuple[int, ...], unserved: tuple[int, ...] = ()) -> nd.RoutingSolution:
    return nd.RoutingSolution(p, tuple(nd.Route(r) for r in routes), unserved)


def test_cost_of_two_routes_by_hand() -> None:
    p = problem()
    assert check(p, plan(p, (1, 2), (3,))) == pytest.approx(5 + 5 + 10 + 5 + 5)


def test_rounding_applies_to_every_arc() -> None:
    p = problem(rounding="floor")
    assert check(p, plan(p, (1, 3), (2,))) == 5 + 3 + 5 + 10 + 10


def test_fixed_and_time_costs_are_added() -> None:
    fleet = nd.VehicleType(capacity=(7,), fixed_cost=100, cost_per_distance=2, cost_per_travel_time=3)
    p = problem().replace(vehicle_types=(fleet,), travel=nd.PlanarTravel(np.array(XY, float), speed=2.0))
    assert check(p, plan(p, (1, 2), (3,))) == pytest.approx(200 + 2 * 30 + 3 * 15)


@pytest.mark.parametrize(
    ("routes", "message"),
    [
        (((1, 2),), "customer 3 is visited 0 times"),
        (((1, 2), (2, 3)), "customer 2 is visited 2 times"),
        (((2, 3, 1),), r"route 1 carries 9.0; expected <= 7.0"),
        (((0, 1), (2, 3)), "a visit that is no customer"),
        (((1, 2), (3, 9)), "a visit that is no customer"),
    ],
)
def test_faults_are_named(routes: Any, message: str) -> None:
    p = problem()
    with pytest.raises(CheckError, match=message):
        check(p, plan(p, *routes))


def test_too_many_vehicles() -> None:
    p = problem(vehicles=2)
    with pytest.raises(CheckError, match="3 routes for 2 vehicles"):
        check(p, plan(p, (1,), (2,), (3,)))


def test_time_windows_by_hand() -> None:
    # Leave at 0, at 1 at 5, wait until 8, serve 2, at 2 at 15 (deadline 15), serve 1, home at 26.
    fields = {"service_duration": [0, 2, 1, 0], "capacity": 9}
    on_time = problem(time_window=[[0, 26], [8, 9], [0, 15], [0, 99]], **fields)
    assert check(on_time, plan(on_time, (1, 2), (3,))) == pytest.approx(30)
    for window, message in (
        ([[0, 26], [8, 9], [0, 14.9], [0, 99]], "reaches customer 2 at 15.0; expected <= 14.9"),
        ([[0, 25.9], [8, 9], [0, 15], [0, 99]], "reaches depot 0 at 26.0; expected <= 25.9"),
    ):
        late = problem(time_window=window, **fields)
        with pytest.raises(CheckError, match=message):
            check(late, plan(late, (1, 2), (3,)))


def test_schedule_puts_the_wait_at_the_depot() -> None:
    p = problem(time_window=[[0, 99], [8, 9], [0, 50], [0, 99]], capacity=9)
    schedule = plan(p, (1, 2), (3,)).schedules[0]
    assert schedule.arrival.tolist() == [3, 8, 13, 23]
    assert schedule.waiting.tolist() == [0, 0, 0, 0]
    assert schedule.duration == 20


def test_frames_list_every_stop_and_route() -> None:
    p = problem(ids=["hub", "a", "b", "c"])
    made = plan(p, (1, 2), (3,))
    frame = made.to_frame()
    assert frame["id"].tolist() == ["hub", "a", "b", "hub", "hub", "c", "hub"]
    assert frame["load"].tolist() == [0, 2, 5, 5, 0, 4, 4]
    lines = made.to_geodataframe()
    assert lines["stops"].tolist() == [2, 1]
    assert lines.geometry.length.tolist() == pytest.approx([20, 10])
    assert [r["stops"] for r in made.to_json()["routes"]] == [["a", "b"], ["c"]]


def test_a_plan_can_be_drawn() -> None:
    p = problem()
    axes = plan(p, (1, 2), (3,)).plot()
    assert "2 routes, 3 stops" in axes.get_title()
    assert len(axes.lines) == 2 * 3 + 1
