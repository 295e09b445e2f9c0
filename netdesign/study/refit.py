"""The last mile learns from the road: route days, fit the formula to them, design again, until nothing changes.

Every round draws days of its own, so that what the formula says about them was not fitted to them, and fits to all days
so far. A factor is used only with its standard error, and only where it differs by more than that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, Protocol, TypeVar

import pandas as pd

from netdesign.study.case import SegmentCase
from netdesign.study.design import Design, node_names
from netdesign.study.factors import ELSEWHERE, PLAIN, Factors, fit_factors
from netdesign.study.route_check import NodeDay, compare

LEAST_CHANGE: Final = 0.01
"""A smaller change of a factor is none."""

COLUMNS: Final = [
    "round", "days", "nodes", "stops", "predicted_cost", "routed_cost", "total_error", "mean_error", "outcome",
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
    first: D, *, redesign: Callable[[Factors], D], routed: Callable[[D, int], list[NodeDay]], most: int
) -> tuple[D, pd.DataFrame]:
    """Fit factors to routed days and design again, at most so often.

    Parameters
    ----------
    first
        The segment, designed with the plain formula.
    redesign
        The same with factors.
    routed
        The days of a segment's nodes that belong to a round.
    most
        Rounds.

    Returns
    -------
    Designed
        With the factors that the last round left.
    DataFrame
        One row per round: days, nodes, stops, predicted and routed cost of its own days, their relative difference and
        the mean of its size over the nodes, outcome.
    """
    now, seen, rows = first, list[pd.DataFrame](), list[tuple[object, ...]]()
    for number in range(1, most + 1):
        today = [] if now.design is None else [d for d in routed(now, number) if d.result.solution is not None]
        if not today:
            break
        check = compare(now.case, today)
        nodes, errors = check.nodes, check.errors["error"]
        seen.append(compare(now.case.learning(PLAIN), today).nodes)
        then, outcome = _next(now, fit_factors(pd.concat(seen)), redesign)
        predicted, cost = float(nodes["predicted_cost"].sum()), float(nodes["routed_cost"].sum())
        figures = (nodes["day"].nunique(), len(errors), int(nodes["stops"].sum()), predicted, cost)
        rows.append((number, *figures, predicted / cost - 1, float(errors.abs().mean()), outcome))
        settled, now = outcome == SETTLED, then
        if settled:
            break
    return now, pd.DataFrame(rows, columns=COLUMNS)


SETTLED: Final = "within the error bars: settled"


def _next(now: D, learned: Factors, redesign: Callable[[Factors], D]) -> tuple[D, str]:
    """The design that fitted factors give, and in words what changed."""
    if not learned.rows:
        return now, "one day has no error bar: another day first"
    if not any(_moved(now.case.factors, learned)):
        return now, SETTLED
    then = redesign(learned)
    old, new = (set(_nodes(d)) for d in (now, then))
    moves = [*(f"+{site}" for site in sorted(new - old)), *(f"-{site}" for site in sorted(old - new))]
    return then, "; ".join(moves) if moves else "the same nodes"


def _moved(before: Factors, after: Factors) -> Iterator[bool]:
    """Per node that was routed, whether its factor differs by more than its error bar."""
    for row in after.rows:
        if row.site != ELSEWHERE:
            change = abs(row.factor - float(before.of(row.vehicle_type, [row.site])[0]))
            yield change > max(row.standard_error, LEAST_CHANGE)


def _nodes(designed: Designed) -> list[str]:
    return [] if designed.design is None else node_names(designed.case, designed.design)
