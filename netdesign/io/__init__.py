"""Files in, problems out; solutions in, files out.

One module per format with a ``parse(text)``; what opens files and tells formats apart is here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netdesign.errors import InputError, Phrase, closest

if TYPE_CHECKING:
    from netdesign.io.tables import Fleet
    from netdesign.location import LocationProblem
    from netdesign.routing import RoutingProblem, RoutingSolution

LOCATION_FORMATS = (
    "orlib-pmed",
    "orlib-cap",
    "holmberg",
    "yang",
    "diaz-fernandez",
    "tbed",
    "uflib",
    "tsplib",
    "csv",
    "gpkg",
)
ROUTING_FORMATS = ("vrplib", "solomon", "csv", "gpkg")
TABLES = ("csv", "gpkg")
LOCATION_OPTIONS = {
    "p": "--p",
    "min_sites": "--min-sites",
    "max_sites": "--max-sites",
    "budget": "--budget",
    "coverage_radius": "--radius",
    "outer_radius": "--outer-radius",
    "coverage_share": "--share",
    "service_radius": "--service-radius",
    "attraction": "--attraction",
    "decay": "--decay",
}
"""What the command calls fields of a location problem."""
PLANNED_FORMATS = ("li-lim", "vroom", "prins", "schneider")
"""Known by name, not read yet."""

__all__ = [
    "LOCATION_FORMATS",
    "PLANNED_FORMATS",
    "ROUTING_FORMATS",
    "TABLES",
    "RoutingFile",
    "read_location",
    "read_routing",
]


@dataclass(frozen=True)
class RoutingFile:
    """A routing problem and the format it came in; and the type of every vehicle where the file lists them."""

    problem: RoutingProblem
    format: str
    vehicles: tuple[int, ...] = ()

    def solution_text(self, solution: RoutingSolution, cost: float | None) -> str:
        """The ``.sol`` of a plan: visits are location indices, for VRPLIB the node - 1.

        Where vehicles differ, route k is that of vehicle k of the file; vehicles that stay have an empty route.
        """
        from netdesign.io import sol

        assert cost is not None
        numbers = self._numbers()
        routes: list[Sequence[int]] = [[numbers[v] for v in route.visits] for route in solution.routes]
        types = [route.vehicle_type for route in solution.routes]
        if len(self.problem.vehicle_types) > 1 and self.vehicles:
            routes = sol.by_vehicle(routes, types, self.vehicles)
        return sol.write(routes, cost)

    def parse_solution(self, text: str) -> RoutingSolution:
        """The plan of a ``.sol``; customers it does not visit are unserved.

        Raises
        ------
        InputError
            If the text is no solution, or names a vehicle or a customer that the problem does not have.
        """
        from netdesign.io import sol
        from netdesign.routing import Route, RoutingSolution

        place = {number: k for k, number in enumerate(self._numbers()) if k >= self.problem.n_depots}
        mixed = len(self.problem.vehicle_types) > 1
        routes = []
        for k, visits in enumerate(sol.parse(text)[0]):
            strangers = [v for v in visits if v not in place]
            if strangers:
                raise InputError(
                    f"Route #{k + 1}", strangers[0], "customers of the problem", advice="VRPLIB: node - 1."
                )
            if visits and mixed and k >= len(self.vehicles):
                raise InputError(
                    f"Route #{k + 1}", Phrase("one too many"), f"a route for {len(self.vehicles)} vehicles"
                )
            if visits:
                routes.append(Route(tuple(place[v] for v in visits), self.vehicles[k] if mixed else 0))
        left = set(self.problem.customers.tolist()).difference(*(route.visits for route in routes))
        return RoutingSolution(self.problem, tuple(routes), tuple(sorted(left)))

    def _numbers(self) -> list[int]:
        """How a ``.sol`` calls the locations."""
        assert self.problem.ids is not None
        if self.format == "vrplib":
            return [int(i) - 1 for i in self.problem.ids]
        return list(range(self.problem.n_locations))


def read_routing(path: Path, *, format: str = "auto", rounding: Any = None, fleet: Fleet | None = None) -> RoutingFile:
    """The routing problem in a file.

    Parameters
    ----------
    path
        The file.
    format
        One of :data:`ROUTING_FORMATS`, or ``auto``: by what the file holds.
    rounding
        Of distances and travel times; what the file says where left out.
    fleet
        For tables: depot and vehicles.

    Raises
    ------
    InputError
        If the file cannot be read as such a problem.
    """
    name, text = _open(path, format, ROUTING_FORMATS, "netdesign locate")
    from netdesign.io.source import naming

    if name in TABLES:
        if fleet is None:
            raise InputError(
                "--depot, --capacity",
                Phrase("missing"),
                "both",
                where=f"the table {path.name}",
                advice="As --depot 4.9,52.4 --capacity 100.",
            )
        return RoutingFile(_module("tables").read_routing(path, name, fleet, rounding=rounding), name)
    if fleet is not None:
        raise InputError(
            "--depot", Phrase("given"), "no depot and no fleet beside the file's own", where=f"format {name}"
        )
    with naming(path):
        if name == "vrplib":
            problem, vehicles = _module(name).parse_with_vehicles(text, rounding=rounding)
            return RoutingFile(problem, name, vehicles)
        return RoutingFile(_module(name).parse(text, rounding=rounding), name)


def read_location(
    path: Path,
    *,
    model: Any,
    format: str = "auto",
    rounding: Any = None,
    sites: Path | None = None,
    factor: float = 1.0,
    forbidden: Path | None = None,
    incompatible: Path | None = None,
    **fields: Any,
) -> LocationProblem:
    """The location problem in a file, or in a table of customers and one of sites.

    Parameters
    ----------
    path
        The file, or the table of customers.
    model
        See :class:`netdesign.LocationProblem`.
    format
        One of :data:`LOCATION_FORMATS`, or ``auto``: by what the file holds.
    rounding
        Of distances between coordinates; what the file says where left out.
    sites
        For tables: the table of sites.
    factor
        For tables with lon and lat: what a metre counts.
    forbidden, incompatible
        Tables of pairs: a ``customer`` and a ``site`` that does not serve it; a ``site`` and an ``other`` one, at most
        one of which opens.
    **fields
        What else the model asks for: `p` (the file's where it says one and this is left out), `coverage_radius` and
        others of :class:`netdesign.LocationProblem`.

    Raises
    ------
    InputError
        If the file cannot be read as such a problem.
    """
    fields = {name: value for name, value in fields.items() if value is not None}
    name, text = _open(path, format, LOCATION_FORMATS, "netdesign route")
    from netdesign.io.source import naming

    problem: LocationProblem
    if name in TABLES:
        if sites is None:
            raise InputError("--sites", Phrase("missing"), "a table of sites", where=f"the table {path.name}")
        reader = _module("tables")
        kinds = (name, reader.table_kind(sites))
        with _options_named(path, fields):
            problem = reader.read_location(path, sites, kinds, model=model, factor=factor, rounding=rounding, **fields)
    else:
        if sites is not None:
            raise InputError("--sites", str(sites), "no table of sites beside the file's own", where=f"format {name}")
        with _options_named(path, fields), naming(path):
            problem = _parse_location(name, text, model, rounding, fields)
    pairs = {}
    for what, table, columns in (
        ("forbidden", forbidden, {"customer": problem.customers, "site": problem.sites}),
        ("incompatible", incompatible, {"site": problem.sites, "other": problem.sites}),
    ):
        if table is not None:
            pairs[what] = _module("tables").read_pairs(table, _module("tables").table_kind(table), columns)
    return problem.replace(**pairs)


@contextmanager
def _options_named(path: Path, fields: dict[str, Any]) -> Iterator[None]:
    """Say with the words of the command what is wrong with a field that it gives, or should."""
    try:
        yield
    except InputError as error:
        what = error.what.removeprefix(f"{path.name}: ")
        if what not in LOCATION_OPTIONS or not (what in fields or error.got == "missing"):
            raise
        raise InputError(
            LOCATION_OPTIONS[what], error.got, error.expected, where=error.where, advice=error.advice
        ) from error


def _parse_location(name: str, text: str, model: Any, rounding: Any, fields: dict[str, Any]) -> Any:
    if name != "tsplib" and rounding not in (None, "none"):
        advice = "The file holds costs, not coordinates."
        raise InputError("--rounding", rounding, "none", where=f"format {name}", advice=advice)
    from netdesign.location.models import WITH_CAPACITY

    if name in ("tsplib", "orlib-pmed", "uflib") and model in WITH_CAPACITY:
        advice = "The format knows no capacities."
        raise InputError("--model", model, "another model", where=f"format {name}", advice=advice)
    if name not in ("tsplib", "orlib-pmed"):
        return _module(name).parse(text, model=model, **fields)
    if model == "uncapacitated":
        advice = "The format knows no fixed costs."
        raise InputError("--model", model, "another model", where=f"format {name}", advice=advice)
    options = {"rounding": rounding} if name == "tsplib" else {}
    return _module(name).parse(text, model=model, **fields, **options)


def _open(path: Path, format: str, known: tuple[str, ...], other: str) -> tuple[str, str]:
    """The format's name, and the text unless it is a table."""
    if format != "auto" and format not in known:
        advice = "This format is not read yet." if format in PLANNED_FORMATS else closest(format, [*known, "auto"])
        raise InputError("--format", format, "a format of this command", advice=advice)
    from netdesign.io.detect import detect
    from netdesign.io.source import read_text

    if format in TABLES or (format == "auto" and path.suffix.lower() in (".csv", ".gpkg")):
        return (detect("", path) if format == "auto" else format), ""
    text = read_text(path)
    name = detect(text, path) if format == "auto" else format
    if name in known:
        return name, text
    if name in PLANNED_FORMATS:
        raise InputError(
            path.name,
            Phrase(f"in the format {name}"),
            "one of " + ", ".join(known),
            advice="This format is not read yet.",
        )
    raise InputError(
        path.name, Phrase(f"in the format {name}"), "one of " + ", ".join(known), advice=f"Is it one for {other}?"
    )


def _module(name: str) -> Any:
    return import_module("netdesign.io." + name.replace("-", "_"))
