"""Covering as an integer program, customers of the same sites together, solved by HiGHS."""

from __future__ import annotations

import math
import time

import numpy as np
from numpy.typing import NDArray

from netdesign.location.costs import Floats
from netdesign.location.cover import alike, nearest_cover, pairs_within
from netdesign.location.models import LEAST_COVERING
from netdesign.location.problem import LocationProblem
from netdesign.location.program import Answer, Program, Rows, solve_program, sparse, stacked
from netdesign.location.run import Run
from netdesign.location.site_rules import site_rows
from netdesign.result import Reason
from netdesign.stop import Monitor, Progress, Stop


def solve_cover_program(
    problem: LocationProblem, *, stop: Stop, seed: int, threads: int, progress: Monitor | None
) -> Run:
    """Solve a problem of covering; an iteration is a node of HiGHS's tree."""
    began = time.perf_counter()
    program = _program(problem)
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
    )


def _reason(answer: Answer, ended: list[Reason], seconds: float, stop: Stop) -> Reason:
    if answer.status == "infeasible":
        return "infeasible"
    if answer.status == "optimal":
        return "gap"
    if ended:
        return ended[0]
    return "time_limit" if seconds >= 0.99 * stop.time_limit_s else "iteration_limit"


def _program(problem: LocationProblem) -> Program:
    """Columns: sites, then groups of customers (whether they are covered)."""
    offsets, sites = pairs_within(problem)
    group, representative = alike(offsets, sites, problem.n_sites)
    weight: Floats = np.bincount(group, weights=problem.weights, minlength=len(representative)).astype(float)
    least, everybody = problem.model in LEAST_COVERING, problem.model == "set-cover"
    needed = 2 if problem.model == "backup-cover" else 1
    count = np.diff(offsets)[representative]
    kept = np.flatnonzero((count >= needed) & (everybody | (weight > 0)))
    listed: list[NDArray[np.int32]] = [sites[offsets[i] : offsets[i + 1]] for i in representative[kept]]
    m, g = problem.n_sites, len(kept)
    row = np.repeat(np.arange(g), count[kept])
    column = np.concatenate(listed) if listed else np.zeros(0, np.int32)
    each = np.arange(g)
    covered = sparse([(1.0, row, column), (-needed, each, m + each)], g, m + g)
    share = sparse([(weight[kept] / max(float(problem.weights.sum()), 1e-300), 0 * each, m + each)], 1, m + g)
    wanted = (problem.coverage_share or 0.0) * (1 - 1e-12) if problem.weights.any() else 0.0
    return Program(
        cost=np.concatenate([problem.fixed_costs, np.zeros(g)]) if least else np.r_[np.zeros(m), -weight[kept]],
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
