"""What turns points into customers of a delivery: addresses of a country, demand, depots. Seeded, up to a million."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geodata.errors import GeodataError
from geodata.samples.points import SamplePoints
from geodata.samples.synthetic import check_count, densified
from geodata.sphere.coordinates import as_lonlat

_SAMPLED: Final = 10_000
_ROUNDS: Final = 10


def addresses(
    country: str | Sequence[str], n: int, *, seed: int, admin1: str | Sequence[str] | None = None
) -> SamplePoints:
    """Addresses around the places of a country, in proportion to their population; a million take a second.

    Parameters
    ----------
    country : str or sequence of str
        ISO 3166-1 alpha-2 codes, for example ``"IT"``.
    n : int
        Number of addresses, at least 1.
    seed : int
        The same seed gives the same bytes with the same NumPy.
    admin1 : str or sequence of str, optional
        First-level administrative codes of GeoNames within one country; see `places_frame`.

    Returns
    -------
    SamplePoints
        As from `densified`; origin is the row of the place in ``places_frame(country, admin1=admin1)``.

    Raises
    ------
    GeodataError
        If a code is unknown, no place belongs to it, or n is below 1.
    """
    from geodata.places import places_frame  # pandas takes a moment

    places = places_frame(country, admin1=admin1)
    return densified(places[["lon", "lat"]].to_numpy(), places["population"].to_numpy(), n, seed=seed)


def demands(n: int, *, seed: int, least: int = 1, most: int = 10) -> NDArray[np.int64]:
    """Demand of customers: whole numbers, each as likely as any other.

    Parameters
    ----------
    n : int
        Number of customers, at least 1.
    seed : int
        The same seed gives the same bytes with the same NumPy.
    least, most : int
        Smallest and largest demand, 0 <= least <= most, in any unit.

    Returns
    -------
    ndarray of int64, shape (n,)

    Raises
    ------
    GeodataError
        If n is below 1, or the limits are out of order.
    """
    check_count("n", n)
    if not 0 <= least <= most:
        raise GeodataError(f"least is {least} and most is {most}; expected 0 <= least <= most.")
    return np.random.default_rng(seed).integers(least, most, n, endpoint=True)


def depots(lonlat: ArrayLike, count: int, *, seed: int) -> NDArray[np.float64]:
    """Depots in the midst of points: the means of their clusters, by Lloyd's algorithm on at most 10,000 of them.

    Parameters
    ----------
    lonlat : array_like, shape (n, 2)
        Longitude and latitude of the points, in degrees; not on both sides of the date line.
    count : int
        Number of depots, 1 to the smaller of n and 10,000.
    seed : int
        The same seed gives the same bytes with the same NumPy.

    Returns
    -------
    ndarray of float64, shape (count, 2)
        Longitude and latitude, in degrees; west to east.

    Raises
    ------
    GeodataError
        If a coordinate is missing or out of range, or there are fewer points than depots.
    """
    points = as_lonlat(lonlat, "lonlat")
    check_count("count", count)
    if count > min(len(points), _SAMPLED):
        raise GeodataError(
            f"count is {count}; expected <= {min(len(points), _SAMPLED)}, the number of points looked at."
        )
    rng = np.random.default_rng(seed)
    some = points[rng.choice(len(points), min(len(points), _SAMPLED), replace=False)]
    # One degree of longitude becomes as long as one of latitude.
    scale = np.array([max(0.01, np.cos(np.radians(some[:, 1].mean()))), 1.0])
    some = some * scale
    centres = some[:count].copy()
    for _ in range(_ROUNDS):
        nearest = _nearest(some, centres)
        sizes = np.bincount(nearest, minlength=count)
        sums = np.column_stack([np.bincount(nearest, some[:, k], minlength=count) for k in (0, 1)])
        centres = np.where(sizes[:, np.newaxis] > 0, sums / np.maximum(sizes, 1)[:, np.newaxis], centres)
    found: NDArray[np.float64] = centres / scale
    return np.asarray(found[np.lexsort(found.T[::-1])])


def _nearest(points: NDArray[np.float64], centres: NDArray[np.float64]) -> NDArray[np.intp]:
    from scipy.spatial import cKDTree

    return np.asarray(cKDTree(centres).query(points)[1], dtype=np.intp)
