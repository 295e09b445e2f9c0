"""Outlines of countries and US counties, for maps."""

from geodata.outlines.archive import country_outline, country_outlines, us_county_outlines

__all__ = ["country_outline", "country_outlines", "us_county_outlines"]
