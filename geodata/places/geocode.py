"""Names of places to coordinates, and coordinates to names, without a network.

A name is accepted only where it means one place; what is ambiguous or unknown is reported, all of it at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from difflib import get_close_matches
from functools import cache
from typing import Any, Final, Literal

import pandas as pd
from numpy.typing import ArrayLike

from geodata.errors import GeodataError
from geodata.matrices import nearest
from geodata.places.located import Fault, Located
from geodata.places.names import name_key
from geodata.places.table import SMALLEST_POPULATION, places_frame

COLUMNS: Final = ["lon", "lat", "geonameid", "name", "country", "admin1", "population"]
LABEL_DISTANCE_M: Final = 50_000.0
_SUGGESTED: Final = 50  # a suggestion looks at every name: up to 0.1 s each
_LISTED: Final = 12

Codes = str | Iterable[Any] | None
"""One code for all rows, or one per row; None, also for a single row, where any will do."""


def geocode(
    names: Iterable[Any],
    *,
    country: Codes = None,
    admin1: Codes = None,
    ambiguous: Literal["error", "largest"] = "error",
) -> pd.DataFrame:
    """Coordinates of cities by their names.

    Names are compared without case, accents and punctuation, and otherwise exactly: ``"zurich"`` is ``"Zürich"``,
    ``"Amstredam"`` is an error. The table holds one name per place, that of GeoNames, often the English one.
    Without a country a name competes with the whole world: ``"Cologne"`` is a town in Italy, because the city in
    Germany is listed as ``"Köln"``.

    Parameters
    ----------
    names : iterable of str, length n
        Names of cities; a Series keeps its row labels.
    country : str or iterable of str, length n, optional
        ISO 3166-1 alpha-2 code, for example ``"NL"``, one for all names or one per name, by position. None or NaN
        is any country; read tables with ``keep_default_na=False``, or Namibia (NA) becomes NaN.
    admin1 : str or iterable of str, length n, optional
        First-level administrative code of GeoNames within the country, ``"NY"`` in the US, ``"07"`` in NL.
    ambiguous : {"error", "largest"}
        What to do with a name of several places: refuse it, or take the most populous.

    Returns
    -------
    DataFrame
        One row per name: lon, lat (degrees, WGS 84), geonameid (int64), name, country, admin1 (str) and population
        (int64) of the place in the table, and chosen_among (int64), the number of places of that name; 1 unless
        ambiguous is "largest".

    Raises
    ------
    GeodataError
        If a name is missing, unknown, or the name of several places, or a code is unknown. The message lists every
        such name with its rows (counted from 0), the places it could mean, and names of nearly the same spelling;
        long lists of rows or places are cut, and say so.
    """
    if ambiguous not in ("error", "largest"):
        raise GeodataError(f"ambiguous is {ambiguous!r}; expected 'error' or 'largest'.")
    found = locate_places(names, country=country, admin1=admin1, ambiguous=ambiguous)
    choice = ", or ambiguous='largest' to take the first of these."
    faults = {
        row: replace(fault, advice=fault.advice.removesuffix(".") + choice) if fault.kind == "ambiguous" else fault
        for row, fault in found.faults.items()
    }
    return replace(found, faults=faults).check()


def locate_places(
    names: Iterable[Any],
    *,
    country: Codes = None,
    admin1: Codes = None,
    ambiguous: Literal["error", "largest"] = "error",
) -> Located:
    """Coordinates of those cities that have them, and for each other row the reason.

    Parameters as for `geocode`.

    Returns
    -------
    Located
        Its frame as of `geocode`.

    Raises
    ------
    GeodataError
        If the lists differ in length.
    """
    asked = asked_rows(names, country, admin1)
    # Equal rows are looked up once.
    query = asked.groupby(list(asked.columns), dropna=False, sort=False).ngroup()
    queries = asked.drop_duplicates(ignore_index=True)
    candidates = _candidates(queries)
    chosen_among = candidates.groupby("query").size().reindex(queries.index, fill_value=0)
    faulty = queries[chosen_among != 1 if ambiguous == "error" else chosen_among == 0]
    faults = {
        number: _fault(name, country, admin1, suggest=order < _SUGGESTED)
        for order, (number, name, country, admin1) in enumerate(faulty.itertuples(name=None))
    }
    found = candidates.drop_duplicates("query").set_index("query")[COLUMNS].assign(chosen_among=chosen_among)
    found = found.drop(index=list(faults), errors="ignore")
    result = found.reindex(query.to_numpy()) if faults else found.loc[query.to_numpy()]
    labels = names.index if isinstance(names, pd.Series) else query.index
    by_row = {row: faults[number] for row, number in enumerate(query.tolist()) if number in faults}
    return Located(result.set_axis(labels), by_row)


def find_places(
    name: str, country: str | Sequence[str] | None = None, *, admin1: str | Sequence[str] | None = None
) -> pd.DataFrame:
    """Every place of a name, compared as by `geocode`.

    Parameters
    ----------
    name : str
        Name of a city.
    country, admin1 : str or sequence of str, optional
        As for `places_frame`.

    Returns
    -------
    DataFrame
        Columns as of `places_frame`; most populous first, at least one row.

    Raises
    ------
    GeodataError
        If there is no such place, with names of nearly the same spelling; if a code is unknown.
    """
    places = places_frame(country, admin1=admin1)
    found = _named(name, places)
    if found.empty:
        raise GeodataError(str(_unknown(name, country, admin1, places, suggest=True)))
    return found


def reverse_geocode(
    lonlat: ArrayLike,
    *,
    max_distance_m: float = LABEL_DISTANCE_M,
    country: str | Sequence[str] | None = None,
    min_population: int = SMALLEST_POPULATION,
) -> pd.DataFrame:
    """The nearest place of every point, as a label: nearest by the centre of the place, not by its boundary.

    Parameters
    ----------
    lonlat : array_like, shape (n, 2)
        Longitude and latitude, in degrees; a DataFrame keeps its row labels.
    max_distance_m : float
        Points farther than this from every place get no label, in metres, >= 0; ``math.inf`` labels all.
    country, min_population
        Which places to choose from, as for `places_frame`.

    Returns
    -------
    DataFrame
        One row per point: name, country, admin1 (str), geonameid, population (Int64), all five missing beyond
        max_distance_m, and distance_m (float64), the great-circle distance to the nearest place, labelled or not.

    Raises
    ------
    GeodataError
        If a coordinate is missing or out of range, max_distance_m is negative or NaN, a code is unknown, or there
        is no place to choose from.
    """
    if not max_distance_m >= 0:
        raise GeodataError(f"max_distance_m is {max_distance_m}; expected >= 0. Use math.inf for no limit.")
    places = places_frame(country, min_population=min_population)
    if places.empty:
        raise GeodataError(f"min_population is {min_population}; expected at least one place to be that large.")
    found = nearest(lonlat, places[["lon", "lat"]].to_numpy(), 1)
    distance_m = found.distance_m[:, 0]
    labels = places.loc[found.index[:, 0], ["name", "country", "admin1", "geonameid", "population"]]
    labels = labels.astype({"geonameid": "Int64", "population": "Int64"}).reset_index(drop=True)
    labels = labels.where(pd.Series(distance_m <= max_distance_m)).assign(distance_m=distance_m)
    return labels.set_axis(lonlat.index) if isinstance(lonlat, pd.DataFrame) else labels


def asked_rows(names: Iterable[Any], country: Codes, admin1: Codes) -> pd.DataFrame:
    """Name, country and admin1 of every row, as str or None."""
    if isinstance(names, str):
        raise GeodataError(f"names is {names!r}; expected a sequence of names. Write [{names!r}].")
    columns: dict[str, list[Any]] = {"name": list(names)}
    n = len(columns["name"])
    for label, codes in (("country", country), ("admin1", admin1)):
        columns[label] = [codes] * n if codes is None or isinstance(codes, str) else list(codes)
        if len(columns[label]) != n:
            raise GeodataError(
                f"{label} has {len(columns[label])} rows; expected {n}, one per name, or one code for all."
            )
    plain = {label: [None if pd.isna(v) else str(v) for v in values] for label, values in columns.items()}
    return pd.DataFrame(plain, dtype=object)


@cache
def _keyed() -> pd.DataFrame:
    """The table of places by the key of their name, most populous first; a second key where ascii_name has one."""
    places = places_frame().sort_values("population", ascending=False, kind="stable")
    spellings = [places.assign(key=places[column].map(name_key)) for column in ("name", "ascii_name")]
    return pd.concat(spellings).drop_duplicates(["geonameid", "key"])


def _candidates(queries: pd.DataFrame) -> pd.DataFrame:
    """The places that each query could mean, most populous first, with the number of the query."""
    wanted = pd.DataFrame(
        {
            "query": queries.index,
            "key": ["" if name is None else name_key(name) for name in queries["name"]],
            "wanted_country": queries["country"],
            "wanted_admin1": queries["admin1"],
        }
    ).astype({"key": _keyed()["key"].dtype})
    pairs = wanted.merge(_keyed(), on="key").sort_values(
        ["query", "population"], ascending=[True, False], kind="stable"
    )
    in_country = pairs["wanted_country"].eq(pairs["country"])
    in_region = in_country & pairs["wanted_admin1"].eq(pairs["admin1"])
    anywhere = pairs["wanted_country"].isna()
    return pairs[in_region | (pairs["wanted_admin1"].isna() & (in_country | anywhere))]


def _named(name: str, places: pd.DataFrame) -> pd.DataFrame:
    """Those of the places that have the name, most populous first."""
    keyed = _keyed()
    found = places[places["geonameid"].isin(keyed.loc[keyed["key"] == name_key(name), "geonameid"])]
    return found.sort_values("population", ascending=False, kind="stable", ignore_index=True)


def _fault(name: str | None, country: str | None, admin1: str | None, *, suggest: bool) -> Fault:
    """Why a query has no answer."""
    try:
        places = places_frame(country, admin1=admin1)
    except GeodataError as error:
        return wrong_code(error)
    if name is None:
        return Fault("missing", "name", "missing", "the name of a city")
    found = _named(name, places)
    if found.empty:
        return _unknown(name, country, admin1, places, suggest=suggest)
    advice = "Give a region as admin1 too." if country else "Give a country, and a region as admin1 where needed."
    expected = f"the name of one place, but {len(found)} have it: {_list(found)}"
    return Fault("ambiguous", "name", f"{name!r}{_where(country, admin1)}", expected, advice)


def wrong_code(error: GeodataError) -> Fault:
    """The fault of a row whose country or region is none."""
    what, _, rest = str(error).partition(" is ")
    got, _, rest = rest.partition("; expected ")
    expected, _, advice = rest.partition(". ")
    return Fault("code", what, got, expected.removesuffix("."), advice)


def _unknown(name: str, country: object, admin1: object, places: pd.DataFrame, *, suggest: bool) -> Fault:
    """Why a name is not among the places, and what could be meant."""

    def fault(advice: str) -> Fault:
        return Fault("unknown", "name", f"{name!r}{_where(country, admin1)}", "a place in the table", advice)

    if any(letter.isdigit() for letter in name):
        return fault("Postcodes and addresses are not in the table: give the name of the city.")
    elsewhere = _named(name, places_frame())
    if not elsewhere.empty:
        return fault(f"The name is known elsewhere: {_list(elsewhere)}.")
    near: list[str] = []
    if suggest:
        spelt = dict(zip(places["name"].map(name_key), places["name"], strict=True))
        near = [spelt[key] for key in get_close_matches(name_key(name), spelt, n=3, cutoff=0.75)]
    advice = f"Did you mean {' or '.join(map(repr, near))}? " if near else ""
    return fault(
        f"{advice}The table has one name, often the English one ('The Hague'), per city of "
        f"{SMALLEST_POPULATION:,} inhabitants and more."
    )


def _where(country: object, admin1: object) -> str:
    parts = [f"{label} {code!r}" for label, code in (("country", country), ("admin1", admin1)) if code is not None]
    return f" ({', '.join(parts)})" if parts else ""


def _list(places: pd.DataFrame) -> str:
    """The first places for a reader: name, country, region, inhabitants, lon and lat."""
    shown = [
        f"{p.name} ({p.country}, {p.admin1}; {p.population:,} inhabitants; lon {p.lon}, lat {p.lat})"
        for p in places.head(_LISTED)[COLUMNS].itertuples(index=False)
    ]
    return "; ".join(shown) + (f"; and {len(places) - len(shown):,} more" if len(places) > len(shown) else "")
