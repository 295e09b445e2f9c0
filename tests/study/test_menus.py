"""Menus of service tiers against the logit by hand and every choice of sites."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from netdesign.stop import Stop
from netdesign.study import Study
from netdesign.study.cost import order_costs
from netdesign.study.menus import menu_offers, menu_table, menus, offered
from netdesign.study.network import Member
from netdesign.study.options import Option, design_offer
from netdesign.study.value import make_offer
from netdesign.study.variety import best_offer
from netdesign.study.workers import InPlace

STOP = Stop(gap=0.0)
TABLES = {
    "study": 'name = "Menu"\nworking_days_per_year = 250\n[tables]\nvariants = "variants.csv"\n'
    'service_tiers = "service_tiers.csv"\n[routing]\niterations = 50\n[frontiers]\npoints = 0\n',
    "segments": "segment,price_weight,outside_utility,delay_weight,delay_to_h,make_minutes\nhomes,0.05,-1,0.02,96,6\n",
    "customers": "customer,segment,lon,lat,buyers,units_per_order,area_km2\nUtrecht,homes,5.08,52.09,9000,1,6\n"
    "Zeist,homes,5.23,52.09,3000,2,8\nVelp,homes,5.98,51.99,2500,1,5\nUrk,homes,5.6,52.66,15,1,3\n",
    "sites": "site,lon,lat,fixed_year,wage\nUtrecht,5.12,52.09,9000,30\n"
    "Arnhem,5.91,51.98,7000,24\nEde,5.66,52.04,8000,24\n",
    "variants": "variant,segment,price,popularity\nred,homes,40,3\ngrey,homes,42,1\nblue,homes,45,2\n",
    # Half an hour of driving is what the fast tier leaves.
    "service_tiers": "tier,segment,promise_h,prepare_h,fee,made_to\nfast,homes,6,5.5,4,stock\nslow,homes,72,0,0,stock\n"
    "made,homes,96,0,1,order\n",
}

SEVERAL = TABLES | {
    "segments": "segment,price_weight,outside_utility,delay_weight,delay_to_h,make_minutes,most_tiers\n"
    "homes,0.05,-1,0.02,96,6,2\n",
    # Tiers are delivered apart, so that two of our own have longer routes: the slow one goes by a cheap carrier.
    "study": TABLES["study"].replace("[tables]\n", '[tables]\nmodes = "modes.csv"\n'),
    "service_tiers": "tier,segment,promise_h,prepare_h,fee,mode\nfast,homes,6,5.5,4,\nslow,homes,72,0,4,parcel\n",
    "modes": "mode,cost_per_order\nparcel,1\n",
}
WHOLE = TABLES | {
    "study": TABLES["study"]
    .replace(
        "[tables]\n",
        '[last_mile]\nrefit_rounds = 1\nk = 0.2\n[tables]\nmodes = "modes.csv"\nscenarios = "scenarios.csv"\n',
    )
    .replace("iterations = 50", "iterations = 50\ndays = 2"),
    "segments": "segment,price_weight,outside_utility,delay_weight,delay_to_h,make_minutes,most_tiers\n"
    "homes,0.05,-1,0.02,96,6,3\nshops,0.05,-1,0,96,6,1\n",
    "customers": TABLES["customers"] + "shop,shops,5.11,52.10,4000,1,0\n",
    "variants": TABLES["variants"] + "red,shops,40,3\n",
    "service_tiers": "tier,segment,promise_h,prepare_h,fee,mode\nfast,homes,6,5.5,4,\nslow,homes,72,0,0,\n"
    "post,homes,96,0,1,parcel\n",
    "modes": "mode,cost_per_order\nparcel,4\n",
    "scenarios": "scenario,table,filter,column,value,probability\nmore,customers,segment=homes,buyers,1.3,0.4\n",
}


@pytest.fixture
def case(write_study):
    return Study.read(write_study(**TABLES)).cases()[0]


def test_tiers_that_are_made_alike_are_offered_together(case):
    assert [[t.name for t in some] for some in menus(case.tiers)] == [["fast", "slow"]]
    assert [len(some) for some in menus([*case.tiers[:2]] * 3)] == [2] * 15


def test_a_menu_of_one_tier_is_that_tier(case):
    (alone,) = menu_offers(case, case.tiers[:1], 2)
    assert alone == make_offer(case, case.tiers[0], 2)


def test_buyers_choose_among_all_variants_at_all_tiers(case):
    units = (9000 + 2 * 3000 + 2500 + 15) / (9000 + 3000 + 2500 + 15)
    weights = {
        name: [math.exp(math.log(p) - 0.05 * (price + fee / units) - 0.02 * hours) for p, price in ((3, 40), (2, 45))]
        for name, fee, hours in (("fast", 4, 6), ("slow", 0, 72))
    }
    everything = math.exp(-1) + sum(map(sum, weights.values()))
    fast, slow = menu_offers(case, case.tiers[:2], 2)
    assert fast.share == pytest.approx(sum(weights["fast"]) / everything)
    assert slow.share == pytest.approx(sum(weights["slow"]) / everything)
    assert fast.price == pytest.approx(make_offer(case, case.tiers[0], 2).price)


def most_from(case, tiers, variants):
    """What the best choice of sites earns from a menu, by trying all."""
    gains = []
    for offer in menu_offers(case, tiers, variants):
        value = offer.revenue(case.units_per_order)[:, None] - order_costs(case.offering(offer)).total
        gains.append(value * (case.potential_orders * offer.share)[:, None])
    gain, fixed = np.concatenate(gains), case.fixed_cost_per_year
    choices = [[j for j in range(3) if mask >> j & 1] for mask in range(1, 8)]
    return max(np.maximum(gain[:, c].max(axis=1), 0).sum() - fixed[c].sum() for c in choices)


def test_no_choice_of_sites_earns_more_from_a_menu(case):
    (row,) = menu_table(case, 2, (1000.0, 1200.0), STOP).to_dict("records")
    best = most_from(case, case.tiers[:2], 2)
    assert row["profit"] == pytest.approx(best, rel=1e-9)
    assert row["profit_bound"] >= best - 1e-6
    assert row["revenue"] - row["cost"] == pytest.approx(row["profit"])
    assert row["gain"] == pytest.approx(best - 1000)
    assert (row["at_least"], row["at_most"]) == pytest.approx((best - 1200, best - 1000))


def test_every_order_goes_to_a_site_that_keeps_its_tiers_promise_and_pays_its_fee(case):
    offers, together = menu_offers(case, case.tiers[:2], 2), offered(case, case.tiers[:2], 2)
    option = Option(together, design_offer(together, STOP))
    design, n = option.design, len(case.customers)
    fast = np.flatnonzero(design.served[:n])
    assert 0 < len(fast) < n
    assert (option.costs.drive_h[fast, design.assignment[fast]] <= 0.5).all()
    orders = np.concatenate([case.potential_orders * offer.share for offer in offers])
    assert together.orders_per_year == pytest.approx(orders)
    assert together.potential_orders.sum() == pytest.approx(case.potential_orders.sum())
    paid = np.concatenate([offer.revenue(case.units_per_order) for offer in offers])
    assert Member(together, option.costs, decline=True).brings == pytest.approx(paid)
    served = design.served
    (row,) = menu_table(case, 2, (0.0, 0.0), STOP).to_dict("records")
    assert row["revenue"] == pytest.approx(float((paid * orders)[served].sum()))
    assert row["served"] == pytest.approx(float(orders[served].sum() / orders.sum()))


def test_menus_are_designed_by_the_pool(case):
    asked = []

    class Counting(InPlace):
        def submit(self, function, /, *args, **kwargs):
            asked.append(args)
            return super().submit(function, *args, **kwargs)

    assert len(menu_table(case, 2, (0.0, 0.0), STOP, Counting())) == len(asked) == 1


def test_the_menu_that_earns_most_is_offered_where_several_tiers_may_be(write_study):
    case = Study.read(write_study(**SEVERAL)).cases()[0]
    variety = best_offer(case, STOP)
    rows = variety.frontier[variety.frontier["tier"] == "fast + slow"]
    assert rows["variants"].tolist() == [1, 2, 3]
    for row in rows.itertuples():
        assert row.profit == pytest.approx(most_from(case, case.tiers[:2], row.variants), rel=1e-9)
        assert row.profit_bound >= row.profit - 1e-6
    alone = max(most_from(case, [tier], n) for tier in case.tiers for n in (1, 2, 3))
    assert variety.best.offer.tier.name == "fast + slow"
    assert variety.best.profit == variety.frontier["profit"].max() > alone
    assert variety.menus["gain"].max() == pytest.approx(0.0, abs=1e-6)


def test_menus_are_written_and_shown_beside_the_best_tier(write_study):
    run = Study.read(write_study(**TABLES)).run()
    (figures,) = run.summary["segments"]
    table = pd.read_csv(run.out / "segments" / "homes" / "menus.csv")
    assert table["menu"].tolist() == ["fast + slow"]
    assert figures["value"]["menu"]["gain"] == pytest.approx(table["profit"][0] - figures["value"]["profit"])
    assert figures["value"]["tier"] in ("fast", "slow", "made")
    page = run.report.read_text("utf-8")
    assert "several tiers at once" in page
    assert "fast + slow" in page


def test_a_menu_goes_through_the_whole_run(write_study):
    """Promise, fee and delivery of every tier, in accounts, routed days, scenarios, audit and rounds of refitting."""
    run = Study.read(write_study(**WHOLE)).run()
    figures = run.summary["segments"][0]
    (segment, _), folder = run.segments, run.out / "segments" / "homes"
    assert figures["value"]["tier"] == "fast + slow + post"
    assert {t["tier"]: t["promise_h"] for t in figures["tiers"]} == {"fast": 6, "slow": 72, "post": 96}
    assert all(t["spare_h"] >= 0 for t in figures["tiers"])
    customers, stops, routes = (pd.read_csv(folder / f"{name}.csv") for name in ("customers", "stops", "routes"))
    assert math.fsum(segment.accounts["cost_per_year"]) == pytest.approx(figures["objective"], abs=1e-6)
    assert math.fsum(customers["cost_per_year"]) == pytest.approx(figures["objective"], abs=1e-6)
    assert math.fsum(customers["profit_per_year"]) == pytest.approx(figures["value"]["profit"], abs=1e-4)
    # Half an hour of driving is what the fast tier leaves; parcels have no routes, and no route has two tiers.
    assert (customers.loc[customers["tier"] == "fast", "hours"] <= 0.5).all()
    assert set(stops["tier"]) == set(routes["tier"]) == {"fast", "slow"}
    assert all(c.endswith(f"({t})") for c, t in zip(stops["customer"], stops["tier"], strict=True))
    assert set(pd.read_csv(folder / "route_check.csv")["tier"]) == {"fast", "slow"}
    scenarios = pd.read_csv(folder / "scenarios.csv")
    assert scenarios["in as planned"].max() == pytest.approx(figures["value"]["profit"], rel=1e-6)
    audit = pd.read_csv(run.out / "audit.csv")
    assert len(audit)
    assert "fast + slow + post" in run.report.read_text("utf-8")
