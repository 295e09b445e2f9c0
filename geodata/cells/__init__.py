"""Demand in hexagons of the H3 grid instead of single points, and what that costs in accuracy."""

from geodata.cells.aggregate import CellDemand, aggregate

__all__ = ["CellDemand", "aggregate"]
