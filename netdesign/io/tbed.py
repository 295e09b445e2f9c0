"""The test bed of Avella and Boccia for location with capacities."""

from __future__ import annotations

from typing import Any

from netdesign.io.numbers import Numbers
from netdesign.io.warehouses import problem_of, take_amounts, take_costs
from netdesign.location import LocationProblem
from netdesign.location.models import Model


def parse(text: str, *, model: Model = "capacitated", **fields: Any) -> LocationProblem:
    """Demands, capacities, fixed costs, and what a unit of demand costs.

    Parameters
    ----------
    text
        ``m n``; n demands; m capacities; m fixed costs; per warehouse n costs of a unit of a customer's demand.
    model, **fields
        See :class:`netdesign.location.LocationProblem`.

    Raises
    ------
    InputError
        If the text breaks the format.

    References
    ----------
    Avella and Boccia, "A cutting plane algorithm for the capacitated facility location problem", Computational
    Optimization and Applications 43 (2009).
    """
    numbers = Numbers(text)
    sites, customers = numbers.take_count("the number of warehouses"), numbers.take_count("the number of customers")
    demand = take_amounts(numbers, customers, "demand", "customer")
    capacity = take_amounts(numbers, sites, "capacity", "warehouse")
    fixed_cost = take_amounts(numbers, sites, "fixed cost", "warehouse")
    unit = take_costs(numbers, sites, customers, "warehouse").T
    return problem_of(
        capacity=capacity,
        fixed_cost=fixed_cost,
        demand=demand,
        unit_cost=unit,
        model=model,
        **fields,
    )
