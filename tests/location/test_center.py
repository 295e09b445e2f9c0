"""p-center: bounds, ties, forced sites, weights, limits, on problems beyond trying every choice."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

import numpy as np
import pytest
from numpy.typing import NDArray

import netdesign as nd
from netdesign.errors import InputError
from netdesign.location import LocationProblem, PlanarCosts, SparseCosts
from netdesign.location.center import _cover, _disjoint_rows, _greedy_cover


def scattered(customers: int, sites: int, p: int, seed: int = 1, **fields: object) -> LocationProblem:
    rng = np.random.default_rng(seed)
    costs = PlanarCosts(rng.uniform(0, 1000, (customers, 2)), rng.uniform(0, 1000, (sites, 2)))
    return LocationProblem(costs=costs, model="p-center", p=p, **fields)  # type: ignore[arg-type]


def test_points_on_a_line() -> None:
    at = np.column_stack([np.arange(100.0), np.zeros(100)])
    problem = LocationProblem(costs=PlanarCosts(at, at), model="p-center", p=10)
    result = nd.locate(problem)
    assert (result.status, result.objective, result.bound) == ("optimal", 5.0, 5.0)  # a radius of 4 reaches 9 points
    assert len(result.best().open) == 10


@pytest.mark.parametrize("p", [3, 12, 40])
def test_the_proof_holds_by_another_way(p: int) -> None:
    """Just below the optimum p sites do not suffice: an integer program says so."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    problem = scattered(200, 150, p)
    result = nd.locate(problem, stop=nd.Stop(time_limit_s=60))
    assert result.status == "optimal"
    assert result.objective is not None
    pairs = np.repeat(np.arange(200), 150), np.tile(np.arange(150), 200)
    reached = problem.cost(*pairs).reshape(200, 150) < result.objective
    every_one = LinearConstraint(reached, lb=1)
    fewest = milp(np.ones(150), constraints=every_one, integrality=np.ones(150), bounds=Bounds(0, 1))
    assert not fewest.success or fewest.fun > p + 0.5


def test_forced_and_closed_sites_and_weights() -> None:
    status = ["open"] * 2 + ["closed"] * 30 + ["candidate"] * 28
    weight = np.random.default_rng(2).integers(0, 4, 80)
    problem = scattered(80, 60, 3, status=status, weight=weight)
    result = nd.locate(problem)
    assert result.status == "optimal"
    assert {0, 1} <= set(result.best().open.tolist())
    everyone = np.arange(80)

    def worst(j: int) -> float:
        unit = np.stack([problem.cost(everyone, np.full(80, site)) for site in (0, 1, j)])
        return float((weight * unit.min(axis=0)).max())

    assert result.objective == min(worst(j) for j in range(32, 60))


def test_a_run_cut_short_keeps_its_bound_and_repeats_itself() -> None:
    problem = scattered(250, 250, 12)
    whole = nd.locate(problem, stop=nd.Stop(time_limit_s=60))
    assert whole.status == "optimal"
    cut = [nd.locate(problem, stop=nd.Stop(max_iterations=3), deterministic=True, threads=t) for t in (1, 2)]
    assert cut[0].termination.reason == "iteration_limit"
    assert cut[0].bound is not None
    assert whole.objective is not None
    assert cut[0].bound <= whole.objective <= (cut[0].objective or 0.0)
    assert cut[0].best().open.tolist() == cut[1].best().open.tolist()
    seen: list[float] = []
    stopped = nd.locate(problem, progress=lambda p: seen.append(p.bound) or len(seen) < 3)  # type: ignore[func-returns-value]
    assert stopped.termination.reason == "interrupted"
    assert all(a.bound <= b.bound and a.objective >= b.objective for a, b in itertools.pairwise(whole.trace))


def test_a_gap_is_enough_where_it_is_asked_for() -> None:
    result = nd.locate(scattered(400, 400, 20), stop=nd.Stop(gap=0.5))
    assert result.gap is not None
    assert result.gap <= 0.5
    assert result.termination.reason == "gap"


def test_pairs_that_are_missing_can_make_it_impossible() -> None:
    lists = SparseCosts([0, 1, 2, 3], [0, 1, 2], [1.0, 1.0, 1.0], n_sites=3)
    assert nd.locate(LocationProblem(costs=lists, model="p-center", p=2)).status == "infeasible"
    assert nd.locate(LocationProblem(costs=lists, model="p-center", p=3)).objective == 1.0


def test_what_has_no_place_in_the_model_is_refused() -> None:
    with pytest.raises(InputError, match="fixed_cost"):
        scattered(3, 3, 1, fixed_cost=[0.0, 1.0, 0.0])
    with pytest.raises(InputError, match="p-center"):
        scattered(3, 3, 0)
    lists = SparseCosts([0, 1], [0], [1.0], n_sites=2, complete=False)
    with pytest.raises(InputError, match="complete"):
        LocationProblem(costs=lists, model="p-center", p=1)


def _covers(reached: NDArray[np.bool_], columns: Iterable[int]) -> bool:
    return bool(reached[:, list(columns)].any(axis=1).all())


def test_covers() -> None:
    rng = np.random.default_rng(3)
    for _ in range(50):
        reached = rng.random((12, 9)) < 0.3
        reached[~reached.any(axis=1), 0] = True
        fewest = next(k for k in range(1, 10) if any(_covers(reached, c) for c in itertools.combinations(range(9), k)))
        assert _covers(reached, _greedy_cover(reached))
        assert _disjoint_rows(reached) <= fewest
        found = _cover(reached, fewest, 10.0)
        assert found is not None
        assert len(found) <= fewest
        assert _covers(reached, found)
        assert _cover(reached, fewest - 1, 10.0) is None
