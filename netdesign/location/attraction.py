"""What sites attract of customers, by Huff's law or a multinomial logit, in logarithms, so that nothing overflows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from netdesign.errors import InputError, Phrase
from netdesign.location.costs import Floats, Indices, blocks
from netdesign.location.market import Market, Sites
from netdesign.location.problem import LocationProblem
from netdesign.location.solution import Flows

MOST = 1e15
"""Attraction in units of that of all others counts as so much at most: what nobody contests."""
MOST_PAIRS = 200_000_000
"""Customers times sites that may open: eight bytes each."""
LEAST = 1e-12
"""A smaller share captured is not told."""
TOTAL = 1e4
"""What weights add up to in a market, for the tolerances of linear programs."""


def market_of(
    problem: LocationProblem, sites: Sites, groups: int, rng: np.random.Generator
) -> tuple[Market, float, Sites]:
    """The customers that some of the sites can capture, what a unit of their weight counts, and who they are.

    Groups are those who find the same one of a few sites most attractive.
    """
    attraction = _relative(problem, sites)
    kept = np.flatnonzero((attraction.max(axis=1) > 0) & (problem.weights > 0))
    if not len(kept):  # nothing to capture: one customer who does not count
        return Market(np.ones(1), np.zeros((1, len(sites))), np.array([0, 1])), 1.0, np.zeros(1, np.int64)
    leaders = np.sort(rng.permutation(len(sites))[:groups])
    leader = attraction[np.ix_(kept, leaders)].argmax(axis=1)
    order = np.argsort(leader, kind="stable")
    first = np.r_[0, np.flatnonzero(np.diff(leader[order])) + 1, len(order)]
    kept = kept[order]
    weight = problem.weights[kept]
    scale = TOTAL / float(weight.sum())
    return Market(weight * scale, attraction[kept], first), scale, kept


def captured_flows(problem: LocationProblem, opened: NDArray[np.int32]) -> Flows:
    """Which weight every open site captures of every customer."""
    found = []
    for some in blocks(problem.n_customers, len(opened) + len(problem.competitors) + 1):
        own, others = _logarithms(problem, some, opened), _others(problem, some)
        at_once = np.isposinf(np.column_stack([own, others])).any(axis=1)
        own, others = _only_at_once(problem, own, others, opened, np.asarray(at_once))
        most = np.maximum(own.max(axis=1, initial=-np.inf), others.max(axis=1))
        most[np.isneginf(most)] = 0.0
        part, rest = np.exp(own - most[:, None]), np.exp(others - most[:, None]).sum(axis=1)
        quantity = problem.weights[some, None] * part / np.maximum(part.sum(axis=1) + rest, 1e-300)[:, None]
        row, column = np.nonzero(quantity > LEAST * problem.weights[some, None])
        found.append((some[row], opened[column], quantity[row, column]))
    return Flows(*map(np.concatenate, zip(*found, strict=True)))


def _relative(problem: LocationProblem, sites: Sites) -> Floats:
    """Shape (customers, sites): what sites attract in units of what competitors and the outside do, at most `MOST`."""
    n, m = problem.n_customers, len(sites)
    if n * m > MOST_PAIRS:
        advice = "Put customers near each other together, or close sites that are no choice."
        pairs = Phrase(f"over {n:,} customers and {m:,} sites that may open")
        raise InputError("costs", pairs, f"at most {MOST_PAIRS:,} pairs", where="model max-capture", advice=advice)
    relative = np.empty((n, m))
    for some in blocks(n, m + len(problem.competitors) + 1):
        own, others = _logarithms(problem, some, sites), _others(problem, some)
        own, others = _only_at_once(problem, own, others, sites, np.asarray(np.isposinf(others).any(axis=1)))
        most = others.max(axis=1)
        shift = np.where(np.isfinite(most), most, 0.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            rest = np.log(np.exp(others - shift[:, None]).sum(axis=1)) + shift
            ratio = np.exp(np.minimum(own - rest[:, None], np.log(MOST)))
        relative[some] = np.nan_to_num(ratio, nan=0.0)  # nothing attracted of nothing
    return relative


def _logarithms(problem: LocationProblem, customers: Indices, sites: Indices) -> Floats:
    """Shape (customers, sites): the logarithm of what sites attract, from -inf (nothing) to inf (Huff at cost 0)."""
    assert problem.decay is not None
    assert problem.attractiveness is not None
    cost = problem.cost_matrix(customers, sites)
    with np.errstate(divide="ignore"):
        away = np.log(cost) if problem.attraction == "huff" else cost
    return np.asarray(np.log(problem.attractiveness[sites]) - problem.decay * away)


def _others(problem: LocationProblem, customers: Indices) -> Floats:
    """Shape (customers, competitors + 1): the same of competitors and the outside."""
    outside = np.zeros(len(customers)) if problem.outside is None else problem.outside[customers]
    with np.errstate(divide="ignore"):
        return np.column_stack([_logarithms(problem, customers, problem.competitors), np.log(outside)])


def _only_at_once(
    problem: LocationProblem, own: Floats, others: Floats, sites: Indices, rows: NDArray[np.bool_]
) -> tuple[Floats, Floats]:
    """In some rows only sites at cost 0 count, by their attractiveness."""
    assert problem.attractiveness is not None
    worth = np.log(problem.attractiveness)
    rows = rows[:, None]
    rival = np.append(worth[problem.competitors], 0.0)
    own = np.where(rows, np.where(np.isposinf(own), worth[sites], -np.inf), own)
    return own, np.where(rows, np.where(np.isposinf(others), rival, -np.inf), others)
