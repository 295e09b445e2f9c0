"""What an order costs, and the four accounts.

Distances are in km, times in h, money in the study's currency; shapes are (customers, sites) unless said.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from netdesign.study.case import Floats, SegmentCase
from netdesign.study.last_mile import LastMile, Stops, daily_stops, last_mile, route_hours
from netdesign.study.make import Key, added, overheads, unit_costs
from netdesign.study.promises import promise_slack, promised_hours, work_hours
from netdesign.study.roads import Drives
from netdesign.study.schema import ACCOUNTS
from netdesign.study.supply import component_costs

if TYPE_CHECKING:
    import pandas as pd

    from netdesign.study.design import Design

SITE: Final = ("infrastructure", "make", "site")
LAST_MILE: Final = ("logistics", "deliver", "last mile")
KEY_COLUMNS: Final = ("account", "stage", "driver")


@dataclass(frozen=True, eq=False)
class OrderCosts:
    """Cost of one order of each customer from each site, by account and stage.

    Attributes
    ----------
    stops
        What a day brings.
    drive_km
        From site to customer on the road; infinite where there is no way.
    drive_h
        Hours from site to customer, driven by the segment's vehicles or taken by a carrier.
    co2_kg
        Emissions of delivering an order.
    slack_h
        Hours of the promise that are left for machines.
    last_mile
        Per stop.
    parts
        Per account, stage and driver: cost per order before any technology; infinite nowhere.
    total
        Their sum per order; infinite where a site cannot serve a customer.
    vehicle
        Where the segment has several: the one of its fleet that delivers.
    each
        Where there are only so many of one of these: the costs with each of them for everybody.
    """

    stops: Stops
    drive_km: Floats
    drive_h: Floats
    slack_h: Floats
    co2_kg: Floats
    last_mile: LastMile
    parts: dict[Key, Floats]
    total: Floats
    vehicle: NDArray[np.int64] | None = None
    each: tuple[OrderCosts, ...] = ()

    @property
    def bare(self) -> OrderCosts:
        """Hours and totals alone."""
        none = np.empty((0, 0))
        mile = LastMile(none, none, none, none)
        each = tuple(costs.bare for costs in self.each)
        return replace(self, parts={}, last_mile=mile, drive_km=none, co2_kg=none, vehicle=None, each=each)

    def delivered(self, vehicle: NDArray[np.int64]) -> OrderCosts:
        """With the vehicle that delivers to each customer, of several: shape (customers,)."""
        at = np.broadcast_to(vehicle[:, None], self.total.shape)
        return replace(_picked(self.each, at), each=self.each)

    def without(self, site: int) -> OrderCosts:
        """Without a site: it reaches nobody."""
        total = self.total.copy()
        total[:, site] = np.inf
        return replace(self, total=total, each=tuple(costs.without(site) for costs in self.each))

    def only(self, customers: NDArray[np.bool_]) -> OrderCosts:
        """The same costs for some of the customers."""
        stops = Stops(**{f.name: getattr(self.stops, f.name)[customers] for f in fields(Stops)})
        mile = LastMile(**{f.name: getattr(self.last_mile, f.name)[customers] for f in fields(LastMile)})
        parts = {key: part[customers] for key, part in self.parts.items()}
        mine = {name: getattr(self, name)[customers] for name in ("drive_km", "drive_h", "slack_h", "co2_kg", "total")}
        vehicle = None if self.vehicle is None else self.vehicle[customers]
        each = tuple(costs.only(customers) for costs in self.each)
        return replace(self, stops=stops, last_mile=mile, parts=parts, vehicle=vehicle, each=each, **mine)


def order_costs(case: SegmentCase) -> OrderCosts:
    """Cost per order for every customer and site of a segment, with the vehicle that costs least between the two.

    A demand point has one vehicle, so that whoever lies around it shares its routes and the density stays.
    """
    if case.menu:
        return _stacked([order_costs(own) for _, own in case.by_tier()])
    if case.mode is not None or not case.fleet:
        return _costs_with(case)
    each = [_costs_with(case.driving(vehicle)) for vehicle in case.fleet]
    chosen = _picked(each, np.argmin([costs.total for costs in each], axis=0))
    scarce = any(math.isfinite(vehicle.count) for vehicle in case.fleet)
    return replace(chosen, each=tuple(each)) if scarce else chosen


def _picked(each: Sequence[OrderCosts], at: NDArray[np.int64]) -> OrderCosts:
    """Costs with the vehicle that delivers from each site to each customer; what is left out stays so."""

    def pick(values: Sequence[Any]) -> Floats:
        if not np.size(values[0]):
            return np.asarray(values[0], float)
        chosen: Floats = np.choose(at, np.broadcast_arrays(*values))
        return chosen

    mile = {f.name: pick([getattr(c.last_mile, f.name) for c in each]) for f in fields(LastMile)}
    mine: dict[str, Any] = {
        name: pick([getattr(c, name) for c in each]) for name in ("drive_km", "drive_h", "slack_h", "co2_kg", "total")
    }
    parts = {key: pick([costs.parts[key] for costs in each]) for key in each[0].parts}
    return replace(each[0], last_mile=LastMile(**mile), parts=parts, vehicle=at, **mine)


def _stacked(each: Sequence[OrderCosts]) -> OrderCosts:
    """Costs of the customers of several tiers as those of all of them; a carrier's stand under the first vehicle."""
    together = tuple(
        _stacked([c.each[v] if c.each else c if v == 0 else _nowhere(c) for c in each])
        for v in range(max(len(c.each) for c in each))
    )

    def all_of(objects: Sequence[object], names: Sequence[str]) -> dict[str, Floats]:
        return {name: np.concatenate([getattr(o, name) for o in objects]) for name in names}

    stops = Stops(**all_of([c.stops for c in each], [f.name for f in fields(Stops)]))
    mile = LastMile(**all_of([c.last_mile for c in each], [f.name for f in fields(LastMile)]))
    keys = dict.fromkeys(key for c in each for key in c.parts)
    parts = {key: np.concatenate([c.parts.get(key, np.zeros_like(c.total)) for c in each]) for key in keys}
    vehicle = None
    if any(c.vehicle is not None for c in each):
        vehicle = np.concatenate([np.zeros(c.total.shape, np.int64) if c.vehicle is None else c.vehicle for c in each])
    mine = all_of(each, ("drive_km", "drive_h", "slack_h", "co2_kg", "total"))
    return OrderCosts(stops=stops, last_mile=mile, parts=parts, vehicle=vehicle, each=together, **mine)


def _nowhere(costs: OrderCosts) -> OrderCosts:
    """The same where nobody is reached."""
    return replace(costs, total=np.full_like(costs.total, np.inf))


def _costs_with(case: SegmentCase) -> OrderCosts:
    """The same with the one vehicle of a segment, or its carrier."""
    road, stops = drives(case, case.customer_lonlat, case.site_lonlat), daily_stops(case)
    deliver = own_vehicles if case.mode is None else carrier
    mile, drive_h, co2_kg = deliver(case, road, stops)
    units = case.units_per_order[:, None]
    handling = case.sites["handling"].to_numpy(float)[None, :]
    work_h = work_hours(case, units)
    slack_h = promise_slack(case, drive_h, work_h)
    reachable = servable(case, drive_h) & (slack_h >= 0) & np.isfinite(mile.cost)
    drop = np.where(reachable, mile.cost, 0.0) / stops.orders_per_stop[:, None]
    parts: dict[Key, Floats] = {
        ("supplier", "source", "material"): np.broadcast_to(units * case.material_cost, road.km.shape),
        ("labor", "make", "work"): work_h * case.hour_of_work[None, :],
        ("labor", "deliver", "handling"): np.broadcast_to(handling, road.km.shape),
        LAST_MILE: drop,
    }
    if carbon_price := case.config.carbon_price:
        parts["logistics", "deliver", "carbon"] = np.where(reachable, co2_kg, 0.0) / 1000 * carbon_price
    if case.offer.return_rate:
        parts["logistics", "return", "returns"] = case.offer.return_rate * drop
    for key, cost in overheads(case, "order").items():
        parts[key] = parts.get(key, 0.0) + np.full(road.km.shape, cost)
    total = np.where(reachable, sum(parts.values()), np.inf)
    return OrderCosts(stops, road.km, drive_h, slack_h, co2_kg, mile, parts, total)


def drives(case: SegmentCase, points_lonlat: Floats, sites_lonlat: Floats) -> Drives:
    """From sites to points along the study's roads, else great circles times the circuity at the vehicle's speed."""
    if case.roads is not None:
        return case.roads.drives(points_lonlat, sites_lonlat)
    from geodata import great_circle_m

    km = case.circuity * great_circle_m(points_lonlat, sites_lonlat) / 1000
    return Drives(km, km / case.vehicle.speed_kmh)


def own_vehicles(case: SegmentCase, road: Drives, stops: Stops) -> tuple[LastMile, Floats, Floats]:
    """Last mile per stop, hours of driving and kg of CO2 per order where the segment's vehicles deliver."""
    mile = last_mile(
        road,
        stops.per_km2[:, None],
        stops.load_share[:, None],
        stops.service_h[:, None],
        case.vehicle,
        route_h=route_hours(case, road.hours),
        promised_h=promised_hours(case, road.hours, work_hours(case, case.units_per_order[:, None])),
        k=case.config.last_mile.k,
        factor=case.site_factors[None, :],
    )
    km = np.where(np.isfinite(mile.cost), mile.km, 0.0) / stops.orders_per_stop[:, None]
    return mile, road.hours, km * case.vehicle.co2_per_km


def carrier(case: SegmentCase, road: Drives, stops: Stops) -> tuple[LastMile, Floats, Floats]:
    """The same where a carrier delivers: rates by shipment, mass and distance, and no routes of our own."""
    mode = case.mode
    assert mode is not None
    way = np.isfinite(road.km)
    km = np.where(way, road.km, 0.0)
    kg = case.customers["drop_kg"].to_numpy(float)[:, None]
    rate = np.where(way, mode.cost(km, kg), np.inf)
    none = np.zeros_like(rate)
    mile = LastMile(rate * stops.orders_per_stop[:, None], none, none, none)
    return mile, np.where(way, mode.fixed_h + km / mode.speed_kmh, np.inf), kg * km / 1000 * mode.co2_per_t_km


def servable(case: SegmentCase, drive_h: Floats) -> NDArray[np.bool_]:
    """Where the promise and, on our own routes, the delivery windows can be kept: shape (customers, sites)."""
    if case.mode is not None:
        on_time: NDArray[np.bool_] = drive_h <= case.max_hours
        return on_time
    start, end = case.vehicle.shift_start_h, case.vehicle.shift_start_h + case.vehicle.shift_h
    earliest, latest, service = (
        case.customers[c].to_numpy(float)[:, None] for c in ("earliest_h", "latest_h", "service_minutes")
    )
    begin = np.maximum(start + drive_h, earliest)
    result: NDArray[np.bool_] = (
        (drive_h <= case.max_hours) & (begin <= latest) & (begin + service / 60 + drive_h <= end)
    )
    return result


def cost_to_serve(case: SegmentCase, costs: OrderCosts, design: Design) -> pd.DataFrame:
    """Yearly cost per customer, account, stage and driver; the rows add up to the design's objective.

    What a node costs whatever it makes is shared by its orders, what the segment costs by all orders. A node that has
    to stay and serves nobody has a row of its own, without a customer.

    Returns
    -------
    DataFrame
        Columns customer, site, account, stage, driver, cost_per_year.
    """
    import pandas as pd

    here, at = np.arange(len(case.customers)), design.assignment
    orders = case.orders_per_year
    yearly = {key: part[here, at] * orders for key, part in costs.parts.items()}
    units = case.units_per_year
    for j, process in design.processes.items():
        mine = at == j
        share = orders[mine] / orders[mine].sum()
        hours = process.hours(orders[mine].sum(), units[mine].sum())
        site = {SITE: float(case.fixed_cost_per_year[j])}
        node = added(site, process.equipment_costs(hours), process.per_node)
        for key, amount in [
            *((k, c * share) for k, c in node.items()),
            *((k, c * units[mine] / units[mine].sum()) for k, c in process.safety_costs(units[mine].sum()).items()),
            *((k, c * orders[mine]) for k, c in process.per_order.items()),
            *((k, c * units[mine]) for k, c in unit_costs(case, process, j).items()),
        ]:
            yearly.setdefault(key, np.zeros(len(orders)))[mine] += amount
    for key, cost in component_costs(design.purchases).items():
        yearly[key] = yearly.get(key, 0.0) + cost * units / units.sum()
    for key, cost in overheads(case, "segment", "variant").items():
        yearly[key] = yearly.get(key, 0.0) + cost * orders / orders.sum()
    sites = case.sites["site"].to_numpy()
    rows = {"customer": case.customers["customer"], "site": sites[at]}
    frames = [
        pd.DataFrame(rows | dict(zip(KEY_COLUMNS, key, strict=True)) | {"cost_per_year": yearly[key]})
        for key in sorted(yearly, key=lambda key: (ACCOUNTS.index(key[0]), *key[1:]))
    ]
    idle = [j for j in design.open if j not in design.processes]
    if idle:
        empty = {"customer": "", "site": sites[idle]} | dict(zip(KEY_COLUMNS, SITE, strict=True))
        frames.append(pd.DataFrame(empty | {"cost_per_year": case.fixed_cost_per_year[idle]}))
    return pd.concat(frames, ignore_index=True)
