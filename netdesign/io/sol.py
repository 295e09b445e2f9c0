"""``.sol``, the field's solution format: ``Route #1: 5 12 …`` per route, then ``Cost 27591``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from netdesign.errors import InputError, Phrase

_ROUTE = re.compile(r"^\s*Route\s*#?\s*\d+\s*:\s*([\d ]*)$", re.IGNORECASE)
_COST = re.compile(r"^\s*Cost\s*:?\s*(\S+)\s*$", re.IGNORECASE)


def write(routes: Iterable[Sequence[int]], cost: float) -> str:
    """The text of a solution.

    Parameters
    ----------
    routes
        Location indices of the customers in order, depots left out: VRPLIB's node - 1. Where vehicles differ, one
        route per vehicle, some of them empty: see :func:`by_vehicle`.
    cost
        The objective in the file's units.
    """
    lines = [f"Route #{k}: {' '.join(map(str, visits))}".rstrip() for k, visits in enumerate(routes, start=1)]
    return "\n".join([*lines, f"Cost {int(cost) if float(cost).is_integer() else format(cost, '.12g')}"]) + "\n"


def by_vehicle(routes: Sequence[Sequence[int]], types: Sequence[int], vehicles: Sequence[int]) -> list[Sequence[int]]:
    """One route per vehicle, as readers of the format expect it: vehicle k drives route k, or stays where it is empty.

    Parameters
    ----------
    routes, types
        The routes of a plan, and the vehicle type of each.
    vehicles
        The type of every vehicle.
    """
    waiting = {kind: iter([r for r, t in zip(routes, types, strict=True) if t == kind]) for kind in set(vehicles)}
    return [next(waiting[kind], ()) for kind in vehicles]


def parse(text: str) -> tuple[list[list[int]], float | None]:
    """Routes and cost of a solution's text; None where it states no cost.

    Raises
    ------
    InputError
        If a line is neither a route nor the cost, or there is no route.
    """
    routes: list[list[int]] = []
    cost: float | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        if found := _ROUTE.match(line):
            routes.append([int(word) for word in found[1].split()])
        elif found := _COST.match(line):
            cost = float(found[1])
        elif line.strip():
            raise InputError(f"line {number}", line.strip(), "'Route #1: 5 12 ...' or 'Cost 27591'")
    if not routes:
        raise InputError("the solution", Phrase("without routes"), "lines as 'Route #1: 5 12 ...'")
    return routes, cost
