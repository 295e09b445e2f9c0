"""The German sample: the committed files are the generator's, and its figures are what its page says."""

from __future__ import annotations

from pathlib import Path

import pytest

from netdesign.study import Study, lint
from netdesign.study.sample import sample_files

FOLDER = Path(__file__).parents[2] / "examples" / "germany"


@pytest.fixture(scope="module")
def summary(tmp_path_factory):
    study = Study.read(FOLDER)
    # Nothing here looks at the frontiers.
    frontiers = study.config.frontiers.model_copy(update={"points": 0})
    return study.replace_config(frontiers=frontiers).run(tmp_path_factory.mktemp("out")).summary


@pytest.fixture(scope="module")
def segments(summary):
    return {figures["segment"]: figures for figures in summary["segments"]}


def test_the_committed_files_are_byte_for_byte_what_the_generator_writes():
    written = {name: text.encode("utf-8") for name, text in sample_files("germany").items()}
    assert written == {p.name: p.read_bytes() for p in FOLDER.iterdir() if p.is_file()}


def test_the_study_is_sound():
    assert lint(FOLDER) == []


@pytest.mark.parametrize(
    ("segment", "tier", "variants", "nodes", "profit", "most"),
    [
        # The formula would earn more on other nodes than those that the road confirmed.
        ("clinics", "same day", 19, 5, 0.622e6, 1.08),
        ("medical shops", "two days", 8, 1, 2.304e6, 1.002),
        ("machine spares", "next day", 30, 1, 0.718e6, 1.002),
    ],
)
def test_every_segment_is_offered_what_the_page_says(segments, segment, tier, variants, nodes, profit, most):
    figures = segments[segment]
    value = figures["value"]
    assert value["tier"] == tier
    assert value["variants"] == pytest.approx(variants, abs=2)
    assert len(figures["nodes"]) == nodes
    assert value["profit"] == pytest.approx(profit, rel=0.003)
    assert value["profit"] <= value["profit_bound"] <= value["profit"] * most


def test_clinics_are_for_printers_near_by_and_shops_for_one_mill(segments):
    assert segments["clinics"]["technologies"] == {"printing": 5}
    assert segments["medical shops"]["technologies"] == {"milling": 1}
    assert segments["machine spares"]["technologies"] == {"printing": 1}


@pytest.mark.parametrize(
    ("segment", "mode", "cost", "beyond"),
    [("medical shops", "parcel", 5.53, 0.073), ("machine spares", "express", 12.53, 0.019)],
)
def test_carriers_charge_what_their_shipments_say(segments, segment, mode, cost, beyond):
    (rates,) = segments[segment]["rates"]
    assert rates["mode"] == mode
    assert rates["level"] * 100 ** rates["exponents"]["km"] == pytest.approx(cost, abs=0.01)
    assert rates["error"] == pytest.approx(0.05, abs=0.006)
    assert rates["extrapolated"] == pytest.approx(beyond, abs=0.001)


def test_spares_are_a_group_of_their_own_and_clinics_are_like_shops(summary):
    groups = summary["segmentation"]
    assert [row["groups"] for row in groups["numbers"] if row["suggested"]] == [2]
    assert [row["segments"] for row in groups["means"]] == [
        {"medical shops": 687, "clinics": 193},
        {"machine spares": 401},
    ]


def test_every_stop_of_ten_routed_days_is_reached_the_same_day(segments):
    rows = segments["clinics"]["promises"]
    assert {(row["tier"], row["promise_h"], row["on_time"]) for row in rows} == {("same day", 10.0, 1.0)}
    assert sum(row["stops"] for row in rows) == segments["clinics"]["route_check"]["stops"]


def test_what_the_promise_costs_on_the_road_is_learned(segments):
    clinics = segments["clinics"]
    assert clinics["refit_rounds"][0]["total_error"] < -0.2
    assert next(row["factor"] for row in clinics["factors"] if not row["site"]) > 1.3


def test_a_dear_workshop_is_not_left_for_neighbours_that_are_as_dear(segments):
    """The formula would gain by leaving Remscheid; on the road its neighbours bring nothing."""
    clinics = segments["clinics"]
    assert "Remscheid" in clinics["nodes"]
    assert all(row["outcome"].endswith("the nodes stay") for row in clinics["refit_rounds"])
    moves = clinics["polish"]["moves"]
    assert len(moves) == 6
    assert not any(move["adopted"] for move in moves)
    near = [move["move"].split(";")[0][1:] for move in moves if move["move"].endswith("-Remscheid")]
    factors = {row["site"]: row["factor"] for row in clinics["factors"]}
    assert len(near) >= 2
    assert all(factors[site] == pytest.approx(factors["Remscheid"], abs=0.15) for site in near)
    assert factors["Remscheid"] - factors[""] > 0.15


def test_the_formula_is_near_ten_routed_days_that_it_was_not_fitted_to(segments):
    check = segments["clinics"]["route_check"]
    assert (check["days"], check["nodes_failed"]) == (10, 0)
    assert abs(check["total_error"]) < 0.05
    assert check["standard_error"] < 0.035


def test_the_accounts_add_up(segments):
    for figures in segments.values():
        assert sum(figures["accounts"].values()) == pytest.approx(figures["objective"], abs=1e-6)
