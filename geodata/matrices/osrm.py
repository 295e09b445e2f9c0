"""Travel times from a server that speaks OSRM's table protocol."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geodata.errors import GeodataError
from geodata.matrices.engine import MatrixParts
from geodata.matrices.results import Provenance, TravelMatrix
from geodata.sphere import as_lonlat

Floats = NDArray[np.float64]

VERSION: Final = "1"


@dataclass(frozen=True)
class OsrmEngine(MatrixParts):
    """Matrices from an OSRM server, in parts that it accepts. Which map and speeds it uses, only its owner knows.

    Attributes
    ----------
    url : str
        Address of the server, for example ``"http://127.0.0.1:5000"``.
    profile : str
        The server's profile.
    max_points : int
        Most points per request, OSRM's ``--max-table-size``.
    timeout_s : float
        Longest wait for an answer, in seconds.

    References
    ----------
    https://project-osrm.org/docs/v5.24.0/api/#table-service
    """

    url: str = "http://127.0.0.1:5000"
    profile: str = "driving"
    max_points: int = 100
    timeout_s: float = 60.0

    def __post_init__(self) -> None:
        if not self.url.startswith(("http://", "https://")):
            raise GeodataError(f"url is {self.url!r}; expected the address of a server, http://... or https://...")
        if self.max_points < 2:
            raise GeodataError(f"max_points is {self.max_points}; expected >= 2.")

    @property
    def provenance(self) -> Provenance:
        """Engine, version, server and profile."""
        return Provenance("osrm", VERSION, MappingProxyType({"url": self.url, "profile": self.profile}))

    def matrix(self, origins_lonlat: ArrayLike, destinations_lonlat: ArrayLike | None = None) -> TravelMatrix:
        """Distances and durations by the server; ``inf`` where it knows no way.

        Raises
        ------
        GeodataError
            If a coordinate is missing or out of range, or the server does not answer as it should.
        """
        origins = as_lonlat(origins_lonlat, "origins")
        destinations = origins if destinations_lonlat is None else as_lonlat(destinations_lonlat, "destinations")
        shape = (len(origins), len(destinations))
        distance_m, duration_s = np.empty(shape), np.empty(shape)
        half = self.max_points // 2
        for rows in _spans(shape[0], half):
            for columns in _spans(shape[1], half):
                answer = self._table(origins[rows], destinations[columns])
                distance_m[rows, columns] = _numbers(answer, "distances", self.url)
                duration_s[rows, columns] = _numbers(answer, "durations", self.url)
        return TravelMatrix(distance_m, duration_s, self.provenance)

    def _table(self, origins: Floats, destinations: Floats) -> dict[str, Any]:
        points = ";".join(f"{lon:.6f},{lat:.6f}" for lon, lat in np.concatenate([origins, destinations]))
        sources = ";".join(map(str, range(len(origins))))
        targets = ";".join(map(str, range(len(origins), len(origins) + len(destinations))))
        query = f"annotations=duration,distance&sources={sources}&destinations={targets}"
        address = f"{self.url.rstrip('/')}/table/v1/{self.profile}/{points}?{query}"
        try:
            with urllib.request.urlopen(address, timeout=self.timeout_s) as response:
                answer = json.load(response)
        except urllib.error.HTTPError as error:
            raise GeodataError(
                f"{self.url} refused a table of {len(origins)} by {len(destinations)}: {_why(error)}"
            ) from None
        except (OSError, ValueError) as error:
            raise GeodataError(
                f"{self.url} does not answer as OSRM does ({error}); expected a running server."
            ) from None
        if not isinstance(answer, dict) or answer.get("code") != "Ok":
            raise GeodataError(f"{self.url} does not answer as OSRM does; expected code 'Ok'.")
        return answer


def _spans(count: int, most: int) -> list[slice]:
    return [slice(begin, end) for begin, end in pairwise([*range(0, count, most), count])]


def _numbers(answer: dict[str, Any], name: str, url: str) -> Floats:
    if name not in answer:
        raise GeodataError(f"{url} sent no {name}; expected a server that knows annotations=duration,distance.")
    return np.array([[np.inf if value is None else value for value in row] for row in answer[name]], dtype=np.float64)


def _why(error: urllib.error.HTTPError) -> str:
    """What the server says, and what may help."""
    try:
        answer = json.load(error)
        words = f"{answer.get('code')}: {answer.get('message')}"
    except (ValueError, AttributeError):
        words = f"HTTP {error.code}"
    return words + (" Lower max_points." if "TooBig" in words or error.code in (413, 414) else "")
