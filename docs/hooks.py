"""Sphinx roles of the docstrings (:class:`X`) as plain code: mkdocstrings would print the role."""

from __future__ import annotations

import re
from typing import Any

_ROLE = re.compile(r":(?:class|func|meth|data|mod|attr):(?=<code>)")


def on_page_content(html: str, **_: Any) -> str:
    """Called by mkdocs for every page."""
    return _ROLE.sub("", html).replace("<code>~", "<code>")
