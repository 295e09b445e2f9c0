"""The benchmark programs at their smallest: a run, a table, a scaling study."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import Any

import pytest
import run
import scaling
import table

CVRP = """NAME : square
TYPE : CVRP
DIMENSION : 5
EDGE_WEIGHT_TYPE : EUC_2D
CAPACITY : 2
NODE_COORD_SECTION
1 0 0
2 0 10
3 0 20
4 10 0
5 20 0
DEMAND_SECTION
1 0
2 1
3 1
4 1
5 1
DEPOT_SECTION
1
-1
EOF
"""


def called(monkeypatch: pytest.MonkeyPatch, program: Any, *words: Any) -> int:
    """The exit code of a program."""
    monkeypatch.setattr(sys, "argv", [program.__name__, *map(str, words)])
    return int(program.main())


def row(objective: float | None, seed: int, solver: str = "netdesign", **fields: Any) -> dict[str, Any]:
    about = {
        "family": "F",
        "instance": "i",
        "n": 10,
        "limit_s": 1.0,
        "threads": 1,
        "machine": "m",
        "cores": 2,
        "load": 0,
    }
    found = {"solver": solver, "seed": seed, "version": "1", "best_known": 100.0, "objective": objective}
    return about | found | {"own_gap": None, "seconds": 1.0} | fields


def test_a_family_in_a_folder_of_the_user_is_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "square.vrp").write_text(CVRP)
    (tmp_path / "mine" / "bks.csv").write_text("instance,value\nsquare,80\n")
    (tmp_path / "families.toml").write_text('[mine]\nfolder = "mine"\nrounding = "nearest"\n')
    monkeypatch.setenv("NETDESIGN_INSTANCES", str(tmp_path))
    out = tmp_path / "out.jsonl"
    assert called(monkeypatch, run, "mine", "--time", 0.1, "--seeds", 1, 2, "-o", out) == 0
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    # Out along each axis and back: 2 x 20 + 2 x 20.
    assert [(r["seed"], r["objective"], r["gap"]) for r in rows] == [(1, 80, 0), (2, 80, 0)]
    with out.with_suffix(".csv").open() as file:
        (record,) = csv.DictReader(file)
    assert (record["solved"], record["seeds"], record["gap_percent_max"]) == ("2", "1 2", "0.0")
    assert "| square | 4 | 80.0 | 0.00 [0.00, 0.00] (0.1 s) |" in out.with_suffix(".md").read_text()


def test_the_table_has_mean_least_and_largest_over_seeds() -> None:
    rows = [row(101.0, 1), row(103.0, 2), row(108.0, 3)]
    assert "| i | 10 | 100.0 | 4.00 [1.00, 8.00] (1.0 s) |  |" in table.markdown(rows)
    (record,) = csv.DictReader(table.csv_text(rows).splitlines())
    assert [float(record[f"objective_{name}"]) for name in ("mean", "min", "max")] == [104, 101, 108]
    assert [round(float(record[f"gap_percent_{name}"]), 9) for name in ("mean", "min", "max")] == [4, 1, 8]


def test_the_table_names_what_a_peer_cannot() -> None:
    text = table.markdown([row(101.0, 1), row(None, 1, "vroom", refused="open routes")])
    assert "| i | 10 | 100.0 | 1.00 (1.0 s) | cannot |" in text
    assert "Cannot:\n- vroom: open routes" in text


def test_a_small_scaling_study_writes_its_tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "scaling.jsonl"
    assert called(monkeypatch, scaling, "--sizes", 60, "--time", 0.3, 0.6, "--threads", 1, "-o", out) == 0
    found, longer = [json.loads(line) for line in out.read_text().splitlines()]
    assert found["customers"] == 60
    assert found["iterations_per_s"] > 0
    assert 0.3 <= found["whole_s"] < 30
    assert found["peak_mb"] > 10
    assert min(found["above_best"], longer["above_best"]) == 0
    assert "| clustered | 60 | 0.3 | 1 | 1 |" in out.with_suffix(".md").read_text()
    assert out.with_suffix(".csv").read_text().startswith("geography,customers,limit_s,threads,seed,")
    assert not list(tmp_path.glob("*.vrp"))


def test_scaling_on_real_places(tmp_path: Path) -> None:
    scaling.write_instance(tmp_path / "italy-50.vrp", "italy", 50)
    assert "NAME : italy-50\n" in (tmp_path / "italy-50.vrp").read_text()
    lonlat = scaling.customers_in("italy", 1000)
    assert ((lonlat > [5.0, 34.0]) & (lonlat < [20.0, 49.0])).all()
