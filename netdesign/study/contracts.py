"""What suppliers are paid for components under a contract, and the contract that suits the demand that may come.

What a contract costs is convex in the units that are bought. Chosen is, component by component, the contract of the
least expected cost over the scenarios of demand; what is then charged is the cost at the planned demand.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Contract:
    """A row of the table ``contracts``, with the reliability of its supplier.

    Attributes
    ----------
    name, component, supplier
        Words.
    kind
        ``spot``; ``commitment``: at least ``quantity`` is paid, taken or not; ``quantity_flex``: between ``quantity``
        less ``flex_down`` and ``quantity`` plus ``flex_up`` at this price; ``reservation``: ``reservation_price``
        for each of ``quantity`` units, and ``price`` for those that are taken.
    price, quantity, flex_down, flex_up, reservation_price
        Per unit, units a year, shares of the quantity, and per unit. A quantity of 0 is chosen where the kind lets the
        buyer choose it.
    switch_cost, term_years
        Paid once a term.
    reliability
        Chance that the supplier delivers; else everything is bought on the spot.
    """

    name: str
    component: str
    supplier: str
    kind: str
    price: float
    quantity: float = 0.0
    flex_down: float = 0.0
    flex_up: float = 0.0
    reservation_price: float = 0.0
    switch_cost: float = 0.0
    term_years: float = 1.0
    reliability: float = 1.0

    def cost(self, units: Any, spot: float) -> Any:
        """Of a year in which so many units are needed, any shape.

        Parameters
        ----------
        units
            Units a year, >= 0.
        spot
            Price of what the contract does not cover, and of everything where the supplier fails.
        """
        d, q = np.asarray(units, float), self.quantity
        fee, least, most = 0.0, 0.0, math.inf
        if self.kind == "commitment":
            least = q
        elif self.kind == "quantity_flex":
            least, most = (1 - self.flex_down) * q, (1 + self.flex_up) * q
        elif self.kind == "reservation":
            fee, most = self.reservation_price * q, q
        bought = self.price * np.clip(d, least, most)
        if math.isfinite(most):
            bought = bought + spot * np.maximum(d - most, 0.0)
        if self.reliability < 1:
            bought = self.reliability * bought + (1 - self.reliability) * spot * d
        return bought + fee + self.switch_cost / self.term_years

    def committed(self, spot: float) -> float:
        """What a year costs in which nothing is needed."""
        return float(self.cost(0.0, spot))

    def kinks(self) -> tuple[float, ...]:
        """Units a year at which the cost of one more changes."""
        if self.kind == "quantity_flex":
            return (1 - self.flex_down) * self.quantity, (1 + self.flex_up) * self.quantity
        return () if self.kind == "spot" else (self.quantity,)


@dataclass(frozen=True)
class Purchase:
    """A component, the contract it is bought under, and what the spot market asks.

    ``units`` are needed in a year as planned.
    """

    contract: Contract
    spot: float
    units: float

    @property
    def component(self) -> str:
        """What is bought."""
        return self.contract.component

    @property
    def cost(self) -> float:
        """Of the year as planned."""
        return float(self.contract.cost(self.units, self.spot))

    @property
    def price(self) -> float:
        """What the last unit costs: with ``cost`` a line that the cost of fewer units never falls below."""
        below = max((k for k in self.contract.kinks() if k < self.units), default=0.0)
        if self.units <= 0:
            return 0.0
        return (self.cost - float(self.contract.cost(below, self.spot))) / (self.units - below)

    def of(self, units: float) -> Purchase:
        """The same contract for other needs."""
        return replace(self, units=units)


def spot_price(contracts: Sequence[Contract]) -> float:
    """The cheapest on the spot of one component; infinite where nobody sells it so."""
    return min((c.price for c in contracts if c.kind == "spot"), default=math.inf)


def at_quantities(contract: Contract, demand: Any) -> list[Contract]:
    """The contract at every quantity at which its expected cost may turn; as it is where the quantity is agreed.

    What is committed and what is expected are linear between them: there a scenario of demand meets a limit.

    Parameters
    ----------
    contract
        Its quantity is the buyer's choice where it is 0 and the kind allows that.
    demand
        Units a year in every scenario.
    """
    if contract.quantity or contract.kind not in ("quantity_flex", "reservation"):
        return [contract]
    d = np.asarray(demand, float)
    limits = [d] if contract.kind == "reservation" else [d / (1 + contract.flex_up)]
    if contract.kind == "quantity_flex" and contract.flex_down < 1:
        limits.append(d / (1 - contract.flex_down))
    return [replace(contract, quantity=q) for q in sorted({0.0, *np.concatenate(limits).tolist()})]


def with_quantity(contract: Contract, demand: Any, weights: Any, spot: float) -> Contract:
    """The contract at the quantity of the least expected cost.

    For a reservation that is the quantile ``1 - reservation_price / (spot - price)`` of demand.

    Parameters
    ----------
    contract, demand
        See :func:`at_quantities`.
    weights
        Probability of every scenario.
    spot
        Price on the spot.
    """
    return min(at_quantities(contract, demand), key=lambda c: expected(c, demand, weights, spot))


def expected(contract: Contract, demand: Any, weights: Any, spot: float) -> float:
    """Expected cost of a year over scenarios of demand."""
    # An impossible scenario may be one that nobody could supply.
    some = np.asarray(weights, float) > 0
    return float(contract.cost(np.asarray(demand, float)[some], spot) @ np.asarray(weights, float)[some])


def best_purchase(contracts: Sequence[Contract], demand: Any, weights: Any, units: float) -> Purchase:
    """The contract of the least expected cost for one component.

    Parameters
    ----------
    contracts
        All that are offered for it.
    demand, weights
        Units a year in every scenario and its probability.
    units
        Units a year as planned.
    """
    spot = spot_price(contracts)
    offered = [with_quantity(c, demand, weights, spot) for c in contracts]
    return Purchase(min(offered, key=lambda c: expected(c, demand, weights, spot)), spot, units)
