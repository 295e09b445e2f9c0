"""The network of one segment, and who cannot be served."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netdesign.result import Termination
from netdesign.stop import Stop
from netdesign.study.amounts import CO2, Kept
from netdesign.study.case import SegmentCase
from netdesign.study.contracts import Purchase
from netdesign.study.cost import OrderCosts, order_costs
from netdesign.study.limits import design_within
from netdesign.study.make import Process, overheads
from netdesign.study.network import DECLINED, Member, cost_at, gap_of


@dataclass(frozen=True, eq=False)
class Design:
    """The network of one segment.

    Attributes
    ----------
    status
        ``optimal`` where the bound proves it, else ``feasible``.
    open
        Indices of the sites that are nodes, ascending; those that have to stay are among them.
    processes
        What each node that serves anybody makes with.
    assignment
        Shape (customers,): the site that serves each, or ``DECLINED``.
    objective, bound
        Cost per year; what it would be at the best that no proof excludes, with what declined customers would have
        brought as a cost.
    termination
        Why the search ended.
    purchases
        The contracts for components, and what is needed of them.
    missed
        What declined customers that could be served would have brought a year.
    limits
        What it has of the amounts that the segment limits.
    vehicles
        Where there are only so many of some vehicle, the one of the fleet that delivers: shape (customers,).
    """

    status: str
    open: tuple[int, ...]
    processes: dict[int, Process]
    assignment: NDArray[np.int64]
    objective: float
    bound: float | None
    termination: Termination
    purchases: tuple[Purchase, ...] = ()
    missed: float = 0.0
    limits: tuple[Kept, ...] = ()
    vehicles: NDArray[np.int64] | None = None

    @property
    def gap(self) -> float | None:
        """See :func:`netdesign.study.network.gap_of`."""
        return gap_of(self.objective, self.bound, self.missed)

    @property
    def reproducible(self) -> bool:
        """A search that the clock ended may end elsewhere next time."""
        return self.termination.reason not in ("time_limit", "interrupted")

    @property
    def served(self) -> NDArray[np.bool_]:
        """Shape (customers,)."""
        served: NDArray[np.bool_] = self.assignment != DECLINED
        return served

    def only_served(self) -> Design:
        """The same network without those it declines."""
        vehicles = None if self.vehicles is None else self.vehicles[self.served]
        return replace(self, assignment=self.assignment[self.served], vehicles=vehicles)

    def at(self, sites: Sequence[int]) -> Design:
        """The same network where its sites are these of a longer list."""
        place = np.array([*sites, DECLINED], dtype=np.int64)
        return replace(
            self,
            open=tuple(sorted(int(place[j]) for j in self.open)),
            processes={int(place[j]): process for j, process in self.processes.items()},
            assignment=place[self.assignment],
        )

    @property
    def within_limits(self) -> bool:
        """Whether it keeps the segment's limits; where not, no network was found that does."""
        return all(kept.within for kept in self.limits)

    def delivered(self, costs: OrderCosts) -> OrderCosts:
        """The cost of an order with the vehicles that deliver in this network."""
        return costs if self.vehicles is None else costs.delivered(self.vehicles)


def hours_of_machines(case: SegmentCase, design: Design) -> dict[int, float]:
    """Hours a year that the machines of every node run, changeovers included; all customers have a node."""
    m = len(case.sites)
    orders, units = (np.bincount(design.assignment, w, m) for w in (case.orders_per_year, case.units_per_year))
    return {j: float(process.hours(orders[j], units[j])) for j, process in design.processes.items()}


@dataclass(frozen=True)
class Unservable:
    """A customer that no site can serve, and why."""

    customer: str
    reasons: tuple[str, ...]


def design_case(case: SegmentCase, stop: Stop) -> Design:
    """Choose the nodes of a segment at its own costs."""
    return design_segment(case, order_costs(case), stop)


def design_segment(case: SegmentCase, costs: OrderCosts, stop: Stop, *, decline: bool | None = None) -> Design:
    """Choose the nodes of a segment, what each makes with, and who is served from which.

    Parameters
    ----------
    case, costs
        The segment and its cost per order.
    stop
        Limits of the search.
    decline
        Whether customers may be declined; where left out, in segments with prices.

    Raises
    ------
    InputError
        If somebody who may not be declined is out of reach of every site; :func:`find_unservable` says why.
    """
    member = Member(case, costs, case.priced if decline is None else decline)
    found = design_within([member], stop, seed=case.seed_of("location") % 2**31)
    (at,), (vehicles,) = found.assignments, found.vehicles or (None,)
    if vehicles is not None:
        member = member.delivered(vehicles)
    sites = np.array([*(node.site for node in found.nodes), DECLINED], dtype=np.int64)
    assignment = sites[at]
    several = {site: [node for node in found.nodes if node.site == site] for site in sites[:-1].tolist()}
    kept = {
        site: min(nodes, key=lambda node: cost_at([member], [assignment], site, node))
        for site, nodes in several.items()
    }
    open_sites = tuple(sorted([*kept, *found.idle]))
    cost = [
        *(float(case.fixed_cost_per_year[j]) for j in open_sites),
        *(cost_at([member], [assignment], site, node) for site, node in kept.items()),
        *overheads(case, "segment", "variant").values(),
        *(purchase.cost for purchase in found.purchases),
    ]
    # Two workshops side by side became one, which makes for all of the site's customers: rare, and not proven the best.
    merged = len(kept) < len(found.nodes)
    return Design(
        status="feasible" if merged else found.status,
        open=open_sites,
        processes={site: node.processes[0] for site, node in kept.items()},
        assignment=assignment,
        objective=math.fsum(cost),
        bound=found.bound,
        termination=found.termination,
        purchases=found.purchases,
        missed=found.missed,
        limits=found.limits,
        vehicles=vehicles,
    )


def find_unservable(case: SegmentCase, costs: OrderCosts) -> tuple[Unservable, ...]:
    """Customers beyond the reach of every site, with the reason in words."""
    if not case.menu:
        return _unservable(case, costs)
    return tuple(lost for mine, own in case.by_tier() for lost in _unservable(own, costs.only(mine)))


def beyond_limits(design: Design) -> tuple[Unservable, ...]:
    """The limits that could not be kept, with the least that there could be of what they limit."""
    return tuple(Unservable("all", (_beyond(kept),)) for kept in design.limits if not kept.within)


def _beyond(kept: Kept) -> str:
    what = "t of CO2 a year" if kept.name == CO2 else f"vehicles of type {kept.name} on a working day"
    if kept.least <= kept.most:
        found = f"serving everybody within all limits at once was found to take {kept.amount:,.4g} {what}"
        return (
            f"{found}; the limit is {kept.most:,.4g}, which {kept.least:,.4g} would keep if nothing else were limited"
        )
    return f"serving everybody takes {kept.least:,.4g} {what} at least; the limit is {kept.most:,.4g}"


def _unservable(case: SegmentCase, costs: OrderCosts) -> tuple[Unservable, ...]:
    lost = np.flatnonzero(~np.isfinite(costs.total).any(axis=1))
    names = case.customers["customer"].iloc[lost].astype(str).tolist()
    found = case.roads.complaints("customers", case.customer_lonlat[lost], names) if case.roads and names else ()
    off_roads = {complaint.row: (complaint.reason,) for complaint in found}
    return tuple(
        Unservable(name, (_why(case, costs, int(i)), *off_roads.get(row, ())))
        for row, (i, name) in enumerate(zip(lost, names, strict=True))
    )


def _why(case: SegmentCase, costs: OrderCosts, i: int) -> str:
    if not np.isfinite(costs.drive_km[i]).any():
        return "no road leads there from any site"
    nearest = int(costs.drive_h[i].argmin())
    name, hours = case.sites["site"].iloc[nearest], float(costs.drive_h[i, nearest])
    if hours > case.max_hours:
        return f"the nearest site, {name}, is {hours:.2f} h away; the promise is {case.max_hours:g} h"
    if (costs.slack_h[i] < 0).all():
        tier = case.offer.tier
        return f"the nearest site, {name}, is {hours:.2f} h away; tier {tier.name} promises {tier.promise_h:g} h in all"
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
