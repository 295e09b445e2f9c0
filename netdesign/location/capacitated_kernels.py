"""Integer programs over more and more of a location problem with capacities.

Sites and pairs that add more than a slack to the dual's bound are left out, and HiGHS solves what is left: first a
small kernel, for a solution (Guastaroba and Speranza, "Kernel search for the capacitated facility location problem",
Journal of Heuristics 18, 2012); then windows of that solution; and at the end everything that adds less than what
separates the best solution from the bound, which is a proof.

Where a customer may be served from several sites, a pair cannot be ruled out by what it adds, since little of it may
be used. There the pairs left out become one, with the cost of the cheapest and without a capacity: still a bound, and
exact where the solution does not use it (the cap lemma of the candidate lists, for an integer program).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netdesign.location.capacitated_search import CapacitatedSearch
from netdesign.location.costs import Floats
from netdesign.location.kernel import Kernel
from netdesign.location.program import Answer, solve_program
from netdesign.result import Reason
from netdesign.stop import Progress

FIRST_PAIRS = {True: 4, False: 5}
"""Pairs per customer in the first program, where a customer has one site and where it may have several."""
NEXT_TO_NOTHING = 0.003
"""Of the slack: a pair that adds no more takes part at first, where a customer may have several."""
FIRST_ROOM = 1.2
"""Of the demand: what the sites of the first program can serve at least."""
FIRST_WINDOW = 5
"""Open sites of a window at first; twice as many others may open in their place."""
WINDOW_S, WINDOW_NODES = 3.0, 200
"""Time for one window; nodes where the run has to repeat."""
ROUND_SHARE, WINDOWS_SHARE = 0.1, 0.3
"""Of the time limit: for a program that cannot be the last, and for the windows after it."""


@dataclass(eq=False)
class _Scope:
    """How much is let into a kernel."""

    slack: float
    """What sites may add to the bound; pairs too, where a customer has one site."""
    width: NDArray[np.int64]
    """Shape (customers,): the cheapest so many pairs of a customer who may have several sites."""
    margin: float
    """Of the slack: what other pairs of such a customer may add."""

    def widen(self, customers: NDArray[np.intp]) -> None:
        """More for these customers, and a little more for everybody, who may have to make room for them."""
        self.width[customers] *= 4
        self.margin *= 3


class KernelSearch:
    """The programs of one run."""

    def __init__(self, search: CapacitatedSearch) -> None:
        self._search = search

    def run(self) -> Reason:
        """Programs with more and more in them, until one leaves out nothing that matters."""
        search = self._search
        limit, dual = search.stop.time_limit_s, search.dual
        scope = _Scope(self._first_slack(), np.full(search.problem.n_customers, FIRST_PAIRS[False]), NEXT_TO_NOTHING)
        searched, in_vain = False, 0
        while True:
            kernel = self._kernel(scope)
            last = scope.slack >= search.objective - dual.bound or kernel.limit == math.inf
            nodes = ROUND_SHARE * (search.stop.max_iterations or 0)
            answer = self._solve(kernel, *((math.inf, math.inf) if last else (ROUND_SHARE * limit, nodes)))
            crossed = self._offer(kernel, answer)
            search.raise_bound(min(answer.bound, kernel.limit))
            ended = search.why_ended()
            if ended is not None:
                return ended
            if len(crossed):
                if (scope.width[crossed] >= np.diff(dual.offsets)[crossed]).all():
                    return "no_improvement"
                scope.widen(crossed)
            elif last:
                return "infeasible" if answer.status == "infeasible" and kernel.limit == math.inf else "no_improvement"
            if search.flows is None:
                in_vain += 1
                scope.slack = 4 * scope.slack if in_vain < 8 else math.inf
                continue
            if not searched:
                self._improve(WINDOWS_SHARE * limit)
                searched = True
            # From here on nothing is left out that a better solution could use.
            scope.slack = search.objective - dual.bound

    def _first_slack(self) -> float:
        """As small as leaves room enough, and pairs enough where a customer has one site."""
        search = self._search
        rise = np.where(search.problem.forced, 0.0, search.dual.reduced_cost)
        order = rise.argsort(kind="stable")
        enough = np.cumsum(search.capacity[order]) >= FIRST_ROOM * search.demand
        slack = rise[order[enough.argmax()]] if enough.any() else rise[order[-1]]
        if search.single:
            adds = np.sort(search.excess + np.maximum(rise[search.dual.sites], 0.0))
            slack = max(slack, adds[min(FIRST_PAIRS[True] * search.problem.n_customers, len(adds) - 1)])
        return max(float(slack), 1e-6 * abs(search.dual.bound), 1e-9) if np.isfinite(slack) else math.inf

    def _kernel(self, scope: _Scope) -> Kernel:
        """The sites and pairs that may be used at no more than the slack above the bound."""
        search = self._search
        problem, dual, slack = search.problem, search.dual, scope.slack
        rise = np.where(problem.forced, 0.0, dual.reduced_cost)
        kept = problem.usable & (rise <= slack)
        sites = np.flatnonzero(kept)
        possible = kept[dual.sites] & np.isfinite(dual.costs)
        if search.single:
            pairs = possible & (search.excess + np.maximum(rise[dual.sites], 0.0) <= slack)
            outside = np.full(problem.n_customers, np.inf)
            unlisted = float((search.unlisted - problem.weights * dual.multiplier).min())
        else:
            # The first so many at the sites kept, and those that add next to nothing.
            count: NDArray[np.int64] = np.cumsum(possible) - possible
            order: NDArray[np.int64] = count - count[dual.offsets[search.owner]]
            few = scope.margin * slack if slack < math.inf else 0.0
            pairs = possible & ((order < scope.width[search.owner]) | (search.excess <= few))
            outside = search.unlisted.copy()
            left_out = possible & ~pairs
            cost = problem.weights[search.owner[left_out]] * dual.costs[left_out]
            np.minimum.at(outside, search.owner[left_out], cost)
            unlisted = math.inf
        needed = dual.reduced_cost[sites] < -slack
        whole = bool(kept[problem.usable].all()) and not (needed & ~problem.forced[sites]).any()
        whole = whole and (not search.single or bool((pairs == possible).all()))
        limit = min(math.inf if whole else dual.bound + slack, dual.bound + unlisted)
        chosen = np.flatnonzero(pairs)
        at = np.searchsorted(sites, dual.sites[chosen])
        fixed_open = problem.forced[sites] | needed
        return Kernel(sites, fixed_open, chosen, at, outside, limit)

    # -- windows -------------------------------------------------------------------------------------------------

    def _improve(self, seconds: float) -> None:
        """Decide window by window who is served from where: small ones as long as they gain, then larger ones."""
        search = self._search
        rng = np.random.default_rng(search.seed)
        until, width = search.seconds() + min(seconds, search.seconds_left()), FIRST_WINDOW
        while 2 * width <= len(search.open):
            before = search.objective
            for seed in rng.permutation(search.open):
                left = until - search.seconds()
                if left <= 0.05 or search.why_ended() is not None:
                    return
                if seed in search.open:
                    kernel = self._window(int(seed), width)
                    self._offer(kernel, self._solve(kernel, min(left, WINDOW_S), WINDOW_NODES))
            if search.objective >= before * (1 - 1e-9):
                width += FIRST_WINDOW

    def _window(self, seed: int, width: int) -> Kernel:
        """A few open sites near one of them, their customers, and the sites that may stand in; the rest stays."""
        search = self._search
        problem, dual, flows = search.problem, search.dual, search.flows
        assert flows is not None
        needed = search.objective - dual.bound
        rise = np.where(problem.forced, 0.0, dual.reduced_cost)
        candidates = np.flatnonzero(problem.usable & (rise <= needed))
        near = self._nearest_sites(flows.customer[flows.site == seed], candidates)
        is_open = np.isin(near, search.open)
        inside = np.concatenate([near[is_open][:width], near[~is_open][: 2 * width]])
        customers = np.unique(flows.customer[np.isin(flows.site, inside)])
        m = problem.n_sites
        used = np.isin(search.owner * m + dual.sites, flows.customer * m + flows.site)
        free = np.isin(search.owner, customers) & np.isin(dual.sites, inside) & np.isfinite(dual.costs)
        if search.single:
            free &= search.excess + np.maximum(rise[dual.sites], 0.0) <= needed
        pairs = np.flatnonzero(used | free)
        sites = np.union1d(search.open, inside)
        fixed = problem.forced[sites] | ~np.isin(sites, inside)
        nobody = np.full(problem.n_customers, np.inf)
        return Kernel(sites, fixed, pairs, np.searchsorted(sites, dual.sites[pairs]), nobody, -math.inf)

    def _nearest_sites(self, customers: NDArray[np.int64], sites: NDArray[np.intp]) -> NDArray[np.intp]:
        """The sites, those that serve these customers cheapest first."""
        if not len(customers):
            return sites
        few = customers[:: max(1, len(customers) // 50)]
        cost = self._search.problem.cost_matrix(few, sites)
        dear = 2 * float(cost[np.isfinite(cost)].max(initial=0.0)) + 1.0
        order: NDArray[np.intp] = np.where(np.isfinite(cost), cost, dear).mean(axis=0).argsort(kind="stable")
        return sites[order]

    # -- the program ---------------------------------------------------------------------------------------------

    def _solve(self, kernel: Kernel, seconds: float, nodes: float) -> Answer:
        """Solve one program within so many seconds; within so many nodes where the run has to repeat."""
        search = self._search
        limit, before, left = search.stop.max_iterations, search.iterations, search.seconds_left()
        answer = solve_program(
            search.program(kernel),
            seconds=min(seconds, left) if limit is None else left,
            threads=search.threads,
            seed=search.seed,
            gap=max(1e-9, search.stop.gap),
            most_nodes=None if limit is None else int(min(nodes, limit - before)),
            start=self._start(kernel),
            watch=self._watcher(kernel, before),
        )
        search.iterations = before + answer.nodes
        return answer

    def _start(self, kernel: Kernel) -> Floats | None:
        """The best solution as a point of the program; None where it does not lie within."""
        search = self._search
        flows = search.flows
        if flows is None or not len(kernel.pairs):
            return None
        m = search.problem.n_sites
        key = search.owner[kernel.pairs] * m + search.dual.sites[kernel.pairs]
        order = key.argsort()
        wanted = flows.customer * m + flows.site
        at = np.searchsorted(key, wanted, sorter=order).clip(max=len(key) - 1)
        found = key[order[at]] == wanted
        if not found.all() or not np.isin(search.open, kernel.sites).all():
            return None
        weight = search.problem.weights[flows.customer]
        share = np.where(weight > 0, flows.quantity / np.maximum(weight, 1e-300), 1.0)
        point = np.zeros(len(kernel.sites) + len(key) + int(np.isfinite(kernel.outside).sum()))
        point[np.searchsorted(kernel.sites, search.open)] = 1.0
        point[len(kernel.sites) + order[at]] = share
        return point

    def _watcher(self, kernel: Kernel, before: int) -> Any:
        search = self._search
        # What stands outside costs too little: such an incumbent is none of the problem.
        exact = not np.isfinite(kernel.outside).any()

        def watch(objective: float, bound: float, nodes: int) -> bool:
            search.iterations = before + max(0, nodes)
            best = min(search.objective, objective) if exact else search.objective
            now = Progress(search.seconds(), search.iterations, best, max(search.bound, min(bound, kernel.limit, best)))
            if search.progress is not None and search.progress(now) is False:
                search.ended = "interrupted"
            stall = search.stop.no_improvement
            if stall is not None and best >= search.objective and search.iterations - search.improved_at >= stall:
                search.ended = "no_improvement"
            return search.ended is None

        return watch

    def _offer(self, kernel: Kernel, answer: Answer) -> NDArray[np.intp]:
        """Take a solution of the program; returns the customers that it serves from outside of the kernel."""
        search = self._search
        if answer.values is None:
            return np.zeros(0, np.intp)
        m, p = len(kernel.sites), len(kernel.pairs)
        opened = kernel.sites[answer.values[:m] > 0.5]
        share = np.clip(answer.values[m : m + p], 0.0, 1.0)
        outsiders = np.flatnonzero(np.isfinite(kernel.outside))
        crossed = outsiders[answer.values[m + p :] > 1e-7]
        pairs = kernel.pairs
        if len(crossed):
            pairs = np.flatnonzero(np.isin(search.dual.sites, opened) & np.isfinite(search.dual.costs))
            found = search.transport(opened, pairs)
            if found is None:
                return crossed
            share = found
        search.take(opened, pairs, share)
        return crossed
