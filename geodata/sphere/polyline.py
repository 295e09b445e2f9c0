"""Lines as short text, as maps on the web and routing servers exchange them."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from geodata.errors import GeodataError
from geodata.sphere.coordinates import as_lonlat


def encoded_polyline(lonlat: ArrayLike, *, digits: int = 5) -> str:
    """Points of a line as an encoded polyline: steps between rounded latitudes and longitudes, five bits to a letter.

    Parameters
    ----------
    lonlat : array_like, shape (n, 2)
        Longitude and latitude, in degrees; in the text latitudes come first.
    digits : int
        Decimals to keep: 5 for most readers (about a metre), 6 for some.

    Returns
    -------
    str

    Raises
    ------
    GeodataError
        If a coordinate is missing or out of range, or digits is not in 1..9.

    References
    ----------
    https://developers.google.com/maps/documentation/utilities/polylinealgorithm
    """
    if not 1 <= digits <= 9:
        raise GeodataError(f"digits is {digits}; expected 1..9.")
    whole = np.rint(as_lonlat(lonlat, "lonlat")[:, ::-1] * 10.0**digits).astype(np.int64)
    steps = np.diff(whole, axis=0, prepend=np.zeros((1, 2), dtype=np.int64)).ravel()
    # The sign moves to the last bit.
    return "".join(map(_letters, ((steps << 1) ^ (steps >> 63)).tolist()))


def _letters(value: int) -> str:
    """Five bits at a time, the lowest first; all but the last with a mark."""
    letters = []
    while value >= 32:
        letters.append(chr((value & 31 | 32) + 63))
        value >>= 5
    return "".join([*letters, chr(value + 63)])
