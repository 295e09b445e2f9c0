"""Lines and points of an OpenStreetMap extract (PBF), read by pyrosm."""

from __future__ import annotations

import json
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geodata.errors import GeodataError

Tags = dict[str, str]

_LINES: Final = ['["highway"]', '["route"="ferry"]']


@dataclass(frozen=True)
class Way:
    """A line on the map: its tags, and the ids of its nodes in order."""

    tags: Tags
    nodes: NDArray[np.int64]


@dataclass(frozen=True)
class Extract:
    """The roads and ferries of a map, and the nodes that they pass.

    Parameters
    ----------
    ways : list of Way
        In the file's order.
    ids : ndarray of int64, shape (n,)
        Ids of the ways' nodes, ascending.
    lonlat : ndarray of float64, shape (n, 2)
        Longitude and latitude, in degrees; NaN for nodes beyond the border, which the file does not have.
    tagged : dict of int to dict
        Tags of the nodes that have some, by position in `ids`.
    """

    ways: list[Way]
    ids: NDArray[np.int64]
    lonlat: NDArray[np.float64]
    tagged: dict[int, Tags]


def read_extract(path: Path) -> Extract:
    """The roads and ferries of a file.

    Raises
    ------
    GeodataError
        If pyrosm is missing or cannot read the file.
    """
    nodes, pieces = _frames(path)
    if pieces is None:
        return Extract([], np.empty(0, dtype=np.int64), np.empty((0, 2)), {})
    # A row is a piece of a way. Where a way leaves the extract, pyrosm closes the gap; its list of nodes is whole.
    rows = pieces.drop_duplicates("id")
    ways = [Way(tags, np.array(way)) for tags, way in zip(_tags(rows), rows["nodes"], strict=True)]
    ids = np.unique(np.concatenate([way.nodes for way in ways]))
    lonlat = np.full((len(ids), 2), np.nan)
    at = np.searchsorted(ids, nodes["id"])
    lonlat[at] = nodes[["lon", "lat"]]
    tagged = {place: tags for place, tags in zip(at.tolist(), nodes["tags"], strict=True) if isinstance(tags, dict)}
    return Extract(ways, ids, lonlat, tagged)


def _frames(path: Path) -> tuple[Any, Any]:
    """Nodes and pieces of ways; None where the file has no line of ours."""
    try:
        from pyrosm import OSM
        from pyrosm.exceptions import PBFNotImplemented
    except ImportError:
        raise GeodataError(
            "the package pyrosm is missing; OpenStreetMap extracts need it. Install it: pip install 'netdesign[roads]'"
        ) from None
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", category=UserWarning)  # that there is no road: our caller says so
            # In memory: the other engine leaves copies in the temporary folder, and took longer on every extract tried.
            osm = OSM(str(path), engine="in_memory", keep_metadata=False, keep_node_info=True, progress=False)
            nodes, pieces = osm.get_network(nodes=True, custom_filter=_LINES, tags_to_keep=[])
    except MemoryError:
        raise
    except PBFNotImplemented as error:
        raise GeodataError(str(error)) from None
    except Exception as error:  # what broken bytes raise is up to the part that meets them
        advice = "Is it an .osm.pbf extract, and complete?"
        raise GeodataError(f"{path.name} is no readable PBF file; expected OpenStreetMap data. {advice}") from error
    return nodes, pieces


def _tags(rows: Any) -> list[Tags]:
    """Tags of ways: those selected by have columns, the others are an object in JSON."""
    columns = [key for key in ("highway", "route") if key in rows]
    others = rows["tags"] if "tags" in rows else [None] * len(rows)
    tags = [json.loads(text) if isinstance(text, str) else {} for text in others]
    for key in columns:
        for own, value in zip(tags, rows[key], strict=True):
            if isinstance(value, str):
                own[key] = value
    return tags
