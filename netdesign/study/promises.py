"""Promises along the routed day: a stop is reached later than by the direct drive that the design looks at.

A vehicle takes what is ready when it leaves: from there a promise has what preparing and, made to order, making leave
of it. Routed days keep that as a latest time of each stop, so that routes end sooner and cost more. The formula knows
it but for the time of machines, which it hears of by the factors that it learns. Promises of days leave more than a
shift and bind no route.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from netdesign.study.case import Floats, SegmentCase

if TYPE_CHECKING:
    from netdesign.study.cost import OrderCosts
    from netdesign.study.design import Design
    from netdesign.study.route_check import NodeDay

COLUMNS: Final = ["site", "tier", "promise_h", "stops", "on_time", "mean_late_h", "worst_late_h"]

ROUNDING_H: Final = 1 / 3600
"""The engine rounds times; less than this is no delay."""


def work_hours(case: SegmentCase, units: Floats) -> Floats:
    """Of making so many units by hand."""
    hours: Floats = units * (case.make_minutes + case.offer.process_minutes) / 60
    return hours


def promise_slack(case: SegmentCase, drive_h: Floats, work_h: Floats) -> Floats:
    """Hours of the tier's promise that preparing, driving and, where made to order, the work leave over."""
    tier = case.offer.tier
    # Who cannot be reached has no time left, whatever the promise.
    way = np.isfinite(drive_h)
    hours = np.where(way, drive_h, 0.0)
    slack = tier.promise_h - tier.prepare_h - hours - (work_h if tier.made_to == "order" else 0.0)
    return np.where(way, slack, -np.inf)


def promised_hours(case: SegmentCase, drive_h: Floats, work_h: Floats) -> Floats | float:
    """What a promise leaves for the stops of a route, from the first to the last, by the drive to them.

    For orders that take so many hours of work. The time of machines is left out: it differs by what a node makes with.
    """
    if math.isinf(case.offer.tier.promise_h):
        return math.inf
    return np.maximum(promise_slack(case, drive_h, work_h), 0.0)


def spare_hours(case: SegmentCase, costs: OrderCosts, design: Design) -> Floats:
    """Hours of the promise that a direct drive to each customer leaves over; infinite where nothing is promised."""
    here, at = np.arange(len(design.assignment)), design.assignment
    wait, work = np.array([[design.processes[j].wait_h, design.processes[j].work_wait_h] for j in at]).reshape(-1, 2).T
    spare: Floats = costs.slack_h[here, at] - wait - case.units_per_order * work
    return spare


def travel_hours(case: SegmentCase, costs: OrderCosts, design: Design) -> Floats:
    """Hours from departure in which each customer has to be reached: shape (customers,)."""
    drive_h = costs.drive_h[np.arange(len(design.assignment)), design.assignment]
    return spare_hours(case, costs, design) + drive_h


def latest_hours(case: SegmentCase, stops: pd.DataFrame, drive_h: Floats) -> Floats:
    """When each stop of a day has to be reached, hour of the day, by its window and its promise.

    The promise counts from the start of the shift, or from a departure that is just in time for a window that opens
    later. A stop that lies beyond the promise is reached by a direct drive: late, and not left out.

    Parameters
    ----------
    case
        The segment with what it drives.
    stops
        Columns earliest_h, latest_h, within_h.
    drive_h
        Direct, from the node to each stop.
    """
    earliest, latest, within = (stops[name].to_numpy(float) for name in ("earliest_h", "latest_h", "within_h"))
    departure = np.maximum(case.vehicle.shift_start_h, earliest - drive_h)
    promised: Floats = np.minimum(latest, departure + np.maximum(within, drive_h + ROUNDING_H))
    return promised


def late_hours(day: NodeDay) -> Floats:
    """By how much each stop of a routed day was reached after its promise, 0 where it was kept: shape (stops,)."""
    late = np.zeros(len(day.stops))
    for schedule in day.result.best().schedules:
        since_h = (schedule.arrival + schedule.waiting - schedule.arrival[0]) / 3600
        reached = schedule.path > 0
        late[schedule.path[reached] - 1] = since_h[reached]
    late -= day.stops["within_h"].to_numpy(float)
    return np.where(late > ROUNDING_H, late, 0.0)


def promise_table(case: SegmentCase, days: Sequence[NodeDay]) -> pd.DataFrame:
    """How routed days kept the promises of a segment's own vehicles.

    Returns
    -------
    DataFrame
        One row per node and tier that promises something: site, tier, promise_h, stops of all days, the share of them
        that was reached on time, and by how many hours the late ones were missed, on average and at worst.
    """
    promises = {own.offer.tier.name: own.offer.tier.promise_h for _, own in case.by_tier()}
    found: dict[tuple[str, str], list[Floats]] = {}
    for day in days:
        tier = str(case.tier_of[day.stops["row"].iloc[0]])
        if day.result.solution is not None and np.isfinite(promises[tier]):
            found.setdefault((str(case.sites["site"].iloc[day.site]), tier), []).append(late_hours(day))
    rows = []
    for (site, tier), each in found.items():
        late = np.concatenate(each)
        some = late[late > 0]
        figures = (1 - len(some) / len(late), float(some.mean()) if len(some) else 0.0, float(late.max()))
        rows.append((site, tier, promises[tier], len(late), *figures))
    return pd.DataFrame(rows, columns=COLUMNS)
