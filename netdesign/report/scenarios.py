"""Networks in every scenario beside what no network goes beyond, as the cells of a table."""

from __future__ import annotations

import math
from dataclasses import dataclass

from netdesign.report.results import SegmentResult
from netdesign.report.words import money


@dataclass(frozen=True)
class OutlookRow:
    """A network: text of every cell, and whether it is the best of its measure."""

    network: str
    cells: tuple[tuple[str, bool], ...]


@dataclass(frozen=True)
class OutlookTable:
    """A segment's networks in every scenario; ``most`` is what is proven of each column."""

    segment: str
    columns: tuple[str, ...]
    rows: tuple[OutlookRow, ...]
    most: tuple[str, ...]


MEASURES = ("expected", "tail", "regret")


def outlook_table(segment: SegmentResult, currency: str) -> OutlookTable | None:
    """The table of a segment; None without scenarios."""
    robust = segment.figures.get("robust")
    if not robust:
        return None
    table = segment.tables["scenarios"]
    futures = [str(name) for name in table.columns if str(name).startswith("in ")]

    def text(amount: float) -> str:
        if math.isinf(amount):
            return "cannot serve all" if amount < 0 else "not known"
        return money(amount, currency, 0)

    rows = []
    for row in table.to_dict("records"):
        cells = [(str(row["nodes"]), False), *((text(row[name]), False) for name in futures)]
        cells += [(text(row[name]), robust[name] == row["network"]) for name in MEASURES]
        rows.append(OutlookRow(str(row["network"]), (*cells, (text(row["regret_at_most"]), False))))
    first = table.iloc[0]
    most = ["", *map(text, table["bound"]), text(first["expected_bound"]), text(first["tail_bound"]), "", ""]
    return OutlookTable(segment.name, ("nodes", *futures, *MEASURES, "regret at most"), tuple(rows), tuple(most))
