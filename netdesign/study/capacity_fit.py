"""Practical capacity from the hours of machines: the share of scheduled hours that is left after downtime.

Making and changeovers take place in practical capacity, and hours without work are unused capacity, which somebody pays
for: neither is downtime. Kaplan and Anderson, "Time-Driven Activity-Based Costing", Harvard Business Review, November
2004, take 80 % of theoretical capacity for people and 85 % for machines where nothing was measured.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from netdesign.study.shrinkage import Floats, Shrunk, shrunk_ratios

USUAL_SHARE: Final = 0.85
"""Of a machine whose hours nobody wrote down; from the paper above."""

LEAST_PERIODS: Final = 12
"""Fewer say too little about a share and its error."""

SURE: Final = 0.05
"""Standard error of a share up to which it is taken: as much as lies between the two shares of that paper."""

HOURS: Final = ("scheduled_h", "downtime_h", "changeover_h", "run_h")


@dataclass(frozen=True)
class SiteShare:
    """The practical share of the machines of one site, shrunk towards that of all, and its hours as shares."""

    site: str
    share: float
    standard_error: float
    periods: int
    scheduled_h: float
    downtime: float
    changeover: float
    run: float


@dataclass(frozen=True)
class PracticalShare:
    """What the machines of a technology can use of their scheduled hours.

    Attributes
    ----------
    technology
        Its name.
    share, standard_error
        The mean of its sites, and its standard error.
    elsewhere_error
        Standard error of the mean as the share of a site without machines.
    periods
        How many there are of it.
    sites
        One by one; a single one without a name where the table has none.
    """

    technology: str
    share: float
    standard_error: float
    elsewhere_error: float
    periods: int
    sites: tuple[SiteShare, ...]

    @property
    def sure(self) -> bool:
        """Whether it is taken instead of the planner's own."""
        return self.periods >= LEAST_PERIODS and self.standard_error <= SURE

    def at(self, site: str) -> tuple[float, float]:
        """Share and standard error of a machine at a site: the site's own, else the mean."""
        own = next((s for s in self.sites if s.site == site), None)
        return (self.share, self.elsewhere_error) if own is None else (own.share, own.standard_error)


def fit_hours(machine_hours: pd.DataFrame) -> tuple[PracticalShare, ...]:
    """The practical share of every technology: hours without downtime over scheduled hours, site by site.

    Sites are shrunk towards the mean of their technology (:mod:`netdesign.study.shrinkage`). A technology none of whose
    sites has two periods has no error bar and is left out.

    Parameters
    ----------
    machine_hours
        Rows of the table of this name; those of one technology, site and period are added up.
    """
    found = []
    periods = machine_hours.groupby(["technology", "site", "period"], sort=False, as_index=False)[list(HOURS)].sum()
    periods["practical_h"] = periods["scheduled_h"] - periods["downtime_h"]
    for technology, rows in periods.groupby("technology", sort=False):
        shrunk = shrunk_ratios(rows, "site", "practical_h", "scheduled_h")
        if shrunk is not None:
            found.append(
                PracticalShare(
                    technology=str(technology),
                    share=shrunk.mean,
                    standard_error=shrunk.standard_error,
                    elsewhere_error=shrunk.elsewhere_error,
                    periods=rows["period"].nunique(),
                    sites=_site_shares(rows, shrunk),
                )
            )
    return tuple(found)


def _site_shares(rows: pd.DataFrame, shrunk: Shrunk) -> tuple[SiteShare, ...]:
    by_site = rows.groupby("site", sort=False)
    sums: dict[Any, Any] = by_site[list(HOURS)].sum().assign(periods=by_site.size()).to_dict("index")
    return tuple(
        SiteShare(
            site=str(site),
            share=float(share),
            standard_error=float(error),
            periods=int(sums[site]["periods"]),
            scheduled_h=float(sums[site]["scheduled_h"]),
            downtime=float(sums[site]["downtime_h"] / sums[site]["scheduled_h"]),
            changeover=float(sums[site]["changeover_h"] / sums[site]["scheduled_h"]),
            run=float(sums[site]["run_h"] / sums[site]["scheduled_h"]),
        )
        for site, share, error in zip(shrunk.groups, shrunk.ratio, shrunk.error, strict=True)
    )


def taken(found: Iterable[PracticalShare], technologies: pd.DataFrame) -> tuple[PracticalShare, ...]:
    """Those that are used: sure, of a technology with ``scheduled_h``."""
    scheduled = technologies.loc[np.isfinite(technologies["scheduled_h"].to_numpy(float)), "technology"]
    return tuple(fit for fit in found if fit.sure and fit.technology in set(scheduled))


def with_capacity(technologies: pd.DataFrame, learned: Iterable[PracticalShare]) -> pd.DataFrame:
    """The technologies with a ``capacity_h`` wherever they have ``scheduled_h``.

    What was learned comes before the planner's own ``capacity_h``, and that before the usual share.
    """
    scheduled, own = (technologies[name].to_numpy(float) for name in ("scheduled_h", "capacity_h"))
    shares = {fit.technology: fit.share for fit in learned}
    share = np.array([shares.get(name, np.nan) for name in technologies["technology"]])
    usual = np.where(np.isinf(own), USUAL_SHARE * scheduled, own)
    return technologies.assign(capacity_h=np.where(np.isnan(share), usual, share * scheduled))


def site_capacity(capacity_h: float, learned: PracticalShare | None, sites: Iterable[str]) -> Floats:
    """Shape (sites,): hours a year of a machine at every site, where it has ``capacity_h`` in the mean."""
    times = [1.0 if learned is None else learned.at(str(site))[0] / learned.share for site in sites]
    return capacity_h * np.array(times)
