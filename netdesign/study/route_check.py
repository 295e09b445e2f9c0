"""Drawn days, routed from every node, beside what the formula said about those same days."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from netdesign.result import Result
from netdesign.routing import RoutingProblem, RoutingSolution, SphereTravel, VehicleType, route
from netdesign.stop import Stop
from netdesign.study.case import Floats, SegmentCase, Vehicle
from netdesign.study.cost import OrderCosts, drives
from netdesign.study.design import Design
from netdesign.study.last_mile import LastMile, drop_shares, last_mile, route_hours
from netdesign.study.promises import latest_hours, promise_table, promised_hours, travel_hours, work_hours
from netdesign.study.road_travel import road_travel
from netdesign.study.roads import Drives
from netdesign.study.store import CUT_SHORT
from netdesign.study.workers import IN_PLACE, monitor

KM_PER_DEGREE = 111.195
"""Of latitude, on the mean sphere."""


@dataclass(frozen=True, eq=False)
class NodeDay:
    """A node's day: the stops and the plan that serves them.

    Attributes
    ----------
    site, vehicle
        Index of the node, and what it drives.
    stops
        Columns stop, customer, row, vehicle, lon, lat, orders, kg, m3, load_share, service_h, earliest_h, latest_h,
        within_h (from departure, by the promise), per_km2.
    result
        The routing result; its solution is None where somebody could not be placed.
    number
        Which of the drawn days it is.
    unserved
        Names of the stops that were left out for want of vehicles; see :mod:`netdesign.study.few_vehicles`.
    """

    site: int
    vehicle: Vehicle
    stops: pd.DataFrame
    result: Result[RoutingSolution]
    number: int = 0
    unserved: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class RouteCheck:
    """Predicted and routed, per node and for the segment.

    Attributes
    ----------
    days
        Of the first day: one per open node and vehicle that has stops.
    nodes
        One row per day, node and vehicle: stops, routes, km, hours, predicted and routed cost, what no plan for that
        day goes below, relative error, use of vehicles; of a segment whose vehicles are limited also unserved, the
        stops that none was left for, which the other figures leave out.
    promises
        How the promises were kept; see :func:`netdesign.study.promises.promise_table`.
    """

    days: tuple[NodeDay, ...]
    nodes: pd.DataFrame
    promises: pd.DataFrame

    @property
    def errors(self) -> pd.DataFrame:
        """Per node, all its routed days and vehicles together: predicted over routed cost less 1, and how sure that is.

        Columns stops, days, error and standard_error, which comes from what the days differ; nan with a single day.
        """
        return node_errors(self.nodes)


def draw_day(case: SegmentCase, costs: OrderCosts, design: Design | None = None, which: int = 0) -> pd.DataFrame:
    """The stops of a working day: Poisson orders, seeded by the study's seed, the segment's name and the day's number.

    In a neighbourhood every order is a stop somewhere in its disc; at an address all orders are one stop, or
    as few as the size of the vehicle allows that delivers in the design: the first of the fleet where none is given.
    Whom the design declines has no stops; the day is the same for every design.
    """
    rng = np.random.default_rng(case.seed_of("day", *([str(which)] if which else [])))
    table, orders = case.customers, rng.poisson(case.orders_per_day)
    first = np.cumsum(orders) - orders
    lonlat = _scattered(case, np.repeat(np.arange(len(table)), orders), rng)
    served = np.ones(len(table), bool) if design is None else design.served
    spread = table["area_km2"].to_numpy(float) > 0
    fleet = case.fleet or (case.vehicle,)
    vehicle = np.zeros(len(table), np.int64)
    if costs.vehicle is not None and design is not None:
        vehicle = costs.vehicle[np.arange(len(table)), design.assignment]
    single = np.choose(vehicle, [drop_shares(np.ones(len(table)), table, v) for v in fleet])
    largest = np.maximum(1, np.floor(1 / np.maximum(single, 1e-9)))
    pieces = np.where(served, np.where(spread, orders, np.ceil(orders / largest)), 0).astype(int)
    row = np.repeat(np.arange(len(table)), pieces)
    number = np.arange(len(row)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    share = orders[row] // pieces[row] + (number < orders[row] % pieces[row])
    lon, lat = lonlat[first[row] + number].T
    customers = table["customer"].to_numpy()[row]
    within = np.full(len(table), np.inf)
    if design is not None:
        within[served] = travel_hours(case.only(served), costs.only(served), design.only_served())
    loads = np.choose(vehicle[row], [np.maximum(drop_shares(share, table.iloc[row], v), 1 / v.stops) for v in fleet])
    return pd.DataFrame(
        {
            "stop": [f"{c} #{n + 1}" for c, n in zip(customers, number, strict=True)],
            "customer": customers,
            "row": row,
            "vehicle": vehicle[row],
            "lon": lon,
            "lat": lat,
            "orders": share,
            "kg": table["drop_kg"].to_numpy(float)[row] * share,
            "m3": table["drop_m3"].to_numpy(float)[row] * share,
            "load_share": loads,
            "service_h": costs.stops.service_h[row],
            "earliest_h": table["earliest_h"].to_numpy(float)[row],
            "latest_h": table["latest_h"].to_numpy(float)[row],
            "within_h": within[row],
            "per_km2": costs.stops.per_km2[row],
        }
    )


Asked = tuple[int, int, Vehicle, pd.DataFrame]
"""The number of a day, a node, what it drives, and its stops of that day."""


def asked_days(case: SegmentCase, costs: OrderCosts, design: Design, numbers: Iterable[int]) -> list[Asked]:
    """All that is to be routed of some days."""
    return [asked for n in numbers for asked in node_stops(case, design, draw_day(case, costs, design, n), n)]


def node_stops(case: SegmentCase, design: Design, day: pd.DataFrame, number: int = 0) -> list[Asked]:
    """The nodes and vehicles that have stops of a tier on a day; where a carrier delivers, its routes are its own."""
    row, vehicle = day["row"].to_numpy(int), day["vehicle"].to_numpy()
    site, tier = design.assignment[row], case.tier_of[row]
    return [
        (number, j, driven, day[mine].reset_index(drop=True))
        for j in design.open
        for v, driven in enumerate(case.fleet or (case.vehicle,))
        for _, own in case.by_tier()
        if own.mode is None and (mine := (site == j) & (vehicle == v) & (tier == own.offer.tier.name)).any()
    ]


def routed_days(case: SegmentCase, asked: list[Asked], stop: Stop, pool: Executor = IN_PLACE) -> list[NodeDay]:
    """Route the days of some nodes with the real routing engine, each with a seed of its own."""
    results: list[Future[Result[RoutingSolution]]] = [
        pool.submit(route_node, case.driving(vehicle), j, stops, stop, seed=seed_of(case, j, vehicle))
        for _, j, vehicle, stops in asked
    ]
    return [NodeDay(j, v, s, result.result(), n) for (n, j, v, s), result in zip(asked, results, strict=True)]


def seed_of(case: SegmentCase, site: int, vehicle: Vehicle) -> int:
    """Of routing what a node drives."""
    purpose = ("route", str(case.sites["site"].iloc[site]), *([vehicle.name] if case.fleet else []))
    return case.seed_of(*purpose) % 2**31


def route_node(
    case: SegmentCase,
    site: int,
    stops: pd.DataFrame,
    stop: Stop,
    *,
    seed: int,
    vehicles: int | None = None,
    start: Sequence[Sequence[int]] | None = None,
) -> Result[RoutingSolution]:
    """Route a node's day, with so many vehicles at most, beginning from routes where there are some."""
    problem = _problem(case, site, stops, vehicles)
    return route(problem, stop=stop, seed=seed, start=start, progress=monitor())


def compare(case: SegmentCase, days: list[NodeDay]) -> RouteCheck:
    """Predicted against routed cost of the same days."""
    rows = [_node_row(case, day, predict(case, day)) for day in days]
    nodes = pd.DataFrame(rows, columns=list(NODE_COLUMNS))
    if case.menu:
        nodes.insert(1, "tier", [case.tier_of[day.stops["row"].iloc[0]] for day in days])
    if any(math.isfinite(vehicle.count) for vehicle in case.fleet or (case.vehicle,)):
        nodes.insert(list(NODE_COLUMNS).index("orders"), "unserved", [len(day.unserved) for day in days])
    return RouteCheck(tuple(day for day in days if day.number == 0), nodes, promise_table(case, days))


def node_errors(nodes: pd.DataFrame) -> pd.DataFrame:
    """See :attr:`RouteCheck.errors`; a node's day counts where all its vehicles were routed."""
    columns = ["stops", "predicted_cost", "routed_cost"]
    days = nodes.groupby(["site", "day"], sort=False)[columns].sum(min_count=1)
    whole = nodes["routed_cost"].notna().groupby([nodes["site"], nodes["day"]], sort=False).all()
    rows = []
    for site, mine in days[whole].groupby("site", sort=False):
        error = relative_error(mine["predicted_cost"].to_numpy(float), mine["routed_cost"].to_numpy(float))
        rows.append((site, int(mine["stops"].sum()), len(mine), *error))
    return pd.DataFrame(rows, columns=["site", "stops", "days", "error", "standard_error"]).set_index("site")


def relative_error(predicted: Floats, routed: Floats) -> tuple[float, float]:
    """Predicted over routed cost of some days less 1; its standard error by what the days differ, nan with one day."""
    n, total = len(routed), float(routed.sum())
    error = float(predicted.sum()) / total - 1
    squares = float(((predicted - (1 + error) * routed) ** 2).sum())
    return error, math.sqrt(squares * n / (n - 1)) / total if n > 1 else math.nan


NODE_COLUMNS = (
    "day",
    "site",
    "vehicle_type",
    "status",
    "stops",
    "orders",
    "routes",
    "routed_km",
    "routed_h",
    "predicted_routes",
    "predicted_km",
    "predicted_cost",
    "routed_cost",
    "routed_bound",
    "relative_error",
    "load_use",
    "shift_use",
    "reproducible",
    "detail",
)


def predict(case: SegmentCase, day: NodeDay) -> LastMile:
    """The formula's answer for every stop of a node's day."""
    stops, units = day.stops, case.units_per_order[day.stops["row"].to_numpy(int)]
    node, factor = case.site_lonlat[[day.site]], case.factors.of(day.vehicle.name, case.sites["site"].iloc[[day.site]])
    case = next(own for mine, own in case.by_tier() if mine[stops["row"].iloc[0]]).driving(day.vehicle)
    found = drives(case, stops[["lon", "lat"]].to_numpy(float), node)
    road = Drives(found.km[:, 0], found.hours[:, 0])
    density, load, service_h = (stops[c].to_numpy(float) for c in ("per_km2", "load_share", "service_h"))
    return last_mile(
        road,
        density,
        load,
        service_h,
        case.vehicle,
        route_h=route_hours(case, road.hours),
        promised_h=promised_hours(case, road.hours, work_hours(case, units)),
        k=case.config.last_mile.k,
        factor=factor,
    )


def routed_cost(solution: RoutingSolution, vehicle: Vehicle) -> float:
    """Vehicles, kilometres and paid hours, service and waiting included."""
    return (
        vehicle.cost_per_day * len(solution.routes)
        + vehicle.cost_per_km * solution.distance / 1000
        + vehicle.cost_per_h * solution.duration / 3600
    )


def routed_bound(day: NodeDay) -> float:
    """What no plan for a day goes below, service included; nan where nothing is proven."""
    if day.result.bound is None:
        return math.nan
    return day.result.bound + day.vehicle.cost_per_h * float(day.stops["service_h"].sum())


def _problem(case: SegmentCase, site: int, stops: pd.DataFrame, vehicles: int | None) -> RoutingProblem:
    """The day as a routing problem in metres and seconds, the node first."""
    vehicle = case.vehicle
    node = [case.sites[column].iloc[site] for column in ("lon", "lat")]
    lonlat = np.vstack([np.array(node, float), stops[["lon", "lat"]].to_numpy(float)])
    travel = (
        SphereTravel(lonlat, circuity=vehicle.circuity, speed_kmh=vehicle.speed_kmh)
        if case.roads is None
        else road_travel(case.roads.engine, lonlat, n_depots=1)[0]
    )
    opening, closing = vehicle.shift_start_h * 3600, (vehicle.shift_start_h + vehicle.shift_h) * 3600
    drive_h = travel.duration(np.zeros(len(stops), np.int64), np.arange(1, len(stops) + 1)) / 3600
    window = np.column_stack([stops["earliest_h"], latest_hours(case, stops, drive_h)]) * 3600
    load = np.column_stack([stops["kg"], stops["m3"], np.ones(len(stops))])
    fleet = VehicleType(
        capacity=(vehicle.kg, vehicle.m3, vehicle.stops),
        count=vehicles,
        fixed_cost=vehicle.cost_per_day,
        cost_per_distance=vehicle.cost_per_km / 1000,
        cost_per_travel_time=vehicle.cost_per_h / 3600,
        name=vehicle.name,
    )
    return RoutingProblem(
        travel=travel,
        vehicle_types=(fleet,),
        demand=np.vstack([np.zeros(3), load]),
        service_duration=np.r_[0.0, stops["service_h"] * 3600],
        time_window=np.vstack([[opening, closing], np.minimum(window, closing)]),
        ids=("node", *stops["stop"]),
        lonlat=lonlat,
    )


def _node_row(case: SegmentCase, day: NodeDay, mile: LastMile) -> dict[str, Any]:
    solution, vehicle = day.result.solution, day.vehicle
    row: dict[str, Any] = {
        "day": day.number,
        "site": case.sites["site"].iloc[day.site],
        "vehicle_type": vehicle.name,
        "status": day.result.status,
        "stops": len(day.stops),
        "orders": int(day.stops["orders"].sum()),
        "predicted_routes": float(mile.share.sum()),
        "predicted_km": float(mile.km.sum()),
        "predicted_cost": float(mile.cost.sum()),
        "reproducible": day.result.termination.reason not in CUT_SHORT,
        "detail": "; ".join(f"{u.customer}: {', '.join(u.reasons)}" for u in day.result.unserved[:5]),
    }
    if day.unserved:
        row["detail"] = f"no vehicle left for {', '.join(day.unserved)}"
    if solution is None:
        return row
    cost, use = routed_cost(solution, vehicle), vehicle_use(day)
    return row | {
        "routes": len(solution.routes),
        "routed_km": solution.distance / 1000,
        "routed_h": solution.duration / 3600,
        "routed_cost": cost,
        "routed_bound": routed_bound(day),
        "relative_error": row["predicted_cost"] / cost - 1,
        "load_use": float(use["load_use"].mean()),
        "shift_use": float(use["shift_use"].mean()),
    }


def vehicle_use(day: NodeDay) -> pd.DataFrame:
    """One row per route: vehicle type, stops, km, h, and the shares of load and shift that it uses."""
    solution, vehicle = day.result.best(), day.vehicle
    loads, limits = solution.problem.loads, np.array([vehicle.kg, vehicle.m3, vehicle.stops])
    rows = [
        {
            "vehicle_type": vehicle.name,
            "route": number,
            "stops": len(route.visits),
            "km": schedule.distance / 1000,
            "hours": schedule.duration / 3600,
            "load_use": float((loads[list(route.visits)].sum(axis=0) / limits).max()),
            "shift_use": schedule.duration / 3600 / vehicle.shift_h,
        }
        for number, (route, schedule) in enumerate(zip(solution.routes, solution.schedules, strict=True), start=1)
    ]
    return pd.DataFrame(rows, columns=["vehicle_type", "route", "stops", "km", "hours", "load_use", "shift_use"])


def _scattered(case: SegmentCase, row: Any, rng: np.random.Generator) -> Floats:
    """A point for every stop: evenly in the disc of its neighbourhood's area, and by a road where there are roads."""
    lonlat = case.customer_lonlat[row]
    reach_km = np.sqrt(case.customers["area_km2"].to_numpy(float)[row] / math.pi * rng.random(len(row)))
    angle = rng.random(len(row)) * 2 * math.pi
    east, north = reach_km * np.cos(angle), reach_km * np.sin(angle)
    stretch = np.cos(np.radians(lonlat[:, 1]))
    scattered: Floats = lonlat + np.column_stack([east / stretch, north]) / KM_PER_DEGREE
    moved = reach_km > 0
    if case.roads is not None and moved.any():
        scattered[moved] = case.roads.beside(scattered[moved])
    return np.round(scattered, 6)
