"""Open, close or swap one node where the road says so: what the formula cannot tell is judged by routed days.

Only moves are tried that the formula, with all that it learned, does not rule out. The road has the last word, on the
same drawn days with and without a move, and a move is made where it gains beyond doubt.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from netdesign.study.case import Floats, SegmentCase
from netdesign.study.factors import SURE
from netdesign.study.network import Member
from netdesign.study.network_search import choices_of
from netdesign.study.options import Option
from netdesign.study.refit import difference, moves_between, plain_days, road_money
from netdesign.study.route_check import NodeDay, routed_cost

NEAR: Final = 3
"""Sites beside every node that are tried."""

COLUMNS: Final = [
    "move", "predicted_gain", "predicted_error", "routed_gain", "standard_error", "days", "more_unserved", "adopted",
]  # fmt: skip

Sites = tuple[int, ...]
"""Indices of the nodes, ascending."""


@dataclass(frozen=True, eq=False)
class Polish:
    """What came of moves of single nodes.

    Attributes
    ----------
    moves
        One row per move that was tried: move, predicted_gain and predicted_error (a year, by the formula with its
        factors, and the standard error that these leave), routed_gain and standard_error (a year, by routed days, and
        what the days differ), days, more_unserved (stops left without a vehicle, beside before), adopted.
    left
        Moves that might gain as well, and were not tried for want of more.
    """

    moves: pd.DataFrame
    left: int


@dataclass(frozen=True, eq=False)
class Candidate:
    """A network that may be better, and by how much the formula says, ± its standard error."""

    option: Option
    gain: float
    error: float


def polished(
    start: Option,
    *,
    designs: Callable[[Sequence[Sites]], Sequence[Option]],
    routed: Callable[[Option], list[NodeDay]],
    days: Sequence[int],
    most: int,
    gap: float,
) -> tuple[Option, Polish, pd.DataFrame]:
    """Make moves of single nodes until none is left that gains, or so many were tried.

    A move gains beyond doubt where its mean over the days exceeds as many standard errors as leave a chance of 2 % by
    Student's t, so more of them where days are few; and the gap that searches leave open. A move that leaves more
    stops without a vehicle is never made.

    Parameters
    ----------
    start
        A segment with its network and factors.
    designs
        The best network for each choice of nodes.
    routed
        All that a network drives on the days, on the same draws for every network.
    days
        Their numbers.
    most
        Moves to try.
    gap
        Relative gap of the searches.

    Returns
    -------
    Option
        The network that is left.
    Polish
        What was tried.
    DataFrame
        The days of every node that was routed, see :func:`netdesign.study.factors.fit_factors`: those of the network
        that is left, and of sites that are none of its nodes.
    """
    now, driven = start, routed(start)
    known, rows, tried = [driven], list[tuple[object, ...]](), {start.design.open}
    left = candidates(now, designs, tried)
    while left and len(rows) < most:
        move = left.pop(0)
        tried.add(move.option.design.open)
        then = routed(move.option)
        gain, error = routed_gain(now, driven, move.option, then, days)
        lost = unserved(then) - unserved(driven)
        adopted = lost <= 0 and gain > max(needed(len(days)) * error, gap * weighed(now))
        name = moves_between(_names(now), _names(move.option))
        rows.append((name, move.gain, move.error, gain, error, len(days), lost, adopted))
        known.append(then)
        if adopted:
            now, driven = move.option, then
            left = candidates(now, designs, tried)
    taught = plain_days(start.case, _once([driven, *known]))
    return now, Polish(pd.DataFrame(rows, columns=COLUMNS), len(left)), taught


def candidates(
    now: Option, designs: Callable[[Sequence[Sites]], Sequence[Option]], tried: set[Sites]
) -> list[Candidate]:
    """Networks with one node more, less or elsewhere that the formula does not rule out, the best by it first."""
    asked = [sites for sites in neighbours(now) if sites not in tried]
    found = []
    for option in designs(asked):
        if option.design.within_limits:
            gain = option.profit - now.profit
            error = now.case.factors.doubt(difference(road_money(now), road_money(option)))
            if gain + SURE * error > 0:
                found.append(Candidate(option, gain, error))
    return sorted(found, key=lambda c: (-c.gain, c.option.design.open))


def neighbours(now: Option) -> Iterator[Sites]:
    """The nodes with one more, one less, or one elsewhere: of the sites nearest to any of them."""
    from geodata import great_circle_m

    case, nodes = now.case, set(now.design.open)
    away = great_circle_m(case.site_lonlat, case.site_lonlat)
    others = [j for j in range(len(case.sites)) if j not in nodes]
    near = {j: sorted(others, key=lambda k: (away[j, k], k))[:NEAR] for j in sorted(nodes)}
    stays = (case.sites["status"] == "open").to_numpy()
    leaves = [j for j in near if not stays[j]]
    moved = [nodes | {k} for each in near.values() for k in each]
    moved += [nodes - {j} for j in leaves] + [nodes - {j} | {k} for j in leaves for k in near[j]]
    choices = choices_of([Member(case, now.costs, decline=False)])
    at, made = np.array([node.site for node in choices.candidates]), np.isfinite(choices.pairs.cost)
    for sites in dict.fromkeys(tuple(sorted(some)) for some in moved):
        if sites and (case.priced or made[:, np.isin(at, sites)].any(axis=1).all()):
            yield sites


def routed_gain(
    before: Option, driven: Sequence[NodeDay], after: Option, then: Sequence[NodeDay], days: Sequence[int]
) -> tuple[float, float]:
    """What a year gains by a change of the network, its last mile by routed days, and its standard error."""
    fixed = _without_road(after) - _without_road(before)
    saved = day_costs(before.case, driven, days) - day_costs(after.case, then, days)
    saved *= before.case.config.working_days_per_year
    if len(days) < 2:
        return fixed + float(saved.mean()), math.inf
    return fixed + float(saved.mean()), float(saved.std(ddof=1)) / math.sqrt(len(days))


def _without_road(option: Option) -> float:
    """Profit of a year without the last mile that is routed."""
    return option.profit + option.case.factors.cost(road_money(option))


def day_costs(case: SegmentCase, driven: Sequence[NodeDay], days: Sequence[int]) -> Floats:
    """Last mile of each day, returns and carbon included; what found no plan costs nothing."""
    returned = {own.offer.tier.name: own.offer.return_rate for _, own in case.by_tier()}
    cost = dict.fromkeys(days, 0.0)
    for day in driven:
        if (plan := day.result.solution) is not None:
            tier = str(case.tier_of[day.stops["row"].iloc[0]])
            carbon = plan.distance / 1000 * day.vehicle.co2_per_km / 1000 * case.config.carbon_price
            cost[day.number] += routed_cost(plan, day.vehicle) * (1 + returned[tier]) + carbon
    return np.array([cost[n] for n in days])


def unserved(driven: Sequence[NodeDay]) -> int:
    """Stops without a vehicle, or without a plan."""
    return sum(len(d.unserved) + (len(d.stops) if d.result.solution is None else 0) for d in driven)


def needed(days: int) -> float:
    """Standard errors that a mean over so many days has to exceed: as many as :data:`SURE` would be of many days."""
    from scipy.special import ndtr, stdtrit

    return float(stdtrit(days - 1, ndtr(SURE))) if days > 1 else math.inf


def weighed(option: Option) -> float:
    """What a search weighs: what is paid, and what is missed."""
    return abs(option.design.objective) + option.design.missed


def _names(option: Option) -> list[str]:
    return [str(option.case.sites["site"].iloc[j]) for j in option.design.open]


def _once(each: Sequence[Sequence[NodeDay]]) -> list[NodeDay]:
    """The days of every site, each from the first network that has it."""
    found: list[NodeDay] = []
    for driven in each:
        seen = {day.site for day in found}
        found += [day for day in driven if day.site not in seen]
    return found
