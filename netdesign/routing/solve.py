"""``route``: a problem in, a checked result out."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import replace

from netdesign.errors import InputError
from netdesign.result import Result, Termination, Unserved
from netdesign.routing._marshal import Run, Settings, solve_native
from netdesign.routing.check import check
from netdesign.routing.fixed import Rest, set_aside
from netdesign.routing.problem import RoutingProblem
from netdesign.routing.solution import Route, RoutingSolution
from netdesign.routing.unservable import find_unservable
from netdesign.stop import Monitor, Progress, Stop, check_run

DEFAULT_STOP = Stop(time_limit_s=10.0)


def route(
    problem: RoutingProblem,
    *,
    stop: Stop = DEFAULT_STOP,
    seed: int = 1,
    threads: int = 1,
    deterministic: bool = False,
    start: Sequence[Sequence[int]] | RoutingSolution | None = None,
    fixed: Sequence[Route] = (),
    progress: Monitor | None = None,
) -> Result[RoutingSolution]:
    """Plan the routes of a day.

    Ruin and recreate under simulated annealing with local search on what was touched; the temperature follows
    the share of the time or iteration limit that is over, so a longer limit gives a better plan.

    Parameters
    ----------
    problem
        Customers, depots, fleet.
    stop
        Limits of the run; ten seconds by default. A run limited by iterations alone repeats exactly.
    seed
        Any integer >= 0.
    threads
        Cores to use: one search each up to 2,500 customers, all on one plan beyond.
    deterministic
        Limited by iterations: the answer depends on seed and iterations only, not on the threads.
    start
        A plan to begin from, or location indices per route, driven by the first vehicle type. Customers who would
        break a rule there are placed anew.
    fixed
        Routes that must be in the answer as they are. They come first in it; the search plans the rest.
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
        If an argument makes no sense, or a fixed route breaks a rule.

    References
    ----------
    Christiaens and Vanden Berghe, "Slack Induction by String Removals for Vehicle Routing Problems",
    Transportation Science 54 (2020).
    """
    began = time.perf_counter()
    check_run(stop, seed, threads, deterministic)
    _check_limits(stop)
    begin = _start_routes(problem, start)
    settings = Settings(
        stop=stop,
        began=began,
        seed=seed,
        threads=threads,
        deterministic=deterministic,
        progress=progress,
    )
    if fixed:
        return _route_rest(set_aside(problem, fixed), settings, begin)
    return _route(problem, settings, begin)


def _route(problem: RoutingProblem, settings: Settings, start: Sequence[Route]) -> Result[RoutingSolution]:
    unservable = find_unservable(problem)
    if unservable:
        return _infeasible(unservable, settings)
    run = solve_native(problem, settings, start)
    solution = RoutingSolution(problem, run.routes, run.unserved)
    objective = check(problem, solution)
    left = _left_over(problem, run)
    detail = f"{len(left)} customer(s) without a place; more vehicles or more time may help" if left else ""
    return Result(
        None if left else solution,
        None if left else objective,
        run.bound if left else min(run.bound, objective),
        Termination(run.reason, settings.stop.limit(run.reason), detail),
        run.trace,
        time.perf_counter() - settings.began,
        run.iterations,
        settings.seed,
        left,
        run.statistics,
    )


def _route_rest(rest: Rest, settings: Settings, start: Sequence[Route]) -> Result[RoutingSolution]:
    """Solve what fixed routes leave, and put them back."""

    def with_fixed(p: Progress) -> Progress:
        return replace(p, objective=p.objective + rest.cost, bound=p.bound + rest.cost)

    whole, stop, progress = rest.whole, settings.stop, settings.progress
    if not len(rest.customers):
        solution = RoutingSolution(whole, rest.routes)
        return Result(solution, rest.cost, rest.cost, Termination("gap", stop.gap), (), 0.0, 0, settings.seed)
    if not rest.types:
        assert whole.ids is not None
        reason = "every vehicle drives a fixed route"
        return _infeasible(tuple(Unserved(whole.ids[i], (reason,)) for i in rest.customers), settings)
    if stop.target is not None:
        settings = replace(settings, stop=replace(stop, target=stop.target - rest.cost))
    if progress is not None:
        settings = replace(settings, progress=lambda p: progress(with_fixed(p)))
    result = _route(rest.problem(), settings, rest.reduce(start))
    bound = None if result.bound is None else result.bound + rest.cost
    result = replace(result, bound=bound, trace=tuple(with_fixed(p) for p in result.trace))
    if result.solution is None:
        return result
    solution = RoutingSolution(whole, rest.complete(result.solution.routes))
    return replace(result, solution=solution, objective=check(whole, solution))


def _infeasible(unservable: tuple[Unserved, ...], settings: Settings) -> Result[RoutingSolution]:
    first = unservable[0]
    detail = f"{len(unservable)} customer(s) cannot be served; the first is {first.customer!r}: {first.reasons[0]}"
    return Result(None, None, None, Termination("infeasible", detail=detail), (), 0.0, 0, settings.seed, unservable)


def _left_over(problem: RoutingProblem, run: Run) -> tuple[Unserved, ...]:
    """Customers without a place in the core's plan."""
    assert problem.ids is not None
    counts = [vehicle.count for vehicle in problem.vehicle_types if vehicle.count is not None]
    fleet = sum(counts) if len(counts) == len(problem.vehicle_types) else "any"
    reason = f"the search found no place for it on {fleet} vehicle(s)"
    return tuple(Unserved(problem.ids[i], (reason,)) for i in run.unserved)


def _check_limits(stop: Stop) -> None:
    """A heuristic never ends by itself."""
    limits = (stop.max_iterations, stop.no_improvement, stop.target)
    if math.isinf(stop.time_limit_s) and all(limit is None for limit in limits) and stop.gap == 0.0:
        raise InputError("stop", stop, "at least one limit", advice="Set Stop(time_limit_s=...).")


def _start_routes(
    problem: RoutingProblem, start: Sequence[Sequence[int]] | RoutingSolution | None
) -> tuple[Route, ...]:
    """The routes to begin from, if they are routes of this problem."""
    given = start.routes if isinstance(start, RoutingSolution) else tuple(Route(tuple(v)) for v in start or ())
    routes = tuple(Route(tuple(map(int, route.visits)), route.vehicle_type) for route in given)
    seen: set[int] = set()
    for k, one in enumerate(routes):
        if not 0 <= one.vehicle_type < len(problem.vehicle_types):
            expected = f"a vehicle type, 0..{len(problem.vehicle_types) - 1}"
            raise InputError(f"start.routes[{k}].vehicle_type", one.vehicle_type, expected)
        for v in one.visits:
            if not problem.n_depots <= v < problem.n_locations:
                expected = f"location indices of customers, {problem.n_depots}..{problem.n_locations - 1}"
                raise InputError(f"start[{k}]", v, expected)
            if v in seen:
                raise InputError(f"start[{k}]", v, "every customer at most once", where=problem.name_of(v))
            seen.add(v)
    return routes
