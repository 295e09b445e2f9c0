"""What a network earns when a scenario comes: its nodes are there and paid, and who is served from which is open again.

That is the second stage of a stochastic program (Birge and Louveaux, "Introduction to Stochastic Programming", 2011).
Customers go to the node that costs least, or are declined. Where they would then be beyond a limit of the segment, an
integer program chooses for all of them together: a row for each limit leaves few customers between two nodes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from netdesign.location.program import Program, Rows, sparse, stacked
from netdesign.result import Termination
from netdesign.stop import Stop
from netdesign.study.amounts import Kept
from netdesign.study.case import Floats
from netdesign.study.contracts import Purchase
from netdesign.study.limit_program import NODES, ended_by, limit_row, solved
from netdesign.study.make import at_site, overheads, process_of
from netdesign.study.network import DECLINED, Member, Node, cost_at, made_of, paid_sites
from netdesign.study.supply import bought, held, last_prices

CLOSE: Final = 1e-6
"""Gap at which customers are well enough divided among nodes."""


@dataclass(frozen=True)
class Outcome:
    """What comes of a network in a scenario.

    Attributes
    ----------
    profit
        Of a year, without prices the cost with a minus; minus infinity where somebody cannot be served, or not within
        the limits.
    beyond
        The limits that cannot be kept, each with the amount where all of them together are exceeded least.
    termination
        Why the search for who is served from which ended.
    """

    profit: float
    beyond: tuple[Kept, ...]
    termination: Termination


def outcomes(
    member: Member, networks: Sequence[Sequence[Node]], planned: Sequence[Purchase], stop: Stop, *, seed: int
) -> list[Outcome]:
    """What comes of some networks in a scenario.

    Parameters
    ----------
    member
        The segment in the scenario.
    networks
        The nodes of each.
    planned
        The contracts under which components are bought.
    stop, seed
        For each program.
    """
    return [_outcome(member, nodes, held(planned, member.case), stop, seed) for nodes in networks]


def _outcome(member: Member, nodes: Sequence[Node], bills: Sequence[Purchase], stop: Stop, seed: int) -> Outcome:
    case = member.case
    made = [
        Node(j, tuple(at_site(case, process_of(case, p.technology, p.lots_per_year), j) for p in made_with))
        for j, made_with in ((node.site, node.processes) for node in nodes)
    ]
    ways = _ways(member, made, last_prices(bills, [case])[0])
    if not np.isfinite(ways.cost).any(axis=1).all():
        return Outcome(-math.inf, (), Termination("gap"))
    chosen, ended = _chosen(ways, stop, seed)
    beyond = tuple(kept for kept in ways.kept(chosen) if not kept.within)
    if beyond:
        return Outcome(-math.inf, beyond, ended)
    vehicle, at = np.divmod(chosen, max(1, len(made)))
    declined = chosen == ways.declines
    at = np.where(declined, DECLINED, at)
    member = member.delivered(np.where(declined, 0, vehicle))
    brought = float((member.brings * case.orders_per_year)[~declined].sum()) if member.decline else 0.0
    paid = [
        *(float(case.fixed_cost_per_year[j]) for j in paid_sites(case, made)),
        *(cost_at([member], [at], k, node) for k, node in enumerate(made)),
        *overheads(case, "segment", "variant").values(),
        *(purchase.cost for purchase in bought(bills, [case], [made_of(member, ~declined)[1]])),
    ]
    return Outcome(brought - math.fsum(paid), (), ended)


@dataclass(frozen=True, eq=False)
class Ways:
    """How each customer may be served: every vehicle from every node, and last, where that may be, not at all.

    Attributes
    ----------
    cost
        Of an order, less what it brings where it may be declined: shape (customers, ways), infinite where there is no
        way.
    orders
        A year: shape (customers,).
    amount
        What an order has of all that is limited: shape (limits, customers, ways).
    limits
        The limits in words.
    declines
        The way of who is declined; none has that number where nobody is.
    """

    cost: Floats
    orders: Floats
    amount: Floats
    limits: tuple[Kept, ...]
    declines: int

    @property
    def most(self) -> Floats:
        """Shape (limits,)."""
        return np.array([kept.most for kept in self.limits])

    def kept(self, chosen: NDArray[np.int64]) -> list[Kept]:
        """The limits, with what there is of them where each customer is served so."""
        amounts = self.amount[:, np.arange(len(chosen)), chosen] @ self.orders
        return [replace(kept, amount=float(a)) for kept, a in zip(self.limits, amounts, strict=True)]


def _ways(member: Member, made: Sequence[Node], components: float) -> Ways:
    """How each customer may be served from some nodes, with what the components of a unit cost."""
    case, several = member.case, len(member.costs.each)
    each = [member.delivered(np.full(len(case.customers), v)) for v in range(several)] or [member]
    sites, processes = [node.site for node in made], [node.processes[0] for node in made]
    shape = len(case.customers), len(each) * len(made)
    cost = np.concatenate([m.made(sites, processes) for m in each], axis=1)
    cost += (case.units_per_order * components - (member.brings if member.decline else 0.0))[:, None]
    amount = np.empty((len(member.limited), *shape))
    for own, limit in zip(amount, member.limited, strict=True):
        of = limit.amount.of(case, sites, processes)
        own[:] = np.broadcast_to(of, (len(each), shape[0], len(made))).transpose(1, 0, 2).reshape(shape)
    if member.decline:
        cost, amount = (np.concatenate([a, np.zeros((*a.shape[:-1], 1))], axis=-1) for a in (cost, amount))
    limits = tuple(Kept(case.name, limit.amount.name, limit.most) for limit in member.limited)
    return Ways(cost, case.orders_per_year, amount, limits, shape[1])


def _chosen(ways: Ways, stop: Stop, seed: int) -> tuple[NDArray[np.int64], Termination]:
    """The way of each customer that costs least within the limits; where there is none, the least beyond them."""
    chosen = ways.cost.argmin(axis=1)
    if all(kept.within for kept in ways.kept(chosen)):
        return chosen, Termination("gap")
    limits = replace(stop, gap=CLOSE)
    answer = solved(_program(ways, "within"), NODES, limits, seed)
    if answer.values is None:
        answer = solved(_program(ways, "beyond"), NODES, limits, seed)
    if answer.values is not None:
        customer, way = np.nonzero(np.isfinite(ways.cost))
        taken = answer.values[: len(way)] > 0.5
        chosen[customer[taken]] = way[taken]
    return chosen, ended_by(answer, NODES)


def _program(ways: Ways, limits: str) -> Program:
    """Ways of least cost ``within`` the limits, or those ``beyond`` them by the least shares of all together."""
    customer, way = np.nonzero(np.isfinite(ways.cost))
    pairs, count = len(way), len(ways.limits)
    width, columns = pairs + count, np.arange(pairs)
    rows = [Rows(sparse([(1.0, customer, columns)], len(ways.orders), width), 1.0, 1.0)]
    for k, most in enumerate(ways.most):
        amount = ways.amount[k, customer, way] * ways.orders[customer]
        rows.append(limit_row(np.r_[amount, -(most or 1.0)], np.r_[columns, pairs + k], most, width))
    within = limits == "within"
    cost = ways.cost[customer, way] * ways.orders[customer]
    return Program(
        cost=np.r_[cost, np.zeros(count)] if within else np.r_[np.zeros(pairs), np.ones(count)],
        lower=np.zeros(width),
        upper=np.r_[np.ones(pairs), np.full(count, 0.0 if within else np.inf)],
        integer=np.r_[np.ones(pairs, bool), np.zeros(count, bool)],
        **stacked(rows),
    )
