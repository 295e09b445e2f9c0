"""What the formats of capacitated location share: warehouses with capacities, customers with demands."""

from __future__ import annotations

from typing import Any

import numpy as np

from netdesign.errors import InputError, Phrase
from netdesign.io.numbers import Floats, Numbers
from netdesign.location import CostMatrix, LocationProblem
from netdesign.location.models import WITH_CAPACITY


def take_warehouses(numbers: Numbers, count: int) -> tuple[Floats, Floats]:
    """The next `count` pairs of a capacity, which may be infinite, and a fixed cost."""
    start = numbers.position
    pairs = numbers.take(2 * count, "the list of capacities and fixed costs", infinite=True).reshape(count, 2)
    numbers.require(pairs[:, 0] >= 0, start, 2, lambda k: f"the capacity of warehouse {k + 1}", ">= 0")
    numbers.require(
        (pairs[:, 1] >= 0) & (pairs[:, 1] < np.inf),
        start + 1,
        2,
        lambda k: f"the fixed cost of warehouse {k + 1}",
        "a finite number >= 0",
    )
    return pairs[:, 0], pairs[:, 1]


def take_amounts(numbers: Numbers, count: int, what: str, of: str) -> Floats:
    """The next `count` numbers >= 0: of every customer, or of every warehouse."""
    start = numbers.position
    amounts = numbers.take(count, f"the list of {what}s")
    numbers.require(amounts >= 0, start, 1, lambda k: f"the {what} of {of} {k + 1}", ">= 0")
    return amounts


def take_costs(numbers: Numbers, rows: int, columns: int, of: str) -> Floats:
    """The rest of the numbers: shape (rows, columns), all >= 0, each row that of a customer or a warehouse."""
    start = numbers.position
    costs = numbers.take(rows * columns, "the list of costs")
    numbers.finish("the list of costs")
    numbers.require(costs >= 0, start, 1, lambda k: f"a cost of {of} {k // columns + 1}", ">= 0")
    return costs.reshape(rows, columns)


def problem_of(
    *,
    capacity: Floats,
    fixed_cost: Floats,
    demand: Floats,
    unit_cost: Floats | None = None,
    total_cost: Floats | None = None,
    model: Any,
    **fields: Any,
) -> LocationProblem:
    """The problem behind the numbers of a file; ids are positions from 1.

    Parameters
    ----------
    capacity, fixed_cost
        Shape (warehouses,). Models without capacities leave them out; infinite ones become the sum of all demand.
    demand
        Shape (customers,).
    unit_cost, total_cost
        Shape (customers, warehouses), one of them: what a unit of a customer's demand costs, or all of it.
    model, **fields
        Of :class:`netdesign.location.LocationProblem`.
    """
    weight: Floats | None = demand
    if total_cost is not None:
        if model in WITH_CAPACITY:
            unit_cost = total_cost / np.where(demand > 0, demand, 1.0)[:, None]
        else:
            unit_cost, weight = total_cost, None
    assert unit_cost is not None
    if model in WITH_CAPACITY:
        if np.isinf(capacity).any():
            k = int(np.isinf(capacity).argmax()) + 1
            advice = 'Write a number in place of the word "capacity".'
            raise InputError(f"the capacity of warehouse {k}", Phrase("not a number"), "a finite number", advice=advice)
        fields["capacity"] = capacity
    return LocationProblem(
        costs=CostMatrix(unit_cost),
        model=model,
        fixed_cost=fixed_cost,
        weight=weight,
        customer_ids=tuple(range(1, len(demand) + 1)),
        site_ids=tuple(range(1, len(fixed_cost) + 1)),
        **fields,
    )
