"""The baseline: today's sites and assignments as they are, priced by the model and held against what is spent."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from netdesign.errors import Phrase
from netdesign.result import Termination
from netdesign.study.cost import OrderCosts, cost_to_serve, order_costs
from netdesign.study.design import Design
from netdesign.study.make import Process, processes
from netdesign.study.network import Member, Node, allowed_sites, cost_at
from netdesign.study.problems import Problem
from netdesign.study.schema import ACCOUNTS
from netdesign.study.supply import purchases
from netdesign.study.value import make_offer

if TYPE_CHECKING:
    from netdesign.study.case import SegmentCase
    from netdesign.study.study import Study


TABLE = ["account", "cost_per_year"]


@dataclass(frozen=True, eq=False)
class Baseline:
    """A segment's network of today.

    Attributes
    ----------
    orders_per_year
        Of the customers that are served, without growth.
    sites
        Names of the sites in use.
    accounts
        One row per account: account, spent (nan where not known), model, error (model over spent, less 1).
    mean_h, late
        Hours from its site to the mean order, and share of the orders that are farther than was promised.
    lost
        Customers that the model cannot serve from their site within a shift; they are left out.
    """

    orders_per_year: float
    sites: tuple[str, ...]
    accounts: pd.DataFrame
    mean_h: float
    late: float
    lost: tuple[str, ...]


def baseline_of(case: SegmentCase) -> Baseline | None:
    """Price today's network of a segment; None where the study does not say what it is.

    Promises do not matter: whoever is served today is served. Where there are technologies, each site makes with the
    cheapest that it may have; components are bought by the best contracts. Demand is today's: without growth.
    """
    if case.today is None:
        return None
    now = _as_today(case)
    costs = order_costs(now)
    place = {site: j for j, site in enumerate(now.sites["site"])}
    at = np.array([place[site] for site in case.today.site])
    kept = np.isfinite(costs.total[np.arange(len(at)), at])
    lost = tuple(map(str, now.customers["customer"].to_numpy()[~kept]))
    now, costs, at = now.only(kept), costs.only(kept), at[kept]
    spent = cost_to_serve(now, costs, _design(now, costs, at)) if kept.any() else pd.DataFrame(columns=TABLE)
    model = spent.groupby("account")["cost_per_year"].agg(math.fsum)
    accounts = pd.DataFrame({"account": ACCOUNTS, "model": [float(model.get(a, 0.0)) for a in ACCOUNTS]})
    accounts.insert(1, "spent", [case.today.spend.get(account, math.nan) for account in ACCOUNTS])
    accounts["error"] = accounts["model"] / accounts["spent"].where(accounts["spent"] > 0) - 1
    orders, hours = now.orders_per_year, costs.drive_h[np.arange(len(at)), at]
    total = float(orders.sum()) or 1.0
    mean_h, late = float(hours @ orders) / total, float(orders[hours > _promised_h(case, now)].sum()) / total
    return Baseline(float(orders.sum()), tuple(map(str, now.sites["site"])), accounts, mean_h, late, lost)


def calibration(study: Study) -> Iterator[Problem]:
    """Rows of ``spend`` that the model misses by more than the study's tolerance."""
    source, tolerance = study.config.sources_of_tables()["spend"], study.config.baseline.tolerance
    if not source:
        return
    for case in study.cases():
        baseline = baseline_of(case)
        rows = study.spend[study.spend["segment"] == case.name]
        if baseline is None:
            continue
        model = dict(zip(baseline.accounts["account"], baseline.accounts["model"], strict=True))
        for row, account, spent in zip(rows.index, rows["account"], rows["cost_per_year"], strict=True):
            if abs(model[account] - spent) > tolerance * spent:
                rule = f"within {tolerance:.0%} of the {model[account]:,.0f} that the model says of today's network"
                hint = f"Look for {HINTS[account]}."
                value = Phrase(f"{spent:,.0f}")
                yield Problem(source, int(row), "cost_per_year", value, rule, hint, "warning")


HINTS = {
    "labor": "wages, make_minutes and handling, or overheads that are missing",
    "infrastructure": "fixed_year, rent and machines",
    "supplier": "material costs, or units per order",
    "logistics": "vehicles, circuity, k, or the orders of a day",
}
"""Where an account that is off has its cause."""


def _as_today(case: SegmentCase) -> SegmentCase:
    """The segment as it is served today, without growth or promise."""
    today = case.today
    assert today is not None
    now = replace(case, customers=today.customers, sites=today.sites, growth=0.0, max_hours=math.inf, menu=())
    tier = next((t for t in now.tiers if t.name == today.tier), now.tiers[0])
    offer = replace(case.offer, tier=tier)
    if case.priced:
        offer = make_offer(now, tier, min(today.variants or len(case.variants), len(case.variants)))
    return now.offering(replace(offer, tier=replace(tier, promise_h=math.inf)))


def _promised_h(case: SegmentCase, now: SegmentCase) -> float:
    """The longest drive that the segment, and the tier that is offered today, leave for."""
    tier = next((t for t in case.tiers if t.name == now.offer.tier.name), now.offer.tier)
    return min(case.max_hours, tier.promise_h - tier.prepare_h)


def _design(case: SegmentCase, costs: OrderCosts, at: np.ndarray) -> Design:
    """These assignments, each site with its cheapest process."""
    member = Member(case, costs, decline=False)
    chosen: dict[int, Process] = {}
    for (process,) in processes([case]):
        for site in sorted({*allowed_sites(case, process.technology)} & {*at.tolist()}):
            best = chosen.get(site)
            if best is None or _cost(member, at, site, process) < _cost(member, at, site, best):
                chosen[site] = process
    nodes, needs = tuple(range(len(case.sites))), purchases([case])
    return Design("feasible", nodes, chosen, at, math.nan, None, Termination("gap"), needs)


def _cost(member: Member, at: np.ndarray, site: int, process: Process) -> float:
    return cost_at([member], [at], site, Node(site, (process,)))
