"""Maximum capture: p sites among competitors that capture most weight, by branch and cut.

What is captured of a group of customers is bounded by linear functions of the choice
(:mod:`netdesign.location.market`), found where the linear program over those known so far has its optimum. Every
bound that counts is recomputed from the program's multipliers: they combine the functions of all groups into one,
whose best p sites bound every choice. Solutions come from greedy choices, swaps of single sites and the sites that
the program likes best.
"""

from __future__ import annotations

import heapq
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from netdesign.location.attraction import captured_flows, market_of
from netdesign.location.capture_certificate import prove_capture
from netdesign.location.costs import Floats
from netdesign.location.market import Market, Sites
from netdesign.location.problem import LocationProblem
from netdesign.location.program import GrowingProgram
from netdesign.location.run import EndedError, Run, end_at_limit, reason_of
from netdesign.result import Certificate, Reason
from netdesign.stop import Monitor, Progress, Stop

GROUPS = 16
"""Groups of customers: few make small programs, many make good ones."""
ROOT_ROUNDS, NODE_ROUNDS = 100, 6
TOLERANCE = 1e-9
"""Relative: a bound so little above a solution counts as none above it."""
ENOUGH = 0.02
"""Of what is open: cuts that would close less are not worth another program."""
IDLE = 10
"""Programs solved since a function had a multiplier, after which it goes."""


@dataclass(frozen=True, eq=False)
class _Bound:
    """A linear function of the choice that no choice exceeds."""

    constant: float
    slope: Floats

    def best(self, p: int, fixed: NDArray[np.int8]) -> float:
        """The most it allows to p sites, where some are open (1) and some closed (0); the others are -1."""
        opened, free = np.flatnonzero(fixed == 1), np.flatnonzero(fixed == -1)
        left = p - len(opened)
        if left < 0 or left > len(free):
            return -math.inf
        most = np.partition(self.slope[free], len(free) - left)[len(free) - left :] if left else np.zeros(0)
        return self.constant + float(self.slope[opened].sum() + most.sum())

    def decided(self, p: int, fixed: NDArray[np.int8], least: float) -> NDArray[np.int8]:
        """`fixed`, and what must be so in every choice worth more than `least`."""
        free = np.flatnonzero(fixed == -1)
        left = p - int((fixed == 1).sum())
        if not 0 < left < len(free):
            return fixed
        order = free[np.argsort(-self.slope[free], kind="stable")]
        room = self.best(p, fixed) - least
        inside, outside = order[:left], order[left:]
        after = fixed.copy()
        after[outside[self.slope[inside[-1]] - self.slope[outside] >= room]] = 0
        after[inside[self.slope[inside] - self.slope[outside[0]] >= room]] = 1
        return after


class _Relaxation:
    """The linear program over sites and groups, and the functions in it."""

    def __init__(self, market: Market, p: int) -> None:
        self._market = market
        self._groups, self._m = len(market.first) - 1, market.attraction.shape[1]
        self._most = np.add.reduceat(market.weight, market.first[:-1])
        g, m = self._groups, self._m
        ones = np.r_[np.ones(m), np.zeros(g)]
        self._program = GrowingProgram(1.0 - ones, np.r_[np.zeros(m), np.full(g, -np.inf)], self._upper(), ones, p)
        self._group = np.zeros(0, np.int64)
        self._constant = np.zeros(0)
        self._slope = np.zeros((0, m))
        self._idle = np.zeros(0, np.int64)

    def _upper(self) -> Floats:
        return np.asarray(np.r_[np.ones(self._m), self._most])

    def cut(self, y: Floats, values: Floats | None = None) -> float:
        """Add the functions found at y, those that say something new at the groups' values; what they allow at y."""
        from scipy.sparse import csr_array, eye_array, hstack

        constant, slope = self._market.cut(y)
        allowed = constant + slope @ y
        new = np.arange(self._groups) if values is None else np.flatnonzero(values > allowed + 1e-7)
        if len(new):
            rows = hstack([csr_array(-slope[new]), eye_array(self._groups, format="csr")[new]], format="csr")
            self._program.add(rows, constant[new])
            self._group = np.r_[self._group, new]
            self._constant = np.r_[self._constant, constant[new]]
            self._slope = np.vstack([self._slope, slope[new]])
            self._idle = np.r_[self._idle, np.zeros(len(new), np.int64)]
        return float(np.minimum(allowed, self._most).sum())

    def solve(self, fixed: NDArray[np.int8], seconds: float) -> tuple[Floats, Floats, _Bound] | None:
        """Sites, groups and the bound at the optimum; None where time was up."""
        lower = np.r_[(fixed == 1).astype(float), np.full(self._groups, -np.inf)]
        upper = self._upper()
        upper[: self._m][fixed == 0] = 0.0
        self._program.limit(lower, upper)
        found = self._program.solve(seconds)
        if found is None:
            return None
        values, worth = found
        total = np.bincount(self._group, weights=worth, minlength=self._groups)
        worth = worth / np.maximum(total, 1.0)[self._group]
        missing = np.maximum(0.0, 1.0 - np.bincount(self._group, weights=worth, minlength=self._groups))
        bound = _Bound(float(worth @ self._constant + missing @ self._most), worth @ self._slope)
        self._forget(worth)
        return np.clip(values[: self._m], 0.0, 1.0), values[self._m :], bound

    def _forget(self, worth: Floats) -> None:
        self._idle = np.where(worth > 0, 0, self._idle + 1)
        old = self._idle > IDLE
        if old.sum() > len(old) // 2:
            self._program.drop(np.flatnonzero(old))
            self._group, self._constant = self._group[~old], self._constant[~old]
            self._slope, self._idle = self._slope[~old], self._idle[~old]


def solve_capture(problem: LocationProblem, *, stop: Stop, seed: int, progress: Monitor | None) -> Run:
    """Solve a problem of maximum capture on one core; an iteration is one linear program."""
    search = _Search(problem, stop, seed, progress)
    return search.outcome(reason_of(search.run))


class _Search:
    """One run: the best choice, the bound and the tree."""

    def __init__(self, problem: LocationProblem, stop: Stop, seed: int, progress: Monitor | None) -> None:
        assert problem.p is not None
        self._began = time.perf_counter()
        self._problem, self._stop, self._progress, self._p = problem, stop, progress, problem.p
        self._rng = np.random.default_rng(seed)
        self._sites = np.flatnonzero(problem.usable)
        self._fixed = np.where(problem.forced[self._sites], 1, -1).astype(np.int8)
        self._market, self._scale, self._customers = market_of(problem, self._sites, GROUPS, self._rng)
        self._iterations = self._improved_at = 0
        self._objective, self._bound = -math.inf, float(self._market.weight.sum())
        self._open: Sites = np.zeros(0, np.int64)
        self._root: Floats | None = None
        self._trace: list[Progress] = []
        self._tried: set[bytes] = set()
        self._told = -math.inf

    def run(self) -> None:
        """Ends by `EndedError`."""
        self._offer(self._greedy())
        self._look()
        self._improve(self._open)
        self._relaxation = _Relaxation(self._market, self._p)
        start = np.full(len(self._sites), self._p / len(self._sites))
        self._relaxation.cut(start)
        self._relaxation.cut(self._indicator(self._open))
        self._tree()

    def outcome(self, reason: Reason) -> Run:
        """What was found."""
        opened = np.sort(self._sites[self._open]).astype(np.int32)
        flows = captured_flows(self._problem, opened)
        assignment = np.full(self._problem.n_customers, -1, np.int32)
        order = np.argsort(flows.quantity, kind="stable")
        assignment[flows.customer[order]] = flows.site[order]
        return Run(
            open=opened,
            assignment=assignment,
            bound=self._bound / self._scale,
            infeasible=False,
            reason=reason,
            trace=tuple(self._trace),
            seconds=time.perf_counter() - self._began,
            iterations=self._iterations,
            flows=flows,
            certificate=None if reason == "interrupted" else self._certificate(),
        )

    def _certificate(self) -> Certificate | None:
        """The tangents at the choice that the program of the root likes best; None where time was up before."""
        if self._root is None:
            return None
        touching = np.zeros(self._problem.n_customers)
        touching[self._customers] = self._market.touching(self._root)
        return Certificate(prove_capture(self._problem, touching), touching)

    # -- choices ---------------------------------------------------------------------------------------------

    def _greedy(self) -> Sites:
        """The site that captures most, over and over."""
        chosen = np.flatnonzero(self._fixed == 1)
        while len(chosen) < self._p:
            worth = self._market.with_one_more(chosen)
            worth[chosen] = -math.inf
            chosen = np.append(chosen, worth.argmax())
        return chosen

    def _improve(self, chosen: Sites) -> None:
        """Replace single sites as long as that captures more."""
        worth, tried = self._market.captured(chosen), 0
        order = self._rng.permutation(len(chosen))
        while tried < len(chosen):
            k = order[tried]
            tried += 1
            if self._fixed[chosen[k]] == 1:
                continue
            rest = np.delete(chosen, k)
            others = self._market.with_one_more(rest)
            others[rest] = -math.inf
            if others.max() > worth * (1 + 1e-12):
                chosen = np.insert(rest, k, others.argmax())
                worth, tried = float(others.max()), 0
                order = self._rng.permutation(len(chosen))
                self._offer(chosen)
            self._look()

    def _round(self, y: Floats) -> None:
        """Begin with the sites that the program likes best."""
        chosen = np.sort(np.argsort(-y, kind="stable")[: self._p])
        key = chosen.tobytes()
        if key not in self._tried:
            self._tried.add(key)
            self._offer(chosen)
            self._improve(chosen)

    def _offer(self, chosen: Sites) -> None:
        worth = self._market.captured(chosen)
        if worth > self._objective:
            self._objective, self._open, self._improved_at = worth, chosen, self._iterations
            self._note()

    def _indicator(self, chosen: Sites) -> Floats:
        y = np.zeros(len(self._sites))
        y[chosen] = 1.0
        return y

    # -- the tree --------------------------------------------------------------------------------------------

    @property
    def _least(self) -> float:
        """What a choice has to be worth more than to matter."""
        return self._objective * (1 + max(self._stop.gap * (1 - 1e-6), TOLERANCE))

    def _tree(self) -> None:
        """Best bound first."""
        heap: list[tuple[float, int, NDArray[np.int8]]] = [(-self._bound, 0, self._fixed)]
        count, left_out = 0, -math.inf
        while heap:
            bound, _, fixed = heapq.heappop(heap)
            self._raise(max(-bound, left_out))
            if -bound <= self._least:
                left_out = max(left_out, -bound)
                continue
            for child, value in self._node(fixed, ROOT_ROUNDS if count == 0 else NODE_ROUNDS):
                count += 1
                value = min(value, -bound)
                if value > self._least:
                    heapq.heappush(heap, (-value, count, child))
                else:
                    left_out = max(left_out, value)
        self._raise(max(left_out, self._objective))
        raise EndedError("gap")

    def _node(self, fixed: NDArray[np.int8], rounds: int) -> Iterator[tuple[NDArray[np.int8], float]]:
        """Bound a node; what is left of it, in parts with their bounds."""
        opened, free = int((fixed == 1).sum()), int((fixed == -1).sum())
        if self._p in (opened, opened + free):
            self._offer(np.flatnonzero(fixed == 1 if self._p == opened else fixed != 0))
            return
        value, y, bound = math.inf, np.zeros(0), None
        for _ in range(rounds):
            self._look()
            found = self._relaxation.solve(fixed, self._seconds_left())
            if found is None:
                raise EndedError("time_limit")
            self._iterations += 1
            y, values, bound = found
            value = min(value, bound.best(self._p, fixed))
            if rounds == ROOT_ROUNDS:
                self._raise(value)
                self._root = y
            fixed = bound.decided(self._p, fixed, self._objective)
            if value <= self._least:
                yield fixed, value
                return
            reached = self._relaxation.cut(y, values)
            if rounds == ROOT_ROUNDS:
                self._round(y)
            if values.sum() - reached <= ENOUGH * (value - self._objective):
                break
        assert bound is not None
        if np.minimum(y, 1 - y).max() < 1e-6:  # whole sites
            self._offer(np.sort(np.argsort(-y, kind="stable")[: self._p]))
        j = self._to_branch(y, fixed)
        for state in (1, 0):
            child = fixed.copy()
            child[j] = state
            yield child, min(value, bound.best(self._p, child))

    def _to_branch(self, y: Floats, fixed: NDArray[np.int8]) -> int:
        """The site that is open most without being so: its absence is felt most."""
        return int(np.where((fixed == -1) & (y < 1 - 1e-6), y, np.where(fixed == -1, 0.0, -1.0)).argmax())

    # -- the run ---------------------------------------------------------------------------------------------

    def _raise(self, bound: float) -> None:
        """No choice is worth more than `bound`."""
        if bound < self._bound:
            self._bound = max(bound, self._objective)
            self._note()

    def _seconds_left(self) -> float:
        return self._stop.time_limit_s - (time.perf_counter() - self._began)

    def _look(self) -> None:
        """End the run where a limit is reached."""
        stop = self._stop
        if self._bound <= self._least:
            raise EndedError("gap")
        if stop.target is not None and self._objective / self._scale >= stop.target:
            raise EndedError("target")
        now = self._now()
        end_at_limit(stop, now, self._improved_at)
        if self._progress is not None and now.seconds - self._told >= 0.1:
            self._told = now.seconds
            if self._progress(now) is False:
                raise EndedError("interrupted")

    def _now(self) -> Progress:
        seconds = time.perf_counter() - self._began
        return Progress(seconds, self._iterations, self._objective / self._scale, self._bound / self._scale)

    def _note(self) -> None:
        self._trace.append(self._now())
