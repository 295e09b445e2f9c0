"""Travel as lists of near pairs: what they say, what they leave to the fallback, and that plans come out the same."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import netdesign as nd
from netdesign.routing import Travel, check
from netdesign.routing._units import units_of

SHORT = nd.Stop(max_iterations=3000)
# Points at 0, 10, 20, 30. Roads: 0 to 3 in 9, 1 to 2 in 4, 3 to 0 in 50, none from 2 to 3.
LINE = nd.PlanarTravel(np.array([[0, 0], [10, 0], [20, 0], [30, 0]], float), speed=2.0)
NEIGHBORS = np.array([[3, -1], [1, 2], [3, -9], [-1, 0]])
DISTANCES = np.array([[9, math.nan], [7, 4], [math.inf, 1], [-5, 50]])


def line(**changes: Any) -> nd.SparseTravel:
    fields: dict[str, Any] = {"neighbors": NEIGHBORS, "distances": DISTANCES, "fallback": LINE, **changes}
    return nd.SparseTravel(**fields)


def dense(travel: Travel) -> nd.MatrixTravel:
    """The same answers, pair by pair."""
    n = travel.n_locations
    i, j = (k.ravel() for k in np.indices((n, n)))
    return nd.MatrixTravel(travel.distance(i, j).reshape(n, n), travel.duration(i, j).reshape(n, n))


def nearest_lists(
    n: int, entries: int, seed: int, *, fallback: Any = None, spread: float = 0.5
) -> tuple[nd.SparseTravel, np.random.Generator]:
    """The nearest of random points, on roads up to `spread` longer or shorter, at other speeds in either direction."""
    from scipy.spatial import cKDTree

    rng = np.random.default_rng(seed)
    xy = rng.uniform(0, 1000, (n, 2))
    away, near = cKDTree(xy).query(xy, entries)  # the first is the point itself
    distances = away * rng.uniform(1 - spread, 1 + spread, away.shape)
    durations = distances / 3 * rng.uniform(0.7, 1.5, away.shape)
    fallback = fallback or nd.PlanarTravel(xy, speed=3.0)
    return nd.SparseTravel(near, distances, fallback=fallback, durations=durations), rng


def test_a_listed_pair_has_its_own_numbers_and_others_have_the_fallbacks() -> None:
    assert dense(line()).distances.tolist() == [[0, 10, 20, 9], [10, 0, 4, 20], [20, 10, 0, math.inf], [50, 20, 10, 0]]
    assert dense(line()).durations.tolist() == [[0, 5, 10, 4.5], [5, 0, 2, 10], [10, 5, 0, math.inf], [25, 10, 5, 0]]
    timed = line(durations=np.array([[1, 0], [0, 2], [3, 0], [0, 4]], float))
    assert dense(timed).durations.tolist() == [[0, 5, 10, 1], [5, 0, 2, 10], [10, 5, 0, 3], [4, 10, 5, 0]]


@pytest.mark.parametrize("entries", [1, 2, 3, 4, 7, 8, 9])
def test_rows_of_any_length_are_searched_to_their_ends(entries: int) -> None:
    rng = np.random.default_rng(entries)
    n = 12
    neighbors = np.array([rng.choice(np.setdiff1d(np.arange(n), [i]), entries, replace=False) for i in range(n)])
    expected = np.full((n, n), 0.0)
    expected[np.arange(n)[:, None], neighbors] = distances = rng.uniform(1, 2, neighbors.shape)
    travel = nd.SparseTravel(neighbors, distances, fallback=nd.PlanarTravel(np.zeros((n, 2))))
    assert (dense(travel).distances == expected).all()


def test_lists_are_symmetric_where_both_directions_say_the_same() -> None:
    assert not line().symmetric
    neighbors = np.array([[1], [0], [3], [-1]])
    assert line(neighbors=neighbors, distances=np.array([[7.0], [7], [10], [0]])).symmetric  # 3 to 2 is 10 by points
    assert not line(neighbors=neighbors, distances=np.array([[7.0], [7], [11], [0]])).symmetric
    times = {"distances": np.full((4, 1), 10.0), "durations": np.array([[3.0], [4], [5], [0]])}
    assert not line(neighbors=neighbors, **times).symmetric


def test_some_of_the_locations_keep_the_pairs_listed_among_them() -> None:
    kept = np.array([3, 1, 2])
    part = line().subset(kept)
    pairs = np.ix_(kept, kept)
    assert (dense(part).distances == dense(line()).distances[pairs]).all()
    assert (dense(part).durations == dense(line()).durations[pairs]).all()
    assert np.count_nonzero(part.neighbors >= 0) == 2


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"neighbors": [0, 1, 2, 3]}, r"neighbors is of shape \(4,\); expected shape \(4, entries\)"),
        ({"neighbors": NEIGHBORS[:3]}, r"neighbors is of shape \(3, 2\)"),
        ({"neighbors": np.zeros((4, 0), int)}, "one entry or more"),
        ({"neighbors": NEIGHBORS * 1.0}, "neighbors is an array of float64; expected location indices"),
        ({"neighbors": NEIGHBORS + 1}, r"neighbors\[0, 0\] is 4; expected a location index, 0\.\.3. Use -1"),
        ({"neighbors": [[1, 1], [2, 3], [0, 1], [0, 1]]}, r"neighbors\[0\] is with 1 twice"),
        ({"distances": DISTANCES[:, :1]}, r"distances is of shape \(4, 1\); expected the shape \(4, 2\)"),
        ({"distances": -DISTANCES}, r"distances\[0, 0\] is -9.0; expected >= 0. Use math.inf where"),
        ({"durations": np.full((4, 2), math.nan)}, r"durations\[0, 0\] is nan; expected >= 0"),
        ({"fallback": nd.MatrixTravel(np.zeros((4, 4)))}, "fallback is 'MatrixTravel'; expected a PlanarTravel or"),
    ],
)
def test_what_is_wrong_is_named(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(nd.InputError, match=message):
        line(**changes)


def test_arrays_are_copies_and_cannot_be_written() -> None:
    distances = DISTANCES.copy()
    travel = line(distances=distances)
    distances[0, 0] = 1
    assert travel.distance([0], [3]).tolist() == [9]
    with pytest.raises(ValueError, match="read-only"):
        travel.neighbors[0, 0] = 1


def test_whole_numbers_stay_exact_beside_a_rounded_fallback() -> None:
    def money(distance: float) -> tuple[float, bool]:
        points = nd.PlanarTravel(LINE.xy, rounding="exact")
        distances = np.where(NEIGHBORS >= 0, distance, 0)
        fleet = (nd.VehicleType((9,), max_distance=100),)
        made = units_of(
            nd.RoutingProblem(
                travel=line(distances=distances, fallback=points), vehicle_types=fleet, demand=[0, 1, 1, 1]
            )
        )
        return made.arc_distance, made.exact_distance

    assert money(4.125) == (1000, True)
    assert not money(math.pi)[1]


@pytest.mark.parametrize("rounding", ["none", "nearest"])
@pytest.mark.parametrize("kind", ["plain", "with times", "mixed"])
def test_a_matrix_with_the_same_numbers_has_the_same_optimum(kind: str, rounding: Any) -> None:
    for seed in range(3):
        travel, rng = nearest_lists(8, 4, seed)
        if rounding == "nearest":
            points = nd.PlanarTravel(travel.fallback.xy, rounding="nearest")  # type: ignore[union-attr]
            travel = nd.SparseTravel(travel.neighbors, np.rint(travel.distances), fallback=points)
        fields: dict[str, Any] = {"vehicle_types": (nd.VehicleType((12,)),), "demand": np.r_[0, rng.integers(1, 6, 7)]}
        if kind != "plain":
            early = rng.integers(0, 800, 7)
            fields["time_window"] = np.vstack([[0, 9000], np.column_stack([early, early + rng.integers(600, 2000, 7)])])
            fields["service_duration"] = np.r_[0, np.full(7, 12.5)]
        if kind == "mixed":
            van = nd.VehicleType((12,), name="van", fixed_cost=90, cost_per_travel_time=0.7, max_duration=2500)
            fields["vehicle_types"] = (van, nd.VehicleType((6,), name="bike", max_distance=3000, end="anywhere"))
        sparse = nd.RoutingProblem(travel=travel, **fields)
        full = sparse.replace(travel=dense(travel))
        one, other = (nd.route(p, stop=nd.Stop(max_iterations=1000), seed=seed) for p in (sparse, full))
        assert one.objective == pytest.approx(other.objective, rel=1e-6)
        assert one.objective == pytest.approx(check(full, one.best()), rel=1e-9)
        assert one.bound is not None
        assert one.bound <= other.objective * (1 + 1e-9)  # type: ignore[operator]


def test_roads_of_a_sphere_are_in_metres_and_seconds() -> None:
    lonlat = np.array([[5.0, 52.0], [5.1, 52.0], [5.2, 52.0]])
    points = nd.SphereTravel(lonlat, circuity=1.3, speed_kmh=36)
    travel = nd.SparseTravel([[1], [0], [-1]], [[5000.0], [6000], [0]], fallback=points)
    problem = nd.RoutingProblem(travel=travel, vehicle_types=(nd.VehicleType((2,)),), demand=[0, 1, 1])
    result = nd.route(problem, stop=SHORT)
    way = points.distance(np.array([1]), np.array([2]))[0]
    assert result.objective == pytest.approx(5000 + way + 2 * way, rel=1e-4)  # out by the road, back past it
    assert travel.duration([1, 0], [0, 1]).tolist() == [600, 500]


def test_plans_are_drawn_at_the_coordinates_of_the_fallback() -> None:
    fleet = (nd.VehicleType((9,)),)
    problem = nd.RoutingProblem(travel=line(), vehicle_types=fleet, demand=[0, 1, 1, 1])
    legs = nd.RoutingSolution(problem, (nd.Route((3, 1, 2)),)).to_geodataframe()
    assert legs.total_bounds.tolist() == [0, 0, 30, 0]


def test_a_pair_without_connection_is_avoided() -> None:
    neighbors, distances = np.array([[-1], [2], [-1]]), np.array([[0], [math.inf], [0]])
    points = nd.PlanarTravel(np.array([[0.0, 0], [10, 0], [20, 0]]))
    travel = nd.SparseTravel(neighbors, distances, fallback=points)
    problem = nd.RoutingProblem(travel=travel, vehicle_types=(nd.VehicleType((2,)),), demand=[0, 1, 1])
    assert nd.route(problem, stop=SHORT).best().routes == (nd.Route((2, 1)),)


@pytest.mark.parametrize("timed", [False, True])
def test_twenty_thousand_locations_are_routed_on_their_lists(timed: bool) -> None:
    n = 20_000
    travel, rng = nearest_lists(n, 16, 1, spread=0.2)
    fields: dict[str, Any] = {}
    if timed:
        early = rng.integers(0, 2000, n - 1)
        fields["time_window"] = np.vstack([[0, 9000], np.column_stack([early, early + rng.integers(600, 2000, n - 1)])])
        fields["service_duration"] = np.r_[0, np.full(n - 1, 5.0)]
    demand = np.r_[0, rng.integers(1, 10, n - 1)]
    problem = nd.RoutingProblem(travel=travel, vehicle_types=(nd.VehicleType((100,)),), demand=demand, **fields)
    result = nd.route(problem, stop=nd.Stop(time_limit_s=6 if timed else 2))
    assert result.objective == pytest.approx(check(problem, result.best()), rel=1e-12)
    assert result.bound is not None
    assert 0 < result.bound <= result.objective
