"""The door to the location solver: arguments checked, the run started, its solution checked before it leaves."""

from __future__ import annotations

import math
import time
from dataclasses import replace
from typing import Any

from netdesign.location._marshal import bound_with_capacities, branch_with_capacities, solve_native
from netdesign.location.capacitated import solve_capacitated
from netdesign.location.capture import solve_capture
from netdesign.location.center import solve_center
from netdesign.location.certificate import rounded
from netdesign.location.check import check
from netdesign.location.cover import as_core_problem
from netdesign.location.cover_program import solve_cover_program
from netdesign.location.dispersion import solve_dispersion
from netdesign.location.infeasible import least_change, refusal
from netdesign.location.models import MAXIMIZED, SUMS, WITH_RADIUS
from netdesign.location.problem import LocationProblem
from netdesign.location.profit import with_everybody_served, without_those_left_out
from netdesign.location.run import Run
from netdesign.location.site_prices import with_site_prices
from netdesign.location.site_rules import are_ruled, with_ample_capacity
from netdesign.location.solution import LocationSolution
from netdesign.location.start import Start, beginning
from netdesign.result import Result, Termination
from netdesign.stop import Monitor, Stop, check_run

DEFAULT_STOP = Stop(time_limit_s=60.0)


def locate(
    problem: LocationProblem,
    *,
    stop: Stop = DEFAULT_STOP,
    seed: int = 1,
    threads: int = 1,
    deterministic: bool = False,
    progress: Monitor | None = None,
    start: Start | Result[LocationSolution] | None = None,
) -> Result[LocationSolution]:
    """Choose the sites to open, with a proven bound on how much better any other choice could be.

    A Lagrangian dual over sparse candidate lists bounds the optimum from below, an iterated swap local search
    supplies solutions, reduced costs fix sites, and a branch and bound settles what is left. Where sites have
    capacities the dual has a knapsack per site, and a tree over it or HiGHS settles the rest
    (:mod:`netdesign.location.capacitated`).
    A p-center is searched by radius, for few customers at a time (:mod:`netdesign.location.center`); covering is
    location over costs of 0 and 1 (:mod:`netdesign.location.cover`); what is captured from competitors is bounded by
    cuts (:mod:`netdesign.location.capture`).

    Parameters
    ----------
    problem
        Customers, sites, costs.
    stop
        Limits of the run; sixty seconds by default. An iteration is one step of the dual, one perturbation of
        the local search or one node of a tree; for the p-center one radius decided, for max-capture one linear program.
    seed
        Any integer >= 0.
    threads
        Cores to use.
    deterministic
        The answer depends on seed and iterations only, whatever the number of threads.
    progress
        Called a few times per second; see :data:`netdesign.stop.Monitor`.
    start
        Sites and multipliers to begin from, as those of an earlier result for a similar problem: other fixed costs or
        statuses, another `p`, other costs of the same customers. For models with certificates.

    Returns
    -------
    Result[LocationSolution]
        Status ``infeasible`` where that is proven; ``unserved`` then names the customers no usable site can
        serve, with reasons, or the termination's detail says what else is impossible.

    Raises
    ------
    InputError
        If an argument makes no sense, or the start is none of the problem.

    References
    ----------
    Resende and Werneck, "A fast swap-based local search procedure for location problems", Annals of Operations
    Research 150 (2007). Barahona and Anbil, "The volume algorithm", Mathematical Programming 87 (2000).
    """
    check_run(stop, seed, threads, deterministic)
    began = time.perf_counter()
    cores = 1 if deterministic else threads
    by_program = problem.model in ("partial-cover", "backup-cover") or are_ruled(problem)
    begin = beginning(problem, start)
    cover = as_core_problem(problem) if problem.model in WITH_RADIUS and not by_program else None
    refused = refusal(problem, cover, stop.time_limit_s - (time.perf_counter() - began))
    if refused is not None:
        facts = (), time.perf_counter() - began, 0, seed
        return Result(None, None, None, Termination("infeasible", detail=refused.detail), *facts, **refused.fields)
    limits: dict[str, Any] = {"seed": seed, "threads": threads, "deterministic": deterministic}
    core = with_everybody_served(problem)
    if problem.capacity is not None or (problem.model in SUMS and are_ruled(problem)):
        run = solve_capacitated(
            core if problem.capacity is not None else with_ample_capacity(core),
            bounding=with_site_prices(bound_with_capacities),
            branching=branch_with_capacities,
            stop=stop,
            seed=seed,
            threads=cores,
            progress=progress,
            begin=begin,
        )
    elif problem.model == "p-center":
        run = solve_center(problem, stop=stop, progress=progress)
    elif problem.model == "p-dispersion":
        run = solve_dispersion(problem, stop=stop, seed=seed, threads=cores, progress=progress)
    elif problem.model == "max-capture":
        run = solve_capture(problem, stop=stop, seed=seed, progress=progress)
    elif by_program:
        run = solve_cover_program(problem, stop=stop, seed=seed, threads=cores, progress=progress)
    elif cover is not None:
        rest = replace(cover.stop(stop), time_limit_s=max(0.0, stop.time_limit_s - (time.perf_counter() - began)))
        found = solve_native(
            cover.core, stop=rest, progress=cover.progress(progress), begin=cover.begin(begin), **limits
        )
        run = cover.run(found)
    else:
        run = solve_native(core, stop=stop, progress=progress, begin=begin, **limits)
    run = without_those_left_out(problem, run)
    if run.infeasible:

        def solve_other(other: LocationProblem, seconds: float) -> Result[LocationSolution]:
            rest = replace(stop, time_limit_s=seconds, target=None, gap=0.0)
            return locate(other, stop=rest, seed=seed, threads=threads, deterministic=deterministic)

        why = least_change(problem, solve_other, stop.time_limit_s - (time.perf_counter() - began))
        ended = Termination("infeasible", detail=why.detail)
        spent = time.perf_counter() - began
        return Result(None, None, None, ended, run.trace, spent, run.iterations, seed, **why.fields)
    return _result(problem, stop, seed, run)


def _result(problem: LocationProblem, stop: Stop, seed: int, run: Run) -> Result[LocationSolution]:
    facts = (run.trace, run.seconds, run.iterations, seed)
    bound = run.bound if math.isfinite(run.bound) else None
    limit = stop.limit(run.reason)
    certificate = run.certificate and replace(run.certificate, bound=rounded(problem, run.certificate.bound))
    if not len(run.open):
        wanted = "serves all customers" if problem.revenue is None else "keeps all rules"
        detail = f"no choice of sites that {wanted} was found"
        ended = Termination(run.reason, limit, detail)
        return Result(None, None, bound, ended, *facts, certificate=certificate)
    split = run.flows if problem.model in ("capacitated", "max-capture") else None
    solution = LocationSolution(problem, run.open, run.assignment, split)
    objective = check(problem, solution)
    nearest = max if problem.model in MAXIMIZED else min
    if certificate is not None:
        certificate = replace(certificate, bound=nearest(certificate.bound, objective))
    if bound is not None:
        bound = nearest(bound, objective)
    return Result(solution, objective, bound, Termination(run.reason, limit), *facts, certificate=certificate)
