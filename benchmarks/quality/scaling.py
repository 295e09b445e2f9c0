"""How the routing search scales: from a file to a checked plan, for growing numbers of customers and threads.

    python benchmarks/quality/scaling.py --sizes 1000 10000 --time 5
    python benchmarks/quality/scaling.py --time 60 --threads 1 2            10^3 to 10^6 customers
    python benchmarks/quality/scaling.py --sizes 100000 --time 60 600 1800 --threads 2

Customers lie in clusters of different size and density (clustered), or around the places of Italy in proportion to
their inhabitants (italy). Where a problem was run for several times, each run is compared with the best of them. Every
run is a process of its own, whose peak memory is that of reading, searching and checking. Rows go to
benchmarks/results/scaling.jsonl, the table to scaling.md and scaling.csv.
"""

from __future__ import annotations

import argparse
import csv
import itertools
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from listing import Row, listing
from numpy.typing import NDArray
from origin import RESULTS, machine, say, version_of
from worker import peak_mb

import geodata

SIZES = (1_000, 10_000, 100_000, 1_000_000)
GEOGRAPHIES = ("clustered", "italy")
CAPACITY = 150
COLUMNS = {
    "geography": ("geography", ""),
    "customers": ("customers", ","),
    "limit_s": ("limit (s)", "g"),
    "threads": ("threads", ""),
    "seed": ("seed", ""),
    "read_s": ("read (s)", ".1f"),
    "set_up_s": ("set-up (s)", ".1f"),
    "iterations_per_s": ("iterations/s", ","),
    "iterations": ("iterations", ","),
    "search_s": ("search (s)", ".1f"),
    "whole_s": ("file to plan (s)", ".1f"),
    "peak_mb": ("peak (MB)", ","),
    "routes": ("routes", ","),
    "objective": ("objective", ",.0f"),
    "above_best": ("above best run (%)", ".2f"),
    "gap": ("own gap (%)", ".1f"),
}
"""Of the table: title and format."""


def main() -> int:
    """Run what the arguments say; 1 where a run failed."""
    options = parse_arguments()
    if options.file:
        sys.stdout.write(
            json.dumps(measured(options.file, options.time[0], options.threads[0], options.seeds[0])) + "\n"
        )
        return 0
    about = {"machine": machine(), "cores": os.cpu_count(), "version": version_of("netdesign")}
    runs = list(itertools.product(options.time, options.threads, options.seeds))
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="netdesign-scaling-") as folder:
        for geography, n in itertools.product(options.geographies, options.sizes):
            file = Path(folder) / f"{geography}-{n}.vrp"
            write_instance(file, geography, n)
            for limit, threads, seed in runs:
                load = round(os.getloadavg()[0], 1)
                found = in_a_process(file, limit, threads, seed)
                run = {"geography": geography, "customers": n, "limit_s": limit, "threads": threads, "seed": seed}
                rows.append({**run, **about, "load": load, **found})
                say(one_line(rows[-1]))
            compare(rows[-len(runs) :])
            file.unlink()
    write(rows, options.output)
    return int(any("failed" in row for row in rows))


def parse_arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, metavar="N", help="numbers of customers")
    parser.add_argument("--geographies", nargs="+", default=["clustered"], choices=GEOGRAPHIES)
    parser.add_argument("--time", type=float, nargs="+", default=[60.0], help="seconds per run, reading excluded")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("-o", "--output", type=Path, default=RESULTS / "scaling.jsonl", metavar="FILE.jsonl")
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)  # one run, in this process
    return parser.parse_args()


def customers_in(geography: str, n: int) -> NDArray[np.float64]:
    """Longitude and latitude of n customers."""
    if geography == "italy":
        return geodata.addresses("IT", n, seed=1).lonlat
    return geodata.clustered(n, (3.0, 50.0, 7.0, 54.0), clusters=max(5, n // 1000), seed=1, contrast=0.5).lonlat


def write_instance(path: Path, geography: str, n: int) -> None:
    """A VRPLIB file: one depot in the midst of n customers, whole metres, about 27 stops per route."""
    points = customers_in(geography, n)
    lonlat = np.vstack([geodata.depots(points, 1, seed=2), points])
    # A plane is as good as the sphere for a study of speed.
    metres_per_degree = 111_200.0 * np.array([math.cos(math.radians(points[:, 1].mean())), 1.0])
    xy = np.rint((lonlat - lonlat.min(axis=0)) * metres_per_degree).astype(np.int64)
    node = np.arange(1, n + 2)
    demand = np.r_[0, geodata.demands(n, seed=3, least=1, most=10)]
    with path.open("w") as file:
        file.write(f"NAME : {path.stem}\nTYPE : CVRP\nDIMENSION : {n + 1}\nEDGE_WEIGHT_TYPE : EUC_2D\n")
        file.write(f"CAPACITY : {CAPACITY}\nNODE_COORD_SECTION\n")
        np.savetxt(file, np.column_stack([node, xy]), fmt="%d")
        file.write("DEMAND_SECTION\n")
        np.savetxt(file, np.column_stack([node, demand]), fmt="%d")
        file.write("DEPOT_SECTION\n1\n-1\nEOF\n")


def in_a_process(file: Path, seconds: float, threads: int, seed: int) -> Row:
    """One run in a new process, so that its peak memory is its own."""
    command = [sys.executable, str(Path(__file__).resolve()), "--file", str(file)]
    command += ["--time", str(seconds), "--threads", str(threads), "--seeds", str(seed)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        return {"failed": (done.stderr.strip().splitlines() or ["no message"])[-1]}
    return dict(json.loads(done.stdout.splitlines()[-1]))


def measured(file: Path, seconds: float, threads: int, seed: int) -> Row:
    """Read, route and write a plan; the check is inside `route`. Times by the wall clock."""
    import netdesign as nd
    from netdesign.io import read_routing

    started = time.perf_counter()
    source = read_routing(file)
    read = time.perf_counter()
    result = nd.route(source.problem, stop=nd.Stop(time_limit_s=seconds), seed=seed, threads=threads)
    plan = result.best()
    file.with_suffix(".sol").write_text(source.solution_text(plan, result.objective))
    ended = time.perf_counter()
    # The trace begins with the first plan, so that set-up does not count as search, nor does the check at the end.
    set_up = result.trace[0].seconds
    search = min(result.seconds, seconds) - set_up
    return {
        "read_s": round(read - started, 2),
        "set_up_s": round(set_up, 2),
        "search_s": round(search, 2),
        "iterations": result.iterations,
        "iterations_per_s": round(result.iterations / search) if search > 0 else None,
        "whole_s": round(ended - started, 2),
        "peak_mb": peak_mb(),
        "routes": len(plan.routes),
        "objective": result.objective,
        "gap": round(100 * result.gap, 2),
    }


def compare(rows: list[Row]) -> None:
    """Of one problem: how far each run is above the best of all, where there are several."""
    objectives = [row["objective"] for row in rows if "failed" not in row]
    for row in rows:
        if "failed" not in row and len(objectives) > 1:
            row["above_best"] = round(100 * (row["objective"] / min(objectives) - 1), 3)


def one_line(row: Row) -> str:
    """Progress: what one run found."""
    run = f"{row['limit_s']:g} s, {row['threads']} thread(s), seed {row['seed']}"
    said = f"{row['geography']} {row['customers']:>9,} customers, {run}"
    if "failed" in row:
        return f"{said}  FAILED: {row['failed']}"
    return f"{said}  {row['iterations_per_s']} iterations/s, {row['whole_s']} s in all, {row['peak_mb']:,} MB"


def write(rows: list[Row], output: Path) -> None:
    """The rows as JSON lines, the table as Markdown and CSV beside them."""
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text("".join(json.dumps(row) + "\n" for row in rows))
    output.with_suffix(".md").write_text(markdown(rows))
    with output.with_suffix(".csv").open("w", newline="") as file:
        names = list(dict.fromkeys(name for row in rows for name in row))
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows(rows)


def markdown(rows: list[Row]) -> str:
    """The table."""
    about = (
        "Iterations per second are those of all threads together, from the first plan to the limit; file to plan is "
        "reading, set-up, search, check and writing the .sol."
    )
    return listing("Scaling", rows, COLUMNS, about, failed_in="objective")


if __name__ == "__main__":
    sys.exit(main())
