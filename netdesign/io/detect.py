"""Which format a text is in: by what it holds, never by a guess between two that fit."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np

from netdesign.errors import InputError, Phrase

_TSPLIB_KEY = re.compile(r"^[ \t]*(DIMENSION|[A-Z_]+_SECTION|EDGE_WEIGHT_TYPE)\b", re.MULTILINE)
_VRP_KEY = re.compile(
    r"^[ \t]*(DEMAND_SECTION|LINEHAUL_SECTION|CAPACITY|DEPOT_SECTION|TYPE[ \t]*:?[ \t]*[A-Z]*VRP[A-Z]*)\b", re.MULTILINE
)
_SOLOMON_KEY = re.compile(r"^[ \t]*CUST[ \t]+NO", re.MULTILINE | re.IGNORECASE)

_BY_SUFFIX = {".csv": "csv", ".gpkg": "gpkg"}

_LAYOUTS: dict[str, Callable[[int, int, int, int], bool]] = {
    "orlib-pmed": lambda a, b, c, count: count == 3 + 3 * b and c >= 1,
    "uflib": lambda a, b, c, count: c == 0 and count == 3 + a * (b + 2),
    "orlib-cap": lambda a, b, c, count: count == 2 + 2 * a + b * (a + 1),
    "holmberg": lambda a, b, c, count: count == 2 + 2 * a + b + a * b,
    "tbed": lambda a, b, c, count: count == 2 + b + 2 * a + a * b,
    "diaz-fernandez": lambda a, b, c, count: count == 2 + a + 2 * b + a * b,
    "li-lim": lambda a, b, c, count: count > 12 and (count - 3) % 9 == 0 and a >= 1 and b >= 1 and c in (0, 1),
}
"""Layouts of bare numbers: whether the first three and the count of all of them fit."""


def detect(text: str, path: Path) -> str:
    """Name of the format, as ``--format`` takes it.

    Parameters
    ----------
    text
        The contents; may be empty for tables, which are known by their suffix.
    path
        The file, for its suffix and for the message.

    Raises
    ------
    InputError
        If no format fits, or more than one.
    """
    suffix = path.suffix.lower()
    if suffix in _BY_SUFFIX:
        return _BY_SUFFIX[suffix]
    if _SOLOMON_KEY.search(text):
        return "solomon"
    if _TSPLIB_KEY.search(text):
        return "vrplib" if _VRP_KEY.search(text) else "tsplib"
    if text.lstrip().upper().startswith("FILE:"):
        return "uflib"
    if text.lstrip().startswith("{"):
        return "vroom"
    fits = _numeric_layouts(text)
    if len(fits) == 1:
        return fits[0]
    got = Phrase(f"of more than one format: {' and '.join(fits)} all fit" if fits else "not recognized")
    raise InputError(
        f"the format of {path.name}",
        got,
        "one format",
        advice=f"Say which with --format, as --format {fits[0] if fits else 'vrplib'}.",
    )


def _numeric_layouts(text: str) -> list[str]:
    named = re.search(r"\bcapacity\b", text, re.IGNORECASE) is not None
    try:
        values = np.array(re.sub(r"(?i)\bcapacity\b", "inf", text).split(), dtype=np.float64)
    except ValueError:
        return []
    head = values[:3]
    if len(head) < 3 or not np.isfinite(head[:2]).all() or (head[:2] != np.floor(head[:2])).any():
        return []
    a, b, c = int(head[0]), int(head[1]), int(head[2]) if np.isfinite(head[2]) else -1
    layouts = ["orlib-cap"] if named else list(_LAYOUTS)
    return [name for name in layouts if _LAYOUTS[name](a, b, c, len(values))]
