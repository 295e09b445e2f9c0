"""The commands, and what all of them share."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from netdesign.cli.analysis import compare, explain
from netdesign.cli.greenfield import greenfield
from netdesign.cli.locate import locate
from netdesign.cli.matrix import matrix
from netdesign.cli.places import places
from netdesign.cli.roads import roads
from netdesign.cli.route import route
from netdesign.cli.study import new, report, run, validate
from netdesign.cli.verify import verify

Abort = typer.Abort
UsageFault: Any = next(kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException")
"""What a wrong option raises; newer versions of Typer carry Click inside, so it is not imported by name."""

app = typer.Typer(
    name="netdesign",
    help="Network design and last-mile routing: where to make, for whom, and how to deliver.",
    epilog="Exit codes: 0 a solution, 1 infeasible or none found, 2 bad input (one message says what), 3 a bug.",
    rich_markup_mode=None,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        from netdesign import __version__

        typer.echo(f"netdesign {__version__}")
        raise typer.Exit


@app.callback()
def _shared(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


for _command in (run, new, validate, report, compare, explain, locate, verify, greenfield, route, places, matrix):
    app.command()(_command)
app.add_typer(roads)
