"""A town of twenty points whose travel times anybody can add up, and OpenStreetMap files written byte by byte."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import pytest

from geodata import Profile, RoadGraph, read_roads
from geodata.sphere import EARTH_RADIUS_M

BLOCK_DEG = 0.001
"""A block of the town, at the equator: as long to the north as to the east."""
BLOCK_M = EARTH_RADIUS_M * 3.141592653589793 / 180 * BLOCK_DEG

# River between the rows 1 and 2. The Quay is one-way to the east; R, S and T are an island.
#
#  3   P---------Q
#      |         |
#  2   K----L----M----N
#      #         #                                   # bridges
#  1   F--> G--> H--> I         U----V         R----S
#      |    |    |    |         |                   |
#  0   A----B----C----D----=----E                   T
#      0    1    2    3    4    5    6         8    9
_CORNERS = "A00 B10 C20 D30 E50 F01 G11 H21 I31 K02 L12 M22 N32 P03 Q23 U51 V61 R81 S91 T90"
PLACES = {place: (int(x), int(y)) for place, x, y in _CORNERS.split()}
WAYS = [
    ("ABCDE", {"highway": "primary", "name": "Main Street"}),
    ("FGHI", {"highway": "residential", "name": "Quay", "oneway": "yes"}),
    ("AF", {"highway": "residential"}),
    ("BG", {"highway": "residential"}),
    ("CH", {"highway": "residential"}),
    ("DI", {"highway": "residential"}),
    ("FK", {"highway": "residential", "name": "West Bridge"}),
    ("HM", {"highway": "primary", "name": "East Bridge"}),
    ("KLM", {"highway": "residential", "name": "Long Street"}),
    ("MN", {"highway": "residential"}),
    ("KPQM", {"highway": "residential", "name": "North Street"}),
    ("EUV", {"highway": "residential", "name": "Hill Road"}),
    ("RST", {"highway": "residential", "name": "Island Road"}),
    ("AL", {"highway": "footway"}),
]
# A block takes 10 s on a residential road and 5 s on a primary one; every junction that is passed takes 3 s.
WALKING_PACE = Profile(
    name="town",
    speeds_kmh={"residential": BLOCK_M / 10 * 3.6, "primary": BLOCK_M / 5 * 3.6},
    access=("motor_vehicle", "access"),
    junction_delay_s=3.0,
)


def at(place: str) -> tuple[float, float]:
    """Longitude and latitude of a place of the town."""
    x, y = PLACES[place]
    return x * BLOCK_DEG, y * BLOCK_DEG


class Pbf:
    """Writes the format as its page describes it: https://wiki.openstreetmap.org/wiki/PBF_Format."""

    def __init__(self, features: Sequence[str]) -> None:
        self.features = features
        self.strings = [""]

    def file(
        self,
        nodes: Mapping[int, tuple[float, float, dict[str, str]]],
        ways: Sequence[tuple[Iterable[int], dict[str, str]]],
    ) -> bytes:
        header = b"".join(self.field(4, feature.encode()) for feature in self.features)
        body = self.field(2, self.nodes(nodes)) + self.field(
            2, b"".join(self.field(3, self.way(100 + k, refs, tags)) for k, (refs, tags) in enumerate(ways))
        )
        table = b"".join(self.field(1, text.encode()) for text in self.strings)
        return self.part(b"OSMHeader", header) + self.part(b"OSMData", self.field(1, table) + body)

    def part(self, kind: bytes, data: bytes) -> bytes:
        blob = self.field(2, len(data)) + self.field(3, zlib.compress(data))
        head = self.field(1, kind) + self.field(3, len(blob))
        return len(head).to_bytes(4, "big") + head + blob

    def nodes(self, nodes: Mapping[int, tuple[float, float, dict[str, str]]]) -> bytes:
        units = [(node, round(lat * 1e7), round(lon * 1e7), tags) for node, (lon, lat, tags) in nodes.items()]
        columns = [self.deltas([unit[k] for unit in units]) for k in range(3)]
        words: list[int] = []
        for *_, tags in units:
            words += [self.string(text) for pair in tags.items() for text in pair] + [0]
        packed = self.field(1, columns[0]) + self.field(8, columns[1]) + self.field(9, columns[2])
        return self.field(2, packed + self.field(10, b"".join(map(self.varint, words))))

    def way(self, number: int, refs: Iterable[int], tags: dict[str, str]) -> bytes:
        return self.field(1, number) + self.tags(tags) + self.field(8, self.deltas(list(refs)))

    def tags(self, tags: dict[str, str]) -> bytes:
        keys, values = ([self.varint(self.string(text)) for text in texts] for texts in (tags.keys(), tags.values()))
        return self.field(2, b"".join(keys)) + self.field(3, b"".join(values))

    def string(self, text: str) -> int:
        if text not in self.strings:
            self.strings.append(text)
        return self.strings.index(text)

    def deltas(self, values: Sequence[int]) -> bytes:
        return b"".join(self.varint(self.zigzag(b - a)) for a, b in zip([0, *values], values, strict=False))

    def field(self, number: int, value: int | bytes) -> bytes:
        if isinstance(value, int):
            return self.varint(number << 3) + self.varint(value)
        return self.varint(number << 3 | 2) + self.varint(len(value)) + value

    @staticmethod
    def zigzag(value: int) -> int:
        return 2 * value if value >= 0 else -2 * value - 1

    @staticmethod
    def varint(value: int) -> bytes:
        out = bytearray()
        while value > 127:
            out.append(value & 127 | 128)
            value >>= 7
        return bytes([*out, value])


@pytest.fixture
def write_osm(tmp_path: Path) -> Callable[..., Path]:
    """Write an extract of the named places and ways over them; ``tagged`` gives places tags, ``beyond`` are outside."""

    def write(
        ways: Sequence[tuple[str, dict[str, str]]] = WAYS,
        tagged: Mapping[str, dict[str, str]] | None = None,
        beyond: str = "",
        features: Sequence[str] = ("OsmSchema-V0.6", "DenseNodes"),
    ) -> Path:
        number = {place: 10 * k + 7 for k, place in enumerate(PLACES)}
        nodes = {number[p]: (*at(p), (tagged or {}).get(p, {})) for p in PLACES if p not in beyond}
        path = tmp_path / "town.osm.pbf"
        path.write_bytes(Pbf(features).file(nodes, [([number[p] for p in places], tags) for places, tags in ways]))
        return path

    return write


@pytest.fixture
def town(write_osm: Callable[..., Path]) -> RoadGraph:
    """The town's roads as `WALKING_PACE` drives them."""
    return read_roads(write_osm(), WALKING_PACE)
