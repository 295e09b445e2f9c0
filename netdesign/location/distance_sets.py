"""Sets of near sites that prove how far apart p of them can be, by linear programs over greedy cliques."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from netdesign.location.costs import Floats
from netdesign.location.program import Program, solve_program

Sites = NDArray[np.int64]
NearSets = tuple[tuple[float, tuple[int, ...]], ...]
"""Weights and sites."""


def distance_sets(apart: Floats, p: int, bound: float, seconds_left: Callable[[], float]) -> NearSets:
    """Weighted sets of sites as near each other as can be that rule out p sites farther apart; empty where time was up.

    Distances are tried in growing steps from the bound up, then between the last two.

    Parameters
    ----------
    apart
        Shape (sites, sites): distances.
    p
        How many open, at least 2.
    bound
        Known to be possible at best.
    seconds_left
        When to give up.
    """
    best: NearSets = ()
    beyond = np.unique(apart[np.triu_indices(len(apart), 1)])
    beyond = np.append(beyond[beyond > bound], np.inf)
    low, high, step = -1, len(beyond), 1  # that at high is ruled out, that at low is not known to be
    while high - low > 1 and seconds_left() > 0.05:
        at = (low + high) // 2 if best else min(len(beyond) - 1, low + step)
        found = _weighted(cliques(apart < beyond[at]), len(apart), p, seconds_left())
        if found:
            best, high = found, at
        else:
            low, step = at, 2 * step
    return best


def _weighted(sets: list[Sites], m: int, p: int, seconds: float) -> NearSets:
    """Weights that sum to less than p, and to 1 at least where a site lies; empty where there are none."""
    from scipy.sparse import csr_array

    alone = np.setdiff1d(np.arange(m), np.concatenate(sets)) if sets else np.arange(m)
    sets = [*sets, *(np.array([j]) for j in alone)]
    at = np.repeat(np.arange(len(sets)), [len(one) for one in sets])
    program = Program(
        cost=np.ones(len(sets)),
        lower=np.zeros(len(sets)),
        upper=np.ones(len(sets)),
        integer=np.zeros(len(sets), np.bool_),
        rows=csr_array((np.ones(len(at)), (np.concatenate(sets), at)), shape=(m, len(sets))),
        row_lower=np.ones(m),
        row_upper=np.full(m, np.inf),
    )
    weight = solve_program(program, seconds=seconds).values
    if weight is None or weight.sum() >= p * (1 - 1e-6):
        return ()
    return tuple((float(weight[k]), tuple(sets[k].tolist())) for k in np.flatnonzero(weight > 1e-9))


def cliques(near: NDArray[np.bool_]) -> list[Sites]:
    """Sets of nodes that are all near each other, such that every two near nodes are in one of them; greedy."""
    near = near.copy()
    np.fill_diagonal(near, False)
    left = np.triu(near)
    rows = []
    for i in range(len(near)):
        for j in np.flatnonzero(left[i]):
            if not left[i, j]:
                continue
            row, common = [i, int(j)], near[i] & near[j]
            while common.any():
                k = int(np.where(common, left[row].sum(axis=0) + left[:, row].sum(axis=1), -1).argmax())
                row.append(k)
                common &= near[k]
            rows.append(np.array(row, np.int64))
            left[np.ix_(row, row)] = False
    return rows
