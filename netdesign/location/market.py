"""What sites attract of a market, and how much any choice of them can capture at most.

A customer chooses among all sites in proportion to what they attract. The share captured is ``h(A) = A / (1 + A)``,
where A is the attraction of the own open sites in units of that of all others. h is concave, so its tangents bound it
from above; but at fractional choices a tangent at t counts too much of a site that attracts more than t by itself.
For choices of whole sites the coefficient of such a site may be lowered from ``a h'(t)`` to ``h(a) - (h(t) - t
h'(t))``: the most by which h(A + a) exceeds the tangent at A is concave in a, hence subadditive. The cuts of Ljubić
and Moreno ("Outer approximation and submodular cuts for maximum capture facility location problems with random
utilities", European Journal of Operational Research 266, 2018) are the ends of this family: t = 0 is the submodular
cut at the empty choice, a large t the gradient cut. Best at choices y is the root of ``t = sum(min(a, t) y)``. Sites
that are surely open may be taken as a base, from where the same holds; each of them missing then costs at least what
it adds to all sites (submodularity).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from netdesign.location.costs import Floats, blocks

Sites: TypeAlias = NDArray[np.int64]

SURE = 1.0 - 1e-9
"""A site open by so much is surely open."""


@dataclass(frozen=True, eq=False)
class Market:
    """Customers that may be captured, in groups of rows.

    Attributes
    ----------
    weight
        Shape (customers,), > 0.
    attraction
        Shape (customers, sites): in units of that of all others, finite.
    first
        Shape (groups + 1,): the first customer of each group, and the number of customers.
    """

    weight: Floats
    attraction: Floats
    first: Sites

    def captured(self, chosen: Sites) -> float:
        """The weight captured by a choice of sites."""
        return float(self.weight @ _share(self.attraction[:, chosen].sum(axis=1)))

    def with_one_more(self, chosen: Sites) -> Floats:
        """Shape (sites,): the weight captured by a choice of sites together with each of all sites."""
        base = self.attraction[:, chosen].sum(axis=1)
        worth = np.zeros(self.attraction.shape[1])
        for some in blocks(*self.attraction.shape):
            rows = slice(int(some[0]), int(some[-1]) + 1)
            together = self.attraction[rows] + base[rows, None]
            worth += self.weight[rows] @ _share(together)
        return worth

    def cut(self, y: Floats) -> tuple[Floats, Floats]:
        """Bounds ``constant + slope @ choice`` on what is captured of each group, as low as is known at the choice y.

        Returns
        -------
        tuple
            Constants, shape (groups,), and slopes, shape (groups, sites), >= 0.
        """
        groups = len(self.first) - 1
        constant, slope = np.zeros(groups), np.zeros((groups, len(y)))
        used, sure = np.flatnonzero(y > 0), np.flatnonzero(y >= SURE)
        for g in range(groups):
            rows = slice(int(self.first[g]), int(self.first[g + 1]))
            constant[g], slope[g] = self._group_cut(rows, y, used, sure)
        return constant, slope

    def touching(self, y: Floats) -> Floats:
        """Shape (customers,): the share of each at which the lowest tangent at the choice y touches."""
        used = np.flatnonzero(y > 0)
        level, _ = _level(self.attraction[:, used], y[used])
        return _share(level)

    def _group_cut(self, rows: slice, y: Floats, used: Sites, sure: Sites) -> tuple[float, Floats]:
        """Of every customer the lower one of two bounds: from nothing, or from the sites that are surely open."""
        weight, whole = self.weight[rows], self.attraction[rows]
        level, worth = _level(whole[:, used], y[used])
        if not len(sure):
            return _tangents(weight, whole, level)
        before = whole[:, sure].sum(axis=1)
        left, rest = 1.0 / (1.0 + before), used[y[used] < SURE]
        above, more = _level(whole[:, rest] * left[:, None], y[rest])
        based = _share(before) + left * more < worth
        constant, slope = _tangents(weight[~based], whole[~based], level[~based])
        if based.any():
            weight, left = weight[based], left[based]
            on_top, raised = _tangents(weight * left, whole[based] * left[:, None], above[based])
            raised[sure] = weight @ self._losses(rows, sure)[based]
            constant += on_top + float(weight @ _share(before[based])) - float(raised[sure].sum())
            slope = slope + raised
        return constant, slope

    def _losses(self, rows: slice, sites: Sites) -> Floats:
        """Shape (rows, sites): which share is lost where all sites but one are open."""
        whole, best, others = self._totals
        total, without = whole[rows, None], others[rows, None]
        rest = np.maximum(total - self.attraction[rows][:, sites], 0.0)
        rest = np.where(sites == best[rows, None], without, rest)
        return np.maximum(_share(total) - _share(rest), 0.0)

    @cached_property
    def _totals(self) -> tuple[Floats, Sites, Floats]:
        """Of every customer: the attraction of all sites, the site of most, and the attraction of all others."""
        total, best = self.attraction.sum(axis=1), self.attraction.argmax(axis=1)
        without = np.empty(len(total))
        for some in blocks(*self.attraction.shape):
            others = self.attraction[some]
            others[np.arange(len(some)), best[some]] = 0.0
            without[some] = others.sum(axis=1)
        return total, best, without


def _share(attraction: Floats) -> Floats:
    return attraction / (1.0 + attraction)


def _level(attraction: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Shape (customers,): the t of the lowest cut at y, and the share that it allows there."""
    if not len(y):
        return np.zeros(len(attraction)), np.zeros(len(attraction))
    order = np.argsort(-attraction, axis=1, kind="stable")
    a, part = np.take_along_axis(attraction, order, axis=1), y[order]
    row, nothing = np.arange(len(a)), np.zeros((len(a), 1))
    large = np.hstack([nothing, part.cumsum(axis=1)])
    small = np.hstack([(a * part)[:, ::-1].cumsum(axis=1)[:, ::-1], nothing])
    alone = np.hstack([nothing, (_share(a) * part).cumsum(axis=1)])
    # sum(min(a, t) y) - t is concave in t and 0 at 0, so it is negative beyond the root.
    beyond = (small[:, 1:] + a * (large[:, 1:] - 1.0) < 0).cumprod(axis=1).sum(axis=1)
    room = np.maximum(1.0 - large[row, beyond], 1e-300)
    level = np.where(large[:, -1] > 1.0, small[row, beyond] / room, 0.0)
    worth = np.where(large[:, -1] > 1.0, alone[row, beyond] + room * _share(level), alone[:, -1])
    return level, worth


def _tangents(weight: Floats, attraction: Floats, level: Floats) -> tuple[float, Floats]:
    """The sum of the bounds of some customers: constant and slope."""
    share = _share(level)[:, None]
    constant, rise = share * share, (1.0 / (1.0 + level[:, None])) ** 2
    slope = np.where(attraction <= level[:, None], rise * attraction, _share(attraction) - constant)
    return float(weight @ constant[:, 0]), weight @ slope
