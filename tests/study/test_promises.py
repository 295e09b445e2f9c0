"""Promises on routed days, against clocks that are walked along the routes by hand."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from netdesign.stop import Stop
from netdesign.study import Study
from netdesign.study.cost import order_costs
from netdesign.study.design import design_segment
from netdesign.study.promises import late_hours, promise_table, promised_hours, travel_hours
from netdesign.study.route_check import asked_days, compare, routed_bound, routed_cost, routed_days
from netdesign.study.value import make_offer

STUDY = {
    "study": 'name = "Promises"\n[tables]\n'
    + "".join(f'{t} = "{t}.csv"\n' for t in ("variants", "service_tiers", "technologies")),
    "segments": "segment,price_weight,make_minutes\nhomes,0.01,6\n",
    "sites": "site,lon,lat,fixed_year\nUtrecht,5.12,52.09,20000\n",
    "customers": "customer,segment,lon,lat,buyers,area_km2,latest_h\nUtrecht,homes,5.08,52.09,9000,9,18\n"
    "Zeist,homes,5.23,52.09,6000,9,18\nWoerden,homes,4.88,52.085,3000,6,18\n",
    "variants": "variant,segment,price\nred,homes,90\n",
    "technologies": "technology,kind,build_h\nprinting,additive,0.4\n",
}
TIERS = "tier,segment,promise_h,prepare_h,made_to\n"


@pytest.fixture
def routed(write_study):
    """The case, its design and two routed days with one tier."""

    numbers = itertools.count()

    def made(tier, **files):
        case = Study.read(
            write_study(f"study{next(numbers)}", **STUDY | files | {"service_tiers": TIERS + tier})
        ).cases()[0]
        case = case.offering(make_offer(case, case.tiers[0], 1))
        costs = order_costs(case)
        design = design_segment(case, costs, Stop(gap=0.0), decline=False)
        asked = asked_days(case, costs, design, range(2))
        return case, costs, design, routed_days(case, asked, Stop(max_iterations=150))

    return made


def hours_since_departure(day):
    """Of every stop: driving, serving and waiting before it, along its route."""
    problem, hours = day.result.best().problem, np.zeros(len(day.stops))
    for schedule in day.result.best().schedules:
        clock = departure = schedule.arrival[0]
        for here, there in zip(schedule.path[:-1], schedule.path[1:], strict=True):
            clock += problem.service_duration[here] + float(problem.travel.duration([here], [there])[0])
            clock = max(clock, problem.time_window[there][0] if there else clock)
            if there:
                hours[there - 1] = (clock - departure) / 3600
    return hours


def cost_of(days):
    return sum(routed_cost(day.result.best(), day.vehicle) for day in days)


def test_what_the_promise_leaves_for_the_way_is_promise_less_preparing_and_making(routed):
    for made_to, hours in (("stock", 2 - 0.5), ("order", 2 - 0.5 - 0.1 - 0.4)):
        case, costs, design, days = routed(f"fast,homes,2,0.5,{made_to}\n")
        assert travel_hours(case, costs, design) == pytest.approx(hours)
        assert days[0].stops["within_h"].to_numpy() == pytest.approx(hours)


def test_routes_keep_a_promise_of_hours_and_cost_more_for_it(routed):
    _, _, _, free = routed("slow,homes,96,0.5,stock\n")
    case, _, _, days = routed("fast,homes,1.5,0.5,stock\n")
    # Without the promise most of these stops would be late.
    assert np.mean([np.mean(hours_since_departure(day) > 1) for day in free]) > 0.5
    for day in days:
        assert (hours_since_departure(day) <= 1 + 1 / 3600).all()
        assert (late_hours(day) == 0).all()
    assert cost_of(days) > 1.2 * cost_of(free)
    (row,) = compare(case, days).promises.to_dict("records")
    assert (row["site"], row["tier"], row["promise_h"], row["on_time"]) == ("Utrecht", "fast", 1.5, 1.0)
    assert row["stops"] == sum(len(day.stops) for day in days)


def test_the_formula_ends_routes_where_the_promise_does_but_for_the_time_of_machines(routed):
    drive_h = np.array([0.1, 0.5, 2.0])
    for made_to, hours in (("stock", 1.5), ("order", 1.5 - 0.1)):
        case, _, _, _ = routed(f"fast,homes,2,0.5,{made_to}\n")
        left = promised_hours(case, drive_h, np.array(0.1))
        assert left == pytest.approx(np.maximum(hours - drive_h, 0.0))
    predicted = []
    for tier in ("slow,homes,96,0.5,stock\n", "fast,homes,1.5,0.5,stock\n"):
        case, _, _, days = routed(tier)
        predicted.append(compare(case, days).nodes["predicted_cost"].sum())
    assert predicted[1] > 1.2 * predicted[0]


def test_a_promise_of_days_binds_no_route(routed):
    case, _, _, free = routed("none,homes,1e9,0,stock\n")
    _, _, _, days = routed("slow,homes,48,0.5,stock\n")
    assert cost_of(days) == cost_of(free)
    assert promise_table(case, free)["on_time"].tolist() == [1.0]


def test_who_lies_beyond_the_promise_is_reached_late_and_not_left_out(routed):
    # The middle of Woerden is 0.53 h away, which is promised; half of its stops lie farther.
    wide = STUDY["customers"].replace("3000,6", "3000,60")
    case, _, _, days = routed("fast,homes,1.05,0.5,stock\n", customers=wide)
    late = np.concatenate([hours_since_departure(day) - 0.55 for day in days])
    late[late <= 1 / 3600] = 0
    assert 0 < np.mean(late > 0) < 0.5
    assert np.concatenate([late_hours(day) for day in days]) == pytest.approx(late, abs=1e-6)
    (row,) = promise_table(case, days).to_dict("records")
    assert row["on_time"] == pytest.approx(np.mean(late == 0))
    assert (row["mean_late_h"], row["worst_late_h"]) == pytest.approx((late[late > 0].mean(), late.max()))


def test_a_window_that_opens_later_starts_the_clock_later(routed):
    evening = STUDY["customers"].replace("latest_h\n", "latest_h,earliest_h\n").replace(",18\n", ",22,14\n")
    vans = "vehicle_type,shift_start_h,shift_h\nvan,8,16\n"
    study = STUDY["study"] + 'vehicles = "vehicles.csv"\n'
    _, _, _, days = routed("fast,homes,2,0.5,stock\n", customers=evening, vehicles=vans, study=study)
    for day in days:
        assert day.result.best() is not None
        begins = np.concatenate([(s.arrival + s.waiting)[1:-1] for s in day.result.best().schedules]) / 3600
        assert (begins >= 14).all()
        assert begins.max() <= 14 + 1.5


def test_no_plan_for_a_day_costs_less_than_its_bound(routed):
    case, _, _, days = routed("fast,homes,1.5,0.5,stock\n")
    nodes = compare(case, days).nodes
    assert (nodes["routed_bound"] <= nodes["routed_cost"] + 1e-6).all()
    for day, bound in zip(days, nodes["routed_bound"], strict=True):
        # Serving is paid in every plan, and so is a drive to the farthest stop and back.
        assert bound == routed_bound(day) > day.vehicle.cost_per_h * day.stops["service_h"].sum()
