"""What engines on a road network have in common: the network, points placed on it, other travel times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

from numpy.typing import ArrayLike

from geodata.errors import GeodataError
from geodata.matrices.engine import MatrixParts
from geodata.matrices.results import SnappedPoints
from geodata.matrices.road_search import RoadSearch
from geodata.matrices.snap import MAX_SNAP_M, RoadIndex
from geodata.roads import RoadGraph

Labels = Sequence[str] | None


@dataclass(frozen=True, eq=False)
class OnRoads(MatrixParts):
    """An engine on a network.

    Attributes
    ----------
    roads : RoadGraph
        The network.
    max_snap_m : float
        Points farther from every road than this are not placed, in metres.

    Raises
    ------
    GeodataError
        If max_snap_m is not positive.
    """

    roads: RoadGraph
    max_snap_m: float = MAX_SNAP_M

    def __post_init__(self) -> None:
        if not self.max_snap_m > 0:
            raise GeodataError(f"max_snap_m is {self.max_snap_m}; expected a number > 0, in metres.")

    @property
    def parameters(self) -> dict[str, str | float | bool]:
        """Everything that the network and the placing of points depend on."""
        return {**self.roads.about, "max_snap_m": self.max_snap_m}

    def reweighted(self, duration_s: ArrayLike) -> Self:
        """An engine on the same roads with other travel times, shape (edges,), in seconds; ``inf`` closes an edge."""
        return replace(self, roads=self.roads.with_durations(duration_s))

    def closed(self, edges: ArrayLike) -> Self:
        """An engine on the same roads with some edges closed in both directions."""
        return self.reweighted(self.roads.closed(edges).duration_s)

    def snap(self, points_lonlat: ArrayLike, name: str = "points", *, labels: Labels = None) -> SnappedPoints:
        """Points on the roads, with complaints about those that do not belong there.

        Parameters
        ----------
        points_lonlat : array_like, shape (n, 2)
            Longitude and latitude, in degrees.
        name : str
            What the points are, for messages.
        labels : sequence of str, length n, optional
            Names of the points, for messages.

        Raises
        ------
        GeodataError
            If a coordinate is missing or out of range.
        """
        return self._index.snap(points_lonlat, name, max_snap_m=self.max_snap_m, labels=labels)

    def both_snapped(
        self, origins_lonlat: ArrayLike, destinations_lonlat: ArrayLike | None, origin_labels: Labels, labels: Labels
    ) -> tuple[SnappedPoints, SnappedPoints]:
        """Origins and destinations on the roads; the same points where there are no destinations."""
        if destinations_lonlat is None:
            points = self.snap(origins_lonlat, labels=origin_labels)
            return points, points
        origins = self.snap(origins_lonlat, "origins", labels=origin_labels)
        return origins, self.snap(destinations_lonlat, "destinations", labels=labels)

    @cached_property
    def search(self) -> RoadSearch:
        """The searches on the network, for what is built on them."""
        return RoadSearch(self.roads)

    @cached_property
    def _index(self) -> RoadIndex:
        return RoadIndex(self.roads)
