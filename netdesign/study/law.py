"""The law behind variety and decentralization, for one pool of buyers alike and variants alike.

A process with changeovers pays the square-root law once per variant and node, ``sqrt(2 K h D n m)``: variety and
decentralization compound. A process without them does not pay it. With choice by logit, ``S(n) = n a / (1 + n a)``,
the profit of n variants from m nodes is ``N S(n) margin - n F - sqrt(2 K h N S(n) n m)``.

References
----------
Harris, "How many parts to make at once" (1913), for the root. McFadden, "Conditional logit analysis of qualitative
choice behavior" (1974), for the share.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Pool:
    """Buyers a year, and the attraction of one variant beside buying elsewhere, ``exp(v - v0)``."""

    buyers: float
    attraction: float

    def share(self, variants: Any) -> Any:
        """Of the buyers that choose one of so many variants."""
        a = np.asarray(variants, float) * self.attraction
        return a / (1 + a)


@dataclass(frozen=True)
class Making:
    """A way to make: margin of a unit before changeovers, yearly cost of a variant, changeover and holding cost."""

    margin: float
    per_variant: float
    changeover: float = 0.0
    holding: float = 0.0


def profit(pool: Pool, making: Making, variants: Any, *, nodes: int = 1) -> Any:
    """Of a year, with the best lot sizes."""
    n = np.asarray(variants, float)
    units = pool.buyers * pool.share(n)
    lots = np.sqrt(2 * making.changeover * making.holding * units * n * nodes)
    return units * making.margin - n * making.per_variant - lots


def best_variants(pool: Pool, making: Making, *, nodes: int = 1) -> tuple[int, float]:
    """The most profitable number of variants and its profit; one variant at least.

    Without changeovers the profit is concave in n with its top at ``(sqrt(N margin a / F) - 1) / a``; what lots cost
    only grows with n, so nothing beyond that top is better.
    """
    top = (math.sqrt(pool.buyers * making.margin * pool.attraction / making.per_variant) - 1) / pool.attraction
    n = np.arange(1, max(1, math.ceil(top)) + 1)
    profits = profit(pool, making, n, nodes=nodes)
    return int(n[profits.argmax()]), float(profits.max())


def tooling_breakeven(tool: float, life_years: float, additive_unit: float, conventional_unit: float) -> float:
    """Units a year of one variant above which its tool pays; infinite where the tool saves nothing."""
    saved = additive_unit - conventional_unit
    return tool / life_years / saved if saved > 0 else math.inf
