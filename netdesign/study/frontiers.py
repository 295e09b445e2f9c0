"""What one aim costs in another: frontiers around the network of a segment, with certified bounds.

All of them serve the customers of the chosen design with its offer. Hours and emissions are priced: for a price w the
network of least ``cost + w * amount`` is found, and its bound L(w) proves that no network with an amount a costs less
than ``L(w) - w * a``. The greatest of these over all prices tried is the bound at a; where prices reach nothing new
networks are searched within limits on the amount, and their bounds hold up to the limit. Which prices and limits are
tried says :mod:`netdesign.study.frontier_points`. What components cost beside what is committed needs no search, see
:mod:`netdesign.study.commitments`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from netdesign.location import CostMatrix, LocationProblem
from netdesign.location.what_if import sweep
from netdesign.result import Termination
from netdesign.stop import Stop
from netdesign.study.amounts import Limit, mean_hours, tonnes
from netdesign.study.case import SegmentCase
from netdesign.study.commitments import commitments_of
from netdesign.study.cost import OrderCosts
from netdesign.study.design import Design
from netdesign.study.frontier_points import Gap, Point, efficient, explore, explore_within, on_hull
from netdesign.study.limits import design_at, design_between
from netdesign.study.make import Process, processes
from netdesign.study.network import PROVEN, Member, Network, allowed_sites
from netdesign.study.variety import Variety
from netdesign.study.workers import IN_PLACE

NODES_HOURS: Final = "nodes and hours"
HOURS_COST: Final = "hours and cost"
CO2_COST: Final = "CO2 and cost"
VARIANTS_COST: Final = "variants and cost"
COMMITMENT_COST: Final = "commitment and cost"

COLUMNS: Final = ["frontier", "x", "y", "bound", "nodes", "efficient", "supported", "chosen", "sites", "contracts"]

Served = tuple[int, Process, NDArray[np.bool_]]
"""A site, what it makes with, and the customers that it serves."""


def frontiers(
    case: SegmentCase,
    costs: OrderCosts,
    design: Design,
    stop: Stop,
    pool: Executor = IN_PLACE,
    *,
    variety: Variety | None = None,
) -> pd.DataFrame:
    """The frontiers of a segment.

    Parameters
    ----------
    case, costs, design
        The segment with its offer, without the customers that it declines.
    stop
        Limits of each search.
    pool
        Designs the networks; the result does not depend on it.
    variety
        Its offers, where it has prices.

    Returns
    -------
    DataFrame
        One row per efficient point of each frontier, and one for the chosen design, efficient or not. Columns frontier;
        x and y, in the order of the frontier's name: nodes, hours of driving to the mean order, t of CO2 a year,
        variants at the chosen tier, what is committed to suppliers as a share of the expected cost of the components as
        they are bought; cost a year (beside CO2 without its price, beside variants of an order, beside commitment that
        of components); bound, the least y that is not excluded at x, nan where none is known; nodes; efficient;
        supported, on the convex hull; chosen; sites; contracts.
    """
    points = case.config.frontiers.points
    if not points:
        return pd.DataFrame(columns=COLUMNS)
    # The vehicles stay, and whatever the segment limits is not limited here: the frontiers say what limits cost.
    costs = replace(costs, each=())
    member = Member(case, costs, decline=False, limits=())
    hours, co2 = Limit(mean_hours(case, costs)), Limit(tonnes(costs))
    driven = Point(_mean_hours(member, _served_by(design)), design.objective, design.open, chosen=True)
    emitted = _tonnes(member, _served_by(design))
    clean = Point(emitted, design.objective - case.config.carbon_price * emitted, design.open, chosen=True)
    parts = [
        _nodes_and_hours(member, design, points, stop, pool),
        _cost_and(HOURS_COST, replace(member, limits=(hours,)), driven, points, stop, pool),
        _cost_and(CO2_COST, replace(_without_carbon_price(member), limits=(co2,)), clean, points, stop, pool),
        *([] if variety is None else [_variants_and_cost(variety)]),
        _commitment_and_cost(case, design),
    ]
    return pd.concat([part for part in parts if len(part)], ignore_index=True)


def frontier_searches(case: SegmentCase) -> int:
    """How many networks the frontiers of a segment may take."""
    return 3 * (case.config.frontiers.points + 1)


def _cost_and(name: str, member: Member, chosen: Point, points: int, stop: Stop, pool: Executor) -> pd.DataFrame:
    """Cost over the one amount that a member limits."""
    asked, (limit,) = member.bare, member.limits or ()
    found: dict[Point, Network] = {}
    proven: list[tuple[float, float]] = []
    within: list[tuple[float, float]] = []
    # A point is known to the gap of its search: a step that is no higher than two of these shows nothing.
    step = max(2 * stop.gap, PROVEN)

    def search(price: float) -> Point:
        seed = asked.case.seed_of("frontier", name, repr(price)) % 2**31
        network = pool.submit(design_at, [asked], [price], stop, seed=seed).result()
        x = network.limits[0].amount
        point = Point(x, network.objective - price * x, _sites(network))
        found[point] = network
        proven.append((price, -math.inf if network.bound is None else network.bound))
        return point

    def search_within(gap: Gap) -> tuple[Point, bool]:
        seed = asked.case.seed_of("frontier", name, "within", repr(gap.limit)) % 2**31
        limited = replace(asked, limits=(replace(limit, most=gap.limit),))
        network = pool.submit(design_between, [limited], [gap.price], found[gap.left], stop, seed=seed).result()
        point = Point(network.limits[0].amount, network.objective, _sites(network))
        found.setdefault(point, network)
        within.append((gap.limit, -math.inf if network.bound is None else network.bound))
        return point, network.proves(step)

    high = [gap for gap in explore(search, points) if gap.left.y - gap.right.y > step * abs(gap.right.y)]
    explore_within(search_within, high, points - len(proven))
    if max(p.x for p in found) <= 0:
        return pd.DataFrame(columns=COLUMNS)

    def bound(x: float) -> float:
        at_prices = [value - price * x for price, value in proven]
        return max([*at_prices, *(value for limit, value in within if x <= limit * (1 + 1e-9))])

    return _table(name, [chosen, *found], bound, member.case)


@dataclass(frozen=True)
class Median:
    """Least mean hours of driving with so many nodes, and what is proven of them."""

    p: int
    hours: float
    bound: float | None
    sites: tuple[int, ...]
    termination: Termination


def _nodes_and_hours(member: Member, design: Design, points: int, stop: Stop, pool: Executor) -> pd.DataFrame:
    """Least hours of driving with every number of nodes."""
    now = len(design.open)
    found = pool.submit(medians, member.bare, now, points, stop).result()
    bounds = {m.p: -math.inf if m.bound is None else m.bound for m in found}
    chosen = Point(now, _mean_hours(member, _served_by(design)), design.open, chosen=True)
    tried = [Point(m.p, m.hours, m.sites) for m in found]
    return _table(NODES_HOURS, [chosen, *tried], lambda p: bounds.get(round(p), -math.inf), member.case)


def medians(member: Member, now: int, points: int, stop: Stop) -> tuple[Median, ...]:
    """P-medians over the pairs that could serve, for some numbers of nodes around that of now."""
    case, orders = member.case, member.case.orders_per_year
    status = case.sites["status"].to_numpy(str)
    least = max(1, int((status == "open").sum()))
    most = min(len(case.sites), max(2 * now, least + points))
    numbers = {now, *np.unique(np.geomspace(least, most, points).round().astype(int)).tolist()}
    hours = np.where(_reachable(member), member.costs.drive_h, np.inf)
    problem = LocationProblem(
        costs=CostMatrix(hours), model="p-median", p=least, weight=orders / orders.sum(), status=status
    )
    swept = sweep(problem, numbers, stop=stop, seed=case.seed_of("frontier", NODES_HOURS) % 2**31)
    return tuple(
        Median(p, float(r.objective or 0.0), r.bound, tuple(map(int, sorted(r.best().open))), r.termination)
        for p, r in zip(swept.p, swept.results, strict=True)
        if r.solution is not None
    )


def _variants_and_cost(variety: Variety) -> pd.DataFrame:
    """Cost of an order over the number of variants at the chosen tier; more variants are better."""
    best = variety.best
    table = variety.frontier[variety.frontier["tier"] == best.offer.tier.name]
    orders = table["share"] * table["served"] * float(best.case.potential_orders.sum())
    x, y = table["variants"].to_numpy(float), (table["cost"] / orders.where(orders > 0)).to_numpy(float)
    chosen = (table["variants"] == best.offer.variants).to_numpy()
    kept = efficient(-x, y)
    frame = pd.DataFrame(
        {"frontier": VARIANTS_COST, "x": x, "y": y, "bound": np.nan, "nodes": table["nodes"], "efficient": kept}
    ).assign(supported=on_hull(-x, y, kept), chosen=chosen, sites="", contracts="")
    shown: pd.DataFrame = frame[(kept | chosen) & np.isfinite(y)]
    return shown.sort_values(["x", "y"], kind="stable", ignore_index=True)


def _commitment_and_cost(case: SegmentCase, design: Design) -> pd.DataFrame:
    """Expected cost of the components over the share of it that is paid even if nothing is needed."""
    found = commitments_of([case], design.purchases)
    if found is None or found.taken.expected <= 0:
        return pd.DataFrame(columns=COLUMNS)
    whole, sites = found.taken.expected, design.open
    chosen = Point(found.taken.committed / whole, whole, sites, chosen=True, contracts=str(found.taken))
    others = [Point(t.committed / whole, t.expected, sites, contracts=str(t)) for t in found.corners]
    return _table(COMMITMENT_COST, [chosen, *others], lambda x: found.least(x * whole), case)


def _table(name: str, points: Sequence[Point], bound: Callable[[float], float], case: SegmentCase) -> pd.DataFrame:
    """Efficient points and the chosen one as rows, by x."""
    x, y = (np.array([getattr(p, axis) for p in points], float) for axis in ("x", "y"))
    kept = efficient(x, y)
    shown = kept | np.array([p.chosen for p in points])
    names = case.sites["site"].to_numpy()
    least = np.array([bound(value) for value in x])
    frame = pd.DataFrame(
        {
            "frontier": name,
            "x": x,
            "y": y,
            "bound": np.where(np.isfinite(least), np.minimum(least, y), np.nan),
            "nodes": [len(p.sites) for p in points],
            "efficient": kept,
            "supported": on_hull(x, y, kept),
            "chosen": [p.chosen for p in points],
            "sites": ["; ".join(map(str, names[list(p.sites)])) for p in points],
            "contracts": [p.contracts for p in points],
        }
    )
    rows: pd.DataFrame = frame[shown]
    return rows.sort_values(["x", "y"], kind="stable", ignore_index=True)


def _mean_hours(member: Member, served: Iterable[Served]) -> float:
    """Of driving to the mean order."""
    orders = member.case.orders_per_year
    hours = [float(member.costs.drive_h[who, site] @ orders[who]) for site, _, who in served]
    return math.fsum(hours) / float(orders.sum())


def _tonnes(member: Member, served: Iterable[Served]) -> float:
    """Of CO2 a year, from making and delivering."""
    orders = member.case.orders_per_year
    return math.fsum(float((member.emitted_at(site, p) * orders)[who].sum()) for site, p, who in served) / 1000


def _without_carbon_price(member: Member) -> Member:
    """With the study's price of CO2 left out of the costs."""
    config = member.case.config
    less = config.carbon_price / 1000 * member.costs.co2_kg
    case = replace(member.case, config=config.model_copy(update={"carbon_price": 0.0}))
    return replace(member, case=case, costs=replace(member.costs, total=member.costs.total - less))


def _served_by(design: Design) -> list[Served]:
    return [(site, process, design.assignment == site) for site, process in design.processes.items()]


def tonnes_of(case: SegmentCase, costs: OrderCosts, design: Design) -> float:
    """t of CO2 a year of a segment's design, from making and delivering."""
    return _tonnes(Member(case, costs, decline=False), _served_by(design))


def _sites(network: Network) -> tuple[int, ...]:
    return tuple(sorted({*(node.site for node in network.nodes), *network.idle}))


def _reachable(member: Member) -> NDArray[np.bool_]:
    """Whom a site could serve with any of its processes: shape (customers, sites)."""
    reachable = np.zeros(member.costs.total.shape, bool)
    for (process,) in processes([member.case]):
        for site in allowed_sites(member.case, process.technology):
            reachable[:, site] |= np.isfinite(member.made_at(site, process))
    return reachable
