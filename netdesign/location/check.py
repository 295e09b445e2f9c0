"""The independent judge of a solution: problem, solution and NumPy, never the solver.

Slow and obvious on purpose. Every solution that leaves the program has passed it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from netdesign.errors import CheckError
from netdesign.location.models import LEAST_COVERING, MOST_COVERED
from netdesign.location.problem import LocationProblem
from netdesign.location.solution import LocationSolution

TOLERANCE = 1e-6
"""Relative: what flows may miss of a weight, or exceed of a capacity."""


def check(problem: LocationProblem, solution: LocationSolution) -> float:
    """Recompute the objective of a solution after making sure that it keeps every rule.

    Parameters
    ----------
    problem, solution
        The problem and a solution for it.

    Returns
    -------
    float
        The objective as :class:`LocationProblem` defines it for the model, in the user's units.

    Raises
    ------
    CheckError
        If a site is open that must not be or closed that must be open, their number is wrong, or a customer is
        served by a site that is closed or cannot serve it, flows do not add up to its weight, or a site serves more
        than its capacity; the message names the culprit.
    """
    _check_sites(problem, solution.open)
    alone = {"p-dispersion": _least_distance, "max-capture": _captured}
    if problem.model in alone:
        return alone[problem.model](problem, solution)
    assigned = solution.assignment
    if assigned.shape != (problem.n_customers,):
        raise CheckError(f"{len(assigned)} assignments for {problem.n_customers} customers")
    served = assigned >= 0
    if problem.model not in ("partial-cover", *MOST_COVERED) and problem.revenue is None:
        for i in np.flatnonzero(~served):
            raise CheckError(f"customer {problem.customers[i]!r} is served by nobody")
    for i in np.flatnonzero(served & ~np.isin(assigned, solution.open)):
        raise CheckError(f"customer {problem.customers[i]!r} is served by site index {assigned[i]}, which is not open")
    _check_limits(problem, np.flatnonzero(served), assigned[served])
    unit = problem.cost(np.flatnonzero(served), assigned[served])
    for i in np.flatnonzero(served)[~(np.isfinite(unit) & (unit <= problem.reach))]:
        raise CheckError(f"customer {problem.customers[i]!r} cannot be served by site {problem.sites[assigned[i]]!r}")
    if problem.coverage_radius is not None:
        return _check_cover(problem, solution.open, served, unit)
    if problem.model == "p-center":
        return float((problem.weights * unit).max())
    _check_throughput(problem, solution)
    fixed = float(problem.fixed_costs[solution.open].sum())
    if problem.capacity is not None:
        return fixed + _check_flows(problem, solution)
    lost = 0.0 if problem.revenue is None else float((problem.weights * problem.revenue)[~served].sum())
    return fixed + lost + float((problem.weights[served] * unit).sum())


def _check_limits(problem: LocationProblem, customers: NDArray[Any], sites: NDArray[Any]) -> None:
    """Nobody is served from beyond its radius, or by a site that must not."""
    if problem.service_radius is not None:
        cost, radius = problem.costs.cost(customers, sites), np.asarray(problem.service_radius)
        for k in np.flatnonzero(cost > radius[customers] * (1 + TOLERANCE)):
            i, j = customers[k], sites[k]
            raise CheckError(f"site {problem.sites[j]!r} is beyond the radius of customer {problem.customers[i]!r}")
    banned = set(map(tuple, np.asarray(problem.forbidden).tolist())) if problem.forbidden is not None else set()
    for i, j in zip(customers.tolist(), sites.tolist(), strict=True) if banned else ():
        if (i, j) in banned:
            raise CheckError(f"site {problem.sites[j]!r} must not serve customer {problem.customers[i]!r}")


def _check_cover(
    problem: LocationProblem, opened: NDArray[np.int32], served: NDArray[np.bool_], unit: NDArray[np.float64]
) -> float:
    """The objective of the models of covering, given who is served at what cost."""
    if problem.model in LEAST_COVERING:
        _check_share(problem, served)
        return float(problem.fixed_costs[opened].sum())
    if problem.model == "backup-cover":
        return float(problem.weights[_covered_twice(problem, opened)].sum())
    return float((problem.weights[served] * problem.coverage(unit)).sum())


def _least_distance(problem: LocationProblem, solution: LocationSolution) -> float:
    """The least cost between two open sites."""
    if (solution.assignment >= 0).any():
        raise CheckError("a customer is assigned, but a p-dispersion serves nobody")
    opened = solution.open
    between = problem.site_distances()[np.ix_(opened, opened)]
    return float(between[np.triu_indices(len(opened), 1)].min(initial=np.inf)) if len(opened) > 1 else 0.0


def _captured(problem: LocationProblem, solution: LocationSolution) -> float:
    """The weight captured, after making sure that the flows say the same of every open site and customer."""
    n, everyone = problem.n_customers, np.arange(problem.n_customers)
    ours = {j: _utility(problem, j) for j in solution.open.tolist()}
    theirs = {j: _utility(problem, j) for j in problem.competitors.tolist()}
    outside = np.full(n, -np.inf) if problem.outside is None else _logarithm(problem.outside)
    most = np.max([outside, *ours.values(), *theirs.values()], axis=0)

    def attracted(utility: NDArray[np.float64], j: int) -> NDArray[np.float64]:
        """In units that differ by customer; where a site is at cost 0, only such sites attract."""
        assert problem.attractiveness is not None
        at_once = np.where(utility == np.inf, problem.attractiveness[j], 0.0)
        shift = np.where(np.isfinite(most), most, 0.0)
        return np.where(most == np.inf, at_once, np.exp(np.minimum(utility - shift, 0.0)))

    own = {j: attracted(utility, j) for j, utility in ours.items()}
    whole = sum(own.values()) + sum(attracted(utility, j) for j, utility in theirs.items())
    whole = whole + np.where(most == np.inf, 0.0, np.exp(outside - np.where(np.isfinite(most), most, 0.0)))
    flows, captured = solution.flows, 0.0
    for j, attraction in own.items():
        quantity = problem.weights * attraction / np.where(whole > 0, whole, 1.0)
        told = np.zeros(n)
        at = flows.site == j
        np.add.at(told, flows.customer[at], flows.quantity[at])
        for i in everyone[np.abs(told - quantity) > TOLERANCE * np.maximum(problem.weights, 1.0)]:
            both = f"site {problem.sites[j]!r} captures {quantity[i]:g} of customer {problem.customers[i]!r}"
            raise CheckError(f"{both}, not {told[i]:g}")
        captured += float(quantity.sum())
    for j in np.setdiff1d(flows.site, solution.open):
        raise CheckError(f"site index {j} captures, but is not open")
    return captured


def _utility(problem: LocationProblem, j: int) -> NDArray[np.float64]:
    """The logarithm of what a site attracts of every customer; inf at cost 0 by Huff's law."""
    assert problem.attractiveness is not None
    assert problem.decay is not None
    n = problem.n_customers
    cost = problem.cost(np.arange(n), np.full(n, j))
    if problem.attraction == "logit":
        return np.asarray(np.log(problem.attractiveness[j]) - problem.decay * cost)
    return np.asarray(np.log(problem.attractiveness[j]) - problem.decay * _logarithm(cost))


def _logarithm(values: NDArray[np.float64]) -> NDArray[np.float64]:
    with np.errstate(divide="ignore"):
        return np.log(values)


def _check_share(problem: LocationProblem, served: NDArray[np.bool_]) -> None:
    whole, got = float(problem.weights.sum()), float(problem.weights[served].sum())
    share = 1.0 if problem.coverage_share is None else problem.coverage_share
    if got < share * whole * (1 - 1e-9):
        raise CheckError(f"{got:g} of {whole:g} are covered; expected a share of {share:g}")


def _covered_twice(problem: LocationProblem, opened: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Shape (customers,): who has two open sites within the radius."""
    count = np.zeros(problem.n_customers, np.int64)
    for j in opened:
        count += problem.cost(np.arange(problem.n_customers), np.full(problem.n_customers, j)) <= problem.reach
    return np.asarray(count >= 2)


def _check_flows(problem: LocationProblem, solution: LocationSolution) -> float:
    """The cost of the flows, after making sure that they add up, and fit."""
    flows, n, m = solution.flows, problem.n_customers, problem.n_sites
    count = np.bincount(flows.customer, minlength=n)
    if problem.model == "single-source" and (count > 1).any():
        most = np.argmax(count)
        raise CheckError(f"{count[most]} flows for customer {problem.customers[most]!r}, who has one site")
    if not (flows.quantity >= 0).all():
        raise CheckError("a flow that is negative")
    for j in np.setdiff1d(flows.site, solution.open):
        raise CheckError(f"site index {j} serves, but is not open")
    got = np.bincount(flows.customer, weights=flows.quantity, minlength=n)
    missing, tolerance = problem.weights - got, TOLERANCE * np.maximum(problem.weights, 1.0)
    # At will means in part where a customer may have several sites, else whole or not at all.
    must = np.full(n, problem.revenue is None) | ((problem.model == "single-source") & (count > 0))
    for i in np.flatnonzero((missing < -tolerance) | (must & (missing > tolerance))):
        raise CheckError(f"customer {problem.customers[i]!r} gets {got[i]:g} of {problem.weights[i]:g}")
    assert problem.capacity is not None
    load = np.bincount(flows.site, weights=flows.quantity, minlength=m)
    for j in np.flatnonzero(load > problem.capacity + TOLERANCE * np.maximum(problem.capacity, 1.0)):
        raise CheckError(f"site {problem.sites[j]!r} serves {load[j]:g}; its capacity is {problem.capacity[j]:g}")
    _check_limits(problem, flows.customer, flows.site)
    unit = problem.cost(flows.customer, flows.site)
    for k in np.flatnonzero(~np.isfinite(unit)):
        i, j = flows.customer[k], flows.site[k]
        raise CheckError(f"customer {problem.customers[i]!r} cannot be served by site {problem.sites[j]!r}")
    lost = 0.0 if problem.revenue is None else float((np.maximum(missing, 0.0) * problem.revenue).sum())
    return lost + float((flows.quantity * unit).sum())


def _check_throughput(problem: LocationProblem, solution: LocationSolution) -> None:
    if problem.min_throughput is None:
        return
    load = np.bincount(solution.flows.site, weights=solution.flows.quantity, minlength=problem.n_sites)
    for j in solution.open:
        least = float(problem.min_throughput[j])
        if load[j] < least - TOLERANCE * max(least, 1.0):
            raise CheckError(f"site {problem.sites[j]!r} serves {load[j]:g}; it has to serve {least:g} at least")


def _check_sites(problem: LocationProblem, opened: np.ndarray) -> None:
    if len(opened) and (opened.min() < 0 or opened.max() >= problem.n_sites):
        raise CheckError("an open site that does not exist")
    if (np.diff(opened) <= 0).any():
        raise CheckError("open sites are not ascending and unique")
    for j in np.setdiff1d(opened, np.flatnonzero(problem.usable)):
        raise CheckError(f"site {problem.sites[j]!r} is open; its status is {np.asarray(problem.status)[j]}")
    for j in np.setdiff1d(np.flatnonzero(problem.forced), opened):
        raise CheckError(f"site {problem.sites[j]!r} is not open; its status is open")
    _check_number(problem, opened)
    count = np.bincount(problem.groups[opened], minlength=1)
    for j in opened[count[problem.groups[opened]] > 1]:
        raise CheckError(f"site {problem.sites[j]!r} is not the only one open at its place")
    for one, other in [] if problem.incompatible is None else problem.incompatible:
        if one in opened and other in opened:
            raise CheckError(
                f"sites {problem.sites[one]!r} and {problem.sites[other]!r} are open, but exclude each other"
            )
    spent = float(problem.fixed_costs[opened].sum())
    if problem.budget is not None and spent > problem.budget * (1 + TOLERANCE):
        raise CheckError(f"open sites cost {spent:g}; the budget is {problem.budget:g}")


def _check_number(problem: LocationProblem, opened: np.ndarray) -> None:
    if problem.p is not None and len(opened) != problem.p:
        raise CheckError(f"{len(opened)} open sites; expected {problem.p}")
    if problem.min_sites is not None and len(opened) < problem.min_sites:
        raise CheckError(f"{len(opened)} open sites; expected at least {problem.min_sites}")
    if problem.max_sites is not None and len(opened) > problem.max_sites:
        raise CheckError(f"{len(opened)} open sites; expected at most {problem.max_sites}")
