"""Solutions as ``.sol``."""

from __future__ import annotations

import pytest

from netdesign.errors import InputError
from netdesign.io import RoutingFile, sol, vrplib
from netdesign.routing import Route, RoutingSolution

CVRP = """DIMENSION : 4
EDGE_WEIGHT_TYPE : EUC_2D
CAPACITY : 2
NODE_COORD_SECTION
1 0 0
2 3 4
3 6 8
4 0 5
DEMAND_SECTION
1 0
2 1
3 1
4 1
DEPOT_SECTION
1
-1
"""


def test_routes_and_cost_as_the_field_writes_them():
    assert sol.write([(5, 12), (3,)], 27591.0) == "Route #1: 5 12\nRoute #2: 3\nCost 27591\n"


def test_a_cost_with_decimals_loses_nothing_worth_having():
    assert sol.write([(1,)], 828.9368669428342).endswith("Cost 828.936866943\n")
    assert sol.write([(1,)], 4237.400000000001).endswith("Cost 4237.4\n")


@pytest.mark.parametrize("cost", ["Cost 30", "Cost: 30", "cost 30.000000"])
def test_what_is_written_is_read_back(cost):
    assert sol.parse(f"Route #1: 5 12\nRoute #2:\nRoute 3: 4 \n\n{cost}\n") == ([[5, 12], [], [4]], 30.0)


def test_a_round_trip_keeps_routes_and_cost():
    routes = [[4, 2, 1], [3], [5, 6]]
    assert sol.parse(sol.write(routes, 17.25)) == (routes, 17.25)


def test_a_line_that_is_neither_is_refused():
    with pytest.raises(InputError, match="line 2"):
        sol.parse("Route #1: 1\nTotal 5\n")


def test_visits_of_a_vrplib_file_are_nodes_less_one():
    source = RoutingFile(vrplib.parse(CVRP), "vrplib")
    plan = RoutingSolution(source.problem, (Route((1, 2)), Route((3,))))
    assert source.solution_text(plan, 30.0) == "Route #1: 1 2\nRoute #2: 3\nCost 30\n"


def test_they_are_so_too_where_the_depot_is_not_the_first_node():
    moved = CVRP.replace("1 0\n2 1\n3 1\n4 1\nDEPOT_SECTION\n1", "1 1\n2 1\n3 0\n4 1\nDEPOT_SECTION\n3")
    source = RoutingFile(vrplib.parse(moved), "vrplib")
    plan = RoutingSolution(source.problem, (Route((1, 2)), Route((3,))))  # nodes 1, 2 and 4 from node 3
    assert source.solution_text(plan, 30.0).startswith("Route #1: 0 1\nRoute #2: 3\n")
