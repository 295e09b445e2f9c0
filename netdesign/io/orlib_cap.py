"""OR-Library's capacitated warehouse location files."""

from __future__ import annotations

import re
from typing import Any

from netdesign.io.numbers import Numbers
from netdesign.io.warehouses import problem_of, take_warehouses
from netdesign.location import LocationProblem
from netdesign.location.models import Model

_WORD = re.compile(r"\bcapacity\b", re.IGNORECASE)


def parse(text: str, *, model: Model = "uncapacitated", **fields: Any) -> LocationProblem:
    """Warehouses with capacities and fixed costs, customers with the cost of serving all of their demand.

    Parameters
    ----------
    text
        ``m n``; per warehouse its capacity and fixed cost; per customer its demand and m costs of serving all
        of it. The word "capacity" may stand where a capacity goes, as in capa, capb and capc: models without
        capacities do not mind.
    model, **fields
        See :class:`netdesign.location.LocationProblem`.

    Raises
    ------
    InputError
        If the text breaks the format, or a capacity is asked for and not there.

    References
    ----------
    Beasley, "OR-Library: Distributing Test Problems by Electronic Mail", JORS 41 (1990).
    """
    numbers = Numbers(_WORD.sub("inf", text))
    sites, customers = numbers.take_count("the number of warehouses"), numbers.take_count("the number of customers")
    capacity, fixed_cost = take_warehouses(numbers, sites)
    start, width = numbers.position, sites + 1
    rows = numbers.take(customers * width, "the list of demands and costs")
    numbers.finish("the list of demands and costs")
    numbers.require(
        rows >= 0,
        start,
        1,
        lambda k: f"the {'demand' if k % width == 0 else 'cost'} of customer {k // width + 1}",
        ">= 0",
    )
    table = rows.reshape(customers, width)
    return problem_of(
        capacity=capacity,
        fixed_cost=fixed_cost,
        demand=table[:, 0],
        total_cost=table[:, 1:],
        model=model,
        **fields,
    )
