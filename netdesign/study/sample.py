"""Studies to start from, written by a seeded generator: one source for the package and for ``examples``."""

from __future__ import annotations

import math
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from netdesign.errors import InputError, Phrase, closest
from netdesign.study.sample_germany import germany
from netdesign.study.sample_northeast import northeast

if TYPE_CHECKING:
    from netdesign.study.case import Floats

INHABITANTS_PER_KM2 = 3_500.0
"""Invented, of the order of Dutch built-up areas: turns inhabitants into the area of a neighbourhood."""

TODAY = ("Eindhoven", "Rotterdam", "Zwolle")
"""Workshops of the invented network of today."""

MACHINES = (7, 9, 6)
"""That each of them has."""

DOWNTIME = (0.21, 0.20, 0.18)
"""Share of the scheduled hours that each of them loses in the mean."""

SEED = 20_260_101


def new_study(directory: str | Path, sample: str = "netherlands") -> Path:
    """Write a study to start from.

    Parameters
    ----------
    directory
        A folder that does not exist yet, or is empty.
    sample
        Which one: ``netherlands``, ``germany`` or ``northeast``.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    InputError
        If there is no such sample, or the folder holds something already.
    """
    if sample not in _GENERATED:
        raise InputError("sample", sample, "one of " + ", ".join(_GENERATED), advice=closest(sample, list(_GENERATED)))
    folder = Path(directory)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError("directory", Phrase(f"{folder}, which is there already"), "a new or empty folder")
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in sample_files(sample).items():
        (folder / name).write_bytes(text.encode("utf-8"))
    return folder


def sample_files(sample: str = "netherlands") -> dict[str, str]:
    """Contents of a sample study by file name."""
    written = {
        f.name: f.read_text("utf-8") for f in (files("netdesign.study") / "samples" / sample).iterdir() if f.is_file()
    }
    tables = _GENERATED[sample]()
    return written | {f"{name}.csv": frame.to_csv(index=False, lineterminator="\n") for name, frame in tables.items()}


def _netherlands() -> dict[str, pd.DataFrame]:
    """Sites in the cities, customers around all places; see the sample's README for what is invented."""
    from geodata import places_frame

    places = places_frame("NL", min_population=5_000)
    each = [_homes(places), _pick_up_points(places[places["population"] >= 15_000]), _firms(places)]
    customers, sites = pd.concat(each, ignore_index=True), _workshops(places[places["population"] >= 100_000])
    tables = {"customers": customers, "sites": sites, "baseline": _today(customers, sites)}
    return tables | {"machine_hours": _machine_hours()}


def _today(customers: pd.DataFrame, sites: pd.DataFrame) -> pd.DataFrame:
    """Everybody from the nearest of three workshops."""
    from geodata import nearest

    used = sites[sites["site"].isin(TODAY)]
    here, there = (table[["lon", "lat"]].to_numpy(float) for table in (customers, used))
    site = used["site"].to_numpy()[nearest(here, there, 1).index[:, 0]]
    return customers[["segment", "customer"]].assign(site=site)


def _machine_hours() -> pd.DataFrame:
    """A year of the machines of today's workshops, month by month: 25 days of 7.5 hours."""
    rng = np.random.default_rng(SEED)
    months = [f"2025-{month:02d}" for month in range(1, 13)]
    frame = pd.DataFrame([(site, month) for site in TODAY for month in months], columns=["site", "period"])
    scheduled = np.repeat(MACHINES, len(months)) * 25 * 7.5
    lost = rng.normal(np.repeat(DOWNTIME, len(months)), 0.025)
    run = rng.uniform(0.6, 0.72, len(frame))
    hours = {"scheduled_h": scheduled, "downtime_h": scheduled * lost, "run_h": scheduled * run}
    return frame.assign(technology="print and engrave", **{name: np.round(h, 1) for name, h in hours.items()})


def _homes(places: pd.DataFrame) -> pd.DataFrame:
    """Neighbourhoods of at most 50,000 inhabitants; of a hundred inhabitants 1.5 buy, 1.5 times a year."""
    zones = _around(places, 50_000)
    people = zones["people"].to_numpy()
    return _table(
        zones,
        "home evening",
        "",
        {
            "buyers": np.round(people * 0.015, 1),
            "orders_per_buyer": 1.5,
            "drop_kg": 2.2,
            "drop_m3": 0.018,
            "service_minutes": 3.0,
            "earliest_h": 17,
            "latest_h": 22,
            "area_km2": np.round(people / INHABITANTS_PER_KM2, 2),
        },
    )


def _pick_up_points(places: pd.DataFrame) -> pd.DataFrame:
    """Shops that keep parcels, one per 50,000 inhabitants in places of 15,000 and more: one address, many orders."""
    shops = _around(places, 50_000)
    return _table(
        shops,
        "pick-up point",
        " shop",
        {
            "buyers": np.round(shops["people"].to_numpy() * 0.03, 1),
            "orders_per_buyer": 1.5,
            "drop_kg": 2.2,
            "drop_m3": 0.018,
            "service_minutes": 6.0,
            "earliest_h": 9,
            "latest_h": 16,
            "area_km2": 0,
        },
    )


def _firms(places: pd.DataFrame) -> pd.DataFrame:
    """Four hundred firms drawn by population; what they order is lognormal, and every third wants it by ten."""
    from geodata import densified

    points = densified(places[["lon", "lat"]].to_numpy(), places["population"].to_numpy(), 400, seed=SEED)
    rng = np.random.default_rng(SEED)
    frame = pd.DataFrame(
        {"name": places["name"].to_numpy()[points.origin], "lon": points.lonlat[:, 0], "lat": points.lonlat[:, 1]}
    )
    orders = np.clip(rng.lognormal(math.log(200), 0.6, len(frame)), 40, 1500)
    early = rng.random(len(frame)) < 1 / 3
    return _table(
        frame,
        "business morning",
        " firm",
        {
            "buyers": 1,
            "orders_per_buyer": np.round(orders),
            "drop_kg": np.round(rng.uniform(6, 24, len(frame)), 1),
            "drop_m3": 0.09,
            "service_minutes": 7.0,
            "earliest_h": 7,
            "latest_h": np.where(early, 10, 12),
            "area_km2": 0,
        },
    )


def _workshops(cities: pd.DataFrame) -> pd.DataFrame:
    """A workshop of 300 m2 in every city; rents rise with the size of the city."""
    size = np.log2(cities["population"].to_numpy() / 100_000)
    return pd.DataFrame(
        {
            "site": cities["name"],
            "lon": cities["lon"],
            "lat": cities["lat"],
            "status": "candidate",
            "fixed_open": 60_000,
            "fixed_year": 64_000,
            "rent": np.round(300 * (70 + 14 * size), -2).astype(int),
            "wage": np.round(23 + 0.6 * size, 1),
            "practical_share": 0.85,
            "energy_price": 0.24,
            "handling": 0.55,
        }
    )


def _around(places: pd.DataFrame, people_per_point: float) -> pd.DataFrame:
    """Points around places, one for every so many inhabitants begun; a place with one point has it in the middle."""
    from geodata import densified

    rows: list[pd.DataFrame] = []
    for place in places.itertuples(name="Place"):
        count = math.ceil(int(place.population) / people_per_point)  # type: ignore[arg-type]
        middle = np.array([[place.lon, place.lat]], dtype=float)
        lonlat: Floats = middle
        if count > 1:
            lonlat = densified(middle, [place.population], count, seed=SEED + int(place.geonameid)).lonlat  # type: ignore[arg-type]
        people = np.full(count, int(place.population) / count)  # type: ignore[arg-type]
        rows.append(pd.DataFrame({"name": place.name, "lon": lonlat[:, 0], "lat": lonlat[:, 1], "people": people}))
    return pd.concat(rows, ignore_index=True)


def _table(points: pd.DataFrame, segment: str, word: str, columns: dict[str, object]) -> pd.DataFrame:
    """Customers named after their place, numbered where it has several."""
    number, several = points.groupby("name").cumcount() + 1, points.groupby("name")["name"].transform("size") > 1
    names: pd.Series[str] = points["name"] + word + np.where(several, " " + number.astype(str), "")
    return pd.DataFrame(
        {"customer": names, "segment": segment, "lon": points["lon"].round(4), "lat": points["lat"].round(4), **columns}
    )


_GENERATED = {"netherlands": _netherlands, "germany": germany, "northeast": northeast}
