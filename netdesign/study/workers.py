"""Work on any executor: each piece is a pure function of its arguments, done once, kept, and found again.

What comes out does not depend on the executor, on the number of its workers, or on whether a result was made now or
in an earlier run.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import (
    FIRST_EXCEPTION,
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
    wait,
)
from contextlib import suppress
from contextvars import ContextVar
from functools import partial
from multiprocessing.connection import wait as wait_for_end
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Literal, TypeVar

from netdesign.errors import InputError, Phrase
from netdesign.stop import Monitor, Progress
from netdesign.study.store import MISSING, Store, cut_short, key_of

T = TypeVar("T")
Item = TypeVar("Item")

TICK_S: Final = 0.2
"""How often a waiting user hears of a run."""

STOP: Final = ".stop"
"""The file that tells all workers to end what they are at."""

_stop_file: ContextVar[Path | None] = ContextVar("stop_file", default=None)


class InPlace(Executor):
    """Does each piece of work when it is asked for it."""

    def submit(self, function: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        """Do it now."""
        future: Future[T] = Future()
        future.set_result(function(*args, **kwargs))
        return future


IN_PLACE: Final = InPlace()
"""For whoever has no executor."""


class Workers(Executor):
    """An executor that keeps results, does nothing twice, and can be told to stop.

    Parameters
    ----------
    executor
        What works; a number stands for so many processes of our own, 1 for a thread.
    folder
        Where results are kept.
    heard
        Called with the pieces of work that are done and those among them that were found, a few times per second
        while :meth:`together` waits; returning False ends every search with the best it has.
    keep
        What stays in the folder at the end: what was used, or all.

    Attributes
    ----------
    cut_short
        Whether the clock or the user ended a search, so that another run may differ.
    """

    def __init__(
        self,
        executor: Executor | int,
        folder: Path,
        heard: Callable[[int, int], object],
        *,
        keep: Literal["used", "all"] = "used",
    ) -> None:
        self._own = isinstance(executor, int)
        self._executor = _started(executor) if isinstance(executor, int) else executor
        self._store, self._heard, self._stop = Store(folder), heard, folder / STOP
        self._lock = threading.Lock()
        self._futures: dict[str, Future[Any]] = {}
        self._inner: list[Future[Any]] = []
        self._found, self._closed, self._stays = 0, False, keep
        self.cut_short = False

    def __enter__(self) -> Workers:
        self._stop.unlink(missing_ok=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self._close()
        elif self._stays == "used":
            self._store.forget_unused()
        if self._own:
            self._executor.shutdown(cancel_futures=True)
        self._stop.unlink(missing_ok=True)

    def submit(self, function: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        """Do a piece of work, unless it is being done, or was; the function is at the top of its module."""
        key = key_of(function, args, kwargs)
        with self._lock:
            if self._closed:
                raise CancelledError
            if key in self._futures:
                return self._futures[key]
            self._futures[key] = future = self._begin(key, function, args, kwargs)
            return future

    def _begin(self, key: str, function: Callable[..., Any], args: Any, kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        found = self._store.load(key)
        if found is not MISSING:
            future.set_result(found)
            self._found += 1
            return future
        inner = self._executor.submit(_perform, self._stop, function, args, kwargs)
        self._inner.append(inner)
        inner.add_done_callback(partial(self._keep, key, future))
        return future

    def _keep(self, key: str, future: Future[Any], inner: Future[Any]) -> None:
        """Pass a result on once it is kept; a disk that is full costs the next run time and this one nothing."""
        if inner.cancelled():
            future.cancel()
            return
        try:
            self.cut_short |= cut_short(inner.result())
            with suppress(OSError):
                self._store.save(key, inner.result())
            future.set_result(inner.result())
        except BaseException as error:
            future.set_exception(error)

    def together(self, function: Callable[[Item], T], items: Iterable[Item]) -> list[T]:
        """Call a function for each item at the same time, in threads that hand work to the executor and wait for it.

        Ctrl-C ends the searches that are running, drops the work that is waiting, and goes on as KeyboardInterrupt.
        """
        each = list(items)
        with ThreadPoolExecutor(max(1, len(each))) as threads:
            calls = [threads.submit(function, item) for item in each]
            try:
                while waiting := wait(calls, TICK_S, FIRST_EXCEPTION).not_done:
                    for call in {*calls} - waiting:
                        call.result()
                    self._tell()
                self._tell()
                return [call.result() for call in calls]
            except BrokenExecutor as error:
                self._close()
                advice = (
                    "If memory ran out, use fewer workers; what was done is kept, and the next run goes on from it."
                )
                raise InputError(
                    "workers", Phrase("one short: its process was ended"), "all alive", advice=advice
                ) from error
            except BaseException:
                self._close()
                raise

    def _tell(self) -> None:
        with self._lock:
            done = sum(future.done() for future in self._futures.values())
        if self._heard(done, self._found) is False:
            self._stop.touch()

    def _close(self) -> None:
        """Take no more work, drop what waits, and end what runs."""
        with self._lock:
            self._closed = True
            waiting = list(self._inner)
        self._stop.parent.mkdir(parents=True, exist_ok=True)
        self._stop.touch()
        for future in waiting:
            future.cancel()


def monitor() -> Monitor | None:
    """What a search calls to hear whether it is to end; None outside of any work."""
    stop = _stop_file.get()

    def goes_on(progress: Progress) -> bool:
        assert stop is not None
        return not stop.exists()

    return None if stop is None else goes_on


def _perform(stop: Path, function: Callable[..., Any], args: Any, kwargs: Any) -> Any:
    _stop_file.set(stop)
    return function(*args, **kwargs)


def _started(workers: int) -> Executor:
    """Processes that leave Ctrl-C to us and end when we do, whatever ends us."""
    if workers == 1:
        return ThreadPoolExecutor(1)
    # Forked processes would inherit locks that other threads hold; these begin anew.
    return ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), initializer=_begin_worker)


def _begin_worker() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    wait_for_end([parent.sentinel])
    os._exit(1)
