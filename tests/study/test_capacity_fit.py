"""Practical capacity: found again in hours that were drawn with it, with honest errors, and in a study."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from netdesign.stop import Stop
from netdesign.study import Study, lint
from netdesign.study.capacity_fit import fit_hours
from netdesign.study.design import design_case
from netdesign.study.make import at_site, process_of
from netdesign.study.scenarios import futures


def drawn(true, seed=1, periods=26, spread=0.06):
    """Weeks of sites with true practical shares; the hours of a week and what is lost of them vary."""
    rng = np.random.default_rng(seed)
    scheduled = rng.uniform(60, 100, (len(true), periods))
    share = np.clip(rng.normal(np.asarray(true)[:, None], spread, scheduled.shape), 0, 1)
    return pd.DataFrame(
        {
            "technology": "moulding",
            "site": np.repeat([f"n{j}" for j in range(len(true))], periods),
            "period": np.tile([f"week {k}" for k in range(periods)], len(true)),
            "scheduled_h": scheduled.ravel(),
            "downtime_h": (scheduled * (1 - share)).ravel(),
            "changeover_h": 0.0,
            "run_h": 0.0,
        }
    )


def test_the_share_and_its_error_are_those_worked_out_by_hand():
    hours = drawn([0.8], periods=2).assign(scheduled_h=100.0, downtime_h=[10.0, 20.0], run_h=[60.0, 50.0])
    (fit,) = fit_hours(hours)
    # phi = (5^2 + 5^2) / 100 / (2 - 1), and its error the root of phi / 200.
    assert (fit.share, fit.standard_error) == pytest.approx((0.85, 0.05))
    assert (fit.sites[0].run, fit.sites[0].downtime, fit.periods) == pytest.approx((0.55, 0.15, 2))


def test_rows_of_one_site_and_period_are_one_observation():
    hours = drawn([0.8, 0.7])
    halves = hours.assign(**{c: hours[c] / 2 for c in ("scheduled_h", "downtime_h")})
    (whole,), (two) = fit_hours(hours), fit_hours(pd.concat([halves, halves]))
    assert two[0].share == pytest.approx(whole.share)
    assert two[0].standard_error == pytest.approx(whole.standard_error)


def test_one_period_of_every_site_has_no_error_bar_and_no_share():
    assert fit_hours(drawn([0.8, 0.7], periods=1)) == ()


def test_error_bars_cover_the_truth_as_often_as_they_say():
    """Over a hundred draws of eight sites: each site's, and by Student's t of seven degrees those of all."""
    rng, site, mean, elsewhere = np.random.default_rng(7), [], [], []
    for seed in range(100):
        true = rng.normal(0.82, 0.03, 9)
        (fit,) = fit_hours(drawn(true[:8], seed))
        site += [(s.share - t) / s.standard_error for s, t in zip(fit.sites, true[:8], strict=True)]
        mean.append((fit.share - 0.82) / fit.standard_error)
        elsewhere.append((fit.share - true[8]) / fit.elsewhere_error)
    assert np.mean(np.abs(site) < 1.0) == pytest.approx(0.683, abs=0.04)
    assert np.mean(np.abs(site) < 1.96) == pytest.approx(0.95, abs=0.025)
    for errors in (mean, elsewhere):
        assert np.mean(np.abs(errors) < 2.365) == pytest.approx(0.95, abs=0.05)


STUDY = """name = "Hours"
[tables]
technologies = "technologies.csv"
machine_hours = "machine_hours.csv"
[frontiers]
points = 0
[routing]
iterations = 50
"""
TECHNOLOGIES = """technology,capex,life_years,build_h,scheduled_h,capacity_h
moulding,60000,10,0.2,2000,1900
forging,90000,10,0.2,2000,1800
"""
PLAIN = {
    "study": STUDY.replace('machine_hours = "machine_hours.csv"\n', ""),
    "segments": "segment\nhomes\n",
    "customers": "customer,segment,lon,lat,buyers\nwest,homes,5.08,52.09,9000\nnorth,homes,5.91,52.01,19000\n",
    "technologies": TECHNOLOGIES,
}


def written(hours, *sites):
    """The table of hours, at sites of these names."""
    return hours.assign(site=hours["site"].map({f"n{j}": name for j, name in enumerate(sites)})).to_csv(index=False)


@pytest.fixture(scope="module")
def tables():
    rough = drawn([0.95, 0.7, 0.5]).assign(technology="forging")
    hours = pd.concat([drawn([0.86, 0.76, 0.8]), rough])
    return PLAIN | {"study": STUDY, "machine_hours": written(hours, "Utrecht", "Arnhem", "")}


@pytest.fixture(scope="module")
def run(tmp_path_factory, write_in, tables):
    return Study.read(write_in(tmp_path_factory.mktemp("hours") / "study", **tables)).run()


def test_a_site_has_the_hours_that_its_machines_had_and_the_others_the_mean(write_study, tables):
    study = Study.read(write_study(**tables))
    case, fit = study.cases()[0], study.practical[0]
    process = process_of(case, "moulding", 1.0)
    expected = [2000 * fit.sites[0].share, 2000 * fit.sites[1].share, 2000 * fit.share]
    assert [at_site(case, process, j).capacity_h for j in range(3)] == pytest.approx(expected)
    assert expected[0] > expected[2] > expected[1]


def test_a_capacity_that_is_learned_designs_what_the_same_capacity_written_down_does(write_study):
    hours = written(drawn([0.7]), "")
    learned = Study.read(write_study("learned", **PLAIN | {"study": STUDY, "machine_hours": hours}))
    own = TECHNOLOGIES.replace("1900", repr(2000 * learned.practical[0].share))
    plain = Study.read(write_study("plain", **PLAIN | {"technologies": own}))
    first, second = (design_case(study.cases()[0], Stop(gap=0.0)) for study in (learned, plain))
    assert first.objective == pytest.approx(second.objective, rel=1e-12)
    assert [p.machines(0.2 * 19000) for p in first.processes.values()] != [2]


def test_without_hours_the_planner_s_capacity_stays_and_without_that_it_is_the_usual_share(write_study):
    text = TECHNOLOGIES.replace("2000,1800", "2000,")
    capacity = Study.read(write_study(**PLAIN | {"technologies": text})).technologies["capacity_h"]
    assert capacity.tolist() == [1900.0, 0.85 * 2000]


def test_a_share_that_is_not_sure_is_shown_and_not_taken(run):
    fit = run.summary["practical"][1]
    assert (fit["technology"], fit["taken"], fit["capacity_h"]) == ("forging", False, 1800.0)
    assert fit["standard_error"] > 0.05
    page = run.report.read_text("utf-8")
    assert "1,800 hours of a machine a year, the planner's own: what was learned is too uncertain" in page


def test_the_report_shows_the_share_its_error_and_the_machines_at_both_ends(run):
    fit, (row,) = run.summary["practical"][0], run.summary["segments"][0]["machines"]
    nodes = pd.read_csv(run.out / "segments" / "homes" / "sites.csv").query("open")
    own = {s["site"]: (s["share"], s["standard_error"]) for s in fit["sites"]}
    for word, side in (("fewer", -1), ("planned", 0), ("more", 1)):
        machines = 0
        for node in nodes.itertuples():
            share, error = own.get(node.site, (fit["share"], fit["elsewhere_error"]))
            hours = node.machine_use * node.machines * 2000 * share
            machines += max(1, math.ceil(hours / (2000 * (share + side * error)) - 1e-9))
        assert row[word] == {"machines": machines, "cost_per_year": pytest.approx(6000 * machines)}
    assert row["planned"]["machines"] == nodes["machines"].sum()
    page = run.report.read_text("utf-8")
    assert f"{100 * fit['share']:.1f} % ± {100 * fit['standard_error']:.1f} %" in page
    assert "The same network, were all its machines one standard error off" in page


def test_scenarios_change_the_capacity_that_was_learned(write_study, tables):
    scenarios = "scenario,table,column,value,probability\nstrikes,technologies,capacity_h,0.5,0.3\n"
    text = STUDY.replace("[frontiers]", 'scenarios = "scenarios.csv"\n[frontiers]')
    study = Study.read(write_study(**tables | {"study": text, "scenarios": scenarios}))
    planned, strikes = (s.cases()[0].machine_h["moulding"] for _, _, s in futures(study))
    assert strikes == pytest.approx(planned / 2)
    wrong = scenarios.replace("capacity_h,0.5", "scheduled_h,1.1")
    assert [str(p) for p in lint(write_study("wrong", **tables | {"study": text, "scenarios": wrong}))] == [
        "scenarios.csv row 2, column: is 'scheduled_h'; expected capacity_h. "
        "The capacity that is used follows from scheduled_h before there are scenarios."
    ]


def test_hours_of_too_few_periods_of_strange_machines_and_of_no_year_are_said(write_study):
    hours = pd.concat([drawn([0.8], periods=3), drawn([0.8], periods=2).assign(technology="forging")])
    text = written(hours, "") + "mouldin,Ede,week 1,80,8,0,0\nmoulding,Ede n,week 1,80,8,0,0\n"
    more = TECHNOLOGIES.replace("2000,1800", ",1800")
    found = lint(write_study(**PLAIN | {"study": STUDY, "machine_hours": text, "technologies": more}))
    assert [str(p) for p in found if p.file == "machine_hours.csv"] == [
        "machine_hours.csv row 7, technology: is 'mouldin'; expected a technology of technologies.csv. "
        "Did you mean 'moulding'?",
        "machine_hours.csv row 8, site: is 'Ede n'; expected a site of sites.csv. Did you mean 'Ede'?",
        "warning: machine_hours.csv row 2, period: is 3 periods of moulding; expected at least 12. "
        "Its capacity_h of the table of technologies is used until there are more.",
        "warning: machine_hours.csv row 5, technology: is 'forging'; expected scheduled_h of forging in "
        "technologies.csv. Its own capacity_h stays.",
    ]
