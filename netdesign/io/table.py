"""A table from a CSV or GeoPackage file, and what is wrong with it, by row as a spreadsheet shows it."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from netdesign.errors import InputError, Phrase
from netdesign.io.numbers import Floats
from netdesign.io.source import read_bytes, read_text

Ids: TypeAlias = tuple[int | str, ...]


@dataclass(frozen=True)
class Table:
    """Columns of a table as they were written.

    Attributes
    ----------
    name
        Name of the file.
    columns
        Cells per column; empty text where a cell is empty.
    rows
        The row of each record as a spreadsheet shows it: the header is row 1.
    """

    name: str
    columns: dict[str, list[Any]]
    rows: Sequence[int] = field(repr=False)

    def __len__(self) -> int:
        return len(self.rows)

    def error(self, k: int, column: str, got: Any, rule: str, hint: str = "") -> InputError:
        """The error for one cell."""
        return InputError(
            f"{self.name} row {self.rows[k]}, column {column!r}",
            Phrase("empty") if got == "" else got,
            rule,
            advice=hint,
        )

    def missing(self, column: str, hint: str = "") -> InputError:
        """The error for a column that is not there."""
        near = get_close_matches(column, list(self.columns), n=1, cutoff=0.7)
        advice = hint or (f"Did you mean {near[0]!r}?" if near else "The table has: " + ", ".join(self.columns) + ".")
        return InputError(
            f"{self.name}: column {column!r}", Phrase("missing"), "one of the table's columns", advice=advice
        )

    def has(self, column: str) -> bool:
        """Whether an optional column is there; a column whose name is nearly that one is refused as misspelt."""
        if column in self.columns:
            return True
        near = get_close_matches(column, list(self.columns), n=1, cutoff=0.8)
        if near:
            raise InputError(
                f"{self.name}: column {near[0]!r}", Phrase("of unknown meaning"), f"{column!r}, or a name less like it"
            )
        return False

    def numbers(
        self, column: str, *, least: float = -np.inf, most: float = np.inf, default: float | None = None, hint: str = ""
    ) -> Floats:
        """A column of finite numbers between two limits; an empty cell counts as the default, where there is one."""
        if column not in self.columns:
            raise self.missing(column)
        cells = self.columns[column]
        try:
            values = np.array([default if c == "" and default is not None else c for c in cells], dtype=np.float64)
        except (TypeError, ValueError):
            k = next(k for k, c in enumerate(cells) if not _is_number(c) and not (c == "" and default is not None))
            decimal = isinstance(cells[k], str) and _is_number(cells[k].replace(",", ".", 1))
            raise self.error(
                k, column, cells[k], "a number", "Write decimals with a point." if decimal else ""
            ) from None
        good = (values >= least) & (values <= most) & (np.isfinite(values) | (values == default))
        if not good.all():
            k = int(np.argmin(good))
            limits = f" in {least:g}..{most:g}" if np.isfinite(most) else f" >= {least:g}" if np.isfinite(least) else ""
            raise self.error(k, column, float(values[k]), f"a finite number{limits}", hint)
        return values

    def ids(self, column: str) -> Ids:
        """A column of unique names, integers where all of them are; 1, 2, … where there is no such column."""
        if not self.has(column):
            return tuple(range(1, len(self) + 1))
        cells = [str(c).strip() for c in self.columns[column]]
        seen: dict[str, int] = {}
        for k, cell in enumerate(cells):
            if cell == "":
                raise self.error(k, column, "", "a name")
            if cell in seen:
                raise self.error(k, column, cell, "names that differ", f"Row {self.rows[seen[cell]]} has it already.")
            seen[cell] = k
        whole = all(c.isascii() and c.removeprefix("-").isdigit() and str(int(c)) == c for c in cells)
        return tuple(int(c) for c in cells) if whole else tuple(cells)

    def words(self, column: str, choices: Sequence[str], default: str) -> list[str]:
        """A column of words out of a few; an empty cell counts as the default."""
        found = [str(c).strip() or default for c in self.columns[column]]
        for k, word in enumerate(found):
            if word not in choices:
                near = get_close_matches(word.lower(), choices, n=1)
                raise self.error(
                    k, column, word, "one of " + ", ".join(choices), f"Did you mean {near[0]!r}?" if near else ""
                )
        return found

    def points(self) -> tuple[Floats, bool]:
        """Shape (rows, 2): ``lon, lat`` in degrees, or ``x, y`` in a plane; and whether they are degrees."""
        if "x" in self.columns and "y" in self.columns and "lon" not in self.columns:
            return np.column_stack([self.numbers("x"), self.numbers("y")]), False
        lon = self.numbers("lon", least=-180, most=180)
        lat = self.numbers("lat", least=-90, most=90, hint="Are lon and lat swapped?")
        nowhere = (lon == 0) & (lat == 0)
        if nowhere.any():
            raise self.error(
                int(np.argmax(nowhere)),
                "lon",
                0,
                "a place on land",
                "Lon 0, lat 0 is what a geocoder writes that found nothing.",
            )
        return np.column_stack([lon, lat]), True


def read_table(path: Path, kind: str) -> Table:
    """The table in a file; `kind` is ``csv`` or ``gpkg``.

    Raises
    ------
    InputError
        If it cannot be read, has no rows, or a row has too many or too few cells.
    """
    table = _read_gpkg(path) if kind == "gpkg" else _parse_csv(read_text(path), path.name)
    if not len(table):
        raise InputError(path.name, Phrase("without rows"), "at least one row below the header")
    return table


def _parse_csv(text: str, name: str) -> Table:
    try:
        records = list(csv.reader(text.split("\n"), strict=True))
    except csv.Error as error:
        raise InputError(
            name, Phrase(f"not a CSV table: {error}"), "values between commas, quotation marks in pairs"
        ) from None
    header = [cell.strip() for cell in records[0]]
    if len(header) == 1 and any(mark in header[0] for mark in ";\t|"):
        mark = next(m for m in ";\t|" if m in header[0])
        raise InputError(
            f"{name}: the separator",
            {"\t": "a tab"}.get(mark, mark),
            "a comma",
            advice="Save the table as CSV with commas and decimal points.",
        )
    for k, column in enumerate(header):
        if column == "" or column in header[:k]:
            got = Phrase(f"there twice ({column!r})") if column else Phrase("empty")
            raise InputError(f"{name} row 1, the header of column {k + 1}", got, "a name of its own for each column")
    rows = [k for k, record in enumerate(records) if k and any(map(str.strip, record))]
    width = len(header)
    for k in rows:
        if len(records[k]) != width:
            raise InputError(
                f"{name} row {k + 1}",
                Phrase(f"{len(records[k])} cells wide"),
                f"{width} cells, as the header",
                advice="A text with a comma in it stands between quotation marks.",
            )
    kept = [records[k] for k in rows]
    columns: dict[str, list[Any]] = {column: [record[c].strip() for record in kept] for c, column in enumerate(header)}
    return Table(name, columns, [k + 1 for k in rows])


def _read_gpkg(path: Path) -> Table:
    """A layer of points; their coordinates become the columns lon and lat."""
    if not read_bytes(path).startswith(b"SQLite format 3\x00"):
        raise InputError(str(path), Phrase("not a GeoPackage"), "a GeoPackage file")
    import geopandas as gpd

    try:
        layers = gpd.list_layers(path)["name"].tolist()
        frame = gpd.read_file(path, layer=layers[0]) if len(layers) == 1 else None
    except Exception as error:  # pyogrio's errors share no base but this
        raise InputError(
            str(path), Phrase(f"not readable as GeoPackage: {str(error)[:80]}"), "a GeoPackage file"
        ) from None
    if frame is None:
        raise InputError(f"{path.name}: its layers", layers, "exactly one layer of points")
    if frame.crs is None:
        raise InputError(
            f"{path.name}: its reference system",
            Phrase("missing"),
            "a coordinate reference system",
            advice="Set it: gdf.set_crs('EPSG:4326').",
        )
    table = {str(c): ["" if _is_missing(v) else v for v in frame[c]] for c in frame.columns if c != frame.geometry.name}
    points = frame.geometry.to_crs("EPSG:4326")
    result = Table(path.name, table, range(1, len(frame) + 1))
    for k, kind in enumerate(points.geom_type):
        if kind != "Point":
            raise result.error(k, "geometry", Phrase(kind or "empty"), "a Point")
    return Table(path.name, table | {"lon": points.x.tolist(), "lat": points.y.tolist()}, result.rows)


def _is_number(cell: Any) -> bool:
    try:
        float(cell)
    except (TypeError, ValueError):
        return False
    return True


def _is_missing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and np.isnan(value))
