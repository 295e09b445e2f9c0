"""How units are made: technologies with and without changeovers, the lots they run in, and what they cost.

A process with changeovers makes every variant in lots and keeps what is not sold yet; its lots per year lie on a grid
of powers of two, which costs at most 6 % more than the best frequency (the square-root law is flat: at a factor of
sqrt(2) off, (sqrt(2) + 1/sqrt(2)) / 2 = 1.06). Every lot frequency is then an option with a fixed cost per node and a
cost per unit, and choosing among them is part of choosing sites.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from netdesign.study.study import SegmentCase

Key = tuple[str, str, str]
"""Account, stage and driver of a cost."""

LOTS_PER_YEAR: Final = tuple(2.0**k for k in range(-3, 9))
"""Lots of one variant: from one in eight years to 256 a year."""


@dataclass(frozen=True)
class Process:
    """One technology at one lot frequency, for an offer.

    Attributes
    ----------
    technology
        Its name; empty where a study has none.
    lots_per_year
        Of each variant; infinite where units are made one by one.
    wait_h
        From order to made, without the work at the bench.
    co2_kg
        Emissions of making one unit.
    equipment
        Cost of a node's equipment a year, however many segments it makes for.
    per_node, per_order, per_unit
        All other costs: a year, an order and a unit.
    """

    technology: str
    lots_per_year: float = math.inf
    wait_h: float = 0.0
    equipment: float = 0.0
    co2_kg: float = 0.0
    per_node: dict[Key, float] = field(default_factory=dict)
    per_order: dict[Key, float] = field(default_factory=dict)
    per_unit: dict[Key, float] = field(default_factory=dict)


def processes(cases: Sequence[SegmentCase]) -> list[tuple[Process, ...]]:
    """What a node that makes for these segments may make with: a process for each, all of one technology.

    Every technology at every lot frequency that may be the best for some node; what is made in lots is made as often
    for all segments.
    """
    if cases[0].technologies.empty:
        return [tuple(process_of(case, "", math.inf) for case in cases)]
    names = cases[0].technologies["technology"]
    return [
        tuple(process_of(case, name, lots) for case in cases) for name in names for lots in useful_lots(cases, name)
    ]


def process_of(case: SegmentCase, technology: str, lots: float) -> Process:
    """A technology for the offer of a case, at a lot frequency where units are made in lots.

    Parameters
    ----------
    case
        The segment.
    technology
        Its name; empty where the study has none.
    lots
        Lots of each variant a year.
    """
    node = overheads(case, "node", "variant-node")
    if not technology:
        return Process("", per_node=node)
    row, offer = _row(case, technology), case.offer
    setup, build_h = _setup(row), row["build_h"]
    equipment = row["capex"] / row["life_years"]
    unit = {
        ("supplier", "source", "material"): offer.unit_kg * row["material"] * (1 + row["waste"]) / row["yield"],
        ("infrastructure", "make", "machine"): build_h / (row["units_per_build"] * row["yield"]) * row["rate"],
    }
    co2_kg = row["unit_co2"]
    if carbon_price := case.config.carbon_price:
        unit["infrastructure", "make", "carbon"] = co2_kg / 1000 * carbon_price
    if not in_lots(case, technology):
        # The machine changes where the next order is for another variant than the last.
        order = {key: offer.mix * cost for key, cost in setup.items()}
        wait_h = build_h + row["changeover_h"] if offer.tier.made_to == "order" else 0.0
        return Process(technology, math.inf, wait_h, equipment, co2_kg, node, order, unit)
    changes = {key: offer.variants * lots * cost for key, cost in setup.items()}
    stock = {("infrastructure", "make", "cycle stock"): case.holding_cost / (2 * lots)}
    return Process(technology, lots, 0.0, equipment, co2_kg, added(node, changes), {}, added(unit, stock))


def in_lots(case: SegmentCase, technology: str) -> bool:
    """Whether a technology makes a segment's variants in lots: with changeovers, and not to order."""
    return case.offer.tier.made_to == "stock" and sum(_setup(_row(case, technology)).values()) > 0


def useful_lots(cases: Sequence[SegmentCase], technology: str) -> list[float]:
    """The frequencies of the grid that are the best for some node, from one customer's units to all of them.

    For units D that cost h to keep and K for one changeover to every variant, the best is ``sqrt(h D / (2 K))``.
    """
    made = [case for case in cases if in_lots(case, technology)]
    if not made:
        return [math.inf]
    setup = math.fsum(case.offer.variants * sum(_setup(_row(case, technology)).values()) for case in made)
    kept = [case.holding_cost * case.orders_per_year * case.units_per_order for case in made]
    few = math.sqrt(min(float(k.min()) for k in kept) / (2 * setup))
    many = math.sqrt(sum(float(k.sum()) for k in kept) / (2 * setup))
    low = max((f for f in LOTS_PER_YEAR if f <= few), default=LOTS_PER_YEAR[0])
    high = min((f for f in LOTS_PER_YEAR if f >= many), default=LOTS_PER_YEAR[-1])
    return [f for f in LOTS_PER_YEAR if low <= f <= high]


def added(*costs: dict[Key, float]) -> dict[Key, float]:
    """Costs of several causes, key by key."""
    total: dict[Key, float] = {}
    for part in costs:
        for key, cost in part.items():
            total[key] = total.get(key, 0.0) + cost
    return total


def overheads(case: SegmentCase, *drivers: str) -> dict[Key, float]:
    """The segment's overheads of these drivers, multiplied by the variants where they are per variant."""
    found: dict[Key, float] = {}
    for row in case.overheads.to_dict("records"):
        if row["driver"] in drivers:
            key = (row["account"], row["stage"], row["activity"])
            number = case.offer.variants if "variant" in row["driver"] else 1
            found = added(found, {key: row["cost"] * number})
    return found


def _row(case: SegmentCase, technology: str) -> dict[Any, Any]:
    table = case.technologies
    return dict(table[table["technology"] == technology].iloc[0])


def _setup(row: dict[Any, Any]) -> dict[Key, float]:
    """One changeover."""
    machine = row["changeover_h"] * row["rate"]
    return {("labor", "make", "changeover"): row["changeover_cost"], ("infrastructure", "make", "changeover"): machine}
