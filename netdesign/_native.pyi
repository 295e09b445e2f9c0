# Written by nanobind 3.1.0 with make stub
"""
The compiled core of netdesign; call it through netdesign.locate and netdesign.route.
"""

from collections.abc import Sequence
from typing import Annotated

import numpy
from numpy.typing import NDArray


class StopRule:
    """The limits of one run."""

    def __init__(self, time_limit_s: float, max_iterations: int, gap: float, no_improvement: int, target: float) -> None: ...

class CostSource:
    """Where the cost of serving a customer from a site comes from."""

    @staticmethod
    def matrix(values: Annotated[NDArray[numpy.float64], dict(shape=(None, None), order='C', device='cpu', writable=False)]) -> CostSource: ...

    @staticmethod
    def plane(customers: Annotated[NDArray[numpy.float64], dict(shape=(None, None), order='C', device='cpu', writable=False)], sites: Annotated[NDArray[numpy.float64], dict(shape=(None, None), order='C', device='cpu', writable=False)], rounding: str) -> CostSource: ...

    @staticmethod
    def sphere(customers: Annotated[NDArray[numpy.float64], dict(shape=(None, None), order='C', device='cpu', writable=False)], sites: Annotated[NDArray[numpy.float64], dict(shape=(None, None), order='C', device='cpu', writable=False)], diameter: float) -> CostSource: ...

    @staticmethod
    def lists(offsets: Annotated[NDArray[numpy.int64], dict(shape=(None,), order='C', device='cpu', writable=False)], sites: Annotated[NDArray[numpy.int32], dict(shape=(None,), order='C', device='cpu', writable=False)], costs: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu', writable=False)], n_sites: int, complete: bool) -> CostSource: ...

    def limit(self, reach: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu', writable=False)], first: Annotated[NDArray[numpy.int64], dict(shape=(None,), order='C', device='cpu', writable=False)], forbidden: Annotated[NDArray[numpy.int32], dict(shape=(None,), order='C', device='cpu', writable=False)]) -> None:
        """
        Say which pairs cannot serve: per customer beyond which cost, and which sites; empty where there are none.
        """

def locate(costs: CostSource, weight: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu', writable=False)], fixed_cost: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu', writable=False)], status: Annotated[NDArray[numpy.int8], dict(shape=(None,), order='C', device='cpu', writable=False)], min_open: int, max_open: int, *, integral: bool, stop: StopRule, seed: int, threads: int, deterministic: bool, sites: Annotated[NDArray[numpy.int32], dict(shape=(None,), order='C', device='cpu', writable=False)], multiplier: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu', writable=False)], callback: object | None) -> dict:
    """Solve a p-median or uncapacitated facility location problem."""

def bound_with_capacities(costs: CostSource, weight: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu', writable=False)], fixed_cost: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu', writable=False)], status: Annotated[NDArray[numpy.int8], dict(shape=(None,), order='C', device='cpu', writable=False)], capacity: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu', writable=False)], group: Annotated[NDArray[numpy.int32], dict(shape=(None,), order='C', device='cpu', writable=False)], *, single_source: bool, multiplier: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu', writable=False)], stop: StopRule, callback: object | None) -> dict:
    """
    Bound a facility location problem with capacities by its Lagrangian dual.
    """

def branch_with_capacities(costs: CostSource, weight: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu', writable=False)], fixed_cost: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu', writable=False)], status: Annotated[NDArray[numpy.int8], dict(shape=(None,), order='C', device='cpu', writable=False)], capacity: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu', writable=False)], multiplier: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu', writable=False)], bound: float, objective: float, *, single_source: bool, integral: bool, stop: StopRule, seed: int, threads: int, callback: object | None) -> dict:
    """Find better solutions than one of this objective by branch and bound."""

class Travel:
    """Integer costs and durations between locations."""

    @staticmethod
    def from_points(points: Annotated[NDArray[numpy.float64], dict(shape=(None, None), order='C', device='cpu', writable=False)], rounding: int, rounding_factor: float, cost_rate: float, time_rate: float) -> Travel: ...

    @staticmethod
    def from_lists(points: Annotated[NDArray[numpy.float64], dict(shape=(None, None), order='C', device='cpu', writable=False)], rounding: int, rounding_factor: float, cost_rate: float, time_rate: float, first: Annotated[NDArray[numpy.int64], dict(shape=(None,), order='C', device='cpu', writable=False)], destinations: Annotated[NDArray[numpy.int32], dict(shape=(None,), order='C', device='cpu', writable=False)], costs: Annotated[NDArray[numpy.int32], dict(shape=(None,), order='C', device='cpu', writable=False)], durations: Annotated[NDArray[numpy.int32], dict(shape=(None,), order='C', device='cpu', writable=False)]) -> Travel: ...

    @staticmethod
    def from_matrices(costs: Annotated[NDArray[numpy.int32], dict(shape=(None, None), order='C', device='cpu', writable=False)], durations: Annotated[NDArray[numpy.int32], dict(shape=(None, None), order='C', device='cpu', writable=False)]) -> Travel: ...

class VehicleType:
    """
    Vehicles that are alike, in the core's integers; end = -1 for anywhere.
    """

    def __init__(self, count: int, start: int, end: int, capacity: Sequence[int], fixed_cost: int, distance_rate: int, time_rate: int, max_distance: int, max_duration: int, earliest: int, latest: int) -> None: ...

def solve_routing(travel: Travel, depots: int, demand: Annotated[NDArray[numpy.int32], dict(shape=(None, None), order='C', device='cpu', writable=False)], service: Annotated[NDArray[numpy.int32], dict(shape=(None,), order='C', device='cpu', writable=False)], earliest: Annotated[NDArray[numpy.int32], dict(shape=(None,), order='C', device='cpu', writable=False)], latest: Annotated[NDArray[numpy.int32], dict(shape=(None,), order='C', device='cpu', writable=False)], fleet: Sequence[VehicleType], start_visits: Annotated[NDArray[numpy.int32], dict(shape=(None,), order='C', device='cpu', writable=False)], start_offsets: Annotated[NDArray[numpy.int64], dict(shape=(None,), order='C', device='cpu', writable=False)], start_types: Annotated[NDArray[numpy.int32], dict(shape=(None,), order='C', device='cpu', writable=False)], stop: StopRule, seed: int, threads: int, deterministic: bool, progress: object | None) -> dict:
    """Route the customers; everything in the core's integers."""
