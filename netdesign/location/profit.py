"""Serving at will: whoever brings in less than serving it costs may be left out.

The objective is what sites and serving cost, and the revenue that is lost: least where the profit is most. The problem
of the core has one more site, which is always open, costs nothing, has room for everybody, and serves each customer at
the revenue of a unit of its weight. Whom it serves is left out.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from netdesign.location.costs import SparseCosts
from netdesign.location.cover import pairs_within
from netdesign.location.problem import LocationProblem
from netdesign.location.run import Run
from netdesign.location.solution import Flows


def with_everybody_served(problem: LocationProblem) -> LocationProblem:
    """The problem of the core, the same where there are no revenues. O(customers + pairs that pay) memory.

    Pairs that cost more than the revenue are left out, unless a least throughput may have to be met at a loss.
    """
    if problem.revenue is None:
        return problem
    n, m = problem.n_customers, problem.n_sites
    paying = problem.replace(revenue=None)
    if problem.min_throughput is None:
        radius = np.inf if problem.service_radius is None else problem.service_radius
        paying = paying.replace(service_radius=np.minimum(radius, problem.revenue))
    offsets, sites = pairs_within(paying)
    cost = problem.cost(np.repeat(np.arange(n), np.diff(offsets)), sites)
    fewest, most = problem.site_limits
    limits = {"p": problem.p + 1} if problem.p is not None else {"min_sites": fewest + 1, "max_sites": most + 1}
    rest = float(problem.weights.sum())
    return problem.replace(
        revenue=None,
        costs=SparseCosts(
            offsets + np.arange(n + 1),
            np.insert(sites, offsets[1:], m),
            np.insert(cost, offsets[1:], problem.revenue),
            m + 1,
        ),
        **limits,
        capacity=None if problem.capacity is None else np.r_[problem.capacity, rest],
        min_throughput=None if problem.min_throughput is None else np.r_[problem.min_throughput, 0.0],
        place=None if problem.place is None else [*problem.place, None],
        service_radius=None,
        forbidden=None,
        fixed_cost=np.r_[problem.fixed_costs, 0.0],
        status=[*map(str, np.asarray(problem.status)), "open"],
        site_ids=None,
        customer_lonlat=None,
        site_lonlat=None,
    )


def without_those_left_out(problem: LocationProblem, run: Run) -> Run:
    """What the core found, in the sites of the problem."""
    if problem.revenue is None:
        return run
    m = problem.n_sites
    assignment, flows = np.where(run.assignment < m, run.assignment, -1), run.flows
    if flows is not None:
        kept = np.flatnonzero((flows.site < m) & ((flows.quantity > 0) | (problem.weights[flows.customer] == 0)))
        kept = kept[np.argsort(flows.quantity[kept], kind="stable")]
        flows = Flows(flows.customer[kept], flows.site[kept], flows.quantity[kept])
        assignment = np.full(problem.n_customers, -1)
        assignment[flows.customer] = flows.site  # the largest comes last
    return replace(run, open=run.open[run.open < m], assignment=assignment.astype(np.int32), flows=flows)
