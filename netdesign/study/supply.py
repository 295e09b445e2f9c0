"""What segments need of components, and the contracts it is bought under."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from netdesign.study.contracts import Contract, Purchase, best_purchase, expected, spot_price, with_quantity
from netdesign.study.make import Key, added
from netdesign.study.risk import tail_mean

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from netdesign.study.case import SegmentCase


def contracts_for(components: pd.DataFrame, contracts: pd.DataFrame, suppliers: pd.DataFrame) -> tuple[Contract, ...]:
    """The contracts for some components, in the order of the table, with the reliability of their suppliers."""
    sure = dict(zip(suppliers["supplier"], suppliers["reliability"], strict=True))
    rows = contracts[contracts["component"].isin(components["component"])]
    # The columns of the table are the first fields of a contract, in their order.
    names = [field.name for field in fields(Contract)][:-1]
    found: Iterator[dict[str, Any]] = (dict(zip(names, row, strict=True)) for row in rows.itertuples(index=False))
    return tuple(Contract(**row, reliability=float(sure.get(row["supplier"], 1.0))) for row in found)


def purchases(cases: Sequence[SegmentCase]) -> tuple[Purchase, ...]:
    """How segments together buy what they need if all their customers are served: one contract for each component."""
    needs = {name: need_of(cases, name) for name in dict.fromkeys(n for case in cases for n, _ in case.components)}
    return tuple(
        best_purchase(offered_for(cases, name), demand, weights, planned)
        for name, (planned, demand, weights) in needs.items()
    )


def component_units(case: SegmentCase, component: str, units: float) -> float:
    """Of a component in so many units of a segment."""
    return units * dict(case.components).get(component, 0.0)


def bought(planned: Sequence[Purchase], cases: Sequence[SegmentCase], units: Sequence[float]) -> tuple[Purchase, ...]:
    """The same contracts for what is made: units of each segment."""
    return tuple(
        purchase.of(
            math.fsum(component_units(case, purchase.component, u) for case, u in zip(cases, units, strict=True))
        )
        for purchase in planned
    )


def held(planned: Sequence[Purchase], case: SegmentCase) -> tuple[Purchase, ...]:
    """The contracts of the plan, at the quantities of the plan, and at the prices of a scenario, for all its needs."""
    found = []
    for purchase in planned:
        offered = offered_for([case], purchase.component)
        own = next(c for c in offered if c.name == purchase.contract.name)
        units = component_units(case, purchase.component, float(case.units_per_year.sum()))
        found.append(Purchase(replace(own, quantity=purchase.contract.quantity), spot_price(offered), units))
    return tuple(found)


def last_price(planned: Sequence[Purchase], case: SegmentCase) -> float:
    """What the components of one more unit of a segment cost, when all customers of all segments are served."""
    return math.fsum(component_units(case, purchase.component, purchase.price) for purchase in planned)


def component_costs(purchases: Sequence[Purchase]) -> dict[Key, float]:
    """What components cost a year, by account, stage and component."""
    return added(*({("supplier", "source", purchase.component): purchase.cost} for purchase in purchases))


def contract_table(cases: Sequence[SegmentCase], taken: Sequence[Purchase], *, tail: float) -> pd.DataFrame:
    """What every contract would cost in every scenario of demand.

    Parameters
    ----------
    cases
        Segments that buy together, with their offers and the customers who are served.
    taken
        The contracts they buy under.
    tail
        Part of the probability, the worst, that ``tail`` is the mean over.

    Returns
    -------
    DataFrame
        One row per component and contract: component, contract, type, supplier, quantity, units as planned, committed
        (paid even if nothing is needed), what a year costs in every scenario, expected, tail and chosen.
    """
    rows = []
    for purchase in taken:
        name, spot = purchase.component, purchase.spot
        _, demand, weights = need_of(cases, name)
        for offered in offered_for(cases, name):
            chosen = offered.name == purchase.contract.name
            contract = purchase.contract if chosen else with_quantity(offered, demand, weights, spot)
            costs = contract.cost(demand, spot)
            row: dict[str, object] = {"component": name, "contract": contract.name, "type": contract.kind}
            row |= {"supplier": contract.supplier, "quantity": contract.quantity, "units": purchase.units}
            row["committed"] = contract.committed(spot)
            row |= {f"in {future}": float(c) for (future, _, _), c in zip(cases[0].futures, costs, strict=True)}
            row |= {"expected": expected(contract, demand, weights, spot), "tail": -tail_mean(-costs, weights, tail)}
            rows.append(row | {"chosen": chosen})
    return pd.DataFrame(rows)


def need_of(cases: Sequence[SegmentCase], component: str) -> tuple[float, NDArray[np.float64], NDArray[np.float64]]:
    """Of a component: as planned, in every scenario, and the probabilities of these."""
    each = [component_units(case, component, float(case.units_per_year.sum())) for case in cases]
    demand = np.sum([[need * times for _, _, times in case.futures] for need, case in zip(each, cases, strict=True)], 0)
    return math.fsum(each), demand, np.array([p for _, p, _ in cases[0].futures])


def offered_for(cases: Sequence[SegmentCase], component: str) -> list[Contract]:
    """The contracts of a component."""
    buyer = next(case for case in cases if component in dict(case.components))
    return [contract for contract in buyer.contracts if contract.component == component]
