"""Several service tiers offered at once: a menu. Buyers choose among all variants at all its tiers, and elsewhere.

Every tier's orders have their own promise, fee and way of delivery, and go to sites that can keep them; what is made is
made for all tiers together. The tiers of a menu are all made to stock or all to order.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from functools import partial
from itertools import combinations
from typing import Final

import numpy as np
import pandas as pd

from netdesign.stop import Stop
from netdesign.study.case import SegmentCase
from netdesign.study.options import Bracket, Option, design_offer, difference
from netdesign.study.value import Offer, Tier, logit, make_offer, units_per_order, utilities
from netdesign.study.workers import IN_PLACE

MOST_TIERS: Final = 4
"""Up to so many tiers every menu is tried; of more tiers, pairs alone."""

COLUMNS: Final = (
    "menu", "variants", "share", "by_tier", "revenue", "cost", "profit", "profit_bound", "gap", "gain", "at_least",
    "at_most", "nodes", "served",
)  # fmt: skip


def menus(tiers: Sequence[Tier], at_once: float = math.inf) -> Iterator[tuple[Tier, ...]]:
    """Every set of two or more tiers that are made alike, of at most so many."""
    most = min(len(tiers) if len(tiers) <= MOST_TIERS else 2, at_once)
    for size in range(2, int(most) + 1):
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


def offered(case: SegmentCase, tiers: Sequence[Tier], variants: int) -> SegmentCase:
    """The segment with so many variants at one tier, or at each tier of a menu.

    With a menu its customers are there once for every tier, with the part of their buyers that choose it.
    """
    offers = menu_offers(case, tiers, variants)
    if len(offers) == 1:
        return case.offering(offers[0])
    total, rows = math.fsum(offer.share for offer in offers), []
    for offer in offers:
        name, buyers = offer.tier.name, case.customers["buyers"] * (offer.share / total)
        rows.append(case.customers.assign(customer=case.customers["customer"] + f" ({name})", tier=name, buyers=buyers))
    names, longest = " + ".join(tier.name for tier in tiers), max(tier.promise_h for tier in tiers)
    together = replace(offers[0], tier=Tier(names, longest, made_to=tiers[0].made_to), share=total)
    return replace(case, customers=pd.concat(rows, ignore_index=True), offer=together, menu=offers)


def menu_table(
    case: SegmentCase, variants: int, earned: Bracket, stop: Stop, pool: Executor = IN_PLACE
) -> pd.DataFrame:
    """Every menu with so many variants.

    Parameters
    ----------
    case
        A segment with prices.
    variants, earned
        Of its best offer: how many, its profit and the bound of that.
    stop
        Limits of each search.
    pool
        Designs the networks; the result does not depend on it.

    Returns
    -------
    DataFrame
        One row per menu, the most profitable first: menu, variants, share of the buyers and by_tier, revenue, cost,
        profit, profit_bound, gap, gain over the best offer, at_least and at_most (what the bounds prove of the gain),
        nodes, served (share of the orders).
    """
    cases = [offered(case, tiers, variants) for tiers in menus(case.tiers)]
    rows = []
    for option in map(Option, cases, pool.map(partial(design_offer, stop=stop), cases)):
        offer, design = option.offer, option.design
        by_tier = "; ".join(f"{o.tier.name} {o.share:.1%}" for o in option.case.menu)
        money = (option.revenue, design.objective, option.profit, option.profit_bound, design.gap)
        named = (offer.tier.name, variants, offer.share, by_tier)
        gain = (option.profit - earned[0], *difference((option.profit, option.profit_bound), earned))
        rows.append((*named, *money, *gain, len(design.open), option.served))
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    return table.sort_values("profit", ascending=False, kind="stable", ignore_index=True)
