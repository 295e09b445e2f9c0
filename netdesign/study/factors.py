"""What routed days cost beside the formula: a factor per vehicle and node, with its error bar.

The formula prices parts of routes and straight ways out. A node drives whole routes, and passes stops on its way: what
that makes differs from node to node and stays much the same from day to day, so that it can be learned.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from netdesign.study.shrinkage import shrunk_ratios

ELSEWHERE: Final = ""
"""In place of a site: every node that has no days of its own."""

COLUMNS: Final = ("vehicle_type", "site", "factor", "standard_error", "days", "stops")

SURE: Final = 2.0
"""Standard errors that a gain has to exceed to count as one: where there is none, 2 % of estimates do."""

RoadMoney = Mapping[tuple[str, str], float]
"""By vehicle and site: what a year's last mile costs by the plain formula, at a factor of 1."""

SUMS: Final = ("stops", "predicted_cost", "routed_cost")


@dataclass(frozen=True)
class Factor:
    """Routed over predicted cost of a vehicle's stops from a node, and the days and stops behind it."""

    vehicle_type: str
    site: str
    factor: float
    standard_error: float
    days: int
    stops: int


@dataclass(frozen=True)
class Factors:
    """All that was learned; 1 where nothing was."""

    rows: tuple[Factor, ...] = ()

    def of(self, vehicle_type: str, sites: Iterable[str]) -> NDArray[np.float64]:
        """Shape (sites,): the node's own factor, else the vehicle's elsewhere."""
        known = {row.site: row.factor for row in self.rows if row.vehicle_type == vehicle_type}
        elsewhere = known.get(ELSEWHERE, 1.0)
        return np.array([known.get(str(site), elsewhere) for site in sites], dtype=float)

    def cost(self, money: RoadMoney) -> float:
        """What a network's last mile costs with the factors."""
        return math.fsum(plain * float(self.of(vehicle, [site])[0]) for (vehicle, site), plain in money.items())

    def doubt(self, money: RoadMoney) -> float:
        """Standard error of :meth:`cost`; of differences of cost, where the amounts are differences.

        Nodes with days of their own err each by itself. All others of a vehicle are taken to lie apart from its mean
        together, as neighbours may: the sizes of their amounts add up, which no correlation between them exceeds. Of
        a vehicle without days nothing is known: its factor may be off by 1.
        """
        errors = {(row.vehicle_type, row.site): row.standard_error for row in self.rows}
        own = [errors[key] * plain for key, plain in money.items() if key in errors]
        others: dict[str, float] = {}
        for (vehicle, site), plain in money.items():
            if (vehicle, site) not in errors:
                others[vehicle] = others.get(vehicle, 0.0) + abs(plain)
        return math.hypot(*own, *(plain * errors.get((v, ELSEWHERE), 1.0) for v, plain in others.items()))

    def frame(self) -> pd.DataFrame:
        """One row per factor."""
        return pd.DataFrame([[getattr(row, c) for c in COLUMNS] for row in self.rows], columns=list(COLUMNS))


PLAIN: Final = Factors()
"""The formula as it stands."""


def fit_factors(days: pd.DataFrame) -> Factors:
    """Factors of every vehicle and node: the cost of all its days over what the formula said of them.

    They are shrunk towards the mean of the vehicle's nodes, see :func:`netdesign.study.shrinkage.shrunk_ratios`. A
    vehicle none of whose nodes has two days has no error bar and gets no factor.

    Parameters
    ----------
    days
        Columns vehicle_type, site, day, stops, predicted_cost at factor 1, routed_cost; rows of one day are added up.
    """
    rows: list[Factor] = []
    days = days.groupby(["vehicle_type", "site", "day"], sort=False, as_index=False)[list(SUMS)].sum()
    for name, mine in days.groupby("vehicle_type", sort=False):
        rows += _of_vehicle(str(name), mine)
    return Factors(tuple(rows))


def _of_vehicle(vehicle: str, days: pd.DataFrame) -> list[Factor]:
    found = shrunk_ratios(days, "site", "routed_cost", "predicted_cost")
    if found is None:
        return []
    nodes = days.groupby("site", sort=False).agg(days=("stops", "size"), stops=("stops", "sum"))
    total = (int(nodes["days"].max()), int(nodes["stops"].sum()))
    rows = [Factor(vehicle, ELSEWHERE, found.mean, found.elsewhere_error, *total)]
    columns = (found.groups, found.ratio, found.error, nodes["days"], nodes["stops"])
    return rows + [
        Factor(vehicle, str(site), float(f), float(e), int(n), int(stops))
        for site, f, e, n, stops in zip(*columns, strict=True)
    ]
