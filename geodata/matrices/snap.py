"""Points are placed on the nearest road; those that do not belong there are named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geodata.matrices.results import Complaint, SnappedPoints
from geodata.roads import RoadGraph
from geodata.sphere import as_lonlat, great_circle_pairs_m

Floats = NDArray[np.float64]
Indices = NDArray[np.integer[Any]]

MAX_SNAP_M: Final = 1000.0
"""Points farther from every road than this are not placed."""

_DETOUR_M: Final = 50.0
"""A point by a road that leads nowhere goes to a connected road up to this much farther away: less than a river."""


@dataclass(frozen=True, eq=False)
class RoadIndex:
    """Finds the nearest open road of points.

    Lines are compared in the Mercator projection, which keeps angles and, near a point, ratios of distances.
    """

    roads: RoadGraph

    def snap(
        self,
        points_lonlat: ArrayLike,
        name: str,
        *,
        max_snap_m: float = MAX_SNAP_M,
        labels: Sequence[str] | None = None,
    ) -> SnappedPoints:
        """The points on the roads, with complaints.

        Parameters
        ----------
        points_lonlat : array_like, shape (n, 2)
            Longitude and latitude, in degrees.
        name : str
            What the points are, for messages, for example ``"customers"``.
        max_snap_m : float
            Largest distance from a road, in metres.
        labels : sequence of str, length n, optional
            Names of the points, for messages.
        """
        lonlat = as_lonlat(points_lonlat, name, labels=labels)
        main, other = self._nearest(lonlat, self._main), self._nearest(lonlat, self._other)
        detour_m = np.where(main.distance_m <= max_snap_m, _DETOUR_M, 0.0)
        isolated = other.distance_m + detour_m < main.distance_m
        edge = np.where(isolated, other.edge, main.edge)
        distance_m = np.where(isolated, other.distance_m, main.distance_m)
        far = ~(distance_m <= max_snap_m)
        words = _Words(name, lonlat, labels)
        complaints = [
            *self._far(words, np.flatnonzero(far), distance_m, max_snap_m),
            *self._on_islands(words, np.flatnonzero(isolated & ~far), edge, main.distance_m),
        ]
        return SnappedPoints(
            lonlat,
            np.where(isolated[:, np.newaxis], other.snapped_lonlat, main.snapped_lonlat),
            distance_m,
            np.where(far, -1, edge).astype(np.int32),
            np.where(isolated, other.fraction, main.fraction),
            tuple(sorted(complaints, key=lambda complaint: complaint.row)),
        )

    @cached_property
    def _main(self) -> tuple[Indices, Any]:
        return self._tree(self._in_main)

    @cached_property
    def _other(self) -> tuple[Indices, Any]:
        return self._tree(~self._in_main)

    @cached_property
    def _in_main(self) -> NDArray[np.bool_]:
        main = self.roads.component == 0
        return np.asarray(main[self.roads.source] & main[self.roads.target])

    def _tree(self, which: NDArray[np.bool_]) -> tuple[Indices, Any]:
        """Edges, one of two twins that are both open, and a tree of their lines."""
        import shapely

        roads = self.roads
        twin_open = (roads.twin >= 0) & roads.is_open[roads.twin]
        edges = np.flatnonzero(which & roads.is_open & ~(twin_open & (roads.twin < np.arange(roads.n_edges))))
        points, line = roads.lines(edges)
        return edges, shapely.STRtree(shapely.linestrings(_mercator(points), indices=line))

    def _nearest(self, lonlat: Floats, indexed: tuple[Indices, Any]) -> SnappedPoints:
        import shapely

        edges, tree = indexed
        if not len(edges) or not len(lonlat):
            n = len(lonlat)
            return SnappedPoints(lonlat, lonlat.copy(), np.full(n, np.inf), np.full(n, -1, dtype=np.int32), np.zeros(n))
        points = shapely.points(_mercator(lonlat))
        found = tree.nearest(points)
        lines = tree.geometries[found]
        fraction = shapely.line_locate_point(lines, points, normalized=True)
        x, y = shapely.get_coordinates(shapely.line_interpolate_point(lines, fraction, normalized=True)).T
        snapped = np.degrees(np.column_stack([x, np.arctan(np.sinh(y))]))
        fraction = np.where(np.isnan(fraction), 0.0, fraction)
        distance_m = great_circle_pairs_m(lonlat, snapped)
        return SnappedPoints(lonlat, snapped, distance_m, edges[found].astype(np.int32), fraction)

    def _far(self, words: _Words, rows: Indices, distance_m: Floats, max_snap_m: float) -> list[Complaint]:
        """Points too far from every road: swapped where that would bring them near one."""
        turned = words.lonlat[rows][:, ::-1]
        possible = np.abs(turned[:, 1]) <= 90
        near = np.full(len(rows), np.inf)
        near[possible] = self._nearest(turned[possible], self._main).distance_m
        complaints = []
        for row, swapped_m in zip(rows.tolist(), near.tolist(), strict=True):
            found, expected = f"{_length(distance_m[row])} from the nearest road", f"at most {_length(max_snap_m)}"
            if swapped_m <= max_snap_m:
                advice = f"With lon and lat swapped it is {_length(swapped_m)} from one: swap them."
                complaints.append(words.complaint(row, "swapped", found, expected, advice))
            else:
                advice = "Is it in the sea, or outside the extract?"
                complaints.append(words.complaint(row, "far", found, expected, advice))
        return complaints

    def _on_islands(self, words: _Words, rows: Indices, edge: Indices, main_m: Floats) -> list[Complaint]:
        complaints = []
        sizes = np.bincount(self.roads.component)
        for row in rows.tolist():
            size = sizes[self.roads.component[self.roads.source[edge[row]]]]
            found = f"by a road that nothing connects with the rest ({size} of {self.roads.n_nodes} nodes)"
            expected = f"a connected road, of which the nearest is {_length(main_m[row])} away"
            advice = "Is it an island? Take ferries, or serve it on its own."
            complaints.append(words.complaint(row, "island", found, expected, advice))
        return complaints


@dataclass(frozen=True, eq=False)
class _Words:
    """Says which point is meant."""

    name: str
    lonlat: Floats
    labels: Sequence[str] | None

    def complaint(self, row: int, kind: Any, found: str, expected: str, advice: str) -> Complaint:
        label = str(row) if self.labels is None else str(self.labels[row])
        which = f"{self.name}[{row}]" + ("" if self.labels is None else f" ({label!r})")
        lon, lat = self.lonlat[row]
        return Complaint(row, label, kind, f"{which} at lon {lon:g}, lat {lat:g}", found, expected, advice)


def _mercator(lonlat: Floats) -> Floats:
    lon, lat = np.radians(lonlat).T
    # The poles lie at infinity.
    return np.column_stack([lon, np.arcsinh(np.tan(np.clip(lat, -1.55, 1.55)))])


def _length(metres: float) -> str:
    if not np.isfinite(metres):
        return "infinitely far"
    return f"{metres:,.0f} m" if metres < 10_000 else f"{metres / 1000:,.0f} km"
