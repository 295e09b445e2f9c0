"""The grammar that TSPLIB and VRPLIB share: ``KEY : VALUE`` lines, then sections of numbers, then ``EOF``."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal, cast

import numpy as np

from netdesign.errors import InputError, Phrase, closest
from netdesign.io.numbers import Floats, Numbers

_KEYWORD = re.compile(
    r"^[ \t]*(?!(?:nan|inf|infinity)\b)([A-Za-z][\w-]*)[ \t]*:?[ \t]*(.*?)[ \t\r]*$", re.MULTILINE | re.IGNORECASE
)
_MAY_REPEAT = frozenset({"COMMENT"})

EdgeWeights = Literal["none", "nearest", "floor", "ceil"]
ROUNDING_OF: dict[str, EdgeWeights] = {"EUC_2D": "nearest", "CEIL_2D": "ceil", "FLOOR_2D": "floor", "EXACT_2D": "none"}
"""What an EDGE_WEIGHT_TYPE says about rounding."""


@dataclass(frozen=True)
class Entry:
    """A header's value, or the text of a section, and the line it begins on."""

    text: str
    line: int


@dataclass(frozen=True)
class Document:
    """A file taken apart: headers and sections by keyword."""

    headers: dict[str, Entry]
    sections: dict[str, Entry]

    def count(self, key: str, *, least: int = 1) -> int:
        """A header that must be there and be a whole number."""
        value = self.number(key)
        if value != int(value) or value < least:
            raise InputError(
                f"line {self.headers[key].line}: {key}", self.headers[key].text, f"a whole number >= {least}"
            )
        return int(value)

    def number(self, key: str) -> float:
        """A header that must be there and be a finite number."""
        entry = self.headers.get(key)
        if entry is None:
            raise InputError(key, Phrase("missing"), f"a line as '{key} : 100'")
        try:
            value = float(entry.text)
        except ValueError:
            value = np.nan
        if not np.isfinite(value) or "_" in entry.text:
            raise InputError(f"line {entry.line}: {key}", entry.text, "a finite number")
        return value

    def one_of(self, key: str, known: Collection[str], default: str | None = None) -> str:
        """A header that must be one of the known words."""
        entry = self.headers.get(key)
        if entry is None:
            if default is not None:
                return default
            raise InputError(key, Phrase("missing"), "one of " + ", ".join(known))
        word = entry.text.upper()
        if word not in known:
            raise InputError(f"line {entry.line}: {key}", entry.text, "one of " + ", ".join(known))
        return word

    def section(self, key: str) -> Entry:
        """A section that must be there."""
        if key not in self.sections:
            raise InputError(
                key, Phrase("missing"), f"a line '{key}' and numbers below it", advice="Is the file cut short?"
            )
        return self.sections[key]

    def node_rows(self, key: str, nodes: int, columns: tuple[str, ...]) -> tuple[Floats, Numbers]:
        """A section with one row ``node value …`` per node.

        Returns
        -------
        Floats, Numbers
            Shape (nodes, columns), row k for node k + 1; and the text it came from, for messages.
        """
        return self._rows(key, nodes, ("node", *columns), "the DIMENSION")

    def vehicle_rows(self, key: str, vehicles: int, columns: tuple[str, ...]) -> tuple[Floats, Numbers]:
        """A section with one row ``vehicle value …`` per vehicle; otherwise as :meth:`node_rows`."""
        return self._rows(key, vehicles, ("vehicle", *columns), "the number of VEHICLES")

    def _rows(self, key: str, count: int, columns: tuple[str, ...], total: str) -> tuple[Floats, Numbers]:
        entry = self.section(key)
        numbers = Numbers(entry.text, first_line=entry.line)
        width = len(columns)
        if numbers.size != count * width:
            raise _wrong_size(key, numbers, count, columns, total)
        rows = numbers.take(numbers.size, f"an entry of {key}", infinite=True).reshape(count, width)
        if not np.array_equal(rows[:, 0], np.arange(1, count + 1)):
            rows = rows[_order_of(key, rows[:, 0], numbers, columns, total)]
        return rows[:, 1:], numbers


def take_apart(text: str, *, headers: Collection[str], sections: Collection[str]) -> Document:
    """Headers and sections of a file; a keyword that is not among the known ones is refused.

    Raises
    ------
    InputError
        If a keyword is unknown or occurs twice, or numbers stand outside of a section.
    """
    found = Document({}, {})
    at, open_key, open_line = 0, "", 1
    known = [*headers, *sections, "EOF"]
    for match in _KEYWORD.finditer(text):
        _close(found, open_key, text[at : match.start()], open_line)
        line = open_line + text.count("\n", at, match.start())
        key = match[1].upper()
        if key not in known:
            raise InputError(
                f"line {line}: the keyword", match[1], "a keyword of this format", advice=closest(key, known)
            )
        if key == "EOF":
            return found
        if key in found.sections or (key in found.headers and key not in _MAY_REPEAT):
            raise InputError(f"line {line}: {key}", Phrase("there a second time"), "each keyword once")
        if not key.endswith("_SECTION"):
            found.headers[key] = Entry(match[2], line)
        open_key, open_line, at = key, line, match.end()
    _close(found, open_key, text[at:], open_line)
    return found


def _close(found: Document, key: str, body: str, line: int) -> None:
    """File the text between two keywords."""
    if key.endswith("_SECTION"):
        found.sections[key] = Entry(body, line)
    elif body.strip():
        stray = next(k for k, row in enumerate(body.split("\n")) if row.strip())
        raise InputError(
            f"line {line + stray}",
            body.split("\n")[stray].strip(),
            "a keyword, as 'DIMENSION : 101'",
            advice="Numbers belong below the name of their section.",
        )


def _wrong_size(key: str, numbers: Numbers, count: int, columns: tuple[str, ...], total: str) -> InputError:
    uneven = numbers.uneven_line(len(columns))
    if uneven is not None:
        return InputError(f"line {uneven[0]} of {key}", uneven[1], f"{len(columns)} numbers: {', '.join(columns)}")
    return InputError(key, Phrase(f"{numbers.size // len(columns):,} rows long"), f"{count:,} rows, {total}")


def _order_of(key: str, named: Floats, numbers: Numbers, columns: tuple[str, ...], total: str) -> np.ndarray:
    """The order that sorts the rows by node or vehicle, if every one is there once."""
    n, width, each = len(named), len(columns), columns[0]
    uneven = numbers.uneven_line(width)
    if uneven is not None:
        raise InputError(f"line {uneven[0]} of {key}", uneven[1], f"{width} numbers: {', '.join(columns)}")
    valid = (named >= 1) & (named <= n) & (named == np.floor(named))
    numbers.require(valid, 0, width, lambda _: f"a {each} of {key}", f"a whole number from 1 to {n}, {total}")
    first = np.zeros(n, dtype=bool)
    first[np.unique(named, return_index=True)[1]] = True
    numbers.require(
        first, 0, width, lambda _: f"a {each} of {key}", f"each {each} once", advice="It has a row already."
    )
    return cast(np.ndarray, np.argsort(named))
