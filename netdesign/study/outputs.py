"""Results to files: one folder per segment, and what belongs to all of them beside it.

``segments/<segment>/`` depends on that segment's own inputs only and holds no times: equal inputs give equal
bytes, whatever else the study holds and on however many workers it ran. Times, host and versions are in
``run.json``.
"""

from __future__ import annotations

import json
import math
import platform
import shutil
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from netdesign.study.config import to_toml
from netdesign.study.cost import LAST_MILE
from netdesign.study.design import find_unservable, hours_of_machines
from netdesign.study.route_check import NodeDay, vehicle_use
from netdesign.study.streams import partition_table, sharing_table
from netdesign.study.summary import segment_figures
from netdesign.study.supply import contract_table

if TYPE_CHECKING:
    from netdesign.study.budget import Budget
    from netdesign.study.case import SegmentCase
    from netdesign.study.options import Option
    from netdesign.study.pipeline import SegmentRun
    from netdesign.study.roads import StudyRoads
    from netdesign.study.segmentation import Segmentation
    from netdesign.study.streams import Partition
    from netdesign.study.study import Study

PACKAGES = ("netdesign", "numpy", "scipy", "pandas", "geopandas", "ortools")


def write_outputs(
    study: Study,
    segments: Sequence[SegmentRun],
    sharing: Partition | None,
    shocks: pd.DataFrame | None,
    groups: Segmentation | None,
    summary: dict[str, Any],
    out: Path,
    budget: Budget,
) -> Path:
    """Write everything but the report.

    Parameters
    ----------
    study, segments, sharing, shocks, groups, summary
        The resolved study and its results.
    out
        The folder; its ``segments`` from an earlier run are replaced.
    budget
        The run's limits, for ``run.json``.

    Returns
    -------
    Path
        `out`.
    """
    out.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(out / "segments", ignore_errors=True)
    for run in segments:
        folder = out / "segments" / run.case.slug
        folder.mkdir(parents=True)
        for name, frame in segment_tables(run).items():
            frame.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")
        _write_json(folder / "segment.json", segment_figures(run))
    pd.DataFrame([_flat(f) for f in summary["segments"]]).to_csv(out / "segments.csv", index=False, lineterminator="\n")
    tables = {} if sharing is None else {"partition": partition_table(sharing), "sharing": sharing_table(sharing)}
    if groups is not None:
        tables["segmentation"] = groups.customers
    if sharing is not None:
        tables["streams"] = sharing.served
    for name in ("partition", "sharing", "audit", "streams", "segmentation"):
        (out / f"{name}.csv").unlink(missing_ok=True)
    for name, table in (tables if shocks is None else tables | {"audit": shocks}).items():
        table.to_csv(out / f"{name}.csv", index=False, lineterminator="\n")
    _write_json(out / "summary.json", {key: value for key, value in summary.items() if key != "seconds"})
    _write_json(out / "run.json", _provenance(study, summary, budget))
    (out / "study.toml").write_text(to_toml(study.config), "utf-8")
    write_geopackage(study, segments, out / "network.gpkg")
    return out


def segment_tables(run: SegmentRun) -> dict[str, pd.DataFrame]:
    """The segment's tables by file name: sites, customers, cost_to_serve, route_check, routes, stops.

    In a segment with prices also offers, menus of several tiers, complexity and declined, and with both kinds of
    technology breakeven; with scenarios also these, with components contracts, and the frontiers unless they are left
    out; the rounds in which the last mile was fitted, the factors, and the moves of nodes that were tried on the road;
    and the accounts of today's network.
    """
    value: dict[str, pd.DataFrame] = {} if run.baseline is None else {"baseline": run.baseline.accounts}
    value |= {} if run.variety is None else {"offers": run.variety.frontier, "declined": _declined(run.variety.best)}
    if run.variety is not None and len(run.variety.menus):
        value["menus"] = run.variety.menus
    if run.design is None or run.accounts is None or run.check is None:
        lost = pd.DataFrame(
            [[u.customer, "; ".join(u.reasons)] for u in run.unservable], columns=["customer", "reason"]
        )
        return value if run.variety is not None else value | {"unserved": lost}
    if run.complexity is not None:
        value["complexity"] = run.complexity
    if run.breakeven is not None:
        value["breakeven"] = run.breakeven.table
    if run.outlook is not None:
        value["scenarios"] = run.outlook.table
    value |= _learned(run)
    if run.frontiers is not None and len(run.frontiers):
        value["frontiers"] = run.frontiers
    if run.design.purchases:
        value["contracts"] = contract_table([run.case], run.design.purchases, tail=run.case.config.risk.tail)
    if len(run.check.promises):
        value["promises"] = run.check.promises
    days = [
        (str(run.case.sites["site"].iloc[day.site]), day) for day in run.check.days if day.result.solution is not None
    ]
    routes = [_by_tier(run.case, day, vehicle_use(day).assign(site=site)[ROUTE_COLUMNS]) for site, day in days]
    stops = [_by_tier(run.case, day, _stops(site, day)) for site, day in days]
    return value | {
        "sites": _sites(run),
        "customers": _customers(run),
        "cost_to_serve": run.accounts,
        "route_check": run.check.nodes,
        "routes": pd.concat(routes, ignore_index=True) if routes else pd.DataFrame(columns=ROUTE_COLUMNS),
        "stops": pd.concat(stops, ignore_index=True) if stops else pd.DataFrame(columns=STOP_COLUMNS),
    }


def _learned(run: SegmentRun) -> dict[str, pd.DataFrame]:
    """What routed days taught, and what was done of it."""
    if run.rounds is None or not len(run.rounds):
        return {}
    tables = {"refit": run.rounds, "factors": run.case.factors.frame()}
    return tables if run.polish is None else tables | {"polish": run.polish.moves}


ROUTE_COLUMNS = ["site", "vehicle_type", "route", "stops", "km", "hours", "load_use", "shift_use"]
STOP_COLUMNS = [
    "site",
    "vehicle_type",
    "route",
    "sequence",
    "stop",
    "customer",
    "lon",
    "lat",
    "orders",
    "kg",
    "m3",
    "arrival_h",
]


def _by_tier(case: SegmentCase, day: NodeDay, frame: pd.DataFrame) -> pd.DataFrame:
    """With the tier whose routes these are, where a menu of several is offered."""
    if case.menu:
        frame.insert(1, "tier", case.tier_of[day.stops["row"].iloc[0]])
    return frame


def write_geopackage(study: Study, segments: Sequence[SegmentRun], path: Path) -> None:
    """One GeoPackage with the layers segments, nodes, customers, assignments, routes and roads, in EPSG:4326."""
    import pyogrio

    path.unlink(missing_ok=True)
    layers = {name: frame for name, frame in _layers(segments).items() if len(frame)}
    if study.roads is not None and "customers" in layers:
        layers["roads"] = _basemap(study.roads, layers["customers"], layers["nodes"])
    # GDAL writes the time of day into the file; a fixed one keeps equal results equal.
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": "2000-01-01T00:00:00.000Z"})
    try:
        for name, frame in layers.items():
            frame.to_file(path, layer=name, driver="GPKG")
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})


def _layers(segments: Sequence[SegmentRun]) -> dict[str, Any]:
    import geopandas as gpd
    import shapely

    parts: dict[str, list[gpd.GeoDataFrame]] = {
        name: [] for name in ("segments", "nodes", "customers", "assignments", "routes")
    }
    for run in segments:
        tables, name = segment_tables(run), run.case.name

        def add(layer: str, frame: pd.DataFrame, geometry: Any, segment: str = name) -> None:
            data = frame.drop(columns=["lon", "lat"], errors="ignore")
            data.insert(0, "segment", segment, allow_duplicates=False)
            parts[layer].append(gpd.GeoDataFrame(data, geometry=geometry, crs="EPSG:4326"))

        figures = _flat(segment_figures(run))
        figures.pop("segment")
        add("segments", pd.DataFrame([figures]), [shapely.MultiPoint(run.case.customer_lonlat).convex_hull])
        if run.design is None:
            continue
        nodes, customers = tables["sites"][tables["sites"]["open"]], tables["customers"]
        points = customers[["lon", "lat"]].to_numpy(float)
        add("nodes", nodes, shapely.points(nodes[["lon", "lat"]].to_numpy(float)))
        add("customers", customers, shapely.points(points))
        ends = run.case.site_lonlat[run.design.assignment]
        add(
            "assignments",
            customers[["customer", "site", "orders_per_year", "km", "hours"]],
            shapely.linestrings(np.stack([ends, points], axis=1)),
        )
        add(
            "routes",
            tables["routes"],
            [line for day in (run.check.days if run.check else ()) for line in _route_lines(day, run.case.roads)],
        )
    return {name: pd.concat(frames, ignore_index=True) if frames else [] for name, frames in parts.items()}


def _route_lines(day: NodeDay, roads: StudyRoads | None) -> list[Any]:
    """The lines of a node's routes, along the roads where there are some."""
    solution = day.result.solution
    if solution is None or solution.problem.lonlat is None:
        return []
    return list(solution.to_geodataframe(along=None if roads is None else roads.engine.ways).geometry)


def _basemap(roads: StudyRoads, *shown: Any) -> Any:
    """The roads around all that is shown."""
    from geodata import roads_for_map

    west, south, east, north = pd.concat([layer.geometry for layer in shown]).total_bounds
    pad = 0.1 * max(east - west, north - south, 0.01)
    return roads_for_map(roads.engine.roads, (west - pad, south - pad, east + pad, north + pad))


def _sites(run: SegmentRun) -> pd.DataFrame:
    """One row per site that could be a node: whether it is one, whom it serves and what that costs."""
    assert run.design is not None
    assert run.accounts is not None
    case, design = run.case, run.design
    m = len(case.sites)
    spent = run.accounts.groupby("site")["cost_per_year"].sum()
    served = np.bincount(design.assignment, weights=case.orders_per_year, minlength=m)
    frame = case.sites[["site", "lon", "lat", "status"]].copy()
    frame["open"] = np.isin(np.arange(m), design.open)
    frame["customers"] = np.bincount(design.assignment, minlength=m)
    frame["orders_per_year"] = served
    nodes = design.processes
    if not case.technologies.empty:
        frame["technology"] = [nodes[j].technology if j in nodes else "" for j in range(m)]
        # Infinitely many lots: units are made one by one.
        frame["lots_per_year"] = [nodes[j].lots_per_year if j in nodes else np.nan for j in range(m)]
    if any(math.isfinite(process.capacity_h) for process in nodes.values()):
        hours = hours_of_machines(case, design)
        machines = {j: process.machines(hours[j]) for j, process in nodes.items()}
        frame["machines"] = [machines.get(j, 0) for j in range(m)]
        frame["machine_use"] = [
            hours[j] / (machines[j] * nodes[j].capacity_h) if j in nodes else np.nan for j in range(m)
        ]
    frame["fixed_cost_per_year"] = np.where(frame["open"], case.fixed_cost_per_year, 0.0)
    frame["cost_per_year"] = frame["site"].map(spent).fillna(0.0)
    frame["cost_per_order"] = frame["cost_per_year"] / np.where(served > 0, served, np.nan)
    return frame


def _customers(run: SegmentRun) -> pd.DataFrame:
    """One row per customer: who serves it, how far, at what cost."""
    assert run.design is not None
    assert run.accounts is not None
    case, costs, at = run.case, run.costs, run.design.assignment
    here = np.arange(len(case.customers))
    hours = costs.drive_h[here, at]
    spent = run.accounts.groupby("customer")["cost_per_year"].sum()
    frame = case.customers[["customer", *(["tier"] if case.menu else []), "lon", "lat", "area_km2"]].copy()
    frame["site"] = case.sites["site"].to_numpy()[at]
    if costs.vehicle is not None:
        names = np.array([vehicle.name for vehicle in case.fleet], object)[costs.vehicle[here, at]]
        for mine, own in case.by_tier():
            names[mine] = own.mode.name if own.mode is not None else names[mine]
        frame["vehicle_type"] = names
    frame["orders_per_year"] = case.orders_per_year
    frame["stops_per_day"] = costs.stops.per_day
    frame["stops_per_km2"] = costs.stops.per_km2
    frame["km"], frame["hours"] = costs.drive_km[here, at], hours
    frame["cost_per_year"] = frame["customer"].map(spent)
    frame["last_mile_per_order"] = costs.parts[LAST_MILE][here, at]
    if case.priced:
        frame["revenue_per_year"] = case.revenue_per_order * case.orders_per_year
        frame["profit_per_year"] = frame["revenue_per_year"] - frame["cost_per_year"]
    return frame


def _declined(best: Option) -> pd.DataFrame:
    """Who is left out of the best offer, and why."""
    names = best.case.customers["customer"]
    reasons = dict.fromkeys(names[~best.design.served], "costs more than it brings")
    reasons |= {lost.customer: "; ".join(lost.reasons) for lost in find_unservable(best.case, best.costs)}
    return pd.DataFrame(list(reasons.items()), columns=["customer", "reason"])


def _stops(site: str, day: NodeDay) -> pd.DataFrame:
    """One row per stop in the order of the routes; arrival as the hour of the day."""
    solution = day.result.best()
    rows = [
        (site, number, sequence, location - 1, (arrival + waiting) / 3600)
        for number, schedule in enumerate(solution.schedules, start=1)
        for sequence, (location, arrival, waiting) in enumerate(
            zip(schedule.path, schedule.arrival, schedule.waiting, strict=True)
        )
        if location
    ]
    frame = pd.DataFrame(rows, columns=["site", "route", "sequence", "at", "arrival_h"])
    stops = day.stops.iloc[frame["at"].to_numpy()].reset_index(drop=True)
    return pd.concat([frame.assign(vehicle_type=day.vehicle.name), stops], axis=1)[STOP_COLUMNS].round({"arrival_h": 4})


def _provenance(study: Study, summary: dict[str, Any], budget: Budget) -> dict[str, Any]:
    """What only this one run knows: time, host, versions, limits."""
    return {
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": summary["seconds"],
        "input_hash": summary["input_hash"],
        "seed": summary["seed"],
        "workers": budget.workers,
        "deterministic": budget.deterministic,
        "time_limit_s": budget.time_limit_s,
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}",
        "versions": {name: _version(name) for name in PACKAGES},
        "warnings": [str(w) for w in study.warnings],
    }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _flat(figures: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested figures as one row of a table."""
    row: dict[str, Any] = {}
    for key, value in figures.items():
        if isinstance(value, dict):
            row |= _flat(value, f"{prefix}{key}_")
        else:
            row[prefix + key] = "; ".join(map(str, value)) if isinstance(value, list) else value
    return row


def _write_json(path: Path, data: Any) -> None:
    path.write_text(json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False) + "\n", "utf-8")
