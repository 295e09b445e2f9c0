"""Seeded synthetic geographies: labelled as such wherever they are used."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geodata.errors import GeodataError
from geodata.matrices import EARTH_RADIUS_M
from geodata.samples.points import SamplePoints
from geodata.sphere.coordinates import as_lonlat

Bounds = tuple[float, float, float, float]

# Assumption: density grows with size, so the radius grows slower than the square root of the population.
# 10,000 inhabitants: 0.6 km; 100,000: 1.5 km; 1 million: 3.8 km (standard deviation per axis).
_SPREAD_M_AT_10_000: Final = 600.0
_SPREAD_EXPONENT: Final = 0.4
_METRES_PER_DEGREE: Final = EARTH_RADIUS_M * np.pi / 180.0


def uniform(n: int, bounds: Bounds, *, seed: int) -> SamplePoints:
    """Points spread evenly over the area of a box on the sphere.

    Parameters
    ----------
    n : int
        Number of points, at least 1.
    bounds : tuple of float
        lon_min, lat_min, lon_max, lat_max, in degrees.
    seed : int
        The same seed gives the same bytes with the same NumPy.

    Returns
    -------
    SamplePoints
        Every weight is 1.

    Raises
    ------
    GeodataError
        If n is below 1 or the bounds are no box.
    """
    check_count("n", n)
    lonlat = _evenly(n, _check_bounds(bounds), np.random.default_rng(seed))
    return SamplePoints(lonlat, np.ones(n), np.zeros(n, dtype=np.int32))


def clustered(
    n: int,
    bounds: Bounds,
    *,
    clusters: int,
    seed: int,
    population: float = 1e6,
    tail: float = 1.1,
    contrast: float = 0.0,
) -> SamplePoints:
    """Points around cluster centres whose populations have a heavy tail, like cities.

    Parameters
    ----------
    n : int
        Number of points, at least 1.
    bounds : tuple of float
        lon_min, lat_min, lon_max, lat_max, in degrees; no point leaves them.
    clusters : int
        Number of clusters, at least 1.
    seed : int
        The same seed gives the same bytes with the same NumPy.
    population : float
        Inhabitants of all clusters together.
    tail : float
        Exponent of the Pareto distribution of cluster populations; 1 is Zipf's law, smaller is heavier.
    contrast : float
        Standard deviation of the logarithm of a cluster's radius, >= 0: clusters of one size differ in density. At 0
        the population alone says how wide a cluster is.

    Returns
    -------
    SamplePoints
        Weights are equal and sum to the population; origin is the cluster.

    Raises
    ------
    GeodataError
        If a number is out of range or the bounds are no box.

    References
    ----------
    Gabaix, X. (1999). Zipf's law for cities: an explanation. Quarterly Journal of Economics 114, 739-767.
    """
    check_count("n", n)
    check_count("clusters", clusters)
    _check_positive("population", population)
    _check_positive("tail", tail)
    if not 0.0 <= contrast < np.inf:
        raise GeodataError(f"contrast is {contrast}; expected a number >= 0.")
    box = _check_bounds(bounds)
    rng = np.random.default_rng(seed)
    centres = _evenly(clusters, box, rng)
    size = 1.0 + rng.pareto(tail, clusters)
    width = np.exp(contrast * rng.standard_normal(clusters)) if contrast else None
    sample = _around(centres, size * (population / size.sum()), n, rng, width)
    low, high = np.array(box[:2]), np.array(box[2:])
    return SamplePoints(_folded(sample.lonlat, low, high), sample.weight, sample.origin)


def densified(
    places_lonlat: ArrayLike,
    population: ArrayLike,
    n: int,
    *,
    seed: int,
    labels: Sequence[str] | None = None,
) -> SamplePoints:
    """Points around real places, in proportion to their population, wider around larger ones.

    Parameters
    ----------
    places_lonlat : array_like, shape (m, 2)
        Longitude and latitude of the places, in degrees.
    population : array_like, shape (m,)
        Inhabitants of the places, >= 0.
    n : int
        Number of points, at least 1.
    seed : int
        The same seed gives the same bytes with the same NumPy.
    labels : sequence of str, length m, optional
        Names of the places, for error messages.

    Returns
    -------
    SamplePoints
        Weights are equal and sum to the population; origin is the row of the place. Points know nothing of
        coasts and borders: some fall into water.

    Raises
    ------
    GeodataError
        If a coordinate or population is missing or out of range, or n is below 1.
    """
    check_count("n", n)
    centres = as_lonlat(places_lonlat, "places", labels=labels)
    inhabitants = np.asarray(population, dtype=np.float64)
    if inhabitants.shape != (len(centres),):
        raise GeodataError(f"population has shape {inhabitants.shape}; expected ({len(centres)},), one per place.")
    wrong = np.flatnonzero(~((inhabitants >= 0.0) & np.isfinite(inhabitants)))
    if wrong.size:
        row = int(wrong[0])
        where = f"place {labels[row]!r}" if labels is not None else "places"
        raise GeodataError(f"population[{row}] is {inhabitants[row]:g} ({where}); expected a number >= 0.")
    _check_positive("the sum of population", float(inhabitants.sum()))
    return _around(centres, inhabitants, n, np.random.default_rng(seed))


def _around(
    centres: NDArray[np.float64],
    population: NDArray[np.float64],
    n: int,
    rng: np.random.Generator,
    width: NDArray[np.float64] | None = None,
) -> SamplePoints:
    """Each point picks its centre by population, then a normal offset in metres, `width` times the usual one."""
    total = population.sum()
    counts = rng.multinomial(n, population / total)
    origin = np.repeat(np.arange(len(centres), dtype=np.int32), counts)
    spread_m = _SPREAD_M_AT_10_000 * (population / 10_000.0) ** _SPREAD_EXPONENT
    if width is not None:
        spread_m = spread_m * width
    offset = rng.standard_normal((n, 2)) * (spread_m[origin, np.newaxis] / _METRES_PER_DEGREE)
    lat = np.clip(centres[origin, 1] + offset[:, 1], -90.0, 90.0)
    # A degree of longitude shrinks towards the poles; 0.01 keeps it finite there.
    lon = centres[origin, 0] + offset[:, 0] / np.maximum(np.cos(np.radians(lat)), 0.01)
    lonlat = np.column_stack([(lon + 180.0) % 360.0 - 180.0, lat])
    return SamplePoints(lonlat, np.full(n, total / n), origin)


def _evenly(n: int, bounds: Bounds, rng: np.random.Generator) -> NDArray[np.float64]:
    """Archimedes: the area between two parallels is proportional to the difference of their sines."""
    west, south, east, north = bounds
    lon = rng.uniform(west, east, n)
    lat = np.degrees(np.arcsin(rng.uniform(np.sin(np.radians(south)), np.sin(np.radians(north)), n)))
    return cast("NDArray[np.float64]", np.column_stack([lon, np.clip(lat, south, north)]))


def _folded(points: NDArray[np.float64], low: NDArray[np.float64], high: NDArray[np.float64]) -> NDArray[np.float64]:
    """Points outside a box are mirrored back at its sides."""
    span = high - low
    folded = low + span - np.abs((points - low) % (2.0 * span) - span)
    # Where nothing is to be mirrored the point stays as it is, to the last bit.
    inside = (points >= low) & (points <= high)
    return np.where(inside, points, np.clip(folded, low, high))


def _check_bounds(bounds: Bounds) -> Bounds:
    as_lonlat([bounds[:2], bounds[2:]], "bounds")
    west, south, east, north = bounds
    if west >= east or south >= north:
        raise GeodataError(f"bounds are {bounds}; expected lon_min < lon_max and lat_min < lat_max, in that order.")
    return bounds


def check_count(name: str, value: int) -> None:
    """Raise unless there is at least one."""
    if value < 1:
        raise GeodataError(f"{name} is {value}; expected >= 1.")


def _check_positive(name: str, value: float) -> None:
    if not 0.0 < value < np.inf:
        raise GeodataError(f"{name} is {value}; expected a number > 0.")
