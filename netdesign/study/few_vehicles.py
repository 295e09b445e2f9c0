"""Routed days with no more vehicles than a segment has, and the stops that are then left out.

Every node is routed as if there were vehicles enough. Where that takes more of a type than there are on a day, nodes
share these by their routes, and who gets fewer is routed again. Stops that the search finds no place for are left out,
by name; where there is no plan for most of them, the routes with the most orders are driven.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from concurrent.futures import Executor, Future
from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from netdesign.result import Result
from netdesign.routing import RoutingSolution
from netdesign.stop import Stop
from netdesign.study.case import SegmentCase
from netdesign.study.route_check import Asked, NodeDay, route_node, routed_days, seed_of
from netdesign.study.store import CUT_SHORT
from netdesign.study.workers import IN_PLACE

ATTEMPTS: Final = 3
"""Searches for a plan with a share, each without the stops that the last one left over."""

Rows = npt.NDArray[np.int64]
"""Of a table of stops."""


def routed_within(case: SegmentCase, asked: list[Asked], stop: Stop, pool: Executor = IN_PLACE) -> list[NodeDay]:
    """As :func:`netdesign.study.route_check.routed_days`, with the vehicles that there are.

    A node with stops has one at least: a day on which these nodes are more than the vehicles has too many.
    """
    days = routed_days(case, asked, stop, pool)
    again: dict[int, Future[tuple[Rows, Result[RoutingSolution]]]] = {}
    for i, share in _shares(days).items():
        day = days[i]
        own, routes = case.driving(day.vehicle), tuple(route.visits for route in day.result.best().routes)
        seed = seed_of(case, day.site, day.vehicle)
        again[i] = pool.submit(route_few, own, day.site, day.stops, routes, stop, seed=seed, vehicles=share)
    return [_left_out(day, *again[i].result()) if i in again else day for i, day in enumerate(days)]


def _left_out(day: NodeDay, rows: Rows, result: Result[RoutingSolution]) -> NodeDay:
    """A day with the stops of some rows, and a plan for them."""
    if day.result.termination.reason in CUT_SHORT:
        result = replace(result, termination=day.result.termination)
    unserved = tuple(np.delete(day.stops["stop"].to_numpy(), rows))
    return replace(day, stops=day.stops.iloc[rows].reset_index(drop=True), result=result, unserved=unserved)


def _shares(days: Sequence[NodeDay]) -> dict[int, int]:
    """By index of a node's day: its vehicles, where these are fewer than the routes that it asked for."""
    found: dict[int, int] = {}
    together: dict[tuple[int, str], list[int]] = {}
    for i, day in enumerate(days):
        if day.result.solution is not None and math.isfinite(day.vehicle.count):
            together.setdefault((day.number, day.vehicle.name), []).append(i)
    for mine in together.values():
        routes = [len(days[i].result.best().routes) for i in mine]
        shares = fleet_shares(routes, math.floor(days[mine[0]].vehicle.count))
        found |= {i: n for i, n, asked in zip(mine, shares, routes, strict=True) if n < asked}
    return found


def fleet_shares(routes: Sequence[int], vehicles: int) -> list[int]:
    """Of each node whole vehicles in proportion to its routes, by largest remainders; one at least."""
    if sum(routes) <= vehicles:
        return list(routes)
    ideal = np.array(routes) * vehicles / sum(routes)
    shares = np.maximum(1, np.floor(ideal).astype(int))
    while shares.sum() < vehicles:
        shares[np.argmax(ideal - shares)] += 1
    while shares.sum() > vehicles and shares.max() > 1:
        shares[np.argmax(np.where(shares > 1, shares - ideal, -np.inf))] -= 1
    return [int(n) for n in shares]


def route_few(
    case: SegmentCase,
    site: int,
    stops: pd.DataFrame,
    routes: Sequence[Sequence[int]],
    stop: Stop,
    *,
    seed: int,
    vehicles: int,
) -> tuple[Rows, Result[RoutingSolution]]:
    """Route a node's day with fewer vehicles than it has routes: the rows of the stops that are served, and the plan.

    Parameters
    ----------
    case, site, stops, stop, seed
        As for :func:`netdesign.study.route_check.route_node`.
    routes
        Of a plan for all stops, by rows from 1.
    vehicles
        How many there are.
    """
    orders = stops["orders"].to_numpy(int)
    fullest = sorted((np.array(visits) - 1 for visits in routes), key=lambda rows: -int(orders[rows].sum()))
    kept, rows = np.sort(np.concatenate(fullest[:vehicles])), _carried(case, stops, np.concatenate(fullest), vehicles)
    for _ in range(ATTEMPTS):
        result = route_node(case, site, stops.iloc[rows], stop, seed=seed, vehicles=vehicles)
        if result.solution is not None:
            return rows, result
        rows = rows[~stops["stop"].iloc[rows].isin([u.customer for u in result.unserved])]
        if len(rows) <= len(kept):
            break
    start = [(np.searchsorted(kept, visits) + 1).tolist() for visits in fullest[:vehicles]]
    return kept, route_node(case, site, stops.iloc[kept], stop, seed=seed, vehicles=vehicles, start=start)


def _carried(case: SegmentCase, stops: pd.DataFrame, order: Rows, vehicles: int) -> Rows:
    """Of rows in some order the first, as many as so many vehicles could carry in all, sorted."""
    load = np.column_stack([stops["kg"], stops["m3"], np.ones(len(stops))])[order].cumsum(axis=0)
    vehicle = case.vehicle
    fits = (load <= np.array([vehicle.kg, vehicle.m3, vehicle.stops]) * vehicles).all(axis=1)
    return np.sort(order[fits])
