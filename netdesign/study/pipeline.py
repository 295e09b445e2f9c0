"""The whole run on one screen: read it as the table of contents of the method.

Every segment is its own micro supply chain: its own customers, costs, nodes and routes. Nothing flows from
one segment to another, so they can run in any order, on any number of workers, with the same files. What sharing nodes
would change is asked beside that, and changes nothing in them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from netdesign.report import render_report
from netdesign.stop import Stop
from netdesign.study.audit import audit, solves
from netdesign.study.breakeven import Breakeven, breakeven_map
from netdesign.study.budget import Budget, StudyProgress, Teller
from netdesign.study.case import SegmentCase
from netdesign.study.cost import OrderCosts, cost_to_serve, order_costs
from netdesign.study.design import Design, Unservable, design_segment, find_unservable
from netdesign.study.frontiers import frontier_searches, frontiers
from netdesign.study.network import Member
from netdesign.study.outputs import write_outputs
from netdesign.study.route_check import RouteCheck, compare, draw_day, node_tasks
from netdesign.study.scenarios import Outlook, futures, outlook
from netdesign.study.streams import Partition, best_partition, networks
from netdesign.study.study import Study
from netdesign.study.summary import summarize
from netdesign.study.variety import Variety, best_offer, cost_of_complexity, searches

__all__ = ["SegmentRun", "StudyProgress", "StudyRun", "run"]


@dataclass(frozen=True, eq=False)
class SegmentRun:
    """One segment as far as it has come; where somebody cannot be served, ``unservable`` names them and it ends there.

    Attributes
    ----------
    case
        What the segment's result depends on.
    costs, unservable
        From :func:`cost`.
    design, check, accounts
        From the steps of these names; None before them.
    variety
        In a segment with prices: every offer that was tried. Where none makes a profit there is no design; else
        ``case`` and ``costs`` are those of the best offer, and of the customers it does not decline.
    complexity
        What the variety of that offer costs, by account and driver.
    breakeven
        Where additive making wins for it; None without both kinds of technology.
    outlook
        Its networks in every scenario; None without scenarios.
    frontiers
        What fewer hours, emissions or nodes would cost.
    """

    case: SegmentCase
    costs: OrderCosts
    unservable: tuple[Unservable, ...]
    design: Design | None = None
    check: RouteCheck | None = None
    accounts: pd.DataFrame | None = None
    variety: Variety | None = None
    complexity: pd.DataFrame | None = None
    breakeven: Breakeven | None = None
    outlook: Outlook | None = None
    frontiers: pd.DataFrame | None = None


@dataclass(frozen=True, eq=False)
class StudyRun:
    """A finished run: its summary, where its files are, the segments' results, and what sharing nodes would change."""

    summary: dict[str, Any]
    out: Path
    report: Path
    segments: tuple[SegmentRun, ...]
    sharing: Partition | None


def run(
    study: Study,
    out: str | Path | None = None,
    *,
    time_limit_s: float | None = None,
    max_iterations: int | None = None,
    gap: float | None = None,
    seed: int | None = None,
    threads: int = 1,
    deterministic: bool = False,
    progress: Callable[[StudyProgress], object] | None = None,
) -> StudyRun:
    """Run a study: cost, design, sharing, route check, accounts, outputs, report.

    Parameters
    ----------
    study
        A validated study.
    out
        Folder for the results; ``out`` inside the study's folder where left out.
    time_limit_s
        Wall time of the whole run, about; the study's own limits hold too.
    max_iterations
        Iterations of the routing engine per node and day, instead of the study's.
    gap, seed
        Instead of the study's.
    threads
        Segments and nodes at the same time; the results do not depend on it.
    deterministic
        Leave every time limit out: the results depend on seed and iterations alone.
    progress
        Called now and then, from any thread but never twice at once, with what is done; returning False ends the
        searches with the best they have.

    Raises
    ------
    InputError
        If an argument makes no sense.
    """
    started = time.perf_counter()
    budget, tell = Budget(time_limit_s, deterministic, threads, started), Teller(progress, started)
    study = budget.resolve(study, max_iterations=max_iterations, gap=gap, seed=seed)
    cases = study.cases()
    with ThreadPoolExecutor(threads) as pool:
        segments = list(pool.map(cost, cases))
        tell.step("cost")
        limit = budget.location_stop(study, sum(map(networks_of, cases)) + networks(len(cases)) + solves(len(cases)))
        segments = list(pool.map(partial(design, stop=limit, tell=tell), segments))
        members = [member for segment in segments if (member := member_of(segment)) is not None]
        several = len(members) > 1
        sharing = best_partition(members, limit, pool) if several else None
        shocks = audit(members, limit) if several else None
        segments = list(pool.map(partial(look_ahead, ahead=futures(study), stop=limit), segments))
        segments = list(pool.map(partial(trade_offs, stop=limit), segments))
        segments = route_check(segments, pool, partial(budget.routing_stop, study), tell)
    segments = [account(segment) for segment in segments]
    summary = summarize(study, segments, sharing, seconds=time.perf_counter() - started)
    folder = write_outputs(
        study, segments, sharing, shocks, summary, Path(out) if out else study.folder / "out", budget
    )
    tell.step("report")
    return StudyRun(summary, folder, render_report(folder), tuple(segments), sharing)


def networks_of(case: SegmentCase) -> int:
    """How many networks are designed for a segment alone, at most."""
    return searches(case) + frontier_searches(case)


def cost(case: SegmentCase) -> SegmentRun:
    """What an order of each customer costs from each site, and who is out of reach."""
    costs = order_costs(case)
    return SegmentRun(case, costs, () if case.priced else find_unservable(case, costs))


def design(segment: SegmentRun, *, stop: Stop, tell: Teller) -> SegmentRun:
    """Which sites become nodes, and whom each of them serves; with prices also what is offered, and to whom."""
    if segment.unservable:
        return segment
    if segment.case.priced:
        return offer(segment, stop=stop, tell=tell)
    return replace(segment, design=tell.designed(design_segment(segment.case, segment.costs, stop)))


def offer(segment: SegmentRun, *, stop: Stop, tell: Teller) -> SegmentRun:
    """The most profitable offer and its network; no design where nothing pays."""
    variety = best_offer(segment.case, stop)
    best, served = variety.best, variety.best.design.served
    case = best.case
    if best.won < case.min_share:
        few = f"no offer wins {case.min_share:.1%} of the buyers; the most is {best.won:.1%}"
        return replace(segment, case=case, costs=best.costs, variety=variety, unservable=(Unservable("all", (few,)),))
    if (best.profit <= 0 and not case.min_share) or not served.any():
        return replace(segment, case=case, costs=best.costs, variety=variety)
    case, costs = best.case.only(served), best.costs.only(served)
    design = tell.designed(best.design.only_served())
    complexity = cost_of_complexity(replace(best, case=case, costs=costs, design=design), stop)
    breakeven = breakeven_map(best.case, stop)
    return SegmentRun(case, costs, (), design=design, variety=variety, complexity=complexity, breakeven=breakeven)


def look_ahead(segment: SegmentRun, *, ahead: Sequence[tuple[str, float, Study]], stop: Stop) -> SegmentRun:
    """How the networks that each scenario would like do in all the others."""
    member = member_of(segment)
    if len(ahead) == 1 or member is None or segment.design is None:
        return segment
    cases = [(name, p, next(c for c in s.cases() if c.name == member.case.name)) for name, p, s in ahead]
    tail = segment.case.config.risk.tail
    return replace(segment, outlook=outlook(member, cases, stop, tail=tail))


def trade_offs(segment: SegmentRun, *, stop: Stop) -> SegmentRun:
    """The frontiers around the network that was chosen."""
    if segment.design is None:
        return segment
    found = frontiers(segment.case, segment.costs, segment.design, stop, variety=segment.variety)
    return replace(segment, frontiers=found)


def member_of(segment: SegmentRun) -> Member | None:
    """The segment with its offer and all its customers; None where somebody cannot be served."""
    if segment.variety is not None:
        best = segment.variety.best
        return Member(best.case, best.costs, decline=best.case.min_share == 0 or not best.design.served.all())
    return None if segment.design is None else Member(segment.case, segment.costs, decline=False)


def route_check(
    segments: Sequence[SegmentRun], pool: ThreadPoolExecutor, limits: Callable[[int], Stop], tell: Teller
) -> list[SegmentRun]:
    """One drawn day, routed from every node of every segment, beside what the formula said about it."""
    tasks = [node_tasks(s.case, s.design, draw_day(s.case, s.costs)) if s.design is not None else [] for s in segments]
    stop = limits(tell.expect(sum(map(len, tasks))))
    days = [[pool.submit(tell.routed, task, stop) for task in nodes] for nodes in tasks]
    return [
        segment
        if segment.design is None
        else replace(segment, check=compare(segment.case, [d.result() for d in nodes]))
        for segment, nodes in zip(segments, days, strict=True)
    ]


def account(segment: SegmentRun) -> SegmentRun:
    """The year's cost per customer in the four accounts."""
    if segment.design is None:
        return segment
    return replace(segment, accounts=cost_to_serve(segment.case, segment.costs, segment.design))
