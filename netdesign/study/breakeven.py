"""Where additive manufacturing wins: the offer of a segment at other volumes and other costs of additive making."""

from __future__ import annotations

import math
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import partial
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from netdesign.stop import Stop
from netdesign.study.case import SegmentCase
from netdesign.study.cost import order_costs
from netdesign.study.design import Design, design_segment
from netdesign.study.options import Option, difference
from netdesign.study.workers import IN_PLACE

VOLUMES: Final = (0.25, 0.5, 1.0, 2.0, 4.0)
"""Orders of every customer, as a multiple of today's: the volume per variant and the density of stops go together."""

PENALTIES: Final = (0.5, 0.75, 1.0, 1.5, 2.0)
"""Price of additive machines, machine hours and material, as a multiple of today's."""


COLUMNS: Final = (
    "volume", "units_per_variant", "penalty", "additive", "others", "advantage", "at_least", "at_most", "gap", "nodes",
    "other_nodes",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Breakeven:
    """Additive beside all other technologies.

    Attributes
    ----------
    table
        One row per volume and penalty: units_per_variant a year, profit with additive technologies alone, profit with
        all others alone, advantage of additive, at_least and at_most (what the bounds prove of it), the larger gap of
        the two, nodes of both.
    """

    table: pd.DataFrame

    def penalty_at(self, volume: float) -> float:
        """The multiple of today's additive costs at which both earn the same, between the tried ones.

        Infinite where additive wins at all of them, 0 where it wins at none.
        """
        rows = self.table[self.table["volume"] == volume].sort_values("penalty")
        penalty, advantage = rows["penalty"].to_numpy(float), rows["advantage"].to_numpy(float)
        if advantage[0] <= 0:
            return 0.0
        if advantage[-1] > 0:
            return math.inf
        k = int(np.argmax(advantage <= 0))
        share = advantage[k - 1] / (advantage[k - 1] - advantage[k])
        return float(penalty[k - 1] + share * (penalty[k] - penalty[k - 1]))


def breakeven_map(
    case: SegmentCase,
    stop: Stop,
    pool: Executor = IN_PLACE,
    *,
    volumes: Sequence[float] = VOLUMES,
    penalties: Sequence[float] = PENALTIES,
) -> Breakeven | None:
    """Design the segment's offer with additive technologies alone and with all others alone.

    Parameters
    ----------
    case
        A segment with prices and its offer; None is the answer where it lacks either kind of technology.
    stop
        Limits of each search.
    pool
        Designs the networks; the result does not depend on it.
    volumes, penalties
        Multiples of today's orders, and of today's additive costs.
    """
    additive = case.technologies["kind"] == "additive"
    if additive.all() or not additive.any():
        return None
    kinds = [case.technologies[~additive], *(_dearer(case.technologies[additive], p) for p in penalties)]
    kinds = [kind.reset_index(drop=True) for kind in kinds]
    buyers = case.customers["buyers"]
    scaled = [replace(case, customers=case.customers.assign(buyers=buyers * volume)) for volume in volumes]
    designs = pool.map(partial(design_kinds, kinds=kinds, stop=stop), scaled)
    rows = []
    for volume, at_volume, found in zip(volumes, scaled, designs, strict=True):
        units = float(at_volume.units_per_year.sum()) / case.offer.variants
        others, *additives = (_earned(at_volume, design) for design in found)
        for penalty, own in zip(penalties, additives, strict=True):
            ahead = (own.profit - others.profit, *difference((own.profit, own.bound), (others.profit, others.bound)))
            figures = (*ahead, max(own.gap, others.gap), own.nodes, others.nodes)
            rows.append((volume, units, penalty, own.profit, others.profit, *figures))
    return Breakeven(pd.DataFrame(rows, columns=list(COLUMNS)))


def design_kinds(case: SegmentCase, *, kinds: Sequence[pd.DataFrame], stop: Stop) -> tuple[Design, ...]:
    """The network of a segment with the technologies of each of some tables; the cost per order knows none of them."""
    costs = order_costs(case)
    return tuple(design_segment(replace(case, technologies=kind), costs, stop) for kind in kinds)


def _dearer(technologies: pd.DataFrame, factor: float) -> pd.DataFrame:
    costs = ["capex", "rate", "material"]
    return technologies.assign(**{column: technologies[column] * factor for column in costs})


class Earned(NamedTuple):
    """Profit and number of nodes, both 0 where serving would be at a loss; bound and gap, infinite without a bound."""

    profit: float
    nodes: int
    bound: float
    gap: float


def _earned(case: SegmentCase, design: Design) -> Earned:
    option, gap = Option(case, design), math.inf if design.gap is None else design.gap
    bound = max(0.0, option.profit_bound)
    return Earned(option.profit, len(design.open), bound, gap) if option.profit > 0 else Earned(0.0, 0, bound, gap)
