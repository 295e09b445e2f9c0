"""Seeded synthetic demand."""

from geodata.samples.points import SamplePoints
from geodata.samples.synthetic import clustered, densified, uniform

__all__ = ["SamplePoints", "clustered", "densified", "uniform"]
