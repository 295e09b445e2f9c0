"""What routed days cost beside the formula: a factor per vehicle and node, with its error bar.

The formula prices parts of routes and straight ways out. A node drives whole routes, and passes stops on its way: what
that makes differs from node to node and stays much the same from day to day, so that it can be learned.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

ELSEWHERE: Final = ""
"""In place of a site: every node that has no days of its own."""

COLUMNS: Final = ("vehicle_type", "site", "factor", "standard_error", "days", "stops")

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

    def frame(self) -> pd.DataFrame:
        """One row per factor."""
        return pd.DataFrame([[getattr(row, c) for c in COLUMNS] for row in self.rows], columns=list(COLUMNS))


PLAIN: Final = Factors()
"""The formula as it stands."""


def fit_factors(days: pd.DataFrame) -> Factors:
    """Factors of every vehicle and node, shrunk towards the mean of the vehicle's nodes.

    A node's own factor is the cost of all its days over what the formula said of them. Its variance is φ over the
    predicted cost, with one φ for all nodes of a vehicle, from what their days differ among each other. How far the
    nodes truly lie apart, τ², follows by DerSimonian and Laird, Controlled Clinical Trials 7 (1986); how far a node
    moves to the mean, and how sure it is then, by Morris, J. American Statistical Association 78 (1983): three nodes
    and fewer stay where they are. A vehicle none of whose nodes has two days has no error bar and gets no factor; with
    a single node nothing tells how far others lie apart, and τ is 0.

    Parameters
    ----------
    days
        Columns vehicle_type, site, day, stops, predicted_cost at factor 1, routed_cost; rows of one day are added up.
    """
    rows: list[Factor] = []
    days = days.groupby(["vehicle_type", "site", "day"], sort=False, as_index=False)[list(SUMS)].sum()
    for name, mine in days.groupby("vehicle_type", sort=False):
        rows += _shrunk(str(name), mine)
    return Factors(tuple(rows))


def _shrunk(vehicle: str, days: pd.DataFrame) -> list[Factor]:
    nodes = days.groupby("site", sort=False).agg(
        predicted=("predicted_cost", "sum"),
        routed=("routed_cost", "sum"),
        days=("stops", "size"),
        stops=("stops", "sum"),
    )
    spare = int((nodes["days"] - 1).sum())
    if not spare:
        return []
    own = (nodes["routed"] / nodes["predicted"]).to_numpy(float)
    expected = days["site"].map(nodes["routed"] / nodes["predicted"]) * days["predicted_cost"]
    squares = (days["routed_cost"] - expected) ** 2 / days["predicted_cost"]
    noise = max(float(squares.sum()) / spare, 1e-9) / nodes["predicted"].to_numpy(float)
    between = between_variance(own, noise)
    weight = 1 / (noise + between)
    mean, doubt = float((weight * own).sum() / weight.sum()), 1 / float(weight.sum())
    n, shrinkage = len(own), np.zeros(len(own))
    variance = noise
    if n > 3:
        shrinkage = (n - 3) / (n - 1) * noise / (noise + between)
        variance = noise * (1 - (n - 1) / n * shrinkage) + 2 / (n - 3) * (shrinkage * (own - mean)) ** 2
    factor, error = own + shrinkage * (mean - own), np.sqrt(variance)
    total = (int(nodes["days"].max()), int(nodes["stops"].sum()))
    rows = [Factor(vehicle, ELSEWHERE, mean, float(np.sqrt(between + doubt)), *total)]
    columns = (nodes.index, factor, error, nodes["days"], nodes["stops"])
    return rows + [
        Factor(vehicle, str(site), float(f), float(e), int(n), int(stops))
        for site, f, e, n, stops in zip(*columns, strict=True)
    ]


def between_variance(values: NDArray[np.float64], noise: NDArray[np.float64]) -> float:
    """The variance of what several values estimate, each known with a variance of its own; 0 where there is but one."""
    weight = 1 / noise
    spread = float(weight.sum() - (weight**2).sum() / weight.sum())
    if len(values) < 2 or spread <= 0:
        return 0.0
    mean = float((weight * values).sum() / weight.sum())
    excess = float((weight * (values - mean) ** 2).sum()) - (len(values) - 1)
    return max(0.0, excess / spread)
