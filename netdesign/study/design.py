"""Where the nodes of a segment go: uncapacitated location over the cost per order."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netdesign.location import CostMatrix, LocationProblem, locate
from netdesign.result import Termination
from netdesign.stop import Stop
from netdesign.study.cost import OrderCosts
from netdesign.study.study import SegmentCase


@dataclass(frozen=True, eq=False)
class Design:
    """The network of one segment.

    Attributes
    ----------
    status
        ``optimal`` where the bound proves it, else ``feasible``.
    open
        Indices of the sites that are nodes, ascending.
    assignment
        Shape (customers,): the site that serves each.
    objective, bound, gap
        Cost per year, a proven bound on the least possible, and the relative distance of the two.
    termination
        Why the search ended.
    """

    status: str
    open: tuple[int, ...]
    assignment: NDArray[np.int64]
    objective: float
    bound: float | None
    gap: float | None
    termination: Termination

    @property
    def reproducible(self) -> bool:
        """A search that the clock ended may end elsewhere next time."""
        return self.termination.reason not in ("time_limit", "interrupted")


@dataclass(frozen=True)
class Unservable:
    """A customer that no site can serve, and why."""

    customer: str
    reasons: tuple[str, ...]


def design_network(case: SegmentCase, costs: OrderCosts, stop: Stop) -> Design:
    """Choose the nodes of a segment and who is served from which.

    Parameters
    ----------
    case, costs
        The segment and its cost per order; every customer can be served (:func:`find_unservable` is empty).
    stop
        Limits of the search.
    """
    problem = LocationProblem(
        costs=CostMatrix(costs.total),
        model="uncapacitated",
        fixed_cost=case.fixed_cost_per_year,
        weight=case.orders_per_year,
        status=tuple(case.sites["status"]),
        customer_ids=tuple(case.customers["customer"]),
        site_ids=tuple(case.sites["site"]),
        customer_lonlat=case.customer_lonlat,
        site_lonlat=case.site_lonlat,
    )
    result = locate(problem, stop=stop, seed=case.seed_of("location") % 2**31)
    solution = result.best()
    assert result.objective is not None
    return Design(
        status=result.status,
        open=tuple(sorted(int(j) for j in solution.open)),
        assignment=np.asarray(solution.assignment, dtype=np.int64),
        objective=result.objective,
        bound=result.bound,
        gap=result.gap,
        termination=result.termination,
    )


def find_unservable(case: SegmentCase, costs: OrderCosts) -> tuple[Unservable, ...]:
    """Customers beyond the reach of every site, with the reason in words."""
    lost = np.flatnonzero(~np.isfinite(costs.total).any(axis=1))
    return tuple(Unservable(str(case.customers["customer"].iloc[i]), (_why(case, costs, int(i)),)) for i in lost)


def _why(case: SegmentCase, costs: OrderCosts, i: int) -> str:
    nearest = int(costs.drive_h[i].argmin())
    name, hours = case.sites["site"].iloc[nearest], float(costs.drive_h[i, nearest])
    if hours > case.max_hours:
        return f"the nearest site, {name}, is {hours:.2f} h away; the promise is {case.max_hours:g} h"
    if not np.isfinite(costs.last_mile.cost[i, nearest]):
        return f"from the nearest site, {name}, one stop takes more than the shift of {case.vehicle.shift_h:g} h"
    return f"from the nearest site, {name}, {hours:.2f} h away, its delivery window cannot be met within the shift"


def node_names(case: SegmentCase, design: Design) -> list[str]:
    """Names of the nodes, the one with most orders first."""
    orders: Counter[int] = Counter()
    for site, weight in zip(design.assignment, case.orders_per_year, strict=True):
        orders[int(site)] += weight
    ranked: list[Any] = sorted(design.open, key=lambda j: (-orders[j], j))
    return [str(case.sites["site"].iloc[j]) for j in ranked]
