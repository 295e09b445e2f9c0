"""What a waiting user reads."""

from __future__ import annotations

import math
import os
import signal

from netdesign.cli.progress import Watch
from netdesign.stop import Progress


def test_the_line_says_incumbent_bound_gap_and_time_left():
    line = Watch(60.0).line(Progress(12.0, 5, 200.0, 150.0))
    assert line.split("   ") == ["incumbent 200", "bound 150", "gap 25.000%", "48 s left", "Ctrl-C stops"]


def test_what_is_not_known_yet_is_left_out():
    assert Watch().line(Progress(1.0, 0, math.inf, -math.inf)) == "no solution yet   Ctrl-C stops"


def test_the_first_ctrl_c_asks_for_an_end_and_the_handler_is_put_back():
    before = signal.getsignal(signal.SIGINT)
    progress = Progress(1.0, 0, math.inf, -math.inf)
    with Watch() as watch:
        assert watch(progress) is True
        os.kill(os.getpid(), signal.SIGINT)
        assert watch(progress) is False
        assert watch.line(progress).endswith("stopping")
    assert signal.getsignal(signal.SIGINT) is before
