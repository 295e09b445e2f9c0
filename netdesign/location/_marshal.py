"""The border to the compiled core: arrays out, arrays in. The only place of this package that knows the core."""

from __future__ import annotations

import sys
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from netdesign import _native
from netdesign.location.capacitated_core import Branched, CapacitatedDual
from netdesign.location.certificate import counts_in_ones
from netdesign.location.costs import EARTH_RADIUS_M, CostMatrix, Costs, Floats, PlanarCosts, SphereCosts, unit_vectors
from netdesign.location.problem import LocationProblem
from netdesign.location.run import Run
from netdesign.location.start import NOWHERE, Beginning
from netdesign.result import Certificate
from netdesign.stop import Monitor, Progress, Stop

_STATUS = {"candidate": 0, "open": 1, "closed": 2}


def solve_native(
    problem: LocationProblem,
    *,
    stop: Stop,
    seed: int,
    threads: int,
    deterministic: bool,
    progress: Monitor | None,
    begin: Beginning = NOWHERE,
) -> Run:
    """Run the core on a problem that has at least one solution as far as can be seen."""
    weight = problem.weights
    raw = _native.locate(
        native_costs(problem),
        weight,
        problem.fixed_costs,
        _native_status(problem),
        *problem.site_limits,
        integral=counts_in_ones(problem),
        stop=_rule(stop),
        seed=seed,
        threads=threads,
        deterministic=deterministic,
        sites=begin.sites,
        multiplier=begin.multipliers(weight),
        callback=_callback(progress),
    )
    trace = tuple(Progress(*row) for row in raw["trace"])
    return Run(
        raw["open"],
        raw["assignment"],
        raw["bound"],
        raw["infeasible"],
        raw["reason"],
        trace,
        raw["seconds"],
        raw["iterations"],
        certificate=Certificate(raw["certified_bound"], raw["multiplier"] * np.where(weight > 0, weight, 1.0)),
    )


def bound_with_capacities(
    problem: LocationProblem, stop: Stop, progress: Monitor | None, multiplier: Floats
) -> CapacitatedDual:
    """Bound a problem with capacities, from multipliers per unit of weight; from own ones where there are none."""
    assert problem.capacity is not None
    raw = _native.bound_with_capacities(
        native_costs(problem),
        problem.weights,
        problem.fixed_costs,
        _native_status(problem),
        problem.capacity,
        problem.groups,
        single_source=problem.model == "single-source",
        multiplier=multiplier,
        stop=_rule(stop),
        callback=_callback(progress),
    )
    return CapacitatedDual(
        raw["multiplier"],
        raw["reduced_cost"],
        raw["capacity_price"],
        raw["bound"],
        raw["offsets"],
        raw["sites"],
        raw["costs"],
        raw["cap"],
        raw["reason"],
        tuple(Progress(*row) for row in raw["trace"]),
        raw["iterations"],
    )


def branch_with_capacities(
    problem: LocationProblem,
    dual: CapacitatedDual,
    *,
    objective: float,
    integral: bool,
    stop: Stop,
    seed: int,
    threads: int,
    progress: Monitor | None,
) -> Branched:
    """Look for something better than a solution of this objective."""
    assert problem.capacity is not None
    raw = _native.branch_with_capacities(
        native_costs(problem),
        problem.weights,
        problem.fixed_costs,
        _native_status(problem),
        problem.capacity,
        dual.multiplier,
        dual.bound,
        objective,
        single_source=problem.model == "single-source",
        integral=integral,
        stop=_rule(stop),
        seed=seed,
        threads=threads,
        callback=_callback(progress),
    )
    trace = tuple(Progress(*row) for row in raw["trace"])
    parts = raw["customers"], raw["sites"], raw["shares"]
    return Branched(*parts, raw["bound"], raw["exhausted"], raw["reason"], trace, raw["iterations"])


def _native_status(problem: LocationProblem) -> NDArray[np.int8]:
    return np.array([_STATUS[str(s)] for s in np.asarray(problem.status)], dtype=np.int8)


def native_costs(problem: LocationProblem) -> _native.CostSource:
    """The problem's costs as the core reads them; big arrays are shared, not copied."""
    source = _source(problem.costs)
    if problem.limits:
        source.limit(problem.limits.reach, problem.limits.offsets, problem.limits.sites)
    return source


def _source(costs: Costs) -> _native.CostSource:
    if isinstance(costs, CostMatrix):
        return _native.CostSource.matrix(costs.values)
    if isinstance(costs, PlanarCosts):
        return _native.CostSource.plane(costs.customer_xy, costs.site_xy, costs.rounding)
    if isinstance(costs, SphereCosts):
        diameter = 2 * EARTH_RADIUS_M * costs.factor
        return _native.CostSource.sphere(unit_vectors(costs.customer_lonlat), unit_vectors(costs.site_lonlat), diameter)
    return _native.CostSource.lists(costs.offsets, costs.sites, costs.cost_values, costs.n_sites, costs.complete)


def _rule(stop: Stop) -> _native.StopRule:
    huge = sys.maxsize
    return _native.StopRule(
        time_limit_s=stop.time_limit_s,
        max_iterations=huge if stop.max_iterations is None else stop.max_iterations,
        gap=stop.gap,
        no_improvement=huge if stop.no_improvement is None else stop.no_improvement,
        target=-np.inf if stop.target is None else stop.target,
    )


def _callback(progress: Monitor | None) -> Callable[[float, int, float, float], object] | None:
    if progress is None:
        return None
    return lambda seconds, iterations, objective, bound: progress(Progress(seconds, iterations, objective, bound))
