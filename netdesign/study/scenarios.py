"""What if: the same study with some cells changed, the network that each future would like, and the one to build now.

Every scenario's best network is a candidate. Each is evaluated in every scenario: its nodes are there and paid,
customers go to the best of them or, with prices, are declined. Chosen are the candidates of the highest expected
profit, of the best mean over the worst part of the futures (conditional value at risk, Rockafellar and Uryasev 2000),
and of the least regret.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import pandas as pd

from netdesign.stop import Stop
from netdesign.study.cost import order_costs
from netdesign.study.make import overheads, process_of
from netdesign.study.network import Member, Node, design_network, paid_sites
from netdesign.study.scenario_tables import changed
from netdesign.study.schema import TABLES
from netdesign.study.study import SegmentCase, Study
from netdesign.study.value import make_offer

PLAN: Final = "as planned"
"""The study itself; it has the probability that the scenarios leave."""


@dataclass(frozen=True, eq=False)
class Outlook:
    """A segment's candidates in every scenario.

    Attributes
    ----------
    table
        One row per candidate: network (the scenario it is the best for), nodes, profit in every scenario, minus
        infinity where it cannot serve all, expected, tail (mean over the worst part) and regret (the most that
        another candidate would have earned more).
    robust
        The candidate with the highest expected profit, with the best tail, and with the least regret.
    """

    table: pd.DataFrame
    robust: dict[str, str]


def futures(study: Study) -> list[tuple[str, float, Study]]:
    """The study as planned and in every scenario, with their probabilities."""
    found: list[tuple[str, float, Study]] = []
    frames = {name: getattr(study, name) for name in TABLES}
    for name, rows in study.scenarios.groupby("scenario", sort=False):
        tables: dict[str, Any] = dict(changed(frames, rows, "")[0])
        found.append((str(name), float(rows["probability"].iloc[0]), replace(study, **tables)))
    return [(PLAN, max(0.0, 1 - math.fsum(p for _, p, _ in found)), study), *found]


def outlook(member: Member, cases: Sequence[tuple[str, float, SegmentCase]], stop: Stop, *, tail: float) -> Outlook:
    """Evaluate the best network of every scenario in every scenario.

    Parameters
    ----------
    member
        The segment as planned, with its offer.
    cases
        Name, probability and the segment in every scenario, as planned first.
    stop
        Limits of each search.
    tail
        Part of the probability that the tail is the mean over.
    """
    names, weights = [name for name, _, _ in cases], np.array([p for _, p, _ in cases])
    members = [_offered(member, case) for _, _, case in cases]
    candidates = [
        design_network([m], stop, seed=m.case.seed_of("location") % 2**31).nodes if _servable(m) else ()
        for m in members
    ]
    profit = np.array([[profit_of(m, nodes) for m in members] for nodes in candidates])
    best = profit.max(axis=0)
    regret = np.where(np.isfinite(best), best - np.where(np.isfinite(best), profit, 0.0), 0.0).max(axis=1)
    tails = np.array([_tail(row, weights, tail) for row in profit])
    expected = np.array([float(row[weights > 0] @ weights[weights > 0]) for row in profit])
    table = pd.DataFrame({"network": names, "nodes": [len(nodes) for nodes in candidates]})
    table = table.assign(
        **{f"in {name}": profit[:, s] for s, name in enumerate(names)}, expected=expected, tail=tails, regret=regret
    )
    robust = {
        "expected": names[int(expected.argmax())],
        "tail": names[int(tails.argmax())],
        "regret": names[int(regret.argmin())],
    }
    return Outlook(table, robust)


def _offered(member: Member, case: SegmentCase) -> Member:
    """The same offer, tier and number of variants, in a scenario; what it wins may differ."""
    offer = member.case.offer
    if case.priced:
        tier = next((t for t in case.tiers if t.name == offer.tier.name), offer.tier)
        case = case.offering(make_offer(case, tier, offer.variants))
    return Member(case, order_costs(case), member.decline)


def profit_of(member: Member, nodes: Sequence[Node]) -> float:
    """Profit of a year in a scenario when these nodes are there; minus infinity where somebody cannot be served.

    Without prices the cost with a minus.
    """
    case = member.case
    made = [
        Node(node.site, tuple(process_of(case, p.technology, p.lots_per_year) for p in node.processes))
        for node in nodes
    ]
    options = [member.made_at(node.site, node.processes[0]) for node in made]
    gains = [(member.brings if member.decline else 0.0) - cost for cost in options]
    if member.decline:
        gains.append(np.zeros(len(case.customers)))
    if not gains:
        return -math.inf
    fixed = [
        *(float(case.fixed_cost_per_year[j]) for j in paid_sites(case, made)),
        *(node.cost for node in made),
        *overheads(case, "segment", "variant").values(),
    ]
    return float(np.max(gains, axis=0) @ case.orders_per_year) - math.fsum(fixed)


def _tail(profit: Any, weights: Any, part: float) -> float:
    """Mean over the worst part of the probability."""
    left, total = part, 0.0
    for k in np.argsort(profit, kind="stable"):
        weight = min(left, float(weights[k]))
        if weight > 0:
            total += weight * float(profit[k])
            left -= weight
    return total / (part - left) if part > left else math.nan


def _servable(member: Member) -> bool:
    return member.decline or bool(np.isfinite(member.costs.total).any(axis=1).all())
