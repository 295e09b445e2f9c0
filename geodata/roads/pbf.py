"""OpenStreetMap's binary format (PBF): ways with their tags, nodes with their positions.

Fields that the format packs are decoded by NumPy, block by block; only what is asked for is kept.

References
----------
https://wiki.openstreetmap.org/wiki/PBF_Format
https://protobuf.dev/programming-guides/encoding
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geodata.errors import GeodataError

Tags = dict[str, str]
Ints = NDArray[np.int64]

_KNOWN: Final = {"OsmSchema-V0.6", "DenseNodes", "HistoricalInformation"}
_LARGEST_HEADER: Final = 64 * 1024
_LARGEST_BLOCK: Final = 32 * 1024 * 1024
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


@dataclass(frozen=True)
class Way:
    """A line on the map: its tags, and the ids of its nodes in order."""

    id: int
    tags: Tags
    nodes: Ints


def read_ways(path: Path, keys: tuple[str, ...]) -> list[Way]:
    """The ways that have one of some keys, in the file's order.

    Raises
    ------
    GeodataError
        If the file is no PBF file, is cut off, or needs a feature that is not known here.
    """
    return [way for block in _blocks(path) for group in block.groups for way in _ways(block, group, keys)]


def read_nodes(path: Path, ids: Ints, keys: tuple[str, ...]) -> tuple[NDArray[np.float64], dict[int, Tags]]:
    """Positions of nodes, and the tags of those that have one of some keys.

    Parameters
    ----------
    path : Path
    ids : ndarray of int64, shape (n,)
        Ids of nodes, ascending.
    keys : tuple of str
        Keys that make tags worth keeping.

    Returns
    -------
    lonlat : ndarray of float64, shape (n, 2)
        Longitude and latitude, in degrees; NaN for nodes that the file does not have.
    tags : dict of int to dict
        All tags of nodes with one of the keys, by position in `ids`.
    """
    lonlat = np.full((len(ids), 2), np.nan)
    tags: dict[int, Tags] = {}
    for block in _blocks(path):
        for group in block.groups:
            for found, where, tagged in (_dense_nodes(block, group, keys), _single_nodes(block, group, keys)):
                at = np.minimum(np.searchsorted(ids, found), len(ids) - 1) if len(ids) else found[:0]
                wanted = ids[at] == found[: len(at)]
                lonlat[at[wanted]] = where[: len(at)][wanted]
                tags |= {int(at[row]): own for row, own in tagged.items() if row < len(at) and wanted[row]}
    return lonlat, tags


@dataclass(frozen=True)
class _Block:
    """A block of the file: its strings, its groups of things, and how positions are scaled."""

    strings: list[bytes]
    groups: list[memoryview]
    granularity: int
    lon_offset: int
    lat_offset: int

    def degrees(self, lon: Ints, lat: Ints) -> NDArray[np.float64]:
        scaled = np.column_stack([self.lon_offset + self.granularity * lon, self.lat_offset + self.granularity * lat])
        return np.asarray(1e-9 * scaled)

    def tags(self, keys: Any, values: Any) -> Tags:
        return {self._text(k): self._text(v) for k, v in zip(keys, values, strict=True)}

    def numbers(self, keys: tuple[str, ...]) -> set[int]:
        """Where the keys stand among the strings."""
        wanted = {key.encode() for key in keys}
        return {number for number, text in enumerate(self.strings) if text in wanted}

    def _text(self, number: int) -> str:
        return self.strings[number].decode("utf-8", "replace")


def _blocks(path: Path) -> Iterator[_Block]:
    """Every block of data; errors of the format name the file."""
    try:
        with path.open("rb") as file:
            for number, (kind, data) in enumerate(_blobs(file.read)):
                if number == 0 and kind != b"OSMHeader":
                    raise _BrokenError("it does not begin with a header")
                if kind == b"OSMHeader":
                    _check_header(data)
                elif kind == b"OSMData":
                    yield _block(data)
    except (_BrokenError, zlib.error, IndexError, ValueError) as error:
        if isinstance(error, GeodataError):
            raise
        advice = "Is it an .osm.pbf extract, and complete?"
        raise GeodataError(
            f"{path.name} is no readable PBF file ({error}); expected OpenStreetMap data. {advice}"
        ) from None
    except OSError as error:
        raise GeodataError(f"{path} cannot be read ({error.strerror}); expected an .osm.pbf extract.") from None


class _BrokenError(Exception):
    """The bytes are not what the format says."""


def _blobs(read: Callable[[int], bytes]) -> Iterator[tuple[bytes, memoryview]]:
    """Kind and uncompressed content of every blob."""
    while size := read(4):
        header = _message(_exactly(read, int.from_bytes(size, "big"), _LARGEST_HEADER))
        blob = _message(_exactly(read, header.get(3, 0), _LARGEST_BLOCK))
        if 1 in blob:
            data = blob[1]
        elif 3 in blob:
            data = memoryview(zlib.decompress(blob[3]))
        else:
            raise _BrokenError("a block is compressed by another method than zlib")
        yield bytes(header[1]) if 1 in header else b"", data


def _exactly(read: Callable[[int], bytes], size: int, most: int) -> memoryview:
    if size > most:
        raise _BrokenError(f"a block of {size} bytes, and the format allows {most}")
    data = read(size)
    if len(data) < size:
        raise _BrokenError("cut off")
    return memoryview(data)


def _check_header(data: memoryview) -> None:
    needed = {bytes(value).decode() for key, value in _fields(data) if key == 4}
    if needed - _KNOWN:
        raise _BrokenError(f"it needs {', '.join(sorted(needed - _KNOWN))}")


def _block(data: memoryview) -> _Block:
    strings: list[bytes] = []
    groups: list[memoryview] = []
    scale = {17: 100, 19: 0, 20: 0}
    for key, value in _fields(data):
        if key == 1:
            strings = [bytes(text) for number, text in _fields(value) if number == 1]
        elif key == 2:
            groups.append(value)
        elif key in scale:
            scale[key] = _signed(value)
    return _Block(strings, groups, scale[17], lon_offset=scale[20], lat_offset=scale[19])


def _ways(block: _Block, group: memoryview, keys: tuple[str, ...]) -> Iterator[Way]:
    wanted = block.numbers(keys)
    kept: list[tuple[int, Tags, bytes]] = []
    for kind, data in _fields(group) if wanted else ():
        if kind != 3:
            continue
        way = _message(data)
        numbers = _numbers(way.get(2, b""))
        if not wanted.isdisjoint(numbers):
            kept.append((way.get(1, 0), block.tags(numbers, _numbers(way.get(3, b""))), bytes(way.get(8, b""))))
    # The nodes of all ways are decoded at once.
    packed = b"".join(nodes for _, _, nodes in kept)
    steps = _zigzag(_varints(packed))
    ends = np.flatnonzero(np.frombuffer(packed, dtype=np.uint8) < 128)
    bounds = np.searchsorted(ends, np.cumsum([0, *(len(nodes) for _, _, nodes in kept)]))
    for (number, tags, _), (begin, end) in zip(kept, pairwise(bounds.tolist()), strict=True):
        yield Way(number, tags, np.cumsum(steps[begin:end]))


Nodes = tuple[Ints, NDArray[np.float64], dict[int, Tags]]


def _dense_nodes(block: _Block, group: memoryview, keys: tuple[str, ...]) -> Nodes:
    """Ids and positions of the nodes of a group that are packed together, and the tags worth keeping by row."""
    ids, where = [np.empty(0, dtype=np.int64)], [np.empty((0, 2))]
    tagged: dict[int, Tags] = {}
    for kind, data in _fields(group):
        if kind != 2:
            continue
        dense = _message(data)
        own, lat, lon = (np.cumsum(_zigzag(_varints(dense.get(key, b"")))) for key in (1, 8, 9))
        begun = sum(map(len, ids))
        tagged |= {begun + row: tags for row, tags in _dense_tags(block, _varints(dense.get(10, b"")), keys)}
        ids.append(own)
        where.append(block.degrees(lon, lat))
    return np.concatenate(ids), np.concatenate(where), tagged


def _dense_tags(block: _Block, packed: Ints, keys: tuple[str, ...]) -> Iterator[tuple[int, Tags]]:
    """Rows with one of the keys: keys and values take turns, and a zero ends each node."""
    wanted = np.array(sorted(block.numbers(keys)), dtype=np.int64)
    ends = np.flatnonzero(packed == 0)
    rows = np.unique(np.searchsorted(ends, np.flatnonzero(np.isin(packed, wanted))))
    for row in rows.tolist():
        own = packed[ends[row - 1] + 1 if row else 0 : ends[row]].tolist()
        if not set(own[::2]).isdisjoint(wanted.tolist()):
            yield row, block.tags(own[::2], own[1::2])


def _single_nodes(block: _Block, group: memoryview, keys: tuple[str, ...]) -> Nodes:
    """The same for nodes that stand alone."""
    ids: list[int] = []
    where: list[tuple[int, int]] = []
    tagged: dict[int, Tags] = {}
    for kind, data in _fields(group):
        if kind != 1:
            continue
        node = _message(data)
        own, lat, lon = (int(_zigzag(np.array([node.get(key, 0)]))[0]) for key in (1, 8, 9))
        tags = block.tags(_numbers(node.get(2, b"")), _numbers(node.get(3, b"")))
        if not tags.keys().isdisjoint(keys):
            tagged[len(ids)] = tags
        ids.append(own)
        where.append((lon, lat))
    lon_lat = np.array(where, dtype=np.int64).reshape(-1, 2)
    return np.array(ids, dtype=np.int64), block.degrees(lon_lat[:, 0], lon_lat[:, 1]), tagged


def _message(data: memoryview) -> dict[int, Any]:
    """Fields of a message by number; none of those read so is repeated."""
    return dict(_fields(data))


def _fields(data: memoryview) -> Iterator[tuple[int, Any]]:
    """Number and value of every field: an unsigned integer, or the bytes of what is nested or packed."""
    at, end = 0, len(data)
    while at < end:
        tag, at = _varint(data, at)
        wire = tag & 7
        if wire == _VARINT:
            value, at = _varint(data, at)
            yield tag >> 3, value
        elif wire == _BYTES:
            size, at = _varint(data, at)
            if at + size > end:
                raise _BrokenError("cut off")
            yield tag >> 3, data[at : at + size]
            at += size
        elif wire in (_FIXED64, _FIXED32):
            at += 8 if wire == _FIXED64 else 4
        else:
            raise _BrokenError(f"a field of the unknown type {wire}")


def _varint(data: memoryview | bytes, at: int) -> tuple[int, int]:
    """An integer of seven bits to the byte, and where it ends."""
    byte = data[at]
    at += 1
    value, shift = byte & 127, 7
    while byte & 128:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
    return value, at


def _numbers(data: memoryview | bytes) -> list[int]:
    """Packed integers, where they are few."""
    raw = bytes(data)
    if raw.isascii():
        return list(raw)
    values, at = [], 0
    while at < len(raw):
        value, at = _varint(raw, at)
        values.append(value)
    return values


def _varints(data: memoryview | bytes) -> Ints:
    """Packed integers."""
    raw = np.frombuffer(data, dtype=np.uint8)
    ends = np.flatnonzero(raw < 128)
    begins = np.concatenate([[0], ends[:-1] + 1])[: len(ends)]
    values = np.zeros(len(ends), dtype=np.uint64)
    longest = int((ends - begins).max(initial=0)) + 1
    if longest > 10 or (len(raw) and raw[-1] >= 128):
        raise _BrokenError("a number has no end")
    for byte in range(longest if len(ends) else 0):
        more = begins + byte <= ends
        part = raw[begins[more] + byte].astype(np.uint64) & np.uint64(127)
        values[more] |= part << np.uint64(7 * byte)
    return values.view(np.int64)


def _zigzag(values: Ints) -> Ints:
    """Signed integers from those that alternate: 0, -1, 1, -2, ..."""
    unsigned = values.view(np.uint64)
    return np.asarray((unsigned >> np.uint64(1)).view(np.int64) ^ -(values & 1))


def _signed(value: int) -> int:
    """A negative number is written as a very large one."""
    return value - (1 << 64) if value >= 1 << 63 else value
