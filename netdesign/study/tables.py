"""CSV text to frames that keep the schema, or to problems with row numbers."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import pandas as pd

from netdesign.errors import Phrase, closest
from netdesign.study.problems import FIRST_DATA_ROW, Problem
from netdesign.study.schema import KEYS, REQUIRED, TABLES, Column, Number, pandera_schema


def read_table(path: Path, table: str) -> tuple[pd.DataFrame | None, list[Problem]]:
    """Read one input table.

    Parameters
    ----------
    path
        A CSV file; comma or semicolon, UTF-8 with or without byte order mark.
    table
        Which schema it keeps: ``segments``, ``customers``, ``sites`` or ``vehicles``.

    Returns
    -------
    DataFrame or None
        One row per record, labelled by spreadsheet row; every column of the schema, defaults filled in.
    list of Problem
        What is wrong with it.
    """
    if path.suffix.lower() != ".csv":
        return None, [Problem(path.name, None, "", path.suffix, "a CSV file", "Save the sheet as CSV (UTF-8).")]
    if not path.is_file():
        return None, [
            Problem(
                path.name,
                None,
                "",
                None,
                f"a file of this name in {path.parent}",
                f"study.toml names it under [tables] {table}.",
            )
        ]
    try:
        return parse_table(path.read_text("utf-8-sig"), table, path.name)
    except UnicodeDecodeError:
        return None, [Problem(path.name, None, "", None, "UTF-8 text", "Save the sheet as CSV (UTF-8).")]


def parse_table(text: str, table: str, file: str) -> tuple[pd.DataFrame | None, list[Problem]]:
    """As :func:`read_table`, from the text of the file."""
    raw, problems = _split(text, file)
    if raw is None:
        return None, problems
    problems += _column_problems(raw, table, file)
    if any(p.level == "error" for p in problems):
        return None, problems
    frame, found = _typed(raw, table, file)
    problems += found
    reported = {(p.row, p.column) for p in problems}
    problems += [p for p in _rule_problems(frame, table, file) if (p.row, p.column) not in reported]
    problems += _duplicates(frame, table, file)
    return frame, problems


def _split(text: str, file: str) -> tuple[pd.DataFrame | None, list[Problem]]:
    """Cells as text, labelled by spreadsheet row; blank rows are dropped and still counted."""
    header = text.split("\n", 1)[0]
    separator = ";" if header.count(";") > header.count(",") else ","
    try:
        raw = pd.read_csv(
            io.StringIO(text), sep=separator, dtype=str, keep_default_na=False, skip_blank_lines=False, index_col=False
        )
    except pd.errors.EmptyDataError:
        return None, [Problem(file, None, "", None, "a header and at least one row", "The file is empty.")]
    except pd.errors.ParserError as error:
        return None, [
            Problem(
                file,
                None,
                "",
                None,
                f"a table ({str(error).strip()})",
                "Text with a comma in it needs quotation marks.",
            )
        ]
    raw.columns = [str(c).strip() for c in raw.columns]
    raw.index = pd.RangeIndex(FIRST_DATA_ROW, FIRST_DATA_ROW + len(raw))
    raw = raw.fillna("").apply(lambda cells: cells.str.strip())
    if separator == ";":
        raw = raw.apply(lambda cells: cells.str.replace(r"^(-?\d+),(\d+)$", r"\1.\2", regex=True))
    raw = raw[(raw != "").any(axis=1)]
    if raw.empty:
        return None, [Problem(file, None, "", None, "at least one row", "The table is empty.")]
    return raw, []


def _column_problems(raw: pd.DataFrame, table: str, file: str) -> list[Problem]:
    """Columns that are missing, twice there, or misspelt."""
    columns = TABLES[table]
    have = list(raw.columns)
    problems = [
        Problem(file, 1, name, Phrase("there twice"), "a column name that stands once")
        for name in sorted({c for c in have if have.count(c) > 1})
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
            problems += [Problem(file, int(row), name, Phrase("empty"), column.rule) for row in cells.index[blank]]
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
                _rule_of(table, str(case.column)),
                _rule_hint(table, str(case.column), case.failure_case),
            )
            for case in cases.itertuples(name="Case")
            if case.index is not None and str(case.column) in TABLES[table]
        ]
    return []


def _rule_of(table: str, column: str) -> str:
    return TABLES[table][column].rule


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
                f"Row {same.idxmax()} has it too.",
            )
        )
    return problems
