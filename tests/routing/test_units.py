"""The core's integers: exact where the user's numbers allow, and never such that a broken rule slips through."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import netdesign as nd
from netdesign.routing._units import Units, is_plain, is_timed, units_of

XY = np.array([[0, 0], [3, 4], [6, 8], [0, 5]], dtype=float)
NO_LIMIT = 2**59


def problem(*types: nd.VehicleType, **fields: Any) -> nd.RoutingProblem:
    return nd.RoutingProblem.from_arrays(XY, [0, 1, 1, 1], vehicle_types=types, **fields)


def van(name: str = "van", **fields: Any) -> nd.VehicleType:
    return nd.VehicleType((9,), name=name, **fields)


def units(*types: nd.VehicleType, **fields: Any) -> Units:
    return units_of(problem(*types, **fields))


def by_matrix(*types: nd.VehicleType, durations: Any = None, distances: Any = None) -> Units:
    distances = np.ceil(np.hypot(*(XY[:, None] - XY[None]).T)) if distances is None else distances
    return units_of(nd.RoutingProblem.from_matrix(distances, [0, 1, 1, 1], durations=durations, vehicle_types=types))


@pytest.mark.parametrize(
    "fields", [{"end": "anywhere"}, {"max_distance": 9}, {"max_duration": 9}, {"shift": (0, 9)}, {"end": 0}]
)
def test_a_limit_or_an_open_end_makes_a_problem_rich(fields: dict[str, Any]) -> None:
    assert is_plain(problem(van()))
    assert is_plain(problem(van(**fields))) == (fields == {"end": 0})


def test_several_types_or_depots_make_a_problem_rich() -> None:
    assert not is_plain(problem(van(), van("other")))
    assert not is_plain(nd.RoutingProblem.from_arrays(XY, [0, 0, 1, 1], 9, n_depots=2))


def test_plain_rates_go_into_the_arcs() -> None:
    made = units(van(cost_per_distance=3, cost_per_travel_time=2))
    assert made.rates == ((1, 0),)
    assert made.arc_time / made.arc_distance == pytest.approx(2 / 3)


def test_whole_rates_on_rounded_distances_are_exact() -> None:
    fleet = [van(str(rate), cost_per_distance=rate, fixed_cost=rate + 0.5) for rate in (41, 100, 245)]
    made = units(*fleet, rounding="exact")
    assert (made.arc_distance, made.money, made.stretch, made.excess) == (1000, 1000, 1, 0)
    assert [distance for distance, _ in made.rates] == [41, 100, 245]
    assert [made.fixed_cost(v.fixed_cost) for v in fleet] == [41_500, 100_500, 245_500]
    assert made.bound(82_000) == 82


def test_decimal_rates_are_exact_too() -> None:
    made = units(van("a", cost_per_distance=0.41), van("b", cost_per_distance=1.2), rounding="nearest")
    assert (made.money, made.rates) == (100, ((41, 0), (120, 0)))


def test_round_rates_stay_round_on_distances_that_are_not() -> None:
    made = units(van("a", cost_per_distance=0.3), van("b", cost_per_distance=0.5))
    assert [distance * 5 for distance, _ in made.rates] == [made.rates[1][0] * 3, made.rates[1][0] * 5]
    assert made.stretch == 1
    assert made.excess > 0
    assert math.hypot(6, 8) * made.arc_distance <= 2**27


def test_rates_without_a_common_unit_are_rounded_and_the_bound_stays_one() -> None:
    rates = (math.pi, math.e, 1.0)
    made = units(*(van(str(r), cost_per_distance=r, fixed_cost=100 * r) for r in rates), rounding="nearest")
    whole = [distance for distance, _ in made.rates]
    assert max(whole) <= 2**20
    for rate, got in zip(rates, whole, strict=True):
        assert got == pytest.approx(rate * made.money, rel=2**-16)
        assert got <= rate * made.money * made.stretch * (1 + 1e-12)
        assert made.bound(1000 * got) <= 1000 * rate * (1 + 1e-12)
    assert 1 <= made.stretch < 1 + 2**-15


@pytest.mark.parametrize("speed", [1.0, 2.5])
def test_time_at_one_speed_costs_by_distance(speed: float) -> None:
    fleet = (van("a", cost_per_travel_time=5), van("b", cost_per_distance=2))
    made = units_of(problem(*fleet).replace(travel=nd.PlanarTravel(XY, rounding="nearest", speed=speed)))
    assert made.rates[0][0] / made.rates[1][0] == (1 + 5 / speed) / 2
    assert [time for _, time in made.rates] == [0, 0]
    assert made.clock == 0


def test_a_matrix_of_times_has_a_rate_of_its_own() -> None:
    durations = np.full((4, 4), 90.0)
    fleet = (van("a", cost_per_distance=2, cost_per_travel_time=0.5), van("b", cost_per_distance=3))
    made = by_matrix(*fleet, durations=durations)
    assert made.clock > 0
    assert made.rates[0][1] * made.clock / made.money == pytest.approx(0.5)
    assert made.rates[0][0] * made.arc_distance / made.money == 2
    assert made.rates[1][1] == 0
    assert by_matrix(van("a", cost_per_distance=2), van("b"), durations=durations).clock == 0  # nobody asks for times


def test_places_that_are_all_one_are_no_obstacle() -> None:
    made = nd.RoutingProblem.from_arrays(
        np.zeros((3, 2)), [0, 1, 1], vehicle_types=(van("a", fixed_cost=1e9), van("b", cost_per_distance=0))
    )
    found = units_of(made)
    assert found.fixed_cost(1e9) == pytest.approx(1e9 * found.money, rel=1e-9)
    assert found.fixed_cost(1e9) < 2**62
    sphere = made.replace(travel=nd.SphereTravel(np.full((3, 2), 5.0)))
    assert units_of(sphere).money > 0


def test_whole_limits_are_exact_limits() -> None:
    made = units(van(max_distance=14, max_duration=450), rounding="exact")
    assert made.max_distance(14, 4, NO_LIMIT) == 14_000
    assert made.max_duration(450, 2**30) == 450_000
    assert made.max_distance(math.inf, 4, NO_LIMIT) == NO_LIMIT
    assert made.max_duration(math.inf, 2**30) == 2**30


def test_other_limits_are_met_by_routes_that_just_meet_them_and_by_none_above_the_tolerance() -> None:
    legs = np.hypot(*np.diff(XY[[0, 1, 2, 3, 0]], axis=0).T)
    made = units(van(max_distance=legs.sum(), max_duration=legs.sum()))
    limit = made.max_distance(legs.sum(), 4, NO_LIMIT)
    assert np.rint(legs * made.arc_distance).sum() <= limit
    assert limit + len(legs) / 2 <= legs.sum() * (1 + 1e-6) * made.arc_distance
    limit = made.max_duration(legs.sum(), 2**30)
    assert np.ceil(legs * made.clock).sum() <= limit <= legs.sum() * (1 + 1e-6) * made.clock


def test_shifts_and_longest_durations_make_a_problem_timed() -> None:
    assert not is_timed(problem(van(max_distance=5)))
    for fields in ({"max_duration": 50}, {"shift": (8, 60)}):
        assert is_timed(problem(van(**fields)))
        made = units(van(**fields))
        assert 100 * made.clock < 2**30 < 2**30 * made.clock
        assert made.latest(np.array([math.inf]))[0] == 2**30


def test_the_clock_leaves_room_for_the_longest_route_of_a_vehicle_that_need_not_be_back() -> None:
    n, side, service = 1000, 100, 7
    xy = np.random.default_rng(1).random((n, 2)) * side
    for capacity, visits in ((9.0, 9), (math.inf, n - 1)):
        fleet = (nd.VehicleType((capacity,), name="free"), van("bound", max_duration=500))
        made = nd.RoutingProblem.from_arrays(
            xy, np.r_[0, np.ones(n - 1)], vehicle_types=fleet, service_duration=np.full(n, service)
        )
        assert visits * (service + side) * units_of(made).clock < 2**30
