"""The loop of routing, fitting and designing, on days whose costs were made with factors that are known."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import pytest

from netdesign.stop import Stop
from netdesign.study import Study
from netdesign.study.case import SegmentCase
from netdesign.study.cost import OrderCosts, order_costs
from netdesign.study.design import Design, design_segment
from netdesign.study.factors import ELSEWHERE, PLAIN, Factor, Factors
from netdesign.study.options import design_at
from netdesign.study.refit import difference, refit_rounds, road_money
from netdesign.study.route_check import asked_days, predict, routed_days

TRUE = 1.3
"""The factor of every node."""


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
    """Routes days; what they cost is made of the plain formula, times what a test says."""
    made, told = {}, {"days": 2, "factor": lambda day: TRUE}

    def routed(segment, number):
        numbers = range(number * told["days"], (number + 1) * told["days"])
        asked = asked_days(segment.case, segment.costs, segment.design, numbers)
        days = routed_days(segment.case, asked, Stop(max_iterations=5))
        for d in days:
            plain = float(predict(segment.case.learning(PLAIN), d).cost.sum())
            made[id(d.result.best())] = plain * told["factor"](d)
        return days

    monkeypatch.setattr("netdesign.study.route_check.routed_cost", lambda solution, vehicle: made[id(solution)])
    routed.told = told
    return routed


def relearn(case):
    return lambda factors: designed(case.learning(factors))


def hold(now, then):
    return Segment(then.case, then.costs, design_at(then.case, now.design.open, Stop(gap=0.0)))


def nodes(segment):
    return {*segment.case.sites["site"].iloc[list(segment.design.open)]}


def test_the_loop_ends_at_the_factors_that_made_the_days_with_the_design_of_these(folder, route):
    case = Study.read(folder).cases()[0]
    done, table, _ = refit_rounds(designed(case), redesign=relearn(case), hold=hold, routed=route, most=3)
    sites = case.sites["site"]
    assert done.case.factors.of("van", sites) == pytest.approx([TRUE] * len(sites), rel=1e-6)
    direct = designed(case.learning(Factors(tuple(Factor("van", s, TRUE, 0.0, 1, 1) for s in sites)))).design
    assert done.design.open == direct.open
    assert done.design.objective == pytest.approx(direct.objective, rel=1e-6)
    assert table["outcome"].tolist()[-1] == "within the error bars: settled"
    # The first days cost more than the plain formula says; those of the second round, not fitted to, what it says.
    assert table["total_error"].tolist() == pytest.approx([1 / TRUE - 1, 0.0], abs=1e-6)


def test_what_differs_by_less_than_its_error_bar_changes_nothing(folder, route):
    case = Study.read(folder).cases()[0]
    route.told["factor"] = lambda day: 1.3 if day.number % 2 else 0.7
    first = designed(case)
    no = lambda factors: pytest.fail("no reason")  # noqa: E731
    done, table, _ = refit_rounds(first, redesign=no, hold=hold, routed=route, most=3)
    assert done is first
    assert len(table) == 1


def test_one_day_is_not_enough(folder, route):
    case = Study.read(folder).cases()[0]
    route.told["days"] = 1
    done, table, _ = refit_rounds(designed(case), redesign=relearn(case), hold=hold, routed=route, most=3)
    assert table["outcome"][0] == "one day has no error bar: another day first"
    assert table["total_error"].tolist() == pytest.approx([1 / TRUE - 1, 1 / TRUE - 1, 0.0], abs=1e-6)
    assert done.case.factors.of("van", case.sites["site"]) == pytest.approx(TRUE, rel=1e-6)


def test_a_vehicle_that_costs_more_than_the_formula_says_loses_its_customers(write_study, route):
    """Bikes are cheaper by the formula; on the road of this test they cost three times that."""
    vehicles = (
        "vehicle_type,kg,m3,stops,cost_per_day,cost_per_km,cost_per_h,speed_kmh\n"
        "van,1000,10,120,60,0.25,28,40\nbike,110,1.1,40,16,0.04,21,17\n"
    )
    segments = "segment,max_hours,vehicle_type\nhomes,1.5,van; bike\nshops,2,van\n"
    study = 'name = "Tiny"\n[tables]\nvehicles = "vehicles.csv"\n'
    case = Study.read(write_study(study=study, vehicles=vehicles, segments=segments)).cases()[0]
    route.told["factor"] = lambda day: 3.0 if day.vehicle.name == "bike" else 1.0
    first = designed(case)
    done, *_ = refit_rounds(first, redesign=relearn(case), hold=hold, routed=route, most=3)

    def bikes(segment):
        return (segment.costs.vehicle[range(len(segment.design.assignment)), segment.design.assignment] == 1).sum()

    assert bikes(first) > 0
    assert bikes(done) == 0


NEIGHBOURS = """site,lon,lat,fixed_year,wage
Utrecht,5.12,52.09,30000,24
Utrecht 2,5.13,52.09,30500,24
Utrecht 3,5.12,52.10,31000,24
Arnhem,5.91,51.98,30000,24
"""


def test_a_dear_node_is_not_left_for_neighbours_that_were_never_routed(write_study, route):
    """Around Utrecht the road costs half more than around Arnhem, from any site: who leaves it finds no better."""
    case = Study.read(write_study(sites=NEIGHBOURS)).cases()[0]
    names = case.sites["site"]
    route.told["factor"] = lambda day: (1.5 if names.iloc[day.site] != "Arnhem" else 1.0) + 0.01 * (day.number % 2)

    def rounds(hold):
        done, table, _ = refit_rounds(designed(case), redesign=relearn(case), hold=hold, routed=route, most=3)
        return nodes(done), table["outcome"].tolist()

    assert nodes(designed(case)) == {"Utrecht", "Arnhem"}
    # Whoever trusts the mean of the nodes wanders.
    assert rounds(lambda now, then: None)[1][:2] == ["+Utrecht 2; -Utrecht", "+Utrecht 3; -Utrecht 2"]
    stayed, outcomes = rounds(hold)
    assert stayed == {"Utrecht", "Arnhem"}
    assert outcomes[0].startswith("+Utrecht 2; -Utrecht: would bring")
    assert outcomes[0].endswith("the nodes stay")
    assert outcomes[-1] == "within the error bars: settled"


def test_nodes_change_where_the_factors_are_sure_enough(write_study, route):
    """On the road of this test a van costs four times what the formula says: the second node pays for itself."""
    fixed = NEIGHBOURS.replace("30000", "60000").replace("30500", "61000").replace("31000", "62000")
    case = Study.read(write_study(sites=fixed, segments="segment,max_hours\nhomes,3\nshops,3\n")).cases()[0]
    route.told["factor"] = lambda day: 4.0 + 0.01 * (day.number % 2)
    first = designed(case)
    done, table, _ = refit_rounds(first, redesign=relearn(case), hold=hold, routed=route, most=3)
    assert (len(nodes(first)), len(nodes(done))) == (1, 2)
    assert ": brings " in table["outcome"][0]


def test_what_a_last_mile_costs_is_its_money_by_node_times_the_factors(folder):
    case = Study.read(folder).cases()[0]
    plain = designed(case)
    factors = Factors((Factor("van", ELSEWHERE, 1.2, 0.2, 1, 1), Factor("van", "Arnhem", 1.5, 0.1, 1, 1)))
    learned = Segment(case.learning(factors), order_costs(case.learning(factors)), plain.design)
    money = road_money(plain)
    assert road_money(learned) == pytest.approx(money)
    paid = {s: s.costs.total[range(len(s.case.customers)), s.design.assignment] for s in (plain, learned)}
    more = (paid[learned] - paid[plain]) @ case.orders_per_year
    assert factors.cost(money) - PLAIN.cost(money) == pytest.approx(more)


def test_the_error_of_a_difference_adds_up_where_nothing_is_known_and_not_where_nodes_have_days():
    factors = Factors(
        (
            Factor("van", ELSEWHERE, 1.2, 0.2, 1, 1),
            Factor("van", "A", 1.5, 0.1, 1, 1),
            Factor("van", "B", 1.5, 0.1, 1, 1),
        )
    )
    before = {("van", "A"): 500.0, ("van", "B"): 300.0}
    assert factors.doubt(before) == pytest.approx((50**2 + 30**2) ** 0.5)
    assert factors.doubt({("van", "C"): 300.0, ("van", "D"): 100.0}) == pytest.approx(400 * 0.2)
    assert factors.doubt({("bike", "A"): 100.0}) == 100.0
    assert factors.doubt(difference(before, before)) == 0.0


def test_the_segment_is_run_with_the_factors_that_were_fitted(write_study):
    study = (
        'name = "Tiny"\n[last_mile]\nrefit_rounds = 2\n[routing]\ndays = 2\niterations = 100\n[frontiers]\npoints = 0\n'
    )
    run = Study.read(write_study(study=study)).run()
    page = run.report.read_text("utf-8")
    for segment, figures in zip(run.segments, run.summary["segments"], strict=True):
        assert 1 <= len(figures["refit_rounds"]) <= 2
        folder = run.out / "segments" / figures["slug"]
        assert (folder / "refit.csv").is_file()
        factors = pd.read_csv(folder / "factors.csv", keep_default_na=False)
        assert factors["factor"].tolist() == pytest.approx([row.factor for row in segment.case.factors.rows])
        assert set(pd.read_csv(folder / "route_check.csv")["day"]) == {0, 1}
        assert figures["route_check"]["days"] == 2
    assert "Learned from routed days" in page
