"""Many points become one per hexagon, and the error of that is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geodata.errors import GeodataError
from geodata.sphere import as_lonlat, great_circle_pairs_m

if TYPE_CHECKING:
    import geopandas as gpd

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class CellDemand:
    """Demand by hexagon; arrays are read-only.

    Attributes
    ----------
    cell : ndarray of uint64, shape (c,)
        Number of the hexagon in the H3 grid, ascending.
    lonlat : ndarray of float64, shape (c, 2)
        Where the demand of a hexagon is put: the weighted mean of its points, in degrees.
    weight : ndarray of float64, shape (c,)
        Sum of the points' weights.
    count : ndarray of int64, shape (c,)
        Number of points.
    member : ndarray of int64, shape (n,)
        Row of each point's hexagon.
    error_m : ndarray of float64, shape (n,)
        Great-circle distance from each point to where its demand is put: how much a distance to it can be wrong.
    """

    cell: NDArray[np.uint64]
    lonlat: Floats
    weight: Floats
    count: NDArray[np.int64]
    member: NDArray[np.int64]
    error_m: Floats
    _weights: Floats

    def __post_init__(self) -> None:
        for array in (self.cell, self.lonlat, self.weight, self.count, self.member, self.error_m):
            array.setflags(write=False)

    @property
    def mean_error_m(self) -> float:
        """Mean error per unit of weight, in metres: no mean distance to sites is wrong by more."""
        return float(np.average(self.error_m, weights=self._weights))

    @property
    def max_error_m(self) -> float:
        """Largest error of a point, in metres."""
        return float(self.error_m.max())

    def to_geodataframe(self) -> gpd.GeoDataFrame:
        """One hexagon per row: cell (text, as H3 writes it), lon, lat, weight, count, geometry in EPSG:4326."""
        import geopandas as gpd
        from shapely import Polygon

        h3 = _h3()
        texts = [h3.int_to_str(int(cell)) for cell in self.cell]
        # H3 gives lat, lon.
        corners = [Polygon([(lon, lat) for lat, lon in h3.cell_to_boundary(text)]) for text in texts]
        lon, lat = self.lonlat.T
        columns = {"cell": texts, "lon": lon, "lat": lat, "weight": self.weight, "count": self.count}
        return gpd.GeoDataFrame(columns, geometry=corners, crs="EPSG:4326")


def aggregate(points_lonlat: ArrayLike, resolution: int, *, weight: ArrayLike | None = None) -> CellDemand:
    """Points by hexagon of the H3 grid.

    Parameters
    ----------
    points_lonlat : array_like, shape (n, 2)
        Longitude and latitude, in degrees; n >= 1.
    resolution : int
        0..15: hexagons of about 5 km² at 7, 0.7 km² at 8, 0.1 km² at 9.
    weight : array_like, shape (n,), optional
        Demand of the points, >= 0; 1 where left out.

    Returns
    -------
    CellDemand

    Raises
    ------
    GeodataError
        If a coordinate is missing or out of range, resolution is not in 0..15, a weight is negative or all are 0, or
        the package h3 is not installed.

    References
    ----------
    Francis, R. L., Lowe, T. J., Rayco, M. B., Tamir, A. (2009). Aggregation error for location models: survey and
    analysis. Annals of Operations Research 167, 171-208.
    """
    points = as_lonlat(points_lonlat, "points")
    if not 0 <= resolution <= 15:
        raise GeodataError(f"resolution is {resolution}; expected 0..15.")
    weights = np.ones(len(points)) if weight is None else np.asarray(weight, dtype=np.float64)
    if weights.shape != (len(points),):
        raise GeodataError(f"weight has shape {weights.shape}; expected ({len(points)},), one per point.")
    if not ((weights >= 0) & np.isfinite(weights)).all() or not weights.sum() > 0:
        raise GeodataError(
            "weight has a negative or missing number, or only zeros; expected numbers >= 0, some of them > 0."
        )
    h3 = _h3()
    number = [h3.str_to_int(h3.latlng_to_cell(lat, lon, resolution)) for lon, lat in points.tolist()]
    cell, member = np.unique(np.array(number, dtype=np.uint64), return_inverse=True)
    total = np.bincount(member, weights, minlength=len(cell)).astype(np.float64)
    count = np.bincount(member, minlength=len(cell))
    centre = _means(points, weights, member, total)
    error_m = great_circle_pairs_m(points, centre[member])
    return CellDemand(cell, centre, total, count.astype(np.int64), member, error_m, weights)


def _means(points: Floats, weights: Floats, member: NDArray[np.int64], total: Floats) -> Floats:
    """Weighted means on the sphere, so that the date line is no border; plain ones where no point has weight."""
    lon, lat = np.radians(points).T
    vectors = np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
    share = np.where(total[member] > 0, weights, 1.0)
    x, y, z = (np.bincount(member, share * column, minlength=len(total)) for column in vectors.T)
    return np.asarray(np.degrees(np.column_stack([np.arctan2(y, x), np.arctan2(z, np.hypot(x, y))])))


def _h3() -> Any:
    try:
        import h3
    except ImportError:
        raise GeodataError("the package h3 is missing; hexagons need it. Install it: pip install h3.") from None
    return h3
