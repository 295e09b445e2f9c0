"""Distances and durations between points."""

from geodata.matrices.engine import GreatCircle, MatrixEngine, Provenance
from geodata.matrices.nearest_sites import Nearest, nearest
from geodata.sphere.great_circle import EARTH_RADIUS_M, great_circle_m, great_circle_pairs_m

__all__ = [
    "EARTH_RADIUS_M",
    "GreatCircle",
    "MatrixEngine",
    "Nearest",
    "Provenance",
    "great_circle_m",
    "great_circle_pairs_m",
    "nearest",
]
