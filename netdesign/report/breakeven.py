"""The additive break-even map: a table of cells, shaded by who wins and by how much."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from netdesign.report.results import SegmentResult, rows_of
from netdesign.report.words import between, large_money, money

ADDITIVE, OTHERS = "0, 114, 178", "213, 94, 0"
"""Red, green, blue of the winners, told apart by colour-blind readers too."""


@dataclass(frozen=True)
class Cell:
    """One volume at one penalty."""

    text: str
    title: str
    colour: str


@dataclass(frozen=True)
class BreakevenMap:
    """Rows by volume, columns by penalty."""

    penalties: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]
    sentence: str
    sure: str


def breakeven_map(segment: SegmentResult, currency: str) -> BreakevenMap | None:
    """The map of a segment; None where it lacks either kind of technology."""
    if not segment.figures["breakeven"]:
        return None
    table = segment.tables["breakeven"]
    largest = float(table["advantage"].abs().max()) or 1.0
    rows = []
    for volume, cells in table.groupby("volume"):
        each = list(rows_of(cells.sort_values("penalty")))
        label = f"{volume:g} ({each[0].units_per_variant:,.0f} per variant)"
        rows.append((label, tuple(_cell(cell, largest, currency) for cell in each)))
    penalties = tuple(f"{p:g}" for p in sorted(set(table["penalty"])))
    return BreakevenMap(penalties, tuple(rows), _sentence(segment.figures["breakeven"]["1"]), _sure(table, currency))


def _sure(table: Any, currency: str) -> str:
    """What the bounds say of all leads."""
    off = float(max((table["at_most"] - table["advantage"]).max(), (table["advantage"] - table["at_least"]).max()))
    open_ends = int(((table["at_least"] < 0) & (table["at_most"] > 0)).sum())
    if off == float("inf"):
        return "not every lead has a bound."
    text = f"the lead of the best networks there are differs by no more than {large_money(off, currency)}"
    return f"{text}, and every winner is proven." if not open_ends else f"{text}; {open_ends} winners are not proven."


def _cell(cell: Any, largest: float, currency: str) -> Cell:
    winner = "additive" if cell.advantage > 0 else "others" if cell.advantage < 0 else "neither"
    shade = 0.08 + 0.5 * abs(cell.advantage) / largest if cell.advantage else 0.0
    title = (
        f"additive {money(cell.additive, currency, 0)} from {cell.nodes} nodes, "
        f"others {money(cell.others, currency, 0)} from {cell.other_nodes} nodes; "
        f"additive ahead by {between(cell.at_least, cell.at_most, currency)} for sure"
    )
    colour = f"rgba({ADDITIVE if cell.advantage > 0 else OTHERS}, {shade:.2f})"
    return Cell(
        f"{winner} {large_money(abs(cell.advantage), currency)}" if cell.advantage else "neither", title, colour
    )


def _sentence(penalty: float | None) -> str:
    """What must be true at today's volume."""
    if penalty is None:
        return "At today's volume additive wins even at twice today's cost of machines, hours and material."
    if penalty == 0:
        return "At today's volume additive loses even at half of today's cost of machines, hours and material."
    return (
        "At today's volume additive wins as long as its machines, hours and material cost less than "
        f"{penalty:.2f} times what they cost today."
    )
