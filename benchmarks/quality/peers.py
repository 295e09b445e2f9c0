"""Other solvers, side by side: one function per peer.

A peer gets a problem, seconds, a seed and a number of threads, and returns routes (location indices of the customers)
or, for location, the open sites and the site of every customer. Where its package is missing it raises ImportError;
what it cannot model it refuses with NotImplementedError. What it returns is judged by the same check as our own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np

import netdesign as nd

Routes = list[list[int]]
Sites = tuple[list[int], list[int]]
LARGEST_MATRIX = 8000
LARGEST_NUMBER = 2**17
"""Of an arc where costs are no integers: PyVRP prices violations at 10^5 a unit at most, and VROOM refuses more."""
LARGEST_MODEL = 200_000
"""Pairs of customer and site above which a monolithic model is not tried."""


@dataclass(frozen=True)
class WholeNumbers:
    """A routing problem in integers, as the peers want it: costs rounded to nearest, times upwards, windows inwards."""

    cost: np.ndarray
    duration: np.ndarray
    demand: np.ndarray
    capacity: list[int]
    service: np.ndarray
    window: np.ndarray | None
    vehicles: int
    fixed_cost: int


def pyvrp(problem: nd.RoutingProblem, seconds: float, seed: int, threads: int) -> Routes:
    """PyVRP >= 0.14: iterated local search; one core."""
    from pyvrp import Client, Depot, Location, ProblemData, VehicleType, solve
    from pyvrp.stop import MaxRuntime

    whole = in_whole_numbers(problem)
    windows = (
        [{}] * len(whole.cost)
        if whole.window is None
        else [{"tw_early": int(a), "tw_late": int(b)} for a, b in whole.window]
    )
    clients = [
        Client(i, delivery=whole.demand[i].tolist(), service_duration=int(whole.service[i]), **windows[i])
        for i in range(1, len(whole.cost))
    ]
    fleet = VehicleType(whole.vehicles, whole.capacity, fixed_cost=whole.fixed_cost, **windows[0])
    locations = [Location(0, 0) for _ in whole.cost]
    data = ProblemData(locations, clients, [Depot(0)], [fleet], [whole.cost], [whole.duration])
    best = solve(data, MaxRuntime(seconds), seed=seed, collect_stats=False, display=False).best
    # Activities are depots and clients; the index of a client counts clients only.
    return [[activity.idx + 1 for activity in route if activity.is_client()] for route in best.routes()]


def ortools(problem: nd.RoutingProblem, seconds: float, seed: int, threads: int) -> Routes:
    """OR-Tools routing: guided local search; one core, no seed."""
    from ortools.constraint_solver import pywrapcp, routing_enums_pb2

    whole = in_whole_numbers(problem)
    n, vehicles = len(whole.cost), min(whole.vehicles, 2 * _least_vehicles(whole) + 10)
    manager = pywrapcp.RoutingIndexManager(n, vehicles, 0)
    model = pywrapcp.RoutingModel(manager)
    arc = model.RegisterTransitMatrix(whole.cost.tolist())
    model.SetArcCostEvaluatorOfAllVehicles(arc)
    model.SetFixedCostOfAllVehicles(whole.fixed_cost)
    for k, capacity in enumerate(whole.capacity):
        load = model.RegisterUnaryTransitVector(whole.demand[:, k].tolist())
        model.AddDimension(load, 0, capacity, True, f"load {k}")
    if whole.window is not None:
        horizon = int(whole.window[0, 1])
        leave = model.RegisterTransitMatrix((whole.duration + whole.service[:, None]).tolist())
        model.AddDimension(leave, horizon, horizon, False, "time")
        time = model.GetDimensionOrDie("time")
        for i in range(1, n):
            time.CumulVar(manager.NodeToIndex(i)).SetRange(
                int(whole.window[i, 0]), min(horizon, int(whole.window[i, 1]))
            )
        for v in range(vehicles):
            time.CumulVar(model.Start(v)).SetRange(int(whole.window[0, 0]), horizon)
    options = pywrapcp.DefaultRoutingSearchParameters()
    options.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.AUTOMATIC
    options.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    options.time_limit.FromMilliseconds(int(1000 * seconds))
    answer = model.SolveWithParameters(options)
    return [] if answer is None else [_follow(model, manager, answer, v) for v in range(vehicles)]


def vroom(problem: nd.RoutingProblem, seconds: float, seed: int, threads: int) -> Routes:
    """VROOM through pyvroom: exploration level 5; usually ends before the limit; no seed."""
    from vroom import Amount, Input, Job, TimeWindow, Vehicle, VehicleCosts

    whole = in_whole_numbers(problem)
    windows = (
        [[]] * len(whole.cost) if whole.window is None else [[TimeWindow(int(a), int(b))] for a, b in whole.window]
    )
    model = Input()
    model.set_durations_matrix("car", whole.duration.astype(np.uint32))
    model.set_costs_matrix("car", whole.cost.astype(np.uint32))
    shift = {} if whole.window is None else {"time_window": windows[0][0]}
    for v in range(min(whole.vehicles, 2 * _least_vehicles(whole) + 10)):
        costs = VehicleCosts(fixed=whole.fixed_cost)
        model.add_vehicle(Vehicle(v + 1, start=0, end=0, capacity=Amount(whole.capacity), costs=costs, **shift))
    for i in range(1, len(whole.cost)):
        delivery = Amount(whole.demand[i].tolist())
        model.add_job(
            Job(i, location=i, default_service=int(whole.service[i]), delivery=delivery, time_windows=windows[i])
        )
    steps = model.solve(exploration_level=5, nb_threads=threads, timeout=timedelta(seconds=seconds)).routes
    jobs = steps[steps["type"] == "job"]
    return [group["id"].astype(int).tolist() for _, group in jobs.groupby("vehicle_id", sort=True)]


def highs(problem: nd.LocationProblem, seconds: float, seed: int, threads: int) -> Sites:
    """HiGHS, through SciPy, on the model with x[i, j] <= y[j]; no seed."""
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import coo_array

    cost = _total_costs(problem)
    customer, site = np.nonzero(np.isfinite(cost))
    pairs, sites = len(customer), problem.n_sites
    each, ones = np.arange(pairs), np.ones(pairs)
    once = coo_array((ones, (customer, each)), shape=(problem.n_customers, pairs + sites))
    link = (np.r_[ones, -ones], (np.r_[each, each], np.r_[each, pairs + site]))
    number = (0, sites) if problem.p is None else (problem.p, problem.p)
    price = np.r_[cost[customer, site], problem.fixed_costs]
    answer = milp(
        price / max(float(price.max()), 1e-300),
        integrality=np.r_[0 * ones, np.ones(sites)],
        bounds=Bounds(np.r_[0 * ones, problem.forced], np.r_[ones, problem.usable]),
        constraints=[
            LinearConstraint(once.tocsr(), 1, 1),
            LinearConstraint(coo_array(link, shape=(pairs, pairs + sites)).tocsr(), -np.inf, 0),
            LinearConstraint(np.r_[0 * ones, np.ones(sites)][None], *number),
        ],
        options={"time_limit": seconds, "mip_rel_gap": 1e-9},
    )
    if answer.x is None:
        return [], []
    opened = np.flatnonzero(answer.x[pairs:] > 0.5).tolist()
    # Without capacities everybody goes to the cheapest open site.
    return opened, [opened[k] for k in cost[:, opened].argmin(axis=1)]


def cp_sat(problem: nd.LocationProblem, seconds: float, seed: int, threads: int) -> Sites:
    """CP-SAT on the same model, costs rounded to integers."""
    from ortools.sat.python import cp_model

    cost = _total_costs(problem)
    scale = 2**40 / max(float(cost[np.isfinite(cost)].sum(axis=None)), float(problem.fixed_costs.sum()), 1e-300)
    model = cp_model.CpModel()
    is_open = [model.new_bool_var("") for _ in range(problem.n_sites)]
    if problem.p is not None:
        model.add(sum(is_open) == problem.p)
    for y, forced, usable in zip(is_open, problem.forced, problem.usable, strict=True):
        if forced or not usable:
            model.add(y == int(forced))
    chosen, variables, prices = {}, list(is_open), np.rint(scale * problem.fixed_costs).astype(int).tolist()
    for i in range(problem.n_customers):
        options = np.flatnonzero(np.isfinite(cost[i]))
        served = [model.new_bool_var("") for _ in options]
        model.add_exactly_one(served)
        for j, x in zip(options, served, strict=True):
            model.add_implication(x, is_open[j])
        variables += served
        prices += np.rint(scale * cost[i, options]).astype(int).tolist()
        chosen[i] = (options, served)
    model.minimize(cp_model.LinearExpr.weighted_sum(variables, prices))
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers, solver.parameters.random_seed = threads, seed
    if solver.solve(model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return [], []
    at = [int(options[[solver.value(x) for x in served].index(1)]) for options, served in chosen.values()]
    return [j for j, y in enumerate(is_open) if solver.value(y)], at


ROUTING: dict[str, Callable[[nd.RoutingProblem, float, int, int], Routes]] = {
    "pyvrp": pyvrp,
    "ortools": ortools,
    "vroom": vroom,
}
LOCATION: dict[str, Callable[[nd.LocationProblem, float, int, int], Sites]] = {"highs": highs, "cp-sat": cp_sat}
PACKAGES = {"pyvrp": "pyvrp", "ortools": "ortools", "vroom": "pyvroom", "highs": "scipy", "cp-sat": "ortools"}


def in_whole_numbers(problem: nd.RoutingProblem) -> WholeNumbers:
    """The problem in integers; exact where the instance's own rounding makes integers."""
    n = problem.n_locations
    if n > LARGEST_MATRIX:
        raise NotImplementedError(f"a matrix over {n:,} locations")
    every = np.arange(n)
    fleet = problem.vehicle_types[0]
    distance, duration = (
        np.vstack([f(np.full(n, i), every) for i in every]) for f in (problem.travel.distance, problem.travel.duration)
    )
    cost = fleet.cost_per_distance * distance + fleet.cost_per_travel_time * duration
    if not (np.isfinite(cost).all() and np.isfinite(duration).all()):
        raise NotImplementedError("pairs without connection")
    scale = _factor(cost, np.array([fleet.fixed_cost]), largest=LARGEST_NUMBER)
    clock = 0.0
    window = None
    assert problem.service_duration is not None
    if problem.time_window is not None:
        horizon = problem.time_window[0, 1]
        closing = np.minimum(problem.time_window[:, 1], horizon)
        clock = _factor(duration, problem.time_window[:, 0], closing, problem.service_duration, largest=LARGEST_NUMBER)
        window = np.column_stack(
            [np.ceil(problem.time_window[:, 0] * clock - 1e-6), np.floor(closing * clock + 1e-6)]
        ).astype(np.int64)
    units = _factor(problem.loads, largest=LARGEST_NUMBER)
    most = np.minimum(np.array(fleet.capacity), problem.loads.sum(axis=0))
    return WholeNumbers(
        cost=np.rint(cost * scale).astype(np.int64),
        duration=np.ceil(duration * clock - 1e-6).astype(np.int64),
        demand=np.ceil(problem.loads * units - 1e-6).astype(np.int64),
        capacity=np.floor(most * units + 1e-6).astype(int).tolist(),
        service=np.ceil(problem.service_duration * clock - 1e-6).astype(np.int64),
        window=window,
        vehicles=fleet.count or problem.n_customers,
        fixed_cost=round(fleet.fixed_cost * scale),
    )


def _factor(*values: np.ndarray, largest: float) -> float:
    """1, 10 or 1000 where that makes whole numbers of all values, else what lifts the largest to `largest`."""
    for factor in (1.0, 10.0, 1000.0):
        if all(np.allclose(v * factor, np.rint(v * factor), rtol=0, atol=1e-6) for v in values):
            return factor
    return largest / max(float(np.max(v)) for v in values)


def _least_vehicles(whole: WholeNumbers) -> int:
    return max(
        -(-int(total) // max(1, most)) for total, most in zip(whole.demand.sum(axis=0), whole.capacity, strict=True)
    )


def _follow(model: Any, manager: Any, answer: Any, vehicle: int) -> list[int]:
    visits, at = [], answer.Value(model.NextVar(model.Start(vehicle)))
    while not model.IsEnd(at):
        visits.append(manager.IndexToNode(at))
        at = answer.Value(model.NextVar(at))
    return visits


def _total_costs(problem: nd.LocationProblem) -> np.ndarray:
    """Shape (customers, sites): weight times cost; infinite where a site cannot serve."""
    if problem.n_customers * problem.n_sites > LARGEST_MODEL:
        raise NotImplementedError(f"a model with {problem.n_customers:,} x {problem.n_sites:,} pairs")
    sites = np.arange(problem.n_sites)
    rows = [problem.weights[i] * problem.cost(np.full(len(sites), i), sites) for i in range(problem.n_customers)]
    return np.where(problem.usable, np.vstack(rows), np.inf)
