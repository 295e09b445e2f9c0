"""Speeds that change over the day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from geodata.errors import GeodataError
from geodata.roads.graph import CLASSES, RoadGraph

HOURS = 24


@dataclass(frozen=True)
class HourlySpeeds:
    """Speed by hour of the day, as a factor of the speed that a network has.

    Attributes
    ----------
    factors : mapping of str to sequence of 24 float
        By class of road; 0.5 is half as fast, 0 closes the roads of the class for the hour.
    others : sequence of 24 float, optional
        For all other classes; their own speed where left out.

    Raises
    ------
    GeodataError
        If a class is unknown, or there are not 24 factors >= 0.
    """

    factors: Mapping[str, Sequence[float]]
    others: Sequence[float] = (1.0,) * HOURS

    def __post_init__(self) -> None:
        for road_class, factors in {**self.factors, "others": self.others}.items():
            if road_class not in (*CLASSES, "others"):
                raise GeodataError(f"factors has {road_class!r}; expected classes among {', '.join(CLASSES)}.")
            if len(factors) != HOURS or not all(0 <= factor < np.inf for factor in factors):
                raise GeodataError(
                    f"factors[{road_class!r}] is {list(factors)}; expected 24 numbers >= 0, one per hour."
                )

    def durations_s(self, roads: RoadGraph, hour: int) -> NDArray[np.float64]:
        """Travel times of the edges in an hour, for `RoadGraph.with_durations` or an engine's `reweighted`.

        Parameters
        ----------
        roads : RoadGraph
            The network; ferries keep their times.
        hour : int
            0..23, from midnight.

        Returns
        -------
        ndarray of float64, shape (edges,)
            In seconds.

        Raises
        ------
        GeodataError
            If hour is not in 0..23.
        """
        if not 0 <= hour < HOURS:
            raise GeodataError(f"hour is {hour}; expected 0..23.")
        by_class = np.array([self.factors.get(name, self.others)[hour] for name in CLASSES])
        by_class[CLASSES.index("ferry")] = 1.0
        factor = by_class[roads.road_class]
        return np.where(factor > 0, roads.duration_s / np.where(factor > 0, factor, 1.0), np.inf)


def read_speeds(path: str | Path) -> HourlySpeeds:
    """Speeds by hour from a table.

    Parameters
    ----------
    path : str or Path
        CSV with the columns highway (a class of road, or ``others``), hour (0..23) and factor; hours that are not there
        have their own speed.

    Raises
    ------
    GeodataError
        If the file cannot be read, or a row makes no sense.
    """
    import pandas as pd

    path = Path(path)
    try:
        table = pd.read_csv(path)
        rows = list(
            zip(table["highway"].astype(str), table["hour"].astype(int), table["factor"].astype(float), strict=True)
        )
    except (OSError, KeyError, ValueError) as error:
        expected = "a table with highway, hour and factor"
        raise GeodataError(f"{path} cannot be read ({error}); expected {expected}.") from None
    factors: dict[str, list[float]] = {}
    for highway, hour, factor in rows:
        if not 0 <= hour < HOURS:
            raise GeodataError(f"{path.name} has hour {hour} for {highway!r}; expected 0..23.")
        factors.setdefault(highway, [1.0] * HOURS)[hour] = factor
    return HourlySpeeds(factors, others=factors.pop("others", [1.0] * HOURS))
