"""Today's network as the tables ``baseline`` and ``spend`` tell it: who is served from where, and what that costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd


@dataclass(frozen=True, eq=False)
class Today:
    """One segment as it is served today.

    Attributes
    ----------
    customers
        Those with a row in ``baseline``, in the columns of the table ``customers``.
    site
        The site that serves each of them.
    sites
        These sites, whatever their status in the study; all of them open.
    tier, variants
        What is offered: the first tier where empty, all variants where 0.
    spend
        Cost per year by account, as far as known.
    """

    customers: pd.DataFrame
    site: tuple[str, ...]
    sites: pd.DataFrame
    tier: str
    variants: int
    spend: dict[str, float]


def today_of(segment: dict[Any, Any], customers: pd.DataFrame, sites: pd.DataFrame, rows: Any) -> Today | None:
    """Today's network of a segment; None where the study does not say.

    Parameters
    ----------
    segment
        Its row of the table ``segments``.
    customers, sites
        The segment's customers, and all sites of the study.
    rows
        Its rows of ``baseline`` and of ``spend``.
    """
    baseline, spend = rows
    if baseline.empty:
        return None
    served = customers.merge(baseline[["customer", "site"]], on="customer")
    used = sites[sites["site"].isin(served["site"])].assign(status="open").reset_index(drop=True)
    return Today(
        customers=served.drop(columns="site"),
        site=tuple(served["site"]),
        sites=used,
        tier=str(segment["baseline_tier"]),
        variants=int(segment["baseline_variants"]),
        spend={str(a): float(c) for a, c in zip(spend["account"], spend["cost_per_year"], strict=True)},
    )
