"""When a solver stops, as a value."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from netdesign.errors import InputError


@dataclass(frozen=True, kw_only=True)
class Stop:
    """The limits of one run; whichever is reached first ends it.

    Parameters
    ----------
    time_limit_s
        Wall time in seconds.
    max_iterations
        Iterations of the solver's main loop. A run that is limited by iterations alone repeats exactly.
    gap
        Relative gap ``|objective - bound| / |objective|`` that is close enough; 0 asks for a proof of optimality.
    no_improvement
        Iterations without a better incumbent.
    target
        An objective value that is good enough.
    """

    time_limit_s: float = math.inf
    max_iterations: int | None = None
    gap: float = 0.0
    no_improvement: int | None = None
    target: float | None = None

    def __post_init__(self) -> None:
        for name in ("time_limit_s", "max_iterations", "gap", "no_improvement"):
            value = getattr(self, name)
            if value is not None and not value >= 0:
                raise InputError(name, value, "a number >= 0", advice="Leave it out for no limit.")
        if self.target is not None and math.isnan(self.target):
            raise InputError("target", self.target, "a number")


@dataclass(frozen=True)
class Progress:
    """How far a run is: seconds, iterations, incumbent and bound (``inf`` and ``-inf`` while there is none)."""

    seconds: float
    iterations: int
    objective: float
    bound: float


Monitor = Callable[[Progress], object]
"""Called a few times per second during a run; returning ``False`` ends it with the best solution so far."""
