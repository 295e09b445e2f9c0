"""A matrix that somebody brings, as an engine."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geodata.errors import GeodataError
from geodata.matrices.engine import MatrixParts
from geodata.matrices.nearest_sites import nearest
from geodata.matrices.results import Provenance, TravelMatrix
from geodata.sphere import as_lonlat

Floats = NDArray[np.float64]

_SAME_M: Final = 1.0


@dataclass(frozen=True, eq=False)
class BroughtMatrix(MatrixParts):
    """Distances and durations between known points; other points are refused.

    Attributes
    ----------
    points_lonlat : array_like, shape (n, 2)
        Longitude and latitude of the points, in degrees.
    distances_m, durations_s : array_like, shape (n, n)
        From row to column, in metres and seconds; ``inf`` where there is no way.
    source : str
        Where they come from, for the provenance.

    Raises
    ------
    GeodataError
        If shapes do not fit, or a number is negative or missing.
    """

    points_lonlat: ArrayLike
    distances_m: ArrayLike
    durations_s: ArrayLike
    source: str = "brought"
    _arrays: tuple[Floats, Floats, Floats] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        points = as_lonlat(self.points_lonlat, "points")
        arrays = [points]
        for name in ("distances_m", "durations_s"):
            values = np.array(getattr(self, name), dtype=np.float64)
            if values.shape != (len(points), len(points)):
                raise GeodataError(f"{name} has shape {values.shape}; expected {(len(points), len(points))}.")
            wrong = np.argwhere(~(values >= 0))
            if wrong.size:
                i, j = wrong[0]
                advice = "Use math.inf where there is no way."
                raise GeodataError(f"{name}[{i}, {j}] is {values[i, j]:g}; expected a number >= 0. {advice}")
            arrays.append(values)
        object.__setattr__(self, "_arrays", tuple(arrays))

    @property
    def provenance(self) -> Provenance:
        """Where its owner says that it comes from."""
        return Provenance("brought", "1", MappingProxyType({"source": self.source}))

    def matrix(self, origins_lonlat: ArrayLike, destinations_lonlat: ArrayLike | None = None) -> TravelMatrix:
        """The entries of some of the points, known by their coordinates within a metre.

        Raises
        ------
        GeodataError
            If a point is not among those of the matrix.
        """
        rows = self._known(origins_lonlat, "origins")
        columns = rows if destinations_lonlat is None else self._known(destinations_lonlat, "destinations")
        _, distances_m, durations_s = self._arrays
        pairs = np.ix_(rows, columns)
        return TravelMatrix(distances_m[pairs], durations_s[pairs], self.provenance)

    def _known(self, lonlat: ArrayLike, name: str) -> NDArray[np.int32]:
        points = self._arrays[0]
        found = nearest(as_lonlat(lonlat, name), points, 1)
        unknown = np.flatnonzero(found.distance_m[:, 0] > _SAME_M)
        if unknown.size:
            row = int(unknown[0])
            away = f"{found.distance_m[row, 0]:,.0f} m from the nearest point of the matrix"
            raise GeodataError(f"{name}[{row}] is {away}; expected one of its {len(points)} points.")
        return found.index[:, 0]
