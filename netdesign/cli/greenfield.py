"""``netdesign greenfield``: sites anywhere."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from netdesign.cli import output
from netdesign.cli.options import Gap, Json, MaxIterations, Outputs, Seed, TimeLimit, check_factor, limits_of
from netdesign.errors import InputError

if TYPE_CHECKING:
    from netdesign.location import GreenfieldProblem, GreenfieldSolution, Snapped
    from netdesign.result import Result
    from netdesign.stop import Stop

ENDINGS = (".json", ".csv", ".gpkg", ".png")
TIME_LIMIT_S = 20.0
SNAPPING = 0.4
"""Of the time, where sites of a table are to be found too."""


def greenfield(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A table of customers (.csv, .gpkg).")],
    p: Annotated[int, typer.Option("--p", metavar="K", help="Sites to place.")],
    sites: Annotated[
        Path | None, typer.Option("--sites", metavar="FILE", help="A table of sites to choose from near these places.")
    ] = None,
    near: Annotated[
        int, typer.Option("--near", metavar="N", help="With --sites: so many nearest to each place; 0 for all.")
    ] = 10,
    factor: Annotated[float, typer.Option("--factor", metavar="X", help="What a unit of distance counts.")] = 1.0,
    time_limit: TimeLimit = None,
    max_iterations: MaxIterations = None,
    gap: Gap = None,
    seed: Seed = None,
    outputs: Outputs = None,
    as_json: Json = False,
) -> int:
    """Place sites anywhere, so that weighted distances to the nearest one are least, with a proven bound.

    Tables have lon, lat (great circles, metres) or x, y; optional: customer, weight. With --sites, a table with lon,
    lat (or x, y), site and status, also the best of the sites near the places, and what they cost more. The run ends
    after 20 seconds or 100 starts in vain unless the options below say otherwise. -o writes .json, .csv (the places),
    .gpkg or .png.

    \b
    netdesign greenfield customers.csv --p 3
    netdesign greenfield customers.csv --p 3 --sites sites.csv --near 5 --json
    netdesign greenfield customers.csv --p 3 -o places.csv -o map.png
    """
    limits = limits_of(
        TIME_LIMIT_S,
        time_limit=time_limit,
        max_iterations=max_iterations,
        gap=gap,
        seed=seed,
        threads=1,
        deterministic=False,
    )
    check_factor(factor)
    if near < 0:
        raise InputError("--near", near, "a number of sites >= 1, or 0 for all")
    targets = outputs or []
    output.check_targets(targets, ENDINGS, [file, *([sites] if sites else [])])
    from netdesign.io.tables import read_greenfield

    problem, listed = read_greenfield(file, sites, p=p, factor=factor)
    from netdesign.cli.progress import Watch
    from netdesign.location import greenfield as solve
    from netdesign.location import snap

    stop = _in_vain(limits.stop(ctx.obj, problem.n_customers), time_limit, max_iterations)
    part = stop if listed is None else _shortened(stop, 1 - SNAPPING)
    with Watch(part.time_limit_s) as watch:
        result = solve(problem, stop=part, seed=limits.seed, progress=watch)
    snapped = None
    if listed is not None and result.solution is not None:
        points, fields = listed
        rest = limits.stop(ctx.obj, problem.n_customers)
        snapped = snap(result.solution, points, near=near or None, stop=rest, seed=limits.seed, **fields)
    return _deliver(problem, result, snapped, targets, as_json)


def _in_vain(stop: Stop, time_limit: float | None, max_iterations: int | None) -> Stop:
    """A run without limits of its own ends where nothing more is found."""
    from dataclasses import replace

    return replace(stop, no_improvement=100) if time_limit is None and max_iterations is None else stop


def _shortened(stop: Stop, part: float) -> Stop:
    from dataclasses import replace

    return replace(stop, time_limit_s=part * stop.time_limit_s)


def _deliver(
    problem: GreenfieldProblem,
    result: Result[GreenfieldSolution],
    snapped: Snapped | None,
    targets: list[Path],
    as_json: bool,
) -> int:
    """Write and print the answer; the exit code."""
    solution = result.best()
    answer = output.result_fields(result) | _places(solution)
    if snapped is not None:
        from netdesign.cli.locate import solution_fields

        if snapped.result.solution is None:
            output.warn(output.explain_failure(snapped.result))
            return 1
        fields = output.result_fields(snapped.result) | {"price": snapped.price} | solution_fields(snapped.result)
        answer["snapped"] = fields
    output.write_files(
        targets,
        {
            ".json": lambda path: output.save_text(output.to_json(answer) + "\n", path),
            ".csv": lambda path: solution.sites_frame().to_csv(path, index=False),
            ".gpkg": lambda path: output.save_network(solution, path),
            ".png": lambda path: output.save_picture(solution.plot, path),
        },
    )
    if as_json:
        output.say(output.to_json(answer))
        return 0
    head = f"{problem.p:,} sites anywhere for {problem.n_customers:,} customers"
    places = output.some([f"({x:.6g}, {y:.6g})" for x, y in solution.sites.tolist()])
    lines = [head, *output.result_lines(result), f"places      {places}"]
    if snapped is not None:
        lines.append(f"snapped to  {output.some(answer['snapped']['open'])}")
        lines.append(f"at          {output.number(snapped.result.objective)}, {output.number(snapped.price)} more")
    output.say("\n".join(lines))
    return 0


def _places(solution: GreenfieldSolution) -> dict[str, Any]:
    """``sites``, each with its coordinates, and ``assignment``: a number from 0 per customer."""
    pair = ("lon", "lat") if solution.problem.on_sphere else ("x", "y")
    return {
        "sites": [dict(zip(pair, place, strict=True)) for place in solution.sites.tolist()],
        "assignment": solution.assignment.tolist(),
    }
