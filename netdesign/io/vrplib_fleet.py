"""The vehicles of a VRPLIB file: one by one in the dialect of PyVRP, by type in ours."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from netdesign.errors import InputError, Phrase
from netdesign.io.keywords import Document
from netdesign.io.numbers import Floats
from netdesign.routing import VehicleType

_OPTIONAL = {
    "VEHICLES_FIXED_COST": 0.0,
    "VEHICLES_UNIT_DISTANCE_COST": 1.0,
    "VEHICLES_MAX_DISTANCE": np.inf,
    "VEHICLES_MAX_DURATION": np.inf,
}
"""A header for all vehicles, or a section with one row per vehicle; and what holds where there is neither."""

HEADERS = ("VEHICLES", "CAPACITY", "DISTANCE", *_OPTIONAL)
SECTIONS = ("CAPACITY_SECTION", "VEHICLES_DEPOT_SECTION", *(f"{key}_SECTION" for key in _OPTIONAL))


def read_fleet(document: Document, depots: Sequence[int]) -> tuple[tuple[VehicleType, ...], tuple[int, ...]]:
    """Vehicles that are alike in everything become one type, in order of first appearance.

    Parameters
    ----------
    document
        The file.
    depots
        Rows of the depots, node - 1.

    Returns
    -------
    tuple of VehicleType, tuple of int
        The types, and the type of every vehicle of the file; empty where the file has any number of vehicles.

    Raises
    ------
    InputError
        If an attribute is missing, wrong, or not there for every vehicle.
    """
    count = _count(document)
    rows = count or 1
    columns = [_amounts(document, "CAPACITY", rows), _starts(document, rows, depots)]
    columns += [_amounts(document, key, rows, default) for key, default in _OPTIONAL.items()]
    vehicles = np.column_stack(columns)
    if "DISTANCE" in document.headers:
        column = -1 if {"SERVICE_TIME", "SERVICE_TIME_SECTION"} & {*document.headers, *document.sections} else -2
        vehicles[:, column] = np.minimum(vehicles[:, column], _at_least_0(document, "DISTANCE"))
    kinds, first, kind_of = np.unique(vehicles, axis=0, return_index=True, return_inverse=True)
    place = np.argsort(np.argsort(first))  # sorted by np.unique, wanted as they appear
    type_of = place[kind_of.reshape(-1)]
    types = tuple(
        _vehicle_type(kinds[k], None if count is None else int((type_of == at).sum()), at, len(kinds))
        for at, k in enumerate(np.argsort(first))
    )
    return types, () if count is None else tuple(type_of.tolist())


def _vehicle_type(row: Floats, count: int | None, at: int, of: int) -> VehicleType:
    capacity, start, fixed_cost, cost_per_distance, max_distance, max_duration = row.tolist()
    return VehicleType(
        capacity=(capacity,),
        count=count,
        fixed_cost=fixed_cost,
        cost_per_distance=cost_per_distance,
        name="vehicle" if of == 1 else f"type {at + 1}",
        start=int(start),
        max_distance=max_distance,
        max_duration=max_duration,
    )


def _count(document: Document) -> int | None:
    """How many vehicles there are; None for any number."""
    if "VEHICLES" in document.headers:
        return document.count("VEHICLES")
    section = next((key for key in SECTIONS if key in document.sections), None)
    return None if section is None else sum(bool(line.strip()) for line in document.sections[section].text.split("\n"))


def _amounts(document: Document, key: str, vehicles: int, default: float | None = None) -> Floats:
    """One number >= 0 per vehicle, from a header or a section."""
    section = f"{key}_SECTION"
    if section not in document.sections:
        value = default if key not in document.headers and default is not None else _at_least_0(document, key)
        return np.full(vehicles, value)
    if key in document.headers:
        line = document.headers[key].line
        raise InputError(f"line {line}: {key}", Phrase(f"there beside {section}"), "one of the two")
    rows, numbers = document.vehicle_rows(section, vehicles, (key.removeprefix("VEHICLES_").lower().replace("_", " "),))
    good = (rows[:, 0] >= 0) & (np.isfinite(rows[:, 0]) | np.isinf(default or 0.0))
    if not good.all():
        k = int(np.argmin(good))
        at = int(np.flatnonzero(numbers.values[::2] == k + 1)[0])
        raise numbers.refuse(2 * at + 1, f"{section}, vehicle {k + 1}", ">= 0")
    return rows[:, 0]


def _starts(document: Document, vehicles: int, depots: Sequence[int]) -> Floats:
    """Location index of every vehicle's depot; depots are the first locations."""
    section = "VEHICLES_DEPOT_SECTION"
    if section not in document.sections:
        if len(depots) > 1:
            advice = "With several depots it says where each vehicle starts."
            raise InputError(section, Phrase("missing"), "a row 'vehicle depot' per vehicle", advice=advice)
        return np.zeros(vehicles)
    rows, numbers = document.vehicle_rows(section, vehicles, ("depot",))
    place = {depot + 1.0: float(k) for k, depot in enumerate(depots)}
    for k, node in enumerate(numbers.values[1::2]):
        if node not in place:
            known = ", ".join(str(depot + 1) for depot in depots)
            raise numbers.refuse(2 * k + 1, f"the depot of vehicle {numbers.values[2 * k]:g}", f"one of {known}")
    return np.array([place[node] for node in rows[:, 0].tolist()])


def _at_least_0(document: Document, key: str) -> float:
    value = document.number(key)
    if value < 0:
        raise InputError(f"line {document.headers[key].line}: {key}", value, ">= 0")
    return value
