"""Components and contracts that contradict each other."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from netdesign.errors import Phrase, closest
from netdesign.study.problems import Problem


def lint_supply(clean: dict[str, pd.DataFrame], sources: dict[str, str]) -> Iterator[Problem]:
    """Components nobody sells, contracts nobody needs, and limits beyond which nothing has a price."""
    if not {"components", "contracts", "suppliers"} <= set(clean):
        return
    components, contracts = clean["components"], clean["contracts"]
    sold = list(dict.fromkeys(contracts["component"]))
    where = sources["contracts"] or "the table of contracts"
    for row, name in components["component"][~components["component"].isin(sold)].items():
        rule, hint = f"a component of {where}", closest(str(name), sold) if sold else "Nobody sells it."
        yield Problem(sources["components"], int(str(row)), "component", name, rule, hint)
    needed = components["component"]
    for row, name in contracts["component"][~contracts["component"].isin(needed)].items():
        rule, hint = "a component that some segment needs", "It is left out of the study."
        yield Problem(sources["contracts"], int(str(row)), "component", name, rule, hint, "warning")
    yield from without_spot(clean, sources["contracts"])
    yield from _holding(components, contracts, clean["suppliers"], sources["components"])


def _holding(
    components: pd.DataFrame, contracts: pd.DataFrame, suppliers: pd.DataFrame, source: str
) -> Iterator[Problem]:
    """Components of several segments with several holding costs, and those that cost nothing to wait for."""
    cost = components["holding_cost"]
    first = cost.groupby(components["component"]).transform("first")
    for row in components.index[cost != first]:
        rule = f"{first[row]:g}, as in the first row of {components['component'][row]}"
        hint = "Segments that buy a component together keep it together."
        yield Problem(source, int(row), "holding_cost", float(cost[row]), rule, hint)
    slow = suppliers["supplier"][suppliers[["lead_days", "lead_deviation"]].gt(0).any(axis=1)]
    waits = components["component"].isin(contracts["component"][contracts["supplier"].isin(slow)])
    for row in components.index[waits & (cost == 0)]:
        rule, hint = "a cost of stock beside suppliers with a lead time", "Write what keeping one for a year costs."
        yield Problem(source, int(row), "holding_cost", 0.0, rule, hint, "warning")


def without_spot(frames: dict[str, pd.DataFrame], source: str) -> Iterator[Problem]:
    """Contracts that lean on a spot market that is not there, or dearer than it."""
    contracts, suppliers = frames["contracts"], frames["suppliers"]
    spot = contracts[contracts["type"] == "spot"].groupby("component")["price"].min()
    market = contracts["component"].map(spot).astype(float)
    unsure = contracts["supplier"].isin(suppliers["supplier"][suppliers["reliability"] < 1])
    leans = contracts["type"].isin(["quantity_flex", "reservation"]) | unsure
    for row, name in contracts["component"][leans & market.isna()].items():
        rule = f"a spot contract for {name} besides"
        hint = "What the contract does not cover is bought on the spot."
        yield Problem(source, int(str(row)), "type", Phrase(str(contracts.at[row, "type"])), rule, hint)
    whole = contracts["price"] + contracts["reservation_price"].where(contracts["type"] == "reservation", 0.0)
    for row in contracts.index[(contracts["type"] != "spot") & (whole >= market)]:
        rule, hint = f"less than {market[row]:g}, the price on the spot", "Nobody would take it."
        yield Problem(source, int(row), "price", contracts["price"][row], rule, hint, "warning")
