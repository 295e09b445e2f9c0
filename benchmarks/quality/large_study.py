"""A large study: 5,000 demand points in each of three segments, 300 sites, two technologies, every network within 1 %.

    python benchmarks/quality/large_study.py --workers 2
    python benchmarks/quality/large_study.py --customers 500 --sites 30          small, to try
    python benchmarks/quality/large_study.py --networks                          a network of each kind, in this process

Towns follow Zipf's law, sites are the largest of them, everything is drawn from one seed. The run is that of
``netdesign run``: every offer, every stream, audit, break-even map, routed days and report. Time, processor time and
memory of all processes, and the gap of every network that was designed, go to benchmarks/results/large_study.jsonl.
With ``--networks`` one offer of every segment is designed, and then what two and three of them would share.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import peers
from origin import RESULTS, machine, say, version_of

from netdesign.stop import Stop
from netdesign.study import Study
from netdesign.study.cost import order_costs
from netdesign.study.design import Design, design_segment
from netdesign.study.menus import offered
from netdesign.study.network import Member, Network
from netdesign.study.network_search import design_network
from netdesign.study.store import Store

SEED = 20_260_101
SEGMENTS = {"clinics": (0.02, 0.4), "shops": (0.03, 0.3), "spares": (0.005, 0.8)}
"""Buyers per inhabitant, and kg of an order."""

TEXTS = {
    "study.toml": """name = "Large"
currency = "EUR"
working_days_per_year = 250
[tables]
vehicles = "vehicles.csv"
variants = "variants.csv"
technologies = "technologies.csv"
service_tiers = "service_tiers.csv"
modes = "modes.csv"
overheads = "overheads.csv"
[location]
gap = 0.01
time_limit_s = 60
[routing]
iterations = 2000
""",
    "segments.csv": """segment,vehicle_type,price_weight,quality_weight,delay_weight,delay_to_h,holding_cost
clinics,van,0.02,0.3,0.03,72,20
shops,van,0.06,0.3,0.01,96,6
spares,van,0.015,0.2,0.02,96,25
""",
    "vehicles.csv": "vehicle_type,kg,m3,stops,cost_per_day,cost_per_km,cost_per_h\nvan,900,9,90,48,0.24,26\n",
    "technologies.csv": """technology,kind,capex,rate,changeover_h,changeover_cost,build_h,units_per_build,material
milling,conventional,640000,46,1.5,110,0.12,1,22
printing,additive,260000,13,0,0,5.0,8,60
""",
    "service_tiers.csv": """tier,segment,promise_h,fee,made_to,prepare_h,mode
same day,clinics,12,12,order,1.0,
two days,shops,48,0,stock,2.0,parcel
next day,spares,28,9,stock,2.0,parcel
""",
    "modes.csv": "mode,cost_per_order,cost_per_kg,cost_per_km,fixed_h,speed_kmh\nparcel,4.1,0.3,0.02,10,60\n",
    "overheads.csv": """activity,segment,driver,cost,account,stage
range,clinics,variant,12000,labor,make
range,shops,variant,16000,labor,make
range,spares,variant,6000,labor,make
""",
}


def main() -> int:
    """Write the study, run it, and write down what that took."""
    wanted = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    wanted.add_argument("--customers", type=int, default=5000, help="per segment")
    wanted.add_argument("--sites", type=int, default=300)
    wanted.add_argument("--variants", type=int, default=3, help="per segment")
    wanted.add_argument("--workers", type=int, default=2)
    wanted.add_argument("--write", type=Path, metavar="DIR", help="only write the study")
    wanted.add_argument("--networks", action="store_true", help="not the run: each kind of network once")
    arguments = wanted.parse_args()
    if arguments.write is not None:
        write_study(arguments.write, arguments.customers, arguments.sites, arguments.variants)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        study = Path(folder) / "study"
        write_study(study, arguments.customers, arguments.sites, arguments.variants)
        found = networks_alone(study) if arguments.networks else measured(study, arguments.workers)
        row = vars(arguments) | found
    row.pop("write")
    row |= {"machine": machine(), "version": version_of(peers.OURS), "seed": SEED}
    with (RESULTS / "large_study.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(row) + "\n")
    say(json.dumps(row, indent=2))
    return 0


def write_study(folder: Path, customers: int, sites: int, variants: int) -> None:
    """The study's files, by one seed."""
    rng = np.random.default_rng(SEED)
    folder.mkdir(parents=True)
    for name, text in TEXTS.items():
        (folder / name).write_text(text, "utf-8")
    people = 2_000_000 / np.arange(1, customers + 1) ** 0.9
    # Towns crowd around the larger ones.
    centre = rng.uniform((3, 46), (15, 54), (max(1, customers // 50), 2))
    near = rng.integers(len(centre), size=customers)
    lon, lat = (centre[near] + rng.normal(0, 0.5, (customers, 2))).round(4).T
    places = pd.DataFrame({"lon": lon, "lat": lat})
    demand = [
        places.assign(
            customer=[f"{segment} {k}" for k in range(customers)],
            segment=segment,
            buyers=(people * buyers).round(1),
            drop_kg=kg,
            drop_m3=kg / 100,
            service_minutes=6,
        )
        for segment, (buyers, kg) in SEGMENTS.items()
    ]
    pd.concat(demand).to_csv(folder / "customers.csv", index=False)
    size = np.log2(people[:sites] / 50_000).clip(0)
    costs = {"fixed_open": 40_000, "fixed_year": 42_000, "rent": (20_000 * (1 + 0.2 * size)).round(-2)}
    named = {"site": [f"town {k}" for k in range(sites)], "status": "candidate", "wage": (25 + 0.7 * size).round(1)}
    places[:sites].assign(**named, **costs, handling=0.9).to_csv(folder / "sites.csv", index=False)
    rank = np.arange(1, variants + 1)
    offered = {"clinics": (240, 40), "shops": (62, 6), "spares": (175, 12)}
    ranges = [
        pd.DataFrame({"variant": [f"{segment} {k}" for k in rank], "segment": segment, "price": price}).assign(
            popularity=(rank**-0.7).round(4), quality=6, process_minutes=minutes, unit_kg=0.3
        )
        for segment, (price, minutes) in offered.items()
    ]
    pd.concat(ranges).to_csv(folder / "variants.csv", index=False)


def measured(folder: Path, workers: int) -> dict[str, Any]:
    """Wall and processor time, the most memory of all processes together, and the gaps of all networks."""
    most, over = [0.0], threading.Event()
    watch = threading.Thread(target=_watch, args=(most, over))
    watch.start()
    began = time.perf_counter()
    study = Study.read(folder)
    steps: dict[str, float] = {}
    run = study.run(workers=workers, progress=lambda p: steps.update({p.stage: round(p.seconds, 1)}))
    seconds = time.perf_counter() - began
    over.set()
    watch.join()
    spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    gaps = networks_of(run.out)
    return {
        "seconds": round(seconds, 1),
        "cpu_s": round(sum(use.ru_utime + use.ru_stime for use in spent), 1),
        "peak_mb": round(most[0]),
        "steps": steps,
        "networks": len(gaps),
        "largest_gap": max(gaps),
        "mean_gap": sum(gaps) / len(gaps),
        "status": run.summary["status"],
        "termination": run.summary["termination"],
        "objective": run.summary["objective"],
        "segments": {
            s["segment"]: {"gap": s.get("gap"), "nodes": len(s.get("nodes", ())), "technologies": s.get("technologies")}
            for s in run.summary["segments"]
        },
    }


def networks_alone(folder: Path) -> dict[str, Any]:
    """Processor time, memory and gap of one network of each kind: a segment's, and shared ones."""
    study = Study.read(folder)
    stop = Stop(gap=study.config.location.gap)
    members, rows = list[Member](), list[dict[str, Any]]()

    def row(names: list[str], began: float, found: Design | Network, nodes: int) -> None:
        used = resource.getrusage(resource.RUSAGE_SELF)
        figures = {"cpu_s": round(time.process_time() - began, 1), "peak_mb": round(used.ru_maxrss / 1024)}
        rows.append({"segments": names, "gap": found.gap, "nodes": nodes, "status": found.status} | figures)

    for case in study.cases():
        began = time.process_time()
        offer = offered(case, case.tiers[:1], case.most_variants)
        costs = order_costs(offer)
        design = design_segment(offer, costs, stop)
        row([case.name], began, design, len(design.open))
        members.append(Member(offer, costs, decline=True).bare)
    for size in range(2, len(members) + 1):
        began, together = time.process_time(), members[:size]
        network = design_network(together, stop, seed=1)
        row([m.case.name for m in together], began, network, len(network.nodes))
    return {"alone": rows}


def networks_of(out: Path) -> list[float]:
    """The gap of every network that was designed and kept: of offers, streams, shocks, scenarios and frontiers."""
    store = Store(out / ".done")
    kept = [store.load(path.name) for path in sorted(store.folder.iterdir())]
    found = [result for piece in kept for result in (piece if isinstance(piece, tuple) else [piece])]
    return [result.gap for result in found if isinstance(result, (Design, Network)) and result.gap is not None]


def _watch(most: list[float], over: threading.Event) -> None:
    """Resident memory of this process and its children, added up, twice a second (Linux)."""
    me = Path("/proc/self")
    while not over.wait(0.5):
        children = [Path("/proc") / pid for task in (me / "task").iterdir() for pid in _children(task)]
        most[0] = max(most[0], sum(map(_resident_mb, (me, *children))))


def _children(task: Path) -> list[str]:
    try:
        return (task / "children").read_text().split()
    except OSError:
        return []


def _resident_mb(process: Path) -> float:
    try:
        return int((process / "statm").read_text().split()[1]) * resource.getpagesize() / 2**20
    except OSError:
        return 0.0


if __name__ == "__main__":
    sys.exit(main())
