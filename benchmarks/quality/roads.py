"""What roads cost: reading extracts, matrices by two engines, near sites of many customers.

    NETDESIGN_INSTANCES=FOLDER python benchmarks/quality/roads.py          FOLDER/osm/*.osm.pbf and a generated network
    python benchmarks/quality/roads.py --nodes 5000 --points 200 --customers 10000      a generated network only

Every network is measured in a process of its own, with its peak memory. Points are addresses beside the roads, seeded.
Engines are compared pair by pair; straight lines by how many points they give another nearest of 20 sites.
Rows go to benchmarks/results/roads.jsonl, the table to roads.md.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from listing import Row, listing
from origin import RESULTS, machine, say, version_of
from worker import peak_mb

import geodata

SITES, NEAREST = 500, 20
COLUMNS = {
    "network": ("network", ""),
    "file_mb": ("file (MB)", ".1f"),
    "build_s": ("read and build (s)", ".2f"),
    "nodes": ("nodes", ","),
    "edges": ("edges", ","),
    "km": ("km of road", ",.0f"),
    "largest": ("in largest component (%)", ".1f"),
    "points": ("points", ","),
    "dijkstra_s": ("matrix, Dijkstra (s)", ".2f"),
    "prepared_s": ("contraction (s)", ".2f"),
    "contraction_s": ("matrix, contraction (s)", ".2f"),
    "reweighted_s": ("other times, matrix (s)", ".2f"),
    "differ_s": ("largest difference (s)", ".3f"),
    "straight_differ": ("other nearest site by straight line (%)", ".1f"),
    "customers": ("customers", ","),
    "near_s": (f"{NEAREST} nearest of {SITES} sites (s)", ".1f"),
    "peak_mb": ("peak (MB)", ","),
}
"""Of the table: title and format."""


def main() -> int:
    """Measure every network; 1 where one failed."""
    options = parse_arguments()
    if options.network:
        row = measured(options.network, options.nodes, options.points, options.customers, options.threads)
        sys.stdout.write(json.dumps(row) + "\n")
        return 0
    about = {"machine": machine(), "cores": os.cpu_count(), "version": version_of("netdesign")}
    about |= {"threads": options.threads}
    folder = os.environ.get("NETDESIGN_INSTANCES")
    extracts = sorted(Path(folder).glob("osm/*.osm.pbf")) if folder else []
    rows = []
    for network in [*map(str, extracts), "generated"]:
        load = round(os.getloadavg()[0], 1)
        rows.append({**about, "load": load, **in_a_process(network, options)})
        say(json.dumps(rows[-1]))
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text("".join(json.dumps(row) + "\n" for row in rows))
    options.output.with_suffix(".md").write_text(markdown(rows))
    return int(any("failed" in row for row in rows))


def parse_arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nodes", type=int, default=51_000, help="of the generated network")
    parser.add_argument("--points", type=int, default=1000, help="of the matrices")
    parser.add_argument("--customers", type=int, default=200_000, help="whose nearest sites are found")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("-o", "--output", type=Path, default=RESULTS / "roads.jsonl", metavar="FILE.jsonl")
    parser.add_argument("--network", help=argparse.SUPPRESS)  # one network, in this process
    return parser.parse_args()


def in_a_process(network: str, options: argparse.Namespace) -> Row:
    """One network in a new process, so that its peak memory is its own."""
    command = [sys.executable, str(Path(__file__).resolve()), "--network", network]
    for word in ("nodes", "points", "customers", "threads"):
        command += [f"--{word}", str(getattr(options, word))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    name = Path(network).name.removesuffix(".osm.pbf")
    if done.returncode:
        return {"network": name, "failed": (done.stderr.strip().splitlines() or ["no message"])[-1]}
    return {"network": name, **json.loads(done.stdout.splitlines()[-1])}


def measured(network: str, nodes: int, points: int, customers: int, threads: int) -> Row:
    """Seconds by the wall clock; what is imported on first use is imported before."""
    geodata.RoadEngine(geodata.generated_roads(100, seed=1)).matrix([(5.0, 52.0)])
    row: Row = {"points": points, "customers": customers}
    clock = Clock(row)
    if network == "generated":
        roads = geodata.generated_roads(nodes, seed=1)
    else:
        roads = geodata.read_roads(network, geodata.CAR)
        row["file_mb"] = Path(network).stat().st_size / 1e6
    clock.stop("build_s")
    once = (roads.twin < 0) | (np.arange(roads.n_edges) < roads.twin)
    row |= {"nodes": roads.n_nodes, "edges": roads.n_edges, "km": float(roads.length_m[once].sum() / 1000)}
    row["largest"] = 100 * float((roads.component == 0).mean())
    compare_engines(roads, geodata.along_roads(roads, points, seed=1).lonlat, threads, clock)
    many, sites = (geodata.along_roads(roads, n, seed=seed).lonlat for n, seed in ((customers, 2), (SITES, 3)))
    engine = geodata.RoadEngine(roads, threads=threads)
    clock.start()
    found = engine.nearest(many, sites, NEAREST)
    clock.stop("near_s")
    straight = geodata.nearest(many, sites[:20], 1).index[:, 0]
    driven = engine.nearest(many, sites[:20], 1).index[:, 0]
    row["straight_differ"] = 100 * float((straight != driven).mean())
    row["missing"] = int((found.index < 0).sum())
    row["peak_mb"] = peak_mb()
    return row


def compare_engines(roads: geodata.RoadGraph, points: np.ndarray, threads: int, clock: Clock) -> None:
    """The same matrix twice; contraction where pyroutingkit is installed."""
    engine = geodata.RoadEngine(roads, threads=threads)
    engine.snap(points[:1])
    clock.start()
    by_dijkstra = engine.matrix(points)
    clock.stop("dijkstra_s")
    if find_spec("pyroutingkit") is None:
        return
    hierarchy = geodata.ContractionEngine(roads)
    hierarchy.snap(points[:1])
    clock.start()
    hierarchy.matrix(points[:1])
    clock.stop("prepared_s")
    by_contraction = hierarchy.matrix(points)
    clock.stop("contraction_s")
    hierarchy.reweighted(1.5 * roads.duration_s).matrix(points)
    clock.stop("reweighted_s")
    both = ~by_dijkstra.unreachable
    clock.row["differ_s"] = float(np.abs(by_dijkstra.duration_s - by_contraction.duration_s)[both].max())
    lengths = np.abs(by_dijkstra.distance_m - by_contraction.distance_m)[both]
    clock.row["same_length"] = 100 * float((lengths < 0.001 * by_dijkstra.distance_m[both] + 5).mean())


class Clock:
    """Seconds between two calls, by name."""

    def __init__(self, row: Row) -> None:
        self.row = row
        self.start()

    def start(self) -> None:
        """Begin again."""
        self.began = time.perf_counter()

    def stop(self, name: str) -> None:
        """Note the seconds and begin again."""
        self.row[name] = round(time.perf_counter() - self.began, 3)
        self.start()


def markdown(rows: list[Row]) -> str:
    """The table."""
    about = (
        f"{rows[0]['threads']} thread(s). Matrices have as many rows and columns as there are points; "
        "peak memory is that of the whole process."
    )
    return listing("Roads", rows, COLUMNS, about, failed_in="build_s")


if __name__ == "__main__":
    sys.exit(main())
