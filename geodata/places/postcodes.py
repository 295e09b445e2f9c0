"""Postcodes to coordinates, by a table that the user brings: none ships with the package."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import pandas as pd

from geodata.errors import GeodataError
from geodata.places.codes import check_country
from geodata.places.geocode import Codes, asked_rows, wrong_code
from geodata.places.located import Fault, Located
from geodata.sphere import as_lonlat, great_circle_pairs_m

COLUMNS: Final = ["country", "postcode", "name", "lon", "lat"]
SPREAD_M: Final = 25_000.0
"""Rows of one postcode farther than this from their middle are several places."""

_GEONAMES: Final = {0: "country", 1: "postcode", 2: "name", 9: "lat", 10: "lon"}
"""Columns of GeoNames' files of postcodes, which have no header: download.geonames.org/export/zip/readme.txt."""
_LISTED: Final = 12


def read_postcodes(path: str | Path, *, country: str | None = None) -> pd.DataFrame:
    """A table of postcodes.

    Parameters
    ----------
    path : str or Path
        CSV with the columns postcode, lon and lat and, where they are there, country (ISO 3166-1 alpha-2) and name; or
        a file of postcodes as GeoNames offers it by country (CC BY 4.0), text with tabs.
    country : str, optional
        For tables without that column.

    Returns
    -------
    DataFrame
        Columns country, postcode, name (str), lon, lat (degrees, WGS 84).

    Raises
    ------
    GeodataError
        If the file cannot be read, a column is missing, or a coordinate makes no sense.
    """
    path = Path(path)
    try:
        with path.open(encoding="utf-8-sig") as file:
            head = file.readline()
        if head.count("\t") >= len(_GEONAMES):
            raw = pd.read_csv(path, sep="\t", header=None, dtype=str, keep_default_na=False, quoting=3)
            table = raw.rename(columns=_GEONAMES)
        else:
            separator = ";" if head.count(";") > head.count(",") else ","
            table = pd.read_csv(path, dtype=str, keep_default_na=False, sep=separator, encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise GeodataError(f"{path} cannot be read ({error}); expected a table of postcodes, UTF-8.") from None
    if country is not None and "country" not in table:
        table["country"] = check_country(country)
    missing = [name for name in COLUMNS if name not in table and name != "name"]
    if missing:
        have = ", ".join(map(str, table.columns))
        raise GeodataError(f"{path.name} has the columns {have}; expected also {', '.join(missing)}.")
    table = table.assign(name=table.get("name", ""))[COLUMNS]
    labels = (table["country"] + " " + table["postcode"]).tolist()
    numbers = table[["lon", "lat"]].apply(pd.to_numeric, errors="coerce").to_numpy(float)
    return table.assign(**dict(zip(("lon", "lat"), as_lonlat(numbers, path.name, labels=labels).T, strict=True)))


def geocode_postcodes(codes: Iterable[Any], table: pd.DataFrame, *, country: Codes = None) -> pd.DataFrame:
    """Coordinates of postcodes.

    Codes are compared without case, spaces and hyphens. One that is not in the table is looked for by its first part,
    as ``"1012"`` of ``"1012 AB"`` and ``"SW1A"`` of ``"SW1A 1AA"``. Where a code has several rows within 25 km their
    middle counts.

    Parameters
    ----------
    codes : iterable of str, length n
        Postcodes; a Series keeps its row labels. Read them as text: a number has lost its leading zeros.
    table : DataFrame
        As `read_postcodes` gives it.
    country : str or iterable of str, length n, optional
        ISO 3166-1 alpha-2 code, one for all or one per row; None is any country of the table.

    Returns
    -------
    DataFrame
        One row per code: lon, lat (degrees), country, postcode (as the table has it) and whole (False where it was
        found by its first part).

    Raises
    ------
    GeodataError
        If a code is missing, unknown, or that of several places; the message lists every such code with its rows
        (counted from 0) and the places it could mean.
    """
    return locate_postcodes(codes, table, country=country).check("postcodes")


def locate_postcodes(codes: Iterable[Any], table: pd.DataFrame, *, country: Codes = None) -> Located:
    """Coordinates of those postcodes that have them, and for each other row the reason; as `geocode_postcodes`."""
    asked = asked_rows(codes, country, None)
    keys = table["postcode"].map(_key)
    wanted = {key for code in set(asked["name"].dropna()) for key in _keys(code)}
    near = table[keys.isin(wanted)]
    groups = {str(key): rows for key, rows in near.groupby(keys[near.index], sort=False)}
    lands = set(table["country"])
    known: dict[tuple[str | None, str | None], dict[str, Any] | Fault] = {}
    for code, land in zip(asked["name"], asked["country"], strict=True):
        if (code, land) not in known:
            known[code, land] = _look_up(code, land, groups, lands)
    found = [known[row] for row in zip(asked["name"], asked["country"], strict=True)]
    faults = {row: answer for row, answer in enumerate(found) if isinstance(answer, Fault)}
    rows = [{} if isinstance(answer, Fault) else answer for answer in found]
    frame = pd.DataFrame(rows, columns=["lon", "lat", "country", "postcode", "whole"])
    return Located(frame.set_axis(codes.index) if isinstance(codes, pd.Series) else frame, faults)


def _look_up(
    code: str | None, country: str | None, groups: dict[str, pd.DataFrame], lands: set[str]
) -> dict[str, Any] | Fault:
    if not code:
        return Fault("missing", "postcode", "missing", "a postcode")
    if country is not None:
        try:
            check_country(country)
        except GeodataError as error:
            return wrong_code(error)
    got = repr(code) + (f" (country {country!r})" if country else "")
    for whole, key in zip((True, False), _keys(code)[:2], strict=True):
        rows = groups.get(key)
        if rows is not None and country is not None:
            rows = rows[rows["country"] == country]
        if rows is not None and len(rows):
            return _middle(rows, got, whole=whole)
    return Fault("unknown", "postcode", got, "a postcode in the table", _advice(code, country, groups, lands))


def _middle(rows: pd.DataFrame, got: str, *, whole: bool) -> dict[str, Any] | Fault:
    """The middle of rows that lie together, else the places that could be meant."""
    lonlat = rows[["lon", "lat"]].to_numpy(float)
    middle = lonlat.mean(axis=0)
    far_m = great_circle_pairs_m(lonlat, [middle] * len(lonlat)).max()
    if rows["country"].nunique() == 1 and far_m <= SPREAD_M:
        first = rows.iloc[0]
        return {
            "lon": round(float(middle[0]), 6),
            "lat": round(float(middle[1]), 6),
            "country": first["country"],
            "postcode": first["postcode"],
            "whole": whole,
        }
    listed: Iterable[Any] = rows.itertuples(index=False)
    places = [f"{r.country} {r.postcode} {r.name}".strip() + f" (lon {r.lon}, lat {r.lat})" for r in listed]
    more = f"; and {len(places) - _LISTED:,} more" if len(places) > _LISTED else ""
    expected = f"the postcode of one place, but {len(places)} have it: {'; '.join(places[:_LISTED])}{more}"
    several = rows["country"].nunique() > 1
    advice = "Give a country." if several else "They lie far apart: give lon and lat."
    return Fault("ambiguous", "postcode", got, expected, advice)


def _advice(code: str, country: str | None, groups: dict[str, pd.DataFrame], lands: set[str]) -> str:
    if country is not None and country not in lands:
        return f"The table has none of {country}."
    for key in _keys(code)[2:]:
        if key in groups:
            return f"Did a spreadsheet drop a leading zero? {key!r} is known."
    return ""


def _keys(code: str) -> tuple[str, str, str, str]:
    """What a code is looked for by: itself, its first part, and with the zeros that spreadsheets drop."""
    return _key(code), _first_part(code), "0" + _key(code), "00" + _key(code)


def _key(code: str) -> str:
    return re.sub(r"[\s-]+", "", code).upper()


def _first_part(code: str) -> str:
    """What stands before a space or hyphen, or the digits before two letters."""
    first = re.split(r"[\s-]", code.strip().upper(), maxsplit=1)[0]
    return re.sub(r"^(\d{4})[A-Z]{2}$", r"\1", first)
