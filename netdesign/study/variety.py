"""How many variants to offer, at which service tier or tiers: a network for every offer, and the most profitable."""

from __future__ import annotations

import math
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from netdesign.study.cost import cost_to_serve, order_costs
from netdesign.study.design import Design, design_segment
from netdesign.study.make import at_site, process_of
from netdesign.study.menus import menu_table, menus, offered
from netdesign.study.options import Option, design_offer
from netdesign.study.workers import IN_PLACE

if TYPE_CHECKING:
    import pandas as pd

    from netdesign.stop import Stop
    from netdesign.study.case import SegmentCase
    from netdesign.study.value import Tier

ALL_COUNTS: Final = 12
"""Up to so many variants every number is tried; beyond, a grid that closes in on the best."""


NETWORK: Final = "network"
"""The driver of what one variant would save on a network of its own."""


@dataclass(frozen=True, eq=False)
class Variety:
    """Every offer that was tried, and the best.

    Attributes
    ----------
    case
        The segment without an offer.
    frontier
        One row per offer: tier or menu, promise_h (the longest), variants, share, revenue, cost, profit, profit_bound,
        gap, missed (what declined customers would have brought), nodes, served, technologies, status.
    best
        The most profitable offer of those that win the least share of the buyers that is asked for.
    menus
        What several tiers at once would earn with as many variants; see :func:`netdesign.study.menus.menu_table`.
    complete
        Whether every number of variants was tried.
    """

    case: SegmentCase
    frontier: pd.DataFrame
    best: Option
    complete: bool
    menus: pd.DataFrame


def best_offer(case: SegmentCase, stop: Stop, pool: Executor = IN_PLACE) -> Variety:
    """Design a network for every offer of a segment with prices, and choose the most profitable.

    Parameters
    ----------
    case
        The segment.
    stop
        Limits of each search.
    pool
        Designs the networks; the result does not depend on it.
    """
    import pandas as pd

    rows: list[dict[str, object]] = []
    best: Option | None = None
    for tiers in _tiers_at_once(case):
        tried: dict[int, float] = {}
        while counts := _next_counts(case.most_variants, tried):
            cases = [offered(case, tiers, n) for n in counts]
            for option in map(Option, cases, pool.map(partial(design_offer, stop=stop), cases)):
                tried[option.offer.variants] = option.profit if option.won >= case.min_share else -math.inf
                rows.append(_row(option))
                if best is None or option.rank > best.rank:
                    best = option
    assert best is not None
    frontier = pd.DataFrame(rows).sort_values(["tier", "variants"], kind="stable", ignore_index=True)
    several = menu_table(case, best.offer.variants, (best.profit, best.profit_bound), stop, pool)
    return Variety(case, frontier, best, case.most_variants <= ALL_COUNTS, several)


def _tiers_at_once(case: SegmentCase) -> list[tuple[Tier, ...]]:
    """Every tier by itself, and the menus that the segment may be offered."""
    return [*((tier,) for tier in case.tiers), *menus(case.tiers, case.most_tiers)]


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
    if not case.priced:
        return 1
    most = case.most_variants
    several = sum(1 for _ in menus(case.tiers))
    return several + len(_tiers_at_once(case)) * (most if most <= ALL_COUNTS else 3 * most.bit_length())


def _row(option: Option) -> dict[str, object]:
    offer, design = option.offer, option.design
    names = [process.technology for process in design.processes.values()]
    return {
        "tier": offer.tier.name,
        "promise_h": offer.tier.promise_h,
        "variants": offer.variants,
        "share": offer.share,
        "revenue": option.revenue,
        "cost": design.objective,
        "profit": option.profit,
        "profit_bound": option.profit_bound,
        "gap": design.gap,
        "missed": design.missed,
        "nodes": len(design.open),
        "served": option.served,
        "technologies": "; ".join(f"{names.count(name)} {name}" for name in sorted(set(names)) if name),
        "status": design.status,
    }


def cost_of_complexity(option: Option, stop: Stop, pool: Executor = IN_PLACE) -> pd.DataFrame:
    """What variety costs: the design as it is, less the same units and tier made as one variant.

    Parameters
    ----------
    option
        A segment with its offer; those it declines do not count.
    stop
        Limits of the search for the network that one variant would have.
    pool
        Does that search.

    Returns
    -------
    DataFrame
        Columns account, driver, cost_per_year on the network as it is; and a row ``network`` with what one variant
        would save beyond that on a network of its own. Column at_most: what no proof excludes.
    """
    import pandas as pd

    served = option.design.served
    case, costs, design = option.case.only(served), option.costs.only(served), option.design.only_served()
    plain = case.offering(case.offer.as_one_variant())
    made = {j: at_site(plain, process_of(plain, p.technology, p.lots_per_year), j) for j, p in design.processes.items()}
    keys = ["account", "driver"]
    many = cost_to_serve(case, costs, design).groupby(keys)["cost_per_year"].sum()
    one = cost_to_serve(plain, costs, replace(design, processes=made)).groupby(keys)["cost_per_year"].sum()
    extra = many.sub(one, fill_value=0.0)
    rows = extra[extra.abs() > 1e-9].reset_index()
    own, here = pool.submit(design_as_one_variant, option.case, served, stop).result(), math.fsum(one)
    most = math.inf if own.bound is None else max(0.0, here - own.bound)
    alone = {"account": "all", "driver": NETWORK, "cost_per_year": max(0.0, here - own.objective), "at_most": most}
    return pd.concat([rows.assign(at_most=rows["cost_per_year"]), pd.DataFrame([alone])], ignore_index=True)


def design_as_one_variant(case: SegmentCase, served: NDArray[np.bool_], stop: Stop) -> Design:
    """The network that the served customers of a segment would have if its offer were one variant."""
    plain, costs = case.only(served), order_costs(case).only(served)
    return design_segment(plain.offering(plain.offer.as_one_variant()), costs, stop, decline=False)
