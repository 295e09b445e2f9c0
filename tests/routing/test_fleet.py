"""``route`` with several depots, mixed fleets, limits, open routes and fixed routes; small enough to try every plan."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import netdesign as nd
from netdesign.errors import CheckError
from netdesign.routing import check

SHORT = nd.Stop(max_iterations=3000)

# Depots at 0 and 100; customers at 10, 20, 40, 70 and 90.
LINE = [[0, 0], [100, 0], [10, 0], [20, 0], [40, 0], [70, 0], [90, 0]]
WEST = nd.VehicleType((9,), name="west")
EAST = nd.VehicleType((9,), name="east", start=1)


def line(*types: nd.VehicleType, **fields: Any) -> nd.RoutingProblem:
    demand = fields.pop("demand", [0, 0, 1, 2, 3, 2, 1])
    return nd.RoutingProblem.from_arrays(LINE, demand, n_depots=2, vehicle_types=types, **fields)


def plans(problem: nd.RoutingProblem) -> Iterator[nd.RoutingSolution]:
    """Every way to cut every order of the customers into routes, with every choice of vehicles."""
    customers = problem.customers.tolist()
    for order in itertools.permutations(customers):
        for cuts in itertools.product([False, True], repeat=len(customers) - 1):
            ends = [0, *(k for k, cut in enumerate(cuts, start=1) if cut), len(customers)]
            parts = [order[a:b] for a, b in itertools.pairwise(ends)]
            if parts != sorted(parts):  # the order of the routes does not matter
                continue
            for types in itertools.product(range(len(problem.vehicle_types)), repeat=len(parts)):
                routes = tuple(nd.Route(part, kind) for part, kind in zip(parts, types, strict=True))
                yield nd.RoutingSolution(problem, routes)


def cheapest(problem: nd.RoutingProblem) -> float:
    """The cost of the best plan that keeps every rule; inf where there is none."""
    best = math.inf
    for plan in plans(problem):
        try:
            best = min(best, check(problem, plan))
        except CheckError:
            continue
    return best


def solved(problem: nd.RoutingProblem, **options: Any) -> nd.Result[nd.RoutingSolution]:
    result = nd.route(problem, stop=SHORT, **options)
    assert result.objective == pytest.approx(check(problem, result.best()))
    assert result.bound is not None
    assert result.bound <= result.objective * (1 + 1e-12)
    return result


def test_every_customer_is_served_from_the_near_depot() -> None:
    result = solved(line(WEST, EAST))
    assert result.objective == 2 * 40 + 2 * 30
    assert sorted((route.vehicle_type, sorted(route.visits)) for route in result.best().routes) == [
        (0, [2, 3, 4]),
        (1, [5, 6]),
    ]


def test_a_small_fleet_at_the_near_depot_leaves_the_rest_to_the_far_one() -> None:
    few = nd.VehicleType((3,), count=1, name="west")
    # West takes 10 and 20; east takes the rest, out to 40.
    assert solved(line(few, EAST)).objective == 2 * 20 + 2 * 60


@pytest.mark.parametrize(("fixed_cost", "used"), [(5.0, {"small"}), (500.0, {"large"})])
def test_fixed_costs_and_rates_choose_the_vehicle(fixed_cost: float, used: set[str]) -> None:
    small = nd.VehicleType((3,), fixed_cost=fixed_cost, name="small")
    large = nd.VehicleType((9,), fixed_cost=300.0, cost_per_distance=1.5, name="large")
    problem = line(small, large)
    result = solved(problem)
    assert result.objective == pytest.approx(cheapest(problem))
    assert {problem.vehicle_types[route.vehicle_type].name for route in result.best().routes} == used


def test_counts_bind_per_type() -> None:
    cheap = nd.VehicleType((3,), count=2, cost_per_distance=1, name="cheap")
    dear = nd.VehicleType((3,), count=2, cost_per_distance=3, name="dear")
    problem = line(cheap, dear)
    assert solved(problem).objective == pytest.approx(cheapest(problem))


def test_an_open_route_does_not_come_back() -> None:
    away = nd.VehicleType((9,), end="anywhere", name="away")
    result = solved(line(away))
    assert result.objective == 90
    assert result.best().routes[0].visits == (2, 3, 4, 5, 6)


def test_a_vehicle_may_end_at_another_depot() -> None:
    assert solved(line(nd.VehicleType((9,), end=1))).objective == 100


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        ({}, 2 * 90),
        ({"max_distance": 140}, 2 * 40 + 2 * 30 + 1000),  # nobody of the west reaches 90, and who comes for it stays
        ({"max_duration": 140}, 2 * 40 + 2 * 30 + 1000),
        ({"shift": (8, 148)}, 2 * 40 + 2 * 30 + 1000),
    ],
)
def test_limits_cut_a_long_route(limits: dict[str, Any], expected: float) -> None:
    west = nd.VehicleType((9,), name="west", **limits)
    east = nd.VehicleType((9,), name="east", start=1, fixed_cost=1000)
    assert solved(line(west, east)).objective == pytest.approx(expected)


def test_a_duration_counts_service_and_unavoidable_waiting_only() -> None:
    window = [[0, 1000], [0, 1000], [0, 1000], [0, 1000], [300, 320], [0, 1000], [0, 1000]]
    service = [0, 0, 5, 5, 5, 5, 5]
    for limit in (60, 120):
        vehicle = nd.VehicleType((9,), name="west", max_duration=limit)
        east = nd.VehicleType((9,), name="east", start=1, max_duration=limit)
        problem = line(vehicle, east, time_window=window, service_duration=service)
        optimum = cheapest(problem)
        if math.isinf(optimum):
            assert nd.route(problem, stop=SHORT).solution is None
        else:
            assert solved(problem).objective == pytest.approx(optimum)


@pytest.mark.parametrize("seed", range(12))
def test_random_fleets_are_planned_to_the_optimum_and_bounded_below(seed: int) -> None:
    problem = random_problem(np.random.default_rng(seed))
    optimum = cheapest(problem)
    result = nd.route(problem, stop=SHORT, seed=seed)
    if math.isinf(optimum):
        assert result.solution is None
        return
    assert result.objective == pytest.approx(optimum, rel=1e-6)
    assert result.bound is not None
    assert result.bound <= optimum * (1 + 1e-9)


def random_problem(rng: np.random.Generator) -> nd.RoutingProblem:
    """Two depots, four customers, two types of everything; every third with windows, every fourth behind a matrix."""

    def vehicle(name: str) -> nd.VehicleType:
        return nd.VehicleType(
            (float(rng.integers(5, 15)),),
            count=int(rng.integers(2, 4)),
            fixed_cost=float(rng.choice([0, 7.5, 40])),
            cost_per_distance=float(rng.choice([0.41, 1, 2.45])),
            cost_per_travel_time=float(rng.choice([0, 0.3])),
            name=name,
            start=int(rng.integers(0, 2)),
            end=rng.choice(["start", "anywhere"]) if rng.random() < 0.7 else int(rng.integers(0, 2)),
            max_distance=float(rng.choice([120, 200, math.inf])),
            max_duration=float(rng.choice([150, 250, math.inf])),
            shift=(10.0, 400.0) if rng.random() < 0.5 else None,
        )

    xy = rng.integers(0, 60, (6, 2)).astype(float)
    fields: dict[str, Any] = {"service_duration": np.r_[0, 0, rng.integers(0, 20, 4)]}
    if rng.random() < 0.35:
        early = rng.integers(0, 150, 4)
        fields["time_window"] = np.vstack([[[0, 500]] * 2, np.column_stack([early, early + rng.integers(30, 200, 4)])])
    problem = nd.RoutingProblem.from_arrays(
        xy,
        np.r_[0, 0, rng.integers(1, 8, 4)],
        n_depots=2,
        vehicle_types=(vehicle("a"), vehicle("b")),
        rounding=str(rng.choice(["none", "nearest", "exact"])),
        **fields,
    )
    if rng.random() < 0.25:
        distances = np.rint(np.hypot(*(xy[:, None] - xy[None]).T)) + rng.integers(0, 9, (6, 6))
        return problem.replace(travel=nd.MatrixTravel(distances, distances * rng.uniform(0.5, 2.0, (6, 6))))
    return problem


# -- warm start --------------------------------------------------------------------------------------------------------


def test_a_plan_to_begin_from_keeps_its_vehicle_types_and_never_gets_worse() -> None:
    problem = line(WEST, EAST)
    start = nd.RoutingSolution(problem, (nd.Route((2, 3, 4), 0), nd.Route((6, 5), 1)))
    result = nd.route(problem, stop=nd.Stop(max_iterations=1), start=start)
    assert result.objective is not None
    assert result.objective <= check(problem, start)


def test_a_plan_to_begin_from_may_be_incomplete() -> None:
    problem = line(WEST, EAST)
    start = nd.RoutingSolution(problem, (nd.Route((6,), 1),), unserved=(2, 3, 4, 5))
    assert solved(problem, start=start).objective == 140


@pytest.mark.parametrize(
    ("routes", "message"),
    [
        ([nd.Route((2,), 2)], r"start.routes\[0\].vehicle_type is 2; expected a vehicle type, 0\.\.1"),
        ([nd.Route((1,), 0)], r"start\[0\] is 1; expected location indices of customers, 2\.\.6"),
        (
            [nd.Route((2,), 0), nd.Route((2,), 1)],
            r"start\[1\] is 2 \(customer 2\); expected every customer at most once",
        ),
    ],
)
def test_what_is_wrong_with_a_start_is_named(routes: list[nd.Route], message: str) -> None:
    problem = line(WEST, EAST)
    with pytest.raises(nd.InputError, match=message):
        nd.route(problem, stop=SHORT, start=nd.RoutingSolution(problem, tuple(routes)))


# -- fixed routes ------------------------------------------------------------------------------------------------------


def test_fixed_routes_are_in_the_answer_as_they_are() -> None:
    problem = line(WEST, EAST)
    fixed = nd.Route((6, 2), 0)  # silly, but ours
    result = solved(problem, fixed=[fixed])
    assert result.best().routes[0] == fixed
    assert result.objective == 180 + min(2 * 40 + 2 * 30, 2 * 70, 2 * 80)
    assert result.bound is not None
    assert result.bound >= 180


def test_vehicles_on_fixed_routes_are_not_there_for_others() -> None:
    one = nd.VehicleType((9,), count=1, name="west")
    result = solved(line(one, EAST), fixed=[nd.Route((2,), 0)])
    assert result.objective == 20 + 2 * 80
    assert {route.vehicle_type for route in result.best().routes[1:]} == {1}


def test_a_start_and_fixed_routes_go_together() -> None:
    problem = line(WEST, EAST)
    start = nd.RoutingSolution(problem, (nd.Route((2, 3, 4), 0), nd.Route((6, 5), 1)))
    result = solved(problem, start=start, fixed=[nd.Route((3,), 1)])
    assert result.best().routes[0] == nd.Route((3,), 1)
    assert result.objective == 160 + 2 * 40 + 2 * 30


def test_progress_and_trace_count_the_fixed_routes_in() -> None:
    seen: list[nd.Progress] = []
    result = nd.route(line(WEST, EAST), stop=SHORT, fixed=[nd.Route((6, 2), 0)], progress=seen.append)
    assert all(p.objective >= 180 for p in (*seen, *result.trace))
    assert result.trace[-1].objective == pytest.approx(result.objective)


def test_where_all_routes_are_fixed_there_is_nothing_left_to_plan() -> None:
    problem = line(WEST, EAST)
    fixed = [nd.Route((2, 3, 4), 0), nd.Route((6, 5), 1)]
    result = nd.route(problem, stop=SHORT, fixed=fixed)
    assert (result.objective, result.bound, result.status) == (140, 140, "optimal")
    assert result.best().routes == tuple(fixed)


def test_where_every_vehicle_is_on_a_fixed_route_the_rest_is_unservable() -> None:
    result = nd.route(line(nd.VehicleType((9,), count=1)), stop=SHORT, fixed=[nd.Route((2, 3))])
    assert result.status == "infeasible"
    assert [u.customer for u in result.unserved] == [4, 5, 6]
    assert result.unserved[0].reasons == ("every vehicle drives a fixed route",)


@pytest.mark.parametrize(
    ("routes", "message"),
    [
        ([nd.Route((2, 3, 4, 5, 6), 0)], "against the rules: route 1 carries 9.0; expected <= 4.0"),
        ([nd.Route((2,), 0), nd.Route((2,), 1)], "customer 2 is visited 2 times"),
        ([nd.Route((0,), 0)], "a visit that is no customer"),
        ([nd.Route((2,), 5)], "has vehicle type 5 of 2"),
    ],
)
def test_fixed_routes_keep_the_rules(routes: list[nd.Route], message: str) -> None:
    with pytest.raises(nd.InputError, match=message):
        nd.route(line(nd.VehicleType((4,), name="west"), EAST), stop=SHORT, fixed=routes)


# -- who cannot be served ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("types", "customer", "reason"),
    [
        ((nd.VehicleType((2,)),), 4, "its demand is above the vehicle's capacity 2"),
        ((nd.VehicleType((9,), max_distance=139),), 5, "longer than the vehicle's max_distance 139"),
        ((nd.VehicleType((9,), max_duration=139),), 5, "takes longer than the vehicle's max_duration 139"),
        ((nd.VehicleType((9,), shift=(8, 147)),), 5, "cannot be back before the shift ends"),
        ((nd.VehicleType((9,), end="anywhere", shift=(8, 77)),), 5, "cannot be done before the shift ends"),
        ((nd.VehicleType((9,), end="anywhere", max_distance=69),), 5, "the way there is longer than the vehicle's"),
        ((nd.VehicleType((2,), name="a"), nd.VehicleType((1,), name="b")), 4, "a: its demand is above"),
        (
            (nd.VehicleType((2,), count=1, name="a"), nd.VehicleType((6,), count=1, name="b")),
            2,
            "capacity 1 x 2 . 1 x 6",
        ),
    ],
)
def test_whom_no_vehicle_can_serve_is_named(types: Any, customer: int, reason: str) -> None:
    result = nd.route(line(*types), stop=SHORT)
    assert result.status == "infeasible"
    assert result.unserved[0].customer == customer
    assert any(reason.replace(" . ", " + ") in found for found in result.unserved[0].reasons)


def test_one_type_that_can_serve_a_customer_is_enough() -> None:
    near = nd.VehicleType((9,), max_distance=30, name="near")
    assert nd.route(line(near, EAST), stop=SHORT).status != "infeasible"


def test_operators_are_counted() -> None:
    rng = np.random.default_rng(1)
    problem = nd.RoutingProblem.from_arrays(rng.random((60, 2)) * 100, np.r_[0, rng.integers(1, 9, 59)], 40)
    statistics = nd.route(problem, stop=SHORT).statistics
    assert statistics
    assert all(isinstance(name, str) and count >= 0 for name, count in statistics.items())
    assert sum(statistics.values()) > 0
