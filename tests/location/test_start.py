"""Runs that begin from an earlier result: as good as others, whatever they begin from."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import netdesign as nd
from netdesign.errors import InputError
from netdesign.location import LocationProblem, Start

RUNS = {
    "p-median": {"p": 6},
    "uncapacitated": {},
    "capacitated": {},
    "single-source": {"max_sites": 20},
    "set-cover": {"coverage_radius": 35.0},
    "max-cover": {"coverage_radius": 12.0, "p": 6},
    "gradual-cover": {"coverage_radius": 8.0, "outer_radius": 20.0, "p": 6},
}


def scattered(model: Any, n: int = 120, m: int = 30, **fields: Any) -> LocationProblem:
    rng = np.random.default_rng(6)
    costs = nd.PlanarCosts(rng.uniform(0, 100, (n, 2)), rng.uniform(0, 100, (m, 2)))
    given = {"weight": rng.integers(1, 9, n), "fixed_cost": rng.integers(50, 200, m), "capacity": np.full(m, 90.0)}
    if model not in ("capacitated", "single-source"):
        del given["capacity"]
    if "cover" in model:
        del given["fixed_cost"]
    return LocationProblem(costs=costs, model=model, **(given | fields))


@pytest.mark.parametrize("model", RUNS)
def test_whatever_it_begins_from_a_run_ends_at_the_optimum(model: str) -> None:
    problem = scattered(model, **RUNS[model])
    cold = nd.locate(problem)
    assert cold.status == "optimal"
    rng = np.random.default_rng(1)
    wild = np.where(rng.random(problem.n_customers) < 0.5, 0.0, rng.uniform(0, 1e6, problem.n_customers))
    starts = [
        cold,
        Start(problem.sites),
        Start([problem.sites[k] for k in (3, 3, 1)]),
        Start((), wild),
        Start(problem.sites[:2], np.zeros(problem.n_customers)),
    ]
    for start in starts:
        warm = nd.locate(problem, start=start)
        assert warm.status == "optimal"
        assert warm.objective == pytest.approx(cold.objective, rel=1e-9)
        assert nd.verify(problem, warm).holds


@pytest.mark.parametrize("model", RUNS)
def test_a_start_for_another_status_or_number_of_sites_is_mended(model: str) -> None:
    problem = scattered(model, **RUNS[model])
    before = nd.locate(problem)
    opened = before.best().open
    status = np.full(problem.n_sites, "candidate", dtype="<U9")
    status[opened[0]], status[np.setdiff1d(np.arange(problem.n_sites), opened)[0]] = "closed", "open"
    changes: list[dict[str, Any]] = [{"status": status}]
    changes += [{"p": k} for k in (4, 9)] if problem.p else []
    for change in changes:
        other = problem.replace(**change)
        cold, warm = nd.locate(other), nd.locate(other, start=before)
        assert (warm.status, cold.status) == ("optimal", "optimal")
        assert warm.objective == pytest.approx(cold.objective, rel=1e-9)


def test_a_run_begins_with_the_sites_and_the_bound_of_its_start() -> None:
    points = np.random.default_rng(2).uniform(0, 1000, (600, 2))
    problem = LocationProblem(costs=nd.PlanarCosts(points, points), model="p-median", p=30)
    before = nd.locate(problem, stop=nd.Stop(max_iterations=3000))
    once = nd.Stop(max_iterations=20)
    warm, cold = nd.locate(problem, stop=once, start=before), nd.locate(problem, stop=once)
    assert warm.objective <= before.objective  # type: ignore[operator]
    assert warm.certified_bound >= before.certified_bound * (1 - 1e-12)  # type: ignore[operator]
    assert cold.bound < warm.bound  # type: ignore[operator]


def test_what_is_no_start_is_refused() -> None:
    problem = scattered("p-median", p=6)
    for start, message in (
        (Start([99]), r"start.sites\[0\] is 99; expected the id of a site"),
        (Start((), np.zeros(3)), r"start.customer_price is of shape \(3,\); expected shape \(120,\)"),
        (Start((), np.full(120, np.nan)), r"start.customer_price\[0\] is nan; expected a finite number >= 0"),
        (Start((), np.full(120, -1.0)), r"start.customer_price\[0\] is -1.0"),
        (nd.locate(scattered("p-median", n=100, p=6)), r"of shape \(100,\)"),
    ):
        with pytest.raises(InputError, match=message):
            nd.locate(problem, start=start)
    center = problem.replace(model="p-center", fixed_cost=None)
    with pytest.raises(InputError, match=r"start is given .model p-center.; expected none"):
        nd.locate(center, start=Start())
