"""Means over the worst part of what may come."""

from __future__ import annotations

import math
from typing import Any

import numpy as np


def tail_mean(profit: Any, weights: Any, part: float) -> float:
    """Mean over the worst part of the probability: the conditional value at risk (Rockafellar and Uryasev 2000).

    Parameters
    ----------
    profit, weights
        Of every scenario: what it earns and its probability.
    part
        Of the probability, in (0, 1].
    """
    left, total = part, 0.0
    for k in np.argsort(profit, kind="stable"):
        weight = min(left, float(weights[k]))
        if weight > 0:
            total += weight * float(profit[k])
            left -= weight
    return total / (part - left) if part > left else math.nan
