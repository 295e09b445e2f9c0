"""Engines turn points into travel matrices and say how they did it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geodata.errors import GeodataError
from geodata.matrices.nearest_sites import Nearest, nearest
from geodata.matrices.results import Provenance, TravelMatrix
from geodata.sphere.great_circle import EARTH_RADIUS_M, great_circle_m


class MatrixEngine(Protocol):
    """What every engine offers; arrays of shape (n, 2) in, (n, m) out."""

    @property
    def provenance(self) -> Provenance:
        """Where the numbers come from."""
        ...

    def matrix(self, origins_lonlat: ArrayLike, destinations_lonlat: ArrayLike) -> TravelMatrix:
        """Distances and durations, shape (n, m), with their provenance."""
        ...

    def distance_m(self, origins_lonlat: ArrayLike, destinations_lonlat: ArrayLike) -> NDArray[np.float64]:
        """Travel distances in metres, shape (n, m)."""
        ...

    def duration_s(self, origins_lonlat: ArrayLike, destinations_lonlat: ArrayLike) -> NDArray[np.float64]:
        """Travel durations in seconds, shape (n, m)."""
        ...


class MatrixParts:
    """Distances or durations alone, for engines that find both together."""

    def matrix(self, origins_lonlat: ArrayLike, destinations_lonlat: ArrayLike) -> TravelMatrix:
        """Distances and durations, shape (n, m), with their provenance."""
        raise NotImplementedError

    def distance_m(self, origins_lonlat: ArrayLike, destinations_lonlat: ArrayLike) -> NDArray[np.float64]:
        """Travel distances in metres, shape (n, m); `matrix` finds both at the same price."""
        return self.matrix(origins_lonlat, destinations_lonlat).distance_m

    def duration_s(self, origins_lonlat: ArrayLike, destinations_lonlat: ArrayLike) -> NDArray[np.float64]:
        """Travel durations in seconds, shape (n, m); `matrix` finds both at the same price."""
        return self.matrix(origins_lonlat, destinations_lonlat).duration_s


@dataclass(frozen=True)
class GreatCircle:
    """Great-circle distance times a circuity factor, at one speed.

    Attributes
    ----------
    circuity : float
        Road distance over great-circle distance, at least 1. The default 1.3 is an assumption. The factor
        varies with country, terrain and trip length (Ballou et al. 2002 tabulate countries), and no factor
        makes straight lines name the right nearest site across water.
    speed_kmh : float
        Speed over the road distance, in km/h. The default 60 is an assumption.

    Raises
    ------
    GeodataError
        If circuity is below 1 or speed_kmh is not positive, or either is not finite.

    References
    ----------
    Ballou, R. H., Rahardja, H., Sakai, N. (2002). Selected country circuity factors for road travel distance
    estimation. Transportation Research Part A 36, 843-848.
    """

    circuity: float = 1.3
    speed_kmh: float = 60.0

    def __post_init__(self) -> None:
        if not 1.0 <= self.circuity < math.inf:
            raise GeodataError(f"circuity is {self.circuity}; expected a number >= 1. Use 1.0 for straight lines.")
        if not 0.0 < self.speed_kmh < math.inf:
            raise GeodataError(f"speed_kmh is {self.speed_kmh}; expected a number > 0, in km/h.")

    @property
    def provenance(self) -> Provenance:
        """Engine, version and parameters."""
        parameters = {
            "circuity": self.circuity,
            "speed_kmh": self.speed_kmh,
            "earth_radius_m": EARTH_RADIUS_M,
        }
        return Provenance("great_circle", "1", MappingProxyType(parameters))

    def matrix(self, origins_lonlat: ArrayLike, destinations_lonlat: ArrayLike) -> TravelMatrix:
        """Estimated distances and durations; parameters and errors as for `distance_m`."""
        distance_m = self.distance_m(origins_lonlat, destinations_lonlat)
        return TravelMatrix(distance_m, distance_m * (3.6 / self.speed_kmh), self.provenance)

    def distance_m(self, origins_lonlat: ArrayLike, destinations_lonlat: ArrayLike) -> NDArray[np.float64]:
        """Estimated road distances.

        Parameters
        ----------
        origins_lonlat : array_like, shape (n, 2)
            Longitude and latitude, in degrees.
        destinations_lonlat : array_like, shape (m, 2)
            Longitude and latitude, in degrees.

        Returns
        -------
        ndarray of float64, shape (n, m)
            Distances in metres.

        Raises
        ------
        GeodataError
            If a coordinate is missing or out of range.
        """
        distance_m = great_circle_m(origins_lonlat, destinations_lonlat)
        distance_m *= self.circuity
        return distance_m

    def duration_s(self, origins_lonlat: ArrayLike, destinations_lonlat: ArrayLike) -> NDArray[np.float64]:
        """Estimated travel durations: the road distance at ``speed_kmh``.

        Parameters, errors and shape as for `distance_m`; the result is in seconds.
        """
        duration_s = self.distance_m(origins_lonlat, destinations_lonlat)
        duration_s *= 3.6 / self.speed_kmh
        return duration_s

    def nearest(self, points_lonlat: ArrayLike, sites_lonlat: ArrayLike, k: int) -> Nearest:
        """The k nearest sites of every point, with durations; distances include the circuity.

        Parameters, errors and shapes as for `geodata.nearest`.
        """
        straight = nearest(points_lonlat, sites_lonlat, k)
        distance_m = straight.distance_m * self.circuity
        return Nearest(straight.index, distance_m, distance_m * (3.6 / self.speed_kmh), self.provenance)
