"""What tangents prove about a maximum capture, from problem, tangents and NumPy alone.

A customer whose own open sites attract A, in units of all others, gives them the share ``h(A) = A / (1 + A)``. h is
concave: where a tangent touches it at the share s, no choice of sites captures more of the customer than ``s^2`` and,
for every site that alone captures a share a, ``a / (1 - a) * (1 - s)^2`` where a is at most s, ``a - s^2`` where it
is more (:mod:`netdesign.location.market` has the reasons). Summed up, these count every site once, and the best p of
them bound every choice, wherever the tangents touch.
"""

from __future__ import annotations

import math

import numpy as np

from netdesign.location.costs import Floats, Indices, blocks
from netdesign.location.problem import LocationProblem

SURE = 1e-12
"""Relative: what logarithms and exponentials may be wrong by."""


def prove_capture(problem: LocationProblem, touching: Floats) -> float:
    """The most that p sites can capture by the tangents that touch at some shares.

    O(customers x sites) time, O(customers + sites) memory.

    Parameters
    ----------
    problem
        Of the model max-capture.
    touching
        Shape (customers,): a share of each, in [0, 1].
    """
    assert problem.p is not None
    sites = np.flatnonzero(problem.usable)
    at = np.clip(touching, 0.0, 1.0)[:, None]
    worth = np.zeros(len(sites))
    for some in blocks(problem.n_customers, len(sites) + len(problem.competitors) + 1):
        share, s = _alone(problem, some, sites), at[some]
        with np.errstate(divide="ignore", invalid="ignore"):
            below = share / (1.0 - share) * (1.0 - s) ** 2
        worth += problem.weights[some] @ np.where(share < s, below, share - s * s)
    forced = problem.forced[sites]
    free = np.sort(worth[~forced])[::-1][: max(0, problem.p - int(forced.sum()))]
    whole = math.fsum([*(problem.weights * at[:, 0] ** 2), *worth[forced], *free])
    return whole * (1.0 + SURE + (problem.n_customers + len(sites)) * float(np.finfo(float).eps))


def _alone(problem: LocationProblem, customers: Indices, sites: Indices) -> Floats:
    """Shape (customers, sites): the share that each site captures if no other one of its owner is open."""
    pull, others = _pull(problem, customers, sites), _pull(problem, customers, problem.competitors)
    outside = np.zeros(len(customers)) if problem.outside is None else problem.outside[customers]
    with np.errstate(divide="ignore", invalid="ignore"):
        others = np.column_stack([others, np.log(outside)])
        at_once = np.asarray(np.isposinf(others)).any(axis=1, keepdims=True)  # at a competitor's door
        pull = np.where(at_once, np.where(np.isposinf(pull), _weight(problem, sites), -np.inf), pull)
        rival = np.append(_weight(problem, problem.competitors), 0.0)
        others = np.where(at_once, np.where(np.isposinf(others), rival, -np.inf), others)
        rest = np.logaddexp.reduce(others, axis=1)[:, None]
        ahead = np.where(np.isneginf(pull), -np.inf, pull - rest)  # nothing attracts nobody
        return np.asarray(1.0 / (1.0 + np.exp(-ahead)))


def _pull(problem: LocationProblem, customers: Indices, sites: Indices) -> Floats:
    """Shape (customers, sites): the logarithm of what attracts."""
    assert problem.decay is not None
    cost = problem.cost_matrix(customers, sites)
    with np.errstate(divide="ignore"):
        return _weight(problem, sites) - problem.decay * (np.log(cost) if problem.attraction == "huff" else cost)


def _weight(problem: LocationProblem, sites: Indices) -> Floats:
    assert problem.attractiveness is not None
    return np.asarray(np.log(problem.attractiveness[sites]))
