"""Whole machines: candidates with room for one, two, three, ... of them, as location with capacities.

A node's machines cost ``K * ceil(hours / H)``. Two relaxations need no capacities: one machine at every node however
much it makes, ``K``, and machines in parts, ``K * hours / H``. Between them lies the truth; where they leave too much
open, every number of machines is a candidate with a capacity of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from netdesign.location import CostMatrix, LocationProblem
from netdesign.study.make import Process

SINGLE: Final = 4
"""Up to so many machines every number is a candidate; beyond, one stands for up to twice as many, at least price."""


@dataclass(frozen=True, eq=False)
class Pairs:
    """Candidates of location: what a year costs however much they make, and each order of each customer.

    Attributes
    ----------
    fixed, cost
        Shapes (candidates,) and (customers, candidates).
    orders, units, member
        Shape (customers,): orders a year, units of one, and whose customer it is.
    ids
        Names of the customers.
    """

    fixed: Any
    cost: Any
    orders: Any
    units: Any
    member: Any
    ids: tuple[str, ...]

    def problem(self) -> LocationProblem:
        """Uncapacitated location over the candidates."""
        return LocationProblem(
            costs=CostMatrix(self.cost),
            model="uncapacitated",
            fixed_cost=self.fixed,
            weight=self.orders,
            customer_ids=self.ids,
        )


def in_parts(pairs: Pairs, made: Sequence[tuple[Process, ...]]) -> Pairs:
    """The same candidates where machines can be bought in parts: for each hour that they run.

    Parameters
    ----------
    pairs
        Candidates with one machine each; those beyond `made` have none.
    made
        Of each candidate, a process for each member; ``members`` of the customers follow from their number.
    """
    fixed, cost = pairs.fixed.copy(), pairs.cost.copy()
    for k, together in enumerate(made):
        first = together[0]
        if np.isfinite(first.capacity_h):
            hourly = first.equipment / first.capacity_h
            fixed[k] += hourly * sum(p.setup_h for p in together) - first.equipment
            cost[:, k] += hourly * _least_unit_h(together, pairs) * pairs.units
    return replace(pairs, fixed=fixed, cost=cost)


def in_modules(pairs: Pairs, made: Sequence[tuple[Process, ...]]) -> tuple[LocationProblem, list[int]]:
    """Location with capacities where every number of machines is a candidate, and the candidate that each stands for.

    A customer has one node. What cannot be exact is too cheap, so that the bound holds: numbers beyond the first few,
    and orders that take more hours than the quickest.
    """
    total = float((pairs.orders * pairs.units).sum())
    columns, fixed, room = [], [], []
    for k in range(pairs.cost.shape[1]):
        for more, units in _modules(made[k], pairs, total) if k < len(made) else [(0.0, total)]:
            columns.append(k)
            fixed.append(pairs.fixed[k] + more)
            room.append(units)
    problem = LocationProblem(
        costs=CostMatrix(pairs.cost[:, columns] / pairs.units[:, None]),
        model="single-source",
        fixed_cost=np.array(fixed),
        weight=pairs.orders * pairs.units,
        capacity=np.array(room),
        customer_ids=pairs.ids,
    )
    return problem, columns


def _modules(together: tuple[Process, ...], pairs: Pairs, total: float) -> list[tuple[float, float]]:
    """Cost beyond the first machine and units a year, for every number of machines that may be wanted."""
    first, setup_h = together[0], sum(p.setup_h for p in together)
    least, unit_h = first.machines(setup_h), _least_unit_h(together, pairs)
    if unit_h == 0 or np.isinf(first.capacity_h):
        return [(first.equipment * (least - 1), total)]
    found, number, room = [], least, 0.0
    while room < total:
        last = number if number <= SINGLE else 2 * number - 1
        # A hair of room for sums that are equal but for rounding.
        room = (last * first.capacity_h - setup_h) / unit_h * (1 + 1e-9)
        if room > 0:
            found.append((first.equipment * (number - 1), min(room, total)))
        number = last + 1
    return found


def _least_unit_h(together: tuple[Process, ...], pairs: Pairs) -> float:
    """Hours of machines for a unit, of the order that takes least."""
    return min(p.unit_h + p.order_h / float(pairs.units.max()) for p in together)
