"""Nodes for one segment or for several that share them: uncapacitated location over sites, technologies and lots."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from netdesign.location import CostMatrix, LocationProblem, locate
from netdesign.result import Termination
from netdesign.stop import Stop
from netdesign.study.cost import OrderCosts
from netdesign.study.make import Process, overheads, processes
from netdesign.study.study import Floats, SegmentCase

DECLINED: Final = -1
"""The node of a customer who is not served because that would cost more than it brings."""

Assignment = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Member:
    """A segment with its offer, its cost per order, and whether it may decline customers."""

    case: SegmentCase
    costs: OrderCosts
    decline: bool

    @property
    def brings(self) -> Floats:
        """What one order of each customer brings: shape (customers,)."""
        each: Floats = self.case.offer.revenue(self.case.units_per_order)
        return each

    def made_at(self, site: int, process: Process) -> Floats:
        """Cost of one order of each customer, made at a site by a process; infinite where it would be late."""
        making = sum(process.per_order.values()) + self.case.units_per_order * sum(process.per_unit.values())
        in_time = process.wait_h <= self.costs.slack_h[:, site]
        cost: Floats = np.where(in_time, self.costs.total[:, site] + making, np.inf)
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
        """Of a year, whatever it makes, the site's own left out; members share the equipment."""
        return self.processes[0].equipment + sum(sum(p.per_node.values()) for p in self.processes)


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
    objective, bound
        Cost per year; what it would be at the best that no proof excludes, with what declined customers would have
        brought as a cost.
    status, termination
        Of the search.
    """

    nodes: tuple[Node, ...]
    idle: tuple[int, ...]
    assignments: tuple[Assignment, ...]
    objective: float
    bound: float | None
    status: str
    termination: Termination


def design_network(members: Sequence[Member], stop: Stop, *, seed: int) -> Network:
    """Choose nodes that make for all members, what with, and who is served from which.

    Every site with every technology and lot frequency is a candidate of uncapacitated location. A site that is open
    already costs nothing more, whatever is decided; where members may decline, one more candidate, free of cost, takes
    those who are declined, at the price of what they would have brought.

    Parameters
    ----------
    members
        Segments with the same sites and technologies; who may not be declined can be served from some site.
    stop, seed
        Limits and seed of the search.
    """
    case = members[0].case
    stays = (case.sites["status"] == "open").to_numpy()
    site_cost = np.where(stays, 0.0, case.fixed_cost_per_year)
    candidates = [
        Node(j, together)
        for together in processes([m.case for m in members])
        for j in allowed_sites(case, together[0].technology)
    ]
    result = locate(_problem(members, candidates, site_cost), stop=stop, seed=seed)
    assert result.objective is not None
    chosen = np.asarray(result.best().assignment, dtype=np.int64)
    used = sorted({*chosen.tolist()} - {len(candidates)}, key=lambda k: candidates[k].site)
    place = np.full(len(candidates) + 1, DECLINED)
    place[used] = np.arange(len(used))
    nodes = tuple(candidates[k] for k in used)
    assignments = tuple(np.split(place[chosen], np.cumsum([len(m.case.customers) for m in members])[:-1]))
    # What is paid whatever is decided is not part of the search.
    outside = math.fsum(c for m in members for c in overheads(m.case, "segment", "variant").values())
    outside += math.fsum(case.fixed_cost_per_year[stays])
    bought = math.fsum(float(site_cost[node.site]) for node in nodes)
    made = math.fsum(cost_at(members, assignments, k, node) for k, node in enumerate(nodes))
    missed = math.fsum(
        float((m.brings * m.case.orders_per_year)[at == DECLINED].sum())
        for m, at in zip(members, assignments, strict=True)
    )
    return Network(
        nodes=nodes,
        idle=tuple(int(j) for j in np.flatnonzero(stays) if j not in {node.site for node in nodes}),
        assignments=assignments,
        objective=outside + bought + made,
        bound=None if result.bound is None else result.bound + outside - missed,
        status=result.status,
        termination=result.termination,
    )


def _problem(members: Sequence[Member], candidates: Sequence[Node], site_cost: Floats) -> LocationProblem:
    """Location over the candidates, and the one that declines."""
    fixed = [node.cost + float(site_cost[node.site]) for node in candidates]
    columns = [
        np.concatenate([m.made_at(node.site, p) for m, p in zip(members, node.processes, strict=True)])
        for node in candidates
    ]
    if any(m.decline for m in members):
        fixed.append(0.0)
        columns.append(np.concatenate([m.brings if m.decline else np.full(len(m.brings), np.inf) for m in members]))
    return LocationProblem(
        costs=CostMatrix(np.column_stack(columns)),
        model="uncapacitated",
        fixed_cost=np.array(fixed),
        weight=np.concatenate([m.case.orders_per_year for m in members]),
        customer_ids=tuple(f"{m.case.name}: {c}" for m in members for c in m.case.customers["customer"]),
    )


def cost_at(members: Sequence[Member], assignments: Sequence[Assignment], index: int, node: Node) -> float:
    """A node's cost of a year without the site's own, for the orders assigned to that index."""
    orders = [
        float((m.made_at(node.site, process) * m.case.orders_per_year)[at == index].sum())
        for m, process, at in zip(members, node.processes, assignments, strict=True)
    ]
    return node.cost + math.fsum(orders)


def paid_sites(case: SegmentCase, nodes: Sequence[Node]) -> list[int]:
    """The sites whose fixed costs are paid: one for each node, and those that stay once, whatever they hold."""
    stays = set(np.flatnonzero(case.sites["status"] == "open").tolist())
    return sorted([*(node.site for node in nodes if node.site not in stays), *stays])


def allowed_sites(case: SegmentCase, technology: str) -> list[int]:
    """The sites that may have a technology."""
    lists = [[name.strip() for name in str(cell).split(";")] for cell in case.sites["technologies"]]
    return [j for j, names in enumerate(lists) if not technology or names == [""] or technology in names]
