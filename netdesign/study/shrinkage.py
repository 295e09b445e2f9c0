"""Ratios of several groups, each from observations of its own, shrunk towards their mean, with their error bars."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Shrunk:
    """What several groups' ratios are, and what that of another group would be.

    Attributes
    ----------
    mean, standard_error
        Of the groups' ratios.
    between
        Variance of the true ratios among each other.
    groups
        Names of the groups.
    ratio, error
        Shape (groups,): each group's own, shrunk, and its standard error.
    """

    mean: float
    standard_error: float
    between: float
    groups: tuple[Any, ...]
    ratio: Floats
    error: Floats

    @property
    def elsewhere_error(self) -> float:
        """Standard error of the mean as the ratio of a group without observations."""
        return float(np.sqrt(self.between + self.standard_error**2))


def shrunk_ratios(observed: pd.DataFrame, group: str, part: str, whole: str) -> Shrunk | None:
    """The sum of `part` over the sum of `whole` of every group, shrunk towards the mean of the groups.

    The variance of a group's own ratio is φ over its whole, with one φ for all groups, from what the observations of a
    group differ among each other. How far the groups truly lie apart, τ², follows by DerSimonian and Laird, Controlled
    Clinical Trials 7 (1986); how far a group moves to the mean, and how sure it is then, by Morris, J. American
    Statistical Association 78 (1983): three groups and fewer stay where they are. With a single group nothing tells how
    far others lie apart, and τ is 0.

    Parameters
    ----------
    observed
        A row per observation: `group`, and `part` and `whole`, which is positive.

    Returns
    -------
    Shrunk or None
        None where no group has two observations: there is no error bar then.
    """
    sums = observed.groupby(group, sort=False)[[part, whole]].sum()
    spare = len(observed) - len(sums)
    if not spare:
        return None
    ratio = sums[part] / sums[whole]
    own = ratio.to_numpy(float)
    squares = (observed[part] - observed[group].map(ratio) * observed[whole]) ** 2 / observed[whole]
    noise = max(float(squares.sum()) / spare, 1e-9) / sums[whole].to_numpy(float)
    between = between_variance(own, noise)
    weight = 1 / (noise + between)
    mean, doubt = float((weight * own).sum() / weight.sum()), 1 / float(weight.sum())
    n, shrinkage = len(own), np.zeros(len(own))
    variance = noise
    if n > 3:
        shrinkage = (n - 3) / (n - 1) * noise / (noise + between)
        variance = noise * (1 - (n - 1) / n * shrinkage) + 2 / (n - 3) * (shrinkage * (own - mean)) ** 2
    return Shrunk(
        mean, float(np.sqrt(doubt)), between, tuple(sums.index), own + shrinkage * (mean - own), np.sqrt(variance)
    )


def between_variance(values: Floats, noise: Floats) -> float:
    """The variance of what several values estimate, each known with a variance of its own; 0 where there is but one."""
    weight = 1 / noise
    spread = float(weight.sum() - (weight**2).sum() / weight.sum())
    if len(values) < 2 or spread <= 0:
        return 0.0
    mean = float((weight * values).sum() / weight.sum())
    excess = float((weight * (values - mean) ** 2).sum()) - (len(values) - 1)
    return max(0.0, excess / spread)
