"""What every sample returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import geopandas as gpd


@dataclass(frozen=True, eq=False)
class SamplePoints:
    """Synthetic demand points; the arrays are read-only.

    Attributes
    ----------
    lonlat : ndarray of float64, shape (n, 2)
        Longitude and latitude, in degrees.
    weight : ndarray of float64, shape (n,)
        Inhabitants that a point stands for (1 for uniform samples).
    origin : ndarray of int32, shape (n,)
        Row of the place or cluster that a point belongs to; 0 for uniform samples.
    """

    lonlat: NDArray[np.float64]
    weight: NDArray[np.float64]
    origin: NDArray[np.int32]

    def __post_init__(self) -> None:
        for array in (self.lonlat, self.weight, self.origin):
            array.setflags(write=False)

    def to_geodataframe(self) -> gpd.GeoDataFrame:
        """The points as a frame in EPSG:4326.

        Returns
        -------
        GeoDataFrame
            n rows, columns lon, lat, weight, origin and geometry.
        """
        import geopandas as gpd

        lon, lat = self.lonlat.T
        columns = {"lon": lon, "lat": lat, "weight": self.weight, "origin": self.origin}
        return gpd.GeoDataFrame(columns, geometry=gpd.points_from_xy(lon, lat), crs="EPSG:4326")
