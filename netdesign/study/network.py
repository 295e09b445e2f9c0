"""Nodes for one segment or for several that share them, and who is served from which."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from netdesign.result import Termination
from netdesign.study.amounts import Kept, Limit, limits_of
from netdesign.study.case import Floats, SegmentCase
from netdesign.study.contracts import Purchase
from netdesign.study.cost import OrderCosts
from netdesign.study.make import Process, unit_costs

DECLINED: Final = -1
"""The node of a customer who is not served because that would cost more than it brings."""

PROVEN: Final = 1e-8
"""Gap, as a fraction, below which a network is the best there is."""

Assignment = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Member:
    """A segment with its offer, its cost per order, and whether it may decline customers.

    Attributes
    ----------
    case, costs, decline
        See above.
    limits
        On amounts; those of the segment where left out.
    """

    case: SegmentCase
    costs: OrderCosts
    decline: bool
    limits: tuple[Limit, ...] | None = None

    @property
    def brings(self) -> Floats:
        """What one order of each customer brings: shape (customers,)."""
        return self.case.revenue_per_order

    @property
    def bare(self) -> Member:
        """With those costs alone that a search for nodes needs: little to send to a worker."""
        return replace(self, costs=self.costs.bare, limits=self.limited)

    @property
    def limited(self) -> tuple[Limit, ...]:
        """Its limits, the segment's own where none are given."""
        return limits_of(self.case, self.costs) if self.limits is None else self.limits

    def delivered(self, vehicle: NDArray[np.int64]) -> Member:
        """With the vehicle of its fleet that delivers to each customer: shape (customers,)."""
        return replace(self, costs=self.costs.delivered(vehicle)) if self.costs.each else self

    def made_at(self, site: int, process: Process) -> Floats:
        """Cost of one order of each customer, made at a site by a process; infinite where it would be late."""
        return self.made([site], [process])[:, 0]

    def made(self, sites: Sequence[int], processes: Sequence[Process]) -> Floats:
        """The same for some sites, each with a process: shape (customers, sites)."""
        units, at = self.case.units_per_order, np.asarray(sites, np.int64)
        unit = [sum(unit_costs(self.case, p, j).values()) for j, p in zip(sites, processes, strict=True)]
        cost: Floats = np.multiply.outer(units, np.array(unit, float))
        cost += np.array([sum(p.per_order.values()) for p in processes], float)
        cost += self.costs.total[:, at]
        wait, work = (np.array([getattr(p, name) for p in processes], float) for name in ("wait_h", "work_wait_h"))
        slow = np.flatnonzero((wait > 0) | (work > 0))
        if len(slow):
            hours = np.multiply.outer(units, work[slow]) + wait[slow]
            cost[:, slow] = np.where(hours <= self.costs.slack_h[:, at[slow]], cost[:, slow], np.inf)
        return cost

    def emitted_at(self, site: int, process: Process) -> Floats:
        """kg of CO2 of one order of each customer, made at a site by a process and delivered from there."""
        kg: Floats = self.costs.co2_kg[:, site] + self.case.units_per_order * process.co2_kg
        return kg


@dataclass(frozen=True)
class Node:
    """A site with what it makes with, for each member."""

    site: int
    processes: tuple[Process, ...]

    @property
    def cost(self) -> float:
        """Of a year, whatever it makes, the site's own left out; members share the equipment, one machine at first."""
        return self.processes[0].equipment + sum(sum(p.per_node.values()) for p in self.processes)

    def hours(self, members: Sequence[Member], assignments: Sequence[Assignment], index: int) -> float:
        """That its machines run a year for the orders assigned to that index."""
        made = zip(self.processes, members, assignments, strict=True)
        return math.fsum(p.hours(*made_of(m, at == index)) for p, m, at in made)

    def safety_costs(self, members: Sequence[Member], assignments: Sequence[Assignment], index: int) -> list[float]:
        """Of each member's safety stock a year."""
        made = zip(self.processes, members, assignments, strict=True)
        return [p.safety_cost(made_of(m, at == index)[1]) for p, m, at in made]

    def more_machines(self, hours: float) -> float:
        """Cost a year of the machines beyond the first that so many hours take."""
        process = self.processes[0]
        return process.equipment * (process.machines(hours) - 1)


@dataclass(frozen=True, eq=False)
class Network:
    """Nodes and who is served from which.

    Attributes
    ----------
    nodes
        Those that serve anybody, by site. Two at one site are two workshops side by side: each pays the site's costs.
    idle
        Sites that have to stay and serve nobody.
    assignments
        Per member, shape (customers,): index of the node that serves each, or ``DECLINED``.
    purchases
        The contracts for components, and what is needed of them.
    objective, bound
        Cost per year; what it would be at the best that no proof excludes, with what declined customers would have
        brought as a cost.
    missed
        What those of them that could be served would have brought a year.
    status, termination
        Of the search.
    vehicles
        Per member, where their number is limited: index of the vehicle of each customer, shape (customers,).
    limits
        What it has of the amounts that its members limit, limit by limit of the members in turn.
    """

    nodes: tuple[Node, ...]
    idle: tuple[int, ...]
    assignments: tuple[Assignment, ...]
    purchases: tuple[Purchase, ...]
    objective: float
    missed: float
    bound: float | None
    status: str
    termination: Termination
    vehicles: tuple[NDArray[np.int64] | None, ...] = ()
    limits: tuple[Kept, ...] = ()

    @property
    def gap(self) -> float | None:
        """See :func:`gap_of`."""
        return gap_of(self.objective, self.bound, self.missed)

    def delivered(self, members: Sequence[Member]) -> tuple[Member, ...]:
        """Its members with the vehicles that deliver."""
        each = self.vehicles or (None,) * len(members)
        return tuple(m if own is None else m.delivered(own) for m, own in zip(members, each, strict=True))

    def proves(self, gap: float) -> bool:
        """Whether no network is better by more than a gap."""
        return self.gap is not None and self.gap <= gap


def gap_of(objective: float, bound: float | None, missed: float) -> float | None:
    """What no proof excludes, as a fraction of what is paid and missed: of all that a search weighs.

    Of the cost alone it would say nothing where hardly anybody is served, and the best may be to serve nobody, at no
    cost.

    Parameters
    ----------
    objective, bound
        Cost a year, and what no proof excludes; None where there is none.
    missed
        What the customers that are declined would bring.
    """
    return None if bound is None else max(0.0, objective - bound) / ((abs(objective) + missed) or 1.0)


def made_of(member: Member, mine: NDArray[np.bool_]) -> tuple[float, float]:
    """Orders and units a year of some customers."""
    case = member.case
    return float(case.orders_per_year[mine].sum()), float(case.units_per_year[mine].sum())


def cost_at(members: Sequence[Member], assignments: Sequence[Assignment], index: int, node: Node) -> float:
    """A node's cost of a year without the site's own, for the orders assigned to that index."""
    orders = [
        float((m.made_at(node.site, process) * m.case.orders_per_year)[at == index].sum())
        for m, process, at in zip(members, node.processes, assignments, strict=True)
    ]
    stock = node.safety_costs(members, assignments, index)
    return node.cost + node.more_machines(node.hours(members, assignments, index)) + math.fsum([*orders, *stock])


def longest_lived(members: Sequence[Member]) -> SegmentCase:
    """The segment that a network of several lasts as long as: its sites are paid over those years."""
    return max((m.case for m in members), key=lambda case: case.years)


def paid_sites(case: SegmentCase, nodes: Sequence[Node]) -> list[int]:
    """The sites whose fixed costs are paid: one for each node, and those that stay once, whatever they hold."""
    stays = set(np.flatnonzero(case.sites["status"] == "open").tolist())
    return sorted([*(node.site for node in nodes if node.site not in stays), *stays])


def allowed_sites(case: SegmentCase, technology: str) -> list[int]:
    """The sites that may have a technology."""
    lists = [[name.strip() for name in str(cell).split(";")] for cell in case.sites["technologies"]]
    return [j for j, names in enumerate(lists) if not technology or names == [""] or technology in names]
