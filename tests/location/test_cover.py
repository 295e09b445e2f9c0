"""Covering: the way to the core and back, and what is asked of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import netdesign as nd
from netdesign.errors import CheckError, InputError
from netdesign.location import LocationProblem, LocationSolution, PlanarCosts, SparseCosts, SphereCosts, check
from netdesign.location.cover import as_core_problem, pairs_within


def scattered(customers: int, sites: int, *, seed: int = 1, **fields: object) -> LocationProblem:
    rng = np.random.default_rng(seed)
    costs = PlanarCosts(rng.uniform(0, 1000, (customers, 2)), rng.uniform(0, 1000, (sites, 2)))
    return LocationProblem(costs=costs, **fields)  # type: ignore[arg-type]


def test_a_line_of_points_needs_a_site_every_eleven() -> None:
    at = np.column_stack([np.arange(100.0), np.zeros(100)])
    costs = PlanarCosts(at, at)
    fewest = nd.locate(LocationProblem(costs=costs, model="set-cover", coverage_radius=5))
    assert (fewest.status, fewest.objective) == ("optimal", 10.0)
    most = nd.locate(LocationProblem(costs=costs, model="max-cover", coverage_radius=5, p=4))
    assert (most.status, most.objective, most.bound) == ("optimal", 44.0, 44.0)
    plan = most.best()
    assert (plan.assignment >= 0).sum() == 44
    assert plan.to_frame()["site"].isna().sum() == 56
    assert plan.sites_frame()["customers"].sum() == 44
    assert len(plan.spider_lines()) == 44
    assert all(a.objective <= b.objective for a, b in zip(most.trace, most.trace[1:], strict=False))


def test_shares_backups_and_what_fades_on_the_line() -> None:
    at = np.column_stack([np.arange(100.0), np.zeros(100)])
    costs = PlanarCosts(at, at)
    half = nd.locate(LocationProblem(costs=costs, model="partial-cover", coverage_radius=5, coverage_share=0.5))
    assert (half.status, half.objective) == ("optimal", 5.0)
    assert (half.best().assignment >= 0).sum() >= 50
    # Sites at 0, 1, 11 and 12 cover -4 to 5 twice, 6 (from 1 and 11), and 7 to 16.
    twice = nd.locate(LocationProblem(costs=costs, model="backup-cover", coverage_radius=5, p=4))
    assert (twice.status, twice.objective, twice.bound) == ("optimal", 21.0, 21.0)
    # Eleven in full, and on either side 0.8, 0.6, 0.4, 0.2 of the next four.
    fading = nd.locate(LocationProblem(costs=costs, model="gradual-cover", coverage_radius=5, outer_radius=10, p=1))
    assert fading.status == "optimal"
    assert fading.objective == pytest.approx(15.0)
    assert 19 <= (fading.best().assignment >= 0).sum() <= 21


def test_a_share_that_cannot_be_covered_is_infeasible() -> None:
    costs = PlanarCosts([[0, 0], [9, 9], [20, 20]], [[0, 0]])
    problem = LocationProblem(costs=costs, model="partial-cover", coverage_radius=1, coverage_share=0.5)
    assert nd.locate(problem).status == "infeasible"
    assert nd.locate(problem.replace(coverage_share=1 / 3)).objective == 1.0


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"model": "partial-cover"}, r"coverage_share is missing; expected a number in \(0, 1\]"),
        ({"model": "partial-cover", "coverage_share": 1.5}, "coverage_share is 1.5"),
        ({"model": "max-cover", "p": 1, "coverage_share": 0.5}, r"coverage_share is 0.5 \(model max-cover\)"),
        ({"model": "gradual-cover", "p": 1, "outer_radius": 2}, "outer_radius is 2; expected a finite number > 5"),
        ({"model": "backup-cover", "p": 1, "outer_radius": 9}, r"outer_radius is 9 \(model backup-cover\)"),
    ],
)
def test_numbers_that_a_model_lacks_or_has_not_are_refused(fields: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        scattered(5, 3, coverage_radius=5.0, **fields)


@pytest.mark.parametrize("model", ["set-cover", "max-cover"])
def test_the_optimum_agrees_with_an_integer_program(model: str) -> None:
    from scipy.optimize import Bounds, LinearConstraint, milp

    rng = np.random.default_rng(5)
    n, m, p = 400, 60, 6
    weight, fixed = rng.integers(1, 50, n), rng.integers(1, 9, m)
    given = {"p": p} if model == "max-cover" else {"fixed_cost": fixed}
    problem = scattered(n, m, model=model, coverage_radius=220.0, weight=weight, **given)
    reached = problem.cost(np.repeat(np.arange(n), m), np.tile(np.arange(m), n)).reshape(n, m) <= 220.0
    result = nd.locate(problem)
    assert result.status == "optimal"
    if model == "set-cover":
        exact = milp(fixed, constraints=LinearConstraint(reached, lb=1), integrality=np.ones(m), bounds=Bounds(0, 1))
        assert result.objective == round(exact.fun)
        return
    covered = LinearConstraint(np.hstack([reached, -np.eye(n)]), lb=0)
    count = LinearConstraint(np.r_[np.ones(m), np.zeros(n)], p, p)
    goal = -np.r_[np.zeros(m), weight]
    exact = milp(goal, constraints=[covered, count], integrality=np.r_[np.ones(m), np.zeros(n)], bounds=Bounds(0, 1))
    assert result.objective == round(-exact.fun)


def test_pairs_within_are_the_same_by_a_tree_by_blocks_and_from_lists() -> None:
    rng = np.random.default_rng(6)
    here, there = rng.uniform(0, 100, (300, 2)), rng.uniform(0, 100, (700, 2))
    lonlat = rng.uniform(4, 6, (300, 2)), rng.uniform(4, 6, (700, 2))
    status = rng.choice(["open", "candidate", "closed"], 700)
    roundings = ["none", "nearest", "floor", "ceil"]
    sources = [(PlanarCosts(here, there, rounding=r), 9.0) for r in roundings]  # type: ignore[arg-type]
    for costs, radius in [*sources, (SphereCosts(*lonlat, factor=1.3), 20_000.0)]:
        dense = costs.cost(np.repeat(np.arange(300), 700), np.tile(np.arange(700), 300)).reshape(300, 700)
        wanted = (dense <= radius) & (status != "closed")
        offsets = np.arange(0, 300 * 700 + 1, 700)
        lists = SparseCosts(offsets, np.tile(np.arange(700), 300), dense.ravel(), n_sites=700)
        for source in (costs, lists):
            problem = LocationProblem(costs=source, model="set-cover", coverage_radius=radius, status=status)
            offset, sites = pairs_within(problem)
            found = np.zeros_like(wanted)
            found[np.repeat(np.arange(300), np.diff(offset)), sites] = True
            assert (found == wanted).all()
        own, banned = rng.uniform(0, radius, 300), np.argwhere(wanted)[::7]
        wanted &= dense <= own[:, None]
        wanted[tuple(banned.T)] = False
        limits = {"service_radius": own, "forbidden": banned, "status": status}
        offset, sites = pairs_within(LocationProblem(costs=costs, model="p-median", p=1, **limits))
        assert (np.argwhere(wanted) == np.column_stack([np.repeat(np.arange(300), np.diff(offset)), sites])).all()


def test_customers_with_the_same_sites_are_one() -> None:
    rng = np.random.default_rng(7)
    spots = rng.uniform(0, 100, (30, 2))
    costs = PlanarCosts(spots[rng.integers(0, 30, 5000)], rng.uniform(0, 100, (10, 2)))
    problem = LocationProblem(costs=costs, model="max-cover", p=3, coverage_radius=20, weight=rng.integers(0, 9, 5000))
    core = as_core_problem(problem).core
    assert core.n_customers <= 30
    assert core.weights.sum() == problem.weights.sum()
    unmerged = SparseCosts(
        np.arange(0, 50_001, 10),
        np.tile(np.arange(10), 5000),
        costs.cost(np.repeat(np.arange(5000), 10), np.tile(np.arange(10), 5000)),
        n_sites=10,
    )
    assert nd.locate(problem).objective == nd.locate(problem.replace(costs=unmerged)).objective


def test_who_cannot_be_covered_is_named() -> None:
    costs = PlanarCosts([[0, 0], [50, 0]], [[1, 0], [49, 0]])
    problem = LocationProblem(costs=costs, model="set-cover", coverage_radius=2, status=["candidate", "closed"])
    result = nd.locate(problem)
    assert result.status == "infeasible"
    assert [u.customer for u in result.unserved] == [1]
    assert "within 2 of it; the nearest is at 49" in result.unserved[0].reasons[0]
    cover = LocationProblem(costs=costs, model="max-cover", p=1, coverage_radius=2, status=["candidate", "closed"])
    most = nd.locate(cover)
    assert (most.status, most.objective) == ("optimal", 1.0)
    nobody = nd.locate(cover.replace(coverage_radius=0.5))
    assert (nobody.status, nobody.objective, len(nobody.best().open)) == ("optimal", 0.0, 1)


def test_targets_and_progress_speak_of_the_weight_that_is_covered() -> None:
    problem = scattered(2000, 80, model="max-cover", coverage_radius=80.0, p=8)
    seen: list[tuple[float, float]] = []
    result = nd.locate(problem, progress=lambda p: seen.append((p.objective, p.bound)))
    assert result.objective is not None
    assert all(0 <= a <= result.objective for a, _ in seen if np.isfinite(a))
    assert all(b >= result.objective for _, b in seen if np.isfinite(b))
    early = nd.locate(problem, stop=nd.Stop(target=0.5 * result.objective))
    assert early.termination.reason == "target"
    assert (early.objective or 0) >= 0.5 * result.objective


def test_the_check_catches_what_is_not_covered() -> None:
    problem = scattered(20, 6, model="max-cover", coverage_radius=300.0, p=2)
    plan = nd.locate(problem).best()
    assert check(problem, plan) == (plan.assignment >= 0).sum()
    far = int(np.argmax(problem.cost(np.arange(20), np.full(20, plan.open[0]))))
    wrong = plan.assignment.copy()
    wrong[far] = plan.open[0]
    with pytest.raises(CheckError, match="cannot be served"):
        check(problem, replace(plan, assignment=wrong))
    everybody = scattered(20, 6, model="set-cover", coverage_radius=2000.0)
    alone = LocationSolution(everybody, np.array([0]), np.r_[-1, np.zeros(19, int)])
    with pytest.raises(CheckError, match="by nobody"):
        check(everybody, alone)


def test_what_a_model_needs_and_what_it_does_not() -> None:
    with pytest.raises(InputError, match="coverage_radius"):
        scattered(3, 3, model="set-cover")
    with pytest.raises(InputError, match="coverage_radius"):
        scattered(3, 3, model="p-median", p=1, coverage_radius=2.0)
    with pytest.raises(InputError, match="fixed_cost"):
        scattered(3, 3, model="max-cover", p=1, coverage_radius=2.0, fixed_cost=[0, 1, 0])
    with pytest.raises(InputError, match=r"^p is 1"):
        scattered(3, 3, model="set-cover", p=1, coverage_radius=2.0)


def test_nothing_that_can_be_covered_is_proven_to_be_the_most() -> None:
    # The bound of the core is the whole weight but for rounding.
    customers, sites = np.array([[0.0, 0.0], [0.0, 3.0], [0.0, 0.0]]), np.array([[0.0, 0.0]] * 4 + [[0.0, 1.0]])
    fields = {"model": "gradual-cover", "p": 1, "coverage_radius": 0.0, "outer_radius": 2.0, "weight": [0, 1, 0]}
    result = nd.locate(nd.LocationProblem(costs=nd.PlanarCosts(customers, sites), **fields))
    assert (result.status, result.objective, result.bound) == ("optimal", 0.0, 0.0)
