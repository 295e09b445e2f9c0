"""Safety stock against the formula, its lines, and networks tried one by one."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from statistics import NormalDist

import numpy as np
import pytest

from netdesign.stop import Stop
from netdesign.study import Study
from netdesign.study.cost import cost_to_serve, order_costs
from netdesign.study.design import design_segment
from netdesign.study.make import process_of
from netdesign.study.network import Member
from netdesign.study.network_search import design_network
from netdesign.study.stock import _knots, _lines, stock_factor
from netdesign.study.streams import design_stream

STOP = Stop(gap=0.0)
TABLES = {
    "study": 'name = "Stock"\nworking_days_per_year = 250\n[tables]\ntechnologies = "technologies.csv"\n',
    "segments": "segment,max_hours,holding_cost,variability,stock_service,pooling_exponent\n"
    "homes,1.5,60,2,0.98,0.7\nshops,2,30,1,0.95,0.6\n",
    "technologies": "technology,kind,capex,lead_days,build_h,rate\n"
    "slow,additive,60000,16,0.1,4\nfast,additive,90000,1,0.1,4\n",
}


@pytest.fixture
def cases(write_study):
    return Study.read(write_study(**TABLES)).cases()


def test_the_stock_is_that_of_the_formula():
    # z sqrt(LT) A n^(1-beta) D^beta with D units a day.
    z, n, beta, day = NormalDist().inv_cdf(0.95), 4, 0.75, 80.0
    wanted = z * math.sqrt(9) * 1.5 * n ** (1 - beta) * day**beta
    factor = stock_factor(service=0.95, lead_days=9, variability=1.5, exponent=beta, variants=n, days=250)
    assert factor * (250 * day) ** beta == pytest.approx(wanted)


def test_half_is_the_square_root_law_and_one_gains_nothing_by_pooling():
    def stock(exponent, nodes):
        factor = stock_factor(service=0.95, lead_days=4, variability=1, exponent=exponent, variants=1, days=250)
        return nodes * factor * (10_000 / nodes) ** exponent

    assert stock(0.5, 9) == pytest.approx(3 * stock(0.5, 1))
    assert stock(1.0, 9) == pytest.approx(stock(1.0, 1))
    assert stock(0.75, 16) == pytest.approx(16**0.25 * stock(0.75, 1))


def test_variants_alike_keep_as_much_as_each_of_them_alone():
    one = stock_factor(service=0.9, lead_days=4, variability=1, exponent=0.7, variants=1, days=250)
    five = stock_factor(service=0.9, lead_days=4, variability=1, exponent=0.7, variants=5, days=250)
    assert five * 5000**0.7 == pytest.approx(5 * one * 1000**0.7)


def test_the_lines_meet_the_cost_at_the_knots_and_lie_below_it_between_them(cases):
    process = process_of(cases[0], "slow", math.inf)
    for knots in (_knots(np.array([20.0, 300.0, 5000.0]), 0, (700.0,)), _knots(np.array([20.0, 900.0]), 4, ())):
        lines = _lines(process, knots)
        for at in np.geomspace(20, knots[-1], 60):
            least, cost = min(a + b * at for a, b in lines), process.safety_cost(float(at))
            assert 0.95 * cost <= least <= cost * (1 + 1e-12)
        for at in knots:
            assert min(a + b * at for a, b in lines) == pytest.approx(process.safety_cost(at), abs=1e-9)


def enumerated(members):
    """The least cost over every site of every customer and every technology of every site."""
    total = np.concatenate([m.costs.total for m in members])
    units = np.concatenate([m.case.orders_per_year for m in members])
    whose = np.repeat(np.arange(len(members)), [len(m.case.customers) for m in members])
    fixed, best = members[0].case.fixed_cost_per_year, math.inf
    for at in itertools.product(range(3), repeat=len(units)):
        at = np.array(at)
        cost = float(total[np.arange(len(units)), at] @ units) + float(units.sum()) * 0.1 * 4
        for j in set(at.tolist()):
            made = [float(units[(at == j) & (whose == m)].sum()) for m in range(len(members))]
            options = []
            for capex, lead in ((60_000, 16), (90_000, 1)):
                stock = 0.0
                for m, d in zip(members, made, strict=True):
                    s = m.case
                    z = NormalDist().inv_cdf(s.stock_service)
                    stock += s.holding_cost * z * math.sqrt(lead) * s.variability * (d / 250) ** s.pooling_exponent
                options.append(capex / 10 + stock)
            cost += fixed[j] + min(options)
        best = min(best, cost)
    return best


def test_no_network_with_safety_stock_is_cheaper(cases):
    case = cases[0]
    member = Member(case, order_costs(case), decline=False)
    best = enumerated([member])
    found = design_network([member], STOP, seed=1)
    assert found.objective == pytest.approx(best, rel=1e-9)
    assert best * 0.999 <= found.bound <= best + 1e-6


def test_the_bound_of_a_shared_network_holds_and_its_costs_add_up(cases):
    members = [Member(case, order_costs(case), decline=False) for case in cases]
    best = enumerated(members)
    stream = design_stream(members, STOP)
    assert -stream.profit_bound <= best + 1e-6
    assert best - 1e-6 <= -stream.profit <= best * 1.02
    assert math.fsum(stream.costs.values()) == pytest.approx(-stream.profit, rel=1e-12)


def test_the_accounts_add_up_with_safety_stock_and_whole_machines(cases):
    case = cases[0]
    tight = replace(case, technologies=case.technologies.assign(capacity_h=600.0))
    costs = order_costs(case)
    for some in (case, tight):
        design = design_segment(some, costs, STOP)
        table = cost_to_serve(some, costs, design)
        assert math.fsum(table["cost_per_year"]) == pytest.approx(design.objective, rel=1e-12)
        assert design.bound <= design.objective
        stock = table[table["driver"] == "safety stock"]["cost_per_year"].sum()
        units = [float(case.orders_per_year[design.assignment == j].sum()) for j in design.processes]
        each = [p.safety_cost(d) for p, d in zip(design.processes.values(), units, strict=True)]
        assert stock == pytest.approx(sum(each))


def test_what_is_made_to_order_keeps_no_stock(write_study):
    tables = TABLES | {
        "study": TABLES["study"] + 'service_tiers = "service_tiers.csv"\n',
        "service_tiers": "tier,segment,made_to\nmade,homes,order\n",
    }
    case = Study.read(write_study(**tables)).cases()[0]
    case = case.offering(replace(case.offer, tier=case.tiers[0]))
    assert process_of(case, "slow", math.inf).safety == 0
