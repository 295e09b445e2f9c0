"""Location with capacities: a site carries no more than it can.

The Lagrangian dual of the core bounds the optimum and says what every site and every pair adds to the bound where it
is used (Cornuejols, Sridharan and Thizy, "A comparison of heuristics and relaxations for the capacitated plant
location problem", European Journal of Operational Research 50, 1991). Where customers are served whole and nothing else
is asked for, the core's tree goes on from there. Else sites and pairs that add more than a slack are left out, and
HiGHS solves what is left: first a small kernel, for a solution (Guastaroba and Speranza, "Kernel search for the
capacitated facility location problem", Journal of Heuristics 18, 2012); then windows of that solution; and at the end
everything that adds less than what separates the best solution from the bound, which is a proof.

Where a customer may be served from several sites, a pair cannot be ruled out by what it adds, since little of it may
be used. There the pairs left out become one, with the cost of the cheapest and without a capacity: still a bound, and
exact where the solution does not use it (the cap lemma of the candidate lists, for an integer program).
"""

from __future__ import annotations

import math
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netdesign.location.capacitated_core import Bounding, Branching, tree_knows
from netdesign.location.costs import Floats
from netdesign.location.kernel import Kernel, kernel_program
from netdesign.location.problem import LocationProblem
from netdesign.location.program import Answer, Program, solve_program
from netdesign.location.run import Run
from netdesign.location.site_rules import keeps_site_rules, within_rules
from netdesign.location.solution import Flows
from netdesign.location.start import NOWHERE, Beginning
from netdesign.result import Certificate, Reason
from netdesign.stop import Monitor, Progress, Stop

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


def solve_capacitated(
    problem: LocationProblem,
    *,
    bounding: Bounding,
    branching: Branching,
    stop: Stop,
    seed: int,
    threads: int,
    progress: Monitor | None,
    begin: Beginning = NOWHERE,
) -> Run:
    """Solve a location problem with capacities; an iteration is a step of the dual or a node of a tree."""
    search = _Search(problem, stop, seed, threads, progress)
    reason: Reason = "interrupted"
    with suppress(KeyboardInterrupt):
        reason = search.run(bounding, branching, begin)
    return search.outcome(reason)


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


class _Search:
    """One run."""

    def __init__(self, problem: LocationProblem, stop: Stop, seed: int, threads: int, progress: Monitor | None) -> None:
        assert problem.capacity is not None
        self._problem, self._stop, self._seed, self._threads, self._progress = problem, stop, seed, threads, progress
        self._capacity, self._demand = problem.capacity, float(problem.weights.sum())
        self._single = problem.model == "single-source"
        self._least = np.zeros(problem.n_sites) if problem.min_throughput is None else problem.min_throughput
        self._tight = bool((self._capacity < self._demand)[problem.usable].any() or self._least.any())
        """Whether it matters what a site serves; where not, customers are served whole without being told."""
        self._began = time.perf_counter()
        self._iterations = self._improved_at = 0
        self._objective, self._bound = math.inf, -math.inf
        self._open: NDArray[np.int32] = np.zeros(0, np.int32)
        self._flows: Flows | None = None
        self._trace: list[Progress] = []
        self._ended: Reason | None = None
        self._integral = False
        self._certificate: Certificate | None = None

    def run(self, bounding: Bounding, branching: Branching, begin: Beginning) -> Reason:
        """The dual, then the tree where it knows everything, else programs with more and more in them."""
        limit = self._stop.time_limit_s
        rule = Stop(time_limit_s=0.3 * limit, max_iterations=self._stop.max_iterations)
        self._dual = dual = bounding(self._problem, rule, self._progress, begin.multipliers(self._problem.weights))
        self._iterations = dual.iterations
        self._trace += dual.trace
        self._certificate = dual.certificate(self._problem)
        if dual.reason == "interrupted" and not self._single:
            self._raise_bound(dual.bound)
            return "interrupted"
        self._owner = np.repeat(np.arange(self._problem.n_customers), np.diff(dual.offsets))
        weight = self._problem.weights
        self._excess = weight[self._owner] * (dual.costs - dual.multiplier[self._owner])
        """What a pair adds to the bound where all of the customer's demand takes it, beside what its site adds."""
        with np.errstate(invalid="ignore"):
            self._unlisted = np.where(np.isfinite(dual.cap), weight * dual.cap, np.inf)
        self._integral = self._single and bool(np.isinf(dual.cap).all()) and self._counts_in_ones()
        self._raise_bound(dual.bound)
        self._construct(begin.sites)
        if dual.reason == "interrupted" or tree_knows(self._problem, dual):
            return self._branch(branching)
        scope = _Scope(self._first_slack(), np.full(self._problem.n_customers, FIRST_PAIRS[False]), NEXT_TO_NOTHING)
        searched, in_vain = False, 0
        while True:
            kernel = self._kernel(scope)
            last = scope.slack >= self._objective - dual.bound or kernel.limit == math.inf
            nodes = ROUND_SHARE * (self._stop.max_iterations or 0)
            answer = self._solve(kernel, *((math.inf, math.inf) if last else (ROUND_SHARE * limit, nodes)))
            crossed = self._offer(kernel, answer)
            self._raise_bound(min(answer.bound, kernel.limit))
            ended = self._why_ended()
            if ended is not None:
                return ended
            if len(crossed):
                if (scope.width[crossed] >= np.diff(dual.offsets)[crossed]).all():
                    return "no_improvement"
                scope.widen(crossed)
            elif last:
                return "infeasible" if answer.status == "infeasible" and kernel.limit == math.inf else "no_improvement"
            if self._flows is None:
                in_vain += 1
                scope.slack = 4 * scope.slack if in_vain < 8 else math.inf
                continue
            if not searched:
                self._improve(WINDOWS_SHARE * limit)
                searched = True
            # From here on nothing is left out that a better solution could use.
            scope.slack = self._objective - dual.bound

    def outcome(self, reason: Reason) -> Run:
        """What was found."""
        n, flows = self._problem.n_customers, self._flows
        assignment = np.full(n if flows is not None else 0, -1, np.int32)
        if flows is not None:
            order = np.lexsort((flows.quantity, flows.customer))
            assignment[flows.customer[order]] = flows.site[order]
        return Run(
            open=self._open,
            assignment=assignment,
            bound=self._bound,
            infeasible=reason == "infeasible",
            reason=reason,
            trace=tuple(self._trace),
            seconds=time.perf_counter() - self._began,
            iterations=self._iterations,
            flows=flows,
            certificate=self._certificate,
        )

    # -- the tree ------------------------------------------------------------------------------------------------

    def _branch(self, branching: Branching) -> Reason:
        ended = "interrupted" if self._dual.reason == "interrupted" else self._why_ended()
        if ended is not None:
            return ended
        limit, before, seconds = self._stop.max_iterations, self._iterations, self._seconds()
        left = None if limit is None else limit - before

        def since(now: Progress) -> Progress:
            bound = min(max(self._bound, now.bound), now.objective)
            return Progress(seconds + now.seconds, before + now.iterations, now.objective, bound)

        def tell(now: Progress) -> object:
            assert self._progress is not None
            return self._progress(since(now))

        found = branching(
            self._problem,
            self._dual,
            objective=self._objective,
            integral=self._integral,
            stop=replace(self._stop, time_limit_s=self._seconds_left(), max_iterations=left),
            seed=self._seed,
            progress=None if self._progress is None else tell,
        )
        self._iterations = before + found.iterations
        self._trace += map(since, found.trace)
        if len(found.assignment):
            m = self._problem.n_sites
            wanted = np.arange(len(found.assignment)) * m + found.assignment
            pairs = np.flatnonzero(np.isin(self._owner * m + self._dual.sites, wanted))
            self._take(np.unique(found.assignment).astype(np.intp), pairs, np.ones(len(pairs)))
        self._raise_bound(found.bound)
        if found.exhausted:
            return "infeasible" if self._flows is None else "gap"
        return found.reason

    # -- what takes part -----------------------------------------------------------------------------------------

    def _first_slack(self) -> float:
        """As small as leaves room enough, and pairs enough where a customer has one site."""
        rise = np.where(self._problem.forced, 0.0, self._dual.reduced_cost)
        order = rise.argsort(kind="stable")
        enough = np.cumsum(self._capacity[order]) >= FIRST_ROOM * self._demand
        slack = rise[order[enough.argmax()]] if enough.any() else rise[order[-1]]
        if self._single:
            adds = np.sort(self._excess + np.maximum(rise[self._dual.sites], 0.0))
            slack = max(slack, adds[min(FIRST_PAIRS[True] * self._problem.n_customers, len(adds) - 1)])
        return max(float(slack), 1e-6 * abs(self._dual.bound), 1e-9) if np.isfinite(slack) else math.inf

    def _kernel(self, scope: _Scope) -> Kernel:
        """The sites and pairs that may be used at no more than the slack above the bound."""
        problem, dual, slack = self._problem, self._dual, scope.slack
        rise = np.where(problem.forced, 0.0, dual.reduced_cost)
        kept = problem.usable & (rise <= slack)
        sites = np.flatnonzero(kept)
        possible = kept[dual.sites] & np.isfinite(dual.costs)
        if self._single:
            pairs = possible & (self._excess + np.maximum(rise[dual.sites], 0.0) <= slack)
            outside = np.full(problem.n_customers, np.inf)
            unlisted = float((self._unlisted - problem.weights * dual.multiplier).min())
        else:
            # The first so many at the sites kept, and those that add next to nothing.
            count: NDArray[np.int64] = np.cumsum(possible) - possible
            order: NDArray[np.int64] = count - count[dual.offsets[self._owner]]
            few = scope.margin * slack if slack < math.inf else 0.0
            pairs = possible & ((order < scope.width[self._owner]) | (self._excess <= few))
            outside = self._unlisted.copy()
            left_out = possible & ~pairs
            cost = problem.weights[self._owner[left_out]] * dual.costs[left_out]
            np.minimum.at(outside, self._owner[left_out], cost)
            unlisted = math.inf
        needed = dual.reduced_cost[sites] < -slack
        whole = bool(kept[problem.usable].all()) and not (needed & ~problem.forced[sites]).any()
        whole = whole and (not self._single or bool((pairs == possible).all()))
        limit = min(math.inf if whole else dual.bound + slack, dual.bound + unlisted)
        chosen = np.flatnonzero(pairs)
        at = np.searchsorted(sites, dual.sites[chosen])
        fixed_open = problem.forced[sites] | needed
        return Kernel(sites, fixed_open, chosen, at, outside, limit)

    # -- windows -------------------------------------------------------------------------------------------------

    def _improve(self, seconds: float) -> None:
        """Decide window by window who is served from where: small ones as long as they gain, then larger ones."""
        rng = np.random.default_rng(self._seed)
        until, width = self._seconds() + min(seconds, self._seconds_left()), FIRST_WINDOW
        while 2 * width <= len(self._open):
            before = self._objective
            for seed in rng.permutation(self._open):
                left = until - self._seconds()
                if left <= 0.05 or self._why_ended() is not None:
                    return
                if seed in self._open:
                    kernel = self._window(int(seed), width)
                    self._offer(kernel, self._solve(kernel, min(left, WINDOW_S), WINDOW_NODES))
            if self._objective >= before * (1 - 1e-9):
                width += FIRST_WINDOW

    def _window(self, seed: int, width: int) -> Kernel:
        """A few open sites near one of them, their customers, and the sites that may stand in; the rest stays."""
        problem, dual, flows = self._problem, self._dual, self._flows
        assert flows is not None
        needed = self._objective - dual.bound
        rise = np.where(problem.forced, 0.0, dual.reduced_cost)
        candidates = np.flatnonzero(problem.usable & (rise <= needed))
        near = self._nearest_sites(flows.customer[flows.site == seed], candidates)
        is_open = np.isin(near, self._open)
        inside = np.concatenate([near[is_open][:width], near[~is_open][: 2 * width]])
        customers = np.unique(flows.customer[np.isin(flows.site, inside)])
        m = problem.n_sites
        used = np.isin(self._owner * m + dual.sites, flows.customer * m + flows.site)
        free = np.isin(self._owner, customers) & np.isin(dual.sites, inside) & np.isfinite(dual.costs)
        if self._single:
            free &= self._excess + np.maximum(rise[dual.sites], 0.0) <= needed
        pairs = np.flatnonzero(used | free)
        sites = np.union1d(self._open, inside)
        fixed = problem.forced[sites] | ~np.isin(sites, inside)
        nobody = np.full(problem.n_customers, np.inf)
        return Kernel(sites, fixed, pairs, np.searchsorted(sites, dual.sites[pairs]), nobody, -math.inf)

    def _nearest_sites(self, customers: NDArray[np.int64], sites: NDArray[np.intp]) -> NDArray[np.intp]:
        """The sites, those that serve these customers cheapest first."""
        if not len(customers):
            return sites
        few = customers[:: max(1, len(customers) // 50)]
        cost = self._problem.cost_matrix(few, sites)
        dear = 2 * float(cost[np.isfinite(cost)].max(initial=0.0)) + 1.0
        order: NDArray[np.intp] = np.where(np.isfinite(cost), cost, dear).mean(axis=0).argsort(kind="stable")
        return sites[order]

    # -- the program ---------------------------------------------------------------------------------------------

    def _solve(self, kernel: Kernel, seconds: float, nodes: float) -> Answer:
        """Solve one program within so many seconds; within so many nodes where the run has to repeat."""
        limit, before, left = self._stop.max_iterations, self._iterations, self._seconds_left()
        answer = solve_program(
            self._program(kernel),
            seconds=min(seconds, left) if limit is None else left,
            threads=self._threads,
            seed=self._seed,
            gap=max(1e-9, self._stop.gap),
            most_nodes=None if limit is None else int(min(nodes, limit - before)),
            start=self._start(kernel),
            watch=self._watcher(kernel, before),
        )
        self._iterations = before + answer.nodes
        return answer

    def _program(self, kernel: Kernel) -> Program:
        return kernel_program(self._problem, kernel, self._owner, self._dual.costs, whole=self._single and self._tight)

    def _start(self, kernel: Kernel) -> Floats | None:
        """The best solution as a point of the program; None where it does not lie within."""
        flows = self._flows
        if flows is None or not len(kernel.pairs):
            return None
        m = self._problem.n_sites
        key = self._owner[kernel.pairs] * m + self._dual.sites[kernel.pairs]
        order = key.argsort()
        wanted = flows.customer * m + flows.site
        at = np.searchsorted(key, wanted, sorter=order).clip(max=len(key) - 1)
        found = key[order[at]] == wanted
        if not found.all() or not np.isin(self._open, kernel.sites).all():
            return None
        weight = self._problem.weights[flows.customer]
        share = np.where(weight > 0, flows.quantity / np.maximum(weight, 1e-300), 1.0)
        point = np.zeros(len(kernel.sites) + len(key) + int(np.isfinite(kernel.outside).sum()))
        point[np.searchsorted(kernel.sites, self._open)] = 1.0
        point[len(kernel.sites) + order[at]] = share
        return point

    def _watcher(self, kernel: Kernel, before: int) -> Any:
        # What stands outside costs too little: such an incumbent is none of the problem.
        exact = not np.isfinite(kernel.outside).any()

        def watch(objective: float, bound: float, nodes: int) -> bool:
            self._iterations = before + max(0, nodes)
            best = min(self._objective, objective) if exact else self._objective
            now = Progress(self._seconds(), self._iterations, best, max(self._bound, min(bound, kernel.limit, best)))
            if self._progress is not None and self._progress(now) is False:
                self._ended = "interrupted"
            stall = self._stop.no_improvement
            if stall is not None and best >= self._objective and self._iterations - self._improved_at >= stall:
                self._ended = "no_improvement"
            return self._ended is None

        return watch

    # -- solutions -----------------------------------------------------------------------------------------------

    def _construct(self, given: NDArray[np.int32]) -> None:
        """A solution to begin with: at the sites given; else those that the dual likes best, as few as do; else the
        largest ones.
        """
        problem, dual = self._problem, self._dual
        if len(given):
            forced = np.flatnonzero(problem.forced)
            self._open_at(within_rules(problem, np.r_[forced, np.setdiff1d(given, forced)]))
        if self._flows is not None:
            return
        rise = np.where(problem.forced, -math.inf, dual.reduced_cost)
        size = np.where(problem.forced, -math.inf, -self._capacity)
        fewest, most = problem.site_limits
        fewest = max(fewest, int(problem.forced.sum()))
        for wish in (rise, size):
            order = wish.argsort(kind="stable")
            order = within_rules(problem, order[problem.usable[order]])
            room = self._capacity[order].cumsum()
            liked = 0 if self._tight else int((rise[order] < 0).sum())
            for factor in (1.05, 1.2, 1.5, math.inf):
                count = min(max(int(np.searchsorted(room, factor * self._demand)) + 1, fewest, liked), most)
                self._open_at(order[:count])
                if self._flows is not None or self._ended is not None:
                    return
                if count >= min(len(order), most):
                    break

    def _open_at(self, sites: NDArray[np.intp]) -> None:
        """Take a solution with these sites open, if there is one."""
        opened = np.sort(sites)
        pairs = np.flatnonzero(np.isin(self._dual.sites, opened) & np.isfinite(self._dual.costs))
        share = self._pack(pairs) if self._single else self._transport(opened, pairs)
        if share is not None:
            self._take(opened, pairs, share)

    def _pack(self, pairs: NDArray[np.intp]) -> Floats | None:
        """Whole customers, the largest first, each where it adds least; None where one finds no room."""
        weight, room = self._problem.weights, self._capacity.copy()
        share = np.zeros(len(pairs))
        order = np.lexsort((self._excess[pairs], self._owner[pairs]))
        begin = np.searchsorted(self._owner[pairs][order], np.arange(self._problem.n_customers + 1))
        for i in (-weight).argsort(kind="stable"):
            mine = order[begin[i] : begin[i + 1]]
            sites = self._dual.sites[pairs[mine]]
            fits = np.flatnonzero(room[sites] >= weight[i])
            if not len(fits):
                return None
            share[mine[fits[0]]] = 1.0
            room[sites[fits[0]]] -= weight[i]
        return share

    def _offer(self, kernel: Kernel, answer: Answer) -> NDArray[np.intp]:
        """Take a solution of the program; returns the customers that it serves from outside of the kernel."""
        if answer.values is None:
            return np.zeros(0, np.intp)
        m, p = len(kernel.sites), len(kernel.pairs)
        opened = kernel.sites[answer.values[:m] > 0.5]
        share = np.clip(answer.values[m : m + p], 0.0, 1.0)
        outsiders = np.flatnonzero(np.isfinite(kernel.outside))
        crossed = outsiders[answer.values[m + p :] > 1e-7]
        pairs = kernel.pairs
        if len(crossed):
            pairs = np.flatnonzero(np.isin(self._dual.sites, opened) & np.isfinite(self._dual.costs))
            found = self._transport(opened, pairs)
            if found is None:
                return crossed
            share = found
        self._take(opened, pairs, share)
        return crossed

    def _transport(self, opened: NDArray[np.intp], pairs: NDArray[np.intp]) -> Floats | None:
        """Shares of the demands by these pairs at least cost, all these sites open; None where it cannot be."""
        at = np.searchsorted(opened, self._dual.sites[pairs])
        nobody = np.full(self._problem.n_customers, np.inf)
        kernel = Kernel(opened, np.ones(len(opened), np.bool_), pairs, at, nobody, math.inf)
        program = self._program(kernel)
        whole = Program(**{**vars(program), "integer": np.zeros(len(program.cost), np.bool_)})
        answer = solve_program(whole, seconds=self._seconds_left(), watch=lambda *_: self._ended is None)
        return None if answer.values is None else np.clip(answer.values[len(opened) :], 0.0, 1.0)

    def _take(self, opened: NDArray[np.intp], pairs: NDArray[np.intp], share: Floats) -> None:
        """Clean flows of a solution, its true cost, and the incumbent where it is better."""
        problem, n = self._problem, self._problem.n_customers
        customer, site = self._owner[pairs], self._dual.sites[pairs].astype(np.int64)
        if self._single:
            order = np.lexsort((share, customer))
            last = order[np.r_[np.diff(customer[order]) > 0, True]]
            customer, site, share = customer[last], site[last], np.ones(len(last))
        used = share > 1e-9
        customer, site, share = customer[used], site[used], share[used]
        share = share / np.bincount(customer, weights=share, minlength=n)[customer]
        quantity = share * problem.weights[customer]
        load = np.bincount(site, weights=quantity, minlength=problem.n_sites)
        if len(np.unique(customer)) < n or (load > self._capacity * (1 + 1e-6) + 1e-9).any():
            return
        sites = np.union1d(site, np.flatnonzero(problem.forced))
        spare = np.setdiff1d(opened, sites)
        spare = spare[problem.fixed_costs[spare].argsort(kind="stable")]
        sites = np.union1d(sites, spare[: max(0, problem.site_limits[0] - len(sites))])
        least = self._least[sites]
        if not keeps_site_rules(problem, sites) or (load[sites] < least * (1 - 1e-6) - 1e-9).any():
            return
        cost = float((quantity * problem.cost(customer, site)).sum() + problem.fixed_costs[sites].sum())
        if cost >= self._objective:
            return
        self._objective, self._improved_at = cost, self._iterations
        self._open, self._flows = sites.astype(np.int32), Flows(customer, site, quantity)
        self._note()

    # -- the run ---------------------------------------------------------------------------------------------------

    def _why_ended(self) -> Reason | None:
        tolerance = 1e-9 if self._stop.gap == 0 else self._stop.gap
        if math.isfinite(self._objective) and self._objective - self._bound <= tolerance * abs(self._objective):
            return "gap"
        if self._stop.target is not None and self._objective <= self._stop.target:
            return "target"
        if self._ended is not None:
            return self._ended
        if self._seconds_left() <= 0.01:
            return "time_limit"
        limit = self._stop.max_iterations
        return "iteration_limit" if limit is not None and self._iterations >= limit else None

    def _counts_in_ones(self) -> bool:
        """Whether every cost of a customer's whole demand, and of a site, is a whole number but for rounding."""
        pairs = self._problem.weights[self._owner] * self._dual.costs
        amounts = np.concatenate([pairs[np.isfinite(pairs)], self._problem.fixed_costs])
        return bool((np.abs(amounts - np.rint(amounts)) <= 1e-9 * np.maximum(1.0, np.abs(amounts))).all())

    def _seconds(self) -> float:
        return time.perf_counter() - self._began

    def _seconds_left(self) -> float:
        return self._stop.time_limit_s - self._seconds()

    def _raise_bound(self, bound: float) -> None:
        if self._integral:
            bound = math.ceil(bound - 1e-6) if math.isfinite(bound) else bound
        if bound > self._bound:
            self._bound = bound
            self._note()

    def _note(self) -> None:
        self._trace.append(
            Progress(self._seconds(), self._iterations, self._objective, min(self._bound, self._objective))
        )
