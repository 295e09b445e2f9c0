"""From OpenStreetMap's ways to a road network: who may drive where, which way, how fast."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geodata.errors import GeodataError
from geodata.roads.extract import Extract, Tags, Way, read_extract
from geodata.roads.graph import ATTRIBUTION, CLASSES, RoadGraph
from geodata.roads.profile import Profile
from geodata.roads.simplify import simplified
from geodata.sphere import great_circle_pairs_m

METHOD: Final = "1"
"""Version of what is made of the tags: a change of numbers changes it."""

_CLOSED: Final = frozenset(
    ("no", "private", "agricultural", "forestry", "emergency", "military", "use_sidepath", "dismount")
)
_WALKED: Final = frozenset(("footway", "pedestrian", "bridleway", "steps"))
_CLOSED_BARRIERS: Final = frozenset(
    ("bollard", "block", "cycle_barrier", "jersey_barrier", "turnstile", "motorcycle_barrier")
)
_LIMITS: Final = (
    ("maxheight", "height_m"),
    ("maxwidth", "width_m"),
    ("maxlength", "length_m"),
    ("maxweight", "weight_t"),
)
_KM_PER_MILE: Final = 1.609344
_FERRY_KMH: Final = 15.0


@dataclass(frozen=True)
class Road:
    """What a way's tags mean for a profile."""

    road_class: str
    speed_kmh: float
    forward: bool
    backward: bool
    duration_s: float | None = None


def read_roads(path: str | Path, profile: Profile, *, whole: bool = True) -> RoadGraph:
    """The road network of an OpenStreetMap extract for a vehicle, simplified; nothing is fetched.

    Turn restrictions are not known here. Private roads are closed; roads for destinations only are open.

    Parameters
    ----------
    path : str or Path
        An extract, ``.osm.pbf``.
    profile : Profile
        Who drives, for example `CAR`.
    whole : bool
        Keep roads that are not connected with the rest, so that points there can be named; False keeps the largest
        strongly connected component only.

    Returns
    -------
    RoadGraph
        ``about`` holds the extract's name, its SHA-256, and everything of the profile.

    Raises
    ------
    GeodataError
        If the file is no readable extract, or has no road that the profile may use, or pyrosm is not installed.
    """
    path = Path(path)
    about = {"extract": path.name, "extract_sha256": file_hash(path), "method": METHOD, "source": ATTRIBUTION}
    extract = read_extract(path)
    ways, roads = _usable(extract.ways, profile)
    if not ways:
        raise GeodataError(f"{path.name} has no road for the profile {profile.name!r}; expected an extract with roads.")
    raw = _raw_graph(ways, roads, extract, profile)
    graph = simplified(replace(raw, about=about | profile.parameters))
    return graph if whole else graph.largest_component()


def file_hash(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal digits."""
    digest = sha256()
    try:
        with path.open("rb") as file:
            while part := file.read(1 << 20):
                digest.update(part)
    except OSError as error:
        raise GeodataError(f"{path} cannot be read ({error.strerror}); expected an .osm.pbf extract.") from None
    return digest.hexdigest()


def road_of(tags: Tags, profile: Profile) -> Road | None:
    """What a way is for a vehicle; None where it may not drive."""
    ferry = tags.get("route") == "ferry"
    kind = "ferry" if ferry else tags.get("highway", "")
    allowed = _allowed(tags, profile)
    if kind in _WALKED:
        # Paved for walking: open only to whom a sign lets in.
        if not allowed or "path" not in profile.speeds_kmh or kind == "steps":
            return None
        kind = "path"
    if allowed is False or tags.get("area") == "yes" or _too_large(tags, profile):
        return None
    if ferry:
        if not profile.ferries:
            return None
        return Road("ferry", _FERRY_KMH, *_directions(tags, profile, kind), _clock_s(tags.get("duration", "")))
    if kind not in profile.speeds_kmh:
        return None
    limit = _maxspeed_kmh(tags.get("maxspeed", ""))
    speed = profile.speeds_kmh[kind] if limit is None else limit * profile.maxspeed_factor
    return Road(kind, min(speed, profile.top_speed_kmh), *_directions(tags, profile, kind))


def _usable(ways: Sequence[Way], profile: Profile) -> tuple[list[Way], list[Road]]:
    pairs = [(way, road) for way in ways if len(way.nodes) > 1 and (road := road_of(way.tags, profile)) is not None]
    return [way for way, _ in pairs], [road for _, road in pairs]


def _allowed(tags: Tags, profile: Profile) -> bool | None:
    """Whether a sign lets the vehicle in; None where there is none."""
    for key in profile.access:
        if key in tags:
            return tags[key] not in _CLOSED
    return None


def _too_large(tags: Tags, profile: Profile) -> bool:
    for key, size in _LIMITS:
        limit = _quantity(tags.get(key, ""))
        if limit is not None and limit < getattr(profile, size):
            return True
    return False


def _directions(tags: Tags, profile: Profile, kind: str) -> tuple[bool, bool]:
    """Whether it is open in the way's direction, and against it."""
    implied = "yes" if tags.get("junction") in ("roundabout", "circular") or kind.startswith("motorway") else "no"
    oneway = tags.get("oneway", implied)
    if profile.name == "bicycle":
        contraflow = any(tags.get(f"cycleway{side}", "").startswith("opposite") for side in ("", ":left", ":right"))
        oneway = tags.get("oneway:bicycle", "no" if contraflow else oneway)
    return oneway not in ("-1", "reverse"), oneway not in ("yes", "true", "1")


def _maxspeed_kmh(text: str) -> float | None:
    """A limit as tags write it: ``50``, ``30 mph``; None for what is no number."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(km/h|kmh|mph)?", text)
    if not found or not float(found[1]):
        return None
    return float(found[1]) * (_KM_PER_MILE if found[2] == "mph" else 1.0)


def _quantity(text: str) -> float | None:
    """A length in metres or a weight in tonnes: ``3.5``, ``3.5 t``, ``12'6"``; None for what is no such thing."""
    if found := re.fullmatch(r"(\d+(?:\.\d+)?)\s*(m|t)?", text):
        return float(found[1])
    if found := re.fullmatch(r"(\d+)'\s*(?:(\d+)\")?", text):
        return 0.3048 * (int(found[1]) + int(found[2] or 0) / 12)
    return None


def _clock_s(text: str) -> float | None:
    """How long a ferry takes: ``20``, ``00:20`` or ``00:20:00``."""
    if not re.fullmatch(r"\d+(:\d\d){0,2}", text):
        return None
    parts = [int(part) for part in text.split(":")]
    seconds = parts[0] * 60 if len(parts) == 1 else sum(p * f for p, f in zip(parts, (3600, 60, 1), strict=False))
    return float(seconds) or None


def _raw_graph(ways: Sequence[Way], roads: Sequence[Road], extract: Extract, profile: Profile) -> RoadGraph:
    """Every node of every way, every piece between two of them an edge for each direction that is open."""
    sizes = np.array([len(way.nodes) for way in ways])
    nodes = np.searchsorted(extract.ids, np.concatenate([way.nodes for way in ways]))
    tail, head, lonlat = _cut(nodes, sizes, extract.lonlat, _barriers(extract.tagged, profile))
    way = np.repeat(np.arange(len(ways)), sizes - 1)
    whole = np.isfinite(lonlat[tail, 0]) & np.isfinite(lonlat[head, 0]) & (tail != head)
    tail, head, way = tail[whole], head[whole], way[whole]
    length_m = great_circle_pairs_m(lonlat[tail], lonlat[head])
    duration_s = _durations_s(roads, way, length_m)
    forward, backward = (np.array([getattr(road, side) for road in roads])[way] for side in ("forward", "backward"))
    ahead, back = np.flatnonzero(forward), np.flatnonzero(backward)
    edge = np.concatenate([ahead, back])
    number = np.full((2, len(way)), -1)
    number[0, ahead], number[1, back] = np.arange(len(ahead)), len(ahead) + np.arange(len(back))
    used = np.unique(np.concatenate([tail, head]))
    place = np.full(len(lonlat), -1)
    place[used] = np.arange(len(used))
    names, name = _named(ways)
    return RoadGraph.from_edges(
        lonlat[used],
        place[np.concatenate([tail[ahead], head[back]])],
        place[np.concatenate([head[ahead], tail[back]])],
        duration_s[edge],
        length_m=length_m[edge],
        delay_s=_delays_s(place[tail], place[head], place, extract.tagged, profile),
        road_class=np.array([CLASSES.index(road.road_class) for road in roads])[way[edge]],
        name=name[way[edge]],
        twin=np.concatenate([number[1, ahead], number[0, back]]),
        names=names,
    )


def _cut(
    nodes: NDArray[np.int64], sizes: NDArray[np.int64], lonlat: NDArray[np.float64], closed: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Both ends of every piece; at a closed barrier each piece has an end of its own."""
    last = np.zeros(len(nodes), dtype=bool)
    last[np.cumsum(sizes) - 1] = True
    tail, head = nodes[:-1][~last[:-1]].copy(), nodes[1:][~last[:-1]].copy()
    for ends in (tail, head):
        at = np.flatnonzero(np.isin(ends, closed))
        lonlat = np.concatenate([lonlat, lonlat[ends[at]]])
        ends[at] = np.arange(len(lonlat) - len(at), len(lonlat))
    return tail, head, lonlat


def _barriers(tagged: dict[int, Tags], profile: Profile) -> NDArray[np.int64]:
    """Nodes that the vehicle cannot pass."""
    closed = []
    for node, tags in tagged.items():
        allowed = _allowed(tags, profile)
        blocks = tags.get("barrier") in _CLOSED_BARRIERS and profile.name != "bicycle"
        if "barrier" in tags and (allowed is False or (blocks and not allowed)):
            closed.append(node)
    return np.array(closed, dtype=np.int64)


def _durations_s(roads: Sequence[Road], way: NDArray[np.int64], length_m: NDArray[np.float64]) -> NDArray[np.float64]:
    speed_ms = np.array([road.speed_kmh for road in roads])[way] / 3.6
    stated_s = np.array([math.nan if road.duration_s is None else road.duration_s for road in roads])
    whole_m = np.bincount(way, length_m, minlength=len(roads))
    share = length_m / np.maximum(whole_m, 1e-9)[way]
    return np.where(np.isnan(stated_s)[way], length_m / speed_ms, share * stated_s[way])


def _delays_s(
    tail: NDArray[np.int64],
    head: NDArray[np.int64],
    place: NDArray[np.int64],
    tagged: dict[int, Tags],
    profile: Profile,
) -> NDArray[np.float64]:
    """The delay of every node: a signal's, else that of a junction, where three or more roads meet."""
    pairs = np.unique(np.sort(np.column_stack([tail, head]), axis=1), axis=0)
    meeting = np.bincount(pairs.ravel())
    delay_s = np.where(meeting >= 3, profile.junction_delay_s, 0.0)
    signals = [node for node, tags in tagged.items() if tags.get("highway") == "traffic_signals"]
    at = place[np.array(signals, dtype=np.int64)]
    delay_s[at[at >= 0]] = profile.signal_delay_s
    return delay_s


def _named(ways: Sequence[Way]) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """Names of roads, and the position of each way's among them."""
    texts = [way.tags.get("name") or way.tags.get("ref") or "" for way in ways]
    names = ("", *sorted(set(texts) - {""}))
    position = {text: number for number, text in enumerate(names)}
    return names, np.array([position[text] for text in texts])
