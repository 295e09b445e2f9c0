"""Safety stock: what demand that is not certain costs, and how much less where it is pooled.

A node keeps ``z * sqrt(lead days) * A * n^(1 - beta) * D^beta`` units of n variants alike that sell D units a day: the
deviation of a day's demand of one that sells d is ``A * d^beta``. With beta = 0.5 that is the square-root law, with
beta = 1 nothing is gained by pooling; measured exponents lie between, so it is an input, or learned from history.
The cost is concave in D. A search takes it as the least of some lines through points of it, which is never above it.

Components are kept once for all nodes, until their supplier delivers again: :class:`ComponentStock`.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from netdesign.study.machines import Pairs
    from netdesign.study.make import Process

KNOT_RATIO: Final = 4.0
"""Between units at which the lines meet the cost; at beta = 0.75 they are at most 4 % below it."""

MOST_LINES: Final = 16
"""For all members of a candidate together."""

Line = tuple[float, float]
"""Cost a year and cost of a unit."""


def stock_factor(
    *, service: float, lead_days: float, variability: float, exponent: float, variants: int, days: float
) -> float:
    """Units of safety stock at one unit a year; at D units a year it is this times ``D ** exponent``.

    Parameters
    ----------
    service
        Share of the lead times without a stock-out, in [0.5, 1).
    lead_days
        Working days until a variant is in stock again.
    variability, exponent
        A and beta: the deviation of a day's demand is ``A * d ** beta``.
    variants
        Number of variants, sold alike.
    days
        Working days a year.
    """
    z = NormalDist().inv_cdf(service)
    return float(z * math.sqrt(lead_days) * variability * variants ** (1 - exponent) / days**exponent)


def in_lines(pairs: Pairs, made: Sequence[tuple[Process, ...]], known: Any = ()) -> tuple[Pairs, list[int]]:
    """Every candidate once for each line below the cost of its safety stock, and the candidate of each column.

    Parameters
    ----------
    pairs
        Candidates; those beyond `made` keep no stock.
    made
        Of each candidate, a process for each member.
    known
        Units a year that some node of the only member makes, where the lines are to meet the cost.
    """
    if not any(p.safety for together in made for p in together):
        return pairs, list(range(pairs.cost.shape[1]))
    units = pairs.orders * pairs.units
    members = [units[pairs.member == m] for m in range(len(made[0]))]
    most = int(MOST_LINES ** (1 / len(members))) if len(members) > 1 else 0
    knots = [_knots(own, most, known) for own in members]
    columns, fixed, cost = [], [], []
    for k in range(pairs.cost.shape[1]):
        lines = [_lines(p, at) for p, at in zip(made[k], knots, strict=True)] if k < len(made) else []
        for choice in itertools.product(*lines):
            columns.append(k)
            fixed.append(pairs.fixed[k] + sum(line[0] for line in choice))
            each = np.array([line[1] for line in choice])
            cost.append(pairs.cost[:, k] + (each[pairs.member] * pairs.units if len(choice) else 0.0))
    return replace(pairs, fixed=np.array(fixed), cost=np.column_stack(cost)), columns


def _knots(units: Any, most: int, known: Any) -> list[float]:
    """Units a year between the smallest customer and all of them; from 0 where a node may make nothing for a member."""
    low, high = float(units.min()), float(units.sum())
    count = max(2, math.ceil(math.log(high / low, KNOT_RATIO)) + 1) if high > low else 1
    if most:
        return [0.0, *np.geomspace(low, high, min(count, most)).tolist()] if most > 1 else [0.0, high]
    return sorted({*np.geomspace(low, high, count).tolist(), *(float(u) for u in known)})


def _lines(process: Process, knots: Sequence[float]) -> list[Line]:
    """Through the cost of the safety stock at successive knots."""
    if not process.safety:
        return [(0.0, 0.0)]
    costs = [process.safety_cost(at) for at in knots]
    if len(knots) == 1:
        return [(0.0, costs[0] / knots[0])]
    slopes = [(costs[k + 1] - costs[k]) / (knots[k + 1] - knots[k]) for k in range(len(knots) - 1)]
    return [(costs[k] - slope * knots[k], slope) for k, slope in enumerate(slopes)]


@dataclass(frozen=True)
class ComponentStock:
    """Safety stock of a component, which segments that buy it together keep together.

    It lasts for days that need more and for deliveries that come late: over a lead time of mean L and deviation s the
    need deviates by ``sqrt(L * v + d**2 * s**2)``, d the mean and v the variance of a day's need. The days of different
    segments have nothing to do with each other, so their variances add up.

    Attributes
    ----------
    holding_cost
        Of one component for a year.
    cover
        Deviations that the stock covers.
    factors, exponents
        By segment: the deviation of a day's need is ``factor * units ** exponent`` at so many a year.
    days
        Working days a year.

    References
    ----------
    Silver, Pyke and Thomas, "Inventory and Production Management in Supply Chains" (2017), for the deviation.
    """

    holding_cost: float = 0.0
    cover: float = 0.0
    factors: tuple[float, ...] = (0.0,)
    exponents: tuple[float, ...] = (1.0,)
    days: float = 1.0

    def cost(self, units: Any, lead_days: float, lead_deviation: float) -> Any:
        """Of the stock, a year.

        Parameters
        ----------
        units
            Needed by each segment, a year: shape (..., segments).
        lead_days, lead_deviation
            Mean and deviation of the lead time, in working days.
        """
        own, late = self._variances(units, lead_days, lead_deviation)
        return self.holding_cost * self.cover * np.sqrt(own.sum(axis=-1) + late**2)

    def prices(self, units: Any, lead_days: float, lead_deviation: float) -> Any:
        """Of a component for each segment, such that all pay for the stock, and no less is ever needed for fewer.

        Every deviation grows at most in proportion to what a segment needs, and the length of a vector is not below its
        shadow on any direction: shares of the variance make a plane through 0 that the cost never falls below.
        """
        u = np.asarray(units, float)
        own, late = self._variances(u, lead_days, lead_deviation)
        whole = float(np.sqrt(own.sum() + late**2))
        if not whole:
            return np.zeros_like(u)
        shares = np.divide(own, u, out=np.zeros_like(u), where=u > 0) + late * lead_deviation / self.days
        return self.holding_cost * self.cover * shares / whole

    def _variances(self, units: Any, lead_days: float, lead_deviation: float) -> tuple[Any, Any]:
        """Of each segment's days over a lead time, and the deviation that late deliveries make."""
        u = np.asarray(units, float)
        deviation = np.array(self.factors) * u ** np.array(self.exponents)
        return lead_days * deviation**2, u.sum(axis=-1) / self.days * lead_deviation
