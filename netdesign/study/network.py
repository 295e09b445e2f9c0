"""Nodes for one segment or for several that share them: uncapacitated location over sites, technologies and lots."""

from __future__ import annotations

import math
from collections.abc import Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from netdesign.location import LocationProblem, LocationSolution, locate
from netdesign.result import Result, Termination
from netdesign.stop import Stop
from netdesign.study.case import Floats, SegmentCase
from netdesign.study.contracts import Purchase
from netdesign.study.cost import OrderCosts
from netdesign.study.machines import Pairs, in_modules, in_parts
from netdesign.study.make import Process, at_site, overheads, processes, unit_costs
from netdesign.study.stock import in_lines
from netdesign.study.supply import bought, last_prices, purchases
from netdesign.study.workers import monitor

DECLINED: Final = -1
"""The node of a customer who is not served because that would cost more than it brings."""

PROVEN: Final = 1e-8
"""Gap, as a fraction, below which a network is the best there is."""

MODULE_PAIRS, MODULE_STEPS = 100_000, 2_000
"""Pairs of customers and numbers of machines up to which these are searched, and for how many steps."""

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
        return self.case.revenue_per_order

    @property
    def bare(self) -> Member:
        """With those costs alone that a search for nodes needs: little to send to a worker."""
        return replace(self, costs=self.costs.bare)

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

    @property
    def gap(self) -> float | None:
        """See :func:`gap_of`."""
        return gap_of(self.objective, self.bound, self.missed)

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


def ask_network(members: Sequence[Member], stop: Stop, pool: Executor, *, seed: int) -> Future[Network]:
    """Have :func:`design_network` done by a pool."""
    return pool.submit(design_network, [m.bare for m in members], stop, seed=seed)


def design_network(members: Sequence[Member], stop: Stop, *, seed: int) -> Network:
    """Choose nodes that make for all members, what with, and who is served from which.

    Every site with every technology and lot frequency is a candidate of uncapacitated location. A site that is open
    already costs nothing more, whatever is decided; where members may decline, one more candidate, free of cost, takes
    those who are declined, at the price of what they would have brought. Whole machines and safety stock enter by
    relaxations, see :mod:`netdesign.study.machines` and :mod:`netdesign.study.stock`.

    Parameters
    ----------
    members
        Segments with the same sites and technologies; who may not be declined can be served from some site.
    stop, seed
        Limits and seed of the search.
    """
    case = longest_lived(members)
    candidates = [
        Node(j, tuple(at_site(case, process, j) for process in together))
        for together in processes([m.case for m in members])
        for j in allowed_sites(case, together[0].technology)
    ]
    planned = purchases([m.case for m in members])
    every, made = _pairs(members, candidates, planned), [node.processes for node in candidates]
    worth = every.cost[:, -1] * every.orders if any(m.decline for m in members) else np.zeros(len(every.orders))
    concave = any(p.safety for together in made for p in together)
    limited = any(math.isfinite(together[0].capacity_h) for together in made)

    def found(problem: LocationProblem, columns: Sequence[int], limit: Stop = stop) -> list[Network]:
        result = locate(problem, stop=limit, seed=seed, progress=monitor())
        return [] if result.objective is None else [_network(members, candidates, planned, result, columns, worth)]

    # A relaxation leaves a gap of its own, so that its search may leave but a part of what is allowed.
    close = replace(stop, gap=stop.gap / 4) if concave or limited else stop

    def relaxed(known: Sequence[float] = ()) -> list[Network]:
        pairs, columns = in_lines(every, made, known)
        networks = found(pairs.problem(), columns, close)
        if limited:
            of = [made[k] for k in columns if k < len(made)]
            networks += found(in_parts(pairs, of).problem(), columns, close)
            problem, modules = in_modules(pairs, of)
            best = best_proven(networks)
            if not best.proves(stop.gap) and problem.n_customers * problem.n_sites <= MODULE_PAIRS:
                steps = replace(stop, max_iterations=MODULE_STEPS)
                networks += found(problem, [columns[k] for k in modules], steps)
        return networks

    networks = relaxed()
    if not (concave or limited):
        return networks[0]
    best = best_proven(networks)
    if concave and len(members) == 1 and not best.proves(stop.gap):
        made_there = [made_of(members[0], best.assignments[0] == k)[1] for k in range(len(best.nodes))]
        best = best_proven([*networks, *relaxed(made_there)])
    return best


def best_proven(networks: Sequence[Network]) -> Network:
    """The best of some networks for the same members, with the best of their bounds.

    A search that the clock ended makes the answer one that may not repeat.
    """
    best = min(networks, key=lambda n: n.objective + n.missed)
    bounds = [n.bound + n.missed - best.missed for n in networks if n.bound is not None]
    bound = min(max(bounds), best.objective) if bounds else None
    cut = [n.termination for n in networks if n.termination.reason in ("time_limit", "interrupted")]
    best = replace(best, bound=bound, termination=next(iter(cut), best.termination))
    return replace(best, status="optimal" if best.proves(PROVEN) else "feasible")


def _network(
    members: Sequence[Member],
    candidates: Sequence[Node],
    planned: Sequence[Purchase],
    result: Result[LocationSolution],
    columns: Sequence[int],
    worth: Floats,
) -> Network:
    """What a search found, its cost and its bound.

    ``columns`` says which candidate each of its sites stands for, ``worth`` what it costs a year to decline a customer.
    """
    case = longest_lived(members)
    stays = (case.sites["status"] == "open").to_numpy()
    chosen = np.asarray(columns, dtype=np.int64)[np.asarray(result.best().assignment)]
    used = sorted({*chosen.tolist()} - {len(candidates)}, key=lambda k: candidates[k].site)
    place = np.full(len(candidates) + 1, DECLINED)
    place[used] = np.arange(len(used))
    nodes = tuple(candidates[k] for k in used)
    assignments = tuple(np.split(place[chosen], np.cumsum([len(m.case.customers) for m in members])[:-1]))
    mine = list(zip(members, assignments, strict=True))
    missed = float(worth[chosen == len(candidates)].sum())
    # What is paid whatever is decided is not part of the search.
    outside = math.fsum(c for m in members for c in overheads(m.case, "segment", "variant").values())
    outside += math.fsum(case.fixed_cost_per_year[stays])
    opened = math.fsum(float(case.fixed_cost_per_year[node.site]) for node in nodes if not stays[node.site])
    made = math.fsum(cost_at(members, assignments, k, node) for k, node in enumerate(nodes))
    needs = bought(planned, [m.case for m in members], [made_of(m, at != DECLINED)[1] for m, at in mine])
    # The search knows components at their last prices; the rest of their cost is the same for all networks.
    rest = math.fsum(purchase.fixed for purchase in planned)
    network = Network(
        nodes=nodes,
        idle=tuple(int(j) for j in np.flatnonzero(stays) if j not in {node.site for node in nodes}),
        assignments=assignments,
        purchases=needs,
        objective=outside + opened + made + math.fsum(purchase.cost for purchase in needs),
        missed=missed,
        bound=None if result.bound is None else result.bound + outside + rest - missed,
        status=result.status,
        termination=result.termination,
    )
    # Where customers are declined, components may cost more than those prices say.
    return network if network.proves(PROVEN) else replace(network, status="feasible")


def _pairs(members: Sequence[Member], candidates: Sequence[Node], planned: Sequence[Purchase]) -> Pairs:
    """What every candidate costs, with one machine each, and the one that declines."""
    case = longest_lived(members)
    site_cost = np.where(case.sites["status"] == "open", 0.0, case.fixed_cost_per_year)
    fixed = [node.cost + float(site_cost[node.site]) for node in candidates]
    prices = last_prices(planned, [m.case for m in members])
    components = np.concatenate([m.case.units_per_order * price for m, price in zip(members, prices, strict=True)])
    decline = any(m.decline for m in members)
    cost, sites = np.empty((len(components), len(candidates) + decline)), [node.site for node in candidates]
    ends = np.cumsum([0, *(len(m.case.customers) for m in members)])
    for k, (m, rows) in enumerate(zip(members, map(slice, ends, ends[1:]), strict=False)):
        cost[rows, : len(candidates)] = m.made(sites, [node.processes[k] for node in candidates])
    cost[:, : len(candidates)] += components[:, None]
    if decline:
        fixed.append(0.0)
        brings = np.concatenate([m.brings if m.decline else np.full(len(m.brings), np.inf) for m in members])
        # Who cannot be served anyway is no loss.
        cost[:, -1] = np.where(np.isfinite(cost[:, :-1]).any(axis=1), brings, 0.0)
    return Pairs(
        fixed=np.array(fixed),
        cost=cost,
        orders=np.concatenate([m.case.orders_per_year for m in members]),
        units=np.concatenate([m.case.units_per_order for m in members]),
        member=np.repeat(np.arange(len(members)), [len(m.case.customers) for m in members]),
        ids=tuple(f"{m.case.name}: {c}" for m in members for c in m.case.customers["customer"]),
    )


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
