"""Rates from shipments: made by a law, against least squares of another library, and in a study."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from netdesign.study import Study, lint
from netdesign.study.cost import order_costs
from netdesign.study.lane_rates import fit_rates, ridge


def made(n=400, noise=0.0, seed=1):
    rng = np.random.default_rng(seed)
    km, kg = np.exp(rng.uniform(2, 6, n)), np.exp(rng.uniform(0, 4, n))
    return pd.DataFrame({"km": km, "kg": kg, "cost": 3.0 * km**0.4 * kg**0.3 * np.exp(rng.normal(0, noise, n))})


def test_rates_that_follow_the_law_are_found_exactly():
    found = fit_rates(made())
    assert (found.level, found.exponents["km"], found.exponents["kg"]) == pytest.approx((3.0, 0.4, 0.3), rel=1e-9)
    assert found.error < 1e-9
    assert found.penalty == 0.0
    assert found.cost([100.0], [5.0]) == pytest.approx(3.0 * 100**0.4 * 5**0.3)


def test_without_a_penalty_it_is_least_squares_with_its_standard_errors():
    table = made(noise=0.3)
    x, y = np.log(table["km"].to_numpy()), np.log(table["cost"].to_numpy())
    beta, covariance, _ = ridge(x[:, None], y, 0.0)
    other = stats.linregress(x, y)
    assert beta == pytest.approx([other.intercept, other.slope], rel=1e-9)
    assert np.sqrt(np.diag(covariance)) == pytest.approx([other.intercept_stderr, other.stderr], rel=1e-9)


def test_a_penalty_is_the_least_squares_of_rows_added_to_the_data():
    table = made(60, noise=0.3)
    x, y = np.log(table[["km", "kg"]].to_numpy()), np.log(table["cost"].to_numpy())
    z = (x - x.mean(axis=0)) / x.std(axis=0)
    slope, *_ = np.linalg.lstsq(np.vstack([z, np.sqrt(10.0) * np.eye(2)]), np.r_[y - y.mean(), 0.0, 0.0], rcond=None)
    beta, _, _ = ridge(x, y, 10.0)
    assert beta[1:] == pytest.approx(slope / x.std(axis=0), rel=1e-9)
    assert beta[0] == pytest.approx(y.mean() - x.mean(axis=0) @ beta[1:], rel=1e-9)


def test_the_error_is_that_of_new_shipments():
    found, fresh = fit_rates(made(4000, noise=0.2)), made(5000, noise=0.2, seed=9)
    new = float(np.abs(found.cost(fresh["km"], fresh["kg"]) / fresh["cost"] - 1).mean())
    assert found.error == pytest.approx(new, rel=0.15)
    # The mean of a log-normal is above its median: e^(0.2^2 / 2), which is 2 %.
    assert found.cost(fresh["km"], fresh["kg"]).sum() == pytest.approx(fresh["cost"].sum(), rel=0.015)


def test_the_truth_is_as_many_standard_errors_away_as_chance_allows():
    fits = [fit_rates(made(200, noise=0.2, seed=seed)) for seed in range(40)]
    off = [(f.exponents[n] - truth) / f.standard_errors[n] for f in fits for n, truth in (("km", 0.4), ("kg", 0.3))]
    assert np.mean(np.square(off)) == pytest.approx(1.0, abs=0.4)


def test_a_mass_that_never_varies_leaves_distance_alone():
    found = fit_rates(made(noise=0.1).assign(kg=2.0))
    assert found.exponents["kg"] == 0.0
    assert np.isfinite(found.cost([10.0], [2.0])).all()
    assert found.beyond([10.0, 10.0, 1e9], [2.0, 3.0, 2.0]).tolist() == [False, True, True]


def test_too_few_shipments_say_nothing():
    assert fit_rates(made(29)) is None


STUDY = (
    'name = "Tiny"\n[tables]\nmodes = "modes.csv"\nshipments = "shipments.csv"\nservice_tiers = "service_tiers.csv"\n'
)
TIERS = "tier,segment,mode\nparcel,shops,post\n"
MODES = "mode,cost_per_order\npost,99\nother,1\n"


def shipped(n):
    return made(n).assign(mode="post").to_csv(index=False)


def test_an_order_costs_what_the_fitted_rates_say(write_study):
    files = {"modes": MODES, "service_tiers": TIERS, "segments": "segment,max_hours\nhomes,2\nshops,1000\n"}
    folder = write_study(study=STUDY, shipments=shipped(60), **files)
    case = Study.read(folder).cases()[1]
    case = case.offering(type(case.offer)(case.tiers[0], 1, 1.0))
    costs = order_costs(case)
    km = costs.drive_km
    here = np.maximum(km, case.mode.rates.ranges["km"][0])
    expected = 3.0 * here**0.4 * np.maximum(2.0, case.mode.rates.ranges["kg"][0]) ** 0.3
    assert costs.parts["logistics", "deliver", "last mile"] == pytest.approx(expected, rel=1e-6)


def test_every_carrier_of_a_menu_is_shown_with_what_it_extrapolates(write_study):
    study = STUDY.replace(
        "[tables]", '[frontiers]\npoints = 0\n[routing]\niterations = 50\n[tables]\nvariants = "variants.csv"'
    )
    heavy = made(50, noise=0.1).assign(mode="fly", kg=lambda t: t["kg"] * 100)
    folder = write_study(
        study=study,
        segments="segment,price_weight,outside_utility,most_tiers\nshops,0.01,-1,2\n",
        customers="customer,segment,lon,lat,buyers,drop_kg\na,shops,5.11,52.10,2000,2\nb,shops,5.92,51.97,1500,2\n",
        variants="variant,segment,price\nred,shops,90\n",
        service_tiers="tier,segment,fee,mode\nslow,shops,0,post\nfast,shops,3,fly\n",
        modes="mode,cost_per_order\npost,99\nfly,99\n",
        shipments=shipped(60) + heavy[["km", "kg", "cost", "mode"]].to_csv(index=False, header=False),
    )
    run = Study.read(folder).run()
    post, fly = run.summary["segments"][0]["rates"]
    assert (post["mode"], post["shipments"], fly["mode"], fly["shipments"]) == ("post", 60, "fly", 50)
    assert post["extrapolated"] < fly["extrapolated"] == 1
    page = run.report.read_text("utf-8")
    for rates in (post, fly):
        assert f"<td>{rates['mode']}</td><td>{rates['shipments']}</td>" in page
        assert f"{rates['exponents']['km']:.3f} ± {rates['standard_errors']['km']:.3f}" in page


def test_few_shipments_and_carriers_nobody_knows_are_said(write_study):
    files = {"modes": MODES, "service_tiers": TIERS}
    text = shipped(3) + made(1).assign(mode="pots").to_csv(index=False, header=False)
    found = [str(p) for p in lint(write_study(study=STUDY, shipments=text, **files)) if p.file == "shipments.csv"]
    assert found == [
        "shipments.csv row 5, mode: is 'pots'; expected a mode of modes.csv. Did you mean 'post'?",
        "warning: shipments.csv row 2, mode: is 3 shipments of post; expected at least 30. Its own rates stay.",
    ]


def test_a_scenario_of_rates_that_are_learned_is_said(write_study):
    text = STUDY.replace("[tables]", '[tables]\nscenarios = "scenarios.csv"')
    scenarios = "scenario,table,column,value,probability\ndear,modes,cost_per_kg,2,0.3\n"
    files = {"modes": MODES, "service_tiers": TIERS, "shipments": shipped(40), "scenarios": scenarios}
    assert [str(p) for p in lint(write_study(study=text, **files)) if p.file == "scenarios.csv"] == [
        "warning: scenarios.csv row 2, column: is 'cost_per_kg'; expected a rate of a carrier without shipments. "
        "Rates that are learned from shipments are the same in every scenario."
    ]


def test_shipments_in_another_unit_are_said(write_study):
    files = {"modes": MODES, "service_tiers": TIERS}
    text = made(40).assign(mode="post", km=lambda t: t["km"] * 1000).to_csv(index=False)
    found = [str(p) for p in lint(write_study(study=STUDY, shipments=text, **files)) if p.file == "shipments.csv"]
    assert found
    assert all("expected at most 30000 km. Is this in metres? Divide by 1000." in line for line in found)
