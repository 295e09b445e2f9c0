"""How units are made: technologies with and without changeovers, the lots they run in, and what they cost.

A process with changeovers makes every variant in lots and keeps what is not sold yet; its lots per year lie on a grid
of powers of two, which costs at most 6 % more than the best frequency (the square-root law is flat: at a factor of
sqrt(2) off, (sqrt(2) + 1/sqrt(2)) / 2 = 1.06). Every lot frequency is then an option with a fixed cost per node and a
cost per unit, and choosing among them is part of choosing sites.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from netdesign.study.standard_work import Work, work_of
from netdesign.study.stock import stock_factor

if TYPE_CHECKING:
    from netdesign.study.case import SegmentCase

Key = tuple[str, str, str]
"""Account, stage and driver of a cost."""

ENERGY: Final = ("infrastructure", "make", "energy")
EQUIPMENT: Final = ("infrastructure", "make", "equipment")
SAFETY_STOCK: Final = ("infrastructure", "make", "safety stock")
UNUSED: Final = ("infrastructure", "make", "unused capacity")

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
    work_wait_h
        Of the promise, that the steps of a unit take.
    work_h, energy_kwh
        Hours of work by account, stage and step, and energy, of a unit; their price depends on the site.
    co2_kg
        Emissions of making one unit.
    equipment
        Cost of a machine a year, or of all of a node's where one has no limit; segments share them.
    capacity_h
        Hours that one machine runs a year.
    setup_h, order_h, unit_h
        Hours of machines: a year at a node, an order and a unit.
    safety, exponent
        Cost of the safety stock at one unit a year, and the power of the units a year that it grows with.
    per_node, per_order, per_unit
        All other costs: a year, an order and a unit.
    """

    technology: str
    lots_per_year: float = math.inf
    wait_h: float = 0.0
    equipment: float = 0.0
    co2_kg: float = 0.0
    work_wait_h: float = 0.0
    energy_kwh: float = 0.0
    capacity_h: float = math.inf
    setup_h: float = 0.0
    order_h: float = 0.0
    unit_h: float = 0.0
    safety: float = 0.0
    exponent: float = 1.0
    work_h: dict[Key, float] = field(default_factory=dict)
    per_node: dict[Key, float] = field(default_factory=dict)
    per_order: dict[Key, float] = field(default_factory=dict)
    per_unit: dict[Key, float] = field(default_factory=dict)

    def hours(self, orders: Any, units: Any) -> Any:
        """Of machines a year at a node that makes so much: changeovers and running."""
        return self.setup_h + self.order_h * orders + self.unit_h * units

    def machines(self, hours: float) -> int:
        """How many run so many hours: one at least, whole ones."""
        return max(1, math.ceil(hours / self.capacity_h * (1 - 1e-12)))

    def safety_cost(self, units: float) -> float:
        """Of the stock for days that sell more, a year, at a node that makes so many units."""
        return self.safety * units**self.exponent if self.safety else 0.0

    def safety_costs(self, units: float) -> dict[Key, float]:
        """The same by account, stage and driver; empty without such a stock."""
        return {SAFETY_STOCK: self.safety_cost(units)} if self.safety else {}

    def equipment_costs(self, hours: float) -> dict[Key, float]:
        """Of the machines that run so many hours a year; what they could run beside that is a cost of its own."""
        if not self.equipment:
            return {}
        if math.isinf(self.capacity_h):
            return {EQUIPMENT: self.equipment}
        used = self.equipment * hours / self.capacity_h
        return {EQUIPMENT: used, UNUSED: max(0.0, self.equipment * self.machines(hours) - used)}


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
    setup, plain = _setup(row), replace(_by_the_unit(case, row), per_node=node)
    if not in_lots(case, technology):
        # The machine changes where the next order is for another variant than the last.
        order = {key: offer.mix * cost for key, cost in setup.items()}
        plain = replace(plain, order_h=offer.mix * row["changeover_h"], per_order=order)
        if offer.tier.made_to == "stock":
            return replace(plain, work_wait_h=0.0)
        return replace(plain, wait_h=row["build_h"] + row["changeover_h"])
    changes = {key: offer.variants * lots * cost for key, cost in setup.items()}
    stock = {("infrastructure", "make", "cycle stock"): case.holding_cost / (2 * lots)}
    return replace(
        plain,
        lots_per_year=lots,
        work_wait_h=0.0,
        setup_h=offer.variants * lots * row["changeover_h"],
        per_node=added(node, changes),
        per_unit=added(plain.per_unit, stock),
    )


def _by_the_unit(case: SegmentCase, row: dict[Any, Any]) -> Process:
    """A technology without its changeovers: what a machine costs, and what a unit takes."""
    work, made = standard_work(case, row["technology"]), row["yield"]
    run_h = work.started * row["build_h"] / (row["units_per_build"] * made)
    material = work.started * case.offer.unit_kg * row["material"] * (1 + row["waste"]) / made
    co2_kg = row["unit_co2"] + work.co2_kg
    unit = {("supplier", "source", "material"): material, ("infrastructure", "make", "machine"): run_h * row["rate"]}
    steps = {("infrastructure", "make", step): hours * row["rate"] for step, hours in work.machine_h.items()}
    price = case.config.carbon_price
    carbon = {("infrastructure", "make", "carbon"): co2_kg / 1000 * price} if price else {}
    return Process(
        row["technology"],
        work_wait_h=work.hours,
        energy_kwh=work.energy_kwh,
        co2_kg=co2_kg,
        equipment=row["capex"] / row["life_years"],
        capacity_h=row["capacity_h"],
        unit_h=run_h + sum(work.machine_h.values()),
        safety=_safety(case, row),
        exponent=case.pooling_exponent,
        work_h={("labor", "make", step): hours for step, hours in work.labor_h.items()},
        per_unit=added(unit, steps, carbon),
    )


def _safety(case: SegmentCase, row: dict[Any, Any]) -> float:
    """Cost a year of the safety stock at one unit a year; 0 for what is made to order."""
    if case.offer.tier.made_to == "order" or not row["lead_days"]:
        return 0.0
    return case.holding_cost * stock_factor(
        service=case.stock_service,
        lead_days=row["lead_days"],
        variability=case.variability,
        exponent=case.pooling_exponent,
        variants=case.offer.variants,
        days=case.config.working_days_per_year,
    )


def unit_costs(case: SegmentCase, process: Process, site: int) -> dict[Key, float]:
    """Cost of making one unit at a site, by account, stage and driver."""
    if not process.work_h and not process.energy_kwh:
        return process.per_unit
    work = {key: hours * float(case.hour_of_work[site]) for key, hours in process.work_h.items()}
    energy = {ENERGY: process.energy_kwh * float(case.energy_price[site])} if process.energy_kwh else {}
    return added(process.per_unit, work, energy)


def standard_work(case: SegmentCase, technology: str) -> Work:
    """What a unit of the offer takes of the steps of a technology."""
    if case.processes.empty:
        return Work({}, {})
    steps = case.processes[case.processes["technology"] == technology]
    rows, shares = zip(*case.offer.mixture, strict=True) if case.offer.mixture else ((), ())
    return work_of(steps, case.variants.iloc[list(rows)], shares)


def at_site(case: SegmentCase, process: Process, site: int) -> Process:
    """A process where it is: with the hours that its machines run there."""
    hours = float(case.machine_h[process.technology][site]) if process.technology else process.capacity_h
    return process if hours == process.capacity_h else replace(process, capacity_h=hours)


def in_lots(case: SegmentCase, technology: str) -> bool:
    """Whether a technology makes a segment's variants in lots: with changeovers, and not to order."""
    return case.offer.tier.made_to == "stock" and sum(_setup(_row(case, technology)).values()) > 0


def useful_lots(cases: Sequence[SegmentCase], technology: str) -> list[float]:
    """The frequencies of the grid that are the best for some node, from one customer's units to all of them.

    For units D that cost h to keep and K for one changeover to every variant, the best is ``sqrt(h D / (2 K))``. Where
    whole machines are bought, a changeover may cost the machine's time besides.
    """
    made = [case for case in cases if in_lots(case, technology)]
    if not made:
        return [math.inf]
    setup = math.fsum(case.offer.variants * sum(_setup(_row(case, technology)).values()) for case in made)
    kept = [case.holding_cost * case.units_per_year for case in made]
    row = _row(made[0], technology)
    hours = float(made[0].machine_h[technology].min())
    time = row["changeover_h"] * row["capex"] / row["life_years"] / hours
    dear = setup + time * math.fsum(case.offer.variants for case in made)
    few = math.sqrt(min(float(k.min()) for k in kept) / (2 * dear))
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
