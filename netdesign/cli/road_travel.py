"""Routing problems of tables on a road network: travel times along roads, and who is not on them."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netdesign.cli.roads import profile_of
from netdesign.errors import InputError, Phrase

if TYPE_CHECKING:
    from geodata import Complaint, HourlySpeeds, RoadEngine
    from netdesign.io import RoutingFile
    from netdesign.result import Result
    from netdesign.routing import RoutingProblem, RoutingSolution, Travel

MOST_IN_MATRIX = 10_000
"""Distances and durations of so many locations take 1.6 GB."""

MOST_BY_HOUR = 2_000
"""With speeds by hour; those of a day take 1.5 GB."""


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
    speeds
        A table of speeds by hour, or none.
    """

    def __init__(self, file: Path, profile: str, threads: int, speeds: Path | None = None) -> None:
        from geodata import RoadEngine, load_roads, read_speeds

        self.engine: RoadEngine = RoadEngine(load_roads(file, profile_of(profile)), threads=threads)
        self.speeds: HourlySpeeds | None = None if speeds is None else read_speeds(speeds)
        self.complaints: dict[int | str, Complaint] = {}

    def put(self, source: RoutingFile) -> RoutingFile:
        """The same problem with distances and durations along roads.

        Raises
        ------
        InputError
            If it has no lon and lat, or a depot that is not by a road.
        """
        problem = source.problem
        if problem.lonlat is None:
            raise InputError("--roads", Phrase("given"), "a table with lon and lat", where="--roads")
        assert problem.ids is not None
        labels = [str(own) for own in problem.ids]
        travel, complaints = self._travel(problem, labels) if self.speeds is None else self._slowest(problem, labels)
        self.complaints = {problem.ids[complaint.row]: complaint for complaint in complaints}
        for complaint in complaints:
            if complaint.row < problem.n_depots:
                raise InputError("--depot", Phrase("not on the roads"), "a depot by a road", advice=complaint.message)
        return replace(source, problem=replace(problem, travel=travel))

    def _travel(self, problem: RoutingProblem, labels: list[str]) -> tuple[Travel, tuple[Complaint, ...]]:
        from netdesign.study.road_travel import road_travel

        return road_travel(self.engine, problem.lonlat, n_depots=problem.n_depots, labels=labels, most=MOST_IN_MATRIX)

    def _slowest(self, problem: RoutingProblem, labels: list[str]) -> tuple[Travel, tuple[Complaint, ...]]:
        """Every pair as in the slowest hour of the shift, so that windows are kept whenever it is driven."""
        import numpy as np

        from geodata import matrix_by_hour
        from netdesign.routing import MatrixTravel

        assert self.speeds is not None
        assert problem.lonlat is not None
        if problem.n_locations > MOST_BY_HOUR:
            got = Phrase(f"given for {problem.n_locations:,} locations")
            raise InputError("--speeds", got, f"at most {MOST_BY_HOUR:,}", advice="Leave it out for one speed all day.")
        opens, closes = problem.windows[: problem.n_depots, 0].min(), problem.windows[: problem.n_depots, 1].max()
        first, last = (int(np.clip(second // 3600, 0, 23)) for second in (opens, closes - 1e-6))
        hourly = matrix_by_hour(self.engine, self.speeds, problem.lonlat, range(first, last + 1), labels=labels)
        slowest = hourly.slowest
        return MatrixTravel(slowest.distance_m, slowest.duration_s), hourly.points.complaints

    def geometries(self, solution: RoutingSolution) -> list[str]:
        """The way of every route along the roads, as encoded polylines."""
        from geodata import encoded_polyline

        lines = solution.to_geodataframe(along=self.engine.ways).geometry
        return [encoded_polyline(list(line.coords)) for line in lines]

    def driven(self, solution: RoutingSolution) -> dict[str, Any] | None:
        """The legs of a plan along the roads; None where the plan was made with all of them."""
        from netdesign.routing import SparseTravel
        from netdesign.study.road_travel import drive

        return asdict(drive(self.engine, solution)) if isinstance(solution.problem.travel, SparseTravel) else None

    def explain(self, result: Result[Any]) -> Result[Any]:
        """The result, with the reasons of those who are not on the roads."""
        unserved = tuple(
            replace(one, reasons=(*one.reasons, self.complaints[one.customer].reason))
            if one.customer in self.complaints
            else one
            for one in result.unserved
        )
        return replace(result, unserved=unserved)
