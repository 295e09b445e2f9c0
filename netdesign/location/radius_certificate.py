"""What shares of customers prove about a p-center, from problem, shares and NumPy alone.

Every customer is given a share. Where p sites serve everybody within a radius, what the best p of them reach together
is at least the sum of all shares. A radius at which it is less is impossible: the dual of covering by p sites (Elloumi,
Labbé and Pochet, "A new formulation and resolution method for the p-center problem", INFORMS Journal on Computing 16,
2004). Whatever the shares are, the bound holds.
"""

from __future__ import annotations

import math

import numpy as np

from netdesign.location.costs import Floats
from netdesign.location.problem import LocationProblem

MOST_PAIRS = 20_000_000
"""Of customers with a share, largest ones first, and sites; other shares do not count, which bounds all the same."""
SURE = 1e-9
"""Relative: by how much what is reached has to fall short."""


def prove_radius(problem: LocationProblem, share: Floats) -> float:
    """The least radius that the shares do not rule out; minus infinite where they rule out none, infinite where all.

    O(pairs log pairs) for pairs of sites with the customers that have a share, of whom few are enough.
    """
    assert problem.p is not None
    sites = np.flatnonzero(problem.usable)
    asked = np.argsort(-share, kind="stable")[: MOST_PAIRS // max(1, len(sites))]
    asked = asked[share[asked] > 0]
    if not len(asked):
        return -math.inf
    worth, forced = share[asked], problem.forced[sites]
    count = max(0, problem.p - int(forced.sum()))
    unit = problem.cost_matrix(asked, sites)
    with np.errstate(invalid="ignore"):
        cost = np.where(np.isfinite(unit), problem.weights[asked, None] * unit, np.inf)
    needed = math.fsum(worth) * (1.0 - SURE)

    def is_ruled_out(radius: float) -> bool:
        reached = worth @ (cost <= radius)
        free = np.sort(reached[~forced])[::-1][:count]
        return float(reached[forced].sum() + free.sum()) < needed

    radii = np.unique(cost[np.isfinite(cost)])
    low, high = 0, len(radii)  # radii below low are ruled out; the one at high is not
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if is_ruled_out(float(radii[middle])) else (low, middle)
    return float(radii[low]) if low < len(radii) else math.inf
