"""Formats by what a file holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from netdesign.errors import InputError
from netdesign.io.detect import detect

PMED = "4 3 2\n1 2 5\n2 3 1\n3 4 5\n"
CAP = "2 3\n500 10\n400 4\n7\n1 9\n5\n2 8\n6\n9\n1\n"


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("TYPE : CVRP\nDIMENSION : 3\nCAPACITY : 4\n", "a.vrp", "vrplib"),
        ("DIMENSION : 3\nNODE_COORD_SECTION\n1 2 3\nDEMAND_SECTION\n", "a", "vrplib"),
        ("TYPE : TSP\nDIMENSION : 3\nEDGE_WEIGHT_TYPE : EUC_2D\n", "a.tsp", "tsplib"),
        ("R1\n\nVEHICLE\nNUMBER CAPACITY\n1 2\n\nCUSTOMER\nCUST NO. XCOORD.\n", "a.txt", "solomon"),
        ("FILE: x\n2 3 0\n", "a.txt", "uflib"),
        ("2 3 0\n1 10 1 2 9\n2 4 9 8 1\n", "a.txt", "uflib"),
        (PMED, "a.txt", "orlib-pmed"),
        (CAP.replace("500", "capacity"), "capa.txt", "orlib-cap"),
        ('{"jobs": []}', "a.json", "vroom"),
        ("", "a.csv", "csv"),
        ("", "A.GPKG", "gpkg"),
    ],
)
def test_one_format_fits(text, name, expected):
    assert detect(text, Path(name)) == expected


def test_two_layouts_with_the_same_count_are_not_guessed_between():
    with pytest.raises(InputError, match=r"orlib-cap and holmberg and tbed all fit.*--format"):
        detect(CAP, Path("cap"))


@pytest.mark.parametrize("text", ["", "hello world", "1 2 3 4", "nan nan nan", "inf 2 3", "1e300 2 3", "0.5 2 3"])
def test_no_format_fits(text):
    with pytest.raises(InputError, match="not recognized"):
        detect(text, Path("x.txt"))
