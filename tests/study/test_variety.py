"""The offer, the network and the processes of a priced segment, against trying everything."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from netdesign.errors import InputError
from netdesign.stop import Stop
from netdesign.study import Study
from netdesign.study.breakeven import Breakeven, breakeven_map
from netdesign.study.cost import cost_to_serve, order_costs
from netdesign.study.design import design_segment
from netdesign.study.make import LOTS_PER_YEAR
from netdesign.study.network import gap_of
from netdesign.study.options import Option, design_offer
from netdesign.study.value import make_offer
from netdesign.study.variety import best_offer, cost_of_complexity

STOP = Stop(gap=0.0)
PRICED = {
    "study": 'name = "Priced"\nworking_days_per_year = 250\n[tables]\n'
    + "".join(f'{t} = "{t}.csv"\n' for t in ("variants", "technologies", "overheads", "service_tiers"))
    + "[routing]\niterations = 100\n",
    "segments": "segment,price_weight,quality_weight,outside_utility,holding_cost,material_cost,"
    "delay_weight,delay_to_h\nhomes,0.05,0.3,-2,3,2,0.02,48\n",
    "customers": "customer,segment,lon,lat,buyers,units_per_order,area_km2\n"
    "Utrecht,homes,5.08,52.09,9000,1,6\nZeist,homes,5.23,52.09,3000,2,8\n"
    "Velp,homes,5.98,51.99,2500,1,5\nUrk,homes,5.6,52.66,15,1,3\n",
    "sites": "site,lon,lat,fixed_year,status,wage,technologies\n"
    "Utrecht,5.12,52.09,9000,candidate,30,\nArnhem,5.91,51.98,7000,candidate,24,printing\n"
    "Ede,5.66,52.04,8000,open,24,\n",
    "variants": "variant,segment,price,popularity,quality,process_minutes,unit_kg,return_rate\n"
    "red,homes,40,3,1,3,0.2,0.1\ngrey,homes,42,1,1,3,0.3,0\nblue,homes,45,2,2,4,0.2,0\n",
    "technologies": "technology,kind,capex,life_years,changeover_cost,changeover_h,rate,build_h,"
    "units_per_build,material\nmoulding,conventional,20000,10,90,1,20,0.02,1,5\nprinting,additive,9000,5,0,0,6,8,10,30\n",
    "overheads": "activity,segment,driver,cost,account\nrange,homes,variant,1500,labor\n"
    "tools,homes,variant-node,200,infrastructure\noffice,homes,segment,700,labor\npacking,homes,order,0.4,labor\n",
    "service_tiers": "tier,segment,promise_h,fee,made_to\nfast,homes,24,4,stock\nslow,homes,72,0,stock\n",
}


@pytest.fixture
def case(write_study):
    return Study.read(write_study(**PRICED)).cases()[0]


def options_of(case, site):
    """Every process by hand: its yearly cost at a node and its cost per unit, for the offer of the case."""
    n, unit_kg = case.offer.variants, case.offer.unit_kg
    node = n * 200
    if site != 1:
        for lots in LOTS_PER_YEAR:
            yield node + 2000 + n * lots * (90 + 20), unit_kg * 5 + 0.02 * 20 + 3 / (2 * lots)
    yield node + 1800, unit_kg * 30 + 8 / 10 * 6


def best_by_enumeration(case, costs):
    orders, units = case.orders_per_year, case.units_per_order
    value = (case.offer.revenue(units) * orders)[:, None]
    sites = [[(math.inf, 0.0), *options_of(case, j)] for j in range(3)]
    sites[2] = sites[2][1:]
    fixed, best = [9000.0, 7000.0, 8000.0], -math.inf
    for choice in itertools.product(*sites):
        is_open = [j for j, option in enumerate(choice) if math.isfinite(option[0])]
        gain = np.column_stack(
            [value[:, 0] - (costs.total[:, j] + choice[j][1] * units) * orders for j in is_open] + [0 * orders]
        )
        served = gain.max(axis=1).sum()
        best = max(best, served - sum(fixed[j] + choice[j][0] for j in is_open))
    # The open site stays even if nothing is made there.
    nothing_there = [[(math.inf, 0.0)], *[sites[j] for j in (0, 1)]]
    for _, *choice in itertools.product(*nothing_there):
        is_open = [j for j, option in enumerate(choice) if math.isfinite(option[0])]
        gain = np.column_stack(
            [value[:, 0] - (costs.total[:, j] + choice[j][1] * units) * orders for j in is_open] + [0 * orders]
        )
        best = max(best, gain.max(axis=1).sum() - 8000 - sum(fixed[j] + choice[j][0] for j in is_open))
    return best - case.offer.variants * 1500 - 700


def test_no_offer_network_or_process_is_more_profitable(case):
    variety = best_offer(case, STOP)
    assert len(variety.frontier) == 6
    assert variety.complete
    for row in variety.frontier.itertuples():
        tier = next(t for t in case.tiers if t.name == row.tier)
        offered = case.offering(make_offer(case, tier, row.variants))
        best = best_by_enumeration(offered, order_costs(offered))
        assert row.profit == pytest.approx(best, rel=1e-9)
        assert row.profit_bound >= best - 1e-6 * abs(best)
    assert variety.best.profit == variety.frontier["profit"].max()


def test_the_accounts_add_up_to_the_cost_of_the_design(case):
    best = best_offer(case, STOP).best
    served = best.design.served
    table = cost_to_serve(best.case.only(served), best.costs.only(served), best.design.only_served())
    assert math.fsum(table["cost_per_year"]) == pytest.approx(best.design.objective, rel=1e-12)


def designed(case, offer):
    offered = case.offering(offer)
    return Option(offered, design_offer(offered, STOP))


def complexity(case, variants=3):
    return cost_of_complexity(designed(case, make_offer(case, case.tiers[0], variants)), STOP)


def test_one_variant_has_no_cost_of_complexity(case):
    assert complexity(case, variants=1)["cost_per_year"].sum() == pytest.approx(0, abs=1e-6)


def test_the_cost_of_complexity_is_that_of_changeovers_and_of_what_variants_drive(case):
    table = complexity(case).set_index("driver")["cost_per_year"]
    assert (table >= 0).all()
    assert table["range"] == pytest.approx(2 * 1500)
    assert set(table.index) - {"network"} <= {"changeover", "range", "tools"}
    assert complexity(case)["at_most"].to_numpy() == pytest.approx(table.to_numpy(), abs=1e-3)


def test_without_changeovers_and_overheads_variety_is_free(write_study):
    free = {
        "technologies": "technology,kind,rate,build_h\nprinting,additive,6,1\n",
        "overheads": "activity,segment,driver,cost\noffice,homes,segment,700\n",
    }
    case = Study.read(write_study(**PRICED | free)).cases()[0]
    assert complexity(case)["cost_per_year"].sum() == pytest.approx(0, abs=1e-6)


def test_what_is_made_to_order_changes_over_where_the_next_order_is_for_another_variant(write_study):
    tiers = "tier,segment,made_to\nslow,homes,order\n"
    case = Study.read(write_study(**PRICED | {"service_tiers": tiers})).cases()[0]
    offer = make_offer(case, case.tiers[0], 3)
    option = designed(case, offer)
    lots = {p.technology: p for p in option.design.processes.values()}
    assert all(math.isinf(p.lots_per_year) for p in lots.values())
    assert 0 < offer.mix < 1


def test_a_build_longer_than_the_promise_allows_is_not_chosen(write_study):
    # Printing takes 8 h, and 6 h are promised: what is made to order has to be moulded.
    tiers = "tier,segment,promise_h,made_to\nfast,homes,6,order\n"
    case = Study.read(write_study(**PRICED | {"service_tiers": tiers})).cases()[0]
    option = designed(case, make_offer(case, case.tiers[0], 1))
    assert {p.technology for p in option.design.processes.values()} == {"moulding"}


def test_a_segment_that_cannot_earn_its_cost_is_declined_and_the_run_says_so(write_study):
    dear = PRICED["sites"].replace("8000,open", "8000000,candidate").replace("9000,", "9000000,")
    dear = dear.replace("7000,", "7000000,")
    run = Study.read(write_study(**PRICED | {"sites": dear})).run()
    (figures,) = run.summary["segments"]
    assert (run.summary["status"], figures["status"], figures["objective"]) == ("optimal", "declined", 0.0)
    assert figures["value"]["profit"] <= 0
    # All that could be served is missed, and nothing could be earned from it.
    offers = pd.read_csv(run.out / "segments" / "homes" / "offers.csv")
    most = offers.loc[offers["profit_bound"].idxmax()]
    case = Study.read(run.out.parent).cases()[0]
    offer = make_offer(case, next(t for t in case.tiers if t.name == most["tier"]), int(most["variants"]))
    everything = float(offer.revenue(case.units_per_order) @ case.potential_orders) * offer.share
    assert (figures["missed"], figures["bound"], figures["gap"]) == pytest.approx((everything, 0.0, 0.0))
    assert run.summary["gap"] == 0
    assert "<td>declined</td>" in run.report.read_text("utf-8")
    assert run.report.is_file()


def test_the_gap_is_a_fraction_of_all_that_is_weighed():
    assert gap_of(200.0, 190.0, 300.0) == pytest.approx(0.02)
    # Nobody is served: what might yet be earned, beside what all of them would bring.
    assert gap_of(0.0, -50.0, 1000.0) == pytest.approx(0.05)
    assert (gap_of(0.0, 0.0, 0.0), gap_of(7.0, 7.0 + 1e-12, 0.0), gap_of(7.0, None, 0.0)) == (0.0, 0.0, None)


def test_only_who_could_be_served_is_missed(write_study):
    # An hour of driving, and three remote buyers near a site that is not worth opening.
    tiers = "tier,segment,promise_h,made_to\nfast,homes,1,stock\n"
    customers = PRICED["customers"] + "Vlieland,homes,5.07,53.30,400,1,3\nArnhem,homes,5.92,51.97,3,1,3\n"
    sites = PRICED["sites"].replace("7000,candidate", "70000,candidate").replace("8000,open", "8000,candidate")
    case = Study.read(write_study(**PRICED | {"service_tiers": tiers, "customers": customers, "sites": sites})).cases()[
        0
    ]
    option = designed(case, make_offer(case, case.tiers[0], 1))
    design = option.design
    near = np.isfinite(option.costs.total).any(axis=1)
    assert not near[-2]
    lost = ~design.served & near
    brings = option.offer.revenue(case.units_per_order) * option.case.orders_per_year
    assert lost.any()
    assert design.missed == pytest.approx(brings[lost].sum())
    assert design.gap == pytest.approx(max(0, design.objective - design.bound) / (design.objective + design.missed))


def test_a_priced_run_writes_offers_and_who_is_declined(write_study):
    run = Study.read(write_study(**PRICED)).run()
    (figures,) = run.summary["segments"]
    folder = run.out / "segments" / "homes"
    customers, declined = (pd.read_csv(folder / f"{name}.csv") for name in ("customers", "declined"))
    assert len(customers) + len(declined) == 4
    assert math.fsum(customers["cost_per_year"]) == pytest.approx(figures["objective"], abs=1e-6)
    # The fixed costs of a segment count whoever is served.
    assert math.fsum(customers["profit_per_year"]) == pytest.approx(figures["value"]["profit"], abs=1e-4)
    assert figures["value"]["profit_bound"] >= figures["value"]["profit"] - 1e-6
    page = run.report.read_text("utf-8")
    assert "Profit pools, per year" in page
    assert "where additive wins" in page
    assert pd.read_csv(folder / "breakeven.csv").shape[0] == 25
    assert page.count("<polyline") == 2 + 1
    assert f"{figures['value']['variants']} of 3" in page


def test_the_breakeven_map_is_the_difference_of_the_two_best_designs(case):
    offered = case.offering(make_offer(case, case.tiers[1], 2))
    found = breakeven_map(offered, STOP, volumes=(0.5, 1.0), penalties=(0.5, 1.0, 4.0))
    table = found.table.set_index(["volume", "penalty"])
    profits = {}
    for kind in ("additive", "conventional"):
        some = case.technologies[case.technologies["kind"] == kind].reset_index(drop=True)
        option = designed(replace(case, technologies=some), offered.offer)
        profits[kind] = max(0.0, option.profit)
    assert table.at[(1.0, 1.0), "additive"] == pytest.approx(profits["additive"])
    assert table.at[(1.0, 1.0), "others"] == pytest.approx(profits["conventional"])
    units = (offered.orders_per_year * offered.units_per_order).sum()
    assert table.at[(0.5, 1.0), "units_per_variant"] == pytest.approx(units / 2 / 2)
    # Proven to the end, the lead is no more and no less.
    for name in ("at_least", "at_most"):
        assert table[name].to_numpy() == pytest.approx(table["advantage"].to_numpy(), rel=1e-6)
    for _, rows in found.table.groupby("volume"):
        assert rows["advantage"].is_monotonic_decreasing
        assert rows["others"].nunique() == 1


def test_breakeven_lies_between_the_penalties_that_change_the_winner():
    rows = [(1.0, 0.5, 30.0), (1.0, 1.0, 10.0), (1.0, 2.0, -10.0), (2.0, 0.5, -1.0), (2.0, 1.0, -2.0), (4.0, 0.5, 9.0)]
    found = Breakeven(pd.DataFrame(rows, columns=["volume", "penalty", "advantage"]))
    assert found.penalty_at(1.0) == pytest.approx(1.5)
    assert (found.penalty_at(2.0), found.penalty_at(4.0)) == (0.0, math.inf)


def test_with_one_kind_of_technology_there_is_nothing_to_map(case):
    alone = case.technologies[case.technologies["kind"] == "additive"].reset_index(drop=True)
    offered = replace(case, technologies=alone).offering(make_offer(case, case.tiers[0], 1))
    assert breakeven_map(offered, STOP) is None


def test_weights_fitted_to_choices_are_used_and_reported_with_their_errors(write_study):
    rng = np.random.default_rng(5)
    rows = ["segment,choice,offer,chosen,price,quality"]
    for k in range(300):
        price, quality = rng.uniform(20, 60, 2), rng.integers(0, 3, 2)
        taken = int(np.argmax(np.append(-0.1 * price + 0.6 * quality, -4.0) + rng.gumbel(size=3)))
        rows += [f"homes,s{k},o{i},{int(taken == i)},{price[i]:.2f},{quality[i]}" for i in range(2)]
    text = PRICED["study"].replace("[tables]\n", '[tables]\nchoices = "choices.csv"\n')
    study = Study.read(write_study(**PRICED | {"study": text, "choices": "\n".join(rows) + "\n"}))
    (case,) = study.cases()
    assert case.taste.price_weight == pytest.approx(0.1, abs=3 * case.fit.standard_errors["price_weight"])
    assert case.taste.delay_weight == 0.02
    run = study.run()
    assert run.summary["segments"][0]["value"]["fit"]["situations"] == 240
    assert "weights from 240 choices" in run.report.read_text("utf-8")


@pytest.mark.parametrize("share", [0.3, 0.6])
def test_a_segment_that_has_to_win_a_share_takes_the_best_offer_that_does(write_study, share):
    segments = PRICED["segments"].replace("delay_to_h\n", "delay_to_h,min_share\n").replace(",48\n", f",48,{share}\n")
    case = Study.read(write_study(**PRICED | {"segments": segments})).cases()[0]
    free = best_offer(replace(case, min_share=0.0), STOP)
    variety = best_offer(case, STOP)
    assert variety.best.won >= share
    enough = free.frontier[free.frontier["share"] * free.frontier["served"] >= share]
    assert variety.best.profit <= free.best.profit + 1e-9
    if len(enough):
        assert variety.best.profit >= enough["profit"].max() - 1e-6


def test_a_share_that_no_offer_wins_is_infeasible_and_said_so(write_study):
    segments = PRICED["segments"].replace("delay_to_h\n", "delay_to_h,min_share\n").replace(",48\n", ",48,0.9\n")
    run = Study.read(write_study(**PRICED | {"segments": segments})).run()
    (figures,) = run.summary["segments"]
    assert (run.summary["status"], figures["status"]) == ("infeasible", "infeasible")
    assert "no offer wins 90.0% of the buyers; the most is" in figures["unserved"][0][1]
    assert "no offer wins" in run.report.read_text("utf-8")


def test_a_share_has_to_be_won_even_at_a_loss(write_study):
    dear = PRICED["sites"].replace("8000,open", "8000000,candidate").replace("9000,", "9000000,")
    dear = dear.replace("7000,", "7000000,")
    segments = PRICED["segments"].replace("delay_to_h\n", "delay_to_h,min_share\n").replace(",48\n", ",48,0.2\n")
    run = Study.read(write_study(**PRICED | {"sites": dear, "segments": segments})).run()
    (figures,) = run.summary["segments"]
    assert figures["status"] in ("optimal", "feasible")
    assert figures["value"]["profit"] < 0
    assert math.fsum(figures["accounts"].values()) == pytest.approx(figures["objective"], abs=1e-6)


def test_who_is_out_of_reach_of_slow_machines_is_declined_whatever_share_has_to_be_won(write_study):
    # Velp is 1.2 h from Utrecht: within two hours, but not once printing has taken one of them.
    files = {
        "segments": PRICED["segments"].replace("delay_to_h\n", "delay_to_h,min_share\n").replace(",48\n", ",48,0.5\n"),
        "sites": "site,lon,lat,fixed_year\nUtrecht,5.12,52.09,9000\n",
        "technologies": "technology,kind,rate,build_h\nprinting,additive,6,1\n",
        "service_tiers": "tier,segment,promise_h,fee,made_to\nfast,homes,3,4,order\n",
    }
    case = Study.read(write_study(**PRICED | files)).cases()[0]
    offered = case.offering(make_offer(case, case.tiers[0], 3))
    costs = order_costs(offered)
    with pytest.raises(InputError, match="out of reach of every site"):
        design_segment(offered, costs, STOP, decline=False)
    assert (design_offer(offered, STOP).served == (costs.slack_h[:, 0] >= 1)).all()
