"""Independence: what a shock to one segment does to another, on networks of their own and on a shared one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from concurrent.futures import Executor, Future
from dataclasses import replace
from typing import Final

import numpy as np
import pandas as pd

from netdesign.stop import Stop
from netdesign.study.cost import order_costs
from netdesign.study.limits import ask_network
from netdesign.study.make import overheads
from netdesign.study.network import DECLINED, Member, Network, longest_lived, made_of, paid_sites
from netdesign.study.network_search import unreached
from netdesign.study.supply import component_units
from netdesign.study.workers import IN_PLACE

SHOCKS: Final = (-0.2, 0.2)
"""Changes of the shocked segment's orders."""


def audit(members: Sequence[Member], stop: Stop, pool: Executor = IN_PLACE) -> pd.DataFrame:
    """Shock every segment in turn, and see what the others then pay and how far away they are.

    Parameters
    ----------
    members
        The segments, with their offers.
    stop
        Limits of each search.
    pool
        Designs the networks; the result does not depend on it.

    Returns
    -------
    DataFrame
        Columns shocked, shock, segment, network (dedicated or shared by all), cost_change a year, hours_change of the
        mean order: exactly 0 on a dedicated network, because nothing of another segment enters it, and infinite where
        no network was found that serves all within their limits; gap, the larger one of the networks before and after.
    """
    shocks = [(shocked, shock) for shocked in range(len(members)) for shock in SHOCKS]
    changed = [[_shocked(m, shock) if k == at else m for k, m in enumerate(members)] for at, shock in shocks]
    rows = []
    for shared, name in ((False, "dedicated"), (True, "shared")):
        futures = [_designed(ms, stop, pool, shared=shared) for ms in (members, *changed)]
        then, *after = [_figures(ms, f, shared=shared) for ms, f in zip((members, *changed), futures, strict=True)]
        for (at, shock), now in zip(shocks, after, strict=True):
            rows += [
                (members[at].case.name, shock, m.case.name, name, *_change(then[k], now[k]))
                for k, m in enumerate(members)
                if k != at
            ]
    columns = ["shocked", "shock", "segment", "network", "cost_change", "hours_change", "gap"]
    return pd.DataFrame(rows, columns=columns)


def solves(segments: int) -> int:
    """How many networks an audit designs."""
    return (segments + 1) * (1 + len(SHOCKS) * segments)


def _shocked(member: Member, shock: float) -> Member:
    buyers = member.case.customers["buyers"] * (1 + shock)
    case = replace(member.case, customers=member.case.customers.assign(buyers=buyers))
    return Member(case, order_costs(case), member.decline).bare


Asked = Future[Network] | None
"""None where somebody is out of reach."""


def _designed(members: Sequence[Member], stop: Stop, pool: Executor, *, shared: bool) -> list[Asked]:
    """The network of all, or one of each."""
    groups = [list(members)] if shared else [[m] for m in members]
    return [None if unreached(group) else ask_network(group, stop, pool, seed=_seed(group)) for group in groups]


def _seed(members: Sequence[Member]) -> int:
    return members[0].case.seed_of("audit", *(m.case.name for m in members)) % 2**31


Figures = tuple[float, float, float]
"""Cost a year, hours of the mean order, and the gap of the network, infinite without a bound; all without a network."""

NOWHERE: Final = (math.inf, math.inf, math.inf)


def _change(then: Figures, now: Figures) -> Figures:
    if math.inf in (then[0], now[0]):
        return NOWHERE
    return now[0] - then[0], now[1] - then[1], max(then[2], now[2])


def _figures(members: Sequence[Member], asked: list[Asked], *, shared: bool) -> list[Figures]:
    """Of every segment."""
    groups = [list(members)] if shared else [[m] for m in members]
    found: list[Figures] = []
    for group, future in zip(groups, asked, strict=True):
        network = None if future is None else future.result()
        if network is None or not all(kept.within for kept in network.limits):
            found += [NOWHERE] * len(group)
            continue
        gap = math.inf if network.gap is None else network.gap
        driven = network.delivered(group)
        found += [(cost_of(group, network, k), _hours(m, network, k), gap) for k, m in enumerate(driven)]
    return found


def cost_of(members: Sequence[Member], network: Network, index: int) -> float:
    """What one member pays of a network's cost: its own, and what all share by its part of a node's orders.

    Sites that serve nobody are shared by all orders.
    """
    members = network.delivered(members)
    case, lasting = members[index].case, longest_lived(members)
    mine = list(zip(members, network.assignments, strict=True))
    orders = np.array([_orders(m, at, None) for m, at in mine])
    part = orders[index] / orders.sum() if orders.sum() else 1 / len(members)
    paid = [*overheads(case, "segment", "variant").values()]
    paid += [float(lasting.fixed_cost_per_year[j]) * part for j in network.idle]
    for purchase in network.purchases:
        needs = [component_units(m.case, purchase.component, made_of(m, at != DECLINED)[1]) for m, at in mine]
        paid.append(purchase.cost * needs[index] / math.fsum(needs) if math.fsum(needs) else purchase.cost * part)
    sites = paid_sites(lasting, network.nodes)
    for k, node in enumerate(network.nodes):
        here = np.array([_orders(m, at, k) for m, at in mine])
        process, at = node.processes[index], network.assignments[index]
        paid.append(node.safety_costs(members, network.assignments, k)[index])
        # A site is paid by its nodes together: paid_sites says how often.
        several = sum(n.site == node.site for n in network.nodes)
        site = float(lasting.fixed_cost_per_year[node.site]) * sites.count(node.site) / several
        shared = site + node.cost + node.more_machines(node.hours(members, network.assignments, k))
        paid.append(shared * float(here[index] / here.sum()))
        paid.append(float((members[index].made_at(node.site, process) * case.orders_per_year)[at == k].sum()))
    return math.fsum(paid)


def _orders(member: Member, at: np.ndarray, node: int | None) -> float:
    here = at != DECLINED if node is None else at == node
    return float(member.case.orders_per_year[here].sum())


def _hours(member: Member, network: Network, index: int) -> float:
    """Of the mean order that is served; 0 where none is."""
    at = network.assignments[index]
    served = np.flatnonzero(at != DECLINED)
    if not len(served):
        return 0.0
    sites = np.array([node.site for node in network.nodes])[at[served]]
    return float(np.average(member.costs.drive_h[served, sites], weights=member.case.orders_per_year[served]))
