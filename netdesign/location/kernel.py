"""The integer program over a part of the sites and pairs of a location problem with capacities."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from netdesign.location.costs import Floats
from netdesign.location.problem import LocationProblem
from netdesign.location.program import Program, Rows, sparse, stacked
from netdesign.location.site_rules import site_rows


@dataclass(frozen=True, eq=False)
class Kernel:
    """What takes part in one program."""

    sites: NDArray[np.intp]
    fixed_open: NDArray[np.bool_]
    """Shape (sites,)."""
    pairs: NDArray[np.intp]
    """Which of the listed pairs."""
    at: NDArray[np.intp]
    """Shape (pairs,): where in `sites` the site of a pair stands."""
    outside: Floats
    """Shape (customers,): what all of a customer's demand costs at least by the pairs that stand for those left out;
    infinite where there are none."""
    limit: float
    """No solution with what was left out, and does not show outside, is cheaper; infinite where all take part, minus
    infinite where nothing is said of others."""


def kernel_program(
    problem: LocationProblem, kernel: Kernel, owner: NDArray[np.int64], unit: Floats, *, whole: bool
) -> Program:
    """The program of a kernel.

    Parameters
    ----------
    problem
        With capacities.
    kernel
        What takes part.
    owner, unit
        Shape (listed pairs,): the customer of a pair, and its cost per unit of weight.
    whole
        Whether customers are served whole.

    Returns
    -------
    Program
        Columns: sites, pairs (the share of the customer's demand), what stands outside of the kernel.
    """
    m, p = len(kernel.sites), len(kernel.pairs)
    outsiders = np.flatnonzero(np.isfinite(kernel.outside))
    width = m + p + len(outsiders)
    groups = [
        *_customer_rows(problem, kernel, owner[kernel.pairs], outsiders, width),
        _busy_rows(problem, kernel, owner[kernel.pairs], outsiders, width),
        site_rows(problem, kernel.sites, width),
    ]
    weight = problem.weights[owner[kernel.pairs]]
    money = [problem.fixed_costs[kernel.sites], weight * unit[kernel.pairs], kernel.outside[outsiders]]
    return Program(
        cost=np.concatenate(money),
        lower=np.concatenate([kernel.fixed_open.astype(float), np.zeros(width - m)]),
        upper=np.ones(width),
        integer=np.arange(width) < (m + p if whole else m),
        **stacked(groups),
    )


def _customer_rows(
    problem: LocationProblem, kernel: Kernel, owner: NDArray[np.int64], outsiders: NDArray[np.intp], width: int
) -> list[Rows]:
    """Everybody is served, by open sites only; none carries more than it can, and together they can carry all."""
    assert problem.capacity is not None
    m, site = len(kernel.sites), kernel.at
    x, o = m + np.arange(len(site)), m + len(site) + np.arange(len(outsiders))
    weight, room, everywhere = problem.weights[owner], problem.capacity[kernel.sites], np.arange(m)
    served = sparse([(1.0, owner, x), (1.0, outsiders, o)], problem.n_customers, width)
    scale = np.where(room > 0, room, 1.0)
    carried = sparse(
        [(weight / scale[site], site, x), (np.where(room > 0, -1.0, 0.0), everywhere, everywhere)], m, width
    )
    free = np.flatnonzero(~kernel.fixed_open[site])
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(weight[free] > 0, np.minimum(1.0, room[site[free]] / weight[free]), 1.0)
    each = np.arange(len(free))
    only_open = sparse([(1.0, each, x[free]), (-share, each, site[free])], len(free), width)
    demand = float(problem.weights.sum())
    enough = sparse([(room / (demand or 1.0), np.zeros(m, np.int64), everywhere)], 1, width)
    return [
        Rows(served, 1.0, 1.0),
        Rows(carried, -np.inf, 0.0),
        Rows(only_open, -np.inf, 0.0),
        Rows(enough, 1.0 if demand else 0.0, np.inf),
    ]


def _busy_rows(
    problem: LocationProblem, kernel: Kernel, owner: NDArray[np.int64], outsiders: NDArray[np.intp], width: int
) -> Rows:
    """An open site serves so much at least; what stands outside of the kernel counts for every site."""
    m, site = len(kernel.sites), kernel.at
    least = np.zeros(m) if problem.min_throughput is None else problem.min_throughput[kernel.sites]
    busy = np.flatnonzero(least > 0)
    row = np.full(m, -1)
    row[busy] = np.arange(len(busy))
    mine = np.flatnonzero(row[site] >= 0)
    each, other = np.repeat(busy, len(outsiders)), np.tile(np.arange(len(outsiders)), len(busy))
    entries = [
        (problem.weights[owner[mine]] / least[site[mine]], row[site[mine]], m + mine),
        (problem.weights[outsiders[other]] / least[each], row[each], m + len(site) + other),
        (-1.0, np.arange(len(busy)), busy),
    ]
    return Rows(sparse(entries, len(busy), width), 0.0, np.inf)
