"""A study: its configuration and its tables, read, validated and frozen; and one case per segment."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from netdesign.study.capacity_fit import PracticalShare, fit_hours, taken, with_capacity
from netdesign.study.case import Mode, SegmentCase, Vehicle, digest
from netdesign.study.choice_fit import fit_choices
from netdesign.study.config import StudyConfig, read_config
from netdesign.study.gazetteer import open_gazetteer
from netdesign.study.lane_rates import fit_rates
from netdesign.study.lints import lint_tables
from netdesign.study.pooling_fit import fit_history
from netdesign.study.problems import Problem, StudyError, errors_of
from netdesign.study.roads import StudyRoads, open_roads
from netdesign.study.scenario_tables import Future, demand_futures
from netdesign.study.schema import TABLES, VEHICLES
from netdesign.study.supply import components_of, contracts_for
from netdesign.study.tables import read_table, split_names
from netdesign.study.today import today_of
from netdesign.study.value import WHOLE_MARKET, Taste, Tier

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from netdesign.study.pipeline import StudyProgress, StudyRun


@dataclass(frozen=True, eq=False)
class Study:
    """A validated study.

    Attributes
    ----------
    folder
        Where it was read from.
    config
        ``study.toml`` with every default filled in.
    segments, customers, sites, vehicles, variants, service_tiers, modes, technologies
        The tables, defaults filled in, labelled by spreadsheet row; all but the first four without rows where left out.
    processes, overheads, components, suppliers, contracts, choices, scenarios, shipments, history, machine_hours,
    baseline, spend
        The same.
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
    processes: pd.DataFrame
    overheads: pd.DataFrame
    components: pd.DataFrame
    suppliers: pd.DataFrame
    contracts: pd.DataFrame
    choices: pd.DataFrame
    scenarios: pd.DataFrame
    shipments: pd.DataFrame
    history: pd.DataFrame
    machine_hours: pd.DataFrame
    baseline: pd.DataFrame
    spend: pd.DataFrame
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
        frames = {table: getattr(self, table) for table in TABLES}
        futures = demand_futures(frames, names, self.config.horizon_years)
        return tuple(self._case(name, slug, futures[name]) for name, slug in zip(names, slugs(names), strict=True))

    def resolved(self) -> Study:
        """The same with the weights and the variability of segments that are learned written into their table.

        Nothing is left to learn them from, so that a change of them is a change of what was learned.
        """
        segments = self.segments.set_index("segment", drop=False)
        for case in self.cases():
            learned = {**asdict(case.taste), "variability": case.variability, "pooling_exponent": case.pooling_exponent}
            segments.loc[case.name, list(learned)] = list(learned.values())
        none = {name: getattr(self, name).iloc[:0] for name in ("choices", "history")}
        return replace(self, segments=segments.reset_index(drop=True), **none)

    def _case(self, name: str, slug: str, futures: tuple[Future, ...]) -> SegmentCase:
        row: dict[Any, Any] = self.segments.set_index("segment").to_dict("index")[name]

        def rows(table: pd.DataFrame) -> pd.DataFrame:
            return table[table["segment"] == name].reset_index(drop=True)

        tiers = [Tier(*t) for t in rows(self.service_tiers).drop(columns="segment").itertuples(index=False)]
        paid = {m: fit_rates(self.shipments[self.shipments["mode"] == m]) for m in {t.mode for t in tiers} - {""}}
        modes = [replace(Mode(*m), rates=paid.get(m[0])) for m in self.modes.itertuples(index=False)]
        fleet = tuple(map(self.vehicle, split_names(row["vehicle_type"])))
        taste, fit = fit_choices(rows(self.choices), Taste(**{f.name: float(row[f.name]) for f in fields(Taste)}))
        own = float(row["pooling_exponent"]), float(row["variability"])
        exponent, variability, pooling = fit_history(rows(self.history), *own)
        components = rows(self.components)
        return SegmentCase(
            name=name,
            slug=slug,
            sites=self.sites[self.sites["status"] != "closed"].reset_index(drop=True),
            customers=rows(self.customers),
            vehicle=fleet[0],
            fleet=fleet if len(fleet) > 1 else (),
            taste=taste,
            fit=fit,
            pooling=pooling,
            today=today_of(row, rows(self.customers), self.sites, (rows(self.baseline), rows(self.spend))),
            variants=rows(self.variants),
            tiers=tuple(tiers) or (WHOLE_MARKET.tier,),
            modes=tuple(m for m in modes if m.name in {t.mode for t in tiers}),
            technologies=self.technologies.reset_index(drop=True),
            practical=taken(self.practical, self.technologies),
            processes=self.processes.reset_index(drop=True),
            overheads=rows(self.overheads),
            components=components_of(components),
            contracts=contracts_for(components, self.contracts, self.suppliers),
            futures=futures,
            config=self.config,
            roads=self.roads,
            max_hours=float(row["max_hours"]),
            make_minutes=float(row["make_minutes"]),
            material_cost=float(row["material_cost"]),
            growth=float(row["growth"]),
            lifetime_years=float(row["lifetime_years"]),
            min_share=float(row["min_share"]),
            max_variants=float(row["max_variants"]),
            most_tiers=float(row["most_tiers"]),
            holding_cost=float(row["holding_cost"]),
            stock_service=float(row["stock_service"]),
            variability=variability,
            pooling_exponent=exponent,
            co2_limit=float(row["co2_limit"]),
        )

    def vehicle(self, name: str) -> Vehicle:
        """A vehicle type by name."""
        row = self.vehicles.set_index("vehicle_type").to_dict("index")[name]
        numbers = {column: float(row[column]) for column in VEHICLES if column != "vehicle_type"}
        numbers["circuity"] = numbers["circuity"] or self.config.travel.circuity
        return Vehicle(name=name, **numbers)

    @cached_property
    def practical(self) -> tuple[PracticalShare, ...]:
        """What the hours of machines say about the practical capacity of technologies."""
        return fit_hours(self.machine_hours)

    @cached_property
    def input_hash(self) -> str:
        """Hash of the whole input."""
        tables = [getattr(self, table) for table in TABLES]
        roads = self.roads.fingerprint if self.roads else ""
        return digest(self.config.model_dump_json(), roads, *(t.to_csv(index=False) for t in tables))

    def run(
        self,
        out: str | Path | None = None,
        *,
        time_limit_s: float | None = None,
        max_iterations: int | None = None,
        gap: float | None = None,
        seed: int | None = None,
        workers: int = 1,
        executor: Executor | None = None,
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
            workers=workers,
            executor=executor,
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
    gazetteer, lost = open_gazetteer(folder, config)
    problems += [*found, *lost]
    frames: dict[str, pd.DataFrame | None] = {}
    for table, source in config.sources_of_tables().items():
        if source is None:
            frames[table] = default_vehicles() if table == "vehicles" else pd.DataFrame(columns=list(TABLES[table]))
            continue
        frames[table], found = read_table(folder, source, table, gazetteer)
        problems += found
    readable = {name: frame for name, frame in frames.items() if frame is not None}
    problems += lint_tables(config, roads, readable, problems)
    if len(readable) < len(frames):
        return None, problems
    study = Study(folder, config, **readable, roads=roads, warnings=())
    if not errors_of(problems):
        # Once for all: scenarios change the capacity that is used.
        study = replace(
            study, technologies=with_capacity(study.technologies, taken(study.practical, study.technologies))
        )
        if len(study.spend):
            from netdesign.study.baseline import calibration

            problems += calibration(study)
    return replace(study, warnings=tuple(p for p in problems if p.level == "warning")), problems


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
        else f"{re.sub(r'[^a-z0-9]+', '-', name.lower()).strip('-')[:40]}-{digest(name)[:8]}".lstrip("-")
        for name in names
    ]
