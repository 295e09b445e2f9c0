"""A bound on what any p sites cost, wherever they are: the Lagrangian dual of the multi-source Weber problem.

With a price per customer for being served, p sites cost at least the prices and p times what the best place of all
saves on them: ``sum(price) + p min_x sum_i min(0, w_i d(i, x) - price_i)``. Prices come from the dual over some
places where sites could be. The minimum over x is then bounded for all places (Krau 1997 and Righini and Zaniboni, "A
branch-and-price algorithm for the multi-source Weber problem", International Journal of Operational Research 2, 2007,
need the same for their columns): triangles are cut in four as long as they could hold a better place (big square
small square; Hansen, Peeters, Richard and Thisse, "The minisum and minimax location problems revisited", Operations
Research 33, 1985). Where a customer would be served from all of a triangle its distance is convex there, and the sum
of such distances lies above its plane at the centre: near the best places the bound is off by the square of the
triangle's size only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from netdesign.location.costs import EARTH_RADIUS_M, Floats, blocks
from netdesign.location.space import Space

PLACES = 1_000
"""Customers where the dual has sites, besides the sites known."""
PRECISION = 2e-5
"""Relative to the objective: what the minimum over all places may be off, times p."""
LEVELS = 24
SOFT = 0.02
"""Relative: places so much worse than the best one still share the sites in a step of the dual."""
QUARTER = EARTH_RADIUS_M * np.pi / 2 * (1 - 1e-9)
"""Great circles shorter than this have a convex length."""
MOST_TRIANGLES = 200_000
TOGETHER = 16
"""Triangles beside each other that look for their customers together."""

Left = Callable[[], float]
"""Seconds that are left."""


@dataclass(frozen=True, eq=False)
class Dual:
    """Customers and what a unit of distance costs each of them.

    Attributes
    ----------
    space, points, weight
        Where customers are, as vectors, and their weights.
    p
        Number of sites.
    """

    space: Space
    points: Floats
    weight: Floats
    p: int

    def prices(self, places: Floats, objective: float, steps: int, left: Left) -> Floats:
        """Shape (customers,): from the dual where sites are some places only; `objective` is what p sites cost."""
        from scipy.spatial import KDTree

        count = len(places)
        even = count // self.p  # places of a site where all have as many
        near = min(count, max(40, 3 * even))
        _, listed = KDTree(places).query(self.points, near)
        listed = listed.reshape(len(self.points), -1)
        cost = np.empty(listed.shape)
        for some in blocks(*listed.shape):
            rows = slice(int(some[0]), int(some[-1]) + 1)
            cost[rows] = self.space.distance(self.points[rows, None, :], places[listed[rows]]) * self.weight[rows, None]
        price = cost[:, min(near - 1, even)]
        best, value, step, stalled = price, -np.inf, 1.0, 0
        way = np.zeros(len(price))
        for _ in range(steps):
            if left() <= 0:
                break
            saved = np.minimum(0.0, cost - price[:, None])
            worth = np.bincount(listed.ravel(), weights=saved.ravel(), minlength=count)
            now = float(price.sum() + self.p * worth.min())
            if now > value:
                best, value, stalled = price, now, 0
            else:
                stalled += 1
            if stalled == 12:
                step, stalled, price = step / 2, 0, best
                continue
            # Places nearly as good as the best one share what p sites are.
            part = np.exp(-(worth - worth.min()) / max(1e-300, SOFT * step * abs(worth.min())))
            part *= self.p / part.sum()
            served = ((saved < 0) * part[listed]).sum(axis=1)
            way = 0.3 * (1.0 - served) + 0.7 * way
            norm = float(way @ (way * self.weight))
            if norm <= 0:
                break
            price = np.maximum(0.0, price + step * max(objective - now, 1e-9 * objective) / norm * way * self.weight)
        return best

    def certified(self, price: Floats, objective: float, left: Left) -> float:
        """What any p sites cost at least, by these prices; cut off where time is up."""
        enough = PRECISION * objective / self.p
        corners = self.space.triangles(self.points)
        under = np.full(len(corners), -np.inf)
        known, settled = 0.0, 0.0  # what some place saves; a bound for those no longer looked at
        for _ in range(LEVELS):
            if left() <= 0 or len(corners) > MOST_TRIANGLES:
                break
            here, now = self._saved(corners, price, left)
            under, known = np.maximum(under, now), min(known, float(here.min()))
            kept = under < known - enough
            settled = min(settled, float(under[~kept].min(initial=0.0)))
            corners, under = _quarters(self.space, corners[kept]), np.repeat(under[kept], 4)
            if not len(corners):
                break
        return max(0.0, float(price.sum() + self.p * min(settled, float(under.min(initial=0.0)))))

    def _saved(self, corners: Floats, price: Floats, left: Left) -> tuple[Floats, Floats]:
        """Shape (triangles,): what a site at the centre saves (<= 0), and a bound on that for all places inside."""
        here, under = np.zeros(len(corners)), np.full(len(corners), -np.inf)
        for begin in range(0, len(corners), TOGETHER):
            if left() <= 0:
                break
            some = slice(begin, begin + TOGETHER)
            near = self._near(corners[some].reshape(-1, corners.shape[2]), price)
            here[some], under[some] = self._saved_near(corners[some], near, price[near])
        return here, under

    def _near(self, corners: Floats, price: Floats) -> NDArray[np.intp]:
        """Customers whom a site among the corners may serve for less than their price."""
        with np.errstate(invalid="ignore"):
            middle = self.space.centre(corners)
            reach = float(self.space.distance(corners, middle).max())
            if self.space.on_sphere and not reach < QUARTER:
                return np.arange(len(price))
            least = np.maximum(0.0, self.space.distance(self.points, middle) - reach) * self.weight
        return np.flatnonzero(least * (1 - 1e-12) < price)

    def _saved_near(self, corners: Floats, near: NDArray[np.intp], price: Floats) -> tuple[Floats, Floats]:
        space, weight, points = self.space, self.weight[near], self.points[None, near]
        centre = space.centre(corners)[:, None, :]
        radius = space.distance(corners, centre).max(axis=1)[:, None]
        away = space.distance(centre, points)
        here = np.minimum(0.0, weight * away - price).sum(axis=1)
        lowest = np.minimum(0.0, weight * np.maximum(0.0, away - radius) - price)
        convex = weight * (away + radius) <= price
        if space.on_sphere:
            convex &= away + radius < QUARTER
        # The distance to a customer falls in its direction.
        fall = (np.where(convex, weight, 0.0)[..., None] * space.directions(centre, points)).sum(axis=1)
        steep = np.sqrt((fall * fall).sum(axis=1))
        plane = np.where(convex, weight * away - price, lowest).sum(axis=1) - steep * radius[:, 0]
        return here, np.maximum(plane, lowest.sum(axis=1))


def _quarters(space: Space, corners: Floats) -> Floats:
    """Shape (4 triangles, 3, dimensions): every triangle cut at the middles of its sides, one after the other."""
    a, b, c = corners[:, 0], corners[:, 1], corners[:, 2]
    ab, bc, ca = space.middle(a, b), space.middle(b, c), space.middle(c, a)
    parts = [(a, ab, ca), (ab, b, bc), (ca, bc, c), (ab, bc, ca)]
    return np.stack([np.stack(part, axis=1) for part in parts], axis=1).reshape(-1, 3, corners.shape[2])
