"""The planner's questions: ``compare`` two runs, ``explain`` why a site is a node or not."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from netdesign.cli import output
from netdesign.cli.options import Gap, Json, check_ranges
from netdesign.errors import InputError, Phrase, closest

if TYPE_CHECKING:
    import pandas as pd

Csv = Annotated[Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write the whole table as CSV.")]


def compare(
    before: Annotated[Path, typer.Argument(metavar="BEFORE", help="A folder that netdesign run has written.")],
    after: Annotated[Path, typer.Argument(metavar="AFTER", help="Another one.")],
    out: Csv = None,
    as_json: Json = False,
) -> int:
    """Say what changed from one run to another, segment by segment.

    Status, offer, cost by account, profit, service and nodes; what is equal is left out.

    \b
    netdesign compare results_before results_after
    """
    for folder in (before, after):
        if not folder.is_dir():
            raise InputError(str(folder), Phrase("a file" if folder.exists() else "missing"), "a folder of results")
    _check_csv(out)
    from netdesign.study.compare import compare_runs

    _deliver(compare_runs(before, after), out, as_json, "nothing changed")
    return 0


def explain(
    study_dir: Annotated[Path, typer.Argument(metavar="STUDY_DIR", help="The study's folder, with study.toml in it.")],
    segment: Annotated[str | None, typer.Option("--segment", metavar="NAME", help="Only this one.")] = None,
    out: Csv = None,
    gap: Gap = None,
    as_json: Json = False,
) -> int:
    """Say what it would cost to open each site that is no node, or to close one that is.

    That price is also how much cheaper or dearer the site must get for the answer to change.

    \b
    netdesign explain examples/netherlands
    netdesign explain my_study --segment "home evening" -o sites.csv
    """
    check_ranges(time_limit=None, max_iterations=None, gap=gap, seed=None, threads=1)
    _check_csv(out)
    if not study_dir.exists():
        raise InputError(str(study_dir), Phrase("missing"), "a study's folder", advice="Begin one with netdesign new.")
    from netdesign.stop import Stop
    from netdesign.study import Study
    from netdesign.study.explain import explain as explain_sites
    from netdesign.study.workers import IN_PLACE, Workers

    study = Study.read(study_dir)
    names = list(study.segments["segment"])
    if segment is not None and segment not in names:
        raise InputError("--segment", segment, "a segment of the study", advice=closest(segment, names))
    limits = study.config.location
    stop = Stop(gap=limits.gap if gap is None else gap, time_limit_s=limits.time_limit_s)
    done = study.folder / "out" / ".done"
    # A run has designed and routed already what its network stands on.
    found = Workers(1, done, lambda *_: True, keep="all") if done.is_dir() else nullcontext(IN_PLACE)
    with found as pool:
        table = explain_sites(study, stop, segment, pool)
    _deliver(table, out, as_json, "no segment can be served as it stands")
    return 0


def _check_csv(out: Path | None) -> None:
    output.check_targets([] if out is None else [out], [".csv"], [])


def _deliver(table: pd.DataFrame, out: Path | None, as_json: bool, empty: str) -> None:
    """Print a table, and write it where that is asked for."""
    if out is not None:
        table.to_csv(out, index=False, lineterminator="\n")
    if as_json:
        import json

        output.say(output.to_json({"rows": json.loads(table.to_json(orient="records"))}))
    else:
        output.say(empty if table.empty else table.to_string(index=False, float_format="{:,.2f}".format))
