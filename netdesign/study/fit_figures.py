"""The figures of what was fitted to history, with their error bars: rates, variability, practical capacity."""

from __future__ import annotations

import math
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from netdesign.study.capacity_fit import taken
from netdesign.study.design import hours_of_machines

if TYPE_CHECKING:
    from netdesign.study.case import SegmentCase
    from netdesign.study.design import Design
    from netdesign.study.lane_rates import LaneRates
    from netdesign.study.pipeline import SegmentRun
    from netdesign.study.study import Study


def rates_figures(run: SegmentRun) -> list[dict[str, Any]]:
    """By carrier of what is offered: its rates that were fitted to shipments, and its orders that lie beyond these."""
    assert run.design is not None
    rates: dict[str, LaneRates] = {}
    orders, far = dict[str, float](), dict[str, float]()
    for mine, own in run.case.by_tier():
        if own.mode is not None and own.mode.rates is not None:
            km = run.costs.drive_km[mine, run.design.assignment[mine]]
            beyond = own.mode.rates.beyond(km, own.customers["drop_kg"].to_numpy(float))
            name = own.mode.name
            rates[name] = own.mode.rates
            orders[name] = orders.get(name, 0.0) + float(own.orders_per_year.sum())
            far[name] = far.get(name, 0.0) + float(own.orders_per_year[beyond].sum())
    return [{"mode": m, **asdict(fit), "extrapolated": far[m] / orders[m]} for m, fit in rates.items()]


def pooling_figures(case: SegmentCase) -> dict[str, Any] | None:
    """What history says about the deviation of demand, whether it is taken, and what is used; None without history."""
    if case.pooling is None:
        return None
    used = {"used_exponent": case.pooling_exponent, "used_variability": case.variability}
    return {**asdict(case.pooling), "sure": case.pooling.sure, **used}


def practical_figures(study: Study) -> list[dict[str, Any]]:
    """By technology: the share of scheduled hours that its machines can use, whether it is taken, and what is used."""
    table, learned = study.technologies, taken(study.practical, study.technologies)
    names = ("technology", "scheduled_h", "capacity_h")
    used = {name: hours for name, *hours in zip(*(table[c] for c in names), strict=True)}
    figures = []
    for fit in study.practical:
        scheduled, capacity = map(_finite, used[fit.technology])
        figures.append({**asdict(fit), "taken": fit in learned, "scheduled_h": scheduled, "capacity_h": capacity})
    return figures


def machine_figures(case: SegmentCase, design: Design) -> list[dict[str, Any]]:
    """By technology whose capacity was learned: machines and their cost a year, as they are and one error to each side.

    The network stays as it is, and all its nodes err to the same side: ``fewer`` hours and ``more``.
    """
    hours, names = hours_of_machines(case, design), case.sites["site"]
    figures = []
    for fit in case.practical:
        nodes = {j: p for j, p in design.processes.items() if p.technology == fit.technology}
        if not nodes:
            continue
        row: dict[str, Any] = {"technology": fit.technology}
        for word, side in (("fewer", -1), ("planned", 0), ("more", 1)):
            machines = cost = 0.0
            for j, process in nodes.items():
                share, error = fit.at(str(names[j]))
                capacity = min(process.capacity_h * (1 + side * error / share), float(case.sites["machine_h"][j]))
                number = replace(process, capacity_h=capacity).machines(hours[j])
                machines, cost = machines + number, cost + number * process.equipment
            row[word] = {"machines": int(machines), "cost_per_year": cost}
        figures.append(row)
    return figures


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
