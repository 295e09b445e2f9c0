"""Vehicles of VRPLIB files: one by one in the file, by type in the problem; expected values by hand."""

from __future__ import annotations

import math

import pytest

from netdesign.errors import InputError
from netdesign.io import RoutingFile, vrplib
from netdesign.routing import Route, RoutingSolution, VehicleType, check

HEAD = """TYPE : {kind}
DIMENSION : 5
EDGE_WEIGHT_TYPE : EUC_2D
"""
BODY = """NODE_COORD_SECTION
1 0 0
2 100 0
3 10 0
4 30 0
5 90 0
DEMAND_SECTION
1 0
2 0
3 2
4 3
5 4
"""
TWO_DEPOTS = "DEPOT_SECTION\n1\n2\n-1\nEOF\n"


def text(header: str, sections: str = "", kind: str = "MDVRP", depots: str = TWO_DEPOTS) -> str:
    return HEAD.format(kind=kind) + header + BODY + sections + depots


def rows(key: str, *values: float) -> str:
    return f"{key}\n" + "".join(f"{k}\t{value}\n" for k, value in enumerate(values, start=1))


MIXED = text(
    "VEHICLES : 4\n",
    rows("CAPACITY_SECTION", 9, 5, 9, 5)
    + rows("VEHICLES_DEPOT_SECTION", 1, 2, 1, 2)
    + rows("VEHICLES_FIXED_COST_SECTION", 50, 0, 50, 0)
    + rows("VEHICLES_UNIT_DISTANCE_COST_SECTION", 1, 2, 1, 2)
    + rows("VEHICLES_MAX_DISTANCE_SECTION", 70, 200, 70, 200)
    + rows("VEHICLES_MAX_DURATION_SECTION", 80, 300, 80, 300),
)


def test_vehicles_that_are_alike_become_one_type_in_order_of_appearance():
    problem, vehicles = vrplib.parse_with_vehicles(MIXED)
    assert problem.vehicle_types == (
        VehicleType((9.0,), 2, fixed_cost=50, name="type 1", max_distance=70, max_duration=80),
        VehicleType((5.0,), 2, cost_per_distance=2, name="type 2", start=1, max_distance=200, max_duration=300),
    )
    assert vehicles == (0, 1, 0, 1)


@pytest.mark.parametrize("changed", [1, 2, 3])
def test_one_difference_makes_another_type(changed):
    costs = [10] * 4
    costs[changed] = 11
    sections = rows("VEHICLES_FIXED_COST_SECTION", *costs) + rows("VEHICLES_DEPOT_SECTION", 1, 1, 1, 1)
    problem, vehicles = vrplib.parse_with_vehicles(text("VEHICLES : 4\nCAPACITY : 9\n", sections))
    assert [v.fixed_cost for v in problem.vehicle_types] == [10, 11]
    assert [v.count for v in problem.vehicle_types] == [3, 1]
    assert [k for k, kind in enumerate(vehicles) if kind == 1] == [changed]


def test_depots_come_first_and_customers_keep_the_order_of_the_file():
    moved = text("VEHICLES : 1\nCAPACITY : 9\n", rows("VEHICLES_DEPOT_SECTION", 2), depots="DEPOT_SECTION\n4\n2\n-1\n")
    problem = vrplib.parse(moved.replace("1 0\n2 0\n3 2\n4 3\n5 4", "1 1\n2 0\n3 2\n4 0\n5 4"))
    assert (problem.ids, problem.n_depots) == ((4, 2, 1, 3, 5), 2)
    assert problem.demand.tolist() == [0, 0, 1, 2, 4]
    assert problem.vehicle_types[0].start == 1
    assert problem.travel.xy[:, 0].tolist() == [30, 100, 0, 10, 90]


def test_headers_hold_for_all_vehicles():
    header = (
        "VEHICLES : 3\nCAPACITY : 9\nVEHICLES_FIXED_COST : 7\nVEHICLES_MAX_DISTANCE : 70\nVEHICLES_MAX_DURATION : 80\n"
    )
    problem, vehicles = vrplib.parse_with_vehicles(text(header, depots="DEPOT_SECTION\n1\n-1\n", kind="HFVRP"))
    only = VehicleType((9.0,), 3, fixed_cost=7, max_distance=70, max_duration=80)
    assert (problem.vehicle_types, vehicles) == ((only,), (0, 0, 0))


def test_without_a_number_of_vehicles_there_are_as_many_as_there_are_rows_or_as_it_takes():
    one = {"depots": "DEPOT_SECTION\n1\n-1\n", "kind": "HFVRP"}
    listed, vehicles = vrplib.parse_with_vehicles(text("", rows("CAPACITY_SECTION", 9, 5), **one))
    assert ([v.count for v in listed.vehicle_types], vehicles) == ([1, 1], (0, 1))
    free, vehicles = vrplib.parse_with_vehicles(text("CAPACITY : 9\nVEHICLES_FIXED_COST : 7\n", **one))
    assert (free.vehicle_types[0].count, free.vehicle_types[0].fixed_cost, vehicles) == (None, 7, ())


@pytest.mark.parametrize(
    ("service", "expected"),
    [
        ("", (70, math.inf)),
        ("SERVICE_TIME : 10\n", (math.inf, 70)),
        ("SERVICE_TIME : 10\nVEHICLES_MAX_DURATION : 60\n", (math.inf, 60)),
    ],
)
def test_distance_limits_the_route_and_with_service_times_its_duration(service, expected):
    header = f"CAPACITY : 9\nDISTANCE : 70\n{service}"
    vehicle = vrplib.parse(text(header, kind="CVRP", depots="DEPOT_SECTION\n1\n-1\n")).vehicle_types[0]
    assert (vehicle.max_distance, vehicle.max_duration) == expected


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("3\t9\n", "3\t-9\n", "line 20: CAPACITY_SECTION, vehicle 3 is -9; expected >= 0"),
        ("3\t9\n", "", "CAPACITY_SECTION is 3 rows long; expected 4 rows, the number of VEHICLES"),
        ("3\t9\n", "2\t9\n", "a vehicle of CAPACITY_SECTION is 2; expected each vehicle once"),
        ("3\t9\n", "5\t9\n", "a vehicle of CAPACITY_SECTION is 5; expected a whole number from 1 to 4"),
        (
            "3\t9\n",
            "3\t9\t1\n",
            "line 20 of CAPACITY_SECTION is '3\\\\t9\\\\t1'; expected 2 numbers: vehicle, capacity",
        ),
        ("3\t9\n", "3\tinf\n", "vehicle 3 is inf"),
        ("VEHICLES : 4", "VEHICLES : 3", "expected 3 rows, the number of VEHICLES"),
        (
            "VEHICLES : 4",
            "VEHICLES : 4\nCAPACITY : 3",
            "CAPACITY is there beside CAPACITY_SECTION; expected one of the two",
        ),
        ("1\t1\n2\t2\n3\t1", "1\t1\n2\t3\n3\t1", "line 24: the depot of vehicle 2 is 3; expected one of 1, 2"),
        ("VEHICLES_DEPOT_SECTION\n1\t1\n2\t2\n3\t1\n4\t2\n", "", "VEHICLES_DEPOT_SECTION is missing"),
        ("DEPOT_SECTION\n1\n2\n", "DEPOT_SECTION\n1\n1\n", "the depot is 1; expected each depot once"),
        ("DEPOT_SECTION\n1\n2\n", "DEPOT_SECTION\n1\n3\n", "expected one of 1, 3"),
        ("DEPOT_SECTION\n1\n2\n-1", "DEPOT_SECTION\n-1", "DEPOT_SECTION is empty"),
        ("2 0\n3 2", "2 1\n3 2", r"demand\[1\] is 1.0 \(depot 2\); expected 0"),
        ("MDVRP", "MDVRPTW", "TIME_WINDOW_SECTION is missing"),
        ("EDGE_WEIGHT", "VEHICLES_MAX_DURATION : -1\nEDGE_WEIGHT", "VEHICLES_MAX_DURATION is there beside"),
        ("EDGE_WEIGHT", "DISTANCE : -1\nEDGE_WEIGHT", "DISTANCE is -1"),
        ("EDGE_WEIGHT", "VEHICLES_UNIT_DURATION_COST : 1\nEDGE_WEIGHT", "costs of a route's duration"),
    ],
)
def test_what_is_wrong_is_named(old, new, message):
    assert old in MIXED
    with pytest.raises(InputError, match=message):
        vrplib.parse(MIXED.replace(old, new))


# -- solutions ---------------------------------------------------------------------------------------------------------


def source() -> RoutingFile:
    problem, vehicles = vrplib.parse_with_vehicles(MIXED)
    return RoutingFile(problem, "vrplib", vehicles)


def test_where_vehicles_differ_route_k_is_that_of_vehicle_k():
    file = source()
    plan = RoutingSolution(file.problem, (Route((4,), 1), Route((2, 3), 0)))
    cost = check(file.problem, plan)
    assert cost == 2 * 20 + 50 + 60
    written = file.solution_text(plan, cost)
    assert written == "Route #1: 2 3\nRoute #2: 4\nRoute #3:\nRoute #4:\nCost 150\n"
    read = file.parse_solution(written)
    assert set(read.routes) == set(plan.routes)
    assert check(file.problem, read) == cost


def test_pyvrp_reads_the_same_problem_and_the_same_plan(tmp_path):
    pyvrp = pytest.importorskip("pyvrp", reason="pyvrp comes with the peers extra")
    file = source()
    plan = RoutingSolution(file.problem, (Route((4,), 1), Route((2, 3), 0)))
    (tmp_path / "mixed.vrp").write_text(MIXED)
    (tmp_path / "plan.sol").write_text(file.solution_text(plan, check(file.problem, plan)))
    data = pyvrp.read(tmp_path / "mixed.vrp", round_func="round")
    read = pyvrp.read_solution(tmp_path / "plan.sol", data)
    assert read.is_feasible()
    assert pyvrp.CostEvaluator([0], 0, 0).penalised_cost(read) == 150


def test_empty_routes_are_vehicles_that_stay_and_the_order_of_a_type_does_not_matter():
    read = source().parse_solution("Route #1:\nRoute #2:\nRoute #3: 3 2\nRoute #4: 4\nCost 150\n")
    assert read.routes == (Route((3, 2), 0), Route((4,), 1))
    assert read.unserved == ()


def test_customers_that_a_solution_leaves_out_are_unserved():
    assert source().parse_solution("Route #1: 3\n").unserved == (2, 4)


def test_where_vehicles_are_alike_only_routes_are_written():
    problem, vehicles = vrplib.parse_with_vehicles(
        text("VEHICLES : 3\nCAPACITY : 9\n", depots="DEPOT_SECTION\n2\n-1\n").replace("1 0\n2 0", "1 1\n2 0")
    )
    file = RoutingFile(problem, "vrplib", vehicles)
    plan = RoutingSolution(problem, (Route((1, 2)), Route((3, 4))))
    written = file.solution_text(plan, 260)
    assert written == "Route #1: 0 2\nRoute #2: 3 4\nCost 260\n"
    assert file.parse_solution(written).routes == plan.routes


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("Route #1: 1 2\n", "Route #1 is 1; expected customers of the problem. VRPLIB: node - 1"),
        ("Route #1: 5\n", "Route #1 is 5"),
        (
            "Route #1:\nRoute #2:\nRoute #3:\nRoute #4:\nRoute #5: 2\n",
            "Route #5 is one too many; expected a route for 4",
        ),
        ("Cost 5\n", "the solution is without routes"),
    ],
)
def test_what_is_wrong_with_a_solution_is_named(written, message):
    with pytest.raises(InputError, match=message):
        source().parse_solution(written)
