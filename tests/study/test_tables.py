from __future__ import annotations

import math

import pytest

from netdesign.study.schema import TABLES, pandera_schema
from netdesign.study.tables import parse_table

SITES = "site,lon,lat,fixed_year\n"


def lines(text: str, table: str = "sites") -> list[str]:
    return [str(p) for p in parse_table(text, table, f"{table}.csv")[1]]


def test_three_columns_of_a_customer_and_its_buyers_are_enough():
    frame, problems = parse_table("customer,segment,lon,lat,buyers\na,s,5,52,10\n", "customers", "customers.csv")
    assert problems == []
    assert frame is not None
    assert list(frame.columns) == list(TABLES["customers"])
    assert frame.loc[2, ["orders_per_buyer", "drop_kg", "area_km2", "latest_h"]].tolist() == [1.0, 1.0, 0.0, 48.0]


def test_rows_are_counted_as_a_spreadsheet_counts_them_blank_rows_included():
    frame, problems = parse_table(SITES + "a,5,52,10\n\nb,5,52,-1\n", "sites", "sites.csv")
    assert frame is not None
    assert list(frame.index) == [2, 4]
    assert [str(p) for p in problems] == ["sites.csv row 4, fixed_year: is -1; expected a number >= 0 (cur per year)."]


def test_every_wrong_cell_is_reported_at_once():
    found = lines(SITES + "a,,52,x\n,5,520,10\n")
    assert found == [
        "sites.csv row 3, site: is empty; expected a text. Fill the cell, or delete the row.",
        "sites.csv row 2, lon: is empty; expected a number in -180..180 (degrees, WGS 84). "
        "Fill the cell, or delete the row.",
        "sites.csv row 2, fixed_year: is 'x'; expected a number >= 0 (cur per year). Write digits.",
        "sites.csv row 3, lat: is 520; expected a number in -90..90 (degrees, WGS 84).",
    ]


@pytest.mark.parametrize(
    ("cell", "hint"),
    [
        ('"4,5"', "Write a decimal point: 4.5."),
        ('"9,000"', "Write 9000, without commas; a decimal point is a dot."),
        ("4 kg", "Numbers stand without a unit."),
        ("nan", "Fill in the number."),
    ],
)
def test_a_number_that_is_none_comes_with_advice(cell, hint):
    assert lines(SITES + f"a,5,52,{cell}\n")[0].endswith(hint)


def test_infinity_is_a_number_only_where_it_means_no_limit():
    frame, problems = parse_table("segment,max_hours\ns,inf\n", "segments", "segments.csv")
    assert problems == []
    assert frame is not None
    assert frame.at[2, "max_hours"] == math.inf
    assert lines(SITES + "a,5,52,inf\n") == [
        "sites.csv row 2, fixed_year: is inf; expected a number >= 0 (cur per year)."
    ]


def test_no_number_is_larger_than_any_unit_could_make_it():
    assert lines(SITES + "a,5,52,1e16\n") == ["sites.csv row 2, fixed_year: is 1e+16; expected a number up to 1e+15."]
    assert lines("segment,co2_limit\ns,1e300\n", "segments")[0].startswith(
        "segments.csv row 2, co2_limit: is 1e+300; expected a number up to 1e+15. Use inf for no limit"
    )


def test_a_column_that_is_there_twice_and_a_row_that_is_too_wide_are_errors():
    assert lines("site,lon,lat,fixed_year,lon\na,5,52,1,6\n") == [
        "sites.csv row 1, lon: is there twice; expected a column name that stands once."
    ]
    assert lines(SITES + "a,5,52,1\nb,5,52,1000,2\n") == [
        "sites.csv row 3: is 5 cells; expected 4 cells, as in the header. "
        "A comma inside a cell needs quotation marks around it."
    ]
    # Spreadsheets leave commas behind where cells were.
    assert lines("site,lon,lat,fixed_year,,\na,5,52,1000,,\n") == lines(SITES + "a,5,52,1000,,\n") == []


def test_a_missing_column_is_named_with_the_one_that_looks_like_it():
    found = lines("site,lon,lat,fixed_yaer\na,5,52,1\n")
    assert found[0].startswith("sites.csv row 1, fixed_year: is missing; expected this column")
    assert found[0].endswith("Did you mean 'fixed_yaer'?")


def test_a_misspelt_optional_column_is_a_warning_and_a_foreign_one_is_not():
    assert lines("site,lon,lat,fixed_year,rents,remarks\na,5,52,1,2,fine\n") == [
        "warning: sites.csv row 1, rents: is not known; expected a column of this table. "
        "Did you mean 'rent'? It is not read."
    ]


def test_a_duplicate_names_the_row_that_has_the_name_already():
    assert lines(SITES + "a,5,52,1\nb,5,52,1\na,6,52,1\n") == [
        "sites.csv row 4, site: is 'a'; expected a name that stands once. Row 2 has it too: rename one, or delete it."
    ]


def test_the_same_customer_may_belong_to_two_segments():
    text = "customer,segment,lon,lat,buyers\na,s,5,52,10\na,t,5,52,10\n"
    assert lines(text, "customers") == []


@pytest.mark.parametrize("text", ["", "site,lon,lat,fixed_year\n", "\n\n"])
def test_an_empty_table_is_an_error(text):
    assert len(lines(text)) == 1


def test_a_sheet_saved_with_semicolons_and_decimal_commas_is_read():
    frame, problems = parse_table("site;lon;lat;fixed_year\nDe Bilt;5,18;52,11;1000\n", "sites", "sites.csv")
    assert problems == []
    assert frame is not None
    assert frame.loc[2, ["lon", "lat"]].tolist() == [5.18, 52.11]


def test_a_misspelt_status_is_answered_with_the_nearest_one():
    assert lines("site,lon,lat,fixed_year,status\na,5,52,1,opne\n")[0].endswith("Did you mean 'open'?")


@pytest.mark.parametrize("table", TABLES)
def test_every_number_of_the_schema_says_its_unit(table):
    schema = pandera_schema(table)
    for name, column in schema.columns.items():
        assert column.description
        assert column.metadata["unit"] or name in ("circuity", "pooling_exponent") or str(column.dtype) != "float64"
