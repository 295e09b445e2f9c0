"""Covering: who has an open site within the radius.

Three models are location problems the core knows already, over costs from 0 to 1:

- *set cover* (Toregas et al. 1971), the cheapest sites that cover everybody, is uncapacitated location where a site
  serves whom it covers for nothing, and nobody else;
- *maximal cover* (Church and ReVelle 1974), p sites that cover most weight, is a p-median where a site serves whom it
  covers for nothing, and an additional site everybody at 1: the objective is the weight that is not covered;
- *gradual cover* (Berman and Krass 2002) is the same, where a site serves at the part that it does not cover.

Two are integer programs over what is left after customers of the same sites have become one, and go to HiGHS: *partial
cover*, the cheapest sites that cover a share of the weight (Daskin and Owen 1999), and *backup cover*, p sites that
cover most weight twice (Hogan and ReVelle 1986). So do the others where sites have a budget or exclude each other.

Customers covered by the same sites are one customer with their weight together, so that a million customers become as
many as there are different sets of sites.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from netdesign.location.costs import (
    EARTH_RADIUS_M,
    Floats,
    Indices,
    PlanarCosts,
    SparseCosts,
    SphereCosts,
    blocks,
    places,
)
from netdesign.location.models import LEAST_COVERING
from netdesign.location.problem import LocationProblem
from netdesign.location.run import Run
from netdesign.location.start import Beginning
from netdesign.result import Certificate
from netdesign.stop import Monitor, Progress, Stop


@dataclass(frozen=True)
class Cover:
    """A covering problem as one that the core solves, and the way back."""

    problem: LocationProblem
    core: LocationProblem
    coverable: NDArray[np.bool_]
    """Shape (customers,): who can be covered at all."""
    group: NDArray[np.intp]
    """Shape (customers,): the customer of the core that each is a part of."""

    def stop(self, stop: Stop) -> Stop:
        """The limits in the objective of the core."""
        if stop.target is None or self.problem.model in LEAST_COVERING:
            return stop
        return replace(stop, target=self._weight - stop.target)

    def progress(self, monitor: Monitor | None) -> Monitor | None:
        """A monitor of the core that tells in the objective of the problem."""
        return None if monitor is None else lambda progress: monitor(self._back(progress))

    def run(self, run: Run) -> Run:
        """What the core found, as sites and customers of the problem."""
        opened = run.open[run.open < self.problem.n_sites]
        assignment = nearest_cover(self.problem, opened) if len(run.open) else run.assignment
        trace = tuple(self._back(progress) for progress in run.trace)
        bound = self._back(Progress(0.0, 0, 0.0, run.bound)).bound
        certificate = run.certificate and self._certificate(run.certificate)
        return replace(run, open=opened, assignment=assignment, bound=bound, trace=trace, certificate=certificate)

    def begin(self, begin: Beginning) -> Beginning:
        """A start of the core: customers of a group pay together."""
        if not len(begin.price):
            return begin
        return Beginning(begin.sites, np.bincount(self.group, weights=begin.price).astype(np.float64))

    def _certificate(self, core: Certificate) -> Certificate:
        """Prices of the customers: of what their group pays by their weights, or by heads where it has none."""
        heads = np.bincount(self.group)[self.group]
        whole = self.core.weights[self.group]
        share = np.where(whole > 0, self.problem.weights / np.where(whole > 0, whole, 1.0), 1.0 / heads)
        bound = self._back(Progress(0.0, 0, 0.0, core.bound)).bound
        return Certificate(bound, core.customer_price[self.group] * share)

    @property
    def _weight(self) -> float:
        return float(self.problem.weights.sum())

    def _back(self, progress: Progress) -> Progress:
        """The core counts the weight that is not covered."""
        if self.problem.model in LEAST_COVERING:
            return progress
        return replace(progress, objective=self._covered(progress.objective), bound=self._covered(progress.bound))

    def _covered(self, uncovered: float) -> float:
        """Nothing where the difference is what rounding leaves."""
        covered = self._weight - uncovered
        return 0.0 if abs(covered) <= 1e-14 * self._weight else covered


def as_core_problem(problem: LocationProblem) -> Cover:
    """The problem of the core behind a covering problem. O(customers + pairs within the radius) memory."""
    offsets, sites = pairs_within(problem)
    gradual = problem.model == "gradual-cover"
    everyone = np.arange(problem.n_customers)
    group, representative = (everyone, everyone) if gradual else alike(offsets, sites, problem.n_sites)
    count = np.diff(offsets)[representative]
    weight: Floats = np.bincount(group, weights=problem.weights, minlength=len(representative)).astype(np.float64)
    first = np.r_[0, count.cumsum()]
    listed = sites[np.repeat(offsets[representative] - first[:-1], count) + np.arange(first[-1])]
    m = problem.n_sites
    coverable = np.diff(offsets) > 0
    if problem.model == "set-cover":
        costs = SparseCosts(first, listed, np.zeros(len(listed)), n_sites=m)
        core = LocationProblem(
            costs=costs, model="uncapacitated", fixed_cost=problem.fixed_costs, weight=weight, status=problem.status
        )
        return Cover(problem, core, coverable, group)
    # Site m serves everybody at 1.
    ends = first[1:] + np.arange(1, len(first))
    everywhere = np.insert(listed.astype(np.int64), first[1:], m)
    unit = np.zeros(len(listed))
    if gradual:
        unit = 1.0 - problem.coverage(problem.cost(np.repeat(everyone, count), listed))
    price = np.insert(unit, first[1:], 1.0)
    costs = SparseCosts(np.r_[0, ends], everywhere, price, n_sites=m + 1)
    assert problem.p is not None
    status = [*map(str, np.asarray(problem.status)), "open"]
    core = LocationProblem(costs=costs, model="p-median", p=problem.p + 1, weight=weight, status=status)
    return Cover(problem, core, coverable, group)


def pairs_within(problem: LocationProblem) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """The usable sites that cover or can serve every customer, ascending: offsets (customers + 1,) and sites."""
    usable, counts, sites = problem.usable, [np.zeros(1, np.int64)], []
    for count, found in _blocks(problem):
        kept = usable[found]
        counts.append(np.bincount(np.repeat(np.arange(len(count)), count)[kept], minlength=len(count)))
        sites.append(found[kept].astype(np.int32))
    return np.concatenate(counts).cumsum(), np.concatenate(sites)


def farthest(problem: LocationProblem) -> float:
    """No site of a higher cost covers or serves anybody."""
    return min(problem.reach, float(problem.limits.reach.max(initial=0.0)) if len(problem.limits.reach) else np.inf)


def _blocks(problem: LocationProblem) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Block by block of customers: how many sites lie within the radius of each, and which."""
    n, m, costs = problem.n_customers, problem.n_sites, problem.costs
    radius = farthest(problem)
    if isinstance(costs, SparseCosts):
        owner = np.repeat(np.arange(n), np.diff(costs.offsets))
        cost = problem.limits.applied(owner, costs.sites, costs.cost_values) if problem.limits else costs.cost_values
        near = np.isfinite(cost) & (cost <= radius)
        owner = owner[near]
        sites = costs.sites[near].astype(np.int64)
        yield np.bincount(owner, minlength=n), sites[np.lexsort((sites, owner))]
        return
    if isinstance(costs, (PlanarCosts, SphereCosts)) and m > 50 and np.isfinite(radius):
        yield from _near_points(problem)
        return
    for some in blocks(n, m):
        unit = problem.cost_matrix(some, np.arange(m))
        row, sites = np.nonzero((unit <= radius) & np.isfinite(unit))
        yield np.bincount(row, minlength=len(some)), sites


def _near_points(problem: LocationProblem) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """The same by a k-d tree of the sites: a little too many, then the exact cost decides who is near the edge."""
    from scipy.spatial import KDTree

    costs, radius, m = problem.costs, farthest(problem), problem.n_sites
    assert isinstance(costs, (PlanarCosts, SphereCosts))
    here, there = places(costs)
    if isinstance(costs, PlanarCosts):
        reach, sure = radius + 1.0, radius - 1.0  # rounding changes less than 1
    else:
        reach = sure = 2 * np.sin(min(radius / (2 * EARTH_RADIUS_M * costs.factor), np.pi / 2))
    sure = -1.0 if problem.limits else sure * (1 - 1e-9)
    tree, step = KDTree(there), 50_000
    for start in range(0, len(here), step):
        some = here[start : start + step]
        near = KDTree(some).sparse_distance_matrix(tree, reach * (1 + 1e-9), output_type="ndarray")
        edge = np.flatnonzero(near["v"] > sure)
        beyond = edge[problem.cost(start + near["i"][edge], near["j"][edge]) > radius]
        row, sites = np.divmod(np.sort(np.delete(near["i"] * m + near["j"], beyond)), m)
        yield np.bincount(row, minlength=len(some)), sites


def alike(
    offsets: NDArray[np.int64], sites: NDArray[np.int32], n_sites: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Shape (customers,): the group of customers with the same sites; shape (groups,): one customer of each.

    Groups are found by sums of random numbers, one per site, and then compared site by site.
    """
    rng = np.random.default_rng(1)
    numbers = rng.integers(0, 2**64, n_sites, dtype=np.uint64)
    count = np.diff(offsets)
    pieces = list(blocks(len(count), int(count.mean()) + 1))
    keys = []
    for some in pieces:
        ends = offsets[some[0] : some[-1] + 2]
        sums = np.r_[np.uint64(0), np.cumsum(numbers[sites[ends[0] : ends[-1]]], dtype=np.uint64)][ends - ends[0]]
        keys.append(sums[1:] - sums[:-1])
    _, representative, group = np.unique(np.concatenate(keys), return_index=True, return_inverse=True)
    twin = representative[group]
    if (count == count[twin]).all() and all(_same(offsets, sites, some, twin[some]) for some in pieces):
        return group, representative
    everyone = np.arange(len(count))  # two different sets with the same sum of 64 bits: everybody stays alone
    return everyone, everyone


def _same(offsets: NDArray[np.int64], sites: NDArray[np.int32], some: Indices, twins: Indices) -> bool:
    """Whether consecutive customers have the same sites as their twins, who have as many."""
    begin, end = offsets[some[0]], offsets[some[-1] + 1]
    theirs = np.repeat(offsets[twins] - offsets[some], offsets[some + 1] - offsets[some]) + np.arange(begin, end)
    return bool((sites[begin:end] == sites[theirs]).all())


def nearest_cover(problem: LocationProblem, opened: NDArray[np.int32]) -> NDArray[np.int32]:
    """Shape (customers,): the cheapest open site within the radius, -1 where there is none."""
    n, assignment = problem.n_customers, np.full(problem.n_customers, -1, np.int32)
    radius = problem.reach
    for some in blocks(n if len(opened) else 0, len(opened)):
        unit = problem.cost_matrix(some, opened)
        best = unit.argmin(axis=1)
        near = unit[np.arange(len(some)), best] <= radius
        assignment[some[near]] = opened[best[near]]
    return assignment
