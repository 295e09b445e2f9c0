"""Options that the solving commands share, and the limits they make."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from netdesign.errors import InputError, Phrase
from netdesign.stop import Stop

SECONDS_PER_LOCATION = 8e-6
"""What checking and writing a solution takes after the solver, for the time limit to hold for the whole command."""

TimeLimit = Annotated[
    float | None,
    typer.Option("--time-limit", metavar="S", help="Seconds for the whole command, reading and writing included."),
]
MaxIterations = Annotated[
    int | None,
    typer.Option("--max-iterations", metavar="N", help="Iterations of the solver's main loop; no time limit then."),
]
Gap = Annotated[
    float | None,
    typer.Option("--gap", metavar="G", help="Stop when (objective - bound) / objective is at most this; 0.01 is 1 %."),
]
Seed = Annotated[int | None, typer.Option("--seed", metavar="N", help="Any whole number >= 0; 1 where left out.")]
Threads = Annotated[int, typer.Option("--threads", metavar="N", help="Cores to use.")]
Deterministic = Annotated[
    bool,
    typer.Option("--deterministic", help="The answer depends on seed and iterations only; needs --max-iterations."),
]
Outputs = Annotated[
    list[Path] | None,
    typer.Option("--output", "-o", metavar="FILE", help="Write the solution, by the file's ending; may be repeated."),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
Format = Annotated[str, typer.Option("--format", metavar="F", help="Format of the file; auto looks at what it holds.")]


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Checked limits of one run; the seconds are those of the whole command."""

    time_limit_s: float
    max_iterations: int | None
    gap: float
    seed: int
    threads: int
    deterministic: bool

    def stop(self, started: float, n_locations: int) -> Stop:
        """What is left for the solver, when so many seconds have gone into reading, and output is to come."""
        reserve = min(0.5 * self.time_limit_s, SECONDS_PER_LOCATION * n_locations)
        left = (
            self.time_limit_s - (time.perf_counter() - started) - reserve
            if math.isfinite(self.time_limit_s)
            else math.inf
        )
        return Stop(time_limit_s=max(left, 1e-3), max_iterations=self.max_iterations, gap=self.gap)


def limits_of(
    default_time_limit_s: float,
    *,
    time_limit: float | None,
    max_iterations: int | None,
    gap: float | None,
    seed: int | None,
    threads: int,
    deterministic: bool,
) -> Limits:
    """The limits the options describe.

    Raises
    ------
    InputError
        If one of them makes no sense, or a deterministic run has no iterations to end it.
    """
    check_ranges(time_limit=time_limit, max_iterations=max_iterations, gap=gap, seed=seed, threads=threads)
    if deterministic and max_iterations is None:
        advice = "A run that the clock ends cannot be repeated."
        raise InputError("--max-iterations", Phrase("missing"), "a number", where="--deterministic", advice=advice)
    if deterministic and time_limit is not None:
        advice = "Leave it out: a run that the clock ends cannot be repeated."
        raise InputError("--time-limit", time_limit, "no time limit", where="--deterministic", advice=advice)
    default = math.inf if max_iterations is not None else default_time_limit_s
    return Limits(
        time_limit_s=default if time_limit is None else time_limit,
        max_iterations=max_iterations,
        gap=gap or 0.0,
        seed=1 if seed is None else seed,
        threads=threads,
        deterministic=deterministic,
    )


def check_factor(factor: float) -> None:
    """Raise where what a unit of distance counts is no such number."""
    if not 0 < factor < math.inf:
        raise InputError("--factor", factor, "a finite number > 0")


def check_ranges(
    *, time_limit: float | None, max_iterations: int | None, gap: float | None, seed: int | None, threads: int
) -> None:
    """Raise for the first option that is out of its range."""
    if time_limit is not None and not time_limit > 0:
        raise InputError("--time-limit", time_limit, "a number of seconds > 0")
    if max_iterations is not None and max_iterations < 1:
        raise InputError("--max-iterations", max_iterations, "a whole number >= 1")
    if gap is not None and not 0 <= gap < 1:
        raise InputError("--gap", gap, "a fraction >= 0 and < 1", advice="0.01 is one per cent.")
    if seed is not None and not 0 <= seed < 2**63:
        raise InputError("--seed", seed, "a whole number in 0..2^63-1")
    if not 1 <= threads <= 1024:
        raise InputError("--threads", threads, "a whole number in 1..1024")
