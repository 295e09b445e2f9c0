"""Outlines from the archives of this folder."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Sequence
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any, Final

import geopandas as gpd

from geodata.errors import GeodataError
from geodata.places.codes import check_country

_COUNTRIES: Final = Path(__file__).parent / "countries.zip"
_US_COUNTIES: Final = Path(__file__).parent / "us_counties.zip"


def country_outline(country: str) -> gpd.GeoDataFrame:
    """The outline of one country, from Natural Earth at 1:10 million (public domain).

    Overseas parts with an ISO 3166 code of their own (Bonaire BQ, French Guiana GF, Svalbard SJ ...) are not
    part of it; others are (Alaska, the Canary Islands): clip for a map without them. Lakes count as land, the
    IJsselmeer too.

    Parameters
    ----------
    country : str
        ISO 3166-1 alpha-2 code, for example ``"NL"``.

    Returns
    -------
    GeoDataFrame
        One row, EPSG:4326, columns iso2, name and geometry (valid polygons, cut at the date line).

    Raises
    ------
    GeodataError
        If the code is unknown.
    """
    check_country(country)
    if country not in _members(_COUNTRIES):
        raise GeodataError(f"country is {country!r}; expected one with an outline, and Natural Earth draws none.")
    return _read(_COUNTRIES, [country])


def country_outlines() -> gpd.GeoDataFrame:
    """The outlines of all countries, from Natural Earth at 1:10 million (public domain).

    Returns
    -------
    GeoDataFrame
        One row per country, EPSG:4326, columns iso2, name and geometry; iso2 is empty for areas without
        a code in ISO 3166 (Northern Cyprus, Somaliland ...), which are drawn as Natural Earth draws them.
    """
    return _read(_COUNTRIES, _members(_COUNTRIES))


def us_county_outlines(states: str | Sequence[str] | None = None) -> gpd.GeoDataFrame:
    """The outlines of US counties of 2017, from the Census Bureau (public domain).

    Parameters
    ----------
    states : str or sequence of str, optional
        Postal codes of states and territories, for example ``["NY", "NJ"]``; all by default.

    Returns
    -------
    GeoDataFrame
        One row per county, EPSG:4326, columns fips (five digits), name, state and geometry.

    Raises
    ------
    GeodataError
        If a state is unknown.
    """
    known = _members(_US_COUNTIES)
    chosen = known if states is None else [states] if isinstance(states, str) else list(states)
    for state in chosen:
        if state not in known:
            nearest = ", ".join(get_close_matches(state.upper(), known, n=3, cutoff=0.4)) or "NY"
            raise GeodataError(f"state is {state!r}; expected a postal code of the US, near it: {nearest}.")
    return _read(_US_COUNTIES, chosen)


@cache
def _members(archive: Path) -> list[str]:
    with zipfile.ZipFile(archive) as opened:
        return [name.removesuffix(".geojson") for name in opened.namelist()]


def _read(archive: Path, members: Sequence[str]) -> gpd.GeoDataFrame:
    features: list[dict[str, Any]] = []
    with zipfile.ZipFile(archive) as opened:
        for member in dict.fromkeys(members):
            features += json.loads(opened.read(f"{member}.geojson"))["features"]
    frame = gpd.GeoDataFrame.from_features(features, crs="EPSG:4326")
    return frame[[*frame.columns.drop("geometry"), "geometry"]]
