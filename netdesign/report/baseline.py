"""Today's network beside the recommended one, and how well the model knows today's spend."""

from __future__ import annotations

from dataclasses import dataclass

from netdesign.report.figures import ACCOUNTS
from netdesign.report.results import SegmentResult, rows_of
from netdesign.report.sharing import Waterfall, waterfall
from netdesign.report.words import counted, duration, listed, money, percent, signed_percent


@dataclass(frozen=True)
class TodayRow:
    """An account, or all of them: per year what is spent and what the model says of it, per order now and then."""

    account: str
    spent: str
    model: str
    error: str
    now: str
    then: str


@dataclass(frozen=True)
class TodayTable:
    """A segment's network of today; ``fall`` is what an order gets cheaper by, account by account."""

    segment: str
    rows: tuple[TodayRow, ...]
    sentence: str
    fall: Waterfall | None
    lost: str


def today_table(segment: SegmentResult, currency: str) -> TodayTable | None:
    """The table of a segment; None where the study does not say how it is served today."""
    if "baseline" not in segment.figures:
        return None
    figures, orders = segment.figures["baseline"], segment.figures["baseline"]["orders_per_year"]
    accounts = list(rows_of(segment.tables["baseline"]))
    then = {a: segment.figures["accounts"][a] / segment.figures["orders_per_year"] for a in ACCOUNTS if segment.solved}
    now = {row.account: row.model / orders if orders else 0.0 for row in accounts}

    def line(name: str, spent: float, model: float, each: float, later: float | None) -> TodayRow:
        known = spent == spent and spent > 0
        return TodayRow(
            name,
            money(spent, currency, 0) if known else "not given",
            money(model, currency, 0),
            signed_percent(model / spent - 1) if known else "–",
            money(each, currency),
            "–" if later is None else money(later, currency),
        )

    rows = [line(row.account, row.spent, row.model, now[row.account], then.get(row.account)) for row in accounts]
    spent = sum(row.spent for row in accounts)
    total = line("all", spent, figures["cost_per_year"], sum(now.values()), sum(then.values()) if then else None)
    gains = {account: now[account] - then[account] for account in then}
    fall = waterfall("Cheaper per order", gains, currency, 2) if gains else None
    return TodayTable(segment.name, (*rows, total), _sentence(segment, currency), fall, _lost(figures["lost"]))


def _sentence(segment: SegmentResult, currency: str) -> str:
    figures = segment.figures["baseline"]
    places = f"Today {counted(len(figures['nodes']), 'site')} ({listed(figures['nodes'])})"
    if figures["cost_per_order"] is None:
        return f"{places}: the model can serve nobody from there."
    text = f"{places}: {money(figures['cost_per_order'], currency)} per order under the model"
    error = figures["largest_error"]
    known = "What is spent is not given, so nothing says how right that is."
    if error is not None:
        known = f"No account of it is more than {percent(error, 1)} off what is spent."
    return f"{text}. {known} {_service(segment)}"


def _service(segment: SegmentResult) -> str:
    figures = segment.figures["baseline"]
    then = f", {duration(segment.figures['service']['mean_h'])} as recommended" if segment.solved else ""
    late = f"; {percent(figures['late'], 1)} of the orders are farther than was promised" if figures["late"] else ""
    return f"The mean order is {duration(figures['mean_h'])} from its site{then}{late}."


def _lost(customers: list[str]) -> str:
    if not customers:
        return ""
    return f"Left out, because no vehicle serves them from their site within its shift: {listed(customers)}."
