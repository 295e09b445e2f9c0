"""``route``: a problem in, a checked result out."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netdesign.errors import InputError
from netdesign.result import Result, Termination, Unserved
from netdesign.routing._marshal import Run, solve_native
from netdesign.routing.check import check
from netdesign.routing.fixed import Rest, set_aside
from netdesign.routing.problem import RoutingProblem
from netdesign.routing.solution import Route, RoutingSolution
from netdesign.routing.travel import Floats
from netdesign.routing.vehicle_type import VehicleType
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
        Independent searches on so many cores; the best plan wins.
    deterministic
        One search, limited by iterations: the answer depends on seed and iterations only.
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
    options: dict[str, Any] = {"seed": seed, "threads": 1 if deterministic else threads, "deterministic": deterministic}
    if fixed:
        return _route_rest(set_aside(problem, fixed), stop, began, begin, progress, options)
    return _route(problem, stop, began, begin, progress, options)


def _route(
    problem: RoutingProblem,
    stop: Stop,
    began: float,
    start: Sequence[Route],
    progress: Monitor | None,
    options: dict[str, Any],
) -> Result[RoutingSolution]:
    unservable = find_unservable(problem)
    if unservable:
        return _infeasible(unservable, options["seed"])
    run = solve_native(problem, stop=stop, began=began, start=start, progress=progress, **options)
    solution = RoutingSolution(problem, run.routes, run.unserved)
    objective = check(problem, solution)
    left = _left_over(problem, run)
    detail = f"{len(left)} customer(s) without a place; more vehicles or more time may help" if left else ""
    return Result(
        None if left else solution,
        None if left else objective,
        run.bound if left else min(run.bound, objective),
        Termination(run.reason, stop.limit(run.reason), detail),
        run.trace,
        time.perf_counter() - began,
        run.iterations,
        options["seed"],
        left,
        run.statistics,
    )


def _route_rest(
    rest: Rest,
    stop: Stop,
    began: float,
    start: Sequence[Route],
    progress: Monitor | None,
    options: dict[str, Any],
) -> Result[RoutingSolution]:
    """Solve what fixed routes leave, and put them back."""

    def with_fixed(p: Progress) -> Progress:
        return replace(p, objective=p.objective + rest.cost, bound=p.bound + rest.cost)

    whole = rest.whole
    if not len(rest.customers):
        solution = RoutingSolution(whole, rest.routes)
        return Result(solution, rest.cost, rest.cost, Termination("gap", 0.0), (), 0.0, 0, options["seed"])
    if not rest.types:
        assert whole.ids is not None
        reason = "every vehicle drives a fixed route"
        return _infeasible(tuple(Unserved(whole.ids[i], (reason,)) for i in rest.customers), options["seed"])
    if stop.target is not None:
        stop = replace(stop, target=stop.target - rest.cost)
    monitor = None if progress is None else lambda p: progress(with_fixed(p))
    result = _route(rest.problem(), stop, began, rest.reduce(start), monitor, options)
    bound = None if result.bound is None else result.bound + rest.cost
    result = replace(result, bound=bound, trace=tuple(with_fixed(p) for p in result.trace))
    if result.solution is None:
        return result
    solution = RoutingSolution(whole, rest.complete(result.solution.routes))
    return replace(result, solution=solution, objective=check(whole, solution))


def _infeasible(unservable: tuple[Unserved, ...], seed: int) -> Result[RoutingSolution]:
    first = unservable[0]
    detail = f"{len(unservable)} customer(s) cannot be served; the first is {first.customer!r}: {first.reasons[0]}"
    return Result(None, None, None, Termination("infeasible", detail=detail), (), 0.0, 0, seed, unservable)


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


def find_unservable(problem: RoutingProblem) -> tuple[Unserved, ...]:
    """Customers that no vehicle of their own can serve, and fleets too small for all, with reasons."""
    assert problem.ids is not None
    fleet = problem.vehicle_types
    obstacles = [_obstacles(problem, vehicle) for vehicle in fleet]
    stuck = np.all([np.any([mask for mask, _ in found], axis=0) for found in obstacles], axis=0)
    unserved = []
    for k in np.flatnonzero(stuck):
        reasons = [
            reason if len(fleet) == 1 else f"{vehicle.name}: {reason}"
            for vehicle, found in zip(fleet, obstacles, strict=True)
            for mask, reason in found
            if mask[k]
        ]
        unserved.append(Unserved(problem.ids[problem.customers[k]], tuple(reasons)))
    if unserved:
        return tuple(unserved)
    overload = _overload(problem)
    return tuple(Unserved(problem.ids[i], overload) for i in problem.customers) if overload else ()


def _obstacles(problem: RoutingProblem, vehicle: VehicleType) -> list[tuple[NDArray[np.bool_], str]]:
    """What keeps a vehicle of this type from a round trip to each customer alone: masks over the customers."""
    assert problem.service_duration is not None
    customers = problem.customers
    service, (opens, closes) = problem.service_duration[customers], problem.windows[customers].T
    (out, out_time), (back, back_time) = _there_and_back(problem, vehicle)
    obstacles = [
        (
            problem.loads[customers, k] > capacity,
            f"its demand is above the vehicle's capacity {capacity:g} (load dimension {k})",
        )
        for k, capacity in enumerate(vehicle.capacity)
    ]
    near = np.isfinite(out + out_time + back + back_time)
    leave, home = problem.hours(vehicle)
    begin = np.maximum(leave + out_time, opens)
    missed = begin > closes + 1e-9
    late = begin + service + back_time > home + 1e-9
    far = _above(out + back, vehicle.max_distance)
    long = _above(out_time + service + back_time, vehicle.max_duration)
    return [
        *obstacles,
        (~near, "there is no connection between it and the depot"),
        (near & missed, "its time window closes before a vehicle can be there"),
        (near & ~missed & late, "a vehicle that serves it cannot be back before the shift ends"),
        (near & far, f"the way there and back is longer than the vehicle's max_distance {vehicle.max_distance:g}"),
        (near & long, f"serving it alone takes longer than the vehicle's max_duration {vehicle.max_duration:g}"),
    ]


def _there_and_back(problem: RoutingProblem, vehicle: VehicleType) -> tuple[tuple[Floats, Floats], ...]:
    """Distances and durations from the start to each customer, and from there to the end; 0 for an open route's end."""
    travel, customers = problem.travel, problem.customers
    begin = np.full_like(customers, vehicle.start)
    out = travel.distance(begin, customers), travel.duration(begin, customers)
    if vehicle.end_depot is None:
        return out, (np.zeros(len(customers)), np.zeros(len(customers)))
    end = np.full_like(customers, vehicle.end_depot)
    return out, (travel.distance(customers, end), travel.duration(customers, end))


def _above(values: Floats, limit: float) -> NDArray[np.bool_]:
    return values > limit * (1 + 1e-9) + 1e-9


def _overload(problem: RoutingProblem) -> tuple[str, ...]:
    """Why the fleet as a whole cannot carry the demand; empty where it can."""
    if any(vehicle.count is None for vehicle in problem.vehicle_types):
        return ()
    reasons = []
    for k, total in enumerate(problem.loads.sum(axis=0)):
        if total > sum((v.count or 0) * v.capacity[k] for v in problem.vehicle_types) * (1 + 1e-12):
            fleet = " + ".join(f"{v.count} x {v.capacity[k]:g}" for v in problem.vehicle_types)
            reasons.append(f"the total demand {total:g} is above the fleet's capacity {fleet}")
    return tuple(reasons)
