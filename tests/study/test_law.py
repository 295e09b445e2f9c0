"""The figures of the law, derived by hand in closed form or by trying every number of variants."""

from __future__ import annotations

import math

import pytest

from netdesign.study.law import Making, Pool, best_variants, profit, tooling_breakeven

CONVENTIONAL = Making(margin=30, per_variant=4000, changeover=120, holding=3)
ADDITIVE = Making(margin=24, per_variant=300)


@pytest.mark.parametrize(
    ("buyers", "one_node", "eight_nodes", "additive"),
    [
        (2_000, (2, 1_307), (1, 431), (30, 27_000)),
        (8_000, (13, 77_147), (12, 65_542), (70, 147_000)),
        (30_000, (35, 535_751), (31, 492_846), (145, 630_048)),
        (200_000, (104, 4_940_798), (91, 4_734_609), (390, 4_563_000)),
    ],
)
def test_small_pools_are_for_additive_nodes_and_large_ones_for_one_factory(buyers, one_node, eight_nodes, additive):
    pool = Pool(buyers, 0.1)
    found = [best_variants(pool, CONVENTIONAL, nodes=m) for m in (1, 8)] + [best_variants(pool, ADDITIVE, nodes=8)]
    for (n, value), (best, expected) in zip(found, (one_node, eight_nodes, additive), strict=True):
        assert n == best
        assert value == pytest.approx(expected, abs=0.5)


def test_without_changeovers_the_optimum_has_a_closed_form():
    pool, making = Pool(8_000, 0.1), ADDITIVE
    top = (math.sqrt(8_000 * 24 * 0.1 / 300) - 1) / 0.1
    assert top == pytest.approx(70)
    assert profit(pool, making, top) == pytest.approx((math.sqrt(8_000 * 24) - math.sqrt(300 / 0.1)) ** 2)
    assert best_variants(pool, making)[0] == 70


def test_no_number_of_variants_beats_the_best():
    pool = Pool(30_000, 0.1)
    for nodes in (1, 8):
        assert best_variants(pool, CONVENTIONAL, nodes=nodes)[1] == max(
            float(profit(pool, CONVENTIONAL, n, nodes=nodes)) for n in range(1, 2000)
        )


def test_the_root_is_the_sum_of_the_lots_of_every_variant_at_every_node():
    # 12 variants at 5 nodes: each holds D/60 units a year, changeovers and stock of each sqrt(2 K h D / 60).
    pool, making = Pool(8_000, 0.1), CONVENTIONAL
    units = 8_000 * 1.2 / 2.2
    one = math.sqrt(2 * 120 * 3 * units / 60)
    assert profit(pool, making, 12, nodes=5) == pytest.approx(units * 30 - 12 * 4000 - 60 * one)


def test_a_tool_pays_from_its_breakeven_on():
    assert tooling_breakeven(6000, 5, 11, 4) == pytest.approx(171.43, abs=0.005)
    assert tooling_breakeven(6000, 5, 4, 11) == math.inf
