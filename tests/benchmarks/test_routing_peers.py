"""Other solvers get the whole problem: depots, fleets, limits, open routes; what they cannot say is named."""

from __future__ import annotations

import numpy as np
import pytest
import routing_peers
from whole_numbers import NEVER, in_whole_numbers

import netdesign as nd
from netdesign.routing import Route, check

BIKE = nd.VehicleType((30,), count=4, fixed_cost=20, name="bike", end="anywhere", max_distance=150)
VAN = nd.VehicleType((80,), fixed_cost=60, cost_per_distance=1.4, name="van", start=1, end=0, max_duration=300)


def problem(*fleet: nd.VehicleType, customers: int = 20) -> nd.RoutingProblem:
    """Three depots, the last of which nobody uses."""
    rng = np.random.default_rng(1)
    xy = np.vstack([[[20, 50], [80, 50], [50, 50]], rng.uniform(0, 100, (customers, 2))]).round()
    demand = np.r_[0, 0, 0, rng.integers(1, 10, customers)]
    return nd.RoutingProblem.from_arrays(xy, demand, n_depots=3, vehicle_types=fleet or (BIKE, VAN), rounding="nearest")


def timed(base: nd.RoutingProblem) -> nd.RoutingProblem:
    """The same with windows of 200 and five units of service."""
    opens = np.random.default_rng(2).integers(0, 5, base.n_locations) * 30.0
    window, service = np.column_stack([opens, opens + 200]), np.full(base.n_locations, 5.0)
    window[: base.n_depots], service[: base.n_depots] = (0, 400), 0
    return base.replace(time_window=window, service_duration=service)


def cost_of(peer: str, made: nd.RoutingProblem) -> float:
    """What the independent judge says about a peer's plan; raises where the plan breaks a rule."""
    routes = routing_peers.PEERS[peer](made, 0.5, 1, 1)
    return check(made, nd.RoutingSolution(made, tuple(Route(tuple(visits), k) for visits, k in routes if visits)))


@pytest.mark.parametrize(("peer", "package"), [("pyvrp", "pyvrp"), ("ortools", "ortools"), ("vroom", "vroom")])
def test_a_peer_keeps_the_rules_of_a_mixed_fleet_from_several_depots(peer: str, package: str) -> None:
    pytest.importorskip(package)
    made = problem()
    ours = nd.route(made, stop=nd.Stop(max_iterations=5_000)).objective
    assert ours is not None
    assert cost_of(peer, made) == pytest.approx(ours, rel=0.15)


@pytest.mark.parametrize("peer", ["pyvrp", "ortools"])
def test_a_peer_keeps_windows_and_longest_durations(peer: str) -> None:
    pytest.importorskip(peer)
    made = timed(problem())
    ours = nd.route(made, stop=nd.Stop(max_iterations=5_000)).objective
    assert ours is not None
    assert cost_of(peer, made) == pytest.approx(ours, rel=0.15)


def test_vroom_refuses_limits_on_durations_that_include_service() -> None:
    pytest.importorskip("vroom")
    with pytest.raises(NotImplementedError, match="a limit on durations with service or waiting"):
        cost_of("vroom", timed(problem()))


def test_pyvrp_refuses_limits_on_distance_where_time_costs() -> None:
    pytest.importorskip("pyvrp")
    with pytest.raises(NotImplementedError, match="a limit on distance beside costs of travel time"):
        cost_of("pyvrp", problem(nd.VehicleType((80,), cost_per_travel_time=0.5, max_distance=300)))


def test_a_matrix_too_large_for_peers_is_refused() -> None:
    made = nd.RoutingProblem.from_arrays(np.zeros((8001, 2)), np.zeros(8001), 1)
    with pytest.raises(NotImplementedError, match="a matrix over 8,001 locations"):
        in_whole_numbers(made)


def test_rates_that_are_round_stay_exact() -> None:
    whole = in_whole_numbers(problem())
    # 1 and 1.4 per unit become 10 and 14, so that fixed costs are ten times as large too.
    assert [v.rate for v in whole.fleet] == [10, 14]
    assert [v.fixed_cost for v in whole.fleet] == [200, 600]
    assert [(v.start, v.end) for v in whole.fleet] == [(0, None), (1, 0)]
    assert [(v.max_distance, v.max_duration) for v in whole.fleet] == [(150, None), (None, 300)]
    assert whole.costs_are_distances


def test_times_are_left_out_where_nothing_limits_them() -> None:
    whole = in_whole_numbers(problem(nd.VehicleType((80,))))
    assert not whole.timed
    assert not whole.duration.any()
    assert whole.fleet[0].latest == NEVER


def test_costs_of_travel_time_get_a_matrix_per_rate() -> None:
    slow = nd.VehicleType((80,), cost_per_travel_time=1.0, name="slow")
    fast = nd.VehicleType((80,), cost_per_distance=3.0, name="fast")
    whole = in_whole_numbers(problem(slow, fast, nd.VehicleType((40,), cost_per_distance=3.0, name="small")))
    assert [(v.arcs, v.rate) for v in whole.fleet] == [(0, 1), (1, 1), (1, 1)]
    # One unit of distance takes one of time: 1 + 1 against 3.
    assert (3 * whole.arcs[0] == 2 * whole.arcs[1]).all()


def test_a_route_within_a_rounded_limit_is_within_the_limit() -> None:
    made = problem(nd.VehicleType((80,), max_distance=200.0)).replace(travel=nd.PlanarTravel(problem().travel.xy))
    whole, every = in_whole_numbers(made), np.arange(made.n_locations)
    true = np.vstack([made.travel.distance(np.full_like(every, i), every) for i in every])
    limit = whole.fleet[0].max_distance
    assert limit is not None
    assert (whole.distance / limit >= true / 200.0 * (1 - 1e-6)).all()
