"""The planner's commands on the sample study."""

from __future__ import annotations

import json

import pytest

SHORT = ("--max-iterations", 20, "--time-limit", 3)


@pytest.fixture
def study(command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert command("new", "mine").code == 0
    return tmp_path / "mine"


@pytest.fixture
def small(study, shorten):
    """One segment of the sample, and forty customers of it."""
    return shorten(study, 40)


def test_a_new_study_is_valid(command, study):
    done = command("validate", study)
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines()[-1].endswith(("no problems found", "warnings", "warning"))
    assert command("validate", study, "--json").answer["errors"] == 0


def test_a_study_is_never_written_over_another(command, study):
    before = (study / "study.toml").read_bytes()
    done = command("new", "mine")
    assert done.code == 2
    assert "mine" in done.err
    assert (study / "study.toml").read_bytes() == before


def test_an_unknown_sample_is_refused(command, study):
    done = command("new", "other", "--sample", "atlantis")
    assert done.code == 2
    assert "atlantis" in done.err


def test_a_run_ends_with_the_headline_and_a_report(command, small):
    study = small
    done = command("run", study, "-o", study / "results", "--workers", 2, *SHORT)
    assert done.code == 0, done
    assert "Cost per order" in done.out
    assert (study / "results" / "report.html").stat().st_size > 1000
    (study / "results" / "report.html").unlink()
    assert command("report", study / "results").code == 0
    assert (study / "results" / "report.html").exists()


def test_the_json_of_a_run_is_its_summary(command, small):
    study = small
    done = command("run", study, "--seed", 3, "--json", *SHORT)
    answer = done.answer
    written = json.loads((study / "out" / "summary.json").read_text())
    assert done.code == 0
    assert {key: answer[key] for key in written} == written
    assert answer.keys() >= {"status", "objective", "bound", "gap", "seconds", "iterations", "seed", "termination"}
    assert answer["seed"] == 3


def test_every_wrong_row_is_listed(command, study):
    table = study / "customers.csv"
    lines = table.read_text().splitlines()
    position = lines[0].split(",").index("lat")
    for row in (1, 2):
        cells = lines[row].split(",")
        cells[position] = "200"
        lines[row] = ",".join(cells)
    table.write_text("\n".join(lines) + "\n")
    done = command("validate", study)
    assert (done.code, done.err) == (2, "")
    assert "customers.csv row 2, lat" in done.out
    assert "customers.csv row 3, lat" in done.out
    refused = command("run", study, "--json")
    assert (refused.code, refused.out) == (2, "")
    assert "customers.csv row 2, lat" in refused.err


@pytest.mark.parametrize(
    "words", [("report", "mine"), ("run", "."), ("run", "mine/study.csv"), ("validate", "missing")]
)
def test_a_folder_that_is_none_of_ours_is_refused(command, study, words):
    done = command(*words)
    assert done.code == 2
    assert "Traceback" not in done.err + done.out
    assert "internal" not in done.err
