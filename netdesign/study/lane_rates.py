"""A carrier's rates from shipments that were paid: log-linear in distance and mass, with the error of a prediction.

``ln cost = a + b ln km + c ln kg``, by ridge regression; the penalty is the one that predicts best in cross-validation.
The mean of a cost is the exponential of that times the mean of the exponentials of the residuals (Duan, "Smearing
estimate", JASA 78, 1983).

References
----------
Hoerl and Kennard, "Ridge regression: biased estimation for nonorthogonal problems", Technometrics 12 (1970).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LEAST_SHIPMENTS: Final = 30
"""Fewer say too little about three numbers and their error; the carrier's own rates stay."""

PENALTIES: Final = (0.0, 0.01, 0.1, 1.0, 10.0, 100.0)
FOLDS: Final = 5
NAMES: Final = ("km", "kg")


@dataclass(frozen=True)
class LaneRates:
    """What a shipment costs by distance and mass.

    Attributes
    ----------
    shipments
        Fitted on.
    level
        Cost of a shipment of 1 kg over 1 km, as a mean.
    exponents, standard_errors
        Of km and kg: one per cent more of it makes the shipment so many per cent dearer.
    penalty
        Of the ridge, on standardised logarithms.
    error
        Mean absolute error of a prediction that was not fitted on, relative to the cost.
    ranges
        Least and most km and kg of the shipments; beyond them the rates are an extrapolation.
    """

    shipments: int
    level: float
    exponents: dict[str, float]
    standard_errors: dict[str, float]
    penalty: float
    error: float
    ranges: dict[str, tuple[float, float]]

    def cost(self, km: Any, kg: Any) -> Floats:
        """Of shipments; what is below the least km or kg that was seen costs what that costs."""
        km, kg = (np.maximum(np.asarray(x, float), self.ranges[n][0]) for n, x in zip(NAMES, (km, kg), strict=True))
        rate: Floats = self.level * km ** self.exponents["km"] * kg ** self.exponents["kg"]
        return rate

    def beyond(self, km: Any, kg: Any) -> NDArray[np.bool_]:
        """Which shipments are farther or heavier, nearer or lighter than any that was fitted on."""
        outside = [
            (np.asarray(x, float) < self.ranges[n][0]) | (np.asarray(x, float) > self.ranges[n][1])
            for n, x in zip(NAMES, (km, kg), strict=True)
        ]
        beyond: NDArray[np.bool_] = outside[0] | outside[1]
        return beyond


def fit_rates(shipments: pd.DataFrame) -> LaneRates | None:
    """Rates from a carrier's rows of the table ``shipments``; None with too few of them."""
    if len(shipments) < LEAST_SHIPMENTS:
        return None
    x, y = np.log(shipments[list(NAMES)].to_numpy(float)), np.log(shipments["cost"].to_numpy(float))
    fold = np.arange(len(y))[np.random.default_rng(0).permutation(len(y))] % FOLDS
    errors = [_held_out(x, y, fold, penalty) for penalty in PENALTIES]
    best = int(np.argmin([squares for squares, _ in errors]))
    beta, covariance, smear = ridge(x, y, PENALTIES[best])
    spread = np.sqrt(np.diag(covariance))
    return LaneRates(
        shipments=len(y),
        level=float(math.exp(beta[0]) * smear),
        exponents={name: float(b) for name, b in zip(NAMES, beta[1:], strict=True)},
        standard_errors={name: float(s) for name, s in zip(NAMES, spread[1:], strict=True)},
        penalty=PENALTIES[best],
        error=errors[best][1],
        ranges={name: (float(shipments[name].min()), float(shipments[name].max())) for name in NAMES},
    )


def ridge(x: Floats, y: Floats, penalty: float) -> tuple[Floats, Floats, float]:
    """Intercept and slopes, their covariance, and the mean of the exponentials of the residuals.

    Parameters
    ----------
    x, y
        Shapes (n, k) and (n,); a column that never varies has slope 0.
    penalty
        On the slopes of the standardised columns.
    """
    mean, scale = x.mean(axis=0), x.std(axis=0)
    varies = scale > 1e-12
    z = np.where(varies, (x - mean) / np.where(varies, scale, 1.0), 0.0)
    gram = z.T @ z
    inverse = np.linalg.pinv(gram + penalty * np.eye(z.shape[1]))
    slope = inverse @ (z.T @ (y - y.mean()))
    residual = y - y.mean() - z @ slope
    variance = float(residual @ residual) / max(1, len(y) - z.shape[1] - 1)
    # Back from standardised columns: the intercept takes their means along.
    back = np.zeros((z.shape[1] + 1, z.shape[1] + 1))
    back[0, 0] = 1.0
    unit = np.where(varies, 1 / np.where(varies, scale, 1.0), 0.0)
    back[0, 1:], back[1:, 1:] = -mean * unit, np.diag(unit)
    own = np.zeros_like(back)
    own[0, 0], own[1:, 1:] = variance / len(y), variance * inverse @ gram @ inverse
    return back @ np.r_[y.mean(), slope], back @ own @ back.T, float(np.exp(residual).mean())


def _held_out(x: Floats, y: Floats, fold: NDArray[np.int64], penalty: float) -> tuple[float, float]:
    """Mean squared error of the logarithm, and mean absolute error relative to the cost, of what was not fitted on."""
    squares, relative = np.zeros(len(y)), np.zeros(len(y))
    for k in range(FOLDS):
        mine = fold != k
        beta, _, smear = ridge(x[mine], y[mine], penalty)
        predicted = beta[0] + x[~mine] @ beta[1:]
        squares[~mine] = (predicted - y[~mine]) ** 2
        relative[~mine] = np.abs(np.exp(predicted - y[~mine]) * smear - 1)
    return float(squares.mean()), float(relative.mean())
