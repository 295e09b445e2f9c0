"""One run in a process of its own: a solver, a problem and limits in, a row out.

The process is watched: its memory, with that of the processes it starts, may not exceed a limit, nor its time.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import pickle
import resource
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import location_peers
import peers

import netdesign as nd
from netdesign.errors import CheckError
from netdesign.location import check as check_location
from netdesign.routing import Route
from netdesign.routing import check as check_routing

Row = dict[str, Any]
PATIENCE_S = 120.0
"""Beyond the limit of the search: for building a model."""


@dataclass(frozen=True)
class Limits:
    """What a run may use."""

    seconds: float
    threads: int
    memory_mb: int


def run(solver: str, problem: peers.Problem, limits: Limits, seed: int) -> Row:
    """The checked objective, the bound, the seconds and the peak memory of one whole call, model building included.

    Where a peer cannot, is not installed or needs too much memory or time, `refused` says so.
    """
    nothing: Row = {"objective": None, "bound": None, "own_gap": None, "iterations": None, "seconds": 0.0, "peak_mb": 0}
    if solver != peers.OURS and peers.installed(solver) is None:
        return nothing | {"refused": f"not installed (its package is {peers.PACKAGES[solver]!r})"}
    if solver in location_peers.PEERS and isinstance(problem, nd.LocationProblem):
        needed = location_peers.memory_mb(solver, problem)
        if needed > limits.memory_mb:
            return nothing | {"refused": f"more memory than {limits.memory_mb:,} MB"}
    with tempfile.TemporaryDirectory(prefix="netdesign-run-") as folder:
        job, answer, errors = (Path(folder) / name for name in ("job.pickle", "row.json", "errors"))
        job.write_bytes(pickle.dumps((solver, problem, limits, seed)))
        with errors.open("wb") as file:
            command = [sys.executable, str(Path(__file__).resolve()), str(job), str(answer)]
            child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=file, start_new_session=True)
        peak, ended = watch(child, limits)
        if answer.exists():
            row: Row = json.loads(answer.read_text())
            return row | {"peak_mb": max(peak, row["peak_mb"])}
        said = (errors.read_text(errors="replace").strip().splitlines() or [f"exit code {child.returncode}"])[-1]
    if solver == peers.OURS:
        raise RuntimeError(ended or said)
    return nothing | {"peak_mb": peak, "refused": ended or said}


def watch(child: subprocess.Popen[bytes], limits: Limits) -> tuple[int, str]:
    """Wait for a process: its peak memory in megabytes, and why it was ended, if it was."""
    peak, deadline, ended = 0, time.monotonic() + limits.seconds + PATIENCE_S, ""
    try:
        while child.poll() is None and not ended:
            now = memory_mb(child.pid)
            peak = max(peak, now)
            if now > limits.memory_mb:
                ended = f"more memory than {limits.memory_mb:,} MB"
            elif time.monotonic() > deadline:
                ended = f"no answer {PATIENCE_S:g} s after the limit"
            time.sleep(0.05)
    finally:
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
    return peak, ended


def memory_mb(pid: int) -> int:
    """What a process and those it started hold in memory now; 0 where the system does not tell."""
    with contextlib.suppress(OSError, ValueError):
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return pages * resource.getpagesize() // 2**20 + sum(memory_mb(int(k)) for k in children)
    return 0


def peak_mb() -> int:
    """Largest memory of this process so far, in megabytes."""
    status = Path("/proc/self/status")
    if status.exists():
        # On Linux getrusage() counts what the parent held when it started this process.
        return next(int(line.split()[1]) for line in status.read_text().splitlines() if "VmHWM" in line) // 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (1024 * 1024 if sys.platform == "darwin" else 1024)


def forget_peak() -> None:
    """From now on the peak counts anew, where the system can do that: reading the problem took twice its size."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def measured(solver: str, problem: peers.Problem, limits: Limits, seed: int) -> Row:
    """One run in this process."""
    for module in peers.MODULES[solver]:
        importlib.import_module(module)
    forget_peak()
    row: Row = {"objective": None, "bound": None, "own_gap": None, "iterations": None}
    solution, stated = None, None
    started = time.perf_counter()
    try:
        if solver == peers.OURS:
            door: Any = nd.route if isinstance(problem, nd.RoutingProblem) else nd.locate
            result = door(problem, stop=nd.Stop(time_limit_s=limits.seconds), seed=seed, threads=limits.threads)
            solution, stated = result.solution, result.objective
            row |= {"bound": result.bound, "iterations": result.iterations, "status": result.status}
        else:
            solution, row["bound"] = answer_of(solver, problem, limits, seed)
    except NotImplementedError as refusal:
        row["refused"] = str(refusal)
    except Exception as error:  # of a peer, after hours perhaps: the others go on
        if solver == peers.OURS:
            raise
        row["refused"] = f"{type(error).__name__}: {error}"
    row["seconds"], row["peak_mb"] = round(time.perf_counter() - started, 3), peak_mb()
    if solution is not None:
        judge(problem, solution, stated, row)
    return row


def answer_of(peer: str, problem: peers.Problem, limits: Limits, seed: int) -> tuple[Any, float | None]:
    """A peer's answer as a solution of ours, None where it found none, and its bound."""
    if isinstance(problem, nd.RoutingProblem):
        routes = peers.ROUTING[peer](problem, limits.seconds, seed, limits.threads)
        driven = tuple(Route(tuple(visits), kind) for visits, kind in routes if visits)
        return nd.RoutingSolution(problem, driven) if driven else None, None
    found = peers.LOCATION[peer](problem, limits.seconds, seed, limits.threads)
    return location_peers.as_solution(problem, found), found.bound


def judge(problem: peers.Problem, solution: Any, stated: float | None, row: Row) -> None:
    """The same check for everybody, and the gap between its objective and the bound."""
    try:
        check: Any = check_routing if isinstance(problem, nd.RoutingProblem) else check_location
        row["objective"] = check(problem, solution)
    except CheckError as error:
        row["wrong"] = str(error)
        return
    if row["bound"] is not None:
        row["own_gap"] = abs(row["objective"] - row["bound"]) / max(abs(row["objective"]), 1e-300)
    if stated is not None and abs(stated - row["objective"]) > 1e-9 * abs(stated):
        row["wrong"] = f"stated {stated}, really {row['objective']}"


def main() -> None:
    """In the new process: read the job, write the row."""
    job, answer = map(Path, sys.argv[1:])
    row = measured(*pickle.loads(job.read_bytes()))
    unfinished = answer.with_suffix(".unfinished")
    unfinished.write_text(json.dumps(row))
    unfinished.rename(answer)


if __name__ == "__main__":
    # Whoever unpickles looks for the module by its name.
    sys.modules["worker"] = sys.modules["__main__"]
    main()
