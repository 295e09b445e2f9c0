"""How long each step may take, and who is told how far the run is."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from netdesign.errors import InputError
from netdesign.stop import Monitor, Progress, Stop
from netdesign.study.design import Design
from netdesign.study.study import Study

T = TypeVar("T")

LOCATION_SHARE, OUTPUT_SHARE = 0.3, 0.15
"""Shares of the wall time that the design may take at most, and that stay for files and report."""


@dataclass(frozen=True)
class StudyProgress(Progress):
    """How far a study is: also the step it is in, and the share of its work that is done."""

    stage: str = ""
    done: float = 0.0


@dataclass(frozen=True)
class Budget:
    """The limits of one run."""

    time_limit_s: float | None
    deterministic: bool
    threads: int
    started: float

    def __post_init__(self) -> None:
        if self.time_limit_s is not None and not self.time_limit_s > 0:
            raise InputError("time_limit_s", self.time_limit_s, "a number > 0", advice="Leave it out for no limit.")
        if self.threads < 1:
            raise InputError("threads", self.threads, "an integer >= 1")

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
        return max(1, math.ceil(n / self.threads))


class Teller:
    """Passes progress on, from any thread, and the wish to stop back; nothing else depends on it."""

    def __init__(self, listener: Callable[[StudyProgress], object] | None, started: float) -> None:
        self._listener, self._started, self._lock = listener, started, threading.Lock()
        self._stage, self._done, self._stopped = "cost", 0.0, False
        self._objective, self._bound, self._nodes, self._routed = 0.0, 0.0, 1, 0

    def step(self, stage: str) -> None:
        """A step is over."""
        self._say(stage, {"cost": 0.05, "report": 0.95}[stage])

    def designed(self, design: Design) -> Design:
        """A segment has its network."""
        with self._lock:
            self._objective += design.objective
            self._bound += -math.inf if design.bound is None else design.bound
        self._say("design", 0.15)
        return design

    def expect(self, nodes: int) -> int:
        """So many nodes are going to be routed."""
        self._nodes = max(1, nodes)
        self._say("route check", 0.15)
        return nodes

    def routed(self, task: Callable[[Stop, Monitor], T], stop: Stop) -> T:
        """Run one node's task and say that it is over."""
        result = task(stop, lambda _: self._say(self._stage, self._done))
        with self._lock:
            self._routed += 1
        self._say("route check", 0.15 + 0.75 * self._routed / self._nodes)
        return result

    def _say(self, stage: str, done: float) -> bool:
        """Whether the run is to go on."""
        with self._lock:
            self._stage, self._done = stage, done
            if self._listener is not None and not self._stopped:
                seconds = time.perf_counter() - self._started
                now = StudyProgress(seconds, self._routed, self._objective, self._bound, stage, done)
                self._stopped = self._listener(now) is False
            return not self._stopped
