"""VRPLIB: CVRP and VRPTW instances as CVRPLIB and PyVRP write them.

The richer attributes of the dialect are recognized and refused by name: a plan that ignored them would be wrong.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from netdesign.errors import InputError, Phrase
from netdesign.io.edge_weights import HEADERS, SECTIONS, read_matrix
from netdesign.io.keywords import ROUNDING_OF, Document, take_apart
from netdesign.io.numbers import Floats, Numbers
from netdesign.io.source import naming, read_text
from netdesign.routing import MatrixTravel, PlanarTravel, RoutingProblem, Travel, VehicleType
from netdesign.routing.travel import ROUNDINGS, Rounding

_UNSOLVED = {
    "BACKHAUL_SECTION": "backhauls",
    "PRIZE_SECTION": "prizes",
    "RELEASE_TIME_SECTION": "release times",
    "MUTUALLY_EXCLUSIVE_GROUP_SECTION": "mutually exclusive groups",
    "PICKUP_AND_DELIVERY_SECTION": "pickups and deliveries",
    "CAPACITY_SECTION": "vehicles of different capacity",
    "VEHICLES_DEPOT_SECTION": "several depots",
    "VEHICLES_ALLOWED_CLIENTS_SECTION": "clients that only some vehicles may visit",
    "VEHICLES_RELOAD_DEPOT_SECTION": "reloading on the way",
    "VEHICLES_MAX_RELOADS_SECTION": "reloading on the way",
    "VEHICLES_MAX_RELOADS": "reloading on the way",
    "VEHICLES_FIXED_COST_SECTION": "fixed costs per vehicle",
    "VEHICLES_UNIT_DISTANCE_COST_SECTION": "distance costs per vehicle",
    "VEHICLES_UNIT_DURATION_COST_SECTION": "duration costs per vehicle",
    "VEHICLES_MAX_DISTANCE_SECTION": "a longest distance per route",
    "VEHICLES_MAX_DISTANCE": "a longest distance per route",
    "VEHICLES_MAX_DURATION_SECTION": "a longest duration per route",
    "VEHICLES_MAX_DURATION": "a longest duration per route",
    "DISTANCE": "a longest distance per route",
}
_HEADERS = ("NAME", "COMMENT", "TYPE", "DIMENSION", "CAPACITY", "VEHICLES", "SERVICE_TIME", *HEADERS)
_SECTIONS = (
    "DEMAND_SECTION",
    "LINEHAUL_SECTION",
    "TIME_WINDOW_SECTION",
    "SERVICE_TIME_SECTION",
    "DEPOT_SECTION",
    *SECTIONS,
)
_TYPES = ("CVRP", "VRPTW")


def read(path: Path, *, rounding: Rounding | None = None) -> RoutingProblem:
    """The problem in a file; see :func:`parse`."""
    text = read_text(path)
    with naming(path):
        return parse(text, rounding=rounding)


def parse(text: str, *, rounding: Rounding | None = None) -> RoutingProblem:
    """The problem in a text; ids are the node numbers of the file.

    Parameters
    ----------
    text
        A CVRP or VRPTW instance.
    rounding
        Of distances and travel times; what EDGE_WEIGHT_TYPE says where left out (EUC_2D: nearest).

    Raises
    ------
    InputError
        If the text breaks the format, or holds an attribute that is not solved yet.

    References
    ----------
    Reinelt, "TSPLIB 95", 1995; the VRPLIB extensions of the PyVRP project.
    """
    document = take_apart(text, headers=(*_HEADERS, *_UNSOLVED), sections=_SECTIONS)
    _refuse_unsolved(document)
    nodes = document.count("DIMENSION", least=2)
    demand = _demand(document, nodes)  # first of all: from here on the file is known to have so many nodes
    depot = _depot(document, nodes)
    order = np.r_[depot, np.delete(np.arange(nodes), depot)]
    service, window = _service(document, nodes, depot), _windows(document, nodes)
    return RoutingProblem(
        travel=_travel(document, nodes, order, rounding),
        vehicle_types=(_fleet(document),),
        demand=demand[order],
        service_duration=service[order],
        time_window=None if window is None else window[order],
        ids=tuple((order + 1).tolist()),
    )


def _refuse_unsolved(document: Document) -> None:
    rich = sorted({_UNSOLVED[key] for key in (*document.headers, *document.sections) if key in _UNSOLVED})
    if rich:
        culprits = [key for key in (*document.headers, *document.sections) if key in _UNSOLVED]
        raise InputError(
            culprits[0],
            Phrase(f"about {', '.join(rich)}"),
            "a CVRP or VRPTW instance",
            advice="This attribute is not solved yet, and a plan that ignored it would be wrong.",
        )
    kind = document.headers.get("TYPE")
    if kind is not None and kind.text.upper() not in _TYPES:
        raise InputError(
            f"line {kind.line}: TYPE", kind.text, "CVRP or VRPTW", advice="Other types are not solved yet."
        )
    if kind is not None and kind.text.upper() == "VRPTW":
        document.section("TIME_WINDOW_SECTION")


def _travel(document: Document, nodes: int, order: np.ndarray, rounding: Rounding | None) -> Travel:
    kind = document.one_of("EDGE_WEIGHT_TYPE", (*ROUNDING_OF, "EXPLICIT"))
    if kind == "EXPLICIT":
        matrix = read_matrix(document, nodes)[np.ix_(order, order)]
        factor, function = ROUNDINGS[rounding or "none"]
        return MatrixTravel(matrix if function is None else function(matrix * factor) / factor)
    xy, numbers = document.node_rows("NODE_COORD_SECTION", nodes, ("x", "y"))
    _require(np.isfinite(xy), numbers, "a coordinate", "a finite number")
    return PlanarTravel(xy[order], rounding=rounding or ROUNDING_OF[kind])


def _demand(document: Document, nodes: int) -> Floats:
    key = "LINEHAUL_SECTION" if "LINEHAUL_SECTION" in document.sections else "DEMAND_SECTION"
    demand, numbers = document.node_rows(key, nodes, ("demand",))
    _require((demand >= 0) & np.isfinite(demand), numbers, "the demand of a node", "a finite number >= 0")
    return demand[:, 0]


def _fleet(document: Document) -> VehicleType:
    capacity = document.number("CAPACITY")
    if capacity < 0:
        raise InputError(f"line {document.headers['CAPACITY'].line}: CAPACITY", capacity, ">= 0")
    return VehicleType(
        capacity=(capacity,), count=document.count("VEHICLES") if "VEHICLES" in document.headers else None
    )


def _depot(document: Document, nodes: int) -> int:
    """Index of the depot's row."""
    entry = document.section("DEPOT_SECTION")
    numbers = Numbers(entry.text, first_line=entry.line)
    listed = numbers.values[: int(np.argmax(numbers.values == -1))] if (numbers.values == -1).any() else numbers.values
    if len(listed) != 1:
        raise InputError(
            f"line {entry.line}: DEPOT_SECTION",
            Phrase(f"a list of {len(listed)} numbers"),
            "one node, then -1",
            advice="Several depots are not solved yet." if len(listed) > 1 else "",
        )
    numbers.require(
        (listed >= 1) & (listed <= nodes) & (listed == np.floor(listed)),
        0,
        1,
        lambda _: "the depot",
        f"a node from 1 to {nodes}, the DIMENSION",
    )
    return int(listed[0]) - 1


def _service(document: Document, nodes: int, depot: int) -> Floats:
    if "SERVICE_TIME_SECTION" in document.sections:
        service, numbers = document.node_rows("SERVICE_TIME_SECTION", nodes, ("service time",))
        _require((service >= 0) & np.isfinite(service), numbers, "a service time", "a finite number >= 0")
        return service[:, 0]
    duration = document.number("SERVICE_TIME") if "SERVICE_TIME" in document.headers else 0.0
    if duration < 0:
        raise InputError(f"line {document.headers['SERVICE_TIME'].line}: SERVICE_TIME", duration, ">= 0")
    service = np.full(nodes, duration)
    service[depot] = 0.0
    return service


def _windows(document: Document, nodes: int) -> Floats | None:
    if "TIME_WINDOW_SECTION" not in document.sections:
        return None
    window, numbers = document.node_rows("TIME_WINDOW_SECTION", nodes, ("earliest", "latest"))
    _require(window >= 0, numbers, "the time window of a node", ">= 0")
    late = window[:, 0] > window[:, 1]
    _require(np.column_stack([~late, ~late]), numbers, "the time window of a node, its begin", "no later than its end")
    return window


def _require(good: np.ndarray, numbers: Numbers, what: str, expected: str) -> None:
    """Every value of a node section keeps a rule; the culprit is looked up in the text by its node."""
    if good.all():
        return
    node, column = (int(k) for k in np.argwhere(~good)[0])
    width = good.shape[1] + 1
    row = int(np.flatnonzero(numbers.values[::width] == node + 1)[0])
    raise numbers.refuse(row * width + column + 1, f"{what.replace('a node', f'node {node + 1}')}", expected)
