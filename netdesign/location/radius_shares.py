"""Shares of the customers of a p-center that prove a radius, by linear programs over few customers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from netdesign.location.costs import Floats
from netdesign.location.program import Program, solve_program


def radius_shares(
    cost: Floats, forced: NDArray[np.bool_], free: int, bound: float, seconds_left: Callable[[], float]
) -> Floats:
    """Shape (customers,): shares that rule out as large a radius below the bound as can be; 0 where none was found.

    Radii are tried in growing steps from the bound down, then between the last two.

    Parameters
    ----------
    cost
        Shape (customers, sites): weight times cost.
    forced
        Shape (sites,): which are open whatever happens.
    free
        How many others open.
    bound
        Known to be possible at best.
    seconds_left
        When to give up.
    """
    best = np.zeros(len(cost))
    radii = np.unique(cost[cost < bound])
    low, high, step, found = -1, len(radii), 1, False  # the radius at low is ruled out, that at high is not known to be
    while high - low > 1 and seconds_left() > 0.05:
        at = (low + high) // 2 if found else max(0, high - step)
        share = _packing(cost <= radii[at], forced, free, seconds_left())
        if share is None:
            high, step = at, 2 * step
        else:
            best, low, found = share, at, True
    return best


def _packing(reached: NDArray[np.bool_], forced: NDArray[np.bool_], free: int, seconds: float) -> Floats | None:
    """Shares, more than `free` in all, of which no site but a forced one reaches over 1; None if there are none."""
    from scipy.sparse import csr_array

    share = np.zeros(len(reached))
    asked = np.flatnonzero(~reached[:, forced].any(axis=1))
    if not len(asked):
        return None
    _, first = np.unique(np.packbits(reached[asked], axis=0), axis=1, return_index=True)
    rows = csr_array(reached[np.ix_(asked, first)].T.astype(np.float64))
    count = len(asked)
    answer = solve_program(
        Program(
            cost=np.full(count, -1.0),
            lower=np.zeros(count),
            upper=np.full(count, free + 1.0),
            integer=np.zeros(count, np.bool_),
            rows=rows,
            row_lower=np.full(len(first), -np.inf),
            row_upper=np.ones(len(first)),
        ),
        seconds=seconds,
    )
    if answer.values is None or answer.values.sum() <= free * (1 + 1e-6) + 1e-6:
        return None
    share[asked] = np.clip(answer.values, 0.0, None)
    return share
