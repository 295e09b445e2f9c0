"""How units are made: technologies with and without changeovers, the lots they run in, and what they cost.

A process with changeovers makes every variant in lots and keeps what is not sold yet; its lots per year lie on a grid
of powers of two, which costs at most 6 % more than the best frequency (the square-root law is flat: at a factor of
sqrt(2) off, (sqrt(2) + 1/sqrt(2)) / 2 = 1.06). Every lot frequency is then an option with a fixed cost per node and a
cost per unit, and choosing among them is part of choosing sites.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
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
    per_node, per_order, per_unit
        Costs a year, an order and a unit.
    """

    technology: str
    lots_per_year: float = math.inf
    wait_h: float = 0.0
    per_node: dict[Key, float] = field(default_factory=dict)
    per_order: dict[Key, float] = field(default_factory=dict)
    per_unit: dict[Key, float] = field(default_factory=dict)


def processes(case: SegmentCase) -> tuple[Process, ...]:
    """Every technology at every lot frequency that may be the best for a node of the segment's offer."""
    shared = overheads(case, "node", "variant-node")
    if case.technologies.empty:
        return (Process("", per_node=shared),)
    return tuple(p for row in case.technologies.to_dict("records") for p in _lots(case, row, shared))


def same_process(case: SegmentCase, process: Process) -> Process:
    """The same technology at the same lot frequency, for the offer of a case."""
    shared = overheads(case, "node", "variant-node")
    if not process.technology:
        return Process("", per_node=shared)
    row = case.technologies.set_index("technology", drop=False).loc[process.technology].to_dict()
    return _process(case, row, shared, process.lots_per_year)


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


def _lots(case: SegmentCase, row: dict[Any, Any], shared: dict[Key, float]) -> Iterator[Process]:
    """A technology at every frequency worth a look."""
    setup = sum(_setup(row).values())
    one_by_one = case.offer.tier.made_to == "order" or not setup
    for lots in [math.inf] if one_by_one else useful_lots(case, case.offer.variants * setup):
        yield _process(case, row, shared, lots)


def _setup(row: dict[Any, Any]) -> dict[Key, float]:
    """One changeover."""
    machine = row["changeover_h"] * row["rate"]
    return {("labor", "make", "changeover"): row["changeover_cost"], ("infrastructure", "make", "changeover"): machine}


def _process(case: SegmentCase, row: dict[Any, Any], shared: dict[Key, float], lots: float) -> Process:
    offer, build_h = case.offer, row["build_h"]
    node = added(shared, {("infrastructure", "make", "equipment"): row["capex"] / row["life_years"]})
    unit = {
        ("supplier", "source", "material"): offer.unit_kg * row["material"] * (1 + row["waste"]) / row["yield"],
        ("infrastructure", "make", "machine"): build_h / (row["units_per_build"] * row["yield"]) * row["rate"],
    }
    setup = _setup(row)
    if math.isinf(lots):
        # The machine changes where the next order is for another variant than the last.
        order = {key: offer.mix * cost for key, cost in setup.items()}
        wait_h = build_h + row["changeover_h"] if offer.tier.made_to == "order" else 0.0
        return Process(row["technology"], lots, wait_h, node, order, unit)
    changes = {key: offer.variants * lots * cost for key, cost in setup.items()}
    stock = {("infrastructure", "make", "cycle stock"): case.holding_cost / (2 * lots)}
    return Process(row["technology"], lots, 0.0, added(node, changes), {}, added(unit, stock))


def useful_lots(case: SegmentCase, setup_cost: float) -> list[float]:
    """The frequencies of the grid that are the best for some node, from one customer's units to all of them.

    Parameters
    ----------
    case
        The segment.
    setup_cost
        Changeovers to all variants once.
    """
    units = case.orders_per_year * case.customers["units_per_order"].to_numpy(float)
    few, many = (math.sqrt(case.holding_cost * d / (2 * setup_cost)) for d in (units.min(), units.sum()))
    low = max((f for f in LOTS_PER_YEAR if f <= few), default=LOTS_PER_YEAR[0])
    high = min((f for f in LOTS_PER_YEAR if f >= many), default=LOTS_PER_YEAR[-1])
    return [f for f in LOTS_PER_YEAR if low <= f <= high]
