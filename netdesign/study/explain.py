"""Why a site is a node or not: what the other choice would cost, with every other site free to answer."""

from __future__ import annotations

import math
import time
from concurrent.futures import Executor
from dataclasses import replace
from functools import partial

import pandas as pd

from netdesign.stop import Stop
from netdesign.study.budget import Budget, Teller
from netdesign.study.limits import ask_network
from netdesign.study.network import Member, Network
from netdesign.study.network_search import unreached
from netdesign.study.options import Option
from netdesign.study.pipeline import cost, design, member_of, option_of, settle
from netdesign.study.scenarios import earned
from netdesign.study.study import Study
from netdesign.study.workers import IN_PLACE


def explain(study: Study, stop: Stop, segment: str | None = None, pool: Executor = IN_PLACE) -> pd.DataFrame:
    """Price of the other choice for every site of every segment, or of one.

    The networks are those of a run: with its offers, and with what it learns from routed days.

    Parameters
    ----------
    study
        A validated study.
    stop
        Limits of each search.
    segment
        Its name; all where left out.
    pool
        Designs the networks; the result does not depend on it.

    Returns
    -------
    DataFrame
        Columns segment, site, node (whether it is one), price (a year, of opening it if it is none and of closing it if
        it is; infinite where nobody could take its customers, or no network was found within the limits), at_least and
        at_most (what the bounds prove of that price), answer (the nodes that come and go with it), the smallest price
        first. A site that is none becomes a node where it costs less by its price, one that is none no more where it
        costs more by it. A price below 0 is a gain by the formula that its error bars leave open, or that routed
        days refuted. Sites that are open already cannot be closed and have no row.
    """
    rows: list[dict[str, object]] = []
    started = time.perf_counter()
    tell, limits = Teller(None, started), partial(Budget(None, False, 1, started).routing_stop, study)
    for case in study.cases():
        if segment not in (None, case.name):
            continue
        first = design(cost(case), stop=stop, pool=pool, tell=tell)
        run = settle(case, first, stop=stop, limits=limits, pool=pool, tell=tell)
        if (member := member_of(run)) is not None:
            rows += _price_rows(member, option_of(run), stop, pool)
    columns = ["segment", "site", "node", "price", "at_least", "at_most", "answer"]
    return pd.DataFrame(rows, columns=columns).sort_values(["segment", "price"], kind="stable", ignore_index=True)


def _price_rows(member: Member, now: Option, stop: Stop, pool: Executor) -> list[dict[str, object]]:
    case = member.case
    seed = case.seed_of("location") % 2**31
    brought = now.revenue if member.decline else 0.0
    profit, most = brought - now.design.objective, math.inf if now.design.bound is None else brought - now.design.bound
    sites, names = set(now.design.open), case.sites["site"]
    others = {
        j: _without(member, j) if j in sites else replace(member, case=case.staying([j]))
        for j in range(len(names))
        if case.sites["status"].iloc[j] != "open"
    }
    asked = {j: ask_network([o], stop, pool, seed=seed) for j, o in others.items() if not unreached([o])}
    rows: list[dict[str, object]] = []
    for j, other in others.items():
        price = at_least = at_most = math.inf
        answer = ""
        network = asked[j].result() if j in asked else None
        if network is not None and not all(kept.within for kept in network.limits):
            at_least = 0.0 if all(kept.reachable for kept in network.limits) else math.inf
        elif network is not None:
            then, then_most = earned(other, network)
            price, at_most = profit - then, most - then
            at_least = max(min(0.0, price), profit - then_most)
            come, gone = sorted(_sites_of(network) - sites - {j}), sorted(sites - _sites_of(network) - {j})
            answer = "; ".join([*(f"+{names.iloc[k]}" for k in come), *(f"-{names.iloc[k]}" for k in gone)])
        row = {"segment": case.name, "site": names.iloc[j], "node": j in sites}
        rows.append(row | {"price": price, "at_least": at_least, "at_most": at_most, "answer": answer})
    return rows


def _sites_of(network: Network) -> set[int]:
    return {*(node.site for node in network.nodes), *network.idle}


def _without(member: Member, site: int) -> Member:
    """The same without a site."""
    return replace(member, costs=member.costs.without(site))
