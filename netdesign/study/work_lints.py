"""Time equations that cannot be read or give times that cannot be, and hours of machines that say too little."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from netdesign.errors import Phrase
from netdesign.study.capacity_fit import LEAST_PERIODS
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


def lint_machine_hours(clean: dict[str, pd.DataFrame], sources: dict[str, str]) -> Iterator[Problem]:
    """Too few periods of a technology to learn its capacity from, and no hours of a year to apply it to."""
    if not {"machine_hours", "technologies"} <= set(clean) or not sources["machine_hours"]:
        return
    scheduled = clean["technologies"].set_index("technology")["scheduled_h"]
    stays = "Its capacity_h of the table of technologies is used until there are more."
    for technology, rows in clean["machine_hours"].groupby("technology", sort=False):
        place = sources["machine_hours"], int(rows.index[0])
        if technology not in scheduled.index:
            continue
        if not np.isfinite(scheduled[technology]):
            rule, hint = f"scheduled_h of {technology} in {sources['technologies']}", "Its own capacity_h stays."
            yield Problem(*place, "technology", technology, rule, hint, "warning")
        elif (found := rows["period"].nunique()) < LEAST_PERIODS:
            value = Phrase(f"{found} periods of {technology}")
            yield Problem(*place, "period", value, f"at least {LEAST_PERIODS}", stays, "warning")
