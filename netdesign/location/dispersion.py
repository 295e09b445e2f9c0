"""p-dispersion: sites as far apart as can be.

The least distance between two open sites is one of the distances there are. Whether p sites can be at least so far
apart asks for p nodes of a graph no two of which are nearer (Erkut, "The discrete p-dispersion problem", European
Journal of Operational Research 46, 1990). Greedy choices with exchanges give a first answer; from there the distance
grows, and HiGHS decides: sites that are all near each other exclude each other in one row.
"""

from __future__ import annotations

import math
import time
from contextlib import suppress

import numpy as np
from numpy.typing import NDArray

from netdesign.location.distance_certificate import prove_distance
from netdesign.location.distance_sets import cliques, distance_sets
from netdesign.location.problem import LocationProblem
from netdesign.location.program import Program, solve_program
from netdesign.location.run import Run
from netdesign.result import Certificate, Reason
from netdesign.stop import Monitor, Progress, Stop

Sites = NDArray[np.int64]
STARTS = 20
"""Sites from which a greedy choice begins."""


def solve_dispersion(problem: LocationProblem, *, stop: Stop, seed: int, threads: int, progress: Monitor | None) -> Run:
    """Solve a p-dispersion problem; an iteration is one distance decided."""
    search = _Search(problem, stop, seed, threads, progress)
    reason: Reason = "interrupted"
    with suppress(KeyboardInterrupt):
        reason = search.run()
    return search.outcome(reason)


class _Search:
    """One run: the sites that may open, the best choice and the bound."""

    def __init__(self, problem: LocationProblem, stop: Stop, seed: int, threads: int, progress: Monitor | None) -> None:
        assert problem.p is not None
        self._began = time.perf_counter()
        self._stop, self._seed, self._threads, self._progress = stop, seed, threads, progress
        self._problem, self._p = problem, problem.p
        self._sites = np.flatnonzero(problem.usable)
        self._forced = np.flatnonzero(problem.forced[self._sites])
        self._apart = problem.site_distances()[np.ix_(self._sites, self._sites)]
        self._iterations = 0
        self._objective, self._bound = -math.inf, math.inf
        self._open: Sites = np.zeros(0, np.int64)
        self._trace: list[Progress] = []
        self._interrupted = False

    def run(self) -> Reason:
        """Grow the distance until no choice is left."""
        if self._p == 1:
            self._offer(self._forced if len(self._forced) else np.zeros(1, np.int64))
            self._bound = self._objective
            return "gap"
        self._offer(self._greedy())
        upper = np.triu_indices(len(self._sites), 1)
        values = np.unique(self._apart[upper])
        inside = self._apart[np.ix_(self._forced, self._forced)][np.triu_indices(len(self._forced), 1)]
        values = values[values <= inside.min(initial=math.inf)]
        low, high, step = int(np.searchsorted(values, self._objective)), len(values), 1
        self._bound = float(values[-1])
        # The distance at low is reached; the one at high is not.
        while low + 1 < high:
            ended = self._ended()
            if ended is not None:
                return ended
            at = min(low + step, high - 1) if high == len(values) else (low + high) // 2
            found = self._decide(float(values[at]))
            if found is None:
                return "interrupted" if self._interrupted else "time_limit"
            if len(found):
                self._offer(found)
                low, step = int(np.searchsorted(values, self._objective)), 2 * step
            else:
                high = at
                self._bound = float(values[high - 1])
                self._note()
        self._bound = self._objective
        self._note()
        return "gap"

    def outcome(self, reason: Reason) -> Run:
        """What was found."""
        return Run(
            open=np.sort(self._sites[self._open]).astype(np.int32),
            assignment=np.full(self._problem.n_customers, -1, np.int32),
            bound=self._bound,
            infeasible=False,
            reason=reason,
            trace=tuple(self._trace),
            seconds=time.perf_counter() - self._began,
            iterations=self._iterations,
            certificate=None if reason == "interrupted" else self._certificate(),
        )

    def _certificate(self) -> Certificate | None:
        """Near sets that prove the bound or nearly so; None where time is up."""
        if self._p == 1:
            return None
        found = distance_sets(self._apart, self._p, self._bound, self._seconds_left)
        if not found:
            return None
        sets = tuple((weight, tuple(self._sites[list(sites)].tolist())) for weight, sites in found)
        proven = max(self._bound, prove_distance(self._problem, sets))
        return Certificate(proven, np.zeros(self._problem.n_customers), near_sets=sets)

    def _seconds_left(self) -> float:
        return self._stop.time_limit_s - (time.perf_counter() - self._began)

    def _greedy(self) -> Sites:
        """The best of some choices: the site farthest from those chosen, over and over, then exchanges."""
        rng = np.random.default_rng(self._seed)
        count = len(self._sites)
        starts = self._forced[:1] if len(self._forced) else rng.permutation(count)[:STARTS]
        best: Sites = np.zeros(0, np.int64)
        value = -math.inf
        for start in starts:
            chosen = self._forced.tolist() or [int(start)]
            while len(chosen) < self._p:
                near = self._apart[:, chosen].min(axis=1)
                near[chosen] = -math.inf
                chosen.append(int(near.argmax()))
            found = self._exchange(np.array(chosen, np.int64))
            if (worth := self._worth(found)) > value:
                best, value = found, worth
        return best

    def _exchange(self, chosen: Sites) -> Sites:
        """Replace one of the two sites that are nearest to each other as long as that helps."""
        while True:
            between = self._apart[np.ix_(chosen, chosen)] + np.diag(np.full(len(chosen), math.inf))
            worth = between.min()
            for k in np.unique(np.argwhere(between == worth)):
                if chosen[k] in self._forced:
                    continue
                rest = np.delete(chosen, k)
                near = self._apart[:, rest].min(axis=1, initial=math.inf)
                near[rest] = -math.inf
                if near.max() > worth:
                    chosen = np.append(rest, near.argmax())
                    break
            else:
                return chosen

    def _decide(self, distance: float) -> Sites | None:
        """p sites at least so far apart; none where there are not so many, None where it was not decided."""
        self._iterations += 1
        m = len(self._sites)
        rows = cliques(self._apart < distance)
        lower = np.zeros(m)
        lower[self._forced] = 1.0
        from scipy.sparse import coo_array, csr_array, vstack

        at = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
        columns = np.concatenate(rows) if rows else np.zeros(0, np.int64)
        exclusive = coo_array((np.ones(len(at)), (at, columns)), shape=(len(rows), m))
        program = Program(
            cost=np.full(m, -1.0),
            lower=lower,
            upper=np.ones(m),
            integer=np.ones(m, np.bool_),
            rows=vstack([exclusive, csr_array(np.ones((1, m)))]),
            row_lower=np.full(len(rows) + 1, -np.inf),
            row_upper=np.append(np.ones(len(rows)), float(self._p)),
        )

        def watch(objective: float, bound: float, nodes: int) -> bool:
            if self._progress is not None and self._progress(self._now()) is False:
                self._interrupted = True
            # Enough were found, or there cannot be enough.
            return not self._interrupted and objective > -self._p + 0.5 and bound <= -self._p + 0.5

        answer = solve_program(
            program,
            seconds=self._seconds_left(),
            threads=self._threads,
            seed=self._seed,
            watch=watch,
        )
        if answer.values is not None and (answer.values > 0.5).sum() >= self._p:
            return np.flatnonzero(answer.values > 0.5)
        if answer.status == "infeasible" or answer.bound > -self._p + 0.5:
            return np.zeros(0, np.int64)
        return None

    def _worth(self, chosen: Sites) -> float:
        pairs = self._apart[np.ix_(chosen, chosen)][np.triu_indices(len(chosen), 1)]
        return float(pairs.min(initial=math.inf))

    def _offer(self, chosen: Sites) -> None:
        worth = self._worth(chosen) if len(chosen) > 1 else 0.0
        if worth > self._objective or not len(self._open):
            self._objective, self._open = worth, chosen
            self._note()

    def _ended(self) -> Reason | None:
        stop = self._stop
        if self._interrupted:
            return "interrupted"
        if self._bound - self._objective <= stop.gap * abs(self._objective):
            return "gap"
        if stop.target is not None and self._objective >= stop.target:
            return "target"
        if time.perf_counter() - self._began >= stop.time_limit_s:
            return "time_limit"
        if stop.max_iterations is not None and self._iterations >= stop.max_iterations:
            return "iteration_limit"
        return None

    def _now(self) -> Progress:
        return Progress(time.perf_counter() - self._began, self._iterations, self._objective, self._bound)

    def _note(self) -> None:
        self._trace.append(self._now())
