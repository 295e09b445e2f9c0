"""Streams against trying every choice of sites, processes and partitions."""

from __future__ import annotations

import itertools
import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from netdesign.stop import Stop
from netdesign.study import Study, streams
from netdesign.study.audit import audit, cost_of
from netdesign.study.cost import cost_to_serve, order_costs
from netdesign.study.design import design_segment
from netdesign.study.make import LOTS_PER_YEAR
from netdesign.study.network import Member
from netdesign.study.network_search import design_network, unreached
from netdesign.study.streams import best_partition, design_stream, partition_table, sharing_table
from netdesign.study.value import make_offer

STOP = Stop(gap=0.0)
TWO = {
    "study": 'name = "Two"\n[tables]\n'
    + "".join(f'{t} = "{t}.csv"\n' for t in ("variants", "technologies", "overheads")),
    "segments": "segment,price_weight,outside_utility,holding_cost\nhomes,0.05,-2,3\nshops,0.04,-2,5\n",
    "customers": "customer,segment,lon,lat,buyers,units_per_order,area_km2\n"
    "Utrecht,homes,5.08,52.09,9000,1,6\nVelp,homes,5.98,51.99,2500,1,5\n"
    "a,shops,5.11,52.10,2000,2,0\nb,shops,5.92,51.97,1500,1,0\n",
    "sites": "site,lon,lat,fixed_year,wage\nUtrecht,5.12,52.09,30000,30\nArnhem,5.91,51.98,25000,24\n",
    "variants": "variant,segment,price,popularity,unit_kg\nred,homes,40,3,0.2\n"
    "blue,homes,45,2,0.2\ngrey,shops,50,2,0.4\n",
    "technologies": "technology,kind,capex,life_years,changeover_cost,build_h,rate,material\n"
    "moulding,conventional,20000,10,90,0,0,5\nprinting,additive,9000,5,0,1,6,30\n",
    "overheads": "activity,segment,driver,cost\nrange,homes,variant,1500\ndesk,shops,node,400\n",
}


@pytest.fixture
def members(write_study):
    found = []
    for case in Study.read(write_study("two", **TWO)).cases():
        offered = case.offering(make_offer(case, case.tiers[0], case.most_variants))
        found.append(Member(offered, order_costs(offered), decline=True))
    return found


@pytest.fixture
def plain(folder):
    """Members without prices or technologies."""
    return [Member(case, order_costs(case), decline=False) for case in Study.read(folder).cases()]


def options(members):
    """Every process of a node by hand: its yearly cost, and its cost per unit for each member."""
    desk = 400.0 * any(m.case.name == "shops" for m in members)
    for lots in LOTS_PER_YEAR:
        changes = sum(m.case.offer.variants for m in members) * lots * 90
        yield 2000 + changes + desk, [m.case.offer.unit_kg * 5 + m.case.holding_cost / (2 * lots) for m in members]
    yield 1800 + desk, [m.case.offer.unit_kg * 30 + 6 for m in members]


def profit_by_enumeration(members):
    best = -math.inf
    for choice in itertools.product([None, *options(members)], repeat=2):
        profit = -1500.0 * 2 * any(m.case.name == "homes" for m in members)
        profit -= sum(fixed + option[0] for fixed, option in zip((30000, 25000), choice, strict=True) if option)
        for k, m in enumerate(members):
            gain = [np.zeros(len(m.case.customers))] + [
                m.brings - m.costs.total[:, j] - option[1][k] * m.case.units_per_order
                for j, option in enumerate(choice)
                if option
            ]
            profit += float((np.max(gain, axis=0) * m.case.orders_per_year).sum())
        best = max(best, profit)
    return best


def test_no_shared_network_earns_more(members):
    for some in ([members[0]], [members[1]], members):
        stream = design_stream(some, STOP)
        assert stream.profit == pytest.approx(max(0.0, profit_by_enumeration(some)), rel=1e-9)
        assert stream.profit_bound >= stream.profit - 1e-6


def test_without_prices_the_cheapest_of_all_choices_of_sites_is_found(plain):
    fixed = plain[0].case.fixed_cost_per_year
    cost = np.concatenate([m.costs.total * m.case.orders_per_year[:, None] for m in plain])
    choices = [[j for j in range(3) if mask >> j & 1] for mask in range(1, 8)]
    best = min(fixed[c].sum() + cost[:, c].min(axis=1).sum() for c in choices)
    assert design_stream(plain, STOP).profit == pytest.approx(-best, rel=1e-9)


def test_the_costs_of_a_stream_are_its_revenue_less_its_profit(members, plain):
    for some in (members, members[:1], plain):
        stream = design_stream(some, STOP)
        assert math.fsum(stream.costs.values()) == pytest.approx(stream.revenue - stream.profit, rel=1e-12)


def test_a_stream_of_one_segment_costs_what_the_segment_alone_costs(members):
    (member, _) = members
    design = design_segment(member.case, member.costs, STOP)
    assert design.served.all()
    table = (
        cost_to_serve(member.case, member.costs, design).groupby(["account", "stage", "driver"])["cost_per_year"].sum()
    )
    costs = design_stream([member], STOP).costs
    assert {k: v for k, v in costs.items() if v} == pytest.approx({k: v for k, v in table.to_dict().items() if v})


@pytest.mark.parametrize("all_sets", [6, 1])
def test_the_best_partition_earns_no_less_than_sharing_all_or_nothing(members, plain, all_sets, monkeypatch):
    monkeypatch.setattr(streams, "ALL_SETS", all_sets)
    for some in (members, plain):
        with ThreadPoolExecutor(1) as pool:
            partition = best_partition(some, STOP, pool)
        profit, bound = partition.best
        assert bound + 1e-6 >= profit >= max(partition.dedicated[0], partition.shared[0])
        assert sorted(n for names in partition.chosen for n in names) == ["homes", "shops"]


def test_what_sharing_gains_is_the_sum_over_revenue_and_drivers(members):
    with ThreadPoolExecutor(2) as pool:
        partition = best_partition(members, STOP, pool)
    gain = partition_table(partition).set_index("segments")["gain"]["homes + shops"]
    assert math.fsum(sharing_table(partition)["gain"]) == pytest.approx(gain, abs=1e-6)


def test_the_gain_by_sharing_lies_within_what_loose_searches_prove(members):
    alone, both = [max(0.0, profit_by_enumeration([m])) for m in members], profit_by_enumeration(members)
    with ThreadPoolExecutor(1) as pool:
        partition = best_partition(members, Stop(gap=0.3), pool)
    row = partition_table(partition).set_index("segments").loc["homes + shops"]
    assert row["at_least"] - 1e-6 <= both - math.fsum(alone) <= row["at_most"] + 1e-6
    assert row["at_least"] <= row["gain"] <= row["at_most"]
    assert partition.best[1] >= max(both, math.fsum(alone)) - 1e-6


def test_who_is_served_from_the_shared_nodes_is_written_down_once(plain):
    with ThreadPoolExecutor(1) as pool:
        partition = best_partition(plain, STOP, pool)
    assert partition.chosen == (("homes", "shops"),)
    network, served = partition.streams[partition.chosen[0]].network, partition.served
    names = plain[0].case.sites["site"].to_numpy()[[node.site for node in network.nodes]]
    for member, at in zip(plain, network.assignments, strict=True):
        rows = served[served["segment"] == member.case.name]
        assert rows["customer"].tolist() == member.case.customers["customer"].tolist()
        assert rows["site"].tolist() == names[at].tolist()
        assert rows["orders_per_year"].sum() == pytest.approx(member.case.orders_per_year.sum())
    places = plain[0].case.sites.set_index("site")
    assert (served["site_lon"].to_numpy() == places.loc[served["site"], "lon"].to_numpy()).all()


def test_the_causes_of_a_waterfall_add_up_to_the_gain(members):
    with ThreadPoolExecutor(1) as pool:
        partition = best_partition(members, STOP, pool)
    causes = sharing_table(partition).groupby("cause")["gain"].sum()
    gain = partition_table(partition).set_index("segments")["gain"]["homes + shops"]
    assert causes.sum() == pytest.approx(gain, abs=1e-6)
    assert set(causes.index) <= {*streams.CAUSES.values(), "overheads"}
    assert "sites and equipment" in causes.index


def test_the_number_of_workers_does_not_matter(members):
    tables = []
    for workers in (1, 3):
        with ThreadPoolExecutor(workers) as pool:
            partition = best_partition(members, STOP, pool)
        tables.append((partition_table(partition).to_csv(), sharing_table(partition).to_csv(), partition.chosen))
    assert tables[0] == tables[1]


def partitions(names):
    """Every way to part some names."""
    if not names:
        yield []
        return
    first, rest = names[0], names[1:]
    for size in range(len(rest) + 1):
        for others in itertools.combinations(rest, size):
            left = tuple(n for n in rest if n not in others)
            for parted in partitions(left):
                yield [(first, *others), *parted]


def test_the_partition_is_the_best_of_all():
    rng = np.random.default_rng(3)
    names = ("a", "b", "c", "d", "e")
    for _ in range(20):
        found = {
            some: streams.Stream(some, 0.0, float(rng.normal(len(some), 1)), 0.0, {}, None)
            for size in range(1, 6)
            for some in itertools.combinations(names, size)
        }
        best = max(sum(found[some].profit for some in parted) for parted in partitions(names))
        most, chosen = streams._cover(names, {some: stream.profit for some, stream in found.items()})
        assert most == pytest.approx(best)
        assert sum(found[some].profit for some in chosen) == pytest.approx(best)


def test_what_the_members_pay_adds_up_to_the_cost_of_the_network(members, plain):
    for some in (members, plain):
        network = design_network(some, STOP, seed=1)
        paid = [cost_of(some, network, k) for k in range(len(some))]
        assert math.fsum(paid) == pytest.approx(network.objective, rel=1e-12)


def test_a_shock_to_one_segment_reaches_another_on_a_shared_network_alone(plain):
    table = audit(plain, STOP)
    assert len(table) == 2 * 2 * 2
    dedicated, shared = (table[table["network"] == name] for name in ("dedicated", "shared"))
    assert (dedicated["cost_change"] == 0).all()
    assert (dedicated["hours_change"] == 0).all()
    assert (shared["cost_change"].abs() > 1).all()
    assert table["gap"].between(0.0, 1e-8).all()


def test_a_shock_that_puts_somebody_out_of_reach_leaves_no_network(plain):
    # With a fifth fewer orders the day of whoever is farthest from the next stop is too short for the way to it.
    homes, shops = plain

    def with_shift(hours, orders=1.0):
        buyers = homes.case.customers["buyers"] * orders / 100
        case = replace(homes.case, customers=homes.case.customers.assign(buyers=buyers, area_km2=90_000.0))
        case = replace(case, vehicle=replace(case.vehicle, shift_h=hours))
        return Member(case, order_costs(case), decline=False)

    short = next(h for h in np.arange(1, 14, 0.1) if not unreached([with_shift(h)]))
    assert unreached([with_shift(short, 0.8)])
    table = audit([with_shift(short), shops], STOP)
    fewer = (table["shocked"] == "homes") & (table["shock"] < 0) & (table["network"] == "shared")
    assert np.isinf(table["cost_change"]).equals(fewer)
    assert np.isinf(table["hours_change"]).equals(fewer)
