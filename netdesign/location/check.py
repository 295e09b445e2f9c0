"""The independent judge of a solution: problem, solution and NumPy, never the solver.

Slow and obvious on purpose. Every solution that leaves the program has passed it.
"""

from __future__ import annotations

import numpy as np

from netdesign.errors import CheckError
from netdesign.location.problem import LocationProblem
from netdesign.location.solution import LocationSolution


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
        served by a site that is closed or cannot serve it; the message names the culprit.
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
    if problem.model == "set-cover":
        return fixed
    if problem.model == "max-cover":
        return float(problem.weights[served].sum())
    if problem.model == "p-center":
        return float((problem.weights * unit).max())
    return float((problem.weights * unit).sum() + fixed)


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
