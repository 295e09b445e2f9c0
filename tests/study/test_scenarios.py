from __future__ import annotations

import math

import numpy as np
import pytest

from netdesign.stop import Stop
from netdesign.study import Study, lint
from netdesign.study.cost import order_costs
from netdesign.study.network import Member
from netdesign.study.risk import tail_mean
from netdesign.study.scenario_tables import PLAN
from netdesign.study.scenarios import futures, outlook

STOP = Stop(gap=0.0)
HEAD = "scenario,table,filter,column,op,value,probability\n"
ROWS = (
    "boom,customers,segment=homes,buyers,multiply,3,0.25\n"
    "dear sites,sites,,fixed_year,multiply,2,0.25\n"
    "dear sites,sites,site=Arnhem,wage,add,6,0.25\n"
)


def study_with(write_study, rows, name="study"):
    text = (
        'name = "Tiny"\nworking_days_per_year = 250\ntables.scenarios = "scenarios.csv"\n[routing]\niterations = 50\n'
    )
    return write_study(name, study=text, scenarios=HEAD + rows)


def test_a_scenario_changes_the_cells_it_names_and_no_others(write_study):
    plan, boom, dear = futures(Study.read(study_with(write_study, ROWS)))
    assert [(name, p) for name, p, _ in (plan, boom, dear)] == [(PLAN, 0.5), ("boom", 0.25), ("dear sites", 0.25)]
    before, after = plan[2].customers.set_index("customer"), boom[2].customers.set_index("customer")
    assert after.at["Zeist", "buyers"] == 3 * before.at["Zeist", "buyers"]
    assert after.at["shop one", "buyers"] == before.at["shop one", "buyers"]
    assert dear[2].sites["wage"].tolist() == [30.0, 30.0, 24.0]
    assert dear[2].sites["fixed_year"].tolist() == [40_000.0, 36_000.0, 120_000.0]


def test_every_network_in_every_scenario_against_enumeration(write_study):
    study = Study.read(study_with(write_study, ROWS))
    ahead = futures(study)
    cases = [(name, p, s.cases()[0]) for name, p, s in ahead]
    member = Member(cases[0][2], order_costs(cases[0][2]), decline=False)
    found = outlook(member, cases, STOP, tail=0.25)

    def cost(case, choice):
        orders = order_costs(case).total * case.orders_per_year[:, None]
        return case.fixed_cost_per_year[choice].sum() + orders[:, choice].min(axis=1).sum()

    choices = [[j for j in range(3) if mask >> j & 1] for mask in range(1, 8)]
    best = [min(choices, key=lambda c, case=case: cost(case, c)) for _, _, case in cases]
    profit = np.array([[-cost(case, choice) for _, _, case in cases] for choice in best])
    assert found.table[[f"in {name}" for name, _, _ in cases]].to_numpy() == pytest.approx(profit)
    assert found.table["expected"].to_numpy() == pytest.approx(profit @ [0.5, 0.25, 0.25])
    assert found.table["regret"].to_numpy() == pytest.approx((profit.max(axis=0) - profit).max(axis=1))
    assert found.table["tail"].to_numpy() == pytest.approx(profit.min(axis=1))
    # Proven to the end: no network beats the best of every scenario, the chosen one or any other.
    every = np.array([[-cost(case, choice) for _, _, case in cases] for choice in choices])
    table = found.table.iloc[0]
    assert found.table["bound"].to_numpy() == pytest.approx(every.max(axis=0))
    assert table["expected_bound"] == pytest.approx(every.max(axis=0) @ [0.5, 0.25, 0.25])
    assert table["expected_bound"] >= (every @ [0.5, 0.25, 0.25]).max()
    assert table["tail_bound"] >= every.min(axis=1).max()
    regret = (every.max(axis=0) - profit).max(axis=1)
    assert found.table["regret_at_most"].to_numpy() == pytest.approx(regret, abs=1e-6)
    assert found.table.set_index("network")["expected"].idxmax() == found.robust["expected"]


def test_the_tail_is_the_mean_over_the_worst_part():
    # The worst 30 %: all of the 10 % at -5, and 20 of the 60 % at 1.
    assert tail_mean(np.array([1.0, -5.0, 9.0]), np.array([0.6, 0.1, 0.3]), 0.3) == pytest.approx((-0.5 + 0.2) / 0.3)
    assert tail_mean(np.array([2.0]), np.array([1.0]), 0.2) == 2.0


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (
            "x,sites,,fixed_yaer,multiply,2,0.1\n",
            "row 2, column: is 'fixed_yaer'; expected a column of numbers of sites. Did",
        ),
        (
            "x,sites,site=Ede,wage,set,-1,0.1\n",
            "row 2, value: is making it -1; expected wage of sites to stay a number >= 0",
        ),
        ("x,sites,site=Edam,wage,set,1,0.1\n", "row 2, filter: is 'site=Edam'; expected a filter that takes a row"),
        (
            "x,sites,sight=Ede,wage,set,1,0.1\n",
            "row 2, filter: is 'sight=Ede'; expected column=word, parted by ;. Did you",
        ),
        ("x,sits,,wage,set,1,0.1\n", "row 2, table: is 'sits'; expected one of"),
        ("x,sites,,wage,raise,1,0.1\n", "row 2, op: is 'raise'; expected one of set, multiply, add"),
        ("x,sites,,wage,set,1,0.1\nx,sites,,rent,set,1,0.2\n", "row 3, probability: is 0.2; expected 0.1, that of"),
        (
            "x,customers,,buyers,multiply,1e300,0.1\n",
            "row 2, value: is 1e+300; expected a number up to 1e+15.",
        ),
        (
            "x,sites,,machine_h,multiply,0,0.1\n",
            "row 2, value: is making it nan; expected machine_h of sites to stay a number > 0 (h per year). Where",
        ),
        (
            "x,customers,customer=Zeist,earliest_h,set,9,0.1\nx,customers,,latest_h,set,8,0.1\n",
            "row 2, value: is a change that leaves latest_h 8 in row 4 of customers; expected not before earliest_h.",
        ),
        (
            "as planned,sites,,wage,set,1,0.1\n",
            "row 2, scenario: is 'as planned'; expected another name. So is the study itself called",
        ),
        ("x,sites,,wage,set,1,0.7\ny,sites,,rent,set,1,0.7\n", "probability: is 1.4 in all; expected at most 1."),
    ],
)
def test_a_scenario_that_cannot_be_is_an_error_with_its_row(write_study, rows, message):
    assert any(message in str(problem) for problem in lint(study_with(write_study, rows)))


def test_a_run_writes_the_outlook_of_every_segment(write_study):
    run = Study.read(study_with(write_study, ROWS)).run()
    for figures in run.summary["segments"]:
        table = (run.out / "segments" / figures["slug"] / "scenarios.csv").read_text()
        assert table.startswith(
            "network,nodes,in as planned,in boom,in dear sites,bound,expected,expected_bound,tail,tail_bound,regret,"
            "regret_at_most\n"
        )
        assert figures["robust"].keys() == {"expected", "tail", "regret"}
        assert math.isfinite(figures["objective"])
    assert "What if" in run.report.read_text("utf-8")
