"""``route``: a problem in, a checked result out."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence

import numpy as np

from netdesign.errors import InputError
from netdesign.result import Result, Termination, Unserved
from netdesign.routing._marshal import solve_native
from netdesign.routing.check import check
from netdesign.routing.problem import DEPOT, RoutingProblem
from netdesign.routing.solution import Route, RoutingSolution
from netdesign.stop import Monitor, Stop, check_run

DEFAULT_STOP = Stop(time_limit_s=10.0)


def route(
    problem: RoutingProblem,
    *,
    stop: Stop = DEFAULT_STOP,
    seed: int = 1,
    threads: int = 1,
    deterministic: bool = False,
    start: Sequence[Sequence[int]] | None = None,
    progress: Monitor | None = None,
) -> Result[RoutingSolution]:
    """Plan the routes of a day.

    Ruin and recreate under simulated annealing with local search on what was touched; the temperature follows
    the share of the time or iteration limit that is over, so a longer limit gives a better plan.

    Parameters
    ----------
    problem
        Customers, depot, fleet.
    stop
        Limits of the run; ten seconds by default. A run limited by iterations alone repeats exactly.
    seed
        Any integer >= 0.
    threads
        Independent searches on so many cores; the best plan wins.
    deterministic
        One search, limited by iterations: the answer depends on seed and iterations only.
    start
        Routes to begin from: location indices per route.
    progress
        Called a few times per second; see :data:`netdesign.stop.Monitor`.

    Returns
    -------
    Result[RoutingSolution]
        Status ``infeasible`` where a customer can be shown to be unservable; ``unserved`` names them. Where
        the search could not place everyone, there is no solution and ``unserved`` lists who was left over.

    Raises
    ------
    InputError
        If an argument makes no sense.

    References
    ----------
    Christiaens and Vanden Berghe, "Slack Induction by String Removals for Vehicle Routing Problems",
    Transportation Science 54 (2020).
    """
    began = time.perf_counter()
    check_run(stop, seed, threads, deterministic)
    _check_limits(stop)
    unservable = find_unservable(problem)
    if unservable:
        first = unservable[0]
        detail = f"{len(unservable)} customer(s) cannot be served; the first is {first.customer!r}: {first.reasons[0]}"
        return Result(None, None, None, Termination("infeasible", detail=detail), (), 0.0, 0, seed, unservable)
    threads = 1 if deterministic else threads
    run = solve_native(problem, stop=stop, began=began, seed=seed, threads=threads, start=start, progress=progress)
    routes = tuple(Route(tuple(visits)) for visits in run.routes)
    solution = RoutingSolution(problem, routes, run.unserved)
    objective = check(problem, solution)
    seconds = time.perf_counter() - began
    termination = Termination(run.reason, stop.limit(run.reason))
    if run.unserved:
        assert problem.ids is not None
        reason = f"the search found no place for it on {problem.vehicle_types[0].count or 'any'} vehicle(s)"
        left = tuple(Unserved(problem.ids[i], (reason,)) for i in run.unserved)
        detail = f"{len(left)} customer(s) without a place; more vehicles or more time may help"
        return Result(
            None,
            None,
            run.bound,
            Termination(run.reason, termination.limit, detail),
            run.trace,
            seconds,
            run.iterations,
            seed,
            left,
        )
    return Result(solution, objective, min(run.bound, objective), termination, run.trace, seconds, run.iterations, seed)


def _check_limits(stop: Stop) -> None:
    """A heuristic never ends by itself."""
    limits = (stop.max_iterations, stop.no_improvement, stop.target)
    if math.isinf(stop.time_limit_s) and all(limit is None for limit in limits) and stop.gap == 0.0:
        raise InputError("stop", stop, "at least one limit", advice="Set Stop(time_limit_s=...).")


def find_unservable(problem: RoutingProblem) -> tuple[Unserved, ...]:
    """Customers that not even a vehicle of their own can serve, and fleets too small for all, with reasons."""
    fleet = problem.vehicle_types[0]
    assert problem.ids is not None and problem.service_duration is not None
    customers = problem.customers
    depot = np.zeros_like(customers)
    reasons: dict[int, list[str]] = {}

    def blame(mask: np.ndarray, reason: str) -> None:
        for i in customers[mask]:
            reasons.setdefault(int(i), []).append(reason)

    for k, capacity in enumerate(fleet.capacity):
        blame(
            problem.loads[1:, k] > capacity,
            f"its demand is above the vehicle's capacity {capacity:g} (load dimension {k})",
        )
    out, back = problem.travel.duration(depot, customers), problem.travel.duration(customers, depot)
    away = ~np.isfinite(
        out + back + problem.travel.distance(depot, customers) + problem.travel.distance(customers, depot)
    )
    blame(away, "there is no connection between it and the depot")
    if problem.time_window is not None:
        opening, closing = problem.time_window[DEPOT]
        begin = np.maximum(opening + out, problem.time_window[1:, 0])
        blame(
            ~away & (begin > problem.time_window[1:, 1] + 1e-9), "its time window closes before a vehicle can be there"
        )
        late = begin + problem.service_duration[1:] + back > closing + 1e-9
        blame(
            ~away & late & (begin <= problem.time_window[1:, 1] + 1e-9),
            "a vehicle that serves it cannot be back before the shift ends",
        )
    if not reasons and fleet.count is not None:
        total = problem.loads.sum(axis=0)
        for k, capacity in enumerate(fleet.capacity):
            if total[k] > fleet.count * capacity * (1 + 1e-12):
                blame(
                    np.ones(len(customers), bool),
                    f"the total demand {total[k]:g} is above the fleet's capacity {fleet.count} x {capacity:g}",
                )
    return tuple(Unserved(problem.ids[i], tuple(why)) for i, why in sorted(reasons.items()))
