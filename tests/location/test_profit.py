"""Revenues: serving at will, on a line of customers at 0, 1 and 10 with sites at 0 and 10."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import netdesign as nd
from netdesign.errors import CheckError, InputError
from netdesign.location import check

COST = np.array([[0.0, 10.0], [1.0, 9.0], [10.0, 0.0]])


def line(model: Any = "uncapacitated", **fields: Any) -> nd.LocationProblem:
    return nd.LocationProblem.from_cost_matrix(COST, model=model, **{"revenue": 4.0, **fields})


def solved(problem: nd.LocationProblem) -> nd.LocationSolution:
    result = nd.locate(problem, stop=nd.Stop(time_limit_s=10))
    assert result.status == "optimal"
    assert nd.verify(problem, result).holds
    return result.best()


def test_whoever_brings_in_less_than_it_costs_is_left_out() -> None:
    best = solved(line("p-median", p=1))
    assert best.open.tolist() == [0]
    assert best.assignment.tolist() == [0, 0, -1]
    assert best.unserved.tolist() == [2]
    assert check(best.problem, best) == 1 + 4
    assert best.profit == 4 + 3


def test_a_site_opens_only_for_more_profit() -> None:
    dear, cheap = solved(line(fixed_cost=[0, 5])), solved(line(fixed_cost=[0, 3]))
    assert (dear.open.tolist(), dear.profit) == ([0], 7)
    assert (cheap.open.tolist(), cheap.profit) == ([0, 1], 7 + 4 - 3)


def test_one_site_is_open_even_where_nothing_pays() -> None:
    best = solved(line(fixed_cost=[50, 40], revenue=1))
    assert best.open.tolist() == [1]
    assert best.profit == 1 - 40


def test_capacity_goes_to_whom_it_pays_most() -> None:
    fields = {"weight": [2, 2, 2], "revenue": [4, 9, 4], "status": ["open", "closed"]}
    parts = solved(line("capacitated", capacity=[3, 3], **fields))
    served = np.bincount(parts.flows.customer, weights=parts.flows.quantity, minlength=3)
    assert served.tolist() == pytest.approx([1, 2, 0])
    assert parts.unserved.tolist() == [2]
    assert parts.profit == pytest.approx(2 * 8 + 4)
    whole = solved(line("single-source", capacity=[3, 3], **fields))
    assert whole.assignment.tolist() == [-1, 0, -1]
    assert whole.profit == 16


def test_too_little_capacity_is_no_fault() -> None:
    assert nd.locate(line("single-source", capacity=[0.5, 0], revenue=None)).status == "infeasible"
    assert solved(line("single-source", capacity=[0.5, 0])).unserved.tolist() == [0, 1, 2]


def test_a_customer_out_of_reach_is_left_out_whatever_it_brings_in() -> None:
    best = solved(line(service_radius=0.5, forbidden=[(2, 1)], revenue=100))
    assert best.assignment.tolist() == [0, -1, -1]


def test_a_throughput_is_met_at_a_loss() -> None:
    best = solved(line(min_throughput=[0, 2], status=["closed", "open"]))
    assert best.assignment.tolist() == [-1, 1, 1]
    assert best.profit == 4 + 4 - 9


def test_rules_that_no_choice_keeps_are_named() -> None:
    result = nd.locate(line("p-median", p=2, incompatible=[(0, 1)]))
    assert (result.status, result.termination.detail) == ("infeasible", "no choice of sites keeps all rules")


def test_check_counts_what_is_lost_and_refuses_half_a_customer_of_one_site() -> None:
    problem = line("single-source", capacity=[9, 9])
    flows = nd.location.Flows([0], [0], [0.5])
    with pytest.raises(CheckError, match=r"customer 0 gets 0\.5 of 1"):
        check(problem, nd.LocationSolution(problem, [0], [0, -1, -1], flows))
    parts = problem.replace(model="capacitated")
    assert check(parts, nd.LocationSolution(parts, [0], [0, -1, -1], flows)) == pytest.approx(4 * 2.5)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"revenue": [1, -2, 3]}, r"revenue\[1\] is -2.0 \(customer 1\); expected a finite number >= 0"),
        ({"revenue": [1, 2]}, r"revenue is of shape \(2,\); expected shape \(3,\)"),
        (
            {"model": "p-center", "p": 1},
            "revenue is given .model p-center.; expected None. Customers are served at will",
        ),
    ],
)
def test_what_is_wrong_with_revenues_is_named(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        line(**fields)
