"""Moves of single nodes against enumeration, on days that cost what the formula does not know."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from netdesign.stop import Stop
from netdesign.study import Study
from netdesign.study.cost import order_costs
from netdesign.study.factors import ELSEWHERE, PLAIN, Factor, Factors
from netdesign.study.options import Option, design_at
from netdesign.study.polish import needed, neighbours, polished, routed_gain
from netdesign.study.refit import road_money
from netdesign.study.route_check import asked_days, draw_day, predict, routed_days

STOP = Stop(gap=0.0)
DAYS = range(6, 10)
SITES = """site,lon,lat,fixed_year,wage,status
Utrecht,5.12,52.09,10000,24,candidate
Zeist,5.20,52.09,10500,24,candidate
Arnhem,5.91,51.98,10000,24,candidate
Velp,5.97,51.99,10500,24,candidate
"""
SEGMENTS = "segment,max_hours\nhomes,3\nshops,3\n"
LEARNED = Factors(
    (
        Factor("van", ELSEWHERE, 1.1, 0.3, 2, 100),
        Factor("van", "Utrecht", 1.05, 0.1, 2, 100),
        Factor("van", "Arnhem", 1.05, 0.1, 2, 100),
    )
)
"""What the formula believes; on the road of a test it is otherwise."""


class Road:
    """Routes days; what they cost is made of the plain formula, times the true factor of a node and day."""

    def __init__(self, case, true, monkeypatch):
        self.case, self.true, self.made, self.known = case, true, {}, {}
        monkeypatch.setattr("netdesign.study.polish.routed_cost", lambda plan, vehicle: self.made[id(plan)])

    def designs(self, choices):
        return [self.option(sites) for sites in choices]

    def option(self, sites):
        return Option(self.case, design_at(self.case, sites, STOP))

    def driven(self, option):
        """Kept, so that no two plans have one id."""
        if option.design.open not in self.known:
            asked = asked_days(option.case, option.costs, option.design, DAYS)
            days = routed_days(option.case, asked, Stop(max_iterations=1))
            for day in days:
                plain = float(predict(self.case.learning(PLAIN), day).cost.sum())
                self.made[id(day.result.best())] = plain * self.true(str(self.case.sites["site"].iloc[day.site]), day)
            self.known[option.design.open] = days
        return self.known[option.design.open]

    def polished(self, start, most=20):
        return polished(start, designs=self.designs, routed=self.driven, days=DAYS, most=most, gap=0.0)

    def names(self, option):
        return {*self.case.sites["site"].iloc[list(option.design.open)]}


@pytest.fixture
def case(write_study):
    return Study.read(write_study(sites=SITES, segments=SEGMENTS)).cases()[0].learning(LEARNED)


def true_profit(case, option, factors):
    """Of a year, with the factors that the road really has."""
    money = road_money(option)
    return option.profit + LEARNED.cost(money) - sum(plain * factors[site] for (_, site), plain in money.items())


def test_moves_end_at_the_nodes_that_are_best_with_the_true_factors(case, monkeypatch):
    """The formula takes Utrecht and Zeist for alike; the road from Utrecht costs half more."""
    factors = {"Utrecht": 1.6, "Zeist": 1.0, "Arnhem": 1.05, "Velp": 1.2}
    road = Road(case, lambda site, day: factors[site], monkeypatch)
    start = road.option((0, 2))
    best, polish, taught = road.polished(start)
    every = [road.option(sites) for size in (1, 2, 3, 4) for sites in itertools.combinations(range(4), size)]
    truly = max(every, key=lambda option: true_profit(case, option, factors))
    assert road.names(truly) == {"Zeist", "Arnhem"}
    assert road.names(best) == road.names(truly)
    assert polish.left == 0
    moves = polish.moves.set_index("move")
    swap = moves.loc["+Zeist; -Utrecht"]
    assert swap["adopted"]
    assert swap["predicted_gain"] < 0
    # The drawn days are four of many: the routed gain is the true one within its error.
    gain = true_profit(case, best, factors) - true_profit(case, start, factors)
    assert abs(swap["routed_gain"] - gain) < 4 * swap["standard_error"] + 0.05 * gain
    assert (moves["routed_gain"][~moves["adopted"]] < 2.9 * moves["standard_error"][~moves["adopted"]]).all()
    # What was routed was learned: a node's days once, at the factor of the road.
    sums = taught.groupby("site")[["predicted_cost", "stops"]].sum()
    assert {"Utrecht", "Zeist", "Arnhem"} <= set(sums.index)
    assert not taught.duplicated(["site", "day"]).any()


def test_noise_moves_no_node(case, monkeypatch):
    """All nodes cost the same on average; single days differ by a third."""
    rng = np.random.default_rng(3)
    road = Road(case, lambda site, day: 1.1 + rng.choice([-0.35, 0.35]), monkeypatch)
    best, polish, _ = road.polished(road.option((0, 2)))
    assert len(polish.moves) > 2
    assert road.names(best) == {"Utrecht", "Arnhem"}


@pytest.mark.parametrize("days", [3, 10])
def test_a_mean_of_nothing_exceeds_the_threshold_in_one_case_of_fifty(days):
    saved = np.random.default_rng(days).standard_normal((100_000, days))
    error = saved.std(axis=1, ddof=1) / np.sqrt(days)
    assert (saved.mean(axis=1) > needed(days) * error).mean() == pytest.approx(0.0228, abs=0.002)
    assert needed(1) == np.inf


def test_the_gain_of_a_move_is_what_the_accounts_and_the_days_say(case, monkeypatch):
    road = Road(case, lambda site, day: 1.0, monkeypatch)
    before, after = road.option((0, 2)), road.option((0,))
    gain, error = routed_gain(before, road.driven(before), after, road.driven(after), DAYS)
    days = {
        o: np.array([sum(road.made[id(d.result.best())] for d in road.driven(o) if d.number == n) for n in DAYS])
        for o in (before, after)
    }
    saved = 250 * (days[before] - days[after])
    outside = {o: -o.design.objective + LEARNED.cost(road_money(o)) for o in (before, after)}
    assert gain == pytest.approx(outside[after] - outside[before] + saved.mean())
    assert error == pytest.approx(saved.std(ddof=1) / 2)


def test_a_move_that_leaves_stops_without_a_vehicle_is_not_made(case, monkeypatch):
    factors = {"Utrecht": 1.6, "Zeist": 1.0, "Arnhem": 1.05, "Velp": 1.2}
    road = Road(case, lambda site, day: factors[site], monkeypatch)

    def short(option):
        days = road.driven(option)
        return [replace(d, unserved=("a",)) for d in days] if 1 in option.design.open else days

    start = road.option((0, 2))
    best, polish, _ = polished(start, designs=road.designs, routed=short, days=DAYS, most=20, gap=0.0)
    assert 1 not in best.design.open
    assert polish.moves.set_index("move").loc["+Zeist; -Utrecht", "more_unserved"] > 0


def test_sites_that_stay_are_not_left_and_customers_not_given_up(case):
    fixed = replace(case, sites=case.sites.assign(status=["candidate", "candidate", "open", "candidate"]))
    found = set(neighbours(Option(fixed, design_at(fixed, (0, 2), STOP))))
    assert found == {(2,), (0, 1, 2), (0, 2, 3), (1, 2), (2, 3)}
    near = replace(case, max_hours=1.5)
    assert not set(neighbours(Option(near, design_at(near, (0, 2), STOP)))) & {(0,), (2,)}


def test_the_budget_ends_the_trying(case, monkeypatch):
    road = Road(case, lambda site, day: 1.1, monkeypatch)
    _, polish, _ = road.polished(road.option((0, 2)), most=1)
    assert len(polish.moves) == 1
    assert polish.left > 0


def test_a_day_is_the_same_for_every_design_whoever_is_declined(case):
    costs = order_costs(case)
    design = design_at(case, (0, 2), STOP)
    few = replace(design, assignment=np.where(np.arange(len(design.assignment)) % 2, -1, design.assignment))
    day, less = draw_day(case, costs, design, 3), draw_day(case, costs, few, 3)
    assert less.equals(day[day["row"] % 2 == 0].reset_index(drop=True))


def test_the_run_says_what_was_tried_and_its_bound_is_that_of_all_networks(write_study):
    text = 'name = "Tiny"\n[last_mile]\nrefit_rounds = 1\nk = 0.3\n[routing]\ndays = 2\niterations = 50\n'
    alike = SITES.replace("5.20,52.09,10500", "5.121,52.09,10001").replace("5.97,51.99,10500", "5.911,51.98,10001")
    folder = write_study(study=text + "[frontiers]\npoints = 0\n", sites=alike, segments=SEGMENTS)
    run = Study.read(folder).run()
    page, tried = run.report.read_text("utf-8"), 0
    for segment, figures in zip(run.segments, run.summary["segments"], strict=True):
        case = segment.case
        table = pd.read_csv(run.out / "segments" / figures["slug"] / "polish.csv")
        assert table["move"].tolist() == [move["move"] for move in figures["polish"]["moves"]]
        assert len(table) <= 6
        tried += len(table)
        cost, fixed = order_costs(case).total * case.orders_per_year[:, None], case.fixed_cost_per_year
        choices = [list(c) for size in (1, 2, 3, 4) for c in itertools.combinations(range(4), size)]
        cheapest = min(fixed[c].sum() + cost[:, c].min(axis=1).sum() for c in choices)
        assert segment.design.bound == pytest.approx(cheapest)
        assert segment.design.objective >= cheapest - 1e-6
    assert tried > 0
    assert "would one node more, less or elsewhere do better on the road?" in page
