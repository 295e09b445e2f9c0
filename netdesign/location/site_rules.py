"""Rules about which sites are open together, as rows of an integer program and for a choice of sites."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netdesign.location.costs import Floats
from netdesign.location.problem import LocationProblem


@dataclass(frozen=True, eq=False)
class SiteRows:
    """``lower <= rows @ y <= upper`` where y says which sites are open."""

    rows: Any
    """A sparse matrix of SciPy of shape (rules, columns of the program)."""
    lower: Floats
    upper: Floats


def site_rows(problem: LocationProblem, sites: NDArray[np.intp], width: int) -> SiteRows:
    """The rules over some sites, which are the first columns of a program of that width; the others stay closed."""
    from scipy.sparse import coo_array

    m = len(sites)
    groups = problem.groups[sites]
    rivals = np.flatnonzero(np.bincount(groups)[groups] > 1)
    names, name = np.unique(groups[rivals], return_inverse=True)
    fewest, most = problem.site_limits
    row = np.r_[np.zeros(m, np.int64), 1 + name]
    column = np.r_[np.arange(m), rivals]
    lower, upper = np.full(1 + len(names), -np.inf), np.ones(1 + len(names))
    lower[0], upper[0] = fewest, most
    rows = coo_array((np.ones(len(row)), (row, column)), shape=(len(lower), width))
    return SiteRows(rows, lower, upper)


def keeps_site_rules(problem: LocationProblem, opened: NDArray[Any]) -> bool:
    """Whether these sites may be the open ones."""
    fewest, most = problem.site_limits
    return fewest <= len(opened) <= most and len(np.unique(problem.groups[opened])) == len(opened)
