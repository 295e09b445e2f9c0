"""Tables that name places or postcodes instead of lon and lat."""

from __future__ import annotations

import pytest

from netdesign.study import Study, lint

CODES = """country,postcode,name,lon,lat
NL,1012,Amsterdam,4.90,52.37
BE,1000,Brussel,4.35,50.85
DK,1000,Kobenhavn,12.6,55.7
"""
CONFIG = """name = "Named"
country = "NL"
"""
WITH_CODES = (
    CONFIG
    + """[places]
postcodes = "codes.csv"
"""
)
SITES = "site,place,fixed_year\nhub,Utrecht,1000\n"
HEAD = "customer,segment,buyers,place,postcode,country,region,lon,lat\n"


def texts(problems) -> list[str]:
    return [str(p) for p in problems]


def test_places_of_the_studys_country_get_their_coordinates(write_study):
    rows = "a,homes,10,Delft,,,,,\nb,homes,10,,,,,5.1,52.1\nc,homes,10,Antwerp,,BE,,,\n"
    study = Study.read(write_study(study=CONFIG, sites=SITES, customers=HEAD + rows))
    assert study.sites[["lon", "lat"]].to_numpy()[0] == pytest.approx([5.12, 52.09], abs=0.02)
    assert study.customers["lon"].tolist() == pytest.approx([4.36, 5.1, 4.40], abs=0.02)
    said = texts(study.warnings)
    assert any("customers.csv, place: is all that 2 rows have; expected lon and lat." in text for text in said)
    assert any("GeoNames" in text for text in said)


def test_names_that_are_ambiguous_or_unknown_are_problems_of_their_rows_with_candidates(write_study):
    rows = (
        "a,homes,10,Springfield,,US,,,\nb,homes,10,Amstredam,,,,,\nc,homes,10,Springfield,,US,MO,,\n"
        "d,homes,10,Delft,,Holland,,,\ne,homes,10,,,,,,\nf,homes,10,Springfield,,US,XX,,\n"
    )
    problems = [p for p in lint(write_study(study=CONFIG, sites=SITES, customers=HEAD + rows)) if p.level == "error"]
    by_row = {row: [p for p in problems if p.row == row] for row in (2, 3, 4, 5, 6, 7)}
    (springfield,), (misspelt,), (land,), (region,) = (by_row[row] for row in (2, 3, 5, 7))
    assert (springfield.column, springfield.source) == ("place", "customers.csv")
    assert "expected the name of one place, but 11 have it: Springfield (US, MO;" in str(springfield)
    assert str(springfield).endswith("Fill in the columns country and region, or lon and lat.")
    assert "Did you mean 'Amsterdam'?" in str(misspelt)
    assert by_row[4] == []
    assert land.column == "country"
    assert region.column == "region"
    # Without a place and without coordinates the row is as incomplete as ever.
    assert [p.column for p in by_row[6]] == ["lon", "lat"]


def test_postcodes_are_looked_up_in_the_studys_own_table(write_study):
    rows = "a,homes,10,,1012 AB,,,,\nb,homes,10,Delft,1012,,,,\n"
    folder = write_study(study=WITH_CODES, sites=SITES, customers=HEAD + rows, codes=CODES)
    study = Study.read(folder)
    assert study.customers[["lon", "lat"]].to_numpy().tolist() == [[4.9, 52.37]] * 2
    expected = "They stand at the middle of their postcode, 1 of them of its first part, by codes.csv."
    assert any(expected in text for text in texts(study.warnings))


def test_postcodes_that_are_ambiguous_or_unknown_are_problems_of_their_rows(write_study):
    study = WITH_CODES.replace('country = "NL"\n', "")
    rows = "a,homes,10,,1000,,,,\nb,homes,10,,77777,,,,\n"
    sites = "site,lon,lat,fixed_year\nhub,5.1,52.1,1000\n"
    problems = lint(write_study(study=study, sites=sites, customers=HEAD + rows, codes=CODES))
    first, second = (p for p in problems if p.level == "error")
    assert (first.row, first.column) == (2, "postcode")
    assert "BE 1000 Brussel (lon 4.35, lat 50.85); DK 1000 Kobenhavn" in str(first)
    assert (second.row, second.column) == (3, "postcode")


def test_postcodes_without_a_table_go_by_their_place_or_are_a_problem(write_study):
    rows = "a,homes,10,,1012,,,,\nb,homes,10,Delft,2611,,,,\n"
    (problem,) = (p for p in lint(write_study(study=CONFIG, sites=SITES, customers=HEAD + rows)) if p.level == "error")
    assert (problem.row, problem.column) == (2, "postcode")
    assert "[places] postcodes" in str(problem)


def test_a_table_of_postcodes_that_cannot_be_read_is_one_problem(write_study):
    (missing,) = (p for p in lint(write_study(study=WITH_CODES)) if p.column == "places.postcodes")
    assert "expected a file of this name" in str(missing)
    (broken,) = (p for p in lint(write_study("other", study=WITH_CODES, codes="a,b\n1,2\n")) if p.level == "error")
    assert "expected also country, postcode" in str(broken) or "expected also postcode" in str(broken)
