"""Great-circle distances on the mean sphere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geodata.errors import GeodataError
from geodata.sphere.coordinates import as_lonlat

EARTH_RADIUS_M: Final = 6_371_008.8
"""Mean radius of the WGS 84 ellipsoid, (2a + b) / 3. The sphere is at most about 0.6 % off the ellipsoid."""

_BLOCK_ENTRIES: Final = 1 << 17  # 1 MB of float64 per temporary: stays in the cache


def great_circle_m(
    origins_lonlat: ArrayLike,
    destinations_lonlat: ArrayLike,
    *,
    origin_labels: Sequence[str] | None = None,
    destination_labels: Sequence[str] | None = None,
) -> NDArray[np.float64]:
    """Great-circle distance from every origin to every destination.

    Computed block by block: next to the result it needs a few megabytes.

    Parameters
    ----------
    origins_lonlat : array_like, shape (n, 2)
        Longitude and latitude, in degrees.
    destinations_lonlat : array_like, shape (m, 2)
        Longitude and latitude, in degrees.
    origin_labels, destination_labels : sequence of str, optional
        Names of the points, for error messages.

    Returns
    -------
    ndarray of float64, shape (n, m)
        Distances in metres.

    Raises
    ------
    GeodataError
        If a coordinate is missing or out of range.

    References
    ----------
    Sinnott, R. W. (1984). Virtues of the haversine. Sky and Telescope 68, 159.
    """
    origins = np.radians(as_lonlat(origins_lonlat, "origins", labels=origin_labels))
    destinations = np.radians(as_lonlat(destinations_lonlat, "destinations", labels=destination_labels))
    distance_m = np.empty((len(origins), len(destinations)))
    rows = max(1, _BLOCK_ENTRIES // max(1, len(destinations)))
    for start in range(0, len(origins), rows):
        block = origins[start : start + rows, np.newaxis, :]
        distance_m[start : start + rows] = _haversine_m(block, destinations[np.newaxis, :, :])
    return distance_m


def great_circle_pairs_m(origins_lonlat: ArrayLike, destinations_lonlat: ArrayLike) -> NDArray[np.float64]:
    """Great-circle distance from the i-th origin to the i-th destination.

    Parameters
    ----------
    origins_lonlat, destinations_lonlat : array_like, shape (n, 2)
        Longitude and latitude, in degrees.

    Returns
    -------
    ndarray of float64, shape (n,)
        Distances in metres.

    Raises
    ------
    GeodataError
        If a coordinate is missing or out of range, or the two lengths differ.
    """
    origins = as_lonlat(origins_lonlat, "origins")
    destinations = as_lonlat(destinations_lonlat, "destinations")
    if len(origins) != len(destinations):
        raise GeodataError(
            f"{len(origins)} origins meet {len(destinations)} destinations; expected as many of one as of the other. "
            "Use great_circle_m for all pairs."
        )
    return _haversine_m(np.radians(origins), np.radians(destinations))


def _haversine_m(origins: NDArray[np.float64], destinations: NDArray[np.float64]) -> NDArray[np.float64]:
    """Haversine of broadcast points in radians, shape (..., 2)."""
    half = (destinations - origins) / 2.0
    haversine = np.sin(half[..., 1]) ** 2
    haversine += np.cos(origins[..., 1]) * np.cos(destinations[..., 1]) * np.sin(half[..., 0]) ** 2
    # Rounding may lift antipodes above 1.
    np.minimum(haversine, 1.0, out=haversine)
    result: NDArray[np.float64] = 2.0 * EARTH_RADIUS_M * np.arcsin(np.sqrt(haversine))
    return result
