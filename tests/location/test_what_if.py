"""Sweeps over the number of sites, and the price of forcing one."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest

import netdesign as nd
from netdesign.errors import InputError
from netdesign.location import LocationProblem, price_sites, sweep


def scattered(n: int = 60, m: int = 12, **fields: object) -> LocationProblem:
    rng = np.random.default_rng(4)
    costs = nd.PlanarCosts(rng.uniform(0, 100, (n, 2)), rng.uniform(0, 100, (m, 2)))
    return LocationProblem(costs=costs, **fields)  # type: ignore[arg-type]


def test_more_sites_are_never_dearer() -> None:
    curve = sweep(scattered(model="p-median", p=1), range(1, 13))
    frame = curve.to_frame()
    assert frame["p"].tolist() == list(range(1, 13))
    assert (frame["status"] == "optimal").all()
    assert (np.diff(frame["objective"]) <= 0).all()
    axes = curve.plot()
    assert axes.get_xlabel() == "open sites"


def test_the_bound_of_more_sites_holds_for_fewer() -> None:
    curve = sweep(scattered(400, 100, model="p-median", p=1), [5, 6, 7], stop=nd.Stop(max_iterations=0))
    bounds = curve.to_frame()["bound"].to_numpy()
    assert (np.diff(bounds) <= 0).all()
    whole = sweep(scattered(400, 100, model="p-median", p=1), [5, 6, 7]).to_frame()["objective"].to_numpy()
    assert (bounds <= whole + 1e-9).all()


def test_a_sweep_covers_ever_more() -> None:
    frame = sweep(scattered(model="max-cover", p=1, coverage_radius=15), [4, 2, 3]).to_frame()
    assert frame["p"].tolist() == [2, 3, 4]
    assert (np.diff(frame["objective"]) >= 0).all()


def by_enumeration(problem: LocationProblem, p: int) -> float:
    unit = problem.cost_matrix(np.arange(problem.n_customers), np.arange(problem.n_sites))
    choices = [unit[:, list(chosen)].min(axis=1) for chosen in itertools.combinations(range(problem.n_sites), p)]
    if problem.model == "max-cover":
        return max(float((problem.weights * (near <= problem.reach)).sum()) for near in choices)
    return min(float((problem.weights * near).sum()) for near in choices)


@pytest.mark.parametrize("fields", [{"model": "p-median"}, {"model": "max-cover", "coverage_radius": 15}])
def test_the_envelope_bounds_every_number_of_sites_solved_or_not(fields: dict[str, Any]) -> None:
    problem = scattered(weight=np.arange(60) % 7, p=1, **fields)
    frame = sweep(problem, [3, 6, 10]).envelope()
    assert frame["p"].tolist() == list(range(3, 11))
    sign = -1 if problem.model == "max-cover" else 1
    for row in frame.itertuples():
        optimum = by_enumeration(problem, row.p)
        assert sign * row.bound <= sign * optimum + 1e-9
        assert sign * optimum <= sign * row.objective + 1e-9
        if row.p in (3, 6, 10):
            assert row.objective == pytest.approx(optimum)
            assert row.bound == pytest.approx(optimum)
        else:  # those in between are bounded by their neighbours' multipliers
            assert abs(row.bound - optimum) < 0.1 * optimum


def test_the_envelope_keeps_to_numbers_that_can_be() -> None:
    problem = scattered(model="p-median", p=1, status=["open", "open"] + ["candidate"] * 9 + ["closed"])
    frame = sweep(problem, [1, 3, 12]).envelope()
    assert frame["p"].tolist() == list(range(2, 12))
    assert math.isnan(frame["objective"][0])
    assert frame["objective"][5] == frame["objective"][1]
    priced = sweep(scattered(model="capacitated", capacity=np.full(12, 20.0)), [4, 6]).envelope()
    assert priced["bound"].notna().all()
    assert priced["objective"].isna().tolist() == [False, True, False]


def test_the_price_of_a_site_is_what_the_problem_without_it_costs_more() -> None:
    problem = scattered(model="uncapacitated", fixed_cost=np.full(12, 150.0), site_ids=[f"s{j}" for j in range(12)])
    result = nd.locate(problem)
    prices = price_sites(problem, result)
    assert [p.site for p in prices] == [problem.sites[j] for j in result.best().open]
    for price in prices:
        status = ["closed" if name == price.site else "candidate" for name in problem.sites]
        without = nd.locate(problem.replace(status=status)).objective or 0.0
        assert price.forced == "closed"
        assert price.least <= without - (result.objective or 0.0) + 1e-9
        assert price.most >= without - (result.objective or 0.0) - 1e-9
        assert price.most - price.least < 1e-6 * without
    idle = next(j for j in range(12) if j not in result.best().open)
    (other,) = price_sites(problem, result, [problem.sites[idle]])
    assert other.forced == "open"
    assert other.least >= 0


def test_a_site_nobody_can_do_without_has_no_price() -> None:
    problem = LocationProblem.from_cost_matrix([[1.0, math.inf], [2.0, 1.0]], model="uncapacitated", fixed_cost=[1, 1])
    prices = price_sites(problem, nd.locate(problem), [0])
    assert (prices[0].least, prices[0].most) == (math.inf, math.inf)


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(InputError, match=r"model is .uncapacitated..*over p"):
        sweep(scattered(model="uncapacitated"), [1])
    with pytest.raises(InputError, match="at least one number"):
        sweep(scattered(model="p-median", p=1), [])
    problem = scattered(model="p-median", p=2, status=["open"] + ["candidate"] * 11)
    result = nd.locate(problem)
    with pytest.raises(InputError, match="sites is 99"):
        price_sites(problem, result, [99])
    with pytest.raises(InputError, match="its status is open"):
        price_sites(problem, result, [0])
