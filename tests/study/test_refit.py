"""The loop of routing, fitting and designing, on days that were made with a k that is known."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pytest

from netdesign.stop import Stop
from netdesign.study import Study
from netdesign.study.case import SegmentCase
from netdesign.study.cost import OrderCosts, order_costs
from netdesign.study.design import Design, design_segment
from netdesign.study.refit import refit_rounds
from netdesign.study.route_check import draw_day, node_stops, predict, routed_days

TRUE_K = 0.9


@dataclass(frozen=True, eq=False)
class Segment:
    case: SegmentCase
    costs: OrderCosts
    design: Design


def designed(case):
    costs = order_costs(case)
    return Segment(case, costs, design_segment(case, costs, Stop(gap=0.0)))


@pytest.fixture
def route(monkeypatch):
    """Routes days; what they cost is made of the formula, times what a test says."""
    made, told = {}, {"k": TRUE_K, "noise": lambda day: 1.0}

    def routed(segment, number):
        day = draw_day(segment.case, segment.costs, which=number)
        stops = node_stops(segment.case, segment.design, day)
        days = routed_days(segment.case, stops, Stop(max_iterations=5))
        for d in days:
            made[id(d.result.best())] = float(predict(segment.case, d, told["k"]).cost.sum()) * told["noise"](d)
        return days

    monkeypatch.setattr("netdesign.study.route_check.routed_cost", lambda solution, vehicle: made[id(solution)])
    routed.told = told
    return routed


def test_the_loop_ends_at_the_k_that_made_the_days_with_the_design_of_that_k(folder, route):
    case = Study.read(folder).cases()[0]
    done, table = refit_rounds(designed(case), redesign=lambda k: designed(case.with_k(k)), routed=route, most=3)
    assert done.case.config.last_mile.k == pytest.approx(TRUE_K, rel=1e-3)
    direct = designed(case.with_k(TRUE_K)).design
    assert done.design.open == direct.open
    assert done.design.objective == pytest.approx(direct.objective, rel=1e-4)
    assert table["k"].tolist() == pytest.approx([0.48, TRUE_K], rel=1e-3)
    assert table["outcome"].tolist()[-1] == "within the error bar: settled"
    # The first day costs more than the formula says at its k; the second, which was not fitted to, what it says.
    assert table["total_error"][0] < -0.02
    assert abs(table["total_error"][1]) < 1e-3


def test_what_differs_by_less_than_its_error_bar_changes_nothing(folder, route):
    case = Study.read(folder).cases()[0]
    sites = {}
    route.told |= {"k": 0.5, "noise": lambda day: 1.3 if sites.setdefault(day.site, len(sites)) % 2 else 0.7}
    first = designed(case)
    done, table = refit_rounds(first, redesign=lambda k: pytest.fail("no reason"), routed=route, most=3)
    assert done is first
    assert len(table) == 1
    assert table["standard_error"][0] > abs(table["fitted_k"][0] - 0.48)


def test_one_day_of_one_node_is_not_enough(write_study, route):
    sites = "site,lon,lat,fixed_year\nUtrecht,5.4,52.09,20000\n"
    case = Study.read(write_study(sites=sites)).cases()[0]
    done, table = refit_rounds(designed(case), redesign=lambda k: designed(case.with_k(k)), routed=route, most=3)
    assert math.isnan(table["standard_error"][0])
    assert table["k"].tolist()[:2] == [0.48, 0.48]
    assert table["outcome"][0] == "one day of one node has no error bar: another day first"
    assert done.case.config.last_mile.k == pytest.approx(TRUE_K, rel=1e-3)


def test_the_segment_is_run_with_the_k_that_was_fitted(write_study):
    study = 'name = "Tiny"\n[last_mile]\nrefit_rounds = 2\n[routing]\niterations = 100\n[frontiers]\npoints = 0\n'
    run = Study.read(write_study(study=study)).run()
    page = run.report.read_text("utf-8")
    for segment, figures in zip(run.segments, run.summary["segments"], strict=True):
        rounds = figures["refit_rounds"]
        assert 1 <= len(rounds) <= 2
        assert (run.out / "segments" / figures["slug"] / "refit.csv").is_file()
        k = rounds[-1]["k"] if "settled" in rounds[-1]["outcome"] else rounds[-1]["fitted_k"]
        assert figures["route_check"]["k"] == segment.case.config.last_mile.k == k
    assert "Fitted to routed days" in page
