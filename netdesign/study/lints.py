"""What no single cell shows: rows that contradict other rows, and numbers that smell of the wrong unit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from netdesign.errors import Phrase, closest
from netdesign.study.config import StudyConfig
from netdesign.study.problems import Level, Problem

FAR_KM = 500.0
"""A site farther than this from every customer is probably misplaced."""

DENSITY_KG_M3 = (5.0, 5000.0)
"""Drops lighter than foam or denser than most metals point to a mix-up of units."""


def lint_tables(config: StudyConfig, frames: dict[str, pd.DataFrame], found: Sequence[Problem]) -> list[Problem]:
    """Problems across the rows and tables that could be read.

    Parameters
    ----------
    config
        The study's configuration.
    frames
        Tables by name, labelled by spreadsheet row; unreadable ones are missing.
    found
        Problems known already: their rows are not looked at again.
    """
    files = config.tables.model_dump()
    bad = {(p.file, p.row) for p in found if p.level == "error"}
    clean = {name: frame[[(files[name], row) not in bad for row in frame.index]] for name, frame in frames.items()}
    problems = [p for name in ("customers", "sites") if name in clean for p in _points(clean[name], files[name])]
    problems += _names(clean, files)
    problems += _amounts(clean, files)
    misplaced = {(p.file, p.row) for p in problems if p.level == "error"}
    placed = {
        name: frame[[(files[name], row) not in misplaced for row in frame.index]] for name, frame in clean.items()
    }
    if all(name in placed and len(placed[name]) for name in ("segments", "customers", "sites", "vehicles")):
        problems += _reach(config, placed, files)
    return problems


def _points(frame: pd.DataFrame, file: str) -> Iterator[Problem]:
    """(0, 0), swapped coordinates, and points far from all others."""
    lonlat = frame[["lon", "lat"]].to_numpy(float)
    if not len(lonlat):
        return
    zero = (lonlat == 0).all(axis=1)
    for row in frame.index[zero]:
        yield Problem(
            file,
            int(row),
            "lon, lat",
            Phrase("0, 0"),
            "a place",
            "Geocoding that fails often writes 0, 0: leave the row out or look it up.",
        )
    rest = frame[~zero]
    if len(rest) < 3:
        return
    middle, reach = _box(rest[["lon", "lat"]].to_numpy(float))
    outside = np.abs(rest[["lon", "lat"]].to_numpy(float) - middle) > reach
    for row, point, far in zip(rest.index, rest[["lon", "lat"]].to_numpy(float), outside.any(axis=1), strict=True):
        if far and (np.abs(point[::-1] - middle) <= reach).all():
            yield Problem(
                file,
                int(row),
                "lon, lat",
                Phrase(f"{point[0]:g}, {point[1]:g}"),
                "longitude first",
                "Are lon and lat swapped? The other way round the point lies among the others.",
            )


def _box(lonlat: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Middle and half breadth of where most points lie: medians, so that a few wrong ones do not count."""
    middle = np.median(lonlat, axis=0)
    spread = np.quantile(np.abs(lonlat - middle), 0.5, axis=0)
    return middle, np.maximum(8 * spread, 2.0)


def _names(clean: dict[str, pd.DataFrame], files: dict[str, str]) -> Iterator[Problem]:
    """References to rows that do not exist, and segments nobody belongs to."""
    references = (
        ("customers", "segment", "segments", "segment"),
        ("segments", "vehicle_type", "vehicles", "vehicle_type"),
    )
    for table, column, target, key in references:
        if table not in clean or target not in clean:
            continue
        known = list(clean[target][key])
        strange = clean[table][~clean[table][column].isin(known)]
        where = files[target] or "the default vehicles"
        for row, name in zip(strange.index, strange[column], strict=True):
            yield Problem(files[table], int(row), column, name, f"a {key} of {where}", closest(str(name), known))
    if "segments" in clean and "customers" in clean:
        empty = clean["segments"][~clean["segments"]["segment"].isin(clean["customers"]["segment"])]
        for row, name in zip(empty.index, empty["segment"], strict=True):
            yield Problem(
                files["segments"],
                int(row),
                "segment",
                name,
                "at least one customer",
                "It is left out of the study.",
                "warning",
            )
    if "sites" in clean and len(clean["sites"]) and (clean["sites"]["status"] == "closed").all():
        yield Problem(files["sites"], None, "status", "closed", "at least one site that is open or a candidate")


def _amounts(clean: dict[str, pd.DataFrame], files: dict[str, str]) -> Iterator[Problem]:
    """Amounts that look like another unit, and windows that end before they start."""
    if "customers" in clean:
        table, file = clean["customers"], files["customers"]
        yield from _say(
            table[table["earliest_h"] > table["latest_h"]],
            file,
            "latest_h",
            "not before earliest_h",
            "Hours of the day, as 17.5.",
            "error",
        )
        yield from _say(
            table[table["service_minutes"] > 120],
            file,
            "service_minutes",
            "at most two hours at a stop",
            "Are these seconds?",
        )
        yield from _say(
            table[table["area_km2"] > 20_000], file, "area_km2", "a neighbourhood", "Are these hectares or m2?"
        )
        heavy = table["drop_kg"] / table["drop_m3"].where(table["drop_m3"] > 0)
        hint = "Is drop_kg in grams or drop_m3 in litres?"
        yield from _say(
            table[(heavy < DENSITY_KG_M3[0]) | (heavy > DENSITY_KG_M3[1])],
            file,
            "drop_m3",
            "5 to 5000 kg per m3 with drop_kg",
            hint,
        )
    if "sites" in clean:
        table, file = clean["sites"], files["sites"]
        total = table["fixed_year"] + table["rent"]
        yield from _say(
            table[(total > 0) & (total < 1000)],
            file,
            "fixed_year",
            "a year's cost with rent",
            "Is this per day, or in thousands?",
        )
        yield from _say(
            table[(total == 0) & (table["status"] == "candidate")],
            file,
            "fixed_year",
            "a cost",
            "A free site is always opened.",
        )
    if "vehicles" in clean and files["vehicles"]:
        table, file = clean["vehicles"], files["vehicles"]
        yield from _say(
            table[(table["circuity"] > 0) & (table["circuity"] < 1)],
            file,
            "circuity",
            ">= 1",
            "Roads are not shorter than straight lines.",
            "error",
        )
        yield from _say(
            table[table["speed_kmh"] > 130], file, "speed_kmh", "an average below 130", "Is this m per minute?"
        )


def _reach(config: StudyConfig, placed: dict[str, pd.DataFrame], files: dict[str, str]) -> Iterator[Problem]:
    """Orders too large for the vehicle, promises nobody can keep, sites far from everyone."""
    from geodata import nearest

    customers, sites = placed["customers"], placed["sites"]
    segments, vehicles = placed["segments"], placed["vehicles"]
    joined = customers.reset_index(names="row").merge(segments, on="segment").merge(vehicles, on="vehicle_type")
    yield from _too_large(joined, files["customers"])
    usable = sites[sites["status"] != "closed"]
    if len(usable) and len(joined):
        km = nearest(joined[["lon", "lat"]].to_numpy(float), usable[["lon", "lat"]].to_numpy(float), 1).distance_m[:, 0]
        circuity = joined["circuity"].replace(0.0, config.travel.circuity)
        joined["hours"] = km / 1000 * circuity / joined["speed_kmh"]
        yield from _beyond_promise(joined[joined["hours"] > joined["max_hours"]], files["customers"])
    if len(customers):
        here, there = (table[["lon", "lat"]].to_numpy(float) for table in (sites, customers))
        km = nearest(here, there, 1).distance_m[:, 0] / 1000
        rule, hint = f"at most {FAR_KM:g} km", "Is it misplaced?"
        for row, far in zip(sites.index[km > FAR_KM], km[km > FAR_KM], strict=True):
            value = f"{far:.0f} km from the nearest customer"
            yield Problem(files["sites"], int(row), "lon, lat", Phrase(value), rule, hint, "warning")


def _too_large(joined: pd.DataFrame, file: str) -> Iterator[Problem]:
    for load in ("kg", "m3"):
        over = joined[joined[f"drop_{load}"] > joined[load]]
        columns = (over["row"], over[f"drop_{load}"], over[load], over["vehicle_type"])
        for row, drop, limit, van in zip(*columns, strict=True):
            rule = f"at most {limit:g} {load}, what one {van} carries"
            yield Problem(file, int(row), f"drop_{load}", float(drop), rule, "One order has to fit.")


def _beyond_promise(late: pd.DataFrame, file: str) -> Iterator[Problem]:
    hint = "Without one the segment is infeasible."
    for row, hours, most in zip(late["row"], late["hours"], late["max_hours"], strict=True):
        value, rule = f"{hours:.2f} h from the nearest site", f"a site within the promise of {most:g} h"
        yield Problem(file, int(row), "lon, lat", Phrase(value), rule, hint, "warning")


def _say(
    rows: pd.DataFrame, file: str, column: str, rule: str, hint: str, level: Level = "warning"
) -> Iterator[Problem]:
    for row, value in zip(rows.index, rows[column], strict=True):
        yield Problem(file, int(row), column, float(value), rule, hint, level)
