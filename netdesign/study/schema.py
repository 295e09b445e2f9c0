"""The columns of the input tables: names, units, defaults, rules.

One declaration serves the reader, the pandera schema and the documentation. Money is in the study's
currency (cur), time in hours or minutes as said, distance in km, mass in kg, volume in m3, horizon a year.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import pandera.pandas as pa

REQUIRED: Final = object()
"""A column without a default."""


@dataclass(frozen=True)
class Text:
    """A column of words."""

    meaning: str
    default: Any = REQUIRED
    choices: tuple[str, ...] = ()
    unit: str = ""

    @property
    def rule(self) -> str:
        """What a message says was expected."""
        return "one of " + ", ".join(self.choices) if self.choices else "a text"


@dataclass(frozen=True)
class Number:
    """A column of numbers between two limits; infinite only where infinity is the default."""

    meaning: str
    unit: str
    default: Any = REQUIRED
    least: float = 0.0
    most: float = math.inf
    above: float | None = None

    @property
    def infinite(self) -> bool:
        """Whether infinity is allowed: no limit."""
        return isinstance(self.default, float) and math.isinf(self.default)

    @property
    def rule(self) -> str:
        """What a message says was expected."""
        low = f"> {self.above:g}" if self.above is not None else f">= {self.least:g}"
        span = f"in {self.least:g}..{self.most:g}" if math.isfinite(self.most) and self.above is None else low
        return f"a number {span}" + (f" ({self.unit})" if self.unit else "")

    def accepts(self, value: float) -> bool:
        """Whether a value keeps the rule."""
        low = value > self.above if self.above is not None else value >= self.least
        return bool(low and value <= self.most and (self.infinite or math.isfinite(value)))


Column = Text | Number
NO_LIMIT: Final = math.inf

SEGMENTS: Final[dict[str, Column]] = {
    "segment": Text("name of the group of customers"),
    "vehicle_type": Text("the vehicle that delivers, from the table of vehicles", "van"),
    "max_hours": Number("promise: longest drive from node to customer", "h", NO_LIMIT, above=0),
    "make_minutes": Number("work to make one unit, paid at the node's wage", "min per unit", 0.0),
    "material_cost": Number("what suppliers are paid for one unit", "cur per unit", 0.0),
}

CUSTOMERS: Final[dict[str, Column]] = {
    "customer": Text("name of the demand point, unique within its segment"),
    "segment": Text("the segment it belongs to"),
    "lon": Number("longitude", "degrees, WGS 84", least=-180, most=180),
    "lat": Number("latitude", "degrees, WGS 84", least=-90, most=90),
    "buyers": Number("buyers", "per year", above=0),
    "orders_per_buyer": Number("orders of one buyer", "per year", 1.0, above=0),
    "units_per_order": Number("units in one order", "per order", 1.0, above=0),
    "drop_kg": Number("mass of one order", "kg per order", 1.0),
    "drop_m3": Number("volume of one order", "m3 per order", 0.005),
    "service_minutes": Number("time at the stop", "min per stop", 3.0),
    "earliest_h": Number("start of the delivery window, hour of the day", "h", 0.0, most=48),
    "latest_h": Number("end of the delivery window, hour of the day", "h", 48.0, most=48),
    "area_km2": Number(
        "area of a neighbourhood, where every order is a stop of its own; 0 for one address", "km2", 0.0
    ),
}

SITES: Final[dict[str, Column]] = {
    "site": Text("name of the site"),
    "lon": Number("longitude", "degrees, WGS 84", least=-180, most=180),
    "lat": Number("latitude", "degrees, WGS 84", least=-90, most=90),
    "status": Text(
        "open: stays; candidate: may open; closed: not available", "candidate", ("open", "candidate", "closed")
    ),
    "fixed_open": Number("one-off cost of opening, not paid by sites that are open", "cur", 0.0),
    "fixed_year": Number("staff and equipment that do not depend on volume", "cur per year"),
    "rent": Number("rent", "cur per year", 0.0),
    "wage": Number("paid per hour of making", "cur per h", 25.0),
    "handling": Number("picking and packing", "cur per order", 0.0),
}

VEHICLES: Final[dict[str, Column]] = {
    "vehicle_type": Text("name of the vehicle type"),
    "kg": Number("mass it carries", "kg", NO_LIMIT, above=0),
    "m3": Number("volume it carries", "m3", NO_LIMIT, above=0),
    "stops": Number("stops on one route", "stops", NO_LIMIT, above=0),
    "cost_per_day": Number("for having it on the road for a day", "cur per day", 60.0),
    "cost_per_km": Number("energy, tyres, wear", "cur per km", 0.25),
    "cost_per_h": Number("driver and vehicle, while driving, waiting and serving", "cur per h", 28.0),
    "shift_start_h": Number("start of the shift, hour of the day", "h", 8.0, most=24),
    "shift_h": Number("length of the shift", "h", 8.0, above=0, most=24),
    "speed_kmh": Number("average speed on the road", "km per h", 40.0, above=0),
    "circuity": Number("road distance over great circle", "", 0.0, most=3),
    "co2_per_km": Number("emissions", "kg CO2 per km", 0.0),
}

TABLES: Final[dict[str, dict[str, Column]]] = {
    "segments": SEGMENTS,
    "customers": CUSTOMERS,
    "sites": SITES,
    "vehicles": VEHICLES,
}

KEYS: Final[dict[str, tuple[str, ...]]] = {
    "segments": ("segment",),
    "customers": ("segment", "customer"),
    "sites": ("site",),
    "vehicles": ("vehicle_type",),
}
"""What names a row; no two rows share it."""


@cache
def pandera_schema(table: str) -> pa.DataFrameSchema:
    """The pandera schema of a table: types, rules and units in the descriptions.

    Parameters
    ----------
    table
        ``segments``, ``customers``, ``sites`` or ``vehicles``.
    """
    import pandera.pandas as pa

    columns = {
        name: pa.Column(
            str if isinstance(column, Text) else float,
            pa.Check(_keeps(column), element_wise=True, error=column.rule),
            nullable=False,
            description=column.meaning,
            metadata={"unit": column.unit},
        )
        for name, column in TABLES[table].items()
    }
    return pa.DataFrameSchema(columns, name=table, strict="filter")


def _keeps(column: Column) -> Any:
    if isinstance(column, Text):
        choices = column.choices
        return (lambda value: value in choices) if choices else (lambda value: bool(value))
    return column.accepts
