"""The whole run on one screen: read it as the table of contents of the method.

Every segment is its own micro supply chain: its own customers, costs, nodes and routes. Nothing flows from
one segment to another, so they can run in any order, on any number of workers, with the same files. What sharing nodes
would change is asked beside that, and changes nothing in them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from netdesign.report import render_report
from netdesign.stop import Stop
from netdesign.study.audit import audit
from netdesign.study.audit import solves as audits
from netdesign.study.baseline import Baseline, baseline_of
from netdesign.study.breakeven import Breakeven, breakeven_map
from netdesign.study.budget import Budget, StudyProgress, Teller
from netdesign.study.case import SegmentCase
from netdesign.study.cost import OrderCosts, cost_to_serve, order_costs
from netdesign.study.design import Design, Unservable, beyond_limits, design_case, find_unservable
from netdesign.study.factors import Factors, fit_factors
from netdesign.study.few_vehicles import routed_within
from netdesign.study.frontiers import frontier_searches, frontiers
from netdesign.study.limits import searches_of
from netdesign.study.network import Member
from netdesign.study.options import Option, design_any, design_at
from netdesign.study.outputs import write_outputs
from netdesign.study.polish import Polish, Sites, polished
from netdesign.study.refit import Designed, has_moved, refit_rounds
from netdesign.study.route_check import NodeDay, RouteCheck, asked_days, compare
from netdesign.study.scenarios import Outlook, futures, outlook
from netdesign.study.segmentation import segmentation_of
from netdesign.study.streams import Partition, best_partition, networks
from netdesign.study.study import Study
from netdesign.study.summary import summarize
from netdesign.study.variety import Variety, best_offer, cost_of_complexity, searches
from netdesign.study.workers import Workers

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
    baseline
        The network of today; None where the study does not say.
    rounds
        In which the last mile was fitted to routed days; None where it was not.
    polish
        Moves of single nodes that were tried on routed days after that; None where none could be.
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
    baseline: Baseline | None = None
    rounds: pd.DataFrame | None = None
    polish: Polish | None = None


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
    workers: int = 1,
    executor: Executor | None = None,
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
    workers
        Processes that work at the same time; one works in this process. The results do not depend on it.
    executor
        What works instead, any of :mod:`concurrent.futures` that shares this machine's files; it is left running.
    deterministic
        Leave every time limit out: the results depend on seed and iterations alone.
    progress
        Called a few times per second with what is done; returning False ends the searches with the best they have.

    Raises
    ------
    InputError
        If an argument makes no sense.

    Notes
    -----
    What is done is kept in a folder ``.done`` of `out`, under the hash of all that it depends on. A run that was
    ended goes on from there, and so does one after a change: what did not change is not done again.
    """
    started = time.perf_counter()
    budget, tell = Budget(time_limit_s, deterministic, workers, started), Teller(progress, started)
    study = budget.resolve(study, max_iterations=max_iterations, gap=gap, seed=seed)
    cases, groups = study.cases(), segmentation_of(study)
    folder = Path(out) if out else study.folder / "out"
    with Workers(executor or workers, folder / ".done", tell.heard) as pool:
        tell.step("cost")
        segments = pool.together(cost, cases)
        tell.step("design", solves := sum(map(networks_of, cases)) + networks(len(cases)) + audits(len(cases)))
        limit = budget.location_stop(study, solves)
        segments = pool.together(partial(design, stop=limit, pool=pool, tell=tell), segments)
        settled = partial(settle, stop=limit, limits=partial(budget.routing_stop, study), pool=pool, tell=tell)
        segments = pool.together(lambda pair: settled(*pair), zip(cases, segments, strict=True))
        sharing, shocks = share(segments, stop=limit, pool=pool)
        segments = pool.together(partial(look_ahead, ahead=futures(study), stop=limit, pool=pool), segments)
        segments = pool.together(partial(trade_offs, stop=limit, pool=pool), segments)
        segments = route_check(segments, pool, partial(budget.routing_stop, study), tell)
    segments = [account(segment) for segment in segments]
    seconds = time.perf_counter() - started
    summary = summarize(study, segments, sharing, groups, seconds=seconds, complete=not pool.cut_short)
    write_outputs(study, segments, sharing, shocks, groups, summary, folder, budget)
    tell.step("report")
    return StudyRun(summary, folder, render_report(folder), tuple(segments), sharing)


def networks_of(case: SegmentCase) -> int:
    """How many networks are designed for a segment alone, at most."""
    return searches(case) * searches_of(case) + frontier_searches(case)


def cost(case: SegmentCase) -> SegmentRun:
    """What an order of each customer costs from each site, and who is out of reach."""
    costs = order_costs(case)
    return SegmentRun(case, costs, () if case.priced else find_unservable(case, costs))


def design(segment: SegmentRun, *, stop: Stop, pool: Executor, tell: Teller) -> SegmentRun:
    """Which sites become nodes, and whom each of them serves; with prices also what is offered, and to whom."""
    if segment.unservable:
        return segment
    if segment.case.priced:
        return offer(segment, stop=stop, pool=pool, tell=tell)
    found = pool.submit(design_case, segment.case, stop).result()
    if not found.within_limits:
        return replace(segment, unservable=beyond_limits(found))
    return replace(segment, costs=found.delivered(segment.costs), design=tell.designed(found))


def offer(segment: SegmentRun, *, stop: Stop, pool: Executor, tell: Teller) -> SegmentRun:
    """The most profitable offer and its network; no design where nothing pays."""
    return with_offer(segment, best_offer(segment.case, stop, pool), tell)


def with_offer(segment: SegmentRun, variety: Variety, tell: Teller) -> SegmentRun:
    """A segment with the best of its offers."""
    best, served = variety.best, variety.best.design.served
    case = best.case
    if best.won < case.min_share:
        few = f"no offer wins {case.min_share:.1%} of the buyers; the most is {best.won:.1%}"
        return replace(segment, case=case, costs=best.costs, variety=variety, unservable=(Unservable("all", (few,)),))
    if (best.profit <= 0 and not case.min_share) or not served.any():
        return replace(segment, case=case, costs=best.costs, variety=variety)
    return SegmentRun(
        case=case.only(served),
        costs=best.costs.only(served),
        unservable=(),
        design=tell.designed(best.design.only_served()),
        variety=variety,
    )


def settle(
    case: SegmentCase,
    segment: SegmentRun,
    *,
    stop: Stop,
    limits: Callable[[int], Stop],
    pool: Executor,
    tell: Teller,
) -> SegmentRun:
    """The last mile fitted to routed days, and the segment designed again with it, as often as the study wants.

    Then single nodes are moved where routed days say so, and what these taught is learned too.
    """
    settings, days = case.config.last_mile, case.config.routing.days
    if not settings.refit_rounds or segment.design is None:
        return segment

    def redesign(factors: Factors) -> SegmentRun:
        return design(cost(case.learning(factors)), stop=stop, pool=pool, tell=tell)

    def routed(now: Designed, number: int) -> list[NodeDay]:
        assert now.design is not None
        asked = asked_days(now.case, now.costs, now.design, range(number * days, (number + 1) * days))
        times = settings.refit_rounds + settings.polish_moves + 1
        return routed_within(now.case, asked, limits(len(asked) * times), pool)

    held = partial(hold, stop=stop, pool=pool, tell=tell)
    run, table, seen = refit_rounds(segment, redesign=redesign, hold=held, routed=routed, most=settings.refit_rounds)
    # A single day has no error bar to judge a move by.
    if settings.polish_moves and days > 1 and run.design is not None and run.case.factors.rows:
        run = polish(run, seen, redesign=redesign, routed=routed, stop=stop, pool=pool, tell=tell)
    return replace(run, rounds=table)


def polish(
    run: SegmentRun,
    seen: pd.DataFrame,
    *,
    redesign: Callable[[Factors], SegmentRun],
    routed: Callable[[Designed, int], list[NodeDay]],
    stop: Stop,
    pool: Executor,
    tell: Teller,
) -> SegmentRun:
    """Single nodes moved where days of their own say so, and what these and the days seen before taught."""
    start, settings, days = option_of(run), run.case.config.last_mile, run.case.config.routing.days
    number = settings.refit_rounds + 1

    def designs(choices: Sequence[Sites]) -> list[Option]:
        asked = [pool.submit(design_at, start.case, sites, stop) for sites in choices]
        return [start.with_design(found.result()) for found in asked]

    best, moves, taught = polished(
        start,
        designs=designs,
        routed=lambda option: routed(option, number),
        days=range(number * days, (number + 1) * days),
        most=settings.polish_moves,
        gap=stop.gap,
    )
    factors = fit_factors(pd.concat([seen, taught]))
    if best is not start or has_moved(run.case.factors, factors):
        free = redesign(factors)
        run = hold_option(best, free, stop=stop, pool=pool, tell=tell) or free
    return replace(run, polish=moves)


def hold(now: SegmentRun, free: SegmentRun, *, stop: Stop, pool: Executor, tell: Teller) -> SegmentRun | None:
    """The nodes of a run with what another learned; see :func:`hold_option`."""
    return hold_option(option_of(now), free, stop=stop, pool=pool, tell=tell)


def hold_option(now: Option, free: SegmentRun, *, stop: Stop, pool: Executor, tell: Teller) -> SegmentRun | None:
    """Some nodes with what another run learned: with its offer, or with their own where that is better.

    None where they cannot serve within the limits, or earn nothing. The bound is that of all networks for the offer.
    """
    if free.design is None:
        return None
    cases = [option_of(free).case]
    own = now.case.learning(free.case.factors)
    if (own.offer, own.menu) != (cases[0].offer, cases[0].menu):
        cases.append(own)
    asked = [(c, pool.submit(design_at, c, now.design.open, stop), pool.submit(design_any, c, stop)) for c in cases]
    found = [Option(c, there.result()).bounded(free.result()) for c, there, free in asked]
    kept = [option for option in found if option.design.within_limits]
    if not kept:
        return None
    best = max(kept, key=lambda option: option.rank)
    if free.variety is None:
        return replace(free, costs=best.costs, design=tell.designed(best.design))
    run = with_offer(replace(free, design=None), replace(free.variety, best=best), tell)
    return None if run.design is None else run


def option_of(run: SegmentRun) -> Option:
    """A segment's offer and all its customers, with its network."""
    if run.variety is not None:
        return run.variety.best
    assert run.design is not None
    return Option(run.case, run.design)


def share(segments: Sequence[SegmentRun], *, stop: Stop, pool: Workers) -> tuple[Partition | None, pd.DataFrame | None]:
    """Which segments would gain by sharing nodes, and what a shock to one does to the others; None for one alone."""
    members = [member for segment in segments if (member := member_of(segment)) is not None]
    if len(members) < 2:
        return None, None
    questions: list[Callable[[], Any]] = [partial(ask, members, stop, pool) for ask in (best_partition, audit)]
    partition, shocks = pool.together(lambda ask: ask(), questions)
    return partition, shocks


def look_ahead(
    segment: SegmentRun, *, ahead: Sequence[tuple[str, float, Study]], stop: Stop, pool: Executor
) -> SegmentRun:
    """How the networks that each scenario would like do in all the others."""
    member = member_of(segment)
    if len(ahead) == 1 or member is None or segment.design is None:
        return segment
    factors, mine = segment.case.factors, member.case.name
    cases = [(name, p, next(c.learning(factors) for c in s.cases() if c.name == mine)) for name, p, s in ahead]
    tail = segment.case.config.risk.tail
    return replace(segment, outlook=outlook(member, cases, stop, pool, tail=tail))


def trade_offs(segment: SegmentRun, *, stop: Stop, pool: Executor) -> SegmentRun:
    """The frontiers around the network that was chosen, what its variety costs, and where additive making wins."""
    if segment.design is None:
        return segment
    found = frontiers(segment.case, segment.costs, segment.design, stop, pool, variety=segment.variety)
    segment = replace(segment, frontiers=found)
    if segment.variety is None:
        return segment
    best = segment.variety.best
    complexity, breakeven = cost_of_complexity(best, stop, pool), breakeven_map(best.case, stop, pool)
    return replace(segment, complexity=complexity, breakeven=breakeven)


def member_of(segment: SegmentRun) -> Member | None:
    """The segment with its offer and all its customers; None where somebody cannot be served."""
    if segment.variety is not None:
        best = segment.variety.best
        return Member(best.case, best.costs, decline=best.case.min_share == 0 or not best.design.served.all())
    return None if segment.design is None else Member(segment.case, segment.costs, decline=False)


def route_check(
    segments: Sequence[SegmentRun], pool: Workers, limits: Callable[[int], Stop], tell: Teller
) -> list[SegmentRun]:
    """Drawn days, routed from every node of every segment, beside what the formula said about them."""
    designed = [s for s in segments if s.design is not None]
    stops = [
        asked_days(s.case, s.costs, s.design, range(s.case.config.routing.days))
        for s in designed
        if s.design is not None
    ]
    tell.step("route check", nodes := sum(map(len, stops)))
    days = pool.together(
        lambda asked: routed_within(asked[0].case, asked[1], limits(nodes), pool), zip(designed, stops, strict=True)
    )
    checks = {s.case.name: compare(s.case, routed) for s, routed in zip(designed, days, strict=True)}
    return [replace(s, check=checks.get(s.case.name)) for s in segments]


def account(segment: SegmentRun) -> SegmentRun:
    """The year's cost per customer in the four accounts, and what today's network costs."""
    segment = replace(segment, baseline=baseline_of(segment.case))
    if segment.design is None:
        return segment
    return replace(segment, accounts=cost_to_serve(segment.case, segment.costs, segment.design))
