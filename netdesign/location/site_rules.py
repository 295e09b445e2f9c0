"""Rules about which sites are open together: as rows of an integer program, and for a choice of sites."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from netdesign.location.problem import LocationProblem
from netdesign.location.program import Entries, Rows, sparse

TOLERANCE = 1e-6
"""Relative: what a budget may be exceeded by."""


def site_rows(problem: LocationProblem, sites: NDArray[np.intp], width: int) -> Rows:
    """The rules over some sites, which are the first columns of a program of that width; the others stay closed."""
    groups = problem.groups[sites]
    rivals = np.flatnonzero(np.bincount(groups)[groups] > 1)
    names, name = np.unique(groups[rivals], return_inverse=True)
    everywhere = np.arange(len(sites))
    fewest, most = problem.site_limits
    entries: list[Entries] = [(1.0, 0 * everywhere, everywhere), (1.0, 1 + name, rivals)]
    lower, upper = [float(fewest), *[-np.inf] * len(names)], [float(most), *[1.0] * len(names)]
    both = problem.rivals[np.isin(problem.rivals, sites).all(axis=1)]
    pair = len(lower) + np.repeat(np.arange(len(both)), 2)
    entries.append((1.0, pair, np.searchsorted(sites, both.ravel())))
    lower += [-np.inf] * len(both)
    upper += [1.0] * len(both)
    if problem.budget is not None:
        scale = problem.budget or 1.0
        entries.append((problem.fixed_costs[sites] / scale, np.full(len(sites), len(lower)), everywhere))
        lower.append(-np.inf)
        upper.append(problem.budget / scale)
    return Rows(sparse(entries, len(lower), width), np.array(lower), np.array(upper))


def keeps_site_rules(problem: LocationProblem, opened: NDArray[Any]) -> bool:
    """Whether these sites may be the open ones."""
    fewest, most = problem.site_limits
    if not fewest <= len(opened) <= most or len(np.unique(problem.groups[opened])) < len(opened):
        return False
    if np.isin(problem.rivals, opened).all(axis=1).any():
        return False
    budget = np.inf if problem.budget is None else problem.budget
    return bool(problem.fixed_costs[opened].sum() <= budget * (1 + TOLERANCE))


def within_rules(problem: LocationProblem, order: NDArray[np.intp]) -> NDArray[np.intp]:
    """Of sites in the order in which they are wanted those that the ones before them leave room for."""
    left = np.inf if problem.budget is None else problem.budget * (1 + TOLERANCE)
    groups, kept, excluded = set[int](), list[int](), set[int]()
    against: dict[int, list[int]] = {}
    for one, other in problem.rivals.tolist():
        against.setdefault(one, []).append(other)
        against.setdefault(other, []).append(one)
    for j, group in zip(order.tolist(), problem.groups[order].tolist(), strict=True):
        if len(kept) == problem.site_limits[1]:
            break
        if problem.fixed_costs[j] <= left and group not in groups and j not in excluded:
            kept.append(j)
            groups.add(group)
            excluded.update(against.get(j, ()))
            left -= problem.fixed_costs[j]
    return np.array(kept, np.intp)


def are_ruled(problem: LocationProblem) -> bool:
    """Whether sites depend on each other in a way that the core's search does not know."""
    exclusive = len(problem.rivals) > 0 or len(np.unique(problem.groups)) < problem.n_sites
    return problem.budget is not None or problem.min_throughput is not None or exclusive


def with_ample_capacity(problem: LocationProblem) -> LocationProblem:
    """The same problem as one with capacities that never matter, whose search knows all rules."""
    room, least = np.full(problem.n_sites, float(problem.weights.sum())), problem.min_throughput
    return problem.replace(model="single-source", capacity=room if least is None else np.maximum(room, least))
