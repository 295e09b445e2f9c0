"""A table of measurements that stand for themselves: one row per run, one column per quantity."""

from __future__ import annotations

from typing import Any

Row = dict[str, Any]
Columns = dict[str, tuple[str, str]]
"""By key of a row: the title, and the format of the values."""


def listing(title: str, rows: list[Row], columns: Columns, about: str, *, failed_in: str) -> str:
    """The rows as Markdown; where one failed, the column `failed_in` says why."""
    one, loads = rows[0], [row["load"] for row in rows]
    lines = [
        f"## {title}",
        "",
        f"{one['machine']}, {one['cores']} cores, load {min(loads)} to {max(loads)} at the start of a row; "
        f"netdesign {one['version']}. {about}",
        "",
        "| " + " | ".join(name for name, _ in columns.values()) + " |",
        "|" + "--:|" * len(columns),
    ]
    lines += ["| " + " | ".join(_cell(row, key, columns[key][1], failed_in) for key in columns) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def _cell(row: Row, key: str, form: str, failed_in: str) -> str:
    if "failed" in row and key == failed_in:
        return f"failed: {row['failed']}"
    return "" if row.get(key) is None else format(row[key], form)
