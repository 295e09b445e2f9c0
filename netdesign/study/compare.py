"""Two finished runs beside each other: what changed, in money and on the map."""

from __future__ import annotations

import math
from pathlib import Path

import pandas as pd

from netdesign.report.results import Results, SegmentResult, read_results
from netdesign.study.schema import ACCOUNTS

COLUMNS = ["segment", "what", "before", "after", "change"]


def compare_runs(before: str | Path, after: str | Path) -> pd.DataFrame:
    """What changed from one run to another.

    Parameters
    ----------
    before, after
        Folders that runs have written.

    Returns
    -------
    DataFrame
        Columns segment, what, before, after, change: for every segment of either run its status, cost, accounts,
        profit, orders, service and nodes, where they differ; nodes name the sites that came and went.

    Raises
    ------
    InputError
        If a file of a run is missing.
    """
    one, two = (_by_name(read_results(Path(folder))) for folder in (before, after))
    names = [*one, *(name for name in two if name not in one)]
    rows = [row for name in names for row in _segment(name, one.get(name), two.get(name))]
    return pd.DataFrame(rows, columns=COLUMNS)


def _by_name(results: Results) -> dict[str, SegmentResult]:
    return {segment.name: segment for segment in results.segments}


def _segment(name: str, before: SegmentResult | None, after: SegmentResult | None) -> list[tuple[object, ...]]:
    old, new = (_figures(segment) for segment in (before, after))
    rows: list[tuple[object, ...]] = []
    for what in {**old, **new}:
        first, second = old.get(what), new.get(what)
        if isinstance(first, float) and isinstance(second, float):
            if not math.isclose(first, second, rel_tol=1e-9, abs_tol=1e-9):
                rows.append((name, what, first, second, second - first))
        elif first != second:
            rows.append((name, what, first, second, ""))
    gone, come = (set(_nodes(a)) - set(_nodes(b)) for a, b in ((before, after), (after, before)))
    if gone or come:
        change = "; ".join([*(f"+{site}" for site in sorted(come)), *(f"-{site}" for site in sorted(gone))])
        rows.append((name, "nodes", len(_nodes(before)), len(_nodes(after)), change))
    return rows


def _nodes(segment: SegmentResult | None) -> list[str]:
    return list(segment.figures["nodes"]) if segment is not None and segment.solved else []


def _figures(segment: SegmentResult | None) -> dict[str, object]:
    if segment is None:
        return {"status": "not there"}
    figures = segment.figures
    found: dict[str, object] = {"status": figures["status"], "orders per year": float(figures["orders_per_year"])}
    if segment.priced:
        value = figures["value"]
        found |= {
            "tier": value["tier"],
            "variants": float(value["variants"]),
            "profit per year": float(value["profit"]),
        }
    if segment.solved:
        found |= {"cost per year": float(figures["objective"]), "cost per order": float(figures["cost_per_order"])}
        found |= {f"{account} per year": float(figures["accounts"][account]) for account in ACCOUNTS}
        found |= {"mean hours": float(figures["service"]["mean_h"]), "CO2 t per year": float(figures["co2_t_per_year"])}
    return found
