"""How far and how long from one location to another: four sources, one question.

A travel source answers ``distance(i, j)`` and ``duration(i, j)`` for arrays of location indices. Nothing
quadratic is stored unless the user brought a matrix. Distances and durations are in the user's own units;
the sphere speaks metres and seconds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass, replace
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from netdesign.errors import InputError, Phrase, closest

Floats: TypeAlias = NDArray[np.float64]
Indices: TypeAlias = NDArray[np.integer[Any]]
Rounding = Literal["none", "nearest", "floor", "ceil", "dimacs", "exact", "ceil100"]

EARTH_RADIUS_M = 6_371_008.8
"""Mean radius of the Earth (IUGG); the same as in ``geodata.matrices``."""

ROUNDINGS: dict[str, tuple[float, Callable[[Floats], Floats] | None]] = {
    "none": (1.0, None),
    "nearest": (1.0, lambda d: np.floor(d + 0.5)),
    "floor": (1.0, np.floor),
    "ceil": (1.0, np.ceil),
    "dimacs": (10.0, np.floor),
    "exact": (1000.0, lambda d: np.floor(d + 0.5)),
    "ceil100": (100.0, np.ceil),
}
"""Per rounding: the factor that makes its values integers, and the function applied after scaling."""


@dataclass(frozen=True, eq=False)
class PlanarTravel:
    """Euclidean distances between points of a plane, rounded as the benchmark formats do.

    Parameters
    ----------
    xy
        Shape (locations, 2), coordinates in any unit of length.
    rounding
        ``none``, ``nearest``, ``floor``, ``ceil``; ``dimacs`` truncates to one decimal, ``exact`` rounds to
        three, ``ceil100`` rounds up to two.
    speed
        Units of length per unit of time; durations are distances divided by it.

    Raises
    ------
    InputError
        If a coordinate is not finite, the shape is wrong, the rounding unknown or the speed not positive.
    """

    xy: Floats
    rounding: Rounding = "none"
    speed: float = 1.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "xy", _points("xy", self.xy))
        if self.rounding not in ROUNDINGS:
            raise InputError(
                "rounding",
                self.rounding,
                "one of " + ", ".join(ROUNDINGS),
                advice=closest(str(self.rounding), list(ROUNDINGS)),
            )
        _positive("speed", self.speed)

    @property
    def n_locations(self) -> int:
        """Number of locations."""
        return len(self.xy)

    @property
    def symmetric(self) -> bool:
        """Whether both directions of every pair cost the same."""
        return True

    def subset(self, locations: Indices) -> PlanarTravel:
        """The same source over some of its locations."""
        return replace(self, xy=self.xy[locations])

    def distance(self, origin: Indices, destination: Indices) -> Floats:
        """Distances between paired locations, in the unit of the coordinates."""
        dx, dy = (self.xy[origin] - self.xy[destination]).T
        raw = np.sqrt(dx * dx + dy * dy)
        factor, function = ROUNDINGS[self.rounding]
        return raw if function is None else function(raw * factor) / factor

    def duration(self, origin: Indices, destination: Indices) -> Floats:
        """Travel times between paired locations."""
        return self.distance(origin, destination) / self.speed


@dataclass(frozen=True, eq=False)
class SphereTravel:
    """Great-circle distances times a circuity, at one speed.

    Parameters
    ----------
    lonlat
        Shape (locations, 2), degrees, longitude first.
    circuity
        Road distance over straight line, at least 1.
    speed_kmh
        Average speed on the road, km/h.

    Raises
    ------
    InputError
        If a coordinate is outside its range, or circuity or speed make no sense.
    """

    lonlat: Floats
    circuity: float = 1.3
    speed_kmh: float = 30.0

    def __post_init__(self) -> None:
        lonlat = _points("lonlat", self.lonlat)
        bad = np.flatnonzero((np.abs(lonlat[:, 0]) > 180) | (np.abs(lonlat[:, 1]) > 90))
        if bad.size:
            raise InputError(
                f"lonlat[{bad[0]}]",
                lonlat[bad[0]].tolist(),
                "lon in -180..180 and lat in -90..90",
                advice="Are lon and lat swapped?",
            )
        object.__setattr__(self, "lonlat", lonlat)
        _positive("circuity", self.circuity)
        _positive("speed_kmh", self.speed_kmh)

    @property
    def n_locations(self) -> int:
        """Number of locations."""
        return len(self.lonlat)

    @property
    def symmetric(self) -> bool:
        """Whether both directions of every pair cost the same."""
        return True

    def subset(self, locations: Indices) -> SphereTravel:
        """The same source over some of its locations."""
        return replace(self, lonlat=self.lonlat[locations])

    def distance(self, origin: Indices, destination: Indices) -> Floats:
        """Distances between paired locations, in metres."""
        a, b = self.unit_vectors[origin], self.unit_vectors[destination]
        chord = np.sqrt(((a - b) ** 2).sum(axis=-1))
        return np.asarray(2 * EARTH_RADIUS_M * self.circuity * np.arcsin(np.minimum(chord / 2, 1.0)))

    def duration(self, origin: Indices, destination: Indices) -> Floats:
        """Travel times between paired locations, in seconds."""
        return self.distance(origin, destination) / (self.speed_kmh / 3.6)

    @property
    def unit_vectors(self) -> Floats:
        """Shape (locations, 3): the points on the unit sphere."""
        lon, lat = np.radians(self.lonlat).T
        return np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=1)


@dataclass(frozen=True, eq=False)
class MatrixTravel:
    """Distances and durations the user brings; they may be asymmetric.

    Parameters
    ----------
    distances
        Shape (locations, locations), from row to column. ``inf`` marks a pair without connection.
    durations
        The same shape; the distances where it is left out.

    Raises
    ------
    InputError
        If a matrix is not square, or an entry is negative or not a number.
    """

    distances: Floats
    durations: Floats | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "distances", _matrix("distances", self.distances))
        if self.durations is not None:
            durations = _matrix("durations", self.durations)
            if durations.shape != self.distances.shape:
                raise InputError(
                    "durations",
                    Phrase(f"of shape {durations.shape}"),
                    f"the shape {self.distances.shape} of the distances",
                )
            object.__setattr__(self, "durations", durations)

    @property
    def n_locations(self) -> int:
        """Number of locations."""
        return len(self.distances)

    @property
    def symmetric(self) -> bool:
        """Whether both directions of every pair cost the same."""
        return all(np.array_equal(m, m.T) for m in (self.distances, self.durations) if m is not None)

    def subset(self, locations: Indices) -> MatrixTravel:
        """The same source over some of its locations."""
        pairs = np.ix_(locations, locations)
        return MatrixTravel(self.distances[pairs], None if self.durations is None else self.durations[pairs])

    def distance(self, origin: Indices, destination: Indices) -> Floats:
        """Distances between paired locations, in the user's unit."""
        return self.distances[origin, destination]

    def duration(self, origin: Indices, destination: Indices) -> Floats:
        """Travel times between paired locations, in the user's unit."""
        return (self.distances if self.durations is None else self.durations)[origin, destination]


@dataclass(frozen=True, eq=False)
class SparseTravel:
    """Lists of near pairs with distances the user brings, and a fallback for all other pairs.

    For road networks with so many locations that no matrix fits. Pairs are directed: row i lists pairs from i.

    Parameters
    ----------
    neighbors
        Shape (locations, entries), location indices; a negative one is no entry, nor is i in row i. Rows are kept
        in ascending order, the other arrays with them.
    distances
        The same shape, in the fallback's unit of distance, metres for a sphere. ``inf`` marks a pair without
        connection. Numbers where there is no entry are ignored.
    fallback
        Coordinates of the same locations, for every pair that is not listed.
    durations
        The same shape, in the fallback's unit of time, seconds for a sphere; the distances at the fallback's speed
        where they are left out.

    Raises
    ------
    InputError
        If the arrays do not fit together, an index is no location or twice in a row, or a number is negative.
    """

    neighbors: NDArray[np.int32]
    distances: Floats
    _: KW_ONLY
    fallback: PlanarTravel | SphereTravel
    durations: Floats | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.fallback, (PlanarTravel, SphereTravel)):
            raise InputError("fallback", type(self.fallback).__name__, "a PlanarTravel or a SphereTravel")
        given = _entries(self.neighbors, self.n_locations)
        order = np.argsort(given, axis=1)
        neighbors = np.take_along_axis(given, order, axis=1)
        bad = np.argwhere((neighbors[:, 1:] == neighbors[:, :-1]) & (neighbors[:, 1:] >= 0))
        if bad.size:
            i, k = bad[0]
            raise InputError(f"neighbors[{i}]", Phrase(f"with {neighbors[i, k]} twice"), "every neighbor at most once")
        for what in ("distances", "durations"):
            if getattr(self, what) is not None:
                values = _listed(what, getattr(self, what), given >= 0)
                object.__setattr__(self, what, read_only(np.take_along_axis(values, order, axis=1)))
        object.__setattr__(self, "neighbors", read_only(neighbors, np.int32))

    @property
    def n_locations(self) -> int:
        """Number of locations."""
        return self.fallback.n_locations

    @property
    def symmetric(self) -> bool:
        """Whether both directions of every pair cost the same."""
        origin, column = np.nonzero(self.neighbors >= 0)
        destination = self.neighbors[origin, column]
        return all(
            np.array_equal(answer(origin, destination), answer(destination, origin))
            for answer in (self.distance, self.duration)
        )

    def subset(self, locations: Indices) -> SparseTravel:
        """The same source over some of its locations; pairs that are listed among them stay so."""
        place = np.full(self.n_locations, -1)
        place[locations] = np.arange(len(place[locations]))
        rows = self.neighbors[locations]
        return SparseTravel(
            np.where(rows >= 0, place[rows], -1),
            self.distances[locations],
            fallback=self.fallback.subset(locations),
            durations=None if self.durations is None else self.durations[locations],
        )

    def distance(self, origin: Indices, destination: Indices) -> Floats:
        """Distances between paired locations, in the fallback's unit."""
        return self._look_up(self.distances, self.fallback.distance, origin, destination)

    def duration(self, origin: Indices, destination: Indices) -> Floats:
        """Travel times between paired locations, in the fallback's unit."""
        if self.durations is None:
            return self.distance(origin, destination) / speed_by_points(self.fallback)
        return self._look_up(self.durations, self.fallback.duration, origin, destination)

    def _look_up(
        self, values: Floats, fallback: Callable[[Indices, Indices], Floats], origin: Indices, destination: Indices
    ) -> Floats:
        """What the lists say, else what the fallback says."""
        origin, destination = np.asarray(origin), np.asarray(destination)
        # Binary search in all rows at once: how many entries are below the destination.
        width = self.neighbors.shape[1]
        below = np.zeros(np.broadcast_shapes(origin.shape, destination.shape), dtype=np.int64)
        for power in reversed(range(width.bit_length())):
            further = below + (1 << power)
            fits = (further <= width) & (self.neighbors[origin, np.minimum(further, width) - 1] < destination)
            below = np.where(fits, further, below)
        column = np.minimum(below, width - 1)
        listed = self.neighbors[origin, column] == destination
        return np.where(listed, values[origin, column], fallback(origin, destination))


Travel: TypeAlias = PlanarTravel | SphereTravel | MatrixTravel | SparseTravel


def speed_of(travel: Travel) -> float | None:
    """Distance per time where it is one for all pairs."""
    if isinstance(travel, MatrixTravel):
        return 1.0 if travel.durations is None else None
    if isinstance(travel, SparseTravel):
        return speed_by_points(travel.fallback) if travel.durations is None else None
    return speed_by_points(travel)


def speed_by_points(travel: PlanarTravel | SphereTravel) -> float:
    """Distance per time."""
    return travel.speed if isinstance(travel, PlanarTravel) else travel.speed_kmh / 3.6


def read_only(values: ArrayLike, dtype: Any = np.float64) -> NDArray[Any]:
    """A contiguous copy that nobody can write to."""
    array = np.array(values, dtype=dtype, order="C")
    array.setflags(write=False)
    return array


def _points(what: str, values: ArrayLike) -> Floats:
    array = read_only(values)
    if array.ndim != 2 or array.shape[1] != 2:
        raise InputError(what, Phrase(f"of shape {array.shape}"), "shape (locations, 2)")
    bad = np.argwhere(~np.isfinite(array))
    if bad.size:
        raise InputError(f"{what}[{bad[0][0]}, {bad[0][1]}]", float(array[tuple(bad[0])]), "a finite number")
    return array


def _matrix(what: str, values: ArrayLike) -> Floats:
    array = read_only(values)
    if array.ndim != 2 or array.shape[0] != array.shape[1]:
        raise InputError(what, Phrase(f"of shape {array.shape}"), "a square matrix over all locations, depots first")
    bad = np.argwhere(~(array >= 0))
    if bad.size:
        raise InputError(
            f"{what}[{bad[0][0]}, {bad[0][1]}]",
            float(array[tuple(bad[0])]),
            ">= 0",
            advice="Use math.inf where there is no connection.",
        )
    return array


def _entries(values: ArrayLike, n_locations: int) -> NDArray[np.integer[Any]]:
    """Location indices per row, -1 where there is no entry."""
    array = np.asarray(values)
    if array.ndim != 2 or array.shape[0] != n_locations or array.shape[1] == 0:
        expected = f"shape ({n_locations}, entries): a row for each location of the fallback, one entry or more"
        raise InputError("neighbors", Phrase(f"of shape {array.shape}"), expected)
    if not np.issubdtype(array.dtype, np.integer):
        raise InputError("neighbors", Phrase(f"an array of {array.dtype}"), "location indices, whole numbers")
    bad = np.argwhere(array >= n_locations)
    if bad.size:
        at = f"neighbors[{bad[0][0]}, {bad[0][1]}]"
        expected = f"a location index, 0..{n_locations - 1}"
        raise InputError(at, int(array[tuple(bad[0])]), expected, advice="Use -1 where there is no entry.")
    return np.where((array < 0) | (array == np.arange(n_locations)[:, None]), -1, array)


def _listed(what: str, values: ArrayLike, entered: NDArray[np.bool_]) -> Floats:
    """Numbers of the entries, ``inf`` where there is none."""
    array = np.asarray(values, dtype=np.float64)
    if array.shape != entered.shape:
        raise InputError(what, Phrase(f"of shape {array.shape}"), f"the shape {entered.shape} of the neighbors")
    bad = np.argwhere(entered & ~(array >= 0))
    if bad.size:
        raise InputError(
            f"{what}[{bad[0][0]}, {bad[0][1]}]",
            float(array[tuple(bad[0])]),
            ">= 0",
            advice="Use math.inf where there is no connection, and a negative neighbor where there is no entry.",
        )
    return np.where(entered, array, np.inf)


def _positive(what: str, value: float) -> None:
    if not (np.isfinite(value) and value > 0):
        raise InputError(what, value, "a finite number > 0")
