"""Other solvers of location problems, side by side: a plain model for HiGHS and CP-SAT, and spopt.

A peer gets a problem, seconds, a seed and a number of threads, and returns open sites and a bound. What it cannot
model it refuses with NotImplementedError and says what that is. Its sites become a solution of ours
(:func:`as_solution`), which is judged by the same check as our own.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np

import netdesign as nd
from netdesign.location import Flows
from netdesign.location.models import MAXIMIZED, WITH_CAPACITY

COVERING = ("set-cover", "partial-cover", "max-cover", "backup-cover")
SERVING = ("p-median", "uncapacitated", "capacitated", "single-source", "p-center")


@dataclass(frozen=True)
class Found:
    """What a peer found: open sites, none where it found no solution, and a bound on the objective where it has one.

    Where sites have capacities `customer`, `site` and `part` say who gets which part of its weight from where;
    elsewhere everybody goes to the cheapest open site.
    """

    opened: list[int] = field(default_factory=list)
    bound: float | None = None
    customer: np.ndarray | None = None
    site: np.ndarray | None = None
    part: np.ndarray | None = None


@dataclass
class Plain:
    """Least ``price @ v`` with ``low <= rows @ v <= high`` over 0 <= v <= most; the sites are the first variables.

    Rows are kept as triplets. `pairs` are the customers and sites of the variables behind those of the sites.
    """

    price: np.ndarray
    most: np.ndarray
    least: np.ndarray
    whole: np.ndarray
    pairs: tuple[np.ndarray, np.ndarray]
    triplets: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = field(default_factory=list)
    low: list[np.ndarray] = field(default_factory=list)
    high: list[np.ndarray] = field(default_factory=list)
    n_rows: int = 0

    def add(self, row: np.ndarray, variable: np.ndarray, value: Any, low: Any, high: Any) -> None:
        """Rows numbered from 0 among themselves; `low` or `high` says how many there are."""
        low, high = np.broadcast_arrays(np.atleast_1d(np.asarray(low, float)), np.asarray(high, float))
        self.triplets.append((row + self.n_rows, variable, np.broadcast_to(np.asarray(value, float), row.shape)))
        self.low.append(low)
        self.high.append(high)
        self.n_rows += len(low)

    def matrix(self) -> Any:
        """The rows as a sparse matrix."""
        from scipy.sparse import csr_array

        row, variable, value = (np.concatenate(k) for k in zip(*self.triplets, strict=True))
        return csr_array((value, (row, variable)), shape=(self.n_rows, len(self.price)))


def plain_model(problem: nd.LocationProblem) -> Plain:
    """The model that anyone would write first: x[i, j] <= y[j] where customers are served, sums of y where covered."""
    _refuse_unless(problem.model in (*COVERING, *SERVING), f"the model {problem.model}")
    _refuse_unless(problem.revenue is None, "customers served at will")
    _refuse_unless(problem.min_throughput is None, "least throughputs")
    model = (_covering if problem.model in COVERING else _serving)(problem)
    sites = np.arange(problem.n_sites)
    fewest, most = problem.site_limits
    if (fewest, most) != (1, problem.n_sites):
        model.add(0 * sites, sites, 1.0, fewest, most)
    if problem.budget is not None:
        model.add(0 * sites, sites, problem.fixed_costs, -np.inf, problem.budget)
    if len(problem.rivals):
        pair = np.repeat(np.arange(len(problem.rivals)), 2)
        model.add(pair, problem.rivals.ravel(), 1.0, np.full(len(problem.rivals), -np.inf), 1.0)
    if problem.place is not None:
        model.add(problem.groups, sites, 1.0, np.zeros(problem.groups.max() + 1), 1.0)
    return model


def highs(problem: nd.LocationProblem, seconds: float, seed: int, threads: int) -> Found:
    """HiGHS, through SciPy, on the plain model; no seed, one thread."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    model = plain_model(problem)
    unit = max(float(np.abs(model.price).max()), 1e-300)
    answer = milp(
        model.price / unit,
        integrality=model.whole,
        bounds=Bounds(model.least, model.most),
        constraints=LinearConstraint(model.matrix(), np.concatenate(model.low), np.concatenate(model.high)),
        options={"time_limit": seconds, "mip_rel_gap": 1e-9},
    )
    bound = None if answer.mip_dual_bound is None else _sense(problem) * answer.mip_dual_bound * unit
    if answer.x is None:
        return Found(bound=_finite(bound))
    return _found(problem, model, answer.x, bound)


def cp_sat(problem: nd.LocationProblem, seconds: float, seed: int, threads: int) -> Found:
    """CP-SAT on the plain model in whole numbers: costs to the nearest, demand upwards, capacities downwards."""
    from ortools.sat.python import cp_model

    _refuse_unless(problem.model != "capacitated", "customers with several sites")
    plain = plain_model(problem)
    unit, price, rows, high = _in_whole_numbers(problem, plain)
    low = np.concatenate(plain.low)
    model, most = cp_model.CpModel(), np.minimum(plain.most, 2.0**60).astype(int)
    ends = zip(plain.least.astype(int).tolist(), most.tolist(), strict=True)
    variables = [model.new_int_var(*both, "") for both in ends]
    for k, (start, stop) in enumerate(pairwise(rows.indptr.tolist())):
        here = [variables[v] for v in rows.indices[start:stop]]
        terms = cp_model.LinearExpr.weighted_sum(here, rows.data[start:stop].astype(int).tolist())
        model.add_linear_constraint(terms, _whole(low[k]), _whole(high[k]))
    model.minimize(cp_model.LinearExpr.weighted_sum(variables, price.astype(int).tolist()))
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers, solver.parameters.random_seed = threads, seed
    status = solver.solve(model)
    bound = _sense(problem) * solver.best_objective_bound / unit
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return Found(bound=_finite(bound))
    return _found(problem, plain, np.array([solver.value(v) for v in variables], float), bound)


def spopt(problem: nd.LocationProblem, seconds: float, seed: int, threads: int) -> Found:
    """spopt's p-median, p-center, set cover and maximal cover, through PuLP with HiGHS; no bound but a proof."""
    import pulp
    from spopt.locate import LSCP, MCLP, PCenter, PMedian

    named = problem.model in ("p-median", "p-center", "set-cover", "max-cover")
    _refuse_unless(named, f"the model {problem.model}")
    _refuse_unless(bool(np.ptp(problem.fixed_costs) == 0), "fixed costs that differ")
    _refuse_unless(problem.model == "set-cover" or not problem.fixed_costs.any(), "fixed costs")
    _refuse_unless(bool((problem.usable & ~problem.forced).all()), "sites with a status")
    ruled = problem.budget is not None or problem.place is not None or len(problem.rivals) > 0
    _refuse_unless(not ruled, "rules about sites")
    _refuse_unless(problem.revenue is None, "customers served at will")
    _refuse_unless(problem.min_throughput is None, "least throughputs")
    cost = _unit_costs(problem)
    _refuse_unless(bool(np.isfinite(cost).all()), "pairs without connection")
    if problem.model == "p-median":
        model = PMedian.from_cost_matrix(cost, problem.weights, problem.p)
    elif problem.model == "p-center":
        model = PCenter.from_cost_matrix(problem.weights[:, None] * cost, problem.p)
    elif problem.model == "set-cover":
        model = LSCP.from_cost_matrix(cost, problem.coverage_radius)
    else:
        model = MCLP.from_cost_matrix(cost, problem.weights, problem.coverage_radius, problem.p)
    solver = pulp.HiGHS(msg=False, timeLimit=seconds, threads=threads, gapRel=1e-9)
    try:
        model.solve(solver, results=False)
    except RuntimeError:  # its word for no solution
        return Found()
    proven = model.problem.sol_status == pulp.LpSolutionOptimal
    opened = [j for j, y in enumerate(model.fac_vars) if y.value() > 0.5]
    unit = float(problem.fixed_costs[0]) if problem.model == "set-cover" else 1.0
    return Found(opened, unit * pulp.value(model.problem.objective) if proven else None)


PEERS: dict[str, Callable[[nd.LocationProblem, float, int, int], Found]] = {
    "highs": highs,
    "cp-sat": cp_sat,
    "spopt": spopt,
}
BYTES_PER_PAIR = {"highs": 3000, "cp-sat": 2500, "spopt": 4000}
"""Of a model with a variable per customer and site: somewhat less than a p-median of 500 x 500 pairs took in all."""


def memory_mb(peer: str, problem: nd.LocationProblem) -> int:
    """What the peer will need at least, in megabytes."""
    pairs = problem.n_customers * problem.n_sites
    served = problem.model not in COVERING
    return int(pairs * (BYTES_PER_PAIR[peer] if served else 8) / 1e6)


def as_solution(problem: nd.LocationProblem, found: Found) -> nd.LocationSolution | None:
    """A peer's answer as a solution of ours; None where it found none."""
    if not found.opened:
        return None
    opened, n = np.array(sorted(found.opened), np.int32), problem.n_customers
    if found.customer is not None:
        customer, site, part = found.customer, found.site, found.part
        order = np.argsort(part, kind="stable")
        at = np.full(n, -1, np.int32)
        at[customer[order]] = site[order]  # the last one wins: whoever serves most
        quantity = part / np.bincount(customer, part, n)[customer] * problem.weights[customer]
        flows = Flows(customer, site, quantity) if problem.model == "capacitated" else None
        return nd.LocationSolution(problem, opened, at, flows)
    at = np.full(n, -1, np.int32)
    for start in range(0, n, 1000):
        some = np.arange(start, min(start + 1000, n))
        cost = problem.cost_matrix(some, opened)
        near = cost.min(axis=1) <= problem.reach
        at[some[near]] = opened[cost.argmin(axis=1)[near]]
    return nd.LocationSolution(problem, opened, at)


def _serving(problem: nd.LocationProblem) -> Plain:
    cost, m = _unit_costs(problem), problem.n_sites
    customer, site = np.nonzero(np.isfinite(cost) & problem.usable)
    pairs, center = len(customer), problem.model == "p-center"
    money, x = problem.weights[customer] * cost[customer, site], m + np.arange(pairs)
    model = Plain(
        price=np.r_[problem.fixed_costs * (not center), money * (not center), [1.0] * center],
        most=np.r_[problem.usable, np.ones(pairs), [np.inf] * center].astype(float),
        least=np.r_[problem.forced, np.zeros(pairs + center)].astype(float),
        # Elsewhere x is whole where y is.
        whole=np.r_[np.ones(m), np.full(pairs, problem.model == "single-source"), [0] * center].astype(bool),
        pairs=(customer, site),
    )
    model.add(customer, x, 1.0, np.ones(problem.n_customers), 1.0)
    each = np.arange(pairs)
    model.add(np.r_[each, each], np.r_[x, site], np.r_[np.ones(pairs), -np.ones(pairs)], np.full(pairs, -np.inf), 0.0)
    if center:
        everyone = np.arange(problem.n_customers)
        row, variable = np.r_[customer, everyone], np.r_[x, np.full(len(everyone), m + pairs)]
        model.add(row, variable, np.r_[money, -np.ones(len(everyone))], np.full(len(everyone), -np.inf), 0.0)
    if problem.capacity is not None:
        room = np.minimum(problem.capacity, problem.weights.sum())
        row, variable = np.r_[site, np.arange(m)], np.r_[x, np.arange(m)]
        model.add(row, variable, np.r_[problem.weights[customer], -room], np.full(m, -np.inf), 0.0)
    return model


def _covering(problem: nd.LocationProblem) -> Plain:
    n, m = problem.n_customers, problem.n_sites
    customer, site = np.nonzero((_unit_costs(problem) <= problem.reach) & problem.usable)
    most, everybody = problem.model in MAXIMIZED, problem.model == "set-cover"
    z = 0 if everybody else n
    model = Plain(
        price=np.r_[problem.fixed_costs * (not most), -problem.weights[:z] * most],
        most=np.r_[problem.usable, np.ones(z)].astype(float),
        least=np.r_[problem.forced, np.zeros(z)].astype(float),
        whole=np.ones(m + z, bool),
        pairs=(customer, site),
    )
    if everybody:
        model.add(customer, site, 1.0, np.ones(n), np.inf)
        return model
    times = 2.0 if problem.model == "backup-cover" else 1.0
    covered = m + np.arange(n)
    row, variable = np.r_[customer, np.arange(n)], np.r_[site, covered]
    model.add(row, variable, np.r_[np.ones(len(site)), np.full(n, -times)], np.zeros(n), np.inf)
    if problem.model == "partial-cover":
        assert problem.coverage_share is not None
        model.add(np.zeros(n, int), covered, -problem.weights, -np.inf, -problem.coverage_share * problem.weights.sum())
    return model


def _in_whole_numbers(problem: nd.LocationProblem, plain: Plain) -> tuple[float, np.ndarray, Any, np.ndarray]:
    """What one unit of the objective becomes, prices, rows and their upper ends.

    Rows with other numbers than -1 and 1 have an upper end only: rounded upwards they ask for more, never for less.
    """
    rows, high = plain.matrix(), np.concatenate(plain.high)
    times = np.array(
        [_factor(row, 2.0**30 / np.abs(row).max(initial=1.0)) for row in np.split(rows.data, rows.indptr[1:-1])]
    )
    if problem.model == "p-center":  # the last variable is the largest cost, in the unit of the rows that bound it
        of_it = rows[:, [-1]].toarray().ravel() != 0
        unit = times[of_it] = _factor(rows[of_it].data, 2.0**40 / float(np.abs(rows.data).max()))
        rows.data[rows.indices == len(plain.price) - 1] = -1.0 / unit
        price = plain.price
    else:
        unit = _factor(plain.price, 2.0**40 / max(float(np.abs(plain.price).sum()), 1e-300))
        price = np.rint(plain.price * unit)
    rows.data = np.ceil(rows.data * np.repeat(times, np.diff(rows.indptr)) - 1e-6)
    return unit, price, rows, high * times


def _found(problem: nd.LocationProblem, model: Plain, value: np.ndarray, bound: float | None) -> Found:
    m = problem.n_sites
    opened = np.flatnonzero(value[:m] > 0.5).tolist()
    if problem.model not in WITH_CAPACITY:
        return Found(opened, _finite(bound))
    customer, site = model.pairs
    part = value[m : m + len(customer)]
    used = part > (0.5 if problem.model == "single-source" else 1e-9)
    return Found(opened, _finite(bound), customer[used], site[used], part[used])


def _unit_costs(problem: nd.LocationProblem) -> np.ndarray:
    """Shape (customers, sites): cost of one unit of weight."""
    sites = np.arange(problem.n_sites)
    step = max(1, 4_000_000 // max(problem.n_sites, 1))
    some = [np.arange(k, min(k + step, problem.n_customers)) for k in range(0, problem.n_customers, step)]
    return np.vstack([problem.cost_matrix(customers, sites) for customers in some])


def _sense(problem: nd.LocationProblem) -> int:
    return -1 if problem.model in MAXIMIZED else 1


def _finite(bound: float | None) -> float | None:
    return bound if bound is not None and math.isfinite(bound) else None


def _factor(values: np.ndarray, otherwise: float) -> float:
    """1 where the values are whole numbers."""
    return 1.0 if bool((values == np.rint(values)).all()) and np.abs(values).sum() < 2.0**50 else otherwise


def _whole(value: float) -> int:
    """Infinity as CP-SAT's largest number."""
    return math.floor(value + 1e-6) if math.isfinite(value) else int(math.copysign(2**62, value))


def _refuse_unless(can: bool, what: str) -> None:
    if not can:
        raise NotImplementedError(what)
