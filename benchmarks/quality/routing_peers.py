"""Other solvers of routing problems, side by side: one function per peer.

A peer gets a problem, seconds, a seed and a number of threads, and returns routes (location indices of the customers
and the vehicle type); nothing where it found no plan for everybody. What it cannot model it refuses with
NotImplementedError and says what that is. What it returns is judged by the same check as our own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import numpy as np
from whole_numbers import NEVER, WholeNumbers, in_whole_numbers

import netdesign as nd

Routes = list[tuple[list[int], int]]
"""The customers of each route, and the index of its vehicle type."""


def pyvrp(problem: nd.RoutingProblem, seconds: float, seed: int, threads: int) -> Routes:
    """PyVRP >= 0.14: iterated local search; one core. An open route ends at a depot that is next to everybody."""
    from pyvrp import PenaltyParams, SolveParams, solve
    from pyvrp.stop import MaxRuntime

    whole = in_whole_numbers(problem)
    if not whole.costs_are_distances:
        _refuse_any("a limit on distance beside costs of travel time", [v.max_distance for v in whole.fleet])
    # Its advice for dear arcs: with the default, overloading a vehicle would be cheaper than the way of another.
    dearest = max(int(whole.arcs[v.arcs].max()) * v.rate for v in whole.fleet)
    params = SolveParams(penalty=PenaltyParams(max_penalty=max(PenaltyParams().max_penalty, 10.0 * dearest)))
    stop = MaxRuntime(seconds)
    found = solve(_pyvrp_data(whole), stop, seed=seed, collect_stats=False, display=False, params=params)
    if not found.is_feasible():
        return []
    # Activities are depots and clients; the index of a client counts clients only.
    return [
        ([activity.idx + whole.n_depots for activity in route if activity.is_client()], route.vehicle_type())
        for route in found.best.routes()
    ]


def ortools(problem: nd.RoutingProblem, seconds: float, seed: int, threads: int) -> Routes:
    """OR-Tools routing: guided local search; one core, no seed. An open route ends at a place next to everybody."""
    from ortools.constraint_solver import pywrapcp, routing_enums_pb2

    whole = in_whole_numbers(problem)
    n, kinds = len(whole.demand), _vehicles(whole)
    starts = [whole.fleet[k].start for k in kinds]
    ends = [n if end is None else end for end in (whole.fleet[k].end for k in kinds)]
    manager = pywrapcp.RoutingIndexManager(n + 1, len(kinds), starts, ends)
    model = pywrapcp.RoutingModel(manager)
    for place in {*range(whole.n_depots), n}.difference(starts, ends):
        model.AddDisjunction([manager.NodeToIndex(place)], 0)
        model.ActiveVar(manager.NodeToIndex(place)).SetMax(0)
    costs = [model.RegisterTransitMatrix(_with_anywhere(whole.arcs[v.arcs] * v.rate).tolist()) for v in whole.fleet]
    for vehicle, k in enumerate(kinds):
        model.SetArcCostEvaluatorOfVehicle(costs[k], vehicle)
        model.SetFixedCostOfVehicle(whole.fleet[k].fixed_cost, vehicle)
    for dimension, demand in enumerate(whole.demand.T.tolist()):
        load = model.RegisterUnaryTransitVector([*demand, 0])
        capacity = [whole.fleet[k].capacity[dimension] for k in kinds]
        model.AddDimensionWithVehicleCapacity(load, 0, capacity, True, f"load {dimension}")
    if any(v.max_distance is not None for v in whole.fleet):
        way = model.RegisterTransitMatrix(_with_anywhere(whole.distance).tolist())
        most = [NEVER if (limit := whole.fleet[k].max_distance) is None else limit for k in kinds]
        model.AddDimensionWithVehicleCapacity(way, 0, most, True, "distance")
    if whole.timed:
        _add_times(model, manager, whole, kinds)
    options = pywrapcp.DefaultRoutingSearchParameters()
    options.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.AUTOMATIC
    options.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    options.time_limit.FromMilliseconds(int(1000 * seconds))
    answer = model.SolveWithParameters(options)
    if answer is None:
        return []
    return [(_follow(model, manager, answer, vehicle), k) for vehicle, k in enumerate(kinds)]


def vroom(problem: nd.RoutingProblem, seconds: float, seed: int, threads: int) -> Routes:
    """VROOM through pyvroom: exploration level 5; usually ends before the limit; no seed."""
    from vroom import Amount, Input, Job, TimeWindow, Vehicle, VehicleCosts

    whole = in_whole_numbers(problem)
    if whole.service.any() or (whole.timed and (whole.window[:, 0] > 0).any()):
        _refuse_any("a limit on durations with service or waiting", [v.max_duration for v in whole.fleet])
    model, kinds, cheaper = Input(), _vehicles(whole), _vroom_scale(whole)
    for k, v in enumerate(whole.fleet):
        # A profile per type: costs differ. Distances are there for their limits only.
        model.set_durations_matrix(str(k), whole.duration.astype(np.uint32))
        model.set_distances_matrix(str(k), whole.distance.astype(np.uint32))
        model.set_costs_matrix(str(k), np.rint(whole.arcs[v.arcs] * (v.rate * cheaper)).astype(np.uint32))
    for vehicle, k in enumerate(kinds):
        v = whole.fleet[k]
        limits = {"max_distance": v.max_distance, "max_travel_time": v.max_duration}
        if whole.timed:
            limits["time_window"] = TimeWindow(v.earliest, min(v.latest, whole.horizon))
        model.add_vehicle(
            Vehicle(
                vehicle + 1,
                start=v.start,
                end=v.end,
                profile=str(k),
                capacity=Amount(v.capacity),
                costs=VehicleCosts(fixed=round(v.fixed_cost * cheaper)),
                **{name: limit for name, limit in limits.items() if limit is not None},
            )
        )
    for i in whole.customers:
        hours = [] if whole.window is None else [TimeWindow(*np.minimum(whole.window[i], whole.horizon).tolist())]
        amount = Amount(whole.demand[i].tolist())
        model.add_job(Job(i, location=i, default_service=int(whole.service[i]), delivery=amount, time_windows=hours))
    found = model.solve(exploration_level=5, nb_threads=threads, timeout=timedelta(seconds=seconds))
    jobs = found.routes[found.routes["type"] == "job"]
    if len(jobs) < len(whole.customers):
        return []
    return [
        (group["id"].astype(int).tolist(), kinds[int(vehicle) - 1])
        for vehicle, group in jobs.groupby("vehicle_id", sort=True)
    ]


PEERS: dict[str, Callable[[nd.RoutingProblem, float, int, int], Routes]] = {
    "pyvrp": pyvrp,
    "ortools": ortools,
    "vroom": vroom,
}


def _vehicles(whole: WholeNumbers) -> list[int]:
    """The type of each vehicle offered to solvers that list them: never many more than it takes."""
    offered = [min(v.count, 2 * v.least(whole.demand) + 10) for v in whole.fleet]
    return [k for k, count in enumerate(offered) for _ in range(count)]


def _refuse_any(what: str, limits: Sequence[int | None]) -> None:
    if any(limit is not None for limit in limits):
        raise NotImplementedError(what)


def _with_anywhere(matrix: np.ndarray) -> np.ndarray:
    """One more place, to which every way is free."""
    return np.pad(matrix, ((0, 1), (0, 1)))


def _pyvrp_data(whole: WholeNumbers) -> Any:
    from pyvrp import Client, Depot, Location, ProblemData, VehicleType

    n, anywhere = len(whole.demand), any(v.end is None for v in whole.fleet)
    clients = [
        Client(i, delivery=whole.demand[i].tolist(), service_duration=int(whole.service[i]), **_pyvrp_window(whole, i))
        for i in whole.customers
    ]
    depots = [Depot(k) for k in range(whole.n_depots)] + ([Depot(n)] if anywhere else [])
    types = [
        VehicleType(
            v.count,
            v.capacity,
            start_depot=v.start,
            end_depot=whole.n_depots if v.end is None else v.end,
            fixed_cost=v.fixed_cost,
            unit_distance_cost=v.rate,
            profile=v.arcs,
            **{"tw_early": v.earliest, "tw_late": v.latest} if whole.timed else {},
            **{} if v.max_distance is None else {"max_distance": v.max_distance},
            **{} if v.max_duration is None else {"shift_duration": v.max_duration},
        )
        for v in whole.fleet
    ]
    costs = [_with_anywhere(arcs) if anywhere else arcs for arcs in whole.arcs]
    durations = _with_anywhere(whole.duration) if anywhere else whole.duration
    locations = [Location(0, 0) for _ in range(n + anywhere)]
    return ProblemData(locations, clients, depots, types, costs, [durations] * len(costs))


def _pyvrp_window(whole: WholeNumbers, i: int) -> dict[str, int]:
    return {} if whole.window is None else {"tw_early": int(whole.window[i, 0]), "tw_late": int(whole.window[i, 1])}


def _vroom_scale(whole: WholeNumbers) -> float:
    """At most 1: VROOM refuses costs whose sum, over the dearest arcs from and to every place, has over 32 bits."""
    dearest = max(int(whole.arcs[v.arcs].max()) * v.rate for v in whole.fleet)
    fixed = sum(whole.fleet[k].fixed_cost for k in _vehicles(whole))
    return min(1.0, 2.0**30 / (dearest * len(whole.demand) + fixed + 1))


def _add_times(model: Any, manager: Any, whole: WholeNumbers, kinds: Sequence[int]) -> None:
    """Windows of customers, hours and longest durations of vehicles."""
    assert whole.window is not None
    horizon = whole.horizon
    # From a customer to the end of an open route it takes as long as the service there.
    leave = model.RegisterTransitMatrix((_with_anywhere(whole.duration) + np.r_[whole.service, 0][:, None]).tolist())
    model.AddDimension(leave, horizon, horizon, False, "time")
    time = model.GetDimensionOrDie("time")
    for i in whole.customers:
        opens, closes = np.minimum(whole.window[i], horizon).tolist()
        time.CumulVar(manager.NodeToIndex(i)).SetRange(opens, closes)
    for vehicle, k in enumerate(kinds):
        v = whole.fleet[k]
        for at in (model.Start(vehicle), model.End(vehicle)):
            time.CumulVar(at).SetRange(v.earliest, min(v.latest, horizon))
        if v.max_duration is not None:
            time.SetSpanUpperBoundForVehicle(v.max_duration, vehicle)


def _follow(model: Any, manager: Any, answer: Any, vehicle: int) -> list[int]:
    visits, at = [], answer.Value(model.NextVar(model.Start(vehicle)))
    while not model.IsEnd(at):
        visits.append(manager.IndexToNode(at))
        at = answer.Value(model.NextVar(at))
    return visits
