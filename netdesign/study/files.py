"""Files to cells of text labelled by spreadsheet row: every kind of file looks the same behind this door."""

from __future__ import annotations

import csv
import io
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final

import pandas as pd

from netdesign.errors import Phrase
from netdesign.study.problems import FIRST_DATA_ROW, SHEET_MARK, Problem

Cells = tuple[pd.DataFrame | None, list[Problem]]
"""The cells as text, one row per record, or None with what is wrong."""


def full_source(source: str, table: str) -> str:
    """A table's place with its sheet written out: a file of many sheets holds it under the table's own name."""
    several = Path(source.split(SHEET_MARK)[0]).suffix.lower() in SHEETS
    return source if SHEET_MARK in source or not several else f"{source}{SHEET_MARK}{table}"


def read_cells(folder: Path, source: str, table: str) -> Cells:
    """The cells of a table.

    Parameters
    ----------
    folder
        The study's folder.
    source
        File or ``file#sheet``, as study.toml names it.
    table
        The table's name, for messages.
    """
    file, _, sheet = source.partition(SHEET_MARK)
    path, suffix = folder / file, Path(file).suffix.lower()
    known = [".csv", *SHEETS, ".parquet"]
    if suffix not in known:
        return None, [Problem(source, None, "", suffix, "one of " + ", ".join(known), "Save the sheet as CSV (UTF-8).")]
    if not path.is_file():
        hint = f"study.toml names it under [tables] {table}."
        return None, [Problem(source, None, "", None, f"a file of this name in {path.parent}", hint)]
    try:
        if suffix == ".csv":
            return split(path.read_text("utf-8-sig"), source)
        raw, problems = _parquet(path) if suffix == ".parquet" else _sheet(path, sheet, source, SHEETS[suffix])
    except UnicodeDecodeError:
        return None, [Problem(source, None, "", None, "UTF-8 text", "Save the sheet as CSV (UTF-8).")]
    except ImportError as error:
        hint = "pip install 'netdesign[tables]'"
        return None, [Problem(source, None, "", None, f"the package {error.name or 'to read it'}", hint)]
    except Exception as error:  # Every reader has its own errors for a file that is not what its name says.
        return None, [Problem(source, None, "", None, f"a {suffix[1:]} file ({_first_line(error)})")]
    return (raw, problems) if raw is None else _labelled(raw, source)


def split(text: str, source: str) -> Cells:
    """The cells of a CSV text; blank rows are dropped and still counted."""
    first = text.split("\n", 1)[0]
    separator = ";" if first.count(";") > first.count(",") else ","
    try:
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always", pd.errors.ParserWarning)
            raw = pd.read_csv(
                io.StringIO(text),
                sep=separator,
                dtype=str,
                keep_default_na=False,
                skip_blank_lines=False,
                index_col=False,
            )
    except pd.errors.EmptyDataError:
        return None, [Problem(source, None, "", None, "a header and at least one row", "The file is empty.")]
    except pd.errors.ParserError as error:
        hint = "Text with a comma in it needs quotation marks."
        other = [Problem(source, None, "", None, f"a table ({_first_line(error)})", hint)]
        return None, _too_wide(text, separator, source) or other
    if said and (wide := _too_wide(text, separator, source)):
        return None, wide
    header = next(csv.reader([first], delimiter=separator), [])
    if len(header) == len(raw.columns):
        # pandas gives the second of two columns of one name another.
        raw.columns = pd.Index(header)
    if separator == ";":
        raw = raw.apply(lambda cells: cells.str.strip().str.replace(r"^(-?\d+),(\d+)$", r"\1.\2", regex=True))
    return _labelled(raw, source)


def _too_wide(text: str, separator: str, source: str) -> list[Problem]:
    """The first row with a cell beyond the header."""
    header, *rows = csv.reader(io.StringIO(text), delimiter=separator)
    for row, cells in enumerate(rows, FIRST_DATA_ROW):
        if any(cell.strip() for cell in cells[len(header) :]):
            rule, hint = (
                f"{len(header)} cells, as in the header",
                "A comma inside a cell needs quotation marks around it.",
            )
            return [Problem(source, row, "", Phrase(f"{len(cells)} cells"), rule, hint)]
    return []


def _labelled(raw: pd.DataFrame, source: str) -> Cells:
    raw.columns = [str(c).strip() for c in raw.columns]
    raw.index = pd.RangeIndex(FIRST_DATA_ROW, FIRST_DATA_ROW + len(raw))
    raw = raw.fillna("").apply(lambda cells: cells.str.strip())
    raw = raw[(raw != "").any(axis=1)]
    if raw.empty:
        return None, [Problem(source, None, "", None, "at least one row", "The table is empty.")]
    return raw, []


def _sheet(path: Path, sheet: str, source: str, layers: Callable[[Path], dict[str, Any]]) -> Cells:
    """One sheet or layer of several; its name may differ in case."""
    found = layers(path)
    name = next((n for n in found if n.lower() == sheet.lower()), None)
    if name is None:
        hint = "It has " + ", ".join(found) + "." if found else "It has none."
        return None, [Problem(source, None, "", None, f"a sheet or layer {sheet}", hint)]
    frame: pd.DataFrame = found[name]()
    return frame, []


def _workbook(path: Path) -> dict[str, Any]:
    book = pd.ExcelFile(path, engine="openpyxl")
    read = partial(pd.read_excel, book, dtype=str, keep_default_na=False, na_values=[""])
    return {str(name): partial(read, sheet_name=name) for name in book.sheet_names}


def _geopackage(path: Path) -> dict[str, Any]:
    import pyogrio

    return {str(name): partial(_layer, path, name) for name, _ in pyogrio.list_layers(path)}


def _layer(path: Path, name: str) -> pd.DataFrame:
    """A layer's attributes; points give lon and lat in degrees, whatever system they are in."""
    import geopandas as gpd
    import pyogrio

    frame = pyogrio.read_dataframe(path, layer=name)
    if not isinstance(frame, gpd.GeoDataFrame):
        return _as_text(frame)
    points = frame.geometry if frame.crs is None else frame.to_crs("EPSG:4326").geometry
    attributes = pd.DataFrame(frame.drop(columns=frame.geometry.name))
    if (points.geom_type == "Point").all():
        attributes = attributes.drop(columns=["lon", "lat"], errors="ignore").assign(lon=points.x, lat=points.y)
    return _as_text(attributes)


def _parquet(path: Path) -> Cells:
    return _as_text(pd.read_parquet(path)), []


def _as_text(frame: pd.DataFrame) -> pd.DataFrame:
    """Every value as it would stand in a cell; floats keep all their digits."""
    text: pd.DataFrame = frame.reset_index(drop=True).apply(lambda column: column.map(_cell)).astype(str)
    return text


def _cell(value: Any) -> str:
    if value is None or value is pd.NA or (isinstance(value, float) and value != value):
        return ""
    return repr(float(value)) if isinstance(value, float) else str(value)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


SHEETS: Final = {".xlsx": _workbook, ".gpkg": _geopackage}
"""Files of several tables: what opens them, as one reader per sheet."""
