"""Quality of solutions: benchmark families or samples, our solver and its peers side by side, every answer checked.

    python benchmarks/quality/run.py --samples --time 5 --seeds 1 2 --peers pyvrp ortools highs
    NETDESIGN_INSTANCES=/path/to/instances python benchmarks/quality/run.py X solomon --time 60 --limit 5

One JSON object per run goes to benchmarks/results/NAME.jsonl, the table to NAME.md and NAME.csv. Started again
with the same arguments it goes on where it ended; other code is run anew, and the table shows the latest of every row.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import families
import numpy as np
import peers
import table
from origin import OURS, RESULTS, machine, say, version_of

import netdesign as nd
from netdesign.errors import CheckError, InputError
from netdesign.location import check as check_location
from netdesign.routing import Route
from netdesign.routing import check as check_routing

KEY = ("family", "instance", "solver", "seed", "limit_s", "threads", "version")


def main() -> int:
    """Run what the arguments say; 1 where an answer was wrong."""
    options = parse_arguments()
    cases = list(selected(options))
    out = options.output or RESULTS / (("samples" if options.samples else "-".join(options.families)) + ".jsonl")
    out.parent.mkdir(parents=True, exist_ok=True)
    rows = [json.loads(line) for line in out.read_text().splitlines()] if out.exists() else []
    done = {tuple(row[k] for k in KEY) for row in rows}
    solvers = [OURS, *available(options.peers)]
    about = {"machine": machine(), "cores": os.cpu_count(), "limit_s": options.time, "threads": options.threads}
    versions = {solver: version_of(solver) for solver in solvers}
    for number, case in enumerate(cases, start=1):
        problem = None
        for seed in options.seeds:
            for solver in solvers:
                row = {
                    "family": case.family,
                    "instance": case.name,
                    "solver": solver,
                    "seed": seed,
                    **about,
                    "version": versions[solver],
                }
                if tuple(row[k] for k in KEY) in done:
                    continue
                problem = problem or loaded(case)
                if not fits(solver, problem):
                    continue
                row |= {"n": problem.n_customers, "best_known": case.best_known, "load": round(os.getloadavg()[0], 1)}
                row |= measured(solver, problem, options.time, seed, options.threads)
                if case.best_known and row["objective"] is not None:
                    row["gap"] = row["objective"] / case.best_known - 1
                    if row.get("bound") is not None and row["bound"] > case.best_known * (1 + 1e-6):
                        row["wrong"] = f"bound {row['bound']} above best known {case.best_known}"
                with out.open("a") as file:
                    file.write(json.dumps(row) + "\n")
                rows.append(row)
                say(f"{number}/{len(cases)} " + table.one_line(row))
    latest = {tuple(row[k] for k in KEY[:-1]): row for row in rows}
    out.with_suffix(".md").write_text(table.markdown(list(latest.values())))
    out.with_suffix(".csv").write_text(table.csv_text(list(latest.values())))
    say("\n".join(str(out.with_suffix(suffix)) for suffix in (".jsonl", ".md", ".csv")))
    return int(any(row.get("wrong") for row in latest.values()))


def parse_arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "families", nargs="*", help="entries of families.toml; their folders lie under $NETDESIGN_INSTANCES"
    )
    parser.add_argument("--samples", action="store_true", help="instances generated on real geography instead")
    parser.add_argument("--time", type=float, default=10.0, help="seconds per run")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument(
        "--peers",
        nargs="*",
        default=[],
        choices=[*peers.ROUTING, *peers.LOCATION],
        metavar="PEER",
        help=", ".join([*peers.ROUTING, *peers.LOCATION]),
    )
    parser.add_argument("--limit", type=int, help="so many instances, spread evenly over each family")
    parser.add_argument("--only", nargs="+", metavar="INSTANCE")
    parser.add_argument("-o", "--output", type=Path, metavar="FILE.jsonl")
    options = parser.parse_args()
    if options.samples == bool(options.families):
        parser.error("name families, or --samples")
    return options


def selected(options: argparse.Namespace) -> Iterator[families.Case]:
    """The cases that the arguments ask for."""
    if options.samples:
        groups = [families.samples()]
    else:
        root = os.environ.get("NETDESIGN_INSTANCES")
        if not root:
            raise SystemExit("NETDESIGN_INSTANCES is not set; expected the folder that holds the benchmark families")
        groups = [families.read_family(Path(root), family) for family in options.families]
    for cases in groups:
        chosen = [case for case in cases if not options.only or case.name in options.only]
        count = min(options.limit or len(chosen), len(chosen))
        yield from (chosen[k * len(chosen) // count] for k in range(count))


def available(wanted: list[str]) -> list[str]:
    """The peers that are installed; a line about each that is not."""
    found = []
    for peer in wanted:
        try:
            version(peers.PACKAGES[peer])
            found.append(peer)
        except PackageNotFoundError:
            package = peers.PACKAGES[peer]
            say(f"{peer} is left out: its package {package!r} is not installed (pip install 'netdesign[peers]')")
    return found


def loaded(case: families.Case) -> families.Problem:
    """The case's problem; ends the program where our reader refuses it."""
    try:
        return case.load()
    except InputError as error:
        raise SystemExit(f"{case.family}/{case.name}: {error}") from error


def fits(solver: str, problem: families.Problem) -> bool:
    """Whether the solver is one for this kind of problem."""
    return solver == OURS or solver in (peers.ROUTING if isinstance(problem, nd.RoutingProblem) else peers.LOCATION)


def measured(solver: str, problem: families.Problem, seconds: float, seed: int, threads: int) -> dict[str, Any]:
    """One run: the checked objective, the bound and the wall time of the whole call, model building included."""
    started = time.perf_counter()
    row: dict[str, Any] = {"objective": None, "bound": None, "own_gap": None, "iterations": None}
    solution, stated = None, None
    try:
        if solver == OURS:
            door: Any = nd.route if isinstance(problem, nd.RoutingProblem) else nd.locate
            result = door(problem, stop=nd.Stop(time_limit_s=seconds), seed=seed, threads=threads)
            solution, stated = result.solution, result.objective
            row |= {
                "bound": result.bound,
                "own_gap": result.gap,
                "iterations": result.iterations,
                "status": result.status,
            }
        else:
            solution = answer_of(solver, problem, seconds, seed, threads)
    except NotImplementedError as refusal:
        row["refused"] = str(refusal)
    except Exception as error:  # of a peer, after hours perhaps: the others go on
        if solver == OURS:
            raise
        row["refused"] = f"{type(error).__name__}: {error}"
    row["seconds"] = round(time.perf_counter() - started, 3)
    if solution is not None:
        judge(problem, solution, stated, row)
    return row


def answer_of(peer: str, problem: families.Problem, seconds: float, seed: int, threads: int) -> Any:
    """A peer's answer as a solution of ours; None where it found none."""
    if isinstance(problem, nd.RoutingProblem):
        routes = peers.ROUTING[peer](problem, seconds, seed, threads)
        driven = tuple(Route(tuple(visits), kind) for visits, kind in routes if visits)
        return nd.RoutingSolution(problem, driven) if driven else None
    opened, at = peers.LOCATION[peer](problem, seconds, seed, threads)
    return nd.LocationSolution(problem, np.array(opened, np.int32), np.array(at, np.int32)) if opened else None


def judge(problem: families.Problem, solution: Any, stated: float | None, row: dict[str, Any]) -> None:
    """The same check for everybody."""
    try:
        check: Any = check_routing if isinstance(problem, nd.RoutingProblem) else check_location
        row["objective"] = check(problem, solution)
    except CheckError as error:
        row["wrong"] = str(error)
        return
    if stated is not None and abs(stated - row["objective"]) > 1e-9 * abs(stated):
        row["wrong"] = f"stated {stated}, really {row['objective']}"


if __name__ == "__main__":
    sys.exit(main())
