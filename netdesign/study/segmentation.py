"""Groups that the customers themselves suggest: k-means or Gaussian mixtures, with how clear and how stable they are.

A suggestion beside the planner's segments, which stay as they are. Every number of groups is tried. How clear groups
are is the silhouette (Rousseeuw 1987); how stable, the adjusted Rand index (Hubert and Arabie 1985) between the groups
of all customers and those that a bootstrap sample of them gives. Of the numbers that are stable and clear the clearest
is suggested, and one group where there is none.
"""

from __future__ import annotations

import importlib.util
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from netdesign.errors import InputError, Phrase
from netdesign.study.config import FILE, StudyConfig
from netdesign.study.problems import Problem

if TYPE_CHECKING:
    from netdesign.study.study import Study

Method = Literal["k-means", "mixture"]
Groups = NDArray[np.int64]

LEAST_CUSTOMERS: Final = 30
RESAMPLES: Final = 20
STABLE: Final = 0.75
"""Least mean Rand index of a stable number of groups, after Hennig (2007), who takes the Jaccard index."""

CLEAR: Final = 0.5
"""Least silhouette of groups that have a structure (Kaufman and Rousseeuw 1990)."""

WIDE: Final = 100.0
"""A positive column of which the largest is so many times the least counts by its logarithm."""


@dataclass(frozen=True, eq=False)
class Segmentation:
    """Suggested groups.

    Attributes
    ----------
    numbers
        One row per number of groups: groups, silhouette and stability with the standard deviation of each over the
        samples, suggested.
    customers
        One row per customer: segment, customer, group (the largest is 1), silhouette (below 0 another is nearer).
    means
        One row per group: customers, and the mean of each column with its standard error.
    agreement
        Adjusted Rand index between the groups and the planner's segments: 1 the same, 0 as by chance.
    """

    numbers: pd.DataFrame
    customers: pd.DataFrame
    means: pd.DataFrame
    agreement: float


def segment_customers(
    customers: pd.DataFrame, columns: list[str], *, method: Method, most: int, groups: int, seed: int
) -> Segmentation:
    """Suggest groups of customers.

    Parameters
    ----------
    customers
        Rows of the table ``customers``.
    columns
        The numbers that make customers alike.
    method
        ``k-means``, or ``mixture`` of normal distributions.
    most
        Groups, at most.
    groups
        The planner's number of them; 0 where the data are to suggest it.
    seed
        Of the starts and of the samples.

    Raises
    ------
    InputError
        If scikit-learn is not installed.
    """
    # One thread: sums in another order could put a customer between two groups into the other one.
    with _one_thread():
        return _segmented(customers, columns, method, most, groups, seed)


def _segmented(
    customers: pd.DataFrame, columns: list[str], method: Method, most: int, groups: int, seed: int
) -> Segmentation:
    metrics = _learn("metrics")
    x = scaled(customers[columns])
    distinct = len(np.unique(x, axis=0))
    tried = sorted(k for k in {*range(2, most + 1), groups} if 1 < k < distinct)
    found = {k: _fit(x, k, method, seed)[0] for k in tried}
    rows = [_judged(x, k, found[k], method, seed) for k in tried]
    numbers = pd.DataFrame(rows, columns=["groups", "silhouette", "silhouette_sd", "stability", "stability_sd"])
    stable = numbers[(numbers["stability"] >= STABLE) & (numbers["silhouette"] >= CLEAR)]
    own = int(stable["groups"].to_numpy()[stable["silhouette"].to_numpy().argmax()]) if len(stable) else 1
    chosen = groups if groups in found or groups == 1 else own
    numbers["suggested"] = numbers["groups"] == own
    label = _by_size(found[chosen]) if chosen > 1 else np.ones(len(x), np.int64)
    each = metrics.silhouette_samples(x, label) if chosen > 1 else np.full(len(x), np.nan)
    rated = customers[["segment", "customer"]].assign(group=label, silhouette=np.round(each, 6))
    agreement = float(metrics.adjusted_rand_score(customers["segment"], label))
    return Segmentation(numbers, rated.reset_index(drop=True), _means(customers[columns], label), agreement)


def segmentation_of(study: Study) -> Segmentation | None:
    """The groups that a study asks for; None where it does not, has too few customers, or scikit-learn is missing."""
    settings = study.config.segmentation
    if not settings.columns or len(study.customers) < 3 or not _installed():
        return None
    return segment_customers(
        study.customers,
        list(settings.columns),
        method=settings.method,
        most=settings.most,
        groups=settings.groups,
        seed=study.config.seed,
    )


def lint_segmentation(config: StudyConfig, customers: pd.DataFrame) -> Iterator[Problem]:
    """Groups that nothing can look for, too few customers for them, and columns that part nobody."""
    columns = config.segmentation.columns
    if not columns:
        return
    key = "segmentation.columns"
    if not _installed():
        rule, hint = "scikit-learn to look for groups", "pip install 'netdesign[learn]'; without it they are left out."
        yield Problem(FILE, None, key, Phrase("asked for"), rule, hint, "warning")
    if len(customers) < LEAST_CUSTOMERS:
        value, rule = (
            Phrase(f"{len(customers)} customers"),
            f"at least {LEAST_CUSTOMERS}, for groups with a meaning",
        )
        hint = "Leave the section out, or take what it suggests with care."
        yield Problem(FILE, None, key, value, rule, hint, "warning")
    for name in columns:
        if customers[name].nunique() < 2:
            rule = "a column that differs between customers"
            yield Problem(FILE, None, key, Phrase(name), rule, "Leave it out.", "warning")


def scaled(table: pd.DataFrame) -> NDArray[np.float64]:
    """Columns of mean 0 and deviation 1, wide ones by their logarithm; one that never varies is 0."""
    x = table.to_numpy(float)
    wide = (x.min(axis=0) > 0) & (x.max(axis=0) > WIDE * x.min(axis=0))
    x = np.where(wide, np.log(np.where(x > 0, x, 1.0)), x)
    spread = x.std(axis=0)
    scaled: NDArray[np.float64] = np.where(spread > 0, (x - x.mean(axis=0)) / np.where(spread > 0, spread, 1.0), 0.0)
    return scaled


def _judged(x: Any, k: int, label: Groups, method: Method, seed: int) -> tuple[float, ...]:
    """Number of groups, and mean and deviation of silhouette and stability over the samples."""
    metrics, rng = _learn("metrics"), np.random.default_rng(seed)
    clear, alike = [], []
    for sample in range(RESAMPLES):
        rows = rng.integers(0, len(x), len(x))
        _, model = _fit(x[rows], k, method, seed + sample, starts=3)
        here = model.predict(x)
        alike.append(metrics.adjusted_rand_score(label, here))
        clear.append(metrics.silhouette_score(x, here) if 1 < len(set(here.tolist())) < len(x) else 0.0)
    silhouette = float(metrics.silhouette_score(x, label))
    return k, silhouette, float(np.std(clear)), float(np.mean(alike)), float(np.std(alike))


def _fit(x: Any, k: int, method: Method, seed: int, *, starts: int = 10) -> tuple[Groups, Any]:
    if method == "k-means":
        model = _learn("cluster").KMeans(k, n_init=starts, random_state=seed)
    else:
        model = _learn("mixture").GaussianMixture(k, n_init=starts // 3, random_state=seed, reg_covar=1e-4)
    with warnings.catch_warnings():
        # A sample may hold fewer different customers than groups are asked for, and then gives fewer groups.
        warnings.simplefilter("ignore", _learn("exceptions").ConvergenceWarning)
        return np.asarray(model.fit_predict(x), np.int64), model


def _by_size(label: Groups) -> Groups:
    """The same groups, numbered from 1, the largest first."""
    names, first, count = np.unique(label, return_index=True, return_counts=True)
    order = np.lexsort((first, -count))
    number = np.empty(int(names.max()) + 1, np.int64)
    number[names[order]] = np.arange(1, len(names) + 1)
    return number[label]


def _means(table: pd.DataFrame, label: Groups) -> pd.DataFrame:
    rows = []
    for group in np.unique(label):
        mine = table[label == group]
        error = mine.std(ddof=1) / np.sqrt(len(mine))
        figures = {name: [mine[name].mean(), error[name]] for name in table}
        row: dict[str, float] = {"group": int(group), "customers": len(mine)}
        for name, (mean, spread) in figures.items():
            row |= {str(name): float(mean), f"{name}_error": float(spread)}
        rows.append(row)
    return pd.DataFrame(rows)


def _installed() -> bool:
    return importlib.util.find_spec("sklearn") is not None


def _one_thread() -> Any:
    """Limits what scikit-learn's own dependency, threadpoolctl, knows of."""
    _learn("metrics")
    import threadpoolctl

    return threadpoolctl.threadpool_limits(1)


def _learn(part: str) -> Any:
    """A module of scikit-learn, which is optional."""
    try:
        return importlib.import_module(f"sklearn.{part}")
    except ModuleNotFoundError as error:
        raise InputError(
            "scikit-learn",
            Phrase("not installed"),
            "it for [segmentation] of customers",
            advice="pip install 'netdesign[learn]', or leave the section out of study.toml.",
        ) from error
