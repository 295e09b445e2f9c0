"""How the deviation of demand grows with its mean, from history: ``A * mean ** beta`` by a line through logarithms.

A series is one variant at one place. Its days' mean and standard deviation are a point; A and beta are the line through
all of them. A trend or a season counts as deviation, so history should be no longer than stock has to last for.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from netdesign.errors import InputError, Phrase

LEAST_SERIES: Final = 10
"""Fewer say too little about a line and its error."""

LEAST_DAYS: Final = 20
"""Fewer say too little about the deviation of a series."""

SURE: Final = 0.1
"""Standard error of the exponent up to which it is taken: by it nine nodes for one keep a quarter more or less."""

EXPONENTS: Final = (0.5, 1.0)
"""The square-root law and no gain by pooling: the safety stock is not defined beyond them."""


@dataclass(frozen=True)
class Pooling:
    """What history says about the deviation of a day's demand.

    Attributes
    ----------
    exponent, standard_error
        Beta and its standard error.
    variability, variability_error
        A and its standard error.
    centre
        Geometric mean of the series' means, where the line is surest.
    series, days
        How many series took part, and of how many days they are.
    error
        Mean absolute error of the deviation of a series that was not fitted on, relative to it.
    """

    exponent: float
    standard_error: float
    variability: float
    variability_error: float
    centre: float
    series: int
    days: int
    error: float

    @property
    def sure(self) -> bool:
        """Whether it is taken instead of the planner's own."""
        return self.series >= LEAST_SERIES and self.days >= LEAST_DAYS and self.standard_error <= SURE

    def line(self, exponent: float) -> float:
        """A of the line of another exponent through the middle of all series."""
        return float(self.variability * self.centre ** (self.exponent - exponent))


def fit_history(history: pd.DataFrame, exponent: float, variability: float) -> tuple[float, float, Pooling | None]:
    """The exponent and the variability of a segment, as far as its history shows them.

    Parameters
    ----------
    history
        Rows of the table ``history`` of one segment. What is there on a day with no row of its own sold nothing.
    exponent, variability
        The segment's own, which stay where the fit is not sure.

    Returns
    -------
    float, float
        The exponent, at most as far as the safety stock is defined, and the variability that goes with it.
    Pooling or None
        None without three series that vary.
    """
    if history.empty:
        return exponent, variability, None
    units = history.pivot_table(
        index=["variant", "place"], columns="day", values="units", aggfunc="sum", fill_value=0.0
    )
    try:
        found = fit_pooling(units)
    except InputError:
        return exponent, variability, None
    if not found.sure:
        return exponent, variability, found
    taken = min(max(found.exponent, EXPONENTS[0]), EXPONENTS[1])
    return taken, found.line(taken), found


def fit_pooling(demand: Any) -> Pooling:
    """Estimate A and beta by a straight line through the logarithms of means and deviations.

    Parameters
    ----------
    demand
        Shape (series, days): units of a variant at a place on every day. Series that never vary are left out.

    Raises
    ------
    InputError
        If fewer than three series vary, or all have one mean.
    """
    d = np.asarray(demand, float)
    if d.ndim != 2 or d.shape[1] < 2:
        raise InputError("demand", Phrase(f"of shape {d.shape}"), "a row per series and two days at least")
    mean, deviation = d.mean(axis=1), d.std(axis=1, ddof=1)
    use = (mean > 0) & (deviation > 0)
    x, y = np.log(mean[use]), np.log(deviation[use])
    n = len(x)
    off = x - x.mean() if n else x
    spread = float((off**2).sum())
    if n < 3 or spread < 1e-12:
        raise InputError("demand", Phrase(f"{n} series that vary"), "three or more, of different means")
    beta = float((off * (y - y.mean())).sum() / spread)
    level = float(y.mean() - beta * x.mean())
    residual = y - level - beta * x
    variance = float((residual**2).sum()) / (n - 2)
    # What a point would be off by, had the line been drawn without it.
    held_out = residual / np.maximum(1 - 1 / n - off**2 / spread, 1e-12)
    return Pooling(
        exponent=beta,
        standard_error=math.sqrt(variance / spread),
        variability=math.exp(level),
        # That of the logarithm is relative to A: the delta method.
        variability_error=math.exp(level) * math.sqrt(variance * (1 / n + float(x.mean()) ** 2 / spread)),
        centre=math.exp(float(x.mean())),
        series=n,
        days=d.shape[1],
        error=float(np.abs(np.expm1(-held_out)).mean()),
    )
