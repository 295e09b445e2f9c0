"""Places, outlines, roads, distances and synthetic demand for network design on real geography.

Every public name is imported on first use, because geopandas and scipy take about a second each:
``import geodata`` alone costs next to nothing.

All coordinates are WGS 84 (EPSG:4326) in ``lon, lat`` order, in degrees.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from geodata.cells import CellDemand as CellDemand
    from geodata.cells import aggregate as aggregate
    from geodata.errors import GeodataError as GeodataError
    from geodata.matrices import BroughtMatrix as BroughtMatrix
    from geodata.matrices import Complaint as Complaint
    from geodata.matrices import ContractionEngine as ContractionEngine
    from geodata.matrices import GreatCircle as GreatCircle
    from geodata.matrices import HourlyMatrix as HourlyMatrix
    from geodata.matrices import MatrixEngine as MatrixEngine
    from geodata.matrices import Nearest as Nearest
    from geodata.matrices import NearPairs as NearPairs
    from geodata.matrices import OsrmEngine as OsrmEngine
    from geodata.matrices import Provenance as Provenance
    from geodata.matrices import RoadEngine as RoadEngine
    from geodata.matrices import SnappedPoints as SnappedPoints
    from geodata.matrices import TravelMatrix as TravelMatrix
    from geodata.matrices import Way as Way
    from geodata.matrices import great_circle_m as great_circle_m
    from geodata.matrices import great_circle_pairs_m as great_circle_pairs_m
    from geodata.matrices import isochrones as isochrones
    from geodata.matrices import matrix_by_hour as matrix_by_hour
    from geodata.matrices import near_pairs as near_pairs
    from geodata.matrices import nearest as nearest
    from geodata.outlines import country_outline as country_outline
    from geodata.outlines import country_outlines as country_outlines
    from geodata.outlines import us_county_outlines as us_county_outlines
    from geodata.places import Fault as Fault
    from geodata.places import Located as Located
    from geodata.places import find_places as find_places
    from geodata.places import geocode as geocode
    from geodata.places import geocode_postcodes as geocode_postcodes
    from geodata.places import locate_places as locate_places
    from geodata.places import locate_postcodes as locate_postcodes
    from geodata.places import places_frame as places_frame
    from geodata.places import places_geodataframe as places_geodataframe
    from geodata.places import read_postcodes as read_postcodes
    from geodata.places import reverse_geocode as reverse_geocode
    from geodata.roads import BICYCLE as BICYCLE
    from geodata.roads import CAR as CAR
    from geodata.roads import TRUCK as TRUCK
    from geodata.roads import VAN as VAN
    from geodata.roads import HourlySpeeds as HourlySpeeds
    from geodata.roads import Profile as Profile
    from geodata.roads import RoadGraph as RoadGraph
    from geodata.roads import generated_roads as generated_roads
    from geodata.roads import load_roads as load_roads
    from geodata.roads import read_roads as read_roads
    from geodata.roads import read_speeds as read_speeds
    from geodata.roads import roads_for_map as roads_for_map
    from geodata.roads import roads_from_networkx as roads_from_networkx
    from geodata.roads import roads_to_geodataframes as roads_to_geodataframes
    from geodata.roads import roads_to_geopackage as roads_to_geopackage
    from geodata.roads import roads_to_networkx as roads_to_networkx
    from geodata.roads import save_roads as save_roads
    from geodata.samples import SamplePoints as SamplePoints
    from geodata.samples import addresses as addresses
    from geodata.samples import along_roads as along_roads
    from geodata.samples import clustered as clustered
    from geodata.samples import demands as demands
    from geodata.samples import densified as densified
    from geodata.samples import depots as depots
    from geodata.samples import uniform as uniform
    from geodata.sphere import encoded_polyline as encoded_polyline

_HOME = {
    "CellDemand": "geodata.cells",
    "aggregate": "geodata.cells",
    "GeodataError": "geodata.errors",
    "BroughtMatrix": "geodata.matrices",
    "Complaint": "geodata.matrices",
    "ContractionEngine": "geodata.matrices",
    "OsrmEngine": "geodata.matrices",
    "RoadEngine": "geodata.matrices",
    "SnappedPoints": "geodata.matrices",
    "TravelMatrix": "geodata.matrices",
    "Way": "geodata.matrices",
    "GreatCircle": "geodata.matrices",
    "HourlyMatrix": "geodata.matrices",
    "MatrixEngine": "geodata.matrices",
    "NearPairs": "geodata.matrices",
    "Nearest": "geodata.matrices",
    "Provenance": "geodata.matrices",
    "great_circle_m": "geodata.matrices",
    "great_circle_pairs_m": "geodata.matrices",
    "isochrones": "geodata.matrices",
    "matrix_by_hour": "geodata.matrices",
    "near_pairs": "geodata.matrices",
    "nearest": "geodata.matrices",
    "country_outline": "geodata.outlines",
    "country_outlines": "geodata.outlines",
    "us_county_outlines": "geodata.outlines",
    "Fault": "geodata.places",
    "Located": "geodata.places",
    "find_places": "geodata.places",
    "geocode": "geodata.places",
    "geocode_postcodes": "geodata.places",
    "locate_places": "geodata.places",
    "locate_postcodes": "geodata.places",
    "places_frame": "geodata.places",
    "places_geodataframe": "geodata.places",
    "read_postcodes": "geodata.places",
    "reverse_geocode": "geodata.places",
    "BICYCLE": "geodata.roads",
    "CAR": "geodata.roads",
    "TRUCK": "geodata.roads",
    "VAN": "geodata.roads",
    "HourlySpeeds": "geodata.roads",
    "Profile": "geodata.roads",
    "RoadGraph": "geodata.roads",
    "generated_roads": "geodata.roads",
    "load_roads": "geodata.roads",
    "read_roads": "geodata.roads",
    "read_speeds": "geodata.roads",
    "roads_for_map": "geodata.roads",
    "roads_from_networkx": "geodata.roads",
    "roads_to_geodataframes": "geodata.roads",
    "roads_to_geopackage": "geodata.roads",
    "roads_to_networkx": "geodata.roads",
    "save_roads": "geodata.roads",
    "SamplePoints": "geodata.samples",
    "addresses": "geodata.samples",
    "along_roads": "geodata.samples",
    "clustered": "geodata.samples",
    "demands": "geodata.samples",
    "densified": "geodata.samples",
    "depots": "geodata.samples",
    "uniform": "geodata.samples",
    "encoded_polyline": "geodata.sphere",
}

__all__ = sorted(_HOME)


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'geodata' has no attribute {name!r}")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(set(globals()) | set(_HOME))
