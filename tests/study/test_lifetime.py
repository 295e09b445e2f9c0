"""How long streams last: growth, opening and leaving."""

from __future__ import annotations

import numpy as np
import pytest

from netdesign.stop import Stop
from netdesign.study import Study, lint
from netdesign.study.cost import order_costs
from netdesign.study.network import Member
from netdesign.study.network_search import design_network
from netdesign.study.streams import design_stream

SITES = "site,lon,lat,fixed_year,rent,fixed_open,exit_cost,status\nUtrecht,5.12,52.09,20000,5000,10000,6000,candidate\n"
OPEN = SITES + "Arnhem,5.91,51.98,18000,2000,9000,4000,open\n"


def test_one_off_costs_are_spread_over_the_years_that_a_stream_lasts(write_study):
    segments = "segment,lifetime_years\nhomes,2\nshops,\n"
    homes, shops = Study.read(write_study(sites=OPEN, segments=segments)).cases()
    assert homes.fixed_cost_per_year == pytest.approx([25_000 + 16_000 / 2, 20_000 + 4000 / 2])
    assert shops.fixed_cost_per_year == pytest.approx([25_000 + 16_000 / 5, 20_000 + 4000 / 5])


def test_demand_grows_as_long_as_the_stream_lasts(write_study):
    segments = "segment,growth,lifetime_years\nhomes,10,2\nshops,10,\n"
    homes, shops = Study.read(write_study(segments=segments)).cases()
    years = np.linspace(0, 1, 100_001)
    for case, lasts in ((homes, 2), (shops, 5)):
        orders = float((case.customers["buyers"] * case.customers["orders_per_buyer"]).sum())
        assert case.potential_orders.sum() == pytest.approx(orders * (1.1 ** (lasts * years)).mean(), rel=1e-4)


def test_a_shared_network_lasts_as_long_as_its_longest_segment(write_study):
    study = Study.read(write_study(sites=SITES, segments="segment,lifetime_years\nhomes,1\nshops,4\n"))
    members = [Member(case, order_costs(case), decline=False) for case in study.cases()]
    stream = design_stream(members, Stop(gap=0.0))
    assert stream.costs["infrastructure", "make", "site"] == pytest.approx(25_000 + 16_000 / 4)
    alone = design_network(members[:1], Stop(gap=0.0), seed=1)
    assert alone.objective - float(
        (members[0].costs.total[:, 0] * members[0].case.orders_per_year).sum()
    ) == pytest.approx(25_000 + 16_000)


def test_a_share_of_the_buyers_where_nobody_chooses_is_a_warning(write_study):
    study = 'name = "Tiny"\n[tables]\nvariants = "variants.csv"\ntechnologies = "technologies.csv"\n'
    found = lint(
        write_study(
            study=study,
            segments="segment,min_share,price_weight\nhomes,0.2,1\nshops,0.2,1\n",
            variants="variant,segment,price\nred,homes,9\n",
            technologies="technology\nprinting\n",
        )
    )
    assert [str(p) for p in found] == [
        "warning: segments.csv row 3, min_share: is 0.2; expected 0 for a segment without variants. "
        "All its buyers are served."
    ]
