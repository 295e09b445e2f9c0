"""Errors: one class for whatever the user can put right, one sentence that says how."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any


class NetdesignError(Exception):
    """Base of every error this package raises on purpose."""


class InputError(NetdesignError, ValueError):
    """Something given to the program is wrong; the message says what, where, got, expected, advice.

    Parameters
    ----------
    what
        The thing at fault, as the user wrote it: ``capacity[3]``, ``customers.csv row 17, column lon``.
    got
        The value found there.
    expected
        The rule it breaks, as ``>= 0``.
    where
        What tells the user which object it is: a name, an id, a file.
    advice
        One sentence on how to put it right.

    Examples
    --------
    >>> str(InputError("capacity[3]", -5.0, ">= 0", where="facility 'Utrecht'", advice="Use math.inf for no limit."))
    "capacity[3] is -5.0 (facility 'Utrecht'); expected >= 0. Use math.inf for no limit."
    """

    def __init__(self, what: str, got: Any, expected: str, *, where: str = "", advice: str = "") -> None:
        self.what, self.got, self.expected, self.where, self.advice = what, got, expected, where, advice
        shown = got if isinstance(got, Phrase) else _short(got)
        place = f" ({where})" if where else ""
        hint = f" {advice}" if advice else ""
        super().__init__(f"{what} is {shown}{place}; expected {expected}.{hint}")


class Phrase(str):
    """Words of ours that stand in a message without quotation marks: ``Phrase("missing")``."""


class InfeasibleError(NetdesignError):
    """A solution was asked of a result that has none."""


class CheckError(NetdesignError):
    """A solver's answer did not survive the independent check: a bug in this program, never the user's fault."""


def closest(word: str, known: list[str]) -> str:
    """Advice that names the known words nearest to a misspelt one, or all of them where there are few."""
    near = get_close_matches(word, known, n=3)
    if near:
        return "Did you mean " + " or ".join(repr(n) for n in near) + "?"
    return "Known: " + ", ".join(known) + "." if len(known) <= 20 else ""


def _short(value: Any, limit: int = 60) -> str:
    text = repr(value.item() if hasattr(value, "item") and getattr(value, "size", 1) == 1 else value)
    return text if len(text) <= limit else text[: limit - 1] + "…"
