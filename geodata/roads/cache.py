"""Road networks on disk: as a file of their own, and as a copy that is made once per extract and profile."""

from __future__ import annotations

import json
import os
import zipfile
from dataclasses import fields
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import numpy as np

from geodata.errors import GeodataError
from geodata.roads.graph import RoadGraph
from geodata.roads.osm import METHOD, file_hash, read_roads
from geodata.roads.profile import CAR, Profile

_ARRAYS: Final = tuple(f.name for f in fields(RoadGraph) if f.name not in ("names", "about"))
_FORMAT: Final = "roads-1"


def load_roads(path: str | Path, profile: Profile = CAR, *, cache: str | Path | None = None) -> RoadGraph:
    """The road network of a file: one that was saved, or an extract, which is read once and then taken from a cache.

    Parameters
    ----------
    path : str or Path
        ``.npz`` from `save_roads`, or an OpenStreetMap extract, ``.osm.pbf``.
    profile : Profile
        Who drives; a saved network has its own.
    cache : str or Path, optional
        Folder for the copies, named after the hash of extract and profile. Where left out, ``GEODATA_CACHE``, else
        the user's cache folder. `read_roads` goes without.

    Returns
    -------
    RoadGraph

    Raises
    ------
    GeodataError
        If the file is neither, or cannot be read, or the folder not written.
    """
    path = Path(path)
    if path.suffix.lower() == ".npz":
        return _loaded(path)
    parameters = {"extract_sha256": file_hash(path), "method": METHOD} | profile.parameters
    key = sha256(json.dumps([_FORMAT, parameters], sort_keys=True).encode()).hexdigest()
    folder = Path(cache) if cache is not None else _user_folder()
    copy = folder / f"roads-{key[:32]}.npz"
    if copy.is_file():
        return _loaded(copy)
    roads = read_roads(path, profile)
    # Another process may read the folder meanwhile: a file is there only when it is whole.
    part = copy.with_name(f"{copy.stem}.{os.getpid()}.part")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        save_roads(roads, part)
        part.replace(copy)
    except OSError as error:
        advice = "Name one as GEODATA_CACHE, or use read_roads, which keeps no copy."
        raise GeodataError(
            f"{folder} cannot keep a copy ({error.strerror}); expected a folder to write to. {advice}"
        ) from None
    return roads


def save_roads(roads: RoadGraph, path: str | Path) -> None:
    """Write a network as ``.npz``, for `load_roads`.

    Parameters
    ----------
    roads : RoadGraph
    path : str or Path
        File to write.
    """
    with Path(path).open("wb") as file:
        np.savez(file, **_content(roads))


def _content(roads: RoadGraph) -> dict[str, Any]:
    words = json.dumps({"format": _FORMAT, "names": roads.names, "about": dict(roads.about)})
    return {name: getattr(roads, name) for name in _ARRAYS} | {"words": np.array(words)}


def _loaded(path: Path) -> RoadGraph:
    try:
        with np.load(path, allow_pickle=False) as content:
            words = json.loads(str(content["words"]))
            if words["format"] != _FORMAT:
                raise KeyError(words["format"])
            arrays = {name: content[name] for name in _ARRAYS}
    except OSError as error:
        raise GeodataError(f"{path} cannot be read ({error}); expected a saved road network.") from None
    except (KeyError, ValueError, EOFError, zipfile.BadZipFile):
        advice = "Build it again from the extract."
        raise GeodataError(
            f"{path.name} is no road network of this version; expected one saved by it. {advice}"
        ) from None
    return RoadGraph(**arrays, names=tuple(words["names"]), about=words["about"])


def _user_folder() -> Path:
    if own := os.environ.get("GEODATA_CACHE"):
        return Path(own)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "geodata"
