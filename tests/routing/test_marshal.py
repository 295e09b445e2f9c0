"""What the core is told; a recorder stands in its place."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import netdesign as nd
from netdesign.routing import _marshal

# Depots at 0 and 100; customers at 10, 20 and 70.
LINE = [[0, 0], [100, 0], [10, 0], [20, 0], [70, 0]]
TOLD = dict[str, Any]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> TOLD:
    """The arguments of the last run; the answer is that nobody is served."""
    seen: TOLD = {}

    def record(**arguments: Any) -> dict[str, Any]:
        seen.update(arguments)
        nothing = np.zeros(0, np.int32)
        answer = {"visits": nothing, "offsets": np.zeros(1, np.int64), "types": nothing, "reason": "iteration_limit"}
        customers = np.arange(arguments["depots"], len(arguments["demand"]), dtype=np.int32)
        return answer | {"unserved": customers, "bound": 0.0, "iterations": 1, "trace": [], "operators": {"tails": 2}}

    travel = SimpleNamespace(
        from_points=lambda points, **rates: SimpleNamespace(points=points, **rates),
        from_matrices=lambda *matrices: matrices,
        from_lists=SimpleNamespace,
    )
    core = SimpleNamespace(
        solve_routing=record, Travel=travel, VehicleType=SimpleNamespace, StopRule=SimpleNamespace, __name__="core"
    )
    monkeypatch.setattr(_marshal, "_native", core)
    return seen


def plan(problem: nd.RoutingProblem, **options: Any) -> nd.Result[nd.RoutingSolution]:
    return nd.route(problem, stop=nd.Stop(max_iterations=1, target=50.0), **options)


def test_a_plain_problem_has_its_rates_in_the_arcs(told: TOLD) -> None:
    fleet = nd.VehicleType((9,), count=2, fixed_cost=30, cost_per_distance=2)
    result = plan(nd.RoutingProblem.from_arrays(LINE, [0, 1, 1, 2, 1], vehicle_types=[fleet], rounding="nearest"))
    assert result.statistics == {"tails": 2}
    (only,) = told["fleet"]
    assert vars(only) == {
        "count": 2,
        "start": 0,
        "end": 0,
        "capacity": [9],
        "fixed_cost": 30,
        "distance_rate": 1,
        "time_rate": 0,
        "max_distance": 2**59,
        "max_duration": 2**30,
        "earliest": 0,
        "latest": 2**30,
    }
    assert (told["travel"].cost_rate, told["travel"].time_rate) == (2, 0)
    assert (told["depots"], told["earliest"].size, told["latest"].size) == (1, 0, 0)
    assert told["stop"].target == 50


def mixed(**fields: Any) -> nd.RoutingProblem:
    van = nd.VehicleType((9.5,), name="van", cost_per_distance=3, fixed_cost=7, max_distance=150, shift=(8, 600))
    bike = nd.VehicleType((2.5,), count=1, name="bike", start=1, end="anywhere", max_duration=90, cost_per_distance=0.5)
    through = nd.VehicleType((99,), name="through", start=1, end=0)
    return nd.RoutingProblem.from_arrays(
        LINE, [0, 0, 1.5, 2, 1], n_depots=2, vehicle_types=[van, bike, through], rounding="nearest", **fields
    )


def test_a_plain_problem_keeps_its_hours_in_the_window_of_its_depot(told: TOLD) -> None:
    window = [[5, 400], *([[0, 300]] * 4)]
    plan(nd.RoutingProblem.from_arrays(LINE, [0, 1, 1, 2, 1], 9, rounding="nearest", time_window=window))
    (only,) = told["fleet"]
    assert (only.earliest, only.latest) == (0, 2**30)  # with hours of its own the core would take it for a rich one
    assert (told["earliest"][0], told["latest"][0]) == (5, 400)


def test_a_rich_problem_has_bare_distances_and_rates_per_type(told: TOLD) -> None:
    plan(mixed())
    van, bike, through = told["fleet"]
    assert told["depots"] == 2
    assert [(v.start, v.end, v.count) for v in (van, bike, through)] == [(0, 0, 3), (1, -1, 1), (1, 0, 3)]
    # One distance is 1; costs are halves, and halves of fixed costs are whole numbers: 3.5 * 2.
    assert told["travel"].cost_rate == 1
    assert [(v.distance_rate, v.time_rate, v.fixed_cost) for v in (van, bike, through)] == [
        (6, 0, 14),
        (1, 0, 0),
        (2, 0, 0),
    ]
    assert told["stop"].target == 100
    assert (van.max_distance, bike.max_distance) == (150, 2**59)
    assert (van.max_duration, bike.max_duration) == (2**30, 90)
    assert (van.earliest, van.latest) == (8, 600)
    assert (bike.earliest, bike.latest) == (0, 2**30)


def test_loads_have_one_scale_for_all_types(told: TOLD) -> None:
    plan(mixed())
    scale = told["demand"][3, 0] / 2
    assert told["demand"][:, 0].tolist() == [0, 0, 1.5 * scale, 2 * scale, scale]
    assert [v.capacity[0] for v in told["fleet"]][1] == 2.5 * scale
    assert all(told["demand"].sum() <= v.capacity[0] for v in (told["fleet"][0], told["fleet"][2]))


def test_limits_on_times_make_windows_for_all(told: TOLD) -> None:
    plan(mixed(service_duration=[5, 5, 1, 2, 3]))
    assert told["earliest"].tolist() == [0] * 5
    assert told["latest"].tolist() == [2**30] * 5
    assert told["service"].tolist() == [0, 0, 1, 2, 3]  # nobody waits for service at a depot


def test_hours_are_the_shift_while_both_depots_are_open(told: TOLD) -> None:
    plan(mixed(time_window=[[20, 500], [0, 550]] + [[0, 900]] * 3))
    van, bike, through = told["fleet"]
    assert (van.earliest, van.latest) == (20, 500)
    assert (bike.earliest, bike.latest) == (0, 2**30)  # an open route does not come back to a depot
    assert (through.earliest, through.latest) == (0, 500)
    assert told["latest"].tolist() == [500, 550, 900, 900, 900]


def test_a_matrix_of_times_comes_along_where_time_costs(told: TOLD) -> None:
    distances = np.array([[0, 4, 5], [4, 0, np.inf], [5, 2, 0]])
    types = [nd.VehicleType((9,), name="a", cost_per_travel_time=1), nd.VehicleType((9,), name="b")]
    plan(nd.RoutingProblem.from_matrix(distances, [0, 1, 1], durations=distances * 1.5, vehicle_types=types))
    costs, times = told["travel"]
    dear, cheap = told["fleet"]
    assert costs[1, 2] == times[1, 2] == 2**28
    assert costs[0, 1] * 5 == costs[0, 2] * 4
    assert (dear.time_rate * times[0, 1]) / (dear.distance_rate * costs[0, 1]) == 1.5
    assert cheap.time_rate == 0
    assert told["earliest"].size == 0


def test_lists_have_the_units_of_their_fallback_and_times_are_rounded_up(told: TOLD) -> None:
    points = nd.PlanarTravel(np.array(LINE[:3], float), rounding="nearest", speed=3.0)
    travel = nd.SparseTravel([[2, -1], [0, 1], [1, 0]], [[8, 0], [7, 9], [np.inf, 20]], fallback=points)
    window = [[0, 900]] * 3
    plan(nd.RoutingProblem(travel=travel, vehicle_types=[nd.VehicleType((9,))], demand=[0, 1, 1], time_window=window))
    lists = told["travel"]
    assert lists.first.tolist() == [0, 1, 2, 4]
    assert lists.destinations.tolist() == [2, 0, 0, 1]
    assert lists.costs.tolist() == [8, 7, 20, 2**28]
    assert lists.cost_rate == 1
    clock = 3 * lists.time_rate
    assert lists.durations.tolist() == [*np.ceil(np.array([8, 7, 20]) / 3 * clock), 2**28]


def test_routes_to_begin_from_carry_their_types(told: TOLD) -> None:
    problem = mixed()
    plan(problem, start=nd.RoutingSolution(problem, (nd.Route((4, 3), 2), nd.Route((2,), 1))), deterministic=True)
    assert told["start_visits"].tolist() == [4, 3, 2]
    assert told["start_offsets"].tolist() == [0, 2, 3]
    assert told["start_types"].tolist() == [2, 1]
    assert told["deterministic"] is True


def test_fixed_routes_and_their_vehicles_are_not_shown_to_the_core(told: TOLD) -> None:
    problem = mixed()
    start = nd.RoutingSolution(problem, (nd.Route((4, 3), 2), nd.Route((2,), 1)))
    result = plan(problem, fixed=[nd.Route((3,), 1)], start=start)
    assert len(told["demand"]) == 4
    assert [(v.start, v.end) for v in told["fleet"]] == [(0, 0), (1, 0)]  # the only bike is away
    assert told["start_visits"].tolist() == [3]  # customer 4, the second that is left; customer 2 had the bike
    assert told["start_types"].tolist() == [1]
    assert told["stop"].target == (50 - 40) * 2
    assert result.bound == 40
    assert [u.customer for u in result.unserved] == [2, 4]
