"""Prices on rules about sites: a stronger bound where a budget or a number of sites is scarce.

The dual of the core knows nothing of a budget or of a largest number of sites. With a price per unit of the budget, or
per site, on top of the fixed costs, and less what that brings in where all may be spent, its bound still holds
(Geoffrion, "Lagrangean relaxation for integer programming", Mathematical Programming Study 2, 1974), and so does what
sites and pairs add to it. The bound is concave in the price; a few trials bracket the best one.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from netdesign.location.capacitated_core import Bounding, CapacitatedDual
from netdesign.location.costs import Floats
from netdesign.location.problem import LocationProblem
from netdesign.stop import Monitor, Progress, Stop

TRIALS = 8
"""Prices tried for one rule."""


@dataclass(frozen=True, eq=False)
class _Rule:
    """``amount @ y <= limit``, both >= 0."""

    amount: Floats
    limit: float
    is_budget: bool

    def excess(self, problem: LocationProblem, dual: CapacitatedDual) -> float:
        """By how much the sites that the dual would open go beyond the limit."""
        opened = problem.forced | (dual.reduced_cost < 0)
        return float(self.amount[opened].sum() - self.limit)


def with_site_prices(bounding: Bounding) -> Bounding:
    """The dual of the core, at the best price found where its sites break a rule."""

    def bound(problem: LocationProblem, stop: Stop, progress: Monitor | None, multiplier: Floats) -> CapacitatedDual:
        began = time.perf_counter()
        best = bounding(problem, stop, progress, multiplier)
        broken = [rule for rule in _rules(problem) if rule.excess(problem, best) > 0]
        if not broken:
            return best
        rule, low, high = broken[0], 0.0, math.inf
        price = max(float(problem.fixed_costs.mean()), 1e-9) / max(float(rule.amount.mean()), 1e-12)
        for _ in range(TRIALS):
            rest = _rest(stop, best.iterations, time.perf_counter() - began)
            if rest is None or best.reason == "interrupted":
                break
            priced = problem.replace(fixed_cost=problem.fixed_costs + price * rule.amount)
            money, now = price * rule.limit, Progress(time.perf_counter() - began, best.iterations, 0.0, 0.0)
            other = bounding(priced, rest, _later(progress, now, money), multiplier)
            low, high = (price, high) if rule.excess(problem, other) > 0 else (low, price)
            price = 2 * price if math.isinf(high) else (low + high) / 2
            used = best.iterations + other.iterations
            paid = price if rule.is_budget else 0.0  # a certificate counts sites, without a price
            other = replace(other, bound=other.bound - money, budget_price=paid)
            better = other if other.bound > best.bound else best
            best = replace(better, trace=best.trace, iterations=used, reason=other.reason)
        return best

    return bound


def _rules(problem: LocationProblem) -> Iterator[_Rule]:
    if problem.budget is not None:
        yield _Rule(problem.fixed_costs, problem.budget, is_budget=True)
    most = problem.site_limits[1]
    if most < problem.n_sites:
        yield _Rule(np.ones(problem.n_sites), float(most), is_budget=False)


def _rest(stop: Stop, iterations: int, seconds: float) -> Stop | None:
    """What is left of the limits; None where too little."""
    left = stop.time_limit_s - seconds
    steps = None if stop.max_iterations is None else stop.max_iterations - iterations
    if left <= 0 or (steps is not None and steps <= 0):
        return None
    return replace(stop, time_limit_s=left, max_iterations=steps)


def _later(progress: Monitor | None, before: Progress, money: float) -> Monitor | None:
    """A monitor of a run that begins after others, and whose bound counts money that is not there."""
    if progress is None:
        return None

    def tell(now: Progress) -> object:
        seconds, iterations = before.seconds + now.seconds, before.iterations + now.iterations
        return progress(Progress(seconds, iterations, now.objective, now.bound - money))

    return tell
