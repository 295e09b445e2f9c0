"""Encoded polylines."""

from __future__ import annotations

import pytest

from geodata import GeodataError, encoded_polyline


def test_the_example_of_the_format_s_page() -> None:
    assert encoded_polyline([(-120.2, 38.5), (-120.95, 40.7), (-126.453, 43.252)]) == "_p~iF~ps|U_ulLnnqC_mqNvxq`@"


def test_steps_are_between_rounded_points() -> None:
    # 4 and 3 units north of the equator: steps of 4 and -1 become 8 and 1, and 63 is added: G and @; 0 is ?.
    assert encoded_polyline([(0, 0.00004), (0, 0.00003)]) == "G?@?"
    assert encoded_polyline([(0, 0.000004)], digits=6) == "G?"
    assert encoded_polyline([]) == ""


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(GeodataError, match=r"digits is 0; expected 1\.\.9"):
        encoded_polyline([(0, 0)], digits=0)
    with pytest.raises(GeodataError, match=r"lat\[0\] is 95"):
        encoded_polyline([(0, 95)])
