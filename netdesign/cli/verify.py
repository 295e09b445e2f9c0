"""``netdesign verify``: does a result hold, recomputed from its problem without the solver."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from netdesign.cli import output
from netdesign.cli.options import Json
from netdesign.errors import InputError, Phrase

if TYPE_CHECKING:
    from netdesign.io.answer import Answer
    from netdesign.location import LocationProblem, Verification
    from netdesign.result import Result


def verify(
    result: Annotated[Path, typer.Argument(metavar="RESULT", help="What netdesign locate --certificate wrote.")],
    problem: Annotated[Path, typer.Argument(metavar="PROBLEM", help="The instance, or the table of customers.")],
    sites: Annotated[
        Path | None, typer.Option("--sites", metavar="FILE", help="For tables: the table of sites.")
    ] = None,
    forbidden: Annotated[
        Path | None, typer.Option("--forbidden", metavar="FILE", help="As it was given to netdesign locate.")
    ] = None,
    incompatible: Annotated[
        Path | None, typer.Option("--incompatible", metavar="FILE", help="As it was given to netdesign locate.")
    ] = None,
    as_json: Json = False,
) -> int:
    """Recompute the objective of a location result, and the bound that its multipliers prove, without the solver.

    All pairs of customers and sites are looked at, block by block. The exit code is 1 where a claim does not hold.

    \b
    netdesign locate pmed1.txt --model p-median --certificate proof.json
    netdesign verify proof.json pmed1.txt
    netdesign verify proof.json customers.csv --sites sites.csv --json
    """
    from netdesign.io.answer import read
    from netdesign.io.source import naming
    from netdesign.location import verify as judge

    answer = read(result)
    asked = _read_problem(answer, result, problem, sites=sites, forbidden=forbidden, incompatible=incompatible)
    with naming(result):
        claim = answer.result(asked)
    if claim.solution is None and claim.certificate is None:
        raise InputError(result.name, Phrase("without a solution and multipliers"), "a result with something to verify")
    found = judge(asked, claim)
    if as_json:
        fields = {"holds": found.holds, "objective": found.objective, "certified_bound": found.certified_bound}
        output.say(output.to_json(fields | {"bound": claim.bound, "faults": list(found.faults)}))
    else:
        output.say("\n".join(_lines(asked, claim, found)))
    for fault in found.faults:
        output.warn(f"{result.name}: {fault}")
    return 0 if found.holds else 1


def _read_problem(answer: Answer, result: Path, problem: Path, **tables: Any) -> LocationProblem:
    """The problem that the result speaks of."""
    from netdesign.io import LOCATION_OPTIONS, read_location
    from netdesign.location import fingerprint

    words = {"model", "format", "rounding", "attraction"}
    kinds = {name: str if name in words else (int, float) for name in (*words, "factor", *LOCATION_OPTIONS)}
    wrong = [name for name, value in answer.options.items() if not isinstance(value, kinds.get(name, ()))]
    if wrong or "model" not in answer.options:
        raise InputError(f"{result.name}: options", answer.options, "those that netdesign locate writes")
    asked = read_location(problem, **answer.options, **tables)
    if fingerprint(asked) != answer.fingerprint:
        raise InputError(
            result.name,
            Phrase("a result of another problem"),
            f"one of {problem.name}",
            advice="Give the same tables as to netdesign locate.",
        )
    return asked


def _lines(problem: LocationProblem, claim: Result[Any], found: Verification) -> list[str]:
    """What was recomputed, for a reader."""
    size = f"{problem.n_customers:,} customers and {problem.n_sites:,} sites"
    lines = [f"{problem.model}: {size}", f"objective   {output.number(found.objective)} recomputed"]
    if found.certified_bound is None:
        lines.append("bound       none proven: the result has no multipliers")
    else:
        gap = ""
        if found.objective:
            gap = f"   gap {abs(found.objective - found.certified_bound) / abs(found.objective):.4%}"
        lines.append(f"bound       {output.number(found.certified_bound)} proven by the multipliers{gap}")
    if claim.bound is not None and claim.bound != found.certified_bound:
        lines.append(f"claimed     {output.number(claim.bound)} is the bound of the search, which is not repeated")
    return [*lines, f"verdict     {'holds' if found.holds else 'does not hold'}"]
