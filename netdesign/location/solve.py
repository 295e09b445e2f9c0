"""The door to the location solver: arguments checked, the run started, its solution checked before it leaves."""

from __future__ import annotations

import math

import numpy as np

from netdesign.location._marshal import NativeRun, solve_native
from netdesign.location.check import check
from netdesign.location.problem import LocationProblem
from netdesign.location.solution import LocationSolution
from netdesign.result import Result, Termination, Unserved
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
) -> Result[LocationSolution]:
    """Choose the sites to open, with a proven bound on how much better any other choice could be.

    A Lagrangian dual over sparse candidate lists bounds the optimum from below, an iterated swap local search
    supplies solutions, reduced costs fix sites, and a branch and bound settles what is left.

    Parameters
    ----------
    problem
        Customers, sites, costs.
    stop
        Limits of the run; sixty seconds by default. An iteration is one step of the dual, one perturbation of
        the local search or one node of the tree.
    seed
        Any integer >= 0.
    threads
        Cores to use.
    deterministic
        The answer depends on seed and iterations only, whatever the number of threads.
    progress
        Called a few times per second; see :data:`netdesign.stop.Monitor`.

    Returns
    -------
    Result[LocationSolution]
        Status ``infeasible`` where that is proven; ``unserved`` then names the customers no usable site can
        serve, with reasons, or the termination's detail says what else is impossible.

    Raises
    ------
    InputError
        If an argument makes no sense.

    References
    ----------
    Resende and Werneck, "A fast swap-based local search procedure for location problems", Annals of Operations
    Research 150 (2007). Barahona and Anbil, "The volume algorithm", Mathematical Programming 87 (2000).
    """
    check_run(stop, seed, threads, deterministic)
    refused = _refusal(problem)
    if refused is not None:
        detail, unserved = refused
        return Result(None, None, None, Termination("infeasible", detail=detail), (), 0.0, 0, seed, unserved)
    run = solve_native(problem, stop=stop, seed=seed, threads=threads, deterministic=deterministic, progress=progress)
    return _result(problem, stop, seed, run)


def _result(problem: LocationProblem, stop: Stop, seed: int, run: NativeRun) -> Result[LocationSolution]:
    facts = (run.trace, run.seconds, run.iterations, seed)
    if run.infeasible:
        detail = f"no choice of {problem.p} sites serves all customers"
        return Result(None, None, None, Termination("infeasible", detail=detail), *facts)
    bound = run.bound if math.isfinite(run.bound) else None
    limit = stop.limit(run.reason)
    if not len(run.open):
        detail = "no choice of sites that serves all customers was found"
        return Result(None, None, bound, Termination(run.reason, limit, detail), *facts)
    solution = LocationSolution(problem, run.open, run.assignment)
    objective = check(problem, solution)
    return Result(
        solution, objective, None if bound is None else min(bound, objective), Termination(run.reason, limit), *facts
    )


def _refusal(problem: LocationProblem) -> tuple[str, tuple[Unserved, ...]] | None:
    """Why there can be no solution, and who goes unserved; None where nothing speaks against one."""
    usable, forced = int(problem.usable.sum()), int(problem.forced.sum())
    lost = np.flatnonzero(~problem.costs.servable(problem.usable))
    if lost.size:
        reason = "no open or candidate site can serve it" if usable else "every site is closed"
        unserved = tuple(Unserved(problem.customers[i], (reason,)) for i in lost)
        return f"{lost.size} customer(s) cannot be served; the first is {unserved[0].customer!r}: {reason}", unserved
    if problem.p is not None and problem.p > usable:
        return f"p is {problem.p}, but only {usable} of {problem.n_sites} sites may be open", ()
    if problem.p is not None and problem.p < forced:
        return f"p is {problem.p}, but {forced} sites are forced open", ()
    return None
