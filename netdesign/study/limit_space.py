"""Networks that are chosen under limits: what every pair costs by vehicle, and how much it has of what is limited."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from netdesign.result import Termination
from netdesign.study.amounts import ROUNDING, Kept
from netdesign.study.case import Floats
from netdesign.study.contracts import Purchase
from netdesign.study.network import DECLINED, Member, Network, Node, cost_at
from netdesign.study.network_search import Choices, choices_of, network_of


@dataclass(frozen=True, eq=False)
class Plan:
    """The candidate that serves each customer, and the vehicle that delivers: shape (customers of all members,)."""

    chosen: NDArray[np.int64]
    vehicle: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Space:
    """What a network under limits is chosen from.

    Attributes
    ----------
    choices
        The same without limits.
    cost
        Of an order: shape (vehicles, customers, candidates), the last of them that declines where a member may.
    amount
        Of an order: shape (limits, vehicles, customers, candidates).
    most
        Shape (limits,).
    named
        The limits in words.
    merged
        Whether one process makes for all whom a segment serves from a site: no two workshops side by side.
    """

    choices: Choices
    cost: Floats
    amount: Floats
    most: Floats
    named: tuple[Kept, ...]
    merged: bool = False

    def priced(self, prices: Sequence[float] | Floats) -> Choices:
        """The same choices with prices on what is limited, each pair with the vehicle that is the best at these."""
        extra = np.tensordot(np.asarray(prices, float), self.amount, axes=1)
        at = np.argmin(self.cost + extra, axis=0)
        surcharge, cost = (np.take_along_axis(a, at[None], axis=0)[0] for a in (extra, self.cost))
        pairs = replace(self.choices.pairs, cost=cost + surcharge)
        return replace(self.choices, pairs=pairs, surcharge=surcharge, vehicle=at)

    def plan_of(self, network: Network) -> Plan:
        """Who is served how in a network."""
        places = {_named(node): k for k, node in enumerate(self.choices.candidates)}
        # Who is declined has the last place.
        where = np.array([*(places[_named(node)] for node in network.nodes), len(places)], dtype=np.int64)
        each = network.vehicles or (None,) * len(network.assignments)
        driven = zip(network.assignments, each, strict=True)
        vehicle = [np.zeros(len(at), np.int64) if own is None else own for at, own in driven]
        return Plan(where[np.concatenate(network.assignments)], np.concatenate(vehicle))

    def network(self, plan: Plan, termination: Termination) -> Network:
        """A plan at its cost without prices, with what it has of each amount; no bound."""
        if self.merged:
            plan = self._one_workshop(plan)
        vehicle = np.broadcast_to(plan.vehicle[:, None], self.choices.pairs.cost.shape)
        choices = replace(self.choices, vehicle=vehicle)
        network = network_of(choices, plan.chosen, None, "feasible", termination)
        here = plan.vehicle, np.arange(len(plan.chosen)), plan.chosen
        amounts = [float(amount[here] @ self.choices.pairs.orders) for amount in self.amount]
        limits = tuple(replace(k, amount=a) for k, a in zip(self.named, amounts, strict=True))
        return replace(network, limits=limits)

    def _one_workshop(self, plan: Plan) -> Plan:
        """Of several workshops at a site the one that costs least makes for all."""
        (member,), chosen = self.choices.members, plan.chosen.copy()
        member = member.delivered(plan.vehicle)
        nodes = self.choices.candidates
        used: dict[int, list[int]] = {}
        for k in sorted({*chosen.tolist()} - {len(nodes)}):
            used.setdefault(nodes[k].site, []).append(k)
        for several in used.values():
            if len(several) > 1:
                here = np.isin(chosen, several)
                alone = np.where(here, 0, DECLINED)
                chosen[here] = min(several, key=lambda k: cost_at([member], [alone], 0, nodes[k]))
        return replace(plan, chosen=chosen)

    @property
    def largest(self) -> Floats:
        """No network has more of what is limited: shape (limits,)."""
        each = np.where(np.isfinite(self.cost), self.amount, 0.0).max(axis=(1, 3))
        largest: Floats = np.maximum(each @ self.choices.pairs.orders, 1e-300)
        return largest

    def amounts(self, network: Network) -> Floats:
        """Shape (limits,)."""
        return np.array([kept.amount for kept in network.limits])

    def excess(self, network: Network) -> float:
        """How far it is beyond its limits, as shares of these, or of what there is where nothing is allowed."""
        amounts = self.amounts(network)
        scale = np.where(self.most > 0, self.most, np.maximum(amounts, 1e-300))
        return float(np.maximum(amounts - self.most * (1 + ROUNDING), 0.0) @ (1 / scale))

    def keeps(self, network: Network) -> bool:
        """Whether it is within all limits."""
        return self.excess(network) <= 0

    def least(self) -> list[Network]:
        """For each limit the network that has least of its amount, and of these the one that is cheapest to serve."""
        return [self.network(self._least(k), Termination("gap")) for k in range(len(self.most))]

    def _least(self, limit: int) -> Plan:
        amount = np.where(np.isfinite(self.cost), self.amount[limit], np.inf)
        low = amount.min(axis=(0, 2))
        near = amount <= (low + 1e-12 * np.abs(low))[None, :, None]
        cost = np.where(near, self.cost, np.inf)
        vehicle, chosen = np.divmod(cost.transpose(1, 0, 2).reshape(cost.shape[1], -1).argmin(axis=1), cost.shape[2])
        return Plan(chosen, vehicle)


def _named(node: Node) -> tuple[int, str, float]:
    """What no two candidates have in common."""
    return node.site, node.processes[0].technology, node.processes[0].lots_per_year


def space_of(members: Sequence[Member], *, merged: bool = False, planned: Sequence[Purchase] | None = None) -> Space:
    """What a network for some members is chosen from, with their limits; `merged` for one alone, see there."""
    number = max(1, *(len(m.costs.each) for m in members))
    each = [choices_of([_driven(m, v) for m in members], planned) for v in range(number)]
    choices = each[0]
    cost = np.array([c.pairs.cost for c in each])
    if any(m.decline for m in members):
        # To be declined needs no vehicle: the first stands for it.
        cost[0, :, -1], cost[1:, :, -1] = cost[:, :, -1].max(axis=0), np.inf
    base = replace(choices, members=tuple(members), pairs=replace(choices.pairs, cost=cost.min(axis=0)))
    sites, amount, named = [n.site for n in choices.candidates], list[Floats](), list[Kept]()
    ends = np.cumsum([0, *(len(m.case.customers) for m in members)])
    for k, (m, rows) in enumerate(zip(members, map(slice, ends, ends[1:]), strict=False)):
        for limit in m.limited:
            own = np.zeros_like(cost)
            of = limit.amount.of(m.case, sites, [n.processes[k] for n in choices.candidates])
            own[: len(of), rows, : len(sites)] = of
            amount.append(own)
            low = np.where(np.isfinite(cost), own, np.inf).min(axis=(0, 2))
            named.append(Kept(m.case.name, limit.amount.name, limit.most, least=float(low @ choices.pairs.orders)))
    most = np.array([kept.most for kept in named])
    return Space(base, cost, np.array(amount), most, tuple(named), merged)


def _driven(member: Member, vehicle: int) -> Member:
    """With one vehicle for everybody; nobody is reached where there is no such vehicle."""
    if member.costs.each:
        everybody = np.full(len(member.case.customers), vehicle)
        return member.delivered(everybody) if vehicle < len(member.costs.each) else _driven_by_none(member)
    return member if vehicle == 0 else _driven_by_none(member)


def _driven_by_none(member: Member) -> Member:
    return replace(member, costs=replace(member.costs, total=np.full_like(member.costs.total, np.inf)))
