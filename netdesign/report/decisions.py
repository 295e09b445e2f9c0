"""What was decided against, and what would earn more but is not in the networks: the other half of a recommendation."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from netdesign.report.results import Results, SegmentResult, rows_of
from netdesign.report.words import between, counted, duration, large_money, listed


@dataclass(frozen=True)
class Alternative:
    """Another choice beside the recommended one.

    Attributes
    ----------
    where
        The segment; empty where it is about several.
    what
        The choice.
    amount
        By how much it costs more or earns less or more, a year; None where that is not counted.
    unit
        What the amount says: ``a year less``.
    at_least, at_most
        What the bounds prove of the amount.
    remark
        What else there is to say.
    """

    where: str
    what: str
    amount: float | None = None
    unit: str = ""
    at_least: float = -math.inf
    at_most: float = math.inf
    remark: str = ""

    def says(self, currency: str) -> str:
        """In words."""
        return self.what if self.amount is None else f"{self.what}, {large_money(self.amount, currency)} {self.unit}"


def decided_against(results: Results) -> list[str]:
    """Per segment the next best tier, way of making and network, and vehicles that nobody gets, with what they cost."""
    currency, found = results.summary["currency"], []
    for segment in results.solved:
        if ways := _others(segment):
            said = "; ".join(other.says(currency) + other.remark for other in ways)
            found.append(f"{segment.name}: {said}")
    return found


def left_out(results: Results) -> list[str]:
    """What the model says would earn more, and why it is not in the networks of the report."""
    currency = results.summary["currency"]
    texts = [(other.where, f"{other.says(currency)}; {other.remark}") for other in _better(results)]
    return [f"{where}: {text}" if where else text for where, text in texts]


def proofs(results: Results) -> list[tuple[str, str, str, str]]:
    """Of both: the segment, the other choice, the difference as it was found, and what is proven of it."""
    currency = results.summary["currency"]
    others = [*(other for segment in results.solved for other in _others(segment)), *_better(results)]
    return [
        (
            other.where or "several",
            other.what,
            f"{large_money(other.amount, currency)} {other.unit}",
            between(other.at_least, other.at_most, currency),
        )
        for other in others
        if other.amount is not None
    ]


def _others(segment: SegmentResult) -> list[Alternative]:
    ways = (_tier(segment), _making(segment), _nodes(segment), _vehicles(segment))
    return [other for other in ways if other is not None]


def _better(results: Results) -> list[Alternative]:
    found = []
    for segment in results.solved:
        menus = list(rows_of(segment.tables["menus"])) if "menus" in segment.tables else []
        best = max(menus, key=lambda row: row.gain, default=None)
        if best is not None and best.gain > 0:
            proven = (best.at_least, best.at_most)
            remark = "the model of choice wins too many buyers where tiers are much alike"
            found.append(Alternative(segment.name, f"{best.menu} at once", best.gain, "a year more", *proven, remark))
    sharing = results.summary["sharing"]
    together = [names for names in sharing["streams"] if len(names) > 1] if sharing else []
    if together:
        groups = "; ".join(listed(names) for names in together)
        proven = (_known(sharing["at_least"], -math.inf), _known(sharing["at_most"], math.inf))
        remark = "each then feels what happens to the other"
        found.append(Alternative("", f"shared nodes ({groups})", sharing["gain"], "a year more", *proven, remark))
    return found


def _known(value: Any, otherwise: float) -> float:
    """A number of a table or a file of figures; infinite where it has none."""
    return otherwise if value is None or value != value else float(value)


def _tier(segment: SegmentResult) -> Alternative | None:
    if not segment.priced:
        return None
    offers, value = segment.tables["offers"], segment.figures["value"]
    mine = offers["tier"] == value["tier"]
    if mine.all():
        return None
    best = offers[~mine].loc[offers[~mine]["profit"].idxmax()]
    least = value["profit"] - float(offers[~mine]["profit_bound"].max())
    most = float(offers[mine]["profit_bound"].max()) - best["profit"]
    what, less = f"{best['tier']} instead of {value['tier']}", value["profit"] - best["profit"]
    return Alternative(segment.name, what, less, "a year less", least, most)


def _making(segment: SegmentResult) -> Alternative | None:
    """Additive or the others, whichever earns less at today's volume and costs."""
    if not segment.figures.get("breakeven"):
        return None
    table = segment.tables["breakeven"]
    row = table[(table["volume"] == 1) & (table["penalty"] == 1)].iloc[0]
    lead = float(row["advantage"])
    if not lead:
        return None
    least, most = (row["at_least"], row["at_most"]) if lead > 0 else (-row["at_most"], -row["at_least"])
    worse = "no additive making" if lead > 0 else "additive making alone"
    return Alternative(segment.name, worse, abs(lead), "less", float(least), float(most))


def _nodes(segment: SegmentResult) -> Alternative | None:
    """The cheapest network that was found with more nodes; proven is what its shorter drive costs at least."""
    if "frontiers" not in segment.tables:
        return None
    table = segment.tables["frontiers"]
    rows = list(rows_of(table[table["frontier"] == "hours and cost"]))
    chosen = next((row for row in rows if row.chosen), None)
    more = [row for row in rows if chosen is not None and row.nodes > chosen.nodes]
    if chosen is None or not more:
        return None
    best = min(more, key=lambda row: row.y)
    proven = (_known(best.bound, -math.inf) - chosen.y, best.y - _known(chosen.bound, -math.inf))
    drives = f": {duration(best.x)} instead of {duration(chosen.x)} to the mean order"
    what = f"{counted(best.nodes, 'node')} instead of {chosen.nodes}"
    return Alternative(segment.name, what, best.y - chosen.y, "dearer", *proven, drives)


def _vehicles(segment: SegmentResult) -> Alternative | None:
    unused = [name for name, share in (segment.figures["vehicles"] or {}).items() if not share]
    return Alternative(segment.name, f"{listed(unused)}, dearer everywhere") if unused else None
