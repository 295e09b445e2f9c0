"""What it costs to serve a customer from a site: four sources, one question.

A source answers ``cost(customers, sites)`` for index arrays that pair up as NumPy broadcasts: the cost of serving one
unit of the customer's weight. ``inf`` means that the site cannot serve the customer. Nothing of size customers x sites
is stored unless the user brought it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from netdesign.errors import InputError, Phrase, closest

Floats: TypeAlias = NDArray[np.float64]
Indices: TypeAlias = NDArray[np.integer[Any]]
Rounding = Literal["none", "nearest", "floor", "ceil"]

_PAIRS = 4_000_000
EARTH_RADIUS_M = 6_371_008.8
"""Mean radius of the Earth (IUGG)."""

ROUNDINGS: dict[str, Callable[[Floats], Floats]] = {
    "none": lambda d: d,
    "nearest": lambda d: np.floor(d + 0.5),
    "floor": np.floor,
    "ceil": np.ceil,
}


@dataclass(frozen=True, eq=False)
class CostMatrix:
    """Costs the user brings as a matrix.

    Parameters
    ----------
    values
        Shape (customers, sites), >= 0. ``inf`` where a site cannot serve a customer.

    Raises
    ------
    InputError
        If the shape is wrong, or an entry is negative or not a number.
    """

    values: Floats

    def __post_init__(self) -> None:
        values = read_only(self.values)
        if values.ndim != 2:
            raise InputError("cost matrix", Phrase(f"of shape {values.shape}"), "shape (customers, sites)")
        bad = first(~(values >= 0))
        if bad is not None:
            raise InputError(
                f"cost[{bad[0]}, {bad[1]}]",
                float(values[bad]),
                ">= 0",
                advice="Use math.inf where a site cannot serve a customer.",
            )
        object.__setattr__(self, "values", values)

    @property
    def n_customers(self) -> int:
        """Number of customers."""
        return int(self.values.shape[0])

    @property
    def n_sites(self) -> int:
        """Number of sites."""
        return int(self.values.shape[1])

    def cost(self, customers: Indices, sites: Indices) -> Floats:
        """Costs of paired customers and sites."""
        return self.values[customers, sites]

    def servable(self, usable: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Shape (customers,): whether at least one of the usable sites can serve the customer."""
        return np.array([np.isfinite(row[usable]).any() for row in self.values], dtype=bool)


@dataclass(frozen=True, eq=False)
class PlanarCosts:
    """Euclidean distances between points of a plane.

    Parameters
    ----------
    customer_xy, site_xy
        Shapes (customers, 2) and (sites, 2), in any unit of length.
    rounding
        ``none``, ``nearest``, ``floor`` or ``ceil``: how benchmark formats make integers of distances.

    Raises
    ------
    InputError
        If a coordinate is not finite, a shape is wrong or the rounding is unknown.
    """

    customer_xy: Floats
    site_xy: Floats
    rounding: Rounding = "none"

    def __post_init__(self) -> None:
        for what in ("customer_xy", "site_xy"):
            object.__setattr__(self, what, points(what, getattr(self, what)))
        if self.rounding not in ROUNDINGS:
            advice = closest(str(self.rounding), list(ROUNDINGS))
            raise InputError("rounding", self.rounding, "one of " + ", ".join(ROUNDINGS), advice=advice)

    @property
    def n_customers(self) -> int:
        """Number of customers."""
        return len(self.customer_xy)

    @property
    def n_sites(self) -> int:
        """Number of sites."""
        return len(self.site_xy)

    def cost(self, customers: Indices, sites: Indices) -> Floats:
        """Distances between paired customers and sites."""
        dx, dy = np.moveaxis(self.customer_xy[customers] - self.site_xy[sites], -1, 0)
        return ROUNDINGS[self.rounding](np.sqrt(dx * dx + dy * dy))

    def servable(self, usable: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Shape (customers,): everyone is reached as long as one site is usable."""
        return np.full(self.n_customers, bool(usable.any()))


@dataclass(frozen=True, eq=False)
class SphereCosts:
    """Great-circle distances in metres, times a factor.

    Parameters
    ----------
    customer_lonlat, site_lonlat
        Shapes (customers, 2) and (sites, 2), degrees, longitude first.
    factor
        What a metre counts: a circuity, a cost per metre, or their product; > 0.

    Raises
    ------
    InputError
        If a coordinate is outside its range, or the factor is not positive.
    """

    customer_lonlat: Floats
    site_lonlat: Floats
    factor: float = 1.0

    def __post_init__(self) -> None:
        for what in ("customer_lonlat", "site_lonlat"):
            object.__setattr__(self, what, lonlat_points(what, getattr(self, what)))
        if not (np.isfinite(self.factor) and self.factor > 0):
            raise InputError("factor", self.factor, "a finite number > 0")

    @property
    def n_customers(self) -> int:
        """Number of customers."""
        return len(self.customer_lonlat)

    @property
    def n_sites(self) -> int:
        """Number of sites."""
        return len(self.site_lonlat)

    def cost(self, customers: Indices, sites: Indices) -> Floats:
        """Great-circle distances between paired customers and sites, times the factor."""
        apart = unit_vectors(self.customer_lonlat[customers]) - unit_vectors(self.site_lonlat[sites])
        chord = np.sqrt((apart * apart).sum(axis=-1))
        return np.asarray(2 * EARTH_RADIUS_M * self.factor * np.arcsin(np.minimum(chord / 2, 1.0)))

    def servable(self, usable: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Shape (customers,): everyone is reached as long as one site is usable."""
        return np.full(self.n_customers, bool(usable.any()))


@dataclass(frozen=True, eq=False)
class SparseCosts:
    """A list of sites and costs per customer; what is not listed cannot serve.

    Parameters
    ----------
    offsets
        Shape (customers + 1,), from 0 to the number of entries: customer i owns entries ``offsets[i]:offsets[i + 1]``.
    sites
        Shape (entries,), site indices; a customer lists a site at most once.
    cost
        Shape (entries,), >= 0.
    n_sites
        Number of sites.
    complete
        True where every pair that exists is listed. False where the lists were cut off: an unlisted pair is
        still not used in a solution, but the bound then holds for the problem with all pairs too, on the
        understanding that no unlisted site is cheaper than the customer's dearest listed one.

    Raises
    ------
    InputError
        If the arrays do not fit together; the message names the entry.
    """

    offsets: NDArray[np.int64]
    sites: NDArray[np.int32]
    cost_values: Floats
    n_sites: int
    complete: bool = True

    def __init__(
        self, offsets: ArrayLike, sites: ArrayLike, cost: ArrayLike, n_sites: int, complete: bool = True
    ) -> None:
        for name, value in (("n_sites", int(n_sites)), ("complete", bool(complete))):
            object.__setattr__(self, name, value)
        object.__setattr__(self, "offsets", read_only(offsets, np.int64))
        given_sites, given_cost = np.asarray(sites), np.asarray(cost, dtype=np.float64)
        self._check(given_sites, given_cost)
        order = np.lexsort((given_sites, given_cost, self._owners()))
        object.__setattr__(self, "sites", read_only(given_sites[order], np.int32))
        object.__setattr__(self, "cost_values", read_only(given_cost[order]))

    @property
    def n_customers(self) -> int:
        """Number of customers."""
        return len(self.offsets) - 1

    def cost(self, customers: Indices, sites: Indices) -> Floats:
        """Costs of paired customers and sites, ``inf`` where a pair is not listed."""
        keys, values = self._by_pair
        wanted = np.asarray(customers, dtype=np.int64) * self.n_sites + sites
        at = np.minimum(np.searchsorted(keys, wanted), max(len(keys) - 1, 0))
        if not len(keys):
            return np.full(wanted.shape, np.inf)
        return np.where(keys[at] == wanted, values[at], np.inf)

    def servable(self, usable: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Shape (customers,): whether at least one of the usable sites is listed at a finite cost."""
        good = usable[self.sites] & np.isfinite(self.cost_values)
        return np.bincount(self._owners()[good], minlength=self.n_customers) > 0

    @cached_property
    def _by_pair(self) -> tuple[NDArray[np.int64], Floats]:
        """The entries sorted by customer and site: keys ``customer * n_sites + site`` and their costs."""
        keys = self._owners() * self.n_sites + self.sites
        order = np.argsort(keys)
        return keys[order], self.cost_values[order]

    def _owners(self) -> NDArray[np.int64]:
        return np.repeat(np.arange(self.n_customers), np.diff(self.offsets))

    def _check(self, sites: NDArray[Any], cost: Floats) -> None:
        offsets = self.offsets
        if offsets.ndim != 1 or len(offsets) < 1 or offsets[0] != 0 or (np.diff(offsets) < 0).any():
            raise InputError("offsets", Phrase("not ascending from 0"), "shape (customers + 1,), ascending from 0")
        if sites.shape != (offsets[-1],) or cost.shape != sites.shape:
            raise InputError(
                "sites, cost",
                Phrase(f"of shapes {sites.shape}, {cost.shape}"),
                f"{offsets[-1]} entries each, as offsets say",
            )
        bad = first(~((sites >= 0) & (sites < self.n_sites)))
        if bad is not None:
            raise InputError(f"sites[{bad[0]}]", sites[bad], f"a site index in 0..{self.n_sites - 1}")
        bad = first(~(cost >= 0))
        if bad is not None:
            raise InputError(
                f"cost[{bad[0]}]",
                float(cost[bad]),
                ">= 0",
                advice="Leave out the pair where a site cannot serve a customer.",
            )
        key = self._owners() * self.n_sites + sites
        order = np.argsort(key, kind="stable")
        twice = np.flatnonzero(np.diff(key[order]) == 0)
        if twice.size:
            at = int(order[twice[0] + 1])
            raise InputError(
                f"sites[{at}]",
                sites[at],
                "a site listed once per customer",
                where=f"customer {int(key[at] // self.n_sites)}",
            )


Costs: TypeAlias = CostMatrix | PlanarCosts | SphereCosts | SparseCosts


def places(costs: PlanarCosts | SphereCosts) -> tuple[Floats, Floats]:
    """Customers and sites as points between which a straight line is the longer the higher the cost."""
    if isinstance(costs, PlanarCosts):
        return costs.customer_xy, costs.site_xy
    return unit_vectors(costs.customer_lonlat), unit_vectors(costs.site_lonlat)


def blocks(customers: int, sites: int) -> Iterator[Indices]:
    """The indices of all customers in pieces, each with a few million pairs of customer and site."""
    step = max(1, _PAIRS // max(1, sites))
    for start in range(0, customers, step):
        yield np.arange(start, min(start + step, customers))


def unit_vectors(lonlat: Floats) -> Floats:
    """Shape (…, 3): the points on the unit sphere."""
    lon, lat = np.moveaxis(np.radians(lonlat), -1, 0)
    return np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=-1)


def read_only(values: ArrayLike, dtype: Any = np.float64) -> NDArray[Any]:
    """A contiguous copy that nobody can write to."""
    array = np.array(values, dtype=dtype, order="C")
    array.setflags(write=False)
    return array


def first(bad: NDArray[np.bool_]) -> tuple[int, ...] | None:
    """Index of the first True, or None."""
    at = int(bad.argmax()) if bad.size else 0
    return tuple(int(k) for k in np.unravel_index(at, bad.shape)) if bad.size and bad.flat[at] else None


def points(what: str, values: ArrayLike) -> Floats:
    """Shape (points, 2), finite, read-only; an InputError names what is not."""
    array = read_only(values)
    if array.ndim != 2 or array.shape[1] != 2:
        raise InputError(what, Phrase(f"of shape {array.shape}"), "shape (points, 2)")
    bad = first(~np.isfinite(array))
    if bad is not None:
        raise InputError(f"{what}[{bad[0]}, {bad[1]}]", float(array[bad]), "a finite number")
    return array


def lonlat_points(what: str, values: ArrayLike) -> Floats:
    """As :func:`points`, within the range of longitudes and latitudes."""
    array = points(what, values)
    bad = first((np.abs(array[:, 0]) > 180) | (np.abs(array[:, 1]) > 90))
    if bad is not None:
        expected = "lon in -180..180 and lat in -90..90"
        raise InputError(f"{what}[{bad[0]}]", array[bad].tolist(), expected, advice="Are lon and lat swapped?")
    return array
