"""What is wrong with a study, row by row, as the planner's spreadsheet counts rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from netdesign.errors import InputError, Phrase

SHEET_MARK = "#"
"""Between a file and its sheet or layer: ``demand.xlsx#customers``."""

Level = Literal["error", "warning"]

FIRST_DATA_ROW = 2
"""A spreadsheet shows the header as row 1."""


@dataclass(frozen=True)
class Problem:
    """One thing to put right; prints as one line.

    Attributes
    ----------
    source
        The table as study.toml names it: a file inside the study, or ``file#sheet``.
    row
        The row as a spreadsheet shows it (the header is row 1); None where it is about the whole file.
    column
        Name of the column or key; empty where it is about the whole row or file.
    value
        What stands there; None where nothing does.
    rule
        What was expected.
    hint
        How to put it right.
    level
        An ``error`` stops the run; a ``warning`` is worth a look.
    """

    source: str
    row: int | None
    column: str
    value: Any
    rule: str
    hint: str = ""
    level: Level = "error"

    @property
    def file(self) -> str:
        """Name of the file inside the study."""
        return self.source.split(SHEET_MARK)[0]

    @property
    def sheet(self) -> str:
        """The sheet of a workbook or the layer of a GeoPackage; empty for files that hold one table."""
        return self.source.partition(SHEET_MARK)[2]

    def __str__(self) -> str:
        place = (
            self.source
            + (f" row {self.row}" if self.row is not None else "")
            + (f", {self.column}" if self.column else "")
        )
        shown = "" if self.value is None else f" is {_shown(self.value)};"
        mark = "warning: " if self.level == "warning" else ""
        return f"{mark}{place}:{shown} expected {self.rule}." + (f" {self.hint}" if self.hint else "")


class StudyError(InputError):
    """A study that cannot be run; ``problems`` holds every one of its problems, the message one line each."""

    def __init__(self, problems: Sequence[Problem], folder: str = "") -> None:
        self.problems = tuple(problems)
        Exception.__init__(self, "\n".join(map(str, self.problems)))
        self.what, self.got, self.expected, self.where, self.advice = (
            "study",
            len(self.problems),
            "no problems",
            folder,
            "",
        )


def errors_of(problems: Sequence[Problem]) -> list[Problem]:
    """Those that stop a run."""
    return [p for p in problems if p.level == "error"]


def _shown(value: Any, limit: int = 60) -> str:
    text = (
        str(value)
        if isinstance(value, Phrase)
        else repr(value)
        if isinstance(value, str)
        else f"{value:g}"
        if isinstance(value, float)
        else str(value)
    )
    return text if len(text) <= limit else text[: limit - 1] + "…"
