"""What the first screen says was decided against, from tables made by hand."""

from __future__ import annotations

import math

import pandas as pd

from netdesign.report.decisions import decided_against, left_out, proofs
from netdesign.report.results import Results, SegmentResult


def results_of(segment, sharing=None):
    return Results({"currency": "EUR", "sharing": sharing}, {}, {}, (segment,), {}, {})


def segment_of(figures=None, **tables):
    figures = {"segment": "homes", "status": "optimal", "vehicles": None} | (figures or {})
    return SegmentResult(figures, {name: pd.DataFrame(rows) for name, rows in tables.items()})


FRONTIER = [
    {"frontier": "hours and cost", "x": 0.5, "y": 130_000.0, "bound": 129_000.0, "nodes": 4, "chosen": False},
    {"frontier": "hours and cost", "x": 0.75, "y": 112_000.0, "bound": 111_000.0, "nodes": 3, "chosen": False},
    {"frontier": "hours and cost", "x": 1.0, "y": 100_000.0, "bound": 99_500.0, "nodes": 2, "chosen": True},
    {"frontier": "CO2 and cost", "x": 9.0, "y": 101_000.0, "bound": math.nan, "nodes": 9, "chosen": False},
]
OFFERS = [
    {"tier": "fast", "profit": 50_000.0, "profit_bound": 50_100.0},
    {"tier": "slow", "profit": 20_000.0, "profit_bound": 38_500.0},
    {"tier": "slow", "profit": 38_000.0, "profit_bound": 38_200.0},
]


def test_the_cheapest_network_with_more_nodes_is_named_with_its_price():
    (text,) = decided_against(results_of(segment_of(frontiers=FRONTIER)))
    assert text == "homes: 3 nodes instead of 2, €12,000 dearer: 45 min instead of 1 h 00 min to the mean order"
    (proven,) = proofs(results_of(segment_of(frontiers=FRONTIER)))
    assert proven == ("homes", "3 nodes instead of 2", "€12,000 dearer", "€11,000 to €12,500")


def test_the_best_other_tier_and_the_other_way_of_making_are_named():
    cells = [
        {"volume": 1.0, "penalty": 1.0, "advantage": -7_000.0, "at_least": -7_400.0, "at_most": -6_500.0},
        {"volume": 1.0, "penalty": 2.0, "advantage": -9_000.0, "at_least": -9_000.0, "at_most": -9_000.0},
    ]
    figures = {"value": {"tier": "fast", "profit": 50_000.0}, "breakeven": {"1": 0.5}}
    results = results_of(segment_of(figures, offers=OFFERS, breakeven=cells))
    (text,) = decided_against(results)
    assert text == "homes: slow instead of fast, €12,000 a year less; additive making alone, €7,000 less"
    # The best offer of a tier need not be the one that is known best.
    assert proofs(results) == [
        ("homes", "slow instead of fast", "€12,000 a year less", "€11,500 to €12,100"),
        ("homes", "additive making alone", "€7,000 less", "€6,500 to €7,400"),
    ]


def test_a_vehicle_that_nobody_gets_is_named():
    (text,) = decided_against(results_of(segment_of({"vehicles": {"van": 1.0, "bike": 0.0}})))
    assert text == "homes: bike, dearer everywhere"


def test_nothing_is_said_where_there_was_no_choice():
    assert decided_against(results_of(segment_of())) == []
    assert left_out(results_of(segment_of())) == []


def test_what_would_earn_more_is_not_kept_quiet():
    menus = [
        {"menu": "fast + slow", "gain": 4_000.0, "at_least": 3_000.0, "at_most": math.inf},
        {"menu": "slow + late", "gain": -1_000.0, "at_least": -2_000.0, "at_most": 0.0},
    ]
    sharing = {"streams": [["homes", "shops"], ["firms"]], "gain": 30_000.0, "at_least": 0.0, "at_most": None}
    texts = left_out(results_of(segment_of(menus=menus), sharing))
    assert texts[0].startswith("homes: fast + slow at once, €4,000 a year more")
    assert texts[1].startswith("shared nodes (homes and shops), €30,000 a year more")
    proven = proofs(results_of(segment_of(menus=menus), sharing))
    assert [row[3] for row in proven] == ["at least €3,000", "at least €0"]
    alone = results_of(segment_of(menus=menus[1:]), sharing | {"streams": [["homes"], ["shops"]]})
    assert left_out(alone) == []
