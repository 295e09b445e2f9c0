"""Stock of components for lead times: against the formula, by enumeration, and in contracts, accounts and scenarios."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import pytest

from netdesign.stop import Stop
from netdesign.study import Study, lint
from netdesign.study.commitments import commitments_of
from netdesign.study.contracts import Contract, Need, best_purchase
from netdesign.study.cost import cost_to_serve, order_costs
from netdesign.study.design import design_segment
from netdesign.study.network import Member
from netdesign.study.scenarios import futures
from netdesign.study.stock import ComponentStock
from netdesign.study.streams import design_stream
from netdesign.study.supply import contract_table, held, purchases

STOP = Stop(gap=0.0)
HOLDING, DAYS = 40.0, 250.0
TABLES = {
    "study": 'name = "Late"\nworking_days_per_year = 250\n[tables]\n'
    + "".join(f'{t} = "{t}.csv"\n' for t in ("components", "suppliers", "contracts", "scenarios")),
    "segments": "segment,max_hours,variability,stock_service,pooling_exponent\n"
    "homes,1.5,2,0.98,0.7\nshops,2,3,0.9,0.6\n",
    "components": f"component,segment,quantity,holding_cost\nsole,homes,2,{HOLDING}\nsole,shops,1,{HOLDING}\n",
    "suppliers": "supplier,reliability,lead_days,lead_deviation\nAcme,0.9,16,3\n",
    "contracts": "contract,component,supplier,type,price,quantity,flex_down,flex_up\n"
    "market,sole,,spot,1,0,0,0\nframe,sole,Acme,quantity_flex,0.7,0,0.2,0.2\n",
    "scenarios": "scenario,table,filter,column,op,value,probability\nweak,customers,,buyers,multiply,0.7,0.2\n"
    "strike,suppliers,,lead_days,set,49,0.1\n",
}
SURE = TABLES | {"contracts": TABLES["contracts"].replace("market,sole,,spot,1", "market,sole,Acme,spot,1")}


def cost_of_stock(*segments, service, lead_days=16.0, deviation=3.0):
    """Of some segments: variability, exponent, components in a unit and units a year of each."""
    variance = sum((q * a * (units / DAYS) ** b) ** 2 for a, b, q, units in segments)
    daily = sum(q * units / DAYS for _, _, q, units in segments)
    whole = math.sqrt(lead_days * variance + daily**2 * deviation**2)
    return HOLDING * NormalDist().inv_cdf(service) * whole


HOMES, SHOPS = (2.0, 0.7, 2.0, 29_500.0), (3.0, 0.6, 1.0, 5_500.0)


@pytest.fixture
def cases(write_study):
    return Study.read(write_study(**SURE)).cases()


def test_the_stock_is_that_of_the_formula_and_a_row_of_the_accounts(cases):
    case = cases[0]
    costs = order_costs(case)
    design = design_segment(case, costs, STOP)
    (purchase,) = design.purchases
    assert purchase.stock == pytest.approx(cost_of_stock(HOMES, service=0.98))
    table = cost_to_serve(case, costs, design)
    assert math.fsum(table["cost_per_year"]) == pytest.approx(design.objective, rel=1e-12)
    rows = table[table["driver"] == "component stock"]
    assert set(zip(rows["account"], rows["stage"], strict=True)) == {("supplier", "source")}
    assert math.fsum(rows["cost_per_year"]) == pytest.approx(purchase.stock)
    assert math.fsum(table[table["driver"] == "sole"]["cost_per_year"]) == pytest.approx(purchase.bill)


def test_segments_that_buy_together_keep_one_stock_and_their_costs_add_up(cases):
    members = [Member(case, order_costs(case), decline=False) for case in cases]
    stream = design_stream(members, STOP)
    together = cost_of_stock(HOMES, SHOPS, service=0.98)
    assert stream.costs["supplier", "source", "component stock"] == pytest.approx(together)
    assert math.fsum(stream.costs.values()) == pytest.approx(-stream.profit, rel=1e-12)
    assert -stream.profit_bound == pytest.approx(-stream.profit, rel=1e-8)
    alone = cost_of_stock(HOMES, service=0.98) + cost_of_stock(SHOPS, service=0.9)
    assert together < alone


@pytest.mark.parametrize("supplier", ["Acme,0.9,0,0", "Acme,0.9"])
def test_without_a_lead_time_nothing_changes(write_study, supplier):
    head = TABLES["suppliers"].splitlines()[0] if supplier.count(",") == 3 else "supplier,reliability"
    case = Study.read(write_study(**TABLES | {"suppliers": f"{head}\n{supplier}\n"})).cases()[0]
    free = "component,segment,quantity\nsole,homes,2\nsole,shops,1\n"
    plain = Study.read(write_study("plain", **TABLES | {"components": free})).cases()[0]
    designs = [design_segment(c, order_costs(c), STOP) for c in (case, plain)]
    tables = [cost_to_serve(c, order_costs(c), d) for c, d in zip((case, plain), designs, strict=True)]
    assert tables[0].equals(tables[1])
    assert designs[0].objective == designs[1].objective
    written = [contract_table([c], d.purchases, tail=0.2) for c, d in zip((case, plain), designs, strict=True)]
    assert written[0].equals(written[1])
    assert "stock" not in written[0]


def test_late_and_uncertain_suppliers_lose_where_keeping_is_dear():
    sure = Contract("sure", "sole", "", "spot", 1.02, lead_days=4, lead_deviation=0.5)
    cheap = Contract("cheap", "sole", "", "spot", 1.0, lead_days=30, lead_deviation=8)
    demand, weights = np.array([[20_000.0, 30_000.0]]), np.array([0.5, 0.5])
    for holding, wins in ((0.01, "cheap"), (5.0, "sure")):
        need = Need((25_000.0,), demand, weights, ComponentStock(holding, 2.0, (0.05,), (0.7,), DAYS))
        assert best_purchase([sure, cheap], need).contract.name == wins
        whole = []
        for c in (sure, cheap):
            days = 0.05 * demand[0] ** 0.7 * math.sqrt(c.lead_days)
            stock = 2 * holding * np.hypot(days, demand[0] / DAYS * c.lead_deviation)
            whole.append(float((c.price * demand[0] + stock) @ weights))
        assert [need.expected(c, 1.0) for c in (sure, cheap)] == pytest.approx(whole)


def test_the_contract_that_is_taken_counts_its_stock(write_study):
    # The frame saves 0.27 of the price on 59,000 soles; at 40 a year its stock costs more than that, at 4 less.
    for holding, taken in ((HOLDING, "market"), (4.0, "frame")):
        components = TABLES["components"].replace(f",{HOLDING}", f",{holding}")
        case = Study.read(write_study(f"h{holding:g}", **TABLES | {"components": components})).cases()[0]
        table = contract_table([case], purchases([case]), tail=0.2).set_index("contract")
        assert table.index[table["chosen"]].tolist() == [taken]
        assert table["expected"].idxmin() == taken
        found = commitments_of([case], purchases([case]))
        # Where the spot market, which commits to nothing, is cheapest too, nothing is left to choose.
        assert (found is None) == (taken == "market")
    assert found.taken.expected == pytest.approx(table["expected"].min())
    assert [corner.expected for corner in found.corners] == pytest.approx(
        [table.at["market", "expected"], found.taken.expected]
    )


def test_the_prices_pay_for_the_stock_and_no_less_is_ever_needed():
    rng = np.random.default_rng(5)
    keeping = ComponentStock(3.0, 1.6, (0.4, 0.02, 0.0), (0.5, 1.0, 0.8), DAYS)
    for lead in ((9.0, 2.0), (0.0, 2.0), (9.0, 0.0), (0.0, 0.0)):
        whole = np.array([9000.0, 400.0, 70_000.0])
        prices = keeping.prices(whole, *lead)
        assert prices @ whole == pytest.approx(keeping.cost(whole, *lead))
        fewer = whole * rng.uniform(0, 1, (400, 3)) * rng.integers(0, 2, (400, 3))
        assert (keeping.cost(fewer, *lead) >= fewer @ prices - 1e-9).all()


def test_a_scenario_may_make_a_supplier_slower(write_study):
    study = Study.read(write_study(**SURE))
    planned = purchases([study.cases()[0]])
    late = next(future for name, _, future in futures(study) if name == "strike").cases()[0]
    (then,) = held(planned, late)
    assert then.contract.name == planned[0].contract.name
    assert then.stock == pytest.approx(cost_of_stock(HOMES, service=0.98, lead_days=49))
    assert then.bill == pytest.approx(planned[0].bill)


@pytest.mark.parametrize(
    ("table", "old", "new", "said"),
    [
        (
            "components",
            f"sole,shops,1,{HOLDING}",
            "sole,shops,1,30",
            "components.csv row 3, holding_cost: is 30; expected 40, as in the first row of sole.",
        ),
        (
            "components",
            f",{HOLDING}",
            ",0",
            "warning: components.csv row 2, holding_cost: is 0; expected a cost of stock beside suppliers with a lead",
        ),
        (
            "suppliers",
            "16,3",
            "3,16",
            "warning: suppliers.csv row 2, lead_deviation: is 16; expected not above lead_days.",
        ),
    ],
)
def test_lead_times_that_make_no_sense_are_said(write_study, table, old, new, said):
    tables = TABLES | {table: TABLES[table].replace(old, new)}
    assert [p for p in map(str, lint(write_study(**tables))) if p.startswith(said)]
    assert [str(p) for p in lint(write_study("sound", **TABLES))] == []


def test_a_contract_of_another_supplier_has_that_one_s_lead_time(write_study):
    suppliers = TABLES["suppliers"] + "Bolt,1,5,0\n"
    contracts = TABLES["contracts"] + "bolt,sole,Bolt,spot,2,0,0,0\n"
    case = Study.read(write_study(**TABLES | {"suppliers": suppliers, "contracts": contracts})).cases()[0]
    found = {c.name: (c.lead_days, c.lead_deviation, c.reliability) for c in case.contracts}
    assert found == {"market": (0, 0, 1), "frame": (16, 3, 0.9), "bolt": (5, 0, 1)}
