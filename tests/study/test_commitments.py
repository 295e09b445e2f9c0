"""Commitment against flexibility: corners against every combination of contracts, and against the newsvendor."""

from __future__ import annotations

import itertools
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from netdesign.report.frontiers import frontier_charts
from netdesign.report.results import SegmentResult
from netdesign.stop import Stop
from netdesign.study import Study
from netdesign.study.commitments import Terms, commitments_of, lower_hull
from netdesign.study.cost import order_costs
from netdesign.study.design import design_segment
from netdesign.study.frontiers import COMMITMENT_COST, frontiers
from netdesign.study.supply import purchases

STUDY = 'name = "Tiny"\n[frontiers]\npoints = 1\n[tables]\n' + "".join(
    f'{t} = "{t}.csv"\n' for t in ("components", "suppliers", "contracts", "scenarios")
)
FACTORS = {"half": 0.5, "weak": 0.8, "strong": 1.25, "double": 2.0}
SCENARIOS = "scenario,table,column,value,probability\n" + "".join(
    f"{name},customers,buyers,{factor},0.2\n" for name, factor in FACTORS.items()
)
DEMAND, WEIGHTS = 29_500 * np.array([1.0, *FACTORS.values()]), np.full(5, 0.2)
SUPPLIERS = "supplier,reliability\nAcme,0.9\n"
COMPONENTS = "component,segment\nsole,homes\nlace,homes\n"
HEAD = "contract,component,supplier,type,price,quantity,flex_down,flex_up,reservation_price,switch_cost\n"
OPTION = "market,sole,,spot,10,0,0,0,0,0\nhold,sole,,reservation,6,0,0,0,1,0\n"
CONTRACTS = (
    HEAD
    + OPTION
    + "frame,sole,Acme,quantity_flex,8,0,0.2,0.1,0,900\ntake,sole,,commitment,7,20000,0,0,0,0\n"
    + "ribbon,lace,,spot,2,0,0,0,0,0\nreel,lace,,commitment,1.5,25000,0,0,0,0\n"
)


def case_of(folder):
    return next(c for c in Study.read(folder).cases() if c.name == "homes")


@pytest.fixture(scope="module")
def case(write_to, tmp_path_factory):
    tables = {"components": COMPONENTS, "suppliers": SUPPLIERS, "contracts": CONTRACTS, "scenarios": SCENARIOS}
    return case_of(write_to(tmp_path_factory.mktemp("commit") / "study", study=STUDY, **tables))


def mean(cost):
    """Committed and expected cost of a contract, from its cost as a function of the units."""
    return float(cost(0.0)), float(WEIGHTS @ [cost(d) for d in DEMAND])


def soles():
    """Every way to buy soles, quantities in steps and where demand meets a limit."""
    yield mean(lambda d: 10 * d)
    yield mean(lambda d: 7 * max(d, 20_000))
    for q in sorted({*np.arange(0, 80_000, 500.0), *DEMAND}):
        yield mean(lambda d, q=q: q + 6 * min(d, q) + 10 * max(d - q, 0))
    for q in sorted({*np.arange(0, 80_000, 500.0), *(DEMAND / 0.8), *(DEMAND / 1.1)}):
        yield mean(
            lambda d, q=q: 0.9 * (8 * min(max(d, 0.8 * q), 1.1 * q) + 10 * max(d - 1.1 * q, 0)) + 0.1 * 10 * d + 900
        )


def laces():
    yield mean(lambda d: 2 * d)
    yield mean(lambda d: 1.5 * max(d, 25_000))


def test_no_contracts_are_below_the_frontier_and_its_corners_are_contracts(case):
    found = commitments_of([case], purchases([case]))
    every = np.array([np.add(a, b) for a, b in itertools.product(soles(), laces())])
    for committed, expected in every:
        assert expected >= found.least(committed) * (1 - 1e-12)
    assert len(found.corners) > 3
    for corner in found.corners:
        assert np.abs(every / (corner.committed or 1, corner.expected) - (corner.committed > 0, 1)).max(1).min() < 1e-12
        assert [c.component for c in corner.contracts] == ["sole", "lace"]


def test_what_is_taken_is_expected_to_cost_least(case):
    found = commitments_of([case], purchases([case]))
    assert found.taken.expected == pytest.approx(found.corners[-1].expected, rel=1e-12)
    assert found.taken.expected == pytest.approx(min(e for _, e in soles()) + min(e for _, e in laces()), rel=1e-12)


def test_an_option_follows_the_newsvendor_with_commitment_at_a_price(write_study):
    # A price w on the fee makes it r (1 + w): reserved is the quantile 1 - r (1 + w) / (spot - price) of demand.
    folder = write_study(
        study=STUDY,
        components="component,segment\nsole,homes\n",
        suppliers=SUPPLIERS,
        contracts=HEAD + OPTION,
        scenarios=SCENARIOS,
    )
    case = case_of(folder)
    corners = commitments_of([case], purchases([case])).corners
    slopes = [(a.expected - b.expected) / (b.committed - a.committed) for a, b in pairwise(corners)]
    for corner, steep, flat in zip(corners, [slopes[0] * 2, *slopes], [*slopes, 0.0], strict=True):
        fee = 1 + (steep + flat) / 2
        star = float(np.quantile(DEMAND, max(0.0, 1 - fee / 4), method="inverted_cdf")) if fee < 4 else 0.0
        assert corner.committed == pytest.approx(star)
        (contract,) = corner.contracts
        assert contract.quantity == pytest.approx(star)
    assert len(corners) == 5


def test_the_hull_is_that_of_all_points():
    rng = np.random.default_rng(3)
    for _ in range(40):
        points = rng.integers(0, 9, (8, 2)).astype(float)
        hull = [(t.committed, t.expected) for t in lower_hull([Terms((), x, y) for x, y in points])]
        prices = [0.0, *np.geomspace(0.01, 100, 400)]
        best = {tuple(min(points.tolist(), key=lambda p, w=w: (p[1] + w * p[0], p[0]))) for w in prices}
        assert best <= set(hull)
        x, y = zip(*hull, strict=True)
        assert (np.diff(x) > 0).all()
        assert (np.diff(y) < 0).all()
        assert all(q >= np.interp(p, x, y) - 1e-9 for p, q in points if p >= x[0])


def test_the_frontier_is_written_drawn_and_marks_what_is_taken(case):
    costs = order_costs(case)
    design = design_segment(case, costs, Stop(gap=0.0))
    table = frontiers(case, costs, design, Stop(gap=0.0))
    rows = table[table["frontier"] == COMMITMENT_COST].reset_index(drop=True)
    assert rows["chosen"].sum() == 1
    assert rows["bound"].to_numpy() == pytest.approx(rows["y"].to_numpy(), rel=1e-12)
    chosen = rows[rows["chosen"]].iloc[0]
    assert chosen["y"] == rows["y"].min()
    assert chosen["x"] == pytest.approx(sum(p.contract.committed(p.spot) for p in design.purchases) / chosen["y"])
    assert rows.loc[0, ["x", "contracts"]].tolist() == [0.0, "sole: market; lace: ribbon"]
    (chart,) = frontier_charts(SegmentResult({}, {"frontiers": rows.fillna("")}), "EUR")
    assert "committed" in chart.text
    assert "nothing better is possible there" in chart.text
    assert sum(dot.chosen for dot in chart.dots) == 1
    assert any("sole: market; lace: ribbon" in dot.title for dot in chart.dots)


def test_without_a_choice_of_commitment_there_is_no_frontier(write_study):
    contracts = "contract,component,type,price\nmarket,sole,spot,1\ndear,sole,spot,2\n"
    folder = write_study(
        study=STUDY,
        components="component,segment\nsole,homes\n",
        suppliers=SUPPLIERS,
        contracts=contracts,
        scenarios=SCENARIOS,
    )
    case = case_of(folder)
    assert commitments_of([case], purchases([case])) is None
    costs = order_costs(case)
    table = frontiers(case, costs, design_segment(case, costs, Stop(gap=0.0)), Stop(gap=0.0))
    assert isinstance(table, pd.DataFrame)
    assert COMMITMENT_COST not in set(table["frontier"])
