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
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import families
import peers
import table
import worker
from origin import RESULTS, machine, say, version_of

import netdesign as nd
from netdesign.errors import InputError
from netdesign.location.models import MAXIMIZED

KEY = ("family", "instance", "solver", "seed", "limit_s", "threads", "version")


def main() -> int:
    """Run what the arguments say; 1 where an answer was wrong."""
    options = parse_arguments()
    cases = list(selected(options))
    out = options.output or RESULTS / (("samples" if options.samples else "-".join(options.families)) + ".jsonl")
    out.parent.mkdir(parents=True, exist_ok=True)
    rows = [json.loads(line) for line in out.read_text().splitlines()] if out.exists() else []
    done = {tuple(row[k] for k in KEY) for row in rows}
    solvers = [peers.OURS, *options.peers]
    limits = worker.Limits(options.time, options.threads, options.memory)
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
                if not peers.fits(solver, problem):
                    continue
                row |= {"n": problem.n_customers, "best_known": case.best_known, "load": round(os.getloadavg()[0], 1)}
                row |= worker.run(solver, problem, limits, seed)
                compare(row, problem)
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
    parser.add_argument("--size", type=float, default=1.0, help="of the samples: 0.1 makes them ten times as small")
    parser.add_argument("--time", type=float, default=10.0, help="seconds per run")
    parser.add_argument("--memory", type=int, default=8000, metavar="MB", help="that a run may take; 8000 unless said")
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
        groups = [families.samples(options.size)]
    else:
        root = os.environ.get("NETDESIGN_INSTANCES")
        if not root:
            raise SystemExit("NETDESIGN_INSTANCES is not set; expected the folder that holds the benchmark families")
        groups = [families.read_family(Path(root), family) for family in options.families]
    for cases in groups:
        chosen = [case for case in cases if not options.only or case.name in options.only]
        count = min(options.limit or len(chosen), len(chosen))
        yield from (chosen[k * len(chosen) // count] for k in range(count))


def loaded(case: families.Case) -> peers.Problem:
    """The case's problem; ends the program where our reader refuses it."""
    try:
        return case.load()
    except InputError as error:
        raise SystemExit(f"{case.family}/{case.name}: {error}") from error


def compare(row: dict[str, Any], problem: peers.Problem) -> None:
    """Objective and bound beside the best known value."""
    best, bound = row["best_known"], row["bound"]
    row["sense"] = -1 if isinstance(problem, nd.LocationProblem) and problem.model in MAXIMIZED else 1
    if best and row["objective"] is not None:
        row["gap"] = row["sense"] * (row["objective"] / best - 1)
        if bound is not None and row["sense"] * (bound - best) > 1e-6 * best:
            row["wrong"] = f"bound {bound} beyond best known {best}"


if __name__ == "__main__":
    sys.exit(main())
