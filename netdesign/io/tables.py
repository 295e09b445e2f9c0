"""Customers and sites in tables: CSV, or GeoPackage with a layer of points."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from netdesign.errors import InputError, Phrase, closest
from netdesign.io.numbers import Floats
from netdesign.io.table import Ids, Table, read_table
from netdesign.location import GreenfieldProblem, LocationProblem, PlanarCosts, SphereCosts
from netdesign.location.costs import Rounding as LocationRounding
from netdesign.location.models import SUMS, WITH_CAPACITY, WITH_COMPETITORS, WITH_RIVALS, WITH_SERVICE_RADIUS, Model
from netdesign.routing import PlanarTravel, RoutingProblem, SphereTravel, VehicleType
from netdesign.routing.travel import Rounding

FAR_KM = 1000.0
"""Beyond this distance between two sets of places it is worth asking whether lon and lat are swapped."""
OF_CUSTOMERS: dict[str, tuple[tuple[str, ...], float | None]] = {
    "service_radius": (WITH_SERVICE_RADIUS, np.inf),
    "revenue": (SUMS, None),
    "outside": (WITH_COMPETITORS, 0.0),
}
"""Numbers of customers of some models, and what an empty cell counts."""


@dataclass(frozen=True, kw_only=True)
class Fleet:
    """What a table of customers does not say about a routing problem.

    Parameters
    ----------
    depot
        Longitude and latitude, or x and y.
    capacity
        Of one vehicle, per column of `demand`.
    vehicles
        How many there are; None for no limit.
    demand
        Columns with the customers' demand.
    shift
        Start and end of the vehicles' day; needed where customers have time windows.
    circuity, speed_kmh
        See :class:`netdesign.SphereTravel`; for lon and lat only.
    """

    depot: tuple[float, float]
    capacity: tuple[float, ...]
    vehicles: int | None = None
    demand: tuple[str, ...] = ("demand",)
    shift: tuple[float, float] | None = None
    circuity: float = 1.3
    speed_kmh: float = 30.0


def read_routing(path: Path, kind: str, fleet: Fleet, *, rounding: Rounding | None = None) -> RoutingProblem:
    """Customers in a table and a fleet beside it.

    Columns: ``lon, lat`` (degrees) or ``x, y``, and those of the demand. Optional: ``customer`` (ids),
    ``service_duration_s``, ``earliest_s``, ``latest_s``.

    Raises
    ------
    InputError
        If the table is wrong; the message names file, row, column, value and rule.
    """
    table = read_table(path, kind)
    points, degrees = table.points()
    depot = _checked_depot(fleet.depot, points, degrees)
    places = np.vstack([depot, points])
    if degrees and rounding not in (None, "none"):
        raise InputError("rounding", rounding, "none", where="lon and lat")
    travel = (
        SphereTravel(places, circuity=fleet.circuity, speed_kmh=fleet.speed_kmh)
        if degrees
        else PlanarTravel(places, rounding=rounding or "none")
    )
    loads = np.column_stack([table.numbers(column, least=0) for column in fleet.demand])
    service = (
        table.numbers("service_duration_s", least=0, default=0)
        if table.has("service_duration_s")
        else np.zeros(len(table))
    )
    names = table.ids("customer")
    return RoutingProblem(
        travel=travel,
        vehicle_types=(VehicleType(capacity=fleet.capacity, count=fleet.vehicles),),
        demand=np.vstack([np.zeros(loads.shape[1]), loads]),
        service_duration=np.r_[0.0, service],
        time_window=_windows(table, fleet.shift),
        ids=(0 if isinstance(names[0], int) and 0 not in names else "depot", *names),
        lonlat=places if degrees else None,
    )


def read_location(
    customers: Path,
    sites: Path,
    kinds: tuple[str, str],
    *,
    model: Model,
    factor: float = 1.0,
    rounding: LocationRounding | None = None,
    **fields: Any,
) -> LocationProblem:
    """Customers and sites in two tables.

    Columns: ``lon, lat`` (degrees) or ``x, y`` in both. Optional: ``customer`` (ids), ``weight`` (or ``demand``),
    ``service_radius`` and ``revenue`` of the customers; ``site`` (ids), ``fixed_cost`` and ``status`` (open, candidate,
    closed) of the sites. Models where sites open as they pay need ``fixed_cost``, those with capacities ``capacity``.
    Of the sites with the same ``place`` at most one opens, and an open site serves at least its ``min_throughput``.
    With competitors a status may be ``competitor``, sites may have ``attractiveness`` and customers ``outside``.

    Parameters
    ----------
    customers, sites, kinds
        The files and their kinds: ``csv`` or ``gpkg``.
    model, **fields
        See :class:`netdesign.LocationProblem`.
    factor
        What a metre counts, for lon and lat.
    rounding
        Of the distances, for x and y.

    Raises
    ------
    InputError
        If a table is wrong; the message names file, row, column, value and rule.
    """
    here, there = read_table(customers, kinds[0]), read_table(sites, kinds[1])
    (at, degrees), (to, same) = here.points(), there.points()
    if degrees != same:
        raise _other_coordinates(here, there, degrees)
    if degrees and rounding not in (None, "none"):
        raise InputError("rounding", rounding, "none", where="lon and lat")
    if degrees:
        _refuse_swapped(there.name, to, at)
    if model in ("uncapacitated", *WITH_CAPACITY) and not there.has("fixed_cost"):
        raise there.missing("fixed_cost", "Without it every site would open.")
    if model in WITH_CAPACITY and not there.has("capacity"):
        raise there.missing("capacity", f"The model {model} says what every site can serve.")
    for column, (models, default) in OF_CUSTOMERS.items():
        if here.has(column) and model in models:
            fields.setdefault(column, here.numbers(column, least=0, default=default))
    own = ("open", "candidate", "closed")
    statuses: tuple[str, ...] = (*own, "competitor") if model in WITH_COMPETITORS else own
    if there.has("attractiveness") and model in WITH_COMPETITORS:
        fields["attractiveness"] = there.numbers("attractiveness", least=0, default=1)
    weight = next((column for column in ("weight", "demand") if here.has(column)), None)
    return LocationProblem(
        costs=SphereCosts(at, to, factor=factor) if degrees else PlanarCosts(at, to, rounding=rounding or "none"),
        model=model,
        weight=None if weight is None else here.numbers(weight, least=0),
        capacity=there.numbers("capacity", least=0) if model in WITH_CAPACITY else None,
        min_throughput=there.numbers("min_throughput", least=0, default=0)
        if there.has("min_throughput") and model in SUMS
        else None,
        place=[str(cell).strip() or None for cell in there.columns["place"]]
        if there.has("place") and model in WITH_RIVALS
        else None,
        fixed_cost=there.numbers("fixed_cost", least=0, default=0) if there.has("fixed_cost") else None,
        status=there.words("status", statuses, "candidate") if there.has("status") else None,
        customer_ids=here.ids("customer"),
        site_ids=there.ids("site"),
        **fields,
    )


def read_pairs(path: Path, kind: str, names: dict[str, Ids]) -> list[tuple[int, int]]:
    """Pairs of indices from a table with two columns of names.

    Parameters
    ----------
    path, kind
        The file and its kind: ``csv`` or ``gpkg``.
    names
        For each column its name, and the names whose positions are the indices.

    Raises
    ------
    InputError
        If a column is missing or a name unknown; the message names file, row and column.
    """
    table, found = read_table(path, kind), []
    for column, known in names.items():
        if column not in table.columns:
            raise table.missing(column)
        position = {str(name): k for k, name in enumerate(known)}
        cells = [str(cell).strip() for cell in table.columns[column]]
        for k, cell in enumerate(cells):
            if cell not in position:
                raise table.error(k, column, cell, "a name of the problem", closest(cell, list(position)))
        found.append([position[cell] for cell in cells])
    return list(zip(*found, strict=True))


def read_greenfield(
    customers: Path, sites: Path | None, *, p: int, factor: float = 1.0
) -> tuple[GreenfieldProblem, tuple[Floats, dict[str, Any]] | None]:
    """Customers in a table, and sites to snap to in another one: their points, ids and status.

    Columns: ``lon, lat`` (degrees) or ``x, y``. Optional: ``customer`` (ids) and ``weight`` (or ``demand``); ``site``
    and ``status`` of the sites.

    Raises
    ------
    InputError
        If a table is wrong; the message names file, row, column, value and rule.
    """
    here = read_table(customers, table_kind(customers))
    at, degrees = here.points()
    weight = next((column for column in ("weight", "demand") if here.has(column)), None)
    if not 1 <= p <= len(here):
        raise InputError("--p", p, f"a number of sites in 1..{len(here)}", where=f"{len(here)} customers")
    problem = GreenfieldProblem(
        p=p,
        customer_lonlat=at if degrees else None,
        customer_xy=None if degrees else at,
        weight=None if weight is None else here.numbers(weight, least=0),
        factor=factor,
        customer_ids=here.ids("customer"),
    )
    if sites is None:
        return problem, None
    there = read_table(sites, table_kind(sites))
    to, same = there.points()
    if degrees != same:
        raise _other_coordinates(here, there, degrees)
    if degrees:
        _refuse_swapped(there.name, to, at)
    fields: dict[str, Any] = {"site_ids": there.ids("site")}
    if there.has("status"):
        fields["status"] = there.words("status", ("open", "candidate", "closed"), "candidate")
    return problem, (to, fields)


def table_kind(path: Path) -> str:
    """``csv`` or ``gpkg``, by the ending of a file's name."""
    kind = path.suffix.lower().removeprefix(".")
    if kind not in ("csv", "gpkg"):
        raise InputError(str(path), Phrase("no table"), "a file that ends in .csv or .gpkg")
    return kind


def _other_coordinates(here: Table, there: Table, degrees: bool) -> InputError:
    got, expected = ("x, y", "lon, lat") if degrees else ("lon, lat", "x, y")
    return InputError(f"{there.name}: its coordinates", Phrase(got), expected, where=f"as {here.name}")


def _windows(table: Table, shift: tuple[float, float] | None) -> Floats | None:
    """Shape (locations, 2), or None where neither the table nor the shift says anything."""
    timed = [column for column in ("earliest_s", "latest_s") if table.has(column)]
    if shift is None:
        if timed:
            raise InputError(
                "--shift",
                Phrase("missing"),
                "START,END in seconds",
                where=f"{table.name} has {timed[0]}",
                advice="As --shift 28800,61200 for eight to five.",
            )
        return None
    window = np.tile(np.asarray(shift, dtype=np.float64), (len(table) + 1, 1))
    for k, column in enumerate(("earliest_s", "latest_s")):
        if column in timed:
            window[1:, k] = table.numbers(column, least=0, default=shift[k])
    late = window[1:, 0] > window[1:, 1]
    if late.any():
        row = int(np.argmax(late))
        raise table.error(
            row,
            timed[-1],
            float(window[row + 1, 1 if "latest_s" in timed else 0]),
            "a window that ends after it begins",
            f"It begins at {window[row + 1, 0]:g} and ends at {window[row + 1, 1]:g}.",
        )
    return window


def _checked_depot(depot: tuple[float, float], points: Floats, degrees: bool) -> Floats:
    place = np.array([depot], dtype=np.float64)
    if degrees:
        if abs(depot[0]) > 180 or abs(depot[1]) > 90:
            raise InputError(
                "--depot", f"{depot[0]:g},{depot[1]:g}", "LON,LAT in degrees", advice="Are lon and lat swapped?"
            )
        _refuse_swapped("--depot", place, points)
    return place


def _refuse_swapped(what: str, places: Floats, others: Floats) -> None:
    """Places far from the others that would be near them with lon and lat swapped are not believed."""
    swapped = places[:, ::-1]
    if (np.abs(swapped[:, 1]) > 90).any():
        return
    far, near = (_distance_km(np.median(p, axis=0), np.median(others, axis=0)) for p in (places, swapped))
    if far > FAR_KM and near < far / 10:
        raise InputError(
            f"{what}: the order of lon and lat",
            Phrase("doubtful"),
            "longitude first",
            advice=f"As written the places are {far:,.0f} km from the customers; swapped, {near:,.0f} km.",
        )


def _distance_km(a: Floats, b: Floats) -> float:
    pair = SphereTravel(np.vstack([a, b]), circuity=1.0)
    return float(pair.distance(np.array([0]), np.array([1]))[0]) / 1000
