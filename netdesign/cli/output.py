"""Where answers go: JSON or a few lines on the standard output, and files that replace old ones only when complete."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netdesign.errors import InputError, Phrase, closest
from netdesign.result import Result

if TYPE_CHECKING:
    from netdesign.location import GreenfieldSolution, LocationSolution

Writer = Callable[[Path], None]


def check_targets(targets: Sequence[Path], endings: Sequence[str], inputs: Sequence[Path], option: str = "-o") -> None:
    """Refuse, before any work is done, files that could not be written or would overwrite what is read.

    Raises
    ------
    InputError
        If an ending is unknown, a folder is missing or closed to us, or a target is an input.
    """
    for target in targets:
        if target.suffix.lower() not in endings:
            advice = closest(target.suffix.lower(), list(endings))
            raise InputError(
                f"the ending of {str(target)!r}", target.suffix, "one of " + ", ".join(endings), advice=advice
            )
        if target.is_dir():
            raise InputError(f"{option} {target}", Phrase("a directory"), "a file")
        if not target.parent.is_dir():
            raise InputError(
                f"{option} {target}",
                Phrase(f"in {str(target.parent)!r}, which is no directory"),
                "a file in a directory that exists",
            )
        if not os.access(target.parent, os.W_OK):
            raise InputError(
                f"{option} {target}", Phrase("in a directory you may not write to"), "a file you may write"
            )
        if any(source.exists() and target.exists() and source.samefile(target) for source in inputs):
            raise InputError(f"{option} {target}", Phrase("the file that is read"), "another file")


def write_files(targets: Sequence[Path], writers: Mapping[str, Writer]) -> None:
    """Write every target by its ending; a file that stands there is replaced only by a complete one.

    Raises
    ------
    InputError
        If the system refuses.
    """
    for target in targets:
        try:
            folder = Path(tempfile.mkdtemp(prefix=".netdesign-", dir=target.parent))
        except OSError as error:
            raise InputError(
                f"-o {target}", Phrase(f"not writable: {error.strerror}"), "a file you may write"
            ) from None
        try:
            writers[target.suffix.lower()](folder / target.name)
            (folder / target.name).replace(target)
        except OSError as error:
            raise InputError(
                f"-o {target}", Phrase(f"not writable: {error.strerror}"), "a file you may write"
            ) from None
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def save_picture(plot: Callable[[], Any], path: Path) -> None:
    """Draw without a display."""
    os.environ.setdefault("MPLBACKEND", "Agg")
    plot().figure.savefig(path, dpi=150)


def save_network(solution: LocationSolution | GreenfieldSolution, path: Path) -> None:
    """Customers, sites and the lines between them as layers of a GeoPackage."""
    solution.to_geodataframe().to_file(path, layer="customers", driver="GPKG")
    solution.sites_geodataframe().to_file(path, layer="sites", driver="GPKG")
    solution.spider_lines().to_file(path, layer="lines", driver="GPKG")


def save_text(text: str, path: Path) -> None:
    """Write a text."""
    path.write_text(text, encoding="utf-8")


def result_fields(result: Result[Any]) -> dict[str, Any]:
    """What every solver's JSON begins with."""
    return {
        "status": result.status,
        "objective": result.objective,
        "bound": result.bound,
        "gap": result.gap,
        "seconds": result.seconds,
        "iterations": result.iterations,
        "seed": result.seed,
        "termination": result.termination.reason,
    }


def to_json(answer: Mapping[str, Any]) -> str:
    """One JSON object on one line."""
    return json.dumps(answer, allow_nan=False, default=_plain)


def say(text: str) -> None:
    """A line on the standard output."""
    sys.stdout.write(text + "\n")


def warn(text: str) -> None:
    """A line on the standard error stream."""
    sys.stderr.write(f"netdesign: {text}\n")


def result_lines(result: Result[Any]) -> list[str]:
    """A result's figures for a reader."""
    bound = "none" if result.bound is None else number(result.bound)
    gap = "" if result.gap is None else f"   gap {result.gap:.4%}"
    ended = f"{result.termination.reason.replace('_', ' ')} after {result.seconds:.2f} s"
    ended += f" and {result.iterations:,} iterations, seed {result.seed}"
    return [
        f"status      {result.status}",
        f"objective   {number(result.objective)}",
        f"bound       {bound}{gap}",
        f"ended by    {ended}",
    ]


def number(value: float | None) -> str:
    """A quantity for a reader."""
    if value is None:
        return "none"
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.10g}"


def some(items: Sequence[Any], most: int = 20) -> str:
    """The first few of many."""
    shown = ", ".join(map(str, items[:most]))
    return shown if len(items) <= most else f"{shown} and {len(items) - most:,} more"


def explain_failure(result: Result[Any]) -> str:
    """One line that says why there is no solution."""
    why = result.termination.detail or f"stopped by {result.termination.reason.replace('_', ' ')}"
    return f"{'infeasible' if result.status == 'infeasible' else 'no solution found'}: {why}"


def unassigned(result: Result[Any]) -> list[dict[str, Any]]:
    """Who is not served, why, and the radius that would help where one would."""
    return [
        {"id": u.customer, "reasons": list(u.reasons)} | ({} if u.radius is None else {"radius": u.radius})
        for u in result.unserved
    ]


def _plain(value: Any) -> Any:
    """NumPy's scalars and paths as JSON knows them."""
    if hasattr(value, "item"):
        return value.item()
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no place in JSON")
