"""Who cannot be served, whatever the plan: seen before the search begins, with reasons."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from netdesign.result import Unserved
from netdesign.routing.problem import RoutingProblem
from netdesign.routing.travel import Floats
from netdesign.routing.vehicle_type import VehicleType


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
    way, over = ("there and back", "back") if vehicle.end_depot is not None else ("there", "done")
    return [
        *obstacles,
        (~near, "there is no connection between it and the depot"),
        (near & missed, "its time window closes before a vehicle can be there"),
        (near & ~missed & late, f"a vehicle that serves it cannot be {over} before the shift ends"),
        (near & far, f"the way {way} is longer than the vehicle's max_distance {vehicle.max_distance:g}"),
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
