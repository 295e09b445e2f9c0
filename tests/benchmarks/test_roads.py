"""The benchmark of roads at its smallest."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
import roads


def test_a_small_network_is_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NETDESIGN_INSTANCES", raising=False)
    out = tmp_path / "roads.jsonl"
    words = ["--nodes", 600, "--points", 20, "--customers", 300, "-o", out]
    monkeypatch.setattr(sys, "argv", ["roads", *map(str, words)])
    assert roads.main() == 0
    (row,) = (json.loads(line) for line in out.read_text().splitlines())
    assert (row["network"], row["points"], row["customers"], row["missing"]) == ("generated", 20, 300, 0)
    assert 500 < row["nodes"] < 700
    assert row.get("differ_s", 0.0) < 0.05
    assert 0 < row["straight_differ"] < 100
    assert "| generated |" in out.with_suffix(".md").read_text()


def test_a_broken_extract_is_a_row_that_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "osm").mkdir()
    (tmp_path / "osm" / "broken.osm.pbf").write_bytes(b"nothing")
    monkeypatch.setenv("NETDESIGN_INSTANCES", str(tmp_path))
    out = tmp_path / "roads.jsonl"
    words = ["--nodes", 200, "--points", 5, "--customers", 20, "-o", out]
    monkeypatch.setattr(sys, "argv", ["roads", *map(str, words)])
    assert roads.main() == 1
    broken, generated = (json.loads(line) for line in out.read_text().splitlines())
    assert "broken.osm.pbf is no readable PBF file" in broken["failed"]
    assert "failed" not in generated
