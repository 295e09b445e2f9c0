"""The benchmark programs at their smallest: a run, a table, a scaling study."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import Any

import families
import pytest
import run
import scaling
import table
import worker

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
    assert "| square | 4 | 80.0 | 0.00 [0.00, 0.00] (own gap " in out.with_suffix(".md").read_text()


def test_the_table_has_mean_least_and_largest_over_seeds() -> None:
    rows = [row(101.0, 1), row(103.0, 2), row(108.0, 3)]
    assert "| i | 10 | 100.0 | 4.00 [1.00, 8.00] (1.0 s) |" in table.markdown(rows)
    (record,) = csv.DictReader(table.csv_text(rows).splitlines())
    assert [float(record[f"objective_{name}"]) for name in ("mean", "min", "max")] == [104, 101, 108]
    assert [round(float(record[f"gap_percent_{name}"]), 9) for name in ("mean", "min", "max")] == [4, 1, 8]


def test_the_table_names_what_a_peer_cannot() -> None:
    text = table.markdown([row(101.0, 1), row(None, 1, "vroom", refused="open routes")])
    assert "| i | 10 | 100.0 | 1.00 (1.0 s) | cannot |" in text
    assert "Cannot:\n- vroom: open routes" in text


def test_more_is_better_where_the_model_maximizes() -> None:
    rows = [row(98.0, 1, sense=-1), row(99.0, 1, "highs", sense=-1, own_gap=0.02, bound=100.98, peak_mb=1234)]
    rows = [r | {"best_known": None} for r in rows]
    text = table.markdown(rows)
    assert "| i | 10 | 99.0 * | 1.01 (1.0 s) | 0.00 (own gap 2.00, 1.0 s, 1,234 MB) |" in text
    ours, other = csv.DictReader(table.csv_text(rows).splitlines())
    assert round(float(ours["gap_percent_mean"]), 2) == 1.01
    assert (other["gap_percent_mean"], other["bound_mean"], other["peak_mb_max"]) == ("0.0", "100.98", "1234")


@pytest.mark.parametrize(
    ("format", "text", "instance", "optimum"),
    [
        # Two warehouses with fixed costs of 7 and 3, one customer of 4 units: the second one serves it all for 5.
        ("orlib-cap", "2 1\ncapacity 7\ncapacity 3\n4\n9 5\n", "cap_10", 8.0),
        # A path of three nodes, p = 1.
        ("orlib-pmed", "3 2 1\n1 2 4\n2 3 5\n", "path", 9.0),
    ],
)
def test_location_files_with_a_number_in_their_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, format: str, text: str, instance: str, optimum: float
) -> None:
    model = "capacitated" if format == "orlib-cap" else "p-median"
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / f"{instance.removesuffix('_10')}.txt").write_text(text)
    (tmp_path / "all.csv").write_text(f"family,instance,value\nmine,{instance},{optimum}\nother,{instance},1\n")
    (tmp_path / "families.toml").write_text(
        f'[mine]\nkind = "location"\nfolder = "mine"\nsuffix = ".txt"\nformat = "{format}"\nmodel = "{model}"\n'
        'values = "all.csv"\nvalues_of = "mine"\n'
    )
    monkeypatch.setenv("NETDESIGN_INSTANCES", str(tmp_path))
    out = tmp_path / "out.jsonl"
    assert called(monkeypatch, run, "mine", "--time", 5, "-o", out) == 0
    (found,) = (json.loads(line) for line in out.read_text().splitlines())
    assert (found["objective"], found["gap"], found["own_gap"]) == pytest.approx((optimum, 0, 0), abs=1e-6)


def test_small_samples_of_every_location_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # In this process: two dozen of their own would import the same for a minute.
    monkeypatch.setattr(worker, "run", worker.measured)
    out = tmp_path / "out.jsonl"
    names = [case.name for case in families.samples(0.02) if case.family == "samples-location"]
    words = ["--samples", "--size", 0.02, "--only", *names, "--time", 5, "--peers", "highs", "cp-sat", "-o", out]
    assert called(monkeypatch, run, *words) == 0
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    assert len(rows) == 3 * len(names)
    assert not [r for r in rows if r.get("wrong")]
    assert {r["refused"] for r in rows if "refused" in r} == {"customers with several sites"}
    optimum = {r["instance"]: r["objective"] for r in rows if r["solver"] == "netdesign" and r["status"] == "optimal"}
    assert len(optimum) == len(names)
    for r in rows:
        if r["objective"] is not None:
            assert r["sense"] * (r["objective"] - optimum[r["instance"]]) >= -1e-6 * abs(r["objective"])
            assert r["sense"] * (r["bound"] - optimum[r["instance"]]) <= 1e-6 * abs(r["objective"])
    proven = {r["instance"] for r in rows if r["solver"] == "highs" and r["own_gap"] < 1e-6}
    assert len(proven) >= len(names) - 1


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
