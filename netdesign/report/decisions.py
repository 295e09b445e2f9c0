"""What was decided against, and what would earn more but is not in the networks: the other half of a recommendation."""

from __future__ import annotations

from netdesign.report.results import Results, SegmentResult, rows_of
from netdesign.report.words import counted, duration, large_money, listed


def decided_against(results: Results) -> list[str]:
    """Per segment the next best tier, way of making and network, and vehicles that nobody gets, with what they cost."""
    currency = results.summary["currency"]
    found: list[str] = []
    for segment in results.solved:
        ways = [_tier(segment, currency), _making(segment, currency), _nodes(segment, currency), _vehicles(segment)]
        if said := "; ".join(filter(None, ways)):
            found.append(f"{segment.name}: {said}")
    return found


def left_out(results: Results) -> list[str]:
    """What the model says would earn more, and why it is not in the networks of the report."""
    currency = results.summary["currency"]
    found = []
    for segment in results.solved:
        menus = list(rows_of(segment.tables["menus"])) if "menus" in segment.tables else []
        best = max(menus, key=lambda row: row.gain, default=None)
        if best is not None and best.gain > 0:
            more = large_money(best.gain, currency)
            found.append(
                f"{segment.name}: {best.menu} at once, {more} a year more; "
                "the logit may win too many buyers where tiers are much alike"
            )
    sharing = results.summary["sharing"]
    together = [names for names in sharing["streams"] if len(names) > 1] if sharing else []
    if together:
        groups = "; ".join(listed(names) for names in together)
        found.append(
            f"shared nodes ({groups}), {large_money(sharing['gain'], currency)} a year more; "
            "each then feels what happens to the other"
        )
    return found


def _tier(segment: SegmentResult, currency: str) -> str:
    if not segment.priced:
        return ""
    offers, value = segment.tables["offers"], segment.figures["value"]
    others = offers[offers["tier"] != value["tier"]]
    if others.empty:
        return ""
    best = others.loc[others["profit"].idxmax()]
    less = large_money(value["profit"] - best["profit"], currency)
    return f"{best['tier']} instead of {value['tier']}, {less} a year less"


def _making(segment: SegmentResult, currency: str) -> str:
    """Additive or the others, whichever earns less at today's volume and costs."""
    if not segment.figures.get("breakeven"):
        return ""
    table = segment.tables["breakeven"]
    lead = float(table.loc[(table["volume"] == 1) & (table["penalty"] == 1), "advantage"].iloc[0])
    if not lead:
        return ""
    worse = "no additive making" if lead > 0 else "additive making alone"
    return f"{worse}, {large_money(abs(lead), currency)} less"


def _nodes(segment: SegmentResult, currency: str) -> str:
    """The cheapest network that was found with more nodes."""
    if "frontiers" not in segment.tables:
        return ""
    table = segment.tables["frontiers"]
    rows = list(rows_of(table[table["frontier"] == "hours and cost"]))
    chosen = next((row for row in rows if row.chosen), None)
    more = [row for row in rows if chosen is not None and row.nodes > chosen.nodes]
    if chosen is None or not more:
        return ""
    best = min(more, key=lambda row: row.y)
    return (
        f"{counted(best.nodes, 'node')} instead of {chosen.nodes}, {large_money(best.y - chosen.y, currency)} dearer: "
        f"{duration(best.x)} instead of {duration(chosen.x)} to the mean order"
    )


def _vehicles(segment: SegmentResult) -> str:
    unused = [name for name, share in (segment.figures["vehicles"] or {}).items() if not share]
    return f"{listed(unused)}, dearer everywhere" if unused else ""
