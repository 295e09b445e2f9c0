"""Results on disk, under the hash of all that they depend on: a run that was ended goes on from what it had done.

A key covers the function, its arguments and this program's own sources. Time limits do not enter: a result that the
clock cut short is not kept, and any other is the same under every limit. Files are written whole or not at all.
"""

from __future__ import annotations

import hashlib
import importlib.util
import io
import os
import pickle
import tempfile
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from pydantic import BaseModel

from netdesign.result import Termination
from netdesign.stop import Stop
from netdesign.study.roads import StudyRoads

CUT_SHORT: Final = ("time_limit", "interrupted")
"""Why a search may end elsewhere next time."""

MISSING: Final = object()
"""What a store has where it has nothing."""

NAMES_ONLY: Final = frozenset(
    {"name", "country", "currency", "tables", "roads", "places", "baseline", "segmentation", "sources"}
)
"""Settings of a study that no segment's result depends on, beyond what the tables and roads hold already."""

NUMPY: Final = frozenset({"_reconstruct", "_frombuffer", "scalar", "ndarray", "dtype"})
"""What NumPy's arrays are made of when they are read back."""


class Store:
    """Results by key, one file each.

    Parameters
    ----------
    folder
        Where they are; made when the first is saved.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._used: set[str] = set()

    def load(self, key: str) -> Any:
        """The result under a key, or ``MISSING`` where there is none that can be read."""
        self._used.add(key)
        try:
            return _Reader((self.folder / key).read_bytes()).load()
        except Exception:
            # A file that is cut off, from another version or from somebody else is no result: it is made anew.
            return MISSING

    def save(self, key: str, result: Any) -> None:
        """Keep a result, unless it may come out differently next time."""
        if cut_short(result):
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self.folder, prefix=".")
        with os.fdopen(handle, "wb") as file:
            pickle.dump(result, file, protocol=5)
        Path(name).replace(self.folder / key)

    def forget_unused(self) -> None:
        """Drop what this run has not asked for."""
        for path in self.folder.iterdir() if self.folder.is_dir() else ():
            if path.name not in self._used:
                path.unlink(missing_ok=True)


class _Reader(pickle.Unpickler):
    """Reads numbers, words, arrays and this program's own classes: a folder of results may come from anybody."""

    def __init__(self, data: bytes) -> None:
        super().__init__(io.BytesIO(data))

    def find_class(self, module: str, name: str) -> Any:
        if module.split(".")[0] == "numpy" and name in NUMPY:
            return super().find_class(module, name)
        if module.split(".")[0] == "netdesign" and "." not in name:
            found = super().find_class(module, name)
            if isinstance(found, type) and found.__module__ == module:
                return found
        raise pickle.UnpicklingError(f"{module}.{name} is no part of a result")


def cut_short(result: Any) -> bool:
    """Whether a search in a result was ended by the clock or the user."""
    if isinstance(result, Termination):
        return result.reason in CUT_SHORT
    if is_dataclass(result):
        return any(cut_short(getattr(result, f.name)) for f in fields(result))
    if isinstance(result, Mapping):
        return any(map(cut_short, result.values()))
    return isinstance(result, tuple | list) and any(map(cut_short, result))


def key_of(function: Any, *arguments: Any) -> str:
    """Hash of a piece of work: what is done, with what, by which version of this program."""
    return content_hash(_sources(), function, arguments)


def content_hash(*values: Any) -> str:
    """Hash of values, whatever holds them: equal content, equal hashes."""
    digest = hashlib.sha256()
    _feed(digest, values)
    return digest.hexdigest()


def _feed(digest: Any, value: Any) -> None:
    """Add a value, kind and borders included, so that different values never feed the same bytes."""
    value = _plain(value)
    if isinstance(value, Mapping):
        _label(digest, f"mapping {len(value)}")
        for name, part in value.items():
            _feed(digest, name)
            _feed(digest, part)
    elif isinstance(value, tuple | list):
        _label(digest, f"sequence {len(value)}")
        for part in value:
            _feed(digest, part)
    elif isinstance(value, np.ndarray):
        _label(digest, f"array {value.dtype.str} {value.shape}")
        digest.update(np.ascontiguousarray(value).data)
    elif value is None or isinstance(value, str | int | float | np.generic):
        data = repr(value).encode("utf-8", "surrogatepass")
        _label(digest, f"{type(value).__name__} {len(data)}")
        digest.update(data)
    else:
        raise TypeError(f"a {type(value).__name__} has no hash of its content")


def _plain(value: Any) -> Any:
    """Mappings, sequences, arrays, words and numbers instead of whatever holds them."""
    if isinstance(value, partial):
        return ("partial", value.func, value.args, value.keywords)
    if isinstance(value, BaseModel):
        return value.model_dump(exclude=set(NAMES_ONLY))
    if isinstance(value, Stop):
        return ("stop", value.max_iterations, value.gap, value.no_improvement, value.target)
    if isinstance(value, StudyRoads):
        return value.fingerprint
    if is_dataclass(value) and not isinstance(value, type):
        return (type(value).__qualname__, {f.name: getattr(value, f.name) for f in fields(value)})
    if isinstance(value, pd.DataFrame):
        return ("frame", {str(name): column.to_numpy() for name, column in value.items()})
    if isinstance(value, np.ndarray) and value.dtype == object:
        return value.tolist()
    return f"{value.__module__}.{value.__qualname__}" if callable(value) else value


def _label(digest: Any, text: str) -> None:
    digest.update(text.encode() + b"\n")


@cache
def _sources() -> str:
    """Hash of whatever of this program a result may depend on, and of NumPy's version."""
    digest = hashlib.sha256(np.__version__.encode())
    root = Path(__file__).parents[1]
    native = importlib.util.find_spec("netdesign._native")
    modules = [p for part in ("study", "location", "routing") for p in sorted((root / part).rglob("*.py"))]
    for path in [*modules, *([Path(native.origin)] if native is not None and native.origin else [])]:
        digest.update(path.read_bytes())
    return digest.hexdigest()
