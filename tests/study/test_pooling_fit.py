"""How demand deviates: found again in what was made by a law, with honest errors, and in a study."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from netdesign.errors import InputError
from netdesign.study import Study, lint
from netdesign.study.pooling_fit import fit_pooling
from netdesign.study.scenarios import futures


def made(exponent=0.8, series=40, days=400, seed=3):
    rng = np.random.default_rng(seed)
    mean = np.geomspace(20, 2000, series)
    return rng.normal(mean[:, None], 1.4 * mean[:, None] ** exponent, (series, days))


def test_the_exponent_is_found_again_in_history_with_its_error():
    found = fit_pooling(made())
    assert found.exponent == pytest.approx(0.8, abs=4 * found.standard_error)
    assert 0 < found.standard_error < 0.02
    assert found.variability == pytest.approx(1.4, rel=0.15)
    assert found.series == 40


@pytest.mark.parametrize("demand", [np.ones((5, 9)), np.ones(4), [[1, 2], [2, 1]]])
def test_a_history_that_says_nothing_is_an_input_error(demand):
    with pytest.raises(InputError, match="demand"):
        fit_pooling(demand)


def test_the_line_is_that_of_least_squares_with_its_errors():
    days = made(series=12, days=30)
    other = stats.linregress(np.log(days.mean(axis=1)), np.log(days.std(axis=1, ddof=1)))
    found = fit_pooling(days)
    assert (found.exponent, found.standard_error) == pytest.approx((other.slope, other.stderr), rel=1e-9)
    assert np.log(found.variability) == pytest.approx(other.intercept, rel=1e-9)
    assert found.variability_error / found.variability == pytest.approx(other.intercept_stderr, rel=1e-9)


def test_the_error_is_that_of_series_left_out_one_by_one():
    days = made(series=12, days=30)
    off = []
    for k in range(len(days)):
        fit, own = fit_pooling(np.delete(days, k, axis=0)), days[k]
        off.append(abs(fit.variability * own.mean() ** fit.exponent / own.std(ddof=1) - 1))
    assert fit_pooling(days).error == pytest.approx(np.mean(off), rel=1e-9)


STUDY = 'name = "Tiny"\n[tables]\nhistory = "history.csv"\n[frontiers]\npoints = 0\n[routing]\niterations = 50\n'
SEGMENTS = "segment,max_hours,variability,pooling_exponent\nhomes,1.5,3,0.6\nshops,2,4,0.7\n"


def sold(days, segment="homes"):
    """Rows of days of sales; what sold nothing on a day has no row."""
    rows = [
        f"{segment},shoe {s // 3},place {s % 3},d{d},{units:.6f}"
        for s, series in enumerate(days)
        for d, units in enumerate(series)
        if units
    ]
    return "\n".join(["segment,variant,place,day,units", *rows]) + "\n"


def test_a_segment_takes_what_its_history_says_and_the_others_keep_their_own(write_study):
    days = np.maximum(0.0, made(series=12, days=40))
    homes, shops = Study.read(write_study(study=STUDY, segments=SEGMENTS, history=sold(days))).cases()
    found = fit_pooling(days)
    assert (homes.pooling_exponent, homes.variability) == pytest.approx((found.exponent, found.variability))
    assert homes.pooling.sure
    assert (shops.pooling_exponent, shops.variability, shops.pooling) == (0.7, 4.0, None)


def test_a_scenario_changes_what_was_learned(write_study):
    days = np.maximum(0.0, made(series=12, days=40))
    text = STUDY.replace("[frontiers]", 'scenarios = "scenarios.csv"\n[frontiers]')
    scenarios = "scenario,table,filter,column,value,probability\nwild,segments,segment=homes,variability,2,0.3\n"
    files = {"study": text, "segments": SEGMENTS, "history": sold(days), "scenarios": scenarios}
    (planned, shops), (wild, same) = (s.cases() for _, _, s in futures(Study.read(write_study(**files))))
    assert wild.variability == pytest.approx(2 * planned.variability)
    assert wild.pooling_exponent == planned.pooling_exponent
    assert (same.variability, same.pooling_exponent) == (shops.variability, shops.pooling_exponent)


def test_an_exponent_beyond_the_square_root_law_is_held_there(write_study):
    days = np.abs(made(0.3, series=12, days=60))
    homes = Study.read(write_study(study=STUDY, segments=SEGMENTS, history=sold(days))).cases()[0]
    assert homes.pooling.exponent < 0.45
    assert homes.pooling_exponent == 0.5
    middle = np.exp(np.log(days.mean(axis=1)).mean())
    line = homes.pooling.variability * middle**homes.pooling.exponent
    assert homes.variability * middle**0.5 == pytest.approx(line)


def test_a_fit_that_is_not_sure_is_shown_and_not_taken(write_study):
    rng = np.random.default_rng(1)
    mean = np.geomspace(50, 100, 12)
    days = np.abs(rng.normal(mean[:, None], rng.uniform(5, 30, (12, 1)), (12, 25)))
    run = Study.read(write_study(study=STUDY, segments=SEGMENTS, history=sold(days))).run()
    figures = run.summary["segments"][0]["pooling"]
    assert figures["standard_error"] > 0.1
    assert (figures["used_exponent"], figures["used_variability"], figures["sure"]) == (0.6, 3.0, False)
    page = run.report.read_text("utf-8")
    assert "How demand varies from day to day" in page
    assert f"{figures['exponent']:.2f} ± {figures['standard_error']:.2f}" in page
    assert "the planner's own: the fit is too uncertain" in page


def test_short_histories_and_segments_nobody_knows_are_said(write_study):
    text = sold(np.abs(made(series=3, days=5))) + "home,shoe,place,d1,4\n"
    found = [str(p) for p in lint(write_study(study=STUDY, segments=SEGMENTS, history=text)) if p.file == "history.csv"]
    assert found == [
        "history.csv row 17, segment: is 'home'; expected a segment of segments.csv. Did you mean 'homes'?",
        "warning: history.csv row 2, day: is 3 series of 5 days of homes; expected at least 10 series, each a variant "
        "at a place, of 20 days. Its variability and exponent of the table of segments are used until there are more.",
    ]
