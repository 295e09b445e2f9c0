"""What if: the same study with some cells changed, the network that each future would like, and the one to build now.

Every scenario's best network under the contracts of the plan is a candidate. Each is evaluated in every scenario: its
nodes are there and paid, customers go to the best of them within the segment's limits or, with prices, are declined.
Chosen are the candidates of the highest expected profit, of the best mean over the worst part of the futures
(conditional value at risk, Rockafellar and Uryasev 2000), and of the least regret. Where a candidate fails it earns
minus infinity; a scenario in which all of them fail says nothing about them and is left out.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from netdesign.stop import Stop
from netdesign.study.case import Floats, SegmentCase
from netdesign.study.contracts import Purchase
from netdesign.study.cost import order_costs
from netdesign.study.limits import ask_network
from netdesign.study.menus import offered
from netdesign.study.network import DECLINED, Member, Network
from netdesign.study.network_search import unreached
from netdesign.study.options import Bracket
from netdesign.study.recourse import Outcome, outcomes
from netdesign.study.risk import tail_mean
from netdesign.study.scenario_tables import PLAN, scenarios_of
from netdesign.study.schema import TABLES
from netdesign.study.study import Study
from netdesign.study.supply import held, purchases
from netdesign.study.workers import IN_PLACE


@dataclass(frozen=True, eq=False)
class Outlook:
    """A segment's candidates in every scenario.

    Attributes
    ----------
    table
        One row per candidate: network (the scenario it is the best for), nodes, profit in every scenario, minus
        infinity where it cannot serve all or not within the limits, bound (no network earns more in the scenario that
        it is the best for), expected, tail (mean over the worst part) and regret (the most that another candidate would
        have earned more). expected_bound and tail_bound: no network has more of these, as none is better than the best
        of every scenario; regret_at_most: beside all networks, not only the candidates.
    robust
        The candidate with the highest expected profit, with the best tail, and with the least regret; None where every
        candidate fails in some scenario that another gets through.
    beyond
        One row per limit that a candidate cannot keep in a scenario: network, scenario, name and most of the limit, and
        the amount where all limits together are exceeded least.
    left_out
        The scenarios that no candidate gets through.
    """

    table: pd.DataFrame
    robust: dict[str, str | None]
    beyond: pd.DataFrame
    left_out: tuple[str, ...]


def futures(study: Study) -> list[tuple[str, float, Study]]:
    """The study as planned and in every scenario, with their probabilities."""
    found: list[tuple[str, float, Study]] = []
    known = study if study.scenarios.empty else study.resolved()
    for name, p, tables in scenarios_of({name: getattr(known, name) for name in TABLES}):
        # In a scenario it is known which of them came.
        fields: dict[str, Any] = tables | {"scenarios": study.scenarios.iloc[:0]}
        found.append((name, p, study if name == PLAN else replace(study, **fields)))
    return found


def outlook(
    member: Member,
    cases: Sequence[tuple[str, float, SegmentCase]],
    stop: Stop,
    pool: Executor = IN_PLACE,
    *,
    tail: float,
) -> Outlook:
    """Evaluate the best network of every scenario in every scenario.

    Parameters
    ----------
    member
        The segment as planned, with its offer.
    cases
        Name, probability and the segment in every scenario, as planned first.
    stop
        Limits of each search.
    pool
        Designs the networks; the result does not depend on it.
    tail
        Part of the probability that the tail is the mean over.
    """
    names, weights = [name for name, _, _ in cases], np.array([p for _, p, _ in cases])
    members = [_offered(member, case) for _, _, case in cases]
    planned = purchases([member.case])
    designs = [_asked(m, planned, stop, pool) for m in members]
    networks = [None if design is None else design.result() for design in designs]
    candidates = [() if network is None else network.nodes for network in networks]
    asked = [
        pool.submit(outcomes, m.bare, candidates, planned, stop, seed=m.case.seed_of("recourse") % 2**31)
        for m in members
    ]
    found = [answer.result() for answer in asked]
    profit = np.array([[outcome.profit for outcome in row] for row in found]).T
    proven = [_proven(m, network) for m, network in zip(members, networks, strict=True)]
    bound = np.maximum(profit.max(axis=0), proven)
    table = pd.DataFrame({"network": names, "nodes": [len(nodes) for nodes in candidates]})
    table = table.assign(**{f"in {name}": profit[:, s] for s, name in enumerate(names)}, bound=bound)
    table = table.assign(**_measures(profit, bound, weights, tail))
    signs = {"expected": 1, "tail": 1, "regret": -1}
    robust = {name: _first(names, sign * table[name].to_numpy()) for name, sign in signs.items()}
    left_out = tuple(name for name, most in zip(names, profit.max(axis=0), strict=True) if most == -math.inf)
    return Outlook(table, robust, _beyond(names, found), left_out)


def _measures(profit: Floats, bound: Floats, weights: Floats, tail: float) -> dict[str, Any]:
    """What candidates are compared by, over the scenarios that one of them gets through.

    Parameters
    ----------
    profit
        Shape (candidates, scenarios).
    bound, weights
        What no network exceeds, and probability: shape (scenarios,).
    tail
        See :func:`outlook`.
    """
    best = profit.max(axis=0)
    weights = np.where(best > -math.inf, weights, 0.0)
    weights = weights / (weights.sum() or 1.0)

    def mean(row: Floats) -> float:
        return float(row[weights > 0] @ weights[weights > 0]) if weights.any() else math.nan

    return {
        "expected": [mean(row) for row in profit],
        "expected_bound": mean(bound),
        "tail": [tail_mean(row, weights, tail) for row in profit],
        "tail_bound": tail_mean(bound, weights, tail),
        "regret": _regret(best, profit),
        "regret_at_most": _regret(bound, profit),
    }


def _first(names: Sequence[str], worth: Floats) -> str | None:
    """The name of what is worth most; None where nothing is."""
    return names[int(worth.argmax())] if math.isfinite(worth.max()) else None


def _beyond(names: Sequence[str], found: Sequence[Sequence[Outcome]]) -> pd.DataFrame:
    """The limits that cannot be kept, of the outcomes of every scenario."""
    rows = [
        (network, scenario, kept.name, kept.most, kept.amount)
        for scenario, each in zip(names, found, strict=True)
        for network, outcome in zip(names, each, strict=True)
        for kept in outcome.beyond
    ]
    return pd.DataFrame(rows, columns=["network", "scenario", "name", "most", "amount"])


def _asked(member: Member, planned: Sequence[Purchase], stop: Stop, pool: Executor) -> Future[Network] | None:
    """The best network in a scenario, under the contracts of the plan; None where somebody is out of reach."""
    if unreached([member]):
        return None
    seed = member.case.seed_of("location") % 2**31
    return ask_network([member], stop, pool, seed=seed, planned=held(planned, member.case))


def _offered(member: Member, case: SegmentCase) -> Member:
    """The same offer, tier and number of variants, in a scenario; what it wins may differ."""
    offer = member.case.offer
    if case.priced:
        now = [o.tier for o in member.case.menu or (offer,)]
        tiers = [next((t for t in case.tiers if t.name == tier.name), tier) for tier in now]
        case = offered(case, tiers, offer.variants)
    return Member(case, order_costs(case), member.decline)


def earned(member: Member, network: Network) -> Bracket:
    """Profit of a year and the most that is not excluded; where nobody is declined the cost with a minus."""
    served = network.assignments[0] != DECLINED
    revenue = math.fsum((member.brings * member.case.orders_per_year)[served]) if member.decline else 0.0
    return revenue - network.objective, math.inf if network.bound is None else revenue - network.bound


def _proven(member: Member, network: Network | None) -> float:
    """What no network earns in a scenario, of which this one was found; minus infinity where none serves all."""
    if network is None or not all(kept.reachable for kept in network.limits):
        return -math.inf
    return earned(member, network)[1]


def _regret(most: Floats, profit: Floats) -> Floats:
    """The most that each candidate misses in a scenario; what nobody gets through is no loss."""
    possible = most > -math.inf
    regret: Floats = np.where(possible, most - np.where(possible, profit, 0.0), 0.0).max(axis=1)
    return regret
