"""Results and figures through the one template to one file."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from netdesign.report import baseline, breakeven, decisions, figures, frontiers, offers, scenarios, sharing, words
from netdesign.report.map import draw_map
from netdesign.report.results import Results, read_results

SEGMENT_COLOURS = ("#d55e00", "#0072b2", "#009e73", "#a8508a", "#8a6d00", "#3b3f8c", "#6b6b6b")
"""Okabe and Ito's palette, the light ones darkened for paper; segments beyond it start again."""

ACCOUNT_COLOURS = {"labor": "#22456e", "infrastructure": "#7ba3c7", "supplier": "#e6cf8b", "logistics": "#b5532a"}
"""Apart in lightness, so that they hold in grey and for colour-blind readers."""

DARK_ACCOUNTS = ("labor", "logistics")


def render_report(out_dir: str | Path) -> Path:
    """Write ``report.html`` from the other files of an output folder.

    Parameters
    ----------
    out_dir
        The folder of a finished run.

    Returns
    -------
    Path
        The report: one file, no external request.

    Raises
    ------
    InputError
        If a file of the run is missing.
    """
    folder = Path(out_dir)
    path = folder / "report.html"
    path.write_text(render(read_results(folder)), "utf-8")
    return path


def render(results: Results) -> str:
    """The report as text; whatever the planner wrote is escaped."""
    return str(_template().render(content(results))) + "\n"


@cache
def _template() -> Any:
    """The one template, compiled once."""
    from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context

    @pass_context
    def money(context: Any, amount: float, digits: int = 2) -> str:
        return words.money(amount, context["summary"]["currency"], digits)

    @pass_context
    def between(context: Any, least: float, most: float) -> str:
        return words.between(least, most, context["summary"]["currency"])

    environment = Environment(
        loader=PackageLoader("netdesign.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        money=money,
        between=between,
        sentence=words.segment_sentence,
        percent=words.percent,
        signed=words.signed_percent,
        amount=words.signed_amount,
        moves=words.signed_moves,
        duration=words.duration,
        hours=words.signed_hours,
        short=words.short_value,
        listed=words.listed,
    )
    return environment.get_template("report.html.j2")


def content(results: Results) -> dict[str, Any]:
    """Everything that the template shows."""
    solved, currency = results.solved, results.summary["currency"]
    priced = [s for s in results.segments if s.priced]
    longest = figures.longest_drive(results)
    return {
        "results": results,
        "summary": results.summary,
        "run": results.run,
        "config": results.config,
        "solved": solved,
        "lost": [s for s in results.segments if s.figures["status"] == "infeasible"],
        "declined": [s for s in results.segments if s.figures["status"] == "declined"],
        "colours": [SEGMENT_COLOURS[k % len(SEGMENT_COLOURS)] for k in range(len(solved))],
        "account_colours": ACCOUNT_COLOURS,
        "dark_accounts": DARK_ACCOUNTS,
        "recommendation": words.recommendation(results),
        "certainty": words.certainty(results),
        "against": decisions.decided_against(results),
        "left_out": decisions.left_out(results),
        "proofs": decisions.proofs(results),
        "sentences": [words.segment_sentence(s, currency) for s in solved],
        "map": draw_map(results),
        "cost_bars": figures.cost_bars(results),
        "todays": [baseline.today_table(s, currency) for s in results.segments],
        "frontiers": [frontiers.frontier_charts(s, currency) for s in solved],
        "outlooks": [scenarios.outlook_table(s, currency) for s in solved],
        "scatter": figures.check_scatter(results),
        "road_days": max((s.figures["route_check"]["days"] for s in solved), default=0),
        "kept": [s for s in solved if s.figures["promises"]],
        "polished": [(s, words.polish_sentence(s)) for s in solved if s.figures["polish"]],
        "learned": [s for s in solved if s.figures["factors"]],
        "use_bars": [figures.use_bars(s) for s in solved],
        "histograms": [figures.service_histogram(s, longest) for s in solved],
        "node_rows": [figures.node_rows(s, currency) for s in solved],
        "priced": priced,
        "varieties": [offers.variety_chart(s, currency) for s in priced],
        "whales": [offers.whale_curve(s, currency) if s.solved else None for s in priced],
        "earnings": [offers.earnings(s, currency) if s.solved else None for s in priced],
        "complexities": [offers.complexity_matrix(s, currency) if s.solved else None for s in priced],
        "fits": [s for s in priced if s.figures["value"]["fit"]],
        "maps": [breakeven.breakeven_map(s, currency) for s in priced],
        "sharing_sentence": sharing.sharing_sentence(results),
        "partition_rows": sharing.partition_rows(results) if results.sharing else [],
        "shocks": sharing.shock_rows(results),
        "waterfalls": sharing.waterfalls(results) if results.sharing else (),
        "groups": results.summary["segmentation"],
        "worth_knowing": [figures.worth_knowing(s, currency) for s in solved],
        "limited": [s for s in solved if s.figures.get("limits")],
        "totals": {a: sum(s.figures["accounts"][a] for s in solved) for a in figures.ACCOUNTS},
    }
