"""Cells of text to frames that keep the schema, or to problems with row numbers."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import pandas as pd

from netdesign.errors import Phrase, closest
from netdesign.study.files import read_cells, split
from netdesign.study.gazetteer import Gazetteer
from netdesign.study.problems import Problem
from netdesign.study.schema import KEYS, LARGEST, REQUIRED, TABLES, Column, Number, pandera_schema


def read_table(
    folder: Path, source: str, table: str, gazetteer: Gazetteer | None = None
) -> tuple[pd.DataFrame | None, list[Problem]]:
    """Read one input table.

    Parameters
    ----------
    folder
        The study's folder.
    source
        A file in it, or ``file#sheet``: CSV (comma or semicolon, UTF-8 with or without byte order mark), Excel,
        Parquet or GeoPackage.
    table
        Which schema it keeps, one of :data:`netdesign.study.schema.TABLES`.
    gazetteer
        Gives places and postcodes their coordinates, in tables that have lon and lat.

    Returns
    -------
    DataFrame or None
        One row per record, labelled by spreadsheet row; every column of the schema, defaults filled in.
    list of Problem
        What is wrong with it.
    """
    raw, problems = read_cells(folder, source, table)
    if raw is None:
        return None, problems
    if gazetteer is None or "lon" not in TABLES[table]:
        return parse_cells(raw, table, source)
    raw, lost = gazetteer.put(raw, source)
    frame, problems = parse_cells(raw, table, source)
    # Who has no coordinates because the place is not known is named once.
    named = {(p.row, column) for p in lost if p.level == "error" for column in ("lon", "lat")}
    return frame, [*lost, *(p for p in problems if (p.row, p.column) not in named)]


def parse_table(text: str, table: str, file: str) -> tuple[pd.DataFrame | None, list[Problem]]:
    """As :func:`read_table`, from the text of a CSV file."""
    raw, problems = split(text, file)
    return (None, problems) if raw is None else parse_cells(raw, table, file)


def parse_cells(raw: pd.DataFrame, table: str, file: str) -> tuple[pd.DataFrame | None, list[Problem]]:
    """As :func:`read_table`, from its cells as text."""
    problems = _column_problems(raw, table, file)
    if any(p.level == "error" for p in problems):
        return None, problems
    frame, found = _typed(raw, table, file)
    problems += found
    reported = {(p.row, p.column) for p in problems}
    problems += [p for p in _rule_problems(frame, table, file) if (p.row, p.column) not in reported]
    problems += _duplicates(frame, table, file)
    return frame, problems


def _column_problems(raw: pd.DataFrame, table: str, file: str) -> list[Problem]:
    """Columns that are missing, twice there, or misspelt."""
    columns = TABLES[table]
    have = list(raw.columns)
    problems = [
        Problem(file, 1, name, Phrase("there twice"), "a column name that stands once")
        for name in sorted({c for c in have if c and have.count(c) > 1})
    ]
    missing = [name for name, column in columns.items() if column.default is REQUIRED and name not in have]
    strange = [name for name in have if name not in columns]
    for name in missing:
        near = closest(name, strange) if strange else ""
        problems.append(
            Problem(
                file,
                1,
                name,
                Phrase("missing"),
                f"this column ({columns[name].meaning})",
                near if near.startswith("Did") else "",
            )
        )
    optional = [name for name in columns if name not in have]
    for name in strange:
        near = closest(name, optional)
        if near.startswith("Did you mean"):
            problems.append(
                Problem(
                    file, 1, name, Phrase("not known"), "a column of this table", near + " It is not read.", "warning"
                )
            )
    return problems


def _typed(raw: pd.DataFrame, table: str, file: str) -> tuple[pd.DataFrame, list[Problem]]:
    """Text to numbers, blanks to defaults."""
    frame = pd.DataFrame(index=raw.index)
    problems: list[Problem] = []
    for name, column in TABLES[table].items():
        cells = raw[name] if name in raw.columns else pd.Series("", index=raw.index)
        blank = cells == ""
        values: pd.Series[Any] = cells
        if column.default is REQUIRED:
            hint = "Fill the cell, or delete the row."
            empty = Phrase("empty")
            problems += [Problem(file, int(row), name, empty, column.rule, hint) for row in cells.index[blank]]
        if isinstance(column, Number):
            values = pd.to_numeric(cells.where(~blank), errors="coerce").astype(float)
            wrong = values.isna() & ~blank
            problems += [
                Problem(file, int(row), name, cells[row], column.rule, _number_hint(cells[row]))
                for row in cells.index[wrong]
            ]
        frame[name] = values if column.default is REQUIRED else values.mask(blank, column.default)
    return frame, problems


def _number_hint(cell: str) -> str:
    if re.fullmatch(r"-?\d{1,3}(,\d{3})+", cell):
        return f"Write {cell.replace(',', '')}, without commas; a decimal point is a dot."
    if re.fullmatch(r"-?\d+,\d+", cell):
        return f"Write a decimal point: {cell.replace(',', '.')}."
    if re.fullmatch(r"-?[\d.,\s]+\s*[^\d\s]+", cell):
        return "Numbers stand without a unit."
    return "Fill in the number." if cell.lower() in ("nan", "na", "n/a", "-") else "Write digits."


def _rule_problems(frame: pd.DataFrame, table: str, file: str) -> list[Problem]:
    """What pandera finds, cell by cell."""
    import pandera.pandas as pa

    try:
        pandera_schema(table).validate(frame, lazy=True)
    except pa.errors.SchemaErrors as errors:
        cases = errors.failure_cases
        return [
            Problem(
                file,
                int(case.index),
                str(case.column),
                case.failure_case,
                _rule_of(table, str(case.column), case.failure_case),
                _rule_hint(table, str(case.column), case.failure_case),
            )
            for case in cases.itertuples(name="Case")
            if case.index is not None and str(case.column) in TABLES[table]
        ]
    return []


def _rule_of(table: str, column: str, value: object) -> str:
    huge = isinstance(value, (int, float)) and LARGEST < value < math.inf
    return f"a number up to {LARGEST:g}" if huge else TABLES[table][column].rule


def _rule_hint(table: str, column: str, value: object) -> str:
    spec: Column = TABLES[table][column]
    if not isinstance(value, (int, float)):
        return closest(str(value), list(getattr(spec, "choices", ()))) if getattr(spec, "choices", ()) else ""
    if column in ("lon", "lat") and abs(value) > 1000:
        return "Are these projected metres? Give degrees (EPSG:4326)."
    if column == "lat" and 90 < abs(value) <= 180:
        return "Are lon and lat swapped?"
    return "Use inf for no limit, or leave the cell empty." if isinstance(spec, Number) and spec.infinite else ""


def _duplicates(frame: pd.DataFrame, table: str, file: str) -> list[Problem]:
    """Rows with the name of an earlier row."""
    keys = list(KEYS[table])
    if not keys:
        return []
    named = frame[(frame[keys] != "").all(axis=1)]
    problems = []
    for row in named.index[named.duplicated(keys)]:
        same = (named[keys] == named.loc[row, keys]).all(axis=1)
        problems.append(
            Problem(
                file,
                int(row),
                keys[-1],
                named.at[row, keys[-1]],
                "a name that stands once",
                f"Row {same.idxmax()} has it too: rename one, or delete it.",
            )
        )
    return problems


def split_names(cell: object) -> list[str]:
    """Names that one cell holds, parted by ``;``."""
    return [name.strip() for name in str(cell).split(";") if name.strip()]
