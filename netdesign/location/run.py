"""What an engine hands to :func:`netdesign.location.locate`, which checks it before it leaves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from netdesign.location.solution import Flows
from netdesign.result import Reason
from netdesign.stop import Progress


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
