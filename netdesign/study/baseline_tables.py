"""What is wrong with the tables ``baseline`` and ``spend`` beside others."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from netdesign.errors import Phrase, closest
from netdesign.study.problems import Problem


def lint_baseline(clean: dict[str, pd.DataFrame], sources: dict[str, str]) -> Iterator[Problem]:
    """Customers and tiers nobody knows, customers without a site today, and spend without a network behind it."""
    if not {"segments", "customers", "baseline"} <= set(clean):
        return
    customers, baseline = clean["customers"], clean["baseline"]
    known = set(zip(customers["segment"], customers["customer"], strict=True))
    for row, segment, customer in zip(baseline.index, baseline["segment"], baseline["customer"], strict=True):
        if (segment, customer) not in known:
            names = sorted(name for part, name in known if part == segment)
            hint = closest(str(customer), names) if names else ""
            yield Problem(sources["baseline"], int(row), "customer", customer, f"a customer of {segment}", hint)
    served = set(zip(baseline["segment"], baseline["customer"], strict=True))
    for segment in sorted({part for part, _ in served}):
        missing = [name for part, name in known if part == segment and (part, name) not in served]
        if missing:
            value = Phrase(f"without {len(missing)} customers of {segment}, as {min(missing)}")
            rule, hint = "a row for each customer that is served today", "They count as new customers."
            yield Problem(sources["baseline"], None, "customer", value, rule, hint, "warning")
    if "spend" in clean:
        for row, segment in zip(clean["spend"].index, clean["spend"]["segment"], strict=True):
            if segment in set(clean["segments"]["segment"]) and segment not in {part for part, _ in served}:
                rule, hint = "a segment with rows in the table of the baseline", "Its spend is not compared."
                yield Problem(sources["spend"], int(row), "segment", segment, rule, hint, "warning")
    yield from _tiers(clean, sources)


def _tiers(clean: dict[str, pd.DataFrame], sources: dict[str, str]) -> Iterator[Problem]:
    if "service_tiers" not in clean:
        return
    segments, tiers = clean["segments"], clean["service_tiers"]
    for row, segment, tier in zip(segments.index, segments["segment"], segments["baseline_tier"], strict=True):
        names = list(tiers.loc[tiers["segment"] == segment, "tier"])
        if tier and tier not in names:
            hint = closest(str(tier), names) if names else ""
            yield Problem(sources["segments"], int(row), "baseline_tier", tier, f"a tier of {segment}", hint)
