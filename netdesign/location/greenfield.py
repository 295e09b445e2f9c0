"""Greenfield location, the multi-source Weber problem: sites anywhere, in a plane or on the Earth.

Sites and customers take turns: customers go to the nearest site, sites to where their customers are served at least
(Cooper, "Heuristic methods for location-allocation problems", SIAM Review 6, 1964) by steps of Weiszfeld along
straight lines or great circles, mended at customers (Vardi and Zhang, "The multivariate L1-median and associated data
depth", PNAS 97, 2000; Fletcher, Venkatasubramanian and Joshi, "The geometric median on Riemannian manifolds",
NeuroImage 45, 2009). The first start is a p-median among customers (Hansen, Mladenović and Taillard, "Heuristic
solution of the multisource Weber problem as a p-median problem", Operations Research Letters 22, 1998); later ones
move some sites of the best solution to customers that are far from theirs, as a variable neighbourhood search does
(Brimberg, Hansen, Mladenović and Taillard, "Improvements and comparison of heuristics for solving the uncapacitated
multisource Weber problem", Operations Research 48, 2000). The bound is that of
:mod:`netdesign.location.greenfield_bound`.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from netdesign.errors import InputError, Phrase
from netdesign.location.costs import Floats, PlanarCosts, SphereCosts
from netdesign.location.greenfield_bound import PLACES, Dual
from netdesign.location.problem import LocationProblem
from netdesign.location.run import EndedError, end_at_limit, reason_of
from netdesign.location.solution import LocationSolution
from netdesign.location.solve import locate
from netdesign.location.space import Space
from netdesign.location.weber import GreenfieldProblem, GreenfieldSolution, check_greenfield
from netdesign.result import Reason, Result, Termination
from netdesign.stop import Monitor, Progress, Stop, check_run

DEFAULT_STOP = Stop(time_limit_s=20.0, no_improvement=100)
SNAP_STOP = Stop(time_limit_s=20.0)
MOST_SITES = 3_000
"""Customers that may be sites of the first start; a sample where there are more."""
FIRST_ITERATIONS = 150
STEPS = 4
"""Of Weiszfeld between two assignments."""
ALTERNATIONS, LAST_STEPS = 200, 4_000
ROUGHLY, PRECISION = 1e-6, 1e-13
"""Relative: smaller gains end a descent, and the settling of a solution that is better than all before."""
STEPS_EARLY, STEPS_LATE = 100, 300
"""Of the dual, before and after most descents."""
SEARCH = 0.6
"""Of the time, before the last bound."""


def greenfield(
    problem: GreenfieldProblem, *, stop: Stop = DEFAULT_STOP, seed: int = 1, progress: Monitor | None = None
) -> Result[GreenfieldSolution]:
    """Place sites anywhere, with a bound on how much better any other places could be.

    Parameters
    ----------
    problem
        Customers and the number of sites.
    stop
        Limits of the run; by default twenty seconds, or a hundred iterations in vain. An iteration is one descent.
        A part of the time goes to the bound.
    seed
        Any integer >= 0.
    progress
        Called after every descent; see :data:`netdesign.stop.Monitor`.

    Returns
    -------
    Result[GreenfieldSolution]
        There is always a solution.

    Raises
    ------
    InputError
        If an argument makes no sense.
    """
    check_run(stop, seed, 1, False)
    search = _Search(problem, stop, seed, progress)
    return search.outcome(reason_of(search.run))


class _Search:
    """One run: the best places and the bound."""

    def __init__(self, problem: GreenfieldProblem, stop: Stop, seed: int, progress: Monitor | None) -> None:
        self._began = time.perf_counter()
        self._problem, self._stop, self._seed, self._progress = problem, stop, seed, progress
        self._rng = np.random.default_rng(seed)
        self._space = Space(problem.on_sphere)
        self._points = self._space.vectors(problem.places)
        self._weight = problem.weights * problem.factor
        self._iterations = self._improved_at = 0
        self._objective, self._bound = math.inf, 0.0
        self._sites = self._points[: problem.p]
        self._trace: list[Progress] = []

    def run(self) -> None:
        """Descend from many starts and bound; ends by `EndedError`."""
        weight, p = self._weight, self._problem.p
        different = np.unique(self._points, axis=0)
        if len(different) <= p or not weight.any():
            self._offer(np.vstack([different, np.repeat(different[:1], p, axis=0)])[:p])
            raise EndedError("gap")
        self._offer(self._descend(self._seeded()))
        self._look()
        self._offer(self._descend(self._discrete(different)))
        self._iterations += 1
        self._raise(self._bounded(STEPS_EARLY, 0.4))
        try:
            while True:
                self._look(SEARCH)
                self._offer(self._descend(self._kicked()))
                self._iterations += 1
        except EndedError as ended:
            if ended.reason in ("time_limit", "iteration_limit", "no_improvement"):
                self._raise(self._bounded(STEPS_LATE, 1.0))
                self._look()
            raise

    def outcome(self, reason: Reason) -> Result[GreenfieldSolution]:
        """What was found, checked."""
        order = np.lexsort(self._space.places(self._sites).T[::-1])
        sites = self._sites[order]
        solution = GreenfieldSolution(self._problem, self._space.places(sites), self._nearest(sites)[0])
        objective = check_greenfield(self._problem, solution)
        bound = min(self._bound, objective)
        ended = Termination(reason, self._stop.limit(reason))
        seconds = time.perf_counter() - self._began
        return Result(solution, objective, bound, ended, tuple(self._trace), seconds, self._iterations, self._seed)

    # -- starts ----------------------------------------------------------------------------------------------

    def _seeded(self) -> Floats:
        """Customers, each drawn by how much it costs to serve it from those before (as k-means++ does)."""
        first = self._rng.choice(len(self._points), p=self._weight / self._weight.sum())
        return self._with_more(self._points[[first]], self._problem.p - 1)

    def _with_more(self, sites: Floats, more: int) -> Floats:
        away = self._nearest(sites)[1] if len(sites) else np.full(len(self._points), 1.0)
        for _ in range(more):
            cost = self._weight * away
            whole = cost.sum()
            chance = cost / whole if whole > 0 else np.full(len(cost), 1 / len(cost))
            site = self._points[[self._rng.choice(len(cost), p=chance)]]
            sites = np.vstack([sites, site])
            away = np.minimum(away, self._space.distance(self._points, site))
        return sites

    def _discrete(self, different: Floats) -> Floats:
        """A p-median where customers are."""
        chosen = different
        if len(different) > MOST_SITES:
            chosen = different[self._rng.choice(len(different), MOST_SITES, replace=False)]
        at, to = self._space.places(self._points), self._space.places(chosen)
        costs = SphereCosts(at, to) if self._space.on_sphere else PlanarCosts(at, to)
        model = LocationProblem(costs=costs, model="p-median", p=self._problem.p, weight=self._weight)
        limit = Stop(max_iterations=FIRST_ITERATIONS, time_limit_s=max(0.0, 0.4 * self._left()))
        found = locate(model, stop=limit, seed=self._seed)
        if chosen is different:
            # A site that moves to a customer of its own, drawn by weight, doubles what its customers pay at most.
            self._raise((found.bound or 0.0) / 2)
        return self._sites if found.solution is None else chosen[found.solution.open]

    def _kicked(self) -> Floats:
        """One site or two of the best solution go: of three drawn those that are missed least."""
        nearest, away = self._nearest(self._sites)
        p = self._problem.p
        count = 1 if p < 3 or self._rng.random() < 0.7 else 2
        gone: list[int] = []
        for _ in range(count):
            drawn = self._rng.permutation(p)[:3]
            cost = np.bincount(nearest, weights=self._weight * away, minlength=p)
            gone.append(int(drawn[cost[drawn].argmin()]))
        kept = np.setdiff1d(np.arange(p), gone)
        return self._with_more(self._sites[kept], p - len(kept))

    # -- descents --------------------------------------------------------------------------------------------

    def _nearest(self, sites: Floats) -> tuple[NDArray[np.int32], Floats]:
        """Shape (customers,): the nearest site, and how far it is."""
        from scipy.spatial import KDTree

        at = KDTree(sites).query(self._points)[1].astype(np.int32)
        return at, self._space.distance(self._points, sites[at])

    def _descend(self, sites: Floats) -> Floats:
        """Customers and sites take turns."""
        nearest, away = self._nearest(sites)
        cost = float(self._weight @ away)
        for _ in range(ALTERNATIONS):
            for _ in range(STEPS):
                sites = self._step(sites, nearest)
            nearest, away = self._nearest(sites)
            before, cost = cost, float(self._weight @ away)
            if before - cost <= ROUGHLY * cost or self._left() <= 0:
                break
        return sites

    def _settled(self, sites: Floats) -> Floats:
        """The same, to the last digits, and at customers where that is best."""
        while True:
            nearest, away = self._nearest(sites)
            cost = float(self._weight @ away)
            last = cost
            for step in range(LAST_STEPS):
                sites = self._step(sites, nearest)
                if step % 20 == 19:
                    now = float(self._weight @ self._space.distance(self._points, sites[nearest]))
                    if last - now <= PRECISION * now or self._left() <= 0:
                        break
                    last = now
            sites = self._at_customers(sites, nearest)
            if cost - float(self._weight @ self._nearest(sites)[1]) <= 1e-9 * cost or self._left() <= 0:
                return sites

    def _step(self, sites: Floats, nearest: NDArray[np.int32]) -> Floats:
        """One step of Weiszfeld for every site; one that stands at a customer leaves it only for a larger pull."""
        space, p = self._space, len(sites)
        at = sites[nearest]
        away = space.distance(at, self._points)
        here = away <= 1e-13 * (1.0 + np.abs(at).max())
        pull = np.where(here, 0.0, self._weight)[:, None] * space.directions(at, self._points)
        force = np.column_stack([np.bincount(nearest, weights=part, minlength=p) for part in pull.T])
        stiff = np.bincount(nearest, weights=np.where(here, 0.0, self._weight) / np.where(here, 1.0, away), minlength=p)
        held = np.bincount(nearest, weights=np.where(here, self._weight, 0.0), minlength=p)
        size = np.sqrt((force * force).sum(axis=1))
        part = np.maximum(0.0, 1.0 - held / np.maximum(size, 1e-300)) / np.where(stiff > 0, stiff, np.inf)
        return space.moved(sites, force * part[:, None])

    def _at_customers(self, sites: Floats, nearest: NDArray[np.int32]) -> Floats:
        """Each site moves to the nearest of its customers where that is no worse for them."""
        away = self._space.distance(self._points, sites[nearest])
        order = np.lexsort((away, nearest))
        used, first = np.unique(nearest[order], return_index=True)
        other = sites.copy()
        other[used] = self._points[order[first]]
        p = len(sites)
        now = np.bincount(nearest, weights=self._weight * away, minlength=p)
        there = self._space.distance(self._points, other[nearest])
        then = np.bincount(nearest, weights=self._weight * there, minlength=p)
        return np.where((then <= now)[:, None], other, sites)

    # -- the run ---------------------------------------------------------------------------------------------

    def _offer(self, sites: Floats) -> None:
        if float(self._weight @ self._nearest(sites)[1]) >= self._objective:
            return
        sites = self._settled(sites)
        self._objective, self._sites = float(self._weight @ self._nearest(sites)[1]), sites
        self._improved_at = self._iterations
        self._trace.append(self._now())

    def _bounded(self, steps: int, share: float) -> float:
        """A bound that takes so many steps of the dual, and ends at a share of the time."""
        dual = Dual(self._space, self._points, self._weight, self._problem.p)
        places = np.vstack([self._sites, self._points[self._rng.permutation(len(self._points))[:PLACES]]])
        now, end = self._seconds(), share * self._stop.time_limit_s
        half = now + 0.6 * (end - now)
        price = dual.prices(np.unique(places, axis=0), self._objective, steps, lambda: half - self._seconds())
        return dual.certified(price, self._objective, lambda: end - self._seconds())

    def _raise(self, bound: float) -> None:
        if bound > self._bound:
            self._bound = min(bound, self._objective)
            self._trace.append(self._now())

    def _seconds(self) -> float:
        return time.perf_counter() - self._began

    def _left(self) -> float:
        return self._stop.time_limit_s - self._seconds()

    def _look(self, share: float = 1.0) -> None:
        """End the run where a limit is reached, of the time a share."""
        stop = self._stop
        if self._objective - self._bound <= stop.gap * self._objective:
            raise EndedError("gap")
        if stop.target is not None and self._objective <= stop.target:
            raise EndedError("target")
        now = self._now()
        end_at_limit(stop, now, self._improved_at, share)
        if self._progress is not None and self._progress(now) is False:
            raise EndedError("interrupted")

    def _now(self) -> Progress:
        return Progress(self._seconds(), self._iterations, self._objective, self._bound)


@dataclass(frozen=True, eq=False)
class Snapped:
    """Sites of a list near the places of a greenfield solution.

    Attributes
    ----------
    result
        Of the p-median among the sites that were near enough. Its bound is for these; no choice of p sites, wherever
        they are, costs less than the bound of the greenfield result.
    price
        What the sites cost more than the places.
    """

    result: Result[LocationSolution]
    price: float


def snap(
    solution: GreenfieldSolution,
    sites: ArrayLike,
    *,
    near: int | None = 10,
    stop: Stop = SNAP_STOP,
    seed: int = 1,
    **fields: Any,
) -> Snapped:
    """Choose sites of a list instead of places anywhere: the p-median among those near the places.

    Parameters
    ----------
    solution
        Of :func:`greenfield`.
    sites
        Shape (sites, 2), as the customers: longitudes and latitudes, or coordinates of the plane.
    near
        So many sites nearest to each place may open, and those that are forced to; None for all.
    stop, seed
        For :func:`netdesign.locate`.
    **fields
        `status` and `site_ids` of :class:`netdesign.LocationProblem`.

    Raises
    ------
    InputError
        If sites are no points, or fewer than p.
    """
    problem, at = solution.problem, np.asarray(sites, float)
    if problem.on_sphere:
        costs: Any = SphereCosts(problem.places, at, factor=problem.factor)
        weight = problem.weights
    else:
        costs, weight = PlanarCosts(problem.places, at), problem.weights * problem.factor
    whole = LocationProblem(
        costs=costs, model="p-median", p=problem.p, weight=weight, customer_ids=problem.customers, **fields
    )
    usable = np.flatnonzero(whole.usable)
    if len(usable) < problem.p:
        raise InputError("sites", Phrase(f"{len(usable)} that may be open"), f"at least p, which is {problem.p}")
    status = np.asarray(whole.status).copy()
    if near is not None:
        space = Space(problem.on_sphere)
        there, here = space.vectors(at[usable]), space.vectors(solution.sites)
        order = np.stack([space.distance(there, place).argsort(kind="stable") for place in here])
        few = max(1, near)
        while len(chosen := np.unique(order[:, :few])) < problem.p:
            few += 1
        far = np.setdiff1d(usable, usable[chosen])
        status[far[status[far] == "candidate"]] = "closed"
    result = locate(whole.replace(status=status), stop=stop, seed=seed)
    return Snapped(
        result, math.inf if result.objective is None else result.objective - check_greenfield(problem, solution)
    )
