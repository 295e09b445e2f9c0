"""The files of Holmberg, Rönnqvist and Yuan for single-source location with capacities."""

from __future__ import annotations

from typing import Any

from netdesign.io.numbers import Numbers
from netdesign.io.warehouses import problem_of, take_amounts, take_costs, take_warehouses
from netdesign.location import LocationProblem
from netdesign.location.models import Model


def parse(text: str, *, model: Model = "single-source", **fields: Any) -> LocationProblem:
    """Warehouses with capacities and fixed costs, demands, and what serving all of a customer's demand costs.

    Parameters
    ----------
    text
        ``m n``; per warehouse its capacity and fixed cost; n demands; per warehouse n costs of serving all of a
        customer's demand.
    model, **fields
        See :class:`netdesign.location.LocationProblem`.

    Raises
    ------
    InputError
        If the text breaks the format.

    References
    ----------
    Holmberg, Rönnqvist and Yuan, "An exact algorithm for the capacitated facility location problems with single
    sourcing", European Journal of Operational Research 113 (1999).
    """
    numbers = Numbers(text)
    sites, customers = numbers.take_count("the number of warehouses"), numbers.take_count("the number of customers")
    capacity, fixed_cost = take_warehouses(numbers, sites)
    demand = take_amounts(numbers, customers, "demand", "customer")
    total = take_costs(numbers, sites, customers, "warehouse").T
    return problem_of(
        capacity=capacity,
        fixed_cost=fixed_cost,
        demand=demand,
        total_cost=total,
        model=model,
        **fields,
    )
