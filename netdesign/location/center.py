"""p-center: the worst served customer is served as well as can be.

A radius is possible where p sites cover every customer within it. The search decides that for few customers only and
adds those that the sites found leave worst served (Chen and Chen, "New relaxation-based algorithms for the optimal
solution of the continuous and discrete p-center problems", Computers & Operations Research 36, 2009; Contardo, Iori and
Kramer, "A scalable exact algorithm for the vertex p-center problem", Computers & Operations Research 103, 2019). What
few customers need is a lower bound for all; the sites that serve them best are a solution for all. Where both meet, the
solution is optimal. Greedy choices decide many radii, HiGHS the rest.
"""

from __future__ import annotations

import math
import time
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from netdesign.location.costs import Floats, Indices, blocks
from netdesign.location.problem import LocationProblem
from netdesign.location.program import Program, solve_program
from netdesign.location.radius_certificate import prove_radius
from netdesign.location.radius_shares import radius_shares
from netdesign.location.run import EndedError, Run, end_at_limit, reason_of
from netdesign.result import Certificate, Reason
from netdesign.stop import Monitor, Progress, Stop

Sites: TypeAlias = NDArray[np.int64]
Served: TypeAlias = tuple[Sites, Floats]
"""Of every customer: the site that serves it, and what that costs, its weight included."""


def solve_center(problem: LocationProblem, *, stop: Stop, progress: Monitor | None) -> Run:
    """Solve a p-center problem all of whose customers can be served; an iteration is one radius decided.

    Nothing is drawn at random, and one core does the work.
    """
    search = _Search(problem, stop, progress)
    return search.outcome(reason_of(search.run))


class _Search:
    """One run: the active customers, the best solution and the bound."""

    def __init__(self, problem: LocationProblem, stop: Stop, progress: Monitor | None) -> None:
        assert problem.p is not None
        self._problem, self._stop, self._progress = problem, stop, progress
        self._began = time.perf_counter()
        self._sites = np.flatnonzero(problem.usable)
        self._forced = np.flatnonzero(problem.forced)
        self._p = problem.p
        self._iterations = self._improved_at = 0
        self._objective, self._bound = math.inf, -math.inf
        self._open: Sites = np.zeros(0, np.int64)
        self._assignment: Sites = np.zeros(0, np.int64)
        self._trace: list[Progress] = []
        self._active: Sites = np.zeros(0, np.int64)
        self._rows: Floats = np.zeros((0, len(self._sites)))

    def run(self) -> None:
        """Raise the bound and lower the objective until they meet; ends by `EndedError`."""
        opened, served, active = self._farthest_first(self._forced, self._served_by(self._forced))
        self._offer(opened, served)
        self._active, self._rows = active, self._costs(active, self._sites)
        while True:
            needed = self._least_radius(self._rows)
            opened, served, _ = self._farthest_first(needed, self._served_by(needed))
            self._offer(opened, served)
            late = self._worst_of_each(served)
            self._active = np.concatenate([self._active, late])
            self._rows = np.vstack([self._rows, self._costs(late, self._sites)])

    def outcome(self, reason: Reason) -> Run:
        """What was found."""
        return Run(
            open=self._open.astype(np.int32),
            assignment=self._assignment.astype(np.int32),
            bound=self._bound,
            infeasible=reason == "infeasible",
            reason=reason,
            trace=tuple(self._trace),
            seconds=time.perf_counter() - self._began,
            iterations=self._iterations,
            certificate=None if reason == "interrupted" else self._certificate(),
        )

    def _certificate(self) -> Certificate | None:
        """Shares of the active customers that rule out what they can; None where time is up or there are none."""
        share = np.zeros(self._problem.n_customers)
        free = self._p - len(self._forced)
        forced = np.isin(self._sites, self._forced)
        share[self._active] = radius_shares(self._rows, forced, free, self._bound, self._seconds_left)
        if not share.any():
            return None
        return Certificate(min(self._bound, prove_radius(self._problem, share)), share)

    # -- choices of sites --------------------------------------------------------------------------------------

    def _costs(self, customers: Indices, sites: Sites) -> Floats:
        """Shape (customers, sites): weight times cost, ``inf`` where a site cannot serve."""
        unit = self._problem.cost_matrix(customers, sites)
        with np.errstate(invalid="ignore"):
            return np.where(np.isfinite(unit), self._problem.weights[customers, None] * unit, np.inf)

    def _served_by(self, opened: Sites) -> Served:
        n = self._problem.n_customers
        sites, costs = np.zeros(n, np.int64), np.full(n, np.inf)
        for some in blocks(n if len(opened) else 0, len(opened)):
            block = self._costs(some, opened)
            best = block.argmin(axis=1)
            sites[some], costs[some] = opened[best], block[np.arange(len(some)), best]
        return sites, costs

    def _farthest_first(self, opened: Sites, served: Served) -> tuple[Sites, Served, NDArray[np.int64]]:
        """Open the best site of the worst served customer until there are p (Gonzalez 1985).

        Returns the sites, who is served from where, and the customers asked, with the one who is worst off at the end.
        """
        sites, costs = served[0].copy(), served[1].copy()
        everyone, asked = np.arange(self._problem.n_customers), []
        left = np.setdiff1d(self._sites, opened)
        while len(opened) < self._p:
            worst = int(costs.argmax())
            asked.append(worst)
            row = self._costs(np.array([worst]), left)[0]
            site = int(left[row.argmin()])
            opened, left = np.append(opened, site), left[left != site]
            column = self._costs(everyone, np.array([site]))[:, 0]
            nearer = column < costs
            sites[nearer], costs[nearer] = site, column[nearer]
        asked.append(int(costs.argmax()))
        return opened, (sites, costs), np.unique(asked)

    def _worst_of_each(self, served: Served) -> NDArray[np.int64]:
        """Of every site the customer it serves worst, where that is beyond the bound."""
        sites, costs = served
        late = np.flatnonzero(costs > self._bound)
        late = late[np.lexsort((-costs[late], sites[late]))]
        return late[np.unique(sites[late], return_index=True)[1]]

    # -- radii -------------------------------------------------------------------------------------------------

    def _least_radius(self, rows: Floats) -> Sites:
        """Sites that serve the active customers best; the bound is proven to be their radius.

        Radii are tried in growing steps from the bound on, then between the last two.
        """
        radii = np.unique(rows[(rows >= max(self._bound, rows.min(axis=1).max())) & (rows < self._objective)])
        possible: Sites | None = None
        low, high, step = 0, len(radii), 1  # radii below low are too small; the one at high is enough
        while low < high:
            at = min(low + step - 1, high - 1) if possible is None else (low + high - 1) // 2
            found = self._decide(rows, float(radii[at]))
            if found is None:
                low, step = at + 1, 2 * step
                if low < len(radii):
                    self._prove(float(radii[low]))
            else:
                possible, high = found, at
        if possible is not None:
            self._prove(float(radii[high]))
            return possible
        if math.isfinite(self._objective):
            self._prove(self._objective)
        raise EndedError("infeasible")

    def _decide(self, rows: Floats, radius: float) -> Sites | None:
        """At most p sites within the radius of every active customer, or None where there are none."""
        self._tick()
        reached = rows <= radius
        forced = np.isin(self._sites, self._forced)
        reached = reached[~reached[:, forced].any(axis=1)]
        if not len(reached):
            return self._forced
        # Sites that reach the same customers are one.
        _, first = np.unique(np.packbits(reached, axis=0), axis=1, return_index=True)
        chosen = _cover(reached[:, first], self._p - len(self._forced), self._seconds_left())
        return None if chosen is None else np.union1d(self._forced, self._sites[first[chosen]])

    # -- the run -----------------------------------------------------------------------------------------------

    def _seconds_left(self) -> float:
        return self._stop.time_limit_s - (time.perf_counter() - self._began)

    def _tick(self) -> None:
        """Before a radius is decided: whether a limit is met."""
        now = self._now()
        end_at_limit(self._stop, now, self._improved_at)
        if self._progress is not None and self._progress(now) is False:
            raise EndedError("interrupted")
        self._iterations += 1

    def _now(self) -> Progress:
        return Progress(time.perf_counter() - self._began, self._iterations, self._objective, self._bound)

    def _offer(self, opened: Sites, served: Served) -> None:
        objective = float(served[1].max())
        if objective >= self._objective:
            return
        self._objective, self._improved_at = objective, self._iterations
        self._open, self._assignment = np.sort(opened), served[0]
        self._note()

    def _prove(self, bound: float) -> None:
        if bound > self._bound:
            self._bound = bound
            self._note()

    def _note(self) -> None:
        self._trace.append(self._now())
        if self._objective - self._bound <= self._stop.gap * self._objective:
            raise EndedError("gap")
        if self._stop.target is not None and self._objective <= self._stop.target:
            raise EndedError("target")


def _cover(reached: NDArray[np.bool_], most: int, seconds: float) -> NDArray[np.int64] | None:
    """At most so many columns that have a True in every row, or None where there are none."""
    if not reached.any(axis=1).all():
        return None
    greedy = _greedy_cover(reached)
    if len(greedy) <= most:
        return greedy
    if _disjoint_rows(reached) > most:
        return None
    core, names = _reduced(reached)
    answer = solve_program(_program(core, most), seconds=seconds)
    if answer.status == "infeasible":
        return None
    if answer.values is None:
        raise EndedError("time_limit")
    chosen: NDArray[np.int64] = names[answer.values > 0.5]
    return chosen


def _program(reached: NDArray[np.bool_], most: int) -> Program:
    """Any choice of at most so many columns that has a True in every row."""
    from scipy.sparse import coo_array, vstack

    rows, columns = reached.shape
    return Program(
        cost=np.zeros(columns),
        lower=np.zeros(columns),
        upper=np.ones(columns),
        integer=np.ones(columns, np.bool_),
        rows=vstack([coo_array(reached.astype(np.float64)), coo_array(np.ones((1, columns)))]),
        row_lower=np.append(np.ones(rows), -np.inf),
        row_upper=np.append(np.full(rows, np.inf), float(most)),
    )


def _reduced(reached: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """The rows and columns that matter, and which columns these are.

    A row that asks for no more than another one goes, and so does a column that reaches no more than another one.
    """
    columns, size = np.arange(reached.shape[1]), -1
    while reached.size != size:
        size = reached.size
        kept = ~_contains_another(~reached.T)
        reached, columns = reached[:, kept], columns[kept]
        reached = reached[~_contains_another(reached)]
    return reached, columns


def _contains_another(sets: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which rows have a True wherever another row has one; of rows that are alike all but the first."""
    words = sets.astype(np.float32)
    size = words.sum(axis=1)
    inside = words @ words.T >= size[None, :] - 0.5  # [a, b]: b lies in a
    alike = inside & inside.T
    return np.asarray((inside & ~alike).any(axis=1) | np.tril(alike, -1).any(axis=1))


def _greedy_cover(reached: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Columns that reach every row, each the one that reaches most of the rest."""
    rest, count = reached, reached.sum(axis=0)
    chosen = []
    while len(rest):
        column = int(count.argmax())
        chosen.append(column)
        gone = rest[:, column]
        count = count - rest[gone].sum(axis=0)
        rest = rest[~gone]
    return np.array(chosen, np.int64)


def _disjoint_rows(reached: NDArray[np.bool_]) -> int:
    """How many rows were found no two of which share a column: so many columns are needed."""
    taken, count = np.zeros(reached.shape[1], np.bool_), 0
    for k in reached.sum(axis=1).argsort(kind="stable"):
        if not (reached[k] & taken).any():
            taken |= reached[k]
            count += 1
    return count
