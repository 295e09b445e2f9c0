"""Where the nodes of a segment go and what they make with: uncapacitated location over the cost per order."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netdesign.location import CostMatrix, LocationProblem, locate
from netdesign.result import Termination
from netdesign.stop import Stop
from netdesign.study.cost import OrderCosts
from netdesign.study.make import Process, overheads, processes
from netdesign.study.study import Floats, SegmentCase

DECLINED = -1
"""The site of a customer who is not served because that would cost more than it brings."""


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
    objective, bound, gap
        Cost per year; what it would be at the best that no proof excludes, with what declined customers would have
        brought as a cost; the relative distance of the two.
    termination
        Why the search ended.
    """

    status: str
    open: tuple[int, ...]
    processes: dict[int, Process]
    assignment: NDArray[np.int64]
    objective: float
    bound: float | None
    termination: Termination

    @property
    def gap(self) -> float | None:
        """Fraction of the objective."""
        if self.bound is None:
            return None
        return 0.0 if self.objective == self.bound else abs((self.objective - self.bound) / (self.objective or 1.0))

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
        return replace(self, assignment=self.assignment[self.served])


@dataclass(frozen=True)
class Unservable:
    """A customer that no site can serve, and why."""

    customer: str
    reasons: tuple[str, ...]


def design_network(case: SegmentCase, costs: OrderCosts, stop: Stop, *, decline: bool | None = None) -> Design:
    """Choose the nodes of a segment, what each makes with, and who is served from which.

    Every site with every process it may have is a candidate of uncapacitated location. A site that is open already
    costs nothing more, whatever is decided; in a segment with prices one more candidate, free of cost, takes those who
    are declined, at the price of what they would have brought.

    Parameters
    ----------
    case, costs
        The segment and its cost per order. Without prices every customer can be served: :func:`find_unservable` is
        empty.
    stop
        Limits of the search.
    decline
        Whether customers may be declined; where left out, in segments with prices.
    """
    decline = case.priced if decline is None else decline
    stays = (case.sites["status"] == "open").to_numpy()
    candidates = [(j, process) for process in processes(case) for j in allowed_sites(case, process)]
    fixed = [sum(p.per_node.values()) + (0.0 if stays[j] else case.fixed_cost_per_year[j]) for j, p in candidates]
    columns = [made_at(case, costs, j, p) for j, p in candidates]
    lost = case.offer.revenue(case.units_per_order)
    problem = LocationProblem(
        costs=CostMatrix(np.column_stack([*columns, lost] if decline else columns)),
        model="uncapacitated",
        fixed_cost=np.array([*fixed, 0.0] if decline else fixed),
        weight=case.orders_per_year,
        customer_ids=tuple(case.customers["customer"]),
    )
    result = locate(problem, stop=stop, seed=case.seed_of("location") % 2**31)
    chosen = np.asarray(result.best().assignment, dtype=np.int64)
    assert result.objective is not None
    sites = np.array([*(j for j, _ in candidates), DECLINED])
    design = Design(
        status=result.status,
        open=tuple(sorted({*np.flatnonzero(stays).tolist(), *sites[chosen[sites[chosen] != DECLINED]].tolist()})),
        processes={},
        assignment=sites[chosen],
        objective=0.0,
        bound=None,
        termination=result.termination,
    )
    used = {j: [p for k, (at, p) in enumerate(candidates) if at == j and (chosen == k).any()] for j in design.open}
    design = replace(design, processes={j: _one(case, costs, design, j, ps) for j, ps in used.items() if ps})
    cost = math.fsum(_yearly(case, costs, design))
    brought = math.fsum((lost * case.orders_per_year)[~design.served]) if decline else 0.0
    apart = math.fsum(case.fixed_cost_per_year[stays]) + math.fsum(overheads(case, "segment", "variant").values())
    if cost + brought > (result.objective + apart) * (1 + 1e-9):
        design = replace(design, status="feasible")
    bound = None if result.bound is None else result.bound + apart - brought
    return replace(design, objective=cost, bound=bound)


def made_at(case: SegmentCase, costs: OrderCosts, site: int, process: Process) -> Floats:
    """Cost of one order of each customer, made at a site by a process; infinite where it would be late."""
    making = sum(process.per_order.values()) + case.units_per_order * sum(process.per_unit.values())
    in_time = process.wait_h <= costs.slack_h[:, site]
    cost: Floats = np.where(in_time, costs.total[:, site] + making, np.inf)
    return cost


def allowed_sites(case: SegmentCase, process: Process) -> list[int]:
    """The sites that may have a technology."""
    lists = [[name.strip() for name in str(cell).split(";")] for cell in case.sites["technologies"]]
    return [
        j for j, names in enumerate(lists) if names == [""] or not process.technology or process.technology in names
    ]


def _one(case: SegmentCase, costs: OrderCosts, design: Design, site: int, used: list[Process]) -> Process:
    """The best process for all of a site's customers, where the search gave it two at the price of two sites."""
    mine = design.assignment == site
    orders = case.orders_per_year[mine]
    return min(used, key=lambda p: sum(p.per_node.values()) + float(made_at(case, costs, site, p)[mine] @ orders))


def _yearly(case: SegmentCase, costs: OrderCosts, design: Design) -> list[float]:
    """The design's costs of a year: nodes, segment and orders."""
    at, orders = design.assignment, case.orders_per_year
    fixed = [float(case.fixed_cost_per_year[j]) for j in design.open]
    nodes = [cost for p in design.processes.values() for cost in p.per_node.values()]
    made = [float((made_at(case, costs, j, p) * orders)[at == j].sum()) for j, p in design.processes.items()]
    return [*fixed, *nodes, *made, *overheads(case, "segment", "variant").values()]


def find_unservable(case: SegmentCase, costs: OrderCosts) -> tuple[Unservable, ...]:
    """Customers beyond the reach of every site, with the reason in words."""
    lost = np.flatnonzero(~np.isfinite(costs.total).any(axis=1))
    return tuple(Unservable(str(case.customers["customer"].iloc[i]), (_why(case, costs, int(i)),)) for i in lost)


def _why(case: SegmentCase, costs: OrderCosts, i: int) -> str:
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
