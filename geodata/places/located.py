"""What was found for a list of names or postcodes, and why something was not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import pandas as pd

from geodata.errors import GeodataError

_ROWS: Final = 20
"""Rows that a message lists of those with one fault."""


@dataclass(frozen=True)
class Fault:
    """Why a row has no coordinates; prints as one sentence.

    Attributes
    ----------
    kind : {"missing", "unknown", "ambiguous", "code"}
        Nothing was asked; there is no such place; there are several; a country or region is none.
    what : str
        What is at fault: ``name``, ``postcode``, ``country`` or ``admin1``.
    got, expected, advice : str
        What stands there, what was expected, with the candidates, and what to do.
    """

    kind: Literal["missing", "unknown", "ambiguous", "code"]
    what: str
    got: str
    expected: str
    advice: str = ""

    def __str__(self) -> str:
        return f"{self.what} is {self.got}; expected {self.expected}." + (f" {self.advice}" if self.advice else "")


@dataclass(frozen=True, eq=False)
class Located:
    """Coordinates by row.

    Attributes
    ----------
    frame : DataFrame
        One row per row asked, its values missing where there is a fault.
    faults : dict of int to Fault
        By row, counted from 0.
    """

    frame: pd.DataFrame
    faults: dict[int, Fault]

    def check(self, what: str = "names") -> pd.DataFrame:
        """The frame itself if every row has coordinates.

        Raises
        ------
        GeodataError
            With every fault and its rows; long lists of rows are cut, and say so.
        """
        if not self.faults:
            return self.frame
        rows: dict[str, list[int]] = {}
        for row, fault in self.faults.items():
            rows.setdefault(str(fault), []).append(row)
        lines = [
            f"{len(self.faults):,} of {len(self.frame):,} {what} have no coordinates (rows are counted from 0):",
            *(f"row{'s' * (len(own) > 1)} {_listed(own)}: {text}" for text, own in rows.items()),
        ]
        raise GeodataError("\n".join(lines))


def _listed(rows: list[int]) -> str:
    more = f" and {len(rows) - _ROWS:,} more" if len(rows) > _ROWS else ""
    return ", ".join(map(str, rows[:_ROWS])) + more
