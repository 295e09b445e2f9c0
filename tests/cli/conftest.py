"""Tiny files by hand, and the command line as a function."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from netdesign.cli import main

CVRP = """NAME : four
TYPE : CVRP
DIMENSION : 4
EDGE_WEIGHT_TYPE : EUC_2D
CAPACITY : 2
NODE_COORD_SECTION
1 0 0
2 3 4
3 6 8
4 0 5
DEMAND_SECTION
1 0
2 1
3 1
4 1
DEPOT_SECTION
1
-1
EOF
"""
"""Distances 1-2 5, 1-3 10, 1-4 5, 2-3 5, 2-4 3, 3-4 7: the best plan is 1-2-3-1 and 1-4-1, 20 + 10 = 30."""

VRPTW = CVRP.replace("CVRP", "VRPTW").replace(
    "DEPOT_SECTION", "SERVICE_TIME : 1\nTIME_WINDOW_SECTION\n1 0 100\n2 0 100\n3 0 100\n4 0 50\nDEPOT_SECTION"
)

MATRIX = """TYPE : CVRP
DIMENSION : 3
CAPACITY : 9
EDGE_WEIGHT_TYPE : EXPLICIT
EDGE_WEIGHT_FORMAT : FULL_MATRIX
EDGE_WEIGHT_SECTION
0 2 3
2 0 7
3 7 0
DEMAND_SECTION
1 0
2 4
3 5
DEPOT_SECTION
1
-1
EOF
"""

FLEET = """TYPE : HFVRP
DIMENSION : 4
EDGE_WEIGHT_TYPE : EUC_2D
VEHICLES : 3
NODE_COORD_SECTION
1 0 0
2 3 4
3 6 8
4 0 5
DEMAND_SECTION
1 0
2 1
3 1
4 1
CAPACITY_SECTION
1 1
2 2
3 2
VEHICLES_FIXED_COST_SECTION
1 1
2 100
3 100
DEPOT_SECTION
1
-1
EOF
"""
"""As CVRP with one small vehicle for 1 and two of its size for 100: 30 + 1 + 100."""

SOLOMON = """C999

VEHICLE
NUMBER     CAPACITY
  3         200

CUSTOMER
CUST NO.  XCOORD.   YCOORD.    DEMAND   READY TIME  DUE DATE   SERVICE   TIME

    0      0         0          0          0       1000          0
    1      3         4         10        100       200         10
    2      6         8         30        100       200         10
"""
"""One route 0-1-2-0 of length 20 keeps both windows."""

PMED = "4 4 2\n1 2 5\n2 3 1\n3 4 5\n2 1 2\n"
"""A path with lengths 2, 1, 5; p = 2: sites 2 and 4 cost 2 + 0 + 1 + 0 = 3, every other pair more."""

CAP = "2 3\n500 10\n400 4\n7\n1 9\n5\n2 8\n6\n9 1\n"
"""Fixed 10 and 4, costs 1 9, 2 8, 9 1: both open cost 14 + 4 = 18, either alone 22."""

UFLIB = "FILE: by hand.txt\n2 3 0\n1 10 1 2 9\n2 4 9 8 1\n"
"""The same as CAP, site by site."""

TSP = """NAME : line
TYPE : TSP
DIMENSION : 4
EDGE_WEIGHT_TYPE : EUC_2D
NODE_COORD_SECTION
1 0 0
2 1 0
3 10 0
4 12 0
EOF
"""
"""Two pairs on a line, 1 and 2 apart: with p = 2 one of each is open, 3 in all."""

CUSTOMERS = "customer,lon,lat,demand\nanna,4.90,52.37,3\nbram,4.92,52.36,1\n"
SITES = "site,lon,lat,fixed_cost,status\nnoord,4.91,52.39,100,candidate\nzuid,4.89,52.34,80,candidate\n"

FILES = {
    "four.vrp": CVRP,
    "tw.vrp": VRPTW,
    "fleet.vrp": FLEET,
    "matrix.vrp": MATRIX,
    "solomon.txt": SOLOMON,
    "pmed.txt": PMED,
    "cap.txt": CAP,
    "ufl.txt": UFLIB,
    "line.tsp": TSP,
    "customers.csv": CUSTOMERS,
    "sites.csv": SITES,
}
"""By file name, for the tests that break them."""


@dataclass(frozen=True)
class Outcome:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def answer(self) -> dict[str, Any]:
        """The JSON object on the standard output, which must be the only thing there."""
        return json.loads(self.out)


@pytest.fixture
def command(capsys):
    """Run ``netdesign`` in this process."""

    def run(*words: object) -> Outcome:
        capsys.readouterr()
        code = main([str(word) for word in words])
        captured = capsys.readouterr()
        return Outcome(code, captured.out, captured.err)

    return run


@pytest.fixture
def files() -> dict[str, str]:
    """Text by file name."""
    return dict(FILES)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with all the files in it."""
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def shorten():
    """Leave so many customers of the first segment of a sample, and nothing of its network of today; its folder."""

    def cut(study, count):
        table, config = study / "customers.csv", study / "study.toml"
        head, *rows = table.read_text().splitlines()
        at = head.split(",").index("segment")
        kept = [row for row in rows if row.split(",")[at] == rows[0].split(",")[at]][:count]
        table.write_text("\n".join([head, *kept]) + "\n")
        today = ("baseline = ", "spend = ")
        config.write_text("".join(x for x in config.read_text().splitlines(True) if not x.startswith(today)))
        return study

    return cut
