"""Networks in every scenario beside what no network goes beyond, as the cells of a table."""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any, Final

from netdesign.report.results import SegmentResult
from netdesign.report.words import money


@dataclass(frozen=True)
class OutlookRow:
    """A network: text of every cell, and whether it is the best of its measure."""

    network: str
    cells: tuple[tuple[str, bool], ...]


@dataclass(frozen=True)
class OutlookTable:
    """A segment's networks in every scenario.

    ``most`` is what is proven of each column; in the scenarios that are ``left_out`` of the measures all networks fail.
    """

    segment: str
    columns: tuple[str, ...]
    rows: tuple[OutlookRow, ...]
    most: tuple[str, ...]
    left_out: tuple[str, ...]


MEASURES: Final = ("expected", "tail", "regret")

FAILS: Final = "✕"
"""Stands before the words for a scenario that a network does not get through."""


def outlook_table(segment: SegmentResult, currency: str) -> OutlookTable | None:
    """The table of a segment; None without scenarios."""
    robust = segment.figures.get("robust")
    if not robust:
        return None
    table = segment.tables["scenarios"]
    futures = [str(name) for name in table.columns if str(name).startswith("in ")]
    beyond = _beyond(segment)

    def text(amount: float, failed: str = "cannot serve all") -> str:
        if math.isnan(amount):
            return "–"
        if math.isinf(amount):
            return f"{FAILS} {failed}" if amount < 0 else "not known"
        return money(amount, currency, 0)

    def measure(row: dict[Hashable, Any], name: str) -> str:
        fails = math.isinf(row[name.replace("_at_most", "")])
        return text(-math.inf if fails else row[name], "fails")

    rows = []
    for row in table.to_dict("records"):
        network = str(row["network"])
        cells = [(str(row["nodes"]), False)]
        cells += [(beyond.get((network, name.removeprefix("in ")), text(row[name])), False) for name in futures]
        cells += [(measure(row, name), robust[name] == network) for name in MEASURES]
        cells.append((measure(row, "regret_at_most"), False))
        rows.append(OutlookRow(network, tuple(cells)))
    first = table.iloc[0]
    most = ["", *(text(bound, "all fail") for bound in table["bound"])]
    most += [text(first["expected_bound"]), text(first["tail_bound"]), "", ""]
    named, left_out = [name.removeprefix("in ") for name in futures], segment.figures["scenarios_left_out"]
    columns = ("nodes", *named, *MEASURES, "regret at most")
    return OutlookTable(segment.name, columns, tuple(rows), tuple(most), tuple(left_out))


def _beyond(segment: SegmentResult) -> dict[tuple[str, str], str]:
    """By network and scenario the limits that cannot be kept, and by how much: ``✕ CO₂ 0.36 t over``."""
    found: dict[tuple[str, str], str] = {}
    for row in segment.figures["scenario_limits"]:
        key, over = (row["network"], row["scenario"]), f"{row['amount'] - row['most']:,.3g}"
        what = f"CO₂ {over} t over" if row["name"] == "CO2" else f"{row['name']} {over} over"
        found[key] = f"{found[key]}, {what}" if key in found else f"{FAILS} {what}"
    return found
