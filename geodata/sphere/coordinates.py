"""Coordinates are checked once, where they enter."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geodata.errors import GeodataError

_LIMITS = (("lon", 180.0), ("lat", 90.0))


def as_lonlat(points_lonlat: ArrayLike, name: str, *, labels: Sequence[str] | None = None) -> NDArray[np.float64]:
    """Points as a checked array of longitudes and latitudes.

    Parameters
    ----------
    points_lonlat : array_like, shape (n, 2)
        Longitude and latitude per point, in degrees.
    name : str
        What the points are, for the error message, for example ``"origins"``.
    labels : sequence of str, length n, optional
        Names of the points, for the error message.

    Returns
    -------
    ndarray of float64, shape (n, 2)

    Raises
    ------
    GeodataError
        If the shape is not (n, 2), or a coordinate is not finite or out of range.
    """
    lonlat = np.asarray(points_lonlat, dtype=np.float64)
    if lonlat.size == 0 and lonlat.ndim <= 2:
        return np.empty((0, 2))
    if lonlat.ndim != 2 or lonlat.shape[1] != 2:
        raise GeodataError(f"{name} has shape {lonlat.shape}; expected (n, 2): one lon, lat pair per point.")
    for column, (axis, limit) in enumerate(_LIMITS):
        # A comparison with NaN is false, so this finds NaN and infinity too.
        wrong = np.flatnonzero(~(np.abs(lonlat[:, column]) <= limit))
        if wrong.size:
            row = int(wrong[0])
            raise GeodataError(_complaint(lonlat[row], row, column, axis, limit, labels, name))
    return lonlat


def _complaint(
    point: NDArray[np.float64],
    row: int,
    column: int,
    axis: str,
    limit: float,
    labels: Sequence[str] | None,
    name: str,
) -> str:
    value, other = float(point[column]), float(point[1 - column])
    where = f"point {labels[row]!r}" if labels is not None else name
    if not np.isfinite(value):
        advice = "Drop or geocode points without coordinates."
    elif axis == "lat" and abs(value) <= 180.0 and abs(other) <= 90.0:
        advice = "Are lon and lat swapped?"
    else:
        advice = "Are these degrees (EPSG:4326) and not projected metres?"
    return f"{axis}[{row}] is {value:g} ({where}); expected {-limit:g}..{limit:g}. {advice}"
