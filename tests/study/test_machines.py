"""Whole machines against trying every assignment."""

from __future__ import annotations

import itertools
import math
import re

import numpy as np
import pandas as pd
import pytest

from netdesign.stop import Stop
from netdesign.study import Study, network_search
from netdesign.study.cost import cost_to_serve, order_costs
from netdesign.study.design import design_segment
from netdesign.study.make import LOTS_PER_YEAR, process_of
from netdesign.study.network import Member
from netdesign.study.network_search import design_network
from netdesign.study.options import Option, design_offer
from netdesign.study.streams import design_stream
from netdesign.study.value import make_offer

STOP = Stop(gap=0.0)
TABLES = {
    "study": 'name = "Machines"\nworking_days_per_year = 250\n[tables]\ntechnologies = "technologies.csv"\n'
    "[routing]\niterations = 50\n",
    "segments": "segment,max_hours,material_cost,holding_cost\nhomes,1.5,2,3\nshops,2,1,3\n",
    "technologies": "technology,kind,capex,life_years,changeover_h,changeover_cost,build_h,capacity_h,rate\n"
    "moulding,conventional,60000,10,1,20,0.2,1500,4\nprinting,additive,30000,10,0,0,0.5,2000,1\n",
}


@pytest.fixture
def cases(write_study):
    return Study.read(write_study(**TABLES)).cases()


def options(members):
    """Every process of a node by hand: fixed cost, hours of its changeovers, hours and cost of a unit, price, limit."""
    for lots in LOTS_PER_YEAR:
        setup = sum(m.case.offer.variants for m in members) * lots
        yield setup * 24, setup, 0.2, 0.2 * 4 + 3 / (2 * lots), 6000, 1500
    yield 0.0, 0.0, 0.5, 0.5, 3000, 2000


def enumerated(members):
    """The least cost over every site of every customer and every process of every site."""
    case = members[0].case
    total = np.concatenate([m.costs.total for m in members])
    units = np.concatenate([m.case.orders_per_year for m in members])
    best = math.inf
    for at in itertools.product(range(3), repeat=len(units)):
        at = np.array(at)
        cost = float(total[np.arange(len(units)), at] @ units)
        for j in set(at.tolist()):
            made = float(units[at == j].sum())
            cost += case.fixed_cost_per_year[j] + min(
                fixed + made * unit + price * max(1, math.ceil((setup + made * hour) / limit - 1e-9))
                for fixed, setup, hour, unit, price, limit in options(members)
            )
        best = min(best, cost)
    return best


def test_no_network_with_whole_machines_is_cheaper(cases):
    case = cases[0]
    member = Member(case, order_costs(case), decline=False)
    best = enumerated([member])
    found = design_network([member], STOP, seed=1)
    assert found.objective == pytest.approx(best, rel=1e-9)
    assert found.bound == pytest.approx(best, rel=1e-6)
    assert found.status == "optimal"


def test_the_bound_of_relaxations_alone_holds(cases, monkeypatch):
    monkeypatch.setattr(network_search, "MODULE_PAIRS", 0)
    member = Member(cases[0], order_costs(cases[0]), decline=False)
    best = enumerated([member])
    found = design_network([member], STOP, seed=1)
    assert found.bound <= best + 1e-6
    assert best - 1e-6 <= found.objective <= best * 1.05


def test_segments_that_share_machines_pay_them_once(cases):
    members = [Member(case, order_costs(case), decline=False) for case in cases]
    best = enumerated(members)
    stream = design_stream(members, STOP)
    assert -stream.profit == pytest.approx(best, rel=1e-9)
    assert -stream.profit_bound <= best + 1e-6
    assert math.fsum(stream.costs.values()) == pytest.approx(-stream.profit, rel=1e-12)


def test_unused_capacity_is_a_row_of_its_own_and_the_accounts_add_up(cases):
    case = cases[0]
    costs = order_costs(case)
    design = design_segment(case, costs, STOP)
    table = cost_to_serve(case, costs, design)
    assert math.fsum(table["cost_per_year"]) == pytest.approx(design.objective, rel=1e-12)
    for site, process in design.processes.items():
        mine = design.assignment == site
        hours = process.setup_h + process.unit_h * float(case.orders_per_year[mine].sum())
        machines = math.ceil(hours / process.capacity_h)
        here = table[table["site"] == case.sites["site"][site]].groupby("driver")["cost_per_year"].sum()
        assert here["equipment"] == pytest.approx(process.equipment * hours / process.capacity_h)
        assert here["equipment"] + here["unused capacity"] == pytest.approx(process.equipment * machines)


def test_machines_are_written_and_shown(write_study):
    run = Study.read(write_study(**TABLES)).run()
    sites = pd.read_csv(run.out / "segments" / "homes" / "sites.csv")
    nodes = sites[sites["open"]]
    assert (nodes["machines"] >= 1).all()
    assert nodes["machine_use"].between(0, 1).all()
    page = run.report.read_text("utf-8")
    assert re.search(r"\d (moulding|printing), \d+ % used", page)
    assert re.search(r"Of which for homes: unused capacity €[\d,]+", page)


def test_changeovers_use_capacity(cases):
    case = cases[0]
    few, many = process_of(case, "moulding", 1.0), process_of(case, "moulding", 256.0)
    assert many.hours(0, 1000) - few.hours(0, 1000) == 255
    assert (few.machines(1500.0), few.machines(1500.1), few.machines(0.0)) == (1, 2, 1)


def test_customers_who_would_need_another_machine_may_be_declined(write_study):
    tables = TABLES | {
        "study": TABLES["study"].replace("[tables]\n", '[tables]\nvariants = "variants.csv"\n'),
        "variants": "variant,segment,price\nred,homes,10.3\n",
        "segments": "segment,price_weight,max_hours,material_cost,outside_utility\n"
        "homes,0.01,1.5,2,-9\nshops,0.01,2,1,-9\n",
        "technologies": "technology,kind,capex,life_years,build_h,capacity_h\nprinting,additive,150000,10,0.5,2000\n",
    }
    case = Study.read(write_study(**tables)).cases()[0]
    offered = case.offering(make_offer(case, case.tiers[0], 1))
    option = Option(offered, design_offer(offered, STOP))
    orders, brings = option.case.orders_per_year, option.case.offer.revenue(option.case.units_per_order)
    best = 0.0
    for at in itertools.product(range(-1, 3), repeat=len(orders)):
        at = np.array(at)
        served = np.flatnonzero(at >= 0)
        profit = float(((brings - option.costs.total[np.arange(len(orders)), at]) * orders)[served].sum())
        for j in set(at[served].tolist()):
            machines = max(1, math.ceil(0.5 * float(orders[at == j].sum()) / 2000 - 1e-9))
            profit -= case.fixed_cost_per_year[j] + 15_000 * machines
        best = max(best, profit)
    assert best > 0
    assert option.profit == pytest.approx(best, rel=1e-9)
    assert option.profit_bound >= best - 1e-6


def test_a_site_that_runs_fewer_hours_needs_more_machines(write_study):
    far = TABLES["segments"].replace("1.5,", "9,")
    sites = "site,lon,lat,fixed_year,machine_h\nUtrecht,5.12,52.09,9000,700\n"
    short, long = (
        Study.read(write_study(name, **TABLES | {"sites": text, "segments": far})).cases()[0]
        for name, text in (("short", sites), ("long", sites.replace(",700", ",")))
    )
    costs, hours = order_costs(short), {}
    for name, case in (("short", short), ("long", long)):
        design = design_segment(case, costs, STOP)
        (process,) = design.processes.values()
        hours[name] = process.capacity_h
        table = cost_to_serve(case, costs, design)
        assert math.fsum(table["cost_per_year"]) == pytest.approx(design.objective, rel=1e-12)
        made, most = float(case.orders_per_year.sum()), case.sites["machine_h"][0]
        best = min(
            fixed + made * unit + price * max(1, math.ceil((setup + made * hour) / min(limit, most)))
            for fixed, setup, hour, unit, price, limit in options([Member(case, costs, decline=False)])
        )
        delivered = float(costs.total[:, 0] @ case.orders_per_year)
        assert design.objective == pytest.approx(best + delivered + 9000, rel=1e-9)
    assert hours["short"] == 700
    assert hours["long"] in (1500, 2000)
