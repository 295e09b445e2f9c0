"""``netdesign matrix``: distances and durations between the points of tables."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from netdesign.cli import output
from netdesign.cli.options import Json
from netdesign.cli.roads import ProfileName, profile_of
from netdesign.errors import InputError, Phrase

if TYPE_CHECKING:
    import pandas as pd

    from geodata import MatrixEngine, Nearest, TravelMatrix
    from netdesign.io.table import Ids

ENDINGS = (".csv", ".npz")
ENGINES = ("great-circle", "roads", "contraction", "osrm")


def matrix(
    file: Annotated[Path, typer.Argument(help="A table of points with lon and lat (.csv, .gpkg).")],
    to: Annotated[
        Path | None, typer.Option("--to", metavar="FILE", help="A table of destinations; the same points if left out.")
    ] = None,
    roads: Annotated[
        Path | None, typer.Option("--roads", metavar="FILE", help="A road network, .npz, or an extract, .osm.pbf.")
    ] = None,
    engine: Annotated[
        str | None,
        typer.Option("--engine", metavar="E", help="great-circle, roads, contraction or osrm; by --roads, --url."),
    ] = None,
    url: Annotated[str | None, typer.Option("--url", metavar="URL", help="Address of an OSRM server.")] = None,
    profile: ProfileName = "car",
    nearest: Annotated[
        int | None, typer.Option("--nearest", metavar="K", help="Only the K nearest of --to for every point.")
    ] = None,
    circuity: Annotated[float, typer.Option("--circuity", metavar="C", help="Road over straight line.")] = 1.3,
    speed: Annotated[float, typer.Option("--speed", metavar="KMH", help="Speed for great circles, km/h.")] = 60.0,
    threads: Annotated[int, typer.Option("--threads", metavar="N", help="Cores for searches on roads.")] = 1,
    outputs: Annotated[
        list[Path] | None,
        typer.Option("--output", "-o", metavar="FILE", help="Write all pairs, .csv or .npz; may be repeated."),
    ] = None,
    as_json: Json = False,
) -> int:
    """Distances (m) and durations (s) between points, along roads or straight.

    Points in the sea, with lon and lat swapped or on islands are named. Exit code 1 where no pair is connected.

    \b
    netdesign matrix customers.csv --roads roads.npz -o matrix.npz
    netdesign matrix customers.csv --to sites.csv --roads roads.npz --nearest 5 -o near.csv
    netdesign matrix customers.csv --circuity 1.4 --speed 40 -o matrix.csv
    """
    targets = outputs or []
    output.check_targets(targets, ENDINGS, [file, *([to] if to else []), *([roads] if roads else [])])
    source = _engine(engine, roads, url, profile, circuity, speed, threads)
    from netdesign.io.table import read_table

    tables = [read_table(path, "gpkg" if path.suffix == ".gpkg" else "csv") for path in ([file, to] if to else [file])]
    ids, points = [_ids(table) for table in tables], [_degrees(table) for table in tables]
    arrays: dict[str, Any]
    found: TravelMatrix | Nearest
    if nearest is None:
        found = whole = _matrix(source, ids, points)
        frame, arrays = _pairs(whole, ids[0], ids[-1]), {"distance_m": whole.distance_m, "duration_s": whole.duration_s}
    else:
        found = near = _nearest(source, nearest, ids, points)
        frame = _lists(near, ids[0], ids[-1])
        arrays = {"index": near.index, "distance_m": near.distance_m, "duration_s": near.duration_s}
    _write(targets, frame, arrays, found, ids)
    return _say(found, frame, arrays["duration_s"].size, as_json)


def _engine(
    name: str | None, roads: Path | None, url: str | None, profile: str, circuity: float, speed: float, threads: int
) -> MatrixEngine:
    from geodata import ContractionEngine, GreatCircle, OsrmEngine, RoadEngine, load_roads

    name = name or ("roads" if roads else "osrm" if url else "great-circle")
    if name not in ENGINES:
        raise InputError("--engine", name, "one of " + ", ".join(ENGINES))
    if name == "great-circle":
        return GreatCircle(circuity, speed)
    if name == "osrm":
        return OsrmEngine(url) if url else OsrmEngine()
    if roads is None:
        raise InputError("--roads", Phrase("missing"), "a road network", where=f"--engine {name}")
    network = load_roads(roads, profile_of(profile))
    return RoadEngine(network, threads=threads) if name == "roads" else ContractionEngine(network)


def _ids(table: Any) -> Ids:
    column = next((column for column in ("customer", "site", "id") if column in table.columns), "id")
    ids: Ids = table.ids(column)
    return ids


def _degrees(table: Any) -> Any:
    points, degrees = table.points()
    if not degrees:
        raise table.missing("lon", "A matrix needs degrees: lon and lat.")
    return points


def _matrix(source: MatrixEngine, ids: list[Ids], points: list[Any]) -> TravelMatrix:
    from geodata import ContractionEngine, RoadEngine

    if isinstance(source, RoadEngine | ContractionEngine):
        labels = [[str(own) for own in side] for side in ids]
        return source.matrix(
            points[0],
            points[1] if len(points) > 1 else None,
            origin_labels=labels[0],
            destination_labels=labels[-1],
        )
    return source.matrix(points[0], points[-1])


def _nearest(source: MatrixEngine, k: int, ids: list[Ids], points: list[Any]) -> Nearest:
    from geodata import GreatCircle, RoadEngine

    if len(points) == 1:
        raise InputError("--to", Phrase("missing"), "a table of sites", where="--nearest")
    if isinstance(source, RoadEngine):
        labels = [[str(own) for own in side] for side in ids]
        return source.nearest(points[0], points[1], k, point_labels=labels[0], site_labels=labels[1])
    if isinstance(source, GreatCircle):
        return source.nearest(points[0], points[1], k)
    raise InputError("--nearest", k, "--engine roads or great-circle")


def _pairs(found: TravelMatrix, origins: Ids, destinations: Ids) -> pd.DataFrame:
    frame = found.to_frame()
    frame["origin"] = [origins[k] for k in frame["origin"]]
    frame["destination"] = [destinations[k] for k in frame["destination"]]
    return frame


def _lists(found: Nearest, points: Ids, sites: Ids) -> pd.DataFrame:
    import numpy as np
    import pandas as pd

    row, rank = np.nonzero(found.index >= 0)
    assert found.duration_s is not None
    columns = {
        "origin": [points[k] for k in row],
        "rank": rank + 1,
        "destination": [sites[k] for k in found.index[row, rank]],
        "distance_m": found.distance_m[row, rank],
        "duration_s": found.duration_s[row, rank],
    }
    return pd.DataFrame(columns)


def _write(
    targets: list[Path], frame: pd.DataFrame, arrays: dict[str, Any], found: TravelMatrix | Nearest, ids: list[Ids]
) -> None:
    import numpy as np

    def save(path: Path) -> None:
        words = output.to_json(_provenance(found))
        np.savez(path, origins=np.array(ids[0]), destinations=np.array(ids[-1]), provenance=np.array(words), **arrays)

    rounded = frame.round({"distance_m": 1, "duration_s": 3})
    output.write_files(targets, {".csv": lambda path: rounded.to_csv(path, index=False), ".npz": save})


def _provenance(found: TravelMatrix | Nearest) -> dict[str, Any]:
    assert found.provenance is not None
    words = found.provenance
    return {"engine": words.engine, "version": words.version, "parameters": dict(words.parameters)}


def _say(found: TravelMatrix | Nearest, frame: pd.DataFrame, asked: int, as_json: bool) -> int:
    """Print what was found and name those who are in the wrong place; the exit code."""
    for complaint in found.complaints if not as_json else ():
        output.warn(complaint.message)
    facts: dict[str, Any] = {
        "pairs": len(frame),
        "unreachable": asked - len(frame),
        "mean_distance_m": float(frame["distance_m"].mean()) if len(frame) else None,
        "mean_duration_s": float(frame["duration_s"].mean()) if len(frame) else None,
    }
    if as_json:
        complaints = [asdict(complaint) | {"message": complaint.message} for complaint in found.complaints]
        output.say(output.to_json(facts | {"complaints": complaints, "provenance": _provenance(found)}))
    else:
        lines = [f"{facts['pairs']:,} pairs, {facts['unreachable']:,} without a way, by {_provenance(found)['engine']}"]
        if len(frame):
            lines.append(
                f"on average {facts['mean_distance_m'] / 1000:,.2f} km and {facts['mean_duration_s'] / 60:,.1f} min"
            )
        output.say("\n".join(lines))
    return 0 if len(frame) else 1
