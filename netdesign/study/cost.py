"""What an order costs: the last mile by formula, and the four accounts.

Distances are in km, times in h, money in the study's currency; shapes are (customers, sites) unless said.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from netdesign.study.case import Floats, SegmentCase, Vehicle
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

NEIGHBOURHOOD_STOPS: Final = 8.0
"""Expected stops of a day that the local density is taken over.

Tried on three routed days of the Dutch sample: with 8 the best k lies between 0.52 and 0.62 for all three
segments; with 3 between 0.61 and 0.76, and with 30 the errors of neighbourhoods grow by half.
"""


@dataclass(frozen=True, eq=False)
class Stops:
    """What a working day brings to each demand point; arrays of shape (customers,).

    Attributes
    ----------
    per_day
        Expected stops.
    orders_per_stop
        Orders dropped together.
    load_share
        Share of a vehicle that one stop takes: the largest over kg, m3 and stops.
    service_h
        Time at the stop.
    per_km2
        Local density: stops per km2 and day.
    """

    per_day: Floats
    orders_per_stop: Floats
    load_share: Floats
    service_h: Floats
    per_km2: Floats


@dataclass(frozen=True, eq=False)
class LastMile:
    """The last mile per stop; ``cost`` is infinite where a vehicle cannot make it within its shift.

    Attributes
    ----------
    cost, km, hours
        Money, distance and paid time per stop.
    share
        Share of a route that the stop takes (u): over kg, m3, stops and shift time.
    """

    cost: Floats
    km: Floats
    hours: Floats
    share: Floats


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


def route_hours(case: SegmentCase, drive_h: Floats) -> Floats:
    """How long a route may last that works so many hours of driving from its node.

    Within the shift; and it need not leave before the segment's first delivery window minus the drive, nor
    stay out longer than the drive home after the last one. Windows of single customers do not shorten it: such
    stops share their route with others.
    """
    opening, closing = float(case.customers["earliest_h"].min()), float(case.customers["latest_h"].max())
    shift_start, shift_end = case.vehicle.shift_start_h, case.vehicle.shift_start_h + case.vehicle.shift_h
    service_h = float(case.customers["service_minutes"].mean()) / 60
    hours: Floats = np.minimum(shift_end, closing + service_h + drive_h) - np.maximum(shift_start, opening - drive_h)
    return hours


def last_mile(
    road: Drives,
    stops_per_km2: Any,
    load_share: Any,
    service_h: Any,
    vehicle: Vehicle,
    *,
    route_h: Any,
    k: float,
    factor: Any = 1.0,
    promised_h: Any = math.inf,
) -> LastMile:
    """Cost of one stop by Daganzo's continuous approximation.

    A route drives to its zone and back, twice the drive, and from stop to stop, ``k κ / sqrt(δ)``. The stop owes its
    share u of the trip and of the vehicle's day, and its own local distance and service time. u is the largest
    share over the loads and the shift; the shift's share is the fixed point of
    ``u = (u·trip_h + local_h + service_h) / route_h``, that is ``(local_h + service_h) / (route_h - trip_h)``. A
    promise leaves a route no more than ``promised_h + service_h`` for its stops.

    Parameters
    ----------
    road
        Drive from site to stop; the way back is taken to be as long.
    stops_per_km2
        Local density δ, per day.
    load_share
        Largest share of the vehicle's kg, m3 and stops.
    service_h
        Time at the stop.
    vehicle
        Costs; speed and circuity κ from stop to stop.
    route_h
        Longest duration of a route; the shift where no delivery window is narrower.
    k
        Local distance per stop in units of ``κ / sqrt(δ)``.
    factor
        Learned from routed days (:mod:`netdesign.study.factors`): of money, distance and time, not of the share.
    promised_h
        Hours from the first to the last stop of a route; a route of one stop needs none.

    References
    ----------
    Daganzo, "The distance traveled to visit N points with a maximum of C stops per vehicle", Transportation
    Science 18 (1984). Beardwood, Halton and Hammersley, Proc. Cambridge Phil. Soc. 55 (1959), for the tour.
    """
    trip_km, trip_h = 2 * road.km, 2 * road.hours
    local_km = k * vehicle.circuity / np.sqrt(np.asarray(stops_per_km2, float))
    own_h = local_km / vehicle.speed_kmh + np.asarray(service_h, float)
    free_h = np.asarray(route_h, float) - trip_h
    with np.errstate(divide="ignore", invalid="ignore"):
        time_share = np.where(free_h > 0, own_h / free_h, np.inf)
        promised_share = np.minimum(own_h / (promised_h + np.asarray(service_h, float)), 1.0)
    share = np.maximum(np.maximum(np.asarray(load_share, float), time_share), promised_share)
    with np.errstate(invalid="ignore"):
        km = factor * (trip_km * share + local_km)
        hours = factor * (trip_h * share + own_h)
        cost = vehicle.cost_per_day * factor * share + vehicle.cost_per_km * km + vehicle.cost_per_h * hours
    cost = np.where(time_share <= 1, cost, np.inf)
    return LastMile(cost, km, hours, share)


def daily_stops(case: SegmentCase) -> Stops:
    """Expected stops of a day and how dense they lie.

    In a neighbourhood (``area_km2`` > 0) every order is a stop of its own. At an address all orders of a day
    are one stop, and with Poisson orders there is one on a share ``1 - exp(-orders)`` of the days.
    """
    orders, area = case.orders_per_day, case.customers["area_km2"].to_numpy(float)
    per_day = np.where(area > 0, orders, -np.expm1(-orders))
    orders_per_stop = orders / per_day
    loads = np.maximum(drop_shares(orders_per_stop, case.customers, case.vehicle), 1 / case.vehicle.stops)
    service_h = case.customers["service_minutes"].to_numpy(float) / 60
    return Stops(per_day, orders_per_stop, loads, service_h, local_density(case.customer_lonlat, per_day, area))


def drop_shares(orders: Any, customers: pd.DataFrame, vehicle: Vehicle) -> Floats:
    """Larger share of a vehicle's kg and m3 that so many orders of each customer take."""
    kg, m3 = (customers[c].to_numpy(float) * orders for c in ("drop_kg", "drop_m3"))
    shares: Floats = np.maximum(kg / vehicle.kg, m3 / vehicle.m3)
    return shares


def local_density(
    lonlat: Floats, stops_per_day: Floats, area_km2: Floats, *, neighbourhood_stops: float = NEIGHBOURHOOD_STOPS
) -> Floats:
    """Stops per km2 and day around each demand point.

    The density over the smallest disc around the point that expects `neighbourhood_stops` stops a day; where
    there are fewer in all, over the disc that holds them all. A neighbourhood's stops lie evenly in a disc of
    its area, an address is a point. Estimating with the k-th nearest neighbour follows Loftsgaarden and
    Quesenberry, Ann. Math. Stat. 36 (1965), with k counted in expected stops.

    Parameters
    ----------
    lonlat
        Shape (n, 2), degrees.
    stops_per_day, area_km2
        Shape (n,).
    neighbourhood_stops
        Stops to average over.
    """
    from geodata import nearest

    n = len(lonlat)
    found = nearest(lonlat, lonlat, min(n, 48))
    # The point itself comes first, whatever else lies at distance 0.
    centre_km = found.distance_m / 1000
    radius_km = np.sqrt(area_km2 / math.pi)[found.index]
    expected = stops_per_day[found.index]
    # Within a reach lies a part of the own disc that grows with its square, and of others by their breadth.
    breadth_km = np.maximum(2 * radius_km, 1e-6)
    begin, own = (radius_km - centre_km) / breadth_km, np.nonzero(centre_km < 1e-6)
    own_km = np.maximum(radius_km[own], 1e-6)

    def within(reach_km: Floats) -> Floats:
        share = reach_km[:, None] / breadth_km + begin
        share[own] = (reach_km[own[0]] / own_km) ** 2
        stops: Floats = np.einsum("ij,ij->i", np.clip(share, 0.0, 1.0, out=share), expected)
        return stops

    low, high = np.zeros(n), np.maximum((centre_km + radius_km).max(axis=1), 1e-3)
    goal = np.minimum(neighbourhood_stops, expected.sum(axis=1) * (1 - 1e-9))
    for _ in range(50):
        middle = (low + high) / 2
        enough = within(middle) >= goal
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    density: Floats = goal / (math.pi * np.maximum(high, 1e-3) ** 2)
    return density


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
