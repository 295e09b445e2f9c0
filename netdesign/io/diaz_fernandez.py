"""The files of Díaz and Fernández for single-source location with capacities."""

from __future__ import annotations

from typing import Any

from netdesign.io.numbers import Numbers
from netdesign.io.warehouses import problem_of, take_amounts
from netdesign.location import LocationProblem
from netdesign.location.models import Model


def parse(text: str, *, model: Model = "single-source", **fields: Any) -> LocationProblem:
    """Customers first: what serving all of a customer's demand costs, demands, fixed costs, capacities.

    Parameters
    ----------
    text
        ``n m``; per customer m costs of serving all of its demand; n demands; m fixed costs; m capacities.
    model, **fields
        See :class:`netdesign.location.LocationProblem`.

    Raises
    ------
    InputError
        If the text breaks the format.

    References
    ----------
    Díaz and Fernández, "A branch-and-price algorithm for the single source capacitated plant location problem",
    Journal of the Operational Research Society 53 (2002).
    """
    numbers = Numbers(text)
    customers, sites = numbers.take_count("the number of customers"), numbers.take_count("the number of warehouses")
    total = take_amounts(numbers, customers * sites, "cost", "pair").reshape(customers, sites)
    demand = take_amounts(numbers, customers, "demand", "customer")
    fixed_cost = take_amounts(numbers, sites, "fixed cost", "warehouse")
    capacity = take_amounts(numbers, sites, "capacity", "warehouse")
    numbers.finish("the list of capacities")
    return problem_of(
        capacity=capacity,
        fixed_cost=fixed_cost,
        demand=demand,
        total_cost=total,
        model=model,
        **fields,
    )
