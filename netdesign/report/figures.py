"""Charts as plain numbers: shares, coordinates and labels that the template draws as SVG."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from netdesign.report.results import Results, SegmentResult, rows_of
from netdesign.report.words import duration, money, percent, signed_percent

ACCOUNTS = ("labor", "infrastructure", "supplier", "logistics")
BIN_H = (0.25, 0.5, 1.0, 2.0)
"""Breadths of a bar of the service histogram, in hours: the least that gives no more than forty bars."""


@dataclass(frozen=True)
class Part:
    """A piece of a stacked bar: percent of the chart's breadth."""

    account: str
    start: float
    width: float
    text: str
    title: str


@dataclass(frozen=True)
class Bar:
    """A stacked bar with its label and total."""

    label: str
    total: str
    parts: tuple[Part, ...]


def cost_bars(results: Results) -> tuple[Bar, ...]:
    """Cost per order of each segment, stacked by account, on one scale."""
    currency = results.summary["currency"]
    longest = max((s.figures["cost_per_order"] for s in results.solved), default=1.0) or 1.0
    bars = []
    for segment in results.solved:
        orders, start, parts = segment.figures["orders_per_year"], 0.0, []
        for account in ACCOUNTS:
            value = segment.figures["accounts"][account] / orders
            width = 100 * value / longest
            text = f"{value:.2f}" if width >= 4.5 else ""
            parts.append(
                Part(account, round(start, 2), round(width, 2), text, f"{account}: {money(value, currency)} per order")
            )
            start += width
        bars.append(Bar(segment.name, f"{money(segment.figures['cost_per_order'], currency)} per order", tuple(parts)))
    return tuple(bars)


@dataclass(frozen=True)
class Tick:
    """A line of an axis and its label."""

    at: float
    text: str


@dataclass(frozen=True)
class Point:
    """A node of the scatter."""

    x: float
    y: float
    segment: int
    title: str


@dataclass(frozen=True)
class Scatter:
    """Predicted (right) against routed (up) cost of the day; ``band`` is the ten-per-cent wedge as a polygon."""

    size: float
    points: tuple[Point, ...]
    ticks: tuple[Tick, ...]
    band: str


def check_scatter(results: Results, size: float = 300.0) -> Scatter | None:
    """Each node once; on the diagonal the formula was right."""
    currency = results.summary["currency"]
    rows = [(k, row) for k, s in enumerate(results.solved) for row in rows_of(_routed(s))]
    if not rows:
        return None
    top = rounded_ceiling(max(max(row.predicted_cost, row.routed_cost) for _, row in rows))
    place = size / top
    points = tuple(
        Point(
            round(row.predicted_cost * place, 1),
            round(size - row.routed_cost * place, 1),
            k,
            f"{row.label} ({results.solved[k].name}): predicted {money(row.predicted_cost, currency, 0)}, "
            f"routed {money(row.routed_cost, currency, 0)} a day, "
            f"{signed_percent(row.predicted_cost / row.routed_cost - 1)}",
        )
        for k, row in rows
    )
    low, high = size / 1.1, size * 0.1 / 1.1
    band = f"0,{size:g} {low:.1f},0 {size:g},0 {size:g},{high:.1f}"
    return Scatter(size, points, tuple(Tick(round(t * place, 1), f"{t:,.0f}") for t in _ticks(top)), band)


@dataclass(frozen=True)
class Use:
    """A node's mean use of a vehicle's shift and load, in percent."""

    site: str
    shift: float
    load: float
    text: str


def use_bars(segment: SegmentResult) -> tuple[Use, ...]:
    """Per node of a segment, the one with most orders first."""
    rank = {site: k for k, site in enumerate(segment.nodes["site"])}
    return tuple(
        Use(
            row.label,
            round(100 * min(row.shift_use, 1), 1),
            round(100 * min(row.load_use, 1), 1),
            f"{row.routes:.3g} routes a day, shift {percent(row.shift_use)}, load {percent(row.load_use)}",
        )
        for row in sorted(rows_of(_routed(segment)), key=lambda row: rank[row.site])
    )


@dataclass(frozen=True)
class Histogram:
    """Orders by driving time: bars (x, height) in percent of the chart, and where mean and promise lie."""

    bars: tuple[tuple[float, float, float, str], ...]
    mean: float
    promise: float | None
    ticks: tuple[Tick, ...]
    text: str


def service_histogram(segment: SegmentResult, longest_h: float) -> Histogram:
    """Share of the orders by hours from the node."""
    customers, service = segment.tables["customers"], segment.figures["service"]
    breadth = next((b for b in BIN_H if longest_h <= 40 * b), BIN_H[-1])
    span = breadth * max(1, math.ceil(longest_h / breadth))
    edges = np.arange(0, span + breadth / 2, breadth)
    counts, _ = np.histogram(customers["hours"], bins=edges, weights=customers["orders_per_year"])
    shares = counts / counts.sum()
    bars = tuple(
        (
            round(100 * low / span, 2),
            round(100 * breadth / span, 2),
            round(100 * share / shares.max(), 1),
            f"{duration(low)} to {duration(low + breadth)}: {percent(share, 1)} of the orders",
        )
        for low, share in zip(edges[:-1], shares, strict=True)
    )
    promise = segment.figures["max_hours"]
    step = 0.5 if span <= 3 else 1.0 if span <= 8 else 4.0 if span <= 28 else 8.0
    ticks = tuple(Tick(round(100 * t / span, 2), f"{t:g} h") for t in np.arange(0, span + 1e-9, step))
    text = f"mean {duration(service['mean_h'])}, 95 % within {duration(service['p95_h'])}"
    return Histogram(
        bars,
        round(100 * service["mean_h"] / span, 2),
        None if promise is None or promise > span else round(100 * promise / span, 2),
        ticks,
        text,
    )


def longest_drive(results: Results) -> float:
    """Over all segments, promises included: the histograms share one axis."""
    hours = [s.figures["service"]["longest_h"] for s in results.solved]
    return max(
        [
            *hours,
            *(
                s.figures["max_hours"]
                for s in results.solved
                if s.figures["max_hours"] and s.figures["max_hours"] < 2 * max(hours)
            ),
        ],
        default=1.0,
    )


def node_rows(segment: SegmentResult, currency: str) -> list[dict[str, Any]]:
    """The table of a segment's nodes: the design's figures and, per day, the routed days'."""
    checks = {site: _day(rows) for site, rows in segment.tables["route_check"].groupby("site")}
    errors = {row["site"]: _error(row) for row in segment.figures["route_check"].get("by_node", ())}
    rows = []
    for node in rows_of(segment.nodes):
        day = checks.get(node.site)
        routed = day is not None and not math.isnan(day["routed_cost"])
        rows.append(
            {
                "site": node.site,
                "customers": f"{node.customers:,}",
                "orders": f"{node.orders_per_year:,.0f}",
                "cost": money(node.cost_per_order, currency) if node.customers else "–",
                "stops": f"{day['stops']:,.0f}" if day else "–",
                "routes": f"{day['routes']:.3g}" if routed and day else "–",
                "predicted": money(day["predicted_cost"], currency, 0) if day else "–",
                "routed": money(day["routed_cost"], currency, 0) if routed and day else "not routed" if day else "–",
                "error": errors.get(node.site, "–"),
                "machines": _machines(node),
                "detail": str(day["detail"]) if day and not routed else "",
            }
        )
    return rows


WORTH_KNOWING = ("unused capacity", "safety stock", "component stock", "cycle stock", "changeover", "energy", "carbon")
"""Drivers of cost that a planner may do something about."""


def worth_knowing(segment: SegmentResult, currency: str) -> str:
    """What those drivers cost a segment a year, as far as there is anything."""
    spent = segment.tables["cost_to_serve"].groupby("driver")["cost_per_year"].sum()
    some = [(driver, float(spent.get(driver, 0.0))) for driver in WORTH_KNOWING]
    return ", ".join(f"{driver} {money(amount, currency, 0)}" for driver, amount in some if amount >= 0.5)


def _machines(node: Any) -> str:
    """How many machines a node has and how much they run; empty where machines have no limit."""
    number = getattr(node, "machines", 0)
    return f"{number} {node.technology}, {percent(node.machine_use)} used" if number else ""


def _day(rows: pd.DataFrame) -> dict[str, Any]:
    """A node's mean day with all its vehicles together; not routed where one of them once was not."""
    columns, days = ("stops", "routes", "predicted_cost", "routed_cost"), rows["day"].nunique()
    details = "; ".join(str(detail) for detail in rows["detail"] if detail and not pd.isna(detail))
    return {c: rows[c].sum(skipna=False) / days for c in columns} | {"detail": details}


def _error(row: dict[str, Any]) -> str:
    """A node's error, with its standard error where several days were routed."""
    spread = row["standard_error"]
    return signed_percent(row["error"]) + ("" if spread is None else f" ± {percent(spread, 1)}")


def _routed(segment: SegmentResult) -> Any:
    """The mean routed day of nodes and vehicles; its label is the node, with its vehicle where there are several."""
    days = segment.tables["route_check"]
    figures = ["routes", "predicted_cost", "routed_cost", "load_use", "shift_use"]
    mean = days[days["routed_cost"].notna()].groupby(["site", "vehicle_type"], sort=False)[figures].mean().reset_index()
    fleet = days["vehicle_type"].nunique() > 1
    return mean.assign(label=mean["site"] + (", " + mean["vehicle_type"] if fleet else ""))


def rounded_ceiling(value: float) -> float:
    """The next round number for the end of an axis."""
    power = 10.0 ** math.floor(math.log10(max(value, 1e-9)))
    return next(step * power for step in (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10) if step * power >= value)


def _ticks(top: float) -> list[float]:
    step = next(s for s in (top / 5, top / 4, top / 3) if abs(s / 10 ** math.floor(math.log10(s)) % 0.5) < 1e-9)
    return [step * k for k in range(round(top / step) + 1)]
