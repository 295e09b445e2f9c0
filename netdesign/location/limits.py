"""Which pairs of customer and site cannot serve although they have a cost: too far, or forbidden."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from netdesign.location.costs import Floats, Indices

ROUNDING = 1e-9
"""Relative: a site that is farther by no more than this is within a radius."""


@dataclass(frozen=True, eq=False)
class Limits:
    """Limits of a problem, as arrays.

    Attributes
    ----------
    reach
        Shape (customers,): no site of a higher cost serves; empty where every cost will do.
    offsets, sites
        Customer i must not be served by ``sites[offsets[i]:offsets[i + 1]]``, ascending; both empty where all may.
    """

    reach: Floats
    offsets: NDArray[np.int64]
    sites: NDArray[np.int32]

    @classmethod
    def of(cls, n_customers: int, radius: Floats | None, forbidden: NDArray[np.int32] | None) -> Limits:
        """From a radius per customer, and from pairs of customer and site in ascending order."""
        reach = np.zeros(0) if radius is None else radius * (1 + ROUNDING)
        if forbidden is None or not len(forbidden):
            return cls(reach, np.zeros(0, np.int64), np.zeros(0, np.int32))
        count = np.bincount(forbidden[:, 0], minlength=n_customers)
        return cls(reach, np.r_[0, count.cumsum()], np.ascontiguousarray(forbidden[:, 1]))

    def __bool__(self) -> bool:
        return bool(len(self.reach) or len(self.sites))

    def forbids(self, customers: Indices, sites: Indices) -> NDArray[np.bool_]:
        """Which of the paired customers and sites must not be paired."""
        if not len(self.sites):
            return np.zeros(np.broadcast_shapes(np.shape(customers), np.shape(sites)), np.bool_)
        wanted = np.asarray(customers, np.int64) * (2**31) + sites
        at = np.searchsorted(self._keys, wanted).clip(max=len(self._keys) - 1)
        return np.asarray(self._keys[at] == wanted)

    @cached_property
    def _keys(self) -> NDArray[np.int64]:
        """The forbidden pairs as single numbers, ascending."""
        return np.repeat(np.arange(len(self.offsets) - 1), np.diff(self.offsets)) * (2**31) + self.sites

    def applied(self, customers: Indices, sites: Indices, cost: Floats) -> Floats:
        """The costs of paired customers and sites, infinite where a limit stands against it."""
        closed = self.forbids(customers, sites)
        if len(self.reach):
            closed |= cost > self.reach[customers]
        return np.where(closed, np.inf, cost)
