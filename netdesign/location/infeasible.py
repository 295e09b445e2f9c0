"""Why a location problem has no solution, in words, and the least that would have to change."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netdesign.location.costs import Floats, Indices, PlanarCosts, SparseCosts, SphereCosts, blocks, places
from netdesign.location.cover import Cover, pairs_within
from netdesign.location.models import MAXIMIZED
from netdesign.location.problem import LocationProblem
from netdesign.location.program import Program, solve_program
from netdesign.location.site_rules import TOLERANCE
from netdesign.location.solution import LocationSolution
from netdesign.result import Result, Unserved

Locator = Callable[[LocationProblem, float], Result[LocationSolution]]
"""Solves a problem within so many seconds."""
FACTOR_PAIRS = 4_000_000
"""Pairs of customer and site up to which the least change is looked for."""


@dataclass(frozen=True)
class Refusal:
    """That there is no solution.

    Attributes
    ----------
    detail
        Why, in a sentence.
    unserved
        The customers that cannot be served.
    relaxation
        As a result has it.
    """

    detail: str
    unserved: tuple[Unserved, ...] = ()
    relaxation: Mapping[str, float] = field(default_factory=dict)

    @property
    def fields(self) -> dict[str, Any]:
        """What goes into a result beside the detail."""
        return {"unserved": self.unserved, "relaxation": self.relaxation}


def refusal(problem: LocationProblem, cover: Cover | None, seconds: float) -> Refusal | None:
    """Why there can be no solution, as far as can be seen without a search; None where nothing speaks against one.

    The least change is looked for as long as `seconds`.
    """
    must = problem.revenue is None
    if problem.model not in ("partial-cover", *MAXIMIZED) and must:
        able = _servable(problem) if cover is None else cover.coverable
        if not able.all():
            return _out_of_reach(problem, np.flatnonzero(~able))
    if must and problem.capacity is not None and (beyond := _beyond_capacity(problem, problem.capacity, seconds)):
        return beyond
    return _wrong_number(problem) or _beyond_budget(problem) or _too_little_to_do(problem)


def _wrong_number(problem: LocationProblem) -> Refusal | None:
    """More sites than there are, or fewer than are forced open."""
    usable, forced = len(np.unique(problem.groups[problem.usable])), int(problem.forced.sum())
    fewest, most = problem.site_limits
    lower, upper = ("p", "p") if problem.p is not None else ("min_sites", "max_sites")
    if not usable and fewest == 1:
        return Refusal("every site is closed")
    if fewest > usable:
        detail = f"{lower} is {fewest}, but only {usable} of {problem.n_sites} sites may be open"
        return Refusal(detail, relaxation={lower: usable} if usable else {})
    if most < forced:
        return Refusal(f"{upper} is {most}, but {forced} sites are forced open", relaxation={upper: forced})
    return None


def _beyond_budget(problem: LocationProblem) -> Refusal | None:
    """As many sites as have to be open, those that are forced among them, cost too much."""
    if problem.budget is None:
        return None
    spent = _at_least_open(problem, problem.fixed_costs)
    if spent <= problem.budget * (1 + TOLERANCE):
        return None
    detail = f"sites cost {spent:g} at least; the budget is {problem.budget:g}"
    return Refusal(detail, relaxation={"budget": spent})


def _too_little_to_do(problem: LocationProblem) -> Refusal | None:
    """As many sites as have to be open have to serve more than there is."""
    if problem.min_throughput is None:
        return None
    needed, asked = _at_least_open(problem, problem.min_throughput), float(problem.weights.sum())
    if needed <= asked * (1 + TOLERANCE):
        return None
    detail = f"open sites have to serve {needed:g} at least; customers ask for {asked:g} in all"
    return Refusal(detail, relaxation={"min_throughput": asked / needed})


def _at_least_open(problem: LocationProblem, amount: Floats) -> float:
    """The least sum over as many sites as have to be open, those that are forced among them."""
    others = np.sort(amount[problem.usable & ~problem.forced])
    count = max(problem.site_limits[0] - int(problem.forced.sum()), 0)
    return float(amount[problem.forced].sum() + others[:count].sum())


def nearest_usable(problem: LocationProblem, customers: Indices) -> Floats:
    """Shape (customers given,): the least cost of a usable site that is not forbidden, however far; inf without one."""
    sites, costs = np.flatnonzero(problem.usable), problem.costs
    least = np.full(len(customers), np.inf)
    if not len(sites):
        return least
    if isinstance(costs, SparseCosts):
        owner = np.repeat(np.arange(costs.n_customers), np.diff(costs.offsets))
        kept = problem.usable[costs.sites] & ~problem.limits.forbids(owner, costs.sites)
        everybody = np.full(costs.n_customers, np.inf)
        np.minimum.at(everybody, owner[kept], costs.cost_values[kept])
        return everybody[customers]
    slow = np.ones(len(customers), np.bool_)
    if isinstance(costs, (PlanarCosts, SphereCosts)):
        slow = np.isin(customers, np.asarray(problem.forbidden)[:, 0]) if len(problem.limits.sites) else ~slow
        fast = np.flatnonzero(~slow)
        least[fast] = _nearest_points(costs, customers[fast], sites)
    rest = np.flatnonzero(slow)
    for some in blocks(len(rest), len(sites)):
        pairs = np.repeat(customers[rest[some]], len(sites)), np.tile(sites, len(some))
        unit = np.where(problem.limits.forbids(*pairs), np.inf, costs.cost(*pairs))
        least[rest[some]] = unit.reshape(len(some), len(sites)).min(axis=1)
    return least


def _nearest_points(costs: PlanarCosts | SphereCosts, customers: Indices, sites: Indices) -> Floats:
    from scipy.spatial import KDTree

    here, there = places(costs)
    _, at = KDTree(there[sites]).query(here[customers])
    return costs.cost(customers, sites[at])


def _servable(problem: LocationProblem) -> NDArray[np.bool_]:
    """Shape (customers,): whether at least one usable site can serve or cover the customer."""
    if not problem.limits and problem.coverage_radius is None:
        return problem.costs.servable(problem.usable)
    least = nearest_usable(problem, np.arange(problem.n_customers))
    reach = problem.limits.reach if len(problem.limits.reach) else problem.reach
    return np.asarray(np.isfinite(least) & (least <= reach))


def _out_of_reach(problem: LocationProblem, lost: NDArray[np.intp]) -> Refusal:
    """Customers that no site can serve, and the smallest radius with which one could."""
    nearest = nearest_usable(problem, lost)
    unserved = []
    for i, least in zip(lost.tolist(), nearest.tolist(), strict=True):
        radius = problem.coverage_radius
        if radius is None and isinstance(problem.service_radius, np.ndarray):
            radius = float(problem.service_radius[i])
        helps = least if radius is not None and math.isfinite(least) else None
        unserved.append(Unserved(problem.customers[i], (_reason(problem, radius, least),), helps))
    head = unserved[0]
    detail = f"{len(unserved)} customer(s) cannot be served; the first is {head.customer!r}: {head.reasons[0]}"
    name = "coverage_radius" if problem.coverage_radius is not None else "service_radius"
    helpful = all(u.radius is not None for u in unserved)
    return Refusal(detail, tuple(unserved), {name: float(nearest.max())} if helpful else {})


def _reason(problem: LocationProblem, radius: float | None, nearest: float) -> str:
    if not problem.usable.any():
        return "every site is closed"
    if radius is None or (math.isinf(nearest) and math.isinf(radius)):
        return "no open or candidate site can serve it"
    reason = f"no open or candidate site is within {radius:g} of it"
    return f"{reason}; the nearest is at {nearest:g}" if math.isfinite(nearest) else reason


def _beyond_capacity(problem: LocationProblem, capacity: Floats, seconds: float) -> Refusal | None:
    largest = np.zeros(problem.n_sites)  # by place
    np.maximum.at(largest, problem.groups[problem.usable], capacity[problem.usable])
    room, asked = float(largest.sum()), float(problem.weights.sum())
    if room < asked * (1 - 1e-9):
        detail = f"customers ask for {asked:g} in all; the sites that may be open can serve {room:g}"
        return _with_factor(problem, seconds, detail)
    most = float(capacity[problem.usable].max(initial=0.0))
    big = np.flatnonzero(problem.weights > most * (1 + 1e-9))
    if problem.model != "single-source" or not big.size:
        return None
    reason = f"asks for more than any site can serve, which is {most:g}"
    unserved = tuple(Unserved(problem.customers[i], (reason,)) for i in big)
    detail = f"{big.size} customer(s) cannot be served; the first is {unserved[0].customer!r}, who {reason}"
    return _with_factor(problem, seconds, detail, unserved)


def _with_factor(problem: LocationProblem, seconds: float, detail: str, unserved: tuple[Unserved, ...] = ()) -> Refusal:
    """Say how much larger all capacities have to be."""
    factor = capacity_factor(problem, seconds)
    if factor is None or factor <= 1:
        return Refusal(detail, unserved)
    return Refusal(f"{detail}; {_times(problem, factor)}", unserved, {"capacity": factor})


def _times(problem: LocationProblem, factor: float) -> str:
    whole = problem.model == "capacitated" and len(np.unique(problem.groups)) == problem.n_sites
    whole = whole and problem.site_limits == (1, problem.n_sites)
    return f"{'' if whole else 'at least '}{factor:g} times the capacities are needed"


def capacity_factor(problem: LocationProblem, seconds: float) -> float | None:
    """No smaller factor on all capacities leaves a solution; None where it is not found in time.

    A linear program: customers may be served in parts, and of a place (or of as many sites as may open) in such parts
    of its sites as add up to one. It is exact where customers may have several sites and places have one.
    """
    from scipy.sparse import coo_array, vstack

    assert problem.capacity is not None
    if problem.n_customers * problem.n_sites > FACTOR_PAIRS:
        return None
    offsets, sites = pairs_within(problem)
    owner = np.repeat(np.arange(problem.n_customers), np.diff(offsets))
    kept = (problem.weights[owner] > 0) & (problem.capacity[sites] > 0)
    owner, sites, room = owner[kept], sites[kept], problem.capacity[sites[kept]]
    asking = np.flatnonzero(problem.weights > 0)
    if not len(asking) or not np.isin(asking, owner).all():
        return None
    count, at = len(owner), np.arange(len(owner))
    served = coo_array((np.ones(count), (np.searchsorted(asking, owner), at)), shape=(len(asking), count + 1))
    names, group = np.unique(problem.groups[sites], return_inverse=True)
    entries = np.r_[1 / room, np.full(len(names), -1.0)]
    last = np.full(len(names), count)
    carried = coo_array(
        (entries, (np.r_[group, np.arange(len(names))], np.r_[at, last])), shape=(len(names), count + 1)
    )
    rows, limits = [served, carried], [np.full(len(names), -np.inf)]
    most = problem.site_limits[1]
    if most < problem.n_sites:
        rows.append(coo_array(np.r_[1 / room, -float(most)][None, :]))
        limits.append(np.full(1, -np.inf))
    program = Program(
        cost=np.r_[np.zeros(count), 1.0],
        lower=np.zeros(count + 1),
        upper=np.full(count + 1, np.inf),
        integer=np.zeros(count + 1, np.bool_),
        rows=vstack(rows),
        row_lower=np.concatenate([problem.weights[asking], *limits]),
        row_upper=np.concatenate([problem.weights[asking], *(np.zeros(len(part)) for part in limits)]),
    )
    answer = solve_program(program, seconds=seconds)
    if answer.status != "optimal":
        return None
    factor = float(answer.bound)
    if problem.model == "single-source":
        largest = np.zeros(problem.n_customers)
        np.maximum.at(largest, owner, room)
        factor = max(factor, float((problem.weights[asking] / largest[asking]).max()))
    return factor


def least_change(problem: LocationProblem, locate: Locator, seconds: float) -> Refusal:
    """What to say where a search has proven that there is no solution.

    Parameters
    ----------
    problem
        The problem.
    locate
        Solves another one within so many seconds.
    seconds
        What is left of the time.
    """
    if problem.revenue is not None or problem.model in MAXIMIZED:  # nobody has to be served
        return Refusal("no choice of sites keeps all rules")
    if problem.model == "partial-cover":
        return _share_out_of_reach(problem)
    most, until = problem.site_limits[1], time.perf_counter() + seconds
    limited = most < problem.n_sites
    detail = f"no choice of {f'{most} sites' if limited or problem.p is not None else 'sites'} serves all customers"
    if problem.budget is not None:
        detail = f"{detail} within the budget of {problem.budget:g}"
    found: dict[str, float] = {}
    helps: list[str] = []
    if limited:
        least, enough = fewest_sites(problem, locate, until - time.perf_counter())
        if least > most:
            found["max_sites" if problem.p is None else "p"] = least
            exact = least == enough and problem.budget is None and problem.min_throughput is None
            helps.append(f"{least:g} do" if exact else f"at least {least:g} are needed")
    if problem.budget is not None:
        least, enough = least_budget(problem, locate, until - time.perf_counter())
        if least > problem.budget * (1 + TOLERANCE):
            found["budget"] = least
            close = enough <= least * (1 + TOLERANCE)
            helps.append(f"{least:g} would do" if close else f"at least {least:g} is needed")
    left = until - time.perf_counter()
    if problem.capacity is not None and left > 0 and (factor := capacity_factor(problem, left)) and factor > 1:
        found["capacity"] = factor
        helps.append(_times(problem, factor))
    return Refusal("; ".join([detail, ", or ".join(helps)] if helps else [detail]), (), found)


def _share_out_of_reach(problem: LocationProblem) -> Refusal:
    offsets, _ = pairs_within(problem)
    share = float(problem.weights[np.diff(offsets) > 0].sum() / problem.weights.sum())
    detail = f"all sites that may be open cover {share:g} of the weight, not {problem.coverage_share:g}"
    return Refusal(detail, relaxation={"coverage_share": share})


def fewest_sites(problem: LocationProblem, locate: Locator, seconds: float) -> tuple[float, float]:
    """So many sites have to be open at least for everybody to be served, whatever they cost, and so many are enough."""
    loose: dict[str, Any] = dict.fromkeys(("p", "min_sites", "max_sites", "budget"))
    if problem.capacity is None:
        loose |= {"model": "set-cover", "coverage_radius": 0.0, "min_throughput": None}
    least, enough = _served_for_nothing(problem, locate, seconds, fixed_cost=np.ones(problem.n_sites), **loose)
    return math.ceil(least - 1e-6), enough


def least_budget(problem: LocationProblem, locate: Locator, seconds: float) -> tuple[float, float]:
    """Sites that serve everybody cost at least so much, and so much is enough."""
    return _served_for_nothing(problem, locate, seconds, budget=None)


def _served_for_nothing(
    problem: LocationProblem, locate: Locator, seconds: float, **changes: Any
) -> tuple[float, float]:
    """Bound and objective where serving costs nothing; 0 and infinity where they are not known."""
    if seconds <= 0 or problem.n_customers * problem.n_sites > FACTOR_PAIRS:
        return 0.0, math.inf
    offsets, sites = pairs_within(problem)
    free = SparseCosts(offsets, sites, np.zeros(len(sites)), problem.n_sites)
    result = locate(problem.replace(costs=free, service_radius=None, forbidden=None, **changes), seconds)
    return result.bound or 0.0, math.inf if result.objective is None else result.objective
