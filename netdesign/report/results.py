"""A finished run's files, read back and frozen; the report knows nothing else of the study."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from netdesign.errors import InputError, Phrase

SEGMENT_TABLES = ("sites", "customers", "cost_to_serve", "route_check", "routes", "stops")
VALUE_TABLES = ("offers", "complexity", "declined")


@dataclass(frozen=True, eq=False)
class SegmentResult:
    """One segment: its figures (``segment.json``) and tables by name; no network where it is not served."""

    figures: dict[str, Any]
    tables: dict[str, pd.DataFrame]

    @property
    def name(self) -> str:
        """The segment's name, as the planner wrote it."""
        return str(self.figures["segment"])

    @property
    def solved(self) -> bool:
        """Whether there is a network."""
        return self.figures["status"] not in ("infeasible", "declined")

    @property
    def priced(self) -> bool:
        """Whether its buyers were asked what they would pay."""
        return "value" in self.figures

    @property
    def nodes(self) -> pd.DataFrame:
        """The sites that are open, the one with most orders first."""
        sites = self.tables["sites"]
        return (
            sites[sites["open"]]
            .sort_values(["orders_per_year", "site"], ascending=[False, True])
            .reset_index(drop=True)
        )


@dataclass(frozen=True, eq=False)
class Results:
    """A run: ``summary.json``, ``run.json``, the resolved configuration, its segments, and the tables of sharing.

    ``layers`` has the roads, and routes along them, of ``network.gpkg``; none where the run was on straight lines.
    """

    summary: dict[str, Any]
    run: dict[str, Any]
    config: dict[str, Any]
    segments: tuple[SegmentResult, ...]
    sharing: dict[str, pd.DataFrame]
    layers: dict[str, Any]

    @property
    def solved(self) -> tuple[SegmentResult, ...]:
        """The segments that have a network."""
        return tuple(s for s in self.segments if s.solved)


def rows_of(frame: pd.DataFrame) -> Iterator[Any]:
    """The rows of a table, as objects with a field per column."""
    yield from frame.itertuples(name="Row")


def read_results(folder: Path) -> Results:
    """Read an output folder.

    Raises
    ------
    InputError
        If a file of the run is missing, or is not what a run writes.
    """
    try:
        return _read(folder)
    except InputError:
        raise
    except (KeyError, TypeError, ValueError) as error:
        got, advice = Phrase("not what a run writes"), "Run the study again: netdesign run STUDY_DIR."
        raise InputError(str(folder), got, "the files of a finished run of this version", advice=advice) from error


def _read(folder: Path) -> Results:
    import tomllib

    summary = json.loads(_text(folder / "summary.json"))
    run = json.loads(_text(folder / "run.json"))
    config = tomllib.loads(_text(folder / "study.toml"))
    segments = tuple(_segment(folder, figures) for figures in summary["segments"])
    names = ("partition", "sharing", "audit", "streams") if summary["sharing"] else ()
    sharing = {name: pd.read_csv(folder / f"{name}.csv", keep_default_na=False) for name in names}
    on_roads = summary["travel"]["engine"] == "roads" and any(s.solved for s in segments)
    return Results(summary, run, config, segments, sharing, _layers(folder / "network.gpkg") if on_roads else {})


def _layers(path: Path) -> dict[str, Any]:
    import pyogrio

    if not path.is_file():
        raise _missing(path)
    there = set(pyogrio.list_layers(path)[:, 0])
    return {name: pyogrio.read_dataframe(path, layer=name) for name in ("roads", "routes") if name in there}


def _segment(folder: Path, figures: dict[str, Any]) -> SegmentResult:
    names: tuple[str, ...] = ("baseline",) if "baseline" in figures else ()
    if solved := figures["status"] not in ("infeasible", "declined"):
        names = (*names, *SEGMENT_TABLES)
    if "value" in figures:
        names = (*names, *(VALUE_TABLES if solved else ("offers", "declined")))
        names = (*names, *(("menus",) if figures["value"]["menu"] else ()))
        names = (*names, *(("breakeven",) if figures["breakeven"] else ()))
    names = (*names, *(("scenarios",) if figures.get("robust") else ()))
    names = (*names, *(("frontiers",) if figures.get("frontiers") else ()))
    names = (*names, *(("contracts",) if figures.get("contracts") else ()))
    texts = {
        "site": str,
        "customer": str,
        "stop": str,
        "account": str,
        "stage": str,
        "status": str,
        "tier": str,
        "driver": str,
        "network": str,
        "technology": str,
        "frontier": str,
        "sites": str,
        "contracts": str,
        "menu": str,
        "by_tier": str,
        "component": str,
        "contract": str,
        "supplier": str,
    }
    place = folder / "segments" / figures["slug"]
    # A customer may be called NA; only numbers may be missing.
    tables = {}
    for name in names:
        _text(place / f"{name}.csv")
        frame = pd.read_csv(place / f"{name}.csv", dtype=texts, keep_default_na=False, na_values=[""])
        known = [c for c in texts if c in frame.columns]
        tables[name] = frame.assign(**{c: frame[c].fillna("") for c in known})
    return SegmentResult(figures, tables)


def _text(path: Path) -> str:
    if not path.is_file():
        raise _missing(path)
    return path.read_text("utf-8")


def _missing(path: Path) -> InputError:
    advice = "Run the study first: netdesign run STUDY_DIR."
    return InputError(str(path), Phrase("missing"), "a file of a finished run", advice=advice)
