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

    def accepts(self, value: str) -> bool:
        """Whether a value keeps the rule."""
        return value in self.choices if self.choices else bool(value) or self.default == ""


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
        least = "" if math.isinf(self.least) else f">= {self.least:g}"
        low = f"> {self.above:g}" if self.above is not None else least
        span = f"in {self.least:g}..{self.most:g}" if math.isfinite(self.most) and self.above is None else low
        return f"a number {span}".rstrip() + (f" ({self.unit})" if self.unit else "")

    def accepts(self, value: float) -> bool:
        """Whether a value keeps the rule."""
        low = value > self.above if self.above is not None else value >= self.least
        return bool(low and value <= self.most and (value <= LARGEST or (self.infinite and math.isinf(value))))


Column = Text | Number
NO_LIMIT: Final = math.inf

LARGEST: Final = 1e15
"""No number of a table is larger, whatever its unit."""

CHANGEABLE: Final = (
    "segments", "customers", "sites", "vehicles", "variants", "service_tiers", "modes", "technologies", "overheads",
    "components", "suppliers", "contracts", "processes",
)  # fmt: skip
"""Tables that scenarios may change."""

ACCOUNTS: Final = ("labor", "infrastructure", "supplier", "logistics")
"""The four accounts of cost-to-serve; every cost belongs to one of them."""

STAGES: Final = ("source", "make", "deliver", "return")
"""Where on its way to the customer a cost arises."""

SEGMENTS: Final[dict[str, Column]] = {
    "segment": Text("name of the group of customers"),
    "vehicle_type": Text("what delivers, from the table of vehicles; of several, parted by ;, the cheapest", "van"),
    "max_hours": Number("promise: longest drive from node to customer", "h", NO_LIMIT, above=0),
    "make_minutes": Number("work to make one unit, paid at the node's wage", "min per unit", 0.0),
    "material_cost": Number("what suppliers are paid for one unit", "cur per unit", 0.0),
    "growth": Number("of demand; the mean over the horizon counts", "% per year", 0.0, least=-50, most=100),
    "lifetime_years": Number("of its value stream, where that is below the horizon", "years", NO_LIMIT, above=0),
    "min_share": Number("of the buyers that an offer has to win, whatever it earns", "share", 0.0, most=1),
    "max_variants": Number("most variants to offer", "variants", NO_LIMIT, least=1),
    "most_tiers": Number("most service tiers to offer at once", "tiers", 1.0, least=1),
    "co2_limit": Number("most CO2 of making and delivering", "t per year", NO_LIMIT),
    "holding_cost": Number("one unit in stock for a year", "cur per unit and year", 0.0),
    "stock_service": Number("share of the lead times that safety stock lasts", "share", 0.95, least=0.5, most=0.99999),
    "variability": Number("deviation of a day's demand of a variant that sells one unit a day", "units", 1.0),
    "pooling_exponent": Number(
        "how that grows with what is sold: 0.5 the square-root law, 1 no gain by pooling", "", 0.75, least=0.5, most=1
    ),
    "outside_utility": Number("of buying elsewhere or not at all", "utility", 0.0, least=-100, most=100),
    "price_weight": Number("utility lost per unit of price", "utility per cur", 0.0),
    "quality_weight": Number("utility of a point of quality", "utility per point", 0.0),
    "customization_weight": Number("utility of a point of customization", "utility per point", 0.0),
    "features_weight": Number("utility of a point of features", "utility per point", 0.0),
    "convenience_weight": Number("utility of a point of a tier's convenience", "utility per point", 0.0),
    "service_weight": Number("utility of a tier's service level, 0 to 1", "utility", 0.0),
    "delay_weight": Number("utility lost per hour of promise between the next two", "utility per h", 0.0),
    "delay_from_h": Number("shorter promises are worth no more than this one", "h", 0.0),
    "delay_to_h": Number("longer promises are no worse than this one", "h", NO_LIMIT),
    "baseline_tier": Text("tier that is offered today; the first of the segment where empty", ""),
    "baseline_variants": Number("variants that are offered today; all where 0", "variants", 0.0),
}

VARIANTS: Final[dict[str, Column]] = {
    "variant": Text("name of the variant, unique within its segment"),
    "segment": Text("the segment it is offered to"),
    "price": Number("what a buyer pays for one unit", "cur per unit"),
    "popularity": Number("how often it is chosen beside others alike", "relative", 1.0, above=0),
    "quality": Number("quality", "points", 0.0),
    "customization": Number("how far it is made for one buyer", "points", 0.0),
    "features": Number("features", "points", 0.0),
    "unit_kg": Number("material in one unit", "kg per unit", 0.0),
    "process_minutes": Number("work to make one unit, paid at the node's wage", "min per unit", 0.0),
    "return_rate": Number("units that come back: their price is lost, and a drive", "share", 0.0, most=1),
}

SERVICE_TIERS: Final[dict[str, Column]] = {
    "tier": Text("name of the tier, unique within its segment"),
    "segment": Text("the segment that may be offered it"),
    "promise_h": Number("promised from order to door", "h", NO_LIMIT, above=0),
    "fee": Number("what a buyer pays for the delivery of an order", "cur per order", 0.0),
    "convenience": Number("convenience of its windows", "points", 0.0),
    "service_level": Number("share of orders on time", "share", 1.0, most=1),
    "made_to": Text("order: making counts against the promise; stock: it does not", "stock", ("order", "stock")),
    "prepare_h": Number("picking, packing and waiting for the departure", "h per order", 0.0),
    "mode": Text("the carrier that delivers, from the table of modes; empty for the segment's own vehicles", ""),
}

MODES: Final[dict[str, Column]] = {
    "mode": Text("name of the carrier's service"),
    "cost_per_order": Number("rate of a shipment", "cur per order", 0.0),
    "cost_per_kg": Number("rate of its mass", "cur per kg", 0.0),
    "cost_per_km": Number("rate of its distance", "cur per order and km", 0.0),
    "fixed_h": Number("from the node's door to the customer's, at any distance", "h", 0.0),
    "speed_kmh": Number("beyond that, along the road", "km per h", NO_LIMIT, above=0),
    "co2_per_t_km": Number("emissions", "kg CO2 per t and km", 0.0),
}

TECHNOLOGIES: Final[dict[str, Column]] = {
    "technology": Text("name of the technology"),
    "kind": Text(
        "additive has no changeovers; hybrid has short ones",
        "conventional",
        ("conventional", "additive", "hybrid"),
    ),
    "capex": Number("one machine, or the equipment of a node where capacity_h has no limit", "cur", 0.0),
    "life_years": Number("years over which it is written off", "years", 10.0, above=0),
    "rate": Number("an hour that a machine runs", "cur per h", 0.0),
    "scheduled_h": Number("theoretical capacity of one machine", "h per year", NO_LIMIT, above=0),
    "capacity_h": Number(
        "practical capacity of one machine, 0.85 of scheduled_h where empty; whole machines are bought",
        "h per year",
        NO_LIMIT,
        above=0,
    ),
    "changeover_h": Number("machine time to change to another variant", "h per lot", 0.0),
    "changeover_cost": Number("work, scrap and tools of a changeover", "cur per lot", 0.0),
    "lead_days": Number("until a variant is in stock again: what safety stock covers", "working days", 0.0),
    "build_h": Number("machine time of one build, or cycle", "h per build", 0.0),
    "units_per_build": Number("units of one build, or cycle", "units per build", 1.0, above=0),
    "material": Number("material", "cur per kg", 0.0),
    "waste": Number("material beyond what is in the unit", "share", 0.0),
    "yield": Number("good units of all that are made", "share", 1.0, above=0, most=1),
    "unit_co2": Number("emissions of making one unit", "kg CO2 per unit", 0.0),
}

PROCESSES: Final[dict[str, Column]] = {
    "technology": Text("the technology whose standard work this is"),
    "step": Text("name of the step, unique within its technology; steps follow each other in this order"),
    "resource": Text("who is paid for the time", "labor", ("labor", "machine")),
    "minutes": Text(
        "time equation: numbers, + - * /, brackets and quality, customization, features, unit_kg, process_minutes",
        unit="min per unit",
    ),
    "yield": Number("good units of all that the step works on", "share", 1.0, above=0, most=1),
    "energy_kwh": Number("energy", "kWh per unit", 0.0),
    "co2_kg": Number("emissions", "kg CO2 per unit", 0.0),
}

OVERHEADS: Final[dict[str, Column]] = {
    "activity": Text("name of the activity, unique within its segment"),
    "segment": Text("the segment that causes it"),
    "driver": Text("what the cost is multiplied with", choices=("segment", "variant", "node", "variant-node", "order")),
    "cost": Number("cost of one driver", "cur per driver and year"),
    "account": Text("account it belongs to", "labor", ACCOUNTS),
    "stage": Text("stage it belongs to", "make", STAGES),
}

COMPONENTS: Final[dict[str, Column]] = {
    "component": Text("name of the component"),
    "segment": Text("the segment whose units it goes into"),
    "quantity": Number("of the component in one unit", "per unit", 1.0, above=0),
    "holding_cost": Number("one in stock for a year", "cur per component and year", 0.0),
}

SUPPLIERS: Final[dict[str, Column]] = {
    "supplier": Text("name of the supplier"),
    "reliability": Number("chance that it delivers; else everything is bought on the spot", "share", 1.0, most=1),
    "lead_days": Number("until its components are in stock again: what safety stock covers", "working days", 0.0),
    "lead_deviation": Number("standard deviation of that", "working days", 0.0),
}

CONTRACTS: Final[dict[str, Column]] = {
    "contract": Text("name of the contract"),
    "component": Text("the component it is about"),
    "supplier": Text("who offers it, from the table of suppliers", ""),
    "type": Text(
        "spot; commitment: the quantity is paid, taken or not; quantity_flex: a little less or more; "
        "reservation: a fee for the quantity, and the price for what is taken",
        "spot",
        ("spot", "commitment", "quantity_flex", "reservation"),
    ),
    "price": Number("of what is taken", "cur per component"),
    "quantity": Number("agreed; 0 for the best one, where flexible or reserved", "components per year", 0.0),
    "flex_down": Number("of the quantity that may be left", "share", 0.0, most=1),
    "flex_up": Number("of the quantity that may be had beside it; more is bought on the spot", "share", 0.0),
    "reservation_price": Number("fee for what is reserved", "cur per component", 0.0),
    "switch_cost": Number("of taking the contract, once a term", "cur", 0.0),
    "term_years": Number("term", "years", 1.0, above=0),
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
    "exit_cost": Number("one-off cost of leaving it when its stream ends", "cur", 0.0),
    "fixed_year": Number("staff and equipment that do not depend on volume", "cur per year"),
    "rent": Number("rent", "cur per year", 0.0),
    "wage": Number("paid per hour of making", "cur per h", 25.0),
    "machine_h": Number("practical hours of a machine here, where they are fewer", "h per year", NO_LIMIT, above=0),
    "practical_share": Number("worked share of the hours that are paid", "share", 1.0, above=0, most=1),
    "energy_price": Number("energy", "cur per kWh", 0.0),
    "handling": Number("picking and packing", "cur per order", 0.0),
    "technologies": Text("technologies it may have, parted by ;, or all of them", ""),
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
    "count": Number("vehicles that a segment has on a working day", "vehicles", NO_LIMIT),
}

CHOICES: Final[dict[str, Column]] = {
    "segment": Text("the segment of the buyer"),
    "choice": Text("the situation: all offers that the buyer saw at once"),
    "offer": Text("name of the offer, unique within its situation"),
    "chosen": Number("1 for the offer that was taken; none where the buyer went elsewhere", "0 or 1", most=1),
    "price": Number("price of a unit, its part of the fee included", "cur per unit"),
    "promise_h": Number("promised from order to door", "h", 0.0),
    "quality": Number("quality", "points", 0.0),
    "customization": Number("how far it is made for one buyer", "points", 0.0),
    "features": Number("features", "points", 0.0),
    "convenience": Number("convenience of the tier's windows", "points", 0.0),
    "service_level": Number("share of orders on time", "share", 1.0, most=1),
}

SHIPMENTS: Final[dict[str, Column]] = {
    "mode": Text("the carrier that was paid, from the table of modes"),
    "km": Number("along the road", "km", above=0),
    "kg": Number("mass of the shipment", "kg", above=0),
    "cost": Number("what was paid for it", "cur", above=0),
}

HISTORY: Final[dict[str, Column]] = {
    "segment": Text("the segment that bought"),
    "variant": Text("the variant that sold; empty where all are counted together", ""),
    "place": Text("where it is kept; empty where all places are counted together", ""),
    "day": Text("name of the day"),
    "units": Number("sold on it; rows of one day add up, and what has no row on it sold none", "units"),
}

MACHINE_HOURS: Final[dict[str, Column]] = {
    "technology": Text("what the machine is, from the table of technologies"),
    "site": Text("where it stands; empty where all sites are counted together", ""),
    "period": Text("name of the week or month; rows of one period add up"),
    "scheduled_h": Number("in which it was to run: theoretical capacity", "h", above=0),
    "downtime_h": Number("of these, lost to maintenance, repair and breaks", "h"),
    "changeover_h": Number("of these, spent on changeovers", "h", 0.0),
    "run_h": Number("of these, spent on making; the rest had no work", "h", 0.0),
}

BASELINE: Final[dict[str, Column]] = {
    "segment": Text("the customer's segment"),
    "customer": Text("a customer that is served today"),
    "site": Text("the site that serves it, whatever its status in the study"),
}

SPEND: Final[dict[str, Column]] = {
    "segment": Text("the segment that it is spent for"),
    "account": Text("the account that it belongs to", choices=ACCOUNTS),
    "cost_per_year": Number("spent on today's network", "cur per year", above=0),
}

SCENARIOS: Final[dict[str, Column]] = {
    "scenario": Text("name of the scenario; several rows of one name are one"),
    "table": Text("the table it changes", choices=CHANGEABLE),
    "filter": Text("rows it changes: column=word, parted by ;, or all", ""),
    "column": Text("the column of numbers it changes"),
    "op": Text("what is done with the value", "multiply", ("set", "multiply", "add")),
    "value": Number("the value", "the column's", least=-NO_LIMIT),
    "probability": Number("of the scenario; what all leave is that of the study as planned", "share", most=1),
}

TABLES: Final[dict[str, dict[str, Column]]] = {
    "segments": SEGMENTS,
    "customers": CUSTOMERS,
    "sites": SITES,
    "vehicles": VEHICLES,
    "variants": VARIANTS,
    "service_tiers": SERVICE_TIERS,
    "modes": MODES,
    "technologies": TECHNOLOGIES,
    "processes": PROCESSES,
    "overheads": OVERHEADS,
    "components": COMPONENTS,
    "suppliers": SUPPLIERS,
    "contracts": CONTRACTS,
    "choices": CHOICES,
    "scenarios": SCENARIOS,
    "shipments": SHIPMENTS,
    "history": HISTORY,
    "machine_hours": MACHINE_HOURS,
    "baseline": BASELINE,
    "spend": SPEND,
}

KEYS: Final[dict[str, tuple[str, ...]]] = {
    "segments": ("segment",),
    "customers": ("segment", "customer"),
    "sites": ("site",),
    "vehicles": ("vehicle_type",),
    "variants": ("segment", "variant"),
    "service_tiers": ("segment", "tier"),
    "modes": ("mode",),
    "technologies": ("technology",),
    "processes": ("technology", "step"),
    "overheads": ("segment", "activity"),
    "components": ("segment", "component"),
    "suppliers": ("supplier",),
    "contracts": ("contract",),
    "choices": ("segment", "choice", "offer"),
    "scenarios": ("scenario", "table", "filter", "column"),
    "shipments": (),
    "history": (),
    "machine_hours": (),
    "baseline": ("segment", "customer"),
    "spend": ("segment", "account"),
}
"""What names a row; no two rows share it. Shipments, sales and hours have no names."""


@cache
def pandera_schema(table: str) -> pa.DataFrameSchema:
    """The pandera schema of a table: types, rules and units in the descriptions.

    Parameters
    ----------
    table
        One of :data:`TABLES`.
    """
    import pandera.pandas as pa

    columns = {
        name: pa.Column(
            str if isinstance(column, Text) else float,
            pa.Check(column.accepts, element_wise=True, error=column.rule),
            nullable=False,
            description=column.meaning,
            metadata={"unit": column.unit},
        )
        for name, column in TABLES[table].items()
    }
    return pa.DataFrameSchema(columns, name=table, strict="filter")
