"""Charts of what is offered and what it brings: variety, whale curve, cost of complexity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from netdesign.report.figures import Tick, rounded_ceiling
from netdesign.report.results import SegmentResult, rows_of
from netdesign.report.words import large_money, money, percent


@dataclass(frozen=True)
class Line:
    """A curve in percent of its chart, right and down, with a label at its last point."""

    label: str
    path: str
    at: float
    points: tuple[tuple[float, float, str], ...] = ()


@dataclass(frozen=True)
class VarietyChart:
    """Profit by number of variants, one line per tier; ``chosen`` is the best offer, ``zero`` earns nothing."""

    lines: tuple[Line, ...]
    chosen: tuple[float, float]
    zero: float
    ticks: tuple[Tick, ...]
    text: str


def variety_chart(segment: SegmentResult, currency: str) -> VarietyChart:
    """Every offer that was tried."""
    table, value = segment.tables["offers"], segment.figures["value"]
    most = max(2, int(table["variants"].max()))
    high, low = max(float(table["profit"].max()), 0.0), min(float(table["profit"].min()), 0.0)
    span = (high - low) or 1.0
    lines = []
    for tier, rows in table.groupby("tier", sort=False):
        points = tuple(
            (
                _right(row.variants, most),
                round(100 * (high - row.profit) / span, 2),
                f"{tier}, {row.variants} variants: {money(row.profit, currency, 0)} a year from {row.nodes} nodes, "
                f"{percent(row.share, 1)} of the buyers, {percent(row.served)} of the orders served",
            )
            for row in rows_of(rows.sort_values("variants"))
        )
        path = " ".join(f"{x:g},{y:g}" for x, y, _ in points)
        lines.append(Line(str(tier), path, points[-1][1], points))
    best = next(row for row in rows_of(table) if (row.tier, row.variants) == (value["tier"], value["variants"]))
    ticks = tuple(Tick(_right(n, most), f"{n:g}") for n in sorted({1, (most + 1) // 2, most}))
    chosen = _right(best.variants, most), round(100 * (high - best.profit) / span, 2)
    text = f"{value['variants']} variants at tier {value['tier']}: {large_money(value['profit'], currency)} a year"
    return VarietyChart(tuple(lines), chosen, round(100 * high / span, 2), ticks, text)


def _right(variants: Any, most: int) -> float:
    return round(100 * (float(variants) - 1) / (most - 1), 2)


@dataclass(frozen=True)
class WhaleCurve:
    """Cumulated profit over the customers, the most profitable first: ``path`` and the top, in percent of the chart."""

    path: str
    top: tuple[float, float]
    final: float
    zero: float
    text: str


def whale_curve(segment: SegmentResult) -> WhaleCurve:
    """How many customers carry the profit of all, and what the rest costs again (Kaplan and Narayanan 2001)."""
    profit = np.sort(segment.tables["customers"]["profit_per_year"].to_numpy(float))[::-1]
    total = np.concatenate([[0.0], np.cumsum(profit)])
    high, low, n = float(total.max()), min(float(total.min()), 0.0), len(profit)
    place = 100 * (high - total) / ((high - low) or 1.0)
    peak = int(total.argmax())
    some = np.unique(np.concatenate([np.linspace(0, n, 200).astype(int), [peak]]))
    path = " ".join(f"{100 * k / n:.2f},{place[k]:.2f}" for k in some)
    share = high / total[-1] if total[-1] > 0 else float("inf")
    text = (
        f"{percent(peak / n)} of the customers earn {percent(share)} of the profit; the others lose the rest"
        if peak < n and np.isfinite(share)
        else "every customer that is served earns something"
    )
    return WhaleCurve(
        path, (round(100 * peak / n, 2), 0.0), round(float(place[-1]), 2), round(float(place[0]), 2), text
    )


@dataclass(frozen=True)
class ComplexityBar:
    """One driver of the cost of complexity: percent of the longest bar."""

    label: str
    width: float
    text: str


def complexity_bars(segment: SegmentResult, currency: str) -> tuple[ComplexityBar, ...]:
    """By account and driver, the largest first."""
    table = segment.tables["complexity"]
    table = table[table["cost_per_year"] > 0].sort_values("cost_per_year", ascending=False)
    longest = rounded_ceiling(float(table["cost_per_year"].max())) if len(table) else 1.0
    return tuple(
        ComplexityBar(
            "a network of its own" if row.driver == "network" else f"{row.driver} ({row.account})",
            round(100 * row.cost_per_year / longest, 2),
            money(row.cost_per_year, currency, 0),
        )
        for row in rows_of(table)
    )
