"""The last mile learns from the road: route days, fit the formula to them, design again, until nothing changes.

Every round draws a day of its own, so that what the formula says about it was not fitted to it, and fits to all days
so far. A coefficient is used only with its standard error, and only where it differs by more than that.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final, Protocol, TypeVar

import pandas as pd

from netdesign.study.case import SegmentCase
from netdesign.study.design import Design, node_names
from netdesign.study.route_check import NodeDay, compare, refit_k

LEAST_CHANGE: Final = 0.01
"""A smaller relative change of k is none."""

COLUMNS: Final = [
    "round", "k", "nodes", "stops", "predicted_cost", "routed_cost", "total_error", "mean_error", "fitted_k",
    "standard_error", "outcome",
]  # fmt: skip


class Designed(Protocol):
    """A segment with its network, where it has one."""

    @property
    def case(self) -> SegmentCase:
        """The segment."""

    @property
    def design(self) -> Design | None:
        """Its network."""


D = TypeVar("D", bound=Designed)


def refit_rounds(
    first: D, *, redesign: Callable[[float], D], routed: Callable[[D, int], list[NodeDay]], most: int
) -> tuple[D, pd.DataFrame]:
    """Fit k to routed days and design again, at most so often.

    Parameters
    ----------
    first
        The segment, designed with the study's k.
    redesign
        The same with another k.
    routed
        The days of a segment's nodes; one drawn for every number.
    most
        Rounds.

    Returns
    -------
    Designed
        With the k that the last round left.
    DataFrame
        One row per round: k that the design had, nodes, stops, predicted and routed cost of the day, their relative
        difference and its mean over the nodes, fitted_k to all days so far with its standard_error (nan where there
        is none), outcome.
    """
    now, days, rows = first, list[NodeDay](), list[tuple[object, ...]]()
    for number in range(1, most + 1):
        today = [] if now.design is None else [d for d in routed(now, number) if d.result.solution is not None]
        if not today:
            break
        days += today
        k, nodes = now.case.config.last_mile.k, compare(now.case, today).nodes
        fit = refit_k(now.case, days)
        spread = math.nan if fit.standard_error is None else fit.standard_error
        then, outcome = _next(now, fit.k, spread, redesign)
        predicted, cost = float(nodes["predicted_cost"].sum()), float(nodes["routed_cost"].sum())
        error = float(nodes["relative_error"].abs().mean())
        figures = (len(nodes), int(nodes["stops"].sum()), predicted, cost, predicted / cost - 1, error)
        rows.append((number, k, *figures, fit.k, spread, outcome))
        settled, now = then is now and not math.isnan(spread), then
        if settled:
            break
    return now, pd.DataFrame(rows, columns=COLUMNS)


def _next(now: D, k: float, spread: float, redesign: Callable[[float], D]) -> tuple[D, str]:
    """The design that a fitted k gives, and in words what changed."""
    before = now.case.config.last_mile.k
    if math.isnan(spread):
        return now, "one day of one node has no error bar: another day first"
    if abs(k - before) <= max(spread, LEAST_CHANGE * before):
        return now, "within the error bar: settled"
    then = redesign(k)
    old, new = (set(_nodes(d)) for d in (now, then))
    moves = [*(f"+{site}" for site in sorted(new - old)), *(f"-{site}" for site in sorted(old - new))]
    return then, "; ".join(moves) if moves else "the same nodes"


def _nodes(designed: Designed) -> list[str]:
    return [] if designed.design is None else node_names(designed.case, designed.design)
