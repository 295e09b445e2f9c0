"""``study.toml``: every key, its unit and its default."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from netdesign.errors import closest
from netdesign.study.files import full_source
from netdesign.study.problems import Problem
from netdesign.study.schema import CUSTOMERS, Number

FILE = "study.toml"
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


class Tables(_Section):
    """Files inside the study's folder, ``file#sheet`` for one sheet of a workbook or layer of a GeoPackage.

    Only the first three are needed. Without ``vehicles`` everyone drives the default van; without ``variants`` all
    orders are served and none has a price; without ``service_tiers`` the segment's promise is the only one; without
    ``technologies`` making is paid by the minute; without ``overheads`` there are none; without ``components`` and
    ``contracts`` material is paid by the unit; without ``choices`` the weights of the buyers are the segment's own,
    without ``shipments`` the rates those of the modes, without ``history`` the variability their own,
    without ``machine_hours`` the capacity that of the technologies; without ``baseline`` and ``spend`` nothing is said
    about today.
    """

    segments: str = "segments.csv"
    customers: str = "customers.csv"
    sites: str = "sites.csv"
    vehicles: str | None = None
    variants: str | None = None
    service_tiers: str | None = None
    modes: str | None = None
    technologies: str | None = None
    processes: str | None = None
    overheads: str | None = None
    components: str | None = None
    suppliers: str | None = None
    contracts: str | None = None
    choices: str | None = None
    scenarios: str | None = None
    shipments: str | None = None
    history: str | None = None
    machine_hours: str | None = None
    baseline: str | None = None
    spend: str | None = None


class Travel(_Section):
    """Straight lines to roads."""

    circuity: Annotated[float, Field(ge=1, le=3)] = Field(
        default=1.3, description="road distance over great circle, for vehicles without their own"
    )


class RoadSettings(_Section):
    """Roads instead of straight lines, for drives and for the routed day; none without an extract."""

    extract: str | None = Field(default=None, description="OpenStreetMap extract (.osm.pbf) or saved network (.npz)")
    profile: Literal["car", "van", "truck", "bicycle"] = Field(default="van", description="who drives")
    ferries: bool = Field(default=False, description="take ferries that carry the vehicle")
    max_snap_m: Positive = Field(default=1000.0, description="a point farther from every road is not on the roads")


class PlaceSettings(_Section):
    """Where customers and sites stand whose tables have a place or postcode instead of lon and lat."""

    postcodes: str | None = Field(
        default=None, description="table of postcodes: country, postcode, lon, lat; or a file as GeoNames offers it"
    )


class LastMileSettings(_Section):
    """The last-mile formula (see :mod:`netdesign.study.last_mile`)."""

    k: Positive = Field(default=0.48, description="km per stop = k * circuity / sqrt(stops per km2 and day)")
    refit_rounds: Annotated[int, Field(ge=0, le=3)] = Field(
        default=0, description="times that the formula is fitted to routed days and the segment designed again, at most"
    )
    polish_moves: Annotated[int, Field(ge=0, le=100)] = Field(
        default=6, description="moves of single nodes to try on routed days after the last round; none without rounds"
    )


class Location(_Section):
    """When the search for sites ends."""

    gap: Annotated[float, Field(ge=0, lt=1)] = Field(
        default=0.0, description="relative gap that is close enough; 0 asks for a proof"
    )
    time_limit_s: Positive = Field(
        default=60.0, description="wall time per segment; a search it ends is flagged as not reproducible"
    )


class Routing(_Section):
    """How many days are routed, and how long each node's; iterations repeat exactly, seconds do not."""

    days: Annotated[int, Field(ge=1, le=100)] = Field(
        default=1, description="working days drawn for the route check, and for each round of the refit"
    )

    iterations: Annotated[int, Field(ge=1)] = Field(default=20_000, description="iterations per node and day")
    seconds: Positive | None = Field(default=None, description="wall time per node and day instead of iterations")


class Risk(_Section):
    """How scenarios are weighed."""

    tail: Annotated[float, Field(gt=0, le=1)] = Field(
        default=0.2, description="part of the probability, the worst, whose mean profit is compared"
    )


class SegmentationSettings(_Section):
    """Groups of customers to suggest beside the segments (see :mod:`netdesign.study.segmentation`)."""

    columns: tuple[str, ...] = Field(default=(), description="of customers, that make them alike; none: no groups")
    method: Literal["k-means", "mixture"] = "k-means"
    most: Annotated[int, Field(ge=2, le=20)] = Field(default=6, description="groups to try, at most")
    groups: Annotated[int, Field(ge=0, le=20)] = Field(
        default=0, description="the planner's own number of groups; 0 leaves it to the data"
    )

    @field_validator("columns")
    @classmethod
    def _numbers(cls, columns: tuple[str, ...]) -> tuple[str, ...]:
        known = [name for name, column in CUSTOMERS.items() if isinstance(column, Number)]
        for name in columns:
            if name not in known:
                raise ValueError(f"a column of numbers of the customers, one of {', '.join(known)}")
        return columns


class BaselineSettings(_Section):
    """How near the model has to come to what is spent today (see :mod:`netdesign.study.baseline`)."""

    tolerance: Annotated[float, Field(gt=0, lt=1)] = Field(
        default=0.1, description="share of an account's spend that the model may be off without a warning"
    )


class Frontiers(_Section):
    """How finely the frontiers of the chosen offer are searched (see :mod:`netdesign.study.frontiers`)."""

    points: Annotated[int, Field(ge=0, le=100)] = Field(
        default=7, description="networks designed for each frontier; 0 leaves the frontiers out"
    )


class Source(_Section):
    """Where a part of the data comes from; listed in the report."""

    what: str
    origin: str
    licence: str = ""
    kind: Literal["cited", "measured", "invented", "default"] = "cited"


class StudyConfig(_Section):
    """The whole file."""

    name: str = Field(min_length=1)
    country: str | None = Field(default=None, description="ISO 3166-1 alpha-2 code: outline on the map, places named")
    currency: str = Field(default="EUR", description="label of every amount of money")
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 1
    working_days_per_year: Annotated[float, Field(gt=0, le=366)] = 250.0
    horizon_years: Positive = Field(default=5.0, description="years over which a one-off opening cost is spread")
    carbon_price: Annotated[float, Field(ge=0, allow_inf_nan=False)] = Field(
        default=0.0, description="per t of CO2 of delivering and making; a cost like others"
    )
    tables: Tables = Tables()
    travel: Travel = Travel()
    roads: RoadSettings = RoadSettings()
    places: PlaceSettings = PlaceSettings()
    last_mile: LastMileSettings = LastMileSettings()
    location: Location = Location()
    routing: Routing = Routing()
    risk: Risk = Risk()
    frontiers: Frontiers = Frontiers()
    baseline: BaselineSettings = BaselineSettings()
    segmentation: SegmentationSettings = SegmentationSettings()
    sources: tuple[Source, ...] = ()

    def sources_of_tables(self) -> dict[str, str | None]:
        """Where each table is, its sheet written out; None for a table that is left out."""
        places = self.tables.model_dump()
        return {table: place and full_source(place, table) for table, place in places.items()}


def parse_config(text: str, file: str = FILE) -> tuple[StudyConfig | None, list[Problem]]:
    """The configuration in a TOML text, or what is wrong with it.

    Parameters
    ----------
    text
        Contents of the file.
    file
        Its name, for messages.
    """
    try:
        return StudyConfig.model_validate(tomllib.loads(text)), []
    except tomllib.TOMLDecodeError as error:
        return None, [
            Problem(
                file, None, "", None, f"valid TOML ({error})", "Text needs quotation marks; one key = value per line."
            )
        ]
    except ValidationError as error:
        return None, [_problem(dict(e), file) for e in error.errors(include_url=False)]


def to_toml(config: StudyConfig) -> str:
    """The resolved configuration, defaults included, as TOML that reads back to the same."""
    data = config.model_dump(mode="json", exclude_none=True)
    plain = [f"{key} = {_literal(value)}" for key, value in data.items() if not isinstance(value, (dict, list))]
    for key, value in data.items():
        for section in [value] if isinstance(value, dict) else value if isinstance(value, list) else []:
            plain += ["", f"[[{key}]]" if isinstance(value, list) else f"[{key}]"]
            plain += [f"{name} = {_literal(entry)}" for name, entry in section.items()]
    return "\n".join(plain) + "\n"


def read_config(folder: Path) -> tuple[StudyConfig | None, list[Problem]]:
    """The configuration of a study's folder, or what is wrong with it."""
    path = folder / FILE
    if not path.is_file():
        hint = "A study is a folder with study.toml and its tables; `netdesign new` writes one to start from."
        return None, [Problem(FILE, None, "", None, f"a file {FILE} in {folder}", hint)]
    try:
        return parse_config(path.read_text("utf-8-sig"))
    except UnicodeDecodeError:
        return None, [Problem(FILE, None, "", None, "UTF-8 text", "Save the file as UTF-8.")]


def _problem(error: dict[str, Any], file: str) -> Problem:
    """One of pydantic's findings in our words, with the nearest known key for a misspelt one."""
    path = [str(part) for part in error["loc"]]
    name = ".".join(path)
    if error["type"] == "extra_forbidden":
        known = list(_model_at(path[:-1]).model_fields)
        return Problem(file, None, name, error["input"], "a known key", closest(path[-1], known))
    if error["type"] == "missing":
        return Problem(file, None, name, None, "a value for this key")
    rule = error["msg"].removeprefix("Input should be ").replace("Value error, ", "")
    return Problem(file, None, name, error["input"], rule)


def _model_at(path: list[str]) -> type[BaseModel]:
    model: type[BaseModel] = StudyConfig
    sections: dict[str, type[BaseModel]] = {
        "tables": Tables,
        "travel": Travel,
        "roads": RoadSettings,
        "places": PlaceSettings,
        "last_mile": LastMileSettings,
        "location": Location,
        "routing": Routing,
        "risk": Risk,
        "frontiers": Frontiers,
        "baseline": BaselineSettings,
        "segmentation": SegmentationSettings,
        "sources": Source,
    }
    return sections.get(path[0], model) if path else model


def _literal(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        # A JSON string is a TOML basic string, except that TOML wants DEL escaped too.
        import json

        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return repr(value)
