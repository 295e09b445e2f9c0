"""The table of places and its two doors."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pandas as pd

from geodata.errors import GeodataError
from geodata.places.codes import check_country

if TYPE_CHECKING:
    import geopandas as gpd

SMALLEST_POPULATION: Final = 5000


def places_frame(
    country: str | Sequence[str] | None = None,
    *,
    min_population: int = SMALLEST_POPULATION,
    admin1: str | Sequence[str] | None = None,
) -> pd.DataFrame:
    """Cities of the world with at least 5,000 inhabitants, from GeoNames (CC BY 4.0).

    Districts that would count their city twice are left out by an explicit list, complete for Germany (from
    20,000 inhabitants), the Netherlands and the Northeast of the United States only; see the README of this
    folder.

    Parameters
    ----------
    country : str or sequence of str, optional
        ISO 3166-1 alpha-2 codes, for example ``"NL"``; all countries by default.
    min_population : int
        Smallest number of inhabitants, at least 5,000.
    admin1 : str or sequence of str, optional
        First-level administrative codes of GeoNames within one country: ``"NY"`` in the US, ``"07"`` in NL.

    Returns
    -------
    DataFrame
        Columns geonameid (int64), name, ascii_name, country, admin1 (str), lon, lat (degrees, WGS 84) and
        population (int64); largest first within each country, row labels 0..n-1. A copy of the caller's own.

    Raises
    ------
    GeodataError
        If a country or admin1 code is unknown, admin1 comes without exactly one country, or min_population is
        below 5,000.
    """
    if min_population < SMALLEST_POPULATION:
        raise GeodataError(
            f"min_population is {min_population}; expected >= {SMALLEST_POPULATION}: the table holds no smaller places."
        )
    frame = _table()
    selected = frame["population"] >= min_population
    countries = _several(country)
    if countries is not None:
        selected &= frame["country"].isin([check_country(code) for code in countries])
    regions = _several(admin1)
    if regions is not None:
        if countries is None or len(countries) != 1:
            raise GeodataError(f"admin1 is {admin1!r} with country {country!r}; expected exactly one country.")
        _check_admin1(regions, countries[0])
        selected &= frame["admin1"].isin(regions)
    return frame[selected].reset_index(drop=True)


def places_geodataframe(
    country: str | Sequence[str] | None = None,
    *,
    min_population: int = SMALLEST_POPULATION,
    admin1: str | Sequence[str] | None = None,
) -> gpd.GeoDataFrame:
    """The same places as `places_frame`, with a point geometry in EPSG:4326.

    Parameters, columns and errors as for `places_frame`.

    Returns
    -------
    GeoDataFrame
    """
    import geopandas as gpd

    frame = places_frame(country, min_population=min_population, admin1=admin1)
    return gpd.GeoDataFrame(frame, geometry=gpd.points_from_xy(frame["lon"], frame["lat"]), crs="EPSG:4326")


@cache
def _table() -> pd.DataFrame:
    text = dict.fromkeys(("name", "ascii_name", "country", "admin1"), "str")
    # The country code of Namibia is NA, and it is not missing.
    frame = pd.read_csv(Path(__file__).parent / "places.csv.xz", dtype=text, keep_default_na=False)
    frame["ascii_name"] = frame["ascii_name"].where(frame["ascii_name"] != "", frame["name"])
    return frame


def _several(codes: str | Sequence[str] | None) -> list[str] | None:
    if codes is None:
        return None
    return [codes] if isinstance(codes, str) else list(codes)


def _check_admin1(regions: Sequence[str], country: str) -> None:
    frame = _table()
    known = sorted(set(frame.loc[frame["country"] == country, "admin1"]))
    for region in regions:
        if region not in known:
            raise GeodataError(f"admin1 is {region!r} (country '{country}'); expected one of {', '.join(known)}.")
