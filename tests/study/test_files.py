"""The same tables from every kind of file."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest

from netdesign.study import Study, lint

TABLES = ("segments", "customers", "sites")


@pytest.fixture
def frames(folder) -> dict[str, pd.DataFrame]:
    return {name: pd.read_csv(folder / f"{name}.csv") for name in TABLES}


def points(frame: pd.DataFrame, crs: str) -> gpd.GeoDataFrame:
    geometry = gpd.points_from_xy(frame["lon"], frame["lat"], crs="EPSG:4326").to_crs(crs)
    return gpd.GeoDataFrame(frame.drop(columns=["lon", "lat"]), geometry=geometry)


def config(**tables: str) -> str:
    return 'name = "Other files"\n[tables]\n' + "".join(f'{t} = "{s}"\n' for t, s in tables.items())


@pytest.fixture
def workbook(write_study, frames):
    folder = write_study("workbook", study=config(**dict.fromkeys(TABLES, "all.xlsx")))
    with pd.ExcelWriter(folder / "all.xlsx") as book:
        for name, frame in frames.items():
            frame.to_excel(book, sheet_name=name.title(), index=False)
    return folder


@pytest.fixture
def parquet(write_study, frames):
    folder = write_study("parquet", study=config(**{t: f"{t}.parquet" for t in TABLES}))
    for name, frame in frames.items():
        frame.to_parquet(folder / f"{name}.parquet")
    return folder


@pytest.fixture
def geopackage(write_study, frames):
    folder = write_study("geopackage", study=config(customers="all.gpkg", sites="all.gpkg#plants"))
    points(frames["customers"], "EPSG:4326").to_file(folder / "all.gpkg", layer="customers")
    points(frames["sites"], "EPSG:28992").to_file(folder / "all.gpkg", layer="plants")
    return folder


@pytest.mark.parametrize("kind", ["workbook", "parquet", "geopackage"])
def test_the_tables_are_those_of_the_text_files(kind, folder, request):
    text, other = Study.read(folder), Study.read(request.getfixturevalue(kind))
    for table in TABLES:
        expected, found = getattr(text, table), getattr(other, table)
        pd.testing.assert_frame_equal(found, expected, check_exact=False, atol=1e-6, rtol=0)


def test_a_problem_in_a_workbook_names_file_sheet_row_and_column(workbook, frames):
    with pd.ExcelWriter(workbook / "all.xlsx", mode="a", if_sheet_exists="replace") as book:
        frames["sites"].assign(wage=-1.0).to_excel(book, sheet_name="Sites", index=False)
    problem = lint(workbook)[0]
    assert (problem.file, problem.sheet, problem.row, problem.column) == ("all.xlsx", "sites", 2, "wage")
    assert str(problem) == "all.xlsx#sites row 2, wage: is -1; expected a number >= 0 (cur per h)."


def test_a_blank_row_of_a_sheet_is_counted(workbook, frames):
    blank = pd.concat([frames["sites"].iloc[:1], pd.DataFrame([{}]), frames["sites"].iloc[1:]])
    with pd.ExcelWriter(workbook / "all.xlsx", mode="a", if_sheet_exists="replace") as book:
        blank.to_excel(book, sheet_name="Sites", index=False)
    assert list(Study.read(workbook).sites.index) == [2, 4, 5]


def test_a_sheet_that_is_not_there_is_answered_with_those_that_are(workbook):
    (workbook / "study.toml").write_text(config(**dict.fromkeys(TABLES, "all.xlsx"), vehicles="all.xlsx#vans"))
    assert [str(p) for p in lint(workbook)] == [
        "all.xlsx#vans: expected a sheet or layer vans. It has Segments, Customers, Sites."
    ]


@pytest.mark.parametrize("name", ["sites.xlsx", "sites.gpkg", "sites.parquet"])
def test_a_file_that_is_not_what_its_name_says_is_an_error_and_no_traceback(write_study, name):
    folder = write_study(study=config(sites=name))
    (folder / name).write_text("site,lon,lat,fixed_year\na,5,52,1\n")
    (problem,) = lint(folder)
    assert problem.file == name
    assert problem.rule.startswith(f"a {name.split('.')[1]} file")


def test_a_kind_of_file_nobody_reads_is_refused(write_study):
    (problem,) = lint(write_study(study=config(sites="sites.ods")))
    assert (problem.value, problem.rule) == (".ods", "one of .csv, .xlsx, .gpkg, .parquet")
