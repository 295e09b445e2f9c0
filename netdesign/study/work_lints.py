"""Time equations that cannot be read, or give times that cannot be."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from netdesign.errors import Phrase
from netdesign.study.problems import Problem
from netdesign.study.standard_work import FormulaError, attributes_of, minutes_of


def lint_work(clean: dict[str, pd.DataFrame], sources: dict[str, str]) -> Iterator[Problem]:
    """Every step's equation, for every variant."""
    if "processes" not in clean or not sources["processes"]:
        return
    variants = clean.get("variants", pd.DataFrame())
    for row, formula in clean["processes"]["minutes"].items():
        place = sources["processes"], int(str(row)), "minutes"
        try:
            minutes = np.atleast_1d(minutes_of(str(formula), attributes_of(variants)))
        except FormulaError as error:
            rule = "a time equation over attributes of variants"
            yield Problem(*place, formula, rule, error.hint)
            continue
        if not (np.isfinite(minutes) & (minutes >= 0)).all():
            wrong = int(np.flatnonzero(~(np.isfinite(minutes) & (minutes >= 0)))[0])
            name = f" for {variants['variant'].iloc[wrong]}" if len(variants) and len(minutes) > 1 else ""
            value = Phrase(f"{minutes[wrong]:g} minutes{name}")
            yield Problem(*place, value, "a time of 0 at least", "It has to hold for every variant.")
