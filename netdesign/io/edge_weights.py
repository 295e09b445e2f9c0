"""``EDGE_WEIGHT_TYPE : EXPLICIT``: a matrix, whole or one triangle of it, as TSPLIB 95 §2.5 lays it out."""

from __future__ import annotations

import numpy as np

from netdesign.errors import InputError, Phrase
from netdesign.io.keywords import Document
from netdesign.io.numbers import Floats, Numbers

HEADERS = ("EDGE_WEIGHT_TYPE", "EDGE_WEIGHT_FORMAT", "NODE_COORD_TYPE", "DISPLAY_DATA_TYPE")
SECTIONS = ("NODE_COORD_SECTION", "EDGE_WEIGHT_SECTION", "DISPLAY_DATA_SECTION")
FORMATS = (
    "FULL_MATRIX",
    "LOWER_ROW",
    "UPPER_ROW",
    "LOWER_DIAG_ROW",
    "UPPER_DIAG_ROW",
    "LOWER_COL",
    "UPPER_COL",
    "LOWER_DIAG_COL",
    "UPPER_DIAG_COL",
)


def read_matrix(document: Document, nodes: int) -> Floats:
    """Shape (nodes, nodes), the diagonal zero; ``inf`` marks a pair without connection.

    Raises
    ------
    InputError
        If the section is too short or too long, or an entry is negative or not a number.
    """
    layout = document.one_of("EDGE_WEIGHT_FORMAT", FORMATS)
    entry = document.section("EDGE_WEIGHT_SECTION")
    numbers = Numbers(entry.text, first_line=entry.line)
    expected = _entries(layout, nodes)
    if numbers.size != expected:
        raise InputError(
            "EDGE_WEIGHT_SECTION",
            Phrase(f"{numbers.size:,} numbers long"),
            f"{expected:,} numbers for {layout} and DIMENSION {nodes:,}",
        )
    values = numbers.take(expected, "an entry of EDGE_WEIGHT_SECTION", infinite=True)
    numbers.require(
        values >= 0,
        0,
        1,
        lambda _: "an entry of EDGE_WEIGHT_SECTION",
        ">= 0",
        "Write inf where there is no connection.",
    )
    matrix = values.reshape(nodes, nodes).copy() if layout == "FULL_MATRIX" else _unfold(layout, values, nodes)
    np.fill_diagonal(matrix, 0.0)
    return matrix


def _entries(layout: str, n: int) -> int:
    if layout == "FULL_MATRIX":
        return n * n
    return n * (n + 1) // 2 if "_DIAG_" in layout else n * (n - 1) // 2


def _unfold(layout: str, values: Floats, n: int) -> Floats:
    """A symmetric matrix from one triangle; the lower triangle by columns is the upper one by rows, transposed."""
    lower = layout in ("LOWER_ROW", "LOWER_DIAG_ROW", "UPPER_COL", "UPPER_DIAG_COL")
    off = 0 if "_DIAG_" in layout else 1
    matrix = np.zeros((n, n))
    matrix[np.tril_indices(n, -off) if lower else np.triu_indices(n, off)] = values
    return np.maximum(matrix, matrix.T)
