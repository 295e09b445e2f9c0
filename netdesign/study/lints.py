"""What no single row shows: rows that contradict other rows or tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from netdesign.errors import Phrase, closest
from netdesign.study.baseline_tables import lint_baseline
from netdesign.study.choice_fit import LEAST_SITUATIONS
from netdesign.study.config import StudyConfig
from netdesign.study.lane_rates import LEAST_SHIPMENTS
from netdesign.study.pooling_fit import LEAST_DAYS, LEAST_SERIES
from netdesign.study.problems import Level, Problem
from netdesign.study.roads import StudyRoads
from netdesign.study.row_rules import broken_rows
from netdesign.study.scenario_tables import lint_scenarios
from netdesign.study.segmentation import lint_segmentation
from netdesign.study.supply_lints import lint_supply
from netdesign.study.tables import split_names
from netdesign.study.value import HOPELESS
from netdesign.study.work_lints import lint_machine_hours, lint_work

Frames = dict[str, pd.DataFrame]

FAR_KM = 500.0
"""A site farther than this from every customer is probably misplaced."""

USUAL_TIMES = 1000.0
"""A customer with so many times the orders of its segment's median is probably in another unit."""

REFERENCES = (
    ("customers", "segment", "segments"),
    ("segments", "vehicle_type", "vehicles"),
    ("variants", "segment", "segments"),
    ("service_tiers", "segment", "segments"),
    ("service_tiers", "mode", "modes"),
    ("processes", "technology", "technologies"),
    ("overheads", "segment", "segments"),
    ("components", "segment", "segments"),
    ("contracts", "supplier", "suppliers"),
    ("choices", "segment", "segments"),
    ("shipments", "mode", "modes"),
    ("history", "segment", "segments"),
    ("machine_hours", "technology", "technologies"),
    ("machine_hours", "site", "sites"),
    ("baseline", "segment", "segments"),
    ("baseline", "site", "sites"),
    ("spend", "segment", "segments"),
)
"""Columns whose words are names of another table's rows; the column is that table's key."""


def lint_tables(
    config: StudyConfig, roads: StudyRoads | None, frames: Frames, found: Sequence[Problem]
) -> list[Problem]:
    """Problems across the rows and tables that could be read.

    Parameters
    ----------
    config
        The study's configuration.
    roads
        Its roads, if it has some.
    frames
        Tables by name, labelled by spreadsheet row; unreadable ones are missing.
    found
        Problems known already: their rows are not looked at again.
    """
    sources = {table: source or "" for table, source in config.sources_of_tables().items()}
    clean = _without(frames, sources, found)
    problems = [p for name in ("customers", "sites") if name in clean for p in _points(clean[name], sources[name])]
    problems += [
        p for lint in (*OWN, lint_supply, lint_work, lint_machine_hours, lint_baseline) for p in lint(clean, sources)
    ]
    if "customers" in clean:
        problems += lint_segmentation(config, clean["customers"])
    if "scenarios" in clean and sources["scenarios"]:
        problems += lint_scenarios(clean, sources["scenarios"])
    problems += [p for name, frame in clean.items() if sources[name] for p in broken_rows(name, frame, sources[name])]
    placed = _without(clean, sources, problems)
    if roads is not None:
        problems += [
            p for name in ("customers", "sites") if name in placed for p in _off_roads(roads, name, placed, sources)
        ]
        placed = _without(placed, sources, problems)
    if all(name in placed and len(placed[name]) for name in ("segments", "customers", "sites", "vehicles")):
        problems += _reach(config, roads, placed, sources)
    return problems


def _without(frames: Frames, sources: dict[str, str], problems: Sequence[Problem]) -> Frames:
    """The tables without the rows that have an error."""
    bad = {(p.source, p.row) for p in problems if p.level == "error"}
    kept = {n: np.array([(sources[n], row) not in bad for row in frame.index], bool) for n, frame in frames.items()}
    return {name: frame[kept[name]] for name, frame in frames.items()}


def _points(frame: pd.DataFrame, source: str) -> Iterator[Problem]:
    """(0, 0), swapped coordinates, and coordinates without decimals."""
    lonlat = frame[["lon", "lat"]].to_numpy(float)
    zero = (lonlat == 0).all(axis=1)
    hint = "Geocoding that fails often writes 0, 0: leave the row out or look it up."
    for row in frame.index[zero]:
        yield Problem(source, int(row), "lon, lat", Phrase("0, 0"), "a place", hint)
    rest, lonlat = frame[~zero], lonlat[~zero]
    if len(rest) < 3:
        return
    if (lonlat == np.round(lonlat)).all():
        rule, hint = "decimals in some of them", "A whole degree is 111 km; were they rounded?"
        yield Problem(source, None, "lon, lat", Phrase("whole degrees"), rule, hint, "warning")
    middle, reach = _box(lonlat)
    outside = np.abs(lonlat - middle) > reach
    for row, point, far in zip(rest.index, lonlat, outside.any(axis=1), strict=True):
        if far and (np.abs(point[::-1] - middle) <= reach).all():
            hint = "Are lon and lat swapped? The other way round the point lies among the others."
            value = Phrase(f"{point[0]:g}, {point[1]:g}")
            yield Problem(source, int(row), "lon, lat", value, "longitude first", hint)


def _box(lonlat: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Middle and half breadth of where most points lie: medians, so that a few wrong ones do not count."""
    middle = np.median(lonlat, axis=0)
    spread = np.quantile(np.abs(lonlat - middle), 0.5, axis=0)
    return middle, np.maximum(8 * spread, 2.0)


def _off_roads(roads: StudyRoads, table: str, placed: Frames, sources: dict[str, str]) -> Iterator[Problem]:
    """Rows far from every road, with lon and lat swapped, or by a road that leads nowhere."""
    frame = placed[table]
    rows = frame.index.astype(str).tolist()
    for complaint in roads.complaints(table, frame[["lon", "lat"]].to_numpy(float), rows):
        value = Phrase(complaint.found)
        level: Level = "error" if complaint.kind == "swapped" else "warning"
        yield Problem(
            sources[table], int(complaint.label), "lon, lat", value, complaint.expected, complaint.advice, level
        )


def _names(clean: Frames, sources: dict[str, str]) -> Iterator[Problem]:
    """References to rows that do not exist."""
    for table, column, target in REFERENCES:
        if table not in clean or target not in clean:
            continue
        known = list(clean[target][column])
        cells = clean[table][column]
        if (table, column) == ("segments", "vehicle_type"):
            cells = cells.str.split(";").explode().str.strip()
        strange = cells[~cells.isin([*known, ""])]
        where = sources[target] or ("the default vehicles" if target == "vehicles" else f"the table of {target}")
        for row, name in strange.items():
            hint = (closest(str(name), known) if known else "") or "Put the name right, or add a row for it there."
            yield Problem(sources[table], int(str(row)), column, name, f"a {column} of {where}", hint)


def _alike(clean: Frames, sources: dict[str, str]) -> Iterator[Problem]:
    """Rows that may be meant as one: names that differ in case alone, and places that hold two."""
    for table, column in (("segments", "segment"), ("sites", "site"), ("vehicles", "vehicle_type")):
        if table in clean:
            names = clean[table][column]
            for row, first in _repeats(names.str.lower().to_frame()):
                hint = f"Row {first} has it with other capitals: write both alike if they are one."
                yield Problem(sources[table], row, column, names[row], "a name of its own", hint, "warning")
    hint = "Two rows at one place: delete one if they are the same site."
    if "sites" in clean:
        for row, first in _repeats(clean["sites"][["lon", "lat"]]):
            value = Phrase(f"where row {first} is")
            yield Problem(sources["sites"], row, "lon, lat", value, "a place of its own", hint, "warning")
    if "customers" in clean:
        addresses = clean["customers"][clean["customers"]["area_km2"] == 0]
        for row, first in _repeats(addresses[["segment", "lon", "lat", "earliest_h", "latest_h"]]):
            value = Phrase(f"where row {first} is")
            hint = "One stop would serve both: add their buyers up."
            yield Problem(sources["customers"], row, "lon, lat", value, "an address of its own", hint, "warning")


def _repeats(frame: pd.DataFrame) -> Iterator[tuple[int, int]]:
    """Rows equal to an earlier one, and the first of these."""
    first = pd.Series(frame.index, index=frame.index).groupby([frame[c] for c in frame]).transform("min")
    for row in frame.index[frame.duplicated()]:
        yield int(row), int(first[row])


def _unused(clean: Frames, sources: dict[str, str]) -> Iterator[Problem]:
    """Rows that take no part, and no site that could."""
    if "segments" in clean and "customers" in clean:
        empty = clean["segments"][~clean["segments"]["segment"].isin(clean["customers"]["segment"])]
        rule, hint = "at least one customer", "It is left out of the study: give it customers, or delete the row."
        for row, name in zip(empty.index, empty["segment"], strict=True):
            yield Problem(sources["segments"], int(row), "segment", name, rule, hint, "warning")
    if "sites" in clean and len(clean["sites"]) and (clean["sites"]["status"] == "closed").all():
        rule, hint = "at least one site that is open or a candidate", "Call those that may be opened candidate."
        yield Problem(sources["sites"], None, "status", "closed", rule, hint)


def _unusual(clean: Frames, sources: dict[str, str]) -> Iterator[Problem]:
    """A customer that outweighs its whole segment."""
    if "customers" not in clean:
        return
    table = clean["customers"]
    orders = table["buyers"] * table["orders_per_buyer"]
    usual = orders.groupby(table["segment"]).transform("median")
    rule, hint = f"at most {USUAL_TIMES:g} times its segment's median orders", "Is this in another unit, or a total?"
    for row in table.index[orders > USUAL_TIMES * usual]:
        yield Problem(sources["customers"], int(row), "buyers", float(table["buyers"][row]), rule, hint, "warning")


def _technologies(clean: Frames, sources: dict[str, str]) -> Iterator[Problem]:
    """Technologies nobody knows, and those no site may have."""
    if "technologies" not in clean or "sites" not in clean or not sources["technologies"]:
        return
    named = clean["technologies"]["technology"]
    cells = clean["sites"]["technologies"].str.split(";").explode().str.strip()
    rule = f"a technology of {sources['technologies']}"
    for row, name in cells[~cells.isin([*named, ""])].items():
        yield Problem(sources["sites"], int(str(row)), "technologies", name, rule, closest(str(name), list(named)))
    if "" not in set(cells):
        rule, hint = "a site that may have it", "It is left out of the study: name it at a site, or delete the row."
        for row, name in named[~named.isin(cells)].items():
            yield Problem(sources["technologies"], int(str(row)), "technology", name, rule, hint, "warning")


def _economics(clean: Frames, sources: dict[str, str]) -> Iterator[Problem]:
    """Lots that are free to keep, and prices nobody minds."""
    if not {"segments", "variants", "technologies"} <= set(clean):
        return
    segments = clean["segments"]
    if (clean["technologies"][["changeover_h", "changeover_cost"]] > 0).any(axis=None):
        rule = "a cost of stock beside technologies with changeovers"
        free = segments[segments["holding_cost"] == 0]
        hint = "Stock that costs nothing is made once in eight years: write what keeping a unit for a year costs."
        yield from _zeros(free, sources["segments"], "holding_cost", rule, hint)
    priced = segments[segments["segment"].isin(clean["variants"]["segment"]) & (segments["price_weight"] == 0)]
    anyone = segments[~segments["segment"].isin(clean["variants"]["segment"]) & (segments["min_share"] > 0)]
    for row, share in anyone["min_share"].items():
        rule, hint = "0 for a segment without variants", "All its buyers are served."
        yield Problem(sources["segments"], int(str(row)), "min_share", float(share), rule, hint, "warning")
    cheapest = segments["segment"].map(clean["variants"].groupby("segment")["price"].min()).astype(float)
    for row, weight, price in zip(segments.index, segments["price_weight"], cheapest, strict=True):
        if weight * price > HOPELESS:
            rule = f"a weight at which somebody pays {price:g}, the lowest price"
            hint = f"It takes {weight * price:g} off the utility. Is the weight for another unit of money?"
            yield Problem(sources["segments"], int(row), "price_weight", float(weight), rule, hint, "warning")
    rule = "above 0 for a segment with variants"
    hint = "Buyers would pay any price: a weight of 0.05 halves the odds with every 14 of price."
    yield from _zeros(priced, sources["segments"], "price_weight", rule, hint)


def _choices(clean: Frames, sources: dict[str, str]) -> Iterator[Problem]:
    """Situations in which a buyer chose twice, and too few of them."""
    if "choices" not in clean or not sources["choices"]:
        return
    table = clean["choices"]
    taken = table[table["chosen"] == 1]
    for row, first in _repeats(taken[["segment", "choice"]]):
        value, rule = Phrase(f"1 as in row {first}"), "one chosen offer in a situation at most"
        yield Problem(sources["choices"], row, "chosen", value, rule, "Give each situation a name of its own.")
    for segment, rows in table.groupby("segment"):
        if (found := rows["choice"].nunique()) < LEAST_SITUATIONS:
            value, rule = Phrase(f"{found} situations of {segment}"), f"at least {LEAST_SITUATIONS}"
            hint = "Its weights of the table of segments are used until there are more."
            yield Problem(sources["choices"], int(rows.index[0]), "choice", value, rule, hint, "warning")


def _shipments(clean: Frames, sources: dict[str, str]) -> Iterator[Problem]:
    """Too few shipments of a carrier to learn its rates from."""
    if "shipments" not in clean or not sources["shipments"]:
        return
    for mode, rows in clean["shipments"].groupby("mode"):
        if len(rows) < LEAST_SHIPMENTS and mode in set(clean.get("modes", rows)["mode"]):
            value, rule = Phrase(f"{len(rows)} shipments of {mode}"), f"at least {LEAST_SHIPMENTS}"
            yield Problem(
                sources["shipments"], int(rows.index[0]), "mode", value, rule, "Its own rates stay.", "warning"
            )


def _history(clean: Frames, sources: dict[str, str]) -> Iterator[Problem]:
    """Too few series or days of a segment to learn its variability from."""
    if "history" not in clean or not sources["history"]:
        return
    known = clean["history"]["segment"].isin(clean["segments"]["segment"]) if "segments" in clean else slice(None)
    for segment, rows in clean["history"][known].groupby("segment"):
        series, days = len(rows[["variant", "place"]].drop_duplicates()), rows["day"].nunique()
        if series < LEAST_SERIES or days < LEAST_DAYS:
            value = Phrase(f"{series} series of {days} days of {segment}")
            rule = f"at least {LEAST_SERIES} series, each a variant at a place, of {LEAST_DAYS} days"
            hint = "Its variability and exponent of the table of segments are used until there are more."
            yield Problem(sources["history"], int(rows.index[0]), "day", value, rule, hint, "warning")


OWN = (_names, _alike, _unused, _unusual, _technologies, _economics, _choices, _shipments, _history)
"""The lints of this module that need nothing but the tables."""


def _zeros(rows: pd.DataFrame, source: str, column: str, rule: str, hint: str) -> Iterator[Problem]:
    for row in rows.index:
        yield Problem(source, int(row), column, 0.0, rule, hint, "warning")


def _reach(config: StudyConfig, roads: StudyRoads | None, placed: Frames, sources: dict[str, str]) -> Iterator[Problem]:
    """Orders too large, windows outside the shift, promises nobody can keep, sites far from everyone."""
    from geodata import nearest

    customers, sites = placed["customers"], placed["sites"]
    fleets = placed["segments"]["vehicle_type"].map(split_names)
    segments, vehicles = placed["segments"].assign(vehicle_type=fleets).explode("vehicle_type"), placed["vehicles"]
    joined = customers.reset_index(names="row").merge(segments, on="segment").merge(vehicles, on="vehicle_type")
    yield from _too_large(joined, sources["customers"])
    yield from _off_duty(joined, sources["customers"])
    usable = sites[sites["status"] != "closed"]
    if len(usable) and len(joined):
        here, there = (table[["lon", "lat"]].to_numpy(float) for table in (joined, usable))
        if roads is None:
            km = nearest(here, there, 1).distance_m[:, 0] / 1000
            joined["hours"] = km * joined["circuity"].replace(0.0, config.travel.circuity) / joined["speed_kmh"]
        else:
            # Who has no way at all has been named.
            hours = roads.nearest_h(here, there)
            joined["hours"] = np.where(np.isfinite(hours), hours, 0.0)
        yield from _beyond_promise(_with_all(joined, joined["hours"] > joined["max_hours"]), sources["customers"])
    if len(customers):
        here, there = (table[["lon", "lat"]].to_numpy(float) for table in (sites, customers))
        km = nearest(here, there, 1).distance_m[:, 0] / 1000
        rule, hint = f"at most {FAR_KM:g} km", "Is it misplaced? Check lon and lat."
        for row, far in zip(sites.index[km > FAR_KM], km[km > FAR_KM], strict=True):
            value = f"{far:.0f} km from the nearest customer"
            yield Problem(sources["sites"], int(row), "lon, lat", Phrase(value), rule, hint, "warning")


def _with_all(joined: pd.DataFrame, broken: pd.Series[bool]) -> pd.DataFrame:
    """The rows that are broken with every vehicle of their segment, once each."""
    return joined[broken.groupby(joined["row"]).transform("all")].drop_duplicates("row")


def _too_large(joined: pd.DataFrame, source: str) -> Iterator[Problem]:
    hint = "One order has to fit: choose a larger vehicle_type."
    for load in ("kg", "m3"):
        over = _with_all(joined, joined[f"drop_{load}"] > joined[load])
        columns = (over["row"], over[f"drop_{load}"], over[load], over["vehicle_type"])
        for row, drop, limit, van in zip(*columns, strict=True):
            rule = f"at most {limit:g} {load}, what one {van} carries"
            yield Problem(source, int(row), f"drop_{load}", float(drop), rule, hint)


def _off_duty(joined: pd.DataFrame, source: str) -> Iterator[Problem]:
    start, end = joined["shift_start_h"], joined["shift_start_h"] + joined["shift_h"]
    outside = _with_all(joined, (joined["latest_h"] < start) | (joined["earliest_h"] > end))
    hint = "Nobody drives then: move the window or the shift."
    for row, early, late, van in zip(
        *(outside[c] for c in ("row", "earliest_h", "latest_h", "vehicle_type")), strict=True
    ):
        rule = f"an hour within the shift of {van}"
        yield Problem(source, int(row), "earliest_h", Phrase(f"{early:g} to {late:g} h"), rule, hint)


def _beyond_promise(late: pd.DataFrame, source: str) -> Iterator[Problem]:
    hint = "Add a site nearer by, raise max_hours or leave the row out: else the segment cannot be served."
    for row, hours, most in zip(late["row"], late["hours"], late["max_hours"], strict=True):
        value, rule = f"{hours:.2f} h from the nearest site", f"a site within the promise of {most:g} h"
        yield Problem(source, int(row), "lon, lat", Phrase(value), rule, hint, "warning")
