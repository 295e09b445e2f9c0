"""Charts of what is offered and what it brings: variety, whale curve, cost of complexity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from netdesign.report.figures import ACCOUNTS, Tick
from netdesign.report.results import SegmentResult, rows_of
from netdesign.report.sharing import Waterfall, waterfall
from netdesign.report.words import counted, large_money, money, percent


@dataclass(frozen=True)
class Line:
    """A curve in percent of its chart, right and down, with a label at its last point."""

    label: str
    path: str
    at: float
    points: tuple[tuple[float, float, str], ...] = ()


@dataclass(frozen=True)
class VarietyChart:
    """Profit by number of variants, one line per tier; ``chosen`` is the best offer, ``zero`` earns nothing.

    ``top`` and ``bottom`` say the amounts at the ends of the axis; the latter where nothing earns anything.
    """

    lines: tuple[Line, ...]
    chosen: tuple[float, float]
    zero: float
    ticks: tuple[Tick, ...]
    top: str
    bottom: str
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
                f"{tier}, {row.variants} variants: {money(row.profit, currency, 0)} a year, "
                f"at most {money(row.profit_bound, currency, 0)}, from {row.nodes} nodes, "
                f"{percent(row.share, 1)} of the buyers, {percent(row.served)} of the orders served",
            )
            for row in rows_of(rows.sort_values("variants"))
        )
        path = " ".join(f"{x:g},{y:g}" for x, y, _ in points)
        lines.append(Line(str(tier), path, points[-1][1], points))
    best = next(row for row in rows_of(table) if (row.tier, row.variants) == (value["tier"], value["variants"]))
    ticks = tuple(Tick(_right(n, most), f"{n:g}") for n in sorted({1, (most + 1) // 2, most}))
    chosen = _right(best.variants, most), round(100 * (high - best.profit) / span, 2)
    offer = f"{counted(value['variants'], 'variant')} at tier {value['tier']}"
    text = f"{offer}: {large_money(value['profit'], currency)} a year"
    top = f"{large_money(high, currency)} a year" if high > 0 else "nothing"
    bottom = "" if high > 0 else f"{large_money(low, currency)} a year"
    return VarietyChart(tuple(lines), chosen, round(100 * high / span, 2), ticks, top, bottom, text)


def _right(variants: Any, most: int) -> float:
    return round(100 * (float(variants) - 1) / (most - 1), 2)


@dataclass(frozen=True)
class WhaleCurve:
    """Cumulated profit over the customers, the most profitable first: ``path`` and the top, in percent of the chart."""

    path: str
    top: tuple[float, float]
    final: float
    zero: float
    highest: str
    text: str


def whale_curve(segment: SegmentResult, currency: str) -> WhaleCurve:
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
    final, zero = (round(float(place[k]), 2) for k in (-1, 0))
    highest = f"{large_money(high, currency)} a year"
    return WhaleCurve(path, (round(100 * peak / n, 2), 0.0), final, zero, highest, text)


def earnings(segment: SegmentResult, currency: str) -> Waterfall:
    """From what buyers pay to what is left, account by account."""
    costs = {account: -cost for account, cost in segment.figures["accounts"].items()}
    return waterfall(segment.name, {"revenue": segment.figures["value"]["revenue"], **costs}, currency)


@dataclass(frozen=True)
class ComplexityRow:
    """What variety costs by one driver: a cell per account with the shade of its part, and the sum."""

    driver: str
    cells: tuple[tuple[str, float], ...]
    total: str


@dataclass(frozen=True)
class ComplexityMatrix:
    """Drivers by accounts; ``alone`` and ``at_most`` are what one variant would save on a network of its own."""

    rows: tuple[ComplexityRow, ...]
    alone: str
    at_most: str


def complexity_matrix(segment: SegmentResult, currency: str) -> ComplexityMatrix | None:
    """The largest driver first; None where variety costs nothing."""
    table = segment.tables["complexity"]
    alone, here = table[table["driver"] == "network"], table[table["driver"] != "network"]
    cells = here.pivot_table(index="driver", columns="account", values="cost_per_year", aggfunc="sum", fill_value=0.0)
    if cells.empty:
        return None
    cells = cells.reindex(columns=list(ACCOUNTS), fill_value=0.0)
    order = cells.sum(axis=1).sort_values(ascending=False, kind="stable").index
    largest = float(cells.abs().to_numpy().max()) or 1.0

    def row(name: str, amounts: Any) -> ComplexityRow:
        each = tuple((money(a, currency, 0) if a else "–", round(0.45 * abs(a) / largest, 3)) for a in amounts)
        return ComplexityRow(name, each, money(float(sum(amounts)), currency, 0))

    rows = [row(str(driver), cells.loc[driver].tolist()) for driver in order]
    sums = row("all drivers", cells.sum().tolist())
    total = ComplexityRow(sums.driver, tuple((text, 0.0) for text, _ in sums.cells), sums.total)
    saved, most = (money(float(alone[c].sum()), currency, 0) for c in ("cost_per_year", "at_most"))
    return ComplexityMatrix((*rows, total), saved, most)
