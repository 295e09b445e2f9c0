"""What suppliers are paid for components under a contract, and the contract that suits the demand that may come.

What a contract costs is convex in the units that are bought; the stock that its supplier's lead time asks for comes on
top. Chosen is, component by component, the contract of the least expected cost over the scenarios of demand; what is
then charged is the cost at the planned demand.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from netdesign.study.stock import ComponentStock

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Component:
    """What goes into a unit of a segment: how much of it, and what keeping one for a year costs."""

    name: str
    quantity: float
    holding_cost: float = 0.0


@dataclass(frozen=True)
class Contract:
    """A row of the table ``contracts``, with what its supplier's row says.

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
    lead_days, lead_deviation
        Mean and standard deviation of the supplier's lead time, in working days.
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
    lead_days: float = 0.0
    lead_deviation: float = 0.0

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
    """A component, the contract it is bought under, what the spot market asks, and how it is kept.

    ``needs`` are those of each segment in a year as planned.
    """

    contract: Contract
    spot: float
    needs: tuple[float, ...]
    keeping: ComponentStock

    @property
    def component(self) -> str:
        """What is bought."""
        return self.contract.component

    @property
    def units(self) -> float:
        """Needed in a year."""
        return math.fsum(self.needs)

    @property
    def bill(self) -> float:
        """What suppliers are paid for the year as planned."""
        return float(self.contract.cost(self.units, self.spot))

    @property
    def lead(self) -> tuple[float, float]:
        """Mean and standard deviation of the lead time, in working days."""
        return self.contract.lead_days, self.contract.lead_deviation

    @property
    def stock(self) -> float:
        """What the safety stock costs in that year."""
        return float(self.keeping.cost(self.needs, *self.lead))

    @property
    def cost(self) -> float:
        """Of the year as planned."""
        return self.bill + self.stock

    @property
    def price(self) -> float:
        """What the last unit is paid: with ``bill`` a line that the bill of fewer units never falls below."""
        below = max((k for k in self.contract.kinks() if k < self.units), default=0.0)
        if self.units <= 0:
            return 0.0
        return (self.bill - float(self.contract.cost(below, self.spot))) / (self.units - below)

    @property
    def prices(self) -> tuple[float, ...]:
        """The same for each segment, with its part of the stock."""
        kept = self.keeping.prices(self.needs, *self.lead)
        return tuple(self.price + part for part in kept.tolist())

    @property
    def fixed(self) -> float:
        """What stays of the cost where nothing is needed, all others paid by ``prices``."""
        return self.bill - self.price * self.units

    def of(self, needs: Sequence[float]) -> Purchase:
        """The same contract for other needs."""
        return replace(self, needs=tuple(needs))


@dataclass(frozen=True, eq=False)
class Need:
    """What segments that buy together need of a component.

    Attributes
    ----------
    planned
        Units a year of each segment.
    ahead
        The same in every scenario: shape (segments, scenarios).
    weights
        Probability of every scenario.
    keeping
        How it is kept.
    """

    planned: tuple[float, ...]
    ahead: NDArray[np.float64]
    weights: NDArray[np.float64]
    keeping: ComponentStock

    @property
    def demand(self) -> NDArray[np.float64]:
        """Units a year in every scenario."""
        total: NDArray[np.float64] = self.ahead.sum(axis=0)
        return total

    def stock(self, contract: Contract) -> Any:
        """Cost of the safety stock in every scenario."""
        return self.keeping.cost(self.ahead.T, contract.lead_days, contract.lead_deviation)

    def expected(self, contract: Contract, spot: float) -> float:
        """Expected cost of a year under a contract."""
        return expected(contract, self.demand, self.weights, spot) + float(self.stock(contract) @ self.weights)


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
    """The contract at the quantity of the least expected cost, on which its supplier's stock does not depend.

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
    """What a year's bill is expected to be over scenarios of demand."""
    # An impossible scenario may be one that nobody could supply.
    some = np.asarray(weights, float) > 0
    return float(contract.cost(np.asarray(demand, float)[some], spot) @ np.asarray(weights, float)[some])


def best_purchase(contracts: Sequence[Contract], need: Need) -> Purchase:
    """The contract of the least expected cost for one component, of all that are offered for it."""
    spot = spot_price(contracts)
    offered = [with_quantity(c, need.demand, need.weights, spot) for c in contracts]
    return Purchase(min(offered, key=lambda c: need.expected(c, spot)), spot, need.planned, need.keeping)
