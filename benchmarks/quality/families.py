"""What is run: benchmark families from a folder, and samples made on real geography."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

import geodata
import netdesign as nd
from netdesign.io import orlib_cap, read_location, read_routing

Problem = nd.RoutingProblem | nd.LocationProblem


@dataclass(frozen=True)
class Case:
    """One instance: where it belongs, how to get it, and the best objective known, in the instance's own units."""

    family: str
    name: str
    load: Callable[[], Problem]
    best_known: float | None = None


def names(root: Path) -> list[str]:
    """Families whose folder exists under the root."""
    return [name for name, entry in _entries(root).items() if (root / entry["folder"]).is_dir()]


def read_family(root: Path, family: str) -> list[Case]:
    """The instances of one family that are listed in its bks.csv and lie beside it."""
    entry = _entries(root).get(family)
    if entry is None:
        raise SystemExit(f"unknown family {family!r}; known: {', '.join(names(root))}")
    folder, suffix = root / entry["folder"], entry.get("suffix", ".vrp")
    with (root / entry["values"] if "values" in entry else folder / "bks.csv").open(newline="") as file:
        best = {
            row["instance"]: float(row["value"])
            for row in csv.DictReader(file)
            if row.get("objective", "").startswith(entry.get("objective", ""))
            and row.get("family", "") == entry.get("values_of", row.get("family", ""))
        }
    cases = []
    for name, value in sorted(best.items()):
        path, number = folder / (name + suffix), None
        if not path.is_file():
            stem, _, last = name.rpartition("_")
            path, number = folder / (stem + suffix), last.removeprefix("p")
        if path.is_file() and (number is None or number.isdigit()):
            cases.append(Case(family, name, partial(_read, path, entry, number and int(number)), value))
    return cases


def samples(size: float = 1.0) -> list[Case]:
    """Instances made by a seed on real geography; the best objective is not known.

    `size` is a share of their size: of the addresses, or of the places, most populous first.
    """

    def of(n: int) -> int:
        return max(20, round(size * n))

    routing = {
        "utrecht-200": partial(_delivery_day, "Utrecht", of(200), timed=False),
        "utrecht-200-windows": partial(_delivery_day, "Utrecht", of(200), timed=True),
        "utrecht-200-fleet": partial(_mixed_fleet, "Utrecht", of(200)),
        "rotterdam-1000": partial(_delivery_day, "Rotterdam", of(1000), timed=False),
    }
    location = {
        "netherlands-p12": partial(_places, "NL", of(444), of(55), model="p-median", p=12),
        "netherlands-center-p12": partial(_places, "NL", of(444), of(55), model="p-center", p=12),
        "netherlands-cover-15km": partial(_places, "NL", of(444), of(444), model="set-cover", coverage_radius=15e3),
        "netherlands-most-15km-p12": partial(
            _places, "NL", of(444), of(55), model="max-cover", p=12, coverage_radius=15e3
        ),
        "germany-fixed-cost": partial(_uncapacitated, of(687), of(80)),
        "netherlands-capacities": partial(_capacitated, of(444), of(55), model="capacitated"),
        "netherlands-single-source": partial(_capacitated, of(100), of(20), model="single-source"),
        "netherlands-20000-p60": partial(_addresses, of(20_000), of(444), max(2, round(size * 60))),
    }
    mark = "" if size == 1.0 else f"-times-{size:g}"
    return [
        Case(family, name + mark, load)
        for family, cases in (("samples-routing", routing), ("samples-location", location))
        for name, load in cases.items()
    ]


def _entries(root: Path) -> dict[str, dict[str, Any]]:
    entries: dict[str, dict[str, Any]] = {}
    for path in (Path(__file__).parent / "families.toml", root / "families.toml"):
        if path.exists():
            entries |= tomllib.loads(path.read_text())
    return entries


def _read(path: Path, entry: dict[str, Any], number: int | None) -> Problem:
    """The number at the end of an instance's name is p, or for orlib-cap what stands for the word "capacity"."""
    options = {"format": entry.get("format", "auto"), "rounding": entry.get("rounding")}
    if entry.get("kind", "routing") == "routing":
        return read_routing(path, **options).problem
    if number is not None and entry.get("format") == "orlib-cap":
        return orlib_cap.parse(path.read_text().replace("capacity", str(number)), model=entry["model"])
    return read_location(path, model=entry["model"], p=number, **options)


def _delivery_day(city: str, n: int, *, timed: bool) -> nd.RoutingProblem:
    """Parcels to `n` addresses around the places within 25 km of a Dutch city, vans of 100 units leaving from it."""
    depot, stops = _stops(city, n)
    rng = np.random.default_rng(2)
    demand = np.r_[0, rng.integers(1, 8, n)]
    travel = nd.SphereTravel(np.vstack([depot, stops]), circuity=1.3, speed_kmh=40.0)
    van = nd.VehicleType(capacity=(100.0,), name="van")
    problem = nd.RoutingProblem(travel=travel, vehicle_types=(van,), demand=demand)
    if not timed:
        return problem
    opening = np.r_[0.0, rng.integers(2, 14, n) * 1800.0]
    window = np.column_stack([opening, opening + 2 * 3600.0])
    window[0] = 0.0, 10 * 3600.0
    return problem.replace(time_window=window, service_duration=np.r_[0.0, np.full(n, 180.0)])


def _mixed_fleet(city: str, n: int) -> nd.RoutingProblem:
    """The same addresses from two depots: vans that are back within six hours, bikes that end their day on the way."""
    stops = _stops(city, n)[1]
    depots = geodata.depots(stops, 2, seed=3)
    bike = nd.VehicleType((25.0,), count=8, fixed_cost=10e3, name="bike", end="anywhere", max_distance=30e3)
    van = nd.VehicleType((100.0,), fixed_cost=50e3, cost_per_distance=2.0, name="van", start=1, max_duration=6 * 3600.0)
    return nd.RoutingProblem(
        travel=nd.SphereTravel(np.vstack([depots, stops]), circuity=1.3, speed_kmh=40.0),
        vehicle_types=(bike, van),
        demand=np.r_[0, 0, geodata.demands(n, seed=2, least=1, most=7)],
        n_depots=2,
        service_duration=np.r_[0.0, 0.0, np.full(n, 180.0)],
    )


def _stops(city: str, n: int) -> tuple[np.ndarray, np.ndarray]:
    """A Dutch city, and `n` addresses around the places within 25 km of it."""
    places = geodata.places_frame("NL")
    lonlat = places[["lon", "lat"]].to_numpy()
    depot = lonlat[int(np.flatnonzero(places["name"] == city)[0])]
    near = geodata.great_circle_m(depot[None], lonlat)[0] <= 25_000
    return depot, geodata.densified(lonlat[near], places["population"].to_numpy()[near], n, seed=1).lonlat


def _places(country: str, customers: int, sites: int, *, model: str, **fields: Any) -> nd.LocationProblem:
    """The most populous places of a country, weighted by their population, the largest of them as sites."""
    places = geodata.places_frame(country).nlargest(customers, "population")
    served = places.assign(weight=1.0 if model == "p-center" else places["population"].astype(float))
    return nd.LocationProblem.from_frames(served, places.head(sites), model=model, **fields)


def _uncapacitated(customers: int, sites: int) -> nd.LocationProblem:
    """A fixed cost per site instead of a number of sites: five million people times 100 km each."""
    problem = _places("DE", customers, sites, model="p-median", p=1)
    return problem.replace(model="uncapacitated", p=None, fixed_cost=np.full(problem.n_sites, 5e6 * 1e5))


def _capacitated(customers: int, sites: int, *, model: str) -> nd.LocationProblem:
    """The same in the Netherlands, with capacities that three quarters of the sites can just meet."""
    problem = _places("NL", customers, sites, model="p-median", p=1)
    whole, most = float(problem.weights.sum()), float(problem.weights.max())
    capacity = np.full(problem.n_sites, max(whole / (0.75 * problem.n_sites), most))
    fixed = np.full(problem.n_sites, 1e5 * 1e5)
    return problem.replace(model=model, p=None, capacity=capacity, fixed_cost=fixed)


def _addresses(customers: int, sites: int, p: int) -> nd.LocationProblem:
    """Addresses around all places of the Netherlands, the most populous places as sites."""
    places = geodata.places_frame("NL").sort_values("population", ascending=False, kind="stable")
    lonlat = places[["lon", "lat"]].to_numpy()
    addresses = geodata.densified(lonlat, places["population"].to_numpy(), customers, seed=1).lonlat
    return nd.LocationProblem(costs=nd.SphereCosts(addresses, lonlat[:sites]), model="p-median", p=p)
