"""Weights of a segment's buyers from choices that they made: multinomial logit by Newton's method.

Every situation shows some offers; whoever chose none of them bought elsewhere. Weights that never vary in the data
cannot be seen and stay the segment's own.

References
----------
McFadden, "Conditional logit analysis of qualitative choice behavior" (1974): the likelihood is concave.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from netdesign.study.value import Taste

Floats = NDArray[np.float64]

HELD_OUT: Final = 5
"""Every fifth situation is not fitted on, and tells how well the weights predict."""

TOLERANCE: Final = 1e-13
"""Newton stops where the gain it expects from a step, relative to the log-likelihood, is smaller."""

LEAST_SITUATIONS: Final = 30
"""Fewer say nothing about seven weights."""


@dataclass(frozen=True)
class ChoiceFit:
    """Fitted weights and how sure they are.

    Attributes
    ----------
    weights, standard_errors
        By field of :class:`Taste`; only what the data can show.
    situations
        Fitted on.
    held_out, at_random
        Mean log-likelihood of a choice that was not fitted on, and what it would be if all alternatives were alike.
    """

    weights: dict[str, float]
    standard_errors: dict[str, float]
    situations: int
    held_out: float
    at_random: float


def fit_choices(choices: pd.DataFrame, taste: Taste) -> tuple[Taste, ChoiceFit | None]:
    """The segment's weights, as far as its choices show them.

    Parameters
    ----------
    choices
        Rows of the table ``choices`` of one segment.
    taste
        Its own weights; where the delay begins and ends to matter is taken from here.

    Returns
    -------
    Taste
        With the fitted weights in place of its own; a weight with the wrong sign is not taken.
    ChoiceFit or None
        None with too few situations, and then the segment's own weights stay.
    """
    x, names = _attributes(choices, taste)
    _, situation = np.unique(choices["choice"].to_numpy(str), return_inverse=True)
    count = int(situation.max()) + 1 if len(situation) else 0
    if count < LEAST_SITUATIONS or not len(names):
        return taste, None
    chosen = choices["chosen"].to_numpy(float)
    held = np.arange(count) % HELD_OUT == HELD_OUT - 1
    mine = ~held[situation]
    beta, covariance = newton(x[mine], _renumbered(situation[mine]), chosen[mine])
    errors = np.sqrt(np.diag(covariance))
    other = _renumbered(situation[~mine])
    score, random = (
        _likelihood(b, x[~mine], other, chosen[~mine])[0] / held.sum() for b in (beta, np.zeros_like(beta))
    )
    weights = {name: float(b) for name, b in zip(names, beta, strict=True)}
    fit = ChoiceFit(weights, dict(zip(names, map(float, errors), strict=True)), int((~held).sum()), score, random)
    usable = {name: w for name, w in weights.items() if name == "outside_utility" or w >= 0}
    return replace(taste, **usable), fit


def _attributes(choices: pd.DataFrame, taste: Taste) -> tuple[Floats, list[str]]:
    """One column per weight that varies, its sign that of the utility; the last is minus the outside utility."""
    columns = {
        "price_weight": -choices["price"].to_numpy(float),
        "delay_weight": _delay(choices["promise_h"].to_numpy(float), taste),
        **{
            f"{name}_weight": choices[name].to_numpy(float)
            for name in ("quality", "customization", "features", "convenience")
        },
        "service_weight": choices["service_level"].to_numpy(float),
    }
    known = {f.name for f in fields(Taste)}
    kept = {name: x for name, x in columns.items() if name in known and len(x) and np.ptp(x) > 0}
    # Utilities are beside the outside's, which is the same for all: a column of ones is its weight with a minus.
    kept["outside_utility"] = -np.ones(len(choices))
    return np.column_stack(list(kept.values())), list(kept)


def _delay(promise_h: Floats, taste: Taste) -> Floats:
    late: Floats = np.minimum(np.maximum(promise_h, taste.delay_from_h), max(taste.delay_from_h, taste.delay_to_h))
    return -(late - taste.delay_from_h)


def newton(x: Floats, situation: NDArray[np.int64], chosen: Floats) -> tuple[Floats, Floats]:
    """Maximum likelihood and its covariance, the inverse of the information.

    Parameters
    ----------
    x
        Attributes of each alternative, shape (alternatives, weights); the outside option has none.
    situation
        Which situation it stood in, from 0.
    chosen
        1 where it was chosen.
    """
    scale = np.maximum(np.abs(x).max(axis=0), 1e-12)
    x = x / scale
    beta = np.zeros(x.shape[1])
    value, gradient, information = _likelihood(beta, x, situation, chosen)
    for _ in range(100):
        step = np.linalg.lstsq(information, gradient, rcond=None)[0]
        expected = float(gradient @ step)
        if expected <= TOLERANCE * max(1.0, abs(value)):
            break
        size = 1.0
        while size > 1e-8:
            trial = _likelihood(beta + size * step, x, situation, chosen)
            if trial[0] >= value + 1e-4 * size * expected:
                break
            size /= 2
        beta = beta + size * step
        value, gradient, information = trial
    return beta / scale, np.linalg.pinv(information) / np.outer(scale, scale)


def _likelihood(beta: Floats, x: Floats, situation: NDArray[np.int64], chosen: Floats) -> tuple[float, Floats, Floats]:
    """Log-likelihood, its gradient and its information."""
    count = int(situation.max()) + 1
    utility = x @ beta
    top = np.zeros(count)
    np.maximum.at(top, situation, utility)
    weight = np.exp(utility - top[situation])
    total = np.exp(-top) + np.bincount(situation, weight, count)
    share = weight / total[situation]
    value = float(chosen @ utility) - math.fsum(top + np.log(total))
    mean = np.column_stack([np.bincount(situation, share * column, count) for column in x.T])
    gradient = x.T @ (chosen - share)
    information = (x * share[:, None]).T @ x - mean.T @ mean
    return value, gradient, information


def _renumbered(situation: NDArray[np.int64]) -> NDArray[np.int64]:
    """From 0, without gaps."""
    return np.unique(situation, return_inverse=True)[1].astype(np.int64)
