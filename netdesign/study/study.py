"""A study: its configuration and its tables, read, validated and frozen; and one case per segment."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from netdesign.study.choice_fit import ChoiceFit, fit_choices
from netdesign.study.config import StudyConfig, read_config
from netdesign.study.lints import lint_tables
from netdesign.study.problems import Problem, StudyError, errors_of
from netdesign.study.roads import StudyRoads, open_roads
from netdesign.study.schema import TABLES, VEHICLES
from netdesign.study.tables import read_table
from netdesign.study.value import WHOLE_MARKET, Offer, Taste, Tier

if TYPE_CHECKING:
    from netdesign.study.pipeline import StudyProgress, StudyRun

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Vehicle:
    """A vehicle type, in the units of the table ``vehicles``; ``circuity`` is resolved."""

    name: str
    kg: float
    m3: float
    stops: float
    cost_per_day: float
    cost_per_km: float
    cost_per_h: float
    shift_start_h: float
    shift_h: float
    speed_kmh: float
    circuity: float
    co2_per_km: float


@dataclass(frozen=True)
class Mode:
    """A carrier's service, in the units of the table ``modes``."""

    name: str
    cost_per_order: float
    cost_per_kg: float
    cost_per_km: float
    fixed_h: float
    speed_kmh: float
    co2_per_t_km: float


@dataclass(frozen=True, eq=False)
class SegmentCase:
    """Everything that the design of one segment depends on, and nothing else.

    Attributes
    ----------
    name, slug
        The segment's name and a form of it that is safe as a folder name.
    customers, sites
        Its demand points and the sites that are not closed, in the columns of :mod:`netdesign.study.schema`.
    vehicle
        What delivers.
    max_hours, make_minutes, material_cost, growth, max_variants, holding_cost
        See the table ``segments``.
    taste, fit
        How its buyers choose; where that was fitted, how sure it is.
    variants, technologies, overheads
        The rows of these tables that concern it; empty where the study has none.
    tiers, modes
        The service tiers it may be offered, and the carriers they name.
    config
        The study's configuration; names, tables and sources do not enter the result.
    roads
        What is driven on; straight lines where there are none.
    offer
        What it is offered; the whole market takes part where it has no variants.
    """

    name: str
    slug: str
    customers: pd.DataFrame
    sites: pd.DataFrame
    vehicle: Vehicle
    max_hours: float
    make_minutes: float
    material_cost: float
    growth: float
    max_variants: float
    holding_cost: float
    taste: Taste
    variants: pd.DataFrame
    tiers: tuple[Tier, ...]
    modes: tuple[Mode, ...]
    technologies: pd.DataFrame
    overheads: pd.DataFrame
    config: StudyConfig
    fit: ChoiceFit | None = None
    roads: StudyRoads | None = None
    offer: Offer = WHOLE_MARKET

    @property
    def priced(self) -> bool:
        """Whether it has variants with prices, so that buyers choose and customers may be declined."""
        return not self.variants.empty

    @property
    def most_variants(self) -> int:
        """How many variants it can be offered."""
        return int(min(len(self.variants), self.max_variants))

    @property
    def mode(self) -> Mode | None:
        """The carrier that delivers what is offered; None where the segment's own vehicles do."""
        return next((mode for mode in self.modes if mode.name == self.offer.tier.mode), None)

    @property
    def circuity(self) -> float:
        """Road distance over great circle for what delivers."""
        return self.vehicle.circuity if self.mode is None else self.config.travel.circuity

    def offering(self, offer: Offer) -> SegmentCase:
        """The same segment with another offer."""
        return replace(self, offer=offer)

    def only(self, customers: NDArray[np.bool_]) -> SegmentCase:
        """The same segment with some of its customers."""
        return replace(self, customers=self.customers[customers].reset_index(drop=True))

    @cached_property
    def potential_orders(self) -> Floats:
        """Shape (customers,): a year's orders if every buyer bought, mean over the horizon."""
        rate = math.log1p(self.growth / 100) * self.config.horizon_years
        mean = math.expm1(rate) / rate if rate else 1.0
        return (self.customers["buyers"] * self.customers["orders_per_buyer"]).to_numpy(float) * mean

    @cached_property
    def orders_per_year(self) -> Floats:
        """Shape (customers,): of those that the offer wins."""
        return self.potential_orders * self.offer.share

    @cached_property
    def units_per_order(self) -> Floats:
        """Shape (customers,)."""
        return self.customers["units_per_order"].to_numpy(float)

    @cached_property
    def orders_per_day(self) -> Floats:
        """Shape (customers,), expected on a working day."""
        return self.orders_per_year / self.config.working_days_per_year

    @cached_property
    def customer_lonlat(self) -> Floats:
        """Shape (customers, 2), degrees."""
        return self.customers[["lon", "lat"]].to_numpy(float)

    @cached_property
    def site_lonlat(self) -> Floats:
        """Shape (sites, 2), degrees."""
        return self.sites[["lon", "lat"]].to_numpy(float)

    @cached_property
    def fixed_cost_per_year(self) -> Floats:
        """Shape (sites,): fixed cost, rent and the yearly share of opening where it is not open yet."""
        opening = np.where(self.sites["status"] == "open", 0.0, self.sites["fixed_open"]) / self.config.horizon_years
        return (self.sites["fixed_year"] + self.sites["rent"]).to_numpy(float) + opening

    @cached_property
    def input_hash(self) -> str:
        """Hash of what the result depends on: equal hashes, equal files."""
        c = self.config
        settings = [
            self.name,
            asdict(self.vehicle),
            self.max_hours,
            self.make_minutes,
            self.material_cost,
            self.growth,
            self.max_variants,
            self.holding_cost,
            asdict(self.taste),
            self.fit and asdict(self.fit),
            [asdict(tier) for tier in self.tiers],
            [asdict(mode) for mode in self.modes],
            c.seed,
            c.working_days_per_year,
            c.horizon_years,
            c.carbon_price,
            c.last_mile.k,
            c.travel.circuity,
            self.roads and self.roads.fingerprint,
            c.location.model_dump(),
            c.routing.model_dump(),
            c.frontiers.model_dump(),
        ]
        tables = (self.customers, self.sites, self.variants, self.technologies, self.overheads)
        return _digest(json.dumps(settings), *(table.to_csv(index=False) for table in tables))

    def seed_of(self, *purpose: str) -> int:
        """A seed of its own for every purpose, from the study's seed and the names alone."""
        return int(_digest(str(self.config.seed), self.name, *purpose)[:12], 16)


@dataclass(frozen=True, eq=False)
class Study:
    """A validated study.

    Attributes
    ----------
    folder
        Where it was read from.
    config
        ``study.toml`` with every default filled in.
    segments, customers, sites, vehicles, variants, service_tiers, modes, technologies, overheads, choices, scenarios
        The tables, defaults filled in, labelled by spreadsheet row; the last seven without rows where left out.
    roads
        What is driven on; straight lines where there are none.
    warnings
        What is worth a look and does not stop a run.
    """

    folder: Path
    config: StudyConfig
    segments: pd.DataFrame
    customers: pd.DataFrame
    sites: pd.DataFrame
    vehicles: pd.DataFrame
    variants: pd.DataFrame
    service_tiers: pd.DataFrame
    modes: pd.DataFrame
    technologies: pd.DataFrame
    overheads: pd.DataFrame
    choices: pd.DataFrame
    scenarios: pd.DataFrame
    roads: StudyRoads | None = None
    warnings: tuple[Problem, ...] = ()

    @classmethod
    def read(cls, path: str | Path) -> Study:
        """Read and validate a study.

        Parameters
        ----------
        path
            The study's folder, or its ``study.toml``.

        Raises
        ------
        StudyError
            If anything is wrong; the message has one line per problem.
        """
        study, problems = load(path)
        if study is None or errors_of(problems):
            raise StudyError(errors_of(problems), str(path))
        return study

    def replace_config(self, **changes: Any) -> Study:
        """The same study with some settings changed."""
        return replace(self, config=self.config.model_copy(update=changes))

    def cases(self) -> tuple[SegmentCase, ...]:
        """One independent case per segment that has customers, in the order of the table."""
        names = [n for n in self.segments["segment"] if (self.customers["segment"] == n).any()]
        return tuple(self._case(name, slug) for name, slug in zip(names, slugs(names), strict=True))

    def _case(self, name: str, slug: str) -> SegmentCase:
        row: dict[Any, Any] = self.segments.set_index("segment").to_dict("index")[name]

        def rows(table: pd.DataFrame) -> pd.DataFrame:
            return table[table["segment"] == name].reset_index(drop=True)

        tiers = [Tier(*t) for t in rows(self.service_tiers).drop(columns="segment").itertuples(index=False)]
        modes = [Mode(*m) for m in self.modes.itertuples(index=False)]
        taste, fit = fit_choices(rows(self.choices), Taste(**{f.name: float(row[f.name]) for f in fields(Taste)}))
        return SegmentCase(
            name=name,
            slug=slug,
            sites=self.sites[self.sites["status"] != "closed"].reset_index(drop=True),
            customers=rows(self.customers),
            vehicle=self.vehicle(str(row["vehicle_type"])),
            taste=taste,
            fit=fit,
            variants=rows(self.variants),
            tiers=tuple(tiers) or (WHOLE_MARKET.tier,),
            modes=tuple(m for m in modes if m.name in {t.mode for t in tiers}),
            technologies=self.technologies.reset_index(drop=True),
            overheads=rows(self.overheads),
            config=self.config,
            roads=self.roads,
            max_hours=float(row["max_hours"]),
            make_minutes=float(row["make_minutes"]),
            material_cost=float(row["material_cost"]),
            growth=float(row["growth"]),
            max_variants=float(row["max_variants"]),
            holding_cost=float(row["holding_cost"]),
        )

    def vehicle(self, name: str) -> Vehicle:
        """A vehicle type by name."""
        row = self.vehicles.set_index("vehicle_type").to_dict("index")[name]
        numbers = {column: float(row[column]) for column in VEHICLES if column != "vehicle_type"}
        numbers["circuity"] = numbers["circuity"] or self.config.travel.circuity
        return Vehicle(name=name, **numbers)

    @cached_property
    def input_hash(self) -> str:
        """Hash of the whole input."""
        tables = [getattr(self, table) for table in TABLES]
        roads = self.roads.fingerprint if self.roads else ""
        return _digest(self.config.model_dump_json(), roads, *(t.to_csv(index=False) for t in tables))

    def run(
        self,
        out: str | Path | None = None,
        *,
        time_limit_s: float | None = None,
        max_iterations: int | None = None,
        gap: float | None = None,
        seed: int | None = None,
        threads: int = 1,
        deterministic: bool = False,
        progress: Callable[[StudyProgress], object] | None = None,
    ) -> StudyRun:
        """Cost, design, route check, report; see :func:`netdesign.study.pipeline.run`."""
        from netdesign.study.pipeline import run

        return run(
            self,
            out,
            time_limit_s=time_limit_s,
            max_iterations=max_iterations,
            gap=gap,
            seed=seed,
            threads=threads,
            deterministic=deterministic,
            progress=progress,
        )


def lint(path: str | Path) -> list[Problem]:
    """Everything that is wrong with a study, or worth a look.

    Parameters
    ----------
    path
        The study's folder, or its ``study.toml``.

    Returns
    -------
    list of Problem
        Errors and warnings in the order of the files; empty where there are none.
    """
    return load(path)[1]


def load(path: str | Path) -> tuple[Study | None, list[Problem]]:
    """The study as far as it can be read, with its problems."""
    folder = Path(path).parent if Path(path).name == "study.toml" else Path(path)
    config, problems = read_config(folder)
    if config is None:
        return None, problems
    roads, found = open_roads(folder, config.roads)
    problems += found
    frames: dict[str, pd.DataFrame | None] = {}
    for table, source in config.sources_of_tables().items():
        if source is None:
            frames[table] = default_vehicles() if table == "vehicles" else pd.DataFrame(columns=list(TABLES[table]))
            continue
        frames[table], found = read_table(folder, source, table)
        problems += found
    readable = {name: frame for name, frame in frames.items() if frame is not None}
    problems += lint_tables(config, roads, readable, problems)
    if len(readable) < len(frames):
        return None, problems
    warnings = tuple(p for p in problems if p.level == "warning")
    return Study(folder, config, **readable, roads=roads, warnings=warnings), problems


def default_vehicles() -> pd.DataFrame:
    """The van that everyone drives where the study has no table of vehicles."""
    row = {name: "van" if name == "vehicle_type" else column.default for name, column in VEHICLES.items()}
    # A parcel van: payload, volume and a day's stops of the usual 3.5 t class.
    return pd.DataFrame([row | {"kg": 1000.0, "m3": 10.0, "stops": 120.0}], index=[2])


def slugs(names: list[str]) -> list[str]:
    """Folder names that are safe, differ for different names, and do not depend on the other names."""
    # Plain names read on; all others, which could fall together, carry a piece of their hash.
    return [
        name.replace(" ", "_")
        if re.fullmatch(r"[a-z0-9]+([ -][a-z0-9]+)*", name) and len(name) <= 40
        else f"{re.sub(r'[^a-z0-9]+', '-', name.lower()).strip('-')[:40]}-{_digest(name)[:8]}".lstrip("-")
        for name in names
    ]


def _digest(*parts: str) -> str:
    """SHA-256 over parts, their borders included."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()
