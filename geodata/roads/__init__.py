"""Road networks: read from OpenStreetMap or generated, filtered for a vehicle, frozen as arrays."""

from geodata.roads.cache import load_roads, save_roads
from geodata.roads.draw import roads_for_map
from geodata.roads.exchange import (
    roads_from_networkx,
    roads_to_geodataframes,
    roads_to_geopackage,
    roads_to_networkx,
)
from geodata.roads.generate import generated_roads
from geodata.roads.graph import CLASSES, RoadGraph
from geodata.roads.osm import file_hash, read_roads
from geodata.roads.profile import BICYCLE, CAR, PROFILES, TRUCK, VAN, Profile
from geodata.roads.speeds import HourlySpeeds, read_speeds

__all__ = [
    "BICYCLE",
    "CAR",
    "CLASSES",
    "PROFILES",
    "TRUCK",
    "VAN",
    "HourlySpeeds",
    "Profile",
    "RoadGraph",
    "file_hash",
    "generated_roads",
    "load_roads",
    "read_roads",
    "read_speeds",
    "roads_for_map",
    "roads_from_networkx",
    "roads_to_geodataframes",
    "roads_to_geopackage",
    "roads_to_networkx",
    "save_roads",
]
