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
from netdesign.io import read_location, read_routing

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
    with (folder / "bks.csv").open(newline="") as file:
        best = {
            row["instance"]: float(row["value"])
            for row in csv.DictReader(file)
            if row.get("objective", "").startswith(entry.get("objective", ""))
        }
    cases = []
    for name, value in sorted(best.items()):
        stem, _, p = (
            name.rpartition("_p") if (folder / (name.rpartition("_p")[0] + suffix)).exists() else (name, "", "")
        )
        path = folder / (stem + suffix)
        if path.exists():
            cases.append(Case(family, name, partial(_read, path, entry, int(p) if p else None), value))
    return cases


def samples() -> list[Case]:
    """Instances made by a seed on real geography; the best objective is not known."""
    return [
        Case("samples-routing", "utrecht-200", partial(_delivery_day, "Utrecht", 200, timed=False)),
        Case("samples-routing", "utrecht-200-windows", partial(_delivery_day, "Utrecht", 200, timed=True)),
        Case("samples-routing", "utrecht-200-fleet", partial(_mixed_fleet, "Utrecht", 200)),
        Case("samples-routing", "rotterdam-1000", partial(_delivery_day, "Rotterdam", 1000, timed=False)),
        Case("samples-location", "netherlands-p12", partial(_median, "NL", 5_000, 50_000, 12)),
        Case("samples-location", "germany-fixed-cost", partial(_uncapacitated, "DE", 20_000, 100_000)),
        Case("samples-location", "netherlands-20000-p60", partial(_densified_median, "NL", 20_000, 60)),
    ]


def _entries(root: Path) -> dict[str, dict[str, Any]]:
    entries: dict[str, dict[str, Any]] = {}
    for path in (Path(__file__).parent / "families.toml", root / "families.toml"):
        if path.exists():
            entries |= tomllib.loads(path.read_text())
    return entries


def _read(path: Path, entry: dict[str, Any], p: int | None) -> Problem:
    options = {"format": entry.get("format", "auto"), "rounding": entry.get("rounding")}
    if entry.get("kind", "routing") == "routing":
        return read_routing(path, **options).problem
    return read_location(path, model=entry["model"], p=p, **options)


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


def _median(country: str, smallest: int, smallest_site: int, p: int) -> nd.LocationProblem:
    """Places weighted by their population, larger places as sites."""
    customers = geodata.places_frame(country, min_population=smallest)
    sites = customers[customers["population"] >= smallest_site]
    return nd.LocationProblem.from_frames(
        customers.assign(weight=customers["population"]), sites, model="p-median", p=p
    )


def _uncapacitated(country: str, smallest: int, smallest_site: int) -> nd.LocationProblem:
    """The same with a fixed cost per site instead of a number of sites: five million people times 100 km each."""
    problem = _median(country, smallest, smallest_site, 1)
    return problem.replace(model="uncapacitated", p=None, fixed_cost=np.full(problem.n_sites, 5e6 * 1e5))


def _densified_median(country: str, n: int, p: int) -> nd.LocationProblem:
    """Addresses around all places of a country, every place as a site."""
    places = geodata.places_frame(country)
    lonlat = places[["lon", "lat"]].to_numpy()
    addresses = geodata.densified(lonlat, places["population"].to_numpy(), n, seed=1).lonlat
    return nd.LocationProblem(costs=nd.SphereCosts(addresses, lonlat), model="p-median", p=p)
