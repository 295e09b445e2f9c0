"""Write the tables of docs/study.md from the schema: ``python docs/tables.py``. A test makes sure that they agree."""

from __future__ import annotations

import math
from pathlib import Path

from netdesign.study.schema import REQUIRED, TABLES, Column, Text

PAGE = Path(__file__).with_name("study.md")
BEGIN, END = "<!-- tables: python docs/tables.py -->", "<!-- end of tables -->"


def markdown() -> str:
    """One table per input table: column, unit, default, meaning."""
    parts = []
    for name, columns in TABLES.items():
        rows = [f"| `{column}` | {c.unit} | {_default(c)} | {c.meaning} |" for column, c in columns.items()]
        parts.append(
            "\n".join([f"### {name}", "", "| column | unit | default | meaning |", "|---|---|---|---|", *rows])
        )
    return "\n\n".join(parts)


def with_tables(page: str) -> str:
    """The page with its tables written anew."""
    before, rest = page.split(BEGIN)
    return f"{before}{BEGIN}\n\n{markdown()}\n\n{END}{rest.split(END)[1]}"


def _default(column: Column) -> str:
    if column.default is REQUIRED:
        return "required"
    if isinstance(column, Text):
        return f"`{column.default}`"
    return "no limit" if math.isinf(column.default) else f"{column.default:g}"


if __name__ == "__main__":
    PAGE.write_text(with_tables(PAGE.read_text()))
