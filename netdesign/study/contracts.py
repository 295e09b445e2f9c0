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
import pandas as pd

from netdesign.study.risk import tail_mean


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


def with_quantity(contract: Contract, demand: Any, weights: Any, spot: float) -> Contract:
    """The contract with the best quantity where the buyer chooses it, of the least expected cost.

    The expected cost is convex and linear between the quantities at which a scenario of demand meets a limit, so one of
    these is the best; for a reservation that is the quantile ``1 - reservation_price / (spot - price)`` of demand.

    Parameters
    ----------
    contract
        Its quantity stays where it has one.
    demand, weights
        Units a year in every scenario and its probability.
    spot
        Price on the spot.
    """
    if contract.quantity or contract.kind not in ("quantity_flex", "reservation"):
        return contract
    d = np.asarray(demand, float)
    limits = [d] if contract.kind == "reservation" else [d / (1 + contract.flex_up)]
    if contract.kind == "quantity_flex" and contract.flex_down < 1:
        limits.append(d / (1 - contract.flex_down))
    tried = [replace(contract, quantity=q) for q in sorted({0.0, *np.concatenate(limits).tolist()})]
    return min(tried, key=lambda c: expected(c, d, weights, spot))


def reserved(demand: Any, weights: Any, *, fee: float, exercise: float, spot: float) -> float:
    """The reservation of the least expected cost: the quantile ``1 - fee / (spot - exercise)`` of demand.

    Nothing is reserved where the fee is no less than what a reserved unit saves.

    Parameters
    ----------
    demand, weights
        Units a year in every scenario and its probability.
    fee, exercise, spot
        Per unit reserved, per reserved unit taken, and per unit on the spot.
    """
    if fee >= spot - exercise:
        return 0.0
    d, w = np.asarray(demand, float), np.asarray(weights, float)
    order = np.argsort(d, kind="stable")
    reached = np.cumsum(w[order]) / w.sum()
    place = int(np.searchsorted(reached, 1 - fee / (spot - exercise) - 1e-12))
    return float(d[order][min(place, len(d) - 1)])


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


def contract_points(
    contracts: Sequence[Contract],
    demand: Any,
    weights: Any,
    *,
    tail: float,
    shares: Sequence[float] = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5),
) -> pd.DataFrame:
    """What every contract of a component costs, as offered and at other quantities: commitment against flexibility.

    Parameters
    ----------
    contracts
        All that are offered for it.
    demand, weights
        Units a year in every scenario and its probability.
    tail
        Part of the probability, the worst, that ``tail`` is the mean over.
    shares
        Quantities to try, as shares of the expected demand, where a contract has one.

    Returns
    -------
    DataFrame
        Columns contract, type, quantity, committed (paid even if nothing is needed), expected and tail, a year.
    """
    d, w = np.asarray(demand, float), np.asarray(weights, float)
    spot, mean = spot_price(contracts), float(d @ w / w.sum())
    rows = []
    for offered in contracts:
        own = with_quantity(offered, d, w, spot)
        others = [] if own.kind == "spot" else [replace(own, quantity=share * mean) for share in shares]
        for c in sorted({own.quantity: own, **{o.quantity: o for o in others}}.values(), key=lambda c: c.quantity):
            costs = c.cost(d, spot)
            worst = -tail_mean(-costs, w, tail)
            rows.append((c.name, c.kind, c.quantity, float(c.cost(0.0, spot)), expected(c, d, w, spot), worst))
    return pd.DataFrame(rows, columns=["contract", "type", "quantity", "committed", "expected", "tail"])
