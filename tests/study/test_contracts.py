"""Contracts against formulas, brute force and the design of a study."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from netdesign.stop import Stop
from netdesign.study import Study, lint
from netdesign.study.contracts import (
    Contract,
    Need,
    Purchase,
    best_purchase,
    expected,
    with_quantity,
)
from netdesign.study.cost import order_costs
from netdesign.study.network import DECLINED, Member
from netdesign.study.network_search import design_network
from netdesign.study.scenarios import earned
from netdesign.study.stock import ComponentStock
from netdesign.study.supply import held, purchases
from netdesign.study.value import make_offer

STOP = Stop(gap=0.0)
SPOT = Contract("market", "sole", "", "spot", 10.0)
TAKE = Contract("take or pay", "sole", "", "commitment", 7.0, quantity=800.0)
FLEX = Contract("flex", "sole", "", "quantity_flex", 8.0, quantity=1000.0, flex_down=0.2, flex_up=0.1)
HOLD = Contract("hold", "sole", "", "reservation", 6.0, reservation_price=1.0)
ALL = (SPOT, TAKE, FLEX, HOLD)


@pytest.mark.parametrize(
    ("contract", "units", "cost"),
    [
        (SPOT, 500.0, 5000.0),
        (TAKE, 500.0, 5600.0),
        (TAKE, 900.0, 6300.0),
        (FLEX, 500.0, 6400.0),
        (FLEX, 950.0, 7600.0),
        (FLEX, 1300.0, 1100 * 8.0 + 200 * 10.0),
        (replace(HOLD, quantity=600.0), 500.0, 600 + 3000.0),
        (replace(HOLD, quantity=600.0), 800.0, 600 + 3600 + 2000.0),
        (replace(TAKE, switch_cost=900.0, term_years=3.0), 900.0, 6600.0),
        (replace(TAKE, reliability=0.9), 500.0, 0.9 * 5600 + 0.1 * 5000),
    ],
)
def test_what_a_year_costs_is_what_the_contract_says(contract, units, cost):
    assert float(contract.cost(units, 10.0)) == pytest.approx(cost)


@pytest.mark.parametrize("fee", [0.3, 1.0, 2.5, 3.9, 4.0, 6.0])
def test_what_is_reserved_is_the_quantile_of_demand(fee):
    # R* = F^-1(1 - r / (p_spot - e)), and nothing where r >= p_spot - e.
    rng = np.random.default_rng(7)
    demand, weights = rng.gamma(9.0, 100.0, 397), np.full(397, 1 / 397)
    star = 0.0 if fee >= 4 else float(np.quantile(demand, 1 - fee / 4, method="inverted_cdf"))
    hold = replace(HOLD, reservation_price=fee)
    found = with_quantity(hold, demand, weights, 10.0)
    least = min(expected(replace(hold, quantity=q), demand, weights, 10.0) for q in np.linspace(0, 3000, 3001))
    assert expected(found, demand, weights, 10.0) <= least + 1e-9
    at_star = expected(replace(hold, quantity=star), demand, weights, 10.0)
    assert expected(found, demand, weights, 10.0) == pytest.approx(at_star)


def test_the_flexible_quantity_is_the_best_of_all():
    demand, weights = np.array([600.0, 1000.0, 1500.0]), np.array([0.3, 0.4, 0.3])
    free = replace(FLEX, quantity=0.0)
    found = expected(with_quantity(free, demand, weights, 10.0), demand, weights, 10.0)
    assert found <= min(expected(replace(free, quantity=q), demand, weights, 10.0) for q in range(2500)) + 1e-9


def test_the_price_of_the_last_unit_makes_a_line_below_the_cost():
    units = np.linspace(0, 1400, 141)
    for contract in (*ALL, replace(HOLD, quantity=700.0), replace(FLEX, reliability=0.8)):
        purchase = Purchase(contract, 10.0, (1400.0,), ComponentStock())
        line = purchase.cost + purchase.price * (units - 1400.0)
        assert (contract.cost(units, 10.0) >= line - 1e-9).all()


def test_the_contract_of_the_least_expected_cost_is_taken():
    weights = np.array([0.25, 0.5, 0.25])
    sure, wild = np.array([990.0, 1000.0, 1010.0]), np.array([100.0, 1000.0, 1900.0])
    assert best_purchase(ALL, Need((1000.0,), sure[None], weights, ComponentStock())).contract.name == "take or pay"
    wide = [replace(c, quantity=1000.0) if c.kind == "commitment" else c for c in ALL]
    best = best_purchase(wide, Need((1000.0,), wild[None], weights, ComponentStock()))
    assert expected(best.contract, wild, weights, 10.0) == min(
        expected(with_quantity(c, wild, weights, 10.0), wild, weights, 10.0) for c in wide
    )
    assert best.contract.name == "hold"


STUDY = {
    "study": 'name = "Supply"\nworking_days_per_year = 250\n[tables]\n'
    + "".join(f'{t} = "{t}.csv"\n' for t in ("components", "suppliers", "contracts", "scenarios"))
    + "[routing]\niterations = 50\n",
    "components": "component,segment,quantity\nsole,homes,2\nsole,shops,1\nlace,homes,1\n",
    "suppliers": "supplier,reliability\nAcme,0.9\n",
    "contracts": "contract,component,supplier,type,price,quantity,flex_down,flex_up,reservation_price\n"
    "market,sole,,spot,1.0,0,0,0,0\nframe,sole,Acme,quantity_flex,0.8,0,0.2,0.2,0\n"
    "take,sole,,commitment,0.7,60000,0,0,0\nlaces,lace,,spot,0.1,0,0,0,0\n",
    "scenarios": "scenario,table,filter,column,op,value,probability\n"
    "weak,customers,,buyers,multiply,0.7,0.25\nstrong,customers,,buyers,multiply,1.3,0.25\n",
}


@pytest.fixture(scope="module")
def bought(tmp_path_factory, write_to):
    return Study.read(write_to(tmp_path_factory.mktemp("supply") / "study", **STUDY)).run()


def test_components_are_a_part_of_the_supplier_account_and_the_accounts_add_up(bought):
    for segment, figures in zip(bought.segments, bought.summary["segments"], strict=True):
        table = segment.accounts
        assert math.fsum(table["cost_per_year"]) == pytest.approx(segment.design.objective, abs=1e-6)
        paid = table[table["driver"].isin(["sole", "lace"])]
        assert set(paid["account"]) == {"supplier"}
        assert math.fsum(paid["cost_per_year"]) == pytest.approx(math.fsum(p["cost"] for p in figures["contracts"]))


def test_every_contract_in_every_scenario_is_written_and_the_best_is_taken(bought):
    table = pd.read_csv(bought.out / "segments" / "homes" / "contracts.csv")
    units = 2 * 29_500.0
    soles = table[table["component"] == "sole"].set_index("contract")
    assert soles.at["market", "in weak"] == pytest.approx(0.7 * units)
    assert soles.at["take", "in weak"] == pytest.approx(0.7 * 60_000)
    assert soles.at["take", "in strong"] == pytest.approx(0.7 * 1.3 * units)
    frame = 0.9 * 0.8 * 0.8 * soles.at["frame", "quantity"]
    assert soles["committed"].to_dict() == pytest.approx({"market": 0, "frame": frame, "take": 42_000})
    assert soles["expected"].idxmin() == soles.index[soles["chosen"]][0]
    assert "What components cost, by contract" in bought.report.read_text("utf-8")


def test_a_stream_buys_together_under_one_contract(bought):
    members = [Member(s.case, s.costs, decline=False) for s in bought.segments]
    apart = [design_network([m], STOP, seed=1) for m in members]
    (sole, lace) = design_network(members, STOP, seed=1).purchases
    assert sole.units == pytest.approx(math.fsum(p.units for n in apart for p in n.purchases if p.component == "sole"))
    assert lace.units == pytest.approx(29_500)
    assert sole.contract.name == "take"


def test_networks_with_contracts_are_the_best_of_all_and_their_bound_holds(write_study):
    # A commitment to far more than is needed makes soles free, and one to little makes them dear.
    for quantity in (20_000, 90_000):
        contracts = f"contract,component,type,price,quantity\ntake,sole,commitment,3,{quantity}\n"
        tables = STUDY | {"contracts": contracts, "components": "component,segment,quantity\nsole,homes,2\n"}
        study = Study.read(write_study(f"study{quantity}", **tables))
        case = study.cases()[0]
        costs = order_costs(case)
        network = design_network([Member(case, costs, decline=False)], STOP, seed=1)
        fixed = case.fixed_cost_per_year
        cost = costs.total * case.orders_per_year[:, None]
        choices = [[j for j in range(3) if mask >> j & 1] for mask in range(1, 8)]
        best = min(fixed[c].sum() + cost[:, c].min(axis=1).sum() for c in choices)
        components = 3 * max(59_000, quantity)
        assert network.objective == pytest.approx(best + components)
        assert network.bound == pytest.approx(best + components)


DECLINING = STUDY | {
    "study": STUDY["study"].replace("[tables]\n", '[tables]\nvariants = "variants.csv"\n'),
    "variants": "variant,segment,price\nred,homes,9\n",
    "customers": "customer,segment,lon,lat,buyers,area_km2,drop_kg\nUtrecht,homes,5.08,52.09,9000,6,2\n"
    "Velp,homes,5.98,51.99,7000,5,2\nArnhem,homes,5.91,52.01,8000,7,2\nUrk,homes,5.6,52.66,15,3,2\n",
    "segments": "segment,price_weight,make_minutes,outside_utility\nhomes,0.01,6,-9\nshops,0.01,0,-9\n",
    "contracts": "contract,component,type,price,quantity\ntake,sole,commitment,0.5,40000\nlaces,lace,spot,0.1,0\n",
}


@pytest.fixture
def declining(write_study):
    """A case with its offer, some of whose customers are not worth serving, with contracts of a test's own."""

    def made(**tables):
        case = Study.read(write_study("declining", **DECLINING | tables)).cases()[0]
        return case.offering(make_offer(case, case.tiers[0], 1))

    return made


def profits_of(case, bills):
    """Of every choice of sites and customers, where components are bought under these contracts."""
    costs, orders, brings = order_costs(case), case.orders_per_year, case.offer.revenue(case.units_per_order)
    for served in range(2 ** len(orders)):
        mine = np.array([bool(served >> i & 1) for i in range(len(orders))])
        paid = sum(p.of([q * float(orders[mine].sum())]).cost for p, q in zip(bills, (2, 1), strict=True))
        for mask in range(1, 8):
            sites = [j for j in range(3) if mask >> j & 1]
            gain = ((brings - costs.total[:, sites].min(axis=1)) * orders)[mine].sum()
            yield gain - case.fixed_cost_per_year[sites].sum() - paid


@pytest.mark.parametrize(("planned", "came"), [(0.4, 1.0), (1.0, 0.4), (1.0, 0.7)])
def test_no_network_earns_more_in_a_scenario_than_is_proven_with_the_contracts_of_the_plan(declining, planned, came):
    case = declining(contracts=DECLINING["contracts"] + "market,sole,spot,0.75,0\n")
    plan, now = (
        replace(case, customers=case.customers.assign(buyers=case.customers["buyers"] * times))
        for times in (planned, came)
    )
    taken = purchases([plan])
    assert taken[0].contract.name == ("market" if planned < 1 else "take")
    member = Member(now, order_costs(now), decline=True)
    best = max(profits_of(now, held(taken, now)))
    found, most = earned(member, design_network([member], STOP, seed=1, planned=held(taken, now)))
    assert found == pytest.approx(best, rel=1e-7)
    assert best - 1e-6 <= most
    assert most == pytest.approx(best, rel=1e-7)


@pytest.mark.parametrize(("price", "lead"), [(9, "0,0"), (14, "16,3")])
def test_where_customers_are_declined_the_bound_still_holds(declining, price, lead):
    # Of a take or pay the first units are cheap, of safety stock the last ones: the cost bends to either side.
    case = declining(
        variants=f"variant,segment,price\nred,homes,{price}\n",
        components="component,segment,quantity,holding_cost\nsole,homes,2,40\nsole,shops,1,40\nlace,homes,1,0\n",
        suppliers=f"supplier,lead_days,lead_deviation\nAcme,{lead}\n",
        contracts="contract,component,supplier,type,price,quantity\ntake,sole,Acme,commitment,0.5,40000\n"
        "laces,lace,,spot,0.1,0\n",
    )
    costs = order_costs(case)
    network = design_network([Member(case, costs, decline=True)], STOP, seed=1)
    (at,) = network.assignments
    assert 0 < (at == DECLINED).sum() < len(at)
    orders, brings = case.orders_per_year, case.offer.revenue(case.units_per_order)
    profits = list(profits_of(case, purchases([case])))
    profit = float((brings * orders)[at != DECLINED].sum()) - network.objective
    most = float((brings * orders)[at != DECLINED].sum()) - network.bound
    assert profit <= max(profits) + 1e-6
    assert most >= max(profits) - 1e-6
    assert network.status == ("optimal" if network.gap <= 1e-8 else "feasible")


def test_a_scenario_cannot_make_a_supplier_unsure_where_there_is_no_spot_market(write_study):
    contracts = "contract,component,supplier,type,price,quantity\ntake,sole,Acme,commitment,0.7,40000\n"
    tables = STUDY | {
        "contracts": contracts + "laces,lace,,spot,0.1,0\n",
        "suppliers": "supplier,reliability\nAcme,1\n",
        "scenarios": "scenario,table,filter,column,op,value,probability\nfire,suppliers,,reliability,set,0.9,0.1\n",
    }
    assert [str(p) for p in lint(write_study(**tables)) if p.level == "error"] == [
        "scenarios.csv row 2, value: is a change that leaves type commitment in row 2 of contracts; expected a spot "
        "contract for sole besides. What the contract does not cover is bought on the spot."
    ]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "lace,homes",
            "laze,homes",
            "components.csv row 4, component: is 'laze'; expected a component of contracts.csv.",
        ),
        (
            "laces,lace",
            "laces,bow",
            "warning: contracts.csv row 5, component: is 'bow'; expected a component that some",
        ),
        (
            "market,sole,,spot,1.0",
            "market,sole,,commitment,1.0",
            "contracts.csv row 3, type: is quantity_flex; expected a spot",
        ),
        (
            "take,sole,,commitment,0.7",
            "take,sole,,commitment,1.7",
            "warning: contracts.csv row 4, price: is 1.7; expected less",
        ),
        (
            "frame,sole,Acme",
            "frame,sole,Acne",
            "contracts.csv row 3, supplier: is 'Acne'; expected a supplier of suppliers",
        ),
    ],
)
def test_contracts_that_contradict_other_tables_are_found(write_study, old, new, said):
    tables = {name: text.replace(old, new) for name, text in STUDY.items()}
    assert [p for p in map(str, lint(write_study(**tables))) if p.startswith(said)]
    assert [str(p) for p in lint(write_study("sound", **STUDY))] == []
