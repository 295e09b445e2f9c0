"""The numbers of a text in one array; where a number stands in the text is found only when it is wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from netdesign.errors import InputError, Phrase

Floats: TypeAlias = NDArray[np.float64]


class Numbers:
    """All numbers of a text in reading order, and a position that moves as they are taken.

    Parameters
    ----------
    text
        Numbers between blanks and line ends, nothing else.
    first_line
        Number of the text's first line in its file.

    Raises
    ------
    InputError
        If something is not a number; the message names the line.
    """

    def __init__(self, text: str, *, first_line: int = 1) -> None:
        self._text, self._first_line = text, first_line
        self.position = 0
        try:
            self.values: Floats = np.array(text.split(), dtype=np.float64)
        except ValueError:
            raise self._stranger() from None
        if "_" in text:  # float() reads 1_000 as 1000; no format means that
            raise self._stranger()

    @property
    def size(self) -> int:
        """How many numbers there are."""
        return len(self.values)

    def take(self, count: int, what: str, *, infinite: bool = False) -> Floats:
        """The next `count` numbers, all of them finite unless `infinite` ones are welcome."""
        left = self.size - self.position
        if count > left:
            raise InputError(
                what, Phrase(f"cut short: {left:,} of {count:,} numbers are left in the file"), f"{count:,} numbers"
            )
        start, self.position = self.position, self.position + count
        block = self.values[start : self.position]
        self.require(
            ~np.isnan(block) if infinite else np.isfinite(block),
            start,
            1,
            lambda _: what,
            "a number" if infinite else "a finite number",
        )
        return block

    def take_count(self, what: str, *, least: int = 1) -> int:
        """The next number as a count."""
        value = float(self.take(1, what)[0])
        if value != int(value) or value < least:
            raise self.refuse(self.position - 1, what, f"a whole number >= {least}")
        return int(value)

    def finish(self, what: str) -> None:
        """Make sure that nothing is left over."""
        if self.position < self.size:
            raise InputError(
                what,
                Phrase(f"followed by {self.size - self.position:,} more numbers (line {self.line_of(self.position)})"),
                "the end of the file",
                advice="The counts in the first line may be wrong, or the file of another format.",
            )

    def require(
        self,
        good: NDArray[np.bool_],
        start: int,
        step: int,
        name: Callable[[int], str],
        expected: str,
        advice: str = "",
    ) -> None:
        """Raise for the first number that is not `good`; number k of them stands at ``start + k * step``."""
        if not good.all():
            k = int(np.argmin(good))
            raise self.refuse(start + k * step, name(k), expected, advice)

    def refuse(self, index: int, what: str, expected: str, advice: str = "") -> InputError:
        """The error for one number."""
        value = float(self.values[index])
        got = int(value) if value.is_integer() else value
        return InputError(f"line {self.line_of(index)}: {what}", got, expected, advice=advice)

    def line_of(self, index: int) -> int:
        """The line in the file on which a number stands."""
        seen = 0
        for k, line in enumerate(self._text.split("\n")):
            seen += len(line.split())
            if seen > index:
                return self._first_line + k
        return self._first_line

    def uneven_line(self, columns: int) -> tuple[int, str] | None:
        """The first line that does not hold so many numbers, with its text; blank lines do not count."""
        for k, line in enumerate(self._text.split("\n")):
            words = line.split()
            if words and len(words) != columns:
                return self._first_line + k, line.strip()
        return None

    def _stranger(self) -> InputError:
        for k, line in enumerate(self._text.split("\n")):
            for word in line.split():
                if not _is_number(word):
                    return InputError(f"line {self._first_line + k}: an entry", word, "a number", advice=_advice(word))
        raise AssertionError("every word is a number")


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return "_" not in word


def _advice(word: str) -> str:
    return "Write decimals with a point." if _is_number(word.replace(",", ".", 1)) else ""
