"""The last mile by formula: how many stops a day brings, how dense they lie, and what one of them costs.

Distances are in km, times in h, money in the study's currency; shapes are (customers, sites) unless said.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from netdesign.study.case import Floats, SegmentCase, Vehicle
from netdesign.study.roads import Drives

if TYPE_CHECKING:
    import pandas as pd

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
