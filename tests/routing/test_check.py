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
    rounds, legs = axes.collections
    assert (len(rounds.get_segments()), len(legs.get_segments())) == (2, 2 * 2)


# -- fleets, depots, limits: locations on a line, so that distances can be read off ------------------------------------

# Depots at 0 and 100; customers at 10, 30, 60 and 90.
LINE = [[0, 0], [100, 0], [10, 0], [30, 0], [60, 0], [90, 0]]
WEST = nd.VehicleType(capacity=(5,), count=1, name="west")
EAST = nd.VehicleType(capacity=(9,), count=2, fixed_cost=7, cost_per_distance=2, name="east", start=1)


def line(*types: nd.VehicleType, **fields: Any) -> nd.RoutingProblem:
    return nd.RoutingProblem.from_arrays(LINE, [0, 0, 2, 3, 4, 5], n_depots=2, vehicle_types=types, **fields)


def drive(p: nd.RoutingProblem, *routes: tuple[tuple[int, ...], int]) -> nd.RoutingSolution:
    visited = {v for visits, _ in routes for v in visits}
    left = tuple(v for v in p.customers.tolist() if v not in visited)
    return nd.RoutingSolution(p, tuple(nd.Route(*route) for route in routes), left)


def test_each_route_costs_by_the_rates_of_its_type_from_its_own_depot() -> None:
    p = line(WEST, EAST)
    # West: out to 30 and back, 60. East: out to 60 and back, 80 at twice the rate, and 7.
    assert check(p, drive(p, ((2, 3), 0), ((5, 4), 1))) == 60 + 2 * 80 + 7


def test_a_route_may_end_at_another_depot_or_with_its_last_customer() -> None:
    through = nd.VehicleType(capacity=(20,), start=0, end=1)
    assert check(line(through), drive(line(through), ((2, 3, 4, 5), 0))) == 100
    away = nd.VehicleType(capacity=(20,), end="anywhere")
    assert check(line(away), drive(line(away), ((2, 3, 4, 5), 0))) == 90


@pytest.mark.parametrize(
    ("types", "routes", "message"),
    [
        ((WEST, EAST), [((3, 4), 0)], r"route 1 carries 7.0; expected <= 5.0 \(load dimension 0\)"),
        ((WEST, EAST), [((2,), 0), ((3,), 0)], "2 routes for 1 vehicles of type 'west'"),
        ((WEST, EAST), [((2,), 1), ((3,), 1), ((4,), 1)], "3 routes for 2 vehicles of type 'east'"),
        ((WEST, EAST), [((2,), 2)], "route 1 has vehicle type 2 of 2"),
        ((WEST, EAST), [((2, 1), 0)], "a visit that is no customer"),
        ((nd.VehicleType((9,), max_distance=59),), [((2, 3), 0)], "drives a distance of 60.0; expected <= 59"),
        ((nd.VehicleType((9,), max_duration=59),), [((2, 3), 0)], "takes at least 60.0; expected <= 59"),
        ((nd.VehicleType((9,), shift=(8, 67)),), [((2, 3), 0)], "reaches depot 0 at 68.0; expected <= 67.0"),
        ((nd.VehicleType((9,), end="anywhere", shift=(8, 37)),), [((2, 3), 0)], "is over at 38.0; expected <= 37.0"),
    ],
)
def test_every_rule_of_a_fleet_is_kept(types: Any, routes: Any, message: str) -> None:
    p = line(*types)
    with pytest.raises(CheckError, match=message):
        check(p, drive(p, *routes))


def test_limits_that_are_just_met_are_kept() -> None:
    for vehicle in (
        nd.VehicleType((9,), max_distance=60),
        nd.VehicleType((9,), max_duration=60),
        nd.VehicleType((9,), shift=(8, 68)),
        nd.VehicleType((9,), end="anywhere", shift=(8, 38), max_distance=30, max_duration=30),
    ):
        p = line(vehicle)
        check(p, drive(p, ((2, 3), 0)))


def test_service_counts_in_the_duration_and_not_in_the_distance() -> None:
    service = [50, 50, 4, 6, 0, 0]  # nobody waits for service at a depot
    for limit, open_end, holds in ((70, False, True), (69, False, False), (40, True, True), (39, True, False)):
        vehicle = nd.VehicleType((9,), max_distance=60, max_duration=limit, end="anywhere" if open_end else "start")
        p = line(vehicle, service_duration=service)
        if holds:
            check(p, drive(p, ((2, 3), 0)))
        else:
            with pytest.raises(CheckError, match="takes at least"):
                check(p, drive(p, ((2, 3), 0)))


def test_the_departure_is_put_off_to_keep_the_duration_short() -> None:
    # Customer 3 opens at 100. Who leaves at 70 does not wait and is back at 130; customer 2 must be reached by 60,
    # though, so the departure is at 50, with 20 of waiting: 80 in all.
    window = [[0, 500], [0, 500], [0, 60], [100, 200], [0, 500], [0, 500]]
    for limit, holds in ((80, True), (79, False)):
        p = line(nd.VehicleType((9,), max_duration=limit), time_window=window)
        made = drive(p, ((2, 3), 0))
        assert made.schedules[0].duration == 80
        assert made.schedules[0].arrival.tolist() == [50, 60, 80, 130]
        if holds:
            check(p, made)
        else:
            with pytest.raises(CheckError, match="takes at least 80"):
                check(p, made)


def test_a_depots_hours_bind_departures_at_the_start_and_returns_at_the_end() -> None:
    through = nd.VehicleType(capacity=(20,), start=0, end=1, shift=(0, 140))
    window = [[30, 31], [120, 130]] + [[0, 500]] * 4  # closing of the start and opening of the end bind nobody
    p = line(through, time_window=window)
    assert p.hours(through) == (30, 130)
    check(p, drive(p, ((2, 3, 4, 5), 0)))
    window[0] = [31, 31]
    late = line(through, time_window=window)
    with pytest.raises(CheckError, match="reaches depot 1 at 131"):
        check(late, drive(late, ((2, 3, 4, 5), 0)))


def test_the_shortest_duration_is_that_of_the_best_departure() -> None:
    rng = np.random.default_rng(3)
    for _ in range(200):
        opens = rng.integers(0, 120, 6)
        window = np.column_stack([opens, opens + rng.integers(0, 150, 6)])
        window[:2] = [0, 400]
        service = rng.integers(0, 9, 6)
        visits = tuple(rng.permutation([2, 3, 4, 5])[: rng.integers(1, 5)].tolist())
        end = str(rng.choice(["start", "anywhere"]))
        shortest = brute_force_duration(visits, window, service, open_end=end == "anywhere")
        for limit in (shortest, shortest - 1):
            if not 0 <= limit < np.inf:
                continue
            p = line(nd.VehicleType((99,), max_duration=limit, end=end), time_window=window, service_duration=service)
            made = drive(p, (visits, 0))
            assert made.schedules[0].duration == pytest.approx(shortest)
            if limit == shortest:
                check(p, made)
            else:
                with pytest.raises(CheckError, match="takes at least"):
                    check(p, made)


def brute_force_duration(visits: tuple[int, ...], window: np.ndarray, service: np.ndarray, open_end: bool) -> float:
    """Every whole departure is tried; inf where none is on time."""
    best = np.inf
    for departure in range(401):
        clock, at = float(departure), 0
        for v in visits:
            clock = max(clock + abs(LINE[v][0] - LINE[at][0]), window[v, 0])
            if clock > window[v, 1]:
                break
            clock, at = clock + service[v], v
        else:
            over = clock if open_end else clock + LINE[at][0]
            if open_end or over <= 400:
                best = min(best, over - departure)
    return best


def test_tables_lines_and_pictures_show_depots_types_and_open_ends() -> None:
    away = nd.VehicleType(capacity=(9,), name="away", start=1, end="anywhere")
    p = line(WEST, away, ids=["W", "E", "a", "b", "c", "d"])
    made = drive(p, ((2, 3), 0), ((5, 4), 1))
    frame = made.to_frame()
    assert frame["id"].tolist() == ["W", "a", "b", "W", "E", "d", "c"]
    assert frame["vehicle_type"].tolist() == ["west"] * 4 + ["away"] * 3
    lines = made.to_geodataframe()
    assert lines["depot"].tolist() == ["W", "E"]
    assert lines.geometry.length.tolist() == [60, 40]
    first, second = made.to_json()["routes"]
    assert (first["vehicle_type"], first["depot"], first["end_depot"]) == ("west", "W", "W")
    assert (second["vehicle_type"], second["depot"], second["end_depot"]) == ("away", "E", None)
    assert (second["distance_m"], second["duration_s"]) == (40, 40)
    axes = made.plot()
    rounds, legs = axes.collections
    assert (len(rounds.get_segments()), len(legs.get_segments())) == (2, 3)  # a leg out each, one leg home
    assert axes.lines[-1].get_xdata().tolist() == [0, 100]
