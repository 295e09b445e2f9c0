"""What segments need of components, and the contracts it is bought under."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import fields, replace
from statistics import NormalDist
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from netdesign.study.contracts import Component, Contract, Need, Purchase, best_purchase, spot_price, with_quantity
from netdesign.study.make import Key, added
from netdesign.study.risk import tail_mean
from netdesign.study.schema import CONTRACTS, SUPPLIERS
from netdesign.study.stock import ComponentStock

if TYPE_CHECKING:
    from netdesign.study.case import SegmentCase


COMPONENT_STOCK: Final = ("supplier", "source", "component stock")


def components_of(rows: pd.DataFrame) -> tuple[Component, ...]:
    """What goes into a segment's units, from its rows of the table ``components``."""
    columns = (rows["component"], rows["quantity"], rows["holding_cost"])
    return tuple(Component(name, float(q), float(cost)) for name, q, cost in zip(*columns, strict=True))


def contracts_for(components: pd.DataFrame, contracts: pd.DataFrame, suppliers: pd.DataFrame) -> tuple[Contract, ...]:
    """The contracts for some components, in the order of the table, with what their suppliers' rows say."""
    numbers = [name for name in SUPPLIERS if name != "supplier"]
    known: dict[Any, dict[Any, Any]] = suppliers.set_index("supplier")[numbers].to_dict("index")
    rows = contracts[contracts["component"].isin(components["component"])]
    # The columns of the table are the first fields of a contract, in their order.
    names = [field.name for field in fields(Contract)][: len(CONTRACTS)]
    found: Iterator[dict[str, Any]] = (dict(zip(names, row, strict=True)) for row in rows.itertuples(index=False))
    return tuple(Contract(**row, **known.get(row["supplier"], {})) for row in found)


def purchases(cases: Sequence[SegmentCase]) -> tuple[Purchase, ...]:
    """How segments together buy what they need if all their customers are served: one contract for each component."""
    names = dict.fromkeys(part.name for case in cases for part in case.components)
    return tuple(best_purchase(offered_for(cases, name), need_of(cases, name)) for name in names)


def component_units(case: SegmentCase, component: str, units: float) -> float:
    """Of a component in so many units of a segment."""
    return units * next((part.quantity for part in case.components if part.name == component), 0.0)


def bought(planned: Sequence[Purchase], cases: Sequence[SegmentCase], units: Sequence[float]) -> tuple[Purchase, ...]:
    """The same contracts for what is made: units of each segment."""
    return tuple(
        purchase.of([component_units(case, purchase.component, u) for case, u in zip(cases, units, strict=True)])
        for purchase in planned
    )


def held(planned: Sequence[Purchase], case: SegmentCase) -> tuple[Purchase, ...]:
    """The contracts of the plan, at the quantities of the plan, and at the prices of a scenario, for all its needs."""
    found = []
    for purchase in planned:
        offered = offered_for([case], purchase.component)
        own = next(c for c in offered if c.name == purchase.contract.name)
        own = replace(own, quantity=purchase.contract.quantity)
        units = component_units(case, purchase.component, float(case.units_per_year.sum()))
        found.append(Purchase(own, spot_price(offered), (units,), keeping_of([case], purchase.component)))
    return tuple(found)


def last_prices(planned: Sequence[Purchase], cases: Sequence[SegmentCase]) -> list[float]:
    """What the components of one more unit of each segment cost, when all customers of all segments are served."""
    return [
        math.fsum(component_units(case, purchase.component, purchase.prices[k]) for purchase in planned)
        for k, case in enumerate(cases)
    ]


def component_costs(purchases: Sequence[Purchase]) -> dict[Key, float]:
    """What components cost a year, by account, stage and component, and their safety stock."""
    bills = [{("supplier", "source", purchase.component): purchase.bill} for purchase in purchases]
    return added(*bills, *({COMPONENT_STOCK: purchase.stock} for purchase in purchases if purchase.stock))


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
        (paid even if nothing is needed), what a year costs in every scenario, expected, tail and chosen. Where there
        is safety stock also lead_days, lead_deviation and stock: its part of what is expected.
    """
    rows = []
    for purchase in taken:
        name, spot = purchase.component, purchase.spot
        need = need_of(cases, name)
        for offered in offered_for(cases, name):
            chosen = offered.name == purchase.contract.name
            contract = purchase.contract if chosen else with_quantity(offered, need.demand, need.weights, spot)
            kept = need.stock(contract)
            costs = contract.cost(need.demand, spot) + kept
            row: dict[str, object] = {"component": name, "contract": contract.name, "type": contract.kind}
            row |= {"supplier": contract.supplier, "quantity": contract.quantity, "units": purchase.units}
            row["committed"] = contract.committed(spot)
            row |= {f"in {future}": float(c) for (future, _, _), c in zip(cases[0].futures, costs, strict=True)}
            row |= {"expected": need.expected(contract, spot), "tail": -tail_mean(-costs, need.weights, tail)}
            row |= {"lead_days": contract.lead_days, "lead_deviation": contract.lead_deviation}
            rows.append(row | {"stock": float(kept @ need.weights), "chosen": chosen})
    table = pd.DataFrame(rows)
    return table if table["stock"].any() else table.drop(columns=["lead_days", "lead_deviation", "stock"])


def need_of(cases: Sequence[SegmentCase], component: str) -> Need:
    """Of a component, as planned and in every scenario."""
    each = tuple(component_units(case, component, float(case.units_per_year.sum())) for case in cases)
    ahead = np.array([[need * times for _, _, times in case.futures] for need, case in zip(each, cases, strict=True)])
    return Need(each, ahead, np.array([p for _, p, _ in cases[0].futures]), keeping_of(cases, component))


def keeping_of(cases: Sequence[SegmentCase], component: str) -> ComponentStock:
    """How segments keep a component together: as long as the one that asks for most, at the dearest holding cost.

    A day's need of a segment with q of the component in a unit deviates by q times the deviation of its units.
    """
    days, beta = cases[0].config.working_days_per_year, [case.pooling_exponent for case in cases]
    parts = [(case, part) for case in cases for part in case.components if part.name == component]
    quantity = {case.name: part.quantity for case, part in parts}
    return ComponentStock(
        holding_cost=max(part.holding_cost for _, part in parts),
        cover=NormalDist().inv_cdf(max(case.stock_service for case, _ in parts)),
        factors=tuple(
            case.variability * quantity.get(case.name, 0.0) ** (1 - b) / days**b
            for case, b in zip(cases, beta, strict=True)
        ),
        exponents=tuple(beta),
        days=days,
    )


def offered_for(cases: Sequence[SegmentCase], component: str) -> list[Contract]:
    """The contracts of a component."""
    buyer = next(case for case in cases if any(part.name == component for part in case.components))
    return [contract for contract in buyer.contracts if contract.component == component]
