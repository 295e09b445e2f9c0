"""Commitment against flexibility: what components are expected to cost, and how much of it is paid whatever is needed.

Each component has its contracts at all quantities that are worth looking at. A price on what is committed chooses one
of them for each component by itself, so the convex hull of all combinations is the sum of the components' hulls: their
edges, the steepest first. It is exact: no combination lies below it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from netdesign.study.contracts import Contract, Purchase, at_quantities
from netdesign.study.supply import need_of, offered_for

if TYPE_CHECKING:
    from netdesign.study.case import SegmentCase


@dataclass(frozen=True)
class Terms:
    """One contract for each component: what is paid even if nothing is needed, and the expected cost, a year."""

    contracts: tuple[Contract, ...]
    committed: float
    expected: float

    def __add__(self, other: Terms) -> Terms:
        return Terms(self.contracts + other.contracts, self.committed + other.committed, self.expected + other.expected)

    def __str__(self) -> str:
        return "; ".join(
            f"{c.component}: {c.name}" + (f" for {c.quantity:,.0f}" if c.quantity else "") for c in self.contracts
        )


NOTHING = Terms((), 0.0, 0.0)


@dataclass(frozen=True)
class Commitments:
    """The contracts that were taken, and the corners of the hull of all others, least committed first."""

    taken: Terms
    corners: tuple[Terms, ...]

    def least(self, committed: float) -> float:
        """Expected cost that no contracts go below that commit to no more than that much a year."""
        if committed < self.corners[0].committed * (1 - 1e-12):
            return math.inf
        x, y = zip(*((c.committed, c.expected) for c in self.corners), strict=True)
        return float(np.interp(committed, x, y))


def commitments_of(cases: Sequence[SegmentCase], taken: Sequence[Purchase]) -> Commitments | None:
    """How far the expected cost of components falls with what is committed; None without a choice.

    Parameters
    ----------
    cases
        Segments that buy together, with their offers and the customers who are served.
    taken
        The contracts they buy under.
    """
    now, sides = NOTHING, []
    for purchase in taken:
        need = need_of(cases, purchase.component)
        options = [c for offer in offered_for(cases, purchase.component) for c in at_quantities(offer, need.demand)]
        terms = [
            Terms((c,), c.committed(purchase.spot), need.expected(c, purchase.spot))
            for c in (purchase.contract, *options)
        ]
        now += terms[0]
        sides.append(lower_hull(terms))
    if all(len(side) == 1 for side in sides):
        return None
    return Commitments(now, _summed(sides))


def lower_hull(terms: Sequence[Terms]) -> list[Terms]:
    """The corners of their lower convex hull, from the least committed to the least expected cost."""
    hull: list[Terms] = []
    for t in sorted(terms, key=lambda t: (t.committed, t.expected)):
        if hull and t.expected >= hull[-1].expected * (1 - 1e-12):
            continue
        while len(hull) > 1 and _slope(hull[-2], hull[-1]) >= _slope(hull[-2], t):
            hull.pop()
        hull.append(t)
    return hull


def _summed(sides: Sequence[Sequence[Terms]]) -> tuple[Terms, ...]:
    """The corners of the sum of hulls: edge by edge, whichever saves most."""
    steps = sorted((_slope(a, b), k, at) for k, side in enumerate(sides) for at, (a, b) in enumerate(pairwise(side)))
    place = [0] * len(sides)
    corners = [sum((side[0] for side in sides), NOTHING)]
    for n, (slope, k, _) in enumerate(steps):
        place[k] += 1
        if n + 1 == len(steps) or steps[n + 1][0] > slope:
            corners.append(sum((side[at] for side, at in zip(sides, place, strict=True)), NOTHING))
    return tuple(corners)


def _slope(a: Terms, b: Terms) -> float:
    """Change of the expected cost for each unit of money that is committed; minus infinity where that is free."""
    if b.committed <= a.committed:
        return -math.inf
    return (b.expected - a.expected) / (b.committed - a.committed)
