"""What buyers want and would pay: choice among a segment's variants, and what an offer brings.

An offer is a number of variants, the most popular first, at one service tier. With equal margins the best assortment
of any size is made of the most popular variants (van Ryzin and Mahajan, Management Science 45, 1999); with unequal
ones that order is a heuristic.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

    from netdesign.study.case import Floats, SegmentCase

VARIANT_SOURCES: Final = ("quality", "customization", "features")
"""Sources of value that belong to a variant; those of a tier are convenience, service and speed."""


@dataclass(frozen=True)
class Taste:
    """How a segment's buyers weigh the sources of value: the columns of the table ``segments`` of these names."""

    outside_utility: float
    price_weight: float
    quality_weight: float
    customization_weight: float
    features_weight: float
    convenience_weight: float
    service_weight: float
    delay_weight: float
    delay_from_h: float
    delay_to_h: float

    def of_delay(self, promise_h: Any) -> Any:
        """Utility of a promise: piecewise linear, flat where shorter or longer makes no difference.

        Parameters
        ----------
        promise_h
            Hours from order to door; infinite only where a longest delay is given.
        """
        late = np.clip(promise_h, self.delay_from_h, max(self.delay_from_h, self.delay_to_h)) - self.delay_from_h
        return np.where(self.delay_weight > 0, -self.delay_weight * np.where(np.isfinite(late), late, 0.0), 0.0)

    def willingness_to_pay(self) -> dict[str, float]:
        """Price that one point of each source of value is worth, in cur; empty where price does not matter."""
        if not self.price_weight:
            return {}
        names = (*VARIANT_SOURCES, "convenience", "service")
        worth = {name: getattr(self, f"{name}_weight") / self.price_weight for name in names}
        return worth | {"hour": self.delay_weight / self.price_weight}


@dataclass(frozen=True)
class Tier:
    """A row of the table ``service_tiers``."""

    name: str
    promise_h: float = np.inf
    fee: float = 0.0
    convenience: float = 0.0
    service_level: float = 1.0
    made_to: str = "stock"
    prepare_h: float = 0.0
    mode: str = ""


@dataclass(frozen=True)
class Offer:
    """What a segment is offered, and what it makes of it.

    Attributes
    ----------
    tier
        The service tier.
    variants
        Number of variants.
    share
        Share of the buyers that choose any of them.
    mix
        Chance that an order is for another variant than the one before.
    mixture
        Rows of the variants that are offered, and the share of the units that each has; empty without variants.
    price, unit_kg, process_minutes, return_rate
        Means over the units that are chosen.
    """

    tier: Tier
    variants: int
    share: float
    mix: float = 0.0
    mixture: tuple[tuple[int, float], ...] = ()
    price: float = 0.0
    unit_kg: float = 0.0
    process_minutes: float = 0.0
    return_rate: float = 0.0

    def as_one_variant(self) -> Offer:
        """The same units at the same tier, made as one variant with their mean attributes."""
        return replace(self, variants=1, mix=0.0)

    def revenue(self, units: Any) -> Any:
        """Of an order of so many units, what comes back left out."""
        return units * self.price * (1 - self.return_rate) + self.tier.fee


WHOLE_MARKET: Final = Offer(Tier("all"), 1, 1.0)
"""Where a segment has no variants: everybody buys the one thing there is, and what it brings is not asked."""


HOPELESS: Final = 40.0
"""Utility below the best alternative from which on an alternative has a buyer in 10 to the power of 17."""


def logit(utility: Any, outside: float) -> Floats:
    """Choice probabilities of the multinomial logit beside an outside option, above 0 however little is chosen.

    Parameters
    ----------
    utility
        Of each alternative, shape (n,).
    outside
        Of none of them.
    """
    utility = np.asarray(utility, float)
    top = max(float(utility.max(initial=outside)), outside)
    weight = np.exp(np.maximum(utility - top, -HOPELESS))
    shares: Floats = weight / (np.exp(outside - top) + weight.sum())
    return shares


def utilities(variants: pd.DataFrame, tier: Tier, taste: Taste, units_per_order: float) -> Floats:
    """Of every variant at a tier; a fee counts with its part per unit."""
    price = variants["price"].to_numpy(float) + tier.fee / units_per_order
    own = np.log(variants["popularity"].to_numpy(float)) - taste.price_weight * price
    for source in VARIANT_SOURCES:
        own = own + getattr(taste, f"{source}_weight") * variants[source].to_numpy(float)
    service = taste.convenience_weight * tier.convenience + taste.service_weight * tier.service_level
    result: Floats = own + service + taste.of_delay(tier.promise_h)
    return result


def make_offer(case: SegmentCase, tier: Tier, variants: int) -> Offer:
    """The offer of a segment's most chosen variants at a tier."""
    units = units_per_order(case)
    utility = utilities(case.variants, tier, case.taste, units)
    rows = np.argsort(-utility, kind="stable")[:variants]
    chosen = case.variants.iloc[rows]
    shares = logit(np.sort(utility)[::-1][:variants], case.taste.outside_utility)
    means = {
        column: float(np.average(chosen[column].to_numpy(float), weights=shares))
        for column in ("price", "unit_kg", "process_minutes", "return_rate")
    }
    parts = shares / shares.sum()
    mix = 1 - float((parts**2).sum()) if variants > 1 else 0.0
    mixture = tuple(zip(rows.tolist(), parts.tolist(), strict=True))
    return Offer(tier, variants, float(shares.sum()), mix, mixture, **means)


def units_per_order(case: SegmentCase) -> float:
    """Mean over the orders that all buyers would place."""
    return float(np.average(case.customers["units_per_order"], weights=case.potential_orders))
