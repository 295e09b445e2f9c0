"""Distances and durations between points, by engines of one protocol."""

from geodata.matrices.brought import BroughtMatrix
from geodata.matrices.contraction import ContractionEngine
from geodata.matrices.engine import GreatCircle, MatrixEngine
from geodata.matrices.hourly import HourlyMatrix, matrix_by_hour
from geodata.matrices.isochrones import isochrones
from geodata.matrices.near_pairs import NearPairs, near_pairs
from geodata.matrices.nearest_sites import Nearest, nearest
from geodata.matrices.osrm import OsrmEngine
from geodata.matrices.results import Complaint, Provenance, SnappedPoints, TravelMatrix
from geodata.matrices.road_engine import RoadEngine, Way
from geodata.sphere.great_circle import EARTH_RADIUS_M, great_circle_m, great_circle_pairs_m

__all__ = [
    "EARTH_RADIUS_M",
    "BroughtMatrix",
    "Complaint",
    "ContractionEngine",
    "GreatCircle",
    "HourlyMatrix",
    "MatrixEngine",
    "NearPairs",
    "Nearest",
    "OsrmEngine",
    "Provenance",
    "RoadEngine",
    "SnappedPoints",
    "TravelMatrix",
    "Way",
    "great_circle_m",
    "great_circle_pairs_m",
    "isochrones",
    "matrix_by_hour",
    "near_pairs",
    "nearest",
]
