"""Should segments share nodes: the partition, and a waterfall for every set that might."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

from netdesign.report.results import Results, rows_of
from netdesign.report.words import between, large_money, listed, money, percent, signed_hours, signed_percent

LEAST_SHARE = 0.002
"""Steps of a waterfall smaller than this share of its breadth are summed up."""


@dataclass(frozen=True)
class Step:
    """A bar of a waterfall: percent of its breadth, whether it gains, and its amount."""

    label: str
    start: float
    width: float
    gains: bool
    text: str


@dataclass(frozen=True)
class Waterfall:
    """From one network to another; ``proven`` is what the bounds say of the total."""

    label: str
    steps: tuple[Step, ...]
    total: str
    proven: str = ""


def sharing_sentence(results: Results) -> str:
    """What sharing would bring, in one sentence; empty where nothing was asked."""
    figures, currency = results.summary["sharing"], results.summary["currency"]
    if not figures:
        return ""
    together = [names for names in figures["streams"] if len(names) > 1]
    if not together:
        return "No two segments would gain by sharing nodes."
    groups = "; ".join(listed(names) for names in together)
    least, most = (math.nan if figures[end] is None else figures[end] for end in ("at_least", "at_most"))
    proven = f" (proven: {between(least, most, currency)})" if most == most else ""
    return f"Sharing nodes would gain {large_money(figures['gain'], currency)} a year{proven}: {groups}."


def shock_rows(results: Results) -> list[dict[str, str]]:
    """What shocks change for others; where nothing changes there is no row."""
    if not results.sharing:
        return []
    currency = results.summary["currency"]
    return [
        {
            "shocked": row.shocked,
            "shock": signed_percent(row.shock, 0),
            "segment": row.segment,
            "network": row.network,
            "cost": _changed(row.cost_change, money(row.cost_change, currency, 0), "no network"),
            "drive": _changed(row.hours_change, signed_hours(row.hours_change), "–"),
            "gap": "not known" if math.isinf(row.gap) else percent(row.gap, 2),
        }
        for row in rows_of(results.sharing["audit"])
        if row.cost_change or row.hours_change
    ]


def _changed(change: float, text: str, unknown: str) -> str:
    return unknown if math.isinf(change) else text if change else "unchanged"


def partition_rows(results: Results) -> list[dict[str, Any]]:
    """Every stream that was designed, the one that gains most first."""
    table, currency = results.sharing["partition"], results.summary["currency"]
    rows = sorted(rows_of(table), key=lambda row: -row.gain)
    return [
        {
            "segments": row.segments,
            "profit": money(row.profit, currency, 0),
            "gap": "–" if row.gap == "" else percent(float(row.gap), 2).replace(" ", "\N{NO-BREAK SPACE}"),
            "gain": money(row.gain, currency, 0) if " + " in row.segments else "–",
            "proven": between(row.at_least, row.at_most, currency) if " + " in row.segments else "–",
            "nodes": str(row.nodes) + (f" ({row.technologies})" if row.technologies else ""),
            "chosen": row.chosen,
        }
        for row in rows
    ]


def waterfalls(results: Results) -> tuple[Waterfall, ...]:
    """One per set of several segments, by cause; its label says what is proven of the whole gain."""
    table, currency = results.sharing["sharing"], results.summary["currency"]
    proven = {row.segments: (row.at_least, row.at_most) for row in rows_of(results.sharing["partition"])}
    falls = []
    for segments, rows in table.groupby("segments", sort=False):
        fall = waterfall(str(segments), rows.groupby("cause", sort=False)["gain"].sum().to_dict(), currency)
        falls.append(replace(fall, proven=between(*proven[segments], currency)))
    return tuple(falls)


def waterfall(label: str, gains: dict[Any, float], currency: str, digits: int = 0) -> Waterfall:
    """Gains and losses beneath each other, the largest gain first."""
    breadth = sum(map(abs, gains.values())) or 1.0
    large = {driver: gain for driver, gain in gains.items() if abs(gain) >= LEAST_SHARE * breadth}
    rest = sum(gains.values()) - sum(large.values())
    steps = sorted(large.items(), key=lambda item: -item[1]) + ([("all others", rest)] if rest else [])
    ends, at = [0.0], 0.0
    for _, gain in steps:
        at += gain
        ends.append(at)
    low, span = min(ends), (max(ends) - min(ends)) or 1.0
    bars = tuple(
        Step(
            str(driver),
            round(100 * (min(before, after) - low) / span, 2),
            round(100 * abs(gain) / span, 2),
            gain > 0,
            money(gain, currency, digits),
        )
        for (driver, gain), before, after in zip(steps, ends[:-1], ends[1:], strict=True)
    )
    return Waterfall(label, bars, money(at, currency, digits))
