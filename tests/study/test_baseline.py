"""Today's network by hand, and against itself."""

from __future__ import annotations

import pandas as pd
import pytest

from netdesign.study import Study, lint
from netdesign.study.baseline import baseline_of

STUDY = 'name = "Tiny"\ncountry = "NL"\ntables.baseline = "baseline.csv"\n[routing]\niterations = 50\n'
SPENT = STUDY.replace("[routing]", 'tables.spend = "spend.csv"\n[frontiers]\npoints = 0\n[routing]')
CUSTOMERS = "customer,segment,lon,lat,buyers,service_minutes\na,shops,5.12,52.19,100000,6\nb,shops,5.12,52.09,250,6\n"
SITES = (
    "site,lon,lat,fixed_year,rent,wage,handling,status\n"
    "Utrecht,5.12,52.09,20000,5000,30,0.5,closed\nArnhem,5.91,51.98,1000,0,24,0.5,candidate\n"
)
SEGMENTS = "segment,max_hours,make_minutes,material_cost,growth\nshops,2,6,3,10\n"
BASELINE = "segment,customer,site\nshops,a,Utrecht\n"


def test_a_network_of_one_stop_costs_what_the_hand_says(write_study):
    files = {"customers": CUSTOMERS, "sites": SITES, "segments": SEGMENTS, "baseline": BASELINE}
    (case,) = Study.read(write_study(study=STUDY, **files)).cases()
    found = baseline_of(case)
    # 400 orders a day at one address 11.1195 km away are one stop with 400 of 1000 kg; 28.911 km there and back at
    # 40 km/h; no growth; the closed site is used today; the way between stops of one a day is next to nothing.
    accounts = found.accounts.set_index("account")["model"]
    trip_h = 28.911 / 40
    assert accounts["supplier"] == pytest.approx(100_000 * 3)
    assert accounts["labor"] == pytest.approx(100_000 * (6 / 60 * 30 + 0.5))
    assert accounts["infrastructure"] == pytest.approx(25_000)
    share = 0.4
    daily = 60 * share + share * (0.25 * 28.911 + 28 * trip_h) + 28 * 0.1
    assert accounts["logistics"] == pytest.approx(250 * daily, rel=1e-4)
    assert found.sites == ("Utrecht",)
    assert (found.mean_h, found.late) == pytest.approx((trip_h / 2, 0.0), rel=1e-4)
    assert found.accounts["spent"].isna().all()


def test_the_design_as_today_s_network_has_the_design_s_accounts(write_study, done):
    rows = ["segment,customer,site"]
    spend = ["segment,account,cost_per_year"]
    for segment in done.segments:
        sites = segment.case.sites["site"].to_numpy()[segment.design.assignment]
        rows += [f"{segment.case.name},{c},{s}" for c, s in zip(segment.case.customers["customer"], sites, strict=True)]
        totals = segment.accounts.groupby("account")["cost_per_year"].sum()
        spend += [f"{segment.case.name},{a},{c:.9f}" for a, c in totals.items() if c]
    text = {"baseline": "\n".join(rows) + "\n", "spend": "\n".join(spend) + "\n"}
    # Sites that are there already have no opening to pay off: without one the two are the same.
    sites = (done.out.parent / "sites.csv").read_text("utf-8").replace("5000,10000,candidate", "7000,0,candidate")
    folder = write_study(study=SPENT, sites=sites, **text)
    assert [p for p in lint(folder) if p.file == "spend.csv"] == []
    run = Study.read(folder).run()
    for figures in run.summary["segments"]:
        table = pd.read_csv(run.out / "segments" / figures["slug"] / "baseline.csv")
        assert table["model"].tolist() == pytest.approx([figures["accounts"][a] for a in table["account"]])
        assert table["error"].dropna().abs().max() < 1e-9
        assert figures["baseline"]["largest_error"] < 1e-9
    page = run.report.read_text("utf-8")
    assert "Today's network" in page
    assert "No account of it is more than 0.0 % off what is spent" in page


def test_orders_farther_than_was_promised_are_counted(write_study):
    # a is 28.911 / 2 km of road away, at 40 km/h 0.361 h; b is where the site is.
    files = {"customers": CUSTOMERS, "sites": SITES, "baseline": BASELINE + "shops,b,Utrecht\n"}
    (case,) = Study.read(write_study(study=STUDY, segments=SEGMENTS.replace("shops,2", "shops,0.3"), **files)).cases()
    found = baseline_of(case)
    assert found.late == pytest.approx(100_000 / 100_250)
    assert found.mean_h == pytest.approx(0.361389 * 100_000 / 100_250, rel=1e-4)


def said(folder):
    return [str(problem) for problem in lint(folder) if problem.file in ("spend.csv", "baseline.csv", "segments.csv")]


def test_spend_that_the_model_misses_is_a_warning_that_says_where_to_look(write_study):
    files = {"customers": CUSTOMERS, "sites": SITES, "segments": SEGMENTS, "baseline": BASELINE + "shops,b,Arnhem\n"}
    spend = "segment,account,cost_per_year\nshops,supplier,300750\nshops,infrastructure,40000\n"
    assert said(write_study(study=SPENT, spend=spend, **files)) == [
        "warning: spend.csv row 3, cost_per_year: is 40,000; expected within 10% of the 26,000 that the model says of "
        "today's network. Look for fixed_year, rent and machines."
    ]


def test_customers_sites_segments_and_tiers_nobody_knows_are_named(write_study):
    files = {"customers": CUSTOMERS, "sites": SITES, "segments": SEGMENTS.replace(",10", ",10,fast")}
    files["segments"] = files["segments"].replace("growth\n", "growth,baseline_tier\n")
    files["service_tiers"] = "tier,segment\nfaster,shops\n"
    study = SPENT.replace("tables.spend", 'tables.service_tiers = "service_tiers.csv"\ntables.spend')
    baseline = "segment,customer,site\nshops,a,Utrecht\nshops,c,Utrecht\nshops,b,Utrech\n"
    spend = "segment,account,cost_per_year\nshop,labor,5\n"
    assert said(write_study(study=study, baseline=baseline, spend=spend, **files)) == [
        "baseline.csv row 4, site: is 'Utrech'; expected a site of sites.csv. Did you mean 'Utrecht'?",
        "spend.csv row 2, segment: is 'shop'; expected a segment of segments.csv. Did you mean 'shops'?",
        "baseline.csv row 3, customer: is 'c'; expected a customer of shops. Known: a, b.",
        "segments.csv row 2, baseline_tier: is 'fast'; expected a tier of shops. Did you mean 'faster'?",
    ]


def test_customers_without_a_site_today_are_a_warning_and_spend_without_a_network_too(write_study):
    files = {"customers": CUSTOMERS, "sites": SITES, "baseline": BASELINE}
    files["segments"] = SEGMENTS + "other,2,0,1,0\n"
    files["customers"] += "c,other,5.12,52.19,10,6\n"
    spend = "segment,account,cost_per_year\nother,labor,5\n"
    assert said(write_study(study=SPENT, spend=spend, **files)) == [
        "warning: baseline.csv, customer: is without 1 customers of shops, as b; expected a row for each customer that "
        "is served today. They count as new customers.",
        "warning: spend.csv row 2, segment: is 'other'; expected a segment with rows in the table of the baseline. "
        "Its spend is not compared.",
    ]
