from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from netdesign.errors import InputError
from netdesign.stop import Stop
from netdesign.study import Study
from netdesign.study.case import Vehicle
from netdesign.study.cost import order_costs
from netdesign.study.design import design_segment, find_unservable
from netdesign.study.last_mile import daily_stops, last_mile, local_density
from netdesign.study.roads import Drives

OUT_20 = Drives(np.array(26.0), np.array(0.65))
"""20 km straight, 1.3 times as far by road, at 40 km/h."""
VAN = Vehicle("van", 1000, 10, 120, 60.0, 0.25, 28.0, 8.0, 8.0, 40.0, 1.3, 0.0)


def test_the_last_mile_of_one_stop_by_hand():
    # d = 20 km straight: trip 2*1.3*20 = 52 km, 1.3 h. delta = 4: local 0.48*1.3/2 = 0.312 km. s = 0.05 h.
    # u = (0.312/40 + 0.05) / (8 - 1.3) = 0.0578/6.7, above 1/120.
    u = 0.0578 / 6.7
    mile = last_mile(OUT_20, 4.0, 1 / 120, 0.05, VAN, route_h=8.0, k=0.48)
    assert mile.share == pytest.approx(u)
    # [52*(0.25 + 28/40) + 60]*u + 0.312*0.95 + 0.05*28
    assert mile.cost == pytest.approx(109.4 * u + 0.2964 + 1.4)
    assert mile.km == pytest.approx(52 * u + 0.312)


def test_the_share_of_the_shift_is_a_fixed_point():
    mile = last_mile(OUT_20, 4.0, 1 / 120, 0.05, VAN, route_h=8.0, k=0.48)
    trip_h, own_h = 1.3, 0.312 / 40 + 0.05
    assert mile.share == pytest.approx((mile.share * trip_h + own_h) / 8)


def test_the_load_rules_where_it_takes_more_than_the_shift():
    mile = last_mile(OUT_20, 4.0, 0.25, 0.05, VAN, route_h=8.0, k=0.48)
    assert mile.share == 0.25
    assert mile.cost == pytest.approx(109.4 * 0.25 + 0.2964 + 1.4)


def test_a_stop_beyond_the_shift_costs_infinity():
    # 160 km out: 2*1.3*160/40 = 10.4 h.
    assert math.isinf(last_mile(Drives(np.array(208.0), np.array(5.2)), 4.0, 0.01, 0.05, VAN, route_h=8.0, k=0.48).cost)


def test_a_delivery_window_narrower_than_the_shift_leaves_fewer_stops_to_a_route():
    wide, narrow = (last_mile(OUT_20, 4.0, 0.0, 0.05, VAN, route_h=h, k=0.48) for h in (8.0, 5.0))
    assert narrow.share == pytest.approx(wide.share * 6.7 / 3.7)


def test_miles_instead_of_kilometres_change_no_cost():
    mile = 1.609344
    imperial = replace(VAN, cost_per_km=VAN.cost_per_km * mile, speed_kmh=VAN.speed_kmh / mile)
    for distance, density, load in ((20.0, 4.0, 1 / 120), (3.0, 0.2, 0.25), (90.0, 40.0, 0.02)):
        hours = np.array(distance / VAN.speed_kmh)
        there, miles = Drives(np.array(distance), hours), Drives(np.array(distance / mile), hours)
        metric = last_mile(there, density, load, 0.05, VAN, route_h=8.0, k=0.48)
        other = last_mile(miles, density * mile**2, load, 0.05, imperial, route_h=8.0, k=0.48)
        assert other.cost == pytest.approx(metric.cost, rel=1e-12)
        assert other.km * mile == pytest.approx(metric.km, rel=1e-12)


def test_a_large_neighbourhood_has_the_density_of_its_own_disc():
    density = local_density(np.array([[5.0, 52.0]]), np.array([100.0]), np.array([10.0]))
    assert density == pytest.approx([10.0])


def test_addresses_on_a_grid_have_its_density():
    # One address per km2, half of them with a stop a day.
    east, north = (a.ravel() for a in np.meshgrid(np.arange(15), np.arange(15)))
    lonlat = np.column_stack([5 + east / (111.195 * math.cos(math.radians(52.06))), 52 + north / 111.195])
    density = local_density(lonlat, np.full(225, 0.5), np.zeros(225))
    assert density[7 * 15 + 7] == pytest.approx(0.5, rel=0.15)


def test_orders_of_an_address_are_one_stop_and_those_of_a_neighbourhood_are_not(folder):
    homes, shops = Study.read(folder).cases()
    assert daily_stops(homes).per_day == pytest.approx(homes.orders_per_day)
    # 2000 orders in 250 days: a stop on a share 1 - exp(-8) of the days.
    assert daily_stops(shops).per_day[0] == pytest.approx(1 - math.exp(-8))
    assert daily_stops(shops).orders_per_stop[0] == pytest.approx(8 / (1 - math.exp(-8)))


def test_of_several_vehicles_every_customer_gets_the_cheapest_that_can(folder):
    case = Study.read(folder).cases()[0]
    bike = replace(
        case.vehicle,
        name="bike",
        cost_per_day=16.0,
        cost_per_km=0.04,
        cost_per_h=18.0,
        speed_kmh=17.0,
        stops=40.0,
        shift_h=7.0,
    )
    both = order_costs(replace(case, fleet=(case.vehicle, bike)))
    van, ridden = (order_costs(case.driving(vehicle)) for vehicle in (case.vehicle, bike))
    assert set(np.unique(both.vehicle)) == {0, 1}
    assert both.total == pytest.approx(np.minimum(van.total, ridden.total))
    assert both.drive_h == pytest.approx(np.where(both.vehicle == 1, ridden.drive_h, van.drive_h))
    assert sum(both.parts.values())[np.isfinite(both.total)] == pytest.approx(both.total[np.isfinite(both.total)])
    some = np.arange(len(case.customers)) < 2
    assert (both.only(some).vehicle == both.vehicle[some]).all()


def test_the_cost_of_an_order_is_material_work_handling_and_last_mile(folder):
    case = Study.read(folder).cases()[0]
    costs = order_costs(case)
    # Homes: material 2; 6 min at 30 cur/h in Utrecht = 3; handling 0.5.
    assert costs.total[0, 0] == pytest.approx(2 + 3 + 0.5 + costs.last_mile.cost[0, 0])
    assert costs.total[0, 2] - costs.last_mile.cost[0, 2] == pytest.approx(2 + 2.4 + 0.5)


def test_a_customer_beyond_the_promise_is_named_with_the_reason(write_study):
    text = "customer,segment,lon,lat,buyers\nGroningen,homes,6.57,53.22,100\nUtrecht,homes,5.1,52.1,100\n"
    case = Study.read(write_study(customers=text)).cases()[0]
    (lost,) = find_unservable(case, order_costs(case))
    assert lost.customer == "Groningen"
    assert lost.reasons[0].startswith("the nearest site, Ede, is 4.7")
    assert lost.reasons[0].endswith("the promise is 1.5 h")
    for limit in (math.inf, 1.0):
        limited = replace(case, co2_limit=limit)
        with pytest.raises(
            InputError, match=r"^customer homes: Groningen is out of reach of every site; expected some"
        ):
            design_segment(limited, order_costs(limited), Stop())


def test_opening_costs_are_spread_over_the_horizon_and_not_paid_by_sites_that_are_open(write_study):
    sites = "site,lon,lat,fixed_year,fixed_open,status\na,5.1,52.1,1000,500,candidate\nb,5.9,52,1000,500,open\n"
    case = Study.read(write_study(sites=sites)).cases()[0]
    assert case.fixed_cost_per_year.tolist() == [1100.0, 1000.0]
