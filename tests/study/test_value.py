from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from netdesign.study.value import Taste, Tier, logit, utilities

TASTE = Taste(
    outside_utility=0.0,
    price_weight=0.05,
    quality_weight=0.4,
    customization_weight=0.2,
    features_weight=0.1,
    convenience_weight=0.3,
    service_weight=2.0,
    delay_weight=0.02,
    delay_from_h=4.0,
    delay_to_h=72.0,
)


def test_alike_variants_share_a_market_as_n_a_over_one_plus_n_a():
    a = math.exp(-1.3)
    for n in (1, 4, 50):
        assert logit(np.full(n, -1.3), 0.0).sum() == pytest.approx(n * a / (1 + n * a))


def test_large_utilities_do_not_overflow():
    assert logit([2000.0, 1999.0], 0.0) == pytest.approx([1 / (1 + math.exp(-1)), 1 / (1 + math.e)])


def test_a_promise_counts_between_its_two_ends_alone():
    assert TASTE.of_delay([1, 4, 10, 72, 1000, math.inf]) == pytest.approx([0, 0, -0.12, -1.36, -1.36, -1.36])


def test_willingness_to_pay_is_the_weight_over_that_of_price():
    assert TASTE.willingness_to_pay()["quality"] == pytest.approx(8)
    assert TASTE.willingness_to_pay()["hour"] == pytest.approx(0.4)


def test_the_utility_of_a_variant_at_a_tier_by_hand():
    columns = {"popularity": 2.0, "price": 30.0, "quality": 3.0, "customization": 1.0, "features": 2.0}
    tier = Tier("next day", promise_h=24, fee=6, convenience=2, service_level=0.95)
    # A fee of 6 on an order of 3 units is 2 a unit.
    expected = math.log(2) - 0.05 * 32 + 0.4 * 3 + 0.2 + 0.1 * 2 + 0.3 * 2 + 2 * 0.95 - 0.02 * 20
    assert utilities(pd.DataFrame([columns]), tier, TASTE, 3.0) == pytest.approx([expected])
