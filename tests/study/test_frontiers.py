"""Frontiers against every network there is: all assignments of a few customers to three sites."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from netdesign.stop import Stop
from netdesign.study import Study
from netdesign.study.cost import order_costs
from netdesign.study.design import design_segment
from netdesign.study.frontier_points import STEEPEST, efficient
from netdesign.study.frontiers import frontiers

STOP = Stop(gap=0.0)
VANS = "vehicle_type,kg,m3,stops,co2_per_km\nvan,1000,10,120,0.25\n"
SITES = """site,lon,lat,fixed_year,wage,handling
Utrecht,5.12,52.09,6000,30,2.5
Arnhem,5.91,51.98,5000,24,0.9
Ede,5.66,52.04,9000,20,0.1
"""
STUDY = 'name = "Tiny"\ncountry = "NL"\ntables.vehicles = "vehicles.csv"\n[frontiers]\npoints = 30\n'


def parts(folder):
    case = Study.read(folder).cases()[0]
    costs = order_costs(case)
    return case, costs, design_segment(case, costs, STOP)


@pytest.fixture(scope="module")
def tiny(write_in, tmp_path_factory):
    return parts(write_in(tmp_path_factory.mktemp("tiny") / "study", study=STUDY, sites=SITES, vehicles=VANS))


@pytest.fixture(scope="module")
def table(tiny):
    return frontiers(*tiny, STOP)


def networks(case, costs):
    """Hours of the mean order, t of CO2, cost and number of nodes of every assignment."""
    orders, n = case.orders_per_year, len(case.customers)
    for assignment in itertools.product(range(len(case.sites)), repeat=n):
        at = np.array(assignment)
        here = np.arange(n), at
        cost = float(costs.total[here] @ orders) + sum(case.fixed_cost_per_year[j] for j in set(assignment))
        if math.isfinite(cost):
            hours = float(costs.drive_h[here] @ orders / orders.sum())
            yield hours, float(costs.co2_kg[here] @ orders) / 1000, cost, len(set(assignment))


@pytest.mark.parametrize(("name", "axis"), [("hours and cost", 0), ("CO2 and cost", 1)])
def test_supported_points_are_the_corners_of_the_hull_of_all_networks(tiny, table, name, axis):
    rows = table[(table["frontier"] == name) & table["efficient"]]
    every = np.array([(network[axis], network[2]) for network in networks(*tiny[:2])])
    found = rows[["x", "y"]].to_numpy()
    for x, y in found:
        nearest = np.abs(every - (x, y)) / (x, y)
        assert nearest.max(axis=1).min() < 1e-9
        assert not ((every[:, 0] < x * (1 - 1e-9)) & (every[:, 1] <= y)).any()
        assert not ((every[:, 0] <= x) & (every[:, 1] < y * (1 - 1e-9))).any()
    corners = lower_hull(every)
    steepest = STEEPEST * rows["y"].min() / rows["x"].max()
    reached = [c for c, price in corners if price <= steepest]
    assert rows["supported"].sum() >= len(reached) >= 2
    for corner in reached:
        assert (np.abs(found - corner) / np.array(corner)).max(axis=1).min() < 1e-9


def lower_hull(points):
    """Corners with the price from which on each is the best, by Jarvis's march from the least y."""
    at = min(map(tuple, points), key=lambda p: (p[1], p[0]))
    found = [(at, 0.0)]
    while left := [tuple(p) for p in points if p[0] < at[0] * (1 - 1e-12)]:
        price, _, at = min(((p[1] - at[1]) / (at[0] - p[0]), p[0], p) for p in left)
        found.append((at, price))
    return found


@pytest.mark.parametrize(("name", "axis"), [("hours and cost", 0), ("CO2 and cost", 1)])
def test_limits_reach_the_points_that_no_price_reaches(tiny, table, name, axis):
    rows = table[(table["frontier"] == name) & table["efficient"]]
    every = np.array([(network[axis], network[2]) for network in networks(*tiny[:2])])
    best = every[efficient(*every.T)]
    between = best[(best[:, 0] >= rows["x"].min() * (1 - 1e-9))]
    found = rows[["x", "y"]].to_numpy()
    missed = [p for p in between if (np.abs(found - p) / p).max(axis=1).min() > 1e-9]
    others = rows[~rows["supported"].astype(bool)]
    assert len(others) >= 2
    assert len(missed) < len(between) - rows["supported"].sum()
    assert others["bound"].to_numpy() == pytest.approx(others["y"].to_numpy(), rel=1e-6)


@pytest.mark.parametrize(("name", "axis"), [("hours and cost", 0), ("CO2 and cost", 1)])
def test_no_network_is_below_the_bound(tiny, table, name, axis):
    rows = table[table["frontier"] == name]
    for network in networks(*tiny[:2]):
        beyond = rows[rows["x"] >= network[axis]]
        assert (network[2] >= beyond["bound"] * (1 - 1e-9)).all()
    assert (rows.loc[rows["supported"], "bound"] >= rows.loc[rows["supported"], "y"] * (1 - 1e-6)).all()


def test_no_choice_of_as_many_nodes_is_nearer(tiny, table):
    case, costs, design = tiny
    hours = np.where(np.isfinite(costs.total), costs.drive_h, np.inf)
    weight = case.orders_per_year / case.orders_per_year.sum()
    rows = table[(table["frontier"] == "nodes and hours") & table["efficient"]]
    for row in rows.itertuples():
        choices = itertools.combinations(range(len(case.sites)), int(row.x))
        best = min(float(hours[:, list(c)].min(axis=1) @ weight) for c in choices)
        assert row.y == pytest.approx(best, rel=1e-9)
        assert row.bound == pytest.approx(best, rel=1e-6)
    assert len(design.open) in set(table.loc[table["chosen"], "x"])


def test_frontiers_fall_and_have_one_chosen_point_each(table):
    assert table["frontier"].unique().tolist() == ["nodes and hours", "hours and cost", "CO2 and cost"]
    for _, rows in table.groupby("frontier"):
        kept = rows[rows["efficient"]]
        assert (np.diff(kept["x"]) > 0).all()
        assert (np.diff(kept["y"]) < 0).all()
        assert rows["chosen"].sum() == 1
        assert (rows["bound"] <= rows["y"]).all()


def test_the_design_is_the_cheapest_point_of_the_cost_frontiers(tiny, table):
    for name in ("hours and cost", "CO2 and cost"):
        rows = table[table["frontier"] == name]
        assert rows.loc[rows["chosen"], "y"].item() == pytest.approx(tiny[2].objective)
        assert rows["y"].min() == pytest.approx(tiny[2].objective)


def test_a_carbon_price_is_a_cost_of_its_own_and_chooses_the_best_of_all_networks(tiny, write_study):
    price = 3000.0
    priced = STUDY.replace("[frontiers]", f"carbon_price = {price}\n[frontiers]")
    case, costs, design = parts(write_study(study=priced, sites=SITES, vehicles=VANS))
    best = min(cost + price * tonnes for _, tonnes, cost, _ in networks(*tiny[:2]))
    assert design.objective == pytest.approx(best, rel=1e-9)
    chosen = frontiers(case, costs, design, STOP).query("chosen and frontier == 'CO2 and cost'").iloc[0]
    assert chosen["y"] + price * chosen["x"] == pytest.approx(best, rel=1e-9)
    assert chosen["bound"] == pytest.approx(chosen["y"], rel=1e-6)


def test_no_points_no_frontiers(write_study):
    assert frontiers(*parts(write_study(study=STUDY.replace("30", "0"), sites=SITES, vehicles=VANS)), STOP).empty


def test_efficient_points_are_those_that_no_other_beats():
    rng = np.random.default_rng(4)
    for _ in range(50):
        x, y = rng.integers(0, 8, (2, 12)).astype(float)
        beaten = [
            any((x[j] <= x[k] and y[j] <= y[k] and (x[j], y[j]) != (x[k], y[k])) for j in range(12)) for k in range(12)
        ]
        first = [k == min(j for j in range(12) if (x[j], y[j]) == (x[k], y[k])) for k in range(12)]
        assert efficient(x, y).tolist() == [f and not b for f, b in zip(first, beaten, strict=True)]
