"""How long each step may take, and who is told how far the run is."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from netdesign.errors import InputError
from netdesign.stop import Progress, Stop
from netdesign.study.design import Design
from netdesign.study.study import Study

LOCATION_SHARE, OUTPUT_SHARE = 0.3, 0.15
"""Shares of the wall time that the design may take at most, and that stay for files and report."""

SHARES = {"cost": (0.0, 0.05), "design": (0.05, 0.55), "route check": (0.6, 0.35), "report": (0.95, 0.05)}
"""Where each step begins on a scale from 0 to 1, and how much of it it takes, about."""


@dataclass(frozen=True)
class StudyProgress(Progress):
    """How far a study is: iterations are pieces of work.

    Attributes
    ----------
    stage
        The step it is in.
    done
        Share of the run that is over, about.
    found
        Pieces of work that an earlier run had done.
    """

    stage: str = ""
    done: float = 0.0
    found: int = 0


@dataclass(frozen=True)
class Budget:
    """The limits of one run."""

    time_limit_s: float | None
    deterministic: bool
    workers: int
    started: float

    def __post_init__(self) -> None:
        if self.time_limit_s is not None and not self.time_limit_s > 0:
            raise InputError("time_limit_s", self.time_limit_s, "a number > 0", advice="Leave it out for no limit.")
        if self.workers < 1:
            raise InputError("workers", self.workers, "an integer >= 1")

    def resolve(self, study: Study, *, max_iterations: int | None, gap: float | None, seed: int | None) -> Study:
        """The study with this run's settings in place of its own."""
        config = study.config
        if max_iterations is not None and max_iterations < 1:
            raise InputError("max_iterations", max_iterations, "an integer >= 1")
        if gap is not None and not 0 <= gap < 1:
            raise InputError("gap", gap, "a fraction in 0..1", advice="0.01 is one per cent.")
        if seed is not None and not 0 <= seed < 2**31:
            raise InputError("seed", seed, "an integer in 0..2^31-1")
        routing = config.routing
        if max_iterations is not None:
            routing = routing.model_copy(update={"iterations": max_iterations, "seconds": None})
        elif self.deterministic:
            routing = routing.model_copy(update={"seconds": None})
        location = config.location if gap is None else config.location.model_copy(update={"gap": gap})
        return study.replace_config(seed=config.seed if seed is None else seed, routing=routing, location=location)

    def location_stop(self, study: Study, n_searches: int) -> Stop:
        """Limits of each of so many searches for nodes."""
        settings = study.config.location
        if self.deterministic:
            return Stop(gap=settings.gap)
        own = math.inf
        if self.time_limit_s is not None:
            own = max(0.1, LOCATION_SHARE * self._left() / self._waves(n_searches))
        return Stop(gap=settings.gap, time_limit_s=min(settings.time_limit_s, own))

    def routing_stop(self, study: Study, n_nodes: int) -> Stop:
        """Limits of routing one node's day."""
        settings = study.config.routing
        iterations = settings.iterations if settings.seconds is None else None
        seconds = settings.seconds or math.inf
        if self.time_limit_s is not None and not self.deterministic:
            seconds = min(seconds, max(0.1, (self._left() - OUTPUT_SHARE * self.time_limit_s) / self._waves(n_nodes)))
        return Stop(max_iterations=iterations, time_limit_s=seconds)

    def _left(self) -> float:
        assert self.time_limit_s is not None
        return self.time_limit_s - (time.perf_counter() - self.started)

    def _waves(self, n: int) -> int:
        """How often a worker's turn comes with so many tasks."""
        return max(1, math.ceil(n / self.workers))


class Teller:
    """Passes progress on, and the wish to stop back; nothing else depends on it.

    Parameters
    ----------
    listener
        Who is told.
    started
        When the run began, by :func:`time.perf_counter`.
    """

    def __init__(self, listener: Callable[[StudyProgress], object] | None, started: float) -> None:
        self._listener, self._started, self._lock = listener, started, threading.Lock()
        self._now = StudyProgress(0.0, 0, 0.0, 0.0, "cost", 0.0)
        self._from, self._expected = 0, 1

    def step(self, stage: str, expected: int = 1) -> None:
        """A step begins in which about so many pieces of work are to be done."""
        with self._lock:
            self._from, self._expected = self._now.iterations, max(1, expected)
            self._now = replace(self._now, stage=stage, done=SHARES[stage][0])
        self.heard(self._now.iterations, self._now.found)

    def designed(self, design: Design) -> Design:
        """A segment has its network."""
        bound = -math.inf if design.bound is None else design.bound
        with self._lock:
            self._now = replace(
                self._now, objective=self._now.objective + design.objective, bound=self._now.bound + bound
            )
        return design

    def heard(self, done: int, found: int) -> bool:
        """So many pieces of work are done, and so many of them were found; whether the run is to go on."""
        begin, share = SHARES[self._now.stage]
        with self._lock:
            part = min(1.0, (done - self._from) / self._expected)
            seconds = time.perf_counter() - self._started
            self._now = replace(self._now, seconds=seconds, iterations=done, found=found, done=begin + share * part)
        return self._listener is None or self._listener(self._now) is not False
