"""Travel times by the hour: as the hand-checked town has them, first in first out, and safe for a plan."""

from __future__ import annotations

import numpy as np
import pytest

import netdesign as nd
from geodata import GeodataError, HourlySpeeds, RoadEngine, RoadGraph, along_roads, generated_roads, matrix_by_hour

HALF_AT_EIGHT = [0.5 if hour == 8 else 1.0 for hour in range(24)]
A, C, F = (0, 0), (0.002, 0), (0, 0.001)
EIGHT = 8 * 3600.0


@pytest.fixture
def by_hour(town: RoadGraph):
    return matrix_by_hour(RoadEngine(town), HourlySpeeds({"primary": HALF_AT_EIGHT}), [A, C, F], range(7, 10))


def test_every_hour_has_its_own_durations_and_the_slowest_are_those_of_the_rush(by_hour):
    assert [by_hour.at(hour).duration_s[0].tolist() for hour in (7, 8, 9)] == [[0, 13, 10], [0, 23, 10], [0, 13, 10]]
    assert by_hour.slowest.duration_s[0].tolist() == [0, 23, 10]
    assert by_hour.provenance.parameters["factors_primary"].split()[8] == "0.5"


def test_a_trip_goes_on_at_the_next_hours_pace(by_hour):
    # 6.5 s before eight half of the 13 s are driven; the other half takes half of 23 s.
    assert by_hour.arrival_s([0], [1], [EIGHT - 6.5]).tolist() == pytest.approx([EIGHT + 11.5])
    assert by_hour.arrival_s([0, 0, 0], [1, 1, 2], [EIGHT, EIGHT + 3600, EIGHT]).tolist() == pytest.approx(
        [EIGHT + 23, EIGHT + 3613, EIGHT + 10]
    )


def test_who_leaves_later_never_arrives_earlier_and_no_trip_is_slower_than_its_slowest_hour():
    roads = generated_roads(400, seed=3)
    rng = np.random.default_rng(1)
    speeds = HourlySpeeds({}, others=rng.uniform(0.02, 1, 24).tolist())  # trips that last over several hours
    hourly = matrix_by_hour(RoadEngine(roads), speeds, along_roads(roads, 6, seed=1).lonlat)
    departs = np.sort(rng.uniform(0, 86_400, 400))
    for i, j in [(0, 1), (2, 5), (4, 3)]:
        arrives = hourly.arrival_s(np.full(400, i), np.full(400, j), departs)
        assert (np.diff(arrives) >= -1e-6).all()
        assert (arrives - departs <= hourly.slowest.duration_s[i, j] + 1e-6).all()
        assert (arrives - departs >= hourly.duration_s[:, i, j].min() - 1e-6).all()


def test_a_closed_hour_is_waited_out(town: RoadGraph):
    closed = HourlySpeeds({}, others=[0.0 if hour == 8 else 1.0 for hour in range(24)])
    hourly = matrix_by_hour(RoadEngine(town), closed, [A, C], [7, 8, 9])
    assert hourly.arrival_s([0], [1], [EIGHT + 60]).tolist() == pytest.approx([EIGHT + 3613])
    last = matrix_by_hour(RoadEngine(town), closed, [A, C], [7, 8])
    assert np.isinf(last.arrival_s([0], [1], [EIGHT + 60])).all()


def test_a_plan_with_the_slowest_durations_keeps_its_windows_at_every_hour():
    roads = generated_roads(400, seed=3)
    places = along_roads(roads, 25, seed=2).lonlat
    rush = [0.3 if hour in (8, 9) else 0.8 if hour in (7, 10) else 1.0 for hour in range(24)]
    hourly = matrix_by_hour(RoadEngine(roads), HourlySpeeds({}, others=rush), places, range(7, 13))
    opens = 7.5 * 3600 + np.arange(25) * 300.0
    window = np.column_stack([opens, opens + 5400])
    window[0] = 7 * 3600, 13 * 3600
    slowest = hourly.slowest
    plan = nd.route(
        nd.RoutingProblem(
            travel=nd.MatrixTravel(slowest.distance_m, slowest.duration_s),
            vehicle_types=(nd.VehicleType(capacity=(8,)),),
            demand=np.r_[0, np.ones(24)][:, None],
            service_duration=np.r_[0, np.full(24, 120.0)],
            time_window=window,
        ),
        stop=nd.Stop(max_iterations=300),
    ).best()
    for schedule in plan.schedules:
        path = schedule.path
        service = np.r_[0, np.full(len(path) - 2, 120.0), 0]
        arrival = hourly.drive(path, schedule.arrival[0], service_s=service, opens_s=window[path, 0])
        assert (arrival <= schedule.arrival + 1e-6).all()
        assert (arrival[1:-1] <= window[path[1:-1], 1]).all()


@pytest.mark.parametrize("hours", [[], [3, 5], [23, 24], [5, 4]])
def test_hours_that_do_not_follow_each_other_are_refused(town: RoadGraph, hours):
    with pytest.raises(GeodataError, match="expected hours of the day one after the other"):
        matrix_by_hour(RoadEngine(town), HourlySpeeds({}), [A, C], hours)
