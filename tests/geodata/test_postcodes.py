"""Postcodes to coordinates by the user's own table: exact, or by their first part, and never a guess."""

from __future__ import annotations

import pandas as pd
import pytest

from geodata import GeodataError, geocode_postcodes, locate_postcodes, read_postcodes

TABLE = """country,postcode,name,lon,lat
NL,1012,Amsterdam,4.90,52.37
NL,3511,Utrecht,5.12,52.09
DE,01067,Dresden,13.72,51.06
DE,21039,Börnsen,10.27,53.48
DE,21039,Escheburg,10.31,53.46
DE,21039,Hamburg,10.23,53.48
GB,SW1A,London,-0.13,51.50
BE,1000,Brussel,4.35,50.85
DK,1000,København,12.58,55.68
US,501,Here,-73.05,40.81
US,501,There,-83.05,40.81
"""


@pytest.fixture
def table(tmp_path):
    (tmp_path / "codes.csv").write_text(TABLE, "utf-8")
    return read_postcodes(tmp_path / "codes.csv")


def test_codes_are_found_whatever_their_case_and_spaces(table):
    found = geocode_postcodes(["1012", "sw 1a", "01067"], table, country=["NL", "GB", "DE"])
    assert found[["lon", "lat"]].to_numpy().tolist() == [[4.9, 52.37], [-0.13, 51.5], [13.72, 51.06]]
    assert found["whole"].all()


@pytest.mark.parametrize(
    ("code", "country", "part"),
    [("1012 AB", "NL", "1012"), ("1012AB", "NL", "1012"), ("SW1A 1AA", "GB", "SW1A"), ("1012-3", None, "1012")],
)
def test_a_code_finer_than_the_table_is_found_by_its_first_part_and_says_so(table, code, country, part):
    (row,) = geocode_postcodes([code], table, country=country).to_dict("records")
    assert (row["postcode"], row["whole"]) == (part, False)


def test_several_rows_of_one_code_that_lie_together_are_their_middle(table):
    (row,) = geocode_postcodes(["21039"], table).to_dict("records")
    assert (row["lon"], row["lat"]) == pytest.approx((10.27, 53.473333))


def test_what_has_no_coordinates_is_listed_by_row_with_candidates(table):
    codes = pd.Series(["1012", "1000", "1067", "501", None, "1012", "9999", "1012"], index=list("abcdefgh"))
    lands = ["NL", None, "DE", "US", "NL", "Holland", "NL", "FR"]
    with pytest.raises(GeodataError) as error:
        geocode_postcodes(codes, table, country=lands)
    head, *lines = str(error.value).split("\n")
    assert head == "7 of 8 postcodes have no coordinates (rows are counted from 0):"
    starts = [
        "row 1: postcode is '1000'; expected the postcode of one place, but 2 have it: BE 1000 Brussel (lon 4.35, "
        "lat 50.85); DK 1000 København (lon 12.58, lat 55.68). Give a country.",
        "row 2: postcode is '1067' (country 'DE'); expected a postcode in the table. Did a spreadsheet drop a leading "
        "zero? '01067' is known.",
        "row 3: postcode is '501' (country 'US'); expected the postcode of one place, but 2 have it: US 501 Here",
        "row 4: postcode is missing; expected a postcode.",
        "row 5: country is 'Holland'; expected an ISO 3166-1 alpha-2 code",
        "row 6: postcode is '9999' (country 'NL'); expected a postcode in the table.",
        "row 7: postcode is '1012' (country 'FR'); expected a postcode in the table. The table has none of FR.",
    ]
    for line, start in zip(lines, starts, strict=True):
        assert line.startswith(start)
    found = locate_postcodes(codes, table, country=lands)
    assert found.frame["lon"].notna().tolist() == [True, *[False] * 7]
    assert found.frame.index.tolist() == list("abcdefgh")


def test_a_file_as_geonames_offers_it_is_read(tmp_path):
    row = "NL\t1012\tAmsterdam\tNoord-Holland\t07\tAmsterdam\t0363\t\t\t52.37\t4.9\t6\n"
    (tmp_path / "NL.txt").write_text(row + row.replace("1012", "1013"), "utf-8")
    found = geocode_postcodes(["1013"], read_postcodes(tmp_path / "NL.txt"))
    assert found[["country", "lon", "lat"]].to_numpy().tolist() == [["NL", 4.9, 52.37]]


def test_a_table_without_countries_has_the_one_that_is_given(tmp_path):
    (tmp_path / "codes.csv").write_text("postcode;lat;lon\n1012;52.37;4.9\n", "utf-8")
    assert read_postcodes(tmp_path / "codes.csv", country="NL").to_numpy().tolist() == [["NL", "1012", "", 4.9, 52.37]]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("code,lon,lat\n1012,4.9,52.4\n", "has the columns code, lon, lat; expected also country, postcode"),
        ("country,postcode,lon,lat\nNL,1012,4.9,x\n", "NL 1012"),
        ("country,postcode,lon,lat\nNL,1012,4.9,95\n", "NL 1012"),
        ("", "cannot be read"),
    ],
)
def test_a_table_that_makes_no_sense_is_one_message(tmp_path, text, message):
    (tmp_path / "codes.csv").write_text(text, "utf-8")
    with pytest.raises(GeodataError, match=message):
        read_postcodes(tmp_path / "codes.csv")
