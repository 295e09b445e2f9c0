"""Networks that are there in scenarios that were not planned, against all ways to serve a few customers from them."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest

from netdesign.stop import Stop
from netdesign.study import Study
from netdesign.study.cost import order_costs
from netdesign.study.make import Process
from netdesign.study.network import Member, Node
from netdesign.study.recourse import outcomes
from netdesign.study.scenario_tables import PLAN
from netdesign.study.scenarios import futures, outlook
from netdesign.study.value import make_offer

STOP = Stop(gap=0.0)
SITES = """site,lon,lat,fixed_year,wage,handling
Utrecht,5.12,52.09,6000,30,2.5
Arnhem,5.91,51.98,5000,24,0.9
Ede,5.66,52.04,9000,20,0.1
"""
STUDY = 'name = "Tiny"\n[tables]\nvehicles = "vehicles.csv"\n[routing]\niterations = 50\n[frontiers]\npoints = 0\n'
WHAT_IF = STUDY.replace("[routing]", 'scenarios = "scenarios.csv"\n[routing]')
VANS = "vehicle_type,kg,m3,stops,co2_per_km\nvan,1000,10,60,0.25\n"
SCENARIOS = (
    "scenario,table,filter,column,op,value,probability\n"
    "boom,customers,segment=homes,buyers,multiply,1.3,0.25\n"
    "tight,segments,segment=homes,co2_limit,multiply,0.9,0.25\n"
    "hopeless,segments,segment=homes,co2_limit,multiply,0.1,0.25\n"
)
LIMITED = "segment,max_hours,make_minutes,material_cost,co2_limit\nhomes,3,6,2,6\nshops,3,0,1,\n"


@pytest.fixture(scope="module")
def folder(write_in, tmp_path_factory):
    files = {"study": WHAT_IF, "sites": SITES, "vehicles": VANS, "scenarios": SCENARIOS, "segments": LIMITED}
    return write_in(tmp_path_factory.mktemp("limited") / "study", **files)


def test_a_network_that_breaks_a_limit_in_a_scenario_is_not_robust(folder):
    ahead = [(name, p, s.cases()[0]) for name, p, s in futures(Study.read(folder))]
    names = [name for name, _, _ in ahead]
    found = outlook(Member(ahead[0][2], order_costs(ahead[0][2]), decline=False), ahead, STOP, tail=0.3)
    at = np.array(list(itertools.product(range(3), repeat=5)))
    opened = np.array([[(row == j).any() for j in range(3)] for row in at])

    # Cost without sites, and t of CO2, of all ways to serve the customers from all sites, by scenario.
    served = {}
    for name, _, case in ahead:
        costs, orders = order_costs(case), case.orders_per_year
        served[name] = [(part[np.arange(5), at] * orders).sum(axis=1) for part in (costs.total, costs.co2_kg / 1000)]

    def earned(name, case, sites):
        """With these sites paid; minus infinity where the limit cannot be kept."""
        cost, tonnes = served[name]
        from_there = ~opened[:, [j for j in range(3) if j not in sites]].any(axis=1)
        kept = from_there & (tonnes <= case.co2_limit)
        return -case.fixed_cost_per_year[sites].sum() - cost[kept].min() if kept.any() else -math.inf

    every = [[j for j in range(3) if mask >> j & 1] for mask in range(1, 8)]
    worth = np.array([[earned(name, case, sites) for name, _, case in ahead] for sites in every])
    best = worth.max(axis=0)
    # The last scenario is beyond everybody: its network is the one that emits least.
    hopeless = sorted(set(at[served["hopeless"][1].argmin()].tolist()))
    rows = [*worth.argmax(axis=0)[:3], every.index(hopeless)]
    profit = worth[rows]
    assert np.isinf(profit).sum(axis=0).tolist() == [0, 2, 0, 4]
    assert found.table[[f"in {name}" for name in names]].to_numpy() == pytest.approx(profit)
    assert found.left_out == ("hopeless",)
    # Over the other three, of equal weight once the plan's 0.25 is all that is left to it.
    assert found.table["expected"].to_numpy() == pytest.approx(profit[:, :3].mean(axis=1))
    assert found.table["tail"].to_numpy() == pytest.approx(profit[:, :3].min(axis=1))
    regret = (best[:3] - profit[:, :3]).max(axis=1)
    assert found.table["regret"].to_numpy() == pytest.approx(regret, abs=1e-6)
    assert found.robust == dict.fromkeys(("expected", "tail", "regret"), "boom")
    assert found.table["bound"].to_numpy() == pytest.approx(best)
    assert found.table["expected_bound"][0] >= worth[:, :3].mean(axis=1).max()
    assert found.table["tail_bound"][0] >= worth[:, :3].min(axis=1).max()
    assert found.table["regret_at_most"].to_numpy() == pytest.approx(regret, abs=1e-6)
    # What is broken, and the least that could be emitted from those nodes.
    broken = {(row.network, row.scenario): row.amount for row in found.beyond.itertuples()}
    assert broken.keys() == {(names[c], names[s]) for c, s in np.argwhere(np.isinf(profit))}
    for (network, scenario), amount in broken.items():
        sites = every[rows[names.index(network)]]
        assert amount == pytest.approx(served[scenario][1][~opened[:, np.setdiff1d(range(3), sites)].any(axis=1)].min())


@pytest.fixture(scope="module")
def choosy(write_in, tmp_path_factory):
    """Customers who may be declined, two vehicles, and limits on both and on CO2."""
    fleet = (
        "vehicle_type,kg,m3,stops,cost_per_day,cost_per_km,cost_per_h,speed_kmh,co2_per_km,count\n"
        "van,1000,10,60,60,0.3,28,40,0.25,100\nbike,120,1.5,40,12,0.02,21,14,0,100\n"
    )
    segments = (
        "segment,price_weight,max_hours,material_cost,outside_utility,vehicle_type,co2_limit\n"
        "homes,0.01,3,2,-9,van; bike,1e9\nshops,0.01,2,1,-9,van,\n"
    )
    files = {
        "study": STUDY.replace("[routing]", 'variants = "variants.csv"\n[routing]'),
        "sites": SITES,
        "vehicles": fleet,
        "variants": "variant,segment,price\nred,homes,9\n",
        "segments": segments,
    }
    case = Study.read(write_in(tmp_path_factory.mktemp("choosy") / "study", **files)).cases()[0]
    offered = case.offering(make_offer(case, case.tiers[0], 1))
    return Member(offered, order_costs(offered), decline=True)


def all_ways(member, nodes, *, decline):
    """Profit before the sites, and what is limited, of all ways to serve the customers from some nodes."""
    ways = [(v, j) for v in range(2) for j in nodes]
    at = np.array(list(itertools.product(range(len(ways) + decline), repeat=len(member.case.customers))))
    vehicle, site = np.array([*ways, (0, 0)])[at].transpose(2, 0, 1)
    here, declined = np.arange(at.shape[1]), at == len(ways)
    orders, brings = member.case.orders_per_year, member.brings if decline else 0.0
    gain = brings - np.array([c.total for c in member.costs.each])[vehicle, here, site]
    amounts = [(limit.amount.delivered[:, here][vehicle, here, site]) for limit in member.limited]
    with np.errstate(invalid="ignore"):
        return [(np.where(declined, 0.0, part) * orders).sum(axis=1) for part in (gain, *amounts)]


@pytest.mark.parametrize("decline", [True, False])
def test_who_is_served_from_which_node_by_which_vehicle_is_the_best_within_all_limits(choosy, decline):
    member = replace(choosy, decline=decline)
    rng, nodes = np.random.default_rng(3), [0, 2]
    gain, *amounts = all_ways(member, nodes, decline=decline)
    amounts = np.array(amounts)
    fixed = member.case.fixed_cost_per_year[nodes].sum()
    free, failed = amounts[:, gain.argmax()], 0
    for _ in range(12):
        most = free * rng.uniform(0.5, 1.6, 3) + 0.02
        limits = tuple(replace(limit, most=m) for limit, m in zip(member.limited, most, strict=True))
        networks = [[Node(j, (Process(""),)) for j in nodes]]
        (found,) = outcomes(replace(member, limits=limits), networks, (), STOP, seed=1)
        kept = (amounts <= most[:, None]).all(axis=0) & np.isfinite(gain)
        if kept.any():
            assert found.profit == pytest.approx(gain[kept].max() - fixed, rel=1e-6)
            assert not found.beyond
        else:
            assert found.profit == -math.inf
            excess = np.maximum(amounts[:, np.isfinite(gain)] / most[:, None] - 1, 0.0).sum(axis=0)
            assert sum(k.amount / k.most - 1 for k in found.beyond) == pytest.approx(excess.min(), rel=1e-6)
            failed += 1
    assert 0 < failed < 12 if not decline else failed == 0


def test_a_run_says_which_network_breaks_which_limit_in_which_scenario(folder):
    run = Study.read(folder).run()
    homes, _ = run.summary["segments"]
    assert homes["robust"]["expected"] == "boom"
    assert homes["scenarios_left_out"] == ["hopeless"]
    assert {(row["network"], row["scenario"]) for row in homes["scenario_limits"]} >= {
        (PLAN, "boom"),
        ("tight", "boom"),
    }
    assert all(row["name"] == "CO2" and row["amount"] > row["most"] for row in homes["scenario_limits"])
    page = run.report.read_text("utf-8")
    assert "✕ CO₂ 0.359 t over" in page
    assert "✕ fails" in page
