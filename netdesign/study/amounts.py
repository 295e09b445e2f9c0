"""Amounts that serving causes beside cost, and how much a segment may have of them.

All of them are sums over the orders: of what delivering one causes, by customer, site and vehicle, and of what making
one emits.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from netdesign.study.case import Floats, SegmentCase
    from netdesign.study.cost import OrderCosts
    from netdesign.study.make import Process

CO2: Final = "CO2"
"""Name of the amount of emissions; those of vehicles have the name of their type."""

ROUNDING: Final = 1e-9
"""Share of a limit that sums may be beyond it."""


@dataclass(frozen=True, eq=False)
class Amount:
    """Something that orders cause beside cost.

    Attributes
    ----------
    name
        CO2, hours, or the type of a vehicle.
    delivered
        Of delivering an order: shape (vehicles, customers, sites), one vehicle where there is no choice.
    made
        Of a kg of CO2 that making emits.
    """

    name: str
    delivered: Floats
    made: float = 0.0

    def of(self, case: SegmentCase, sites: Sequence[int], processes: Sequence[Process]) -> Floats:
        """Of an order, from some sites with a process each: shape (vehicles, customers, sites)."""
        kg = np.multiply.outer(case.units_per_order, np.array([p.co2_kg for p in processes], float))
        amount: Floats = self.delivered[:, :, np.asarray(sites, np.int64)] + self.made * kg
        return amount


@dataclass(frozen=True, eq=False)
class Limit:
    """Of an amount a network may have so much."""

    amount: Amount
    most: float = math.inf


@dataclass(frozen=True)
class Kept:
    """What a network has of an amount that is limited.

    Attributes
    ----------
    segment, name
        Whose limit it is, and on what.
    most, amount
        The limit, and how much of it there is.
    least
        No network that serves the same customers has less.
    price
        What a little more of the limit would save a year, for each unit of it; 0 where it does not matter.
    """

    segment: str
    name: str
    most: float
    amount: float = 0.0
    least: float = 0.0
    price: float = 0.0

    @property
    def within(self) -> bool:
        """Whether the limit is kept."""
        return self.amount <= self.most * (1 + ROUNDING)

    @property
    def reachable(self) -> bool:
        """Whether a network keeps it, if there is no other limit."""
        return self.least <= self.most * (1 + ROUNDING)


def limits_of(case: SegmentCase, costs: OrderCosts) -> tuple[Limit, ...]:
    """The limits of a segment: on its CO2, and on its vehicles by type."""
    found = [Limit(tonnes(costs), case.co2_limit)] if math.isfinite(case.co2_limit) else []
    for k, vehicle in enumerate(case.fleet or (case.vehicle,)):
        if math.isfinite(vehicle.count):
            found.append(Limit(vehicles_needed(case, costs, k), vehicle.count))
    return tuple(found)


def tonnes(costs: OrderCosts) -> Amount:
    """t of CO2 a year, of making and delivering."""
    return Amount(CO2, _finite(costs, [c.co2_kg / 1000 for c in costs.each or (costs,)]), made=1 / 1000)


def mean_hours(case: SegmentCase, costs: OrderCosts) -> Amount:
    """Hours of driving to the mean order."""
    orders = float(case.orders_per_year.sum())
    return Amount("hours", _finite(costs, [c.drive_h / orders for c in costs.each or (costs,)]))


def vehicles_needed(case: SegmentCase, costs: OrderCosts, which: int) -> Amount:
    """Vehicles of a type on the road on a working day: what all stops take of one's route together."""
    days = case.config.working_days_per_year
    each = [c.last_mile.share / c.stops.orders_per_stop[:, None] / days for c in costs.each or (costs,)]
    amount = _finite(costs, each)
    if costs.each:
        amount[np.arange(len(amount)) != which] = 0.0
    return Amount((case.fleet or (case.vehicle,))[which].name, amount)


def _finite(costs: OrderCosts, each: Sequence[Floats]) -> Floats:
    """One array of several, without what is not reached."""
    reached = [np.isfinite(c.total) for c in costs.each or (costs,)]
    return np.array([np.where(there, amount, 0.0) for there, amount in zip(reached, each, strict=True)])
