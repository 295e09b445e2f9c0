"""Places and postcodes of a table to coordinates; what is ambiguous or unknown is a problem of its row."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pandas as pd

from netdesign.errors import Phrase
from netdesign.study.config import FILE, StudyConfig
from netdesign.study.problems import Problem

if TYPE_CHECKING:
    from geodata import Fault, Located

COLUMNS: Final = ("place", "postcode", "country", "region")
"""What a table may have instead of lon and lat."""


@dataclass(frozen=True, eq=False)
class Gazetteer:
    """Where places are.

    Attributes
    ----------
    country
        Of rows that name none.
    file, postcodes
        The table of postcodes, and its name; None where the study has none.
    """

    country: str | None
    file: str | None
    postcodes: pd.DataFrame | None

    def put(self, raw: pd.DataFrame, source: str) -> tuple[pd.DataFrame, list[Problem]]:
        """The cells of a table with lon and lat where a row has a place or postcode instead.

        The postcode counts where it can be looked up, else the place.

        Parameters
        ----------
        raw
            Cells as text, labelled by spreadsheet row.
        source
            The table's name, for messages.
        """
        if not {"place", "postcode"} & set(raw.columns) or raw.columns.has_duplicates:
            return raw, []
        added = [name for name in ("lon", "lat", *COLUMNS) if name not in raw.columns]
        cells = raw.reindex(columns=[*raw.columns, *added], fill_value="")
        open_rows = (cells["lon"] == "") & (cells["lat"] == "")
        by_code = open_rows & (cells["postcode"] != "")
        if self.postcodes is None:
            by_code &= cells["place"] == ""
        by_name = open_rows & ~by_code & (cells["place"] != "")
        problems = [*self._by_postcode(cells, by_code, source), *self._by_place(cells, by_name, source)]
        return cells.drop(columns=list(COLUMNS)), problems

    def _by_place(self, cells: pd.DataFrame, rows: pd.Series[bool], source: str) -> list[Problem]:
        from geodata import locate_places

        asked = cells[rows]
        if asked.empty:
            return []
        country, region = self._countries(asked), [text or None for text in asked["region"]]
        found = locate_places(asked["place"], country=country, admin1=region)
        return self._fill(cells, found, "place", source, "the middle of their place, by GeoNames, CC BY 4.0")

    def _by_postcode(self, cells: pd.DataFrame, rows: pd.Series[bool], source: str) -> list[Problem]:
        from geodata import locate_postcodes

        asked = cells[rows]
        if self.postcodes is None:
            hint = f"Name one in {FILE} as [places] postcodes, or fill in the column place."
            return [
                Problem(source, int(str(row)), "postcode", code, "a table of postcodes to look it up in", hint)
                for row, code in asked["postcode"].items()
            ]
        if asked.empty:
            return []
        found = locate_postcodes(asked["postcode"], self.postcodes, country=self._countries(asked))
        partly = int((found.frame["whole"] == False).sum())  # noqa: E712 - missing is neither
        coarse = f", {partly:,} of them of its first part" if partly else ""
        return self._fill(cells, found, "postcode", source, f"the middle of their postcode{coarse}, by {self.file}")

    def _countries(self, asked: pd.DataFrame) -> list[str | None]:
        return [text or self.country for text in asked["country"]]

    def _fill(self, cells: pd.DataFrame, found: Located, column: str, source: str, where: str) -> list[Problem]:
        """Write what was found into the cells; a problem per row that was not, and one that says how many were."""
        frame = found.frame[found.frame["lon"].notna()]
        for axis in ("lon", "lat"):
            cells.loc[frame.index, axis] = [repr(float(value)) for value in frame[axis]]
        rows = found.frame.index
        problems = [_problem(source, int(rows[row]), column, fault) for row, fault in found.faults.items()]
        if len(frame):
            value = Phrase(f"all that {len(frame):,} rows have")
            hint = f"They stand at {where}."
            problems.append(Problem(source, None, column, value, "lon and lat", hint, "warning"))
        return problems


def open_gazetteer(folder: Path, config: StudyConfig) -> tuple[Gazetteer, list[Problem]]:
    """The gazetteer of a study, or why its table of postcodes cannot be read."""
    file, key = config.places.postcodes, "places.postcodes"
    nobody = Gazetteer(config.country, None, None)
    if file is None:
        return nobody, []
    from geodata import GeodataError, read_postcodes

    if not (folder / file).is_file():
        return nobody, [Problem(FILE, None, key, file, f"a file of this name in {folder}")]
    try:
        return Gazetteer(config.country, file, read_postcodes(folder / file, country=config.country)), []
    except GeodataError as error:
        return nobody, [Problem(FILE, None, key, file, "a table of postcodes", str(error))]


def _problem(source: str, row: int, column: str, fault: Fault) -> Problem:
    """A fault in the words of the table's columns."""
    name = {"country": "country", "admin1": "region"}.get(fault.what, column)
    hint = fault.advice
    if fault.kind == "ambiguous" and fault.what == "name":
        hint = "Fill in the columns country and region, or lon and lat."
    return Problem(source, row, name, Phrase(fault.got), fault.expected, hint)
