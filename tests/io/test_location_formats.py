"""OR-Library, UflLib and TSPLIB texts to location problems; expected values by hand."""

from __future__ import annotations

import numpy as np
import pytest

from netdesign.errors import InputError
from netdesign.io import diaz_fernandez, holmberg, orlib_cap, orlib_pmed, tbed, tsplib, uflib, yang

# A path 1 - 2 - 3 - 4; the edge 1-2 is there twice, and its last length, given from the other end, counts.
PMED = "4 4 2\n1 2 5\n2 3 1\n3 4 5\n2 1 2\n"
CAP = " 2 3 \n 500 10. \n 400 4. \n 7 \n 1 9 \n 5 \n 2 8 \n 6\n 9\n 1.5\n"
# The same two warehouses and three customers, told by others: what all of a demand costs, and what a unit costs.
HOLMBERG = "2 3\n500 10\n400 4\n7 5 6\n1 2 9\n9 8 1.5\n"
DIAZ = "3 2\n1 9\n2 8\n9 1.5\n7 5 6\n10 4\n500 400\n"
TBED = "2 3\n7 5 6\n500 400\n10 4\n1 2 9\n9 8 1.5\n"
UFL = "FILE: by hand.txt\n2 3 0\n1 10 1 2 9\n2 4 9 8 1.5\n"
TSP = (
    "NAME : t\nTYPE : TSP\nDIMENSION : 3\nEDGE_WEIGHT_TYPE : {}\nNODE_COORD_SECTION \n1 0 0\n2 2.0e0 0\n3 2 3.5\nEOF\n"
)


def costs(problem):
    i, j = np.divmod(np.arange(problem.n_customers * problem.n_sites), problem.n_sites)
    return problem.cost(i, j).reshape(problem.n_customers, problem.n_sites)


def test_pmed_costs_are_shortest_paths_and_the_last_duplicate_wins():
    problem = orlib_pmed.parse(PMED)
    assert costs(problem).tolist() == [[0, 2, 3, 8], [2, 0, 1, 6], [3, 1, 0, 5], [8, 6, 5, 0]]
    assert (problem.model, problem.p) == ("p-median", 2)
    assert problem.customers == problem.sites == (1, 2, 3, 4)


def test_an_explicit_p_wins_over_the_file():
    assert orlib_pmed.parse(PMED, p=3).p == 3


def test_an_edge_of_length_zero_connects():
    assert costs(orlib_pmed.parse("3 2 1\n1 2 0\n2 3 4\n")).tolist() == [[0, 0, 4], [0, 0, 4], [4, 4, 0]]


def test_nodes_without_a_path_cannot_serve_each_other():
    assert costs(orlib_pmed.parse("3 1 1\n1 2 7\n")).tolist() == [[0, 7, np.inf], [7, 0, np.inf], [np.inf, np.inf, 0]]


def test_cap_costs_serve_all_of_a_customers_demand():
    problem = orlib_cap.parse(CAP)
    assert costs(problem).tolist() == [[1, 9], [2, 8], [9, 1.5]]
    assert problem.fixed_costs.tolist() == [10, 4]
    assert problem.weights.tolist() == [1, 1, 1]
    assert (problem.customers, problem.sites) == ((1, 2, 3), (1, 2))


def test_the_word_capacity_may_stand_for_a_capacity():
    text = CAP.replace("500", "capacity").replace("400", "capacity")
    assert costs(orlib_cap.parse(text)).tolist() == costs(orlib_cap.parse(CAP)).tolist()


@pytest.mark.parametrize(
    ("parse", "text", "divisor"),
    [
        (orlib_cap.parse, CAP, [[7], [5], [6]]),
        (holmberg.parse, HOLMBERG, [[7], [5], [6]]),
        (yang.parse, HOLMBERG, [[7], [5], [6]]),
        (diaz_fernandez.parse, DIAZ, [[7], [5], [6]]),
        (tbed.parse, TBED, [[1], [1], [1]]),
    ],
)
@pytest.mark.parametrize("model", ["capacitated", "single-source"])
def test_warehouses_with_capacities(parse, text, divisor, model):
    problem = parse(text, model=model)
    assert costs(problem) == pytest.approx(np.array([[1, 9], [2, 8], [9, 1.5]]) / divisor)
    assert problem.capacity.tolist() == [500, 400]
    assert problem.fixed_costs.tolist() == [10, 4]
    assert problem.weights.tolist() == [7, 5, 6]
    assert (problem.customers, problem.sites) == ((1, 2, 3), (1, 2))


def test_a_model_without_capacities_leaves_them_out():
    for parse, text in ((holmberg.parse, HOLMBERG), (diaz_fernandez.parse, DIAZ)):
        problem = parse(text, model="uncapacitated")
        assert problem.capacity is None
        assert costs(problem).tolist() == [[1, 9], [2, 8], [9, 1.5]]
        assert problem.weights.tolist() == [1, 1, 1]


def test_the_word_capacity_is_no_capacity():
    with pytest.raises(InputError, match=r"the capacity of warehouse 2 is not a number.*in place of the word"):
        orlib_cap.parse(CAP.replace("400", "capacity"), model="capacitated")


def test_a_customer_who_asks_for_nothing_costs_nothing():
    problem = holmberg.parse(HOLMBERG.replace("7 5 6", "7 0 6"))
    assert costs(problem)[1].tolist() == [2, 8]
    assert problem.weights[1] == 0


def test_uflib_costs_are_given_site_by_site():
    problem = uflib.parse(UFL)
    assert costs(problem).tolist() == [[1, 9], [2, 8], [9, 1.5]]
    assert problem.fixed_costs.tolist() == [10, 4]
    assert problem.sites == (1, 2)


def test_uflib_without_its_title_line():
    assert uflib.parse(UFL.split("\n", 1)[1]).n_customers == 3


# (0, 0) to (2, 3.5) is sqrt(16.25) = 4.03; (2, 0) to (2, 3.5) is 3.5.
@pytest.mark.parametrize(
    ("kind", "rounding", "expected"),
    [
        ("EUC_2D", None, [[0, 2, 4], [2, 0, 4], [4, 4, 0]]),
        ("CEIL_2D", None, [[0, 2, 5], [2, 0, 4], [5, 4, 0]]),
        ("EUC_2D", "floor", [[0, 2, 4], [2, 0, 3], [4, 3, 0]]),
        ("CEIL_2D", "floor", [[0, 2, 4], [2, 0, 3], [4, 3, 0]]),
    ],
)
def test_tsplib_rounds_as_the_file_says_unless_told(kind, rounding, expected):
    problem = tsplib.parse(TSP.format(kind), p=1, rounding=rounding)
    assert costs(problem).tolist() == expected
    assert problem.sites == (1, 2, 3)


def test_tsplib_with_a_matrix():
    text = "DIMENSION: 2\nEDGE_WEIGHT_TYPE: EXPLICIT\nEDGE_WEIGHT_FORMAT: FULL_MATRIX\nEDGE_WEIGHT_SECTION\n0 3\n4 0\n"
    assert costs(tsplib.parse(text, p=1)).tolist() == [[0, 3], [4, 0]]


@pytest.mark.parametrize(
    ("parse", "text", "culprit"),
    [
        (orlib_pmed.parse, PMED.replace("3 4 5", "3 5 5"), "line 4: a node of an edge is 5"),
        (orlib_pmed.parse, PMED.replace("3 4 5", "3 4 -5"), "line 4: the length of an edge is -5"),
        (orlib_pmed.parse, "4 5" + PMED[3:], "the list of edges is cut short"),
        (orlib_pmed.parse, PMED + "1 3 3\n", r"followed by 3 more numbers \(line 6\)"),
        (orlib_pmed.parse, "1000000 0 2\n", "line 1: the number of nodes is 1000000"),
        (orlib_cap.parse, CAP.replace("4.", "-4."), "line 3: the fixed cost of warehouse 2 is -4"),
        (orlib_cap.parse, CAP.replace(" 2 8", " 2 -8"), "line 7: the cost of customer 2 is -8"),
        (orlib_cap.parse, CAP.replace(" 1.5", ""), "cut short: 8 of 9 numbers"),
        (holmberg.parse, HOLMBERG.replace("400 4", "-400 4"), "line 3: the capacity of warehouse 2 is -400"),
        (holmberg.parse, HOLMBERG.replace("7 5 6", "7 -5 6"), "line 4: the demand of customer 2 is -5"),
        (holmberg.parse, HOLMBERG.replace("9 8", "9 -8"), "line 6: a cost of warehouse 2 is -8"),
        (tbed.parse, TBED.replace("10 4", "10"), "the list of costs is cut short: 5 of 6 numbers"),
        (diaz_fernandez.parse, DIAZ + "3\n", r"followed by 1 more numbers \(line 8\)"),
        (uflib.parse, UFL.replace("2 4 9", "1 4 9"), "line 4: a site's number is 1"),
        (uflib.parse, UFL.replace("3 0", "3 1"), "line 2: the third number of the head is 1"),
        (uflib.parse, UFL.replace("9 8", "9 8,5"), "line 4: an entry is '8,5'.*decimals with a point"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(parse, text, culprit):
    with pytest.raises(InputError, match=culprit):
        parse(text)
