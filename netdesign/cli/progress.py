"""What a waiting user sees, on a terminal only: incumbent, bound, gap, time left. Ctrl-C as a way to stop early."""

from __future__ import annotations

import math
import signal
import sys
import threading
from types import FrameType, TracebackType
from typing import Any

from netdesign.stop import Progress


class Watch:
    """A solver's monitor. The first Ctrl-C ends the run with the best solution so far, the second one at once.

    Parameters
    ----------
    time_limit_s
        What the solver was given, for the time left.
    graceful
        Whether whoever is watched ends by itself when told to; otherwise Ctrl-C is left alone.
    """

    def __init__(self, time_limit_s: float = math.inf, *, graceful: bool = True) -> None:
        self._limit, self._graceful = time_limit_s, graceful
        self._stop = False
        self.last: Progress | None = None
        self._live: Any = None
        self._previous: Any = None

    def __enter__(self) -> Watch:
        if self._graceful and threading.current_thread() is threading.main_thread():
            self._previous = signal.signal(signal.SIGINT, self._interrupt)
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.live import Live

            self._live = Live("", console=Console(stderr=True), auto_refresh=False, transient=True)
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()
        if self._previous is not None:
            signal.signal(signal.SIGINT, self._previous)

    def __call__(self, progress: Progress) -> bool:
        """Show how far the run is; False where it is to end."""
        self.last = progress
        if self._live is not None:
            from rich.text import Text

            self._live.update(Text(self.line(progress), no_wrap=True, overflow="ellipsis"), refresh=True)
        return not self._stop

    def line(self, progress: Progress) -> str:
        """One line about a run."""
        parts = []
        stage = getattr(progress, "stage", "")
        if stage:
            parts.append(f"{stage} ({getattr(progress, 'done', 0.0):.0%})")
        if found := getattr(progress, "found", 0):
            parts.append(f"{found} of {progress.iterations} results found from an earlier run")
        known, bounded = math.isfinite(progress.objective), math.isfinite(progress.bound)
        parts.append(f"incumbent {_short(progress.objective)}" if known else "no solution yet")
        if bounded:
            parts.append(f"bound {_short(progress.bound)}")
        if known and bounded and progress.objective:
            parts.append(f"gap {abs(progress.objective - progress.bound) / abs(progress.objective):.3%}")
        if math.isfinite(self._limit):
            parts.append(f"{max(0.0, self._limit - progress.seconds):.0f} s left")
        parts.append("stopping" if self._stop else "Ctrl-C stops")
        return "   ".join(parts)

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        if self._stop:
            raise KeyboardInterrupt
        self._stop = True


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 10_000 else f"{value:,.6g}"
