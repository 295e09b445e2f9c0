"""Hostile inputs: exit code 2, one message that names the culprit, nothing on the standard output."""

from __future__ import annotations

import os
import random
import tracemalloc
from pathlib import Path

import pytest

LOCATE = ("locate", "{}", "--model", "p-median")
LONGEST = 500
SOLOMON_ROWS = (
    "    1      3         4         10        100       200         10\n"
    "    2      6         8         30        100       200         10\n"
)

# (file, text to replace, its replacement, words after the command, what the message must name)
BROKEN_TEXT = [
    # VRPLIB
    ("four.vrp", "DEPOT_SECTION\n1\n-1\n", "", (), "DEPOT_SECTION is missing"),
    ("four.vrp", "DEPOT_SECTION\n1\n", "DEPOT_SECTION\n9\n", (), "the depot is 9"),
    ("four.vrp", "DEPOT_SECTION\n1\n", "DEPOT_SECTION\n1\n2\n", (), "VEHICLES_DEPOT_SECTION is missing"),
    ("four.vrp", "DEPOT_SECTION\n1\n", "DEPOT_SECTION\n1.5\n", (), "the depot is 1.5"),
    ("four.vrp", "DIMENSION : 4", "DIMENSION : 1000000000", (), "4 rows long; expected 1,000,000,000 rows"),
    ("four.vrp", "DIMENSION : 4", "DIMENSION : 5", (), "expected 5 rows"),
    ("four.vrp", "DIMENSION : 4", "DIMENSION : 3", (), "expected 3 rows"),
    ("four.vrp", "DIMENSION : 4", "DIMENSION : 1", (), "DIMENSION is '1'"),
    ("four.vrp", "DIMENSION : 4", "DIMENSION : four", (), "DIMENSION is 'four'"),
    ("four.vrp", "DIMENSION : 4\n", "", (), "DIMENSION is missing"),
    ("four.vrp", "CAPACITY : 2", "CAPACITY : -2", (), "CAPACITY is -2"),
    ("four.vrp", "CAPACITY : 2", "CAPACITY : nan", (), "CAPACITY is 'nan'"),
    ("four.vrp", "CAPACITY : 2\n", "", (), "CAPACITY is missing"),
    ("four.vrp", "CAPACITY : 2", "CAPACITY : 2\nVEHICLES : 0", (), "VEHICLES is '0'"),
    ("four.vrp", "EUC_2D", "GEO", (), "EDGE_WEIGHT_TYPE is 'GEO'"),
    ("four.vrp", "EDGE_WEIGHT_TYPE : EUC_2D\n", "", (), "EDGE_WEIGHT_TYPE is missing"),
    ("four.vrp", "TYPE : CVRP", "TYPE : SDVRP", (), "TYPE is 'SDVRP'"),
    ("four.vrp", "TYPE : CVRP", "TYPE : VRPTW", (), "TIME_WINDOW_SECTION is missing"),
    ("four.vrp", "2 3 4", "2 3 nan", (), "line 8: an entry of NODE_COORD_SECTION is nan"),
    ("four.vrp", "2 3 4", "2 3 inf", (), "a coordinate is inf"),
    ("four.vrp", "2 3 4", "2 3 1e999", (), "a coordinate is inf"),
    ("four.vrp", "2 3 4", "2 3", (), "line 8 of NODE_COORD_SECTION is '2 3'"),
    ("four.vrp", "2 3 4", "2 3 4 5", (), "line 8 of NODE_COORD_SECTION is '2 3 4 5'"),
    ("four.vrp", "2 3 4", "2 3 4,5", (), "'4,5'"),
    ("four.vrp", "2 3 4", "2 3 1_000", (), "'1_000'"),
    ("four.vrp", "2 3 4", "two 3 4", (), "keyword is 'two'"),
    ("four.vrp", "2 3 4", "3 3 4", (), "a node of NODE_COORD_SECTION is 3"),
    ("four.vrp", "2 3 4", "7 3 4", (), "a node of NODE_COORD_SECTION is 7"),
    ("four.vrp", "3 1\n4 1", "3 -1\n4 1", (), "the demand of node 3 is -1"),
    ("four.vrp", "1 0\n2 1", "1 5\n2 1", (), "demand"),
    (
        "four.vrp",
        "DEMAND_SECTION",
        "DEMAND_SECTION\n1 0\n2 1\n3 1\n4 1\nDEMAND_SECTION",
        (),
        "DEMAND_SECTION is there a second time",
    ),
    ("four.vrp", "DEMAND_SECTION", "DEMANT_SECTION", (), "Did you mean 'DEMAND_SECTION'"),
    ("four.vrp", "TYPE : CVRP", "TYPE : CVRP\n1 2 3", (), "'1 2 3'"),
    ("four.vrp", "DEPOT_SECTION", "BACKHAUL_SECTION\n1 0\nDEPOT_SECTION", (), "backhauls"),
    ("tw.vrp", "3 0 100", "3 -5 100", (), "the time window of node 3 is -5"),
    ("tw.vrp", "3 0 100", "3 60 50", (), "the time window of node 3, its begin is 60"),
    ("tw.vrp", "SERVICE_TIME : 1", "SERVICE_TIME : -1", (), "SERVICE_TIME is -1"),
    ("matrix.vrp", "3 7 0\n", "3\n", (), "EDGE_WEIGHT_SECTION is 7 numbers long; expected 9"),
    ("matrix.vrp", "2 0 7", "2 0 -7", (), "an entry of EDGE_WEIGHT_SECTION is -7"),
    ("matrix.vrp", "2 0 7", "2 0 nan", (), "an entry of EDGE_WEIGHT_SECTION is nan"),
    ("matrix.vrp", "FULL_MATRIX", "FULL", (), "EDGE_WEIGHT_FORMAT is 'FULL'"),
    # Solomon
    ("solomon.txt", "    2      6", "    1      6", (), "the number of customer 1"),
    ("solomon.txt", "100       200         10", "200       100         10", (), "the due date of customer 1"),
    ("solomon.txt", "  3         200", "  3         -200", (), "the capacity is -200"),
    ("solomon.txt", SOLOMON_ROWS, "", (), "list of customers"),
    # OR-Library, UflLib, TSPLIB
    ("pmed.txt", "4 4 2", "4 4 0", ("--model", "p-median", "--format", "orlib-pmed"), "p is 0"),
    ("pmed.txt", "4 4 2", "4 4 2", ("--model", "p-median", "--p", "0"), "--p is 0"),
    ("pmed.txt", "4 4 2", "4 4 2", ("--model", "p-median", "--p", "-3"), "--p is -3"),
    ("pmed.txt", "4 4 2", "4 4 2", ("--model", "uncapacitated"), "no fixed costs"),
    ("pmed.txt", "4 4 2", "4 4 2", ("--model", "p-median", "--rounding", "floor"), "--rounding is 'floor'"),
    ("pmed.txt", "4 4 2", "1000000000 4 2", ("--model", "p-median", "--format", "orlib-pmed"), "1000000000"),
    (
        "pmed.txt",
        "4 4 2",
        "4 1000000000 2",
        ("--model", "p-median", "--format", "orlib-pmed"),
        "12 of 3,000,000,000 numbers",
    ),
    ("pmed.txt", "2 3 1", "2 3 nan", ("--model", "p-median"), "is nan"),
    ("cap.txt", "2 3\n", "2 3\n", ("--model", "uncapacitated"), "orlib-cap and holmberg and tbed all fit"),
    ("cap.txt", "9 1\n", "9\n", ("--model", "uncapacitated", "--format", "orlib-cap"), "cut short"),
    (
        "cap.txt",
        "400 4",
        "400 -4",
        ("--model", "uncapacitated", "--format", "orlib-cap"),
        "the fixed cost of warehouse 2 is -4",
    ),
    ("cap.txt", "2 3\n", "2 3\n", ("--model", "uncapacitated", "--format", "orlib-pmed"), "no fixed costs"),
    (
        "cap.txt",
        "2 3\n",
        "2.5 3\n",
        ("--model", "uncapacitated", "--format", "orlib-cap"),
        "the number of warehouses is 2.5",
    ),
    ("cap.txt", "2 3\n", "2 3\n", ("--model", "uncapacitated", "--format", "orlib-cap", "--p", "1"), "p is 1"),
    ("ufl.txt", "2 4 9 8 1", "2 4 9 -8 1", ("--model", "uncapacitated"), "a cost of site 2 is -8"),
    ("line.tsp", "4 12 0", "4 12 0", ("--model", "p-median"), "--p is missing"),
    (
        "line.tsp",
        "4 12 0",
        "4 12 0",
        ("--model", "p-median", "--p", "2", "--rounding", "dimacs"),
        "--rounding is 'dimacs'",
    ),
    ("line.tsp", "4 12 0", "4 12", ("--model", "p-median", "--p", "2"), "line 9"),
    ("line.tsp", "TSP", "HCP", ("--model", "p-median", "--p", "2"), "TYPE is 'HCP'"),
]

TABLE = ("--depot", "4.9,52.37", "--capacity", "4")
BROKEN_TABLES = [
    ("demand\n", "demnad\n", TABLE, "column 'demand' is missing"),
    (",3\n", ",-3\n", TABLE, "customers.csv row 2, column 'demand' is -3"),
    (",3\n", ",inf\n", TABLE, "row 2, column 'demand' is inf"),
    (",3\n", ",\n", TABLE, "row 2, column 'demand' is empty"),
    (",3\n", ",3,9\n", TABLE, "row 2 is 5 cells wide"),
    ("bram", "anna", TABLE, "row 3, column 'customer' is 'anna'"),
    ("bram", '"bram', TABLE, "not a CSV table"),
    (",", ";", TABLE, "the separator is ';'"),
    ("customer,", "lon,", TABLE, "there twice ('lon')"),
    ("4.90,52.37", "52.37,4.90,", TABLE, "5 cells wide"),
    ("4.90,52.37", "4.90,152.37", TABLE, "Are lon and lat swapped?"),
    ("4.90,52.37", "0,0", TABLE, "geocoder"),
    ("anna,4.90,52.37,3\nbram,4.92,52.36,1\n", "", TABLE, "without rows"),
    (",3\n", ",3\n", (), "--depot, --capacity is missing"),
    (",3\n", ",3\n", ("--depot", "4.9,52.37"), "--capacity is missing"),
    (",3\n", ",3\n", ("--depot", "4.9", "--capacity", "4"), "--depot is '4.9'"),
    (",3\n", ",3\n", ("--depot", "here,there", "--capacity", "4"), "--depot is 'here,there'"),
    (",3\n", ",3\n", ("--depot", "nan,52", "--capacity", "4"), "--depot is 'nan,52'"),
    (",3\n", ",3\n", ("--depot", "52.37,4.9", "--capacity", "4"), "the order of lon and lat"),
    (",3\n", ",3\n", ("--depot", "4.9,252", "--capacity", "4"), "--depot is '4.9,252'"),
    (",3\n", ",3\n", ("--depot", "4.9,52.37", "--capacity", "-4"), "--capacity is '-4'"),
    (",3\n", ",3\n", ("--depot", "4.9,52.37", "--capacity", "4,5"), "--capacity is '4,5'"),
    (",3\n", ",3\n", (*TABLE, "--vehicles", "0"), "--vehicles is 0"),
    (",3\n", ",3\n", (*TABLE, "--demand", "kg"), "column 'kg' is missing"),
    (",3\n", ",3\n", (*TABLE, "--shift", "9,8"), "--shift is '9,8'"),
    (",3\n", ",3\n", (*TABLE, "--speed-kmh", "0"), "--speed-kmh is 0"),
    (",3\n", ",3\n", (*TABLE, "--circuity", "nan"), "--circuity is nan"),
    (",3\n", ",3\n", (*TABLE, "--rounding", "floor"), "rounding is 'floor'"),
]

BROKEN_WORDS = [
    (("route", "missing.vrp"), "missing.vrp is missing"),
    (("route", "fuor.vrp"), "Did you mean 'four.vrp'"),
    (("route", "."), "a directory"),
    (("route", "no/such/file.vrp"), "no/such"),
    (("route", "/dev/null"), "a device"),
    (("route", "four.vrp", "--format", "vrp"), "Did you mean 'vrplib'"),
    (("route", "four.vrp", "--format", "solomon"), "VEHICLE"),
    (("route", "four.vrp", "--format", "li-lim"), "not read yet"),
    (("route", "solomon.txt", "--format", "vrplib"), "C999"),
    (("route", "line.tsp"), "netdesign locate"),
    (("locate", "four.vrp", "--model", "p-median", "--p", "1"), "netdesign route"),
    (("route", "four.vrp", "--rounding", "nearst"), "Did you mean 'nearest'"),
    (("route", "four.vrp", "--depot", "1,1", "--capacity", "3"), "--depot"),
    (("route", "four.vrp", "-o", "plan.xlsx"), "'.xlsx'"),
    (("route", "four.vrp", "-o", "plan"), "the ending of 'plan'"),
    (("route", "four.vrp", "-o", "no/plan.sol"), "'no', which is no directory"),
    (("route", "customers.csv", *TABLE, "-o", "customers.csv"), "the file that is read"),
    (("route", "matrix.vrp", "-o", "map.png"), "without coordinates"),
    (("locate", "pmed.txt", "--model", "p-median", "-o", "x.sol"), "'.sol'"),
    (("locate", "pmed.txt", "--model", "p-median", "-o", "x.gpkg"), "without coordinates"),
    (("locate", "pmed.txt", "--model", "pmedian"), "Did you mean 'p-median'"),
    (("locate", "pmed.txt", "--model", "capacitated"), "no capacities"),
    (("locate", "pmed.txt", "--model", "partial-cover", "--radius", "2"), "--share is missing"),
    (("locate", "pmed.txt", "--model", "partial-cover", "--radius", "2", "--share", "2"), "--share is 2"),
    (("locate", "pmed.txt", "--model", "gradual-cover", "--radius", "2"), "--outer-radius is missing"),
    (("locate", "pmed.txt", "--model", "gradual-cover", "--radius", "2", "--outer-radius", "2"), "--outer-radius is 2"),
    (("locate", "pmed.txt", "--model", "p-median", "--share", "0.5"), "--share is 0.5"),
    (("locate", "pmed.txt", "--model", "max-capture"), "--decay is missing"),
    (("locate", "pmed.txt", "--model", "max-capture", "--decay", "-2"), "--decay is -2"),
    (("locate", "pmed.txt", "--model", "max-capture", "--decay", "2", "--attraction", "hufff"), "Did you mean 'huff'"),
    (("locate", "pmed.txt", "--model", "p-median", "--decay", "2"), "--decay is 2"),
    (("greenfield", "customers.csv"), "--p"),
    (("greenfield", "customers.csv", "--p", "3"), "--p is 3 (2 customers)"),
    (("greenfield", "pmed.txt", "--p", "1"), "pmed.txt is no table"),
    (("greenfield", "customers.csv", "--p", "1", "--sites", "pmed.txt"), "pmed.txt is no table"),
    (("greenfield", "customers.csv", "--p", "1", "--near", "-1"), "--near is -1"),
    (("greenfield", "customers.csv", "--p", "1", "--factor", "nan"), "--factor is nan"),
    (("greenfield", "customers.csv", "--p", "1", "-o", "x.sol"), "'.sol'"),
    (("locate", "customers.csv", "--sites", "sites.csv", "--model", "capacitated"), "column 'capacity' is missing"),
    (("locate", "pmed.txt", "--model", "set-cover"), "--radius is missing"),
    (("locate", "pmed.txt", "--model", "max-cover", "--radius", "-1"), "--radius is -1"),
    (("locate", "pmed.txt", "--model", "set-cover", "--radius", "2", "--p", "1"), "p is 1"),
    (("locate", "pmed.txt", "--model", "p-center", "--radius", "2"), "--radius is 2"),
    (("locate", "pmed.txt", "--model", "uncapacitated"), "no fixed costs"),
    (("locate", "cap.txt", "--model", "p-center", "--p", "1", "--format", "orlib-cap"), "fixed_cost[0] is 10"),
    (("locate", "pmed.txt"), "--model"),
    (("locate", "pmed.txt", "--model", "p-median", "--sites", "sites.csv"), "--sites"),
    (("locate", "customers.csv", "--model", "p-median", "--p", "1"), "--sites is missing"),
    (("locate", "customers.csv", "--sites", "pmed.txt", "--model", "p-median", "--p", "1"), "pmed.txt is no table"),
    (
        ("locate", "customers.csv", "--sites", "sites.csv", "--model", "p-median", "--p", "1", "--factor", "0"),
        "--factor is 0",
    ),
    (("route", "four.vrp", "--time-limit", "-1"), "--time-limit is -1"),
    (("route", "four.vrp", "--time-limit", "nan"), "--time-limit is nan"),
    (("route", "four.vrp", "--time-limit", "soon"), "--time-limit"),
    (("route", "four.vrp", "--max-iterations", "0"), "--max-iterations is 0"),
    (("route", "four.vrp", "--max-iterations", "1e3"), "--max-iterations"),
    (("route", "four.vrp", "--threads", "0"), "--threads is 0"),
    (("route", "four.vrp", "--seed", "-1"), "--seed is -1"),
    (("route", "four.vrp", "--gap", "1"), "--gap is 1"),
    (("route", "four.vrp", "--gap", "-0.1"), "--gap is -0.1"),
    (("route", "four.vrp", "--deterministic"), "--max-iterations is missing"),
    (("route", "four.vrp", "--deterministic", "--max-iterations", "9", "--time-limit", "9"), "--time-limit is 9"),
    (("route", "four.vrp", "--fast"), "--fast"),
    (("route",), "FILE"),
    (("rout", "four.vrp"), "Did you mean 'route'"),
    (("run", "no_study"), "no_study is missing"),
    (("run", "four.vrp", "-o", "cap.txt"), "cap.txt"),
    (("run", ".", "--threads", "0"), "--threads is 0"),
    (("validate", "no_study"), "no_study is missing"),
    (("report", "no_results"), "no_results is missing"),
]

CASES = [
    *(
        pytest.param(
            name, old, new, ("locate" if "--model" in words else "route", name, *words), culprit, id=f"{name}-{culprit}"
        )
        for name, old, new, words, culprit in BROKEN_TEXT
    ),
    *(
        pytest.param("customers.csv", old, new, ("route", "customers.csv", *words), culprit, id=f"table-{culprit}")
        for old, new, words, culprit in BROKEN_TABLES
    ),
    *(pytest.param(None, "", "", words, culprit, id=f"{'-'.join(words)}") for words, culprit in BROKEN_WORDS),
]


def expect_refusal(done, culprit):
    assert done.code == 2, done
    assert done.out == ""
    assert done.err.startswith("netdesign: ")
    assert done.err.count("\n") == 1
    assert 30 <= len(done.err) <= LONGEST
    assert "Traceback" not in done.err
    assert culprit in done.err


def json_flag(words):
    return () if words[0] == "report" else ("--json",)


@pytest.mark.parametrize(("name", "old", "new", "words", "culprit"), CASES)
def test_bad_input_is_refused_with_one_message_that_names_the_culprit(command, folder, name, old, new, words, culprit):
    if name is not None:
        text = (folder / name).read_text()
        assert old in text
        (folder / name).write_text(text.replace(old, new))
    expect_refusal(command(*words, *json_flag(words)), culprit)


BYTES = [
    pytest.param(b"", "empty", id="empty"),
    pytest.param(b" \r\n\n", "empty", id="blank"),
    pytest.param(b"\xef\xbb\xbf", "empty", id="only a byte order mark"),
    pytest.param(bytes(range(256)), "not text", id="binary"),
    pytest.param(b"\x1f\x8b\x08\x00 compressed", "not text", id="gzip"),
    pytest.param("DIMENSION : 3".encode("utf-16"), "UTF-16", id="UTF-16"),
    pytest.param(b"hello world\n", "not recognized", id="prose"),
    pytest.param(b"1 2 3 4 5\n", "not recognized", id="numbers"),
    pytest.param(b"<html><body>404</body></html>\n", "not recognized", id="a web page"),
]


@pytest.mark.parametrize(
    ("name", "old", "words"),
    [
        ("four.vrp", "DIMENSION : 4", ("route", "four.vrp")),
        ("matrix.vrp", "DIMENSION : 3", ("route", "matrix.vrp")),
        ("line.tsp", "DIMENSION : 4", ("locate", "line.tsp", "--model", "p-median", "--p", "2")),
        ("pmed.txt", "4 4 2", ("locate", "pmed.txt", "--model", "p-median", "--format", "orlib-pmed")),
        ("cap.txt", "2 3\n", ("locate", "cap.txt", "--model", "uncapacitated", "--format", "orlib-cap")),
        ("ufl.txt", "2 3 0", ("locate", "ufl.txt", "--model", "uncapacitated")),
    ],
)
def test_a_size_that_the_file_does_not_have_costs_neither_memory_nor_time(command, folder, name, old, words):
    text, huge = (folder / name).read_text(), old[:-2] if old.endswith("\n") else old
    new = "DIMENSION : 1000000000" if old.startswith("DIM") else huge.replace(huge[0], "1000000000", 1)
    (folder / name).write_text(text.replace(old, new + old[len(huge) :], 1))
    tracemalloc.start()
    done = command(*words, "--json")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    expect_refusal(done, name)
    assert peak < 50e6


@pytest.mark.parametrize(("data", "culprit"), BYTES)
@pytest.mark.parametrize(
    "words", [("route", "x.txt"), ("locate", "x.txt", "--model", "p-median", "--p", "1")], ids=["route", "locate"]
)
def test_bytes_that_are_no_instance(command, folder, data, culprit, words):
    (folder / "x.txt").write_bytes(data)
    expect_refusal(command(*words, "--json"), culprit)


@pytest.mark.parametrize(
    "data", [b"", b"not a database", b"SQLite format 3\x00" + b"\x00" * 200], ids=["empty", "text", "header only"]
)
def test_a_geopackage_that_is_none(command, folder, data):
    (folder / "x.gpkg").write_bytes(data)
    expect_refusal(command("route", "x.gpkg", *TABLE, "--json"), "x.gpkg")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads everything")
def test_a_file_that_may_not_be_read(command, folder):
    (folder / "four.vrp").chmod(0)
    expect_refusal(command("route", "four.vrp", "--json"), "not readable")


@pytest.mark.parametrize(
    "name",
    ["four.vrp", "tw.vrp", "matrix.vrp", "solomon.txt", "pmed.txt", "cap.txt", "ufl.txt", "line.tsp", "customers.csv"],
)
def test_a_truncated_file_is_never_an_internal_error(command, folder, name):
    text = (folder / name).read_text()
    words = {
        "cap.txt": ("--model", "uncapacitated", "--format", "orlib-cap"),
        "ufl.txt": ("--model", "uncapacitated"),
        "pmed.txt": ("--model", "p-median"),
        "line.tsp": ("--model", "p-median", "--p", "1"),
        "customers.csv": TABLE,
    }.get(name, ())
    solver = "locate" if "--model" in words else "route"
    for end in range(0, len(text), max(1, len(text) // 25)):
        (folder / name).write_text(text[:end])
        done = command(solver, name, *words, "--max-iterations", 20, "--json")
        assert done.code in (0, 1, 2), (end, done)
        if done.code == 2:
            expect_refusal(done, "")


@pytest.mark.parametrize("name", ["four.vrp", "tw.vrp", "solomon.txt", "pmed.txt", "line.tsp"])
def test_a_scrambled_file_is_never_an_internal_error(command, folder, name):
    text, dice = (folder / name).read_text(), random.Random(1)
    words = {"pmed.txt": ("--model", "p-median"), "line.tsp": ("--model", "p-median", "--p", "1")}.get(name, ())
    for _ in range(40):
        letters = list(text)
        for _ in range(dice.randint(1, 4)):
            letters[dice.randrange(len(letters))] = dice.choice("0123456789-.:_ \n\tA")
        (folder / name).write_text("".join(letters))
        done = command("locate" if words else "route", name, *words, "--max-iterations", 20, "--json")
        assert done.code in (0, 1, 2), ("".join(letters), done)
        if done.code == 2:
            expect_refusal(done, "")


# -- strange, but right ------------------------------------------------------------------------------------------


def as_windows(data: bytes) -> bytes:
    return data.replace(b"\n", b"\r\n")


@pytest.mark.parametrize(
    "change",
    [
        as_windows,
        lambda data: data.replace(b"\n", b"\r"),
        lambda data: b"\xef\xbb\xbf" + data,
        lambda data: b"\xef\xbb\xbf" + as_windows(data),
        lambda data: data + b"\x1a\x00\x00",
        lambda data: data + b"\n\n  \n",
        lambda data: data.rstrip(b"\n"),
    ],
    ids=["CRLF", "CR", "BOM", "BOM and CRLF", "Ctrl-Z", "blank lines", "no last line end"],
)
@pytest.mark.parametrize(
    "words",
    [
        ("route", "four.vrp"),
        ("route", "solomon.txt"),
        ("locate", "pmed.txt", "--model", "p-median"),
        ("locate", "cap.txt", "--model", "uncapacitated", "--format", "orlib-cap"),
        ("locate", "ufl.txt", "--model", "uncapacitated"),
        ("locate", "line.tsp", "--model", "p-median", "--p", "2"),
        ("route", "customers.csv", *TABLE),
    ],
    ids=lambda words: words[1],
)
def test_line_ends_and_byte_order_marks_do_not_matter(command, folder, change, words):
    limit = ("--max-iterations", 100, "--json")
    plain = command(*words, *limit).answer["objective"]
    path = Path(folder / words[1])
    path.write_bytes(change(path.read_bytes()))
    done = command(*words, *limit)
    assert done.code == 0, done
    assert done.answer["objective"] == plain


def test_a_comment_in_latin_1_is_read(command, folder):
    data = (folder / "four.vrp").read_bytes().replace(b"NAME : four", "NAME : Sörensen".encode("latin-1"))
    (folder / "four.vrp").write_bytes(data)
    assert command("route", "four.vrp", "--max-iterations", 50, "--json").code == 0
