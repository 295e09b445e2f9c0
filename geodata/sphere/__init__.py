"""Points on the Earth: checked coordinates and great-circle distances."""

from geodata.sphere.coordinates import as_lonlat
from geodata.sphere.great_circle import EARTH_RADIUS_M, great_circle_m, great_circle_pairs_m
from geodata.sphere.polyline import encoded_polyline

__all__ = ["EARTH_RADIUS_M", "as_lonlat", "encoded_polyline", "great_circle_m", "great_circle_pairs_m"]
