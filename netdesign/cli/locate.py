"""``netdesign locate``: which sites to open."""

from __future__ import annotations

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
    check_factor,
    limits_of,
)
from netdesign.errors import InputError, closest

if TYPE_CHECKING:
    from netdesign.location import LocationProblem, LocationSolution
    from netdesign.result import Result

MODELS = (
    "p-median",
    "uncapacitated",
    "capacitated",
    "single-source",
    "p-center",
    "p-dispersion",
    "set-cover",
    "partial-cover",
    "max-cover",
    "backup-cover",
    "gradual-cover",
    "max-capture",
)
ROUNDINGS = ("none", "nearest", "floor", "ceil")
ENDINGS = (".json", ".csv", ".gpkg", ".png")
TIME_LIMIT_S = 60.0


def locate(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="An instance, or a table of customers (.csv, .gpkg).")],
    model: Annotated[
        str, typer.Option("--model", metavar="M", help=", ".join(MODELS[:-1]) + " or " + MODELS[-1] + ".")
    ],
    p: Annotated[int | None, typer.Option("--p", metavar="K", help="Open sites; the file's own where it says.")] = None,
    min_sites: Annotated[int | None, typer.Option("--min-sites", metavar="K", help="Open sites, at least.")] = None,
    max_sites: Annotated[int | None, typer.Option("--max-sites", metavar="K", help="Open sites, at most.")] = None,
    budget: Annotated[
        float | None,
        typer.Option("--budget", metavar="X", help="What open sites cost at most; max-cover needs no --p then."),
    ] = None,
    radius: Annotated[
        float | None,
        typer.Option("--radius", metavar="R", help="For models of covering: the cost up to which a site covers."),
    ] = None,
    outer_radius: Annotated[
        float | None,
        typer.Option("--outer-radius", metavar="R", help="For gradual-cover: the cost at which coverage ends."),
    ] = None,
    share: Annotated[
        float | None, typer.Option("--share", metavar="X", help="For partial-cover: of the weight, to be covered.")
    ] = None,
    service_radius: Annotated[
        float | None,
        typer.Option("--service-radius", metavar="R", help="The cost beyond which a site does not serve a customer."),
    ] = None,
    forbidden: Annotated[
        Path | None,
        typer.Option("--forbidden", metavar="FILE", help="A table of pairs (customer, site) that must not be."),
    ] = None,
    incompatible: Annotated[
        Path | None,
        typer.Option("--incompatible", metavar="FILE", help="A table of pairs (site, other): at most one opens."),
    ] = None,
    attraction: Annotated[
        str | None,
        typer.Option("--attraction", metavar="A", help="For max-capture: huff (where left out) or logit."),
    ] = None,
    decay: Annotated[
        float | None,
        typer.Option("--decay", metavar="X", help="For max-capture: huff divides by cost^X, logit by exp(X cost)."),
    ] = None,
    sites: Annotated[
        Path | None, typer.Option("--sites", metavar="FILE", help="For tables: the table of sites.")
    ] = None,
    format: Format = "auto",
    rounding: Annotated[
        str | None,
        typer.Option(
            "--rounding", metavar="R", help="Of distances: none, nearest, floor, ceil; else as the file says."
        ),
    ] = None,
    factor: Annotated[
        float, typer.Option("--factor", metavar="X", help="For tables with lon, lat: what a metre counts.")
    ] = 1.0,
    start: Annotated[
        Path | None,
        typer.Option("--start", metavar="RESULT", help="What --certificate wrote for a similar problem: begin there."),
    ] = None,
    time_limit: TimeLimit = None,
    max_iterations: MaxIterations = None,
    gap: Gap = None,
    seed: Seed = None,
    threads: Threads = 1,
    deterministic: Deterministic = False,
    outputs: Outputs = None,
    certificate: Annotated[
        Path | None,
        typer.Option("--certificate", metavar="FILE", help="Write the answer and what proves its bound: .json."),
    ] = None,
    as_json: Json = False,
) -> int:
    """Choose the sites to open, with a proven bound.

    Formats: orlib-pmed, orlib-cap, holmberg, yang, diaz-fernandez, tbed, uflib, tsplib, csv, gpkg. The run ends after
    60 seconds unless the options below say otherwise, or sooner with a proof. -o writes .json, .csv, .gpkg or .png.

    Tables have lon, lat (or x, y); optional: customer, weight, service_radius; site, fixed_cost, status (open,
    candidate, closed), capacity, min_throughput, place (of the sites with the same one at most one opens). For
    max-capture a status may be competitor; optional: attractiveness (of sites) and outside (what attracts a
    customer besides).

    \b
    netdesign locate pmed1.txt --model p-median
    netdesign locate pmed1.txt --model p-center --json
    netdesign locate customers.csv --sites sites.csv --model max-cover --p 4 --radius 5000
    netdesign locate customers.csv --sites sites.csv --model max-capture --p 3 --decay 2
    netdesign locate cap71.txt --model uncapacitated --format orlib-cap --json
    netdesign locate cap71.txt --model capacitated --json
    netdesign locate rl1304.tsp --model p-median --p 100 --rounding floor --time-limit 30
    netdesign locate customers.csv --sites sites.csv --model p-median --p 3 -o open.csv -o map.png
    netdesign locate pmed1.txt --model p-median --certificate proof.json
    netdesign locate pmed1.txt --model p-median --p 6 --start proof.json
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
    _check_words(model, rounding, factor)
    targets = outputs or []
    inputs = [path for path in (file, sites, forbidden, incompatible, start) if path]
    output.check_targets(targets, ENDINGS, inputs)
    output.check_targets([certificate] if certificate else [], [".json"], inputs, option="--certificate")
    from netdesign.io import read_location

    options: dict[str, Any] = {
        "model": model,
        "format": format,
        "rounding": rounding,
        "factor": factor,
        "p": p,
        "min_sites": min_sites,
        "max_sites": max_sites,
        "budget": budget,
        "coverage_radius": radius,
        "outer_radius": outer_radius,
        "coverage_share": share,
        "service_radius": service_radius,
        "attraction": attraction,
        "decay": decay,
    }
    problem = read_location(file, sites=sites, forbidden=forbidden, incompatible=incompatible, **options)
    _check_drawable(problem, targets)
    begin = None
    if start is not None:
        from netdesign.io.answer import read_start

        begin = read_start(start)
    from netdesign.cli.progress import Watch
    from netdesign.location import locate as solve

    stop = limits.stop(ctx.obj, problem.n_customers)
    with Watch(stop.time_limit_s) as watch:
        result = solve(
            problem,
            stop=stop,
            seed=limits.seed,
            threads=limits.threads,
            deterministic=limits.deterministic,
            progress=watch,
            start=begin,
        )
    answer = output.result_fields(result) | {"model": model} | solution_fields(result)
    if certificate is not None:
        from netdesign.io.answer import proof_fields

        proof = answer | proof_fields(problem, result, options)
        output.write_files([certificate], {".json": lambda path: output.save_text(output.to_json(proof) + "\n", path)})
    return _deliver(result, answer, targets, as_json)


def _check_words(model: str, rounding: str | None, factor: float) -> None:
    if model not in MODELS:
        raise InputError("--model", model, "one of " + ", ".join(MODELS), advice=closest(model, list(MODELS)))
    if rounding is not None and rounding not in ROUNDINGS:
        raise InputError(
            "--rounding", rounding, "one of " + ", ".join(ROUNDINGS), advice=closest(rounding, list(ROUNDINGS))
        )
    check_factor(factor)


def _check_drawable(problem: LocationProblem, targets: list[Path]) -> None:
    from netdesign.location import PlanarCosts

    maps = [target for target in targets if target.suffix.lower() in (".gpkg", ".png")]
    if maps and problem.customer_lonlat is None and not isinstance(problem.costs, PlanarCosts):
        raise InputError(
            f"-o {maps[0]}", maps[0].suffix, ".json or .csv", where="a problem without coordinates cannot be drawn"
        )


def _deliver(result: Result[LocationSolution], answer: dict[str, Any], targets: list[Path], as_json: bool) -> int:
    """Write and print the answer; the exit code."""
    solution = result.solution
    if solution is not None:
        output.write_files(
            targets,
            {
                ".json": lambda path: output.save_text(output.to_json(answer) + "\n", path),
                ".csv": lambda path: _table(solution).to_csv(path, index=False),
                ".gpkg": lambda path: output.save_network(solution, path),
                ".png": lambda path: output.save_picture(solution.plot, path),
            },
        )
    if as_json:
        output.say(output.to_json(answer))
    if solution is None:
        output.warn(output.explain_failure(result))
        return 1
    if not as_json:
        problem, count = solution.problem, f"{len(solution.open):,} of {solution.problem.n_sites:,}"
        head = f"{problem.model}: {count} sites open for {problem.n_customers:,} customers"
        lines = [head, *output.result_lines(result), f"open        {output.some(answer['open'])}"]
        if solution.profit is not None:
            left_out = len(solution.unserved)
            lines.append(f"profit      {solution.profit:,g}, {left_out:,} customer{'s' * (left_out != 1)} not served")
        output.say("\n".join(lines))
    return 0


def solution_fields(result: Result[LocationSolution]) -> dict[str, Any]:
    """``certified_bound``, ``open``, ``assignment``, with revenues ``profit`` and, with capacities or competitors,
    ``flows`` of site, customer and quantity, by the file's own ids; without a solution ``unassigned`` and
    ``relaxation`` instead.
    """
    certified = {"certified_bound": result.certified_bound}
    if result.solution is None:
        why = {"unassigned": output.unassigned(result), "relaxation": dict(result.relaxation)}
        return certified | {"open": [], "assignment": []} | why
    solution = result.solution
    names, customers = solution.problem.sites, solution.problem.customers
    fields = certified | {
        "open": [names[j] for j in solution.open.tolist()],
        "assignment": [names[j] if j >= 0 else None for j in solution.assignment.tolist()],
    }
    if solution.profit is not None:
        fields["profit"] = solution.profit
    if solution.problem.capacity is not None or solution.split is not None:
        flows = zip(*(part.tolist() for part in vars(solution.flows).values()), strict=True)
        fields["flows"] = [[names[j], customers[i], quantity] for i, j, quantity in flows]
    return fields


def _table(solution: LocationSolution) -> Any:
    """One row per customer, or per flow where a customer may have several sites."""
    return solution.to_frame() if solution.split is None else solution.flows_frame()
