"""The planner's commands: ``run``, ``new``, ``validate`` and ``report``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from netdesign.cli import output
from netdesign.cli.options import Gap, Json, MaxIterations, TimeLimit, check_ranges
from netdesign.errors import InputError, Phrase

Folder = Annotated[Path, typer.Argument(metavar="STUDY_DIR", help="The study's folder, with study.toml in it.")]


def run(
    ctx: typer.Context,
    study_dir: Folder,
    out: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="OUT", help="Folder for the results; STUDY_DIR/out where left out."),
    ] = None,
    time_limit: TimeLimit = None,
    max_iterations: MaxIterations = None,
    gap: Gap = None,
    seed: Annotated[int | None, typer.Option("--seed", metavar="N", help="Instead of the study's.")] = None,
    workers: Annotated[
        int, typer.Option("--workers", "--threads", metavar="N", help="Processes to use; the results are the same.")
    ] = 1,
    deterministic: Annotated[
        bool, typer.Option("--deterministic", help="Leave every time limit out: the results repeat exactly.")
    ] = False,
    as_json: Json = False,
) -> int:
    """Run a whole study and write its report.

    Validate, cost, design, route check, report.

    Limits are the study's own (study.toml); options given here win. What is done is kept in OUT: a run that was ended
    goes on from there.

    \b
    netdesign run examples/netherlands
    netdesign run my_study -o results --workers 2 --time-limit 120
    netdesign run my_study --deterministic --seed 7 --json
    """
    check_ranges(time_limit=time_limit, max_iterations=max_iterations, gap=gap, seed=seed, threads=workers)
    _check_folder(study_dir)
    if out is not None and out.exists() and not out.is_dir():
        raise InputError(f"-o {out}", Phrase("a file"), "a folder, new or old")
    if deterministic and time_limit is not None:
        advice = "Leave it out: a run that the clock ends cannot be repeated."
        raise InputError("--time-limit", time_limit, "no time limit", where="--deterministic", advice=advice)
    import math
    import time

    from netdesign.cli.progress import Watch
    from netdesign.study import Study

    study = Study.read(study_dir)
    for warning in study.warnings:
        output.warn(str(warning))
    left = None if time_limit is None else max(1e-3, time_limit - (time.perf_counter() - ctx.obj))
    with Watch(math.inf if left is None else left, graceful=False) as watch:
        try:
            done = study.run(
                out,
                time_limit_s=left,
                max_iterations=max_iterations,
                gap=gap,
                seed=seed,
                workers=workers,
                deterministic=deterministic,
                progress=watch,
            )
        except KeyboardInterrupt:
            output.warn(_interrupted(watch))
            return 1
    return _deliver(done, as_json)


def new(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="The study's folder; must not hold a study yet.")],
    sample: Annotated[str, typer.Option("--sample", metavar="NAME", help="The sample it begins as.")] = "netherlands",
) -> int:
    """Begin a study: study.toml and tables to edit.

    \b
    netdesign new my_study
    netdesign run my_study
    """
    from netdesign.study import new_study

    new_study(directory, sample=sample)
    output.say(f"{directory} holds a study now: edit its tables, then netdesign run {directory}")
    return 0


def validate(study_dir: Folder, as_json: Json = False) -> int:
    """List what is wrong with a study, one line each.

    Exit code 2 where something is, 0 where nothing but warnings is.

    \b
    netdesign validate my_study
    """
    _check_folder(study_dir)
    from netdesign.study import lint

    problems = lint(study_dir)
    errors = [p for p in problems if p.level == "error"]
    if as_json:
        output.say(output.to_json({"errors": len(errors), "problems": [str(p) for p in problems]}))
    else:
        output.say("\n".join([*map(str, problems), _verdict(len(errors), len(problems) - len(errors))]))
    return 2 if errors else 0


def report(
    out_dir: Annotated[Path, typer.Argument(metavar="OUT_DIR", help="A folder that netdesign run has written.")],
) -> int:
    """Write report.html again from a run's tables.

    \b
    netdesign report my_study/out
    """
    if not out_dir.is_dir():
        raise InputError(str(out_dir), Phrase("missing" if not out_dir.exists() else "a file"), "a folder of results")
    from netdesign.report import render_report

    output.say(str(render_report(out_dir)))
    return 0


def _check_folder(folder: Path) -> None:
    if not folder.exists():
        raise InputError(str(folder), Phrase("missing"), "a study's folder", advice="Begin one with netdesign new.")


def _interrupted(watch: Any) -> str:
    last = watch.last
    if last is None or not last.iterations:
        return "interrupted before anything was done"
    return (
        f"interrupted in the step {last.stage}, {last.done:.0%} of the run done; "
        f"{last.iterations} pieces of work are kept, and the same command goes on from there"
    )


def _deliver(done: Any, as_json: bool) -> int:
    summary = done.summary
    if as_json:
        # A study is many runs: it has no iterations and no termination of its own.
        whole = {"iterations": None, "termination": None, **summary, "out": done.out, "report": done.report}
        output.say(output.to_json(whole))
    else:
        gap = "" if summary["gap"] is None else f", gap {summary['gap']:.3%}"
        status = f"{summary['status']}{gap}, {summary['seconds']:.1f} s"
        lines = [*summary["headline"], ("Status", status), ("Report", done.report)]
        breadth = max(len(label) for label, _ in lines) + 2
        output.say("\n".join(f"{label:<{breadth}}{text}" for label, text in lines))
    if summary["objective"] is None:
        lost = [
            f"{s['segment']}: {len(s['unserved'])} customers" for s in summary.get("segments", []) if s.get("unserved")
        ]
        output.warn(f"infeasible: {'; '.join(lost) or 'no segment has customers'} cannot be served; see {done.report}")
        return 1
    return 0


def _verdict(errors: int, warnings: int) -> str:
    if not errors and not warnings:
        return "no problems found"
    return f"{errors} error{'s' * (errors != 1)}, {warnings} warning{'s' * (warnings != 1)}"
