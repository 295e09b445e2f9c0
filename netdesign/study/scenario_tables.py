"""What a scenario changes: cells of the study's tables, by table, filter, column and value."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Final

import pandas as pd

from netdesign.errors import Phrase, closest
from netdesign.study.case import mean_growth
from netdesign.study.problems import Problem
from netdesign.study.row_rules import broken_rows
from netdesign.study.schema import TABLES, Number
from netdesign.study.supply_lints import without_spot

PLAN: Final = "as planned"
"""The study itself; it has the probability that the scenarios leave."""

RATES: Final = ("cost_per_order", "cost_per_kg", "cost_per_km")
"""Columns of the table ``modes`` in whose place rates learned from shipments stand."""

Future = tuple[str, float, float]
"""A scenario's name, its probability, and its units as a multiple of the planned ones."""


def changed(
    frames: dict[str, pd.DataFrame], rows: pd.DataFrame, source: str
) -> tuple[dict[str, pd.DataFrame], list[Problem]]:
    """Tables with the changes of one scenario, and what is wrong with these.

    Parameters
    ----------
    frames
        The study's tables by name.
    rows
        Rows of the table ``scenarios`` with one name.
    source
        Where they stand, for messages.
    """
    frames, before, problems = dict(frames), frames, list[Problem]()
    for number, row in rows.to_dict("index").items():
        place, table, column = int(str(number)), str(row["table"]), str(row["column"])
        if table not in frames:
            continue
        spec = TABLES[table].get(column)
        if not isinstance(spec, Number):
            known = [name for name, c in TABLES[table].items() if isinstance(c, Number)]
            rule = f"a column of numbers of {table}"
            problems.append(Problem(source, place, "column", column, rule, closest(column, known)))
            continue
        frame = frames[table]
        where, problem = _matching(frame, str(row["filter"]), source, place)
        if problem is not None:
            problems.append(problem)
            continue
        value, old = float(row["value"]), frame[column]
        new = {"set": old * 0 + value, "multiply": old * value, "add": old + value}[str(row["op"])]
        frame = frame.assign(**{column: old.mask(where, new)})
        wrong = [value for value in frame.loc[where, column] if not spec.accepts(float(value))]
        if wrong:
            rule = f"{column} of {table} to stay {spec.rule}"
            hint = "Where there is no limit nothing can be added or multiplied: set it." if math.isnan(wrong[0]) else ""
            problems.append(Problem(source, place, "value", Phrase(f"making it {wrong[0]:g}"), rule, hint))
        frames[table] = frame
    if not problems:
        problems += _contradictions(before, frames, rows, source)
    return frames, problems


def _contradictions(
    before: dict[str, pd.DataFrame], after: dict[str, pd.DataFrame], rows: pd.DataFrame, source: str
) -> list[Problem]:
    """What cells that a scenario changed break together with others, which they did not before."""
    problems: list[Problem] = []
    for table, mine in rows[rows["table"].isin(list(after))].groupby("table", sort=False):
        was, now = (_errors(frames, str(table)) for frames in (before, after))
        known = {(p.row, p.column, p.rule) for p in was}
        for p in now:
            if (p.row, p.column, p.rule) not in known:
                value = f"{p.value:g}" if isinstance(p.value, float) else p.value
                got = Phrase(f"a change that leaves {p.column} {value} in row {p.row} of {p.source}")
                problems.append(Problem(source, int(str(mine.index[0])), "value", got, p.rule, p.hint))
                break
    return problems


def _errors(frames: dict[str, pd.DataFrame], table: str) -> list[Problem]:
    """What contradicts itself in the rows of a table; suppliers and contracts contradict each other."""
    found = [*broken_rows(table, frames[table], table)]
    if table in ("contracts", "suppliers") and {"contracts", "suppliers"} <= set(frames):
        found += without_spot(frames, "contracts")
    return [problem for problem in found if problem.level == "error"]


def scenarios_of(frames: dict[str, pd.DataFrame]) -> list[tuple[str, float, dict[str, pd.DataFrame]]]:
    """Name, probability and tables of the study as planned and of every scenario."""
    found: list[tuple[str, float, dict[str, pd.DataFrame]]] = []
    for name, rows in frames["scenarios"].groupby("scenario", sort=False):
        found.append((str(name), float(rows["probability"].iloc[0]), changed(frames, rows, "")[0]))
    return [(PLAN, max(0.0, 1 - math.fsum(p for _, p, _ in found)), frames), *found]


def demand_futures(
    frames: dict[str, pd.DataFrame], segments: Sequence[str], years: float
) -> dict[str, tuple[Future, ...]]:
    """What every scenario makes of the units that every segment's buyers would buy.

    Parameters
    ----------
    frames
        The study's tables by name.
    segments
        Names of those that have customers.
    years
        Over which demand grows.
    """
    ahead = [(name, p, _units(tables, years)) for name, p, tables in scenarios_of(frames)]
    planned = ahead[0][2]
    return {s: tuple((name, p, units[s] / planned[s]) for name, p, units in ahead) for s in segments}


def _units(frames: dict[str, pd.DataFrame], years: float) -> dict[str, float]:
    """Units a year of each segment if every buyer bought."""
    c = frames["customers"]
    units = (c["buyers"] * c["orders_per_buyer"] * c["units_per_order"]).groupby(c["segment"]).sum()
    rows = frames["segments"].set_index("segment").to_dict("index")
    lasts = {s: min(years, float(row["lifetime_years"])) for s, row in rows.items()}
    return {
        str(s): float(total) * mean_growth(float(rows[str(s)]["growth"]), lasts[str(s)]) for s, total in units.items()
    }


def _matching(frame: pd.DataFrame, text: str, source: str, row: int) -> tuple[pd.Series[bool], Problem | None]:
    """Rows that a filter takes: ``column=word``, parted by ``;``, or all where it is empty."""
    where = pd.Series(True, index=frame.index)
    for part in filter(None, (p.strip() for p in text.split(";"))):
        column, mark, word = (p.strip() for p in part.partition("="))
        if not mark or column not in frame:
            rule = "column=word, parted by ;"
            return where, Problem(source, row, "filter", part, rule, closest(column, list(frame.columns)))
        where &= frame[column].astype(str) == word
    if not where.any():
        return where, Problem(source, row, "filter", text, "a filter that takes a row at least")
    return where, None


def _without_effect(frames: dict[str, pd.DataFrame], source: str) -> Iterator[Problem]:
    """Changes of what the study has learned something else from, before there are scenarios."""
    rows = frames["scenarios"]
    for row in rows.index[(rows["table"] == "technologies") & (rows["column"] == "scheduled_h")]:
        hint = "The capacity that is used follows from scheduled_h before there are scenarios."
        yield Problem(source, int(row), "column", "scheduled_h", "capacity_h", hint)
    if len(frames.get("shipments", ())):
        for row in rows.index[(rows["table"] == "modes") & rows["column"].isin(RATES)]:
            rule = "a rate of a carrier without shipments"
            hint = "Rates that are learned from shipments are the same in every scenario."
            yield Problem(source, int(row), "column", str(rows["column"][row]), rule, hint, "warning")


def lint_scenarios(frames: dict[str, pd.DataFrame], source: str) -> list[Problem]:
    """What is wrong with the table of scenarios."""
    problems: list[Problem] = []
    total = 0.0
    for name, rows in frames["scenarios"].groupby("scenario", sort=False):
        if name == PLAN:
            rule, hint = "another name", "So is the study itself called, without any change."
            problems.append(Problem(source, int(rows.index[0]), "scenario", str(name), rule, hint))
        problems += changed(frames, rows, source)[1]
        first = float(rows["probability"].iloc[0])
        total += first
        for row in rows.index[rows["probability"] != first]:
            rule, value = f"{first:g}, that of the scenario's first row", float(rows["probability"][row])
            problems.append(Problem(source, int(row), "probability", value, rule))
    problems += _without_effect(frames, source)
    if total > 1 + 1e-9:
        whole = Phrase(f"{total:g} in all")
        hint = "What they leave is the probability of the study as planned."
        problems.append(Problem(source, None, "probability", whole, "at most 1", hint))
    return problems
