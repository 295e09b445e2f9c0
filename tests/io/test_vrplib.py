"""VRPLIB text to routing problem; expected values by hand."""

from __future__ import annotations

import numpy as np
import pytest

from netdesign.errors import InputError
from netdesign.io import vrplib

CVRP = """NAME : \tfour\t
COMMENT : "by hand"
TYPE : CVRP
DIMENSION : 4
EDGE_WEIGHT_TYPE : EUC_2D
CAPACITY : 2
NODE_COORD_SECTION
1 0 0
2\t3\t4
3   6 8
4 0 5
DEMAND_SECTION
1 0
2 1
3 1
4 1
DEPOT_SECTION
 1
 -1
EOF
"""
HEAD = "NAME: x\nTYPE: CVRP\nDIMENSION: 3\nCAPACITY: 9\nEDGE_WEIGHT_TYPE: EXPLICIT\nEDGE_WEIGHT_FORMAT: "
TAIL = "\nDEMAND_SECTION\n1 0\n2 4\n3 5\nDEPOT_SECTION\n1\n-1\nEOF\n"
SYMMETRIC = [[0, 2, 3], [2, 0, 7], [3, 7, 0]]


def all_pairs(problem):
    n = problem.n_locations
    i, j = np.divmod(np.arange(n * n), n)
    return problem.travel.distance(i, j).reshape(n, n)


def test_coordinates_demand_and_fleet_are_read_whatever_separates_them():
    problem = vrplib.parse(CVRP)
    assert problem.ids == (1, 2, 3, 4)
    assert problem.demand.tolist() == [0, 1, 1, 1]
    assert problem.vehicle_types[0].capacity == (2.0,)
    assert problem.vehicle_types[0].count is None
    assert problem.time_window is None


def test_euc_2d_rounds_to_the_nearest_integer():
    # (3, 4) to (0, 5) is sqrt(10) = 3.16; (6, 8) to (0, 5) is sqrt(45) = 6.71.
    assert all_pairs(vrplib.parse(CVRP)).tolist() == [[0, 5, 10, 5], [5, 0, 5, 3], [10, 5, 0, 7], [5, 3, 7, 0]]


@pytest.mark.parametrize(("kind", "expected"), [("CEIL_2D", 4), ("FLOOR_2D", 3), ("EXACT_2D", 10**0.5)])
def test_the_edge_weight_type_says_how_to_round(kind, expected):
    assert all_pairs(vrplib.parse(CVRP.replace("EUC_2D", kind)))[1, 3] == pytest.approx(expected)


@pytest.mark.parametrize(("rounding", "expected"), [("floor", 3), ("dimacs", 3.1), ("exact", 3.162), ("none", 10**0.5)])
def test_an_explicit_rounding_wins(rounding, expected):
    assert all_pairs(vrplib.parse(CVRP, rounding=rounding))[1, 3] == pytest.approx(expected)


@pytest.mark.parametrize(
    ("layout", "numbers"),
    [
        ("FULL_MATRIX", "0 2 3\n2 0 7\n3 7 0"),
        ("FULL_MATRIX", "9999 2 3 2\n9999 7 3 7 9999"),
        ("LOWER_ROW", "2\n3 7"),
        ("UPPER_ROW", "2 3\n7"),
        ("LOWER_DIAG_ROW", "0\n2 0\n3 7 0"),
        ("UPPER_DIAG_ROW", "0 2 3\n0 7\n0"),
        ("LOWER_COL", "2 3\n7"),
        ("UPPER_COL", "2\n3 7"),
        ("LOWER_DIAG_COL", "0 2 3\n0 7\n0"),
        ("UPPER_DIAG_COL", "0\n2 0\n3 7 0"),
    ],
)
def test_every_layout_of_a_matrix_gives_the_same_distances(layout, numbers):
    problem = vrplib.parse(f"{HEAD}{layout}\nEDGE_WEIGHT_SECTION\n{numbers}{TAIL}")
    assert all_pairs(problem).tolist() == SYMMETRIC


def test_a_full_matrix_may_be_asymmetric_and_have_missing_connections():
    problem = vrplib.parse(f"{HEAD}FULL_MATRIX\nEDGE_WEIGHT_SECTION\n0 2 3\ninf 0 7\n4 5 0{TAIL}")
    assert all_pairs(problem).tolist() == [[0, 2, 3], [np.inf, 0, 7], [4, 5, 0]]


def test_a_depot_that_is_not_the_first_node_becomes_location_0_and_keeps_its_id():
    problem = vrplib.parse(CVRP.replace(" 1\n -1", " 3\n -1").replace("1 0\n2 1\n3 1", "1 1\n2 1\n3 0"))
    assert problem.ids == (3, 1, 2, 4)
    assert problem.demand.tolist() == [0, 1, 1, 1]
    assert all_pairs(problem)[0].tolist() == [0, 10, 5, 7]


def test_rows_in_any_order_are_sorted_by_node():
    shuffled = CVRP.replace("1 0 0\n2\t3\t4\n3   6 8\n4 0 5", "4 0 5\n2 3 4\n1 0 0\n3 6 8")
    assert all_pairs(vrplib.parse(shuffled)).tolist() == all_pairs(vrplib.parse(CVRP)).tolist()


def test_windows_a_common_service_time_and_the_number_of_vehicles():
    windows = "VEHICLES : 2\nSERVICE_TIME : 90\nTIME_WINDOW_SECTION\n1 0 500\n2 10 20\n3 0 90\n4 5 5\nDEPOT_SECTION"
    problem = vrplib.parse(CVRP.replace("CVRP", "VRPTW").replace("DEPOT_SECTION", windows))
    assert problem.service_duration.tolist() == [0, 90, 90, 90]
    assert problem.time_window.tolist() == [[0, 500], [10, 20], [0, 90], [5, 5]]
    assert problem.vehicle_types[0].count == 2


def test_service_times_per_node():
    problem = vrplib.parse(CVRP.replace("DEPOT_SECTION", "SERVICE_TIME_SECTION\n1 0\n2 1.5\n3 2\n4 3\nDEPOT_SECTION"))
    assert problem.service_duration.tolist() == [0, 1.5, 2, 3]


@pytest.mark.parametrize(
    ("section", "attribute"),
    [
        ("BACKHAUL_SECTION\n1 0\n2 1\n3 1\n4 1", "backhauls"),
        ("PRIZE_SECTION\n1 0\n2 1\n3 1\n4 1", "prizes"),
        ("RELEASE_TIME_SECTION\n1 0\n2 1\n3 1\n4 1", "release times"),
        ("MUTUALLY_EXCLUSIVE_GROUP_SECTION\n1 2 3", "mutually exclusive groups"),
        ("PICKUP_AND_DELIVERY_SECTION\n1 0 0 0 0 0 0", "pickups and deliveries"),
        ("VEHICLES_RELOAD_DEPOT_SECTION\n1 1", "reloading"),
        ("VEHICLES_ALLOWED_CLIENTS_SECTION\n1 2", "clients that only some vehicles may visit"),
        ("VEHICLES_UNIT_DURATION_COST_SECTION\n1 9", "costs of a route's duration"),
    ],
)
def test_an_attribute_that_is_not_solved_is_refused_by_name(section, attribute):
    with pytest.raises(InputError, match=attribute):
        vrplib.parse(CVRP.replace("DEPOT_SECTION", f"{section}\nDEPOT_SECTION"))


def test_the_line_of_a_wrong_number_is_named():
    with pytest.raises(InputError, match="line 15: the demand of node 3 is -1"):
        vrplib.parse(CVRP.replace("\n3 1\n", "\n3 -1\n"))


def test_thirty_thousand_nodes_are_read_in_bulk():
    rng = np.random.default_rng(1)
    n = 30_000
    xy = rng.integers(0, 10_000, (n, 2))
    lines = [f"DIMENSION : {n}", "CAPACITY : 50", "EDGE_WEIGHT_TYPE : EUC_2D", "NODE_COORD_SECTION"]
    lines += [f"{i} {x} {y}" for i, (x, y) in enumerate(xy, 1)]
    lines += ["DEMAND_SECTION", "1 0", *(f"{i} 1" for i in range(2, n + 1)), "DEPOT_SECTION", "1", "-1"]
    problem = vrplib.parse("\n".join(lines))
    assert (problem.travel.xy == xy).all()
    assert problem.demand.sum() == n - 1
