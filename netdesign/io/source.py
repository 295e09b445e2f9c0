"""Where the text comes from: a file is read whole, decoded, and named in every message about it."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path

from netdesign.errors import InputError, Phrase

_CONTROL = bytes(c for c in range(32) if c not in b"\t\n\v\f\r")
_ENDINGS = b"\x1a\x00 \t\r\n"


def read_text(path: Path) -> str:
    """The text of a file with ``\\n`` line ends, whatever wrote it.

    UTF-8 with or without a byte order mark, else Latin-1 (old benchmark files carry names in it). A Ctrl-Z
    and zero bytes at the end, left by DOS editors, are dropped.

    Raises
    ------
    InputError
        If there is no such file, it cannot be read, or it is not text.
    """
    data = read_bytes(path).rstrip(_ENDINGS)
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise InputError(
            str(path), Phrase("UTF-16 text"), "UTF-8 text", advice="Save it again with the encoding UTF-8."
        )
    if data.translate(None, _CONTROL) != data:
        raise InputError(
            str(path),
            Phrase("not text: it holds control characters"),
            "a text file",
            advice="Unpack it first if it is compressed.",
        )
    if not data.removeprefix(codecs.BOM_UTF8).strip():
        raise InputError(str(path), Phrase("empty"), "a file with a problem in it")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    return text.replace("\r\n", "\n").replace("\r", "\n") + "\n"


def read_bytes(path: Path) -> bytes:
    """The bytes of a file, or an :class:`InputError` that says why there are none."""
    if path.is_char_device() or path.is_block_device():
        raise InputError(str(path), Phrase("a device"), "a file")
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise InputError(str(path), Phrase("missing"), "a file", advice=_neighbour(path)) from None
    except IsADirectoryError:
        raise InputError(str(path), Phrase("a directory"), "a file", advice="Name one of the files in it.") from None
    except PermissionError:
        raise InputError(str(path), Phrase("not readable for you"), "a file you may read") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(str(path), Phrase(f"not readable: {reason}"), "a file") from None


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Put the file's name in front of every complaint about its contents."""
    try:
        yield
    except InputError as error:
        raise InputError(
            f"{path.name}: {error.what}", error.got, error.expected, where=error.where, advice=error.advice
        ) from error


def _neighbour(path: Path) -> str:
    try:
        names = [p.name for p in path.parent.iterdir()]
    except OSError:
        return f"There is no directory {str(path.parent)!r}."
    near = get_close_matches(path.name, names, n=2) or [n for n in names if n.lower() == path.name.lower()]
    return "Did you mean " + " or ".join(repr(n) for n in near) + "?" if near else ""
