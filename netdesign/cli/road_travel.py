"""Routing problems of tables on a road network: travel times along roads, and who is not on them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netdesign.cli.roads import profile_of
from netdesign.errors import InputError, Phrase

if TYPE_CHECKING:
    from geodata import Complaint, RoadEngine
    from netdesign.io import RoutingFile
    from netdesign.result import Result
    from netdesign.routing import RoutingSolution

MOST_LOCATIONS = 10_000
"""Both matrices of so many locations take 1.6 GB."""


class RoadTravel:
    """A network, and the complaints about customers that are not on it.

    Parameters
    ----------
    file
        A road network or an extract.
    profile
        Who drives, for extracts.
    threads
        Cores for the matrix.
    """

    def __init__(self, file: Path, profile: str, threads: int) -> None:
        from geodata import RoadEngine, load_roads

        self.engine: RoadEngine = RoadEngine(load_roads(file, profile_of(profile)), threads=threads)
        self.complaints: dict[int | str, Complaint] = {}

    def put(self, source: RoutingFile) -> RoutingFile:
        """The same problem with distances and durations along roads.

        Raises
        ------
        InputError
            If it has no lon and lat, too many locations, or a depot that is not by a road.
        """
        from netdesign.routing import MatrixTravel

        problem = source.problem
        if problem.lonlat is None:
            raise InputError("--roads", Phrase("given"), "a table with lon and lat", where="--roads")
        if problem.n_locations > MOST_LOCATIONS:
            raise InputError(
                "--roads", Phrase(f"given for {problem.n_locations:,} locations"), f"at most {MOST_LOCATIONS:,}"
            )
        assert problem.ids is not None
        found = self.engine.matrix(problem.lonlat, origin_labels=[str(own) for own in problem.ids])
        self.complaints = {problem.ids[complaint.row]: complaint for complaint in found.complaints}
        for complaint in found.complaints:
            if complaint.row < problem.n_depots:
                raise InputError("--depot", Phrase("not on the roads"), "a depot by a road", advice=complaint.message)
        travel = MatrixTravel(found.distance_m, found.duration_s)
        return replace(source, problem=replace(problem, travel=travel))

    def geometries(self, solution: RoutingSolution) -> list[str]:
        """The way of every route along the roads, as encoded polylines."""
        from geodata import encoded_polyline

        lines = solution.to_geodataframe(along=self.engine.ways).geometry
        return [encoded_polyline(list(line.coords)) for line in lines]

    def explain(self, result: Result[Any]) -> Result[Any]:
        """The result, with the reasons of those who are not on the roads."""
        unserved = tuple(
            replace(one, reasons=(*one.reasons, self.complaints[one.customer].reason))
            if one.customer in self.complaints
            else one
            for one in result.unserved
        )
        return replace(result, unserved=unserved)
