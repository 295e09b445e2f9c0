"""Frontiers: what one aim costs in another, with the chosen network and what no network can do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from netdesign.report.figures import Tick
from netdesign.report.results import SegmentResult, rows_of
from netdesign.report.words import counted, duration, large_money, money, percent

HEAD = 6.0
"""Free space above and below the points, in percent of the chart."""


@dataclass(frozen=True)
class Dot:
    """A network on the chart, in percent of its breadth and height from the top."""

    x: float
    y: float
    supported: bool
    chosen: bool
    title: str


@dataclass(frozen=True)
class FrontierChart:
    """Efficient points joined by a line, the chosen one, and the certified bound as paths; axes with their ticks."""

    title: str
    dots: tuple[Dot, ...]
    line: str
    bound: str
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]
    text: str


Words = Callable[[float], str]


def frontier_charts(segment: SegmentResult, currency: str) -> tuple[FrontierChart, ...]:
    """One chart per frontier of a segment; those whose ends are said alike have nothing to show."""
    if "frontiers" not in segment.tables:
        return ()
    charts, short, exact = [], _axes(currency), _axes(currency, exact=True)
    for name, rows in segment.tables["frontiers"].groupby("frontier", sort=False):
        title, x_words, y_words = short[str(name)]
        alike = _alike(rows["x"], x_words), _alike(rows["y"], y_words)
        if not all(alike):
            words = exact[str(name)][1] if alike[0] else x_words, exact[str(name)][2] if alike[1] else y_words
            charts.append(_chart(str(name), rows.reset_index(drop=True), title, *words))
    return tuple(charts)


def _alike(amounts: Any, words: Words) -> bool:
    """Whether the least and the most of some amounts are said in the same words."""
    return words(float(amounts.min())) == words(float(amounts.max()))


def _axes(currency: str, *, exact: bool = False) -> dict[str, tuple[str, Words, Words]]:
    """Title of every frontier, and how its two amounts are said: shortly, or to the last digit that matters."""

    def year(cost: float) -> str:
        return f"{money(cost, currency, 0) if exact else large_money(cost, currency)} a year"

    def tonnes(amount: float) -> str:
        short = f"{amount:,.0f}" if amount >= 1000 else f"{amount:.4g}"
        return f"{f'{amount:,.3f}' if exact else short} t of CO₂"

    return {
        "nodes and hours": (
            "Drive to the mean order by number of nodes",
            lambda n: counted(round(n), "node"),
            duration,
        ),
        "hours and cost": ("Cost by drive to the mean order", duration, year),
        "CO2 and cost": ("Cost by emissions", tonnes, year),
        "variants and cost": (
            "Cost of an order by number of variants",
            lambda n: counted(round(n), "variant"),
            lambda cost: f"{money(cost, currency)} an order",
        ),
        "commitment and cost": (
            "Expected cost of components by commitment",
            lambda share: f"{percent(share)} committed",
            year,
        ),
    }


def _chart(name: str, table: Any, title: str, x_words: Words, y_words: Words) -> FrontierChart:
    rows = list(rows_of(table))
    xs = [row.x for row in rows]
    ys = [y for row in rows for y in (row.y, row.bound) if y == y]
    across, up = _scale(min(xs), max(xs)), _scale(min(ys), max(ys))

    def place(x: float, y: float) -> tuple[float, float]:
        return round(across(x), 2), round(100 - up(y), 2)

    dots = tuple(
        Dot(*place(row.x, row.y), bool(row.supported), bool(row.chosen), _title(row, x_words, y_words)) for row in rows
    )
    kept = [row for row in rows if row.efficient]
    line = " ".join("{:g},{:g}".format(*place(row.x, row.y)) for row in kept)
    bound = _steps([(row.x, row.bound) for row in rows if row.bound == row.bound], place)
    ends = sorted({min(xs), max(xs)})
    return FrontierChart(
        title,
        dots,
        line,
        bound,
        tuple(Tick(round(across(x), 2), x_words(x)) for x in ends),
        tuple(Tick(round(100 - up(y), 2), y_words(y)) for y in sorted({min(row.y for row in rows), max(ys)})),
        _sentence(name, rows, x_words, y_words),
    )


def _steps(proven: list[tuple[float, float]], place: Callable[[float, float], tuple[float, float]]) -> str:
    """A path below which nothing is possible: what is proven at a point holds for all that have less of its x."""
    if len(proven) < 2:
        return ""
    corners = [proven[0]]
    for x, bound in proven[1:]:
        corners += [(corners[-1][0], bound), (x, bound)]
    return " ".join("{:g},{:g}".format(*place(*corner)) for corner in corners)


def _scale(low: float, high: float) -> Callable[[float], float]:
    """Percent of the chart, with some space at both ends."""
    span = (high - low) or 1.0
    return lambda value: HEAD + (100 - 2 * HEAD) * (value - low) / span


def _title(row: Any, x_words: Words, y_words: Words) -> str:
    proven = f"; no less than {y_words(row.bound)} is possible there" if row.bound == row.bound else ""
    nodes = "" if " node" in x_words(row.x) else f" {_means(row)}"
    sites = f": {row.sites}" if row.sites and row.nodes <= 12 and not row.contracts else ""
    return f"{x_words(row.x)}, {y_words(row.y)}{nodes}{sites}{proven}"


def _means(row: Any) -> str:
    """What a point is reached by: contracts where these differ, else its nodes."""
    return f"under {row.contracts}" if row.contracts else f"from {counted(row.nodes, 'node')}"


def _sentence(name: str, rows: list[Any], x_words: Words, y_words: Words) -> str:
    """The chosen point, what no network beats there, and the next step beside it."""
    chosen = next(row for row in rows if row.chosen)
    text = f"Chosen: {x_words(chosen.x)}, {y_words(chosen.y)}"
    if chosen.bound == chosen.bound:
        lead = (chosen.y - chosen.bound) / abs(chosen.y) if chosen.y else 0.0
        text += (
            ", and nothing better is possible there"
            if lead < 5e-5
            else f"; at most {percent(lead, 2)} less is possible there"
        )
    if name == "nodes and hours":
        more = [row for row in rows if row.efficient and row.x > chosen.x]
        return text + (f". With {x_words(more[0].x)}: {y_words(more[0].y)}." if more else ".")
    less = [row for row in rows if row.efficient and row.x < chosen.x and row.y != chosen.y]
    if not less:
        return text + "."
    step = less[-1]
    change = step.y / chosen.y - 1 if chosen.y else 0.0
    sign = "more" if change >= 0 else "less"
    return text + f". Next: {x_words(step.x)} for {percent(abs(change), 2)} {sign}, {_means(step)}."
