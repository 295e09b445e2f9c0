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

    def limit(self, reason: str) -> float | None:
        """The limit behind a reason of :class:`netdesign.result.Termination`, or None where it has none."""
        field = {"time_limit": "time_limit_s", "iteration_limit": "max_iterations"}.get(reason, reason)
        return getattr(self, field, None)


@dataclass(frozen=True)
class Progress:
    """How far a run is: seconds, iterations, incumbent and bound (``inf`` and ``-inf`` while there is none)."""

    seconds: float
    iterations: int
    objective: float
    bound: float


Monitor = Callable[[Progress], object]
"""Called a few times per second during a run; returning ``False`` ends it with the best solution so far."""


def check_run(stop: Stop, seed: int, threads: int, deterministic: bool) -> None:
    """Refuse the arguments of a solver that make no sense.

    Raises
    ------
    InputError
        If the seed or the number of threads is out of range, or a deterministic run has no iteration limit.
    """
    if not (isinstance(seed, int) and 0 <= seed < 2**63):
        raise InputError("seed", seed, "an integer in 0..2^63-1")
    if not (isinstance(threads, int) and threads >= 1):
        raise InputError("threads", threads, "an integer >= 1")
    if deterministic and stop.max_iterations is None:
        raise InputError(
            "max_iterations",
            None,
            "a number of iterations",
            where="deterministic run",
            advice="A run that the clock ends cannot be repeated: set Stop(max_iterations=...).",
        )
