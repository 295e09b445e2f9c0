"""The k nearest sites of every point, without a matrix."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geodata.errors import GeodataError
from geodata.matrices.results import Complaint, Provenance, SnappedPoints
from geodata.sphere.coordinates import as_lonlat
from geodata.sphere.great_circle import great_circle_pairs_m


@dataclass(frozen=True, eq=False)
class Nearest:
    """The k nearest sites of n points, nearest first: by duration where there are durations.

    Attributes
    ----------
    index : ndarray of int32, shape (n, k)
        Row of the site; -1 where fewer than k can be reached.
    distance_m : ndarray of float64, shape (n, k)
        Distance to it in metres; ``inf`` where there is no site.
    duration_s : ndarray of float64, shape (n, k), optional
        Duration in seconds, likewise.
    provenance : Provenance, optional
        Where the numbers come from.
    points, sites : SnappedPoints, optional
        The points and sites on the roads, for engines that have roads.
    """

    index: NDArray[np.int32]
    distance_m: NDArray[np.float64]
    duration_s: NDArray[np.float64] | None = None
    provenance: Provenance | None = None
    points: SnappedPoints | None = None
    sites: SnappedPoints | None = None

    def __post_init__(self) -> None:
        for array in (self.index, self.distance_m, self.duration_s):
            if array is not None:
                array.setflags(write=False)

    @property
    def complaints(self) -> tuple[Complaint, ...]:
        """What is wrong with points, then with sites."""
        return tuple(c for side in (self.points, self.sites) if side is not None for c in side.complaints)


def check_k(k: int, n_sites: int) -> None:
    """Raise unless there are k sites.

    Raises
    ------
    GeodataError
        If k is not in 1..n_sites.
    """
    if not 1 <= k <= n_sites:
        raise GeodataError(f"k is {k}; expected 1..{n_sites}, the number of sites.")


def nearest(points_lonlat: ArrayLike, sites_lonlat: ArrayLike, k: int) -> Nearest:
    """The k nearest sites of every point, in exact great-circle order.

    A k-d tree of the points on the unit sphere: the straight chord grows with the great circle, so the order
    is exact, across the poles and the date line too. O((n + m) log m) for small k.

    Parameters
    ----------
    points_lonlat : array_like, shape (n, 2)
        Longitude and latitude, in degrees.
    sites_lonlat : array_like, shape (m, 2)
        Longitude and latitude, in degrees.
    k : int
        How many sites per point, 1 <= k <= m.

    Returns
    -------
    Nearest
        Indices and distances, each of shape (n, k). Equal distances are ordered by index; which of several
        sites at exactly the k-th distance is listed is not defined.

    Raises
    ------
    GeodataError
        If a coordinate is missing or out of range, or k is not in 1..m.
    """
    from scipy.spatial import cKDTree

    points, sites = as_lonlat(points_lonlat, "points"), as_lonlat(sites_lonlat, "sites")
    check_k(k, len(sites))
    if not len(points):
        return Nearest(np.empty((0, k), dtype=np.int32), np.empty((0, k)))
    _, found = cKDTree(_on_unit_sphere(sites)).query(_on_unit_sphere(points), k=k)
    index = np.sort(np.asarray(found).reshape(len(points), k), axis=1)
    distance_m = great_circle_pairs_m(np.repeat(points, k, axis=0), sites[index.ravel()]).reshape(len(points), k)
    order = np.argsort(distance_m, axis=1, kind="stable")
    return Nearest(
        np.take_along_axis(index, order, axis=1).astype(np.int32), np.take_along_axis(distance_m, order, axis=1)
    )


def _on_unit_sphere(lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
    lon, lat = np.radians(lonlat).T
    return cast(
        "NDArray[np.float64]",
        np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)]),
    )
