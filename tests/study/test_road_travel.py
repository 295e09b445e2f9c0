"""Travel along roads for routing: lists of near pairs where no matrix fits, and the plan's legs measured afterwards."""

from __future__ import annotations

import numpy as np
import pytest

import netdesign as nd
from geodata import RoadEngine, along_roads, generated_roads
from netdesign.study import road_travel as module
from netdesign.study.road_travel import drive, road_travel

STOPS = 120


@pytest.fixture(scope="module")
def engine():
    return RoadEngine(generated_roads(900, seed=2, bridges=1, island=0.05))


@pytest.fixture(scope="module")
def places(engine):
    return along_roads(engine.roads, STOPS + 1, seed=3).lonlat


def problem(travel, lonlat) -> nd.RoutingProblem:
    return nd.RoutingProblem(
        travel=travel,
        vehicle_types=(nd.VehicleType(capacity=(10,)),),
        demand=np.r_[0, np.ones(len(lonlat) - 1)][:, None],
        lonlat=lonlat,
    )


def test_near_pairs_and_ways_back_are_those_of_the_matrix(engine, places):
    exact, _ = road_travel(engine, places, n_depots=1)
    lists, complaints = road_travel(engine, places, n_depots=1, most=100)
    assert isinstance(exact, nd.MatrixTravel)
    assert isinstance(lists, nd.SparseTravel)
    assert complaints == ()
    row, column = np.nonzero(lists.neighbors >= 0)
    there = lists.neighbors[row, column]
    assert lists.distance(row, there) == pytest.approx(exact.distance(row, there))
    assert lists.duration(row, there) == pytest.approx(exact.duration(row, there))
    assert (np.bincount(row) >= module.NEAR).all()
    customers = np.arange(1, STOPS + 1)
    assert ((lists.neighbors == 0).sum(axis=1)[1:] == 1).all()
    # Ways out of the depot are right on the whole.
    assert lists.fallback.duration(0 * customers, customers).sum() == pytest.approx(
        exact.duration(0 * customers, customers).sum()
    )


def test_a_plan_by_lists_is_measured_leg_by_leg(engine, places, monkeypatch):
    monkeypatch.setattr(module, "NEAR", 12)
    travel, _ = road_travel(engine, places, n_depots=1, most=100)
    plan = nd.route(problem(travel, places), stop=nd.Stop(max_iterations=500), seed=1).best()
    found, exact = drive(engine, plan), engine.matrix(places)
    assert found.legs == STOPS + len(plan.routes)
    assert 0 < found.estimated_legs < found.legs / 4
    paths = [s.path for s in plan.schedules]
    assert found.distance_m == pytest.approx(sum(exact.distance_m[p[:-1], p[1:]].sum() for p in paths), abs=1)
    assert found.travel_s == pytest.approx(sum(exact.duration_s[p[:-1], p[1:]].sum() for p in paths), abs=0.1)
    assert found.planned_m == pytest.approx(plan.distance)


def test_who_is_not_on_the_roads_is_unservable_without_a_matrix_too(engine, places):
    island = engine.roads.node_lonlat[engine.roads.component == 1][0]
    lonlat = np.vstack([places, island, [0.0, 40.0]])
    travel, complaints = road_travel(engine, lonlat, n_depots=1, most=100)
    assert [c.kind for c in complaints] == ["island", "far"]
    result = nd.route(problem(travel, lonlat), stop=nd.Stop(max_iterations=10))
    assert [one.customer for one in result.unserved] == [STOPS + 1, STOPS + 2]
    assert {one.reasons for one in result.unserved} == {("there is no connection between it and the depot",)}
