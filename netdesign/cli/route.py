"""``netdesign route``: who visits whom in which order."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from netdesign.cli import output
from netdesign.cli.options import (
    Deterministic,
    Format,
    Gap,
    Json,
    MaxIterations,
    Outputs,
    Seed,
    Threads,
    TimeLimit,
    limits_of,
)
from netdesign.cli.road_travel import RoadTravel
from netdesign.cli.roads import ProfileName
from netdesign.errors import InputError, Phrase, closest

if TYPE_CHECKING:
    from netdesign.io import RoutingFile
    from netdesign.io.tables import Fleet
    from netdesign.result import Result
    from netdesign.routing import RoutingSolution

ROUNDINGS = ("none", "nearest", "floor", "ceil", "dimacs", "exact", "ceil100")
ENDINGS = (".sol", ".json", ".csv", ".gpkg", ".geojson", ".png")
TIME_LIMIT_S = 10.0


def route(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="An instance, or a table of customers (.csv, .gpkg).")],
    format: Format = "auto",
    rounding: Annotated[
        str | None,
        typer.Option(
            "--rounding",
            metavar="R",
            help="Of distances and times: none, nearest, floor, ceil, dimacs, exact, ceil100; else as the file says.",
        ),
    ] = None,
    depot: Annotated[
        str | None, typer.Option("--depot", metavar="LON,LAT", help="For tables: where vehicles start.")
    ] = None,
    capacity: Annotated[
        str | None,
        typer.Option("--capacity", metavar="Q[,Q]", help="For tables: of one vehicle, per column of --demand."),
    ] = None,
    vehicles: Annotated[
        int | None,
        typer.Option("--vehicles", metavar="N", help="For tables: how many there are; any number where left out."),
    ] = None,
    demand: Annotated[
        str, typer.Option("--demand", metavar="COL[,COL]", help="For tables: columns with the demand.")
    ] = "demand",
    shift: Annotated[
        str | None, typer.Option("--shift", metavar="START,END", help="For tables: the vehicles' day, in seconds.")
    ] = None,
    circuity: Annotated[
        float, typer.Option("--circuity", metavar="X", help="For tables: road over straight line.")
    ] = 1.3,
    speed: Annotated[float, typer.Option("--speed-kmh", metavar="V", help="For tables: average speed.")] = 30.0,
    roads: Annotated[
        Path | None,
        typer.Option("--roads", metavar="FILE", help="For tables: travel along this road network (.npz, .osm.pbf)."),
    ] = None,
    profile: ProfileName = "car",
    speeds: Annotated[
        Path | None,
        typer.Option("--speeds", metavar="FILE", help="For --roads: speeds by hour (.csv: highway, hour, factor)."),
    ] = None,
    start: Annotated[
        Path | None,
        typer.Option("--start", metavar="FILE", help="A plan to begin from (.sol), as -o plan.sol writes it."),
    ] = None,
    statistics: Annotated[
        bool, typer.Option("--statistics", help="Also show how many improvements each operator of the search found.")
    ] = False,
    time_limit: TimeLimit = None,
    max_iterations: MaxIterations = None,
    gap: Gap = None,
    seed: Seed = None,
    threads: Threads = 1,
    deterministic: Deterministic = False,
    outputs: Outputs = None,
    as_json: Json = False,
) -> int:
    """Plan a day's routes: capacities, time windows, limits on routes, mixed fleets, several depots.

    Formats: vrplib, solomon, csv, gpkg. The run takes 10 seconds unless the options below say otherwise.
    -o writes .sol, .json, .csv, .gpkg, .geojson or .png; routes follow the roads in .gpkg and .geojson.

    Tables have lon, lat (or x, y) and demand; optional: customer, service_duration_s, earliest_s, latest_s.

    \b
    netdesign route X-n101-k25.vrp -o plan.sol
    netdesign route C101.txt --rounding dimacs --time-limit 60 --threads 2 --json
    netdesign route X-n101-k25.vrp --deterministic --max-iterations 20000 --seed 7
    netdesign route X-n101-k25.vrp --start plan.sol --time-limit 60 -o better.sol --statistics
    netdesign route customers.csv --depot 4.90,52.37 --capacity 100 --shift 28800,61200 -o plan.csv -o map.png
    netdesign route customers.csv --depot 4.90,52.37 --capacity 100 --roads roads.npz -o plan.geojson
    """
    limits = limits_of(
        TIME_LIMIT_S,
        time_limit=time_limit,
        max_iterations=max_iterations,
        gap=gap,
        seed=seed,
        threads=threads,
        deterministic=deterministic,
    )
    if rounding is not None and rounding not in ROUNDINGS:
        raise InputError(
            "--rounding", rounding, "one of " + ", ".join(ROUNDINGS), advice=closest(rounding, list(ROUNDINGS))
        )
    targets = outputs or []
    output.check_targets(targets, ENDINGS, [file])  # the plan to begin from may be replaced by a better one
    fleet = _fleet(depot, capacity, vehicles=vehicles, demand=demand, shift=shift, circuity=circuity, speed_kmh=speed)
    from netdesign.io import read_routing

    source = read_routing(file, format=format, rounding=rounding, fleet=fleet)
    if speeds is not None and roads is None:
        raise InputError("--roads", Phrase("missing"), "a road network", where="--speeds")
    on_roads = None if roads is None else RoadTravel(roads, profile, limits.threads, speeds)
    if on_roads is not None:
        source = on_roads.put(source)
    begin = None if start is None else _read_plan(start, source)
    _check_drawable(source, targets)
    from netdesign.cli.progress import Watch
    from netdesign.routing import route as solve

    stop = limits.stop(ctx.obj, source.problem.n_locations)
    with Watch(stop.time_limit_s) as watch:
        result = solve(
            source.problem,
            stop=stop,
            seed=limits.seed,
            threads=limits.threads,
            deterministic=limits.deterministic,
            start=begin,
            progress=watch,
        )
    if on_roads is not None:
        result = on_roads.explain(result)
    return _deliver(result, source, targets, on_roads=on_roads, as_json=as_json, statistics=statistics)


def _fleet(depot: str | None, capacity: str | None, **fields: Any) -> Fleet | None:
    """What the options say about the vehicles of a table; None where they say nothing."""
    if depot is None and capacity is None:
        return None
    if depot is None or capacity is None:
        raise InputError("--depot" if depot is None else "--capacity", Phrase("missing"), "both --depot and --capacity")
    from netdesign.io.tables import Fleet

    if fields["vehicles"] is not None and fields["vehicles"] < 1:
        raise InputError("--vehicles", fields["vehicles"], "a whole number >= 1", advice="Leave it out for no limit.")
    for name, option in (("circuity", "--circuity"), ("speed_kmh", "--speed-kmh")):
        if not 0 < fields[name] < math.inf:
            raise InputError(option, fields[name], "a finite number > 0")
    place = _numbers("--depot", depot, "two numbers LON,LAT, as 4.90,52.37", count=2)
    fields["demand"] = tuple(word.strip() for word in fields["demand"].split(","))
    limits = _numbers(
        "--capacity", capacity, "one number >= 0 for each column of --demand", count=len(fields["demand"]), least=0.0
    )
    if fields["shift"] is not None:
        shift = _numbers("--shift", fields["shift"], "START,END in seconds, as 28800,61200", count=2, least=0.0)
        if shift[0] >= shift[1]:
            raise InputError("--shift", fields["shift"], "a start before the end")
        fields["shift"] = shift
    return Fleet(depot=(place[0], place[1]), capacity=limits, **fields)


def _numbers(option: str, text: str, expected: str, *, count: int, least: float = -math.inf) -> tuple[float, ...]:
    try:
        values = tuple(float(word) for word in text.split(","))
    except ValueError:
        raise InputError(option, text, expected) from None
    if len(values) != count or not all(math.isfinite(v) and v >= least for v in values):
        raise InputError(option, text, expected)
    return values


def _read_plan(path: Path, source: RoutingFile) -> RoutingSolution:
    from netdesign.io.source import naming, read_text

    text = read_text(path)
    with naming(path):
        return source.parse_solution(text)


def _check_drawable(source: RoutingFile, targets: list[Path]) -> None:
    from netdesign.routing import MatrixTravel

    maps = [target for target in targets if target.suffix.lower() in (".gpkg", ".geojson", ".png")]
    if maps and source.problem.lonlat is None and isinstance(source.problem.travel, MatrixTravel):
        raise InputError(
            f"-o {maps[0]}",
            maps[0].suffix,
            ".sol, .json or .csv",
            where="a problem without coordinates cannot be drawn",
        )


def _deliver(
    result: Result[RoutingSolution],
    source: RoutingFile,
    targets: list[Path],
    *,
    on_roads: RoadTravel | None,
    as_json: bool,
    statistics: bool,
) -> int:
    """Write and print the answer; the exit code."""
    solution = result.solution
    routes = {"routes": []} if solution is None else solution.to_json()
    answer = output.result_fields(result) | routes | {"unassigned": output.unassigned(result)}
    if statistics:
        answer["statistics"] = dict(result.statistics)
    along = None if on_roads is None else on_roads.engine.ways
    driven = None if solution is None or on_roads is None else on_roads.driven(solution)
    if driven is not None:
        answer["along_roads"] = driven
    if solution is not None and on_roads is not None and (as_json or any(t.suffix == ".json" for t in targets)):
        for one, geometry in zip(answer["routes"], on_roads.geometries(solution), strict=True):
            one["geometry"] = geometry
    if solution is not None:
        output.write_files(
            targets,
            {
                ".sol": lambda path: output.save_text(source.solution_text(solution, result.objective), path),
                ".json": lambda path: output.save_text(output.to_json(answer) + "\n", path),
                ".csv": lambda path: solution.to_frame().to_csv(path, index=False),
                ".gpkg": lambda path: _save_routes(solution, along, path, layer="routes", driver="GPKG"),
                ".geojson": lambda path: _save_routes(solution, along, path, driver="GeoJSON"),
                ".png": lambda path: output.save_picture(solution.plot, path),
            },
        )
    if as_json:
        output.say(output.to_json(answer))
    if solution is None:
        output.warn(output.explain_failure(result))
        return 1
    if not as_json:
        head = f"{len(solution.routes):,} routes to {source.problem.n_customers:,} customers"
        lines = [head, *output.result_lines(result), *_fleet_lines(solution), *_driven_lines(driven)]
        lines += _route_lines(solution)
        output.say("\n".join(lines + (_statistics_lines(result) if statistics else [])))
    return 0


def _save_routes(solution: RoutingSolution, along: Any, path: Path, **how: str) -> None:
    solution.to_geodataframe(along=along).to_file(path, **how)


def _fleet_lines(solution: RoutingSolution) -> list[str]:
    """How many routes each vehicle type drives, where there is more than one."""
    types = solution.problem.vehicle_types
    used = [sum(route.vehicle_type == k for route in solution.routes) for k in range(len(types))]
    rows = [f"{n:,} x {vehicle.name}" for n, vehicle in zip(used, types, strict=True) if n]
    return [f"vehicles    {', '.join(rows)}"] if len(types) > 1 else []


def _driven_lines(driven: dict[str, Any] | None) -> list[str]:
    """What the plan is along the roads, where some of its legs were estimated."""
    if driven is None:
        return []
    far = driven["distance_m"] / 1000, driven["planned_m"] / 1000
    long = driven["travel_s"] / 3600, driven["planned_s"] / 3600
    return [
        f"along roads {far[0]:,.1f} km and {long[0]:,.1f} h of driving, planned {far[1]:,.1f} km and {long[1]:,.1f} h: "
        f"{driven['estimated_legs']:,} of {driven['legs']:,} legs were estimated"
    ]


def _route_lines(solution: RoutingSolution, most: int = 20) -> list[str]:
    problem, routes = solution.problem, solution.routes
    assert problem.ids is not None
    lines = []
    for k, route in enumerate(routes[:most], start=1):
        name = f" ({problem.vehicle_types[route.vehicle_type].name})" if len(problem.vehicle_types) > 1 else ""
        lines.append(f"route {k}{name}: {output.some([problem.ids[v] for v in route.visits])}")
    if len(routes) > most:
        lines.append(f"... and {len(routes) - most:,} more routes; -o FILE writes them all")
    return lines


def _statistics_lines(result: Result[RoutingSolution]) -> list[str]:
    """Accepted improvements per operator, the most successful first."""
    ranked = sorted(result.statistics.items(), key=lambda item: -item[1])
    width = max((len(name) for name, _ in ranked), default=0)
    return ["improvements by operator", *(f"  {name:{width}} {count:>12,}" for name, count in ranked)]
