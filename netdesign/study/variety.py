"""How many variants to offer, and at which service tier: a network for every offer, and the most profitable of them."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from netdesign.study.cost import OrderCosts, cost_to_serve, order_costs
from netdesign.study.design import Design, design_segment
from netdesign.study.make import process_of
from netdesign.study.value import Offer, make_offer

if TYPE_CHECKING:
    import pandas as pd

    from netdesign.stop import Stop
    from netdesign.study.case import SegmentCase

ALL_COUNTS: Final = 12
"""Up to so many variants every number is tried; beyond, a grid that closes in on the best."""


NETWORK: Final = "network"
"""The driver of what one variant would save on a network of its own."""


@dataclass(frozen=True, eq=False)
class Option:
    """One offer with its network.

    Attributes
    ----------
    case, costs, design
        The segment with this offer; ``design`` may decline customers.
    revenue, profit, profit_bound
        Per year; no network for this offer makes more than the bound.
    """

    case: SegmentCase
    costs: OrderCosts
    design: Design
    revenue: float
    profit: float
    profit_bound: float

    @property
    def offer(self) -> Offer:
        """What is offered."""
        return self.case.offer

    @property
    def won(self) -> float:
        """Share of the buyers that are won and served."""
        orders = self.case.potential_orders
        return self.offer.share * float(orders[self.design.served].sum() / orders.sum())

    @property
    def rank(self) -> tuple[float, float]:
        """What makes an offer better: first that it wins the least share, as near as it comes, then what it earns."""
        return min(self.won, self.case.min_share), self.profit


@dataclass(frozen=True, eq=False)
class Variety:
    """Every offer that was tried, and the best.

    Attributes
    ----------
    frontier
        One row per offer: tier, promise_h, variants, share, revenue, cost, profit, profit_bound, nodes, served,
        technologies, status.
    best
        The most profitable offer of those that win the least share of the buyers that is asked for.
    complete
        Whether every number of variants was tried.
    """

    frontier: pd.DataFrame
    best: Option
    complete: bool


def best_offer(case: SegmentCase, stop: Stop) -> Variety:
    """Design a network for every offer of a segment with prices, and choose the most profitable.

    Parameters
    ----------
    case
        The segment.
    stop
        Limits of each search.
    """
    import pandas as pd

    rows: list[dict[str, object]] = []
    best: Option | None = None
    for tier in case.tiers:
        tried: dict[int, float] = {}
        while counts := _next_counts(case.most_variants, tried):
            for n in counts:
                option = evaluate(case, make_offer(case, tier, n), stop)
                tried[n] = option.profit if option.won >= case.min_share else -math.inf
                rows.append(_row(option))
                if best is None or option.rank > best.rank:
                    best = option
    assert best is not None
    frontier = pd.DataFrame(rows).sort_values(["tier", "variants"], kind="stable", ignore_index=True)
    return Variety(frontier, best, case.most_variants <= ALL_COUNTS)


def evaluate(case: SegmentCase, offer: Offer, stop: Stop) -> Option:
    """The best network for one offer; it declines nobody where it has to win more buyers than it would."""
    case = case.offering(offer)
    costs = order_costs(case)
    option = option_of(case, costs, stop)
    if option.won >= case.min_share or offer.share < case.min_share or not np.isfinite(costs.total).any(axis=1).all():
        return option
    return option_of(case, costs, stop, decline=False)


def option_of(case: SegmentCase, costs: OrderCosts, stop: Stop, *, decline: bool | None = None) -> Option:
    """The best network for the offer of a case."""
    design = design_segment(case, costs, stop, decline=decline)
    revenue = math.fsum((case.offer.revenue(case.units_per_order) * case.orders_per_year)[design.served])
    bound = math.inf if design.bound is None else revenue - design.bound
    return Option(case, costs, design, revenue, revenue - design.objective, bound)


def _next_counts(most: int, tried: dict[int, float]) -> list[int]:
    """Numbers of variants to try next: all at first, or powers of two and then halves of the gaps beside the best."""
    if not tried:
        return (
            list(range(1, most + 1))
            if most <= ALL_COUNTS
            else sorted({most, *(2**k for k in range(most.bit_length()))})
        )
    known = sorted(tried)
    at = known.index(max(known, key=lambda n: (tried[n], -n)))
    beside = [(known[k], known[k + 1]) for k in (at - 1, at) if 0 <= k < len(known) - 1]
    return [(low + high) // 2 for low, high in beside if high - low > 1]


def searches(case: SegmentCase) -> int:
    """How many networks the choice of an offer may take."""
    most = case.most_variants
    return len(case.tiers) * (most if most <= ALL_COUNTS else 3 * most.bit_length()) if case.priced else 1


def _row(option: Option) -> dict[str, object]:
    offer, design = option.offer, option.design
    names = [process.technology for process in design.processes.values()]
    orders = option.case.orders_per_year
    return {
        "tier": offer.tier.name,
        "promise_h": offer.tier.promise_h,
        "variants": offer.variants,
        "share": offer.share,
        "revenue": option.revenue,
        "cost": design.objective,
        "profit": option.profit,
        "profit_bound": option.profit_bound,
        "nodes": len(design.open),
        "served": float(orders[design.served].sum() / orders.sum()),
        "technologies": "; ".join(f"{names.count(name)} {name}" for name in sorted(set(names)) if name),
        "status": design.status,
    }


def cost_of_complexity(option: Option, stop: Stop) -> pd.DataFrame:
    """What variety costs: the design as it is, less the same units and tier made as one variant.

    Parameters
    ----------
    option
        A segment with its offer, without those it declines.
    stop
        Limits of the search for the network that one variant would have.

    Returns
    -------
    DataFrame
        Columns account, driver, cost_per_year on the network as it is; and a row ``network`` with what one variant
        would save beyond that on a network of its own.
    """
    import pandas as pd

    case, design = option.case, option.design
    plain = case.offering(case.offer.as_one_variant())
    made = {j: process_of(plain, p.technology, p.lots_per_year) for j, p in design.processes.items()}
    keys = ["account", "driver"]
    many = cost_to_serve(case, option.costs, design).groupby(keys)["cost_per_year"].sum()
    one = cost_to_serve(plain, option.costs, replace(design, processes=made)).groupby(keys)["cost_per_year"].sum()
    difference = many.sub(one, fill_value=0.0)
    rows = difference[difference.abs() > 1e-9].reset_index()
    own = design_segment(plain, option.costs, stop, decline=False)
    saved = math.fsum(one) - own.objective
    extra = pd.DataFrame([{"account": "all", "driver": NETWORK, "cost_per_year": max(0.0, saved)}])
    return pd.concat([rows, extra], ignore_index=True)
