"""Seeded synthetic demand."""

from geodata.samples.along_roads import along_roads
from geodata.samples.logistics import addresses, demands, depots
from geodata.samples.points import SamplePoints
from geodata.samples.synthetic import clustered, densified, uniform

__all__ = ["SamplePoints", "addresses", "along_roads", "clustered", "demands", "densified", "depots", "uniform"]
