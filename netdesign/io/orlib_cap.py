"""OR-Library's capacitated warehouse location files, read for the uncapacitated model."""

from __future__ import annotations

import re

from netdesign.io.numbers import Numbers
from netdesign.location import CostMatrix, LocationProblem
from netdesign.location.problem import Model

_WORD = re.compile(r"\bcapacity\b", re.IGNORECASE)


def parse(
    text: str, *, model: Model = "uncapacitated", p: int | None = None, coverage_radius: float | None = None
) -> LocationProblem:
    """Warehouses with fixed costs and customers with the cost of serving all of their demand; ids are positions from 1.

    Parameters
    ----------
    text
        ``m n``; per warehouse its capacity and fixed cost; per customer its demand and m costs of serving all
        of it. The word "capacity" may stand where a capacity goes, as in capa, capb and capc: the models
        that are solved leave capacities out.
    model, p, coverage_radius
        See :class:`netdesign.location.LocationProblem`.

    Raises
    ------
    InputError
        If the text breaks the format.

    References
    ----------
    Beasley, "OR-Library: Distributing Test Problems by Electronic Mail", JORS 41 (1990).
    """
    numbers = Numbers(_WORD.sub("inf", text))
    sites, customers = numbers.take_count("the number of warehouses"), numbers.take_count("the number of customers")
    pairs = numbers.take(2 * sites, "the list of capacities and fixed costs", infinite=True).reshape(sites, 2)
    numbers.require(pairs[:, 0] >= 0, 2, 2, lambda k: f"the capacity of warehouse {k + 1}", ">= 0")
    numbers.require(
        (pairs[:, 1] >= 0) & (pairs[:, 1] < float("inf")),
        3,
        2,
        lambda k: f"the fixed cost of warehouse {k + 1}",
        "a finite number >= 0",
    )
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
    costs = rows.reshape(customers, width)[:, 1:]
    return LocationProblem(
        costs=CostMatrix(costs),
        model=model,
        p=p,
        coverage_radius=coverage_radius,
        fixed_cost=pairs[:, 1],
        customer_ids=tuple(range(1, customers + 1)),
        site_ids=tuple(range(1, sites + 1)),
    )
