"""The best plan that can be made of known routes: a set partitioning problem, handed to HiGHS."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_TOLERANCE = 1e-6


def recombine(
    costs: NDArray[np.float64],
    types: NDArray[np.int32],
    visits: NDArray[np.int32],
    offsets: NDArray[np.int64],
    seconds: float,
    *,
    n_depots: int,
    n_locations: int,
    counts: Sequence[int],
) -> list[int]:
    """Choose routes that visit every customer once at the least cost.

    Parameters
    ----------
    costs, types
        Shape (routes,): cost and vehicle type of each route.
    visits, offsets
        Route k visits ``visits[offsets[k] : offsets[k + 1]]``.
    seconds
        Time limit of the solver.
    n_depots, n_locations
        Customers are the locations ``n_depots .. n_locations - 1``.
    counts
        Vehicles of each type.

    Returns
    -------
    list[int]
        Rows of the chosen routes; empty where none were found in time.

    References
    ----------
    Foster and Ryan, "An integer programming approach to the vehicle scheduling problem", 1976.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import csc_array, vstack

    routes, customers = len(costs), n_locations - n_depots
    covers = csc_array((np.ones(len(visits)), visits - n_depots, offsets), shape=(customers, routes))
    uses = csc_array((np.ones(routes), (types, np.arange(routes))), shape=(len(counts), routes))
    least = np.r_[np.ones(customers), np.zeros(len(counts))]
    most = np.r_[np.ones(customers), np.asarray(counts, float)]
    answer = milp(
        costs,
        integrality=np.ones(routes),
        bounds=Bounds(0, 1),
        constraints=LinearConstraint(vstack([covers, uses]), least, most),
        options={"time_limit": seconds, "mip_rel_gap": _TOLERANCE},
    )
    return [] if answer.x is None else np.flatnonzero(answer.x > 0.5).tolist()
