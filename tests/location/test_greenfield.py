"""Greenfield location: known optima, the Earth's odd places, bounds that hold, and what snapping costs."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

import netdesign as nd
from netdesign.errors import CheckError, InputError
from netdesign.location import GreenfieldProblem, GreenfieldSolution, check_greenfield, greenfield, snap
from netdesign.location.costs import EARTH_RADIUS_M, SphereCosts

SHORT = nd.Stop(max_iterations=20)


def plane(xy: Any, p: int = 1, **fields: Any) -> GreenfieldProblem:
    return GreenfieldProblem(customer_xy=np.asarray(xy, float), p=p, **fields)


def earth(lonlat: Any, p: int = 1, **fields: Any) -> GreenfieldProblem:
    return GreenfieldProblem(customer_lonlat=np.asarray(lonlat, float), p=p, **fields)


def test_the_point_of_fermat_sees_all_sides_at_120_degrees() -> None:
    corners = np.array([[0.0, 0.0], [4.0, 0.0], [1.0, 3.0]])
    result = greenfield(plane(corners), stop=SHORT)
    site = result.best().sites[0]
    ways = (corners - site) / np.linalg.norm(corners - site, axis=1)[:, None]
    for one, other in itertools.combinations(ways, 2):
        assert one @ other == pytest.approx(-0.5, abs=1e-5)
    assert result.gap is not None
    assert result.gap < 1e-4


def test_a_corner_of_120_degrees_or_more_is_the_point_itself() -> None:
    result = greenfield(plane([[0, 0], [5, 1], [-5, 1]]), stop=SHORT)
    assert result.best().sites.tolist() == [[0.0, 0.0]]
    assert result.objective == pytest.approx(2 * math.hypot(5, 1))


def test_on_a_line_the_weighted_median_is_best() -> None:
    result = greenfield(plane([[0, 0], [1, 1], [2, 2], [7, 7], [9, 9]], weight=[1, 1, 1, 4, 1]), stop=SHORT)
    assert result.best().sites.tolist() == [[7.0, 7.0]]


def test_the_middle_of_a_square_by_symmetry() -> None:
    result = greenfield(plane([[0, 0], [2, 0], [0, 2], [2, 2]], factor=3.0), stop=SHORT)
    assert result.best().sites[0] == pytest.approx([1, 1], abs=1e-6)
    assert result.objective == pytest.approx(3 * 4 * math.sqrt(2))
    assert (result.bound or 0) == pytest.approx(12 * math.sqrt(2), rel=1e-4)


def test_two_groups_have_a_site_each() -> None:
    left, right = [[0, 0], [0, 2], [1, 1]], [[100, 0], [100, 2], [101, 1]]
    solution = greenfield(plane([*left, *right], p=2), stop=SHORT).best()
    assert solution.assignment.tolist() == [0, 0, 0, 1, 1, 1]
    assert solution.sites_frame()["customers"].tolist() == [3, 3]


def best_of_all(problem: GreenfieldProblem) -> float:
    """By every way to share the customers among the sites; a single site by steps of Weiszfeld from many points."""
    xy, weight = problem.places, problem.weights

    def alone(members: tuple[int, ...]) -> float:
        here, mass = xy[list(members)], weight[list(members)]
        best = min(float(mass @ np.linalg.norm(here - at, axis=1)) for at in here)
        x = (mass @ here) / max(mass.sum(), 1e-300)
        for _ in range(3000):
            away, last = np.maximum(np.linalg.norm(here - x, axis=1), 1e-12), x
            x = ((mass / away) @ here) / max((mass / away).sum(), 1e-300)
            if np.abs(x - last).max() < 1e-12:
                break
        return min(best, float(mass @ np.linalg.norm(here - x, axis=1)))

    known: dict[tuple[int, ...], float] = {}
    total = math.inf
    for share in itertools.product(range(problem.p), repeat=len(xy) - 1):
        groups = [tuple(i for i, g in enumerate((0, *share)) if g == k) for k in range(problem.p)]
        cost = 0.0
        for group in filter(None, groups):
            if group not in known:
                known[group] = alone(group)
            cost += known[group]
        total = min(total, cost)
    return total


@pytest.mark.parametrize(("seed", "n", "p"), [(1, 7, 2), (2, 8, 2), (3, 6, 3), (4, 5, 1), (5, 7, 2)])
def test_few_customers_are_solved_and_bounded(seed: int, n: int, p: int) -> None:
    rng = np.random.default_rng(seed)
    problem = plane(rng.integers(0, 30, (n, 2)), p=p, weight=rng.integers(0, 5, n) + (np.arange(n) < 2))
    optimum = best_of_all(problem)
    result = greenfield(problem, stop=nd.Stop(max_iterations=60))
    assert result.objective == pytest.approx(optimum, rel=1e-7)
    assert result.bound is not None
    assert 0 < result.bound <= optimum * (1 + 1e-9)


def test_many_customers_have_a_bound_near_by() -> None:
    xy = np.random.default_rng(2).uniform(0, 100, (400, 2))
    result = greenfield(plane(xy, p=6), stop=nd.Stop(max_iterations=30), seed=3)
    assert result.gap is not None
    assert 0 <= result.gap < 0.03
    again = greenfield(plane(xy, p=6), stop=nd.Stop(max_iterations=30), seed=3)
    assert again.best().sites.tobytes() == result.best().sites.tobytes()
    assert again.bound == result.bound


def test_the_bound_holds_for_any_places() -> None:
    rng = np.random.default_rng(4)
    problem = plane(rng.uniform(0, 10, (60, 2)), p=3, weight=rng.uniform(0, 3, 60))
    bound = greenfield(problem, stop=SHORT).bound or math.inf
    for _ in range(200):
        sites = rng.uniform(0, 10, (3, 2))
        away = np.linalg.norm(problem.places[:, None] - sites, axis=2).min(axis=1)
        assert float(problem.weights @ away) >= bound


def test_over_the_antimeridian_is_near() -> None:
    result = greenfield(earth([[179, 0], [-179, 0], [180, 1], [180, -1]]), stop=SHORT)
    lon, lat = result.best().sites[0]
    assert abs(lon) == pytest.approx(180, abs=1e-6)
    assert lat == pytest.approx(0, abs=1e-6)
    assert result.objective == pytest.approx(4 * EARTH_RADIUS_M * math.pi / 180)
    assert result.gap is not None
    assert result.gap < 1e-3


def test_over_the_pole_is_near() -> None:
    result = greenfield(earth([[0, 89], [90, 89], [180, 89], [-90, 89]]), stop=SHORT)
    assert result.best().sites[0, 1] == pytest.approx(90, abs=1e-6)
    assert result.objective == pytest.approx(4 * EARTH_RADIUS_M * math.pi / 180)
    lines = result.best().spider_lines().geometry
    assert all(line.bounds[0] >= -180 and line.bounds[2] <= 180 for line in lines)


def test_points_opposite_each_other_have_a_site_somewhere_between() -> None:
    result = greenfield(earth([[0, 0], [180, 0]]), stop=SHORT)
    assert result.objective == pytest.approx(EARTH_RADIUS_M * math.pi, rel=1e-6)
    assert (result.bound or 0) == pytest.approx(EARTH_RADIUS_M * math.pi, rel=2e-2)  # every place is as good


def test_customers_all_over_the_earth_are_bounded() -> None:
    rng = np.random.default_rng(5)
    lonlat = np.column_stack([rng.uniform(-180, 180, 200), np.degrees(np.arcsin(rng.uniform(-1, 1, 200)))])
    problem = earth(lonlat, p=5, weight=rng.uniform(1, 2, 200))
    result = greenfield(problem, stop=SHORT)
    assert result.gap is not None
    assert result.gap < 0.15
    for seed in range(20):
        other = np.random.default_rng(seed).permutation(200)[:5]
        pairs = np.repeat(np.arange(200), 5), np.tile(np.arange(5), 200)
        least = SphereCosts(lonlat, lonlat[other]).cost(*pairs).reshape(200, 5).min(axis=1)
        assert float(problem.weights @ least) >= (result.bound or math.inf)


def test_as_many_sites_as_places_cost_nothing() -> None:
    result = greenfield(plane([[0, 0], [0, 0], [3, 4]], p=2), stop=SHORT)
    assert (result.status, result.objective) == ("optimal", 0.0)
    three = greenfield(plane([[0, 0], [0, 0], [3, 4]], p=3), stop=SHORT)
    assert three.best().sites.shape == (3, 2)


def test_nobody_asks_for_anything() -> None:
    assert greenfield(plane([[0, 0], [1, 1]], weight=[0, 0]), stop=SHORT).objective == 0.0


def test_a_time_limit_ends_a_run_and_leaves_a_bound() -> None:
    xy = np.random.default_rng(6).uniform(0, 100, (3000, 2))
    result = greenfield(plane(xy, p=15), stop=nd.Stop(time_limit_s=2))
    assert result.termination.reason in ("time_limit", "gap")
    assert 0 < (result.bound or 0.0) < (result.objective or 0.0)
    assert result.seconds < 4  # 2.1 s on an idle machine; tests share theirs


def test_the_monitor_ends_a_run() -> None:
    xy = np.random.default_rng(6).uniform(0, 100, (300, 2))
    assert greenfield(plane(xy, p=5), progress=lambda now: False).termination.reason == "interrupted"
    assert greenfield(plane(xy, p=5), stop=nd.Stop(target=1e9)).termination.reason == "target"


def test_snapping_takes_sites_near_the_places_and_says_what_they_cost_more() -> None:
    xy = np.array([[0.0, 0.0], [0.0, 2.0], [2.0, 0.0], [2.0, 2.0], [50.0, 50.0]])
    solution = greenfield(plane(xy, p=2), stop=SHORT).best()
    snapped = snap(solution, [[1.0, 1.5], [49.0, 50.0], [8.0, 8.0]], near=1, site_ids=["a", "b", "c"])
    chosen = snapped.result.best()
    assert [chosen.problem.sites[j] for j in chosen.open] == ["a", "b"]
    cost = 2 * math.hypot(1, 1.5) + 2 * math.hypot(1, 0.5) + 1
    assert snapped.result.objective == pytest.approx(cost)
    assert snapped.price == pytest.approx(cost - 4 * math.sqrt(2))
    forced = snap(solution, [[1.0, 1.5], [49.0, 50.0], [8.0, 8.0]], near=1, status=["candidate", "candidate", "open"])
    assert 2 in forced.result.best().open


def test_snapping_widens_where_two_places_want_the_same_site() -> None:
    solution = greenfield(plane([[0, 0], [10, 0], [0, 1], [10, 1]], p=2), stop=SHORT).best()
    snapped = snap(solution, [[5.0, 0.0], [5.0, 40.0], [400.0, 0.0]], near=1)
    assert snapped.result.best().open.tolist() == [0, 1]
    everything = snap(solution, [[5.0, 0.0], [5.0, 40.0], [400.0, 0.0]], near=None)
    assert (everything.result.status, everything.price) == ("optimal", pytest.approx(snapped.price))
    with pytest.raises(InputError, match="sites is 1 that may be open; expected at least p"):
        snap(solution, [[5.0, 0.0]])


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"customer_xy": None}, "customer_lonlat, customer_xy is missing"),
        ({"customer_lonlat": [[0, 0]]}, "customer_lonlat, customer_xy is both given"),
        ({"customer_xy": [[0, math.nan]]}, r"customer_xy\[0, 1\] is nan"),
        ({"customer_xy": np.zeros((0, 2))}, "customers is missing"),
        ({"customer_xy": None, "customer_lonlat": [[4, 104]]}, "Are lon and lat swapped"),
        ({"p": 0}, r"p is 0; expected an integer in 1\.\.2"),
        ({"p": 3}, r"p is 3; expected an integer in 1\.\.2"),
        ({"p": True}, "p is True"),
        ({"weight": [1, -1]}, r"weight\[1\] is -1.0"),
        ({"weight": [1]}, "weight is of shape"),
        ({"factor": 0}, "factor is 0"),
        ({"customer_ids": ["a", "a"]}, r"customer_ids\[1\] is 'a' \(also customer_ids\[0\]\)"),
    ],
)
def test_what_is_wrong_is_named(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        GreenfieldProblem(**({"customer_xy": [[0, 0], [1, 1]], "p": 1} | fields))


@pytest.mark.parametrize(
    ("sites", "assignment", "message"),
    [
        ([[0, 0]], [0, 0], "sites of shape"),
        ([[0, 0], [1, math.nan]], [0, 0], "sites of shape"),
        ([[0, 0], [1, 1]], [0, 2], "a site that does not exist"),
        ([[0, 0], [1, 1]], [0, 0], "customer 'b' is nearer to site 1"),
    ],
)
def test_the_check_names_a_broken_rule(sites: Any, assignment: Any, message: str) -> None:
    problem = plane([[0, 0], [1, 1]], p=2, customer_ids=["a", "b"])
    with pytest.raises(CheckError, match=message):
        check_greenfield(problem, GreenfieldSolution(problem, np.array(sites, float), np.array(assignment)))


def test_tables_in_and_out() -> None:
    customers = pd.DataFrame({"customer": ["a", "b"], "lon": [4.0, 6.0], "lat": [52.0, 52.0], "weight": [1.0, 3.0]})
    solution = greenfield(GreenfieldProblem.from_frame(customers, p=1), stop=SHORT).best()
    assert solution.to_frame()["customer"].tolist() == ["a", "b"]
    assert solution.sites_frame()[["lon", "lat"]].iloc[0].tolist() == pytest.approx([6, 52])
    assert solution.sites_geodataframe().crs is not None
    with pytest.raises(InputError, match="column 'lat' is missing"):
        GreenfieldProblem.from_frame(customers.drop(columns="lat"), p=1)
