"""Greenfield location: sites anywhere, in a plane or on the Earth; problem, solution and its judge."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from netdesign.errors import CheckError, InputError, Phrase
from netdesign.location.costs import EARTH_RADIUS_M, Floats, lonlat_points, points, read_only
from netdesign.location.frames import coordinates
from netdesign.location.models import Ids
from netdesign.location.solution import CUSTOMER, OPEN, SPIDER
from netdesign.location.validation import amounts, distinct_ids

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from matplotlib.axes import Axes


@dataclass(frozen=True, kw_only=True, eq=False)
class GreenfieldProblem:
    """Place p sites anywhere, so that ``sum(weight[i] * distance(i, nearest site))`` is least.

    Parameters
    ----------
    p
        Number of sites, at most one per customer.
    customer_lonlat
        Shape (customers, 2), degrees, longitude first: distances are great circles, in metres.
    customer_xy
        The same in a plane, in any unit of length. One of the two is given.
    weight
        Shape (customers,), >= 0: demand; ones where left out.
    factor
        What a unit of distance counts: a circuity, a cost per metre, or their product; > 0.
    customer_ids
        Unique ids; 0, 1, 2, … where left out.

    Raises
    ------
    InputError
        If anything above does not hold; the message names the culprit.

    Examples
    --------
    >>> problem = GreenfieldProblem(customer_xy=[[0, 0], [4, 0], [0, 4]], p=1)
    >>> problem.n_customers
    3
    """

    p: int
    customer_lonlat: Floats | None = None
    customer_xy: Floats | None = None
    weight: Floats | None = None
    factor: float = 1.0
    customer_ids: Ids | None = None

    def __post_init__(self) -> None:
        if (self.customer_lonlat is None) == (self.customer_xy is None):
            both = Phrase("missing" if self.customer_xy is None else "both given")
            raise InputError("customer_lonlat, customer_xy", both, "one of the two")
        if self.customer_lonlat is not None:
            self._set("customer_lonlat", lonlat_points("customer_lonlat", self.customer_lonlat))
        else:
            assert self.customer_xy is not None
            self._set("customer_xy", points("customer_xy", self.customer_xy))
        n = self.n_customers
        if n < 1:
            raise InputError("customers", Phrase("missing"), "at least one")
        if isinstance(self.p, bool) or not isinstance(self.p, (int, np.integer)) or not 1 <= self.p <= n:
            raise InputError(
                "p", self.p, f"an integer in 1..{n}", advice="One site per customer costs nothing already."
            )
        self._set("p", int(self.p))
        if not (np.isfinite(self.factor) and self.factor > 0):
            raise InputError("factor", self.factor, "a finite number > 0")
        ids = distinct_ids("customer_ids", self.customer_ids, n)
        self._set("customer_ids", ids)
        self._set("weight", amounts("weight", self.weight, np.ones, ids))

    @property
    def n_customers(self) -> int:
        """Number of customers."""
        return len(self.places)

    @property
    def places(self) -> Floats:
        """Shape (customers, 2): longitudes and latitudes, or coordinates of a plane."""
        found = self.customer_xy if self.customer_lonlat is None else self.customer_lonlat
        assert found is not None
        return found

    @property
    def on_sphere(self) -> bool:
        """Whether places are longitudes and latitudes."""
        return self.customer_lonlat is not None

    @property
    def customers(self) -> Ids:
        """Ids of the customers."""
        assert self.customer_ids is not None
        return self.customer_ids

    @property
    def weights(self) -> Floats:
        """Shape (customers,): the weights."""
        assert self.weight is not None
        return self.weight

    def replace(self, **changes: Any) -> GreenfieldProblem:
        """The same problem with some fields changed, validated again."""
        return replace(self, **changes)

    @classmethod
    def from_frame(cls, customers: pd.DataFrame, *, p: int, **fields: Any) -> GreenfieldProblem:
        """Customers in a table with the columns ``lon`` and ``lat``, or ``x`` and ``y``.

        Optional columns: ``customer`` (ids) and ``weight``. A field given as an argument wins over a column.

        Raises
        ------
        InputError
            If a column is missing or a value is wrong.
        """
        found: dict[str, Any] = {}
        if "customer" in customers.columns:
            found["customer_ids"] = tuple(customers["customer"])
        if "weight" in customers.columns:
            found["weight"] = customers["weight"].to_numpy()
        plane = {"x", "y"} <= set(customers.columns)
        field, pair = ("customer_xy", ("x", "y")) if plane else ("customer_lonlat", ("lon", "lat"))
        found[field] = coordinates(customers, pair, "customers")
        return cls(p=p, **(found | fields))

    def _set(self, what: str, value: Any) -> None:
        object.__setattr__(self, what, value)


@dataclass(frozen=True, eq=False)
class GreenfieldSolution:
    """Where the sites are, and who is served from where.

    Attributes
    ----------
    problem
        The problem it belongs to.
    sites
        Shape (p, 2): longitudes and latitudes, or coordinates of the plane.
    assignment
        Shape (customers,), int32: the site that serves each customer.
    """

    problem: GreenfieldProblem
    sites: Floats
    assignment: NDArray[np.int32]

    def __post_init__(self) -> None:
        object.__setattr__(self, "sites", read_only(self.sites))
        object.__setattr__(self, "assignment", read_only(self.assignment, np.int32))

    @property
    def distance(self) -> Floats:
        """Shape (customers,): from every customer to its site, in metres or the plane's unit, without the factor."""
        return _distance(self.problem, self.sites[self.assignment])

    def to_frame(self) -> pd.DataFrame:
        """One row per customer: customer, site (a number from 0), distance, weight."""
        import pandas as pd

        columns = {
            "customer": list(self.problem.customers),
            "site": self.assignment,
            "distance": self.distance,
            "weight": self.problem.weights,
        }
        return pd.DataFrame(columns)

    def sites_frame(self) -> pd.DataFrame:
        """One row per site: site, lon and lat (or x and y), customers and weight it serves, mean distance to them."""
        import pandas as pd

        p, weights = self.problem.p, self.problem.weights
        weight = np.bincount(self.assignment, weights=weights, minlength=p)
        money = np.bincount(self.assignment, weights=weights * self.distance, minlength=p)
        names = ("lon", "lat") if self.problem.on_sphere else ("x", "y")
        columns = {
            "site": np.arange(p),
            names[0]: self.sites[:, 0],
            names[1]: self.sites[:, 1],
            "customers": np.bincount(self.assignment, minlength=p),
            "weight": weight,
            "mean_distance": money / np.where(weight > 0, weight, 1.0),
        }
        return pd.DataFrame(columns)

    def to_geodataframe(self) -> gpd.GeoDataFrame:
        """The customers as points with the columns of :meth:`to_frame`."""
        return self._geo(self.to_frame(), self.problem.places)

    def sites_geodataframe(self) -> gpd.GeoDataFrame:
        """The sites as points with the columns of :meth:`sites_frame`."""
        return self._geo(self.sites_frame(), self.sites)

    def spider_lines(self) -> gpd.GeoDataFrame:
        """A line from every customer to its site, with the columns of :meth:`to_frame`; a line over the antimeridian is
        in two parts.
        """
        import geopandas as gpd

        crs = "EPSG:4326" if self.problem.on_sphere else None
        return gpd.GeoDataFrame(self.to_frame(), geometry=self._lines(), crs=crs)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw customers, lines to their sites, and sites as large as the weight they serve."""
        import matplotlib.pyplot as plt
        from matplotlib.collections import LineCollection

        places, frame = self.problem.places, self.sites_frame()
        if ax is None:
            _, ax = plt.subplots(figsize=(8, 8))
        parts = [np.asarray(part.coords) for line in self._lines() for part in getattr(line, "geoms", [line])]
        ax.add_collection(LineCollection(parts, colors=SPIDER, linewidths=0.6, alpha=0.7, zorder=1))
        label = f"{len(places)} customers"
        x, y = places.T
        ax.scatter(x, y, s=5, c=CUSTOMER, linewidths=0, zorder=2, label=label)
        size = 30 + 120 * frame["weight"].to_numpy() / max(float(frame["weight"].max()), 1e-300)
        x, y = self.sites.T
        label = f"{len(self.sites)} sites"
        ax.scatter(x, y, s=size, marker="s", c=OPEN, edgecolors="white", linewidths=0.8, zorder=3, label=label)
        middle = float(np.cos(np.radians(places[:, 1].mean()))) if self.problem.on_sphere else 1.0
        ax.set_aspect(1 / max(0.1, middle))
        ax.set_axis_off()
        ax.legend(loc="upper center", bbox_to_anchor=(0.5, 0.02), ncols=2, frameon=False)
        return ax

    def _geo(self, frame: pd.DataFrame, places: Floats) -> gpd.GeoDataFrame:
        import geopandas as gpd

        crs = "EPSG:4326" if self.problem.on_sphere else None
        return gpd.GeoDataFrame(frame, geometry=gpd.points_from_xy(*places.T), crs=crs)

    def _lines(self) -> list[Any]:
        from shapely import LineString, MultiLineString

        lines: list[Any] = []
        for (x, y), (u, v) in zip(self.problem.places, self.sites[self.assignment], strict=True):
            if not self.problem.on_sphere or abs(x - u) <= 180:
                lines.append(LineString([(x, y), (u, v)]))
                continue
            side = 180.0 if x > 0 else -180.0  # the line leaves on this side and comes back on the other
            part = (side - x) / (u + 2 * side - x)
            at = y + part * (v - y)
            lines.append(MultiLineString([[(x, y), (side, at)], [(-side, at), (u, v)]]))
        return lines


def check_greenfield(problem: GreenfieldProblem, solution: GreenfieldSolution) -> float:
    """Recompute the objective of a solution after making sure that it keeps every rule.

    Raises
    ------
    CheckError
        If a site is nowhere, their number is wrong, or a customer is served by a site that does not exist or is not the
        nearest.
    """
    sites, assignment = solution.sites, solution.assignment
    if sites.shape != (problem.p, 2) or not np.isfinite(sites).all():
        raise CheckError(f"sites of shape {sites.shape}; expected ({problem.p}, 2) finite numbers")
    if problem.on_sphere and ((np.abs(sites[:, 0]) > 180) | (np.abs(sites[:, 1]) > 90)).any():
        raise CheckError("a site off the Earth")
    if assignment.shape != (problem.n_customers,) or (assignment < 0).any() or (assignment >= problem.p).any():
        raise CheckError(f"an assignment of shape {assignment.shape} or to a site that does not exist")
    distance = _distance(problem, sites[assignment])
    for j in range(problem.p):
        nearer = _distance(problem, np.broadcast_to(sites[j], (problem.n_customers, 2)))
        for i in np.flatnonzero(nearer < distance * (1 - 1e-7) - 1e-12 * np.abs(sites).max()):
            raise CheckError(f"customer {problem.customers[i]!r} is nearer to site {j} than to its own")
    return float((problem.weights * distance).sum() * problem.factor)


def _distance(problem: GreenfieldProblem, sites: Floats) -> Floats:
    """Shape (customers,): to a site for each of them; haversines on the Earth."""
    places = problem.places
    if not problem.on_sphere:
        return np.asarray(np.hypot(*(places - sites).T))
    (lon, lat), (to_lon, to_lat) = np.radians(places).T, np.radians(sites).T
    half = np.sin((to_lat - lat) / 2) ** 2 + np.cos(lat) * np.cos(to_lat) * np.sin((to_lon - lon) / 2) ** 2
    return np.asarray(2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.clip(half, 0.0, 1.0))))
