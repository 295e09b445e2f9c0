"""What a search for the best sites with capacities knows so far, whoever does the searching."""

from __future__ import annotations

import math
import time

import numpy as np
from numpy.typing import NDArray

from netdesign.location.capacitated_core import CapacitatedDual
from netdesign.location.costs import Floats
from netdesign.location.kernel import Kernel, kernel_program
from netdesign.location.problem import LocationProblem
from netdesign.location.program import Program, solve_program
from netdesign.location.run import Run
from netdesign.location.site_rules import keeps_site_rules, within_rules
from netdesign.location.solution import Flows
from netdesign.result import Certificate, Reason
from netdesign.stop import Monitor, Progress, Stop


class CapacitatedSearch:
    """One run: its problem and limits, the dual once there is one, and the best solution and bound.

    Attributes
    ----------
    single, tight
        Whether customers are served whole, and whether it matters what a site serves; where not, they are without
        being told.
    owner, excess
        Shape (listed pairs,): the pair's customer, and what it adds to the bound where all of the customer's demand
        takes it, beside what its site adds.
    unlisted
        Shape (customers,): what all of a customer's demand costs at least by a pair that is not listed.
    """

    def __init__(self, problem: LocationProblem, stop: Stop, seed: int, threads: int, progress: Monitor | None) -> None:
        assert problem.capacity is not None
        self.problem, self.stop, self.seed, self.threads, self.progress = problem, stop, seed, threads, progress
        self.capacity, self.demand = problem.capacity, float(problem.weights.sum())
        self.single = problem.model == "single-source"
        self.least = np.zeros(problem.n_sites) if problem.min_throughput is None else problem.min_throughput
        self.tight = bool((self.capacity < self.demand)[problem.usable].any() or self.least.any())
        self._began = time.perf_counter()
        self.iterations = self.improved_at = 0
        self.objective, self.bound = math.inf, -math.inf
        self.open: NDArray[np.int32] = np.zeros(0, np.int32)
        self.flows: Flows | None = None
        self.trace: list[Progress] = []
        self.ended: Reason | None = None
        self.integral = False
        self.certificate: Certificate | None = None

    def learn(self, dual: CapacitatedDual) -> None:
        """Begin with what the dual proves."""
        problem = self.problem
        self.dual, self.iterations = dual, dual.iterations
        self.trace += dual.trace
        self.certificate = dual.certificate(problem)
        self.owner = np.repeat(np.arange(problem.n_customers), np.diff(dual.offsets))
        self.excess = problem.weights[self.owner] * (dual.costs - dual.multiplier[self.owner])
        with np.errstate(invalid="ignore"):
            self.unlisted = np.where(np.isfinite(dual.cap), problem.weights * dual.cap, np.inf)
        self.integral = self.single and bool(np.isinf(dual.cap).all()) and self._counts_in_ones()
        self.raise_bound(dual.bound)

    def outcome(self, reason: Reason) -> Run:
        """What was found."""
        n, flows = self.problem.n_customers, self.flows
        assignment = np.full(n if flows is not None else 0, -1, np.int32)
        if flows is not None:
            order = np.lexsort((flows.quantity, flows.customer))
            assignment[flows.customer[order]] = flows.site[order]
        return Run(
            open=self.open,
            assignment=assignment,
            bound=self.bound,
            infeasible=reason == "infeasible",
            reason=reason,
            trace=tuple(self.trace),
            seconds=time.perf_counter() - self._began,
            iterations=self.iterations,
            flows=flows,
            certificate=self.certificate,
        )

    # -- solutions -----------------------------------------------------------------------------------------------

    def construct(self, given: NDArray[np.int32]) -> None:
        """A solution to begin with: at the sites given; else those that the dual likes best, as few as do; else the
        largest ones.
        """
        problem, dual = self.problem, self.dual
        if len(given):
            forced = np.flatnonzero(problem.forced)
            self._open_at(within_rules(problem, np.r_[forced, np.setdiff1d(given, forced)]))
        if self.flows is not None:
            return
        rise = np.where(problem.forced, -math.inf, dual.reduced_cost)
        size = np.where(problem.forced, -math.inf, -self.capacity)
        fewest, most = problem.site_limits
        fewest = max(fewest, int(problem.forced.sum()))
        for wish in (rise, size):
            order = wish.argsort(kind="stable")
            order = within_rules(problem, order[problem.usable[order]])
            room = self.capacity[order].cumsum()
            liked = 0 if self.tight else int((rise[order] < 0).sum())
            for factor in (1.05, 1.2, 1.5, math.inf):
                count = min(max(int(np.searchsorted(room, factor * self.demand)) + 1, fewest, liked), most)
                self._open_at(order[:count])
                if self.flows is not None or self.ended is not None:
                    return
                if count >= min(len(order), most):
                    break

    def _open_at(self, sites: NDArray[np.intp]) -> None:
        """Take a solution with these sites open, if there is one."""
        opened = np.sort(sites)
        pairs = np.flatnonzero(np.isin(self.dual.sites, opened) & np.isfinite(self.dual.costs))
        share = self._pack(pairs) if self.single else self.transport(opened, pairs)
        if share is not None:
            self.take(opened, pairs, share)

    def _pack(self, pairs: NDArray[np.intp]) -> Floats | None:
        """Whole customers, the largest first, each where it adds least; None where one finds no room."""
        weight, room = self.problem.weights, self.capacity.copy()
        share = np.zeros(len(pairs))
        order = np.lexsort((self.excess[pairs], self.owner[pairs]))
        begin = np.searchsorted(self.owner[pairs][order], np.arange(self.problem.n_customers + 1))
        for i in (-weight).argsort(kind="stable"):
            mine = order[begin[i] : begin[i + 1]]
            sites = self.dual.sites[pairs[mine]]
            fits = np.flatnonzero(room[sites] >= weight[i])
            if not len(fits):
                return None
            share[mine[fits[0]]] = 1.0
            room[sites[fits[0]]] -= weight[i]
        return share

    def transport(self, opened: NDArray[np.intp], pairs: NDArray[np.intp]) -> Floats | None:
        """Shares of the demands by these pairs at least cost, all these sites open; None where it cannot be."""
        at = np.searchsorted(opened, self.dual.sites[pairs])
        nobody = np.full(self.problem.n_customers, np.inf)
        kernel = Kernel(opened, np.ones(len(opened), np.bool_), pairs, at, nobody, math.inf)
        program = self.program(kernel)
        whole = Program(**{**vars(program), "integer": np.zeros(len(program.cost), np.bool_)})
        answer = solve_program(whole, seconds=self.seconds_left(), watch=lambda *_: self.ended is None)
        return None if answer.values is None else np.clip(answer.values[len(opened) :], 0.0, 1.0)

    def take(self, opened: NDArray[np.intp], pairs: NDArray[np.intp], share: Floats) -> None:
        """Clean flows of a solution, its true cost, and the incumbent where it is better."""
        problem, n = self.problem, self.problem.n_customers
        customer, site = self.owner[pairs], self.dual.sites[pairs].astype(np.int64)
        if self.single:
            order = np.lexsort((share, customer))
            last = order[np.r_[np.diff(customer[order]) > 0, True]]
            customer, site, share = customer[last], site[last], np.ones(len(last))
        used = share > 1e-9
        customer, site, share = customer[used], site[used], share[used]
        share = share / np.bincount(customer, weights=share, minlength=n)[customer]
        quantity = share * problem.weights[customer]
        load = np.bincount(site, weights=quantity, minlength=problem.n_sites)
        if len(np.unique(customer)) < n or (load > self.capacity * (1 + 1e-6) + 1e-9).any():
            return
        sites = np.union1d(site, np.flatnonzero(problem.forced))
        spare = np.setdiff1d(opened, sites)
        spare = spare[problem.fixed_costs[spare].argsort(kind="stable")]
        sites = np.union1d(sites, spare[: max(0, problem.site_limits[0] - len(sites))])
        least = self.least[sites]
        if not keeps_site_rules(problem, sites) or (load[sites] < least * (1 - 1e-6) - 1e-9).any():
            return
        cost = float((quantity * problem.cost(customer, site)).sum() + problem.fixed_costs[sites].sum())
        if cost >= self.objective:
            return
        self.objective, self.improved_at = cost, self.iterations
        self.open, self.flows = sites.astype(np.int32), Flows(customer, site, quantity)
        self._note()

    def program(self, kernel: Kernel) -> Program:
        """The integer program over a part of the sites and pairs."""
        return kernel_program(self.problem, kernel, self.owner, self.dual.costs, whole=self.single and self.tight)

    # -- the run ---------------------------------------------------------------------------------------------------

    def why_ended(self) -> Reason | None:
        tolerance = 1e-9 if self.stop.gap == 0 else self.stop.gap
        if math.isfinite(self.objective) and self.objective - self.bound <= tolerance * abs(self.objective):
            return "gap"
        if self.stop.target is not None and self.objective <= self.stop.target:
            return "target"
        if self.ended is not None:
            return self.ended
        if self.seconds_left() <= 0.01:
            return "time_limit"
        limit = self.stop.max_iterations
        return "iteration_limit" if limit is not None and self.iterations >= limit else None

    def _counts_in_ones(self) -> bool:
        """Whether every cost of a customer's whole demand, and of a site, is a whole number but for rounding."""
        pairs = self.problem.weights[self.owner] * self.dual.costs
        amounts = np.concatenate([pairs[np.isfinite(pairs)], self.problem.fixed_costs])
        return bool((np.abs(amounts - np.rint(amounts)) <= 1e-9 * np.maximum(1.0, np.abs(amounts))).all())

    def seconds(self) -> float:
        return time.perf_counter() - self._began

    def seconds_left(self) -> float:
        return self.stop.time_limit_s - self.seconds()

    def raise_bound(self, bound: float) -> None:
        if self.integral:
            bound = math.ceil(bound - 1e-6) if math.isfinite(bound) else bound
        if bound > self.bound:
            self.bound = bound
            self._note()

    def _note(self) -> None:
        self.trace.append(Progress(self.seconds(), self.iterations, self.objective, min(self.bound, self.objective)))
