"""What engines return: a matrix, the points as they were placed on the roads, and where the numbers come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from geodata.errors import GeodataError

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Provenance:
    """Where a matrix came from.

    Attributes
    ----------
    engine : str
        Name of the engine.
    version : str
        Version of its method; a change of numbers changes it.
    parameters : mapping of str to float, str or bool
        Everything that the numbers depend on besides the points.
    """

    engine: str
    version: str
    parameters: Mapping[str, float | str | bool]


@dataclass(frozen=True)
class Complaint:
    """A point that is not where its owner means it to be.

    Attributes
    ----------
    row : int
        Row of the point.
    label : str
        Its name, else its row as text.
    kind : {"swapped", "far", "island"}
        Longitude and latitude swapped; too far from every road; on roads that are not connected with the rest.
    point, found, expected, advice : str
        Which point, what is wrong with it, what was expected, what to do.
    """

    row: int
    label: str
    kind: Literal["swapped", "far", "island"]
    point: str
    found: str
    expected: str
    advice: str

    @property
    def reason(self) -> str:
        """What is wrong and what to do, where it is clear which point is meant."""
        return f"it is {self.found}; expected {self.expected}. {self.advice}"

    @property
    def message(self) -> str:
        """All of it in one line."""
        return f"{self.point} is {self.found}; expected {self.expected}. {self.advice}"


@dataclass(frozen=True, eq=False)
class SnappedPoints:
    """Points and their places on the roads; arrays are read-only.

    Attributes
    ----------
    lonlat : ndarray of float64, shape (n, 2)
        The points, in degrees.
    snapped_lonlat : ndarray of float64, shape (n, 2)
        The nearest points of the roads.
    distance_m : ndarray of float64, shape (n,)
        From one to the other, in metres.
    edge : ndarray of int32, shape (n,)
        Edge of the network, -1 where every road is too far.
    fraction : ndarray of float64, shape (n,)
        Position along the edge, 0..1.
    complaints : tuple of Complaint
        Points that are swapped, far from roads, or on an island.
    """

    lonlat: Floats
    snapped_lonlat: Floats
    distance_m: Floats
    edge: NDArray[np.int32]
    fraction: Floats
    complaints: tuple[Complaint, ...] = ()

    def __post_init__(self) -> None:
        for array in (self.lonlat, self.snapped_lonlat, self.distance_m, self.edge, self.fraction):
            array.setflags(write=False)

    def __len__(self) -> int:
        return len(self.lonlat)


@dataclass(frozen=True, eq=False)
class TravelMatrix:
    """Distances and durations from every origin to every destination; arrays are read-only.

    Attributes
    ----------
    distance_m : ndarray of float64, shape (n, m)
        Along the fastest way, in metres; ``inf`` where there is none.
    duration_s : ndarray of float64, shape (n, m)
        In seconds; ``inf`` where there is no way.
    provenance : Provenance
        Where the numbers come from.
    origins, destinations : SnappedPoints, optional
        The points on the roads, for engines that have roads.
    """

    distance_m: Floats
    duration_s: Floats
    provenance: Provenance
    origins: SnappedPoints | None = None
    destinations: SnappedPoints | None = None

    def __post_init__(self) -> None:
        self.distance_m.setflags(write=False)
        self.duration_s.setflags(write=False)

    @property
    def unreachable(self) -> NDArray[np.bool_]:
        """Pairs without a way, shape (n, m)."""
        return ~np.isfinite(self.duration_s)

    @property
    def complaints(self) -> tuple[Complaint, ...]:
        """What is wrong with origins, then with destinations; the latter only where they are other points."""
        sides = [self.origins] if self.origins is self.destinations else [self.origins, self.destinations]
        return tuple(complaint for side in sides if side is not None for complaint in side.complaints)

    def check(self) -> TravelMatrix:
        """The matrix itself, if nothing is wrong with its points.

        Raises
        ------
        GeodataError
            With every complaint.
        """
        if self.complaints:
            raise GeodataError("\n".join(complaint.message for complaint in self.complaints))
        return self

    def to_frame(self) -> pd.DataFrame:
        """One row per pair that is connected: origin, destination (rows), distance_m, duration_s."""
        import pandas as pd

        origin, destination = np.nonzero(~self.unreachable)
        columns = {"origin": origin, "destination": destination}
        values = {name: getattr(self, name)[origin, destination] for name in ("distance_m", "duration_s")}
        return pd.DataFrame(columns | values)
