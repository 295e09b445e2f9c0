"""VRPLIB: instances as CVRPLIB and PyVRP write them, with mixed fleets, several depots and limits on routes.

What else the dialect knows is recognized and refused by name: a plan that ignored it would be wrong.
"""

from __future__ import annotations

import numpy as np

from netdesign.errors import InputError, Phrase
from netdesign.io import vrplib_fleet
from netdesign.io.edge_weights import HEADERS, SECTIONS, read_matrix
from netdesign.io.keywords import ROUNDING_OF, Document, take_apart
from netdesign.io.numbers import Floats, Numbers
from netdesign.routing import MatrixTravel, PlanarTravel, RoutingProblem, Travel
from netdesign.routing.travel import ROUNDINGS, Rounding

_UNSOLVED = {
    "BACKHAUL_SECTION": "backhauls",
    "PRIZE_SECTION": "prizes",
    "RELEASE_TIME_SECTION": "release times",
    "MUTUALLY_EXCLUSIVE_GROUP_SECTION": "mutually exclusive groups",
    "PICKUP_AND_DELIVERY_SECTION": "pickups and deliveries",
    "VEHICLES_ALLOWED_CLIENTS_SECTION": "clients that only some vehicles may visit",
    "VEHICLES_RELOAD_DEPOT_SECTION": "reloading on the way",
    "VEHICLES_MAX_RELOADS_SECTION": "reloading on the way",
    "VEHICLES_MAX_RELOADS": "reloading on the way",
    "VEHICLES_UNIT_DURATION_COST_SECTION": "costs of a route's duration",
    "VEHICLES_UNIT_DURATION_COST": "costs of a route's duration",
}
_HEADERS = ("NAME", "COMMENT", "TYPE", "DIMENSION", "SERVICE_TIME", *vrplib_fleet.HEADERS, *HEADERS)
_SECTIONS = (
    "DEMAND_SECTION",
    "LINEHAUL_SECTION",
    "TIME_WINDOW_SECTION",
    "SERVICE_TIME_SECTION",
    "DEPOT_SECTION",
    *vrplib_fleet.SECTIONS,
    *SECTIONS,
)
_TYPES = ("CVRP", "DCVRP", "HFVRP", "MDVRP", "MDVRPTW", "VRPTW")


def parse(text: str, *, rounding: Rounding | None = None) -> RoutingProblem:
    """The problem in a text; ids are the node numbers of the file.

    Depots come first, in the order of DEPOT_SECTION, then the customers in the order of the file. Vehicles that are
    alike are one type. ``DISTANCE`` limits the length of a route; where the file has service times, it limits distance
    and service together, a duration, as in the instances of Christofides, Mingozzi and Toth (1979).

    Parameters
    ----------
    text
        An instance of one of the types CVRP, DCVRP, HFVRP, MDVRP, MDVRPTW, VRPTW.
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
    return parse_with_vehicles(text, rounding=rounding)[0]


def parse_with_vehicles(text: str, *, rounding: Rounding | None = None) -> tuple[RoutingProblem, tuple[int, ...]]:
    """As :func:`parse`, with the type of every vehicle of the file; empty where the file has any number of them."""
    document = take_apart(text, headers=(*_HEADERS, *_UNSOLVED), sections=_SECTIONS)
    _refuse_unsolved(document)
    nodes = document.count("DIMENSION", least=2)
    demand = _demand(document, nodes)  # first of all: from here on the file is known to have so many nodes
    depots = _depots(document, nodes)
    order = np.r_[depots, np.delete(np.arange(nodes), depots)]
    service, window = _service(document, nodes, depots), _windows(document, nodes)
    types, vehicles = vrplib_fleet.read_fleet(document, depots)
    problem = RoutingProblem(
        travel=_travel(document, nodes, order, rounding),
        vehicle_types=types,
        demand=demand[order],
        n_depots=len(depots),
        service_duration=service[order],
        time_window=None if window is None else window[order],
        ids=tuple((order + 1).tolist()),
    )
    return problem, vehicles


def _refuse_unsolved(document: Document) -> None:
    culprits = [key for key in (*document.headers, *document.sections) if key in _UNSOLVED]
    if culprits:
        raise InputError(
            culprits[0],
            Phrase(f"about {', '.join(sorted({_UNSOLVED[key] for key in culprits}))}"),
            "attributes of the types " + ", ".join(_TYPES),
            advice="This attribute is not solved yet, and a plan that ignored it would be wrong.",
        )
    kind = document.headers.get("TYPE")
    if kind is not None and kind.text.upper() not in _TYPES:
        advice = "Other types are not solved yet."
        raise InputError(f"line {kind.line}: TYPE", kind.text, "one of " + ", ".join(_TYPES), advice=advice)
    if kind is not None and kind.text.upper().endswith("TW"):
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


def _depots(document: Document, nodes: int) -> list[int]:
    """Rows of the depots, in the order of the file."""
    entry = document.section("DEPOT_SECTION")
    numbers = Numbers(entry.text, first_line=entry.line)
    listed = numbers.values[: int(np.argmax(numbers.values == -1))] if (numbers.values == -1).any() else numbers.values
    if not len(listed):
        raise InputError(f"line {entry.line}: DEPOT_SECTION", Phrase("empty"), "one node or more, then -1")
    valid = (listed >= 1) & (listed <= nodes) & (listed == np.floor(listed))
    numbers.require(valid, 0, 1, lambda _: "the depot", f"a node from 1 to {nodes}, the DIMENSION")
    first = np.isin(np.arange(len(listed)), np.unique(listed, return_index=True)[1])
    numbers.require(first, 0, 1, lambda _: "the depot", "each depot once")
    return [int(node) - 1 for node in listed]


def _service(document: Document, nodes: int, depots: list[int]) -> Floats:
    if "SERVICE_TIME_SECTION" in document.sections:
        service, numbers = document.node_rows("SERVICE_TIME_SECTION", nodes, ("service time",))
        _require((service >= 0) & np.isfinite(service), numbers, "a service time", "a finite number >= 0")
        return service[:, 0]
    duration = document.number("SERVICE_TIME") if "SERVICE_TIME" in document.headers else 0.0
    if duration < 0:
        raise InputError(f"line {document.headers['SERVICE_TIME'].line}: SERVICE_TIME", duration, ">= 0")
    service = np.full(nodes, duration)
    service[depots] = 0.0
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
