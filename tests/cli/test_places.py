"""``netdesign places``: the table, a name, files, and refusals in one line."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest

from geodata import find_places, places_frame

pytestmark = pytest.mark.usefixtures("folder")


def test_twenty_places_are_shown_and_all_are_counted(command):
    done = command("places", "--country", "NL")
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert lines[0] == "444 places, 14,254,130 inhabitants"
    assert lines[2].split() == ["name", "country", "admin1", "population", "lon", "lat"]
    rows = lines[3:-1]
    assert len(rows) == 20
    assert rows[0].split() == ["Rotterdam", "NL", "11", "868,135", "4.4792", "51.9225"]
    assert lines[-1] == "... and 424 more; -o FILE writes them all"


def test_a_short_table_has_no_more(command):
    done = command("places", "--country", "NL", "--min-population", 300_000)
    assert "more" not in done.out
    names = [line.split("  ")[0] for line in done.out.splitlines()[3:]]
    assert names == ["Rotterdam", "Amsterdam", "The Hague", "Utrecht"]


def test_several_countries_come_largest_first(command):
    answer = command("places", "--country", "NL,BE", "--min-population", 500_000, "--json").answer
    assert [place["name"] for place in answer["places"]] == ["Brussels", "Rotterdam", "Amsterdam", "Antwerp"]
    assert answer["count"] == 4


def test_regions_narrow_a_country(command):
    answer = command("places", "--country", "US", "--admin1", "NY, NJ", "--json").answer
    assert {place["admin1"] for place in answer["places"]} == {"NY", "NJ"}
    assert answer["count"] == len(places_frame("US", admin1=["NY", "NJ"]))


def test_the_json_has_the_columns_of_the_table(command):
    done = command("places", "--country", "NL", "--json")
    assert done.out.count("\n") == 1
    assert done.answer["places"] == places_frame("NL").to_dict("records")


def test_a_csv_holds_all_places_and_reads_as_the_table(command, folder):
    done = command("places", "--country", "NA", "-o", "cities.csv")
    assert (done.code, len(done.out.splitlines())) == (0, 1)
    written = pd.read_csv(
        folder / "cities.csv", keep_default_na=False, dtype={"admin1": "str", "country": "str", "name": "str"}
    )
    assert written["geonameid"].tolist() == places_frame("NA")["geonameid"].tolist()
    assert set(written["country"]) == {"NA"}
    assert written.columns.tolist() == places_frame("NA").columns.tolist()


def test_a_geopackage_holds_points(command, folder):
    assert command("places", "--country", "NL", "-o", "cities.gpkg", "-o", "cities.csv").code == 0
    points = gpd.read_file(folder / "cities.gpkg", layer="places")
    assert (len(points), points.crs.to_epsg()) == (444, 4326)
    assert (points.geometry.x == points["lon"]).all()
    assert (folder / "cities.csv").exists()


def test_a_name_lists_all_its_places(command):
    done = command("places", "--find", "SPRINGFIELD", "--country", "US")
    assert done.code == 0
    states = [line.split()[2] for line in done.out.splitlines()[3:]]
    assert states == find_places("Springfield", "US")["admin1"].tolist()
    assert states[:3] == ["MO", "MA", "IL"]


def test_a_name_may_be_narrowed_by_region_and_population(command):
    answer = command("places", "--find", "springfield", "--country", "US", "--admin1", "MO,IL,NJ", "--json").answer
    assert [place["admin1"] for place in answer["places"]] == ["MO", "IL", "NJ"]
    answer = command("places", "--find", "springfield", "--min-population", 150_000, "--json").answer
    assert [place["admin1"] for place in answer["places"]] == ["MO", "MA"]


def test_no_place_is_an_answer_of_its_own(command, folder):
    done = command("places", "--min-population", 90_000_000, "--json", "-o", "none.csv")
    assert (done.code, done.answer) == (1, {"count": 0, "places": []})
    assert done.err == "netdesign: no place of 90,000,000 inhabitants or more\n"
    assert not (folder / "none.csv").exists()


@pytest.mark.parametrize(
    ("words", "culprit"),
    [
        (("--country", "Netherlands"), "country is 'Netherlands'; expected an ISO 3166-1 alpha-2 code. Did you mean"),
        (("--country", "NL,nl"), "Did you mean 'NL'"),
        (("--find", "Utrecht", "--country", "XX"), "country is 'XX'"),
        (("--country", "NL", "--admin1", "ZZ"), "admin1 is 'ZZ' (country 'NL'); expected one of 01"),
        (("--admin1", "NY"), "expected exactly one country"),
        (("--min-population", "10"), "min_population is 10; expected >= 5000"),
        (("--min-population", "many"), "--min-population"),
        (("--find", "Amstredam", "--country", "NL"), "Did you mean 'Amsterdam'"),
        (("--find", "Utrecht", "--country", "BE"), "known elsewhere: Utrecht (NL, 09;"),
        (("--find", "1012 AB"), "Postcodes and addresses are not in the table"),
        (("--country", "NL", "-o", "cities.xlsx"), "'.xlsx'"),
        (("--country", "NL", "-o", "no/cities.csv"), "'no', which is no directory"),
    ],
)
def test_bad_input_ends_with_2_and_one_message(command, words, culprit):
    done = command("places", *words, "--json")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("netdesign: ")
    assert done.err.count("\n") == 1
    assert "Traceback" not in done.err
    assert "internal" not in done.err
    assert culprit in done.err
