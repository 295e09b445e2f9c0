"""The last mile learns from the road: route days, fit the formula to them, design again, until nothing changes.

Every round draws days of its own, so that what the formula says about them was not fitted to them, and fits to all days
so far. A factor is used only with its standard error, and only where it differs by more than that. Other nodes replace
those that were routed only where they earn more than the error bars leave open: a node whose days were dear has
neighbours that were never routed and look average, though they would drive much the same routes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final, Protocol, TypeVar

import numpy as np
import pandas as pd

from netdesign.study.case import SegmentCase
from netdesign.study.cost import OrderCosts
from netdesign.study.design import Design, node_names
from netdesign.study.factors import ELSEWHERE, PLAIN, SURE, Factors, RoadMoney, fit_factors
from netdesign.study.options import Option
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
    def costs(self) -> OrderCosts:
        """Of an order."""

    @property
    def design(self) -> Design | None:
        """Its network."""


D = TypeVar("D", bound=Designed)


def refit_rounds(
    first: D,
    *,
    redesign: Callable[[Factors], D],
    hold: Callable[[D, D], D | None],
    routed: Callable[[D, int], list[NodeDay]],
    most: int,
) -> tuple[D, pd.DataFrame, pd.DataFrame]:
    """Fit factors to routed days and design again, at most so often.

    Parameters
    ----------
    first
        The segment, designed with the plain formula.
    redesign
        The same with factors.
    hold
        The nodes of one design with the factors of another; None where they cannot serve with these.
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
    DataFrame
        The days that the factors were fitted to, see :func:`netdesign.study.factors.fit_factors`.
    """
    now, seen, rows = first, list[pd.DataFrame](), list[tuple[object, ...]]()
    for number in range(1, most + 1):
        today = [] if now.design is None else [d for d in routed(now, number) if d.result.solution is not None]
        if not today:
            break
        check = compare(now.case, today)
        nodes, errors = check.nodes, check.errors["error"]
        seen.append(plain_days(now.case, today))
        then, outcome = _next(now, fit_factors(pd.concat(seen)), redesign, hold)
        predicted, cost = float(nodes["predicted_cost"].sum()), float(nodes["routed_cost"].sum())
        figures = (nodes["day"].nunique(), len(errors), int(nodes["stops"].sum()), predicted, cost)
        rows.append((number, *figures, predicted / cost - 1, float(errors.abs().mean()), outcome))
        settled, now = outcome == SETTLED, then
        if settled:
            break
    return now, pd.DataFrame(rows, columns=COLUMNS), pd.concat(seen) if seen else pd.DataFrame()


SETTLED: Final = "within the error bars: settled"


def plain_days(case: SegmentCase, days: Sequence[NodeDay]) -> pd.DataFrame:
    """Routed days beside what the plain formula says of them."""
    return compare(case.learning(PLAIN), [day for day in days if day.result.solution is not None]).nodes


def _next(
    now: D, learned: Factors, redesign: Callable[[Factors], D], hold: Callable[[D, D], D | None]
) -> tuple[D, str]:
    """The design that fitted factors give, and in words what changed."""
    if not learned.rows:
        return now, "one day has no error bar: another day first"
    if not has_moved(now.case.factors, learned):
        return now, SETTLED
    then = redesign(learned)
    moves = moves_between(_nodes(now), _nodes(then))
    stays = hold(now, then) if moves and then.design is not None else None
    if not moves or stays is None or stays.design is None or then.design is None:
        return then, moves or "the same nodes"
    gain = Option(then.case, then.design).profit - Option(stays.case, stays.design).profit
    doubt = learned.doubt(difference(road_money(stays), road_money(then)))
    said = f"{gain:,.0f} ± {doubt:,.0f} a year"
    if gain > SURE * doubt:
        return then, f"{moves}: brings {said}"
    return stays, f"{moves}: would bring {said}; {STAYS}"


STAYS: Final = "the nodes stay"


def has_moved(before: Factors, after: Factors) -> bool:
    """Whether the factor of any node with days differs by more than its error bar."""
    return any(_moved(before, after))


def _moved(before: Factors, after: Factors) -> Iterator[bool]:
    for row in after.rows:
        if row.site != ELSEWHERE:
            change = abs(row.factor - float(before.of(row.vehicle_type, [row.site])[0]))
            yield change > max(row.standard_error, LEAST_CHANGE)


def moves_between(before: Sequence[str], after: Sequence[str]) -> str:
    """Names of the sites that come and go; empty where none does."""
    old, new = set(before), set(after)
    return "; ".join([*(f"+{site}" for site in sorted(new - old)), *(f"-{site}" for site in sorted(old - new))])


def _nodes(designed: Designed) -> list[str]:
    return [] if designed.design is None else node_names(designed.case, designed.design)


def road_money(designed: Designed) -> dict[tuple[str, str], float]:
    """A year's last mile by the plain formula, returns and carbon included, by vehicle and site."""
    case, costs, design = designed.case, designed.costs, designed.design
    assert design is not None
    found: dict[tuple[str, str], float] = {}
    fleet, names = case.fleet or (case.vehicle,), case.sites["site"].astype(str).to_numpy()
    for mine, own in case.by_tier():
        here = np.flatnonzero(mine & design.served & (own.mode is None))
        pairs = here, design.assignment[here]
        drop = costs.last_mile.cost[pairs] / costs.stops.orders_per_stop[here] * (1 + own.offer.return_rate)
        money = (drop + costs.co2_kg[pairs] / 1000 * case.config.carbon_price) * case.orders_per_year[here]
        vehicle = np.zeros(len(here), np.int64) if costs.vehicle is None else costs.vehicle[pairs]
        for v, j in sorted({*zip(vehicle.tolist(), pairs[1].tolist(), strict=True)}):
            key = fleet[v].name, str(names[j])
            factor = float(case.factors.of(*key[:1], [key[1]])[0])
            found[key] = found.get(key, 0.0) + float(money[(vehicle == v) & (pairs[1] == j)].sum()) / factor
    return found


def difference(before: RoadMoney, after: RoadMoney) -> dict[tuple[str, str], float]:
    """By vehicle and site, how much more the second is."""
    return {key: after.get(key, 0.0) - before.get(key, 0.0) for key in {**before, **after}}
