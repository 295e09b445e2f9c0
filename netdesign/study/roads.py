"""A study's roads: drives from sites to customers, travel between the stops of a day, and who is not on them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from netdesign.study.config import FILE, RoadSettings
from netdesign.study.problems import Problem

if TYPE_CHECKING:
    from geodata import Complaint, RoadEngine

Floats = NDArray[np.float64]

KEPT: Final = 32
"""Tables of drives that a process keeps: offers and scenarios ask for the same ones again."""


@dataclass(frozen=True, eq=False)
class Drives:
    """Ways from sites to points; infinite where there is none.

    Attributes
    ----------
    km, hours
        Shape (points, sites), one way.
    """

    km: Floats
    hours: Floats


@dataclass(frozen=True)
class StudyRoads:
    """A road network by its file: small wherever it is sent, each process reads the network once.

    Attributes
    ----------
    file
        An extract or a saved network.
    profile, ferries
        Who drives.
    max_snap_m
        Points farther from every road than this are not on the roads.
    sha256
        Hash of the file.
    """

    file: Path
    profile: str
    ferries: bool
    max_snap_m: float
    sha256: str

    @property
    def engine(self) -> RoadEngine:
        """The engine on the network.

        Raises
        ------
        GeodataError
            If the file cannot be read.
        """
        return _engine(self)

    @property
    def provenance(self) -> dict[str, Any]:
        """Engine, version, and everything that drives depend on besides the points."""
        words = self.engine.provenance
        return {"engine": words.engine, "version": words.version, "file_sha256": self.sha256, **words.parameters}

    @property
    def fingerprint(self) -> str:
        """Hash of the provenance."""
        return sha256(json.dumps(self.provenance, sort_keys=True).encode()).hexdigest()

    def drives(self, points_lonlat: Floats, sites_lonlat: Floats) -> Drives:
        """The fastest ways from every site to every point: one search per site, or per point where these are fewer."""
        return _drives(self, points_lonlat.tobytes(), sites_lonlat.tobytes())

    def nearest_h(self, points_lonlat: Floats, sites_lonlat: Floats) -> Floats:
        """Hours to every point from the site that is there first; infinite where none has a way."""
        hours = self.engine.nearest(points_lonlat, sites_lonlat, 1).duration_s
        assert hours is not None
        return hours[:, 0] / 3600

    def complaints(self, what: str, lonlat: Floats, names: Sequence[str]) -> tuple[Complaint, ...]:
        """Points that are far from every road, have lon and lat swapped, or are by a road that leads nowhere."""
        return self.engine.snap(lonlat, what, labels=names).complaints

    def beside(self, lonlat: Floats) -> Floats:
        """The nearest places on roads that are connected."""
        places: Floats = _connected(self).snap(lonlat).snapped_lonlat
        return places


def open_roads(folder: Path, settings: RoadSettings) -> tuple[StudyRoads | None, list[Problem]]:
    """The network that the settings name, if they name one, or why it cannot be read."""
    if settings.extract is None:
        return None, []
    from geodata import GeodataError
    from geodata.roads import file_hash

    path, key = folder / settings.extract, "roads.extract"
    if not path.is_file():
        return None, [Problem(FILE, None, key, settings.extract, f"a file of this name in {folder}")]
    try:
        roads = StudyRoads(path, settings.profile, settings.ferries, settings.max_snap_m, file_hash(path))
        roads.engine  # noqa: B018 - read here, where its problems belong
    except GeodataError as error:
        return None, [Problem(FILE, None, key, settings.extract, "a road network", str(error))]
    return roads, []


@lru_cache(maxsize=2)
def _engine(roads: StudyRoads) -> RoadEngine:
    from dataclasses import replace

    from geodata import RoadEngine, load_roads
    from geodata.roads import PROFILES

    profile = replace(PROFILES[roads.profile], ferries=roads.ferries)
    return RoadEngine(load_roads(roads.file, profile), roads.max_snap_m)


@lru_cache(maxsize=2)
def _connected(roads: StudyRoads) -> RoadEngine:
    from geodata import RoadEngine

    return RoadEngine(roads.engine.roads.largest_component(), np.inf)


@lru_cache(maxsize=KEPT)
def _drives(roads: StudyRoads, points: bytes, sites: bytes) -> Drives:
    there, here = (np.frombuffer(data).reshape(-1, 2) for data in (points, sites))
    found = roads.engine.matrix(here, there)
    return Drives(found.distance_m.T / 1000, found.duration_s.T / 3600)
