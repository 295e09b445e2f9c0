from __future__ import annotations

import pytest

from netdesign.report import words
from netdesign.report.figures import _ticks, rounded_ceiling


@pytest.mark.parametrize(
    ("amount", "currency", "said"),
    [(13.864, "EUR", "€13.86"), (-2.5, "USD", "−$2.50"), (1234.5, "SEK", "SEK 1,234.50"), (0, "EUR", "€0.00")],
)
def test_money_is_said_with_its_currency(amount, currency, said):
    assert words.money(amount, currency) == said


@pytest.mark.parametrize(("amount", "said"), [(12_771_234, "€12.77 million"), (639_700, "€640,000"), (950, "€950")])
def test_a_year_s_money_is_said_short(amount, said):
    assert words.large_money(amount, "EUR") == said


@pytest.mark.parametrize(
    ("hours", "said"), [(0.7356, "44 min"), (1.65, "1 h 39 min"), (0.999, "1 h 00 min"), (0, "0 min")]
)
def test_hours_are_said_in_hours_and_minutes(hours, said):
    assert words.duration(hours) == said


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ([], "none"),
        (["a"], "a"),
        (["a", "b", "c"], "a, b and c"),
        (list("abcdefghij"), "a, b, c, d, e, f, g and 3 more"),
    ],
)
def test_names_are_listed(names, said):
    assert words.listed(names) == said


def test_signs_are_said_before_a_percentage():
    assert (words.signed_percent(0.032), words.signed_percent(-0.1)) == ("+3.2 %", "−10.0 %")
    assert (words.signed_percent(-0.0004), words.signed_percent(0.004, 0)) == ("0.0 %", "0 %")


@pytest.mark.parametrize("value", [0.013, 0.9, 7, 99, 101, 1623, 2001, 87_654])
def test_an_axis_ends_at_a_round_number_above_every_value_and_is_cut_evenly(value):
    top = rounded_ceiling(value)
    assert value <= top <= 2 * value
    ticks = _ticks(top)
    assert ticks[0] == 0
    assert ticks[-1] == pytest.approx(top)
    assert 3 <= len(ticks) - 1 <= 5
