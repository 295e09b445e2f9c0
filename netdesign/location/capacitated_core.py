"""What the core says about a location problem with capacities: its dual, and its tree over sites and customers."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from netdesign.location.certificate import prove
from netdesign.location.costs import Floats, SparseCosts
from netdesign.location.problem import LocationProblem
from netdesign.location.site_rules import are_ruled
from netdesign.result import Certificate, Reason
from netdesign.stop import Monitor, Progress, Stop


@dataclass(frozen=True, eq=False)
class CapacitatedDual:
    """What the dual of a problem with capacities proves, and what it leaves to others."""

    multiplier: Floats
    """Shape (customers,), per unit of weight."""
    reduced_cost: Floats
    """Shape (sites,): what opening a site adds to the bound (positive) or closing it (negative); inf where closed."""
    capacity_price: float
    """Of the row that open sites can carry the demand."""
    bound: float
    offsets: NDArray[np.int64]
    """Shape (customers + 1,): where the lists of pairs begin, ascending by cost."""
    sites: NDArray[np.int32]
    costs: Floats
    cap: Floats
    """Shape (customers,): no unlisted site costs less per unit; infinite where none is unlisted."""
    reason: Reason
    trace: tuple[Progress, ...]
    iterations: int
    budget_price: float = 0.0
    """Of the row that open sites keep to the budget."""

    def certificate(self, problem: LocationProblem) -> Certificate:
        """The multipliers, and what they prove where customers may have several sites."""
        owner = np.repeat(np.arange(problem.n_customers), np.diff(self.offsets))
        price = problem.weights * self.multiplier
        with np.errstate(invalid="ignore"):
            gains = np.flatnonzero(price[owner] > problem.weights[owner] * self.costs)
        first = np.searchsorted(gains, self.offsets)
        near = SparseCosts(first, self.sites[gains], self.costs[gains], n_sites=problem.n_sites)
        # By the cap lemma the pairs that are not listed change nothing.
        unproven = Certificate(-math.inf, price, self.capacity_price, self.budget_price)
        return replace(unproven, bound=prove(problem.replace(costs=near), unproven))


Bounding = Callable[[LocationProblem, Stop, Monitor | None, Floats], CapacitatedDual]
"""The dual of the core, from multipliers per unit of weight; from own ones where there are none."""


@dataclass(frozen=True, eq=False)
class Branched:
    """What the tree of the core found."""

    customers: NDArray[np.int32]
    sites: NDArray[np.int32]
    shares: Floats
    """Shape (pairs that serve,): the part of a customer's demand that a site serves; empty where nothing better was
    found than what was known."""
    bound: float
    exhausted: bool
    """Nothing better is left."""
    reason: Reason
    trace: tuple[Progress, ...]
    iterations: int


MOST_PAIRS = 1_000_000
"""In the tree, whose nodes go through all of them; beyond it kernels serve better."""

Branching = Callable[..., Branched]
"""The tree of the core, from a problem and its dual; keywords objective, integral, stop, seed, threads, progress."""


def tree_knows(problem: LocationProblem, dual: CapacitatedDual) -> bool:
    """Whether the tree knows everything that matters: all pairs, no rules about sites."""
    fewest, most = problem.site_limits
    if fewest > 1 or most < problem.n_sites or are_ruled(problem) or not problem.weights.any():
        return False
    if np.isfinite(dual.cap).any() or len(dual.sites) > MOST_PAIRS:
        return False
    if problem.model == "capacitated":
        return True
    owner = np.repeat(np.arange(problem.n_customers), np.diff(dual.offsets))
    possible = np.bincount(owner[np.isfinite(dual.costs)], minlength=problem.n_customers)
    # A whole customer who asks for nothing is no reason to open a site: any has to do.
    return bool((possible[problem.weights == 0] == problem.usable.sum()).all())
