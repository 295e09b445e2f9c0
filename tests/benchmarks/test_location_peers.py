"""Other location solvers get the whole problem, and find what we find; what they cannot is named."""

from __future__ import annotations

from typing import Any

import location_peers
import numpy as np
import peers
import pytest
import worker

import netdesign as nd
from netdesign.location import check

MODELS: dict[str, dict[str, Any]] = {
    "p-median": {"p": 3},
    "p-center": {"p": 3},
    "uncapacitated": {"fixed_cost": 40.0},
    "capacitated": {"fixed_cost": 40.0, "capacity": 60.5},
    "single-source": {"fixed_cost": 40.0, "capacity": 60.5},
    "set-cover": {"coverage_radius": 60.0},
    "partial-cover": {"coverage_radius": 30.0, "coverage_share": 0.8},
    "max-cover": {"coverage_radius": 25.0, "p": 3},
    "backup-cover": {"coverage_radius": 40.0, "p": 3},
}
CAN = {
    "highs": set(MODELS),
    "cp-sat": set(MODELS) - {"capacitated"},
    "spopt": {"p-median", "p-center", "set-cover", "max-cover"},
}
LIMITS = worker.Limits(seconds=20.0, threads=1, memory_mb=4000)


def problem(model: str, *, rounding: str = "none", **fields: Any) -> nd.LocationProblem:
    """Thirty customers with fractional weights and eight sites in a square of 100."""
    rng = np.random.default_rng(3)
    costs = nd.PlanarCosts(rng.uniform(0, 100, (30, 2)), rng.uniform(0, 100, (8, 2)), rounding=rounding)  # type: ignore[arg-type]
    by_site = ("fixed_cost", "capacity")
    made = {name: np.broadcast_to(value, 8) if name in by_site else value for name, value in fields.items()}
    return nd.LocationProblem(costs=costs, model=model, weight=rng.uniform(1, 9, 30), **made)  # type: ignore[arg-type]


@pytest.mark.parametrize(("peer", "model"), [(peer, model) for peer, able in CAN.items() for model in sorted(able)])
@pytest.mark.parametrize("rounding", ["none", "nearest"])
def test_a_peer_finds_the_optimum_and_proves_it(peer: str, model: str, rounding: str) -> None:
    if peer == "spopt":
        pytest.importorskip("spopt")
    made = problem(model, rounding=rounding, **MODELS[model])
    ours = nd.locate(made)
    assert ours.status == "optimal"
    found = location_peers.PEERS[peer](made, 20.0, 1, 1)
    solution = location_peers.as_solution(made, found)
    assert solution is not None
    assert check(made, solution) == pytest.approx(ours.objective, rel=1e-7)
    assert found.bound == pytest.approx(ours.objective, rel=1e-6)


@pytest.mark.parametrize("peer", ["highs", "cp-sat"])
def test_statuses_and_places_are_kept(peer: str) -> None:
    statuses = ["open", "closed", *["candidate"] * 6]
    fields = {"fixed_cost": 40.0, "capacity": 60.5, "place": ["a", "a", "b", "b", "c", None, None, None]}
    made = problem("single-source", **fields, status=statuses)
    solution = location_peers.as_solution(made, location_peers.PEERS[peer](made, 20.0, 1, 1))
    assert solution is not None
    assert check(made, solution) == pytest.approx(nd.locate(made).objective, rel=1e-7)


@pytest.mark.parametrize("peer", ["highs", "cp-sat"])
@pytest.mark.parametrize(
    ("model", "rules"),
    [
        ("uncapacitated", {"fixed_cost": 40.0, "max_sites": 2}),
        ("uncapacitated", {"fixed_cost": 400.0, "min_sites": 5}),
        ("p-median", {"p": 5, "fixed_cost": np.arange(20.0, 100.0, 10.0), "budget": 210.5}),
        ("max-cover", {"coverage_radius": 25.0, "fixed_cost": np.arange(1.0, 9.0), "budget": 9.0}),
        ("p-median", {"p": 3, "incompatible": [(0, 3), (1, 2), (5, 6), (4, 7)]}),
        ("p-median", {"p": 3, "service_radius": 50.0, "forbidden": [(0, 0), (1, 6), (2, 5)]}),
    ],
)
def test_rules_and_limits_are_kept(peer: str, model: str, rules: dict[str, Any]) -> None:
    made = problem(model, **rules)
    solution = location_peers.as_solution(made, location_peers.PEERS[peer](made, 20.0, 1, 1))
    assert solution is not None
    ours = nd.locate(made)
    assert check(made, solution) == pytest.approx(ours.objective, rel=1e-7)
    loose = made.replace(
        **{name: None for name in rules if name not in ("p", "fixed_cost", "coverage_radius", "budget")}
    )
    loose = loose.replace(budget=made.budget and 1e6)
    assert nd.locate(loose).objective != pytest.approx(ours.objective, rel=1e-7)


@pytest.mark.parametrize(
    ("peer", "model", "fields", "what"),
    [
        ("highs", "gradual-cover", {"coverage_radius": 9, "outer_radius": 20, "p": 2}, "the model gradual-cover"),
        ("cp-sat", "capacitated", {"capacity": 60.5}, "customers with several sites"),
        ("spopt", "uncapacitated", {"fixed_cost": 40.0}, "the model uncapacitated"),
        ("spopt", "p-median", {"p": 3, "fixed_cost": 40.0}, "fixed costs"),
        ("spopt", "p-center", {"p": 3, "status": ["open", *["candidate"] * 7]}, "sites with a status"),
        ("spopt", "p-median", {"p": 3, "incompatible": [(0, 1)]}, "rules about sites"),
        ("highs", "p-median", {"p": 3, "revenue": 9.0}, "customers served at will"),
        ("cp-sat", "uncapacitated", {"min_throughput": [1.0] * 8}, "least throughputs"),
    ],
)
def test_what_a_peer_cannot_is_named(peer: str, model: str, fields: dict[str, Any], what: str) -> None:
    if peer == "spopt":
        pytest.importorskip("spopt")
    with pytest.raises(NotImplementedError, match=f"^{what}$"):
        location_peers.PEERS[peer](problem(model, **fields), 1.0, 1, 1)


def test_a_run_has_its_own_process_and_says_what_it_took() -> None:
    row = worker.run("highs", problem("p-median", p=3), LIMITS, 1)
    assert row["objective"] == pytest.approx(nd.locate(problem("p-median", p=3)).objective)
    assert row["own_gap"] == pytest.approx(0, abs=1e-6)
    assert row["seconds"] > 0
    assert 20 < row["peak_mb"] < 1000


def test_a_peer_that_is_not_installed_is_in_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(peers.PACKAGES, "highs", "no-such-package")
    row = worker.run("highs", problem("p-median", p=3), LIMITS, 1)
    assert row["refused"] == "not installed (its package is 'no-such-package')"
    assert row["objective"] is None


def test_a_model_that_needs_more_memory_than_allowed_is_not_tried() -> None:
    large = nd.LocationProblem(costs=nd.PlanarCosts(np.zeros((9000, 2)), np.zeros((9000, 2))), model="p-median", p=1)
    for peer in location_peers.PEERS:
        assert location_peers.memory_mb(peer, large) > LIMITS.memory_mb
    assert worker.run("highs", large, LIMITS, 1)["refused"] == "more memory than 4,000 MB"


def test_a_run_that_takes_more_memory_than_allowed_is_ended() -> None:
    tight = worker.Limits(seconds=20.0, threads=1, memory_mb=5)
    assert worker.run("highs", problem("p-median", p=3), tight, 1)["refused"] == "more memory than 5 MB"


def test_a_run_that_does_not_end_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "PATIENCE_S", 0.1)
    hasty = worker.Limits(seconds=0.0, threads=1, memory_mb=4000)
    assert worker.run("highs", problem("p-median", p=3), hasty, 1)["refused"] == "no answer 0.1 s after the limit"


def test_our_own_failure_is_not_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "PATIENCE_S", 0.0)
    with pytest.raises(RuntimeError, match="no answer"):
        worker.run(peers.OURS, problem("p-median", p=3), worker.Limits(0.0, 1, 4000), 1)
