"""Cities of the world with their population, and their names turned into coordinates and back."""

from geodata.places.geocode import find_places, geocode, reverse_geocode
from geodata.places.table import places_frame, places_geodataframe

__all__ = ["find_places", "geocode", "places_frame", "places_geodataframe", "reverse_geocode"]
