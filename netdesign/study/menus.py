"""Several service tiers offered at once: a menu. Buyers choose among all variants at all its tiers, and elsewhere.

Every tier's orders have their own promise, fee and way of delivery, and go to sites that can keep them; what is made is
made for all tiers together. The tiers of a menu are all made to stock or all to order.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import fields, replace
from itertools import combinations
from typing import Final

import numpy as np
import pandas as pd

from netdesign.stop import Stop
from netdesign.study.case import SegmentCase
from netdesign.study.cost import LastMile, OrderCosts, Stops, order_costs
from netdesign.study.design import design_segment
from netdesign.study.network import Member
from netdesign.study.value import Offer, Tier, logit, make_offer, units_per_order, utilities

MOST_TIERS: Final = 4
"""Up to so many tiers every menu is tried; of more tiers, pairs alone."""

COLUMNS: Final = (
    "menu", "variants", "share", "by_tier", "revenue", "cost", "profit", "profit_bound", "gap", "gain", "nodes",
    "served",
)  # fmt: skip


def menus(tiers: Sequence[Tier]) -> Iterator[tuple[Tier, ...]]:
    """Every set of two or more tiers that are made alike."""
    most = len(tiers) if len(tiers) <= MOST_TIERS else 2
    for size in range(2, most + 1):
        for some in combinations(tiers, size):
            if len({tier.made_to for tier in some}) == 1:
                yield some


def menu_offers(case: SegmentCase, tiers: Sequence[Tier], variants: int) -> tuple[Offer, ...]:
    """What each tier of a menu wins: as the offer of that tier alone, with its share beside the others.

    A tier adds the same to the utility of every variant, so the most chosen variants are those of any tier alone, and
    so are their parts of its orders.
    """
    units = units_per_order(case)
    each = [np.sort(utilities(case.variants, tier, case.taste, units))[::-1][:variants] for tier in tiers]
    shares = logit(np.concatenate(each), case.taste.outside_utility).reshape(len(tiers), -1).sum(axis=1)
    alone = [make_offer(case, tier, variants) for tier in tiers]
    return tuple(replace(offer, share=float(share)) for offer, share in zip(alone, shares, strict=True))


def menu_member(case: SegmentCase, offers: Sequence[Offer]) -> Member:
    """A segment with a menu: its customers once for every tier, with the orders and the costs of that tier.

    Fees differ by tier. The member's offer has the highest, and an order of another tier costs the difference.
    """
    total, fee = math.fsum(offer.share for offer in offers), max(offer.tier.fee for offer in offers)
    rows, costs = [], []
    for offer in offers:
        own = order_costs(case.offering(offer))
        costs.append(replace(own, total=own.total + (fee - offer.tier.fee)))
        names = case.customers["customer"] + f" ({offer.tier.name})"
        rows.append(case.customers.assign(customer=names, buyers=case.customers["buyers"] * offer.share / total))
    name = " + ".join(offer.tier.name for offer in offers)
    together = replace(offers[0], tier=replace(offers[0].tier, name=name, fee=fee), share=total)
    customers = pd.concat(rows, ignore_index=True)
    return Member(replace(case, customers=customers, offer=together), _stacked(costs), decline=True)


def _stacked(costs: Sequence[OrderCosts]) -> OrderCosts:
    """Costs of several groups of customers as those of all of them."""

    def all_of(objects: Sequence[object], names: Sequence[str]) -> dict[str, np.ndarray]:
        return {name: np.concatenate([getattr(o, name) for o in objects]) for name in names}

    stops = Stops(**all_of([c.stops for c in costs], [f.name for f in fields(Stops)]))
    mile = LastMile(**all_of([c.last_mile for c in costs], [f.name for f in fields(LastMile)]))
    keys = dict.fromkeys(key for c in costs for key in c.parts)
    parts = {key: np.concatenate([c.parts.get(key, np.zeros_like(c.total)) for c in costs]) for key in keys}
    arrays = [f.name for f in fields(OrderCosts) if isinstance(getattr(costs[0], f.name), np.ndarray)]
    return replace(costs[0], stops=stops, last_mile=mile, parts=parts, **all_of(costs, arrays))


def menu_table(case: SegmentCase, variants: int, profit: float, stop: Stop) -> pd.DataFrame:
    """Every menu with so many variants.

    Parameters
    ----------
    case
        A segment with prices.
    variants, profit
        Of its best offer at one tier.
    stop
        Limits of each search.

    Returns
    -------
    DataFrame
        One row per menu, the most profitable first: menu, variants, share of the buyers and by_tier, revenue, cost,
        profit, profit_bound, gap, gain over the best offer at one tier, nodes, served (share of the orders).
    """
    rows = []
    for tiers in menus(case.tiers):
        offers = menu_offers(case, tiers, variants)
        member = menu_member(case, offers)
        design = design_segment(member.case, member.costs, stop)
        orders, served = member.case.orders_per_year, design.served
        brought = float((member.brings * orders)[served].sum())
        # The highest fee is not what every tier pays.
        unpaid = np.repeat([max(o.tier.fee for o in offers) - o.tier.fee for o in offers], len(case.customers))
        less = float((unpaid * orders)[served].sum())
        earned, most = brought - design.objective, math.inf if design.bound is None else brought - design.bound
        by_tier = "; ".join(f"{o.tier.name} {o.share:.1%}" for o in offers)
        figures = (brought - less, design.objective - less, earned, most, design.gap, earned - profit)
        named = (member.case.offer.tier.name, variants, member.case.offer.share, by_tier)
        rows.append((*named, *figures, len(design.open), float(orders[served].sum() / orders.sum())))
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    return table.sort_values("profit", ascending=False, kind="stable", ignore_index=True)
