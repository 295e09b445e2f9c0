"""What sets of near sites prove about a p-dispersion, from problem, sets and NumPy alone.

Sets of sites have weights such that every site lies in sets that weigh at least 1 together. Where no set holds two of p
open sites, all sets together weigh at least p. If they weigh less, some set holds two, which are no farther apart than
any two sites of a set are. Whatever the sets are, the bound holds.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from netdesign.location.problem import LocationProblem

SURE = 1e-9
"""Relative: by how much the sets have to weigh too little."""


def prove_distance(problem: LocationProblem, near_sets: Sequence[tuple[float, Sequence[int]]]) -> float:
    """How far apart p sites can be at most by these sets; infinite where they say nothing. O(sites^2)."""
    assert problem.p is not None
    if problem.p == 1:
        return 0.0
    covered = np.zeros(problem.n_sites)
    for weight, sites in near_sets:
        covered[np.unique(np.array(sites, np.int64))] += weight
    least = float(covered[problem.usable].min())
    if not math.fsum(weight for weight, _ in near_sets) < problem.p * least * (1.0 - SURE):
        return math.inf
    apart = problem.site_distances()
    used = [np.array(sites, np.int64) for weight, sites in near_sets if weight > 0]
    return max(float(apart[np.ix_(sites, sites)].max(initial=0.0)) for sites in used)
