"""The search for a network: uncapacitated location over sites, technologies and lots."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from netdesign.errors import InputError, Phrase
from netdesign.location import LocationProblem, locate
from netdesign.result import Termination
from netdesign.stop import Stop
from netdesign.study.case import Floats, SegmentCase
from netdesign.study.contracts import Purchase
from netdesign.study.machines import Pairs, in_modules, in_parts
from netdesign.study.make import Process, at_site, overheads, processes
from netdesign.study.network import (
    DECLINED,
    PROVEN,
    Assignment,
    Member,
    Network,
    Node,
    allowed_sites,
    cost_at,
    longest_lived,
    made_of,
)
from netdesign.study.stock import in_lines
from netdesign.study.supply import bought, last_prices, purchases
from netdesign.study.workers import monitor

MODULE_PAIRS, MODULE_STEPS = 100_000, 2_000
"""Pairs of customers and numbers of machines up to which these are searched, and for how many steps."""


def design_network(
    members: Sequence[Member], stop: Stop, *, seed: int, planned: Sequence[Purchase] | None = None
) -> Network:
    """Choose nodes that make for all members, what with, and who is served from which.

    Every site with every technology and lot frequency is a candidate of uncapacitated location. A site that is open
    already costs nothing more, whatever is decided; where members may decline, one more candidate, free of cost, takes
    those who are declined, at the price of what they would have brought. Whole machines and safety stock enter by
    relaxations, see :mod:`netdesign.study.machines` and :mod:`netdesign.study.stock`.

    Parameters
    ----------
    members
        Segments with the same sites and technologies.
    stop, seed
        Limits and seed of the search.
    planned
        The contracts for components that are there; those that suit the members best where left out.

    Raises
    ------
    InputError
        If somebody who may not be declined is out of reach of every site.
    """
    return search(choices_of(members, planned), stop, seed=seed)


@dataclass(frozen=True, eq=False)
class Choices:
    """What a network is chosen from.

    Attributes
    ----------
    members
        Whom it serves.
    candidates
        Every site with every technology and lot frequency, for each member.
    planned
        The contracts for components.
    pairs
        What every candidate costs, with one machine each, and last the one that declines, where a member may.
    surcharge, vehicle
        Prices beside the cost, of an order, which are in `pairs` too, and what delivers at these: both of the shape of
        ``pairs.cost``, and None without prices.
    """

    members: tuple[Member, ...]
    candidates: tuple[Node, ...]
    planned: tuple[Purchase, ...]
    pairs: Pairs
    surcharge: Floats | None = None
    vehicle: NDArray[np.int64] | None = None

    @property
    def made(self) -> list[tuple[Process, ...]]:
        """What each candidate makes with, for each member."""
        return [node.processes for node in self.candidates]

    @property
    def ends(self) -> list[int]:
        """Where the customers of each member but the last end among all of them."""
        return [int(end) for end in np.cumsum([len(m.case.customers) for m in self.members])[:-1]]

    @property
    def unreached(self) -> tuple[str, ...]:
        """See :func:`unreached`."""
        lost = np.flatnonzero(~np.isfinite(self.pairs.cost).any(axis=1))
        return tuple(self.pairs.ids[i] for i in lost)

    @property
    def outside(self) -> float:
        """What is paid whatever is decided, and no part of the search."""
        case = longest_lived(self.members)
        always = math.fsum(c for m in self.members for c in overheads(m.case, "segment", "variant").values())
        return always + math.fsum(case.fixed_cost_per_year[_stays(case)])

    @property
    def rest(self) -> float:
        """Of the components' cost, what no network changes: a search knows them at their last prices."""
        return math.fsum(purchase.fixed for purchase in self.planned)


def choices_of(members: Sequence[Member], planned: Sequence[Purchase] | None = None) -> Choices:
    """What a network for some members is chosen from, with contracts that are there or, left out, the best for them."""
    case = longest_lived(members)
    candidates = [
        Node(j, tuple(at_site(case, process, j) for process in together))
        for together in processes([m.case for m in members])
        for j in allowed_sites(case, together[0].technology)
    ]
    planned = purchases([m.case for m in members]) if planned is None else planned
    return Choices(tuple(members), tuple(candidates), tuple(planned), _pairs(members, candidates, planned))


def unreached(members: Sequence[Member]) -> tuple[str, ...]:
    """Customers whom no site serves, whatever it makes with, and who may not be declined; with their segments."""
    return choices_of(members).unreached


def check_reach(choices: Choices) -> None:
    """Say so if somebody who may not be declined is out of reach.

    Raises
    ------
    InputError
        If that is so.
    """
    if lost := choices.unreached:
        got = Phrase("out of reach of every site" + (f", and so are {len(lost) - 1} more" if lost[1:] else ""))
        advice = "netdesign.study.design.find_unservable says why."
        raise InputError(f"customer {lost[0]}", got, "somebody whom a site can serve", advice=advice)


def search(choices: Choices, stop: Stop, *, seed: int) -> Network:
    """The cheapest network, whatever is limited."""
    check_reach(choices)
    every, made, members = choices.pairs, choices.made, choices.members
    concave = any(p.safety for together in made for p in together)
    limited = any(math.isfinite(together[0].capacity_h) for together in made)

    def found(problem: LocationProblem, columns: Sequence[int], limit: Stop = stop) -> list[Network]:
        result = locate(problem, stop=limit, seed=seed, progress=monitor())
        if result.objective is None:
            return []
        chosen = np.asarray(columns, dtype=np.int64)[np.asarray(result.best().assignment)]
        return [network_of(choices, chosen, result.bound, result.status, result.termination)]

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


def network_of(
    choices: Choices, chosen: Assignment, bound: float | None, status: str, termination: Termination
) -> Network:
    """The network that a search found, at its cost, and its bound with what is no part of the search.

    ``chosen`` says which candidate serves each customer, shape (customers of all members,).
    """
    candidates, members = choices.candidates, choices.members
    case = longest_lived(members)
    stays = _stays(case)
    here = np.arange(len(chosen)), chosen
    used = sorted({*chosen.tolist()} - {len(candidates)}, key=lambda k: candidates[k].site)
    place = np.full(len(candidates) + 1, DECLINED)
    place[used] = np.arange(len(used))
    nodes = tuple(candidates[k] for k in used)
    assignments = tuple(np.split(place[chosen], choices.ends))
    vehicles: tuple[NDArray[np.int64] | None, ...] = ()
    if choices.vehicle is not None:
        each = np.split(choices.vehicle[here], choices.ends)
        members = tuple(m.delivered(own) for m, own in zip(members, each, strict=True))
        vehicles = tuple(own if m.costs.each else None for m, own in zip(members, each, strict=True))
    mine = list(zip(members, assignments, strict=True))
    declined = chosen == len(candidates)
    missed = float((choices.pairs.cost[:, -1] * choices.pairs.orders)[declined].sum())
    opened = math.fsum(float(case.fixed_cost_per_year[node.site]) for node in nodes if not stays[node.site])
    made = math.fsum(cost_at(members, assignments, k, node) for k, node in enumerate(nodes))
    needs = bought(choices.planned, [m.case for m in members], [made_of(m, at != DECLINED)[1] for m, at in mine])
    outside = choices.outside
    objective = outside + opened + made + math.fsum(purchase.cost for purchase in needs)
    if choices.surcharge is not None:
        objective += float(choices.surcharge[here] @ choices.pairs.orders)
    network = Network(
        nodes=nodes,
        idle=tuple(int(j) for j in np.flatnonzero(stays) if j not in {node.site for node in nodes}),
        assignments=assignments,
        purchases=needs,
        objective=objective,
        missed=missed,
        bound=None if bound is None else bound + outside + choices.rest - missed,
        status=status,
        termination=termination,
        vehicles=vehicles,
    )
    # Where customers are declined, components may cost more than those prices say.
    return network if network.proves(PROVEN) else replace(network, status="feasible")


def _stays(case: SegmentCase) -> NDArray[np.bool_]:
    """Which sites have to stay: shape (sites,)."""
    stays: NDArray[np.bool_] = (case.sites["status"] == "open").to_numpy()
    return stays


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
