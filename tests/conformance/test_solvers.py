"""What every solver promises, whatever it solves."""

from __future__ import annotations

import dataclasses
import importlib.util
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import netdesign as nd

_spec = importlib.util.spec_from_file_location("conformance_solvers", Path(__file__).with_name("solvers.py"))
assert _spec is not None
assert _spec.loader is not None
_module = sys.modules.setdefault(_spec.name, importlib.util.module_from_spec(_spec))
_spec.loader.exec_module(_module)

SHORT = nd.Stop(max_iterations=300, time_limit_s=20)


@pytest.fixture(scope="module", params=_module.solvers(), ids=str)
def solver(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture(scope="module")
def result(solver: Any) -> Any:
    return solver.solve(solver.feasible, stop=SHORT, seed=1)


def fingerprint(value: Any) -> Any:
    """Everything a problem or a solution holds, comparable."""
    if isinstance(value, np.ndarray):
        return value.tobytes()
    if isinstance(value, (list, tuple)):
        return tuple(map(fingerprint, value))
    if dataclasses.is_dataclass(value):
        return tuple(fingerprint(getattr(value, f.name)) for f in dataclasses.fields(value))
    return value


def test_objective_is_what_the_independent_check_computes(solver: Any, result: Any) -> None:
    assert result.objective == pytest.approx(solver.check(solver.feasible, result.solution), rel=1e-12)


def test_bound_is_below_the_objective_and_gap_follows_from_both(solver: Any, result: Any) -> None:
    assert 0 < result.bound <= result.objective
    assert result.gap == pytest.approx((result.objective - result.bound) / result.objective)


def test_optimal_is_claimed_only_with_a_closed_gap(solver: Any, result: Any) -> None:
    assert (result.status == "optimal") == (result.gap <= 1e-8)
    assert result.status in ("optimal", "feasible")


def test_trace_runs_forward_and_only_improves(solver: Any, result: Any) -> None:
    assert result.trace
    for a, b in zip(result.trace[:-1], result.trace[1:], strict=True):
        assert a.seconds <= b.seconds
        assert a.objective >= b.objective
        assert a.bound <= b.bound


def test_last_incumbent_of_the_trace_is_the_objective(solver: Any, result: Any) -> None:
    assert result.trace[-1].objective == pytest.approx(result.objective, rel=1e-6)


def test_same_seed_and_iterations_repeat_the_answer(solver: Any, result: Any) -> None:
    again = solver.solve(solver.feasible, stop=SHORT, seed=1)
    assert again.objective == result.objective
    assert fingerprint(again.solution) == fingerprint(result.solution)


def test_deterministic_answer_does_not_depend_on_threads(solver: Any) -> None:
    one, two = (solver.solve(solver.feasible, stop=SHORT, seed=3, threads=k, deterministic=True) for k in (1, 2))
    assert fingerprint(one.solution) == fingerprint(two.solution)
    assert one.bound == two.bound


def test_two_threads_give_a_valid_answer(solver: Any) -> None:
    result = solver.solve(solver.feasible, stop=SHORT, threads=2)
    assert result.objective == pytest.approx(solver.check(solver.feasible, result.solution), rel=1e-12)


def test_solving_leaves_the_problem_as_it_was(solver: Any) -> None:
    before = fingerprint(solver.feasible)
    solver.solve(solver.feasible, stop=SHORT)
    assert fingerprint(solver.feasible) == before


def test_problem_solution_and_result_are_frozen(solver: Any, result: Any) -> None:
    for frozen in (solver.feasible, result, result.solution, result.termination):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(frozen, dataclasses.fields(frozen)[0].name, None)


def test_time_limit_is_kept(solver: Any) -> None:
    began = time.perf_counter()
    result = solver.solve(solver.feasible, stop=nd.Stop(time_limit_s=0.5))
    assert result.solution is not None
    # The search keeps a small part of the time for a bound at its end, which may need less.
    assert result.termination.reason == "gap" or result.seconds >= 0.5 * 0.95
    assert time.perf_counter() - began < 1.5  # 0.51 s on an idle machine; tests share theirs


def test_iteration_limit_is_the_reason_given(solver: Any, result: Any) -> None:
    assert result.termination.reason in ("iteration_limit", "gap")
    assert result.iterations <= 300


def test_progress_is_reported_and_false_interrupts(solver: Any) -> None:
    seen: list[Any] = []

    def watch(progress: Any) -> bool:
        seen.append(progress)
        return False

    result = solver.solve(solver.feasible, stop=nd.Stop(time_limit_s=20), progress=watch)
    assert len(seen) == 1
    assert result.termination.reason == "interrupted"
    assert result.solution is not None


@pytest.mark.parametrize("where", ["in the core", "in the callable"])
def test_ctrl_c_returns_the_best_so_far(solver: Any, where: str) -> None:
    """The signal comes after the first report, so that the run is surely on its way, from another thread or at once."""
    timers: list[threading.Timer] = []

    def press(progress: Any) -> None:
        if timers:
            return
        timers.append(threading.Timer(0.02, os.kill, (os.getpid(), signal.SIGINT)))
        if where == "in the core":
            timers[0].start()
        else:
            os.kill(os.getpid(), signal.SIGINT)

    # A shell that starts the tests in the background has them ignore the signal.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        result = solver.solve(solver.feasible, stop=nd.Stop(time_limit_s=20), progress=press)
    finally:
        signal.signal(signal.SIGINT, before)
    assert result.termination.reason == "interrupted"
    assert result.solution is not None


def test_an_error_in_the_progress_callable_reaches_the_caller(solver: Any) -> None:
    def fail(progress: Any) -> None:
        raise ZeroDivisionError("mine")

    began = time.perf_counter()
    with pytest.raises(ZeroDivisionError, match="mine"):
        solver.solve(solver.feasible, stop=nd.Stop(time_limit_s=20), progress=fail, threads=2)
    assert time.perf_counter() - began < 10


def test_target_ends_the_run(solver: Any, result: Any) -> None:
    early = solver.solve(solver.feasible, stop=nd.Stop(time_limit_s=20, target=result.objective * 1.2))
    assert early.termination.reason in ("target", "gap")
    assert early.seconds < 20


def test_infeasible_is_a_result_that_names_the_culprit(solver: Any) -> None:
    result = solver.solve(solver.infeasible, stop=SHORT)
    assert result.status == "infeasible"
    assert result.solution is None
    assert result.objective is None
    assert [u.customer for u in result.unserved] == [solver.culprit]
    assert all(u.reasons for u in result.unserved)
    with pytest.raises(nd.InfeasibleError, match=str(solver.culprit)):
        result.best()


@pytest.mark.parametrize(
    ("arguments", "culprit"),
    [
        ({"seed": -1}, "seed"),
        ({"threads": 0}, "threads"),
        ({"deterministic": True, "stop": nd.Stop(time_limit_s=1)}, "max_iterations"),
    ],
    ids=lambda a: str(a)[:24],
)
def test_arguments_that_make_no_sense_are_named(solver: Any, arguments: dict[str, Any], culprit: str) -> None:
    with pytest.raises(nd.InputError, match=culprit):
        solver.solve(solver.feasible, **arguments)
