"""The Dutch sample: the committed files are the generator's, and its figures are what its page says."""

from __future__ import annotations

from pathlib import Path

import pytest

from netdesign.study import Study
from netdesign.study.sample import sample_files

FOLDER = Path(__file__).parents[2] / "examples" / "netherlands"


@pytest.fixture(scope="module")
def summary(tmp_path_factory):
    run = Study.read(FOLDER).run(tmp_path_factory.mktemp("out"), max_iterations=4000)
    return run.summary


def test_the_committed_files_are_byte_for_byte_what_the_generator_writes():
    written = {name: text.encode("utf-8") for name, text in sample_files("netherlands").items()}
    assert written == {p.name: p.read_bytes() for p in FOLDER.iterdir() if p.is_file()}


def test_the_choice_of_sites_is_proven_optimal_and_repeats(summary):
    assert summary["status"] == "optimal"
    assert summary["reproducible"] is True
    assert summary["objective"] == pytest.approx(13.48e6, rel=0.005)


@pytest.mark.parametrize(
    ("segment", "cost_per_order", "last_mile", "nodes"),
    [("home evening", 15.27, 7.37, 6), ("pick-up point", 9.31, 2.51, 5), ("business morning", 36.51, 12.60, 5)],
)
def test_an_order_costs_what_the_page_says(summary, segment, cost_per_order, last_mile, nodes):
    figures = next(f for f in summary["segments"] if f["segment"] == segment)
    assert figures["cost_per_order"] == pytest.approx(cost_per_order, abs=0.02)
    assert figures["accounts"]["logistics"] / figures["orders_per_year"] == pytest.approx(last_mile, abs=0.02)
    assert len(figures["nodes"]) == nodes


def test_the_day_has_between_five_hundred_and_two_thousand_stops(summary):
    assert 500 <= sum(f["route_check"]["stops"] for f in summary["segments"]) <= 2000


def test_the_formula_is_near_the_routed_day(summary):
    checks = [f["route_check"] for f in summary["segments"]]
    nodes = sum(c["nodes"] for c in checks)
    assert sum(c["mean_error"] * c["nodes"] for c in checks) / nodes < 0.10
    assert all(abs(c["total_error"]) < 0.05 for c in checks)
    assert all(c["nodes_failed"] == 0 for c in checks)


def test_bikes_deliver_to_homes_near_a_workshop_and_nowhere_else(summary):
    shares = {f["segment"]: f["vehicles"] for f in summary["segments"]}
    assert shares["home evening"]["bike evening"] == pytest.approx(0.11, abs=0.01)
    assert shares["pick-up point"]["bike day"] == shares["business morning"]["bike morning"] == 0.0
