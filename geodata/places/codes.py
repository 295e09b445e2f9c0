"""ISO 3166-1 alpha-2 country codes, checked with advice."""

from __future__ import annotations

from difflib import get_close_matches
from functools import cache
from pathlib import Path

import pandas as pd

from geodata.errors import GeodataError

_OFTEN_MEANT = {"UK": "GB", "EL": "GR"}


@cache
def country_names() -> dict[str, str]:
    """Name of every country by its code."""
    frame = pd.read_csv(Path(__file__).parent / "countries.csv", keep_default_na=False)
    return dict(zip(frame["iso2"], frame["name"], strict=True))


def check_country(code: str) -> str:
    """The code itself if it is one.

    Raises
    ------
    GeodataError
        If the code is unknown; the nearest codes and names are suggested.
    """
    names = country_names()
    if code in names:
        return code
    if len(code) == 2:
        known = {iso2: iso2 for iso2 in names} | _OFTEN_MEANT
    else:
        known = {name.upper(): iso2 for iso2, name in names.items()}
    nearest = [known[code.upper()]] if code.upper() in known else []
    nearest = nearest or [known[match] for match in get_close_matches(code.upper(), known, n=3, cutoff=0.5)]
    suggestion = ", ".join(f"'{iso2}' ({names[iso2]})" for iso2 in dict.fromkeys(nearest))
    advice = f"Did you mean {suggestion}?" if suggestion else "For example 'NL' (The Netherlands)."
    raise GeodataError(f"country is {code!r}; expected an ISO 3166-1 alpha-2 code. {advice}")
