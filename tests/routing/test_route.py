"""``route`` where its answer is known, and where there is none."""

from __future__ import annotations

import numpy as np
import pytest

import netdesign as nd

SHORT = nd.Stop(max_iterations=3000)


def circle(n: int, radius: float = 100.0) -> np.ndarray:
    angles = np.linspace(0, 2 * np.pi, n, endpoint=False)
    return np.vstack([[0.0, 0.0], radius * np.c_[np.cos(angles), np.sin(angles)]])


def test_customers_on_a_circle_are_driven_in_order() -> None:
    n = 24
    result = nd.route(nd.RoutingProblem.from_arrays(circle(n), np.r_[0, np.ones(n)], n), stop=SHORT)
    chord = 2 * 100 * np.sin(np.pi / n)
    assert result.objective == pytest.approx(2 * 100 + (n - 1) * chord, rel=1e-6)


def test_one_customer_is_a_round_trip_and_the_bound_proves_it() -> None:
    result = nd.route(nd.RoutingProblem.from_arrays([[0, 0], [3, 4]], [0, 1], 1, rounding="nearest"), stop=SHORT)
    assert (result.objective, result.bound, result.status) == (10, 10, "optimal")


def test_fixed_costs_decide_how_many_vehicles_leave() -> None:
    demand = np.r_[0, np.ones(8)]
    for fixed, routes in ((0.0, 8), (1e4, 2)):  # going on to another customer costs more than returning to the depot
        distances = np.where(np.eye(9), 0, 202.0)
        fleet = nd.VehicleType(capacity=(4,), fixed_cost=fixed)
        distances[0, 1:] = distances[1:, 0] = 100
        result = nd.route(
            nd.RoutingProblem(travel=nd.MatrixTravel(distances), vehicle_types=(fleet,), demand=demand), stop=SHORT
        )
        assert len(result.best().routes) == routes


def test_asymmetric_matrices_are_driven_in_the_cheap_direction() -> None:
    n = 6
    distances = np.full((n, n), 10.0)
    for i in range(n):
        distances[i, (i + 1) % n] = 1.0
    result = nd.route(nd.RoutingProblem.from_matrix(distances, np.r_[0, np.ones(n - 1)], 10), stop=SHORT)
    assert result.best().routes[0].visits == (1, 2, 3, 4, 5)
    assert result.objective == 6


def test_missing_connections_are_avoided_or_named() -> None:
    distances = np.full((4, 4), 10.0)
    distances[1, 2] = np.inf
    result = nd.route(nd.RoutingProblem.from_matrix(distances, [0, 1, 1, 1], 10), stop=SHORT)
    assert result.status != "infeasible"
    distances[0, 3] = np.inf
    cut_off = nd.route(nd.RoutingProblem.from_matrix(distances, [0, 1, 1, 1], 10), stop=SHORT)
    assert cut_off.status == "infeasible"
    assert "no connection" in cut_off.unserved[0].reasons[0]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"capacity": 3}, "above the vehicle's capacity 3"),
        ({"vehicles": 1}, "total demand 12 is above the fleet's capacity 1 x 8"),
        ({"time_window": [[0, 100], [0, 4], [0, 99], [0, 99]]}, "closes before a vehicle can be there"),
        ({"time_window": [[0, 100], [96, 99], [0, 99], [0, 99]]}, "cannot be back before the shift ends"),
    ],
)
def test_infeasible_names_the_reason(changes: dict[str, object], reason: str) -> None:
    fields = {"capacity": 8, **changes}
    problem = nd.RoutingProblem.from_arrays(
        [[0, 0], [3, 4], [6, 8], [0, 5]], [0, 4, 4, 4], fields.pop("capacity"), **fields
    )  # type: ignore[arg-type]
    result = nd.route(problem, stop=SHORT)
    assert result.status == "infeasible"
    assert reason in result.unserved[0].reasons[0]


def test_a_fleet_that_turns_out_too_small_is_no_solution_but_not_called_infeasible() -> None:
    # Three customers of 5 on two vehicles of 8: the totals fit, the parts do not.
    result = nd.route(nd.RoutingProblem.from_arrays(circle(3), [0, 5, 5, 5], 8, vehicles=2), stop=SHORT)
    assert result.status == "no_solution"
    assert len(result.unserved) == 1


def test_given_routes_are_a_start_and_never_made_worse() -> None:
    rng = np.random.default_rng(1)
    problem = nd.RoutingProblem.from_arrays(rng.random((80, 2)) * 100, np.r_[0, rng.integers(1, 9, 79)], 40)
    good = nd.route(problem, stop=nd.Stop(max_iterations=20000))
    start = [r.visits for r in good.best().routes]
    again = nd.route(problem, stop=nd.Stop(max_iterations=1), start=start)
    assert again.objective is not None
    assert good.objective is not None
    assert again.objective <= good.objective + 1e-9
    with pytest.raises(nd.InputError, match="every customer at most once"):
        nd.route(problem, stop=SHORT, start=[[1, 1]])


def test_three_load_dimensions_all_bind() -> None:
    demand = np.zeros((7, 3))
    demand[1:] = [[6, 0, 1], [6, 0, 1], [0, 6, 1], [0, 6, 1], [0, 0, 1], [0, 0, 1]]
    result = nd.route(nd.RoutingProblem.from_arrays(circle(6), demand, (10, 10, 3)), stop=SHORT)
    for route in result.best().routes:
        assert (demand[list(route.visits)].sum(axis=0) <= [10, 10, 3]).all()
    # Three pairs of neighbours on the circle; two routes of three would have to jump over a heavy neighbour.
    assert result.objective == pytest.approx(3 * (100 + 100 + 100), rel=1e-6)


def test_a_run_without_any_limit_is_refused() -> None:
    with pytest.raises(nd.InputError, match="stop"):
        nd.route(nd.RoutingProblem.from_arrays(circle(3), [0, 1, 1, 1], 3), stop=nd.Stop())


def test_fractional_loads_are_packed_exactly() -> None:
    demand = np.r_[0, np.full(30, 0.1)]
    result = nd.route(nd.RoutingProblem.from_arrays(circle(30), demand, 1.0), stop=SHORT)
    assert sorted(len(r.visits) for r in result.best().routes) == [10, 10, 10]


def test_twenty_thousand_customers_need_no_matrix_and_keep_the_time_limit() -> None:
    rng = np.random.default_rng(2)
    n = 20000
    problem = nd.RoutingProblem.from_arrays(rng.random((n, 2)) * 1e4, np.r_[0, np.ones(n - 1)], 50, rounding="nearest")
    result = nd.route(problem, stop=nd.Stop(time_limit_s=3))
    assert result.status == "feasible"
    assert 0 < result.bound < result.objective  # type: ignore[operator]


def test_routes_are_drawn_along_the_ways_given() -> None:
    """Manhattan: every leg goes east or west first, by a corner."""

    class Corner:
        def __init__(self, start: np.ndarray, end: np.ndarray) -> None:
            self.lonlat = np.array([[end[0], start[1]]])

    problem = nd.RoutingProblem(
        travel=nd.MatrixTravel(np.ones((4, 4))),
        vehicle_types=(nd.VehicleType(capacity=(9,)),),
        demand=[[0], [1], [1], [1]],
        lonlat=[[5.0, 52.0], [5.1, 52.1], [5.2, 52.0], [5.3, 52.3]],
    )
    plan = nd.RoutingSolution(problem, (nd.Route((1, 2)), nd.Route((3,))))
    drawn = plan.to_geodataframe(along=lambda a, b: [Corner(*leg) for leg in zip(a, b, strict=True)])
    assert [list(line.coords) for line in drawn.geometry] == [
        [(5.0, 52.0), (5.1, 52.0), (5.1, 52.1), (5.2, 52.1), (5.2, 52.0), (5.0, 52.0), (5.0, 52.0)],
        [(5.0, 52.0), (5.3, 52.0), (5.3, 52.3), (5.0, 52.3), (5.0, 52.0)],
    ]
    assert [len(line.coords) for line in plan.to_geodataframe().geometry] == [4, 3]
    empty = nd.RoutingSolution(problem, (), unserved=(1, 2, 3))
    assert len(empty.to_geodataframe(along=lambda a, b: [])) == 0
