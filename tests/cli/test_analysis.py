"""Comparing runs and explaining sites from the command line."""

from __future__ import annotations

import pytest


@pytest.fixture
def study(command, shorten, tmp_path, monkeypatch):
    """Ten customers of one segment of the sample."""
    monkeypatch.chdir(tmp_path)
    assert command("new", "mine").code == 0
    return shorten(tmp_path / "mine", 10)


def test_two_runs_are_compared(command, study):
    for out in ("one", "two"):
        assert command("run", study, "-o", out, "--max-iterations", 20).code == 0
        sites = (study / "sites.csv").read_text().replace("64000", "65000")
        (study / "sites.csv").write_text(sites)
    assert command("compare", "one", "one").out.strip() == "nothing changed"
    done = command("compare", "one", "two", "-o", "changes.csv")
    assert done.code == 0
    assert "cost per year" in done.out
    assert "infrastructure per year" in (study.parent / "changes.csv").read_text()


def test_every_site_has_the_price_of_the_other_choice(command, study):
    done = command("explain", study, "--segment", "home evening", "--json")
    rows = done.answer["rows"]
    assert done.code == 0
    assert len(rows) == 24
    # Nodes stay where the formula is not sure of a gain, so that some prices are below 0.
    assert all(row["price"] is None or row["at_least"] <= row["price"] <= row["at_most"] for row in rows)
    assert any(row["price"] is not None and row["price"] > 0 for row in rows)
    assert any(row["node"] for row in rows)


@pytest.mark.parametrize(
    ("words", "culprit"),
    [
        (("compare", "nowhere", "mine"), "nowhere is missing"),
        (("compare", "mine", "mine"), "summary.json"),
        (("explain", "nowhere"), "nowhere is missing"),
        (("explain", "mine", "--segment", "home evenin"), "Did you mean 'home evening'?"),
        (("explain", "mine", "-o", "sites.txt"), "'.txt'"),
    ],
)
def test_what_cannot_be_answered_is_one_message(command, study, words, culprit):
    done = command(*words)
    assert (done.code, done.out) == (2, "")
    assert culprit in done.err
