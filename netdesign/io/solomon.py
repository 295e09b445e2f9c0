"""Solomon's VRPTW layout, which Gehring and Homberger kept: a fleet, then one row of seven numbers per customer."""

from __future__ import annotations

import re

import numpy as np

from netdesign.errors import InputError, Phrase
from netdesign.io.numbers import Numbers
from netdesign.routing import PlanarTravel, RoutingProblem, VehicleType
from netdesign.routing.travel import Rounding

COLUMNS = ("number", "x", "y", "demand", "ready time", "due date", "service time")
_FLEET = re.compile(r"^[ \t]*VEHICLES?[ \t]*\n\s*NUMBER\s+CAPACITY[ \t]*\n", re.MULTILINE | re.IGNORECASE)
_CUSTOMERS = re.compile(r"^[ \t]*CUSTOMERS?[ \t]*\n\s*CUST[^\n]*\n", re.MULTILINE | re.IGNORECASE)


def parse(text: str, *, rounding: Rounding | None = None) -> RoutingProblem:
    """The problem in a text; ids are the customer numbers of the file, the depot's the first.

    Parameters
    ----------
    text
        A Solomon or Gehring-Homberger instance.
    rounding
        Of distances and travel times; none where left out.

    Raises
    ------
    InputError
        If the text breaks the format.

    References
    ----------
    Solomon, "Algorithms for the Vehicle Routing and Scheduling Problems with Time Window Constraints",
    Operations Research 35 (1987); Gehring and Homberger (1999).
    """
    text = text.replace("\r\n", "\n")
    fleet, customers = _FLEET.search(text), _CUSTOMERS.search(text)
    for found, words in ((fleet, "VEHICLE, NUMBER CAPACITY"), (customers, "CUSTOMER, CUST NO. ...")):
        if found is None:
            raise InputError(f"the heading {words!r}", Phrase("missing"), "the headings of Solomon's layout")
    assert fleet is not None
    assert customers is not None
    head = Numbers(text[fleet.end() : customers.start()], first_line=_line(text, fleet.end()))
    vehicles = head.take_count("the number of vehicles")
    capacity = float(head.take(1, "the capacity")[0])
    head.require(np.array([capacity >= 0]), 1, 1, lambda _: "the capacity", ">= 0")
    head.finish("the capacity")
    rows = _rows(Numbers(text[customers.end() :], first_line=_line(text, customers.end())))
    return RoutingProblem(
        travel=PlanarTravel(rows[:, 1:3], rounding=rounding or "none"),
        vehicle_types=(VehicleType(capacity=(capacity,), count=vehicles),),
        demand=rows[:, 3],
        time_window=rows[:, 4:6],
        service_duration=rows[:, 6],
        ids=tuple(rows[:, 0].astype(int).tolist()),
    )


def _rows(numbers: Numbers) -> np.ndarray:
    """Shape (locations, 7), checked."""
    uneven = numbers.uneven_line(len(COLUMNS))
    if uneven is not None:
        raise InputError(f"line {uneven[0]}", uneven[1], f"{len(COLUMNS)} numbers: {', '.join(COLUMNS)}")
    if numbers.size < 2 * len(COLUMNS):
        raise InputError(
            "the list of customers",
            Phrase(f"{numbers.size // len(COLUMNS)} rows long"),
            "the depot's row and at least one customer",
        )
    rows = numbers.take(numbers.size, "an entry").reshape(-1, len(COLUMNS))

    def require(good: np.ndarray, column: int, expected: str) -> None:
        numbers.require(
            good, column, len(COLUMNS), lambda k: f"the {COLUMNS[column]} of customer {rows[k, 0]:g}", expected
        )

    first = np.zeros(len(rows), dtype=bool)
    first[np.unique(rows[:, 0], return_index=True)[1]] = True
    require(rows[:, 0] == np.floor(rows[:, 0]), 0, "a whole number")
    require(first, 0, "each number once")
    for column in (3, 4, 5, 6):
        require(rows[:, column] >= 0, column, ">= 0")
    require(rows[:, 5] >= rows[:, 4], 5, "no earlier than the ready time")
    return rows


def _line(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1
