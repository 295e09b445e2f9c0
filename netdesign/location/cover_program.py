"""Covering as an integer program, customers of the same sites together, solved by HiGHS."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from netdesign.location.certificate import prove
from netdesign.location.costs import Floats
from netdesign.location.cover import alike, nearest_cover, pairs_within
from netdesign.location.models import LEAST_COVERING
from netdesign.location.problem import LocationProblem
from netdesign.location.program import Answer, Program, Rows, row_prices, solve_program, sparse, stacked
from netdesign.location.run import Run
from netdesign.location.site_rules import site_rows
from netdesign.result import Certificate, Reason
from netdesign.stop import Monitor, Progress, Stop


def solve_cover_program(
    problem: LocationProblem, *, stop: Stop, seed: int, threads: int, progress: Monitor | None
) -> Run:
    """Solve a problem of covering; an iteration is a node of HiGHS's tree."""
    began = time.perf_counter()
    columns = _columns(problem)
    program = _program(problem, columns)
    sign = 1.0 if problem.model in LEAST_COVERING else -1.0
    ended: list[Reason] = []
    trace: list[Progress] = []

    def watch(objective: float, bound: float, nodes: int) -> bool:
        now = Progress(time.perf_counter() - began, max(0, nodes), sign * objective, sign * bound)
        if not trace or (trace[-1].objective, trace[-1].bound) != (now.objective, now.bound):
            trace.append(now)
        if progress is not None and progress(now) is False:
            ended.append("interrupted")
        if stop.target is not None and sign * now.objective <= sign * stop.target:
            ended.append("target")
        return not ended

    answer = Answer("stopped", None, -math.inf, 0)
    try:
        left = stop.time_limit_s - (time.perf_counter() - began)
        answer = solve_program(
            program,
            seconds=left,
            threads=threads,
            seed=seed,
            gap=max(1e-9, stop.gap),
            most_nodes=stop.max_iterations,
            watch=watch,
        )
    except KeyboardInterrupt:
        ended.append("interrupted")
    opened = np.zeros(0, np.int32)
    if answer.values is not None:
        opened = np.flatnonzero(answer.values[: problem.n_sites] > 0.5).astype(np.int32)
    left = stop.time_limit_s - (time.perf_counter() - began)
    certificate = None if ended or answer.status == "infeasible" else _certificate(problem, columns, program, left)
    seconds = time.perf_counter() - began
    return Run(
        open=opened,
        assignment=nearest_cover(problem, opened),
        bound=sign * answer.bound,
        infeasible=answer.status == "infeasible",
        reason=_reason(answer, ended, seconds, stop),
        trace=tuple(trace),
        seconds=seconds,
        iterations=answer.nodes,
        certificate=certificate,
    )


def _reason(answer: Answer, ended: list[Reason], seconds: float, stop: Stop) -> Reason:
    if answer.status == "infeasible":
        return "infeasible"
    if answer.status == "optimal":
        return "gap"
    if ended:
        return ended[0]
    return "time_limit" if seconds >= 0.99 * stop.time_limit_s else "iteration_limit"


@dataclass(frozen=True, eq=False)
class _Columns:
    """Customers of the same sites together, those that can be covered and count.

    Attributes
    ----------
    sites
        Of each group.
    weight
        Shape (groups,).
    group
        Shape (customers,): of each customer, -1 for those in none.
    """

    sites: list[NDArray[np.int32]]
    weight: Floats
    group: NDArray[np.intp]


def _needed(problem: LocationProblem) -> int:
    """How many open sites it takes to cover a customer."""
    return 2 if problem.model == "backup-cover" else 1


def _columns(problem: LocationProblem) -> _Columns:
    offsets, sites = pairs_within(problem)
    group, representative = alike(offsets, sites, problem.n_sites)
    weight: Floats = np.bincount(group, weights=problem.weights, minlength=len(representative)).astype(float)
    count = np.diff(offsets)[representative]
    kept = np.flatnonzero((count >= _needed(problem)) & ((problem.model == "set-cover") | (weight > 0)))
    place = np.full(len(representative), -1)
    place[kept] = np.arange(len(kept))
    listed: list[NDArray[np.int32]] = [sites[offsets[i] : offsets[i + 1]] for i in representative[kept]]
    return _Columns(listed, weight[kept], place[group])


def _program(problem: LocationProblem, groups: _Columns) -> Program:
    """Columns: sites, then groups, whether they are covered. Rows: of the groups, of the share, of the sites."""
    least, everybody, needed = problem.model in LEAST_COVERING, problem.model == "set-cover", _needed(problem)
    m, g = problem.n_sites, len(groups.weight)
    row = np.repeat(np.arange(g), [len(listed) for listed in groups.sites])
    column = np.concatenate(groups.sites) if g else np.zeros(0, np.int32)
    each = np.arange(g)
    covered = sparse([(1.0, row, column), (-needed, each, m + each)], g, m + g)
    share = sparse([(groups.weight / max(float(problem.weights.sum()), 1e-300), 0 * each, m + each)], 1, m + g)
    wanted = (problem.coverage_share or 0.0) * (1 - 1e-12) if problem.weights.any() else 0.0
    return Program(
        cost=np.concatenate([problem.fixed_costs, np.zeros(g)]) if least else np.r_[np.zeros(m), -groups.weight],
        lower=np.concatenate([problem.forced.astype(float), np.full(g, float(everybody))]),
        upper=np.concatenate([problem.usable.astype(float), np.ones(g)]),
        # Whoever is covered once is covered in whole as soon as a site is; half of two sites is not.
        integer=np.arange(m + g) < (m if needed == 1 else m + g),
        **stacked(
            [
                Rows(covered, 0.0, np.inf),
                Rows(share, wanted, np.inf),
                site_rows(problem, np.arange(m), m + g),
            ]
        ),
    )


def _certificate(problem: LocationProblem, groups: _Columns, program: Program, seconds: float) -> Certificate | None:
    """The prices of the linear relaxation, every customer with its part of the group's; None where time is up."""
    rows = row_prices(program, seconds) if seconds > 0 else None
    if rows is None:
        return None
    g, inside = len(groups.weight), groups.group >= 0
    heads = np.bincount(groups.group[inside], minlength=g)
    paid, mine = np.maximum(rows[:g], 0.0), groups.group[inside]
    price = np.zeros(problem.n_customers)
    whole = groups.weight[mine]
    price[inside] = paid[mine] * np.where(
        whole > 0, problem.weights[inside] / np.where(whole > 0, whole, 1.0), 1.0 / heads[mine]
    )
    budget = max(0.0, -float(rows[-1])) / (problem.budget or 1.0) if problem.budget is not None else 0.0
    share = max(0.0, float(rows[g])) / max(float(problem.weights.sum()), 1e-300)
    unproven = Certificate(
        0.0, price, budget_price=budget, share_price=share if problem.coverage_share is not None else 0.0
    )
    return replace(unproven, bound=prove(problem, unproven))
