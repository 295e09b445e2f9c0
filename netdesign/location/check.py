"""The independent judge of a solution: problem, solution and NumPy, never the solver.

Slow and obvious on purpose. Every solution that leaves the program has passed it.
"""

from __future__ import annotations

import numpy as np

from netdesign.errors import CheckError
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
    assigned = solution.assignment
    if assigned.shape != (problem.n_customers,):
        raise CheckError(f"{len(assigned)} assignments for {problem.n_customers} customers")
    served = assigned >= 0
    if problem.model != "max-cover":
        for i in np.flatnonzero(~served):
            raise CheckError(f"customer {problem.customers[i]!r} is served by nobody")
    for i in np.flatnonzero(served & ~np.isin(assigned, solution.open)):
        raise CheckError(f"customer {problem.customers[i]!r} is served by site index {assigned[i]}, which is not open")
    unit = problem.cost(np.flatnonzero(served), assigned[served])
    limit = np.inf if problem.coverage_radius is None else problem.coverage_radius
    for i in np.flatnonzero(served)[~(np.isfinite(unit) & (unit <= limit))]:
        raise CheckError(f"customer {problem.customers[i]!r} cannot be served by site {problem.sites[assigned[i]]!r}")
    fixed = float(problem.fixed_costs[solution.open].sum())
    if problem.capacity is not None:
        return fixed + _check_flows(problem, solution)
    if problem.model == "set-cover":
        return fixed
    if problem.model == "max-cover":
        return float(problem.weights[served].sum())
    if problem.model == "p-center":
        return float((problem.weights * unit).max())
    return float((problem.weights * unit).sum() + fixed)


def _check_flows(problem: LocationProblem, solution: LocationSolution) -> float:
    """The cost of the flows, after making sure that they add up, and fit."""
    flows, n, m = solution.flows, problem.n_customers, problem.n_sites
    if problem.model == "single-source" and len(flows.customer) != n:
        raise CheckError(f"{len(flows.customer)} flows for {n} customers with one site each")
    if not (flows.quantity >= 0).all():
        raise CheckError("a flow that is negative")
    for j in np.setdiff1d(flows.site, solution.open):
        raise CheckError(f"site index {j} serves, but is not open")
    got = np.bincount(flows.customer, weights=flows.quantity, minlength=n)
    for i in np.flatnonzero(np.abs(got - problem.weights) > TOLERANCE * np.maximum(problem.weights, 1.0)):
        raise CheckError(f"customer {problem.customers[i]!r} gets {got[i]:g} of {problem.weights[i]:g}")
    assert problem.capacity is not None
    load = np.bincount(flows.site, weights=flows.quantity, minlength=m)
    for j in np.flatnonzero(load > problem.capacity + TOLERANCE * np.maximum(problem.capacity, 1.0)):
        raise CheckError(f"site {problem.sites[j]!r} serves {load[j]:g}; its capacity is {problem.capacity[j]:g}")
    unit = problem.cost(flows.customer, flows.site)
    for k in np.flatnonzero(~np.isfinite(unit)):
        i, j = flows.customer[k], flows.site[k]
        raise CheckError(f"customer {problem.customers[i]!r} cannot be served by site {problem.sites[j]!r}")
    return float((flows.quantity * unit).sum())


def _check_sites(problem: LocationProblem, opened: np.ndarray) -> None:
    if len(opened) and (opened.min() < 0 or opened.max() >= problem.n_sites):
        raise CheckError("an open site that does not exist")
    if (np.diff(opened) <= 0).any():
        raise CheckError("open sites are not ascending and unique")
    for j in np.setdiff1d(opened, np.flatnonzero(problem.usable)):
        raise CheckError(f"site {problem.sites[j]!r} is open; its status is closed")
    for j in np.setdiff1d(np.flatnonzero(problem.forced), opened):
        raise CheckError(f"site {problem.sites[j]!r} is not open; its status is open")
    if problem.p is not None and len(opened) != problem.p:
        raise CheckError(f"{len(opened)} open sites; expected {problem.p}")
