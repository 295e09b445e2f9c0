"""An offer with its network: what it brings, what it wins, and how sure that is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from netdesign.stop import Stop
from netdesign.study.case import SegmentCase
from netdesign.study.cost import OrderCosts, order_costs
from netdesign.study.design import Design, design_case, design_segment
from netdesign.study.network import PROVEN, Member
from netdesign.study.network_search import unreached
from netdesign.study.value import Offer

Bracket = tuple[float, float]
"""The least and the most that an amount may be."""


@dataclass(frozen=True, eq=False)
class Option:
    """One offer with its network.

    Attributes
    ----------
    case, design
        The segment with this offer; ``design`` may decline customers.
    """

    case: SegmentCase
    design: Design

    @property
    def offer(self) -> Offer:
        """What is offered."""
        return self.case.offer

    @cached_property
    def costs(self) -> OrderCosts:
        """Of an order, from every site to every customer."""
        return self.design.delivered(order_costs(self.case))

    def with_design(self, design: Design) -> Option:
        """The same offer with another network."""
        option = Option(self.case, design)
        # What an order costs differs by the vehicle at most.
        vars(option)["costs"] = design.delivered(self.costs)
        return option

    def bounded(self, free: Design) -> Option:
        """With given nodes, and the bound of the network for the same offer whose nodes were free to choose."""
        design, more = self.design, self.revenue - self.with_design(free).revenue
        bound = None if free.bound is None else min(free.bound + more, design.objective)
        ended = design.termination if free.reproducible else free.termination
        # Who is out of reach of these nodes is missed too.
        design = replace(design, bound=bound, missed=free.missed - more, termination=ended)
        proven = design.gap is not None and design.gap <= PROVEN
        return self.with_design(replace(design, status="optimal" if proven else "feasible"))

    @cached_property
    def revenue(self) -> float:
        """Of those who are served, per year."""
        return math.fsum((self.case.revenue_per_order * self.case.orders_per_year)[self.design.served])

    @property
    def profit(self) -> float:
        """Per year."""
        return self.revenue - self.design.objective

    @property
    def profit_bound(self) -> float:
        """No network for this offer makes more."""
        return math.inf if self.design.bound is None else self.revenue - self.design.bound

    @property
    def won(self) -> float:
        """Share of the buyers that are won and served."""
        orders = self.case.potential_orders
        return self.offer.share * float(orders[self.design.served].sum() / orders.sum())

    @property
    def rank(self) -> tuple[float, float]:
        """What makes an offer better: first that it wins the least share, as near as it comes, then what it earns."""
        return min(self.won, self.case.min_share), self.profit

    @property
    def served(self) -> float:
        """Share of the orders."""
        orders = self.case.orders_per_year
        return float(orders[self.design.served].sum() / orders.sum())


def difference(first: Bracket, second: Bracket) -> Bracket:
    """What the most that one network may earn can be above the most of another.

    Parameters
    ----------
    first, second
        What was found, and what no proof excludes.

    Returns
    -------
    tuple
        At least and at most.
    """
    return first[0] - second[1], first[1] - second[0]


def design_offer(case: SegmentCase, stop: Stop) -> Design:
    """The best network for the offer of a case; it declines nobody where it has to win more buyers than it would.

    Where nobody declined would be beyond the segment's limits, it declines all the same.
    """
    costs = order_costs(case)
    design = design_segment(case, costs, stop)
    enough = Option(case, design).won >= case.min_share or case.offer.share < case.min_share
    if enough or unreached([Member(case, costs, decline=False)]):
        return design
    everybody = design_segment(case, costs, stop, decline=False)
    return everybody if everybody.within_limits else design


def design_any(case: SegmentCase, stop: Stop) -> Design:
    """The best network for a case as it is, with prices or without."""
    return design_offer(case, stop) if case.priced else design_case(case, stop)


def design_at(case: SegmentCase, sites: Sequence[int], stop: Stop) -> Design:
    """The best network whose nodes are these sites."""
    return design_any(case.among(sites), stop).at(sites)
