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
from netdesign.errors import InputError, Phrase, closest

if TYPE_CHECKING:
    from netdesign.io import RoutingFile
    from netdesign.io.tables import Fleet
    from netdesign.result import Result
    from netdesign.routing import RoutingSolution

ROUNDINGS = ("none", "nearest", "floor", "ceil", "dimacs", "exact", "ceil100")
ENDINGS = (".sol", ".json", ".csv", ".gpkg", ".png")
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
    time_limit: TimeLimit = None,
    max_iterations: MaxIterations = None,
    gap: Gap = None,
    seed: Seed = None,
    threads: Threads = 1,
    deterministic: Deterministic = False,
    outputs: Outputs = None,
    as_json: Json = False,
) -> int:
    """Plan a day's routes: capacity, time windows, one depot.

    Formats: vrplib, solomon, csv, gpkg. The run takes 10 seconds unless the options below say otherwise.
    -o writes .sol, .json, .csv, .gpkg or .png.

    Tables have lon, lat (or x, y) and demand; optional: customer, service_duration_s, earliest_s, latest_s.

    \b
    netdesign route X-n101-k25.vrp -o plan.sol
    netdesign route C101.txt --rounding dimacs --time-limit 60 --threads 2 --json
    netdesign route X-n101-k25.vrp --deterministic --max-iterations 20000 --seed 7
    netdesign route customers.csv --depot 4.90,52.37 --capacity 100 --shift 28800,61200 -o plan.csv -o map.png
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
    output.check_targets(targets, ENDINGS, [file])
    fleet = _fleet(depot, capacity, vehicles=vehicles, demand=demand, shift=shift, circuity=circuity, speed_kmh=speed)
    from netdesign.io import read_routing

    source = read_routing(file, format=format, rounding=rounding, fleet=fleet)
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
            progress=watch,
        )
    return _deliver(result, source, targets, as_json)


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


def _check_drawable(source: RoutingFile, targets: list[Path]) -> None:
    from netdesign.routing import MatrixTravel

    maps = [target for target in targets if target.suffix.lower() in (".gpkg", ".png")]
    if maps and source.problem.lonlat is None and isinstance(source.problem.travel, MatrixTravel):
        raise InputError(
            f"-o {maps[0]}",
            maps[0].suffix,
            ".sol, .json or .csv",
            where="a problem without coordinates cannot be drawn",
        )


def _deliver(result: Result[RoutingSolution], source: RoutingFile, targets: list[Path], as_json: bool) -> int:
    """Write and print the answer; the exit code."""
    solution = result.solution
    routes = {"routes": []} if solution is None else solution.to_json()
    answer = output.result_fields(result) | routes | {"unassigned": output.unassigned(result)}
    if solution is not None:
        output.write_files(
            targets,
            {
                ".sol": lambda path: output.save_text(source.solution_text(solution, result.objective), path),
                ".json": lambda path: output.save_text(output.to_json(answer) + "\n", path),
                ".csv": lambda path: solution.to_frame().to_csv(path, index=False),
                ".gpkg": lambda path: solution.to_geodataframe().to_file(path, layer="routes", driver="GPKG"),
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
        output.say("\n".join([head, *output.result_lines(result), *_route_lines(answer["routes"])]))
    return 0


def _route_lines(routes: list[dict[str, Any]], most: int = 20) -> list[str]:
    lines = [f"route {k}: {output.some(r['stops'])}" for k, r in enumerate(routes[:most], start=1)]
    return (
        lines
        if len(routes) <= most
        else [*lines, f"... and {len(routes) - most:,} more routes; -o FILE writes them all"]
    )
