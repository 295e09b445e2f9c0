"""A study: its configuration and its tables, read, validated and frozen; and one case per segment."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from netdesign.study.config import StudyConfig, read_config
from netdesign.study.lints import lint_tables
from netdesign.study.problems import Problem, StudyError, errors_of
from netdesign.study.schema import VEHICLES
from netdesign.study.tables import read_table

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
    max_hours, make_minutes, material_cost
        See the table ``segments``.
    config
        The study's configuration; names, tables and sources do not enter the result.
    """

    name: str
    slug: str
    customers: pd.DataFrame
    sites: pd.DataFrame
    vehicle: Vehicle
    max_hours: float
    make_minutes: float
    material_cost: float
    config: StudyConfig

    @cached_property
    def orders_per_year(self) -> Floats:
        """Shape (customers,)."""
        return (self.customers["buyers"] * self.customers["orders_per_buyer"]).to_numpy(float)

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
            c.seed,
            c.working_days_per_year,
            c.horizon_years,
            c.last_mile.k,
            c.location.model_dump(),
            c.routing.model_dump(),
        ]
        return _digest(json.dumps(settings), self.customers.to_csv(index=False), self.sites.to_csv(index=False))

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
    segments, customers, sites, vehicles
        The tables, defaults filled in, labelled by spreadsheet row.
    warnings
        What is worth a look and does not stop a run.
    """

    folder: Path
    config: StudyConfig
    segments: pd.DataFrame
    customers: pd.DataFrame
    sites: pd.DataFrame
    vehicles: pd.DataFrame
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
        sites = self.sites[self.sites["status"] != "closed"].reset_index(drop=True)
        names = [n for n in self.segments["segment"] if (self.customers["segment"] == n).any()]
        rows = self.segments.set_index("segment").to_dict("index")
        return tuple(
            SegmentCase(
                name=name,
                slug=slug,
                sites=sites,
                customers=self.customers[self.customers["segment"] == name].reset_index(drop=True),
                vehicle=self.vehicle(str(rows[name]["vehicle_type"])),
                config=self.config,
                **{c: float(rows[name][c]) for c in ("max_hours", "make_minutes", "material_cost")},
            )
            for name, slug in zip(names, slugs(names), strict=True)
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
        tables = (self.segments, self.customers, self.sites, self.vehicles)
        return _digest(self.config.model_dump_json(), *(t.to_csv(index=False) for t in tables))

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
    frames: dict[str, pd.DataFrame | None] = {}
    for table, source in config.sources_of_tables().items():
        if source is None:
            frames[table] = default_vehicles()
            continue
        frames[table], found = read_table(folder, source, table)
        problems += found
    readable = {name: frame for name, frame in frames.items() if frame is not None}
    problems += lint_tables(config, readable, problems)
    if len(readable) < len(frames):
        return None, problems
    return Study(folder, config, **readable, warnings=tuple(p for p in problems if p.level == "warning")), problems


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
