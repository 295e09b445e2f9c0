"""Cities of the world with their population."""

from geodata.places.table import places_frame, places_geodataframe

__all__ = ["places_frame", "places_geodataframe"]
