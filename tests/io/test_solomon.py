"""Solomon text to routing problem."""

from __future__ import annotations

import pytest

from netdesign.errors import InputError
from netdesign.io import solomon

TEXT = """C999

VEHICLE
NUMBER     CAPACITY
  3         200

CUSTOMER
CUST NO.  XCOORD.   YCOORD.    DEMAND   READY TIME  DUE DATE   SERVICE   TIME

    0      40         50          0          0       1236          0
    1      43         54         10        912        967         90
    2      40         40         30.5      825        870         80
"""


def test_fleet_customers_and_windows():
    problem = solomon.parse(TEXT)
    assert problem.vehicle_types[0].capacity == (200.0,)
    assert problem.vehicle_types[0].count == 3
    assert problem.ids == (0, 1, 2)
    assert problem.demand.tolist() == [0, 10, 30.5]
    assert problem.service_duration.tolist() == [0, 90, 80]
    assert problem.time_window.tolist() == [[0, 1236], [912, 967], [825, 870]]


def test_distances_are_not_rounded_unless_asked_for():
    # (43, 54) to (40, 40) is sqrt(205) = 14.3178.
    assert solomon.parse(TEXT).travel.distance([1], [2])[0] == pytest.approx(205**0.5)
    assert solomon.parse(TEXT, rounding="dimacs").travel.distance([1], [2])[0] == pytest.approx(14.3)


def test_windows_line_ends_change_nothing():
    assert solomon.parse(TEXT.replace("\n", "\r\n")).demand.tolist() == [0, 10, 30.5]


@pytest.mark.parametrize(
    ("old", "new", "culprit"),
    [
        ("VEHICLE\n", "", "VEHICLE"),
        ("  3         200", "  3", "capacity"),
        ("  3         200", "  0   200", "line 5: the number of vehicles is 0"),
        ("912        967         90", "912        967", "line 11"),
        ("912        967", "967        912", "line 11: the due date of customer 1"),
        ("    2      40", "    1      40", "line 12: the number of customer 1"),
        ("30.5", "-30.5", "line 12: the demand of customer 2 is -30.5"),
        ("30.5", "many", "line 12"),
    ],
)
def test_what_is_wrong_is_named(old, new, culprit):
    with pytest.raises(InputError, match=culprit):
        solomon.parse(TEXT.replace(old, new))
