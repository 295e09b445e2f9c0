"""Menus of service tiers against the logit by hand and every choice of sites."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from netdesign.stop import Stop
from netdesign.study import Study
from netdesign.study.cost import order_costs
from netdesign.study.design import design_segment
from netdesign.study.menus import menu_member, menu_offers, menu_table, menus
from netdesign.study.value import make_offer

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


def test_no_choice_of_sites_earns_more_from_a_menu(case):
    offers = menu_offers(case, case.tiers[:2], 2)
    (row,) = menu_table(case, 2, 1000.0, STOP).to_dict("records")
    gains = []
    for offer in offers:
        offered = case.offering(offer)
        value = offer.revenue(case.units_per_order)[:, None] - order_costs(offered).total
        gains.append(value * (case.potential_orders * offer.share)[:, None])
    gain = np.concatenate(gains)
    fixed = case.fixed_cost_per_year
    choices = [[j for j in range(3) if mask >> j & 1] for mask in range(1, 8)]
    best = max(np.maximum(gain[:, c].max(axis=1), 0).sum() - fixed[c].sum() for c in choices)
    assert row["profit"] == pytest.approx(best, rel=1e-9)
    assert row["profit_bound"] >= best - 1e-6
    assert row["revenue"] - row["cost"] == pytest.approx(row["profit"])
    assert row["gain"] == pytest.approx(best - 1000)


def test_every_order_goes_to_a_site_that_keeps_its_tiers_promise_and_pays_its_fee(case):
    offers = menu_offers(case, case.tiers[:2], 2)
    member = menu_member(case, offers)
    design = design_segment(member.case, member.costs, STOP)
    n = len(case.customers)
    fast = np.flatnonzero(design.served[:n])
    assert 0 < len(fast) < n
    assert (member.costs.drive_h[fast, design.assignment[fast]] <= 0.5).all()
    orders = np.concatenate([case.potential_orders * offer.share for offer in offers])
    assert member.case.orders_per_year == pytest.approx(orders)
    paid = np.concatenate([offer.revenue(case.units_per_order) for offer in offers])
    served = design.served
    (row,) = menu_table(case, 2, 0.0, STOP).to_dict("records")
    assert row["revenue"] == pytest.approx(float((paid * orders)[served].sum()))
    assert row["served"] == pytest.approx(float(orders[served].sum() / orders.sum()))


def test_menus_are_written_and_shown_beside_the_best_tier(write_study):
    run = Study.read(write_study(**TABLES)).run()
    (figures,) = run.summary["segments"]
    table = pd.read_csv(run.out / "segments" / "homes" / "menus.csv")
    assert table["menu"].tolist() == ["fast + slow"]
    assert figures["value"]["menu"]["gain"] == pytest.approx(table["profit"][0] - figures["value"]["profit"])
    page = run.report.read_text("utf-8")
    assert "several tiers at once" in page
    assert "fast + slow" in page
