"""Points of a frontier: the prices that part them, the gaps between them, and which of them no other beats.

Prices are the slopes between neighbouring points (Aneja and Nair, "Bicriteria transportation problem", Management
Science 25, 1979), the widest gap first; they reach the supported points, those on the convex hull. The others are
reached by limits (Haimes, Lasdon and Wismer, "On a bicriterion formulation of the problems of integrated system
identification and system optimization", IEEE Transactions on Systems, Man and Cybernetics 1, 1971): the searches that
are left look in the widest gaps for the least y with no more of x.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from netdesign.study.case import Floats

STEEPEST: Final = 2.0
"""The highest price tried: at it one per cent of an amount is worth so many per cent of the least cost."""

NEXT: Final = 1e-3
"""Share of a gap that is left out where the network next to its end is looked for."""

NARROW: Final = 1e-6
"""A gap that is less than this share of the amount is none."""


@dataclass(frozen=True)
class Point:
    """A network: what it has of the two aims, its sites by index, and the contracts where these differ."""

    x: float
    y: float
    sites: tuple[int, ...]
    chosen: bool = False
    contracts: str = ""


@dataclass(frozen=True)
class Gap:
    """Between two neighbouring points, and amounts in which there may be others.

    Attributes
    ----------
    left, right
        The points.
    low, high
        What a network between them that neither beats has more, and less, of the amount than.
    price
        At it the points are equally good, and no network is better.
    """

    left: Point
    right: Point
    low: float
    high: float
    price: float

    @property
    def size(self) -> float:
        """What it leaves open: of the amount, times the cost."""
        return (self.high - self.low) * (self.left.y - self.right.y)

    @property
    def limit(self) -> float:
        """Where to look: in the middle at first, and all of what is left where its first part is known to be empty."""
        if self.low > self.left.x:
            return self.high - NEXT * (self.high - self.low)
        return (self.low + self.high) / 2


def explore(search: Callable[[float], Point], most: int) -> list[Gap]:
    """Search at the prices that part the points found so far, at most so often.

    Parameters
    ----------
    search
        The point of least ``y + price * x``.
    most
        Searches; the first two are at no price and at the steepest.

    Returns
    -------
    list of Gap
        Between neighbours that no price parts.
    """
    first = search(0.0)
    if first.x <= 0 or most < 2:
        return []
    hull = [search(STEEPEST * abs(first.y) / first.x), first]
    settled: dict[tuple[Point, Point], float] = {}
    for _ in range(most - 2):
        pairs = [(a, b) for a, b in pairwise(hull) if (a, b) not in settled and a.x < b.x and a.y > b.y]
        if not pairs:
            break
        a, b = max(pairs, key=lambda pair: (pair[1].x - pair[0].x) * (pair[0].y - pair[1].y))
        price = (a.y - b.y) / (b.x - a.x)
        point = search(price)
        if a.x < point.x < b.x and point.y + price * point.x < (a.y + price * a.x) * (1 - 1e-9):
            hull.insert(hull.index(b), point)
        else:
            settled[a, b] = price
    return [Gap(a, b, a.x, b.x, price) for (a, b), price in settled.items()]


def explore_within(search: Callable[[Gap], tuple[Point, bool]], gaps: Sequence[Gap], most: int) -> None:
    """Search in the widest gaps, at most so often.

    Parameters
    ----------
    search
        The point of least y with no more of x than the limit of a gap, and whether that is proven: where not, the rest
        of the gap is as hard and left alone.
    gaps
        Where there may be points.
    most
        Searches.
    """
    gaps = list(gaps)
    for _ in range(most):
        gaps = [gap for gap in gaps if gap.high - gap.low > NARROW * gap.high]
        if not gaps:
            return
        gap = max(gaps, key=lambda g: g.size)
        gaps.remove(gap)
        point, sure = search(gap)
        if not sure:
            continue
        if point.x > gap.low and gap.right.y < point.y < gap.left.y:
            gaps += [replace(gap, right=point, high=point.x), replace(gap, left=point, low=gap.limit)]
        else:
            gaps.append(replace(gap, low=gap.limit))


def efficient(x: Floats, y: Floats) -> NDArray[np.bool_]:
    """Which points no other beats: none has less of one and no more of the other. Of equals the first stays."""
    kept = np.zeros(len(x), bool)
    least = math.inf
    x, y = _rounded(x), _rounded(y)
    for k in np.lexsort((np.arange(len(x)), y, x)):
        if y[k] < least:
            kept[k], least = True, float(y[k])
    return kept


def _rounded(values: Floats) -> Floats:
    """Without the differences of rounding, which make no point better than another."""
    largest = float(np.abs(values).max(initial=0.0))
    return np.round(values / largest, 10) if 0 < largest < math.inf else values


def on_hull(x: Floats, y: Floats, kept: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which efficient points lie on the lower convex hull of all of them."""
    hull: list[int] = []
    for k in sorted(np.flatnonzero(kept).tolist(), key=lambda k: x[k]):
        while len(hull) > 1 and _above(x, y, hull[-2], hull[-1], k):
            hull.pop()
        hull.append(k)
    return np.isin(np.arange(len(x)), hull)


def _above(x: Floats, y: Floats, a: int, b: int, c: int) -> bool:
    """Whether b lies above the line from a to c, by more than rounding."""
    line = y[a] + (y[c] - y[a]) * (x[b] - x[a]) / (x[c] - x[a])
    return bool(y[b] > line + 1e-9 * abs(line))
