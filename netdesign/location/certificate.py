"""What multipliers prove, from problem, multipliers and NumPy alone: no solver, no lists, all pairs in blocks.

Every customer pays a price for being served, whoever serves it. A site takes what it gains, the price less the cost
where that is more, of as many customers as it has room for, and opens where gains exceed its fixed cost. No solution is
cheaper than all prices less what the best choice of sites takes so (Geoffrion, "Lagrangean relaxation for integer
programming", Mathematical Programming Study 2, 1974): whatever the prices are, the bound holds. Where capacities or a
budget have a price as well, sites earn or pay that too. In the models that cover most, the cost is the weight left
uncovered. What proves a p-center or a p-dispersion is of another kind: see :mod:`netdesign.location.radius_certificate`
and :mod:`netdesign.location.distance_certificate`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from netdesign.location.capture_certificate import prove_capture
from netdesign.location.costs import CostMatrix, Floats, PlanarCosts, SparseCosts, SphereCosts, blocks
from netdesign.location.distance_certificate import prove_distance
from netdesign.location.models import MAXIMIZED, SUMS
from netdesign.location.problem import LocationProblem
from netdesign.location.radius_certificate import prove_radius
from netdesign.result import Certificate

PRICED = (*SUMS, "set-cover", "max-cover", "gradual-cover")
"""Models whose bounds may begin with multipliers."""
CERTIFIED = (*PRICED, "partial-cover", "backup-cover", "p-center", "p-dispersion", "max-capture")
"""Models whose bounds may have a certificate; those of the last three are of other kinds."""


TOLERANCE = 1e-9
"""Relative: what a share may be missed by."""


def prove(problem: LocationProblem, certificate: Certificate) -> float:
    """The bound that multipliers prove, on the safe side by the rounding errors that are possible.

    O(customers x sites) time, O(customers + sites) memory; with lists O(pairs listed).

    Parameters
    ----------
    problem
        Of a model in :data:`CERTIFIED`.
    certificate
        Its multipliers; what it says of the bound is not looked at.
    """
    return prove_each([problem], certificate)[0]


def prove_each(problems: Sequence[LocationProblem], certificate: Certificate) -> list[float]:
    """As :func:`prove` for problems that differ in their numbers of sites and statuses only, in the time of one."""
    problem = problems[0]
    if problem.model == "p-center":
        return [prove_radius(one, certificate.customer_price) for one in problems]
    if problem.model == "max-capture":
        return [prove_capture(one, certificate.customer_price) for one in problems]
    if problem.model == "p-dispersion":
        return [prove_distance(one, certificate.near_sets) for one in problems]
    price = _within_lists(problem, certificate.customer_price)
    if problem.revenue is not None:  # nobody pays more than it loses unserved
        price = np.minimum(price, problem.weights * problem.revenue)
    weight = problem.weights
    # In the models that cover most, fixed costs count for the budget only.
    fixed = problem.fixed_costs * (problem.model not in MAXIMIZED)
    gain, paid = np.zeros(problem.n_sites), np.zeros(problem.n_sites)
    most = 0
    for sites, row, customer, taken in _gains(problem, price):
        paid[sites] = np.bincount(row, weights=price[customer], minlength=len(sites))
        gain[sites] = _loads(problem, sites, row, customer, taken)
        most = max(most, int(np.bincount(row, minlength=1).max()))
    rise, money = fixed - gain, fixed + 3.0 * paid
    parts = _constant(problem, certificate, price)
    if problem.capacity is not None:
        earned = certificate.capacity_price * problem.capacity
        rise, money = rise - earned, money + earned
    if problem.budget is not None:
        spent = certificate.budget_price * problem.fixed_costs
        rise, money = rise + spent, money + spent
    bounds = []
    for one in problems:
        chosen = _cheapest(one, rise)
        terms = parts + rise[chosen].tolist()
        # A sum of k terms errs by at most k units in the last place of the sum of their magnitudes; fsum does not err.
        error = (most + 16) * float(np.finfo(float).eps) * (math.fsum(map(abs, terms)) + math.fsum(money[chosen]))
        least = math.fsum(terms) - error
        bounds.append(math.fsum(weight) - least if problem.model in MAXIMIZED else least)
    return bounds


def _constant(problem: LocationProblem, certificate: Certificate, price: Floats) -> list[float]:
    """What is paid whichever sites are open: terms of a sum."""
    weight, needed = problem.weights, 2.0 if problem.model == "backup-cover" else 1.0  # sites that cover a customer
    terms: list[float] = (needed * price).tolist()
    if problem.capacity is not None and problem.revenue is None:
        terms.append(certificate.capacity_price * math.fsum(weight))
    if problem.budget is not None:
        terms.append(-certificate.budget_price * problem.budget)
    if problem.model in MAXIMIZED:
        terms += np.minimum(0.0, weight - needed * price).tolist()
    if problem.coverage_share is not None:
        may_miss = math.fsum(weight) * (1.0 - problem.coverage_share * (1.0 - TOLERANCE))
        terms += [
            *np.minimum(0.0, certificate.share_price * weight - price).tolist(),
            -certificate.share_price * may_miss,
        ]
    return terms


def rounded(problem: LocationProblem, bound: float) -> float:
    """A bound of a problem, rounded where all solutions have whole objectives."""
    if not (math.isfinite(bound) and problem.model not in ("capacitated", "max-capture") and counts_in_ones(problem)):
        return bound
    return float(math.floor(bound) if problem.model in MAXIMIZED else math.ceil(bound))


def counts_in_ones(problem: LocationProblem) -> bool:
    """Whether a customer served by one site costs a whole number, small enough to be exact, as every site does."""
    costs = problem.costs
    money = [problem.fixed_costs] if problem.revenue is None else [problem.fixed_costs, np.asarray(problem.revenue)]
    if not all(_whole(values) for values in (problem.weights, *money)):
        return False
    if problem.coverage_radius is not None:
        return problem.outer_radius is None
    if isinstance(costs, PlanarCosts):
        return costs.rounding != "none"
    if isinstance(costs, SphereCosts):
        return False
    values = costs.values if isinstance(costs, CostMatrix) else costs.cost_values
    return all(_whole(row[np.isfinite(row)]) for row in np.atleast_2d(values))


def _within_lists(problem: LocationProblem, price: Floats) -> Floats:
    """Prices that unlisted sites gain nothing from, where lists were cut off and such sites may exist."""
    costs = problem.costs
    if not isinstance(costs, SparseCosts) or costs.complete:
        return price
    ends = costs.offsets[1:]
    some = ends > costs.offsets[:-1]
    dearest = np.zeros(problem.n_customers)
    dearest[some] = costs.cost_values[ends[some] - 1]
    if len(problem.limits.reach):
        dearest[dearest > problem.limits.reach] = np.inf
    with np.errstate(invalid="ignore"):
        return np.fmin(price, problem.weights * dearest)


def _gains(
    problem: LocationProblem, price: Floats
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp], Floats]]:
    """Block by block of sites: these, then for every customer that a site gains from the site's number in the block,
    ascending, the customer and the gain.
    """
    weight, n, costs = problem.weights, problem.n_customers, problem.costs
    with np.errstate(invalid="ignore"):  # weight 0 where a site cannot serve
        if isinstance(costs, SparseCosts):
            order = np.argsort(costs.sites, kind="stable")
            site = costs.sites[order].astype(np.intp)
            owner = np.repeat(np.arange(n), np.diff(costs.offsets))[order]
            cost = costs.cost_values[order]
            unit = _unit(problem, problem.limits.applied(owner, site, cost) if problem.limits else cost)
            gain = price[owner] - weight[owner] * unit
            found = np.flatnonzero(gain > 0)
            yield np.arange(problem.n_sites), site[found], owner[found], gain[found]
            return
        everyone = np.arange(n)
        for some in blocks(problem.n_sites, n):
            sites = some.astype(np.intp)
            unit = _unit(problem, problem.cost(everyone[None, :], sites[:, None]))
            gain = price - weight * unit
            row, customer = np.nonzero(gain > 0)
            yield sites, row, customer, gain[row, customer]


def _unit(problem: LocationProblem, cost: Floats) -> Floats:
    """What serving a unit of weight costs in the model; infinite where the site does not serve."""
    if problem.coverage_radius is None:
        return cost
    part = problem.coverage(cost)
    return np.where(part > 0, 1.0 - part, np.inf)


def _loads(
    problem: LocationProblem, sites: NDArray[np.intp], row: NDArray[np.intp], customer: NDArray[np.intp], gain: Floats
) -> Floats:
    """Shape (sites,): the most that each can gain within its capacity, customers in parts."""
    if problem.capacity is None:
        return np.bincount(row, weights=gain, minlength=len(sites)).astype(np.float64)
    first = np.searchsorted(row, np.arange(len(sites) + 1))
    loads = np.zeros(len(sites))
    for k, j in enumerate(sites):
        mine = slice(first[k], first[k + 1])
        loads[k] = _fill(gain[mine], problem.weights[customer[mine]], float(problem.capacity[j]))
    return loads


def _fill(gain: Floats, weight: Floats, capacity: float) -> float:
    """The fractional knapsack (Dantzig 1957): what gains most per weight comes first, the last one in part."""
    if weight.sum() <= capacity:
        return float(gain.sum())
    order = np.argsort(-gain / np.maximum(weight, 1e-300), kind="stable")
    gain, weight = gain[order], weight[order]
    left = capacity - (np.cumsum(weight) - weight)
    part = np.where(left >= weight, 1.0, np.maximum(left, 0.0) / np.maximum(weight, 1e-300))
    return float((gain * part).sum())


def _cheapest(problem: LocationProblem, rise: Floats) -> NDArray[np.intp]:
    """The cheapest choice of sites by status, number and place; other rules are left out, which bounds all the same."""
    forced = np.flatnonzero(problem.forced)
    free = np.flatnonzero(problem.usable & ~problem.forced & ~np.isin(problem.groups, problem.groups[forced]))
    free = free[np.lexsort((free, rise[free]))]
    _, best = np.unique(problem.groups[free], return_index=True)
    free = free[np.sort(best)]
    fewest, most = (number - len(forced) for number in problem.site_limits)
    count = min(max(int((rise[free] < 0).sum()), fewest), max(most, 0))
    return np.concatenate([forced, free[:count]])


def _whole(values: Floats) -> bool:
    return bool((np.abs(values) < 2.0**40).all() and (values == np.floor(values)).all())
