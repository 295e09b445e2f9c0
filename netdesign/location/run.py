"""What an engine hands to :func:`netdesign.location.locate`, which checks it, and how its search ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from netdesign.location.solution import Flows
from netdesign.result import Certificate, Reason
from netdesign.stop import Progress, Stop


@dataclass(frozen=True)
class Run:
    """What an engine returns; `open` is empty where no solution was found."""

    open: NDArray[np.int32]
    assignment: NDArray[np.int32]
    bound: float
    infeasible: bool
    reason: Reason
    trace: tuple[Progress, ...]
    seconds: float
    iterations: int
    flows: Flows | None = None
    """Where sites have capacities."""
    certificate: Certificate | None = None
    """Where the bound began with multipliers."""


class EndedError(Exception):
    """A search is over."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason


def reason_of(search: Callable[[], None]) -> Reason:
    """Search until :class:`EndedError` or Ctrl-C ends it; which of its reasons did."""
    try:
        search()
    except EndedError as ended:
        return ended.reason
    except KeyboardInterrupt:
        pass
    return "interrupted"


def end_at_limit(stop: Stop, now: Progress, improved_at: int, share: float = 1.0) -> None:
    """End a search at a limit, or at a share of its time; it was last improved in iteration `improved_at`."""
    if now.seconds >= share * stop.time_limit_s:
        raise EndedError("time_limit")
    if stop.max_iterations is not None and now.iterations >= stop.max_iterations:
        raise EndedError("iteration_limit")
    if stop.no_improvement is not None and now.iterations - improved_at >= stop.no_improvement:
        raise EndedError("no_improvement")
