"""Cities of the world with their population, and their names and postcodes turned into coordinates and back."""

from geodata.places.geocode import find_places, geocode, locate_places, reverse_geocode
from geodata.places.located import Fault, Located
from geodata.places.postcodes import geocode_postcodes, locate_postcodes, read_postcodes
from geodata.places.table import places_frame, places_geodataframe

__all__ = [
    "Fault",
    "Located",
    "find_places",
    "geocode",
    "geocode_postcodes",
    "locate_places",
    "locate_postcodes",
    "places_frame",
    "places_geodataframe",
    "read_postcodes",
    "reverse_geocode",
]
