"""Names of places, in plain letters and as they are compared."""

from __future__ import annotations

import re
import unicodedata

# Letters that do not decompose into an ASCII letter and an accent.
_LETTERS = str.maketrans(
    {"ß": "ss", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "æ": "ae", "Æ": "AE", "œ": "oe"}
    | {"ı": "i", "ə": "a", "Ə": "A", "þ": "th", "Þ": "Th", "ð": "d", "Ð": "D", "’": "'", "‘": "'", "ʻ": "'"}
)
_WORD = re.compile(r"[^\W_]+")


def ascii_name(name: str) -> str:
    """The name without accents, ``"Köln"`` to ``"Koln"``; letters without an ASCII relative are dropped."""
    decomposed = unicodedata.normalize("NFKD", name.translate(_LETTERS))
    return decomposed.encode("ascii", "ignore").decode("ascii").strip()


def name_key(name: str) -> str:
    """What two spellings of a name have in common: its words without case, accents and punctuation.

    ``"'s-Hertogenbosch"`` becomes ``"s hertogenbosch"``. An apostrophe inside a word joins (``"Kings Lynn"`` is
    ``"King's Lynn"``), all other punctuation separates; words stay apart, because New Castle is not Newcastle.
    Letters of other scripts are kept.
    """
    decomposed = unicodedata.normalize("NFKD", name.translate(_LETTERS).replace("'", ""))
    plain = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return " ".join(_WORD.findall(plain.casefold()))
