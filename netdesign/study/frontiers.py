"""What one aim costs in another: frontiers around the network of a segment, with certified bounds.

All of them serve the customers of the chosen design with its offer. Hours and emissions are priced: for a price w the
network of least ``cost + w * amount`` is found, and its bound L(w) proves that no network with an amount a costs less
than ``L(w) - w * a``. The greatest of these over all prices tried is the bound at a. Prices are the slopes between
neighbouring points (Aneja and Nair, "Bicriteria transportation problem", Management Science 25, 1979), the widest gap
first; they reach the supported points, those on the convex hull, and no others. What components cost beside what is
committed needs no search, see :mod:`netdesign.study.commitments`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from netdesign.location import CostMatrix, LocationProblem
from netdesign.location.what_if import sweep
from netdesign.result import Termination
from netdesign.stop import Stop
from netdesign.study.case import Floats, SegmentCase
from netdesign.study.commitments import commitments_of
from netdesign.study.cost import OrderCosts
from netdesign.study.design import Design
from netdesign.study.make import Process, processes
from netdesign.study.network import Member, Network, allowed_sites, ask_network
from netdesign.study.variety import Variety
from netdesign.study.workers import IN_PLACE

NODES_HOURS: Final = "nodes and hours"
HOURS_COST: Final = "hours and cost"
CO2_COST: Final = "CO2 and cost"
VARIANTS_COST: Final = "variants and cost"
COMMITMENT_COST: Final = "commitment and cost"

STEEPEST: Final = 2.0
"""The highest price tried: at it one per cent of an amount is worth so many per cent of the least cost."""

COLUMNS: Final = ["frontier", "x", "y", "bound", "nodes", "efficient", "supported", "chosen", "sites", "contracts"]

Served = tuple[int, Process, NDArray[np.bool_]]
"""A site, what it makes with, and the customers that it serves."""


@dataclass(frozen=True)
class Point:
    """A network: what it has of the two aims, its sites by index, and the contracts where these differ."""

    x: float
    y: float
    sites: tuple[int, ...]
    chosen: bool = False
    contracts: str = ""


@dataclass(frozen=True)
class Aim:
    """An amount that a price can stand for.

    Attributes
    ----------
    amount
        Of a network, from whom it serves.
    priced
        The segment with the amount at a price in its costs.
    price
        What the study itself pays for it.
    """

    amount: Callable[[Member, Iterable[Served]], float]
    priced: Callable[[Member, float], Member]
    price: float = 0.0


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
    member = Member(case, costs, decline=False)
    co2 = Aim(_tonnes, _with_carbon_price, case.config.carbon_price)
    parts = [
        _nodes_and_hours(member, design, points, stop, pool),
        _cost_and(HOURS_COST, Aim(_mean_hours, _with_hour_price), member, design, points, stop, pool),
        _cost_and(CO2_COST, co2, member, design, points, stop, pool),
        *([] if variety is None else [_variants_and_cost(variety)]),
        _commitment_and_cost(case, design),
    ]
    return pd.concat([part for part in parts if len(part)], ignore_index=True)


def frontier_searches(case: SegmentCase) -> int:
    """How many networks the frontiers of a segment may take."""
    return 3 * (case.config.frontiers.points + 1)


def _cost_and(
    name: str, aim: Aim, member: Member, design: Design, points: int, stop: Stop, pool: Executor
) -> pd.DataFrame:
    """Cost over the amount of an aim."""
    found: list[Point] = []
    proven: list[tuple[float, float]] = []

    def search(price: float) -> Point:
        other = aim.priced(member, price)
        seed = member.case.seed_of("frontier", name, repr(price)) % 2**31
        network = ask_network([other], stop, pool, seed=seed).result()
        x = aim.amount(other, _served(network))
        found.append(Point(x, network.objective - price * x, _sites(network)))
        proven.append((price, -math.inf if network.bound is None else network.bound))
        return found[-1]

    explore(search, points)
    x = aim.amount(member, _served_by(design))
    chosen = Point(x, design.objective - aim.price * x, design.open, chosen=True)
    if max(p.x for p in found) <= 0:
        return pd.DataFrame(columns=COLUMNS)

    def bound(x: float) -> float:
        return max(value - price * x for price, value in proven)

    return _table(name, [chosen, *found], bound, member.case)


def explore(search: Callable[[float], Point], most: int) -> None:
    """Search at the prices that part the points found so far, at most so often.

    Parameters
    ----------
    search
        The point of least ``y + price * x``.
    most
        Searches; the first two are at no price and at the steepest.
    """
    first = search(0.0)
    if first.x <= 0 or most < 2:
        return
    hull = [search(STEEPEST * abs(first.y) / first.x), first]
    settled: set[tuple[Point, Point]] = set()
    for _ in range(most - 2):
        pairs = [(a, b) for a, b in pairwise(hull) if (a, b) not in settled and a.x < b.x and a.y > b.y]
        if not pairs:
            return
        a, b = max(pairs, key=lambda pair: (pair[1].x - pair[0].x) * (pair[0].y - pair[1].y))
        price = (a.y - b.y) / (b.x - a.x)
        point = search(price)
        if a.x < point.x < b.x and point.y + price * point.x < (a.y + price * a.x) * (1 - 1e-9):
            hull.insert(hull.index(b), point)
        else:
            settled.add((a, b))


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
    ).assign(supported=_on_hull(-x, y, kept), chosen=chosen, sites="", contracts="")
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
            "supported": _on_hull(x, y, kept),
            "chosen": [p.chosen for p in points],
            "sites": ["; ".join(map(str, names[list(p.sites)])) for p in points],
            "contracts": [p.contracts for p in points],
        }
    )
    rows: pd.DataFrame = frame[shown]
    return rows.sort_values(["x", "y"], kind="stable", ignore_index=True)


def efficient(x: Floats, y: Floats) -> NDArray[np.bool_]:
    """Which points no other beats: none has less of one and no more of the other. Of equals the first stays."""
    kept = np.zeros(len(x), bool)
    least = math.inf
    x, y = _rounded(x), _rounded(y)
    for k in np.lexsort((np.arange(len(x)), y, x)):
        if y[k] < least:
            kept[k], least = True, float(y[k])
    return kept


def _rounded(values: Floats) -> Floats:
    """Without the differences of rounding, which make no point better than another."""
    largest = float(np.abs(values).max(initial=0.0))
    return np.round(values / largest, 10) if 0 < largest < math.inf else values


def _on_hull(x: Floats, y: Floats, kept: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which efficient points lie on the lower convex hull of all of them."""
    hull: list[int] = []
    for k in sorted(np.flatnonzero(kept).tolist(), key=lambda k: x[k]):
        while len(hull) > 1 and _above(x, y, hull[-2], hull[-1], k):
            hull.pop()
        hull.append(k)
    return np.isin(np.arange(len(x)), hull)


def _above(x: Floats, y: Floats, a: int, b: int, c: int) -> bool:
    """Whether b lies above the line from a to c, by more than rounding."""
    line = y[a] + (y[c] - y[a]) * (x[b] - x[a]) / (x[c] - x[a])
    return bool(y[b] > line + 1e-9 * abs(line))


def _mean_hours(member: Member, served: Iterable[Served]) -> float:
    """Of driving to the mean order."""
    orders = member.case.orders_per_year
    hours = [float(member.costs.drive_h[who, site] @ orders[who]) for site, _, who in served]
    return math.fsum(hours) / float(orders.sum())


def _with_hour_price(member: Member, price: float) -> Member:
    """With an hour of driving to the mean order at a price a year."""
    each = price / float(member.case.orders_per_year.sum())
    hours = np.where(np.isfinite(member.costs.drive_h), member.costs.drive_h, 0.0)
    return replace(member, costs=replace(member.costs, total=member.costs.total + each * hours))


def _tonnes(member: Member, served: Iterable[Served]) -> float:
    """Of CO2 a year, from making and delivering."""
    orders = member.case.orders_per_year
    return math.fsum(float((member.emitted_at(site, p) * orders)[who].sum()) for site, p, who in served) / 1000


def _with_carbon_price(member: Member, price: float) -> Member:
    """With a t of CO2 at a price instead of the study's."""
    config = member.case.config
    extra = (price - config.carbon_price) / 1000 * member.costs.co2_kg
    case = replace(member.case, config=config.model_copy(update={"carbon_price": price}))
    return replace(member, case=case, costs=replace(member.costs, total=member.costs.total + extra))


def _served(network: Network) -> list[Served]:
    (at,) = network.assignments
    return [(node.site, node.processes[0], at == k) for k, node in enumerate(network.nodes)]


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
