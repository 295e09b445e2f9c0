from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from netdesign.stop import Stop
from netdesign.study import Study
from netdesign.study.cost import order_costs
from netdesign.study.design import design_segment
from netdesign.study.factors import Factor, Factors
from netdesign.study.route_check import (
    asked_days,
    compare,
    draw_day,
    node_errors,
    node_stops,
    predict,
    routed_cost,
    routed_days,
)

STOP = Stop(max_iterations=300)


def one_day(case):
    costs = order_costs(case)
    design = design_segment(case, costs, Stop(time_limit_s=10))
    return routed_days(case, node_stops(case, design, draw_day(case, costs)), STOP)


def test_the_day_is_the_same_for_the_same_seed_and_another_for_another(folder):
    study = Study.read(folder)
    case, other = study.cases()[0], study.replace_config(seed=2).cases()[0]
    day = draw_day(case, order_costs(case))
    assert day.equals(draw_day(case, order_costs(case)))
    assert not day.equals(draw_day(other, order_costs(other)))


def test_orders_of_a_neighbourhood_lie_within_its_area(folder):
    case = Study.read(folder).cases()[0]
    day = draw_day(case, order_costs(case))
    centre = case.customer_lonlat[day["row"]]
    km = np.hypot(
        (day["lon"] - centre[:, 0]) * 111.195 * np.cos(np.radians(centre[:, 1])), (day["lat"] - centre[:, 1]) * 111.195
    )
    radius = np.sqrt(case.customers["area_km2"].to_numpy()[day["row"]] / np.pi)
    assert (km <= radius + 0.01).all()
    assert km.max() > 0.5 * radius.min()


def test_an_address_is_one_stop_unless_its_orders_fill_more_than_a_vehicle(write_study):
    text = (
        "customer,segment,lon,lat,buyers,drop_kg,drop_m3\na,shops,5.1,52.1,10000,2,0.01\nb,shops,5.2,52.1,10000,400,2\n"
    )
    case = Study.read(write_study(customers=text)).cases()[0]
    day = draw_day(case, order_costs(case))
    # Forty orders a day each; two of 400 kg fit into a van of 1000 kg.
    a, b = (day[day["customer"] == name] for name in "ab")
    assert len(a) == 1
    assert b["orders"].max() == 2
    assert len(b) == -(-b["orders"].sum() // 2)


def test_a_single_stop_costs_its_trip_by_hand(write_study):
    text = "customer,segment,lon,lat,buyers,service_minutes\na,shops,5.12,52.19,100000,6\n"
    sites = "site,lon,lat,fixed_year\nUtrecht,5.12,52.09,20000\n"
    case = Study.read(write_study(customers=text, sites=sites)).cases()[0]
    (day,) = one_day(case)
    # 0.1 degrees of latitude are 11.1195 km: 2*1.3*11.1195 = 28.911 km at 40 km/h, and 0.1 h of service.
    expected = 60 + 0.25 * 28.911 + 28 * (28.911 / 40 + 0.1)
    assert routed_cost(day.result.best(), case.vehicle) == pytest.approx(expected, rel=1e-4)


def test_a_routed_day_costs_at_least_its_radial_bound(folder):
    for case in Study.read(folder).cases():
        for day in one_day(case):
            km = day.result.best().distance / 1000
            mile = predict(_without_local_distance(case), day)
            radial = float((mile.km * day.stops["load_share"] / mile.share).sum())
            assert km >= radial - 1e-6


def _without_local_distance(case):
    last_mile = case.config.last_mile.model_copy(update={"k": 1e-9})
    return replace(case, config=case.config.model_copy(update={"last_mile": last_mile}))


def test_a_factor_multiplies_money_distance_and_time_but_no_share_of_a_route(folder):
    case = Study.read(folder).cases()[0]
    day = one_day(case)[0]
    name = str(case.sites["site"].iloc[day.site])
    plain = predict(case, day)
    dearer = predict(case.learning(Factors((Factor("van", name, 1.25, 0.1, 4, 100),))), day)
    for before, after in ((plain.cost, dearer.cost), (plain.km, dearer.km), (plain.hours, dearer.hours)):
        assert after == pytest.approx(1.25 * before)
    assert dearer.share == pytest.approx(plain.share)


def test_the_error_of_a_node_is_that_of_all_its_days_with_the_spread_between_them():
    nodes = pd.DataFrame(
        {
            "site": ["a", "a", "a", "a", "b", "b"],
            "day": [0, 0, 1, 2, 0, 1],
            "stops": [10, 5, 15, 15, 3, 3],
            "predicted_cost": [60.0, 40.0, 110.0, 90.0, 20.0, 30.0],
            "routed_cost": [50.0, 50.0, 100.0, 100.0, np.nan, 25.0],
        }
    )
    errors = node_errors(nodes)
    # a: 300 against 300; the days miss it by 0, 10 and -10: sqrt(200 * 3 / 2) / 300.
    assert errors.loc["a"].tolist() == pytest.approx([45, 3, 0.0, np.sqrt(300) / 300])
    # b: the day that was not routed does not count, and one day has no spread.
    assert errors.loc["b", ["stops", "days", "error"]].tolist() == pytest.approx([3, 1, 0.2])
    assert np.isnan(errors.loc["b", "standard_error"])


def test_every_day_is_drawn_and_routed_for_itself(folder):
    case = Study.read(folder).cases()[0]
    costs = order_costs(case)
    design = design_segment(case, costs, Stop(time_limit_s=10))
    days = routed_days(case, asked_days(case, costs, design, range(3)), STOP)
    check = compare(case, days)
    assert check.nodes.groupby("day")["stops"].sum().nunique() > 1
    assert {day.number for day in check.days} == {0}
    assert check.errors["days"].tolist() == [3, 3]


def test_predicted_and_routed_stand_side_by_side_for_every_node(folder):
    case = Study.read(folder).cases()[0]
    days = one_day(case)
    check = compare(case, days)
    assert list(check.nodes["site"]) == ["Utrecht", "Arnhem"]
    assert check.nodes["relative_error"].tolist() == pytest.approx(
        (check.nodes["predicted_cost"] / check.nodes["routed_cost"] - 1).tolist()
    )
    assert check.nodes["stops"].sum() == sum(len(day.stops) for day in days)


def test_arrivals_keep_the_delivery_windows(write_study):
    header = "customer,segment,lon,lat,buyers,area_km2,earliest_h,latest_h\n"
    text = header + "a,homes,5.1,52.1,5000,5,10,12\nb,homes,5.2,52.1,5000,5,8,9\n"
    case = Study.read(write_study(customers=text)).cases()[0]
    for day in one_day(case):
        for schedule in day.result.best().schedules:
            at = schedule.path[1:-1] - 1
            start = (schedule.arrival + schedule.waiting)[1:-1] / 3600
            assert (start <= day.stops["latest_h"].to_numpy()[at] + 1e-6).all()
            assert (start >= day.stops["earliest_h"].to_numpy()[at] - 1e-6).all()


def test_vans_and_bikes_of_one_node_are_routed_apart_and_keep_their_own_rules(write_study):
    vehicles = (
        "vehicle_type,kg,m3,stops,cost_per_day,cost_per_km,cost_per_h,speed_kmh\n"
        "van,1000,10,120,60,0.25,28,40\nbike,110,1.1,40,16,0.04,21,17\n"
    )
    folder = write_study(
        vehicles=vehicles, segments="segment,max_hours,vehicle_type\nhomes,1.5,van; bike\nshops,2,van\n"
    )
    text = (folder / "study.toml").read_text("utf-8")
    (folder / "study.toml").write_text(text + '[tables]\nvehicles = "vehicles.csv"\n', "utf-8")
    run = Study.read(folder).run()
    homes = run.segments[0]
    assert {day.vehicle.name for day in homes.check.days} == {"van", "bike"}
    stops = pd.concat([day.stops for day in homes.check.days])
    assert stops["stop"].is_unique
    chosen = homes.costs.vehicle[np.arange(5), homes.design.assignment]
    assert (stops["vehicle"].to_numpy() == chosen[stops["row"]]).all()
    routes = pd.read_csv(run.out / "segments" / "homes" / "routes.csv")
    assert routes.groupby("vehicle_type")["stops"].max()["bike"] <= 40
    assert (routes["load_use"] <= 1 + 1e-9).all()
    shares = run.summary["segments"][0]["vehicles"]
    assert sum(shares.values()) == pytest.approx(1)
    assert run.summary["segments"][1]["vehicles"] is None
    customers = pd.read_csv(run.out / "segments" / "homes" / "customers.csv")
    assert list(customers["vehicle_type"]) == [("van", "bike")[k] for k in chosen]
