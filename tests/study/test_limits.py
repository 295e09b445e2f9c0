"""Networks within limits against every network there is: all sites, vehicles and processes of a few customers."""

from __future__ import annotations

import itertools
import json
import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from netdesign.stop import Stop
from netdesign.study import Study, limit_program
from netdesign.study.amounts import Limit, tonnes, vehicles_needed
from netdesign.study.cost import cost_to_serve, order_costs
from netdesign.study.design import beyond_limits, design_segment
from netdesign.study.limits import design_within
from netdesign.study.network import DECLINED, Member
from netdesign.study.network_search import design_network
from netdesign.study.options import Option, design_offer
from netdesign.study.value import make_offer

STOP = Stop(gap=0.0)
SITES = """site,lon,lat,fixed_year,wage,handling
Utrecht,5.12,52.09,6000,30,2.5
Arnhem,5.91,51.98,5000,24,0.9
Ede,5.66,52.04,9000,20,0.1
"""
STUDY = 'name = "Tiny"\n[tables]\nvehicles = "vehicles.csv"\n[routing]\niterations = 50\n[frontiers]\npoints = 0\n'
VANS = "vehicle_type,kg,m3,stops,co2_per_km\nvan,1000,10,60,0.25\n"
FLEET = (
    "vehicle_type,kg,m3,stops,cost_per_day,cost_per_km,cost_per_h,speed_kmh,co2_per_km\n"
    "van,1000,10,60,60,0.3,28,40,0.25\nbike,120,1.5,40,12,0.02,21,14,0\n"
)
SEGMENTS = "segment,max_hours,make_minutes,material_cost,vehicle_type{0}\nhomes,3,6,2,van{1}\nshops,3,0,1,van{2}\n"


def members(folder, **changes):
    """The segments of a study, everybody served."""
    cases = [replace(case, **changes) for case in Study.read(folder).cases()]
    return [Member(case, order_costs(case), decline=False) for case in cases]


def every(member):
    """Cost, and each amount that is limited, of all sites and vehicles of all customers: shapes (networks,), (n, k)."""
    case, costs = member.case, member.costs
    each = costs.each or (costs,)
    ways = list(itertools.product(range(len(case.sites)), range(len(each))))
    at = np.array(list(itertools.product(range(len(ways)), repeat=len(case.customers))))
    site, vehicle = np.array(ways)[at].transpose(2, 0, 1)
    orders, here = case.orders_per_year, np.arange(len(case.customers))
    cost = (np.array([c.total for c in each])[vehicle, here, site] * orders).sum(axis=1)
    for j, fixed in enumerate(case.fixed_cost_per_year):
        cost = cost + fixed * (site == j).any(axis=1)
    amounts = [
        (limit.amount.delivered[vehicle if len(limit.amount.delivered) > 1 else 0, here, site] * orders).sum(axis=1)
        for limit in member.limited
    ]
    kept = np.isfinite(cost)
    return cost[kept], np.array(amounts).T[kept]


def with_limits(member, *most):
    limits = tuple(replace(limit, most=m) for limit, m in zip(member.limited, most, strict=True))
    return replace(member, limits=limits)


@pytest.fixture(scope="module")
def homes(write_in, tmp_path_factory):
    folder = write_in(tmp_path_factory.mktemp("limits") / "study", study=STUDY, sites=SITES, vehicles=VANS)
    (member, _) = members(folder, co2_limit=1e9)
    return member


@pytest.fixture(scope="module")
def mixed(write_in, tmp_path_factory):
    segments = SEGMENTS.format("", "; bike", "")
    fleet = "\n".join(f"{row},{end}" for row, end in zip(FLEET.split(), ("count", "100", "100"), strict=True)) + "\n"
    files = {"study": STUDY, "sites": SITES, "vehicles": fleet, "segments": segments}
    (member, _) = members(write_in(tmp_path_factory.mktemp("fleet") / "study", **files))
    return member


@pytest.mark.parametrize("share", [0.02, 0.15, 0.4, 0.6, 0.85, 0.999])
def test_no_network_within_a_limit_on_co2_is_cheaper(homes, share):
    cost, amounts = every(homes)
    least, cheapest = amounts[:, 0].min(), amounts[cost.argmin(), 0]
    most = least + share * (cheapest - least)
    best = cost[amounts[:, 0] <= most].min()
    found = design_within([with_limits(homes, most)], STOP, seed=1)
    (kept,) = found.limits
    assert kept.within
    assert kept.least == pytest.approx(least)
    assert found.objective == pytest.approx(best, rel=1e-9)
    assert best * (1 - 1e-6) <= found.bound <= best * (1 + 1e-9)
    assert found.status == "optimal"
    assert kept.price > 0


@pytest.mark.parametrize("seed", range(5))
def test_no_network_with_so_many_of_two_vehicles_is_cheaper(mixed, seed):
    cost, amounts = every(mixed)
    rng = np.random.default_rng(seed)
    cheapest = amounts[cost.argmin()]
    most = amounts[rng.choice(np.flatnonzero(amounts[:, 0] < 0.8 * cheapest[0]))] * rng.uniform(1, 1.2, 2)
    best = cost[(amounts <= most).all(axis=1)].min()
    found = design_within([with_limits(mixed, *most)], STOP, seed=1)
    assert best > cost.min()
    assert all(kept.within for kept in found.limits)
    assert found.objective == pytest.approx(best, rel=1e-9)
    assert best * (1 - 1e-6) <= found.bound <= best * (1 + 1e-9)


def test_the_bound_of_prices_alone_holds(homes, monkeypatch):
    monkeypatch.setattr(limit_program, "WHOLE", 0)
    monkeypatch.setattr(limit_program, "KERNEL", 1)
    cost, amounts = every(homes)
    for most in np.quantile(amounts[:, 0], [0.01, 0.1, 0.3]):
        best = cost[amounts[:, 0] <= most].min()
        found = design_within([with_limits(homes, most)], STOP, seed=1)
        assert found.limits[0].within
        assert found.bound <= best * (1 + 1e-9) <= found.objective * (1 + 2e-9)
        assert found.bound > 0.8 * best


def test_a_limit_that_does_not_matter_changes_nothing(homes):
    free = design_network([homes], STOP, seed=1)
    loose = design_within([with_limits(homes, 1e6)], STOP, seed=1)
    assert (free.objective, free.bound) == pytest.approx((loose.objective, loose.bound), rel=1e-12)
    assert loose.limits[0].price == 0
    np.testing.assert_array_equal(free.assignments[0], loose.assignments[0])


def test_what_is_not_limited_is_designed_as_ever(homes):
    member = replace(homes, limits=())
    free, same = design_network([member], STOP, seed=1), design_within([member], STOP, seed=1)
    assert (free.objective, free.bound, free.limits) == (same.objective, same.bound, same.limits)


def test_limits_of_segments_that_share_nodes_are_kept_by_each(write_study):
    both = members(write_study(study=STUDY, sites=SITES, vehicles=VANS), co2_limit=1e9)
    free = design_within(both, STOP, seed=1)
    most = [0.9 * kept.amount + 0.1 * kept.least for kept in free.limits]
    found = design_within([with_limits(m, at) for m, at in zip(both, most, strict=True)], STOP, seed=1)
    assert all(kept.within for kept in found.limits)
    each = [every(m) for m in both]
    best = math.inf
    fixed = both[0].case.fixed_cost_per_year
    for opened in itertools.product((False, True), repeat=3):
        sites = np.flatnonzero(opened)
        cheapest = [_cheapest(m, sites, at) for m, at in zip(both, most, strict=True)]
        best = min(best, fixed[sites].sum() + sum(cheapest))
    assert len(each) == 2
    assert found.objective == pytest.approx(best, rel=1e-9)
    assert found.bound <= best * (1 + 1e-9)


def _cheapest(member, sites, most):
    """Of serving a segment from these sites within its limit, the sites themselves left out."""
    case, (limit,) = member.case, member.limited
    best, here = math.inf, np.arange(len(case.customers))
    for at in itertools.product(sites, repeat=len(here)):
        if float(limit.amount.delivered[0, here, at] @ case.orders_per_year) <= most:
            best = min(best, float(member.costs.total[here, at] @ case.orders_per_year))
    return best


TECHNOLOGIES = (
    "technology,kind,capex,life_years,build_h,capacity_h,rate,unit_co2\n"
    "moulding,conventional,60000,10,0.2,1500,4,9\nprinting,additive,30000,10,0.5,2000,6,1\n"
)


def made(case, costs, declining):
    """Profit and t of CO2 of every site and process of every customer, who may be declined, with whole machines."""
    options = [(j, t) for j in range(len(case.sites)) for t in range(2)]
    choices = [*range(len(options)), *([DECLINED] if declining else [])]
    orders = case.orders_per_year
    unit, hour, price, limit, kg = (0.8, 3.0), (0.2, 0.5), (6000, 3000), (1500, 2000), (9, 1)
    for at in itertools.product(choices, repeat=len(orders)):
        at = np.array(at)
        sites = [options[k][0] for k in set(at.tolist()) - {DECLINED}]
        if len(sites) > len(set(sites)):
            continue
        cost = tonnes = 0.0
        for k in set(at.tolist()) - {DECLINED}:
            j, t = options[k]
            mine = at == k
            units = float(orders[mine].sum())
            cost += case.fixed_cost_per_year[j] + float((costs.total[:, j] * orders)[mine].sum())
            cost += units * unit[t] + price[t] * max(1, math.ceil(units * hour[t] / limit[t] - 1e-9))
            tonnes += float(((costs.co2_kg[:, j] + kg[t]) * orders)[mine].sum()) / 1000
        yield at, cost, tonnes


SMALL = "\n".join(["customer,segment,lon,lat,buyers,orders_per_buyer,area_km2,drop_kg",
                   "west,homes,5.08,52.09,9000,1,6,2", "north,homes,5.91,52.01,8000,1,7,2",
                   "Velp,homes,5.98,51.99,2500,1,5,2", "one,shops,5.11,52.10,2000,1,0,2"]) + "\n"  # fmt: skip


def test_whole_machines_within_a_limit(write_study):
    study = STUDY.replace("[routing]", 'technologies = "technologies.csv"\n[routing]')
    files = {"study": study, "sites": SITES, "vehicles": VANS, "technologies": TECHNOLOGIES, "customers": SMALL}
    case = Study.read(write_study(**files)).cases()[0]
    costs = order_costs(case)
    networks = [(cost, tonnes) for _, cost, tonnes in made(case, costs, declining=False)]
    cheapest, least = min(networks), min(t for _, t in networks)
    for share in (0.1, 0.5, 0.9):
        most = least + share * (cheapest[1] - least)
        best = min(cost for cost, tonnes in networks if tonnes <= most)
        own = replace(case, co2_limit=most)
        design = design_segment(own, order_costs(own), STOP)
        assert design.limits[0].within
        assert design.objective == pytest.approx(best, rel=1e-9)
        assert best * (1 - 1e-6) <= design.bound <= best * (1 + 1e-9)
        accounts = cost_to_serve(own, costs, design)
        assert math.fsum(accounts["cost_per_year"]) == pytest.approx(design.objective, rel=1e-12)


def test_where_vehicles_are_few_customers_are_declined(write_study):
    files = {
        "study": STUDY.replace("[routing]", 'variants = "variants.csv"\n[routing]'),
        "sites": SITES,
        "variants": "variant,segment,price\nred,homes,25\n",
        "segments": "segment,price_weight,max_hours,material_cost,outside_utility\n"
        "homes,0.01,3,2,-9\nshops,0.01,2,1,-9\n",
    }
    for count in (0, 0.4, 0.9):
        vans = VANS.replace("co2_per_km", "co2_per_km,count").replace("0.25", f"0.25,{count}")
        case = Study.read(write_study(f"n{count}", vehicles=vans, **files)).cases()[0]
        offered = case.offering(make_offer(case, case.tiers[0], 1))
        option = Option(offered, design_offer(offered, STOP))
        needs, orders = vehicles_needed(option.case, option.costs, 0).delivered[0], option.case.orders_per_year
        gain = (option.case.revenue_per_order[:, None] - option.costs.total) * orders[:, None]
        best = 0.0
        for at in itertools.product(range(-1, 3), repeat=len(orders)):
            at = np.array(at)
            served = np.flatnonzero(at >= 0)
            if float((needs * orders[:, None])[served, at[served]].sum()) <= count:
                fixed = sum(case.fixed_cost_per_year[j] for j in set(at[served].tolist()))
                best = max(best, float(gain[served, at[served]].sum()) - fixed)
        assert option.profit == pytest.approx(best, rel=1e-9, abs=1e-6)
        assert option.profit_bound >= best - 1e-6 * max(1.0, best)
        assert best > 0 or count == 0


def test_a_limit_out_of_reach_is_named_with_the_least_there_is(homes, mixed):
    _, amounts = every(homes)
    case = replace(homes.case, co2_limit=0.9 * amounts.min())
    design = design_segment(case, order_costs(case), STOP)
    (lost,) = beyond_limits(design)
    assert not design.within_limits
    assert f"{amounts.min():,.4g} t of CO2 a year at least; the limit is" in lost.reasons[0]
    found = design_within([with_limits(mixed, 0.0, 0.0)], STOP, seed=1)
    assert not all(kept.within for kept in found.limits)
    assert found.bound is None


def test_a_study_with_limits_keeps_them_and_says_so(write_study):
    vehicles = "\n".join(f"{row},{n}" for row, n in zip(FLEET.split(), ("count", "", "0.8"), strict=True)) + "\n"
    segments = SEGMENTS.format(",co2_limit", "; bike,2.6", ",0.1")
    files = {"study": STUDY, "sites": SITES, "vehicles": vehicles, "segments": segments}
    with ThreadPoolExecutor(2) as two:
        runs = [Study.read(write_study(f"w{n}", **files)).run(executor=e) for n, e in enumerate((None, two))]
    first, second = (
        {p.name: p.read_bytes() for p in sorted((run.out / "segments").rglob("*")) if p.is_file()} for run in runs
    )
    assert first == second
    figures = json.loads((runs[0].out / "segments" / "homes" / "segment.json").read_text("utf-8"))
    assert [kept["name"] for kept in figures["limits"]] == ["CO2", "bike"]
    assert all(kept["amount"] <= kept["most"] * (1 + 1e-9) for kept in figures["limits"])
    assert figures["co2_t_per_year"] == pytest.approx(figures["limits"][0]["amount"])
    days = pd.read_csv(runs[0].out / "segments" / "homes" / "route_check.csv")
    bikes = days[days["vehicle_type"] == "bike"].groupby("day")[["routes", "unserved"]].sum()
    assert figures["limits"][1]["unserved_stops"] == bikes["unserved"].sum()
    assert figures["limits"][1]["short_days"] == ((bikes["unserved"] > 0) | (bikes["routes"] > 0.8)).sum()
    assert "What is limited" in runs[0].report.read_text("utf-8")
    (shops,) = (s for s in runs[0].summary["segments"] if s["segment"] == "shops")
    assert shops["status"] == "infeasible"
    assert "at least; the limit is 0.1" in shops["unserved"][0][1]


def test_amounts_are_those_of_the_formula(homes, mixed):
    there = np.isfinite(homes.costs.total)
    assert np.array_equal(tonnes(homes.costs).delivered[0][there], (homes.costs.co2_kg / 1000)[there])
    bikes = vehicles_needed(mixed.case, mixed.costs, 1)
    assert not bikes.delivered[0].any()
    stops = mixed.costs.stops
    share = mixed.costs.each[1].last_mile.share
    there = np.isfinite(mixed.costs.each[1].total)
    a_day = bikes.delivered[1] * mixed.case.orders_per_year[:, None]
    assert a_day[there] == pytest.approx((share * stops.per_day[:, None])[there])
    assert Limit(bikes).most == math.inf
