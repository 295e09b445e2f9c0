"""The facility location problem, defined once: frozen, validated, in the user's units."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from netdesign.errors import InputError, Phrase, closest
from netdesign.location.costs import (
    CostMatrix,
    Costs,
    Floats,
    Indices,
    PlanarCosts,
    Rounding,
    SparseCosts,
    SphereCosts,
    first,
    lonlat_points,
    read_only,
)

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

Model = Literal[
    "p-median",
    "uncapacitated",
    "capacitated",
    "single-source",
    "p-center",
    "p-dispersion",
    "set-cover",
    "partial-cover",
    "max-cover",
    "backup-cover",
    "gradual-cover",
]
SiteStatus = Literal["open", "candidate", "closed"]
MOST_COVERED = ("max-cover", "backup-cover", "gradual-cover")
MAXIMIZED = (*MOST_COVERED, "p-dispersion")
"""Models whose objective is as large as can be; the others minimize."""
LEAST_COVERING = ("set-cover", "partial-cover")
WITH_P = ("p-median", "p-center", *MAXIMIZED)
WITH_RADIUS = (*LEAST_COVERING, *MOST_COVERED)
WITH_OUTER_RADIUS = ("gradual-cover",)
WITH_SHARE = ("partial-cover",)
WITH_CAPACITY = ("capacitated", "single-source")
SUMS = ("p-median", "uncapacitated", *WITH_CAPACITY)
"""Models whose objective is the cost of serving everybody."""
MOST_DISPERSED = 5_000
"""Sites of a p-dispersion."""
Ids: TypeAlias = tuple[int | str, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class LocationProblem:
    """Choose which sites to open.

    ==================  ============================================================================================
    model               objective
    ==================  ============================================================================================
    ``p-median``        least ``sum(weight[i] * cost(i, site of i)) + sum(fixed_cost[j] over open sites j)``, p open
    ``uncapacitated``   the same, any number of sites open, at least one
    ``capacitated``     the same, no site carries more weight than its capacity; a customer may be served by several
    ``single-source``   the same, every customer served by one site
    ``p-center``        least ``max(weight[i] * cost(i, site of i))``, p sites open
    ``p-dispersion``    most ``min(cost(j, k))`` over any two of p open sites, 0 for one alone; nobody is served
    ``set-cover``       least ``sum(fixed_cost[j] over open sites j)``, an open site within the radius of everybody
    ``partial-cover``   the same, within the radius of ``coverage_share`` of the weight
    ``max-cover``       most ``sum(weight[i] over customers with an open site within the radius)``, p sites open
    ``backup-cover``    the same over customers with two open sites within the radius
    ``gradual-cover``   most ``sum(weight[i] * c)``, p sites open; c is 1 where the nearest open site is within the
                        radius and falls linearly to 0 at the outer radius
    ==================  ============================================================================================

    Parameters
    ----------
    costs
        What serving one unit of weight costs: :class:`CostMatrix`, :class:`PlanarCosts`, :class:`SphereCosts`
        or :class:`SparseCosts`.
    model
        One of the table.
    p
        Number of open sites, forced ones included, where the model has one.
    coverage_radius
        For the models of covering: a site covers a customer where the cost is at most this, >= 0.
    outer_radius
        For ``gradual-cover``: above `coverage_radius`; a site of this cost covers nothing.
    coverage_share
        For ``partial-cover``: in (0, 1].
    capacity
        For ``capacitated`` and ``single-source``: shape (sites,), >= 0, the weight that a site can serve at most.
    place
        For the same models: shape (sites,), names. Of the sites of one place at most one opens: they are the sizes or
        the technologies to choose from there. ``None`` is a place of its own, as every site is where left out.
    fixed_cost
        Shape (sites,), >= 0: cost of having the site open. Where left out zeros, ones for ``set-cover``
        and ``partial-cover``; ``p-center`` and the models that cover most have no place for it.
    weight
        Shape (customers,), >= 0: demand; ones where left out. A customer of weight 0 still needs a site that can
        serve it.
    status
        Shape (sites,): ``open`` (stays open whatever it costs), ``candidate`` or ``closed``; all candidates
        where left out.
    customer_ids, site_ids
        Unique ids; 0, 1, 2, … where left out.
    customer_lonlat, site_lonlat
        Shapes (customers, 2) and (sites, 2), degrees: for maps only. Taken from the costs where those know them.

    Raises
    ------
    InputError
        If anything above does not hold; the message names the culprit.

    Notes
    -----
    A customer that no usable site can serve is not an error here, nor is a `p` above the number of usable
    sites: :func:`netdesign.location.locate` returns a result that says so.

    Examples
    --------
    >>> problem = LocationProblem(costs=PlanarCosts([[0, 0], [0, 2], [9, 9]], [[0, 1], [9, 8]]), model="p-median", p=1)
    >>> problem.n_customers, problem.n_sites
    (3, 2)
    >>> problem.replace(p=2).p
    2
    """

    costs: Costs
    model: Model
    p: int | None = None
    coverage_radius: float | None = None
    outer_radius: float | None = None
    coverage_share: float | None = None
    capacity: Floats | None = None
    place: Sequence[int | str | None] | None = None
    fixed_cost: Floats | None = None
    weight: Floats | None = None
    status: NDArray[np.str_] | Sequence[str] | None = None
    customer_ids: Ids | None = None
    site_ids: Ids | None = None
    customer_lonlat: Floats | None = None
    site_lonlat: Floats | None = None

    def __post_init__(self) -> None:
        self._check_model()
        n, m = self.n_customers, self.n_sites
        self._set("customer_ids", _ids("customer_ids", self.customer_ids, n))
        self._set("site_ids", _ids("site_ids", self.site_ids, m))
        free = np.ones if self.model in LEAST_COVERING else np.zeros
        self._set("weight", self._amounts("weight", self.weight, np.ones, self.customers))
        self._set("fixed_cost", self._amounts("fixed_cost", self.fixed_cost, free, self.sites))
        if self.capacity is not None:
            self._set("capacity", self._amounts("capacity", self.capacity, np.zeros, self.sites))
        self._set("status", self._statuses())
        self._check_places()
        self._check_dispersion()
        self._check_rest()
        on_sphere = isinstance(self.costs, SphereCosts)
        for what, count in (("customer_lonlat", n), ("site_lonlat", m)):
            given = getattr(self, what)
            if given is None and on_sphere:
                given = getattr(self.costs, what)
            self._set(what, None if given is None else _map_points(what, given, count))

    # -- what is derived -------------------------------------------------------------------------------------

    @property
    def n_customers(self) -> int:
        """Number of customers."""
        return self.costs.n_customers

    @property
    def n_sites(self) -> int:
        """Number of sites, closed ones included."""
        return self.costs.n_sites

    @property
    def customers(self) -> Ids:
        """Ids of the customers."""
        assert self.customer_ids is not None
        return self.customer_ids

    @property
    def sites(self) -> Ids:
        """Ids of the sites."""
        assert self.site_ids is not None
        return self.site_ids

    @property
    def weights(self) -> Floats:
        """Shape (customers,): the weights."""
        assert self.weight is not None
        return self.weight

    @property
    def fixed_costs(self) -> Floats:
        """Shape (sites,): the fixed costs."""
        assert self.fixed_cost is not None
        return self.fixed_cost

    @property
    def forced(self) -> NDArray[np.bool_]:
        """Shape (sites,): which sites must be open."""
        return np.asarray(self.status == "open")

    @property
    def usable(self) -> NDArray[np.bool_]:
        """Shape (sites,): which sites may be open."""
        return np.asarray(self.status != "closed")

    def site_distances(self) -> Floats:
        """Shape (sites, sites): the cost between every two sites, the smaller one where the directions differ.

        Points know it; a matrix has it where customers and sites are the same, in the same order.
        """
        m = self.n_sites
        between = self.costs
        if isinstance(between, PlanarCosts):
            between = PlanarCosts(between.site_xy, between.site_xy, rounding=between.rounding)
        elif isinstance(between, SphereCosts):
            between = SphereCosts(between.site_lonlat, between.site_lonlat, factor=between.factor)
        one, other = np.repeat(np.arange(m), m), np.tile(np.arange(m), m)
        matrix = between.cost(one, other).reshape(m, m)
        return np.minimum(matrix, matrix.T)

    @property
    def reach(self) -> float:
        """Up to which cost a site covers a customer at least in part; infinite in models without covering."""
        if self.coverage_radius is None:
            return float("inf")
        return self.coverage_radius if self.outer_radius is None else self.outer_radius

    def coverage(self, cost: Floats) -> Floats:
        """Which part of a customer a site covers, given the cost from it."""
        radius, outer = self.coverage_radius, self.reach
        assert radius is not None
        if outer == radius:
            return (cost <= radius).astype(float)
        return np.clip((outer - np.minimum(cost, outer)) / (outer - radius), 0.0, 1.0)

    @cached_property
    def groups(self) -> NDArray[np.int32]:
        """Shape (sites,): the number of each site's place; sites with the same number exclude each other."""
        numbers: dict[int | str, int] = {}
        places = self.place or [None] * self.n_sites
        alone = iter(range(len(places)))
        found = [-1 if name is None else numbers.setdefault(name, len(numbers)) for name in places]
        return read_only([k if k >= 0 else len(numbers) + next(alone) for k in found], np.int32)

    def cost(self, customers: Indices, sites: Indices) -> Floats:
        """Cost of serving one unit of weight, for paired customer and site indices."""
        return self.costs.cost(customers, sites)

    def cost_matrix(self, customers: Indices, sites: Indices) -> Floats:
        """Shape (customers, sites): cost of serving one unit of weight, every customer given from every site given."""
        pairs = np.repeat(customers, len(sites)), np.tile(sites, len(customers))
        return self.cost(*pairs).reshape(len(customers), len(sites))

    def replace(self, **changes: Any) -> LocationProblem:
        """The same problem with some fields changed, validated again."""
        return replace(self, **changes)

    # -- other ways in ---------------------------------------------------------------------------------------

    @classmethod
    def from_cost_matrix(cls, cost: ArrayLike, *, model: Model, **fields: Any) -> LocationProblem:
        """A problem behind a matrix of shape (customers, sites); see :class:`CostMatrix`.

        Parameters
        ----------
        cost
            Cost of serving one unit of weight.
        model
            See the class.
        **fields
            Further fields of the problem.
        """
        return cls(costs=CostMatrix(cost), model=model, **fields)  # type: ignore[arg-type]

    @classmethod
    def from_frames(
        cls,
        customers: pd.DataFrame,
        sites: pd.DataFrame,
        *,
        model: Model,
        factor: float = 1.0,
        rounding: Rounding = "none",
        **fields: Any,
    ) -> LocationProblem:
        """Customers and sites in tables with the columns ``lon`` and ``lat``, or ``x`` and ``y``.

        Optional columns: ``customer`` (ids) and ``weight`` of the customers; ``site`` (ids), ``fixed_cost``,
        ``status``, ``capacity`` and ``place`` of the sites, the last two of which are left out in models without
        capacities. A field given as an argument wins over a column.

        Parameters
        ----------
        customers, sites
            One row each.
        model
            See the class.
        factor
            For lon and lat: what a metre counts, as circuity times cost per metre.
        rounding
            For x and y: see :class:`PlanarCosts`.
        **fields
            Further fields of the problem.

        Raises
        ------
        InputError
            If a column is missing or a value is wrong.
        """
        found: dict[str, Any] = {}
        for frame, column, field in (
            (customers, "customer", "customer_ids"),
            (customers, "weight", "weight"),
            (sites, "site", "site_ids"),
            (sites, "fixed_cost", "fixed_cost"),
            (sites, "status", "status"),
            (sites, "capacity", "capacity"),
            (sites, "place", "place"),
        ):
            if column in frame.columns and (column not in ("capacity", "place") or model in WITH_CAPACITY):
                named = field.endswith("_ids") or field == "place"
                found[field] = tuple(frame[column]) if named else frame[column].to_numpy()
        pair = ("x", "y") if {"x", "y"} <= set(customers.columns) else ("lon", "lat")
        at, to = _columns(customers, pair, "customers"), _columns(sites, pair, "sites")
        costs = PlanarCosts(at, to, rounding=rounding) if pair == ("x", "y") else SphereCosts(at, to, factor=factor)
        return cls(costs=costs, model=model, **(found | fields))

    @classmethod
    def from_geodataframes(
        cls,
        customers: gpd.GeoDataFrame,
        sites: gpd.GeoDataFrame,
        *,
        model: Model,
        metric: Literal["sphere", "utm"] = "sphere",
        factor: float = 1.0,
        **fields: Any,
    ) -> LocationProblem:
        """Customers and sites as points of GeoDataFrames with a CRS; columns as in :meth:`from_frames`.

        Parameters
        ----------
        customers, sites
            One point each; the two may have different reference systems.
        model
            See the class.
        metric
            ``sphere``: great-circle metres. ``utm``: metres in the customers' UTM zone, for a region.
        factor
            What a metre counts; for ``sphere`` only.
        **fields
            Further fields of the problem.

        Raises
        ------
        InputError
            If there is no CRS, or a geometry is not a point.
        """
        lonlat = [
            _plain_points(frame, "EPSG:4326", name) for frame, name in ((customers, "customers"), (sites, "sites"))
        ]
        fields.setdefault("customer_lonlat", lonlat[0][["lon", "lat"]].to_numpy(float))
        fields.setdefault("site_lonlat", lonlat[1][["lon", "lat"]].to_numpy(float))
        if metric == "sphere":
            return cls.from_frames(*lonlat, model=model, factor=factor, **fields)
        if metric != "utm":
            raise InputError("metric", metric, "'sphere' or 'utm'")
        zone = customers.estimate_utm_crs()
        planar = [
            _plain_points(frame, zone, name).rename(columns={"lon": "x", "lat": "y"})
            for frame, name in ((customers, "customers"), (sites, "sites"))
        ]
        return cls.from_frames(*planar, model=model, **fields)

    # -- validation ------------------------------------------------------------------------------------------

    def _set(self, what: str, value: Any) -> None:
        object.__setattr__(self, what, value)

    def _check_model(self) -> None:
        if not isinstance(self.costs, (CostMatrix, PlanarCosts, SphereCosts, SparseCosts)):
            raise InputError(
                "costs",
                type(self.costs).__name__,
                "CostMatrix, PlanarCosts, SphereCosts or SparseCosts",
                advice="A bare array goes through LocationProblem.from_cost_matrix.",
            )
        if self.n_customers < 1 or self.n_sites < 1:
            raise InputError(
                "costs", Phrase(f"over {self.n_customers} customers and {self.n_sites} sites"), "at least one of each"
            )
        models = get_args(Model)
        if self.model not in models:
            raise InputError(
                "model", self.model, "one of " + ", ".join(models), advice=closest(str(self.model), list(models))
            )
        self._check_numbers()

    def _check_numbers(self) -> None:
        """The numbers that only some models have, and what they may be."""
        self._number("p", WITH_P, int, lambda p: p >= 1, "an integer >= 1", "says how many sites are open")
        why = "says up to which cost a site covers a customer"
        self._number("coverage_radius", WITH_RADIUS, float, lambda r: 0 <= r < np.inf, "a finite number >= 0", why)
        radius = self.coverage_radius or 0.0
        above, why = f"a finite number > {radius:g}", "says at which cost coverage ends"
        self._number("outer_radius", WITH_OUTER_RADIUS, float, lambda r: radius < r < np.inf, above, why)
        why = "says which share of the weight is covered"
        self._number("coverage_share", WITH_SHARE, float, lambda s: 0 < s <= 1, "a number in (0, 1]", why)

    def _number(
        self, what: str, models: tuple[str, ...], kind: type, right: Callable[[Any], bool], expected: str, why: str
    ) -> None:
        given = getattr(self, what)
        if self.model not in models:
            if given is None:
                return
            advice = f"Only a {' or a '.join(models)} problem {why}."
            raise InputError(what, given, "None", where=f"model {self.model}", advice=advice)
        kinds = (int, np.integer) if kind is int else (int, float, np.number)
        if isinstance(given, bool) or not isinstance(given, kinds) or not right(given):
            raise InputError(what, given, expected, advice=f"A {self.model} problem {why}.")
        self._set(what, kind(given))

    def _check_rest(self) -> None:
        """What an objective has no place for."""
        if (self.capacity is not None) != (self.model in WITH_CAPACITY):
            needed = self.model in WITH_CAPACITY
            raise InputError(
                "capacity",
                Phrase("missing" if needed else "given"),
                "the weight every site can serve" if needed else "None",
                where=f"model {self.model}",
                advice="" if needed else "Sites have capacities in the models " + " and ".join(WITH_CAPACITY) + ".",
            )
        dear = first(self.fixed_costs > 0)
        if self.model in ("p-center", *MAXIMIZED) and dear is not None:
            where = f"site {self.sites[dear[0]]!r}, model {self.model}"
            advice = "The objective counts customers, not money for sites."
            raise InputError(f"fixed_cost[{dear[0]}]", float(self.fixed_costs[dear]), "0", where=where, advice=advice)
        if isinstance(self.costs, SparseCosts) and not self.costs.complete and self.model not in SUMS:
            advice = "An unlisted pair may decide here: list all pairs that exist."
            raise InputError("costs.complete", False, "True", where=f"model {self.model}", advice=advice)

    def _check_dispersion(self) -> None:
        if self.model != "p-dispersion":
            return
        if self.n_sites > MOST_DISPERSED:
            advice = "Distances between all of them are looked at."
            raise InputError(
                "costs", Phrase(f"over {self.n_sites:,} sites"), f"at most {MOST_DISPERSED:,}", advice=advice
            )
        whole = not isinstance(self.costs, SparseCosts)
        if isinstance(self.costs, CostMatrix):
            whole = self.n_customers == self.n_sites and bool(np.isfinite(self.costs.values).all())
        if not whole:
            got = Phrase(f"{type(self.costs).__name__} over {self.n_customers} customers and {self.n_sites} sites")
            advice = "Let the customers of the matrix be the sites, in the same order."
            expected = "points, or a square matrix of finite costs"
            raise InputError("costs", got, expected, where="model p-dispersion", advice=advice)

    def _check_places(self) -> None:
        if self.place is None:
            return
        if self.model not in WITH_CAPACITY:
            advice = "Places have several sites in the models " + " and ".join(WITH_CAPACITY) + "."
            raise InputError("place", Phrase("given"), "None", where=f"model {self.model}", advice=advice)
        places = tuple(self.place)
        self._set("place", places)
        if len(places) != self.n_sites:
            raise InputError("place", Phrase(f"{len(places)} long"), f"{self.n_sites} names")
        opened: dict[int | str, int] = {}
        for j in np.flatnonzero(self.forced):
            name = places[j]
            if name is None:
                continue
            if name in opened:
                both = f"sites {self.sites[opened[name]]!r} and {self.sites[j]!r}"
                raise InputError(f"place {name!r}", Phrase(f"open twice: {both}"), "at most one open site")
            opened[name] = int(j)

    def _amounts(self, what: str, given: Any, default: Any, ids: Ids) -> Floats:
        values = read_only(default(len(ids)) if given is None else given)
        if values.shape != (len(ids),):
            raise InputError(what, Phrase(f"of shape {values.shape}"), f"shape ({len(ids)},)")
        bad = first(~((values >= 0) & np.isfinite(values)))
        if bad is not None:
            kind = "customer" if what == "weight" else "site"
            raise InputError(
                f"{what}[{bad[0]}]", float(values[bad]), "a finite number >= 0", where=f"{kind} {ids[bad[0]]!r}"
            )
        return values

    def _statuses(self) -> NDArray[np.str_]:
        words = get_args(SiteStatus)
        values: NDArray[Any] = np.array(
            ["candidate"] * self.n_sites if self.status is None else [str(s) for s in self.status], dtype="<U16"
        )
        if values.shape != (self.n_sites,):
            raise InputError("status", Phrase(f"of shape {values.shape}"), f"shape ({self.n_sites},)")
        bad = first(~np.isin(values, words))
        if bad is not None:
            word = str(values[bad])
            raise InputError(
                f"status[{bad[0]}]",
                word,
                "one of " + ", ".join(words),
                where=f"site {self.sites[bad[0]]!r}",
                advice=closest(word, list(words)),
            )
        values.setflags(write=False)
        return values


def _ids(what: str, given: Any, count: int) -> Ids:
    ids: Ids = (
        tuple(range(count))
        if given is None
        else tuple(int(i) if isinstance(i, (int, np.integer)) else str(i) for i in given)
    )
    if len(ids) != count:
        raise InputError(what, Phrase(f"{len(ids)} long"), f"{count} ids")
    seen: dict[int | str, int] = {}
    for k, name in enumerate(ids):
        if name in seen:
            raise InputError(f"{what}[{k}]", name, "ids that differ", where=f"also {what}[{seen[name]}]")
        seen[name] = k
    return ids


def _map_points(what: str, given: ArrayLike, count: int) -> Floats:
    values = lonlat_points(what, given)
    if len(values) != count:
        raise InputError(what, Phrase(f"{len(values)} points"), f"{count} points")
    return values


def _columns(frame: pd.DataFrame, pair: tuple[str, str], name: str) -> Floats:
    for column in pair:
        if column not in frame.columns:
            raise InputError(
                f"column {column!r}",
                Phrase("missing"),
                "one of the table's columns",
                where=name,
                advice="The table has: " + ", ".join(map(str, frame.columns)) + ".",
            )
    return frame[list(pair)].to_numpy(np.float64)


def _plain_points(frame: gpd.GeoDataFrame, crs: Any, name: str) -> pd.DataFrame:
    """The table without its geometry, with the coordinates in `crs` as columns lon and lat."""
    if frame.crs is None:
        raise InputError(
            f"{name}.crs", None, "a coordinate reference system", advice="Set it: gdf.set_crs('EPSG:4326')."
        )
    shapes = frame.geometry.to_crs(crs)
    bad = first((shapes.geom_type != "Point").to_numpy())
    if bad is not None:
        raise InputError(f"geometry of row {bad[0]}", shapes.geom_type.iloc[bad[0]], "Point", where=name)
    kept = frame.drop(columns=[c for c in (frame.geometry.name, "x", "y", "lon", "lat") if c in frame.columns])
    placed: pd.DataFrame = kept.assign(lon=shapes.x.to_numpy(), lat=shapes.y.to_numpy())
    return placed
