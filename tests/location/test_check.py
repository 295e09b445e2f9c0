"""The independent check finds every broken rule and names the culprit."""

from __future__ import annotations

import math
from typing import Any

import pytest

from netdesign.errors import CheckError
from netdesign.location import LocationProblem, LocationSolution, check

COST = [[1.0, 4.0, 2.0], [3.0, 1.0, math.inf], [5.0, 6.0, 7.0]]


def problem(**fields: Any) -> LocationProblem:
    return LocationProblem.from_cost_matrix(
        COST, model="p-median", p=2, site_ids=["A", "B", "C"], customer_ids=["x", "y", "z"], **fields
    )


def test_objective_is_weighted_service_plus_fixed_costs() -> None:
    chosen = problem(weight=[2, 3, 0.5], fixed_cost=[10, 20, 40])
    assert check(chosen, LocationSolution(chosen, [0, 1], [0, 1, 0])) == 2 * 1 + 3 * 1 + 0.5 * 5 + 10 + 20  # type: ignore[arg-type]


def test_a_dearer_site_than_necessary_is_no_error() -> None:
    assert check(problem(), LocationSolution(problem(), [0, 1], [1, 0, 0])) == 4 + 3 + 5  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("opened", "assignment", "fields", "message"),
    [
        ([0], [0, 0, 0], {}, "1 open sites; expected 2"),
        ([0, 0], [0, 0, 0], {}, "not ascending and unique"),
        ([0, 3], [0, 0, 0], {}, "does not exist"),
        ([0, 1], [0, 0], {}, "2 assignments for 3 customers"),
        ([0, 1], [0, 2, 0], {}, "customer 'y' is served by site index 2, which is not open"),
        ([0, 2], [0, 2, 0], {}, "customer 'y' cannot be served by site 'C'"),
        ([0, 1], [0, 1, 0], {"status": ["closed", "candidate", "candidate"]}, "site 'A' is open; its status is closed"),
        ([0, 1], [0, 1, 0], {"status": ["candidate", "candidate", "open"]}, "site 'C' is not open; its status is open"),
    ],
)
def test_a_broken_rule_is_named(opened: list[int], assignment: list[int], fields: dict[str, Any], message: str) -> None:
    chosen = problem(**fields)
    with pytest.raises(CheckError, match=message):
        check(chosen, LocationSolution(chosen, opened, assignment))  # type: ignore[arg-type]
