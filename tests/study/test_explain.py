from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from netdesign.stop import Stop
from netdesign.study import Study
from netdesign.study.cost import order_costs
from netdesign.study.explain import explain

STOP = Stop(gap=0.0)


def cheapest(case, must=(), never=()):
    """Cost of the best choice of sites by enumeration."""
    cost, fixed = order_costs(case).total * case.orders_per_year[:, None], case.fixed_cost_per_year
    sites = range(len(fixed))
    choices = [[j for j in sites if mask >> j & 1] for mask in range(1, 2 ** len(fixed))]
    able = [c for c in choices if set(must) <= set(c) and not set(never) & set(c)]
    return min(fixed[c].sum() + cost[:, c].min(axis=1).sum() for c in able)


def test_the_price_of_the_other_choice_is_that_of_enumeration(folder):
    study = Study.read(folder)
    table = explain(study, STOP)
    assert len(table) == 6
    for case in study.cases():
        best = cheapest(case)
        for row in table[table["segment"] == case.name].itertuples():
            j = list(case.sites["site"]).index(row.site)
            other = cheapest(case, never=[j]) if row.node else cheapest(case, must=[j])
            assert row.price == pytest.approx(other - best if math.isfinite(other) else math.inf, abs=1e-6)
            assert row.at_least - 1e-6 <= row.price <= row.at_most + 1e-6


def test_a_site_becomes_a_node_where_it_costs_less_by_its_price(folder):
    study = Study.read(folder)
    row = next(r for r in explain(study, STOP, "homes").itertuples() if not r.node)
    for discount, node in ((row.price - 1, False), (row.price + 1, True)):
        cheaper = study.sites.assign(
            fixed_year=study.sites["fixed_year"] - discount * (study.sites["site"] == row.site)
        )
        table = explain(replace(study, sites=cheaper), STOP, "homes").set_index("site")
        assert bool(table.at[row.site, "node"]) is node


def test_what_is_explained_is_the_network_of_the_run_with_what_it_learned(write_study):
    text = 'name = "Tiny"\n[last_mile]\nrefit_rounds = 2\nk = 0.1\n[routing]\ndays = 2\niterations = 50\n'
    folder = write_study(study=text + "[frontiers]\npoints = 0\n")
    run = Study.read(folder).run()
    table = explain(Study.read(folder), STOP)
    for segment in run.segments:
        case, rows = segment.case, table[table["segment"] == segment.case.name]
        names = case.sites["site"]
        assert min(row.factor for row in case.factors.rows) > 1.01
        assert {*rows[rows["node"]]["site"]} == {*names.iloc[list(segment.design.open)]}
        for row in rows.itertuples():
            j = list(names).index(row.site)
            other = cheapest(case, never=[j]) if row.node else cheapest(case, must=[j])
            expected = other - cheapest(case) if math.isfinite(other) else math.inf
            assert row.price == pytest.approx(expected, abs=1e-6)


def test_where_a_limit_cannot_be_kept_without_a_site_it_has_no_price(write_study):
    vans = "vehicle_type,kg,m3,stops,co2_per_km\nvan,1000,10,60,0.25\n"
    study = Study.read(write_study(study='name = "Tiny"\n[tables]\nvehicles = "vehicles.csv"\n', vehicles=vans))
    case = next(case for case in study.cases() if case.name == "homes")
    costs = order_costs(case)
    emitted = np.where(np.isfinite(costs.total), costs.co2_kg, np.inf) * case.orders_per_year[:, None] / 1000
    least = emitted.min(axis=1).sum()
    needed = [j for j in range(len(case.sites)) if np.delete(emitted, j, axis=1).min(axis=1).sum() > 1.001 * least]
    limited = study.segments.assign(co2_limit=study.segments["segment"].map({"homes": 1.0005 * least}).fillna(math.inf))
    table = explain(replace(study, segments=limited), STOP, "homes").set_index("site")
    assert needed
    for site in case.sites["site"].iloc[needed]:
        assert table.loc[site, ["node", "price", "at_least"]].tolist() == [True, math.inf, math.inf]
    assert np.isfinite(explain(study, STOP, "homes")["price"]).any()
