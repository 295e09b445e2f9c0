"""Routed days with fewer vehicles than they would have."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from netdesign.stop import Stop
from netdesign.study import Study
from netdesign.study.cost import order_costs
from netdesign.study.design import design_segment
from netdesign.study.few_vehicles import fleet_shares, routed_within
from netdesign.study.route_check import asked_days, compare, draw_day, routed_days

STOP = Stop(max_iterations=50)
CONFIG = 'name = "Tiny"\n[tables]\nvehicles = "vehicles.csv"\n'


def to_route(folder):
    """The first segment of a study, and what it has to route of a day."""
    case = Study.read(folder).cases()[0]
    costs = order_costs(case)
    return case, asked_days(case, costs, design_segment(case, costs, Stop(gap=0.0)), range(1))


def limited(case, asked, count):
    vehicle = replace(case.vehicle, count=count)
    return replace(case, vehicle=vehicle), [(n, j, vehicle, stops) for n, j, _, stops in asked]


def routes(days):
    return [len(day.result.best().routes) for day in days]


@pytest.fixture(scope="module")
def homes(write_in, tmp_path_factory):
    """What two nodes have to route, with vans of twenty stops, and how they do with vans enough."""
    folder = tmp_path_factory.mktemp("few") / "study"
    vans = "vehicle_type,kg,stops\nvan,1000,20\n"
    case, asked = to_route(write_in(folder, study=CONFIG, vehicles=vans))
    return case, asked, routed_days(case, asked, STOP)


@pytest.mark.parametrize("wanted", [(1, 1), (5, 2), (4, 4, 1), (7, 1, 1, 1), (3, 6, 2)])
def test_shares_are_as_near_to_proportion_as_whole_vehicles_can_be(wanted):
    for vehicles in range(len(wanted), sum(wanted) + 2):
        total = min(vehicles, sum(wanted))
        ideal = np.array(wanted) * total / sum(wanted)
        ways = [way for way in itertools.product(*(range(1, n + 1) for n in wanted)) if sum(way) == total]
        shares = fleet_shares(wanted, vehicles)
        assert tuple(shares) in ways
        assert ((shares - ideal) ** 2).sum() == pytest.approx(min(((way - ideal) ** 2).sum() for way in ways))
    assert fleet_shares(wanted, 0) == [1] * len(wanted)


def test_vehicles_enough_change_nothing(homes):
    case, asked, free = homes
    days = routed_within(*limited(case, asked, sum(routes(free))), STOP)
    for day, same in zip(days, free, strict=True):
        assert day.stops.equals(same.stops)
        assert day.unserved == ()
        assert [r.visits for r in day.result.best().routes] == [r.visits for r in same.result.best().routes]


def test_a_day_has_no_more_vehicles_than_there_are_and_names_whom_they_leave_out(homes):
    case, asked, free = homes
    case, asked = limited(case, asked, 4.5)
    days = routed_within(case, asked, STOP)
    assert sum(routes(free)) > 4
    assert sum(routes(days)) == 4
    table = compare(case, days).nodes
    for old, new, row in zip(free, days, table.itertuples(), strict=True):
        assert sorted([*new.stops["stop"], *new.unserved]) == sorted(old.stops["stop"])
        # Twenty stops fill a van, and the vans can be filled.
        assert len(new.stops) == min(20 * len(new.result.best().routes), len(old.stops))
        assert (row.stops, row.unserved) == (len(new.stops), len(new.unserved))
        assert all(name in row.detail for name in new.unserved)
    assert table["unserved"].sum() > 0
    assert "unserved" not in compare(homes[0], free).nodes


def test_more_nodes_than_vehicles_have_one_each(homes):
    case, asked, _ = homes
    assert routes(routed_within(*limited(case, asked, 1), STOP)) == [1] * len(asked)


def towns(write_study, *, shift_h=14):
    """Two addresses east and two west of a node, with a van for 1000 kg, and what there is to route of a day."""
    header = "customer,segment,lon,lat,buyers,service_minutes\n"
    places = ("5.67,52.09", "5.68,52.09", "4.57,52.09", "4.56,52.09")
    rows = [f"{name},homes,{at},5000,0\n" for name, at in zip("abcd", places, strict=True)]
    files = {"sites": "site,lon,lat,fixed_year\nUtrecht,5.12,52.09,1\n", "customers": header + "".join(rows)}
    vans = f"vehicle_type,kg,cost_per_day,shift_h\nvan,1000,0,{shift_h}\n"
    case = Study.read(write_study(study=CONFIG, vehicles=vans, **files)).cases()[0]
    return case, draw_day(case, order_costs(case))


def test_who_can_be_served_with_fewer_vehicles_is_served(write_study):
    case, stops = towns(write_study)
    asked = [(0, 0, case.vehicle, stops.assign(kg=[600.0, 600.0, 400.0, 400.0]))]
    # Three vans stay in one town each; two have to go to both, with 1000 kg each.
    assert routes(routed_days(case, asked, STOP)) == [3]
    (day,) = routed_within(*limited(case, asked, 2), STOP)
    assert routes([day]) == [2]
    assert day.unserved == ()


def test_who_cannot_be_reached_in_time_is_left_out(write_study):
    # There and back are 98 km on the road, two and a half hours to each of the towns.
    case, stops = towns(write_study, shift_h=4)
    asked = [(0, 0, case.vehicle, stops.assign(orders=[2, 3, 3, 3]))]
    assert routes(routed_days(case, asked, STOP)) == [2]
    (day,) = routed_within(*limited(case, asked, 1), STOP)
    assert routes([day]) == [1]
    assert day.unserved in {("a #1", "b #1"), ("c #1", "d #1")}
