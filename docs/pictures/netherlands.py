"""The picture of the README, from a real run: twelve depots for the Netherlands, and one depot's day.

    python docs/pictures/netherlands.py

Both runs are limited by iterations, so that the picture repeats; its captions say what the runs found.
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.patheffects
import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from PIL import Image

import geodata
import netdesign as nd

P, STOPS, CAPACITY = 12, 600, 130
DEPOT = "Utrecht"
LAND, INK, SOFT = "#f3efe6", "#2b2f33", "#8b8f94"
HALO = [mpl.patheffects.withStroke(linewidth=2.4, foreground="white", alpha=0.85)]
PALETTE = ["#4477aa", "#ee6677", "#228833", "#b8860b", "#66ccee", "#aa3377", "#d2691e", "#117733", "#332288", "#88a050"]


def main() -> None:
    """Solve, draw, save."""
    places = geodata.places_frame("NL")
    sites = places[places["population"] >= 50_000].reset_index(drop=True)
    network = locate_depots(places, sites)
    home = int(np.flatnonzero(sites["name"] == DEPOT)[0])
    served = places[network.best().assignment == home]
    day = route_day(served, sites.loc[home, ["lon", "lat"]].to_numpy(float))
    mpl.rcParams.update({"font.family": "DejaVu Sans", "text.color": INK})
    figure, (left, right) = plt.subplots(1, 2, figsize=(12, 6.6), width_ratios=[1, 1.12])
    draw_network(left, network, places, sites)
    draw_day(right, day, served)
    credit = "Places: GeoNames, CC BY 4.0. Outline: Natural Earth. Stops are synthetic."
    figure.text(0.99, 0.012, credit, color=SOFT, size=7.5, ha="right")
    figure.subplots_adjust(left=0.01, right=0.99, top=0.9, bottom=0.04, wspace=0.02)
    drawn = BytesIO()
    figure.savefig(drawn, dpi=120, facecolor="white")
    # A palette of 256 colours makes a quarter of the file.
    picture = Image.open(drawn).convert("RGB").quantize(256, dither=Image.Dither.NONE)
    picture.save(Path(__file__).with_suffix(".png"), optimize=True)


def locate_depots(places: pd.DataFrame, sites: pd.DataFrame) -> nd.Result[Any]:
    """The p-median of all places, weighted by their inhabitants."""
    customers = places.assign(weight=places["population"])
    problem = nd.LocationProblem.from_frames(customers, sites, model="p-median", p=P, factor=1.3)
    return nd.locate(problem, stop=nd.Stop(max_iterations=20_000), seed=1)


def route_day(served: pd.DataFrame, depot: np.ndarray) -> nd.Result[Any]:
    """Stops around the places that the depot serves, routed."""
    stops = geodata.densified(served[["lon", "lat"]], served["population"], STOPS, seed=3).lonlat
    demand = np.r_[0, np.random.default_rng(4).integers(1, 8, STOPS)]
    travel = nd.SphereTravel(np.vstack([depot, stops]), circuity=1.3, speed_kmh=40.0)
    problem = nd.RoutingProblem(travel=travel, vehicle_types=(nd.VehicleType(capacity=(CAPACITY,)),), demand=demand)
    return nd.route(problem, stop=nd.Stop(max_iterations=300_000), seed=1)


def draw_network(ax: Axes, result: nd.Result[Any], places: pd.DataFrame, sites: pd.DataFrame) -> None:
    """Outline, lines from every place to its depot, depots with their names."""
    solution = result.best()
    problem = solution.problem
    customers, at = problem.customer_lonlat, problem.site_lonlat
    geodata.country_outline("NL").plot(ax=ax, color=LAND, edgecolor="#c9c2b2", linewidth=0.6, zorder=0)
    colour = {int(j): PALETTE[k % len(PALETTE)] for k, j in enumerate(solution.open)}
    colours = [colour[int(j)] for j in solution.assignment]
    lines = np.stack([customers, at[solution.assignment]], axis=1)
    ax.add_collection(LineCollection(list(lines), colors=colours, linewidths=0.7, alpha=0.55, zorder=1))
    size = 2 + places["population"].to_numpy() / 9_000
    ax.scatter(*customers.T, s=size, c=colours, linewidths=0.3, edgecolors="white", zorder=2)
    for j in solution.open:
        ax.scatter(*at[j], s=62, marker="s", color=colour[int(j)], edgecolors="white", linewidths=1.3, zorder=4)
        name = str(sites["name"][j])
        label(ax, at[j], name, (-24, -15) if name == "Bergen op Zoom" else (7, 4))
    share = problem.weights.sum()
    caption(
        ax,
        f"{len(solution.open)} of {problem.n_sites} depots for {problem.n_customers} places",
        f"mean distance by road {result.objective / share / 1000:.1f} km (great circle × 1.3), "
        + ("proven optimal" if result.status == "optimal" else f"gap {result.gap:.2%}"),
    )
    outline = geodata.country_outline("NL").total_bounds.reshape(2, 2)
    frame(ax, outline, 0.01)


def draw_day(ax: Axes, result: nd.Result[Any], served: pd.DataFrame) -> None:
    """One colour per route, legs from and to the depot thin, names of the larger towns."""
    solution = result.best()
    points = solution.problem.travel.lonlat
    geodata.country_outline("NL").plot(ax=ax, color=LAND, zorder=0)
    for k, route in enumerate(solution.routes):
        inner = points[list(route.visits)]
        colour = PALETTE[k % len(PALETTE)]
        ax.plot(*inner.T, color=colour, lw=1.2, solid_joinstyle="round", zorder=2)
        ax.scatter(*inner.T, s=5, color=colour, linewidths=0, zorder=3)
        for end in (inner[0], inner[-1]):
            ax.plot(*np.array([points[0], end]).T, color=colour, lw=0.6, alpha=0.45, zorder=1)
    ax.scatter(*points[0], s=70, marker="s", color=INK, edgecolors="white", linewidths=1.3, zorder=5)
    label(ax, points[0], DEPOT, (9, 5))
    low = points.min(axis=0)
    for town in served[(served["population"] >= 35_000) & (served["name"] != DEPOT)].itertuples():
        at = (town.lon, town.lat)
        ax.annotate(town.name, at, size=7.5, color="#6b6f74", ha="center", path_effects=HALO, zorder=4)
    east, north = low[0] + 10 / 111.2 / np.cos(np.radians(low[1])), low[1]
    ax.plot([low[0], east], [north, north], color=INK, lw=1.5, solid_capstyle="butt")
    ax.annotate("10 km", ((low[0] + east) / 2, north), (0, 4), textcoords="offset points", size=8, ha="center")
    caption(
        ax,
        f"One day from {DEPOT}: {solution.problem.n_customers} stops on {len(solution.routes)} routes",
        f"{solution.distance / 1000:,.0f} km, vans of {CAPACITY} parcels",
    )
    frame(ax, points, 0.02)


def label(ax: Axes, at: np.ndarray, name: str, offset: tuple[int, int]) -> None:
    """A name beside a depot, readable on lines."""
    ax.annotate(name, at, offset, textcoords="offset points", size=8.5, weight="bold", path_effects=HALO, zorder=6)


def caption(ax: Axes, head: str, line: str) -> None:
    """What the panel shows and what the run found."""
    ax.text(0.02, 1.045, head, transform=ax.transAxes, size=13, weight="bold", va="bottom")
    ax.text(0.02, 1.012, line, transform=ax.transAxes, size=9.5, color=SOFT, va="bottom")


def frame(ax: Axes, points: np.ndarray, margin: float) -> None:
    """Limits around the points, true proportions, no axes."""
    low, high = points.min(axis=0), points.max(axis=0)
    pad = margin * (high - low)
    ax.set_xlim(low[0] - pad[0], high[0] + pad[0])
    ax.set_ylim(low[1] - pad[1], high[1] + pad[1])
    ax.set_aspect(1 / np.cos(np.radians(points[:, 1].mean())))
    ax.set_axis_off()


if __name__ == "__main__":
    main()
